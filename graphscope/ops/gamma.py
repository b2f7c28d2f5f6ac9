"""Incomplete gamma and beta functions and Bessel functions, from their series and fractions.

They are computed in float64, to about 1e-13 of their value.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import FLOATS, float32, float64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, broadcast
from graphscope.ops import array, math
from graphscope.ops.joining import where
from graphscope.ops.logic import greater
from graphscope.ops.special import digamma, lgamma

_TERMS = 2000
_TINY = 1e-300

_two = partial(op, kind="math", shape=broadcast, types=(float32, float64))


def _lgamma(x: T) -> T:
    result: T = lgamma.kernel(np.asarray(x, np.float64))
    return result


def _both(a: T, x: T) -> tuple[T, T, T]:
    """Both as float64 in one shape, and where they are in the domain: a > 0 and x >= 0."""
    wide = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(x, np.float64))
    fine = (wide[0] > 0) & (wide[1] >= 0)
    return np.where(fine, wide[0], 1.0), np.where(fine, wide[1], 1.0), fine


def _lower_series(a: T, x: T) -> tuple[T, T]:
    """The lower incomplete gamma function for x below a + 1, and its slope along a."""
    term = np.ones_like(x)
    slope = np.zeros_like(x)  # of the logarithm of the term
    total, sloped = term.copy(), np.zeros_like(x)
    for n in range(1, _TERMS):
        term = term * x / (a + n)
        slope = slope - 1 / (a + n)
        total, sloped = total + term, sloped + term * slope
        if np.all(np.abs(term * np.maximum(np.abs(slope), 1)) <= 1e-17 * total):
            break
    log_x = np.log(np.maximum(x, _TINY))
    front = np.exp(a * log_x - x - _lgamma(a + 1))
    front_slope = log_x - digamma.kernel(a + 1)
    return front * total, front * (total * front_slope + sloped)


def _upper_fraction(a: T, x: T) -> T:
    """The upper incomplete gamma function for x of at least a + 1, by Lentz' method."""
    b = x + 1 - a
    c = np.full_like(x, 1 / _TINY)
    d = 1 / np.where(b == 0, _TINY, b)
    h = d
    for n in range(1, _TERMS):
        an = -n * (n - a)
        b = b + 2
        d = an * d + b
        d = 1 / np.where(np.abs(d) < _TINY, _TINY, d)
        c = b + an / c
        c = np.where(np.abs(c) < _TINY, _TINY, c)
        step = d * c
        h = h * step
        if np.all(np.abs(step - 1) < 1e-16):
            break
    return np.asarray(np.exp(a * np.log(np.maximum(x, _TINY)) - x - _lgamma(a)) * h)


def _regularized(a: T, x: T) -> tuple[T, T]:
    """The lower and the upper incomplete gamma function, whose sum is 1; NaN off the domain."""
    a, x, fine = _both(a, x)
    near = x < a + 1
    lower = _lower_series(a, np.where(near, x, a))[0]
    upper = _upper_fraction(a, np.where(near, a + 1, np.minimum(x, 1e300)))
    lower = np.where(near, lower, 1 - upper)
    upper = np.where(near, 1 - lower, upper)
    return np.where(fine, lower, np.nan), np.where(fine, upper, np.nan)


@_two("Igamma")
def igamma(a: T, x: T) -> T:
    """The lower regularized incomplete gamma function, for a > 0 and x >= 0."""
    return _regularized(a, x)[0].astype(a.dtype)


@_two("Igammac")
def igammac(a: T, x: T) -> T:
    """The upper regularized incomplete gamma function, for a > 0 and x >= 0."""
    return _regularized(a, x)[1].astype(a.dtype)


@_two("IgammaGradA", differentiable=False)
def _igamma_grad_a(a: T, x: T) -> T:
    """The slope of Igamma along a."""
    dtype = a.dtype
    a, x, fine = _both(a, x)
    return np.where(fine, _lower_series(a, x)[1], np.nan).astype(dtype)


def _slopes_of_igamma(dz: Tensor, a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    along_x = math.exp(-x + (a - 1) * math.log(x) - lgamma(a))
    return _igamma_grad_a(a, x) * dz, along_x * dz


@igamma.gradient
def _(dz: Tensor, z: Tensor, a: Tensor, x: Tensor) -> Any:
    return _slopes_of_igamma(dz, a, x)


@igammac.gradient
def _(dz: Tensor, z: Tensor, a: Tensor, x: Tensor) -> Any:
    da, dx = _slopes_of_igamma(dz, a, x)
    return -da, -dx


# ---- the incomplete beta function --------------------------------------------------------------


def _three(a: Tensor, b: Tensor, x: Tensor) -> TensorShape:
    first = shapes.broadcast_shapes(a.shape, b.shape)
    return shapes.broadcast_shapes(first, x.shape)


def _beta_fraction(a: T, b: T, x: T) -> T:
    """The continued fraction of the incomplete beta function, by Lentz' method."""
    c = np.ones_like(x)
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / np.where(np.abs(d) < _TINY, _TINY, d)
    h = d
    for m in range(1, _TERMS):
        for factor in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + factor * d
            d = 1 / np.where(np.abs(d) < _TINY, _TINY, d)
            c = 1 + factor / c
            c = np.where(np.abs(c) < _TINY, _TINY, c)
            step = d * c
            h = h * step
        if np.all(np.abs(step - 1) < 1e-16):
            break
    return np.asarray(h)


@op("Betainc", kind="math", shape=_three, types=(float32, float64), broadcasts=True)
def betainc(a: T, b: T, x: T) -> T:
    """The regularized incomplete beta function, for a, b > 0 and x from 0 to 1.

    The gradient flows into x only.
    """
    dtype = a.dtype
    a, b, x = np.broadcast_arrays(*[np.asarray(t, np.float64) for t in (a, b, x)])
    fine = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    a, b, inner = np.where(fine, a, 1.0), np.where(fine, b, 1.0), np.where(fine, x, 0.5)
    mirrored = inner > (a + 1) / (a + b + 2)
    p, q = np.where(mirrored, b, a), np.where(mirrored, a, b)
    at = np.clip(np.where(mirrored, 1 - inner, inner), _TINY, 1 - 1e-16)
    front = np.exp(p * np.log(at) + q * np.log1p(-at) + _lgamma(p + q) - _lgamma(p) - _lgamma(q))
    part = front * _beta_fraction(p, q, at) / p
    result = np.where(mirrored, 1 - part, part)
    result = np.where(inner == 0, 0.0, np.where(inner == 1, 1.0, result))
    return np.where(fine, result, np.nan).astype(dtype)


@betainc.gradient
def _(dy: Tensor, y: Tensor, a: Tensor, b: Tensor, x: Tensor) -> Any:
    log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    slope = math.exp((b - 1) * math.log(1 - x) + (a - 1) * math.log(x) - log_beta)
    return None, None, slope * dy


# ---- Bessel functions --------------------------------------------------------------------------

#: From here on the asymptotic series is exact enough.
_FAR = 30.0


def _bessel(order: int, x: T) -> T:
    """exp(-|x|) times the modified Bessel function of the first kind of order 0 or 1."""
    size = np.abs(np.asarray(x, np.float64))
    near = np.minimum(size, _FAR)
    term = (near / 2) ** order
    total = term
    for k in range(1, 120):
        term = term * (near / 2) ** 2 / (k * (k + order))
        total = total + term
    far = np.maximum(size, _FAR)
    part, series = np.ones_like(far), np.ones_like(far)
    for k in range(1, 25):
        part = -part * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k * far)
        series = series + part
    result = np.where(size < _FAR, np.exp(-near) * total, series / np.sqrt(2 * np.pi * far))
    return np.asarray(result * np.sign(x) if order else result, x.dtype)


@op("BesselI0e", kind="math", types=FLOATS)
def bessel_i0e(x: T) -> T:
    """exp(-|x|) times the modified Bessel function of order 0, elementwise."""
    return _bessel(0, x)


@op("BesselI1e", kind="math", types=FLOATS)
def bessel_i1e(x: T) -> T:
    """exp(-|x|) times the modified Bessel function of order 1, elementwise."""
    return _bessel(1, x)


@bessel_i0e.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (bessel_i1e(x) - math.sign(x) * y)


@bessel_i1e.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    small = np.finfo(x.dtype.as_numpy_dtype).eps
    zeros = array.zeros_like(x)
    away = greater(math.abs_(x), array.constant(small, x.dtype.base_dtype) + zeros)
    safe = where(away, x, zeros + small)
    slope = bessel_i0e(safe) - y * (math.sign(safe) + math.reciprocal(safe))
    return dy * where(away, slope, zeros + 0.5)


def bessel_i0(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 0. Source: tf.math.bessel_i0."""
    with name_scope(name, "bessel_i0", [x]):
        result: Tensor = math.exp(math.abs_(x)) * bessel_i0e(x)
        return result


def bessel_i1(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 1. Source: tf.math.bessel_i1."""
    with name_scope(name, "bessel_i1", [x]):
        result: Tensor = math.exp(math.abs_(x)) * bessel_i1e(x)
        return result
