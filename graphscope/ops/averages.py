"""Pooling by the mean of each window, of images and of volumes, and its slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_shape
from graphscope.graph.declare import Index, OpDef, T, op
from graphscope.graph.dtypes import FLOATS
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape as shape_of
from graphscope.ops.pooling import pooled_axes, pooled_shape
from graphscope.ops.windows import Axis, blank, checked, cropped, padded, places


def _members(sizes: Sequence[int], axes: Sequence[Axis], dtype: Any) -> T:
    """How many elements of the image each window has; padding does not count."""
    inside = padded(np.ones((1, *list(sizes)[1:-1], 1), dtype), axes)
    total = np.zeros((1, *[axis.number for axis in axes], 1), dtype)
    for _, place in places(axes):
        total += inside[place]
    return total


def _mean(value: T, **attrs: Any) -> T:
    axes = pooled_axes("AvgPooling", value.shape, attrs)
    wide = padded(value, axes)
    counts = [axis.number for axis in axes]
    total = np.zeros((len(value), *counts, value.shape[-1]), value.dtype)
    for _, place in places(axes):
        total += wide[place]
    return np.asarray(total / _members(value.shape, axes, value.dtype))


def _to_all(sizes: list[int], grad: T, **attrs: Any) -> T:
    axes = pooled_axes("AvgPoolingGrad", sizes, attrs)
    share = grad / _members(sizes, axes, grad.dtype)
    flow = blank(sizes, axes, grad.dtype)
    for _, place in places(axes):
        flow[place] += share
    return cropped(flow, axes)


def _sized(orig_input_shape: Tensor, *_: Tensor, **attrs: Any) -> TensorShape:
    rank = len(attrs["ksize"])
    checked(rank, **attrs)
    return constant_shape(orig_input_shape).with_rank(rank)


@op("AvgPool", kind="nn", shape=pooled_shape, types=FLOATS)
def avg_pool(
    value: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The mean of each window, for each channel; padding does not count."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _mean(value, data_format=data_format, **attrs)


@op("AvgPoolGrad", kind="nn", types=FLOATS, shape=_sized)
def avg_pool_grad(
    orig_input_shape: Index,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of AvgPool: grad, shared equally by the elements of its window."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _to_all(orig_input_shape.tolist(), grad, data_format=data_format, **attrs)


@op("AvgPool3D", kind="nn", shape=pooled_shape, types=FLOATS)
def avg_pool3d(
    input: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
) -> T:
    """The mean of each window of volumes, for each channel; padding does not count."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _mean(input, data_format=data_format, **attrs)


@op("AvgPool3DGrad", kind="nn", types=FLOATS, shape=_sized)
def avg_pool3d_grad(
    orig_input_shape: Index,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
) -> T:
    """The slope of AvgPool3D."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _to_all(orig_input_shape.tolist(), grad, data_format=data_format, **attrs)


def _differentiable(forward: OpDef, slope: OpDef) -> None:
    """The gradients of an AvgPool and of its slope: each is the other."""

    @forward.gradient
    def _(dy: Tensor, y: Tensor, value: Tensor, **attrs: Any) -> Any:
        return slope(shape_of(value), dy, **attrs)

    @slope.gradient
    def _(ddx: Tensor, dx: Tensor, sizes: Tensor, grad: Tensor, **attrs: Any) -> Any:
        return None, forward(ddx, **attrs)


_differentiable(avg_pool, avg_pool_grad)
_differentiable(avg_pool3d, avg_pool3d_grad)
