"""The functions of neural networks: softmax, the losses made with it, and statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.errors import InvalidArgumentError
from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import FLOATS, float16, float32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.checks import assert_equal
from graphscope.ops.joining import concat, slice_, where
from graphscope.ops.linalg import matmul
from graphscope.ops.reduction import reduce_mean, reduce_sum
from graphscope.ops.spellings import one_of

# ---- softmax -----------------------------------------------------------------------------------


def _rows_of_numbers(logits: Tensor) -> TensorShape:
    return logits.shape.with_rank_at_least(1)


#: Rows of fewer numbers are reduced side by side: for each, numpy would begin anew.
_SHORT_ROW = 32


def _over_rows(function: Any, x: T) -> T:
    """np.add or np.maximum over each row, in an axis of one element. x: [..., columns]."""
    if x.ndim == 2 and 0 < x.shape[1] <= _SHORT_ROW < x.shape[0]:
        found: T = function.reduce(np.ascontiguousarray(x.T), axis=0)
        return found[:, np.newaxis]
    none = -np.inf if function is np.maximum else 0
    found = function.reduce(x, axis=-1, keepdims=True, initial=none, dtype=x.dtype)
    return found


def _log_sum_exp(x: T) -> tuple[T, T]:
    """x less its largest element, and the logarithm of the sum of the exponentials of that."""
    shifted = x - _over_rows(np.maximum, x)
    return shifted, np.log(_over_rows(np.add, np.exp(shifted)))


@op("Softmax", kind="nn", types=FLOATS, shape=_rows_of_numbers)
def _softmax(logits: T) -> T:
    """exp(x) / sum(exp(x)) along the last axis: positive numbers that add up to 1."""
    powers = np.exp(logits - _over_rows(np.maximum, logits))
    return np.asarray(powers / _over_rows(np.add, powers))


@_softmax.gradient
def _(dy: Tensor, y: Tensor, logits: Tensor) -> Any:
    return _through_softmax(dy, y)


def _through_softmax(dy: Tensor, y: Tensor) -> Tensor:
    dlogits: Tensor = (dy - reduce_sum(dy * y, -1, keepdims=True)) * y
    return dlogits


@op("LogSoftmax", kind="nn", types=FLOATS, shape=_rows_of_numbers)
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
    known = constant_value(axis) if is_tensor_like(axis) else axis
    if known in (None, -1) or (rank is not None and known == rank - 1):
        result: Tensor = function(logits, name=name)
        return result
    if rank is None:
        raise ValueError(f"axis {known} of a tensor of unknown rank: only the last one is possible")
    if not -rank <= known < rank:
        raise InvalidArgumentError(
            None,
            None,
            f"Dimension ({known}) must be in the range [{-rank}, {rank}) where {rank} is the "
            "number of dimensions in the input.",
        )
    count = array.rank(logits)
    at = known if known >= 0 else known + count
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
    """exp(x) / sum(exp(x)) along an axis, the last one when left out. Source: tf.nn.softmax.

    Errors: InvalidArgumentError for an axis that is not there.
    """
    return _over_axis(_softmax, logits, one_of(axis=axis, dim=dim), name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """The logarithm of the softmax along an axis. Source: tf.nn.log_softmax.

    Errors: InvalidArgumentError for an axis that is not there.
    """
    return _over_axis(_log_softmax, logits, one_of(axis=axis, dim=dim), name)


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
def softmax_cross_entropy(features: T, labels: T) -> tuple[T, T]:
    """-sum(labels * log softmax(features)) for each row, and its slope."""
    shifted, log_sum = _log_sum_exp(features)
    loss = _over_rows(np.add, labels * (log_sum - shifted))[..., 0]
    return loss, np.exp(shifted - log_sum) - labels


@softmax_cross_entropy.gradient
def _(dy: Any, y: Any, features: Tensor, labels: Tensor) -> Any:
    dloss, dslope = dy
    dfeatures = dlabels = None
    if dloss is not None:
        column = array.expand_dims(dloss, -1)
        dfeatures, dlabels = column * y[1], -column * log_softmax(features)
    if dslope is not None:  # the second derivative
        slope = _softmax(features)
        inner = matmul(array.expand_dims(dslope, 1), array.expand_dims(slope, 2))
        second = (dslope - array.squeeze(inner, [1])) * slope
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
def sparse_softmax_cross_entropy(features: T, labels: Index) -> tuple[T, T]:
    """-log softmax(features)[label] for each row, and its slope. A label is a class number."""
    classes = features.shape[-1]
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(
            f"Received a label value of {labels.min() if labels.min() < 0 else labels.max()} "
            f"which is outside the valid range of [0, {classes}).  Label values: "
            + " ".join(map(str, labels[:10]))
        )
    if len(labels) != len(features):
        raise ValueError(
            "logits and labels must have the same first dimension, got logits shape "
            f"{list(features.shape)} and labels shape {list(labels.shape)}"
        )
    shifted, log_sum = _log_sum_exp(features)
    rows = np.arange(len(labels))
    slope = np.exp(shifted - log_sum)
    slope[rows, labels] -= 1
    return (log_sum[:, 0] - shifted[rows, labels]), slope


@sparse_softmax_cross_entropy.gradient
def _(dy: Any, y: Any, features: Tensor, labels: Tensor) -> Any:
    dloss, dslope = dy
    if dslope is not None:
        raise LookupError(
            "Gradient explicitly disabled. Reason: there is no second derivative of "
            "sparse_softmax_cross_entropy_with_logits; take softmax_cross_entropy_with_logits_v2 "
            "with tf.one_hot labels"
        )
    return array.expand_dims(dloss, -1) * y[1], None


def _rows(tensor: Tensor) -> Tensor:
    """All axes but the last in one. The operations are those that TensorFlow makes."""
    rank, shape = array.rank(tensor), array.shape(tensor)
    width = slice_(shape, [math.subtract(rank, 1)], [1])
    result: Tensor = array.reshape(tensor, concat([[-1], width], 0))
    if tensor.shape.ndims:
        result.set_shape([tensor.shape[:-1].num_elements(), tensor.shape[-1]])
    return result


def _axis_to_end(tensor: Tensor, axis: int, rank: Tensor) -> Tensor:
    order = concat([array.range(axis), array.range(axis + 1, rank), [axis]], 0)
    moved: Tensor = array.transpose(tensor, order)
    return moved


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Tensor:
    """-sum(labels * log softmax(logits)) along an axis, the last one; labels are probabilities.

    The gradient flows into the labels too. Float16 is computed in float32.
    Source: tf.nn.softmax_cross_entropy_with_logits_v2.
    """
    axis = one_of(axis=axis, dim=dim)
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        precise = precisely(logits)
        labels = math.cast(labels, precise.dtype)
        rank = array.rank(precise)
        if axis not in (None, -1):
            precise = _axis_to_end(precise, axis, rank)
            labels = _axis_to_end(labels, axis, rank)
        shape = array.shape(precise)
        loss, _ = softmax_cross_entropy(_rows(precise), _rows(labels), name=scope)
        result: Tensor = array.reshape(loss, slice_(shape, [0], [math.subtract(rank, 1)]))
        if logits.shape.ndims is not None:
            sizes = logits.shape.as_list()
            del sizes[-1 if axis is None else axis]
            result.set_shape(sizes)
        return math.cast(result, logits.dtype)


def precisely(logits: Tensor) -> Tensor:
    """float16 as float32, in which losses are computed; other types stay as they are."""
    return math.cast(logits, float32) if logits.dtype.base_dtype is float16 else logits


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: Any = None,
) -> Tensor:
    """-sum(labels * log softmax(logits)) along an axis; the labels count as constants.

    Source: tf.nn.softmax_cross_entropy_with_logits.
    Errors: ValueError when labels= and logits= are not given by name.
    """
    _by_name("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        labels = array.stop_gradient(
            convert_to_tensor(labels, name="labels"), name="labels_stop_gradient"
        )
    return softmax_cross_entropy_with_logits_v2(
        labels, logits, dim if axis is None else axis, name=scope
    )


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-log softmax(logits)[label] for each row; labels are class numbers.

    Float16 is computed in float32. Source: tf.nn.sparse_softmax_cross_entropy_with_logits.
    Errors: ValueError when labels= and logits= are not given by name, or their shapes do not fit.
    """
    _by_name("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    default = "SparseSoftmaxCrossEntropyWithLogits"
    with name_scope(name, default, [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        precise = precisely(logits)
        labels_shape = array.shape(labels)  # TensorFlow makes it, also where nothing uses it
        _refuse_shapes(labels.shape, logits.shape)
        if logits.shape.ndims == 2:
            loss, _ = sparse_softmax_cross_entropy(precise, labels, name=name or default)
            return math.cast(loss, logits.dtype)
        checks = []
        if not (labels.shape.is_fully_defined() and logits.shape[:-1].is_fully_defined()):
            checks.append(assert_equal(array.shape(labels), array.shape(logits)[:-1]))
        with get_default_graph().control_dependencies(checks):
            classes = array.shape(logits)[array.rank(logits) - 1]
            rows = array.reshape(precise, [-1, classes])
            flat = array.reshape(labels, [-1])
            loss, _ = sparse_softmax_cross_entropy(rows, flat, name=name or default)
            result: Tensor = array.reshape(loss, labels_shape)
            result.set_shape(labels.shape)
            return math.cast(result, logits.dtype)


def _refuse_shapes(labels: TensorShape, logits: TensorShape) -> None:
    if logits.ndims == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {logits}.")
    if None not in (labels.ndims, logits.ndims) and labels.ndims != (logits.ndims or 0) - 1:
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {labels.ndims}) should equal rank of logits "
            f"minus 1 (received {logits.ndims})."
        )
    both = labels.is_fully_defined() and logits[:-1].is_fully_defined()
    if both and labels.sizes != logits[:-1].sizes:
        raise ValueError(
            f"Shape mismatch: The shape of labels (received {labels}) should equal the shape of "
            f"logits except for the last dimension (received {logits})."
        )


def _by_name(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None:
        raise ValueError(
            f"Only call `{function}` with named arguments (labels=..., logits=..., ...)"
        )
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


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
