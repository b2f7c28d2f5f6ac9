"""Joining, cutting and choosing: which element goes where."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Any_, Bool, Index, T, op
from graphscope.graph.dtypes import as_dtype, float32, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import Dimension, TensorShape
from graphscope.ops.array import all_present, identity, zeros_like
from graphscope.ops.array import shape as shape_of


def _packed(values: list[Tensor], *, axis: int) -> TensorShape:
    each = shapes.merged(*values)
    if each.sizes is None:
        return shapes.UNKNOWN
    at = axis % (len(each.sizes) + 1)
    return TensorShape([*each.sizes[:at], len(values), *each.sizes[at:]])


@op("Pack", kind="array", shape=_packed)
def _pack(values: list[T], *, axis: int = 0) -> T:
    """Tensors of one shape along a new axis."""
    return np.stack(values, axis)


@_pack.gradient
def _(dy: Tensor, y: Tensor, values: list[Tensor], *, axis: int) -> Any:
    return unstack(dy, len(values), axis)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape, joined along a new axis. Source: tf.stack."""
    values = list(values)
    rank = convert_to_tensor(values[0], name=name).shape.ndims if axis and values else None
    if rank is not None and not -rank - 1 <= axis <= rank:
        raise ValueError(f"axis = {axis} not in [{-rank - 1}, {rank + 1})")
    if axis == 0:  # a list of numbers becomes one constant, arrays become one each
        with suppress(ValueError):
            return convert_to_tensor(list(values), name=name)
    result: Tensor = _pack(list(values), axis=axis, name=name)
    return result


def _unpacked(value: Tensor, *, num: int, axis: int) -> tuple[TensorShape, ...]:
    if value.shape.sizes is None:
        return (shapes.UNKNOWN,) * num
    sizes = list(value.shape.sizes)
    if sizes.pop(axis) not in (num, None):
        raise ValueError(f"Dimension must be {num} but is {value.shape.sizes[axis]}")
    return (TensorShape(sizes),) * num


@op("Unpack", kind="array", shape=_unpacked)
def _unpack(value: T, *, num: int, axis: int = 0) -> tuple[T, ...]:
    """The slices along an axis, each without it."""
    if value.shape[axis] != num:
        raise ValueError(
            f"Input shape axis {axis} must equal {num}, got shape {TensorShape(value.shape).short}"
        )
    return tuple(np.moveaxis(value, axis, 0))


@_unpack.gradient
def _(dy: Sequence[Tensor], y: Sequence[Tensor], value: Tensor, *, num: int, axis: int) -> Any:
    return _pack(all_present(dy, y), axis=axis)


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str = "unstack"
) -> list[Tensor]:
    """The slices along an axis, as a list. Source: tf.unstack.

    Errors: ValueError when their number is neither given nor known.
    """
    value = convert_to_tensor(value)
    if num is None:
        rank = value.shape.ndims
        if rank is not None and not -rank <= axis < rank:
            raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
        num = None if value.shape.sizes is None else value.shape.sizes[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {value.shape}: give num=")
    return _unpack.node(value, num=num, axis=axis, name=name).outputs


def _concatenated(values: list[Tensor], axis: Tensor) -> TensorShape:
    at = constant_value(axis)
    if axis.shape.ndims not in (0, None):
        raise ValueError(f"Shape must be rank 0 but is rank {axis.shape.ndims}")
    ranks = {len(v.shape.sizes) for v in values if v.shape.sizes is not None}
    if 0 in ranks:
        raise ValueError("Can't concatenate scalars (use tf.stack instead)")
    if not ranks:
        return shapes.UNKNOWN
    rank = ranks.pop()
    if at is None:
        for value in values:
            value.shape.with_rank(rank)
        return TensorShape([None] * rank)
    if not -rank <= at < rank:
        least = at + 1 if at >= 0 else -at
        raise ValueError(f"Shape must be at least rank {least} but is rank {rank}")
    total: int | None = 0
    rest = TensorShape([None] * rank)
    for value in values:
        sizes = value.shape.with_rank(rank).as_list()
        size, sizes[int(at)] = sizes[int(at)], None
        total = None if total is None or size is None else total + size
        try:
            rest = rest.merge_with(sizes)
        except ValueError:
            raise ValueError(shapes.different(rest, TensorShape(sizes))) from None
    result = rest.as_list()
    result[int(at)] = total
    return TensorShape(result)


@op("ConcatV2", kind="array", shape=_concatenated)
def _concat(values: list[T], axis: Index) -> T:
    """Tensors joined along an axis that they have."""
    return np.concatenate(values, int(axis))


@op("ConcatGrad", kind="array", shape=lambda dy, axis, values: tuple(v.shape for v in values))
def _concat_grad(dy: T, axis: Index, values: list[Any_]) -> tuple[T, ...]:
    """dy, cut at the places where `values` were joined."""
    sizes = [value.shape[int(axis)] for value in values]
    return tuple(np.split(dy, np.cumsum(sizes)[:-1], int(axis)))


def _offset_shapes(concat_dim: Tensor, shape: list[Tensor]) -> tuple[TensorShape, ...]:
    return tuple(tensor.shape for tensor in shape)


@op("ConcatOffset", kind="array", dtype=int32, shape=_offset_shapes, differentiable=False)
def _concat_offset(concat_dim: Any_, shape: list[Any_]) -> tuple[Index, ...]:
    """Where each of the tensors of the given shapes begins in what they are joined to."""
    first = shape[0]
    for i, sizes in enumerate(shape):
        if sizes.ndim != 1:
            raise ValueError(
                f"input {i} should be a vector, but got shape {TensorShape(sizes.shape).short}"
            )
        if len(sizes) != len(first):
            raise ValueError(
                f"input {i} should contain {len(first)} elements, but got {len(sizes)}"
            )
    if not -len(first) <= concat_dim < len(first):
        raise ValueError(f"Concat dim is out of range: {concat_dim} vs. {len(first)}")
    axis = int(concat_dim) % len(first)
    starts = np.zeros((len(shape), len(first)), np.int32)
    for i, sizes in enumerate(shape[1:], 1):
        if np.any(np.delete(sizes != first, axis)):
            raise ValueError(
                f"All dimensions except {axis} must match. Input {i} has shape {_spaced(sizes)} "
                f"and doesn't match input 0 with shape {_spaced(first)}."
            )
        starts[i, axis] = starts[i - 1, axis] + shape[i - 1][axis]
    return tuple(starts)


def _spaced(sizes: Index) -> str:
    return f"[{' '.join(map(str, sizes.tolist()))}]"


@_concat.gradient
def _(dy: Tensor, y: Tensor, values: list[Tensor], axis: Tensor) -> Any:
    return [*_concat_grad.node(dy, axis, values).outputs, None]


@_concat_grad.gradient
def _(ddy: Any, y: Any, dy: Tensor, axis: Tensor, values: list[Tensor]) -> Any:
    return [_concat(all_present(ddy, y), axis), None, *[None for _ in values]]


def concat(
    values: Any = None, axis: Any = None, name: str = "concat", concat_dim: Any = None
) -> Tensor:
    """Tensors joined along an axis that they have. Source: tf.concat.

    The order of TensorFlow 0.x, ``concat(1, [a, b])`` and concat_dim=, is understood too.
    """
    axis = concat_dim if axis is None else axis
    if isinstance(values, int) and isinstance(axis, list | tuple):
        values, axis = axis, values
    values = list(values) if isinstance(values, list | tuple) else [values]
    if len(values) == 1:
        with name_scope(name, values=values):
            convert_to_tensor(axis, int32, name="concat_dim").shape.assert_is_compatible_with([])
            return identity(values[0], name=name)
    if not values:
        raise ValueError(
            "List argument 'values' to 'ConcatV2' Op with length 0 shorter than minimum length 2."
        )
    result: Tensor = _concat(values, axis, name=name)
    return result


# ---- cutting -----------------------------------------------------------------------------------


def _split_equally(split_dim: Tensor, value: Tensor, *, num_split: int) -> tuple[TensorShape, ...]:
    at = constant_value(split_dim)
    if at is None or value.shape.sizes is None:
        return (
            TensorShape([None] * (value.shape.ndims or 0))
            if value.shape.sizes is not None
            else shapes.UNKNOWN,
        ) * num_split
    sizes = value.shape.as_list()
    whole = sizes[_axis_of(at, sizes)]
    if whole is not None and whole % num_split:
        raise ValueError(
            f"Dimension size must be evenly divisible by {num_split} but is {whole}: the number of "
            "ways to split should evenly divide the split dimension"
        )
    sizes[int(at)] = None if whole is None else whole // num_split
    return (TensorShape(sizes),) * num_split


def _axis_of(axis: Any, sizes: Sequence[Any]) -> int:
    """The axis as an int. Errors: ValueError when there is none of that number."""
    if not -len(sizes) <= axis < len(sizes):
        raise ValueError(f"axis {axis} not in [{-len(sizes)}, {len(sizes)})")
    return int(axis)


@op("Split", kind="array", shape=_split_equally)
def _split(split_dim: Index, value: T, *, num_split: int) -> tuple[T, ...]:
    """The parts of a tensor that is cut into num_split equal ones along an axis."""
    return tuple(np.split(value, num_split, int(split_dim)))


@_split.gradient
def _(dy: Any, y: Any, split_dim: Tensor, value: Tensor, *, num_split: int) -> Any:
    return None, _concat(all_present(dy, y), split_dim)


def _split_in_sizes(
    value: Tensor, size_splits: Tensor, split_dim: Tensor, *, num_split: int
) -> tuple[TensorShape, ...]:
    at, parts = constant_value(split_dim), constant_value(size_splits)
    if value.shape.sizes is None:
        return (shapes.UNKNOWN,) * num_split
    sizes = value.shape.as_list()
    if at is None:
        return (TensorShape([None] * len(sizes)),) * num_split
    axis = _axis_of(at, sizes)
    before, after = sizes[:axis], sizes[axis:][1:]
    if parts is None:
        return (TensorShape([*before, None, *after]),) * num_split
    return tuple(TensorShape([*before, part, *after]) for part in _part_sizes(parts, sizes[axis]))


def _part_sizes(parts: Any, whole: int | None) -> list[Any]:
    """The sizes of the parts, with -1 replaced by what the others leave over."""
    sizes = [int(part) for part in parts]
    rest = None if whole is None else whole - sum(size for size in sizes if size != -1)
    if rest is not None and (rest < 0 or (rest and -1 not in sizes)):
        raise ValueError(
            f"Determined shape must either match input shape along split_dim exactly: the sizes "
            f"{sizes} do not add up to {whole}"
        )
    return [rest if size == -1 else size for size in sizes]


@op("SplitV", kind="array", shape=_split_in_sizes)
def _split_v(value: T, size_splits: Index, split_dim: Any_, *, num_split: int) -> tuple[T, ...]:
    """The parts of a tensor that is cut along an axis into parts of the given sizes."""
    axis = int(split_dim)
    sizes = _part_sizes(size_splits, value.shape[axis])
    return tuple(np.split(value, np.cumsum(sizes)[:-1], axis))


@_split_v.gradient
def _(dy: Any, y: Any, value: Tensor, sizes: Tensor, split_dim: Tensor, *, num_split: int) -> Any:
    return _concat(all_present(dy, y), split_dim), None, None


def split(
    value: Any = None,
    num_or_size_splits: Any = None,
    axis: Any = 0,
    num: int | None = None,
    name: str = "split",
    num_split: int | None = None,
    split_dim: Any = None,
) -> list[Tensor]:
    """The parts of a tensor cut along `axis`, as a list. Source: tf.split.

    The order of TensorFlow 0.x, ``split(1, 3, x)``, split_dim= and num_split= are understood too.

    num_or_size_splits: the number of equal parts, or the size of each; one size may be -1: what is
    left over.
    Errors: ValueError when the parts do not fit, or their number is not known.
    """
    if num_or_size_splits is None:
        num_or_size_splits = num_split
    if isinstance(value, int) and is_tensor_like(axis):
        value, axis = axis, value
    axis = axis if split_dim is None else split_dim
    sizes = convert_to_tensor(num_or_size_splits)
    if isinstance(num_or_size_splits, int | Dimension):
        count = int(num_or_size_splits)
        return _split.node(axis, value, num_split=count, name=name).outputs
    if sizes.shape.ndims == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. "
            f"Argument provided: {num_or_size_splits}"
        )
    if num is None and sizes.shape.ndims == 1:
        num = sizes.shape.as_list()[0]
    if num is None:
        raise ValueError(f"Cannot infer num from shape {sizes.shape}: give num=")
    return _split_v.node(value, sizes, axis, num_split=num, name=name).outputs


def _cut(input: Tensor, begin: Tensor, size: Tensor) -> TensorShape:
    first, count = constant_value(begin), constant_value(size)
    if count is None or input.shape.sizes is None:
        rank = begin.shape.as_list()[0] if begin.shape.ndims == 1 else input.shape.ndims
        return shapes.UNKNOWN if rank is None else TensorShape([None] * rank)
    sizes: list[int | None] = []
    for i, (have, n) in enumerate(zip(input.shape.sizes, count.tolist(), strict=True)):
        rest = None if have is None or first is None else have - int(first[i])
        if rest is not None and n > rest:
            raise ValueError(f"Expected size[{i}] in [0, {rest}], but got {n}")
        sizes.append(rest if n == -1 else n)
    return TensorShape(sizes)


@op("Slice", kind="array", shape=_cut)
def _slice(input: T, begin: Index, size: Index) -> T:
    """size[i] elements from begin[i] along axis i; -1 takes all that are left."""
    ends = [have if n == -1 else b + n for have, b, n in zip(input.shape, begin, size, strict=True)]
    for i, (have, end) in enumerate(zip(input.shape, ends, strict=True)):
        if end > have:
            raise ValueError(f"Expected size[{i}] in [0, {have - begin[i]}], but got {size[i]}")
    return input[tuple(slice(b, e) for b, e in zip(begin, ends, strict=True))]


@op("SliceGrad", kind="array", shape=lambda dy, input, begin: input.shape)
def _slice_grad(dy: T, input: Any_, begin: Index) -> T:
    """Zeros in the shape of `input`, with dy where the slice was taken."""
    spread = np.zeros(input.shape, dy.dtype)
    spread[tuple(slice(b, b + n) for b, n in zip(begin, dy.shape, strict=True))] = dy
    return spread


@_slice.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, begin: Tensor, size: Tensor) -> Any:
    return _slice_grad(dy, input, begin), None, None


@_slice_grad.gradient
def _(ddx: Tensor, y: Tensor, dy: Tensor, input: Tensor, begin: Tensor) -> Any:
    return _slice(ddx, begin, shape_of(dy)), None, None


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """`size` elements from `begin`, one pair of numbers an axis. Source: tf.slice."""
    result: Tensor = _slice(input_, begin, size, name=name)
    return result


@op("OneHot", kind="array", differentiable=False, shape=lambda *_, **__: shapes.UNKNOWN)
def _one_hot(indices: Any_, depth: Index, on_value: T, off_value: T, *, axis: int = -1) -> T:
    """A new axis of size depth: on_value at the index, off_value elsewhere."""
    at = axis if axis >= 0 else indices.ndim + 1 + axis
    positions = np.arange(int(depth)).reshape(
        [-1 if i == at else 1 for i in range(indices.ndim + 1)]
    )
    return np.where(np.expand_dims(indices, at) == positions, on_value, off_value)


@_one_hot.shape
def _(indices: Tensor, depth: Tensor, on: Tensor, off: Tensor, *, axis: int) -> TensorShape:
    for number in (depth, on, off):
        number.shape.with_rank(0)
    if axis < -1:
        raise ValueError("axis must be >= -1")
    if indices.shape.ndims is not None and axis > indices.shape.ndims:
        raise ValueError(f"Shape must be at least rank {axis} but is rank {indices.shape.ndims}")
    if indices.shape.sizes is None:
        return shapes.UNKNOWN
    count = constant_value(depth)
    sizes: list[int | None] = list(indices.shape.sizes)
    at = axis if axis >= 0 else len(sizes) + 1 + axis
    sizes.insert(at, None if count is None else int(count))
    return TensorShape(sizes)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """A row of `off_value` (0) with one `on_value` (1) for each index. Source: tf.one_hot."""
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value]) as scope:
        given = [v for v in (on_value, off_value) if v is not None]
        # TensorFlow makes constants of given numbers, for their types.
        types = [convert_to_tensor(v).dtype.base_dtype for v in given]
        wanted = as_dtype(dtype) if dtype is not None else (types[0] if types else float32)
        if any(t is not wanted for t in types):
            raise TypeError(
                f"dtype {types[-1].name} of on_value or off_value does not match dtype parameter "
                f"{wanted.name}"
            )
        on = convert_to_tensor(1, wanted, name="on_value") if on_value is None else on_value
        off = convert_to_tensor(0, wanted, name="off_value") if off_value is None else off_value
        if not isinstance(indices, Tensor):
            indices = convert_to_tensor(indices, int64, name="indices")
        result: Tensor = _one_hot(
            indices, depth, on, off, axis=-1 if axis is None else axis, name=scope
        )
        return result


def _selected(condition: Tensor, t: Tensor, e: Tensor) -> TensorShape:
    result = shapes.merged(t, e)
    if condition.shape.ndims == result.ndims and result.ndims is not None:
        result = result.merge_with(shapes.merged(condition, t))
    elif condition.shape.ndims == 1 and result.ndims is not None:  # it chooses whole rows
        rows = TensorShape([result[0].value])
        if not condition.shape.is_compatible_with(rows):
            raise ValueError(shapes.different(condition.shape, rows))
    return result


@op("Select", kind="logic", shape=_selected)
def _select(condition: Bool, t: T, e: T) -> T:
    """t where the condition holds, e elsewhere; a vector of conditions chooses whole rows."""
    if condition.ndim == 1 and t.ndim > 1:
        condition = condition.reshape(-1, *[1] * (t.ndim - 1))
    return np.where(condition, t, e)


@_select.gradient
def _(dy: Tensor, y: Tensor, condition: Tensor, t: Tensor, e: Tensor) -> Any:
    nothing = zeros_like(dy)
    return None, _select(condition, dy, nothing), _select(condition, nothing, dy)


def _broadcast_choice(condition: Tensor, t: Tensor, e: Tensor) -> TensorShape:
    return shapes.broadcast_shapes(condition.shape, shapes.broadcast_shapes(t.shape, e.shape))


@op("SelectV2", kind="logic", shape=_broadcast_choice, broadcasts=True)
def _select_v2(condition: Bool, t: T, e: T) -> T:
    """t where the condition holds, e elsewhere; all three are broadcast."""
    return np.where(condition, t, e)


@_select_v2.gradient
def _(dy: Tensor, y: Tensor, condition: Tensor, t: Tensor, e: Tensor) -> Any:
    nothing = zeros_like(dy)
    return None, _select_v2(condition, dy, nothing), _select_v2(condition, nothing, dy)


@op(
    "Where",
    kind="logic",
    dtype=int64,
    differentiable=False,
    shape=lambda input: TensorShape([None, input.shape.ndims]),
)
def _where(input: T) -> Index:
    """The positions of the elements that are true, one row each."""
    return np.argwhere(input)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where the condition holds, y elsewhere; without both, the true positions [n, rank].

    Source: tf.where. The gradient goes to the side that was chosen; where the other side is
    infinite or NaN, its own rule still makes 0 * inf = NaN.
    Errors: ValueError when only one of x and y is given.
    """
    if x is None and y is None:
        positions: Tensor = _where(condition, name=name)
        return positions
    return _chosen(_select, "Select", condition, x, y, name)


def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where the condition holds, y elsewhere, all broadcast; without both, the true positions.

    Source: tf.where_v2. Errors: ValueError when only one of x and y is given.
    """
    if x is None and y is None:
        return where(condition, name=name)
    return _chosen(_select_v2, "SelectV2", condition, x, y, name)


def _chosen(
    definition: Any, default: str, condition: Any, x: Any, y: Any, name: str | None
) -> Tensor:
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    with name_scope(name, default, [condition, x, y]) as scope:
        condition = convert_to_tensor(condition, name="condition")
        chosen: Tensor = definition(condition, x, y, name=scope)
        return chosen
