"""Depthwise convolutions: each channel of the images with filters of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.errors import UnimplementedError
from graphscope.graph.convert import constant_shape
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import FLOATS
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape as shape_of
from graphscope.ops.windows import (
    Axis,
    arranged,
    axes_of,
    blank,
    channels,
    channels_first,
    checked,
    cropped,
    known,
    padded,
    places,
    spatial,
)

_ONES = (1, 1, 1, 1)


def _laid(sizes: Sequence[Any], taps: Sequence[Any], attrs: dict[str, Any]) -> list[Axis | None]:
    inner = spatial(attrs["data_format"])
    strides, dilations = attrs["strides"][inner], attrs["dilations"][inner]
    return axes_of(sizes[inner], taps[:2], strides, attrs["padding"], dilations)


def _axes(sizes: Sequence[int], taps: Sequence[int], attrs: dict[str, Any]) -> list[Axis]:
    if channels_first(attrs["data_format"]):
        raise UnimplementedError(
            None, None, "Depthwise convolution on CPU is only supported for NHWC format"
        )
    first, *inner, last = attrs["strides"]
    if inner[0] != inner[1]:
        raise ValueError(
            "Current implementation only supports equal length strides in the row and column "
            f"dimensions: {list(attrs['strides'])}"
        )
    if (first, last) != (1, 1):
        raise ValueError(
            "Current implementation does not yet support strides in the batch and depth "
            f"dimensions: {list(attrs['strides'])}"
        )
    return known(_laid(sizes, taps, attrs))


def _convolved(input: Tensor, filter: Tensor, **attrs: Any) -> TensorShape:
    checked(4, **attrs)
    order = attrs["data_format"]
    sizes, taps = input.shape.with_rank(4).as_list(), filter.shape.with_rank(4).as_list()
    deep, wanted = channels(sizes, order), taps[2]
    if deep is not None and wanted is not None and deep != wanted:
        raise ValueError(f"Dimensions must be equal, but are {deep} and {wanted}")
    deep = wanted if deep is None else deep
    out = None if deep is None or taps[3] is None else deep * taps[3]
    inner = [None if axis is None else axis.number for axis in _laid(sizes, taps, attrs)]
    return TensorShape(arranged(sizes[0], inner, out, order))


@op("DepthwiseConv2dNative", kind="linear", shape=_convolved, types=FLOATS, symbol="*")
def depthwise_conv2d_native(
    input: T,
    filter: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
) -> T:
    """Each channel of the images with filters of its own: [height, width, in, multiplier]."""
    attrs = {"strides": strides, "padding": padding, "dilations": dilations}
    axes = _axes(input.shape, filter.shape, {**attrs, "data_format": data_format})
    wide = padded(input, axes)
    total = np.zeros((len(input), *[axis.number for axis in axes], *filter.shape[2:]), input.dtype)
    for position, place in places(axes):
        total += wide[place][..., None] * filter[position]
    return total.reshape(*total.shape[:3], -1)


@op(
    "DepthwiseConv2dNativeBackpropInput",
    kind="linear",
    types=FLOATS,
    shape=lambda input_sizes, *_, **__: constant_shape(input_sizes).with_rank(4),
)
def depthwise_conv2d_native_backprop_input(
    input_sizes: Index,
    filter: T,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
) -> T:
    """The slope of DepthwiseConv2dNative along its images."""
    attrs = {"strides": strides, "padding": padding, "dilations": dilations}
    sizes: list[int] = input_sizes.tolist()
    axes = _axes(sizes, filter.shape, {**attrs, "data_format": data_format})
    flow = out_backprop.reshape(*out_backprop.shape[:3], *filter.shape[2:])
    wide = blank(sizes, axes, filter.dtype)
    for position, place in places(axes):
        wide[place] += np.sum(flow * filter[position], axis=-1)
    return cropped(wide, axes)


@op(
    "DepthwiseConv2dNativeBackpropFilter",
    kind="linear",
    types=FLOATS,
    shape=lambda input, filter_sizes, *_, **__: constant_shape(filter_sizes).with_rank(4),
)
def depthwise_conv2d_native_backprop_filter(
    input: T,
    filter_sizes: Index,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
) -> T:
    """The slope of DepthwiseConv2dNative along its filter."""
    attrs = {"strides": strides, "padding": padding, "dilations": dilations}
    taps: list[int] = filter_sizes.tolist()
    axes = _axes(input.shape, taps, {**attrs, "data_format": data_format})
    wide = padded(input, axes)
    flow = out_backprop.reshape(*out_backprop.shape[:3], *taps[2:])
    slope = np.zeros(taps, input.dtype)
    for position, place in places(axes):
        slope[position] = np.sum(wide[place][..., None] * flow, axis=(0, 1, 2))
    return slope


@depthwise_conv2d_native.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, filter: Tensor, **attrs: Any) -> Any:
    return (
        depthwise_conv2d_native_backprop_input(shape_of(input), filter, dy, **attrs),
        depthwise_conv2d_native_backprop_filter(input, shape_of(filter), dy, **attrs),
    )


@depthwise_conv2d_native_backprop_input.gradient
def _(ddx: Tensor, dx: Tensor, sizes: Tensor, filter: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dfilter = depthwise_conv2d_native_backprop_filter(ddx, shape_of(filter), dy, **attrs)
    return None, dfilter, depthwise_conv2d_native(ddx, filter, **attrs)


@depthwise_conv2d_native_backprop_filter.gradient
def _(ddf: Tensor, df: Tensor, input: Tensor, sizes: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dinput = depthwise_conv2d_native_backprop_input(shape_of(input), ddf, dy, **attrs)
    return dinput, None, depthwise_conv2d_native(input, ddf, **attrs)
