"""Comparison and logic, element by element. There are no slopes here."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.declare import Bool, T, op
from graphscope.graph.dtypes import FLOATS, NUMBERS, REALS, bool_, string
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import broadcast

_logic = partial(op, kind="logic", shape=broadcast, dtype=bool_, differentiable=False)
_ANYTHING = (*NUMBERS, bool_, string)


@_logic("Equal", types=_ANYTHING, symbol="==")
def equal(x: T, y: T) -> Bool:
    """x == y, elementwise, with broadcasting."""
    return np.equal(x, y).astype(bool)  # of texts numpy makes objects


@_logic("NotEqual", types=_ANYTHING, symbol="!=")
def not_equal(x: T, y: T) -> Bool:
    """x != y, elementwise, with broadcasting."""
    return np.not_equal(x, y).astype(bool)  # of texts numpy makes objects


@_logic("Less", types=REALS, symbol="<")
def less(x: T, y: T) -> Bool:
    """x < y, elementwise, with broadcasting."""
    return np.less(x, y)


@_logic("LessEqual", types=REALS, symbol="<=")
def less_equal(x: T, y: T) -> Bool:
    """x <= y, elementwise, with broadcasting."""
    return np.less_equal(x, y)


@_logic("Greater", types=REALS, symbol=">")
def greater(x: T, y: T) -> Bool:
    """x > y, elementwise, with broadcasting."""
    return np.greater(x, y)


@_logic("GreaterEqual", types=REALS, symbol=">=")
def greater_equal(x: T, y: T) -> Bool:
    """x >= y, elementwise, with broadcasting."""
    return np.greater_equal(x, y)


@_logic("LogicalAnd", types=(bool_,), symbol="and")
def logical_and(x: T, y: T) -> Bool:
    """x and y, elementwise, with broadcasting."""
    return np.logical_and(x, y)


@_logic("LogicalOr", types=(bool_,), symbol="or")
def logical_or(x: T, y: T) -> Bool:
    """x or y, elementwise, with broadcasting."""
    return np.logical_or(x, y)


@op("LogicalNot", kind="logic", types=(bool_,), symbol="not", differentiable=False)
def logical_not(x: T) -> T:
    """True where x is False, elementwise."""
    return np.logical_not(x)


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Tensor:
    """True where exactly one is. Source: tf.logical_xor."""
    either = logical_or(x, y)
    result: Tensor = logical_and(either, logical_not(logical_and(x, y)), name=name)
    return result


# ---- numbers that are none ---------------------------------------------------------------------


_test = partial(op, kind="logic", types=FLOATS, dtype=bool_, differentiable=False)


@_test("IsNan")
def is_nan(x: T) -> Bool:
    """True where x is not a number, elementwise."""
    return np.isnan(x)


@_test("IsInf")
def is_inf(x: T) -> Bool:
    """True where x is infinite, of either sign, elementwise."""
    return np.isinf(x)


@_test("IsFinite")
def is_finite(x: T) -> Bool:
    """True where x is neither infinite nor NaN, elementwise."""
    return np.isfinite(x)
