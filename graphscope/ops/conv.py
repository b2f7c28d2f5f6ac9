"""Convolutions: windows of an image times a filter, their slopes, and what is made of them.

Images are [batch, height, width, channels] (NHWC), filters [height, width, in, out]. The windows
are unfolded into the rows of a matrix, so that one product of matrices does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_shape, convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import FLOATS, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.matmul import matmul
from graphscope.ops.array import expand_dims, squeeze
from graphscope.ops.array import shape as shape_of
from graphscope.ops.blocks import over_space_to_batch
from graphscope.ops.joining import concat
from graphscope.ops.windows import (
    Axis,
    axes_of,
    blank,
    channels_last,
    cropped,
    four,
    known,
    padded,
    places,
    unfolded,
)

_ONES = (1, 1, 1, 1)


def _laid(sizes: Sequence[Any], filter_sizes: Sequence[Any], attrs: dict[str, Any]) -> list[Any]:
    """How the windows of a filter lie on images, for the attributes of a convolution."""
    return axes_of(
        list(sizes)[1:-1],
        list(filter_sizes)[:2],
        attrs["strides"],
        attrs["padding"],
        attrs["dilations"],
        attrs.get("explicit_paddings", ()),
    )


def _axes(sizes: Sequence[int], filter_sizes: Sequence[int], attrs: dict[str, Any]) -> list[Axis]:
    return known(_laid(sizes, filter_sizes, attrs))


def _counts(axes: Sequence[Axis | None]) -> list[int | None]:
    return [None if axis is None else axis.number for axis in axes]


# ---- the convolution ---------------------------------------------------------------------------


def _convolved(input: Tensor, filter: Tensor, **attrs: Any) -> TensorShape:
    sizes, taps = input.shape.with_rank(4).as_list(), filter.shape.with_rank(4).as_list()
    if sizes[3] is not None and taps[2] is not None and sizes[3] != taps[2]:
        raise ValueError(f"Dimensions must be equal, but are {sizes[3]} and {taps[2]}")
    return TensorShape([sizes[0], *_counts(_laid(sizes, taps, attrs)), taps[3]])


@op("Conv2D", kind="linear", shape=_convolved, types=FLOATS, symbol="*")
def _conv2d(
    input: T,
    filter: T,
    *,
    strides: Sequence[int],
    padding: str,
    use_cudnn_on_gpu: bool = True,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = _ONES,
) -> T:
    """For each window of the images and each filter, the sum of their products.

    input: [batch, height, width, in]. filter: [height, width, in, out].
    """
    attrs = {"explicit_paddings": explicit_paddings, "dilations": dilations}
    axes = _axes(input.shape, filter.shape, {**attrs, "strides": strides, "padding": padding})
    rows = unfolded(input, axes)
    product = matmul(rows, np.ascontiguousarray(filter).reshape(rows.shape[1], -1))
    return product.reshape(len(input), *[axis.number for axis in axes], filter.shape[3])


@op(
    "Conv2DBackpropInput",
    kind="linear",
    types=FLOATS,
    shape=lambda input_sizes, *_, **__: constant_shape(input_sizes).with_rank(4),
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
    dilations: Sequence[int] = _ONES,
) -> T:
    """The slope of Conv2D along its images; forwards, the transposed convolution.

    input_sizes: the shape of the images. out_backprop: what flows back, one number a window.
    """
    sizes: list[int] = input_sizes.tolist()
    attrs = {"explicit_paddings": explicit_paddings, "dilations": dilations}
    axes = _axes(sizes, filter.shape, {**attrs, "strides": strides, "padding": padding})
    _fitting(out_backprop, [sizes[0], *[axis.number for axis in axes], filter.shape[3]])
    flat = np.ascontiguousarray(out_backprop).reshape(-1, filter.shape[3])
    taps = np.ascontiguousarray(filter).reshape(-1, filter.shape[3])
    rows = matmul(flat, taps, transpose_b=True)
    parts = rows.reshape(*out_backprop.shape[:3], *filter.shape[:3])
    wide = blank(sizes, axes, filter.dtype)
    for (i, j), place in places(axes):
        wide[place] += parts[:, :, :, i, j]
    return cropped(wide, axes)


@op(
    "Conv2DBackpropFilter",
    kind="linear",
    types=FLOATS,
    shape=lambda input, filter_sizes, *_, **__: constant_shape(filter_sizes).with_rank(4),
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
    dilations: Sequence[int] = _ONES,
) -> T:
    """The slope of Conv2D along its filter."""
    taps: list[int] = filter_sizes.tolist()
    attrs = {"explicit_paddings": explicit_paddings, "dilations": dilations}
    axes = _axes(input.shape, taps, {**attrs, "strides": strides, "padding": padding})
    _fitting(out_backprop, [len(input), *[axis.number for axis in axes], taps[3]])
    flat = np.ascontiguousarray(out_backprop).reshape(-1, taps[3])
    return matmul(unfolded(input, axes), flat, transpose_a=True).reshape(taps)


def _fitting(out_backprop: T, sizes: list[int]) -> None:
    if list(out_backprop.shape) != sizes:
        raise ValueError(
            f"Size of out_backprop doesn't match computed: actual = {list(out_backprop.shape)}, "
            f"computed = {sizes}"
        )


@_conv2d.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, filter: Tensor, **attrs: Any) -> Any:
    return (
        conv2d_backprop_input(shape_of(input), filter, dy, **attrs),
        conv2d_backprop_filter(input, shape_of(filter), dy, **attrs),
    )


@conv2d_backprop_input.gradient
def _(ddx: Tensor, dx: Tensor, sizes: Tensor, filter: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dfilter = conv2d_backprop_filter(ddx, shape_of(filter), dy, **attrs)
    return None, dfilter, _conv2d(ddx, filter, **attrs)


@conv2d_backprop_filter.gradient
def _(ddf: Tensor, df: Tensor, input: Tensor, sizes: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dinput = conv2d_backprop_input(shape_of(input), ddf, dy, **attrs)
    return dinput, None, _conv2d(input, ddf, **attrs)


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: Any = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The convolution of images [batch, height, width, in] with filters [height, width, in, out].

    strides, dilations: one number, two, or four (the first and the last are 1). padding: "SAME",
    "VALID", or four pairs of numbers. Source: tf.nn.conv2d.
    Errors: ValueError when the channels differ, a window does not fit, or for the format NCHW.
    """
    explicit: Sequence[int] = ()
    if not isinstance(padding, str):
        explicit = np.asarray(padding).ravel().tolist()
        padding = "EXPLICIT"
    result: Tensor = _conv2d(
        input,
        filters if filter is None else filter,
        strides=four(strides, "strides"),
        padding=padding,
        explicit_paddings=explicit,
        data_format=channels_last(data_format),
        dilations=four(dilations, "dilations"),
        name=name,
    )
    return result


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: str = "SAME",
    data_format: Any = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The slope of a convolution used forwards: images grow by the strides.

    filter: [height, width, out, in]. output_shape: the shape of the result, a list or a tensor.
    Source: tf.nn.conv2d_transpose.
    """
    value = input if value is None else value
    filter = filters if filter is None else filter
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as scope:
        result: Tensor = conv2d_backprop_input(
            output_shape,
            filter,
            value,
            strides=four(strides, "strides"),
            padding=padding,
            data_format=channels_last(data_format),
            dilations=four(dilations, "dilations"),
            name=scope,
        )
        return result


# ---- each channel by itself --------------------------------------------------------------------


def _depthwise_shape(input: Tensor, filter: Tensor, **attrs: Any) -> TensorShape:
    sizes, taps = input.shape.with_rank(4).as_list(), filter.shape.with_rank(4).as_list()
    if sizes[3] is not None and taps[2] is not None and sizes[3] != taps[2]:
        raise ValueError(f"Dimensions must be equal, but are {sizes[3]} and {taps[2]}")
    channels = sizes[3] if taps[2] is None else taps[2]
    out = None if channels is None or taps[3] is None else channels * taps[3]
    return TensorShape([sizes[0], *_counts(_laid(sizes, taps, attrs)), out])


@op("DepthwiseConv2dNative", kind="linear", shape=_depthwise_shape, types=FLOATS, symbol="*")
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
    axes = _axes(input.shape, filter.shape, attrs)
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
def _depthwise_backprop_input(
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
    axes = _axes(sizes, filter.shape, attrs)
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
def _depthwise_backprop_filter(
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
    axes = _axes(input.shape, taps, attrs)
    wide = padded(input, axes)
    flow = out_backprop.reshape(*out_backprop.shape[:3], *taps[2:])
    slope = np.zeros(taps, input.dtype)
    for position, place in places(axes):
        slope[position] = np.sum(wide[place][..., None] * flow, axis=(0, 1, 2))
    return slope


@depthwise_conv2d_native.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, filter: Tensor, **attrs: Any) -> Any:
    return (
        _depthwise_backprop_input(shape_of(input), filter, dy, **attrs),
        _depthwise_backprop_filter(input, shape_of(filter), dy, **attrs),
    )


@_depthwise_backprop_input.gradient
def _(ddx: Tensor, dx: Tensor, sizes: Tensor, filter: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dfilter = _depthwise_backprop_filter(ddx, shape_of(filter), dy, **attrs)
    return None, dfilter, depthwise_conv2d_native(ddx, filter, **attrs)


@_depthwise_backprop_filter.gradient
def _(ddf: Tensor, df: Tensor, input: Tensor, sizes: Tensor, dy: Tensor, **attrs: Any) -> Any:
    dinput = _depthwise_backprop_input(shape_of(input), ddf, dy, **attrs)
    return dinput, None, depthwise_conv2d_native(input, ddf, **attrs)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Tensor:
    """Each channel with filters [height, width, in, multiplier] of its own.

    rate: the distance of a filter's elements, two numbers. Source: tf.nn.depthwise_conv2d.
    """
    channels_last(data_format)
    rate = dilations if rate is None else rate
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return over_space_to_batch(
            input,
            [1, 1] if rate is None else rate,
            padding,
            shape_of(filter),
            lambda image, pad: depthwise_conv2d_native(
                image, filter, strides=four(strides, "strides"), padding=pad, name=scope
            ),
        )


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Tensor:
    """A depthwise convolution, and then one with windows of a single pixel.

    pointwise_filter: [1, 1, in * multiplier, out]. Source: tf.nn.separable_conv2d.
    """
    channels_last(data_format)
    rate = dilations if rate is None else rate
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        pointwise.shape.with_rank(4)[:2].assert_is_compatible_with([1, 1])
        channels = over_space_to_batch(
            input,
            [1, 1] if rate is None else rate,
            padding,
            shape_of(depthwise),
            lambda image, pad: depthwise_conv2d_native(
                image, depthwise, strides=four(strides, "strides"), padding=pad, name="depthwise"
            ),
        )
        return conv2d(channels, pointwise, [1, 1, 1, 1], padding="VALID", name=scope)


# ---- other forms -------------------------------------------------------------------------------


def convolution(
    input: Any,
    filter: Any = None,
    padding: str = "VALID",
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The convolution along one axis [batch, width, in], or two [batch, height, width, in].

    Windows with holes are taken of images that are cut into blocks. Source: tf.nn.convolution.
    Errors: ValueError for another rank.
    """
    channels_last(data_format)
    filter = filters if filter is None else filter
    rate = dilations if dilation_rate is None else dilation_rate
    with name_scope(name, "convolution", [input, filter]) as scope:
        input, filter = convert_to_tensor(input), convert_to_tensor(filter)
        count = (input.shape.ndims or filter.shape.ndims or 0) - 2
        if count not in (1, 2):
            raise ValueError(f"Input tensor must be of rank 3 or 4 but was {count + 2}.")
        whole = conv1d if count == 1 else conv2d
        holes = np.broadcast_to(1 if rate is None else rate, (count,)).tolist()
        steps = np.broadcast_to(1 if strides is None else strides, (count,)).tolist()
        if holes == [1] * count:
            return whole(input, filter, steps, padding=padding, name=scope)
        return over_space_to_batch(
            input,
            holes,
            padding,
            shape_of(filter),
            lambda image, pad: whole(image, filter, steps, padding=pad, name=scope),
        )


def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """The convolution with holes: the elements of a filter are `rate` pixels apart.

    Source: tf.nn.atrous_conv2d.
    """
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: Any = None,
    data_format: Any = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The convolution of rows [batch, width, in] with filters [width, in, out].

    Source: tf.nn.conv1d.
    """
    channels_last(data_format)
    value = input if value is None else value
    with name_scope(name, "conv1d", [value, filters]) as scope:
        step, hole = (int(np.ravel(1 if n is None else n)[0]) for n in (stride, dilations))
        image, taps = expand_dims(value, 1), expand_dims(filters, 0)
        result: Tensor = _conv2d(
            image,
            taps,
            strides=[1, 1, step, 1],
            padding=padding,
            dilations=[1, 1, hole, 1],
            name=scope,
        )
        return squeeze(result, [1])


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: Any = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The slope of `conv1d` used forwards. output_shape: [batch, width, out].

    Source: tf.nn.conv1d_transpose.
    """
    channels_last(data_format)
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        step, hole = (int(np.ravel(1 if n is None else n)[0]) for n in (strides, dilations))
        image, taps = expand_dims(input, 1), expand_dims(filters, 0)
        sizes = convert_to_tensor(output_shape, int32, preferred=True)
        result: Tensor = conv2d_backprop_input(
            concat([sizes[:1], [1], sizes[1:]], 0),
            taps,
            image,
            strides=[1, 1, step, 1],
            padding=padding,
            dilations=[1, 1, hole, 1],
            name=scope,
        )
        return squeeze(result, 1)
