"""Arithmetic, element by element: a page of formulas and their slopes.

Every block is one operation: the kernel works on arrays, the rule under it on tensors, in the same
letters. Types and argument names are those of TensorFlow's operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.declare import T, U, op
from graphscope.graph.dtypes import (
    FLOATS,
    FLOATS_AND_COMPLEX,
    INTEGERS,
    NUMBERS,
    REALS,
    DType,
    as_dtype,
    bfloat16,
    complex64,
    complex128,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
)
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import broadcast
from graphscope.kernels import chain
from graphscope.ops.array import identity, ones_like, zeros_like
from graphscope.ops.conjugates import steep
from graphscope.ops.joining import where
from graphscope.ops.logic import not_equal
from graphscope.ops.slopes import reciprocal_grad, rsqrt_grad, sqrt_grad

# ---- sums, differences, products, quotients ----------------------------------------------------


@op("AddV2", kind="math", shape=broadcast, types=NUMBERS, symbol="+")
def add_v2(x: T, y: T) -> T:
    """x + y, elementwise, with broadcasting. What the operator ``+`` makes."""
    return x + y


@add_v2.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz, dz


@op("Add", kind="math", shape=broadcast, types=(*NUMBERS, string), symbol="+")
def add(x: T, y: T) -> T:
    """x + y, elementwise, with broadcasting; texts are joined."""
    return x + y


@add.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz, dz


@op("Sub", kind="math", shape=broadcast, types=NUMBERS, symbol="-")
def subtract(x: T, y: T) -> T:
    """x - y, elementwise, with broadcasting."""
    return x - y


@subtract.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz, -dz


@op("Mul", kind="math", shape=broadcast, types=NUMBERS, symbol="*")
def multiply(x: T, y: T) -> T:
    """x * y, elementwise, with broadcasting."""
    return x * y


@multiply.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz * steep(y), steep(x) * dz


@op("RealDiv", kind="math", shape=broadcast, types=FLOATS_AND_COMPLEX, symbol="/")
def real_div(x: T, y: T) -> T:
    """x / y for floating-point numbers, elementwise, with broadcasting."""
    return x / y


@real_div.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    x, y = steep(x), steep(y)
    return dz / y, dz * (-x / y / y)


@op("FloorDiv", kind="math", shape=broadcast, types=NUMBERS, symbol="//", differentiable=False)
def floor_div(x: T, y: T) -> T:
    """x / y rounded down, elementwise, with broadcasting."""
    _refuse_zero(y)
    return np.floor_divide(x, y)


@op("TruncateDiv", kind="math", shape=broadcast, types=INTEGERS, differentiable=False)
def truncatediv(x: T, y: T) -> T:
    """x / y of whole numbers rounded towards zero, as in C, elementwise, with broadcasting."""
    _refuse_zero(y)
    return (x - np.fmod(x, y)) // y


@op("TruncateMod", kind="math", shape=broadcast, types=REALS, differentiable=False)
def truncatemod(x: T, y: T) -> T:
    """The remainder of x / y rounded towards zero, with the sign of x, as in C."""
    _refuse_zero(y)
    return np.fmod(x, y)


@op("DivNoNan", kind="math", shape=broadcast, types=(float32, float64), symbol="/")
def _div_no_nan(x: T, y: T) -> T:
    """x / y, and 0 where y is 0, elementwise, with broadcasting."""
    nothing = y == 0
    quotient = x / np.where(nothing, y.dtype.type(1), y)
    return np.where(nothing, y.dtype.type(0), quotient)


@_div_no_nan.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return _div_no_nan(dz, y), dz * _div_no_nan(_div_no_nan(-x, y), y)


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, and 0 where y is 0. Source: tf.div_no_nan, tf.math.divide_no_nan."""
    with name_scope(name, "div_no_nan", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        quotient: Tensor = _div_no_nan(x, y, name=scope)
        return quotient


@op("FloorMod", kind="math", shape=broadcast, types=REALS, symbol="%")
def floormod(x: T, y: T) -> T:
    """The remainder of x // y, with the sign of y, elementwise, with broadcasting."""
    _refuse_zero(y)
    return np.mod(x, y)


@floormod.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz, -dz * floor_div(x, y)


def _refuse_zero(y: T) -> None:
    if y.dtype.kind in "iu" and not np.all(y):
        raise ValueError("Integer division by zero")


@op("Pow", kind="math", shape=broadcast, types=NUMBERS, symbol="**")
def pow_(x: T, y: T) -> T:
    """x to the power y, elementwise, with broadcasting."""
    return np.power(x, y)


@pow_.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    x, y, z = steep(x), steep(y), steep(z)
    # log(x) is asked for only where x > 0, so that a negative base gives no NaN.
    fine = not_equal(x, zeros_like(x)) if x.dtype.is_complex else x > zeros_like(x)
    safe_log = where(fine, log(where(fine, x, ones_like(x))), zeros_like(x))
    return dz * y * pow_(x, y - 1), dz * z * safe_log


@op("Maximum", kind="math", shape=broadcast, types=REALS)
def maximum(x: T, y: T) -> T:
    """The larger of x and y, elementwise, with broadcasting; the slope goes to x where equal."""
    return np.maximum(x, y)


@maximum.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return _to_the_chosen(dz, x >= y)


@op("Minimum", kind="math", shape=broadcast, types=REALS)
def minimum(x: T, y: T) -> T:
    """The smaller of x and y, elementwise, with broadcasting; the slope goes to x where equal."""
    return np.minimum(x, y)


@minimum.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return _to_the_chosen(dz, x <= y)


def _to_the_chosen(dz: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
    nothing = zeros_like(dz)
    return where(first, dz, nothing), where(first, nothing, dz)


@op("SquaredDifference", kind="math", shape=broadcast, types=NUMBERS)
def squared_difference(x: T, y: T) -> T:
    """(x - y) squared, elementwise, with broadcasting; of complex numbers |x - y| squared."""
    distance = x - y
    return np.asarray(distance * np.conj(distance))


@squared_difference.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    slope = dz * 2 * (x - y)  # of complex numbers too, as in TensorFlow
    return slope, -slope


# ---- functions of one number -------------------------------------------------------------------


@op("Neg", kind="math", types=NUMBERS, symbol="-")
def negative(x: T) -> T:
    """-x, elementwise."""
    return np.negative(x)


@negative.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return -dy


@op("Abs", kind="math", types=REALS)
def abs_(x: T) -> T:
    """The distance from zero, elementwise; the slope at 0 is 0."""
    return np.abs(x)


@abs_.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * sign(x)


@op("Sign", kind="math", types=NUMBERS)
def sign(x: T) -> T:
    """-1, 0 or 1, or x / |x| of complex numbers, elementwise; its slope is 0 everywhere."""
    if x.dtype.kind != "c":
        return np.sign(x)
    nothing = x == 0
    return np.where(nothing, x, x / np.where(nothing, 1, np.abs(x))).astype(x.dtype)


@sign.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return zeros_like(x)


@op("Square", kind="math", types=NUMBERS)
def square(x: T) -> T:
    """x * x, elementwise."""
    return np.square(x)


@square.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (2 * steep(x))


@op("Sqrt", kind="math", types=FLOATS_AND_COMPLEX)
def sqrt(x: T) -> T:
    """The square root, elementwise; NaN below 0."""
    return np.sqrt(x)


@sqrt.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return sqrt_grad(y, dy)


@op("Rsqrt", kind="math", types=FLOATS_AND_COMPLEX)
def rsqrt(x: T) -> T:
    """1 / sqrt(x), elementwise."""
    return np.reciprocal(np.sqrt(x))


@rsqrt.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return rsqrt_grad(y, dy)


@op("Reciprocal", kind="math", types=FLOATS_AND_COMPLEX)
def reciprocal(x: T) -> T:
    """1 / x, elementwise."""
    return np.reciprocal(x)


@reciprocal.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return reciprocal_grad(y, dy)


@op("Exp", kind="math", types=FLOATS_AND_COMPLEX)
def exp(x: T) -> T:
    """e to the power x, elementwise."""
    return np.exp(x)


@exp.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * steep(y)


@op("Expm1", kind="math", types=FLOATS_AND_COMPLEX)
def expm1(x: T) -> T:
    """e to the power x, less 1, elementwise; exact near 0."""
    return np.expm1(x)


@expm1.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * exp(steep(x))


@op("Log", kind="math", types=FLOATS_AND_COMPLEX)
def log(x: T) -> T:
    """The natural logarithm, elementwise; -inf at 0, NaN below."""
    return np.log(x)


@log.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / steep(x)


@op("Log1p", kind="math", types=FLOATS_AND_COMPLEX)
def log1p(x: T) -> T:
    """The natural logarithm of 1 + x, elementwise; exact near 0."""
    return np.log1p(x)


@log1p.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / (1 + steep(x))


@op("Sin", kind="math", types=FLOATS_AND_COMPLEX)
def sin(x: T) -> T:
    """The sine of x, in radians, elementwise."""
    return np.sin(x)


@sin.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * cos(steep(x))


@op("Cos", kind="math", types=FLOATS_AND_COMPLEX)
def cos(x: T) -> T:
    """The cosine of x, in radians, elementwise."""
    return np.cos(x)


@cos.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return -dy * sin(steep(x))


@op("Tanh", kind="nn", types=FLOATS_AND_COMPLEX)
def tanh(x: T) -> T:
    """Hyperbolic tangent, elementwise: from -1 to 1."""
    return chain.tanh(x)


@tanh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (1 - square(steep(y)))


@op("Sigmoid", kind="nn", types=FLOATS_AND_COMPLEX)
def sigmoid(x: T) -> T:
    """1 / (1 + exp(-x)), elementwise: from 0 to 1."""
    return chain.sigmoid(x)


@sigmoid.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    y = steep(y)
    return dy * y * (1 - y)


@op("Floor", kind="math", types=FLOATS, differentiable=False)
def floor(x: T) -> T:
    """x rounded down, elementwise. No gradient: a staircase has no slope."""
    return np.floor(x)


@op("Ceil", kind="math", types=FLOATS, differentiable=False)
def ceil(x: T) -> T:
    """x rounded up, elementwise. No gradient: a staircase has no slope."""
    return np.ceil(x)


@op("Round", kind="math", types=NUMBERS, differentiable=False)
def round_(x: T) -> T:
    """x rounded to the nearest whole number, halves to the even one. No gradient."""
    return np.round(x)


# ---- sums of many, change of type --------------------------------------------------------------


@op("AddN", kind="math", shape=lambda inputs: shapes.merged(*inputs), types=NUMBERS, symbol="+")
def _add_n(inputs: list[T]) -> T:
    """The sum of several tensors of one shape."""
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


@_add_n.gradient
def _(dy: Tensor, y: Tensor, inputs: list[Tensor]) -> Any:
    return [dy] * len(inputs)


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one shape and type. Source: tf.add_n."""
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and "
            "shape"
        )
    inputs = [convert_to_tensor(x) for x in inputs]
    if len(inputs) == 1:
        return identity(inputs[0], name=name) if name else inputs[0]
    total: Tensor = _add_n(inputs, name=name)
    return total


@op("Cast", kind="array", dtype="DstT")
def _cast(x: U, *, DstT: DType) -> U:
    """x in another element type; of a complex number a real type takes the real part."""
    if x.dtype.kind == "c" and DstT.numpy.kind not in "cb":
        x = x.real
    if DstT is bfloat16:
        return _rounded_to_bfloat16(x.astype(np.float32))
    return x.astype(DstT.numpy)


def _rounded_to_bfloat16(x: T) -> T:
    """float32 of which the lower half of the bits is zero: to the nearest, halves to even."""
    bits = np.ascontiguousarray(x).view(np.uint32).reshape(x.shape)
    rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), x, rounded.astype(np.uint32).view(np.float32))


@_cast.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, *, DstT: DType) -> Any:
    both = x.dtype.base_dtype, DstT
    return cast(dy, x.dtype) if all(t.is_floating or t.is_complex for t in both) else None


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """x in another element type; x itself when it is of that type. Source: tf.cast.

    Gradients flow between floating-point types only.
    """
    dtype = as_dtype(dtype).base_dtype
    if is_tensor_like(x) and x.dtype is dtype:
        return x  # type: ignore[no-any-return]
    with name_scope(name, "Cast", [x]) as scope:
        tensor = convert_to_tensor(x, name="x")
        if tensor.dtype.base_dtype is dtype:
            return tensor
        result: Tensor = _cast(tensor, DstT=dtype, name=scope)
        return result


def to_float(x: Any, name: str = "ToFloat") -> Tensor:
    """x as float32. Source: tf.to_float."""
    return cast(x, float32, name=name)


def to_double(x: Any, name: str = "ToDouble") -> Tensor:
    """x as float64. Source: tf.to_double."""
    return cast(x, float64, name=name)


def to_int32(x: Any, name: str = "ToInt32") -> Tensor:
    """x as int32. Source: tf.to_int32."""
    return cast(x, int32, name=name)


def to_int64(x: Any, name: str = "ToInt64") -> Tensor:
    """x as int64. Source: tf.to_int64."""
    return cast(x, int64, name=name)


def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Tensor:
    """x as bfloat16. Source: tf.to_bfloat16."""
    return cast(x, bfloat16, name=name)


def to_complex64(x: Any, name: str = "ToComplex64") -> Tensor:
    """x as complex64. Source: tf.to_complex64."""
    return cast(x, complex64, name=name)


def to_complex128(x: Any, name: str = "ToComplex128") -> Tensor:
    """x as complex128. Source: tf.to_complex128."""
    return cast(x, complex128, name=name)


# ---- what the operators of Python make ---------------------------------------------------------


def _operands(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    x = convert_to_tensor(x, name="x")
    return x, convert_to_tensor(y, x.dtype.base_dtype, name="y", preferred=True)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y; whole numbers are turned into floating-point ones first. Source: tf.truediv."""
    with name_scope(name, "truediv", [x, y]) as scope:
        x, y = _operands(x, y)
        if x.dtype.base_dtype is not y.dtype.base_dtype:
            raise TypeError(
                f"x and y must have the same dtype, got {x.dtype!r} != {y.dtype!r}: "
                "tf.cast one of them"
            )
        if x.dtype.is_integer:
            small = x.dtype.base_dtype in (int8, uint8, int16, uint16)
            x, y = (cast(t, float32 if small else float64) for t in (x, y))
        quotient: Tensor = real_div(x, y, name=scope)
        return quotient


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y as Python's operator does it: of two numbers of Python it is one. Source: tf.divide."""
    if name is None:
        quotient: Any = x / y
        return quotient
    return truediv(x, y, name)


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 2 did it: rounded down for whole numbers. Source: tf.div."""
    with name_scope(name, "div", [x, y]) as scope:
        x, y = _operands(x, y)
        definition = real_div if x.dtype.is_floating or x.dtype.is_complex else floor_div
        quotient: Tensor = definition(x, y, name=scope)
        return quotient


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded down. Source: tf.floordiv."""
    with name_scope(name, "floordiv", [x, y]) as scope:
        quotient: Tensor = floor_div(x, y, name=scope)
        return quotient


def round(x: Any, name: str | None = None) -> Tensor:
    """x rounded to the nearest whole number, halves to the even one. Source: tf.round."""
    x = convert_to_tensor(x)
    rounded: Tensor = x if x.dtype.is_integer else round_(x, name=name)
    return rounded
