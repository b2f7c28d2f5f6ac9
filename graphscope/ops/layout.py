"""Padding, reversing, and diagonals: the same elements with others around them, or elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import ones, reshape, zeros, zeros_like
from graphscope.ops.array import shape as shape_of
from graphscope.ops.joining import concat, slice_
from graphscope.ops.math import minimum
from graphscope.ops.reduction import reduce_sum

# ---- padding -----------------------------------------------------------------------------------


def _padded(input: Tensor, paddings: Tensor, *_: Tensor) -> TensorShape:
    rows = paddings.shape.with_rank(2).as_list()[0]
    if input.shape.sizes is None:
        return shapes.UNKNOWN if rows is None else TensorShape([None] * rows)
    sizes = input.shape.with_rank(len(input.shape) if rows is None else rows).as_list()
    amounts = constant_value(paddings)
    if amounts is None:
        return TensorShape([None] * len(sizes))
    if np.any(amounts < 0):
        raise ValueError(f"Paddings must be non-negative: {amounts.tolist()}")
    added = amounts.sum(axis=1)
    return TensorShape(
        [None if s is None else s + int(n) for s, n in zip(sizes, added, strict=True)]
    )


@op("Pad", kind="array", shape=_padded)
def _pad(input: T, paddings: Index) -> T:
    """The elements with zeros around them: paddings[i] is how many before and after on axis i."""
    return np.pad(input, paddings.tolist())


@op("PadV2", kind="array", shape=_padded)
def _pad_v2(input: T, paddings: Index, constant_values: T) -> T:
    """The elements with constant_values around them, as many as paddings says for each axis."""
    return np.pad(input, paddings.tolist(), constant_values=constant_values)


def _without_padding(dy: Tensor, input: Tensor, paddings: Tensor) -> Tensor:
    before = reshape(slice_(paddings, [0, 0], [-1, 1]), [-1])
    return slice_(dy, before, shape_of(input, out_type=paddings.dtype))


@_pad.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, paddings: Tensor) -> Any:
    return _without_padding(dy, input, paddings), None


@_pad_v2.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, paddings: Tensor, constant_values: Tensor) -> Any:
    inside = _without_padding(dy, input, paddings)
    return inside, None, reduce_sum(dy) - reduce_sum(inside)


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    name: str | None = None,
    constant_values: Any = 0,
) -> Tensor:
    """The tensor with `constant_values` around it. Source: tf.pad.

    paddings: [rank, 2], how many before and after on each axis.
    Errors: ValueError for the modes REFLECT and SYMMETRIC, which are not supported.
    """
    if mode.upper() != "CONSTANT":
        raise ValueError(f"padding mode {mode!r} is not supported: use 'CONSTANT'")
    if not is_tensor_like(constant_values) and np.all(np.equal(constant_values, 0)):
        padded: Tensor = _pad(tensor, paddings, name=name)
        return padded
    padded = _pad_v2(tensor, paddings, constant_values, name=name)
    return padded


# ---- reversing ---------------------------------------------------------------------------------


def _flipped(tensor: Tensor, axis: Tensor) -> TensorShape:
    axes, rank = constant_value(axis), tensor.shape.ndims
    if axes is not None and rank is not None:
        for i, at in enumerate(axes):
            if not -rank <= at < rank:
                raise ValueError(f"'axis'[{i}] = {at} is out of valid range [{-rank}, {rank})")
    return tensor.shape


@op("ReverseV2", kind="array", shape=_flipped)
def reverse(tensor: T, axis: Index) -> T:
    """The elements in the opposite order along some axes."""
    return np.flip(tensor, tuple(axis.tolist()))


@reverse.gradient
def _(dy: Tensor, y: Tensor, tensor: Tensor, axis: Tensor) -> Any:
    return reverse(dy, axis), None


# ---- diagonals ---------------------------------------------------------------------------------


def _squared(diagonal: Tensor) -> TensorShape:
    if diagonal.shape.sizes is None:
        return shapes.UNKNOWN
    return diagonal.shape.concatenate(diagonal.shape.sizes[-1:])


def _diagonal_shape(input: Tensor) -> TensorShape:
    if input.shape.sizes is None:
        return shapes.UNKNOWN
    *outer, rows, columns = input.shape.sizes
    count = None if rows is None or columns is None else min(rows, columns)
    return TensorShape([*outer, count])


def _put(matrix: T, diagonal: T) -> T:
    count = np.arange(diagonal.shape[-1])
    result = np.array(matrix)
    result[..., count, count] = diagonal
    return result


@op("MatrixDiag", kind="array", shape=_squared)
def _matrix_diag(diagonal: T) -> T:
    """Square matrices with the last axis on their diagonals, and zeros beside."""
    return _put(np.zeros((*diagonal.shape, diagonal.shape[-1]), diagonal.dtype), diagonal)


@_matrix_diag.gradient
def _(dy: Tensor, y: Tensor, diagonal: Tensor) -> Any:
    return _matrix_diag_part(dy)


@op("MatrixDiagPart", kind="array", shape=_diagonal_shape)
def _matrix_diag_part(input: T) -> T:
    """The diagonals of the matrices in the last two axes."""
    return np.diagonal(input, axis1=-2, axis2=-1)


@_matrix_diag_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return _matrix_set_diag(zeros_like(input), dy)


@op("MatrixSetDiag", kind="array")
def _matrix_set_diag(input: T, diagonal: T) -> T:
    """The matrices in the last two axes, with other diagonals."""
    return _put(input, diagonal)


@_matrix_set_diag.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, diagonal: Tensor) -> Any:
    return _matrix_set_diag(dy, zeros_like(diagonal)), _matrix_diag_part(dy)


def matrix_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Square matrices with the last axis on their diagonals. Source: tf.matrix_diag."""
    result: Tensor = _matrix_diag(diagonal, name=name or "diag")
    return result


def matrix_diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonals of the matrices in the last two axes. Source: tf.matrix_diag_part."""
    result: Tensor = _matrix_diag_part(input, name=name or "diag_part")
    return result


def matrix_set_diag(input: Any, diagonal: Any, name: str | None = None) -> Tensor:
    """The matrices with other diagonals. Source: tf.matrix_set_diag."""
    result: Tensor = _matrix_set_diag(input, diagonal, name=name or "set_diag")
    return result


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = float32,
    name: str | None = None,
) -> Tensor:
    """Ones on the diagonal, zeros beside; `batch_shape` many such matrices. Source: tf.eye."""
    with name_scope(name, "eye", [num_rows, num_columns, batch_shape]):
        outer = [] if batch_shape is None else batch_shape
        columns = num_rows if num_columns is None else num_columns
        square = num_columns is None
        if is_tensor_like(num_rows) or is_tensor_like(columns) or is_tensor_like(outer):
            count: Any = minimum(num_rows, columns)
            outer = convert_to_tensor(
                outer if is_tensor_like(outer) else np.asarray(outer, "i"), int32, name="shape"
            )
            diagonal_shape: Any = concat([outer, [count]], 0)
            whole: Any = None if square else concat([outer, [num_rows, columns]], 0)
        else:
            square = num_rows == columns
            diagonal_shape = [*outer, min(num_rows, columns)]
            whole = [*outer, num_rows, columns]
        diagonal = ones(diagonal_shape, dtype)
        if square:
            return matrix_diag(diagonal)
        return matrix_set_diag(zeros(whole, dtype), diagonal)
