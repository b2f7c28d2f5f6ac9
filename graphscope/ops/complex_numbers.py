"""Complex numbers: made of two real ones, and taken apart.

The gradient of a real y by a complex x is conjugate to the derivative: a step against it makes y
smaller, as with real numbers.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import DType, complex64, complex128, float32, float64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import broadcast
from graphscope.ops import array, math

_REAL_OF = {complex64: float32, complex128: float64}
_part = partial(op, kind="math", types=(complex64, complex128), dtype="Tout")


@op(
    "Complex",
    kind="math",
    shape=broadcast,
    types=(float32, float64),
    dtype="Tout",
)
def _complex(real: T, imag: T, *, Tout: DType) -> T:
    """real + i imag, elementwise, with broadcasting."""
    return (real + 1j * imag).astype(Tout.numpy)


@_complex.gradient
def _(dy: Tensor, y: Tensor, real: Tensor, imag: Tensor, *, Tout: DType) -> Any:
    return _real_part(dy, Tout=real.dtype), _imag_part(dy, Tout=real.dtype)


@_part("Real")
def _real_part(input: T, *, Tout: DType) -> T:
    """The real part, elementwise."""
    return np.array(input.real)


@_real_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, *, Tout: DType) -> Any:
    return complex_(dy, array.zeros_like(dy))


@_part("Imag")
def _imag_part(input: T, *, Tout: DType) -> T:
    """The imaginary part, elementwise."""
    return np.array(input.imag)


@_imag_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, *, Tout: DType) -> Any:
    return complex_(array.zeros_like(dy), dy)


@_part("Angle")
def _angle(input: T, *, Tout: DType) -> T:
    """The angle with the real axis, in radians, elementwise."""
    return np.angle(input)


@_angle.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, *, Tout: DType) -> Any:
    turned = complex_(_imag_part(input, Tout=Tout), _real_part(input, Tout=Tout))
    return math.negative(complex_(dy, array.zeros_like(dy))) * math.reciprocal(turned)


@_part("ComplexAbs")
def _complex_abs(x: T, *, Tout: DType) -> T:
    """The distance from 0, elementwise."""
    return np.abs(x)


@_complex_abs.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, *, Tout: DType) -> Any:
    return complex_(dy, array.zeros_like(dy)) * math.sign(x)


def complex_(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """A complex number of two real ones (float32 or float64). Source: tf.complex."""
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, real.dtype, name="imag", preferred=True)
    with name_scope(name, "Complex", [real, imag]) as scope:
        wanted = complex128 if real.dtype.base_dtype is float64 else complex64
        result: Tensor = _complex(real, imag, Tout=wanted, name=scope)
        return result


def _of_complex(definition: Any, default: str, x: Any, name: str | None) -> Tensor | None:
    """The part of a complex tensor; None when it is real."""
    if not x.dtype.is_complex:
        return None
    with name_scope(name, default, [x]) as scope:
        result: Tensor = definition(x, Tout=_REAL_OF[x.dtype.base_dtype], name=scope)
        return result


def _none_of(default: str, x: Tensor, name: str | None) -> Tensor:
    with name_scope(name, default, [x]):
        return array.zeros_like(x)


def real(input: Any, name: str | None = None) -> Tensor:
    """The real part; a real tensor itself. Source: tf.real."""
    x = convert_to_tensor(input, name="input")
    part = _of_complex(_real_part, "Real", x, name)
    return x if part is None else part


def imag(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part; zeros for a real tensor. Source: tf.imag."""
    x = convert_to_tensor(input, name="input")
    part = _of_complex(_imag_part, "Imag", x, name)
    return _none_of("Imag", x, name) if part is None else part


def angle(input: Any, name: str | None = None) -> Tensor:
    """The angle with the real axis; zeros for a real tensor. Source: tf.angle."""
    x = convert_to_tensor(input, name="input")
    part = _of_complex(_angle, "Angle", x, name)
    return _none_of("Angle", x, name) if part is None else part


def absolute(x: Any, name: str | None = None) -> Tensor:
    """The distance from 0, elementwise, of real or complex numbers. Source: tf.abs."""
    with name_scope(name, "Abs", [x]) as scope:  # in which a variable is read, too
        x = convert_to_tensor(x, name="x")
        part = _of_complex(_complex_abs, "Abs", x, scope)
        if part is not None:
            return part
        result: Tensor = math.abs_(x, name=scope)
        return result
