"""Sizes of states and outputs, and zeros of them."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import constant_value
from graphscope.graph.dtypes import as_dtype, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.array import constant, expand_dims, zeros
from graphscope.ops.joining import concat


def flat_sizes(sizes: Any) -> list[Any]:
    """The sizes in a nesting, in which a TensorShape counts as one value."""
    if isinstance(sizes, TensorShape) or not nest.is_sequence(sizes):
        return [sizes]
    return [size for item in sizes for size in flat_sizes(item)]


def map_sizes(function: Any, sizes: Any) -> Any:
    """What the function makes of each size, in the same nesting."""
    if isinstance(sizes, TensorShape) or not nest.is_sequence(sizes):
        return function(sizes)
    items = [map_sizes(function, item) for item in sizes]
    if hasattr(sizes, "_fields"):
        return type(sizes)(*items)
    return items if isinstance(sizes, list) else tuple(items)


def _part(size: Any, role: str) -> tuple[Any, Any]:
    """A size as a vector tensor, and what is known of it."""
    if isinstance(size, Tensor):
        known = constant_value(size)
        if size.shape.ndims not in (0, 1):
            raise ValueError(f"{role} tensor must be either a scalar or vector, but saw: {size}")
        shape = None if known is None else known.tolist()
        if size.shape.ndims == 0:
            return expand_dims(size, 0), TensorShape([shape])
        return size, TensorShape(shape)
    shape = as_shape([size] if isinstance(size, int) else size)
    vector = constant(shape.as_list(), int32) if shape.is_fully_defined() else None
    return vector, shape


def joined_sizes(prefix: Any, suffix: Any) -> Tensor:
    """Two sizes, each a number, a TensorShape or a tensor, as one vector.

    Errors: ValueError for one that is not known.
    """
    first, second = _part(prefix, "prefix")[0], _part(suffix, "suffix")[0]
    if first is None or second is None:
        raise ValueError(f"Provided a prefix or suffix of None: {prefix} and {suffix}")
    joined: Tensor = concat((first, second), 0)
    return joined


def known_sizes(prefix: Any, suffix: Any) -> TensorShape:
    """What is known of two sizes, one after the other."""
    first: TensorShape = _part(prefix, "prefix")[1]
    joined: TensorShape = first.concatenate(_part(suffix, "suffix")[1])
    return joined


def element_shape(batch_size: int | None, size: Any) -> TensorShape:
    """What is known of [batch_size, size]; it makes no nodes."""
    if isinstance(size, Tensor):
        known = constant_value(size)
        size = None if known is None else known.tolist()
        return TensorShape(None) if size is None else element_shape(batch_size, size)
    own = as_shape([size] if isinstance(size, int) else size)
    joined: TensorShape = TensorShape([batch_size]).concatenate(own)
    return joined


def zero_states(state_size: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros of [batch_size, size] for each size, in its nesting."""

    def made(size: Any) -> Tensor:
        state: Tensor = zeros(joined_sizes(batch_size, size), as_dtype(dtype))
        state.set_shape(known_sizes(batch_size, size))
        return state

    return map_sizes(made, state_size)
