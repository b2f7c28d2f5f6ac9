"""What can be seen of a value at a glance: a heat map, a picture, how often which numbers are
there. Data, without any idea of letters; how large it becomes is for `show` to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.engine.interpreter import Value
from graphscope.kernels.pooled import Bin, bins
from graphscope.kernels.stats import is_list

#: The side of the smallest square that a row of numbers is taken for.
_SMALLEST = 8
#: The kinds of numpy's types that are numbers.
_KINDS = "biufc"
#: So many bins bars have.
_BINS = 12


@dataclass(frozen=True)
class HeatMap:
    """The size and the sign of each element.

    matrix:  what is seen of the value, in two axes; a vector is one row. complex numbers are there
             by their size. index: where it is in the value, empty when it is all of it.
    largest: the largest size of a finite element; 0 when there is none.
    """

    matrix: Value
    index: tuple[int, ...]
    largest: float


@dataclass(frozen=True)
class Likeness:
    """Numbers as the greys of a picture, from the smallest, `low`, to the largest, `high`.

    matrix, index: as those of a heat map. channels: how many colours its greys are the mean of.
    folded: a row of numbers became a square.
    """

    matrix: Value
    index: tuple[int, ...]
    low: float
    high: float
    channels: int = 1
    folded: bool = False

    @property
    def greys(self) -> Value:
        """[height, width], uint8: black is the smallest; what is no number is black too."""
        return np.asarray(np.rint(np.nan_to_num(self.scaled(self.matrix)) * 255), np.uint8)

    def scaled(self, numbers: Value) -> Value:
        """From 0, the smallest, to 1; NaN where there is no number. A picture of one grey is 0.5,
        or 0 where all is 0."""
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        if self.low == self.high:
            return np.where(np.isnan(numbers), np.nan, 0.5 if self.low else 0.0)
        size = max(abs(self.low), abs(self.high))  # high - low may be no number any more
        low, high = self.low / size, self.high / size
        return np.clip((numbers / size - low) / (high - low), 0.0, 1.0)


@dataclass(frozen=True)
class Bars:
    """How many elements are in which range. nan, inf: how many are neither."""

    bins: tuple[Bin, ...]
    nan: int
    inf: int


Sight = HeatMap | Likeness | Bars


def heat_map(value: Value) -> HeatMap:
    """The first matrix of a value, by its last two axes. Errors: DebugError for texts."""
    index = (0,) * max(0, value.ndim - 2) if value.size else ()
    seen = _numbers(value[index]) if value.size else _numbers(value.reshape(0, 0))
    matrix = seen.reshape(1, -1) if seen.ndim < 2 else seen
    sizes = np.abs(matrix[np.isfinite(matrix)])
    return HeatMap(matrix, index, float(sizes.max(initial=0.0)))


def likeness(value: Value) -> Likeness:
    """The first picture in a value: [h, w], [h, w, 1 or 3 or 4], the same with a batch in front,
    or rows of as many numbers as a square has dots, as 784 of 28 x 28.

    Errors: DebugError for texts, and for a row that is no square.
    """
    if not value.size:
        return Likeness(_numbers(value.reshape(0, 0)), (), 0.0, 0.0)
    _check(value)
    axes = _axes(value.shape)
    index = (0,) * (value.ndim - axes)
    matrix, channels = _numbers(value[index]), 1
    if axes == 3:
        channels = min(3, matrix.shape[-1])  # the fourth says what can be seen through
        with np.errstate(invalid="ignore"):
            matrix = np.sum(matrix[..., :channels] / channels, axis=-1)
    elif axes == 1:
        side = isqrt(matrix.size)
        matrix = matrix.reshape(side, side)
    finite = matrix[np.isfinite(matrix)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return Likeness(matrix, index, low, high, channels, axes == 1)


def _axes(shape: tuple[int, ...]) -> int:
    """How many of the last axes are one picture: three with colours, two, or one that is a row."""
    if len(shape) >= 3 and shape[-1] in (1, 3, 4):
        return 3
    if not shape:
        raise DebugError("One number is no picture: a picture has a height and a width.")
    row = shape[-1]
    is_square = isqrt(row) ** 2 == row and row >= _SMALLEST**2
    if len(shape) == 1 and not is_square:
        raise DebugError(
            f"A row of {row} numbers is no square picture, as 784 are of 28 x 28. Give it a "
            "shape, as in: print np.reshape(x[0], (20, 30)) --view picture"
        )
    if is_square and (len(shape) == 1 or (len(shape) == 2 and row != shape[0])):
        return 1
    return 2


def bars(value: Value) -> Bars:
    """All elements in bins. Errors: DebugError for texts."""
    numbers = _numbers(value)
    nan, inf = int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())
    return Bars(bins(numbers, _BINS), nan, inf)


def _check(value: Value) -> None:
    """Errors: DebugError where there are no numbers."""
    if value.dtype.kind not in _KINDS:
        held = "a list of arrays" if is_list(value) else "texts"
        raise DebugError(f"There is nothing to see but numbers, and these are {held}.")


def _numbers(value: Value) -> Any:
    """The elements in double precision, complex ones by their size. Errors: those of `_check`."""
    _check(value)
    return (np.abs(value) if value.dtype.kind == "c" else value).astype(np.float64)


#: What `print --view` can show instead of the numbers.
VIEWS: Mapping[str, Callable[[Value], Sight]] = {
    "heat": heat_map,
    "picture": likeness,
    "bars": bars,
}


def sight(value: Value, view: str) -> Sight | None:
    """What the word asks for; None for the numbers themselves. Errors: DebugError for another word,
    and for a value that cannot be seen so."""
    if view in ("", "numbers"):
        return None
    if view not in VIEWS:
        raise DebugError(f"--view is numbers, {', '.join(VIEWS)}; not {view!r}.")
    return VIEWS[view](value)
