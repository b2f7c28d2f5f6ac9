"""The share of right predictions as one tensor (tf.contrib.metrics)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.dtypes import bool_, float32, string
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops.array import ones_like
from graphscope.ops.logic import equal
from graphscope.ops.math import cast, div, multiply
from graphscope.ops.reduction import reduce_mean, reduce_sum

__all__ = ["accuracy"]


def accuracy(
    predictions: Tensor, labels: Tensor, weights: Any = None, name: str | None = None
) -> Tensor:
    """How many predictions equal their label, of 1, of this batch alone.

    weights: how much each counts. Source: tf.contrib.metrics.accuracy.
    Errors: ValueError for labels that are not whole numbers, truth values or texts, and for
    predictions of another type.
    """
    kind = labels.dtype.base_dtype
    if not kind.is_integer and kind not in (bool_, string):
        raise ValueError(f"Labels should have bool, integer, or string dtype, not {labels.dtype!r}")
    if kind is not predictions.dtype.base_dtype:
        raise ValueError(
            "Dtypes of predictions and labels should match. Given: predictions "
            f"({predictions.dtype!r}) and labels ({labels.dtype!r})"
        )
    with name_scope(name, "accuracy", [predictions, labels]):
        right: Tensor = cast(equal(predictions, labels), float32)
        if weights is None:
            mean: Tensor = reduce_mean(right)
            return mean
        counted = multiply(right, weights)
        weighed = multiply(weights, ones_like(counted))
        share: Tensor = div(reduce_sum(counted), reduce_sum(weighed))
        return share
