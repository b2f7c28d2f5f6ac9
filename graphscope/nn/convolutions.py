"""The forms in which convolutions are called (tf.nn)."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops import conv as ops
from graphscope.ops.array import expand_dims, squeeze
from graphscope.ops.array import shape as shape_of
from graphscope.ops.blocks import batch_to_space, over_space_to_batch, space_to_batch
from graphscope.ops.depthwise import depthwise_conv2d_native
from graphscope.ops.joining import concat
from graphscope.ops.spellings import one_of
from graphscope.ops.windows import channels_first, spatial, spread


def explicit(padding: Any) -> tuple[str, list[int]]:
    """The padding as a word, and the numbers that it may have been given by.

    padding: "SAME", "VALID", or four pairs of numbers. Errors: ValueError for anything else.
    """
    if padding == "EXPLICIT":
        raise ValueError(
            '"EXPLICIT" is not a valid value for the padding parameter. To use explicit padding, '
            "the padding parameter must be a list."
        )
    if not isinstance(padding, list | tuple | np.ndarray):
        return padding, []
    start = "When padding is a list, "
    each = f"{start}each element of padding must be a list/tuple of size 2. Element with index"
    for i, pair in enumerate(padding):
        if not isinstance(pair, list | tuple | np.ndarray):
            raise ValueError(f"{each} {i} of padding is not a list/tuple")
        if len(pair) != 2:
            raise ValueError(f"{each} {i} of padding has size {len(pair)}")
    if len(padding) != 4:
        raise ValueError(f"{start}it must be of size 4. Got padding of size: {len(padding)}")
    return "EXPLICIT", np.asarray(padding).ravel().tolist()


# ---- along two axes ------------------------------------------------------------------------------


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
    Errors: ValueError when the channels differ or a window does not fit; UnimplementedError when
    images of the format NCHW are run.
    """
    word, numbers = explicit(padding)
    order = data_format or "NHWC"
    result: Tensor = ops.conv2d(
        input,
        one_of(filters=filters, filter=filter),
        strides=spread(strides, 2, "strides", order),
        padding=word,
        explicit_paddings=numbers,
        data_format=order,
        dilations=spread(dilations, 2, "dilations", order),
        name=name,
    )
    return result


def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The slope of `conv2d` along its images. Source: tf.nn.conv2d_backprop_input."""
    word, numbers = explicit(padding)
    result: Tensor = ops.conv2d_backprop_input(
        input_sizes,
        one_of(filters=filters, filter=filter),
        out_backprop,
        strides=strides,
        padding=word,
        explicit_paddings=numbers,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )
    return result


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The slope of `conv2d` along its filter. Source: tf.nn.conv2d_backprop_filter."""
    word, numbers = explicit(padding)
    result: Tensor = ops.conv2d_backprop_filter(
        input,
        filter_sizes,
        out_backprop,
        strides=strides,
        padding=word,
        explicit_paddings=numbers,
        data_format=data_format,
        dilations=dilations,
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
    value = one_of(input=input, value=value)
    filter = one_of(filters=filters, filter=filter)
    order = data_format or "NHWC"
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as scope:
        result: Tensor = ops.conv2d_backprop_input(
            output_shape,
            filter,
            value,
            strides=spread(strides, 2, "strides", order),
            padding=padding,
            data_format=order,
            dilations=spread(dilations, 2, "dilations", order),
            name=scope,
        )
        return result


# ---- along three axes ----------------------------------------------------------------------------


def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str = "NDHWC",
    dilations: Any = (1, 1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The convolution of volumes [batch, depth, height, width, in]. Source: tf.nn.conv3d.

    filter: [depth, height, width, in, out]. strides: five numbers.
    """
    result: Tensor = ops.conv3d(
        input,
        one_of(filters=filters, filter=filter),
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )
    return result


def conv3d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: str = "SAME",
    data_format: Any = "NDHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The slope of `conv3d` used forwards: volumes grow by the strides.

    Source: tf.nn.conv3d_transpose.
    """
    value = one_of(input=input, value=value)
    filter = one_of(filters=filters, filter=filter)
    order = data_format or "NDHWC"
    with name_scope(name, "conv3d_transpose", [value, filter, output_shape]) as scope:
        result: Tensor = ops.conv3d_backprop_input_v2(
            output_shape,
            filter,
            value,
            strides=spread(strides, 3, "strides", order),
            padding=padding,
            data_format=order,
            dilations=spread(dilations, 3, "dilations", order),
            name=scope,
        )
        return result


# ---- along one axis ------------------------------------------------------------------------------


def _as_images(data_format: Any, *known: str) -> str:
    """The format of images for that of rows. Errors: ValueError for another."""
    if data_format in (None, "NWC", *known[:1]):
        return "NHWC"
    if data_format in ("NCW", *known[1:]):
        return "NCHW"
    raise ValueError('data_format must be "NWC" or "NCW".')


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
    value = one_of(input=input, value=value)
    with name_scope(name, "conv1d", [value, filters]) as scope:
        order = _as_images(data_format, "NHWC", "NCHW")
        line = 2 if channels_first(order) else 1
        result: Tensor = ops.conv2d(
            expand_dims(value, line),
            expand_dims(filters, 0),
            strides=[1, *spread(stride, 1, "stride", order)],
            padding=padding,
            data_format=order,
            dilations=[1, *spread(dilations, 1, "dilations", order)],
            name=scope,
        )
        return squeeze(result, [line])


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
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        order = _as_images(data_format)
        line = 2 if channels_first(order) else 1
        image, taps = expand_dims(input, line), expand_dims(filters, 0)
        sizes = convert_to_tensor(output_shape, int32, preferred=True)
        result: Tensor = ops.conv2d_backprop_input(
            concat([sizes[:line], [1], sizes[line:]], 0),
            taps,
            image,
            strides=[1, *spread(strides, 1, "stride", order)],
            padding=padding,
            data_format=order,
            dilations=[1, *spread(dilations, 1, "dilations", order)],
            name=scope,
        )
        return squeeze(result, line)


# ---- along any number of axes --------------------------------------------------------------------


def _plain(count: int, data_format: Any) -> Any:
    """The convolution along so many axes, without holes in its windows."""
    order = data_format or (None, "NWC", "NHWC", "NDHWC")[count]

    def convolved(image: Any, filter: Any, strides: list[int], padding: Any, scope: str) -> Tensor:
        if count == 1:
            rows: Tensor = conv1d(image, filter, strides, padding, None, order, scope)
            return rows
        whole = ops.conv2d if count == 2 else ops.conv3d
        steps = spread(strides, count, "strides", order)
        result: Tensor = whole(
            image, filter, strides=steps, padding=padding, data_format=order, name=scope
        )
        return result

    return convolved


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
    """The convolution along one axis [batch, width, in], two, or three.

    Windows with holes are taken of images that are cut into blocks. Source: tf.nn.convolution.
    Errors: ValueError for another rank, and for strides together with holes.
    """
    filter = one_of(filters=filters, filter=filter)
    rate = one_of(dilations=dilations, dilation_rate=dilation_rate)
    with name_scope(name, "convolution", [input, filter]) as scope:
        input, filter = convert_to_tensor(input), convert_to_tensor(filter)
        count = _spatial_count(input, filter)
        order = data_format or ""
        inner = spatial(order)
        holes = spread(rate, count, "dilations", order)[inner]
        steps = spread(strides, count, "strides", order)[inner]
        convolved = _plain(count, data_format)
        if holes == [1] * count:
            result: Tensor = convolved(input, filter, steps, padding, scope)
            return result
        _fitting(input, filter, steps, order)
        return over_space_to_batch(
            input,
            holes,
            padding,
            shape_of(filter),
            lambda image, pad: convolved(image, filter, steps, pad, scope),
            data_format,
        )


def _spatial_count(input: Tensor, filter: Tensor) -> int:
    rank = filter.shape.ndims if input.shape.ndims is None else input.shape.ndims
    if rank is None:
        raise ValueError("rank of input or filter must be known")
    if not 3 <= rank <= 5:
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {rank}.")
    return rank - 2


def _fitting(input: Tensor, filter: Tensor, steps: list[int], data_format: str) -> None:
    if any(step > 1 for step in steps):
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    count = len(steps)
    for name, tensor in (("input", input), ("filter", filter)):
        if tensor.shape.ndims not in (None, count + 2):
            raise ValueError(f"{name} tensor must have rank {count + 2}")
    if input.shape.ndims is None or filter.shape.ndims is None:
        return
    deep = input.shape[1 if channels_first(data_format) else count + 1]
    if not deep.is_compatible_with(filter.shape[count]):
        raise ValueError(
            "number of input channels does not match corresponding dimension of filter, "
            f"{deep} != {filter.shape[count]}"
        )


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The slope of a convolution along one, two or three axes, used forwards.

    output_shape: a list or a tensor, whose length says along how many axes.
    Source: tf.nn.conv_transpose. Errors: ValueError for another length.
    """
    with name_scope(name, "conv_transpose", [input, output_shape]) as scope:
        if isinstance(output_shape, Tensor):
            length = int(output_shape.shape[0])
        elif isinstance(output_shape, Sized):
            length = len(output_shape)
        else:
            raise ValueError("output_shape must be a tensor or sized collection.")
        if not 3 <= length <= 5:
            raise ValueError(f"output_shape must be of length 3, 4 or 5 but was {length}.")
        wider = (conv1d_transpose, conv2d_transpose, conv3d_transpose)[length - 3]
        return wider(
            input,
            filters,
            output_shape,
            strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=scope,
        )


# ---- each channel by itself ----------------------------------------------------------------------


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
    rate = one_of(dilations=dilations, rate=rate)
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return _depthwise(input, filter, strides, padding, rate, data_format, scope)


def _depthwise(
    input: Tensor,
    filter: Tensor,
    strides: Any,
    padding: str,
    rate: Any,
    data_format: Any,
    name: str,
) -> Tensor:
    def convolved(image: Tensor, pad: str) -> Tensor:
        result: Tensor = depthwise_conv2d_native(
            image,
            filter,
            strides=strides,
            padding=pad,
            data_format=data_format or "NHWC",
            name=name,
        )
        return result

    holes = [1, 1] if rate is None else rate
    return over_space_to_batch(input, holes, padding, shape_of(filter), convolved, data_format)


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
    rate = one_of(dilations=dilations, rate=rate)
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        pointwise.shape.with_rank(4)[:2].assert_is_compatible_with(as_shape([1, 1]))
        parts = _depthwise(input, depthwise, strides, padding, rate, data_format, "depthwise")
        one = [1, 1, 1, 1]
        return conv2d(parts, pointwise, one, "VALID", data_format=data_format, name=scope)


# ---- with holes ----------------------------------------------------------------------------------


def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """The convolution with holes: the elements of a filter are `rate` pixels apart.

    Source: tf.nn.atrous_conv2d.
    """
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """The slope of `atrous_conv2d` used forwards. output_shape: [batch, height, width, out].

    Source: tf.nn.atrous_conv2d_transpose. Errors: ValueError when channels or shapes do not fit.
    """
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]):
        value = convert_to_tensor(value, name="value")
        filters = convert_to_tensor(filters, name="filters")
        if not value.shape[3].is_compatible_with(filters.shape[3]):
            raise ValueError(
                "value's input channels does not match filters' input channels, "
                f"{value.shape[3]} != {filters.shape[3]}"
            )
        if rate < 1:
            raise ValueError(f"rate {rate} cannot be less than one")
        if rate == 1:
            return conv2d_transpose(value, filters, output_shape, 1, padding)
        sizes = convert_to_tensor(output_shape, int32, name="output_shape", preferred=True)
        if not sizes.shape.is_compatible_with([4]):
            raise ValueError(f"output_shape must have shape (4,), got {sizes.shape}")
        listed = list(output_shape) if isinstance(output_shape, Sequence) else output_shape
        known = not isinstance(listed, Tensor)
        if known and not filters.shape[2].is_compatible_with(int(listed[3])):
            raise ValueError(
                "output_shape does not match filter's output channels, "
                f"{listed[3]} != {filters.shape[2]}"
            )
        return _grown_with_holes(value, filters, listed, rate, padding)


def _grown_with_holes(
    value: Tensor, filters: Tensor, sizes: Any, rate: int, padding: str
) -> Tensor:
    """Images cut into blocks, a transposed convolution of each, and the blocks woven again."""
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"padding must be either VALID or SAME: {padding}")
    defined = filters.shape.is_fully_defined()
    taps: Any = filters.shape.as_list() if defined else shape_of(filters)
    inner, pads, crops = [], [], []
    for axis in range(2):
        reach = (taps[axis] - 1) * rate if padding == "SAME" else 0
        before = reach // 2
        whole = sizes[axis + 1] + reach
        extra = (rate - whole % rate) % rate
        inner.append((whole + extra) // rate)
        pads.append([0, extra])
        crops.append([before, reach - before + extra])
    blocks = space_to_batch(value, pads, block_size=rate)
    parts: Tensor = ops.conv2d_backprop_input(
        [rate * rate * sizes[0], *inner, sizes[3]],
        filters,
        blocks,
        strides=[1, 1, 1, 1],
        padding="VALID",
    )
    result: Tensor = batch_to_space(parts, crops, block_size=rate)
    return result
