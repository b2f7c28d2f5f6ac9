"""What is known of tensors without a run (tensorflow.python.framework.tensor_util)."""

from __future__ import annotations

from typing import Any

from graphscope.graph import convert
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape


def constant_value(tensor: Any, partial: bool = False) -> Any:
    """The tensor's value if it follows from constants and static shapes alone, else None.

    partial: of tensors that are stacked, a list with None for those that are not known.
    """
    known = convert.constant_value(tensor)
    if known is not None or not partial or tensor.op.type != "Pack" or tensor.op.attrs["axis"]:
        return known
    return [convert.constant_value(part) for part in tensor.op.inputs]


def constant_value_as_shape(tensor: Tensor) -> TensorShape:
    """The shape that a vector of sizes stands for, as far as it is known.

    Errors: ValueError for what is no vector.
    """
    if tensor.shape.ndims not in (None, 1):
        raise ValueError(f"sizes are a vector, and {tensor.name} has the shape {tensor.shape}")
    return convert.constant_shape(tensor)


def shape_tensor(shape: Any) -> Tensor:
    """Sizes as a tensor: int32 where nothing says otherwise, as for an empty list."""
    of_tensors = isinstance(shape, list | tuple) and any(map(is_tensor_like, shape))
    plain = isinstance(shape, list | tuple) and not of_tensors
    return convert_to_tensor(shape, int32 if plain else None, name="shape")


def maybe_set_static_shape(tensor: Tensor, shape: Any) -> None:
    """Let the tensor have what is known of a tensor of sizes, where its own are not all known."""
    if is_tensor_like(shape) and not tensor.shape.is_fully_defined():
        tensor.set_shape(constant_value_as_shape(convert_to_tensor(shape)))
