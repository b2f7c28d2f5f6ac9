"""Finding places: in sorted rows, in the order of a sorted row, in a tensor laid out flat."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import REALS, DType, as_dtype, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import TopKV2, gather, top_k
from graphscope.ops.math import negative

# ---- in sorted rows ----------------------------------------------------------------------------


def _places(sorted_inputs: Tensor, values: Tensor, **_: Any) -> TensorShape:
    sorted_inputs.shape.with_rank(2)[:1].merge_with(values.shape.with_rank(2)[:1])
    return values.shape


_bound = partial(op, kind="array", shape=_places, dtype="out_type", differentiable=False)


def _searched(sorted_inputs: T, values: T, side: Any, out_type: DType) -> Index:
    rows = zip(sorted_inputs, values, strict=True)
    places = [np.searchsorted(row, wanted, side) for row, wanted in rows]
    return np.asarray(places, out_type.numpy).reshape(values.shape)


@_bound("LowerBound")
def _lower_bound(sorted_inputs: T, values: T, *, out_type: DType = int32) -> Index:
    """For each value the first place in its sorted row before which it may be put."""
    return _searched(sorted_inputs, values, "left", out_type)


@_bound("UpperBound")
def _upper_bound(sorted_inputs: T, values: T, *, out_type: DType = int32) -> Index:
    """For each value the last place in its sorted row before which it may be put."""
    return _searched(sorted_inputs, values, "right", out_type)


def searchsorted(
    sorted_sequence: Any,
    values: Any,
    side: str = "left",
    out_type: Any = int32,
    name: str | None = None,
) -> Tensor:
    """Where in the sorted last axis each value belongs. Source: tf.searchsorted.

    sorted_sequence, values: of the same outer sizes. side: "left", before equal elements, or
    "right", after them. Errors: ValueError for another side.
    """
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    width, count = shape_of(sorted_sequence)[-1], shape_of(values)[-1]
    rows = array.reshape(sorted_sequence, [-1, width])
    wanted = array.reshape(values, [-1, count])
    definition = _upper_bound if side == "right" else _lower_bound
    places = definition(rows, wanted, out_type=as_dtype(out_type), name=name)
    result: Tensor = array.reshape(places, shape_of(values))
    return result


@op("Bucketize", kind="array", types=REALS, dtype=int32, differentiable=False)
def bucketize(input: T, *, boundaries: Any) -> Index:
    """For each number how many of the rising boundaries are at or below it."""
    edges = np.asarray(boundaries, np.float32)
    if np.any(np.diff(edges) < 0):
        raise ValueError("Expected sorted boundaries")
    return np.searchsorted(edges, input, "right").astype(np.int32)


# ---- sorting -----------------------------------------------------------------------------------


def argsort(
    values: Any,
    axis: int = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Tensor:
    """The order that sorts along `axis`. Source: tf.argsort.

    direction: "ASCENDING" or "DESCENDING". Errors: ValueError for another direction, or an axis
    that is not known.
    """
    with name_scope(name, "argsort"):
        return _ordered(values, axis, direction)[1]


def sort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """The elements in order along `axis`. Source: tf.sort.

    direction: "ASCENDING" or "DESCENDING". Errors: ValueError for another direction, or an axis
    that is not known.
    """
    with name_scope(name, "sort"):
        return _ordered(values, axis, direction)[0]


def _ordered(values: Any, axis: Any, direction: str) -> tuple[Tensor, Tensor]:
    """The sorted elements and their places, by taking all of the largest ones."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError("The value of the direction should be 'ASCENDING' or 'DESCENDING'")
    if not isinstance(axis, int):
        raise ValueError(f"axis must be a Python int, and is {axis!r}")
    values = convert_to_tensor(values, name="values")
    rank = values.shape.ndims
    if rank is None and axis != -1:
        raise ValueError("axis must be -1 for a tensor of unknown rank")
    order = None if rank is None else [*range(rank)]
    if order is not None:
        order[axis], order[-1] = order[-1], order[axis]
    moved = values if axis == -1 or order is None else array.transpose(values, order)
    count = shape_of(moved)[-1]
    upwards = direction == "ASCENDING" and not values.dtype.is_integer
    if direction == "ASCENDING" and values.dtype.is_integer:  # the smallest has no negative
        largest = convert_to_tensor(values.dtype.max, values.dtype)
        places = top_k(largest - moved if values.dtype.min == 0 else -1 - moved, count)[1]
        found = TopKV2(gather(moved, places, axis=-1, batch_dims=-1), places)
    else:
        found = top_k(negative(moved) if upwards else moved, count)
    first, places = found
    first = negative(first) if upwards else first
    if axis == -1 or order is None:
        return first, places
    return array.transpose(first, order), array.transpose(places, order)


# ---- in a tensor laid out flat -----------------------------------------------------------------


def _unraveled(indices: Tensor, dims: Tensor) -> TensorShape:
    axes = dims.shape.with_rank(1)
    if indices.shape.ndims == 0:
        return axes
    if indices.shape.sizes is None:
        return TensorShape(None)
    return axes.concatenate([indices.shape.num_elements()])


@op("UnravelIndex", kind="array", shape=_unraveled, differentiable=False)
def unravel_index(indices: T, dims: T) -> T:
    """The position along each axis of a place in a tensor of the sizes dims, laid out flat."""
    if np.any(indices < 0) or np.any(indices >= np.prod(dims)):
        raise ValueError("index is out of bound as with dims")
    return np.asarray(np.unravel_index(indices, tuple(dims.tolist())), indices.dtype)
