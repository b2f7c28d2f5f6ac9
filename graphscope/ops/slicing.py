"""``x[1:, ::2]``: what it takes, the slope of that, and writing such a part of a variable."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_shape, constant_value, convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import as_dtype, bool_, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import graph_of, name_scope
from graphscope.graph.shapes import Dimension, TensorShape
from graphscope.ops.array import ones_like
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import boolean_mask
from graphscope.ops.joining import stack
from graphscope.ops.math import cast


class Masks(NamedTuple):
    """How the entries of a slice are to be read: bit i speaks of entry i."""

    begin_mask: int = 0
    end_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0
    shrink_axis_mask: int = 0

    def key(self, begin: Any, end: Any, strides: Any) -> tuple[Any, ...]:
        """The entries as Python would index with them; None in `begin` or `end`: not known yet."""
        entries: list[Any] = []
        for i, step in enumerate(strides):
            bit = 1 << i
            if self.ellipsis_mask & bit:
                entries.append(Ellipsis)
            elif self.new_axis_mask & bit:
                entries.append(None)
            elif self.shrink_axis_mask & bit:
                entries.append(begin[i])
            else:
                first = None if self.begin_mask & bit else begin[i]
                last = None if self.end_mask & bit else end[i]
                entries.append(slice(first, last, int(step)))
        return tuple(entries)


_NO_MASKS = Masks()

#: What is said of another kind of index.
SLICE_TYPE_ERROR = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
    "tf.int32/tf.int64 tensors are valid indices"
)


def _sliced(
    input: Tensor, begin: Tensor, end: Tensor, strides: Tensor, **masks: int
) -> TensorShape:
    first, last, steps = (constant_value(tensor) for tensor in (begin, end, strides))
    if steps is None or input.shape.sizes is None:
        return shapes.UNKNOWN
    if not np.all(steps):
        raise ValueError(f"strides[{np.argmin(np.abs(steps))}] must be non-zero")
    read = Masks(**masks)
    # Where the bounds are known only in a run, any others stand in for them: they do not matter
    # for an entry that is masked, and of the others only the rank of the result is used.
    key = read.key(
        steps if first is None else first.tolist(), steps if last is None else last.tolist(), steps
    )
    sure = [
        (first is not None or bool(read.begin_mask >> i & 1))
        and (last is not None or bool(read.end_mask >> i & 1))
        for i in range(len(key))
    ]
    return TensorShape(_sizes_left(input.shape.as_list(), key, sure, first is not None))


def _sizes_left(
    sizes: list[int | None], key: Sequence[Any], sure: Sequence[bool], check: bool
) -> list[int | None]:
    """The sizes after indexing. sure: for each entry, whether its bounds are known."""
    if list(key).count(Ellipsis) > 1:
        raise ValueError("Multiple ellipses in slice spec not allowed")
    taken = sum(entry is not None and entry is not Ellipsis for entry in key)
    if taken > len(sizes):
        raise ValueError(
            f"Index out of range using input dim {len(sizes)}; input has only {len(sizes)} dims"
        )
    result: list[int | None] = []
    axis = 0
    for entry, known in zip(key, sure, strict=True):
        if entry is Ellipsis:
            until = axis + len(sizes) - taken
            result += sizes[axis:until]
            axis = until
        elif entry is None:
            result.append(1)
        else:
            size = sizes[axis]
            if not isinstance(entry, slice):
                if check and size is not None and not -size <= entry < size:
                    raise ValueError(f"slice index {entry} of dimension {axis} out of bounds.")
            elif size is None or not known:
                result.append(None)
            else:
                result.append(len(range(size)[entry]))
            axis += 1
    return result + sizes[axis:]


@op("StridedSlice", kind="array", shape=_sliced)
def _strided_slice(
    input: T,
    begin: Index,
    end: Index,
    strides: Index,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> T:
    """What ``input[begin:end:strides, ...]`` takes in Python. A bit of a mask changes one entry.

    begin_mask, end_mask: from the start, to the end. ellipsis_mask: ``...``.
    new_axis_mask: a new axis of size 1. shrink_axis_mask: one element, whose axis goes.
    """
    masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    key = masks.key(begin.tolist(), end.tolist(), strides.tolist())
    _sizes_left(list(input.shape), key, [True] * len(key), True)
    return np.asarray(input[key])


@op("StridedSliceGrad", kind="array", shape=lambda shape, *_, **__: constant_shape(shape))
def _strided_slice_grad(
    shape: Index,
    begin: Index,
    end: Index,
    strides: Index,
    dy: T,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> T:
    """Zeros in the given shape, with dy where the slice was taken: the slope of StridedSlice."""
    masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    spread = np.zeros(shape.tolist(), dy.dtype)
    spread[masks.key(begin.tolist(), end.tolist(), strides.tolist())] = dy
    return spread


@_strided_slice.gradient
def _(
    dy: Tensor, y: Tensor, x: Tensor, begin: Tensor, end: Tensor, strides: Tensor, **masks: int
) -> Any:
    sizes = shape_of(x, out_type=begin.dtype)
    return _strided_slice_grad(sizes, begin, end, strides, dy, **masks), None, None, None


@_strided_slice_grad.gradient
def _(
    ddx: Tensor,
    dx: Tensor,
    shape: Tensor,
    begin: Tensor,
    end: Tensor,
    strides: Tensor,
    dy: Tensor,
    **masks: int,
) -> Any:
    return None, None, None, None, _strided_slice(ddx, begin, end, strides, **masks)


def getitem(tensor: Any, key: Any) -> Tensor:
    """``tensor[key]``: integers, slices, ``...``, tf.newaxis, and scalar integer tensors.

    Errors: TypeError for another kind of index, ValueError for one that is out of bounds.
    """
    if _is_mask(key):
        return boolean_mask(tensor, key)
    entries = list(key) if isinstance(key, list | tuple) else [key]
    begin, end, strides = [], [], []
    masks = dict.fromkeys(Masks._fields, 0)
    for i, entry in enumerate(entries):
        first, last, step = 0, 0, 1
        if isinstance(entry, slice):
            first, masks["begin_mask"] = _bound(entry.start, i, masks["begin_mask"])
            last, masks["end_mask"] = _bound(entry.stop, i, masks["end_mask"])
            step = 1 if entry.step is None else _checked(entry.step)
        elif entry is Ellipsis:
            masks["ellipsis_mask"] |= 1 << i
        elif entry is None:
            masks["new_axis_mask"] |= 1 << i
        else:
            first = _checked(entry)
            last = first + 1
            masks["shrink_axis_mask"] |= 1 << i
        begin.append(first)
        end.append(last)
        strides.append(step)
    graph = graph_of([tensor, *begin, *end, *strides])
    with graph.as_default(), name_scope(None, "strided_slice", [tensor]) as scope:
        bounds = [_index_vector(entries) for entries in (begin, end, strides)]
        if any(vector.dtype.base_dtype is int64 for vector in bounds):
            bounds = [cast(vector, int64) for vector in bounds]
        result: Tensor = _strided_slice(tensor, *bounds, **masks, name=scope)
        return result


def _bound(bound: Any, i: int, mask: int) -> tuple[Any, int]:
    """A bound of a slice and its mask; in ``x[:]`` old callers give sys.maxsize for the end."""
    if bound is None or (isinstance(bound, int) and bound == sys.maxsize):
        return 0, mask | 1 << i
    return _checked(bound), mask


def _index_vector(entries: list[Any]) -> Tensor:
    return stack(entries) if entries else convert_to_tensor(np.zeros(0, np.int32))


def _checked(index: Any) -> Any:
    """An index that is a whole number. Errors: TypeError."""
    if isinstance(index, Dimension):
        return int(index)
    whole = isinstance(index, int | np.integer) and not isinstance(index, bool)
    scalar = getattr(index, "dtype", None) in (int32, int64) and not (
        index.shape and len(index.shape)
    )
    if not whole and not scalar:
        raise TypeError(f"{SLICE_TYPE_ERROR}, got {index!r}")
    return index


def _is_mask(key: Any) -> bool:
    return isinstance(key, bool) or (
        hasattr(key, "dtype") and as_dtype(key.dtype).base_dtype is bool_
    )


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """``input_[begin:end:strides]``, one entry for each axis. Source: tf.strided_slice.

    strides: ones when left out. The masks are those of Python's spellings: bit i of begin_mask is
    for ``:end`` at place i, of end_mask for ``begin:``, of ellipsis_mask for ``...``, of
    new_axis_mask for tf.newaxis, of shrink_axis_mask for a number.
    var: the variable that `input_` was read of; it is found without.
    """
    masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    steps = ones_like(begin) if strides is None else strides
    result: Tensor = _strided_slice(input_, begin, end, steps, **masks._asdict(), name=name)
    return result
