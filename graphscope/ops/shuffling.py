"""Random orders, choices and cuts. With seeds, the numbers of TensorFlow 1.15."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import REALS, DType, as_dtype, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import random as kernels
from graphscope.ops.array import shape as shape_of
from graphscope.ops.checks import assert_
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.joining import slice_
from graphscope.ops.random import Cell, random_uniform, seeds
from graphscope.ops.reduction import reduce_all


def opened(cell: Cell | None, seed: int, seed2: int) -> Cell:
    """The generator as it was left, or a new one: of the seeds, or of none when both are 0."""
    if cell is not None:
        return cell
    return Cell((seed, seed2) if (seed, seed2) != (0, 0) else kernels.fresh_key(), 0)


def words_from(cell: Cell, count: int) -> T:
    """The next `count` numbers of 32 bits."""
    positions = np.arange(-(-count // 4), dtype=np.uint64) + np.uint64(cell.position)
    return kernels.samples(cell.key, positions).reshape(-1)[:count]


def doubles_of(words: T) -> T:
    """Numbers in [0, 1) of pairs of 32-bit numbers, by TensorFlow's rule."""
    wide = words.astype(np.uint64).reshape(-1, 2)
    mantissa = (wide[:, 0] & np.uint64(0xFFFFF)) << np.uint64(32) | wide[:, 1]
    result: T = mantissa.astype(np.float64) * 2.0**-52
    return result


# ---- orders ------------------------------------------------------------------------------------


@op("RandomShuffle", kind="random", private_state=True, differentiable=False)
def _random_shuffle(
    cell: Cell | None, value: T, *, seed: int = 0, seed2: int = 0
) -> tuple[T, Cell]:
    """The rows of value in a random order."""
    cell = opened(cell, seed, seed2)
    count = len(value) if value.ndim else 1
    if count <= 1 or not value.size:
        return value, cell
    words = words_from(cell, count - 1)
    left = np.arange(count, 1, -1, dtype=np.uint32)
    steps = (words % left).tolist()
    order = list(range(count))
    for i, step in enumerate(steps):  # Fisher and Yates: each place draws from those after it
        order[i], order[i + step] = order[i + step], order[i]
    return value[order], Cell(cell.key, cell.position + -(-(count - 1) // 4))


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of value in a random order. Source: tf.random_shuffle."""
    result: Tensor = _random_shuffle(value, **seeds(seed), name=name)
    return result


# ---- choices -----------------------------------------------------------------------------------


def _choices(logits: Tensor, num_samples: Tensor, **_: Any) -> TensorShape:
    count = constant_value(num_samples)
    rows = logits.shape.with_rank(2).as_list()[0]
    return TensorShape([rows, None if count is None else int(count)])


@op(
    "Multinomial",
    kind="random",
    types=REALS,
    shape=_choices,
    dtype="output_dtype",
    private_state=True,
    differentiable=False,
)
def _multinomial(
    cell: Cell | None,
    logits: T,
    num_samples: Any_,
    *,
    seed: int = 0,
    seed2: int = 0,
    output_dtype: DType = int64,
) -> tuple[Index, Cell]:
    """Class numbers for each row, drawn with the probabilities softmax(logits).

    TensorFlow cuts large batches into parts for several threads, each of which draws from a place
    of its own; here it is one part, as there for batches below some hundred rows.
    """
    cell = opened(cell, seed, seed2)
    rows, count = len(logits), int(num_samples)
    if not logits.shape[1]:
        raise ValueError("num_classes should be positive, got 0")
    draws = doubles_of(words_from(cell, 2 * rows * count)).reshape(rows, count)
    finite = np.isfinite(logits)
    lowest = np.where(finite, logits, -np.inf if logits.dtype.kind == "f" else logits)
    shifted = logits.astype(np.float64) - lowest.max(axis=1, keepdims=True).astype(np.float64)
    sums = np.cumsum(np.where(finite, np.exp(shifted), 0.0), axis=1)
    wanted = draws * sums[:, -1:]
    chosen = np.empty((rows, count), output_dtype.numpy)
    for row, (bounds, points) in enumerate(zip(sums, wanted, strict=True)):
        chosen[row] = np.searchsorted(bounds, points, side="right")
    reserved = kernels.reserved(rows * (-(-count // 4) * 4) * 2)
    return chosen, Cell(cell.key, cell.position + reserved)


def multinomial(
    logits: Any,
    num_samples: Any,
    seed: int | None = None,
    name: str | None = None,
    output_dtype: Any = None,
) -> Tensor:
    """Class numbers [rows, num_samples], drawn with the probabilities softmax(logits).

    Source: tf.multinomial.
    """
    return _drawn_classes("multinomial", logits, num_samples, output_dtype, seed, name)


def categorical(
    logits: Any,
    num_samples: Any,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`multinomial` under its later name. Source: tf.random.categorical."""
    return _drawn_classes("categorical", logits, num_samples, dtype, seed, name)


def _drawn_classes(
    default: str, logits: Any, num_samples: Any, dtype: Any, seed: int | None, name: str | None
) -> Tensor:
    with name_scope(name, default, [logits]):
        logits = convert_to_tensor(logits, name="logits")
        own = seeds(seed)
        result: Tensor = _multinomial(
            logits, num_samples, output_dtype=as_dtype(dtype or int64), **own
        )
        return result


# ---- cuts --------------------------------------------------------------------------------------


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of the given size, at a random place. Source: tf.random_crop.

    Errors: InvalidArgumentError, in a run, when it is larger than the value.
    """
    with name_scope(name, "random_crop", [value, size]) as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, int32, name="size")
        sizes = shape_of(value)
        fits = reduce_all(sizes >= size)
        check = assert_(fits, ["Need value.shape >= size, got ", sizes, size], summarize=1000)
        sizes = with_dependencies([check], sizes)
        limit = sizes - size + 1
        drawn = random_uniform(shape_of(sizes), dtype=int32, maxval=2**31 - 1, seed=seed)
        return slice_(value, drawn % limit, size, name=scope)
