"""Operations that only GraphScope has, as those of TensorFlow that compute the same.

The slope of a sum is one node here, so that a backward pass is read like the forward one; in
TensorFlow it is six. Each function below takes what such an operation takes, and makes what
TensorFlow would run, in a graph of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS
from graphscope.ops import array, joining, math, old_control, old_names, reduction
from graphscope.ops.array import identity
from graphscope.ops.constants import placeholder
from graphscope.ops.elementwise import cast


class Lowered(NamedTuple):
    """What stands for an operation: its inputs are the parameters, its outputs the results."""

    graph: Graph
    parameters: list[Tensor]
    results: list[Tensor]


def lowered(op: Operation) -> Lowered | None:
    """What TensorFlow would run for an operation; None when it has the operation itself."""
    make = _LOWERED.get(op.type)
    if make is None or op.definition is not OPS.get(op.type):
        return None
    graph = Graph()
    with graph.as_default():
        parameters = [_parameter(tensor, i) for i, tensor in enumerate(op.inputs)]
        results = make(*op.definition.arguments(parameters), **op.attrs)
        if results is None:
            return None
        results = list(results) if isinstance(results, list | tuple) else [results]
        if any(result in parameters for result in results):
            results = [identity(result) for result in results]
    return Lowered(graph, parameters, results)


def _parameter(tensor: Tensor, number: int) -> Tensor:
    """What stands for an input: a variable's place for a variable's place."""
    if tensor.dtype.is_ref:
        declared = OPS[tensor.op.type if tensor.op.definition.is_variable else "VariableV2"]
        base = tensor.dtype.base_dtype
        place: Tensor = declared(shape=tensor.shape, dtype=base, name=f"input_{number}")
        return place
    return placeholder(tensor.dtype, None, name=f"input_{number}")


def _sum_like(x: Tensor, like: Tensor) -> Tensor:
    sizes = array.shape(like)
    axes, _ = OPS["BroadcastGradientArgs"](sizes, array.shape(x))
    summed: Tensor = array.reshape(reduction.sum_(x, axes), sizes)
    return summed


def _sum_grad(dy: Tensor, input: Tensor, axes: Tensor, *, keep_dims: bool = False) -> Tensor:
    sizes = array.shape(input)
    rank = array.size(sizes)
    flat = array.reshape(cast(axes, int32), [-1])
    flat = OPS["FloorMod"](flat + rank, rank)
    every = OPS["Range"](0, rank, 1)
    kept = OPS["DynamicStitch"]([every, flat, sizes, array.ones_like(flat)], N=2)
    times = OPS["FloorDiv"](sizes, OPS["Maximum"](kept, 1))
    spread: Tensor = OPS["Tile"](array.reshape(dy, kept), times)
    return spread


def _mean_grad(dy: Tensor, input: Tensor, axes: Tensor, *, keep_dims: bool = False) -> Tensor:
    spread = _sum_grad(dy, input, axes, keep_dims=keep_dims)
    most = OPS["Maximum"](array.size(dy), 1)
    count: Any = cast(OPS["FloorDiv"](array.size(input), most), dy.dtype)
    mean: Tensor = math.real_div(spread, count)
    return mean


def _concat_grad(dy: Tensor, axis: Tensor, values: list[Tensor]) -> list[Tensor]:
    sizes = [array.shape(value) for value in values]
    starts = OPS["ConcatOffset"].node(cast(axis, int32), sizes).outputs
    return [joining.slice_(dy, start, size) for start, size in zip(starts, sizes, strict=True)]


def _slice_grad(dy: Tensor, input: Tensor, begin: Tensor) -> Tensor:
    start: Any = cast(begin, int32)
    after = array.shape(input) - start - array.shape(dy)
    spread: Tensor = OPS["Pad"](dy, joining.stack([start, after], axis=1))
    return spread


def _tile_grad(dy: Tensor, input: Tensor, multiples: Tensor) -> Tensor:
    sizes, times = array.shape(input), cast(multiples, int32)
    pairs = array.reshape(joining.stack([times, sizes], axis=1), [-1])
    axes = OPS["Range"](0, array.size(pairs), 2)
    summed: Tensor = array.reshape(reduction.sum_(array.reshape(dy, pairs), axes), sizes)
    return summed


def _mirror_pad_grad(dy: Tensor, input: Tensor, paddings: Tensor, *, mode: str) -> Tensor:
    slope: Tensor = old_names.mirror_pad_grad(dy, paddings, mode=mode)
    return slope


def _first(axes: Any, rank: Any) -> Any:
    """A permutation that puts these axes first: it, and how many elements there are of both."""
    every = OPS["Range"](0, rank, 1)
    rest, _ = OPS["ListDiff"](every, axes)
    return joining.concat([axes, rest], 0), rest


def _prod_grad(input: Tensor, axes: Tensor) -> Tensor:
    sizes = array.shape(input)
    rank = array.size(sizes)
    flat = OPS["FloorMod"](array.reshape(cast(axes, int32), [-1]) + rank, rank)
    order, rest = _first(flat, rank)
    counts = [reduction.prod(OPS["GatherV2"](sizes, some, 0), 0) for some in (flat, rest)]
    rows = array.reshape(OPS["Transpose"](input, order), joining.stack(counts))
    before = OPS["Cumprod"](rows, 0, exclusive=True)
    others = before * OPS["Cumprod"](rows, 0, exclusive=True, reverse=True)
    back = OPS["InvertPermutation"](order)
    moved = array.reshape(others, OPS["GatherV2"](sizes, order, 0))
    slope: Tensor = OPS["Transpose"](moved, back)
    return slope


def _gather_grad(
    dy: Tensor, params: Tensor, indices: Tensor, axis: Tensor, *, batch_dims: int = 0
) -> Any:
    if batch_dims:
        return None
    sizes = array.shape(params)
    rank = array.size(sizes)
    at = OPS["FloorMod"](cast(axis, int32) + rank, rank)
    places = array.reshape(indices, [-1])
    one = array.reshape(at, [1])
    front = OPS["Slice"](sizes, [0], one)
    back = OPS["Slice"](sizes, one + 1, [-1])
    count = array.reshape(array.size(places), [1])
    rows = array.reshape(dy, joining.concat([front, count, back], 0))
    order, _ = _first(one, rank)
    total = OPS["UnsortedSegmentSum"](
        OPS["Transpose"](rows, order), places, OPS["GatherV2"](sizes, at, 0)
    )
    return OPS["Transpose"](total, OPS["InvertPermutation"](order))


def _initialized_value(ref: Tensor, initial: Tensor) -> Tensor:
    is_resource = ref.op.type == "VarHandleOp"
    has = OPS["VarIsInitializedOp" if is_resource else "IsVariableInitialized"](ref)
    without, _ = old_control.switch(initial, has)
    if is_resource:
        _, there = old_control.switch(has, has)
        with has.graph.control_dependencies([identity(there)]):
            value = OPS["ReadVariableOp"](ref)
    else:
        value = identity(old_control.ref_switch(ref, has)[1])
    merged: Tensor = old_control.merge([identity(without), value], N=2)[0]
    return identity(merged)


_LOWERED: dict[str, Callable[..., Any]] = {
    "SumLike": _sum_like,
    "SumGrad": _sum_grad,
    "MeanGrad": _mean_grad,
    "ConcatGrad": _concat_grad,
    "SliceGrad": _slice_grad,
    "GatherGrad": _gather_grad,
    "InitializedValue": _initialized_value,
    "MirrorPadGrad": _mirror_pad_grad,
    "ProdGrad": _prod_grad,
    "TileGrad": _tile_grad,
}
