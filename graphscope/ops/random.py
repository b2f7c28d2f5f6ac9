"""Random numbers, drawn from a counter-based generator, so that the past can be replayed.

The session keeps for each of these operations a key and how far the generator has moved. With a
seed the numbers are TensorFlow 1.15's own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.convert import constant_shape, convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import DType, as_dtype, float32, int32, int64
from graphscope.graph.graph import Graph, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import random as kernels
from graphscope.ops.math import add

#: The graph's seed when only the operation has one (TensorFlow's number).
DEFAULT_GRAPH_SEED = 87654321

#: Seeds go from 0 up to this number, which is 0 again.
_SEEDS = 2**31 - 1


class Cell(NamedTuple):
    """What the session keeps for a random operation between runs."""

    key: tuple[int, int]
    position: int


def _drawn(cell: Cell | None, seeds: tuple[int, int], draw: Any, sizes: Any) -> tuple[T, Cell]:
    if cell is None:
        cell = Cell(seeds if seeds != (0, 0) else kernels.fresh_key(), 0)
    shape = tuple(int(size) for size in sizes)
    if min(shape, default=0) < 0:
        raise ValueError(f"Dimension {min(shape)} must be >= 0")
    count = int(np.prod(shape, dtype=np.int64))
    return draw(cell.key, cell.position, shape), Cell(
        cell.key, cell.position + kernels.reserved(count)
    )


def _given_shape(shape: Tensor, *_: Any, **__: Any) -> TensorShape:
    return constant_shape(shape)


def _between_two_numbers(shape: Tensor, minval: Tensor, maxval: Tensor, **_: Any) -> TensorShape:
    minval.shape.with_rank(0)
    maxval.shape.with_rank(0)
    return constant_shape(shape)


@op(
    "RandomStandardNormal",
    kind="random",
    shape=_given_shape,
    dtype="dtype",
    private_state=True,
    differentiable=False,
)
def _standard_normal(
    cell: Cell | None, shape: Index, *, dtype: DType, seed: int = 0, seed2: int = 0
) -> tuple[T, Cell]:
    """Normally distributed numbers with mean 0 and standard deviation 1."""
    return _drawn(cell, (seed, seed2), lambda k, p, s: kernels.normal(k, p, s, dtype.numpy), shape)


@op(
    "TruncatedNormal",
    kind="random",
    shape=_given_shape,
    dtype="dtype",
    private_state=True,
    differentiable=False,
)
def _truncated_normal(
    cell: Cell | None, shape: Index, *, dtype: DType, seed: int = 0, seed2: int = 0
) -> tuple[T, Cell]:
    """Normally distributed numbers; those beyond 2 standard deviations are drawn again."""
    return _drawn(
        cell, (seed, seed2), lambda k, p, s: kernels.truncated_normal(k, p, s, dtype.numpy), shape
    )


@op(
    "RandomUniform",
    kind="random",
    shape=_given_shape,
    dtype="dtype",
    private_state=True,
    differentiable=False,
)
def _uniform(
    cell: Cell | None, shape: Index, *, dtype: DType, seed: int = 0, seed2: int = 0
) -> tuple[T, Cell]:
    """Numbers from 0 up to, and without, 1."""
    return _drawn(cell, (seed, seed2), lambda k, p, s: kernels.uniform(k, p, s, dtype.numpy), shape)


@op(
    "RandomUniformInt",
    kind="random",
    shape=_between_two_numbers,
    private_state=True,
    types=(int32, int64),
    differentiable=False,
)
def _uniform_int(
    cell: Cell | None, shape: Index, minval: T, maxval: T, *, seed: int = 0, seed2: int = 0
) -> tuple[T, Cell]:
    """Whole numbers from minval up to, and without, maxval."""
    low, high = int(minval), int(maxval)
    if low >= high:
        if np.prod(shape):
            raise ValueError(f"Need minval < maxval, got {low} >= {high}")
        high = low + 1  # no number is drawn
    return _drawn(
        cell,
        (seed, seed2),
        lambda k, p, s: kernels.uniform_int(k, p, s, low, high, minval.dtype),
        shape,
    )


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds of an operation, or None twice where neither it nor the graph has one.

    Source: tf.get_seed.
    """
    if get_default_graph().seed is None and op_seed is None:
        return None, None
    both = seeds(op_seed)
    return both["seed"], both["seed2"]


def set_random_seed(seed: int) -> None:
    """Seed the default graph, for all random operations that are made after. Source:
    tf.set_random_seed."""
    get_default_graph().seed = seed


def seeds(seed: int | None) -> dict[str, int]:
    """The attributes of an operation with the two seeds, of the graph and its own; 0 for none."""
    graph = get_default_graph()
    if graph.seed is None and seed is None:
        return {"seed": 0, "seed2": 0}
    first = DEFAULT_GRAPH_SEED if graph.seed is None else graph.seed
    second = _count(graph) if seed is None else seed
    first, second = first % _SEEDS, second % _SEEDS
    if (first, second) == (0, 0):
        second = _SEEDS
    return {"seed": first, "seed2": second}


def _count(graph: Graph) -> int:
    """How many operations TensorFlow would have, with those that enter a branch being made."""
    count = len(graph.operations) + graph.uncounted
    entering = set[Tensor]()
    for body in reversed(graph.open_bodies):
        around = {tensor for tensor in entering if tensor.op.body is not body}
        entering = (around | body.entering) - body.entered
        count += len(entering)
    return count


def _affine(
    definition: Any,
    default: str,
    shape: Any,
    mean: Any,
    stddev: Any,
    dtype: Any,
    seed: int | None,
    name: str | None,
) -> Tensor:
    """mean + stddev * random numbers, under the names that TensorFlow gives the parts."""
    dtype = as_dtype(dtype)
    if not dtype.is_floating:
        raise TypeError(
            f"Value passed to parameter 'dtype' has DataType {dtype.name} not in list of allowed "
            "values: float16, float32, float64"
        )
    with name_scope(name, default, [shape, mean, stddev]) as scope:
        shape = convert_to_tensor(shape, int32, name="shape", preferred=True)
        mean = convert_to_tensor(mean, dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype, name="stddev")
        drawn = definition(shape, dtype=dtype, **seeds(seed))
        result: Tensor = add(drawn * stddev, mean, name=scope)
        return result


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers. Source: tf.random_normal."""
    return _affine(_standard_normal, "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers within 2 standard deviations. Source: tf.truncated_normal."""
    return _affine(_truncated_normal, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers from `minval` up to, and without, `maxval` (1 for floats). Source:
    tf.random_uniform.

    Errors: ValueError when an integer type comes without maxval.
    """
    dtype = as_dtype(dtype)
    if not (dtype.is_floating or dtype in (int32, int64)):
        raise ValueError(f"Invalid dtype {dtype!r}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        shape = convert_to_tensor(shape, int32, name="shape", preferred=True)
        minval = convert_to_tensor(minval, dtype, name="min")
        maxval = convert_to_tensor(maxval, dtype, name="max")
        if dtype.is_integer:
            result: Tensor = _uniform_int(shape, minval, maxval, name=scope, **seeds(seed))
            return result
        drawn = _uniform(shape, dtype=dtype, **seeds(seed))
        result = add(drawn * (maxval - minval), minval, name=scope)
        return result
