"""The whole tensor several times over, or turned round along an axis, and the slopes of that."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_shape
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import refuse_rank_above


def _tiled(input: Tensor, multiples: Tensor) -> TensorShape:
    count = multiples.shape.with_rank(1).as_list()[0]
    if input.shape.sizes is None:
        return shapes.UNKNOWN if count is None else TensorShape([None] * count)
    sizes = input.shape.with_rank(len(input.shape.sizes) if count is None else count).as_list()
    times = constant_shape(multiples).sizes or [None] * len(sizes)
    return TensorShape(
        [None if s is None or t is None else s * t for s, t in zip(sizes, times, strict=True)]
    )


@op("Tile", kind="array", shape=_tiled)
def tile(input: T, multiples: Index) -> T:
    """The whole tensor repeated: multiples[i] times along axis i."""
    return np.tile(input, tuple(multiples.tolist()))


@op(
    "TileGrad",
    kind="array",
    shape=lambda dy, input, multiples: input.shape,
)
def _tile_grad(dy: T, input: Any_, multiples: Index) -> T:
    """The sum over the repetitions: the slope of Tile."""
    pairs = [n for pair in zip(multiples.tolist(), input.shape, strict=True) for n in pair]
    return np.sum(dy.reshape(pairs), axis=tuple(range(0, len(pairs), 2)), dtype=dy.dtype)


@tile.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, multiples: Tensor) -> Any:
    return _tile_grad(dy, input, multiples), None


@_tile_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, input: Tensor, multiples: Tensor) -> Any:
    return tile(ddx, multiples), None, None


def _rolled(input: Tensor, shift: Tensor, axis: Tensor) -> TensorShape:
    if input.shape.ndims == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    for tensor in (shift, axis):
        refuse_rank_above(1, tensor)
    shapes.merged(shift, axis)
    return input.shape


@op("Roll", kind="array", shape=_rolled)
def roll(input: T, shift: Index, axis: Any_) -> T:
    """The elements moved on along axes; those that fall off the end come in at the start."""
    if not input.ndim:
        raise ValueError("input must be 1-D or higher")
    for name, tensor in (("shift", shift), ("axis", axis)):
        if tensor.ndim > 1:
            raise ValueError(f"{name} must be a scalar or a 1-D vector. Found: {tensor.shape}")
    if shift.shape != axis.shape:
        raise ValueError("shift and axis must have the same size")
    for at in axis.ravel():
        if not -input.ndim <= at < input.ndim:
            raise ValueError(f"axis {at} is out of range")
    result = input
    for by, at in zip(shift.ravel().tolist(), axis.ravel().tolist(), strict=True):
        result = np.roll(result, by, at)
    return result


@roll.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, shift: Tensor, axis: Tensor) -> Any:
    return roll(dy, -shift, axis), None, None
