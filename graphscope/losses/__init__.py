"""Losses that are kept in a collection, under TensorFlow's names (tf.losses).

Each takes `weights`, a number, or a tensor of the same rank whose sizes are 1 or those of the
losses; elements of weight 0 do not count. The result is a number unless the reduction is NONE,
and comes into the collection `loss_collection`, GraphKeys.LOSSES.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, math
from graphscope.ops import nn as nn_ops
from graphscope.ops.joining import where
from graphscope.ops.logic import equal
from graphscope.ops.rectifiers import relu
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.spellings import one_of
from graphscope.ops.variables import GraphKeys
from graphscope.ops.weights import (
    assert_broadcastable,
    broadcast_weights,
    remove_squeezable_dimensions,
    with_axes,
)

__all__ = [
    "Reduction",
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_loss",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


class Reduction:
    """How the losses of the elements become one number. Source: tf.losses.Reduction."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return (
            cls.NONE,
            cls.SUM,
            cls.MEAN,
            cls.SUM_OVER_BATCH_SIZE,
            cls.SUM_OVER_NONZERO_WEIGHTS,
            cls.SUM_BY_NONZERO_WEIGHTS,
        )

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in cls.all():
            raise ValueError(f"Invalid ReductionKey {key}.")


def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The weighted losses as one number, kept in the collection.

    Source: tf.losses.compute_weighted_loss. Errors: ValueError for weights of another shape.
    """
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss", [losses, weights]):
        check = assert_broadcastable(weights, losses)
        with get_default_graph().control_dependencies([check]):
            losses = convert_to_tensor(losses)
            dtype = losses.dtype.base_dtype
            losses = math.cast(losses, float32)
            weights = math.cast(weights, float32)
            loss = _reduced(losses, weights, math.multiply(losses, weights), reduction)
            result: Tensor = math.cast(loss, dtype)
            add_loss(result, loss_collection)
            return result


def _reduced(losses: Tensor, weights: Tensor, weighted: Tensor, reduction: str) -> Tensor:
    if reduction == Reduction.NONE:
        return weighted
    total: Tensor = reduce_sum(weighted)
    if reduction == Reduction.MEAN:
        return _safe_mean(total, reduce_sum(array.ones_like(losses) * weights))
    if reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        return _safe_mean(total, _count_present(losses, weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        with name_scope(None, "num_elements", [losses]) as scope:
            count = math.cast(array.size(losses, name=scope), losses.dtype.base_dtype)
        return _safe_mean(total, count)
    return total


def _safe_mean(losses: Tensor, count: Tensor) -> Tensor:
    mean: Tensor = math.div_no_nan(reduce_sum(losses), count, name="value")
    return mean


def _present(losses: Tensor, weights: Any) -> Tensor:
    """1 for each element whose weight is not 0, else 0."""
    weights = math.cast(weights, float32)
    chosen = where(equal(weights, 0.0), array.zeros_like(weights), array.ones_like(weights))
    return broadcast_weights(chosen, losses)


def _count_present(losses: Tensor, weights: Any) -> Tensor:
    """The number of elements whose weight is not 0."""
    with name_scope(None, "num_present", [losses, weights]) as scope:
        count: Tensor = reduce_sum(_present(losses, weights), name=scope)
        return count


def _given(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def _floats(predictions: Any, labels: Any) -> tuple[Tensor, Tensor]:
    predictions = math.cast(predictions, float32)
    labels = math.cast(labels, float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return predictions, labels


def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The mean of |predictions - labels|. Source: tf.losses.absolute_difference."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = math.abs_(math.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: Any = None,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    dim: Any = None,
) -> Tensor:
    """1 - predictions · labels along an axis; both are unit vectors.

    Source: tf.losses.cosine_distance.
    """
    axis = one_of(axis=axis, dim=dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        products = math.multiply(predictions, labels)
        losses = 1 - reduce_sum(products, axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The mean of max(0, 1 - y * logits), where y is -1 and 1 for labels 0 and 1.

    Source: tf.losses.hinge_loss.
    """
    _given(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", [logits, labels, weights]) as scope:
        logits, labels = _floats(logits, labels)
        ones = array.ones_like(labels)
        labels = math.subtract(2 * labels, ones)
        losses = relu(math.subtract(ones, math.multiply(labels, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """Half the squared error up to `delta`, and linear from there. Source: tf.losses.huber_loss."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        error = math.abs_(math.subtract(predictions, labels))
        quadratic = math.minimum(error, delta)
        linear = math.subtract(error, quadratic)
        half = convert_to_tensor(0.5, quadratic.dtype.base_dtype)
        losses = math.add(
            math.multiply(half, math.multiply(quadratic, quadratic)), math.multiply(delta, linear)
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross-entropy of labels and probabilities, both in [0, 1]. Source: tf.losses.log_loss."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = -math.multiply(labels, math.log(predictions + epsilon)) - math.multiply(
            (1 - labels), math.log(1 - predictions + epsilon)
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_pairwise_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
) -> Tensor:
    """The mean of ((p_i - p_j) - (y_i - y_j))² over all pairs in a row.

    Source: tf.losses.mean_pairwise_squared_error.
    """
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_pairwise_squared_error", [predictions, labels, weights]) as scope:
        weights = math.cast(weights, float32)
        labels = math.cast(labels, float32)
        with get_default_graph().control_dependencies([assert_broadcastable(weights, labels)]):
            predictions, labels = _floats(predictions, labels)
            diffs = math.subtract(predictions, labels)
            axis = array.range(1, array.rank(diffs))
            squares = reduce_sum(math.square(diffs), axis=axis, keepdims=True)
            with name_scope(None, "num_present", [diffs, weights]) as inner:
                present = _present(diffs, weights)
                inner_axis = array.range(1, array.rank(present))
                count = reduce_sum(present, axis=inner_axis, keepdims=True, name=inner)
            first = 2.0 * math.div_no_nan(squares, math.maximum(count - 1, 0), name="value")
            sums = reduce_sum(diffs, axis=axis, keepdims=True)
            squared = math.square(sums)
            pairs = math.maximum(math.multiply(count, count - 1), 0)
            second = 2.0 * math.div_no_nan(squared, pairs, name="value")
            total = reduce_sum(math.multiply(first - second, weights))
            loss = where(reduce_sum(count) > 0, total, array.zeros_like(total), name="value")
            add_loss(loss, loss_collection)
            return loss


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The mean of (predictions - labels)². Source: tf.losses.mean_squared_error."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = math.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross-entropy of each label, in [0, 1], with the sigmoid of its logit.

    label_smoothing: moves labels towards 0.5. Source: tf.losses.sigmoid_cross_entropy.
    """
    _given(multi_class_labels=multi_class_labels, logits=logits)
    values = [logits, multi_class_labels, weights]
    with name_scope(scope, "sigmoid_cross_entropy_loss", values) as scope:
        logits = convert_to_tensor(logits)
        labels = math.cast(multi_class_labels, logits.dtype.base_dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = nn_ops.sigmoid_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross-entropy of distributions [batch, classes] with the softmax of the logits.

    label_smoothing: moves labels towards 1 / classes. No gradient flows to the labels.
    Source: tf.losses.softmax_cross_entropy.
    """
    _given(onehot_labels=onehot_labels, logits=logits)
    values = [logits, onehot_labels, weights]
    with name_scope(scope, "softmax_cross_entropy_loss", values) as scope:
        logits = convert_to_tensor(logits)
        dtype = logits.dtype.base_dtype
        labels = math.cast(onehot_labels, dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = math.cast(array.shape(labels)[-1], dtype)
            spread = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + spread
        labels = array.stop_gradient(labels, name="labels_stop_gradient")
        losses = nn_ops.softmax_cross_entropy_with_logits_v2(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross-entropy of classes [batch], or [batch, 1], with the softmax of the logits.

    Source: tf.losses.sparse_softmax_cross_entropy.
    """
    _given(labels=labels, logits=logits)
    values = [logits, labels, weights]
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", values) as scope:
        labels, logits = remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
        weights = convert_to_tensor(weights)
        ours, theirs = weights.shape.ndims, labels.shape.ndims
        if ours is None or theirs is None:
            if ours != 0:
                more = array.rank(weights) - array.rank(labels)
                weights = with_axes(weights, drop=equal(more, 1))
        elif ours - theirs == 1:
            weights = array.squeeze(weights, [-1])
        losses = nn_ops.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy"
        )
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


# ---- the collections ---------------------------------------------------------------------------


def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Keep a loss in a collection; None keeps it nowhere."""
    if loss_collection:
        get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: Any = GraphKeys.LOSSES) -> list[Any]:
    return get_default_graph().get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Any]:
    return get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(
    scope: str | None = None, name: str = "total_regularization_loss"
) -> Tensor:
    """The sum of all regularization losses; 0 when there is none."""
    losses = get_regularization_losses(scope)
    total: Tensor = math.add_n(losses, name=name) if losses else array.constant(0.0)
    return total


def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Tensor:
    """The sum of all losses of the collections. Errors: ValueError when there is none."""
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses = losses + get_regularization_losses(scope=scope)
    total: Tensor = math.add_n(losses, name=name)
    return total
