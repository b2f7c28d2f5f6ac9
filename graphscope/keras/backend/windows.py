"""Convolutions, pooling and the bias, as Keras says them: strides of the axes between only."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from graphscope.keras.backend.arithmetic import batch_dot
from graphscope.keras.backend.config import format_of
from graphscope.keras.backend.shaping import (
    concatenate,
    permute_dimensions,
    reshape,
    temporal_padding,
)
from graphscope.keras.backend.variables import int_shape, ndim, shape
from graphscope.nn import convolutions, pooling
from graphscope.ops import array, joining
from graphscope.ops.bias import bias_add as _bias_add

_NAMES = {3: "NWC", 4: "NHWC", 5: "NDHWC"}


def _padding(padding: str) -> str:
    if padding not in ("same", "valid"):
        raise ValueError(f"Invalid padding: {padding}")
    return padding.upper()


def _channels_last(x: Any, data_format: str | None) -> tuple[Any, Callable[[Any], Any]]:
    """x with its channels last, and what puts the result's channels where those of x were.

    TensorFlow computes with channels first on a GPU only; on a CPU it too turns the axes around.
    """
    if format_of(data_format) == "channels_last":
        return x, lambda result: result
    axes = list(range(ndim(x) or 0))
    there, back = [0, *axes[2:], 1], [0, axes[-1], *axes[1:-1]]
    return array.transpose(x, there), lambda result: array.transpose(result, back)


def _full(sizes: Any) -> tuple[int, ...]:
    """Sizes of all axes, from those between the examples and the channels."""
    return (1, *sizes, 1)


# ---- convolutions ------------------------------------------------------------------------------


def _convolved(
    x: Any, kernel: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any
) -> Any:
    x, back = _channels_last(x, data_format)
    return back(
        convolutions.convolution(
            input=x,
            filter=kernel,
            dilation_rate=dilation_rate,
            strides=strides,
            padding=_padding(padding),
            data_format=_NAMES[ndim(x) or 0],
        )
    )


def conv1d(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """x [batch, time, in] with filters [width, in, out]; padding: also ``causal``."""
    if padding == "causal":
        x = temporal_padding(x, (dilation_rate * (kernel.shape.as_list()[0] - 1), 0))
        padding = "valid"
    return _convolved(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Images [batch, rows, columns, in] with filters [rows, columns, in, out]."""
    return _convolved(x, kernel, strides, padding, data_format, dilation_rate)


def conv3d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1, 1),
) -> Any:
    """Volumes with filters [depth, rows, columns, in, out]."""
    return _convolved(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """The transpose of a convolution; kernel: [rows, columns, out, in]."""
    first = format_of(data_format) == "channels_first"
    x, back = _channels_last(x, data_format)
    sizes = list(output_shape)
    if first:
        sizes = [sizes[0], *sizes[2:], sizes[1]]
    if sizes[0] is None:
        sizes[0] = shape(x)[0]
    wanted = joining.stack(sizes)
    if tuple(dilation_rate) == (1, 1):
        result = convolutions.conv2d_transpose(
            x, kernel, wanted, _full(strides), padding=_padding(padding), data_format="NHWC"
        )
    else:
        result = convolutions.atrous_conv2d_transpose(
            x, kernel, wanted, rate=dilation_rate[0], padding=_padding(padding)
        )
    return back(result)


def conv3d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The transpose of a convolution of volumes; kernel: [depth, rows, columns, out, in]."""
    sizes = list(output_shape)
    if format_of(data_format) == "channels_first":
        sizes = [sizes[0], *sizes[2:], sizes[1]]
    x, back = _channels_last(x, data_format)
    if sizes[0] is None:
        sizes[0] = shape(x)[0]
    return back(
        convolutions.conv3d_transpose(
            x,
            kernel,
            joining.stack(sizes),
            _full(strides),
            padding=_padding(padding),
            data_format="NDHWC",
        )
    )


def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """A convolution of each channel, then one that mixes the channels of each pixel."""
    x, back = _channels_last(x, data_format)
    return back(
        convolutions.separable_conv2d(
            x,
            depthwise_kernel,
            pointwise_kernel,
            strides=_full(strides),
            padding=_padding(padding),
            rate=dilation_rate,
            data_format="NHWC",
        )
    )


def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """A convolution of each channel with filters [rows, columns, in, multiplier] of its own."""
    x, back = _channels_last(x, data_format)
    return back(
        convolutions.depthwise_conv2d(
            x,
            depthwise_kernel,
            strides=_full(strides),
            padding=_padding(padding),
            rate=dilation_rate,
            data_format="NHWC",
        )
    )


def local_conv(
    inputs: Any,
    kernel: Any,
    kernel_size: Any,
    strides: Any,
    output_shape: Any,
    data_format: Any = None,
) -> Any:
    """A convolution with a filter of its own at each place.

    kernel: [places, numbers of a window, out]. output_shape: how many places there are along each
    axis.
    """
    first = format_of(data_format) == "channels_first"
    sizes = int_shape(kernel) or ()
    windows = []
    for place in itertools.product(*map(range, output_shape)):
        steps = zip(place, strides, kernel_size, strict=True)
        window = [slice(at * step, at * step + width) for at, step, width in steps]
        channels = [slice(None)]
        cut = (slice(None), *(channels if first else []), *window, *([] if first else channels))
        windows.append(reshape(inputs[cut], (1, -1, sizes[1])))
    output = batch_dot(concatenate(windows, axis=0), kernel)
    output = reshape(output, (*output_shape, -1, sizes[-1]))
    axes = list(range(len(output_shape)))
    last = len(axes)
    order = [last, last + 1, *axes] if first else [last, *axes, last + 1]
    return permute_dimensions(output, order)


def local_conv1d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = None
) -> Any:
    """`local_conv` along the time."""
    places = (int(kernel.shape[0]),)
    return local_conv(inputs, kernel, kernel_size, strides, places, data_format)


def local_conv2d(
    inputs: Any,
    kernel: Any,
    kernel_size: Any,
    strides: Any,
    output_shape: Any,
    data_format: Any = None,
) -> Any:
    """`local_conv` of images."""
    return local_conv(inputs, kernel, kernel_size, strides, output_shape, data_format)


# ---- pooling -----------------------------------------------------------------------------------

_POOLS: dict[str, dict[int, Callable[..., Any]]] = {
    "max": {2: pooling.max_pool, 3: pooling.max_pool3d},
    "avg": {2: pooling.avg_pool, 3: pooling.avg_pool3d},
}


def _pooled(
    x: Any, axes: int, pool_size: Any, strides: Any, padding: str, data_format: Any, mode: str
) -> Any:
    for name, sizes in (("pool_size", pool_size), ("strides", strides)):
        if len(sizes) != axes:
            raise ValueError(f"`{name}` must be a tuple of {axes} integers.")
    if mode not in _POOLS:
        raise ValueError(f"Invalid pooling mode: {mode}")
    x, back = _channels_last(x, data_format)
    pool = _POOLS[mode][axes]
    name = _NAMES[axes + 2]
    way = _padding(padding)
    return back(pool(x, _full(pool_size), _full(strides), padding=way, data_format=name))


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    """The largest, or with ``avg`` the mean, of each window of images."""
    return _pooled(x, 2, pool_size, strides, padding, data_format, pool_mode)


def pool3d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    """The largest, or with ``avg`` the mean, of each window of volumes."""
    return _pooled(x, 3, pool_size, strides, padding, data_format, pool_mode)


# ---- the bias ----------------------------------------------------------------------------------


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """x plus a bias: one number for each channel, or one for each channel at each place.

    Errors: ValueError for a bias of another rank.
    """
    first = format_of(data_format) == "channels_first"
    sizes, rank = int_shape(bias) or (), ndim(x) or 0
    if len(sizes) not in (1, rank - 1):
        raise ValueError(
            f"Unexpected bias dimensions {len(sizes)}, expect to be 1 or {rank} dimensions"
        )
    vector = len(sizes) == 1
    if rank not in (3, 4, 5) or (rank == 4 and vector and not first):
        return _bias_add(x, bias)
    if first:
        laid = (1, sizes[-1], *([1] * (rank - 2) if vector else sizes[:-1]))
    else:
        laid = (*[1] * (rank - 1), sizes[0]) if vector else (1, *sizes)
    if rank == 3 and first and not vector:
        laid = (1, sizes[1], sizes[0])
    return x + reshape(bias, laid)
