"""Choices between the elements of arrays by their bits.

numpy's `where` asks of each element which it is, which the processor cannot foresee; that takes ten
times as long as to mask the bits of all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def bits(values: Array) -> Array:
    """The same memory as whole numbers of that size."""
    return values.view(f"i{values.itemsize}")


def masked(values: Array, mask: Array, out: Array | None = None) -> Array:
    """The values where the mask is true, and zero elsewhere.

    mask: of the shape of the values. out: another array of their type, for the result.
    """
    own = bits(values)
    wide = np.negative(mask.view(np.int8)).astype(own.dtype)  # all bits, or none
    kept: Array = np.bitwise_and(own, wide, out=None if out is None else bits(out))
    return np.asarray(kept).view(values.dtype)


def chosen(values: Array, mask: Array, others: Array) -> Array:
    """The values where the mask is true, and the others elsewhere, of the same type."""
    both: Array = bits(masked(values, mask)) | bits(masked(others, ~mask))
    return both.view(values.dtype)
