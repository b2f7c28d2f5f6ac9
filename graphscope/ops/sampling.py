"""Losses over a sample of the classes, for a vocabulary too large to sum over: nce and softmax.

The samplers draw the candidates that TensorFlow 1.15 draws with the same seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import float32, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.embedding import embedding_lookup
from graphscope.ops.joining import concat, slice_, stack
from graphscope.ops.linalg import matmul
from graphscope.ops.nn import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
)
from graphscope.ops.random import Cell, seeds
from graphscope.ops.shuffling import doubles_of, opened, words_from
from graphscope.ops.sparse import sparse_to_dense

# ---- candidates --------------------------------------------------------------------------------

#: How many 32-bit numbers TensorFlow reserves for each candidate that it draws.
_RESERVED = 2048


class Candidates(NamedTuple):
    """Sampled classes, and how often the true and the sampled ones are expected in a sample."""

    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor


def _candidate_shapes(true_classes: Tensor, *, num_sampled: int, **_: Any) -> Any:
    drawn = TensorShape([num_sampled])
    return drawn, true_classes.shape.with_rank(2), drawn


_sampler = partial(
    op,
    kind="random",
    types=(int64,),
    shape=_candidate_shapes,
    outputs=("sampled_candidates", "true_expected_count", "sampled_expected_count"),
    dtype=(int64, float32, float32),
    private_state=True,
    differentiable=False,
)


def _sample(
    draw: Callable[[int], T], probability: Callable[[T], T], true: T, count: int, unique: bool
) -> tuple[T, T, T]:
    """`count` classes and the expected counts of the true and the sampled ones.

    draw: gives so many classes, of which each call begins with those of the last. Classes that
    come again are rejected when they have to be unique, and drawing goes on.
    """
    tries = count
    drawn = draw(tries)
    if unique:
        values, first = np.unique(drawn, return_index=True)
        while len(values) < count:
            tries *= 2
            values, first = np.unique(draw(tries), return_index=True)
        order = np.sort(first)[:count]
        drawn = draw(tries)[order]
        tries = int(order[-1]) + 1 if count else 0

    def expected(classes: T) -> T:
        chance = probability(classes).astype(np.float32).astype(np.float64)
        if tries == count:
            return (chance * count).astype(np.float32)
        result: T = (-np.expm1(tries * np.log1p(-chance))).astype(np.float32)
        return result

    return drawn, expected(true), expected(drawn)


def _after(cell: Cell, count: int) -> Cell:
    return Cell(cell.key, cell.position + _RESERVED * count // 4)


@_sampler("LogUniformCandidateSampler")
def _log_uniform(
    cell: Cell | None,
    true_classes: T,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int = 0,
    seed2: int = 0,
) -> tuple[tuple[Index, T, T], Cell]:
    """Classes whose probability falls like 1 / (class + 1): for classes in order of frequency."""
    _columns(true_classes, num_true)
    _enough(unique, num_sampled, range_max)
    opened_cell = opened(cell, seed, seed2)
    span = np.log1p(range_max)

    def draw(count: int) -> T:
        chance = doubles_of(words_from(opened_cell, 2 * count))
        result: T = (np.exp(chance * span).astype(np.int64) - 1) % range_max
        return result

    def probability(classes: T) -> T:
        result: T = np.log((classes + 2.0) / (classes + 1.0)) / span
        return result

    result = _sample(draw, probability, true_classes, num_sampled, unique)
    return result, _after(opened_cell, num_sampled)


@_sampler("UniformCandidateSampler")
def _uniform(
    cell: Cell | None,
    true_classes: T,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int = 0,
    seed2: int = 0,
) -> tuple[tuple[Index, T, T], Cell]:
    """Classes that are all equally likely."""
    _columns(true_classes, num_true)
    _enough(unique, num_sampled, range_max)
    opened_cell = opened(cell, seed, seed2)
    skewed = 2**64 % range_max  # so many of the lowest numbers would favour small classes

    def draw(count: int) -> T:
        halves = words_from(opened_cell, 2 * (count + 8)).astype(np.uint64).reshape(-1, 2)
        wide = halves[:, 0] | halves[:, 1] << np.uint64(32)
        fair = wide[wide >= np.uint64(skewed)] if range_max & (range_max - 1) else wide
        result: T = (fair[:count] % np.uint64(range_max)).astype(np.int64)
        return result

    def probability(classes: T) -> T:
        return np.full(classes.shape, 1.0 / range_max)

    result = _sample(draw, probability, true_classes, num_sampled, unique)
    return result, _after(opened_cell, num_sampled)


def _columns(true_classes: T, num_true: int) -> None:
    if true_classes.shape[1] != num_true:
        raise ValueError(
            f"true_classes must have num_true columns, expected: {num_true} was: "
            f"{true_classes.shape[1]}"
        )


def _enough(unique: bool, count: int, classes: int) -> None:
    if unique and count > classes:
        raise ValueError(
            f"Sampler's range is too small: {count} different ones of {classes} classes"
        )


def _candidates(definition: Any) -> Any:
    def sample(
        true_classes: Any,
        num_true: int,
        num_sampled: int,
        unique: bool,
        range_max: int,
        seed: int | None = None,
        name: str | None = None,
    ) -> Candidates:
        """Sampled classes and expected counts; true_classes is [batch, num_true], int64."""
        return Candidates(
            *definition(
                true_classes,
                num_true=num_true,
                num_sampled=num_sampled,
                unique=unique,
                range_max=int(range_max),
                **seeds(seed),
                name=name,
            )
        )

    return sample


log_uniform_candidate_sampler = _candidates(_log_uniform)
log_uniform_candidate_sampler.__name__ = "log_uniform_candidate_sampler"
uniform_candidate_sampler = _candidates(_uniform)
uniform_candidate_sampler.__name__ = "uniform_candidate_sampler"


@op(
    "AllCandidateSampler",
    kind="random",
    types=(int64,),
    shape=_candidate_shapes,
    outputs=("sampled_candidates", "true_expected_count", "sampled_expected_count"),
    dtype=(int64, float32, float32),
    differentiable=False,
)
def _all_classes(
    true_classes: T, *, num_true: int, num_sampled: int, unique: bool, seed: int = 0, seed2: int = 0
) -> tuple[Index, T, T]:
    """Every class once, so that losses over a sample can be compared with the whole."""
    _columns(true_classes, num_true)
    ones = np.ones(true_classes.shape, np.float32)
    return np.arange(num_sampled), ones, np.ones(num_sampled, np.float32)


def all_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int | None = None,
    name: str | None = None,
) -> Candidates:
    """All classes from 0 to num_sampled - 1. Source: tf.nn.all_candidate_sampler."""
    return Candidates(
        *_all_classes(
            true_classes,
            num_true=num_true,
            num_sampled=num_sampled,
            unique=unique,
            **seeds(seed),
            name=name,
        )
    )


def _hit_shapes(true_classes: Tensor, *_: Tensor, num_true: int, **__: Any) -> Any:
    columns = true_classes.shape.with_rank(2)[1].value
    if columns not in (None, num_true):
        raise ValueError(f"Dimension must be {num_true} but is {columns}")
    return (TensorShape([None]),) * 3


@op(
    "ComputeAccidentalHits",
    kind="nn",
    outputs=("indices", "ids", "weights"),
    types=(int64,),
    dtype=(int32, int64, float32),
    shape=_hit_shapes,
    differentiable=False,
)
def _accidental_hits(
    true_classes: T, sampled_candidates: T, *, num_true: int, seed: int = 0, seed2: int = 0
) -> tuple[Index, Index, T]:
    """Where a sampled class is a true one: the row, the place in the sample, a huge minus."""
    places = {sampled: place for place, sampled in enumerate(sampled_candidates.tolist())}
    hits = [
        (row, places[true])
        for row, classes in enumerate(true_classes.tolist())
        for true in classes
        if true in places
    ]
    rows, found = np.array(hits, np.int64).reshape(-1, 2).T
    weights = np.full(len(hits), -np.finfo(np.float32).max, np.float32)
    return rows.astype(np.int32), found, weights


def compute_accidental_hits(
    true_classes: Any,
    sampled_candidates: Any,
    num_true: int,
    seed: int | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Where sampled classes are true ones: rows, places in the sample, weights of about -3e38.

    Source: tf.nn.compute_accidental_hits.
    """
    indices, ids, weights = _accidental_hits(
        true_classes, sampled_candidates, num_true=num_true, **seeds(seed), name=name
    )
    return indices, ids, weights


# ---- losses ------------------------------------------------------------------------------------


def _sum_rows(x: Tensor) -> Tensor:
    columns = shape_of(x)[1]
    ones = array.ones(stack([columns, 1]), x.dtype)
    total: Tensor = array.reshape(matmul(x, ones), [-1])
    return total


def _dots(inputs: Tensor, weights: Tensor, num_true: int) -> Tensor:
    """The product of each input with the weights of its true classes: [batch, num_true]."""
    width = shape_of(weights)[1:2]
    sizes = concat([[-1, num_true], width], 0)
    products = math.multiply(array.expand_dims(inputs, 1), array.reshape(weights, sizes))
    rows = array.reshape(products, concat([[-1], width], 0))
    result: Tensor = array.reshape(_sum_rows(rows), [-1, num_true])
    return result


def _without_hits(logits: Tensor, labels: Tensor, sampled: Tensor, count: int, true: int) -> Tensor:
    """The logits of the sample, lowered by about 3e38 where a sampled class is a true one."""
    rows, ids, weights = compute_accidental_hits(labels, sampled, num_true=true)
    places = concat(
        [array.reshape(rows, [-1, 1]), array.reshape(math.cast(ids, int32), [-1, 1])],
        1,
        "sparse_indices",
    )
    sizes = concat([shape_of(labels)[:1], array.expand_dims(count, 0)], 0)
    lowered = sparse_to_dense(
        places, sizes, math.cast(weights, logits.dtype), 0.0, validate_indices=False
    )
    result: Tensor = logits + lowered
    return result


def compute_sampled_logits(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    subtract_log_q: bool = True,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str | None = None,
    seed: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Logits [batch, num_true + num_sampled] and labels, in the operations of TensorFlow.

    subtract_log_q: less the logarithm of how often a class is expected in the sample. The other
    arguments are those of `nce_loss`. Source: nn_impl._compute_sampled_logits.
    """
    parts = list(weights) if isinstance(weights, list | tuple) else [weights]
    with name_scope(name, "compute_sampled_logits", [*parts, biases, inputs, labels]):
        labels = math.cast(convert_to_tensor(labels), int64)
        inputs = convert_to_tensor(inputs)
        flat = array.reshape(labels, [-1])
        values = sampled_values or log_uniform_candidate_sampler(
            labels, num_true, num_sampled, True, num_classes, seed
        )
        sampled, true_count, sampled_count = (array.stop_gradient(v) for v in values)
        sampled = math.cast(sampled, int64)
        ids = concat([flat, sampled], 0)
        every = embedding_lookup(parts, ids, partition_strategy=partition_strategy)
        count = shape_of(flat)[0]
        true_w = slice_(every, [0, 0], stack([count, -1]))
        sampled_w = slice_(every, stack([shape_of(flat)[0], 0]), [-1, -1])
        sampled_logits = matmul(inputs, sampled_w, transpose_b=True)
        every_b = embedding_lookup(biases, ids, partition_strategy=partition_strategy)
        true_b = slice_(every_b, [0], shape_of(flat))
        sampled_b = slice_(every_b, shape_of(flat), [-1])
        true_logits = _dots(inputs, true_w, num_true)
        true_logits = true_logits + array.reshape(true_b, [-1, num_true])
        sampled_logits = sampled_logits + sampled_b
        if remove_accidental_hits:
            sampled_logits = _without_hits(sampled_logits, labels, sampled, num_sampled, num_true)
        if subtract_log_q:
            true_logits = true_logits - math.log(true_count)
            sampled_logits = sampled_logits - math.log(sampled_count)
        logits = concat([true_logits, sampled_logits], 1)
        ones = array.ones_like(true_logits) / num_true
        return logits, concat([ones, array.zeros_like(sampled_logits)], 1)


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation: true classes against sampled ones, one loss a row.

    weights: [num_classes, width]; biases: [num_classes]; labels: [batch, num_true]; inputs:
    [batch, width]. sampled_values: the candidates, log-uniform ones when left out.
    Source: tf.nn.nce_loss.
    """
    logits, truth = compute_sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits=remove_accidental_hits,
        partition_strategy=partition_strategy,
        name=name,
    )
    losses = sigmoid_cross_entropy_with_logits(labels=truth, logits=logits, name="sampled_losses")
    return _sum_rows(losses)


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    partition_strategy: str = "mod",
    name: str = "sampled_softmax_loss",
    seed: int | None = None,
) -> Tensor:
    """The softmax cross entropy over the true and the sampled classes, one loss a row.

    Arguments as for `nce_loss`. Source: tf.nn.sampled_softmax_loss.
    """
    logits, truth = compute_sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits=remove_accidental_hits,
        partition_strategy=partition_strategy,
        name=name,
        seed=seed,
    )
    truth = array.stop_gradient(truth, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=truth, logits=logits)
