"""Windows that slide over images: where they lie, for convolutions and pooling alike.

Images are [batch, height, width, channels] (NHWC). Nothing here is an operation.
"""

from __future__ import annotations

import itertools
import math
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
    dilations: Sequence[int] = (1, 1, 1, 1),
    explicit: Sequence[int] = (),
) -> list[Axis | None]:
    """How windows lie along each axis; None for an axis of unknown size.

    explicit: for the padding EXPLICIT, the elements before and after each of the axes.
    Errors: ValueError for a window that does not fit, and a stride or dilation below 1.
    """
    found: list[Axis | None] = []
    for i, (size, window) in enumerate(zip(sizes, windows, strict=True)):
        stride, dilation = strides[i], dilations[i]
        if stride < 1 or dilation < 1:
            bound = "Stride must be > 0" if stride < 1 else "Dilation rate must be >= 1"
            raise ValueError(f"{bound}, but got {min(stride, dilation)}")
        if window is None or size is None:
            found.append(None)
            continue
        before, after = explicit[2 * i : 2 * i + 2] if padding == "EXPLICIT" else (0, 0)
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
    wide = blank(image.shape, axes, image.dtype)
    if value:
        wide.fill(value)
    cropped(wide, axes)[...] = image
    return wide


def unfolded(image: Array, axes: Sequence[Axis]) -> Array:
    """One row for each window with all its elements: [batch * windows, window * channels]."""
    view = _windows(image, axes)
    return view.reshape(math.prod(view.shape[: 1 + len(axes)]), _width(view))


#: So many bytes of unfolded windows stay in the second cache while a product reads them.
_BYTES_OF_A_BLOCK = 1 << 20


def blocks(image: Array, axes: Sequence[Axis]) -> Iterator[tuple[slice, Array]]:
    """The rows of `unfolded`, of a few images at a time: which of all rows they are, and these.

    Each block lies where the one before it was: memory that was written just now is quicker to read
    than the many times larger matrix of all windows.
    """
    view = _windows(image, axes)
    batch, width = len(view), _width(view)
    windows = math.prod(axis.number for axis in axes)
    if view.flags.c_contiguous:  # windows of one element, or the whole image
        yield slice(None), view.reshape(batch * windows, width)
        return
    size = max(1, _BYTES_OF_A_BLOCK // max(1, windows * width * view.itemsize))
    # Copied are runs of neighbours: what a row of a window holds, or what many windows have there.
    by_place = axes[-1].stride == 1 and axes[-1].number > axes[-1].window * view.shape[-1]
    space = np.empty(min(size, batch) * windows * width, view.dtype)
    for start in range(0, batch, size):
        part = view[start : start + size]
        place = slice(start * windows, (start + len(part)) * windows)
        own = space[: part.size]
        if by_place:
            turned = np.moveaxis(part, range(1 + len(axes)), range(-1 - len(axes), 0))
            np.copyto(own.reshape(turned.shape), turned)
            yield place, own.reshape(width, len(part) * windows).T
        else:
            np.copyto(own.reshape(part.shape), part)
            yield place, own.reshape(len(part) * windows, width)


def _width(view: Array) -> int:
    """How many elements a window of `_windows` has."""
    return math.prod(view.shape[view.ndim // 2 :])


def _windows(image: Array, axes: Sequence[Axis]) -> Array:
    """Where the elements of all windows are: [batch, numbers of windows, windows, channels]."""
    inside = padded(image, axes)
    steps = inside.strides
    spots = list(zip(axes, steps[1:-1], strict=True))
    return as_strided(
        inside,
        (len(inside), *[a.number for a in axes], *[a.window for a in axes], inside.shape[-1]),
        (
            steps[0],
            *[a.stride * step for a, step in spots],
            *[a.dilation * step for a, step in spots],
            steps[-1],
        ),
        writeable=False,
    )


def disjoint(axes: Sequence[Axis]) -> bool:
    """Whether no element is in more than one window."""
    return all(axis.stride > (axis.window - 1) * axis.dilation for axis in axes)


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


# ---- where the channels stand ------------------------------------------------------------------

#: The orders of axes there are, by their number: channels last or first.
FORMATS = {3: ("NWC", "NCW"), 4: ("NHWC", "NCHW"), 5: ("NDHWC", "NCDHW")}


def channels_first(data_format: str) -> bool:
    return data_format.startswith("NC")


def spatial(data_format: str) -> slice:
    """Which axes windows slide along."""
    return slice(2, None) if channels_first(data_format) else slice(1, -1)


def channels(sizes: Sequence[Any], data_format: str) -> Any:
    """The number of channels among sizes."""
    return sizes[1 if channels_first(data_format) else -1]


def arranged(batch: Any, inner: Sequence[Any], channels: Any, data_format: str) -> list[Any]:
    """Sizes in the order of the data format."""
    if channels_first(data_format):
        return [batch, channels, *inner]
    return [batch, *inner, channels]


def checked(rank: int, *paddings: str, **attrs: Any) -> None:
    """What holds for the attributes of all operations with windows: counts, and words.

    paddings: those that the operation knows besides SAME and VALID.
    Errors: ValueError, which says what is possible.
    """
    if rank not in FORMATS:
        raise ValueError(f"There is no data_format {attrs['data_format']!r}")
    for name in ("ksize", "strides", "dilations"):
        if name in attrs and len(attrs[name]) != rank:
            raise ValueError(f"{name} must have {rank} values, but got: {len(attrs[name])}")
    words = {"padding": ("SAME", "VALID", *paddings), "data_format": FORMATS[rank]}
    for name, possible in words.items():
        if attrs[name] not in possible:
            listed = ", ".join(f'"{word}"' for word in possible)
            raise ValueError(f"Attr {name!r} passed string {attrs[name]!r} not in: {listed}")


def spread(value: Any, count: int, name: str, data_format: str | None = None) -> list[int]:
    """Strides, dilations or window sizes for all axes, in the order of the data format.

    value: one number, one for each of the `count` spatial axes, or one for all axes.
    Errors: ValueError for another number of numbers.
    """
    numbers = [int(n) for n in np.atleast_1d(1 if value is None else value)]
    if len(numbers) == count + 2:
        return numbers
    if len(numbers) not in (1, count):
        raise ValueError(
            f"{name} should be of length 1, {count} or {count + 2} but was {len(numbers)}"
        )
    inner = numbers * count if len(numbers) == 1 else numbers
    return arranged(1, inner, 1, data_format or "")
