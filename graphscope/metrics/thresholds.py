"""Metrics of probabilities that are guesses above a threshold: counts, precision, recall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.dtypes import int32, int64
from graphscope.graph.graph import Tensor
from graphscope.metrics.counting import counts_at_thresholds, evenly
from graphscope.metrics.means import Pair, kept
from graphscope.ops import array, math
from graphscope.ops.logic import equal
from graphscope.ops.reduction import argmax, argmin, cumsum, reduce_min
from graphscope.ops.variable_scope import variable_scope

#: What is added to what is divided by.
_EPSILON = 1e-7


def _counted(kind: str) -> Callable[..., Pair]:
    """The metric that counts one kind of hits or misses at each threshold."""

    def count(
        labels: Any,
        predictions: Any,
        thresholds: Sequence[float],
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with variable_scope(name, kind, [predictions, labels, weights]):
            values, updates = counts_at_thresholds(labels, predictions, thresholds, weights, [kind])
            value = array.identity(values[0])
            return kept((value, updates[0]), metrics_collections, updates_collections)

    count.__name__ = f"{kind}_at_thresholds"
    count.__doc__ = (
        f"The number of {kind.replace('_', ' ')} at each threshold. "
        f"Source: tf.metrics.{kind}_at_thresholds.\n\npredictions: in [0, 1]."
    )
    return count


true_positives_at_thresholds = _counted("true_positives")
false_negatives_at_thresholds = _counted("false_negatives")
false_positives_at_thresholds = _counted("false_positives")
true_negatives_at_thresholds = _counted("true_negatives")


def _part(kind: str, others: str) -> Callable[..., Pair]:
    """The metric true positives / (true positives + others) at each threshold."""

    def part(
        labels: Any,
        predictions: Any,
        thresholds: Sequence[float],
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        def share(counts: Sequence[Any], which: str) -> Tensor:
            hits, misses = counts
            return math.div(hits, _EPSILON + hits + misses, name=f"{kind}_{which}")

        with variable_scope(name, f"{kind}_at_thresholds", [predictions, labels, weights]):
            values, updates = counts_at_thresholds(
                labels, predictions, thresholds, weights, ["true_positives", others]
            )
            pair = share(values, "value"), share(updates, "update_op")
            return kept(pair, metrics_collections, updates_collections)

    part.__name__ = f"{kind}_at_thresholds"
    part.__doc__ = (
        f"The {kind} at each threshold. Source: tf.metrics.{kind}_at_thresholds.\n\n"
        "predictions: in [0, 1]."
    )
    return part


precision_at_thresholds = _part("precision", "false_positives")
recall_at_thresholds = _part("recall", "false_negatives")


# ---- one rate, where the other is as wanted ----------------------------------------------------


def _rate(hits: Any, misses: Any) -> Tensor:
    return math.div(hits, hits + misses + _EPSILON)


def _chosen(hits: Any, misses: Any, place: Tensor, name: str) -> Tensor:
    return math.div(hits[place], hits[place] + misses[place] + _EPSILON, name)


def _sensitivity(counts: Sequence[Any], specificity: float, name: str) -> Tensor:
    tp, fn, tn, fp = counts
    place = argmin(math.abs_(_rate(tn, fp) - specificity), 0)
    return _chosen(tp, fn, math.cast(place, int32), name)


def _specificity(counts: Sequence[Any], sensitivity: float, name: str) -> Tensor:
    tp, fn, tn, fp = counts
    distance = math.abs_(_rate(tp, fn) - sensitivity)
    nearest = math.cast(equal(distance, reduce_min(distance)), int64)
    last = argmax(cumsum(nearest), 0)  # of those that are equally near, the highest threshold
    return _chosen(tn, fp, math.cast(last, int32), name)


def _between_0_and_1(**given: float) -> None:
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise ValueError(f"`{name}` must be in the range [0, 1].")


def sensitivity_at_specificity(
    labels: Any,
    predictions: Any,
    specificity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The recall at the threshold where the specificity is nearest to the wanted one.

    Source: tf.metrics.sensitivity_at_specificity. Errors: ValueError for a rate outside [0, 1].
    """
    _between_0_and_1(specificity=specificity)
    with variable_scope(name, "sensitivity_at_specificity", [predictions, labels, weights]):
        cuts = [0.0 - _EPSILON, *evenly(num_thresholds), 1.0 + _EPSILON]
        values, updates = counts_at_thresholds(labels, predictions, cuts, weights)
        pair = (
            _sensitivity(values, specificity, "value"),
            _sensitivity(updates, specificity, "update_op"),
        )
        return kept(pair, metrics_collections, updates_collections)


def specificity_at_sensitivity(
    labels: Any,
    predictions: Any,
    sensitivity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The specificity at the threshold where the recall is nearest to the wanted one.

    Source: tf.metrics.specificity_at_sensitivity. Errors: ValueError for a rate outside [0, 1].
    """
    _between_0_and_1(sensitivity=sensitivity)
    with variable_scope(name, "specificity_at_sensitivity", [predictions, labels, weights]):
        cuts = [0.0 - _EPSILON, *evenly(num_thresholds), 1.0 - _EPSILON]
        values, updates = counts_at_thresholds(labels, predictions, cuts, weights)
        pair = (
            _specificity(values, sensitivity, "value"),
            _specificity(updates, sensitivity, "update_op"),
        )
        return kept(pair, metrics_collections, updates_collections)
