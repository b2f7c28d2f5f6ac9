"""Metrics that are a sum, or a mean, over all batches so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import float64
from graphscope.graph.graph import get_default_graph
from graphscope.keras import backend as K
from graphscope.keras import losses
from graphscope.keras.metrics import functions
from graphscope.keras.metrics.base import Metric
from graphscope.keras.utils.weighing import aligned, as_many_axes
from graphscope.ops import array, elementwise, layout, logic, math
from graphscope.ops.reduction import reduce_mean, reduce_sum
from graphscope.ops.weights import (
    broadcast_weights,
    confusion_matrix,
    remove_squeezable_dimensions,
)


def _over(axes_of: Any, values: Any, reduce: Callable[..., Any]) -> Any:
    """The values reduced over the axes that the weights do not have."""
    return reduce(values, axis=list(range(K.ndim(axes_of) or 0, K.ndim(values) or 0)))


class Reduce(Metric):
    """The base of sums and means: the variable ``total``, and ``count`` for a mean."""

    _counts = True

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        with get_default_graph().control_dependencies(None):
            self.total = self.add_weight("total")
            if self._counts:
                self.count = self.add_weight("count")

    def update_state(self, values: Any, sample_weight: Any = None) -> Any:
        """Take the values in, each as often as its weight says."""
        values, weights = self._weighted(values, sample_weight)
        graph = get_default_graph()
        sum_ = reduce_sum(values)
        with graph.control_dependencies([sum_]):
            added = self.total.assign_add(sum_)
        if not self._counts:
            return added
        number = self._number(values, weights)
        with graph.control_dependencies([added]):
            return self.count.assign_add(number)

    def _weighted(self, values: Any, sample_weight: Any) -> tuple[Any, Any]:
        """The values times their weights, and the weights in the shape of the values."""
        values = math.cast(values, self._dtype)
        if sample_weight is None:
            return values, None
        weights = as_many_axes(math.cast(sample_weight, self._dtype), values)
        try:
            weights = broadcast_weights(weights, values)
        except ValueError:
            values = _over(weights, values, reduce_mean if self._counts else reduce_sum)
        return math.multiply(values, weights), weights

    def _number(self, values: Any, weights: Any) -> Any:
        """How much the values count."""
        if weights is None:
            return math.cast(array.size(values), self._dtype)
        return reduce_sum(weights)

    def result(self) -> Any:
        if self._counts:
            return math.div_no_nan(self.total, self.count)
        return array.identity(self.total)


class Sum(Reduce):
    """The sum of all values so far. Source: tf.keras.metrics.Sum."""

    _counts = False

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)


class Mean(Reduce):
    """The weighted mean of all values so far. Source: tf.keras.metrics.Mean."""

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)


class SumOverBatchSize(Reduce):
    """The weighted sum over the number of values, whatever their weights."""

    def __init__(self, name: str | None = "sum_over_batch_size", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def _number(self, values: Any, weights: Any) -> Any:
        return super()._number(values, None)


class _OfFunction(Reduce):
    """What is the same for metrics that wrap a function of y_true and y_pred."""

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        """Take in the function's value of each example."""
        y_true, y_pred = math.cast(y_true, self._dtype), math.cast(y_pred, self._dtype)
        y_true, y_pred = aligned(y_true, y_pred)
        matches = self._fn(y_true, y_pred, **self._fn_kwargs)
        return super().update_state(matches, sample_weight=sample_weight)

    def get_config(self) -> dict[str, Any]:
        values = {k: K.eval(v) if is_tensor_like(v) else v for k, v in self._fn_kwargs.items()}
        return {**super().get_config(), **values}


class MeanMetricWrapper(_OfFunction, Mean):
    """The weighted mean of a function of y_true and y_pred; the other arguments are given to it."""


class SumOverBatchSizeMetricWrapper(_OfFunction, SumOverBatchSize):
    """The weighted sum of a function over the number of examples."""


def _class_of(class_name: str, function: Callable[..., Any], name: str, **defaults: Any) -> Any:
    """The class of the mean of a function. defaults: its options, which are written down."""

    class Wrapped(MeanMetricWrapper):
        def __init__(self, name: str | None = name, dtype: Any = None, **kwargs: Any) -> None:
            unknown = sorted(kwargs.keys() - defaults.keys())
            if unknown:
                raise TypeError(f"{class_name} got an unexpected keyword argument {unknown[0]!r}")
            super().__init__(function, name, dtype=dtype, **{**defaults, **kwargs})

    Wrapped.__name__ = Wrapped.__qualname__ = class_name
    Wrapped.__doc__ = f"{function.__doc__} The mean so far: tf.keras.metrics.{class_name}."
    return Wrapped


_OF_LOGITS: dict[str, Any] = {"from_logits": False, "label_smoothing": 0}
Accuracy = _class_of("Accuracy", functions.accuracy, "accuracy")
BinaryAccuracy = _class_of(
    "BinaryAccuracy", functions.binary_accuracy, "binary_accuracy", threshold=0.5
)
CategoricalAccuracy = _class_of(
    "CategoricalAccuracy", functions.categorical_accuracy, "categorical_accuracy"
)
SparseCategoricalAccuracy = _class_of(
    "SparseCategoricalAccuracy",
    functions.sparse_categorical_accuracy,
    "sparse_categorical_accuracy",
)
BinaryCrossentropy = _class_of(
    "BinaryCrossentropy", losses.binary_crossentropy, "binary_crossentropy", **_OF_LOGITS
)
CategoricalCrossentropy = _class_of(
    "CategoricalCrossentropy",
    losses.categorical_crossentropy,
    "categorical_crossentropy",
    **_OF_LOGITS,
)
SparseCategoricalCrossentropy = _class_of(
    "SparseCategoricalCrossentropy",
    losses.sparse_categorical_crossentropy,
    "sparse_categorical_crossentropy",
    from_logits=False,
    axis=-1,
)
CosineSimilarity = _class_of(
    "CosineSimilarity", losses.cosine_similarity, "cosine_similarity", axis=-1
)
MeanAbsoluteError = _class_of(
    "MeanAbsoluteError", losses.mean_absolute_error, "mean_absolute_error"
)
MeanAbsolutePercentageError = _class_of(
    "MeanAbsolutePercentageError",
    losses.mean_absolute_percentage_error,
    "mean_absolute_percentage_error",
)
MeanSquaredError = _class_of("MeanSquaredError", losses.mean_squared_error, "mean_squared_error")
MeanSquaredLogarithmicError = _class_of(
    "MeanSquaredLogarithmicError",
    losses.mean_squared_logarithmic_error,
    "mean_squared_logarithmic_error",
)
Hinge = _class_of("Hinge", losses.hinge, "hinge")
SquaredHinge = _class_of("SquaredHinge", losses.squared_hinge, "squared_hinge")
CategoricalHinge = _class_of("CategoricalHinge", losses.categorical_hinge, "categorical_hinge")
LogCoshError = _class_of("LogCoshError", losses.logcosh, "logcosh")
Poisson = _class_of("Poisson", losses.poisson, "poisson")
KLDivergence = _class_of(
    "KLDivergence", losses.kullback_leibler_divergence, "kullback_leibler_divergence"
)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the k most probable; y_true: one-hot."""

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(functions.top_k_categorical_accuracy, name, dtype=dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the k most probable; y_true: numbers of classes."""

    def __init__(
        self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(functions.sparse_top_k_categorical_accuracy, name, dtype=dtype, k=k)


class RootMeanSquaredError(Mean):
    """The root of the mean of (y_pred - y_true)²."""

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype=dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        y_true, y_pred = math.cast(y_true, self._dtype), math.cast(y_pred, self._dtype)
        y_true, y_pred = aligned(y_true, y_pred)
        squares = math.squared_difference(y_pred, y_true)
        return super().update_state(squares, sample_weight=sample_weight)

    def result(self) -> Any:
        return math.sqrt(math.div_no_nan(self.total, self.count))


class MeanRelativeError(Mean):
    """The mean of |y_true - y_pred| over a normalizer."""

    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.normalizer = math.cast(normalizer, self._dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        y_true, y_pred = math.cast(y_true, self._dtype), math.cast(y_pred, self._dtype)
        y_true, y_pred = aligned(y_true, y_pred)
        # Here the predictions stand for the labels: only a last axis of 1 is taken away.
        y_pred, self.normalizer = remove_squeezable_dimensions(y_pred, self.normalizer)
        y_pred.shape.assert_is_compatible_with(y_true.shape)
        errors = math.div_no_nan(elementwise.abs_(y_true - y_pred), self.normalizer)
        return super().update_state(errors, sample_weight=sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "normalizer": K.eval(self.normalizer)}


class MeanIoU(Metric):
    """The mean over classes of right / (true or predicted): intersection over union."""

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.num_classes = num_classes
        shape = (num_classes, num_classes)
        self.total_cm = self.add_weight("total_confusion_matrix", shape=shape, dtype=float64)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """y_true, y_pred: numbers of classes."""
        y_true, y_pred = math.cast(y_true, self._dtype), math.cast(y_pred, self._dtype)
        y_pred, y_true = _flat(y_pred), _flat(y_true)
        weights = sample_weight if sample_weight is None else _flat(sample_weight)
        counts = confusion_matrix(y_true, y_pred, self.num_classes, weights=weights, dtype=float64)
        return self.total_cm.assign_add(counts)

    def result(self) -> Any:
        predicted = math.cast(reduce_sum(self.total_cm, axis=0), self._dtype)
        true = math.cast(reduce_sum(self.total_cm, axis=1), self._dtype)
        right = math.cast(layout.diag_part(self.total_cm), self._dtype)
        union = predicted + true - right
        there = reduce_sum(math.cast(logic.not_equal(union, 0), self._dtype))
        shares = math.div_no_nan(right, union)
        return math.div_no_nan(reduce_sum(shares, name="mean_iou"), there)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


def _flat(x: Any) -> Any:
    return array.reshape(x, [-1]) if (K.ndim(x) or 0) > 1 else x


class MeanTensor(Metric):
    """The mean of each element of a tensor so far. Errors: ValueError for another shape."""

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total: Any = None
        self.count: Any = None

    def update_state(self, values: Any, sample_weight: Any = None) -> Any:
        values = math.cast(values, self._dtype)
        sizes = values.shape.as_list()
        if self.total is None:
            self.total = self.add_weight("total", shape=sizes)
            self.count = self.add_weight("count", shape=sizes)
            K.get_session()
        elif self.total.shape.as_list() != sizes:
            raise ValueError(
                "MeanTensor input values must always have the same shape. Expected shape (set "
                f"during the first call): {self.total.shape}. Got: {values.shape}"
            )
        number = array.ones_like(values)
        if sample_weight is not None:
            weights = as_many_axes(math.cast(sample_weight, self._dtype), values)
            try:
                weights = broadcast_weights(weights, values)
            except ValueError:
                values = _over(weights, values, reduce_mean)
            number, values = math.multiply(number, weights), math.multiply(values, weights)
        added = self.total.assign_add(values)
        with get_default_graph().control_dependencies([added]):
            return self.count.assign_add(number)

    def result(self) -> Any:
        if self.total is None:
            raise ValueError(
                "MeanTensor does not have any result yet. Please call the MeanTensor instance or "
                "use `.update_state(value)` before retrieving the result."
            )
        return math.div_no_nan(self.total, self.count)
