"""Choosing elements by truth values and positions: gather and scatter, the largest k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_shape, constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Bool, Index, T, op
from graphscope.graph.dtypes import FLOATS, REALS, bool_, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import expand_dims, reshape, squeeze
from graphscope.ops.array import shape as shape_of
from graphscope.ops.array import size as size_of
from graphscope.ops.joining import concat, one_hot, where
from graphscope.ops.math import cast
from graphscope.ops.reduction import prod, reduce_sum

# ---- by truth values -----------------------------------------------------------------------------


def boolean_mask(
    tensor: Any, mask: Any, name: str = "boolean_mask", axis: int | None = None
) -> Tensor:
    """The elements, or rows, at which `mask` is true. Source: tf.boolean_mask.

    mask: of the shape of the tensor's axes from `axis` (0 when left out) on.
    Errors: ValueError for a mask that is a scalar, of unknown rank, or of another shape.
    """
    with name_scope(name, values=[tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        rank, first = mask.shape.ndims, axis or 0
        if rank is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None."
            )
        if rank == 0:
            raise ValueError("mask cannot be scalar.")
        masked = tensor.shape[first : first + rank]
        masked.assert_is_compatible_with(mask.shape)
        static = tensor.shape
        count = prod(shape_of(tensor)[first : first + rank], [0])
        sizes = [shape_of(tensor)[:first], [count], shape_of(tensor)[first + rank :]]
        flat = reshape(tensor, concat(sizes, 0))
        flat.set_shape(
            static[:first].concatenate([masked.num_elements()]).concatenate(static[first + rank :])
        )
        positions = squeeze(where(reshape(mask, [-1])), [1])
        return gather(flat, positions, axis=first)


# ---- gather and scatter ------------------------------------------------------------------------


def _gathered(params: Tensor, indices: Tensor, axis: Tensor, *, batch_dims: int) -> TensorShape:
    at = constant_value(axis)
    sizes, chosen = params.shape.sizes, indices.shape.sizes
    if sizes is not None and at is not None and not -len(sizes) <= at < len(sizes):
        least = at + 1 if at >= 0 else -at
        raise ValueError(f"Shape must be at least rank {least} but is rank {len(sizes)}")
    if sizes is None or chosen is None:
        return shapes.UNKNOWN
    outer = batch_dims % (len(chosen) + 1) if batch_dims >= 0 else batch_dims + len(chosen)
    if at is None:
        return TensorShape([None] * (len(sizes) - 1 + len(chosen) - outer))
    place = int(at) % len(sizes)
    shared = params.shape[:outer].merge_with(indices.shape[:outer]).as_list()
    return TensorShape([*shared, *sizes[outer:place], *chosen[outer:], *sizes[place + 1 :]])


def _batches(batch_dims: int, indices: Index) -> int:
    return batch_dims + indices.ndim if batch_dims < 0 else batch_dims


@op("GatherV2", kind="array", shape=_gathered)
def _gather(params: T, indices: Index, axis: Any_, *, batch_dims: int = 0) -> T:
    """The slices of params at the given positions along an axis; a position may come twice.

    batch_dims: that many first axes are of params and indices alike: each pair is gathered alone.
    """
    at, outer = int(axis), _batches(batch_dims, indices)
    if not -params.ndim <= at < params.ndim:
        raise ValueError(
            f"Expected axis in the range [{-params.ndim}, {params.ndim}), but got {at}"
        )
    at %= params.ndim
    refuse_outside(indices, params.shape[at], "indices")
    if not outer:
        return np.take(params, indices, at)
    key = _batched_key(indices, outer, at)
    last = [*range(outer, indices.ndim)]  # numpy puts the axes of the indices first
    return np.moveaxis(params[key], last, [n + at - outer for n in last])


def _batched_key(indices: Index, outer: int, axis: int) -> Any:
    """What takes, of each batch, its own positions along an axis."""
    rank = indices.ndim
    own = [
        np.arange(size).reshape([-1 if i == k else 1 for i in range(rank)])
        for k, size in enumerate(indices.shape[:outer])
    ]
    return (*own, *[slice(None)] * (axis - outer), indices)


@op("GatherGrad", kind="array", shape=lambda dy, params, *_, **__: params.shape)
def _gather_grad(dy: T, params: Any_, indices: Index, axis: Any_, *, batch_dims: int = 0) -> T:
    """Zeros in the shape of params, to which each slice of dy is added where it was taken.

    Along the first axis the gradient is an IndexedSlices, as in TensorFlow; this is for the others.
    """
    total = np.zeros(params.shape, dy.dtype)
    at, outer = int(axis) % params.ndim, _batches(batch_dims, indices)
    if not outer:
        key: Any = (*[slice(None)] * at, indices)
        np.add.at(total, key, dy)
        return total
    last = [*range(outer, indices.ndim)]
    np.add.at(
        total,
        _batched_key(indices, outer, at),
        np.moveaxis(dy, [n + at - outer for n in last], last),
    )
    return total


@_gather.gradient
def _(
    dy: Tensor, y: Tensor, params: Tensor, indices: Tensor, axis: Tensor, *, batch_dims: int
) -> Any:
    if constant_value(axis) != 0 or batch_dims:
        return _gather_grad(dy, params, indices, axis, batch_dims=batch_dims), None, None
    sizes = cast(shape_of(params, out_type=int64), int32)
    count = expand_dims(size_of(indices), 0)
    values = reshape(dy, concat([count, sizes[1:]], 0))
    return IndexedSlices(values, reshape(indices, count), sizes), None, None


@_gather_grad.gradient
def _(
    ddx: Tensor,
    dx: Tensor,
    dy: Tensor,
    params: Tensor,
    indices: Tensor,
    axis: Tensor,
    *,
    batch_dims: int,
) -> Any:
    return _gather(ddx, indices, axis, batch_dims=batch_dims), None, None, None


def refuse_outside(indices: Index, size: int, name: str) -> None:
    wrong = np.argwhere((indices < 0) | (indices >= size))
    if len(wrong):
        place = tuple(wrong[0])
        at = f"[{','.join(map(str, place))}]" if place else ""
        raise ValueError(f"{name}{at} = {indices[place]} is not in [0, {size})")


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Tensor:
    """The slices of `params` at `indices` along `axis` (`batch_dims` when left out).

    batch_dims: that many first axes are of params and indices alike: each pair is gathered alone.
    Source: tf.gather. Along the first axis its gradient is an IndexedSlices: the rows taken.
    Errors: InvalidArgumentError, in a run, for an index out of bounds.
    """
    if hasattr(params, "handle") and axis in (None, 0):  # a resource variable reads only the rows
        rows: Tensor = params.sparse_read(indices, name=name)
        return rows
    axis = (batch_dims or 0) if axis is None else axis
    if not isinstance(axis, int) or not batch_dims:
        plain: Tensor = _gather(params, indices, axis, name=name)
        return plain
    indices = convert_to_tensor(indices, name="indices")
    if axis < 0 and indices.shape.ndims is not None and axis == batch_dims:
        axis += indices.shape.ndims
    result: Tensor = _gather(params, indices, axis, batch_dims=batch_dims, name=name)
    return result


def _gathered_nd(params: Tensor, indices: Tensor) -> TensorShape:
    if params.shape.sizes is None or indices.shape.sizes is None:
        return shapes.UNKNOWN
    *outer, depth = indices.shape.as_list() or [None]
    if depth is None:
        return shapes.UNKNOWN
    if depth > len(params.shape.sizes):
        raise ValueError(
            f"indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] {depth} and "
            f"params.rank {len(params.shape.sizes)}"
        )
    return TensorShape([*outer, *params.shape.sizes[depth:]])


@op("GatherNd", kind="array", shape=_gathered_nd)
def gather_nd(params: T, indices: Index) -> T:
    """For each row of indices the element, or slice, of params at that position."""
    if indices.size and not params.size:
        raise ValueError(
            "Requested more than 0 entries, but params is empty. Params shape: "
            f"{TensorShape(params.shape).short}"
        )
    found = params[positions(indices, params.shape)]
    depth = indices.shape[-1]
    return np.broadcast_to(found, (*indices.shape[:-1], *params.shape[depth:]))  # of depth 0


@gather_nd.gradient
def _(dy: Tensor, y: Tensor, params: Tensor, indices: Tensor) -> Any:
    sizes = shape_of(params, out_type=indices.dtype)
    if indices.shape.ndims == 2 and indices.shape[-1].value == 1:  # whole rows
        return IndexedSlices(dy, squeeze(indices, [-1]), sizes), None
    return scatter_nd(indices, dy, sizes), None


@op("ScatterNd", kind="array", shape=lambda indices, updates, shape: constant_shape(shape))
def scatter_nd(indices: Index, updates: T, shape: Index) -> T:
    """Zeros in the given shape, to which each update is added at the position in its row."""
    total = np.zeros(shape.tolist(), updates.dtype)
    np.add.at(total, positions(indices, total.shape), updates)
    return total


@scatter_nd.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, updates: Tensor, shape: Tensor) -> Any:
    return None, gather_nd(dy, indices), None


def positions(indices: Index, sizes: Sequence[int]) -> tuple[Index, ...]:
    """The columns of indices, one for each axis. Errors: ValueError when one is out of bounds."""
    outside = (indices < 0) | (indices >= np.asarray(sizes[: indices.shape[-1]]))
    for place in np.argwhere(outside)[:1, :-1]:
        raise ValueError(
            f"indices[{','.join(map(str, place))}] = {indices[tuple(place)].tolist()} does not "
            f"index into param shape {TensorShape(sizes).short}"
        )
    return tuple(np.moveaxis(indices, -1, 0))


# ---- the largest k -----------------------------------------------------------------------------


class TopKV2(NamedTuple):
    """The largest elements of each row, and where they are."""

    values: Tensor
    indices: Tensor


def _largest(input: Tensor, k: Tensor, **_: Any) -> tuple[TensorShape, TensorShape]:
    count = constant_value(k)
    if input.shape.sizes is None:
        return shapes.UNKNOWN, shapes.UNKNOWN
    if not input.shape.sizes:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    *outer, width = input.shape.sizes
    if count is not None and width is not None and count > width:
        raise ValueError(f"input must have last dimension >= k = {count} but is {width}")
    result = TensorShape([*outer, None if count is None else int(count)])
    return result, result


@op(
    "TopKV2",
    kind="nn",
    shape=_largest,
    types=REALS,
    outputs=("values", "indices"),
    dtype=lambda input, *_, **__: (input.dtype.base_dtype, int32),
)
def _top_k(input: T, k: Index, *, sorted: bool = True) -> tuple[T, Index]:
    """The k largest elements of each row, the largest first, and their positions."""
    if int(k) < 0:
        raise ValueError(f"Need k >= 0, got {k}")
    if int(k) > input.shape[-1]:
        raise ValueError(f"input must have at least k columns. Had {input.shape[-1]}, needed {k}")
    upwards = np.argsort(input[..., ::-1], axis=-1, kind="stable")  # reversed: ties stay in order
    order = (input.shape[-1] - 1 - upwards[..., ::-1])[..., : int(k)]
    return np.take_along_axis(input, order, -1), order.astype(np.int32)


@_top_k.gradient
def _(dy: Any, y: Any, input: Tensor, k: Tensor, *, sorted: bool) -> Any:
    if dy[0] is None:
        return None, None
    width = shape_of(input)[-1]
    places = one_hot(y[1], width, dtype=dy[0].dtype)
    return reduce_sum(expand_dims(dy[0], -1) * places, -2), None


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> TopKV2:
    """The k largest elements of each row, largest first, and their positions (tf.nn.top_k).

    Of equal ones the first comes first.
    Errors: ValueError when a row has fewer than k elements.
    """
    return TopKV2(*_top_k(input, k, sorted=sorted, name=name))


def _one_answer_a_row(predictions: Tensor, targets: Tensor, k: Tensor) -> TensorShape:
    rows = predictions.shape.with_rank(2)[:1]
    answers: TensorShape = rows.merge_with(targets.shape.with_rank(1))
    return answers


@op("InTopKV2", kind="nn", shape=_one_answer_a_row, dtype=bool_, types=FLOATS, differentiable=False)
def _in_top_k(predictions: T, targets: Index, k: Index) -> Bool:
    """For each row, True when its target class is among its k largest predictions."""
    rows, classes = predictions.shape
    valid = (targets >= 0) & (targets < classes)
    own = predictions[np.arange(rows), np.where(valid, targets, 0)]
    above = np.sum(predictions > own[:, None], axis=1)
    return np.asarray(valid & np.isfinite(own) & (above < k))


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """For each row, whether the class `targets` is among its k largest predictions.

    Classes that tie at the boundary are all in. Source: tf.nn.in_top_k.
    """
    with name_scope(name, "in_top_k", [predictions, targets]):
        result: Tensor = _in_top_k(predictions, targets, k)
        return result
