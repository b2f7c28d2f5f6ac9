"""Metrics that count right and wrong guesses: precision, recall, the area under a curve."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import bool_, float32, float64, int64
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.metrics.means import Pair, fitted, kept, metric_variable
from graphscope.ops import array, math
from graphscope.ops.array import expand_dims, reshape, transpose
from graphscope.ops.checks import assert_greater_equal, assert_less_equal, assert_type
from graphscope.ops.joining import stack, where
from graphscope.ops.layout import diag_part
from graphscope.ops.logic import equal, greater, logical_and, logical_not, not_equal
from graphscope.ops.reduction import reduce_mean, reduce_sum
from graphscope.ops.repeating import tile
from graphscope.ops.scatter import scatter_add
from graphscope.ops.state import assign_add
from graphscope.ops.variable_scope import variable_scope
from graphscope.ops.variables import Variable
from graphscope.ops.weights import broadcast_weights, confusion_matrix

_log = logging.getLogger("tensorflow")


def _counted(kind: str, label: bool, prediction: bool) -> Callable[..., Pair]:
    """The metric that counts the elements with one truth and one guess."""

    def count(
        labels: Any,
        predictions: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with variable_scope(name, kind, [predictions, labels, weights]):
            predictions, labels, weights = fitted(
                math.cast(predictions, bool_), math.cast(labels, bool_), weights
            )
            hits = logical_and(equal(labels, label), equal(predictions, prediction))
            assert_type(hits, bool_)
            found = metric_variable([], float32, "count")
            values = math.cast(hits, float32)
            if weights is not None:
                values = math.multiply(values, math.cast(weights, float32))
            value = array.identity(found)
            update = assign_add(found, reduce_sum(values))
            return kept((value, update), metrics_collections, updates_collections)

    count.__name__ = kind
    count.__doc__ = f"The number of {kind.replace('_', ' ')}. Source: tf.metrics.{kind}."
    return count


true_positives = _counted("true_positives", True, True)
false_negatives = _counted("false_negatives", True, False)
false_positives = _counted("false_positives", False, True)
true_negatives = _counted("true_negatives", False, False)


def _part(kind: str, others: Callable[..., Pair]) -> Callable[..., Pair]:
    """The metric true positives / (true positives + others)."""

    def share(hits: Tensor, misses: Tensor, name: str) -> Tensor:
        return where(greater(hits + misses, 0), math.div(hits, hits + misses), 0, name)

    def part(
        labels: Any,
        predictions: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with variable_scope(name, kind, [predictions, labels, weights]):
            predictions, labels, weights = fitted(
                math.cast(predictions, bool_), math.cast(labels, bool_), weights
            )
            hits, new_hits = true_positives(labels, predictions, weights)
            misses, new_misses = others(labels, predictions, weights)
            pair = share(hits, misses, "value"), share(new_hits, new_misses, "update_op")
            return kept(pair, metrics_collections, updates_collections)

    part.__name__ = kind
    part.__doc__ = f"True positives of all of them: the {kind}. Source: tf.metrics.{kind}."
    return part


precision = _part("precision", false_positives)
recall = _part("recall", false_negatives)


def mean_per_class_accuracy(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of the classes' accuracies; the update gives them one by one.

    Source: tf.metrics.mean_per_class_accuracy.
    """
    with variable_scope(name, "mean_accuracy", [predictions, labels, weights]):
        labels = _flat(math.cast(labels, int64))
        total = metric_variable([num_classes], float32, "total")
        count = metric_variable([num_classes], float32, "count")
        ones = array.ones([array.size(labels)], float32)
        predictions = _flat(predictions)
        if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
            predictions = math.cast(predictions, labels.dtype.base_dtype)
        right = math.cast(equal(predictions, labels), float32)
        if weights is not None:
            weights = math.cast(_flat(weights), float32)
            right, ones = right * weights, ones * weights
        new_total = scatter_add(total, labels, ones)
        new_count = scatter_add(count, labels, right)
        each = math.div_no_nan(count, math.maximum(total, 0))
        value = reduce_mean(each, name="mean_accuracy")
        update = math.div_no_nan(new_count, math.maximum(new_total, 0), name="update_op")
        return kept((value, update), metrics_collections, updates_collections)


def _flat(values: Any) -> Tensor:
    tensor = convert_to_tensor(values)
    return tensor if tensor.shape.ndims in (None, 1) else reshape(tensor, [-1])


def mean_iou(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean over the classes of intersection over union; the update is the confusion matrix.

    Source: tf.metrics.mean_iou.
    """
    with variable_scope(name, "mean_iou", [predictions, labels, weights]):
        predictions, labels, weights = fitted(predictions, labels, weights)
        counts = metric_variable([num_classes, num_classes], float64, "total_confusion_matrix")
        batch = confusion_matrix(
            _flat(labels), _flat(predictions), num_classes, float64, weights=weights
        )
        update = assign_add(counts, batch)
        rows = math.cast(reduce_sum(counts, 0), float32)
        columns = math.cast(reduce_sum(counts, 1), float32)
        both = math.cast(diag_part(counts), float32)
        union = rows + columns - both
        present = reduce_sum(math.cast(not_equal(union, 0), float32))
        safe = where(greater(union, 0), union, array.ones_like(union))
        total = reduce_sum(math.div(both, safe), name="mean_iou")
        value = where(greater(present, 0), total / present, 0)
        return kept((value, update), metrics_collections, updates_collections)


# ---- the area under a curve --------------------------------------------------------------------


def auc(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    curve: str = "ROC",
    name: str | None = None,
    summation_method: str = "trapezoidal",
    thresholds: Any = None,
) -> Pair:
    """The area under the ROC or the PR curve, as a sum over thresholds.

    predictions: in [0, 1]. summation_method: "trapezoidal", "minoring", "majoring", or
    "careful_interpolation" (Davis & Goadrich 2006). Source: tf.metrics.auc.
    Errors: ValueError for another curve or method; InvalidArgumentError for other predictions.
    """
    with variable_scope(name, "auc", [labels, predictions, weights]):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"curve must be either ROC or PR, {curve} unknown")
        between = evenly(num_thresholds) if thresholds is None else thresholds
        cuts = [0.0 - 1e-7, *sorted(between), 1.0 + 1e-7]
        values, updates = counts_at_thresholds(labels, predictions, cuts, weights)
        if curve == "PR" and summation_method == "trapezoidal":
            _log.warning(
                "Trapezoidal rule is known to produce incorrect PR-AUCs; please switch to "
                '"careful_interpolation" instead.'
            )
        pair = (
            _area(values, curve, summation_method, "value"),
            _area(updates, curve, summation_method, "update_op"),
        )
        return kept(pair, metrics_collections, updates_collections)


def evenly(count: int) -> list[float]:
    """The thresholds between 0 and 1, of so many with those two."""
    return [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]


#: What can happen: the truth, and the guess.
_CASES = {
    "true_positives": (True, True),
    "false_negatives": (True, False),
    "true_negatives": (False, False),
    "false_positives": (False, True),
}


def counts_at_thresholds(
    labels: Any,
    predictions: Any,
    cuts: Sequence[float],
    weights: Any,
    kinds: Sequence[str] = tuple(_CASES),
) -> tuple[list[Variable], list[Tensor]]:
    """Counts of these kinds at each threshold: the variables, and their updates.

    predictions: in [0, 1]. Errors: InvalidArgumentError for others.
    """
    predictions = convert_to_tensor(predictions)
    checks = [
        assert_greater_equal(
            predictions, math.cast(0.0, predictions.dtype), message="predictions must be in [0, 1]"
        ),
        assert_less_equal(
            predictions, math.cast(1.0, predictions.dtype), message="predictions must be in [0, 1]"
        ),
    ]
    with get_default_graph().control_dependencies(checks):
        predictions, labels, weights = fitted(
            math.cast(predictions, float32), math.cast(labels, bool_), weights
        )
    count = len(cuts)
    column = reshape(predictions, [-1, 1])
    row = reshape(math.cast(labels, bool_), [1, -1])
    batch = column.shape.as_list()[0] or array.shape(column)[0]
    limits = tile(expand_dims(array.constant(cuts), [1]), stack([1, batch]))
    positive = greater(tile(transpose(column), [count, 1]), limits)
    truths, guesses = {True: tile(row, [count, 1])}, {True: positive}
    if any(False in _CASES[kind] for kind in kinds):
        guesses[False] = logical_not(positive)
        truths[False] = logical_not(truths[True])
    weighing = None
    if weights is not None:
        weights = broadcast_weights(math.cast(weights, float32), predictions)
        weighing = tile(reshape(weights, [1, -1]), [count, 1])
    values, updates = [], []
    for kind in kinds:
        truth, guess = _CASES[kind]
        variable = metric_variable([count], float32, kind)
        hits = math.cast(logical_and(truths[truth], guesses[guess]), float32)
        if weighing is not None:
            hits = hits * weighing
        updates.append(assign_add(variable, reduce_sum(hits, 1)))
        values.append(variable)
    return values, updates


def _area(counts: Sequence[Any], curve: str, method: str, name: str) -> Tensor:
    tp, fn, tn, fp = counts
    if curve == "PR" and method == "careful_interpolation":
        return _interpolated(tp, fp, fn)
    epsilon = 1.0e-6
    recalled = math.div(tp + epsilon, tp + fn + epsilon)
    if curve == "ROC":
        x, y = math.div(fp, fp + tn + epsilon), recalled
    else:
        x, y = recalled, math.div(tp + epsilon, tp + fp + epsilon)
    last = tp.shape.as_list()[0] - 1
    steps = x[:last] - x[1:]
    if method in ("trapezoidal", "careful_interpolation"):
        heights = (y[:last] + y[1:]) / 2.0
    elif method == "minoring":
        heights = math.minimum(y[:last], y[1:])
    elif method == "majoring":
        heights = math.maximum(y[:last], y[1:])
    else:
        raise ValueError(f"Invalid summation_method: {method}")
    area: Tensor = reduce_sum(math.multiply(steps, heights), name=name)
    return area


def _interpolated(tp: Any, fp: Any, fn: Any) -> Tensor:
    """The area under the PR curve between the thresholds. Source: Davis & Goadrich 2006."""
    last = tp.shape.as_list()[0] - 1
    gained = tp[:last] - tp[1:]
    p = tp + fp
    slope = math.div_no_nan(gained, math.maximum(p[:last] - p[1:], 0), name="prec_slope")
    intercept = tp[1:] - math.multiply(slope, p[1:])
    ratio = where(
        logical_and(p[:last] > 0, p[1:] > 0),
        math.div_no_nan(p[:last], math.maximum(p[1:], 0), name="recall_relative_ratio"),
        array.ones_like(p[1:]),
    )
    increments = math.div_no_nan(
        slope * (gained + intercept * math.log(ratio)),
        math.maximum(tp[1:] + fn[1:], 0),
        name="pr_auc_increment",
    )
    area: Tensor = reduce_sum(increments, name="interpolate_pr_auc")
    return area
