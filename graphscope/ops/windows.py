"""Windows that slide over images: where they lie, for convolutions and pooling alike.

Images are [batch, height, width, channels] (NHWC). Nothing here is an operation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Array = NDArray[Any]


class Axis(NamedTuple):
    """How windows lie along one axis of an image."""

    window: int
    stride: int
    dilation: int
    before: int  # elements of padding
    after: int
    number: int  # of windows


def axes_of(
    sizes: Sequence[int | None],
    windows: Sequence[int | None],
    strides: Sequence[int],
    padding: str,
    dilations: Sequence[int],
    explicit: Sequence[int] = (),
) -> list[Axis | None]:
    """How windows lie along each spatial axis; None for an axis of unknown size.

    sizes, windows: of the spatial axes. strides, dilations: of all four axes. explicit: for the
    padding EXPLICIT, the elements before and after each of the four axes.
    Errors: ValueError for another padding, and for a window that does not fit.
    """
    if padding not in ("SAME", "VALID", "EXPLICIT"):
        raise ValueError(f"Value for attr 'padding' of {padding!r} is not one of SAME, VALID")
    if (strides[0], strides[-1]) != (1, 1) or (dilations[0], dilations[-1]) != (1, 1):
        raise ValueError(
            "Current implementation does not yet support strides or dilations in the batch and "
            f"depth dimensions: {list(strides)}, {list(dilations)}"
        )
    pads = list(explicit)[2:-2] if padding == "EXPLICIT" else [0] * 2 * len(sizes)
    found: list[Axis | None] = []
    for i, (size, window) in enumerate(zip(sizes, windows, strict=True)):
        if window is None or size is None:
            found.append(None)
            continue
        stride, dilation = strides[i + 1], dilations[i + 1]
        before, after = pads[2 * i : 2 * i + 2]
        reach = (window - 1) * dilation + 1
        if padding == "SAME":
            count = -(-size // stride)
            missing = max((count - 1) * stride + reach - size, 0)
            before, after = missing // 2, missing - missing // 2
        else:
            whole = size + before + after
            if whole < reach:
                raise ValueError(
                    f"Negative dimension size caused by subtracting {reach} from {whole}"
                )
            count = (whole - reach) // stride + 1
        found.append(Axis(window, stride, dilation, before, after, count))
    return found


def known(axes: Sequence[Axis | None]) -> list[Axis]:
    """The axes of an image whose sizes are known, as they are in a run."""
    return [axis for axis in axes if axis is not None]


def padded(image: Array, axes: Sequence[Axis], value: Any = 0) -> Array:
    """The images with `value` around them, as far as windows reach beyond."""
    if not any(axis.before or axis.after for axis in axes):
        return image
    pads = [(0, 0), *[(axis.before, axis.after) for axis in axes], (0, 0)]
    return np.pad(image, pads, constant_values=value)


def unfolded(image: Array, axes: Sequence[Axis]) -> Array:
    """One row for each window with all its elements: [batch * windows, window * channels]."""
    inside = padded(image, axes)
    batch, channels = inside.shape[0], inside.shape[-1]
    steps = inside.strides
    spots = list(zip(axes, steps[1:-1], strict=True))
    view = as_strided(
        inside,
        (batch, *[a.number for a in axes], *[a.window for a in axes], channels),
        (
            steps[0],
            *[a.stride * step for a, step in spots],
            *[a.dilation * step for a, step in spots],
            steps[-1],
        ),
        writeable=False,
    )
    rows = batch * int(np.prod([a.number for a in axes]))
    width = int(np.prod([a.window for a in axes])) * channels
    return view.reshape(rows, width)


def places(axes: Sequence[Axis]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """For each position in the window, in row-major order: it, and where the padded images hold
    the elements that the windows have there."""
    for position in itertools.product(*[range(axis.window) for axis in axes]):
        yield (
            position,
            (
                slice(None),
                *[
                    slice(p * a.dilation, p * a.dilation + (a.number - 1) * a.stride + 1, a.stride)
                    for p, a in zip(position, axes, strict=True)
                ],
            ),
        )


def blank(sizes: Sequence[int], axes: Sequence[Axis], dtype: Any) -> Array:
    """Zeros in the shape of the images with their padding."""
    batch, *inner, channels = sizes
    wide = [s + a.before + a.after for s, a in zip(inner, axes, strict=True)]
    return np.zeros((batch, *wide, channels), dtype)


def cropped(wide: Array, axes: Sequence[Axis]) -> Array:
    """The images without their padding."""
    inner = [
        slice(a.before, size - a.after) for a, size in zip(axes, wide.shape[1:-1], strict=True)
    ]
    key: Any = (slice(None), *inner)
    inside: Array = wide[key]
    return inside


def four(value: Any, name: str) -> list[int]:
    """Strides, dilations or window sizes for all four axes, from one number, two, or four.

    Errors: ValueError for another count.
    """
    numbers = [1] if value is None else np.atleast_1d(value).tolist()
    if len(numbers) == 4:
        return [int(n) for n in numbers]
    if len(numbers) not in (1, 2):
        raise ValueError(f"{name} should be of length 1, 2 or 4 but was {len(numbers)}")
    return [1, *(int(n) for n in (numbers * 2 if len(numbers) == 1 else numbers)), 1]


def channels_last(data_format: Any) -> str:
    """NHWC. Errors: ValueError for NCHW, which TensorFlow computes on a GPU only."""
    if data_format not in (None, "NHWC", "NWC", "channels_last"):
        raise ValueError(
            f"data_format {data_format!r} is not supported: use 'NHWC' (TensorFlow supports no "
            "other on a CPU)"
        )
    return "NHWC"
