"""Whole numbers as rows of bits (tf.bitwise)."""

from __future__ import annotations

from functools import partial

import numpy as np

from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import INTEGERS, uint8
from graphscope.graph.shapes import broadcast

__all__ = [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "invert",
    "left_shift",
    "population_count",
    "right_shift",
]

_two = partial(op, kind="logic", shape=broadcast, types=INTEGERS, differentiable=False)
_one = partial(op, kind="logic", types=INTEGERS, differentiable=False)


@_two("BitwiseAnd", symbol="&")
def bitwise_and(x: T, y: T) -> T:
    """The bits that are set in both, elementwise, with broadcasting."""
    return x & y


@_two("BitwiseOr", symbol="|")
def bitwise_or(x: T, y: T) -> T:
    """The bits that are set in either, elementwise, with broadcasting."""
    return x | y


@_two("BitwiseXor", symbol="^")
def bitwise_xor(x: T, y: T) -> T:
    """The bits that are set in exactly one, elementwise, with broadcasting."""
    return x ^ y


def _within(y: T) -> T:
    """A shift of at least 0, and less than there are bits."""
    return np.clip(y, 0, y.dtype.itemsize * 8 - 1).astype(y.dtype)


@_two("LeftShift", symbol="<<")
def left_shift(x: T, y: T) -> T:
    """The bits of x moved up by y places, elementwise, with broadcasting."""
    return np.left_shift(x, _within(y))


@_two("RightShift", symbol=">>")
def right_shift(x: T, y: T) -> T:
    """The bits of x moved down by y places, elementwise, with broadcasting; the sign stays."""
    return np.right_shift(x, _within(y))


@_one("Invert", symbol="~")
def invert(x: T) -> T:
    """The other bits set, elementwise."""
    return np.invert(x)


@_one("PopulationCount", dtype=uint8)
def population_count(x: T) -> T:
    """How many bits are set, elementwise."""
    plain = np.ascontiguousarray(x)
    octets = plain.view(np.uint8).reshape(*x.shape, x.dtype.itemsize)
    return np.asarray(np.unpackbits(octets, axis=-1).sum(axis=-1), np.uint8)
