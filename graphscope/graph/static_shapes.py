"""Shapes by their rank (tensorflow.python.framework.tensor_shape)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import Dimension, TensorShape


def scalar() -> TensorShape:
    """The shape of a number."""
    return TensorShape([])


def vector(length: int | None) -> TensorShape:
    """The shape of a vector; None for any length."""
    return TensorShape([length])


def matrix(rows: int | None, cols: int | None) -> TensorShape:
    """The shape of a matrix; None for any size."""
    return TensorShape([rows, cols])


def unknown_shape(rank: int | None = None, ndims: int | None = None) -> TensorShape:
    """A shape of this rank, and of any sizes; of any rank when none is given."""
    count = ndims if rank is None else rank
    return TensorShape(None if count is None else [None] * count)


def dimension_value(dimension: Any) -> Any:
    """The size as an int, None when it is unknown. Source: tf.compat.dimension_value."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """The size of one axis, unknown where the rank is. Source: tf.compat.dimension_at_index."""
    dimension: Dimension = shape[index]
    return dimension
