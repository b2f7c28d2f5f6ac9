"""Padding, reversing, and diagonals: the same elements with others around them, or elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import NUMBERS, float32, int32
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
    rows, columns = paddings.shape.with_rank(2).as_list()
    if columns not in (2, None):
        raise ValueError(f"Dimension must be 2 but is {columns}")
    if input.shape.sizes is None:
        return shapes.UNKNOWN if rows is None else TensorShape([None] * rows)
    sizes = input.shape.with_rank(len(input.shape) if rows is None else rows).as_list()
    amounts = constant_value(paddings)
    if amounts is None:
        return TensorShape(_partly_padded(sizes, paddings))
    if np.any(amounts < 0):
        raise ValueError(f"Paddings must be non-negative: {amounts.tolist()}")
    added = amounts.sum(axis=1)
    return TensorShape(
        [None if s is None else s + int(n) for s, n in zip(sizes, added, strict=True)]
    )


def _partly_padded(sizes: list[int | None], paddings: Tensor) -> list[int | None]:
    """The sizes of those axes whose paddings are constants in a list."""
    is_list = paddings.op.type == "Pack" and paddings.op.attrs["axis"] == 0
    rows = paddings.op.inputs if is_list else [None] * len(sizes)
    known = [None if row is None else constant_value(row) for row in rows]
    return [
        None if size is None or row is None else size + int(row.sum())
        for size, row in zip(sizes, known, strict=True)
    ]


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


@op("MirrorPad", kind="array", shape=lambda input, paddings, **_: _padded(input, paddings))
def _mirror_pad(input: T, paddings: Index, *, mode: str) -> T:
    """The elements with mirrored ones around them.

    mode: REFLECT, which leaves out the element at the edge, or SYMMETRIC, which repeats it.
    """
    reflect = mode == "REFLECT"
    for size, (before, after) in zip(input.shape, paddings.tolist(), strict=True):
        if min(before, after) < 0:
            raise ValueError(f"paddings must be non-negative: {before} {after}")
        if max(before, after) > size - reflect:
            bound, sign = ("less", "not less") if reflect else ("no greater", "greater")
            raise ValueError(
                f"paddings must be {bound} than the dimension size: {before}, {after} {sign} than "
                f"{size}"
            )
    way: Any = "reflect" if reflect else "symmetric"
    return np.pad(input, paddings.tolist(), mode=way)


@op("MirrorPadGrad", kind="array", shape=lambda dy, input, *_, **__: input.shape, types=NUMBERS)
def _mirror_pad_grad(dy: T, input: Any_, paddings: Index, *, mode: str) -> T:
    """The slope of MirrorPad: what mirrored elements got is added to their originals."""
    folded = dy
    way: Any = "reflect" if mode == "REFLECT" else "symmetric"
    for axis, (size, pads) in enumerate(zip(input.shape, paddings.tolist(), strict=True)):
        sources = np.pad(np.arange(size), pads, mode=way)
        total = np.zeros((size, *np.delete(folded.shape, axis)), dy.dtype)
        np.add.at(total, sources, np.moveaxis(folded, axis, 0))
        folded = np.moveaxis(total, 0, axis)
    return folded


@_mirror_pad.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, paddings: Tensor, *, mode: str) -> Any:
    return _mirror_pad_grad(dy, input, paddings, mode=mode), None


@_mirror_pad_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, input: Tensor, paddings: Tensor, *, mode: str) -> Any:
    return _mirror_pad(ddx, paddings, mode=mode), None, None


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    name: str | None = None,
    constant_values: Any = 0,
) -> Tensor:
    """The tensor with `constant_values` around it. Source: tf.pad.

    paddings: [rank, 2], how many before and after on each axis.
    mode: "CONSTANT"; or "REFLECT" or "SYMMETRIC", which put the tensor's own elements there,
    mirrored, without or with the element at the edge.
    Errors: ValueError for another mode.
    """
    if mode.upper() in ("REFLECT", "SYMMETRIC"):
        mirrored: Tensor = _mirror_pad(tensor, paddings, mode=mode.upper(), name=name)
        return mirrored
    if mode.upper() != "CONSTANT":
        raise ValueError(f"Unknown padding mode: {mode}")
    if not is_tensor_like(constant_values) and np.all(np.equal(constant_values, 0)):
        padded: Tensor = _pad(tensor, paddings, name=name)
        return padded
    padded = _pad_v2(tensor, paddings, constant_values, name=name)
    return padded


# ---- reversing ---------------------------------------------------------------------------------


def _flipped(tensor: Tensor, axis: Tensor) -> TensorShape:
    axes, rank = constant_value(axis), tensor.shape.ndims
    if axes is not None and rank is not None:
        _refuse_axes(axes, rank)
    return tensor.shape


def _refuse_axes(axes: Index, rank: int) -> None:
    """Errors: ValueError for an axis that is not there, or comes twice."""
    for i, at in enumerate(axes):
        if not -rank <= at < rank:
            raise ValueError(f"'axis'[{i}] = {at} is out of valid range [{-rank}, {rank})")
        if at % rank in [before % rank for before in axes[:i]]:
            raise ValueError(f"axis {at % rank} specified more than once.")


@op("ReverseV2", kind="array", shape=_flipped)
def _reverse(tensor: T, axis: Index) -> T:
    """The elements in the opposite order along some axes."""
    _refuse_axes(axis, tensor.ndim)
    return np.flip(tensor, tuple(axis.tolist()))


@_reverse.gradient
def _(dy: Tensor, y: Tensor, tensor: Tensor, axis: Tensor) -> Any:
    return _reverse(dy, axis), None


def reverse(tensor: Any, axis: Any = None, name: str | None = None, dims: Any = None) -> Tensor:
    """The elements in the opposite order along some axes. Source: tf.reverse.

    axis: a list of axes; or, as in TensorFlow 0.x (dims=), a list that says yes or no for each.
    """
    axes = dims if axis is None else axis
    if isinstance(axes, list | tuple) and axes and all(isinstance(a, bool) for a in axes):
        axes = [i for i, chosen in enumerate(axes) if chosen]
    result: Tensor = _reverse(tensor, axes, name=name)
    return result


def _sequences(input: Tensor, seq_lengths: Tensor, *, seq_dim: int, batch_dim: int) -> TensorShape:
    seq_lengths.shape.with_rank(1)
    rank = input.shape.ndims
    if rank is None:
        return shapes.UNKNOWN
    for name, axis in (("batch_dim", batch_dim), ("seq_dim", seq_dim)):
        if axis >= rank:
            raise ValueError(f"{name} must be < input rank: {axis} vs. {rank}")
    rows, lengths = TensorShape([input.shape[batch_dim].value]), seq_lengths.shape
    if not rows.is_compatible_with(lengths):
        raise ValueError(shapes.different(rows, lengths))
    sizes = input.shape.as_list()
    sizes[batch_dim] = rows.merge_with(lengths)[0].value
    return TensorShape(sizes)


@op("ReverseSequence", kind="array", shape=_sequences)
def _reverse_sequence(input: T, seq_lengths: Index, *, seq_dim: int, batch_dim: int = 0) -> T:
    """The first elements of each row in the opposite order: seq_lengths says how many."""
    if batch_dim == seq_dim:
        raise ValueError(f"batch_dim == seq_dim == {seq_dim}")
    for name, axis in (("batch_dim", batch_dim), ("seq_dim", seq_dim)):
        if axis >= input.ndim:
            raise ValueError(f"{name} must be < input rank ({axis} vs. {input.ndim})")
    rows = np.moveaxis(input, (batch_dim, seq_dim), (0, 1))
    steps = np.arange(rows.shape[1])
    lengths = seq_lengths[:, None]
    if np.any(lengths > rows.shape[1]) or np.any(lengths < 0):
        raise ValueError(f"seq_lens must be within 0 and the size of seq_dim, {rows.shape[1]}")
    order = np.where(steps < lengths, lengths - 1 - steps, steps)
    reversed_ = rows[np.arange(len(rows))[:, None], order]
    return np.moveaxis(reversed_, (0, 1), (batch_dim, seq_dim))


@_reverse_sequence.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, seq_lengths: Tensor, **attrs: Any) -> Any:
    return _reverse_sequence(dy, seq_lengths, **attrs), None


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
    seq_dim: int | None = None,
    batch_dim: int | None = None,
) -> Tensor:
    """The first `seq_lengths[i]` elements of row i in the opposite order, the others as they are.

    Source: tf.reverse_sequence. Errors: ValueError without seq_axis.
    """
    along = seq_dim if seq_axis is None else seq_axis
    if along is None:
        raise ValueError("reverse_sequence needs seq_axis")
    batch = batch_dim if batch_axis is None else batch_axis
    result: Tensor = _reverse_sequence(
        input, seq_lengths, seq_dim=along, batch_dim=batch or 0, name=name
    )
    return result


# ---- diagonals ---------------------------------------------------------------------------------


def _doubled(diagonal: Tensor) -> TensorShape:
    return diagonal.shape.concatenate(diagonal.shape)


@op("Diag", kind="array", shape=_doubled, types=NUMBERS)
def diag(diagonal: T) -> T:
    """A tensor of twice the rank with the elements on its diagonal, zeros elsewhere."""
    flat = diagonal.ravel()
    result = np.zeros((flat.size, flat.size), flat.dtype)
    np.fill_diagonal(result, flat)
    return result.reshape(diagonal.shape * 2)


@diag.gradient
def _(dy: Tensor, y: Tensor, diagonal: Tensor) -> Any:
    return diag_part(dy)


def _halved(input: Tensor) -> TensorShape:
    if input.shape.sizes is None:
        return shapes.UNKNOWN
    half = len(input.shape.sizes) // 2
    if len(input.shape.sizes) != 2 * half or not half:
        raise ValueError(f"Input must have even and non-zero rank: {input.shape.short}")
    first: TensorShape = input.shape[:half].merge_with(input.shape[half:])
    return first


@op("DiagPart", kind="array", shape=_halved, types=NUMBERS)
def diag_part(input: T) -> T:
    """The diagonal of a tensor whose first half of axes is like the second."""
    half = input.shape[: input.ndim // 2]
    count = int(np.prod(half))
    return np.diagonal(input.reshape(count, count)).reshape(half)


@diag_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return diag(dy)


def _at_least(tensor: Tensor, rank: int) -> None:
    """Errors: ValueError when it has fewer axes."""
    if tensor.shape.ndims is not None and tensor.shape.ndims < rank:
        raise ValueError(f"Shape must be at least rank {rank} but is rank {tensor.shape.ndims}")


def _axes_in_run(array: T, rank: int, name: str) -> None:
    if array.ndim < rank:
        raise ValueError(
            f"{name} must be at least {rank}-dim, received shape: {TensorShape(array.shape).short}"
        )


def _squared(diagonal: Tensor) -> TensorShape:
    _at_least(diagonal, 1)
    if diagonal.shape.sizes is None:
        return shapes.UNKNOWN
    return diagonal.shape.concatenate(diagonal.shape.sizes[-1:])


def _diagonal_shape(input: Tensor) -> TensorShape:
    _at_least(input, 2)
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
    _axes_in_run(diagonal, 1, "diagonal")
    return _put(np.zeros((*diagonal.shape, diagonal.shape[-1]), diagonal.dtype), diagonal)


@_matrix_diag.gradient
def _(dy: Tensor, y: Tensor, diagonal: Tensor) -> Any:
    return _matrix_diag_part(dy)


@op("MatrixDiagPart", kind="array", shape=_diagonal_shape)
def _matrix_diag_part(input: T) -> T:
    """The diagonals of the matrices in the last two axes."""
    _axes_in_run(input, 2, "input")
    return np.diagonal(input, axis1=-2, axis2=-1)


@_matrix_diag_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return _matrix_set_diag(zeros_like(input), dy)


def _with_diagonal(input: Tensor, diagonal: Tensor) -> TensorShape:
    _at_least(input, 2)
    _at_least(diagonal, 1)
    if input.shape.sizes is not None and diagonal.shape.sizes is not None:
        _diagonal_shape(input).merge_with(diagonal.shape)
    return input.shape


@op("MatrixSetDiag", kind="array", shape=_with_diagonal)
def _matrix_set_diag(input: T, diagonal: T) -> T:
    """The matrices in the last two axes, with other diagonals."""
    _axes_in_run(input, 2, "input")
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
