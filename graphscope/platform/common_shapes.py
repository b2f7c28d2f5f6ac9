"""Static shapes of operations, as functions of an operation
(tensorflow.python.framework.common_shapes)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import SCALAR, UNKNOWN, TensorShape, broadcast_shapes


def unknown_shape(op: Any) -> list[TensorShape]:
    """Nothing is known of the outputs."""
    return [UNKNOWN for _ in op.outputs]


def scalar_shape(op: Any) -> list[TensorShape]:
    """The output is a number."""
    return [SCALAR]


def no_outputs(op: Any) -> list[TensorShape]:
    """The operation has no outputs."""
    return []


def unchanged_shape(op: Any) -> list[TensorShape]:
    """The output is of the shape of the input."""
    return [op.inputs[0].get_shape()]


def unchanged_shape_with_rank(rank: int) -> Any:
    """`unchanged_shape` for inputs of this rank. Errors: ValueError for another."""
    return lambda op: [op.inputs[0].get_shape().with_rank(rank)]


def unchanged_shape_with_rank_at_least(rank: int) -> Any:
    """`unchanged_shape` for inputs of at least this rank. Errors: ValueError for a lower one."""
    return lambda op: [op.inputs[0].get_shape().with_rank_at_least(rank)]


def unchanged_shape_with_rank_at_most(rank: int) -> Any:
    """`unchanged_shape` for inputs of at most this rank. Errors: ValueError for a higher one."""
    return lambda op: [op.inputs[0].get_shape().with_rank_at_most(rank)]


def has_fully_defined_shape(tensor: Any) -> bool:
    return bool(tensor.get_shape().is_fully_defined())


def is_broadcast_compatible(shape_x: Any, shape_y: Any) -> bool:
    """Whether the ranks are known and the sizes may be broadcast."""
    x, y = TensorShape(shape_x), TensorShape(shape_y)
    if x.sizes is None or y.sizes is None:
        return False
    try:
        broadcast_shapes(x, y)
    except ValueError:
        return False
    return True


def broadcast_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape of two tensors together.

    Errors: ValueError when they cannot be broadcast.
    """
    x, y = TensorShape(shape_x), TensorShape(shape_y)
    try:
        return broadcast_shapes(x, y)
    except ValueError:
        raise ValueError(f"Incompatible shapes for broadcasting: {x} and {y}") from None
