"""Predictions, truths and weights brought to ranks that fit each other.

Source: tensorflow.python.ops.losses.util.squeeze_or_expand_dimensions of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.ops import array, logic
from graphscope.ops.weights import remove_squeezable_dimensions, with_axes


def as_many_axes(weights: Any, values: Any) -> Any:
    """The weights without, or with, a last axis of size 1, as the values have it."""
    ours, theirs = weights.shape.ndims, values.shape.ndims
    if ours == 0:
        return weights
    if ours is None or theirs is None:
        more = array.rank(weights) - array.rank(values)
        some = logic.not_equal(array.rank(weights), 0)
        add = logic.logical_and(logic.equal(more, -1), some)
        return with_axes(weights, drop=logic.equal(more, 1), add=add)
    if ours - theirs == 1:
        return array.squeeze(weights, [-1])
    return array.expand_dims(weights, [-1]) if theirs - ours == 1 else weights


def aligned(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both without a last axis of size 1 that only one has. Classes beside probabilities stay."""
    ours, theirs = y_pred.shape.ndims, y_true.shape.ndims
    last = None if ours in (None, 0) else y_pred.shape[-1].value
    of_classes = ours is not None and theirs is not None and ours - theirs == 1 and last != 1
    return (y_true, y_pred) if of_classes else remove_squeezable_dimensions(y_true, y_pred)
