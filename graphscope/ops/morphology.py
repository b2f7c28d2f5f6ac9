"""Grey-scale morphology: windows that take the largest sum with a filter, or the smallest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import REALS
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.layout import reverse
from graphscope.ops.math import negative
from graphscope.ops.spellings import one_of
from graphscope.ops.windows import Axis, axes_of, blank, checked, cropped, known, padded, places


def _laid(sizes: Sequence[Any], taps: Sequence[Any], attrs: dict[str, Any]) -> list[Axis | None]:
    strides, rates = attrs["strides"], attrs["rates"]
    if (strides[0], strides[3], rates[0], rates[3]) != (1, 1, 1, 1):
        raise ValueError(
            "Stride and rates are only supported across spatial dimensions: strides "
            f"{list(strides)}, rates {list(rates)}"
        )
    return axes_of(sizes[1:3], taps[:2], strides[1:3], attrs["padding"], rates[1:3])


def _dilated(input: Tensor, filter: Tensor, **attrs: Any) -> TensorShape:
    names = {"strides": attrs["strides"], "dilations": attrs["rates"]}
    checked(4, padding=attrs["padding"], data_format="NHWC", **names)
    sizes, taps = input.shape.with_rank(4).as_list(), filter.shape.with_rank(3).as_list()
    if None not in (sizes[3], taps[2]) and sizes[3] != taps[2]:
        raise ValueError(f"Dimensions must be equal, but are {sizes[3]} and {taps[2]}")
    inner = [None if axis is None else axis.number for axis in _laid(sizes, taps, attrs)]
    return TensorShape([sizes[0], *inner, taps[2] if sizes[3] is None else sizes[3]])


def _winners(input: T, filter: T, axes: Sequence[Axis]) -> tuple[T, T]:
    """The largest sum of each window, and which of its places has it; padding never has."""
    wide = padded(input, axes)
    inside = padded(np.ones(input.shape, bool), axes, False)
    best = winner = None
    for number, (position, place) in enumerate(places(axes)):
        total = wide[place] + filter[position]
        if best is None or winner is None:
            best, winner = total, np.where(inside[place], number, -1)
        else:
            better = inside[place] & ((winner < 0) | (total > best))
            best, winner = np.where(better, total, best), np.where(better, number, winner)
    return np.asarray(best), np.asarray(winner)


@op("Dilation2D", kind="nn", shape=_dilated, types=REALS)
def dilation2d_op(
    input: T, filter: T, *, strides: Sequence[int], rates: Sequence[int], padding: str
) -> T:
    """The largest of pixel + filter in each window, for each channel.

    input: [batch, height, width, channels]. filter: [height, width, channels].
    """
    attrs = {"strides": strides, "rates": rates, "padding": padding}
    return _winners(input, filter, known(_laid(input.shape, filter.shape, attrs)))[0]


@op("Dilation2DBackpropInput", kind="nn", shape=shapes.same, types=REALS)
def dilation2d_backprop_input(
    input: T,
    filter: T,
    out_backprop: T,
    *,
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
) -> T:
    """The slope of Dilation2D along its images: it flows to the pixel that was the largest."""
    attrs = {"strides": strides, "rates": rates, "padding": padding}
    axes = known(_laid(input.shape, filter.shape, attrs))
    winner = _winners(input, filter, axes)[1]
    flow = blank(input.shape, axes, input.dtype)
    for number, (_, place) in enumerate(places(axes)):
        flow[place] += np.where(winner == number, out_backprop, out_backprop.dtype.type(0))
    return cropped(flow, axes)


@op(
    "Dilation2DBackpropFilter",
    kind="nn",
    shape=lambda input, filter, *_, **__: filter.shape,
    types=REALS,
)
def dilation2d_backprop_filter(
    input: T,
    filter: T,
    out_backprop: T,
    *,
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
) -> T:
    """The slope of Dilation2D along its filter."""
    attrs = {"strides": strides, "rates": rates, "padding": padding}
    axes = known(_laid(input.shape, filter.shape, attrs))
    winner = _winners(input, filter, axes)[1]
    slope = np.zeros_like(filter)
    for number, (position, _) in enumerate(places(axes)):
        slope[position] = np.sum(np.where(winner == number, out_backprop, 0), axis=(0, 1, 2))
    return slope


@dilation2d_op.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, filter: Tensor, **attrs: Any) -> Any:
    return (
        dilation2d_backprop_input(input, filter, dy, **attrs),
        dilation2d_backprop_filter(input, filter, dy, **attrs),
    )


@dilation2d_backprop_input.gradient
def _(ddx: Tensor, dx: Tensor, *inputs: Tensor, **attrs: Any) -> Any:
    raise LookupError("No gradient is defined for the gradient of dilation2d")


@dilation2d_backprop_filter.gradient
def _(ddf: Tensor, df: Tensor, *inputs: Tensor, **attrs: Any) -> Any:
    raise LookupError("No gradient is defined for the gradient of dilation2d")


def dilation2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = None,
    name: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The largest of pixel + filter in each window, for each channel. Source: tf.nn.dilation2d.

    filter: [height, width, channels]. strides, rates: [1, rows, columns, 1].
    """
    result: Tensor = dilation2d_op(
        input,
        one_of(filters=filters, filter=filter),
        strides=strides,
        rates=one_of(dilations=dilations, rates=rates),
        padding=padding,
        name=name,
    )
    return result


def erosion2d(
    value: Any, kernel: Any, strides: Any, rates: Any, padding: str, name: str | None = None
) -> Tensor:
    """The smallest of pixel - kernel in each window, for each channel. Source: tf.nn.erosion2d.

    The windows are those of `dilation2d` of the turned kernel.
    """
    with name_scope(name, "erosion2d", [value, kernel]) as scope:
        turned = reverse(kernel, [0, 1])
        opposite = dilation2d(negative(value), turned, strides, rates, padding, scope)
        result: Tensor = negative(opposite)
        return result
