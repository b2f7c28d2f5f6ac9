"""Metrics that are the mean of something: accuracy, errors (tf.metrics)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, float32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.ops import array, math
from graphscope.ops.joining import where
from graphscope.ops.logic import equal, less, logical_and
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.state import assign_add
from graphscope.ops.variable_scope import variable_scope
from graphscope.ops.variables import GraphKeys, Variable
from graphscope.ops.weights import broadcast_weights, remove_squeezable_dimensions, with_axes

Pair = tuple[Tensor, Tensor]


def metric_variable(shape: Any, dtype: DType, name: str) -> Variable:
    """A local variable of zeros."""
    return Variable(
        lambda: array.zeros(shape, dtype),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
        name=name,
    )


def kept(pair: Pair, metrics_collections: Any, updates_collections: Any) -> Pair:
    """The value and the update, after they were put into the collections."""
    graph = get_default_graph()
    for keys, tensor in zip((metrics_collections, updates_collections), pair, strict=True):
        if keys:
            graph.add_to_collections(keys, tensor)
    return pair


def fitted(predictions: Any, labels: Any, weights: Any) -> tuple[Tensor, Any, Any]:
    """The three with the same rank, where they differ by a last axis of size 1."""
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is not None:
        weights = convert_to_tensor(weights)
        ours, theirs = weights.shape.ndims, predictions.shape.ndims
        if ours == 0:
            return predictions, labels, weights
        if ours is None or theirs is None:
            rank = array.rank(weights)
            more = rank - array.rank(predictions)
            lacking = logical_and(equal(more, -1), rank > 0)
            weights = with_axes(weights, drop=equal(more, 1), add=lacking)
        elif ours - theirs == 1:
            weights = array.squeeze(weights, [-1])
        elif theirs - ours == 1:
            weights = array.expand_dims(weights, [-1])
    return predictions, labels, weights


def mean(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of all elements so far. weights: what each counts. Source: tf.metrics.mean."""
    with variable_scope(name, "mean", [values, weights]):
        values = math.cast(values, float32)
        total = metric_variable([], float32, "total")
        count = metric_variable([], float32, "count")
        if weights is None:
            number = math.cast(array.size(values), float32)
        else:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(math.cast(weights, float32), values)
            values = math.multiply(values, weights)
            number = reduce_sum(weights)
        new_total = assign_add(total, reduce_sum(values))
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, number)
        value = math.div_no_nan(total, math.maximum(count, 0), name="value")
        update = math.div_no_nan(new_total, math.maximum(new_count, 0), name="update_op")
        return kept((value, update), metrics_collections, updates_collections)


def mean_tensor(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of each element so far: the shape of `values`. Source: tf.metrics.mean_tensor."""
    with variable_scope(name, "mean", [values, weights]):
        values = math.cast(values, float32)
        total = metric_variable(values.shape, float32, "total_tensor")
        count = metric_variable(values.shape, float32, "count_tensor")
        number = array.ones_like(values)
        if weights is not None:
            values, _, weights = fitted(values, None, weights)
            weights = broadcast_weights(math.cast(weights, float32), values)
            values = math.multiply(values, weights)
            number = math.multiply(number, weights)
        new_total = assign_add(total, values)
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, number)
        value = math.div_no_nan(total, math.maximum(count, 0), name="value")
        update = math.div_no_nan(new_total, math.maximum(new_count, 0), name="update_op")
        return kept((value, update), metrics_collections, updates_collections)


def accuracy(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """How many predictions equal their label, of 1. Source: tf.metrics.accuracy."""
    predictions, labels, weights = fitted(predictions, labels, weights)
    if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
        predictions = math.cast(predictions, labels.dtype.base_dtype)
    right = math.cast(equal(predictions, labels), float32)
    return mean(right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_absolute_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of |predictions - labels|. Source: tf.metrics.mean_absolute_error."""
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = math.abs_(predictions - labels)
    name = name or "mean_absolute_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of (predictions - labels)². Source: tf.metrics.mean_squared_error."""
    predictions, labels, weights = fitted(predictions, labels, weights)
    errors = math.squared_difference(labels, predictions)
    name = name or "mean_squared_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def root_mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The root of `mean_squared_error`. Source: tf.metrics.root_mean_squared_error."""
    predictions, labels, weights = fitted(predictions, labels, weights)
    name = name or "root_mean_squared_error"
    value, update = mean_squared_error(labels, predictions, weights, None, None, name)
    roots = math.sqrt(value), math.sqrt(update)
    return kept(roots, metrics_collections, updates_collections)


def mean_relative_error(
    labels: Any,
    predictions: Any,
    normalizer: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """The mean of |labels - predictions| / normalizer; 0 where the normalizer is 0.

    Source: tf.metrics.mean_relative_error.
    """
    predictions, labels, weights = fitted(predictions, labels, weights)
    predictions, normalizer = remove_squeezable_dimensions(predictions, normalizer)
    errors = where(
        equal(normalizer, 0.0),
        array.zeros_like(labels),
        math.div(math.abs_(labels - predictions), normalizer),
    )
    name = name or "mean_relative_error"
    return mean(errors, weights, metrics_collections, updates_collections, name)


def mean_cosine_distance(
    labels: Any,
    predictions: Any,
    dim: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """1 - the mean of predictions · labels along `dim`. Source: tf.metrics.mean_cosine_distance."""
    predictions, labels, weights = fitted(predictions, labels, weights)
    products = reduce_sum(math.multiply(predictions, labels), axis=[dim], keepdims=True)
    value, update = mean(products, weights, None, None, name or "mean_cosine_distance")
    distances = math.subtract(1.0, value), math.subtract(1.0, update)
    return kept(distances, metrics_collections, updates_collections)


def percentage_below(
    values: Any,
    threshold: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """How many values are below the threshold, of 1. Source: tf.metrics.percentage_below."""
    below = math.cast(less(values, threshold), float32)
    name = name or "percentage_below_threshold"
    return mean(below, weights, metrics_collections, updates_collections, name)
