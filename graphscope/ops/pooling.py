"""Pooling: the largest or the mean of each window; and the normalization over channels (LRN)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_shape
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import FLOATS, REALS
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape as shape_of
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
)

_ONES = (1, 1, 1, 1)


def _pooled(input: Tensor, *_: Tensor, **attrs: Any) -> TensorShape:
    sizes = input.shape.with_rank(4).as_list()
    axes = axes_of(sizes[1:-1], attrs["ksize"][1:-1], attrs["strides"], attrs["padding"], _ONES)
    return TensorShape([sizes[0], *[None if a is None else a.number for a in axes], sizes[3]])


def _axes(
    sizes: Sequence[int], ksize: Sequence[int], strides: Sequence[int], padding: str
) -> list[Axis]:
    return known(axes_of(list(sizes)[1:-1], ksize[1:-1], strides, padding, _ONES))


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


# ---- the largest of each window ----------------------------------------------------------------


@op("MaxPool", kind="nn", shape=_pooled, types=REALS)
def _max_pool(
    input: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The largest element of each window, for each channel; the slope goes to the first such."""
    axes = _axes(input.shape, ksize, strides, padding)
    lowest = _lowest(input.dtype)
    wide = padded(input, axes, lowest)
    largest = None
    for _, place in places(axes):
        largest = wide[place] if largest is None else np.maximum(largest, wide[place])
    return np.array(largest)


@op("MaxPoolGrad", kind="nn", types=REALS, shape=lambda orig_input, *_, **__: orig_input.shape)
def _max_pool_grad(
    orig_input: T,
    orig_output: T,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of MaxPool: grad where the (first) largest element of each window was."""
    axes = _axes(orig_input.shape, ksize, strides, padding)
    wide = padded(orig_input, axes, _lowest(orig_input.dtype))
    flow = blank(orig_input.shape, axes, grad.dtype)
    pending = np.ones(orig_output.shape, bool)
    for _, place in places(axes):
        chosen = pending & (wide[place] == orig_output)
        pending &= ~chosen
        flow[place] += np.where(chosen, grad, grad.dtype.type(0))
    return cropped(flow, axes)


@op(
    "MaxPoolGradGrad",
    kind="nn",
    types=REALS,
    shape=lambda x, orig_output, *_, **__: orig_output.shape,
)
def _max_pool_grad_grad(
    orig_input: T,
    orig_output: T,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of MaxPoolGrad: of each window the element where the first largest one was."""
    axes = _axes(orig_input.shape, ksize, strides, padding)
    wide = padded(orig_input, axes, _lowest(orig_input.dtype))
    flow = padded(grad, axes)
    taken = np.zeros(orig_output.shape, grad.dtype)
    pending = np.ones(orig_output.shape, bool)
    for _, place in places(axes):
        chosen = pending & (wide[place] == orig_output)
        pending &= ~chosen
        taken = np.where(chosen, flow[place], taken)
    return taken


@_max_pool.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **attrs: Any) -> Any:
    return _max_pool_grad(input, y, dy, **attrs)


@_max_pool_grad.gradient
def _(ddx: Tensor, dx: Tensor, x: Tensor, y: Tensor, grad: Tensor, **attrs: Any) -> Any:
    return None, None, _max_pool_grad_grad(x, y, ddx, **attrs)


@_max_pool_grad_grad.gradient
def _(dt: Tensor, taken: Tensor, x: Tensor, y: Tensor, grad: Tensor, **attrs: Any) -> Any:
    return None, None, _max_pool_grad(x, y, dt, **attrs)


def max_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The largest element of each window of images [batch, height, width, channels].

    ksize, strides: the window's size and its steps: one number, two, or four. padding: "SAME" or
    "VALID". Source: tf.nn.max_pool.
    """
    value = input if value is None else value
    with name_scope(name, "MaxPool", [value]) as scope:
        result: Tensor = _max_pool(
            value,
            ksize=four(ksize, "ksize"),
            strides=four(strides, "strides"),
            padding=padding,
            data_format=channels_last(data_format),
            name=scope,
        )
        return result


# ---- the mean of each window -------------------------------------------------------------------


def _members(sizes: Sequence[int], axes: Sequence[Axis], dtype: Any) -> T:
    """How many elements of the image each window has; padding does not count."""
    inside = padded(np.ones((1, *list(sizes)[1:-1], 1), dtype), axes)
    total = np.zeros((1, *[axis.number for axis in axes], 1), dtype)
    for _, place in places(axes):
        total += inside[place]
    return total


@op("AvgPool", kind="nn", shape=_pooled, types=FLOATS)
def _avg_pool(
    value: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The mean of each window, for each channel; padding does not count."""
    axes = _axes(value.shape, ksize, strides, padding)
    wide = padded(value, axes)
    counts = [axis.number for axis in axes]
    total = np.zeros((len(value), *counts, value.shape[-1]), value.dtype)
    for _, place in places(axes):
        total += wide[place]
    return np.asarray(total / _members(value.shape, axes, value.dtype))


@op(
    "AvgPoolGrad",
    kind="nn",
    types=FLOATS,
    shape=lambda orig_input_shape, *_, **__: constant_shape(orig_input_shape).with_rank(4),
)
def _avg_pool_grad(
    orig_input_shape: Index,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of AvgPool: grad, shared equally by the elements of its window."""
    sizes: list[int] = orig_input_shape.tolist()
    axes = _axes(sizes, ksize, strides, padding)
    share = grad / _members(sizes, axes, grad.dtype)
    flow = blank(sizes, axes, grad.dtype)
    for _, place in places(axes):
        flow[place] += share
    return cropped(flow, axes)


@_avg_pool.gradient
def _(dy: Tensor, y: Tensor, value: Tensor, **attrs: Any) -> Any:
    return _avg_pool_grad(shape_of(value), dy, **attrs)


@_avg_pool_grad.gradient
def _(ddx: Tensor, dx: Tensor, sizes: Tensor, grad: Tensor, **attrs: Any) -> Any:
    return None, _avg_pool(ddx, **attrs)


def avg_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The mean of each window of images [batch, height, width, channels].

    ksize, strides: the window's size and its steps: one number, two, or four. padding: "SAME" or
    "VALID". Source: tf.nn.avg_pool.
    """
    value = input if value is None else value
    with name_scope(name, "AvgPool", [value]) as scope:
        result: Tensor = _avg_pool(
            value,
            ksize=four(ksize, "ksize"),
            strides=four(strides, "strides"),
            padding=padding,
            data_format=channels_last(data_format),
            name=scope,
        )
        return result


# ---- each number against its neighbours in other channels --------------------------------------


def _around(x: T, radius: int) -> T:
    """For each channel the sum over the channels up to `radius` away."""
    wide = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    total = np.zeros_like(x)
    for shift in range(2 * radius + 1):
        total += wide[..., shift : shift + x.shape[-1]]
    return total


@op("LRN", kind="nn", types=FLOATS, shape=lambda input, **_: input.shape.with_rank(4))
def _lrn(
    input: T, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> T:
    """x / (bias + alpha * sum of squares over near channels) ** beta.

    input: [batch, height, width, channels]. depth_radius: how far near is.
    """
    real = input.dtype.type
    result: T = input * (real(bias) + real(alpha) * _around(input * input, depth_radius)) ** real(
        -beta
    )
    return result


@op("LRNGrad", kind="nn", types=FLOATS, shape=lambda dy, x, y, **_: x.shape)
def _lrn_grad(
    input_grads: T,
    input_image: T,
    output_image: Any_,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> T:
    """The slope of LRN."""
    x, dy, real = input_image, input_grads, input_image.dtype.type
    norm = real(bias) + real(alpha) * _around(x * x, depth_radius)
    crossed = _around(dy * x * norm ** real(-beta - 1), depth_radius)
    result: T = dy * norm ** real(-beta) - real(2 * alpha * beta) * x * crossed
    return result


@_lrn.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **attrs: Any) -> Any:
    return _lrn_grad(dy, input, y, **attrs)


@_lrn_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, x: Tensor, y: Tensor, **attrs: Any) -> Any:
    # The slope of LRN is symmetric, so it is its own transpose; that along x is not there.
    raise LookupError("No gradient is defined for the gradient of local_response_normalization")


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """x / (bias + alpha * sum of squares over near channels) ** beta. Source: tf.nn.lrn.

    input: [batch, height, width, channels]. depth_radius: how far near is.
    """
    result: Tensor = _lrn(
        input,
        depth_radius=int(depth_radius),
        bias=float(bias),
        alpha=float(alpha),
        beta=float(beta),
        name=name,
    )
    return result
