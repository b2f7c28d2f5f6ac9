"""Functions of neural networks that are composed of others, as TensorFlow composes them."""

from __future__ import annotations

from math import pi
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float32, int64
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, logic, math
from graphscope.ops.bias import bias_add
from graphscope.ops.joining import concat, where
from graphscope.ops.linalg import matmul
from graphscope.ops.rectifiers import relu
from graphscope.ops.reduction import reduce_sum


def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    """relu(x) and relu(-x) side by side: twice as many channels. Source: tf.nn.crelu."""
    with name_scope(name, "CRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        both = concat([features, -features], axis, name=scope)
        result: Tensor = relu(both)
        return result


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(matmul(x, weights) + biases). Source: tf.nn.relu_layer."""
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        result: Tensor = relu(bias_add(matmul(x, weights), biases), name=scope)
        return result


def swish(features: Any) -> Tensor:
    """x * sigmoid(x). Source: tf.nn.swish, whose nodes stand in a function's scope there."""
    features = convert_to_tensor(features, name="features")
    result: Tensor = features * math.sigmoid(features)
    return result


#: The operations that TensorFlow's `zero_fraction` has more, for tensors of many elements.
_COUNTED_TWICE = 15


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """Which part of the elements is 0, a float32. Source: tf.nn.zero_fraction.

    TensorFlow counts in a cond, by the size of the tensor; here it is counted once, in int64.
    """
    get_default_graph().uncounted += _COUNTED_TWICE
    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        size = array.size(value, out_type=int64)
        with name_scope("count_nonzero"):
            zero = array.zeros([], value.dtype.base_dtype)
            present = math.cast(logic.not_equal(value, zero), int64)
            count = reduce_sum(present, name="nonzero_count")
        with name_scope("counts_to_fraction"):
            missing = math.cast(size - count, float32)
            fraction = missing / math.cast(size, float32)
        return array.identity(fraction, name="fraction")


def weighted_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    pos_weight: Any = None,
    name: str | None = None,
    targets: Any = None,
) -> Tensor:
    """The cross entropy of sigmoid(logits), with the positive labels weighed by `pos_weight`.

    Source: tf.nn.weighted_cross_entropy_with_logits. Errors: ValueError for different shapes.
    """
    labels = targets if labels is None else labels
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, logits.dtype, name="labels", preferred=True)
        _same_shape("logits and labels", logits, labels)
        log_weight = 1 + (pos_weight - 1) * labels
        softplus = math.log1p(math.exp(-math.abs_(logits))) + relu(-logits)
        result: Tensor = math.add((1 - labels) * logits, log_weight * softplus, name=scope)
        return result


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """exp(c) - z * c for the logarithm c of a rate and a count z, elementwise.

    compute_full_loss: add Stirling's approximation of log(z!). Source: tf.nn.log_poisson_loss.
    Errors: ValueError for different shapes.
    """
    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, log_input.dtype, name="targets", preferred=True)
        _same_shape("log_input and targets", log_input, targets)
        result: Tensor = math.exp(log_input) - log_input * targets
        if compute_full_loss:
            half = array.constant(0.5, targets.dtype)
            two_pi = array.constant(2 * pi, targets.dtype)
            stirling = targets * math.log(targets) - targets + half * math.log(two_pi * targets)
            zeros, ones = array.zeros_like(targets), array.ones_like(targets)
            small = logic.logical_and(targets >= zeros, targets <= ones)
            result = result + where(small, zeros, stirling)
        return result


def _same_shape(what: str, first: Tensor, second: Tensor) -> None:
    if not first.shape.is_compatible_with(second.shape):
        raise ValueError(f"{what} must have the same shape ({first.shape} vs {second.shape})")


def count_nonzero(
    input_tensor: Any = None,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
    input: Any = None,
) -> Tensor:
    """How many elements are not 0, over some axes. Source: tf.count_nonzero.

    axis, keepdims and the older spellings as for tf.reduce_sum.
    """
    value = input if input_tensor is None else input_tensor
    axis = reduction_indices if axis is None else axis
    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "count_nonzero", [value]):
        value = convert_to_tensor(value, name="input")
        zero = array.zeros([], value.dtype.base_dtype)
        present = math.cast(logic.not_equal(value, zero), int64)
        return math.cast(reduce_sum(present, axis, keepdims=keep), dtype)
