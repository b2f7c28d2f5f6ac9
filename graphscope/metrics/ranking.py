"""Metrics of the best k guesses: which of the labels are among them, and how far ahead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float64, int64
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.metrics.means import Pair, kept, metric_variable
from graphscope.ops import array, math
from graphscope.ops.indexing import top_k
from graphscope.ops.joining import concat, where
from graphscope.ops.logic import equal
from graphscope.ops.reduction import cumsum, reduce_max, reduce_sum
from graphscope.ops.repeating import tile
from graphscope.ops.set_operations import set_difference, set_intersection, set_size
from graphscope.ops.sparse import (
    SparseTensor,
    SparseTensorValue,
    sparse_retain,
    sparse_tensor_to_dense,
)
from graphscope.ops.sparse_layout import sparse_reshape
from graphscope.ops.state import assign_add
from graphscope.ops.weights import assert_broadcastable, broadcast_weights


def _at_k(name: str, k: int | None, class_id: int | None = None) -> str:
    of = f"{name}_at_{'k' if k is None else k}"
    return of if class_id is None else f"{of}_class{class_id}"


def _labels(labels: Any) -> Any:
    """Labels as a tensor or a sparse tensor."""
    if isinstance(labels, SparseTensorValue):
        return SparseTensor.from_value(labels)
    return labels if isinstance(labels, SparseTensor) else convert_to_tensor(labels)


def _with_axis(labels: Any, predictions: Tensor) -> Any:
    """The labels with an axis for the labels of one example, where there is one label for each."""
    with name_scope(None, "expand_labels", [predictions]) as scope:
        labels = _labels(labels)
        wanted = predictions.shape.ndims
        if isinstance(labels, SparseTensor):
            rank = labels.dense_shape.shape.num_elements()
            if rank is not None and wanted == rank + 1:
                sizes = concat([labels.dense_shape, array.constant([1], int64)], 0)
                return sparse_reshape(labels, sizes, name=scope)
            return labels
        rank = labels.shape.ndims
        if rank is None or wanted in (None, rank):
            return labels
        if wanted != rank + 1:
            raise ValueError(
                f"Unexpected labels shape {labels.shape} for predictions shape {predictions.shape}."
            )
        return array.expand_dims(labels, -1, name=scope)


def _of_class(ids: Any, class_id: int | None) -> Any:
    """In each row the wanted class alone, if it is there."""
    if class_id is None:
        return ids
    if isinstance(ids, SparseTensor):
        return sparse_retain(ids, equal(ids.values, class_id))
    outer = array.shape(ids, out_type=int64)
    one = concat([outer[:-1], array.constant([1], int64)], 0)
    wanted = array.fill(one, array.constant(class_id, int64))
    found = set_intersection(wanted, ids)
    return SparseTensor(found.indices, found.values, outer)


# ---- what is counted ---------------------------------------------------------------------------


def _hits(labels: Any, guesses: Any) -> Tensor:
    return set_size(set_intersection(guesses, labels))


def _missed(labels: Any, guesses: Any) -> Tensor:
    return set_size(set_difference(guesses, labels, aminusb=False))


def _wrong(labels: Any, guesses: Any) -> Tensor:
    return set_size(set_difference(guesses, labels))


_COUNTS: dict[str, Callable[..., Tensor]] = {
    "true_positive": _hits,
    "false_negative": _missed,
    "false_positive": _wrong,
}


def _counted(kind: str, labels: Any, guesses: Tensor, class_id: int | None, weights: Any) -> Tensor:
    """How often it happens in each row, weighed."""
    with name_scope(None, f"{kind}s", [guesses]):
        found = _COUNTS[kind](_of_class(labels, class_id), _of_class(guesses, class_id))
        count = math.cast(found, float64)
        if weights is None:
            return count
        with get_default_graph().control_dependencies([assert_broadcastable(weights, count)]):
            weighed: Tensor = math.multiply(count, math.cast(weights, float64))
            return weighed


def _so_far(
    kind: str, labels: Any, guesses: Tensor, k: int | None, class_id: int | None, weights: Any
) -> tuple[Any, Tensor]:
    """The variable that counts, and its update."""
    with name_scope(None, _at_k(kind, k, class_id), [guesses]) as scope:
        total = reduce_sum(_counted(kind, labels, guesses, class_id, weights))
        variable = metric_variable([], float64, scope)
        return variable, assign_add(variable, math.cast(total, float64), name="update")


# ---- precision and recall ----------------------------------------------------------------------


def _best(kind: str, others: str) -> tuple[Callable[..., Pair], Callable[..., Pair]]:
    """The metric true positives / (true positives + others): of guesses, and of scores."""

    def of_guesses(
        labels: Any,
        predictions_idx: Any,
        k: int | None = None,
        class_id: int | None = None,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with name_scope(name, _at_k(kind, k, class_id), [predictions_idx]) as scope:
            guesses = convert_to_tensor(predictions_idx)
            labels = _with_axis(labels, guesses)
            guesses = math.cast(guesses, int64)
            hits, new_hits = _so_far("true_positive", labels, guesses, k, class_id, weights)
            misses, new_misses = _so_far(others, labels, guesses, k, class_id, weights)
            pair = (
                math.div(hits, math.add(hits, misses), name=scope),
                math.div(new_hits, math.add(new_hits, new_misses), name="update"),
            )
            return kept(pair, metrics_collections, updates_collections)

    def of_scores(
        labels: Any,
        predictions: Any,
        k: int,
        class_id: int | None = None,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with name_scope(name, _at_k(kind, k, class_id), [predictions]) as scope:
            _, guesses = top_k(predictions, k)
            return of_guesses(
                labels,
                guesses,
                k,
                class_id,
                weights,
                metrics_collections,
                updates_collections,
                scope,
            )

    what = f"The {kind} of the best k guesses. labels: [..., labels of an example], or one fewer "
    what += "axis with one label for each, or a sparse tensor. class_id: count this class alone."
    of_guesses.__name__, of_scores.__name__ = f"{kind}_at_top_k", f"{kind}_at_k"
    of_guesses.__doc__ = f"{what}\n\npredictions_idx: [..., k]. Source: tf.metrics.{kind}_at_top_k."
    of_scores.__doc__ = f"{what}\n\npredictions: [..., classes]. Source: tf.metrics.{kind}_at_k."
    return of_guesses, of_scores


precision_at_top_k, precision_at_k = _best("precision", "false_positive")
recall_at_top_k, recall_at_k = _best("recall", "false_negative")


def sparse_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """`precision_at_k`, under its old name. Source: tf.metrics.sparse_precision_at_k."""
    return precision_at_k(
        labels,
        predictions,
        k,
        class_id,
        weights,
        metrics_collections,
        updates_collections,
        name,
    )


# ---- the mean of precisions --------------------------------------------------------------------


def _average_precision(labels: Tensor, guesses: Tensor) -> Tensor:
    """For each row the mean, over its labels, of the precision up to the guess that finds it."""
    with name_scope(None, "average_precision", [guesses, labels]) as scope:
        guesses = math.cast(guesses, int64, name="predictions_idx")
        if guesses.shape.ndims == 0:
            raise ValueError("The rank of predictions_idx must be at least 1.")
        k = guesses.shape.as_list()[-1]
        if k is None:
            raise ValueError("The last dimension of predictions_idx must be set.")
        labels = _with_axis(labels, guesses)
        one_by_one = array.expand_dims(guesses, -1, name="predictions_idx_per_k")
        many = [1] * (labels.shape.ndims or 1)
        repeated = tile(array.expand_dims(labels, -2), [*many[:-1], k, 1])
        found = _counted("true_positive", repeated, one_by_one, None, None)
        hits = cumsum(found, axis=-1, name="tp_per_k")
        tried = cumsum(array.ones_like(found), axis=-1, name="retrieved_per_k")
        precision = math.div(hits, tried, name="precision_per_k")
        relevant = math.multiply(precision, found, name="relevant_precision_per_k")
        total = reduce_sum(relevant, axis=(-1,), name="precision_sum")
        present = where(labels >= 0, array.ones_like(labels), array.zeros_like(labels))
        count = math.minimum(reduce_sum(present, axis=-1), k, name="num_relevant")
        return math.div(total, math.cast(count, float64), name=scope)


def average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean over the examples of their average precision among the best k guesses.

    labels: [..., labels of an example], or a sparse tensor. predictions: [..., classes].
    Source: tf.metrics.average_precision_at_k. Errors: ValueError for k below 1.
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}.")
    with name_scope(name, _at_k("average_precision", k), [predictions]) as scope:
        _, guesses = top_k(predictions, k)
        given = _labels(labels)
        if isinstance(given, SparseTensor):
            given = sparse_tensor_to_dense(given, default_value=-1, validate_indices=False)
        classes = math.cast(array.shape(predictions)[-1], int64)
        given = math.cast(given, int64)
        _unused = reduce_max(given)  # a node that TensorFlow makes to choose
        given = where(given >= classes, -array.ones_like(given), given)
        average = _average_precision(given, guesses)
        most: Any = math.cast(array.size(average), float64)
        if weights is not None:
            weights = broadcast_weights(math.cast(weights, float64), average)
            average = math.multiply(average, weights)
            most = reduce_sum(weights)
        with name_scope(None, "max", [average]) as inner:
            top = metric_variable([], float64, inner)
            new_top = assign_add(top, most, name="update")
        with name_scope(None, "total", [average]) as inner:
            total = metric_variable([], float64, inner)
            new_total = assign_add(total, reduce_sum(average), name="update")
        pair = (
            math.div_no_nan(total, top, name="mean"),
            math.div_no_nan(new_total, new_top, name=scope),
        )
        return kept(pair, metrics_collections, updates_collections)


def sparse_average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """`average_precision_at_k`, under its old name.

    Source: tf.metrics.sparse_average_precision_at_k.
    """
    return average_precision_at_k(
        labels, predictions, k, weights, metrics_collections, updates_collections, name
    )
