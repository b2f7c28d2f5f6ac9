"""Convolutions: windows of an image times a filter, and their slopes.

Images are [batch, height, width, channels] (NHWC) or [batch, depth, height, width, channels]
(NDHWC), filters [height, width, in, out] or [depth, height, width, in, out]. The windows of a few
images at a time are unfolded into the rows of a matrix, so that products of matrices do the work.
Graphs may have the channels first (NCHW), which TensorFlow computes on a GPU alone; runs refuse it,
as there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.errors import UnimplementedError
from graphscope.graph.convert import constant_shape
from graphscope.graph.declare import Index, OpDef, T, op
from graphscope.graph.dtypes import FLOATS
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.matmul import matmul
from graphscope.ops.array import shape as shape_of
from graphscope.ops.windows import (
    Axis,
    arranged,
    axes_of,
    blank,
    blocks,
    channels,
    channels_first,
    checked,
    cropped,
    known,
    places,
    spatial,
)

_FOUR = (1, 1, 1, 1)
_FIVE = (1, 1, 1, 1, 1)


def _laid(sizes: Sequence[Any], taps: Sequence[Any], attrs: dict[str, Any]) -> list[Axis | None]:
    """How the windows of a filter lie on images, for the attributes of a convolution."""
    inner, count = spatial(attrs["data_format"]), len(sizes) - 2
    explicit = np.reshape(attrs.get("explicit_paddings", ()), (-1, 2)).tolist()
    return axes_of(
        sizes[inner],
        taps[:count],
        attrs["strides"][inner],
        attrs["padding"],
        attrs["dilations"][inner],
        [n for pair in explicit[inner] for n in pair],
    )


def _counts(axes: Sequence[Axis | None]) -> list[int | None]:
    return [None if axis is None else axis.number for axis in axes]


# ---- what all convolutions compute ---------------------------------------------------------------


def _axes(
    name: str, sizes: Sequence[int], taps: Sequence[int], attrs: dict[str, Any]
) -> list[Axis]:
    """The windows in a run. Errors: UnimplementedError, ValueError for what TensorFlow refuses."""
    if channels_first(attrs["data_format"]):
        raise UnimplementedError(
            None,
            None,
            f"The {name} op currently only supports the channels-last tensor format on the CPU. "
            f"The op was given the format: {attrs['data_format']}",
        )
    for word in ("strides", "dilations"):
        if (attrs[word][0], attrs[word][-1]) != (1, 1):
            raise ValueError(
                f"Current implementation does not yet support {word} in the batch and depth "
                f"dimensions: {list(attrs[word])}"
            )
    if sizes[-1] != taps[-2]:
        raise UnimplementedError(
            None,
            None,
            f"The {name} op currently does not support grouped convolutions on the CPU. A grouped "
            f"convolution was attempted to be run because the input depth of {sizes[-1]} does not "
            f"match the filter input depth of {taps[-2]}",
        )
    return known(_laid(sizes, taps, attrs))


def _convolution(name: str, input: T, filter: T, **attrs: Any) -> T:
    axes = _axes(name, input.shape, filter.shape, attrs)
    return _products(input, axes, np.ascontiguousarray(filter).reshape(-1, filter.shape[-1]))


def _products(images: T, axes: Sequence[Axis], taps: T) -> T:
    """All windows times the taps: [batch, numbers of windows, out]."""
    result: T = np.empty((len(images), *_counts(axes), taps.shape[1]), images.dtype)
    flat = result.reshape(-1, taps.shape[1])
    for place, rows in blocks(images, axes):
        matmul(rows, taps, out=flat[place])
    return result


def _slope_of_images(name: str, sizes: list[int], filter: T, flow: T, **attrs: Any) -> T:
    axes = _axes(name, sizes, filter.shape, attrs)
    _fitting(name, flow, [sizes[0], *[axis.number for axis in axes], filter.shape[-1]])
    turned = _turned(sizes, axes)
    if turned is not None and filter.shape[-1] <= 4 * filter.shape[-2]:
        back = np.flip(filter, tuple(range(len(axes)))).swapaxes(-1, -2)
        return _products(flow, turned, np.ascontiguousarray(back).reshape(-1, sizes[-1]))
    flat = np.ascontiguousarray(flow).reshape(-1, filter.shape[-1])
    taps = np.ascontiguousarray(filter).reshape(-1, filter.shape[-1])
    rows = matmul(flat, taps, transpose_b=True)
    parts = rows.reshape(*flow.shape[:-1], *filter.shape[:-1])
    wide = blank(sizes, axes, filter.dtype)
    for position, place in places(axes):
        key: Any = (..., *position, slice(None))
        wide[place] += parts[key]
    return cropped(wide, axes)


def _turned(sizes: Sequence[int], axes: Sequence[Axis]) -> list[Axis] | None:
    """The windows on what flows back of which the images' slope is a convolution, with the filter
    turned around; None where the windows have strides, or more padding than they reach."""
    found = []
    for size, axis in zip(sizes[1:-1], axes, strict=True):
        reach = (axis.window - 1) * axis.dilation
        before, after = reach - axis.before, size - axis.number + axis.before
        if axis.stride != 1 or before < 0 or after < 0:
            return None
        found.append(Axis(axis.window, 1, axis.dilation, before, after, size))
    return found


def _slope_of_filter(name: str, input: T, taps: list[int], flow: T, **attrs: Any) -> T:
    axes = _axes(name, input.shape, taps, attrs)
    _fitting(name, flow, [len(input), *[axis.number for axis in axes], taps[-1]])
    flat = np.ascontiguousarray(flow).reshape(-1, taps[-1])
    part: T = np.empty((math.prod(taps[:-1]), taps[-1]), input.dtype)
    total = np.zeros(part.shape, np.promote_types(input.dtype, np.float32))
    for place, rows in blocks(input, axes):
        total += matmul(rows, flat[place], transpose_a=True, out=part)
    return total.astype(input.dtype, copy=False).reshape(taps)


def _fitting(name: str, out_backprop: T, sizes: list[int]) -> None:
    if list(out_backprop.shape) != sizes:
        raise ValueError(
            f"{name}: Size of out_backprop doesn't match computed: actual = "
            f"{list(out_backprop.shape)}, computed = {sizes}"
        )


def _checked(**attrs: Any) -> int:
    """What holds for the attributes of all convolutions; the rank."""
    rank, around = len(attrs["data_format"]), attrs.get("explicit_paddings", ())
    checked(rank, *(["EXPLICIT"] if rank == 4 else []), **attrs)
    if min(around, default=0) < 0:
        raise ValueError("All elements of explicit_paddings must be nonnegative")
    pairs = np.reshape(around, (-1, 2))
    inner = pairs[spatial(attrs["data_format"])]
    if np.sum(pairs) != np.sum(inner):
        raise ValueError(
            "Nonzero explicit padding in the batch or depth dimensions is not supported"
        )
    return rank


def _convolved(input: Tensor, filter: Tensor, **attrs: Any) -> TensorShape:
    rank = _checked(**attrs)
    order = attrs["data_format"]
    sizes, taps = input.shape.with_rank(rank).as_list(), filter.shape.with_rank(rank).as_list()
    deep, wanted = channels(sizes, order), taps[-2]
    if deep is not None and wanted is not None and deep % wanted:
        raise ValueError(
            f"Depth of input ({deep}) is not a multiple of input depth of filter ({wanted})"
        )
    return TensorShape(arranged(sizes[0], _counts(_laid(sizes, taps, attrs)), taps[-1], order))


def _sized(sizes: Tensor, **attrs: Any) -> TensorShape:
    """The shape that a tensor of sizes says."""
    return constant_shape(sizes).with_rank(_checked(**attrs))


# ---- along two axes ------------------------------------------------------------------------------


@op("Conv2D", kind="linear", shape=_convolved, types=FLOATS, symbol="*")
def conv2d(
    input: T,
    filter: T,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _FOUR,
) -> T:
    """For each window of the images and each filter, the sum of their products.

    input: [batch, height, width, in]. filter: [height, width, in, out].
    """
    return _convolution(
        "Conv2D",
        input,
        filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=dilations,
    )


@op(
    "Conv2DBackpropInput",
    kind="linear",
    types=FLOATS,
    shape=lambda input_sizes, *_, **attrs: _sized(input_sizes, **attrs),
)
def conv2d_backprop_input(
    input_sizes: Index,
    filter: T,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _FOUR,
) -> T:
    """The slope of Conv2D along its images; forwards, the transposed convolution.

    input_sizes: the shape of the images. out_backprop: what flows back, one number a window.
    """
    return _slope_of_images(
        "Conv2DBackpropInput",
        input_sizes.tolist(),
        filter,
        out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=dilations,
    )


@op(
    "Conv2DBackpropFilter",
    kind="linear",
    types=FLOATS,
    shape=lambda input, filter_sizes, *_, **attrs: _sized(filter_sizes, **attrs),
)
def conv2d_backprop_filter(
    input: T,
    filter_sizes: Index,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _FOUR,
) -> T:
    """The slope of Conv2D along its filter."""
    return _slope_of_filter(
        "Conv2DBackpropFilter",
        input,
        filter_sizes.tolist(),
        out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
        dilations=dilations,
    )


# ---- along three axes ----------------------------------------------------------------------------


@op("Conv3D", kind="linear", shape=_convolved, types=FLOATS, symbol="*")
def conv3d(
    input: T,
    filter: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _FIVE,
) -> T:
    """For each window of the volumes and each filter, the sum of their products.

    input: [batch, depth, height, width, in]. filter: [depth, height, width, in, out].
    """
    laid = {"strides": strides, "padding": padding, "dilations": dilations}
    return _convolution("Conv3D", input, filter, data_format=data_format, **laid)


@op(
    "Conv3DBackpropInputV2",
    kind="linear",
    types=FLOATS,
    shape=lambda input_sizes, *_, **attrs: _sized(input_sizes, **attrs),
)
def conv3d_backprop_input_v2(
    input_sizes: Index,
    filter: T,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _FIVE,
) -> T:
    """The slope of Conv3D along its volumes; forwards, the transposed convolution."""
    laid = {"strides": strides, "padding": padding, "dilations": dilations}
    sizes = input_sizes.tolist()
    return _slope_of_images(
        "Conv3DBackpropInputV2", sizes, filter, out_backprop, data_format=data_format, **laid
    )


@op(
    "Conv3DBackpropFilterV2",
    kind="linear",
    types=FLOATS,
    shape=lambda input, filter_sizes, *_, **attrs: _sized(filter_sizes, **attrs),
)
def conv3d_backprop_filter_v2(
    input: T,
    filter_sizes: Index,
    out_backprop: T,
    *,
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = _FIVE,
) -> T:
    """The slope of Conv3D along its filter."""
    laid = {"strides": strides, "padding": padding, "dilations": dilations}
    taps = filter_sizes.tolist()
    return _slope_of_filter(
        "Conv3DBackpropFilterV2", input, taps, out_backprop, data_format=data_format, **laid
    )


# ---- their gradients -----------------------------------------------------------------------------


def _differentiable(forward: OpDef, of_images: OpDef, of_filter: OpDef) -> None:
    """The gradients of a convolution and of its two slopes: each is made of the other two."""

    @forward.gradient
    def _(dy: Tensor, y: Tensor, input: Tensor, filter: Tensor, **attrs: Any) -> Any:
        return (
            of_images(shape_of(input), filter, dy, **attrs),
            of_filter(input, shape_of(filter), dy, **attrs),
        )

    @of_images.gradient
    def _(ddx: Tensor, dx: Tensor, sizes: Tensor, filter: Tensor, dy: Tensor, **attrs: Any) -> Any:
        dfilter = of_filter(ddx, shape_of(filter), dy, **attrs)
        return None, dfilter, forward(ddx, filter, **attrs)

    @of_filter.gradient
    def _(ddf: Tensor, df: Tensor, input: Tensor, sizes: Tensor, dy: Tensor, **attrs: Any) -> Any:
        dinput = of_images(shape_of(input), ddf, dy, **attrs)
        return dinput, None, forward(input, ddf, **attrs)


_differentiable(conv2d, conv2d_backprop_input, conv2d_backprop_filter)
_differentiable(conv3d, conv3d_backprop_input_v2, conv3d_backprop_filter_v2)
