"""A large matrix as a small one, and a value in bins: for pictures of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: An edge of a bin that is smaller than this part of the largest number is meant to be 0.
_NOISE = 1e-6


class Pooled(NamedTuple):
    """cells: one for each block of `height` times `width` elements, fewer in the last ones."""

    cells: NDArray[np.float64]
    height: int
    width: int


def largest(matrix: NDArray[Any], rows: int, columns: int) -> Pooled:
    """At most so many rows and columns: of each block the element of the largest size, with its
    sign. A NaN is larger than everything."""
    height, width = _steps(matrix, rows, columns)
    high = _reduced(np.maximum, matrix, height, width)
    low = _reduced(np.minimum, matrix, height, width)
    with np.errstate(invalid="ignore"):
        return Pooled(np.where(high < -low, low, high), height, width)


def mean(matrix: NDArray[Any], rows: int, columns: int) -> Pooled:
    """At most so many rows and columns: of each block the mean."""
    height, width = _steps(matrix, rows, columns)
    counts = _reduced(np.add, np.ones(matrix.shape), height, width)
    with np.errstate(invalid="ignore", over="ignore"):
        # divided first: the sum of large numbers may be no number any more
        parts = matrix / (height * width)
        cells = _reduced(np.add, parts, height, width) * (height * width / counts)
    return Pooled(cells, height, width)


def _steps(matrix: NDArray[Any], rows: int, columns: int) -> tuple[int, int]:
    return max(1, -(-matrix.shape[0] // rows)), max(1, -(-matrix.shape[1] // columns))


def _reduced(by: np.ufunc, matrix: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    for axis, step in ((0, height), (1, width)):
        if step > 1:
            matrix = by.reduceat(matrix, np.arange(0, matrix.shape[axis], step), axis=axis)
    return np.asarray(matrix, np.float64)


class Bin(NamedTuple):
    """`number` elements are from `low` to below `high`; in the last bin also those at `high`."""

    low: float
    high: float
    number: int


def bins(values: NDArray[Any], count: int) -> tuple[Bin, ...]:
    """The finite elements in at most so many bins of equal width; where there are no more different
    ones than that, and all are whole, one bin for each of them, with both its ends there."""
    finite = np.asarray(values, np.float64)[np.isfinite(values)]
    if not finite.size:
        return ()
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return (Bin(low, high, finite.size),)
    if high - low < 2 * count and np.all(finite == np.floor(finite)):
        each, counts = np.unique(finite, return_counts=True)
        if len(each) <= count:
            return tuple(Bin(float(x), float(x), int(n)) for x, n in zip(each, counts, strict=True))
    share = np.linspace(0.0, 1.0, count + 1)
    edges = low * (1 - share) + high * share  # high - low may be no number any more
    edges[-1] = high
    inner = edges[1:-1]  # a view
    inner[np.abs(inner) < _NOISE * max(abs(low), abs(high))] = 0.0
    # Numbers that lie too close together for so many bins share one.
    edges = np.unique(edges)
    places = np.clip(np.searchsorted(edges, finite, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, minlength=len(edges) - 1)
    return tuple(
        Bin(float(a), float(b), int(n))
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    )
