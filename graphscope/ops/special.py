"""Less common functions of numbers: trigonometry, error and gamma functions, complex numbers.

numpy has no error or gamma functions. Here they are computed from their series and fractions, in
float64, to about 1e-14 of their value.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import (
    FLOATS,
    FLOATS_AND_COMPLEX,
    NUMBERS,
    DType,
    as_dtype,
)
from graphscope.graph.graph import Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, broadcast
from graphscope.ops import array, math
from graphscope.ops.conjugates import steep
from graphscope.ops.joining import where
from graphscope.ops.logic import not_equal
from graphscope.ops.rectifiers import softplus
from graphscope.ops.reduction import reduce_sum

_unary = partial(op, kind="math", types=FLOATS_AND_COMPLEX)
_real = partial(op, kind="math", types=FLOATS)

# ---- angles ------------------------------------------------------------------------------------


@_unary("Tan")
def tan(x: T) -> T:
    """The tangent of x, in radians, elementwise."""
    return np.tan(x)


@tan.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * math.square(math.reciprocal(math.cos(steep(x))))


@_unary("Asin")
def asin(x: T) -> T:
    """The angle whose sine is x, elementwise: from -pi/2 to pi/2; NaN beyond 1."""
    return np.arcsin(x)


@asin.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / math.sqrt(1 - math.square(steep(x)))


@_unary("Acos")
def acos(x: T) -> T:
    """The angle whose cosine is x, elementwise: from 0 to pi; NaN beyond 1."""
    return np.arccos(x)


@acos.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return -dy / math.sqrt(1 - math.square(steep(x)))


@_unary("Atan")
def atan(x: T) -> T:
    """The angle whose tangent is x, elementwise: from -pi/2 to pi/2."""
    return np.arctan(x)


@atan.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / (1 + math.square(steep(x)))


@_real("Atan2", shape=broadcast)
def atan2(y: T, x: T) -> T:
    """The angle of the point (x, y), elementwise, with broadcasting: from -pi to pi."""
    return np.arctan2(y, x)


@atan2.gradient
def _(dz: Tensor, z: Tensor, y: Tensor, x: Tensor) -> Any:
    slope = dz / (math.square(x) + math.square(y))
    return x * slope, -y * slope


# ---- hyperbolic functions ----------------------------------------------------------------------


@_unary("Sinh")
def sinh(x: T) -> T:
    """The hyperbolic sine, elementwise."""
    return np.sinh(x)


@sinh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * cosh(steep(x))


@_unary("Cosh")
def cosh(x: T) -> T:
    """The hyperbolic cosine, elementwise."""
    return np.cosh(x)


@cosh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * sinh(steep(x))


@_unary("Asinh")
def asinh(x: T) -> T:
    """The inverse of the hyperbolic sine, elementwise."""
    return np.arcsinh(x)


@asinh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / cosh(steep(y))


@_unary("Acosh")
def acosh(x: T) -> T:
    """The inverse of the hyperbolic cosine, elementwise; NaN below 1."""
    return np.arccosh(x)


@acosh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / sinh(steep(y))


@_unary("Atanh")
def atanh(x: T) -> T:
    """The inverse of the hyperbolic tangent, elementwise; NaN beyond 1."""
    return np.arctanh(x)


@atanh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / (1 - math.square(steep(x)))


@_real("Rint", differentiable=False)
def rint(x: T) -> T:
    """x rounded to the nearest whole number, halves to the even one. No gradient."""
    return np.rint(x)


# ---- the error function ------------------------------------------------------------------------


def _erf_near(x: T) -> T:
    """erf by its series 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, for |x| below 3."""
    term = np.array(x)
    total = np.array(x)
    for n in range(1, 70):
        term = term * (2 * x * x) / (2 * n + 1)
        total = total + term
    result: T = total * np.exp(-x * x) * (2 / np.sqrt(np.pi))
    return result


def _erfc_far(x: T) -> T:
    """erfc by its continued fraction, for x of at least 2."""
    below = np.zeros_like(x)
    for n in range(100, 0, -1):
        below = (n / 2) / (x + below)
    result: T = np.exp(-x * x) / (x + below) / np.sqrt(np.pi)
    return result


@_real("Erf")
def erf(x: T) -> T:
    """2/sqrt(pi) times the integral of exp(-t^2) from 0 to x, elementwise: from -1 to 1."""
    wide = x.astype(np.float64)
    near = _erf_near(np.clip(wide, -3, 3))
    far = np.sign(wide) * (1 - _erfc_far(np.maximum(np.abs(wide), 2)))
    return np.where(np.isnan(x), x, np.where(np.abs(wide) < 2.5, near, far)).astype(x.dtype)


@erf.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (2 / np.sqrt(np.pi)) * math.exp(-math.square(x))


@_real("Erfc")
def erfc(x: T) -> T:
    """1 - erf(x), elementwise; exact where that is near 0."""
    wide = x.astype(np.float64)
    near = 1 - _erf_near(np.clip(wide, -3, 3))
    far = _erfc_far(np.maximum(np.abs(wide), 2))
    far = np.where(wide < 0, 2 - far, far)
    return np.where(np.isnan(x), x, np.where(np.abs(wide) < 2, near, far)).astype(x.dtype)


@erfc.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (-2 / np.sqrt(np.pi)) * math.exp(-math.square(x))


# ---- the gamma function and its relatives ------------------------------------------------------

#: Lanczos' approximation of the gamma function, g = 7.
_LANCZOS = (
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)
#: The Bernoulli numbers B2, B4, ... B24 of the asymptotic series.
_BERNOULLI = (
    *(1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730),
    *(7 / 6, -3617 / 510, 43867 / 798, -174611 / 330, 854513 / 138, -236364091 / 2730),
)


def _lgamma_positive(x: T) -> T:
    """The logarithm of the gamma function for x of at least 0.5."""
    shifted = x - 1
    total = np.full_like(x, _LANCZOS[0])
    for i, coefficient in enumerate(_LANCZOS[1:], 1):
        total = total + coefficient / (shifted + i)
    t = shifted + 7.5
    result: T = 0.5 * np.log(2 * np.pi) + (shifted + 0.5) * np.log(t) - t + np.log(total)
    return result


@_real("Lgamma")
def lgamma(x: T) -> T:
    """The logarithm of the absolute value of the gamma function, elementwise; inf at 0, -1, ..."""
    wide = x.astype(np.float64)
    upper = _lgamma_positive(np.where(wide < 0.5, 1 - wide, wide))
    sine = np.abs(np.sin(np.pi * (wide - np.round(wide))))
    result = np.where(wide < 0.5, np.log(np.pi) - np.log(sine) - upper, upper)
    return np.where(np.isinf(wide), np.inf, result).astype(x.dtype)


@lgamma.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * digamma(x)


@_real("Digamma")
def digamma(x: T) -> T:
    """The slope of lgamma, elementwise; NaN at 0, -1, ..."""
    wide = x.astype(np.float64)
    mirrored = wide <= 0
    t = np.where(mirrored, 1 - wide, wide)
    total = np.zeros_like(t)
    for _ in range(10):
        total = total - 1 / t
        t = t + 1
    total = total + np.log(t) - 0.5 / t
    for k, bernoulli in enumerate(_BERNOULLI[:8], 1):
        total = total - bernoulli / (2 * k * t ** (2 * k))
    pole = mirrored & (wide == np.round(wide))
    tangent = np.tan(np.pi * (wide - np.round(wide)))
    result = np.where(mirrored, total - np.pi / np.where(tangent == 0, 1, tangent), total)
    return np.where(pole, np.nan, result).astype(x.dtype)


@digamma.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * polygamma(convert_to_tensor(1, x.dtype), x)


def _zeta(x: T, q: T) -> T:
    """Hurwitz' zeta function by Euler and Maclaurin, for x > 1; for q < 0 x must be whole."""
    total = np.zeros(np.broadcast_shapes(x.shape, q.shape))
    terms = 12 + min(int(np.ceil(-np.min(q, initial=0.0))), 10_000)
    for k in range(terms):
        total = total + (q + k) ** -x
    far = q + terms
    total = total + far ** (1 - x) / (x - 1) + 0.5 * far**-x
    rising, power, factorial = x, far ** (-x - 1), 2.0
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        total = total + bernoulli / factorial * rising * power
        rising = rising * (x + 2 * k - 1) * (x + 2 * k)
        power = power / far**2
        factorial *= (2 * k + 1) * (2 * k + 2)
    return np.asarray(total)


def _has_powers(x: T, q: T) -> T:
    """Where the powers (q + n) ** -x are real and finite."""
    result: T = (q > 0) | ((q > np.floor(q)) & (x == np.floor(x)))
    return result


@_real("Zeta", shape=broadcast)
def zeta(x: T, q: T) -> T:
    """Hurwitz' zeta function: the sum of (q + n) ** -x over n from 0, for x > 1.

    The gradient flows into q only.
    """
    wide, at = np.asarray(x, np.float64), np.asarray(q, np.float64)
    fine = (wide > 1) & _has_powers(wide, at)
    result = _zeta(np.where(fine, wide, 2.0), np.where(fine, at, 1.0))
    return np.where(fine, result, np.where(wide == 1, np.inf, np.nan)).astype(x.dtype)


@zeta.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, q: Tensor) -> Any:
    return None, -dz * x * zeta(x + 1, q)


@_real("Polygamma", shape=broadcast)
def polygamma(a: T, x: T) -> T:
    """The slope of order a of digamma, for whole a of at least 0.

    The gradient flows into x only.
    """
    order, at = np.asarray(a, np.float64), np.asarray(x, np.float64)
    fine = (order >= 1) & (order == np.floor(order)) & _has_powers(order, at)
    n = np.where(fine, order, 1.0)
    factorial = np.exp(_lgamma_positive(n + 1))
    result = (-1.0) ** (n + 1) * factorial * _zeta(n + 1, np.where(fine, at, 1.0))
    first = np.where(order == 0, digamma.kernel(at), np.nan)
    return np.where(fine, result, first).astype(x.dtype)


@polygamma.gradient
def _(dz: Tensor, z: Tensor, a: Tensor, x: Tensor) -> Any:
    return None, dz * polygamma(a + 1, x)


def lbeta(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the beta function along the last axis. Source: tf.lbeta."""
    with name_scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        log_prod = reduce_sum(lgamma(x), [-1])
        result: Tensor = log_prod - lgamma(reduce_sum(x, [-1]))
        return result


# ---- products that are 0 where a factor is -----------------------------------------------------


@op("Xlogy", kind="math", shape=broadcast, types=FLOATS_AND_COMPLEX)
def xlogy(x: T, y: T) -> T:
    """x * log(y), and 0 where x is 0, elementwise, with broadcasting."""
    nothing = x == 0
    return np.where(nothing, x.dtype.type(0), x * np.log(np.where(nothing, y.dtype.type(1), y)))


@xlogy.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    present = math.cast(array.ones_like(x), x.dtype)
    zero = array.zeros_like(x)
    used = where(not_equal(x, zero), present, zero)
    return dz * xlogy(used, y), dz * xdivy(x, y)


@op("Xdivy", kind="math", shape=broadcast, types=FLOATS_AND_COMPLEX)
def xdivy(x: T, y: T) -> T:
    """x / y, and 0 where x is 0, elementwise, with broadcasting."""
    nothing = x == 0
    return np.where(nothing, x.dtype.type(0), x / np.where(nothing, y.dtype.type(1), y))


@xdivy.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    zero = array.zeros_like(x)
    used = where(not_equal(x, zero), array.ones_like(x), zero)
    return dz * xdivy(used, y), dz * xdivy(math.negative(x), math.square(y))


# ---- bits --------------------------------------------------------------------------------------


def _recast(input: Tensor, *, type: DType) -> TensorShape:
    old, new = input.dtype.base_dtype.size, type.size
    if input.shape.sizes is None:
        return shapes.UNKNOWN
    if old == new:
        return input.shape
    if old > new:
        return input.shape.concatenate([old // new])
    if not input.shape.sizes or input.shape.sizes[-1] not in (None, new // old):
        raise ValueError(
            f"Cannot bitcast due to shape. {input.shape.short} is not convertible to {type.name}"
        )
    result: TensorShape = input.shape[:-1]
    return result


@op("Bitcast", kind="array", shape=_recast, dtype="type", differentiable=False)
def _bitcast(input: T, *, type: DType) -> T:
    """The same bytes read as another type; the last axis takes up a difference in size."""
    plain = np.ascontiguousarray(input)
    if input.itemsize > type.size:
        return plain[..., None].view(type.numpy)
    if input.itemsize < type.size:
        return plain.view(type.numpy)[..., 0]
    return plain.view(type.numpy)


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The same bytes read as another type. Source: tf.bitcast."""
    result: Tensor = _bitcast(input, type=as_dtype(type), name=name)
    return result


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(sigmoid(x)), computed so that nothing underflows. Source: tf.log_sigmoid."""
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        result: Tensor = math.negative(softplus(-x), name=scope)
        return result


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A number times a tensor, or times the rows of an IndexedSlices. Source: tf.scalar_mul.

    Errors: ValueError for what is no number.
    """
    rows = isinstance(x, IndexedSlices)
    x = x if rows else convert_to_tensor(x)
    number = convert_to_tensor(scalar, x.dtype.base_dtype, name="scalar")
    if number.shape.ndims != 0:
        raise ValueError(f"Only scalar multiply works, got shape {number.shape}")
    if rows:
        values = math.multiply(number, x.values, name=name)
        return IndexedSlices(values, x.indices, x.dense_shape)
    result: Tensor = math.multiply(number, x, name=name)
    return result


@op("AccumulateNV2", kind="math", types=NUMBERS, shape=lambda inputs, *, shape: shape)
def _accumulate_n(inputs: list[T], *, shape: TensorShape) -> T:
    """The sum of several tensors of one shape."""
    total: T = math._add_n.kernel(inputs)
    return total


@_accumulate_n.gradient
def _(dy: Tensor, y: Tensor, inputs: list[Tensor], *, shape: TensorShape) -> Any:
    return [dy] * len(inputs)


def accumulate_n(
    inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """The sum of a list of tensors of one shape and type. Source: tf.accumulate_n.

    Errors: ValueError for an empty list, TypeError when tensor_dtype is another type.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    tensors = [convert_to_tensor(x) for x in inputs]
    if len({x.dtype.base_dtype for x in tensors}) > 1:
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    if tensor_dtype is not None and as_dtype(tensor_dtype) is not tensors[0].dtype.base_dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {tensors[0].dtype}")
    if len(tensors) == 1:
        return array.identity(tensors[0], name=name) if name else tensors[0]
    whole = shapes.merged(*tensors).merge_with(shape)
    total: Tensor = _accumulate_n(tensors, shape=whole, name=name)
    return total
