"""Elements without repetition, counting, and the splitting of rows by a number and back."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import REALS, DType, as_dtype, bool_, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import gather
from graphscope.ops.reduction import all_, reduce_max, reduce_prod
from graphscope.ops.segment import unsorted_segment_sum

# ---- without repetition ------------------------------------------------------------------------


class Unique(NamedTuple):
    """The different elements in the order of their first appearance, and for each element where
    among them it is."""

    y: Tensor
    idx: Tensor


#: The different elements, where each element is among them, and how often each occurs.
UniqueWithCounts = namedtuple("UniqueWithCounts", ["y", "idx", "count"])


class ListDiff(NamedTuple):
    """The elements of x that are not in y, and their positions in x."""

    out: Tensor
    idx: Tensor


def _different(x: T) -> tuple[T, T, T]:
    """The different elements in order of appearance, the place of each element, the counts."""
    values, first, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return values[order], place[inverse.reshape(-1)], counts[order]


_unique_op = partial(
    op,
    kind="array",
    differentiable=False,
    dtype=lambda x, *, out_idx: (x.dtype.base_dtype, out_idx, out_idx),
)


def _unique_shapes(x: Tensor, **_: Any) -> tuple[TensorShape, ...]:
    return TensorShape([None]), x.shape.with_rank(1), TensorShape([None])


@op(
    "Unique",
    kind="array",
    differentiable=False,
    outputs=("y", "idx"),
    shape=lambda x, **attrs: _unique_shapes(x)[:2],
    dtype=lambda x, *, out_idx: (x.dtype.base_dtype, out_idx),
)
def _unique(x: T, *, out_idx: DType = int32) -> tuple[T, Index]:
    """The different elements of a vector in the order of their first appearance."""
    values, places, _ = _different(x)
    return values, places.astype(out_idx.numpy)


@_unique_op("UniqueWithCounts", outputs=("y", "idx", "count"), shape=_unique_shapes)
def _unique_with_counts(x: T, *, out_idx: DType = int32) -> tuple[T, Index, Index]:
    """The different elements of a vector in order of appearance, and how often each occurs."""
    values, places, counts = _different(x)
    return values, places.astype(out_idx.numpy), counts.astype(out_idx.numpy)


@op(
    "ListDiff",
    kind="array",
    differentiable=False,
    outputs=("out", "idx"),
    shape=lambda *_, **__: (TensorShape([None]), TensorShape([None])),
    dtype=lambda x, y, *, out_idx: (x.dtype.base_dtype, out_idx),
)
def _list_diff(x: T, y: T, *, out_idx: DType = int32) -> tuple[T, Index]:
    """The elements of the vector x that are not in y, in their order, and their positions."""
    places = np.flatnonzero(~np.isin(x, y))
    return x[places], places.astype(out_idx.numpy)


def _along(x: T, axis: Index) -> tuple[T, T, T]:
    """`_different` for the slices along an axis, of which there may be none for a vector."""
    if not axis.size and x.ndim != 1:
        raise ValueError("unique expects a 1D vector.")
    at = int(axis.item()) if axis.size else 0
    if not -x.ndim <= at < x.ndim:
        raise ValueError(f"axis has to be between 0 and {x.ndim}")
    rows = np.moveaxis(x, at, 0)
    numbers: dict[Any, int] = {}
    places = [numbers.setdefault(str(row.tolist()), len(numbers)) for row in rows]
    first = [places.index(i) for i in range(len(numbers))]
    counts = np.bincount(np.asarray(places, np.int64), minlength=len(numbers))
    return np.moveaxis(rows[first], 0, at), np.asarray(places), counts


def _unique_along(x: Tensor, axis: Tensor, **_: Any) -> tuple[TensorShape, ...]:
    rank = x.shape.ndims
    values = TensorShape(None if rank is None else [None] * rank)
    return values, TensorShape([None]), TensorShape([None])


@op(
    "UniqueV2",
    kind="array",
    differentiable=False,
    outputs=("y", "idx"),
    shape=lambda x, axis, **_: _unique_along(x, axis)[:2],
    dtype=lambda x, axis, *, out_idx: (x.dtype.base_dtype, out_idx),
)
def _unique_v2(x: T, axis: Index, *, out_idx: DType = int32) -> tuple[T, Index]:
    """The different slices along an axis in the order of their first appearance."""
    values, places, _ = _along(x, axis)
    return values, places.astype(out_idx.numpy)


@op(
    "UniqueWithCountsV2",
    kind="array",
    differentiable=False,
    outputs=("y", "idx", "count"),
    shape=_unique_along,
    dtype=lambda x, axis, *, out_idx: (x.dtype.base_dtype, out_idx, out_idx),
)
def _unique_with_counts_v2(x: T, axis: Index, *, out_idx: DType = int32) -> tuple[T, Index, Index]:
    """The different slices along an axis in order of appearance, and how often each occurs."""
    values, places, counts = _along(x, axis)
    return values, places.astype(out_idx.numpy), counts.astype(out_idx.numpy)


def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> Unique:
    """The different elements of a vector, in order of appearance. Source: tf.unique."""
    return Unique(*_unique(x, out_idx=as_dtype(out_idx), name=name))


def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> UniqueWithCounts:
    """The different elements of a vector and their counts. Source: tf.unique_with_counts."""
    return UniqueWithCounts(*_unique_with_counts(x, out_idx=as_dtype(out_idx), name=name))


def setdiff1d(x: Any, y: Any, index_dtype: Any = int32, name: str | None = None) -> ListDiff:
    """The elements of x that are not in y, and their positions. Source: tf.setdiff1d."""
    return ListDiff(*_list_diff(x, y, out_idx=as_dtype(index_dtype), name=name))


# ---- rows split by a number, and put together again --------------------------------------------


def _partitions(data: Tensor, partitions: Tensor, *, num_partitions: int) -> Any:
    if data.shape.sizes is None or partitions.shape.sizes is None:
        return (shapes.UNKNOWN,) * num_partitions
    inner = len(partitions.shape.sizes)
    data.shape[:inner].assert_is_compatible_with(partitions.shape)
    return (TensorShape([None]).concatenate(data.shape[inner:]),) * num_partitions


@op("DynamicPartition", kind="array", shape=_partitions)
def _dynamic_partition(data: T, partitions: Index, *, num_partitions: int) -> tuple[T, ...]:
    """The rows of data in num_partitions parts: partitions says for each row which."""
    outside = (partitions < 0) | (partitions >= num_partitions)
    if np.any(outside):
        place = tuple(np.argwhere(outside)[0])
        raise ValueError(
            f"partitions[{','.join(map(str, place))}] = {partitions[place]} is not in "
            f"[0, {num_partitions})"
        )
    return tuple(data[partitions == i] for i in range(num_partitions))


@_dynamic_partition.gradient
def _(dys: Any, ys: Any, data: Tensor, partitions: Tensor, *, num_partitions: int) -> Any:
    dys, ys = (dys, ys) if isinstance(dys, tuple) else ((dys,), (ys,))
    parts = array.all_present(dys, ys)
    prefix = shape_of(partitions)
    places = array.reshape(array.range(reduce_prod(prefix)), prefix)
    split = _dynamic_partition.node(places, partitions, num_partitions=num_partitions).outputs
    rows = dynamic_stitch(split, parts)
    return array.reshape(rows, shape_of(data)), None


def dynamic_partition(
    data: Any, partitions: Any, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """The rows of data in several tensors, by the number of each row. Source:
    tf.dynamic_partition.

    Errors: InvalidArgumentError, in a run, for a number outside [0, num_partitions).
    """
    node = _dynamic_partition.node(data, partitions, num_partitions=num_partitions, name=name)
    return node.outputs


def _stitched(inputs: list[Tensor], *, N: int) -> TensorShape:
    rest, rows = shapes.UNKNOWN, 0
    for places, part in zip(inputs[:N], inputs[N:], strict=True):
        known = constant_value(places)
        rows = -1 if known is None or rows < 0 else max(rows, int(np.max(known, initial=-1)) + 1)
        if places.shape.sizes is not None and part.shape.sizes is not None:
            rest = rest.merge_with(part.shape[len(places.shape.sizes) :])
    return TensorShape([None if rows < 0 else rows]).concatenate(rest)


_stitch = partial(
    op, kind="array", shape=_stitched, dtype=lambda inputs, *, N: inputs[N].dtype.base_dtype
)


def _put_together(indices: list[T], data: list[T]) -> T:
    count = max((int(np.max(places, initial=-1)) for places in indices), default=-1) + 1
    rest = data[0].shape[indices[0].ndim :]
    result = np.zeros((count, *rest), data[0].dtype)
    for places, part in zip(indices, data, strict=True):
        result[places] = part
    return result


@_stitch("DynamicStitch")
def _dynamic_stitch(inputs: list[Any_], *, N: int) -> T:
    """The rows of several tensors, each at its place; where two have one place, the later wins.

    inputs: N tensors of places, then N of rows.
    """
    return _put_together(inputs[:N], inputs[N:])


@_stitch("ParallelDynamicStitch")
def _parallel_dynamic_stitch(inputs: list[Any_], *, N: int) -> T:
    """DynamicStitch, where no place occurs twice.

    inputs: N tensors of places, then N of rows.
    """
    return _put_together(inputs[:N], inputs[N:])


@_dynamic_stitch.gradient
@_parallel_dynamic_stitch.gradient
def _(dy: Tensor, y: Tensor, inputs: list[Tensor], *, N: int) -> Any:
    return [*[None] * N, *[gather(dy, places) for places in inputs[:N]]]


def dynamic_stitch(indices: Sequence[Any], data: Sequence[Any], name: str | None = None) -> Tensor:
    """The rows of several tensors, each at its place. Source: tf.dynamic_stitch.

    Rows that no place names are 0 (TensorFlow leaves them as they happen to be).
    """
    result: Tensor = _dynamic_stitch(_places(indices, data), N=len(indices), name=name)
    return result


def parallel_dynamic_stitch(
    indices: Sequence[Any], data: Sequence[Any], name: str | None = None
) -> Tensor:
    """`dynamic_stitch`, where no place occurs twice. Source:
    tf.raw_ops.ParallelDynamicStitch."""
    result: Tensor = _parallel_dynamic_stitch(_places(indices, data), N=len(indices), name=name)
    return result


def _places(indices: Sequence[Any], data: Sequence[Any]) -> list[Tensor]:
    return [
        *[convert_to_tensor(places, int32, preferred=True) for places in indices],
        *[convert_to_tensor(part) for part in data],
    ]


# ---- counting ----------------------------------------------------------------------------------


def _counted_shape(arr: Tensor, size: Tensor, weights: Tensor) -> TensorShape:
    count = constant_value(size)
    return TensorShape([None if count is None else int(count)])


@op(
    "Bincount",
    kind="reduce",
    shape=_counted_shape,
    dtype=lambda arr, size, weights: weights.dtype.base_dtype,
    differentiable=False,
)
def _bincount(arr: Index, size: Any_, weights: T) -> T:
    """How often each whole number below `size` occurs; with weights, the sum of their weights."""
    if np.any(arr < 0):
        raise ValueError("Input arr must be non-negative!")
    count = int(size)
    used = arr.ravel() < count
    given = weights.ravel()[used] if weights.size else None
    total = np.bincount(arr.ravel()[used], given, minlength=count)
    return np.asarray(total, weights.dtype)


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Tensor:
    """How often each whole number from 0 to the largest occurs. Source: tf.bincount.

    weights: what an occurrence counts. minlength, maxlength: how many numbers at least, at most.
    """
    with name_scope(name or "bincount"):
        arr = convert_to_tensor(arr, int32, name="arr")
        present = math.cast(reduce_prod(shape_of(arr)) > 0, int32)
        size = present * (reduce_max(arr) + 1)
        if minlength is not None:
            size = math.maximum(convert_to_tensor(minlength, int32, name="minlength"), size)
        if maxlength is not None:
            size = math.minimum(convert_to_tensor(maxlength, int32, name="maxlength"), size)
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
            result: Tensor = unsorted_segment_sum(weights, arr, size)
            return result
        nothing = array.constant(np.zeros(0, as_dtype(dtype).numpy))
        result = _bincount(arr, size, nothing)
        return result


@op(
    "HistogramFixedWidth",
    kind="reduce",
    types=REALS,
    dtype="dtype",
    differentiable=False,
    shape=lambda values, value_range, nbins, **_: _counted_shape(values, nbins, values),
)
def _histogram(values: T, value_range: T, nbins: Any_, *, dtype: DType = int32) -> T:
    """How many values fall into each of nbins equal parts of value_range; the ends take more."""
    low, high = (float(bound) for bound in value_range)
    if not low < high:
        raise ValueError("value_range should satisfy value_range[0] < value_range[1]")
    count = int(nbins)
    step = (high - low) / count
    places = np.clip(np.floor((values.ravel() - low) / step), 0, count - 1).astype(np.int64)
    return np.bincount(places, minlength=count).astype(dtype.numpy)


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Tensor:
    """How many values fall into each of `nbins` equal parts. Source: tf.histogram_fixed_width.

    value_range: [low, high]; what lies beyond counts in the first or the last part.
    """
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as scope:
        values = convert_to_tensor(values, name="values")
        values = array.reshape(values, [-1])
        limits = convert_to_tensor(value_range, values.dtype, name="value_range", preferred=True)
        bins = convert_to_tensor(nbins, int32, name="nbins")
        result: Tensor = _histogram(values, limits, bins, dtype=as_dtype(dtype), name=scope)
        return result


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Tensor:
    """In which of `nbins` equal parts each value falls. Source: tf.histogram_fixed_width_bins.

    value_range: [low, high]; what lies beyond is in the first or the last part.
    """
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = convert_to_tensor(values, name="values")
        limits = convert_to_tensor(value_range, values.dtype, name="value_range", preferred=True)
        bins = convert_to_tensor(nbins, int32, name="nbins")
        scaled = math.truediv(values - limits[0], limits[1] - limits[0])
        places = math.cast(math.floor(math.cast(bins, scaled.dtype) * scaled), int32)
        last = bins - 1
        inside = math.minimum(math.maximum(places, array.zeros_like(places)), last)
        return math.cast(inside, dtype)


# ---- masks and grids ---------------------------------------------------------------------------


def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = bool_, name: str | None = None
) -> Tensor:
    """For each length a row that is True so many times, False after. Source: tf.sequence_mask.

    maxlen: how long the rows are; the largest length when left out.
    Errors: ValueError when maxlen is not a scalar.
    """
    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            longest = reduce_max(lengths)
            maxlen = math.maximum(array.constant(0, longest.dtype), longest)
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.shape.ndims not in (None, 0):
            raise ValueError("maxlen must be scalar for sequence_mask")
        ends = array.constant(0, maxlen.dtype), maxlen, array.constant(1, maxlen.dtype)
        row = OPS["Range"](*ends)
        # A Cast also where the type is the right one already, as in TensorFlow.
        column = OPS["Cast"](array.expand_dims(lengths, -1), DstT=maxlen.dtype.base_dtype)
        mask: Tensor = row < column
        wanted = as_dtype(dtype or bool_)
        return mask if wanted is bool_ else math.cast(mask, wanted)


def meshgrid(*args: Any, indexing: str = "xy", name: str = "meshgrid") -> list[Tensor]:
    """The coordinates of all points of a grid, one tensor for each axis. Source: tf.meshgrid.

    indexing: "xy", where the first two axes change places as in pictures, or "ij".
    Errors: ValueError for another indexing.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, values=list(args)):
        count = len(args)
        grid = []
        for i, x in enumerate(args):
            sizes = [1] * count
            sizes[i] = -1
            grid.append(array.reshape(convert_to_tensor(x, name="stack"), sizes))
        counts: list[Any] = [array.size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and count > 1:
            rest = [1] * (count - 2)
            grid[0] = array.reshape(grid[0], [1, -1, *rest])
            grid[1] = array.reshape(grid[1], [-1, 1, *rest])
            counts[:2] = counts[1::-1]
        ones = array.ones(counts, dtype)
        return [x * ones for x in grid]


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """True when no element is smaller than the one before it. Source: tf.is_non_decreasing."""
    with name_scope(name, "is_non_decreasing", [x]):
        flat = array.reshape(x, [-1])
        ordered: Tensor = all_(flat[:-1] <= flat[1:], [0])
        return ordered


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """True when every element is larger than the one before it. Source:
    tf.is_strictly_increasing."""
    with name_scope(name, "is_strictly_increasing", [x]):
        flat = array.reshape(x, [-1])
        ordered: Tensor = all_(flat[:-1] < flat[1:], [0])
        return ordered
