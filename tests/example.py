"""How an example of an operation is written, and the numbers that examples are given."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np


class Example(NamedTuple):
    """inputs: an array is fed to a placeholder; anything else is a constant that shape rules see.

    unknown: the shape of the result depends on values that only a run knows.
    """

    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    unknown: bool = False


def example(*inputs: Any, unknown: bool = False, **attrs: Any) -> Example:
    return Example(inputs, attrs, unknown)


def numbers(*shape: int) -> np.ndarray:
    """Float64 numbers between -2 and 2, none of them near 0 or near another."""
    count = int(np.prod(shape))
    spread = np.linspace(-1.93, 2.0, count) if count > 1 else np.array([1.3] * count)
    order = np.random.RandomState(zlib.crc32(repr(shape).encode())).permutation(count)
    return spread[order].reshape(shape)


def positive(*shape: int) -> np.ndarray:
    return np.abs(numbers(*shape)) + 0.3


def probabilities(*shape: int) -> np.ndarray:
    weights = positive(*shape)
    return weights / weights.sum(axis=-1, keepdims=True)


def ints(*values: Any) -> np.ndarray:
    return np.array(values, np.int32)


def bools(*values: Any) -> np.ndarray:
    return np.array(values, np.bool_)
