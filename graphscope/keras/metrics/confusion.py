"""Metrics of probabilities that are guesses above a threshold: counts, precision, recall, AUC.

Source: tensorflow.python.keras.metrics and keras.utils.metrics_utils of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import bool_, float32, int32
from graphscope.graph.graph import get_default_graph
from graphscope.keras import backend as K
from graphscope.keras.metrics.base import Metric
from graphscope.keras.utils.weighing import aligned, as_many_axes
from graphscope.ops import array, checks, elementwise, indexing, joining, logic, math, repeating
from graphscope.ops.constants import constant
from graphscope.ops.control_flow import group
from graphscope.ops.reduction import argmin, reduce_sum
from graphscope.ops.weights import broadcast_weights

TP, FN, FP, TN = "true_positives", "false_negatives", "false_positives", "true_negatives"
#: A probability that no threshold is below.
_LOWEST = -1e10


def thresholds_of(given: Any, default: float = 0.5) -> list[Any]:
    """A list of thresholds. Errors: ValueError for one outside [0, 1]."""
    if given is None:
        return [default]
    many = list(given) if isinstance(given, list | tuple) else [given]
    wrong = [one for one in many if one is None or not 0 <= one <= 1]
    if wrong:
        raise ValueError(f"Threshold values must be in [0, 1]. Invalid values: {wrong}")
    return many


def count_at_thresholds(
    variables: Mapping[str, Any],
    y_true: Any,
    y_pred: Any,
    thresholds: Sequence[float],
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: Any = None,
) -> Any:
    """The operation that adds, to the variable of each kind, how many there are at each threshold.

    Errors: InvalidArgumentError, in the run, for predictions outside [0, 1].
    """
    y_true, y_pred = math.cast(y_true, float32), math.cast(y_pred, float32)
    y_pred.shape.assert_is_compatible_with(y_true.shape)
    checked = [
        checks.assert_greater_equal(
            y_pred, math.cast(0.0, y_pred.dtype), message="predictions must be >= 0"
        ),
        checks.assert_less_equal(
            y_pred, math.cast(1.0, y_pred.dtype), message="predictions must be <= 1"
        ),
    ]
    with get_default_graph().control_dependencies(checked):
        y_true, y_pred = aligned(y_true, y_pred)
        if sample_weight is not None:
            sample_weight = as_many_axes(K.cast(sample_weight, float32), y_pred)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
    rows = len(thresholds)
    number = array.size(y_pred)
    guesses = array.reshape(y_pred, [1, -1])
    labels = array.reshape(math.cast(y_true, bool_), [1, -1])
    bounds = array.expand_dims(constant(list(thresholds)), 1)
    bounds = repeating.tile(bounds, joining.stack([1, number]))
    positive = logic.greater(repeating.tile(guesses, [rows, 1]), bounds)
    true = repeating.tile(labels, [rows, 1])
    weights = None
    if sample_weight is not None:
        each = broadcast_weights(math.cast(sample_weight, float32), y_pred)
        weights = repeating.tile(array.reshape(each, [1, -1]), [rows, 1])
    kinds = _kinds(variables, true, positive)
    return group(*(_added(variables[kind], *kinds[kind], weights) for kind in kinds))


def _kinds(variables: Mapping[str, Any], true: Any, positive: Any) -> dict[str, tuple[Any, Any]]:
    """Of each kind that is wanted, what must hold of the label and of the guess."""
    kinds = {TP: (true, positive)}
    negative = logic.logical_not(positive) if {FN, TN} & set(variables) else None
    false = logic.logical_not(true) if {FP, TN} & set(variables) else None
    kinds |= {FN: (true, negative), FP: (false, positive), TN: (false, negative)}
    return {kind: pair for kind, pair in kinds.items() if kind in variables}


def _added(variable: Any, label: Any, guess: Any, weights: Any) -> Any:
    both = math.cast(logic.logical_and(label, guess), float32)
    if weights is not None:
        both *= weights
    return variable.assign_add(reduce_sum(both, 1))


def _only_top(y_pred: Any, k: int) -> Any:
    """The k largest predictions of each example; the others below any threshold."""
    _, places = indexing.top_k(y_pred, k, sorted=False)
    chosen = reduce_sum(joining.one_hot(places, y_pred.shape[-1].value, axis=-1), axis=-2)
    return y_pred * chosen + _LOWEST * (1 - chosen)


class _Counting(Metric):
    """What is the same for all: a variable for each kind that is counted."""

    _kinds: tuple[str, ...] = (TP, TN, FP, FN)
    thresholds: list[Any]

    def _count(self) -> None:
        """Make the variables."""
        for kind in self._kinds:
            setattr(self, kind, self.add_weight(kind, shape=(len(self.thresholds),)))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """y_pred: probabilities."""
        return count_at_thresholds(
            {kind: getattr(self, kind) for kind in self._kinds},
            y_true,
            y_pred,
            self.thresholds,
            top_k=getattr(self, "top_k", None),
            class_id=getattr(self, "class_id", None),
            sample_weight=sample_weight,
        )

    def _share(self, kind: str, other: str) -> Any:
        """The counts of one kind among both."""
        first = getattr(self, kind)
        return math.div_no_nan(first, first + getattr(self, other))


class _OneKind(_Counting):
    """How many of one kind there are at each threshold, 0.5 when none is given."""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = thresholds_of(thresholds)
        self.accumulator = self.add_weight("accumulator", shape=(len(self.thresholds),))
        setattr(self, self._kinds[0], self.accumulator)

    def result(self) -> Any:
        one = len(self.thresholds) == 1
        return self.accumulator[0] if one else convert_to_tensor(self.accumulator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_OneKind):
    _kinds = (TP,)


class TrueNegatives(_OneKind):
    _kinds = (TN,)


class FalsePositives(_OneKind):
    _kinds = (FP,)


class FalseNegatives(_OneKind):
    _kinds = (FN,)


class _OfPositives(_Counting):
    """True positives over true positives and the other kind."""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k, self.class_id = top_k, class_id
        self.thresholds = thresholds_of(thresholds, 0.5 if top_k is None else _LOWEST)
        self._count()

    def result(self) -> Any:
        share = self._share(*self._kinds)
        return share[0] if len(self.thresholds) == 1 else share

    def get_config(self) -> dict[str, Any]:
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


class Precision(_OfPositives):
    """The share of guesses that are right. Source: tf.keras.metrics.Precision.

    thresholds: 0.5 when left out. top_k: the k largest predictions are the guesses. class_id: of
    this class only.
    """

    _kinds = (TP, FP)


class Recall(_OfPositives):
    """The share of labels that are found. The arguments are those of `Precision`."""

    _kinds = (TP, FN)


def _evenly(count: int) -> list[float]:
    return [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]


class _AtRate(_Counting):
    """One rate at the threshold where the other one is nearest to a value."""

    _argument: str
    _given: tuple[str, str]
    _wanted: tuple[str, str]

    def __init__(
        self, value: float, num_thresholds: int = 200, name: str | None = None, dtype: Any = None
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(f"`{self._argument}` must be in the range [0, 1].")
        super().__init__(name=name, dtype=dtype)
        if num_thresholds <= 0:
            raise ValueError("`num_thresholds` must be > 0.")
        self.value, self.num_thresholds = value, num_thresholds
        between = _evenly(num_thresholds)
        self.thresholds = [0.5] if num_thresholds == 1 else [0.0, *between, 1.0]
        self._count()

    def result(self) -> Any:
        distance = elementwise.abs_(self._share(*self._given) - self.value)
        nearest = math.cast(argmin(distance, axis=0), int32)
        first, other = (getattr(self, kind) for kind in self._wanted)
        return math.div_no_nan(first[nearest], first[nearest] + other[nearest])

    def get_config(self) -> dict[str, Any]:
        own = {"num_thresholds": self.num_thresholds, self._argument: self.value}
        return {**super().get_config(), **own}


class SensitivityAtSpecificity(_AtRate):
    """The share of positives found where that of negatives is nearest to `specificity`."""

    _argument, _given, _wanted = "specificity", (TN, FP), (TP, FN)

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, name, dtype)


class SpecificityAtSensitivity(_AtRate):
    """The share of negatives found where that of positives is nearest to `sensitivity`."""

    _argument, _given, _wanted = "sensitivity", (TP, FN), (TN, FP)

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, name, dtype)


_CURVES = ("ROC", "PR")
_SUMMATIONS: dict[str, Callable[..., Any]] = {
    "interpolation": lambda a, b: (a + b) / 2.0,
    "minoring": math.minimum,
    "majoring": math.maximum,
}


class AUC(_Counting):
    """The area below the curve of hits by false alarms, or of precision by recall.

    curve: ``ROC`` or ``PR``. summation_method: how high a piece between two thresholds is,
    ``interpolation``, ``minoring`` or ``majoring``. Source: tf.keras.metrics.AUC.
    Errors: ValueError for another one, and for fewer than two thresholds.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
    ) -> None:
        if curve.upper() not in _CURVES:
            raise ValueError(f'Invalid AUC curve value "{curve}".')
        if summation_method.lower() not in _SUMMATIONS:
            raise ValueError(f'Invalid AUC summation method value "{summation_method}".')
        if thresholds is not None:
            inner = sorted(thresholds)
        elif num_thresholds <= 1:
            raise ValueError("`num_thresholds` must be > 1.")
        else:
            inner = _evenly(num_thresholds)
        super().__init__(name=name, dtype=dtype)
        self.curve, self.summation_method = str.upper(curve), str.lower(summation_method)
        self.num_thresholds = len(inner) + 2
        self.thresholds = [0.0 - K.epsilon(), *inner, 1.0 + K.epsilon()]
        self._count()

    def result(self) -> Any:
        if (self.curve, self.summation_method) == ("PR", "interpolation"):
            return self._interpolated()
        recall = self._share(TP, FN)
        x, y = (
            (self._share(FP, TN), recall) if self.curve == "ROC" else (recall, self._share(TP, FP))
        )
        last = self.num_thresholds - 1
        heights = _SUMMATIONS[self.summation_method](y[:last], y[1:])
        return reduce_sum(math.multiply(x[:last] - x[1:], heights), name=self.name)

    def _interpolated(self) -> Any:
        """The area where the true positives grow evenly with all guesses (Davis & Goadrich)."""
        true, false, missed = (getattr(self, kind) for kind in (TP, FP, FN))
        last = self.num_thresholds - 1
        more_true = true[:last] - true[1:]
        guesses = true + false
        more = guesses[:last] - guesses[1:]
        slope = math.div_no_nan(more_true, math.maximum(more, 0), name="prec_slope")
        start = true[1:] - math.multiply(slope, guesses[1:])
        both = logic.logical_and(guesses[:last] > 0, guesses[1:] > 0)
        ratio = math.div_no_nan(
            guesses[:last], math.maximum(guesses[1:], 0), name="recall_relative_ratio"
        )
        safe = joining.where(both, ratio, array.ones_like(guesses[1:]))
        pieces = math.div_no_nan(
            slope * (more_true + start * math.log(safe)),
            math.maximum(true[1:] + missed[1:], 0),
            name="pr_auc_increment",
        )
        return reduce_sum(pieces, name="interpolate_pr_auc")

    def get_config(self) -> dict[str, Any]:
        own = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "thresholds": self.thresholds[1:-1],
        }
        return {**super().get_config(), **own}
