"""A choice between two ways to make tensors: at once where it is known, by a node where it is not.

Source: tensorflow.python.layers.utils.smart_cond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.ops.branches import cond


def known(pred: Any) -> bool | None:
    """The truth of a flag that is a Python value or a constant; None when only a run can tell."""
    if not is_tensor_like(pred):
        return bool(pred)
    value = constant_value(convert_to_tensor(pred))
    return None if value is None else bool(value)


def smart_cond(
    pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None
) -> Any:
    """What the one function returns, or the other: tensors, or tuples of tensors.

    pred: a Python bool, 0 or 1, or a boolean tensor []. A tensor that is no constant makes a
    tf.cond, which chooses in each run.
    """
    chosen = known(pred)
    if chosen is not None:
        return true_fn() if chosen else false_fn()
    return cond(pred, true_fn, false_fn, name=name)


def smart_constant_value(pred: Any) -> bool | None:
    """The flag as far as it is known. Errors: TypeError for another kind of value."""
    if not is_tensor_like(pred) and pred not in (0, 1):
        raise TypeError(f"`pred` must be a Tensor, a Python bool, or 1 or 0. Got: {pred}")
    return known(pred)
