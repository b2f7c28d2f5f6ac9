"""Gathering in each batch alone, and repeating each element a number of times of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import boolean_mask, gather
from graphscope.ops.indexing import gather_nd as plain_gather_nd
from graphscope.ops.joining import concat, stack
from graphscope.ops.math import cast
from graphscope.ops.reduction import reduce_max, reduce_prod
from graphscope.ops.repeating import tile
from graphscope.ops.sets import dynamic_stitch, meshgrid, sequence_mask


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """The elements of params at `indices`, in each batch its own. Source: tf.batch_gather.

    params, indices: alike in all axes of indices but the last.
    Errors: ValueError for indices of unknown rank.
    """
    with name_scope(name, "BatchGather", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.shape.ndims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        return gather(params, indices, batch_dims=indices.shape.ndims - 1)


def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: Any = 0) -> Tensor:
    """For each row of indices the element, or slice, of params there. Source: tf.gather_nd.

    batch_dims: that many first axes are of params and indices alike: each pair is gathered alone.
    """
    known = constant_value(batch_dims) if is_tensor_like(batch_dims) else np.asarray(batch_dims)
    count = batch_dims if known is None else int(known.item())
    if count == 0:
        # A variable reads no more of itself than is asked for.
        own = getattr(params, "gather_nd", None)
        found: Tensor = own(indices, name) if own else plain_gather_nd(params, indices, name=name)
        return found
    return batch_gather_nd(params, indices, batch_dims=count, name=name)


def batch_gather_nd(params: Any, indices: Any, batch_dims: int, name: str | None = None) -> Tensor:
    """`gather_nd` in each batch alone. Source: TensorFlow's batch_gather_nd.

    Errors: TypeError unless batch_dims is an int, ValueError when it is negative or too large.
    """
    with name_scope(name, "BatchGatherND", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if not isinstance(batch_dims, int):
            raise TypeError(f"batch_dims must be an int; got {batch_dims!r}")
        if batch_dims < 0:
            raise ValueError("tf.gather_nd does not allow negative batch_dims.")
        for what, rank in (("indices", indices.shape.ndims), ("params", params.shape.ndims)):
            if rank is not None and batch_dims >= rank:
                raise ValueError(
                    f"batch_dims = {batch_dims} must be less than rank({what}) = {rank}"
                )
        if batch_dims == 0:
            alone: Tensor = plain_gather_nd(params, indices)
            return alone
        return _in_each_batch(params, indices, batch_dims)


def _in_each_batch(params: Tensor, indices: Tensor, batch_dims: int) -> Tensor:
    """One gather for all batches: the positions get the number of their batch in front."""
    outer = shape_of(params)[:batch_dims]
    inner = shape_of(indices)[batch_dims:-1]
    numbers = [array.range(cast(outer[i], indices.dtype.base_dtype)) for i in range(batch_dims)]
    grid = stack([array.reshape(t, [-1]) for t in meshgrid(*numbers, indexing="ij")], axis=-1)
    ones = array.ones([array.rank(indices) - batch_dims - 1], int32)
    grid = array.reshape(grid, concat([[-1], ones, [batch_dims]], 0))
    grid = tile(grid, concat([[1], inner, [1]], 0))
    flat = array.reshape(indices, concat([[reduce_prod(outer)], shape_of(indices)[batch_dims:]], 0))
    found = plain_gather_nd(params, concat([grid, flat], -1))
    result: Tensor = array.reshape(found, concat([outer, shape_of(found)[1:]], 0))
    return result


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element along `axis` so many times. Source: tf.repeat.

    repeats: one whole number, or one for each element. axis: the input is laid out flat first
    when it is left out. Errors: TypeError unless axis is an int and repeats are whole numbers.
    """
    if axis is None:
        input, axis = array.reshape(input, [-1]), 0
    return repeat_with_axis(input, repeats, axis, name)


def repeat_with_axis(data: Any, repeats: Any, axis: int, name: str | None = None) -> Tensor:
    """Each element along `axis` so many times. Source: TensorFlow's repeat_with_axis."""
    if not isinstance(axis, int):
        raise TypeError(f"axis must be an int; got {type(axis).__name__}")
    with name_scope(name, "Repeat", [data, repeats]):
        data = convert_to_tensor(data, name="data")
        repeats = convert_to_tensor(repeats, int32, name="repeats", preferred=True)
        if not repeats.dtype.is_integer:
            raise TypeError(f"repeats must be an integer tensor; dtype={repeats.dtype!r}")
        repeats = cast(repeats, int32)
        if data.shape.ndims == 0:
            data = array.reshape(data, [-1])
        axis = _positive(axis, data.shape.ndims)
        sizes = shape_of(data)
        count = array.broadcast_to(array.reshape(repeats, [-1]), [sizes[axis]])
        longest = reduce_max(count)
        wide = tile_one_dimension(array.expand_dims(data, axis + 1), axis + 1, longest)
        if axis == 0:
            return boolean_mask(wide, sequence_mask(count, longest))
        chosen = boolean_mask(wide, sequence_mask(count, longest), axis=axis)
        return chosen


def _positive(axis: int, rank: int | None) -> int:
    """The axis counted from the front. Errors: ValueError when there is none of that number."""
    if rank is None and axis < 0:
        raise ValueError("axis may only be negative if ndims is statically known.")
    if rank is not None and not -rank <= axis < rank:
        raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
    return axis if rank is None else axis % rank


def tile_one_dimension(data: Tensor, axis: int, multiple: Any) -> Tensor:
    """The tensor so many times along one axis. Source: TensorFlow's tile_one_dimension."""
    if data.shape.ndims is not None:
        times: Any = [1] * data.shape.ndims
        times[axis] = multiple
    else:
        ones = array.ones([array.rank(data)], int32)
        times = concat([ones[:axis], [multiple], ones[axis + 1 :]], 0)
    result: Tensor = tile(data, times)
    return result


# ---- shapes that are broadcast -----------------------------------------------------------------


def _broadcast_args(s0: Tensor, s1: Tensor) -> TensorShape:
    sizes = [t.shape.with_rank(1).sizes[0] for t in (s0, s1)]  # type: ignore[index]
    return TensorShape([None if None in sizes else max(n or 0 for n in sizes)])


@op("BroadcastArgs", kind="array", shape=_broadcast_args, differentiable=False)
def broadcast_dynamic_shape(s0: T, s1: T) -> T:
    """The shape that two shapes are broadcast to."""
    return np.asarray(np.broadcast_shapes(tuple(s0), tuple(s1)), s0.dtype)


@op(
    "BroadcastGradientArgs",
    kind="array",
    outputs=("r0", "r1"),
    differentiable=False,
    shape=lambda s0, s1: (TensorShape([None]), TensorShape([None])),
)
def _broadcast_gradient_args(s0: T, s1: T) -> tuple[Index, Index]:
    """The axes over which the slope of a broadcast result is summed, for each of two shapes."""
    both = [s0.tolist(), s1.tolist()]
    rank = max(map(len, both))
    wide = [[1] * (rank - len(sizes)) + sizes for sizes in both]
    np.broadcast_shapes(*map(tuple, wide))
    summed = [[i for i, size in enumerate(w) if size == 1 and both[0] != both[1]] for w in wide]
    return np.asarray(summed[0], s0.dtype), np.asarray(summed[1], s0.dtype)


def reduced_shape(input_shape: Any, axes: Any) -> Tensor:
    """The shape after a reduction that keeps the axes with size 1. Source: TensorFlow's
    reduced_shape."""
    sizes = cast(convert_to_tensor(input_shape, int32, preferred=True), int32)
    gone = cast(convert_to_tensor(axes, int32, preferred=True), int32)
    rank = array.size(sizes)
    gone = array.reshape((gone + rank) % rank, [-1])
    return dynamic_stitch([array.range(rank), gone], [sizes, array.ones_like(gone)])
