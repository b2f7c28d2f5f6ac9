"""Keeping numbers, and gradients, within bounds. Composed of other operations, as in TensorFlow.

Of an IndexedSlices the rows are clipped, and the result is one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.indexed_slices import rows_of, with_rows
from graphscope.graph.scopes import name_scope
from graphscope.ops.array import constant, identity, ones_like, rank, size
from graphscope.ops.array import range as range_
from graphscope.ops.joining import stack, where
from graphscope.ops.logic import is_finite
from graphscope.ops.math import cast, maximum, minimum, rsqrt, sqrt
from graphscope.ops.nn import l2_loss
from graphscope.ops.reduction import reduce_sum


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """t, with what is below the minimum or above the maximum set to it (tf.clip_by_value)."""
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        values = convert_to_tensor(rows_of(t), name="t")
        below = minimum(values, clip_value_max)
        values.shape.assert_is_compatible_with(below.shape)
        clipped: Tensor = maximum(below, clip_value_min, name=scope)
        values.shape.assert_is_compatible_with(clipped.shape)
        return with_rows(t, clipped)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """t, scaled down so that its length (the root of the sum of squares) is at most `clip_norm`.

    axes: the axes that make up one vector; all of them when left out. Source: tf.clip_by_norm.
    """
    with name_scope(name, "clip_by_norm", [t, clip_norm]) as scope:
        values = convert_to_tensor(rows_of(t), name="t")
        squares = reduce_sum(values * values, axes, keepdims=True)
        # The root is taken of 1 where the sum is 0: its slope at 0 is infinite.
        positive = squares > 0
        root = sqrt(where(positive, squares, ones_like(squares)))
        length = where(positive, root, squares)
        scaled = values * clip_norm
        values.shape.assert_is_compatible_with(scaled.shape)
        return with_rows(t, identity(scaled / maximum(length, clip_norm), name=scope))


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """t, scaled down so that its length by its number of elements is at most `clip_norm`.

    Source: tf.clip_by_average_norm.
    """
    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = convert_to_tensor(t, name="t")
        count = cast(size(t), t.dtype)
        inverse = rsqrt(reduce_sum(t * t, range_(rank(t))))
        least = minimum(inverse * count, constant(1.0, t.dtype) / clip_norm)
        clipped: Tensor = identity(t * clip_norm * least, name=scope)
        return clipped


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The length of all tensors of the list (None is left out) taken as one long vector.

    Source: tf.global_norm.
    """
    tensors = _checked(t_list)
    with name_scope(name, "global_norm", tensors):
        present = [t for t in _converted(tensors) if t is not None]
        halves = reduce_sum(stack([l2_loss(t) for t in present]))
        length: Tensor = sqrt(halves * constant(2.0, halves.dtype), name="global_norm")
        return length


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """The tensors, scaled down together so that their `global_norm` is at most `clip_norm`.

    Returns: the scaled tensors (None stays None) and the norm before scaling. When the norm is not
    finite, all become NaN. Source: tf.clip_by_global_norm.
    """
    tensors = _checked(t_list)
    norm = global_norm(tensors, name) if use_norm is None else use_norm
    with name_scope(name, "clip_by_global_norm", [*tensors, clip_norm]) as scope:
        scale = clip_norm * minimum(1.0 / norm, constant(1.0, norm.dtype) / clip_norm)
        scale = where(is_finite(norm), scale, constant(float("nan"), norm.dtype))
        clipped = [
            None if rows is None else with_rows(t, identity(rows * scale, name=f"{scope}_{i}"))
            for i, (t, rows) in enumerate(zip(tensors, _converted(tensors), strict=True))
        ]
        return clipped, norm


def _checked(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"t_list should be a sequence, and {t_list!r} is none")
    return list(t_list)


def _converted(t_list: Sequence[Any]) -> list[Tensor | None]:
    return [
        None if t is None else convert_to_tensor(rows_of(t), name=f"t_{i}")
        for i, t in enumerate(t_list)
    ]
