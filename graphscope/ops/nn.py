"""The functions of neural networks: activations, softmax and the losses made with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import FLOATS, FLOATS_AND_COMPLEX, REALS, float16, float32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, logic, math
from graphscope.ops.checks import assert_equal
from graphscope.ops.joining import concat, slice_, where
from graphscope.ops.linalg import matmul
from graphscope.ops.reduction import reduce_mean, reduce_sum

# ---- activations -------------------------------------------------------------------------------


@op("Relu", kind="nn", types=REALS)
def relu(features: T) -> T:
    """x where it is positive, 0 elsewhere; the slope at 0 is 0."""
    return np.asarray(np.maximum(features, features.dtype.type(0)))


@op("ReluGrad", kind="nn", types=REALS, shape=shapes.merged)
def _relu_grad(gradients: T, features: T) -> T:
    """The slope of Relu: `gradients` where the feature is positive, 0 elsewhere."""
    return np.where(features > 0, gradients, gradients.dtype.type(0))


@relu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return _relu_grad(dy, y)


@_relu_grad.gradient
def _(ddx: Tensor, dx: Tensor, gradients: Tensor, features: Tensor) -> Any:
    return _relu_grad(ddx, features), None


@op("Elu", kind="nn", types=FLOATS)
def elu(features: T) -> T:
    """x where it is positive, exp(x) - 1 elsewhere."""
    return np.where(features > 0, features, np.expm1(np.minimum(features, 0)))


@elu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return where(y < array.zeros_like(y), dy * (y + 1), dy)


@op("Relu6", kind="nn", types=REALS)
def relu6(features: T) -> T:
    """x kept between 0 and 6; the slope is 0 at both ends."""
    return np.clip(features, features.dtype.type(0), features.dtype.type(6))


@relu6.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return where(logic.logical_and(y > 0, y < 6), dy, array.zeros_like(dy))


@op("LeakyRelu", kind="nn", types=FLOATS)
def _leaky_relu(features: T, *, alpha: float = 0.2) -> T:
    """x where it is positive, alpha * x elsewhere."""
    return np.where(features > 0, features, features * features.dtype.type(alpha))


@_leaky_relu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor, *, alpha: float) -> Any:
    return where(features > 0, dy, dy * alpha)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """x where it is positive, alpha * x elsewhere. Source: tf.nn.leaky_relu."""
    with name_scope(name, "LeakyRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = math.cast(features, float32)
        result: Tensor = _leaky_relu(features, alpha=float(alpha), name=scope)
        return result


#: Selu's two numbers: with them mean 0 and variance 1 are kept from layer to layer.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@op("Selu", kind="nn", types=FLOATS)
def selu(features: T) -> T:
    """Elu with two fixed scales, after which mean 0 and variance 1 stay as they are."""
    below = _SELU_ALPHA * np.expm1(np.minimum(features, 0))
    return np.multiply(_SELU_SCALE, np.where(features > 0, features, below), dtype=features.dtype)


@selu.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return where(y < 0, dy * (y + _SELU_SCALE * _SELU_ALPHA), dy * _SELU_SCALE)


@op("Softsign", kind="nn", types=FLOATS)
def softsign(features: T) -> T:
    """x / (1 + |x|): from -1 to 1, more slowly than tanh."""
    return np.asarray(features / (1 + np.abs(features)))


@softsign.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return dy / math.square(1 + math.abs_(features))


@op("Softplus", kind="nn", types=FLOATS)
def softplus(features: T) -> T:
    """log(1 + exp(x)): a smooth Relu."""
    return np.logaddexp(features, 0, dtype=features.dtype)


@softplus.gradient
def _(dy: Tensor, y: Tensor, features: Tensor) -> Any:
    return dy * math.sigmoid(features)


# ---- softmax -----------------------------------------------------------------------------------


def _log_sum_exp(x: T) -> tuple[T, T]:
    """x less its largest element, and the logarithm of the sum of the exponentials of that."""
    shifted = x - x.max(axis=-1, keepdims=True, initial=-np.inf)
    return shifted, np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


@op("Softmax", kind="nn", types=FLOATS)
def _softmax(logits: T) -> T:
    """exp(x) / sum(exp(x)) along the last axis: positive numbers that add up to 1."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    return np.asarray(powers / np.sum(powers, axis=-1, keepdims=True))


@_softmax.gradient
def _(dy: Tensor, y: Tensor, logits: Tensor) -> Any:
    return _through_softmax(dy, y)


def _through_softmax(dy: Tensor, y: Tensor) -> Tensor:
    dlogits: Tensor = (dy - reduce_sum(dy * y, -1, keepdims=True)) * y
    return dlogits


@op("LogSoftmax", kind="nn", types=FLOATS)
def _log_softmax(logits: T) -> T:
    """The logarithm of the softmax, without ever taking the logarithm of 0."""
    shifted, log_sum = _log_sum_exp(logits)
    return shifted - log_sum


@_log_softmax.gradient
def _(dy: Tensor, y: Tensor, logits: Tensor) -> Any:
    return dy - reduce_sum(dy, -1, keepdims=True) * math.exp(y)


def _over_axis(function: Any, logits: Any, axis: Any, name: str | None) -> Tensor:
    """Apply an operation of the last axis to another one, by moving that axis there and back."""
    logits = convert_to_tensor(logits)
    rank = logits.shape.ndims
    if axis is None or axis == -1 or (rank is not None and axis == rank - 1):
        result: Tensor = function(logits, name=name)
        return result
    if rank is None or not -rank <= axis < rank:
        raise ValueError(f"axis {axis} of a tensor of shape {logits.shape.short}")
    count = array.rank(logits)
    at = axis if axis >= 0 else axis + count
    again = array.rank(logits)
    at = at % rank
    swapped = function(_swap_with_last(logits, at, again, None))
    result = _swap_with_last(swapped, at, again, name)
    result.set_shape(logits.shape)
    return result


def _swap_with_last(logits: Tensor, axis: Any, rank: Tensor, name: str | None) -> Tensor:
    """Exchange an axis and the last one. The operations are those that TensorFlow makes."""
    last = math.subtract(rank, 1)
    order = [array.range(axis), [last], array.range(axis + 1, last), [axis]]
    return array.transpose(logits, concat(order, 0), name=name or "transpose")


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis, the last one when left out. Source: tf.nn.softmax."""
    return _over_axis(_softmax, logits, dim if axis is None else axis, name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """The logarithm of the softmax along an axis. Source: tf.nn.log_softmax."""
    return _over_axis(_log_softmax, logits, dim if axis is None else axis, name)


# ---- losses ------------------------------------------------------------------------------------


def _loss_and_slope(features: Tensor, labels: Tensor) -> tuple[TensorShape, TensorShape]:
    both = shapes.broadcast(features, labels).with_rank(2)
    return both[:1], both


@op(
    "SoftmaxCrossEntropyWithLogits",
    kind="nn",
    types=FLOATS,
    outputs=("loss", "backprop"),
    shape=_loss_and_slope,
)
def _softmax_cross_entropy(features: T, labels: T) -> tuple[T, T]:
    """-sum(labels * log softmax(features)) for each row, and its slope."""
    shifted, log_sum = _log_sum_exp(features)
    loss = np.sum(labels * (log_sum - shifted), axis=-1)
    return loss, np.exp(shifted - log_sum) - labels


@_softmax_cross_entropy.gradient
def _(dy: Any, y: Any, features: Tensor, labels: Tensor) -> Any:
    dloss, dslope = dy
    dfeatures = dlabels = None
    if dloss is not None:
        column = array.expand_dims(dloss, -1)
        dfeatures, dlabels = column * y[1], -column * log_softmax(features)
    if dslope is not None:  # the second derivative
        second = _through_softmax(dslope, _softmax(features))
        dfeatures = second if dfeatures is None else dfeatures + second
        dlabels = -dslope if dlabels is None else dlabels - dslope
    return dfeatures, dlabels


@op(
    "SparseSoftmaxCrossEntropyWithLogits",
    kind="nn",
    types=FLOATS,
    outputs=("loss", "backprop"),
    shape=lambda features, labels: (labels.shape.merge_with(features.shape[:-1]), features.shape),
)
def _sparse_softmax_cross_entropy(features: T, labels: Index) -> tuple[T, T]:
    """-log softmax(features)[label] for each row, and its slope. A label is a class number."""
    wrong = labels[(labels < 0) | (labels >= features.shape[-1])]
    if wrong.size:
        raise ValueError(
            f"Received a label value of {wrong[0]} which is outside the valid range of "
            f"[0, {features.shape[-1]})."
        )
    shifted, log_sum = _log_sum_exp(features)
    rows = np.arange(len(labels))
    slope = np.exp(shifted - log_sum)
    slope[rows, labels] -= 1
    return (log_sum[:, 0] - shifted[rows, labels]), slope


@_sparse_softmax_cross_entropy.gradient
def _(dy: Any, y: Any, features: Tensor, labels: Tensor) -> Any:
    dloss, dslope = dy
    parts = []
    if dloss is not None:
        parts.append(array.expand_dims(dloss, -1) * y[1])
    if dslope is not None:  # the second derivative
        parts.append(_through_softmax(dslope, _softmax(features)))
    return math.add_n(parts), None


def _rows(tensor: Tensor) -> Tensor:
    """All axes but the last in one. The operations are those that TensorFlow makes."""
    rank, shape = array.rank(tensor), array.shape(tensor)
    width = slice_(shape, [math.subtract(rank, 1)], [1])
    result: Tensor = array.reshape(tensor, concat([[-1], width], 0))
    return result


def _cross_entropy(labels: Tensor, logits: Tensor, scope: str) -> Tensor:
    rank, shape = array.rank(logits), array.shape(logits)
    flat_logits = _rows(logits)
    loss, _ = _softmax_cross_entropy(flat_logits, _rows(labels), name=scope)
    outer = slice_(shape, [0], [math.subtract(rank, 1)])
    result: Tensor = array.reshape(loss, outer)
    if logits.shape.ndims is not None:
        result.set_shape(logits.shape[:-1])
    return result


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Tensor:
    """-sum(labels * log softmax(logits)) along the last axis; labels are probabilities.

    The gradient flows into the labels too. Source: tf.nn.softmax_cross_entropy_with_logits_v2.
    """
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, logits.dtype, name="labels", preferred=True)
        return _cross_entropy(labels, logits, scope)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: Any = None,
) -> Tensor:
    """-sum(labels * log softmax(logits)) along the last axis; the labels count as constants.

    Source: tf.nn.softmax_cross_entropy_with_logits.
    Errors: ValueError when labels= and logits= are not given by name.
    """
    _by_name("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        labels = array.stop_gradient(
            convert_to_tensor(labels, name="labels"), name="labels_stop_gradient"
        )
        return _cross_entropy(labels, convert_to_tensor(logits, name="logits"), scope)


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-log softmax(logits)[label] for each row; labels are class numbers.

    Source: tf.nn.sparse_softmax_cross_entropy_with_logits.
    Errors: ValueError when labels= and logits= are not given by name.
    """
    _by_name("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    default = "SparseSoftmaxCrossEntropyWithLogits"
    with name_scope(name, default, [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        labels_shape = array.shape(labels)  # TensorFlow makes it, also where nothing uses it
        _refuse_ranks(labels.shape, logits.shape)
        if logits.shape.ndims in (1, 2):
            loss, _ = _sparse_softmax_cross_entropy(logits, labels, name=name or default)
            vector: Tensor = loss
            return vector
        checks = []
        if not (labels.shape.is_fully_defined() and logits.shape[:-1].is_fully_defined()):
            checks.append(assert_equal(array.shape(labels), array.shape(logits)[:-1]))
        with get_default_graph().control_dependencies(checks):
            classes = array.shape(logits)[array.rank(logits) - 1]
            rows = array.reshape(logits, [-1, classes])
            flat = array.reshape(labels, [-1])
            loss, _ = _sparse_softmax_cross_entropy(rows, flat, name=name or default)
            result: Tensor = array.reshape(loss, labels_shape)
            result.set_shape(labels.shape)
            return result


def _refuse_ranks(labels: TensorShape, logits: TensorShape) -> None:
    if logits.ndims == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {logits}.")
    if None not in (labels.ndims, logits.ndims) and labels.ndims != (logits.ndims or 0) - 1:
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {labels.ndims}) should equal rank of logits "
            f"minus 1 (received {logits.ndims})."
        )


def _by_name(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None or labels is None or logits is None:
        raise ValueError(
            f"Only call `{function}` with named arguments (labels=..., logits=..., ...)"
        )


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """max(x, 0) - x * z + log(1 + exp(-|x|)) for logits x and labels z, elementwise.

    Source: tf.nn.sigmoid_cross_entropy_with_logits.
    Errors: ValueError when labels= and logits= are not given by name, or differ in shape.
    """
    _by_name("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, logits.dtype, name="labels", preferred=True)
        if not logits.shape.is_compatible_with(labels.shape):
            raise ValueError(
                f"logits and labels must have the same shape ({logits.shape} vs {labels.shape})"
            )
        nothing = array.zeros_like(logits)
        positive = logits >= nothing
        clipped = where(positive, logits, nothing)
        minus_abs = where(positive, -logits, logits)
        loss: Tensor = math.add(
            clipped - logits * labels, math.log1p(math.exp(minus_abs)), name=scope
        )
        return loss


@op("L2Loss", kind="reduce", shape=shapes.scalar, types=FLOATS)
def l2_loss(t: T) -> T:
    """Half the sum of the squares."""
    return np.asarray(np.sum(np.square(t), dtype=t.dtype) / 2, t.dtype)


@l2_loss.gradient
def _(dy: Tensor, y: Tensor, t: Tensor) -> Any:
    return t * dy


# ---- statistics --------------------------------------------------------------------------------


def moments(
    x: Any,
    axes: Any,
    shift: Any = None,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over some axes, keepdims= as for tf.reduce_mean.

    Source: tf.nn.moments; `shift` is accepted and without effect, as there.
    """
    keep = bool(keepdims if keepdims is not None else keep_dims)
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x)
        half = x.dtype.base_dtype is float16
        y = math.cast(x, float32) if half else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        distance = math.squared_difference(y, array.stop_gradient(mean))
        both = [mean, reduce_mean(distance, axes, keepdims=True, name="variance")]
        if not keep:
            both = [array.squeeze(t, axes) for t in both]
        if half:
            both = [math.cast(t, float16) for t in both]
        return both[0], both[1]


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    """x divided by its length (the root of the sum of squares) along `axis`.

    epsilon: the least sum of squares that counts. Source: tf.nn.l2_normalize.
    """
    axis = dim if axis is None else axis
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        squares = reduce_sum(math.square(x), axis, keepdims=True)
        result: Tensor = math.multiply(x, math.rsqrt(math.maximum(squares, epsilon)), name=scope)
        return result


# ---- layers in one operation -------------------------------------------------------------------


def _biased(value: Tensor, bias: Tensor, **_: Any) -> TensorShape:
    if value.shape.sizes is None:
        return shapes.UNKNOWN
    width = bias.shape.with_rank(1).sizes or (None,)
    if value.shape.sizes[-1] not in (None, width[0]) and width[0] is not None:
        raise ValueError(
            f"Dimensions must be equal, but are {value.shape.sizes[-1]} and {width[0]}"
        )
    return value.shape


@op("BiasAdd", kind="math", shape=_biased, types=FLOATS_AND_COMPLEX, symbol="+", broadcasts=True)
def _bias_add(value: T, bias: T) -> T:
    """A vector added to every row: one number for each position of the last axis."""
    return value + bias


@_bias_add.gradient
def _(dy: Tensor, y: Tensor, value: Tensor, bias: Tensor) -> Any:
    return dy, dy


def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Tensor:
    """A vector added along the last axis. Source: tf.nn.bias_add.

    Errors: ValueError for the data format NCHW, which is not supported.
    """
    if data_format not in (None, "NHWC", "N...C"):
        raise ValueError(f"data_format {data_format!r} is not supported: use 'NHWC'")
    result: Tensor = _bias_add(value, bias, name=name or "BiasAdd")
    return result


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases. Source: tf.nn.xw_plus_b."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        return bias_add(matmul(x, weights), biases, name=scope)
