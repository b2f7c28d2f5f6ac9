"""Losses of Keras: functions of what is true and what was predicted, and objects that weigh them.

A function gives one loss for each example; an object gives their weighted mean. Source:
tensorflow.python.keras.losses of 1.15; the nodes have its names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import float32
from graphscope.keras import backend as K
from graphscope.keras.utils.objects import (
    deserialize_keras_object,
    object_of,
    serialize_keras_object,
)
from graphscope.keras.utils.weighing import as_many_axes
from graphscope.layers.smart_cond import smart_cond
from graphscope.ops import array, elementwise, logic, math, rectifiers, reduction
from graphscope.ops import nn as nn_ops
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.weights import broadcast_weights

# ---- each example's loss -----------------------------------------------------------------------


def _alike(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as tensors of the prediction's type."""
    y_pred = convert_to_tensor(y_pred)
    return math.cast(y_true, y_pred.dtype), y_pred


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_pred - y_true)² over the last axis."""
    y_true, y_pred = _alike(y_true, y_pred)
    return K.mean(math.squared_difference(y_pred, y_true), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_pred - y_true| over the last axis."""
    y_true, y_pred = _alike(y_true, y_pred)
    return K.mean(elementwise.abs_(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_true - y_pred| in percent of |y_true|."""
    y_true, y_pred = _alike(y_true, y_pred)
    error = y_true - y_pred
    whole = K.clip(elementwise.abs_(y_true), K.epsilon(), None)
    return 100.0 * K.mean(elementwise.abs_(error / whole), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (log(1 + y_pred) - log(1 + y_true))²."""
    y_true, y_pred = _alike(y_true, y_pred)
    first = math.log(K.clip(y_pred, K.epsilon(), None) + 1.0)
    second = math.log(K.clip(y_true, K.epsilon(), None) + 1.0)
    return K.mean(math.squared_difference(first, second), axis=-1)


def _signs(y_true: Any) -> Any:
    """Labels 0 and 1 as -1 and 1; others as they are."""
    zeros, ones = logic.equal(y_true, 0), logic.equal(y_true, 1)
    binary = reduction.reduce_all(logic.logical_or(zeros, ones))
    return smart_cond(binary, lambda: 2.0 * y_true - 1.0, lambda: y_true)


def hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(0, 1 - y_true * y_pred), with labels -1 and 1 (or 0 and 1)."""
    y_true, y_pred = _alike(y_true, y_pred)
    y_true = _signs(y_true)
    return K.mean(math.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of max(0, 1 - y_true * y_pred)², with labels -1 and 1 (or 0 and 1)."""
    y_true, y_pred = _alike(y_true, y_pred)
    y_true = _signs(y_true)
    return K.mean(math.square(math.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """How far the best wrong class comes within 1 of the right one."""
    y_true, y_pred = _alike(y_true, y_pred)
    right = reduce_sum(y_true * y_pred, axis=-1)
    wrong = reduction.reduce_max((1.0 - y_true) * y_pred, axis=-1)
    return math.maximum(0.0, wrong - right + 1.0)


def huber_loss(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Half the squared error up to `delta`, and linear from there; for each element."""
    y_pred, y_true = math.cast(y_pred, K.floatx()), math.cast(y_true, K.floatx())
    error = elementwise.abs_(math.subtract(y_pred, y_true))
    quadratic = math.minimum(error, delta)
    linear = math.subtract(error, quadratic)
    half = convert_to_tensor(0.5, quadratic.dtype)
    squares = math.multiply(quadratic, quadratic)
    return math.add(math.multiply(half, squares), math.multiply(delta, linear))


def logcosh(y_true: Any, y_pred: Any) -> Any:
    """The mean of log(cosh(y_pred - y_true)): quadratic near 0, linear far away."""
    y_true, y_pred = _alike(y_true, y_pred)
    x = y_pred - y_true
    return K.mean(x + rectifiers.softplus(-2.0 * x) - math.log(2.0), axis=-1)


def kullback_leibler_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(y_true * log(y_true / y_pred)) over the classes."""
    y_true, y_pred = _alike(y_true, y_pred)
    y_true, y_pred = K.clip(y_true, K.epsilon(), 1), K.clip(y_pred, K.epsilon(), 1)
    return reduce_sum(y_true * math.log(y_true / y_pred), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """The mean of y_pred - y_true * log(y_pred)."""
    y_true, y_pred = _alike(y_true, y_pred)
    return K.mean(y_pred - y_true * math.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between both: 1 for the same direction."""
    y_true = nn_ops.l2_normalize(y_true, axis=axis)
    y_pred = nn_ops.l2_normalize(y_pred, axis=axis)
    return reduce_sum(y_true * y_pred, axis=axis)


def _smoothed(y_true: Any, amount: Any, smooth: Callable[[Any], Any]) -> Any:
    """The labels, or those that `smooth` makes of a smoothing that is not 0."""
    amount = convert_to_tensor(amount, K.floatx())
    return smart_cond(amount, lambda: smooth(amount), lambda: y_true)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0
) -> Any:
    """-sum(y_true * log(y_pred)) over the classes; y_pred: probabilities, or logits.

    label_smoothing: moves labels towards 1 / classes.
    """
    y_true, y_pred = _alike(y_true, y_pred)

    def smooth(amount: Any) -> Any:
        classes = math.cast(array.shape(y_true)[1], y_pred.dtype)
        return y_true * (1.0 - amount) + amount / classes

    labels = _smoothed(y_true, label_smoothing, smooth)
    return K.categorical_crossentropy(labels, y_pred, from_logits=from_logits)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """-log of the probability of each class number in y_true."""
    return K.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0
) -> Any:
    """The mean cross-entropy of each label in [0, 1] with its probability, or its logit.

    label_smoothing: moves labels towards 0.5.
    """
    y_true, y_pred = _alike(y_true, y_pred)

    def smooth(amount: Any) -> Any:
        return y_true * (1.0 - amount) + 0.5 * amount

    labels = _smoothed(y_true, label_smoothing, smooth)
    return K.mean(K.binary_crossentropy(labels, y_pred, from_logits=from_logits), axis=-1)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_similarity = cosine_proximity

# ---- all examples' loss ------------------------------------------------------------------------


class Reduction:
    """How the losses of examples become one. Source: tf.keras.losses.Reduction."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}.")


def compute_weighted_loss(
    losses: Any,
    sample_weight: Any = None,
    reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
    name: str | None = None,
) -> Any:
    """The losses times their weights, as one number unless the reduction is NONE.

    sample_weight: a number, or a tensor that can be broadcast to the losses, also one with a last
    axis of size 1 too much. Errors: ValueError for weights of another shape.
    Source: tensorflow.python.keras.utils.losses_utils.
    """
    Reduction.validate(reduction)
    with K.name_scope(name or "weighted_loss"):
        losses = convert_to_tensor(losses)
        kind = losses.dtype.base_dtype
        losses = math.cast(losses, float32)
        weights = math.cast(1.0 if sample_weight is None else sample_weight, float32)
        weights = broadcast_weights(as_many_axes(weights, losses), losses)
        return math.cast(reduce_weighted_loss(math.multiply(losses, weights), reduction), kind)


def reduce_weighted_loss(weighted: Any, reduction: str = Reduction.SUM_OVER_BATCH_SIZE) -> Any:
    """The sum or the mean of losses; the losses themselves for NONE."""
    if reduction == Reduction.NONE:
        return weighted
    total = reduce_sum(weighted)
    if reduction == Reduction.SUM:
        return total
    with K.name_scope("num_elements") as scope:
        count = math.cast(array.size(weighted, name=scope), weighted.dtype)
    return math.div_no_nan(reduce_sum(total), count, name="value")


class Loss:
    """A loss of all examples: call it with y_true, y_pred and the examples' weights.

    A subclass says `call`, the loss of each example. Source: tf.keras.losses.Loss.
    """

    def __init__(self, reduction: str = Reduction.AUTO, name: str | None = None) -> None:
        Reduction.validate(reduction)
        self.reduction = reduction
        self.name = name

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        scope = "lambda" if self.name == "<lambda>" else self.name
        with K.name_scope(scope or type(self).__name__):
            losses = self.call(y_true, y_pred)
            return compute_weighted_loss(losses, sample_weight, reduction=self._get_reduction())

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each example."""
        raise NotImplementedError("Must be implemented in subclasses.")

    def _get_reduction(self) -> str:
        auto = self.reduction == Reduction.AUTO
        return Reduction.SUM_OVER_BATCH_SIZE if auto else self.reduction

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        return {"reduction": self.reduction, "name": self.name}


class LossFunctionWrapper(Loss):
    """The loss of a function; the other arguments are given to it."""

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str = Reduction.AUTO,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        values = {k: K.eval(v) if is_tensor_like(v) else v for k, v in self._fn_kwargs.items()}
        return {**super().get_config(), **values}


def _class_of(class_name: str, function: Callable[..., Any], name: str) -> Any:
    """The class of a loss whose function takes no options."""

    class Wrapped(LossFunctionWrapper):
        def __init__(self, reduction: str = Reduction.AUTO, name: str = name) -> None:
            super().__init__(function, name=name, reduction=reduction)

    Wrapped.__name__ = Wrapped.__qualname__ = class_name
    Wrapped.__doc__ = f"{function.__doc__} Weighted: tf.keras.losses.{class_name}."
    return Wrapped


MeanSquaredError = _class_of("MeanSquaredError", mean_squared_error, "mean_squared_error")
MeanAbsoluteError = _class_of("MeanAbsoluteError", mean_absolute_error, "mean_absolute_error")
MeanAbsolutePercentageError = _class_of(
    "MeanAbsolutePercentageError", mean_absolute_percentage_error, "mean_absolute_percentage_error"
)
MeanSquaredLogarithmicError = _class_of(
    "MeanSquaredLogarithmicError", mean_squared_logarithmic_error, "mean_squared_logarithmic_error"
)
Hinge = _class_of("Hinge", hinge, "hinge")
SquaredHinge = _class_of("SquaredHinge", squared_hinge, "squared_hinge")
CategoricalHinge = _class_of("CategoricalHinge", categorical_hinge, "categorical_hinge")
Poisson = _class_of("Poisson", poisson, "poisson")
LogCosh = _class_of("LogCosh", logcosh, "logcosh")
KLDivergence = _class_of("KLDivergence", kullback_leibler_divergence, "kullback_leibler_divergence")


class BinaryCrossentropy(LossFunctionWrapper):
    """`binary_crossentropy` of all examples. Source: tf.keras.losses.BinaryCrossentropy."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0,
        reduction: str = Reduction.AUTO,
        name: str = "binary_crossentropy",
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(binary_crossentropy, name=name, reduction=reduction, **options)
        self.from_logits = from_logits


class CategoricalCrossentropy(LossFunctionWrapper):
    """`categorical_crossentropy` of all examples."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0,
        reduction: str = Reduction.AUTO,
        name: str = "categorical_crossentropy",
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(categorical_crossentropy, name=name, reduction=reduction, **options)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """`sparse_categorical_crossentropy` of all examples."""

    def __init__(
        self,
        from_logits: bool = False,
        reduction: str = Reduction.AUTO,
        name: str = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name=name,
            reduction=reduction,
            from_logits=from_logits,
        )


class CosineSimilarity(LossFunctionWrapper):
    """`cosine_similarity` of all examples."""

    def __init__(
        self, axis: int = -1, reduction: str = Reduction.AUTO, name: str = "cosine_similarity"
    ) -> None:
        super().__init__(cosine_similarity, reduction=reduction, name=name, axis=axis)


class Huber(LossFunctionWrapper):
    """`huber_loss` of all examples."""

    def __init__(
        self, delta: float = 1.0, reduction: str = Reduction.AUTO, name: str = "huber_loss"
    ) -> None:
        super().__init__(huber_loss, name=name, reduction=reduction, delta=delta)


# ---- by name -----------------------------------------------------------------------------------


def is_categorical_crossentropy(loss: Any) -> bool:
    """Whether it is that loss, as a name, a function or an object."""
    return (
        isinstance(loss, CategoricalCrossentropy)
        or (isinstance(loss, LossFunctionWrapper) and loss.fn is categorical_crossentropy)
        or getattr(loss, "__name__", loss) == "categorical_crossentropy"
    )


def serialize(loss: Any) -> Any:
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        name,
        module_objects=globals(),
        custom_objects=custom_objects,
        printable_module_name="loss function",
    )


def get(identifier: Any) -> Any:
    """The loss of a name or of what `serialize` gave. Errors: ValueError for an unknown one."""
    return object_of(identifier, globals(), "loss function")
