"""The names of what is counted and how curves are measured, as enumerations.

Source: tensorflow.python.keras.utils.metrics_utils of 1.15. Each is a text, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphscope.keras.metrics.confusion import count_at_thresholds


class Reduction(str, Enum):
    """How values become one number in a `Reduce` metric."""

    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"
    WEIGHTED_MEAN = "weighted_mean"


class ConfusionMatrix(str, Enum):
    """The four kinds of guesses."""

    TRUE_POSITIVES = "tp"
    FALSE_POSITIVES = "fp"
    TRUE_NEGATIVES = "tn"
    FALSE_NEGATIVES = "fn"


class AUCCurve(str, Enum):
    """The curve that an AUC is below."""

    ROC = "ROC"
    PR = "PR"

    @staticmethod
    def from_str(key: str) -> AUCCurve:
        """Errors: ValueError for another curve."""
        if key not in ("pr", "PR", "roc", "ROC"):
            raise ValueError(f'Invalid AUC curve value "{key}".')
        return AUCCurve(key.upper())


class AUCSummationMethod(str, Enum):
    """How high a piece of the area between two thresholds is."""

    INTERPOLATION = "interpolation"
    MAJORING = "majoring"
    MINORING = "minoring"

    @staticmethod
    def from_str(key: str) -> AUCSummationMethod:
        """Errors: ValueError for another method."""
        if key.lower() not in list(AUCSummationMethod):
            raise ValueError(f'Invalid AUC summation method value "{key}".')
        return AUCSummationMethod(key.lower())


def update_confusion_matrix_variables(
    variables_to_update: Mapping[Any, Any] | None,
    y_true: Any,
    y_pred: Any,
    thresholds: Any,
    **more: Any,
) -> Any:
    """The operation that adds to the variable of each kind, and to those of no others.

    Errors: ValueError for keys that are no kinds.
    """
    if variables_to_update is None:
        return None
    wanted = {kind: v for kind, v in variables_to_update.items() if kind in list(ConfusionMatrix)}
    if not wanted:
        raise ValueError(
            "Please provide at least one valid confusion matrix variable to update. Valid variable "
            f'key options are: "{list(ConfusionMatrix)}". Received: '
            f'"{list(variables_to_update)}"'
        )
    unknown = [key for key in variables_to_update if key not in list(ConfusionMatrix)]
    if unknown:
        raise ValueError(
            f'Invalid keys: {unknown}. Valid variable key options are: "{list(ConfusionMatrix)}"'
        )
    counted = {ConfusionMatrix(kind).name.lower(): variable for kind, variable in wanted.items()}
    return count_at_thresholds(counted, y_true, y_pred, thresholds, **more)
