"""Pooling: the largest or the mean of each window, and the slopes.

Images are [batch, height, width, channels] (NHWC), volumes [batch, depth, height, width, channels]
(NDHWC). Graphs may have the channels first, which TensorFlow computes on a GPU alone; runs refuse
it, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.errors import UnimplementedError
from graphscope.graph import shapes
from graphscope.graph.convert import constant_value
from graphscope.graph.declare import Index, OpDef, T, op
from graphscope.graph.dtypes import FLOATS, REALS, DType, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.choices import bits, chosen, masked
from graphscope.ops.windows import (
    Axis,
    arranged,
    axes_of,
    blank,
    channels,
    channels_first,
    checked,
    cropped,
    disjoint,
    known,
    padded,
    places,
    spatial,
)


def pooled_shape(input: Tensor, *_: Tensor, **attrs: Any) -> TensorShape:
    order = attrs["data_format"]
    rank = len(order)
    checked(rank, **attrs)
    return _windows(input.shape.with_rank(rank), **attrs)


def _windows(shape: TensorShape, **attrs: Any) -> TensorShape:
    """The shape of what is pooled; windows may lie along the channels too."""
    order, sizes = attrs["data_format"], shape.as_list()
    inner = spatial(order)

    def sliding(numbers: Sequence[Any]) -> list[Any]:
        return [*numbers[inner], channels(numbers, order)]

    axes = axes_of(
        sliding(sizes), sliding(attrs["ksize"]), sliding(attrs["strides"]), attrs["padding"]
    )
    counts = [None if axis is None else axis.number for axis in axes]
    return TensorShape(arranged(sizes[0], counts[:-1], counts[-1], order))


def pooled_axes(name: str, sizes: Sequence[int], attrs: dict[str, Any]) -> list[Axis]:
    """The windows in a run. Errors: ValueError, UnimplementedError for what TensorFlow refuses."""
    ksize, strides = attrs["ksize"], attrs["strides"]
    if channels_first(attrs["data_format"]):
        raise ValueError(f"Default {name}Op only supports NHWC on device type CPU")
    if (ksize[0], strides[0]) != (1, 1):
        raise UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if (ksize[-1], strides[-1]) != (1, 1):
        raise UnimplementedError(
            None,
            None,
            f"Non-spatial pooling is not yet supported: {name} is not yet supported on the depth "
            f"dimension, ksize {list(ksize)}",
        )
    return known(axes_of(sizes[1:-1], ksize[1:-1], strides[1:-1], attrs["padding"]))


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


# ---- the largest of each window ------------------------------------------------------------------


def _largest(input: T, **attrs: Any) -> T:
    if attrs["ksize"][-1] != 1 and not channels_first(attrs["data_format"]):
        return _largest_channel(input, **attrs)
    axes = pooled_axes("MaxPooling", input.shape, attrs)
    wide = padded(input, axes, _lowest(input.dtype))
    largest = None
    for _, place in places(axes):
        largest = wide[place] if largest is None else np.maximum(largest, wide[place])
    return np.array(largest)


def _largest_channel(input: T, **attrs: Any) -> T:
    """Windows along the channels: they must be alone, and cut these into equal parts."""
    ksize, strides, depth = attrs["ksize"], attrs["strides"], input.shape[-1]
    wrong = ""
    if set(ksize[:-1]) != {1}:
        wrong = "MaxPooling supports exactly one of pooling across depth or across width/height"
    elif depth % ksize[-1]:
        wrong = "Depthwise max pooling requires the depth window to evenly divide the input depth"
    elif ksize[-1] != strides[-1]:
        wrong = "Depthwise max pooling requires the depth window to equal the depth stride"
    if wrong:
        raise UnimplementedError(None, None, f"{wrong}: ksize {list(ksize)}, depth {depth}")
    result: T = input.reshape(*input.shape[:-1], -1, ksize[-1]).max(axis=-1)
    return result


def _wins(input: T, axes: Sequence[Axis]) -> list[T]:
    """For each place in the windows, in which of these the (first) largest element is there; it is
    never in the padding, and a NaN is no larger than anything."""
    lowest = _lowest(input.dtype)
    wide = padded(input, axes, lowest)
    has_nan = np.isnan(input.max(initial=lowest))
    inside = padded(np.ones((1, *input.shape[1:-1], 1), bool), axes, False)
    spots = [place for _, place in places(axes)]
    best, seen = wide[spots[0]], inside[spots[0]]  # whether a window has had an element so far
    wins = [np.ones(best.shape, bool) & seen]
    for place in spots[1:]:
        larger = wide[place] > best
        if not inside.all():
            larger |= ~seen
            larger &= inside[place]
            seen = seen | inside[place]
        wins.append(larger)
        best = chosen(wide[place], larger, best) if has_nan else np.maximum(best, wide[place])
    later = np.zeros_like(wins[0])
    for won in reversed(wins):  # the last one that was better than all before it
        won &= ~later
        later |= won
    return wins


def _to_the_largest(orig_input: T, grad: T, **attrs: Any) -> T:
    axes = pooled_axes("MaxPoolingGrad", orig_input.shape, attrs)
    flow, apart = blank(orig_input.shape, axes, grad.dtype), disjoint(axes)
    for won, (_, place) in zip(_wins(orig_input, axes), places(axes), strict=True):
        if apart:
            masked(grad, won, out=flow[place])
        else:
            flow[place] += masked(grad, won)
    return cropped(flow, axes)


def _from_the_largest(orig_input: T, grad: T, **attrs: Any) -> T:
    axes = pooled_axes("MaxPoolingGradGrad", orig_input.shape, attrs)
    wins, flow = _wins(orig_input, axes), padded(grad, axes)
    taken = np.zeros(wins[0].shape, grad.dtype)
    for won, (_, place) in zip(wins, places(axes), strict=True):
        bits(taken)[...] |= bits(masked(flow[place], won))
    return taken


def _first(orig_input: Tensor, *_: Tensor, **__: Any) -> TensorShape:
    return orig_input.shape


def _second(orig_input: Tensor, orig_output: Tensor, *_: Tensor, **__: Any) -> TensorShape:
    return orig_output.shape


@op("MaxPool", kind="nn", shape=pooled_shape, types=REALS)
def max_pool(
    input: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The largest element of each window, for each channel; the slope goes to the first such."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _largest(input, data_format=data_format, **attrs)


@op("MaxPoolGrad", kind="nn", types=REALS, shape=_first)
def max_pool_grad(
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
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _to_the_largest(orig_input, grad, data_format=data_format, **attrs)


@op("MaxPoolGradGrad", kind="nn", types=REALS, shape=_second)
def max_pool_grad_grad(
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
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _from_the_largest(orig_input, grad, data_format=data_format, **attrs)


@op("MaxPool3D", kind="nn", shape=pooled_shape, types=FLOATS)
def max_pool3d(
    input: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
) -> T:
    """The largest element of each window of volumes, for each channel."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _largest(input, data_format=data_format, **attrs)


@op("MaxPool3DGrad", kind="nn", types=FLOATS, shape=_first)
def max_pool3d_grad(
    orig_input: T,
    orig_output: T,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
) -> T:
    """The slope of MaxPool3D."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _to_the_largest(orig_input, grad, data_format=data_format, **attrs)


@op("MaxPool3DGradGrad", kind="nn", types=FLOATS, shape=_second)
def max_pool3d_grad_grad(
    orig_input: T,
    orig_output: T,
    grad: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str = "NDHWC",
) -> T:
    """The slope of MaxPool3DGrad."""
    attrs = {"ksize": ksize, "strides": strides, "padding": padding}
    return _from_the_largest(orig_input, grad, data_format=data_format, **attrs)


def _pooled_v2(input: Tensor, ksize: Tensor, strides: Tensor, **attrs: Any) -> TensorShape:
    sizes = {"ksize": constant_value(ksize), "strides": constant_value(strides)}
    checked(4, **attrs)
    if any(value is None for value in sizes.values()):
        return TensorShape([input.shape.with_rank(4)[0], None, None, None])
    return pooled_shape(input, **{n: np.asarray(v).tolist() for n, v in sizes.items()}, **attrs)


@op("MaxPoolV2", kind="nn", shape=_pooled_v2, types=REALS)
def max_pool_v2(
    input: T, ksize: Index, strides: Index, *, padding: str, data_format: str = "NHWC"
) -> T:
    """MaxPool with windows and steps that are tensors."""
    windows = {"ksize": ksize.tolist(), "strides": strides.tolist()}
    return _largest(input, padding=padding, data_format=data_format, **windows)


@op("MaxPoolGradV2", kind="nn", types=REALS, shape=_first)
def max_pool_grad_v2(
    orig_input: T,
    orig_output: T,
    grad: T,
    ksize: Index,
    strides: Index,
    *,
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of MaxPoolV2."""
    windows = {"ksize": ksize.tolist(), "strides": strides.tolist()}
    return _to_the_largest(orig_input, grad, padding=padding, data_format=data_format, **windows)


@op("MaxPoolGradGradV2", kind="nn", types=REALS, shape=_second)
def max_pool_grad_grad_v2(
    orig_input: T,
    orig_output: T,
    grad: T,
    ksize: Index,
    strides: Index,
    *,
    padding: str,
    data_format: str = "NHWC",
) -> T:
    """The slope of MaxPoolGradV2."""
    windows = {"ksize": ksize.tolist(), "strides": strides.tolist()}
    return _from_the_largest(orig_input, grad, padding=padding, data_format=data_format, **windows)


def _differentiable(forward: OpDef, slope: OpDef, back: OpDef) -> None:
    """The gradients of a MaxPool, of its slope, and of the slope of that."""

    @forward.gradient
    def _(dy: Tensor, y: Tensor, input: Tensor, *windows: Tensor, **attrs: Any) -> Any:
        return (slope(input, y, dy, *windows, **attrs), *[None] * len(windows))

    @slope.gradient
    def _(g: Tensor, dx: Tensor, x: Tensor, y: Tensor, dy: Tensor, *w: Tensor, **attrs: Any) -> Any:
        return (None, None, back(x, y, g, *w, **attrs), *[None] * len(w))

    @back.gradient
    def _(g: Tensor, t: Tensor, x: Tensor, y: Tensor, dx: Tensor, *w: Tensor, **attrs: Any) -> Any:
        return (None, None, slope(x, y, g, *w, **attrs), *[None] * len(w))


_differentiable(max_pool, max_pool_grad, max_pool_grad_grad)
_differentiable(max_pool3d, max_pool3d_grad, max_pool3d_grad_grad)
_differentiable(max_pool_v2, max_pool_grad_v2, max_pool_grad_grad_v2)


# ---- the largest of each window, and where it was ------------------------------------------------


def _twice(input: Tensor, **attrs: Any) -> tuple[TensorShape, TensorShape]:
    checked(4, data_format="NHWC", **attrs)
    shape = _windows(input.shape.with_rank(4), data_format="NHWC", **attrs)
    return shape, shape


@op(
    "MaxPoolWithArgmax",
    kind="nn",
    shape=_twice,
    types=REALS,
    outputs=("output", "argmax"),
    dtype=lambda input, *, Targmax, **_: (input.dtype.base_dtype, Targmax),
)
def max_pool_with_argmax(
    input: T,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    Targmax: DType = int64,
    include_batch_in_index: bool = False,
) -> tuple[T, T]:
    """MaxPool, and the position of each largest element, counted through the image.

    include_batch_in_index: counted through all images.
    """
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": "NHWC"}
    axes = pooled_axes("MaxPoolingWithArgmax", input.shape, attrs)
    wins = _wins(input, axes)
    winners = np.zeros(wins[0].shape, int)
    for number, won in enumerate(wins):
        winners += number * won
    where: Any = np.indices(winners.shape, sparse=True)
    window = np.unravel_index(winners, [axis.window for axis in axes])
    row, column = (
        where[i + 1] * axes[i].stride - axes[i].before + window[i] for i in range(len(axes))
    )
    place = (where[0], row, column, where[3])
    largest = input[place]
    counted = np.ravel_multi_index(np.broadcast_arrays(*place), input.shape)
    if not include_batch_in_index:
        counted = counted % max(input[0].size, 1)
    return largest, counted.astype(Targmax.numpy)


def _flat_places(argmax: T, like: T, include_batch_in_index: bool) -> T:
    """Positions as they are counted through all images."""
    if include_batch_in_index:
        return argmax
    batch = np.arange(len(like)) * (like.size // max(len(like), 1))
    result: T = argmax + batch.reshape(-1, 1, 1, 1)
    return result


@op("MaxPoolGradWithArgmax", kind="nn", types=REALS, shape=shapes.same)
def max_pool_grad_with_argmax(
    input: T,
    grad: T,
    argmax: Index,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    include_batch_in_index: bool = False,
) -> T:
    """The slope of MaxPoolWithArgmax: each element of grad at the position of its window."""
    flow = np.zeros(input.size, grad.dtype)
    np.add.at(flow, _flat_places(argmax, input, include_batch_in_index).ravel(), grad.ravel())
    return flow.reshape(input.shape)


@op(
    "MaxPoolGradGradWithArgmax",
    kind="nn",
    types=REALS,
    shape=lambda input, grad, argmax, **_: argmax.shape,
)
def max_pool_grad_grad_with_argmax(
    input: T,
    grad: T,
    argmax: Index,
    *,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    include_batch_in_index: bool = False,
) -> T:
    """The slope of MaxPoolGradWithArgmax: of grad the elements at the positions."""
    result: T = grad.ravel()[_flat_places(argmax, input, include_batch_in_index)]
    return result


@max_pool_with_argmax.gradient
def _(dys: Any, ys: Any, input: Tensor, *, Targmax: DType, **attrs: Any) -> Any:
    return None if dys[0] is None else max_pool_grad_with_argmax(input, dys[0], ys[1], **attrs)


@max_pool_grad_with_argmax.gradient
def _(ddx: Tensor, dx: Tensor, input: Tensor, grad: Tensor, argmax: Tensor, **attrs: Any) -> Any:
    return None, max_pool_grad_grad_with_argmax(input, ddx, argmax, **attrs), None


@max_pool_grad_grad_with_argmax.gradient
def _(dt: Tensor, t: Tensor, input: Tensor, grad: Tensor, argmax: Tensor, **attrs: Any) -> Any:
    return None, max_pool_grad_with_argmax(input, dt, argmax, **attrs), None
