"""The histogram of TensorFlow's summaries: buckets that grow by a tenth, from 1e-12 to 1e20."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.kernels import protobuf


@lru_cache(maxsize=1)
def limits() -> NDArray[np.float64]:
    """The upper ends of the buckets: negative, zero, positive; the last one is the largest float.
    Source: tensorflow::histogram::Histogram."""
    positive = []
    limit = 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(sys.float_info.max)
    return np.array([*(-np.array(positive[::-1])), 0.0, *positive])


def histogram(values: NDArray[Any]) -> bytes:
    """A HistogramProto of all elements.

    Runs of empty buckets are one bucket. Errors: ValueError for a NaN or an infinity.
    """
    values = np.asarray(values, np.float64).ravel()
    bad = values[~np.isfinite(values)]
    if bad.size:
        raise ValueError(f"{'Nan' if np.isnan(bad[0]) else 'Infinity'} in summary histogram")
    places = np.searchsorted(limits(), values, side="right")
    counts = np.bincount(places, minlength=len(limits())).astype(np.float64)
    # A bucket is kept when it holds something, or is the last of a run of empty ones.
    kept = (counts > 0) | np.append(counts[1:] > 0, True)
    smallest, largest = (values.min(), values.max()) if values.size else _EMPTY
    numbers = (smallest, largest, values.size, values.sum(), np.square(values).sum())
    return b"".join(
        [  # a number that is 0 is left out, as in every message of the third protobuf
            *[protobuf.float64(i, float(n)) for i, n in enumerate(numbers, 1) if n != 0],
            protobuf.float64s(6, limits()[kept].tolist()),
            protobuf.float64s(7, counts[kept].tolist()),
        ]
    )


#: The extremes of nothing, as TensorFlow writes them.
_EMPTY = (sys.float_info.max, -sys.float_info.max)
