"""Arithmetic that keeps NaN out, and polynomials."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Bool, Index, T, op
from graphscope.graph.dtypes import FLOATS, NUMBERS, bool_, float32, float64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import broadcast
from graphscope.ops import array, math
from graphscope.ops.joining import where
from graphscope.ops.logic import greater, less

_REAL = (float32, float64)
_two = partial(op, kind="math", shape=broadcast, types=_REAL)


@_two("MulNoNan", symbol="*")
def mul_no_nan(x: T, y: T) -> T:
    """x * y, and 0 where y is 0, also where x is infinite or NaN; with broadcasting."""
    return np.where(y == 0, x.dtype.type(0), x * y)


@mul_no_nan.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return mul_no_nan(dz, y), mul_no_nan(x, dz)


@_two("NextAfter")
def nextafter(x1: T, x2: T) -> T:
    """The number next to x1 on the way to x2, with broadcasting."""
    return np.nextafter(x1, x2)


@nextafter.gradient
def _(dz: Tensor, z: Tensor, x1: Tensor, x2: Tensor) -> Any:
    return dz, array.zeros_like(dz)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x * y, and 0 where y is 0, also where x is infinite or NaN. Source:
    tf.math.multiply_no_nan. Errors: TypeError when the types differ."""
    with name_scope(name, "multiply_no_nan", [x, y]) as scope:
        product: Tensor = mul_no_nan(convert_to_tensor(x, name="x"), y, name=scope)
        return product


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / x, and 0 where x is 0. Source: tf.math.reciprocal_no_nan."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        one = array.constant(1, x.dtype.base_dtype, name="one")
        return math.div_no_nan(one, x, name=scope)


@op(
    "ApproximateEqual",
    kind="logic",
    shape=lambda x, y, *, tolerance: x.shape.merge_with(y.shape),
    types=NUMBERS,
    dtype=bool_,
    differentiable=False,
)
def approximate_equal(x: T, y: T, *, tolerance: float = 1e-5) -> Bool:
    """Where two tensors of one shape differ by less than the tolerance."""
    return np.asarray(np.abs(x - y) < tolerance)


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """A polynomial of x, by Horner's rule; its highest coefficient comes first.

    Source: tf.math.polyval. No coefficients at all are 0.
    """
    with name_scope(name, "polyval", [*coeffs, x]) as scope:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return array.zeros_like(x, name=scope)
        given = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        value = given[0]
        for coefficient in given[1:]:
            value = coefficient + value * x
        return value


@op("CumulativeLogsumexp", kind="math", types=FLOATS)
def _cumulative_logsumexp(
    x: T, axis: Index, *, exclusive: bool = False, reverse: bool = False
) -> T:
    """log of the running sums of exp(x) along an axis; without the element when exclusive."""
    at = int(axis)
    rows = np.moveaxis(np.flip(x, at) if reverse else x, at, 0)
    if exclusive:
        lowest = np.full_like(rows[:1], np.finfo(x.dtype).min)
        rows = np.concatenate([lowest, rows[:-1]])
    sums = np.moveaxis(np.logaddexp.accumulate(rows, 0), 0, at)
    return np.flip(sums, at) if reverse else sums


@_cumulative_logsumexp.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, axis: Tensor, *, exclusive: bool, reverse: bool) -> Any:
    lowest = array.zeros_like(dy) + dy.dtype.min

    def part(chosen: Tensor, size: Tensor) -> Tensor:
        logs = where(chosen, math.log(where(chosen, size, array.ones_like(size))), lowest)
        sums = _cumulative_logsumexp(logs - y, axis, exclusive=exclusive, reverse=not reverse)
        total: Tensor = math.exp(sums + x)
        return total

    nothing = array.zeros_like(dy)
    return part(greater(dy, nothing), dy) - part(less(dy, nothing), -dy), None


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """log of the running sums of exp(x) along `axis`. Source: tf.math.cumulative_logsumexp.

    exclusive: each sum leaves out the element itself. reverse: sums from the end.
    """
    with name_scope(name, "CumulativeLogsumexp", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        sums: Tensor = _cumulative_logsumexp(
            x, axis, exclusive=exclusive, reverse=reverse, name=scope
        )
        return sums
