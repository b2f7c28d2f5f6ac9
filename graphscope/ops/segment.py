"""Sums, means, products and extremes of rows that belong together: segments.

In the sorted forms the segment numbers rise; a number that does not occur gives a row of zeros. The
unsorted forms take any order and the number of segments; rows of negative numbers are left out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import FLOATS, NUMBERS, REALS, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, logic, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import gather
from graphscope.ops.joining import concat, where

# ---- sorted ------------------------------------------------------------------------------------


def _rows_of(data: Tensor, segment_ids: Tensor) -> TensorShape:
    segment_ids.shape.with_rank(1)
    if data.shape.sizes is None:
        return shapes.UNKNOWN
    if not data.shape.sizes:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    return TensorShape([None, *data.shape.sizes[1:]])


_sorted = partial(op, kind="reduce", shape=_rows_of, types=NUMBERS)
_sorted_real = partial(op, kind="reduce", shape=_rows_of, types=REALS)


def _reduced(reduce: Any, data: T, segment_ids: Index, nothing: Any, rows: Any = None) -> T:
    """One row for each number up to the last, or `rows`; those that do not occur are `nothing`."""
    if segment_ids.shape != data.shape[:1]:
        raise ValueError("segment_ids should be the same size as dimension 0 of input.")
    last = int(segment_ids[-1]) if len(segment_ids) else -1
    if len(segment_ids) and last < 0:
        raise ValueError("segment ids must be >= 0")
    count = last + 1 if rows is None else int(rows)
    result = np.full((count, *data.shape[1:]), nothing, data.dtype)
    if len(segment_ids):
        starts = np.concatenate([[0], np.flatnonzero(np.diff(segment_ids)) + 1])
        _refuse_segments(segment_ids[starts], count)
        result[segment_ids[starts]] = reduce.reduceat(data, starts, axis=0, dtype=data.dtype)
    return result


def _refuse_segments(numbers: Index, count: int) -> None:
    """Errors: ValueError for the first number that is out of range, or does not rise."""
    for i, number in enumerate(numbers):
        if i + 1 < len(numbers) and numbers[i + 1] < number:
            raise ValueError("segment ids are not increasing")
        if not 0 <= number < count:
            raise ValueError(
                f"Segment id {number} out of range [0, {count}), possibly because 'segment_ids' "
                "input is not sorted."
            )


@_sorted("SegmentSum")
def segment_sum(data: T, segment_ids: Index) -> T:
    """The sum of the rows of each segment. segment_ids: [rows], rising."""
    return _reduced(np.add, data, segment_ids, 0)


@segment_sum.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor) -> Any:
    return gather(dy, segment_ids), None


def _counted(data: T, segment_ids: Index, rows: Any = 0) -> T:
    counts = np.bincount(segment_ids, minlength=int(rows))
    column = np.maximum(counts, 1).astype(data.dtype)
    return column.reshape(-1, *[1] * (data.ndim - 1))


@_sorted("SegmentMean")
def segment_mean(data: T, segment_ids: Index) -> T:
    """The mean of the rows of each segment. segment_ids: [rows], rising."""
    total = _reduced(np.add, data, segment_ids, 0)
    count = _counted(data, segment_ids)
    return np.asarray(total // count if data.dtype.kind in "iu" else total / count)


@segment_mean.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor) -> Any:
    ones = array.fill(
        concat(
            [shape_of(segment_ids), array.fill(array.expand_dims(array.rank(data) - 1, 0), 1)], 0
        ),
        array.constant(1, dy.dtype),
    )
    return gather(dy / segment_sum(ones, segment_ids), segment_ids), None


@_sorted("SegmentProd", differentiable=False)
def segment_prod(data: T, segment_ids: Index) -> T:
    """The product of the rows of each segment. segment_ids: [rows], rising."""
    return _reduced(np.multiply, data, segment_ids, 1)


@_sorted_real("SegmentMax")
def segment_max(data: T, segment_ids: Index) -> T:
    """The largest row of each segment, elementwise. segment_ids: [rows], rising."""
    return _reduced(np.maximum, data, segment_ids, 0)


@_sorted_real("SegmentMin")
def segment_min(data: T, segment_ids: Index) -> T:
    """The smallest row of each segment, elementwise. segment_ids: [rows], rising."""
    return _reduced(np.minimum, data, segment_ids, 0)


@segment_max.gradient
@segment_min.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor) -> Any:
    chosen = logic.equal(data, gather(y, segment_ids))
    count = segment_sum(math.cast(chosen, dy.dtype), segment_ids)
    share = gather(dy / count, segment_ids)
    return where(chosen, share, array.zeros_like(share)), None


# ---- unsorted ----------------------------------------------------------------------------------


def _numbered(data: Tensor, segment_ids: Tensor, num_segments: Tensor) -> TensorShape:
    count = constant_value(num_segments)
    if data.shape.sizes is None or segment_ids.shape.sizes is None:
        return shapes.UNKNOWN
    inner = len(segment_ids.shape.sizes)
    data.shape[:inner].assert_is_compatible_with(segment_ids.shape)
    return TensorShape([None if count is None else int(count), *data.shape.sizes[inner:]])


_unsorted = partial(op, kind="reduce", shape=_numbered, types=NUMBERS)
_unsorted_real = partial(op, kind="reduce", shape=_numbered, types=REALS)


def _scattered(reduce: Any, data: T, segment_ids: Index, num_segments: Any, start: Any) -> T:
    if data.shape[: segment_ids.ndim] != segment_ids.shape:
        raise ValueError(
            f"data.shape = {list(data.shape)} does not start with segment_ids.shape = "
            f"{list(segment_ids.shape)}"
        )
    count = int(num_segments)
    outside = segment_ids >= count
    if np.any(outside):
        place = tuple(np.argwhere(outside)[0])
        raise ValueError(
            f"segment_ids[{','.join(map(str, place))}] = {segment_ids[place]} is out of range "
            f"[0, {count})"
        )
    result = np.full((count, *data.shape[segment_ids.ndim :]), start, data.dtype)
    used = segment_ids >= 0
    reduce.at(result, segment_ids[used], data[used])
    return result


@_unsorted("UnsortedSegmentSum")
def unsorted_segment_sum(data: T, segment_ids: Index, num_segments: Any_) -> T:
    """The sum of the rows of each segment; 0 for a segment without rows."""
    return _scattered(np.add, data, segment_ids, num_segments, 0)


@_unsorted("UnsortedSegmentProd")
def unsorted_segment_prod(data: T, segment_ids: Index, num_segments: Any_) -> T:
    """The product of the rows of each segment; 1 for a segment without rows."""
    return _scattered(np.multiply, data, segment_ids, num_segments, 1)


def _limit(dtype: Any, name: str) -> Any:
    info: Any = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return getattr(info, name)


@_unsorted_real("UnsortedSegmentMax")
def unsorted_segment_max(data: T, segment_ids: Index, num_segments: Any_) -> T:
    """The largest row of each segment; the type's lowest number for a segment without rows."""
    return _scattered(np.maximum, data, segment_ids, num_segments, _limit(data.dtype, "min"))


@_unsorted_real("UnsortedSegmentMin")
def unsorted_segment_min(data: T, segment_ids: Index, num_segments: Any_) -> T:
    """The smallest row of each segment; the type's largest number for a segment without rows."""
    return _scattered(np.minimum, data, segment_ids, num_segments, _limit(data.dtype, "max"))


def _gather_own(params: Tensor, segment_ids: Tensor) -> tuple[Tensor, Tensor]:
    """For each row of data the row of its segment (any one for negative numbers), and a mask."""
    zero = array.zeros_like(segment_ids)
    rows = gather(params, math.maximum(segment_ids, zero))
    used = segment_ids >= zero
    extra = array.ones([array.rank(rows) - array.rank(used)], int32)
    mask = array.reshape(used, concat([shape_of(used), extra], 0))
    return rows, logic.logical_and(mask, array.ones_like(rows, dtype=bool))


@unsorted_segment_sum.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor, num_segments: Tensor) -> Any:
    rows, used = _gather_own(dy, segment_ids)
    return where(used, rows, array.zeros_like(rows)), None, None


@unsorted_segment_max.gradient
@unsorted_segment_min.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor, num_segments: Tensor) -> Any:
    extreme, used = _gather_own(y, segment_ids)
    chosen = logic.logical_and(logic.equal(data, extreme), used)
    count = unsorted_segment_sum(math.cast(chosen, dy.dtype), segment_ids, num_segments)
    share, _ = _gather_own(dy / count, segment_ids)
    return where(chosen, share, array.zeros_like(share)), None, None


def _prod_slope(dy: Tensor, data: Tensor, segment_ids: Tensor, count: Any) -> Tensor:
    """The slope of a product is the product of the others: careful where some are 0."""
    is_zero = logic.equal(data, array.zeros_like(data))
    zeros = unsorted_segment_sum(math.cast(is_zero, int32), segment_ids, count)
    dy = where(zeros > 1, array.zeros_like(dy), dy)
    others = where(is_zero, array.ones_like(data), data)
    product, used = _gather_own(unsorted_segment_prod(others, segment_ids, count), segment_ids)
    whole, _ = _gather_own(unsorted_segment_prod(data, segment_ids, count), segment_ids)
    flow, _ = _gather_own(dy, segment_ids)
    slope = where(is_zero, product, whole / others) * flow
    return where(used, slope, array.zeros_like(slope))


@unsorted_segment_prod.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, segment_ids: Tensor, num_segments: Tensor) -> Any:
    return _prod_slope(dy, data, segment_ids, num_segments), None, None


def _counts(data: Tensor, segment_ids: Tensor, num_segments: Any) -> Tensor:
    """How many rows each segment has, at least 1, in a shape that divides the sums."""
    ones = array.ones(shape_of(segment_ids), data.dtype)
    count = unsorted_segment_sum(ones, segment_ids, num_segments)
    extra = (data.shape.ndims or 1) - (segment_ids.shape.ndims or 1)
    column = array.reshape(count, [num_segments, *[1] * extra])
    result: Tensor = math.maximum(column, array.constant(1, data.dtype))
    return result


def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The mean of the rows of each segment. Source: tf.unsorted_segment_mean."""
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        count = _counts(data, segment_ids, num_segments)
        result: Tensor = unsorted_segment_sum(data, segment_ids, num_segments) / count
        return result


def unsorted_segment_sqrt_n(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sum of each segment by the root of its count. Source: tf.unsorted_segment_sqrt_n."""
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        count = _counts(data, segment_ids, num_segments)
        total = unsorted_segment_sum(data, segment_ids, num_segments)
        result: Tensor = total / math.sqrt(count)
        return result


# ---- of chosen rows ----------------------------------------------------------------------------


def _chosen_rows(data: Tensor, indices: Tensor, segment_ids: Tensor) -> TensorShape:
    indices.shape.with_rank(1).merge_with(segment_ids.shape.with_rank(1))
    return _rows_of(data, segment_ids)


def _chosen_and_numbered(
    data: Tensor, indices: Tensor, segment_ids: Tensor, num_segments: Tensor
) -> TensorShape:
    count = constant_value(num_segments)
    rest = _chosen_rows(data, indices, segment_ids)
    if rest.sizes is None:
        return rest
    return TensorShape([None if count is None else int(count), *rest.sizes[1:]])


_sparse = partial(op, kind="reduce", shape=_chosen_rows, types=REALS)
_sparse_numbered = partial(op, kind="reduce", shape=_chosen_and_numbered, types=REALS)


def _taken(data: T, indices: Index) -> T:
    """The rows at the indices. Errors: ValueError for one that is not there."""
    for place in np.flatnonzero((indices < 0) | (indices >= len(data)))[:1]:
        raise ValueError(f"indices[{place}] == {indices[place]} out of range [0, {len(data)})")
    return data[indices]


def _total_of(data: T, indices: Index, segment_ids: Any_, rows: Any = None) -> T:
    return _reduced(np.add, _taken(data, indices), segment_ids, 0, rows)


@_sparse("SparseSegmentSum")
def _sparse_segment_sum(data: T, indices: Index, segment_ids: Any_) -> T:
    """The sum, for each segment, of the rows of data at `indices`."""
    return _total_of(data, indices, segment_ids)


@_sparse("SparseSegmentMean", types=FLOATS)
def _sparse_segment_mean(data: T, indices: Index, segment_ids: Any_) -> T:
    """The mean, for each segment, of the rows of data at `indices`."""
    total = _total_of(data, indices, segment_ids)
    return np.asarray(total / _counted(data, segment_ids))


@_sparse("SparseSegmentSqrtN", types=FLOATS)
def _sparse_segment_sqrt_n(data: T, indices: Index, segment_ids: Any_) -> T:
    """The sum, for each segment, of the rows at `indices`, by the root of their count."""
    total = _total_of(data, indices, segment_ids)
    return np.asarray(total / np.sqrt(_counted(data, segment_ids)))


@_sparse_numbered("SparseSegmentSumWithNumSegments")
def _sparse_segment_sum_of(data: T, indices: Index, segment_ids: Any_, num_segments: Any_) -> T:
    """SparseSegmentSum with so many segments, of which the last ones may be without rows."""
    return _total_of(data, indices, segment_ids, num_segments)


@_sparse_numbered("SparseSegmentMeanWithNumSegments", types=FLOATS)
def _sparse_segment_mean_of(data: T, indices: Index, segment_ids: Any_, num_segments: Any_) -> T:
    """SparseSegmentMean with so many segments, of which the last ones may be without rows."""
    total = _total_of(data, indices, segment_ids, num_segments)
    return np.asarray(total / _counted(data, segment_ids, num_segments))


@_sparse_numbered("SparseSegmentSqrtNWithNumSegments", types=FLOATS)
def _sparse_segment_sqrt_n_of(data: T, indices: Index, segment_ids: Any_, num_segments: Any_) -> T:
    """SparseSegmentSqrtN with so many segments, of which the last ones may be without rows."""
    total = _total_of(data, indices, segment_ids, num_segments)
    return np.asarray(total / np.sqrt(_counted(data, segment_ids, num_segments)))


def _of_chosen(plain: Any, numbered: Any, name: str) -> Any:
    def function(
        data: Any,
        indices: Any,
        segment_ids: Any,
        name: str | None = None,
        num_segments: Any = None,
    ) -> Tensor:
        if num_segments is None:
            reduced: Tensor = plain(data, indices, segment_ids, name=name)
            return reduced
        reduced = numbered(data, indices, segment_ids, num_segments, name=name)
        return reduced

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{plain.doc}

        num_segments: how many segments there are; up to the last number when left out.
        Errors: InvalidArgumentError, in a run, for an index out of bounds, or numbers that fall.
        Source: tf.{name}.
        """
    return function


sparse_segment_sum = _of_chosen(_sparse_segment_sum, _sparse_segment_sum_of, "sparse_segment_sum")
sparse_segment_mean = _of_chosen(
    _sparse_segment_mean, _sparse_segment_mean_of, "sparse_segment_mean"
)
sparse_segment_sqrt_n = _of_chosen(
    _sparse_segment_sqrt_n, _sparse_segment_sqrt_n_of, "sparse_segment_sqrt_n"
)


def _back_to_rows(
    dy: Tensor, data: Tensor, indices: Tensor, segment_ids: Tensor, *count: Tensor
) -> Any:
    rows = gather(dy, segment_ids)
    nothing = [None for _ in (indices, segment_ids, *count)]
    return unsorted_segment_sum(rows, indices, shape_of(data)[0]), *nothing


def _sizes_of(dy: Tensor, segment_ids: Tensor) -> Tensor:
    """How many rows each segment has, at least 1, in a shape that divides dy."""
    count = unsorted_segment_sum(
        array.ones(shape_of(segment_ids), dy.dtype), segment_ids, shape_of(dy)[0]
    )
    ones = array.ones([array.rank(dy) - 1], int32)
    column = array.reshape(count, concat([[-1], ones], 0))
    result: Tensor = math.maximum(column, array.constant(1, dy.dtype))
    return result


@_sparse_segment_sum.gradient
@_sparse_segment_sum_of.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, indices: Tensor, ids: Tensor, *count: Tensor) -> Any:
    return _back_to_rows(dy, data, indices, ids, *count)


@_sparse_segment_mean.gradient
@_sparse_segment_mean_of.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, indices: Tensor, ids: Tensor, *count: Tensor) -> Any:
    return _back_to_rows(dy / _sizes_of(dy, ids), data, indices, ids, *count)


@_sparse_segment_sqrt_n.gradient
@_sparse_segment_sqrt_n_of.gradient
def _(dy: Tensor, y: Tensor, data: Tensor, indices: Tensor, ids: Tensor, *count: Tensor) -> Any:
    return _back_to_rows(dy / math.sqrt(_sizes_of(dy, ids)), data, indices, ids, *count)
