"""Arithmetic, comparison, logic, products and reductions: a page of formulas and their slopes.

Every block is one operation: the kernel works on arrays, the rule under it on tensors, in the same
letters. Types and argument names are those of TensorFlow's operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Bool, Index, T, U, op
from graphscope.graph.dtypes import (
    FLOATS,
    FLOATS_AND_COMPLEX,
    NUMBERS,
    REALS,
    DType,
    as_dtype,
    bool_,
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
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.shapes import TensorShape, broadcast
from graphscope.kernels.matmul import matmul as matmul_kernel
from graphscope.ops import array

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
    return dz * y, x * dz


@op("RealDiv", kind="math", shape=broadcast, types=FLOATS_AND_COMPLEX, symbol="/")
def real_div(x: T, y: T) -> T:
    """x / y for floating-point numbers, elementwise, with broadcasting."""
    return x / y


@real_div.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return dz / y, dz * (-x / y / y)


@op("FloorDiv", kind="math", shape=broadcast, types=NUMBERS, symbol="//")
def floor_div(x: T, y: T) -> T:
    """x / y rounded down, elementwise, with broadcasting."""
    _refuse_zero(y)
    return np.floor_divide(x, y)


@floor_div.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    return None, None


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
    # log(x) is asked for only where x > 0, so that a negative base gives no NaN.
    positive = x > array.zeros_like(x)
    safe_log = array.where(positive, log(array.where(positive, x, array.ones_like(x))),
                           array.zeros_like(x))  # fmt: skip
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
    nothing = array.zeros_like(dz)
    return array.where(first, dz, nothing), array.where(first, nothing, dz)


@op("SquaredDifference", kind="math", shape=broadcast, types=NUMBERS)
def squared_difference(x: T, y: T) -> T:
    """(x - y) squared, elementwise, with broadcasting."""
    return np.square(x - y)


@squared_difference.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    slope = dz * 2 * (x - y)
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
    """-1, 0 or 1, elementwise; its slope is 0 everywhere."""
    return np.sign(x)


@sign.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return array.zeros_like(x)


@op("Square", kind="math", types=NUMBERS)
def square(x: T) -> T:
    """x * x, elementwise."""
    return np.square(x)


@square.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (2 * x)


@op("Sqrt", kind="math", types=FLOATS_AND_COMPLEX)
def sqrt(x: T) -> T:
    """The square root, elementwise; NaN below 0."""
    return np.sqrt(x)


@sqrt.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * 0.5 / y


@op("Rsqrt", kind="math", types=FLOATS_AND_COMPLEX)
def rsqrt(x: T) -> T:
    """1 / sqrt(x), elementwise."""
    one = x.dtype.type(1)
    return one / np.sqrt(x)


@rsqrt.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (-0.5 * y * y * y)


@op("Reciprocal", kind="math", types=FLOATS_AND_COMPLEX)
def reciprocal(x: T) -> T:
    """1 / x, elementwise."""
    return np.reciprocal(x)


@reciprocal.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (-y * y)


@op("Exp", kind="math", types=FLOATS_AND_COMPLEX)
def exp(x: T) -> T:
    """e to the power x, elementwise."""
    return np.exp(x)


@exp.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * y


@op("Expm1", kind="math", types=FLOATS_AND_COMPLEX)
def expm1(x: T) -> T:
    """e to the power x, less 1, elementwise; exact near 0."""
    return np.expm1(x)


@expm1.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * exp(x)


@op("Log", kind="math", types=FLOATS_AND_COMPLEX)
def log(x: T) -> T:
    """The natural logarithm, elementwise; -inf at 0, NaN below."""
    return np.log(x)


@log.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / x


@op("Log1p", kind="math", types=FLOATS_AND_COMPLEX)
def log1p(x: T) -> T:
    """The natural logarithm of 1 + x, elementwise; exact near 0."""
    return np.log1p(x)


@log1p.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy / (1 + x)


@op("Sin", kind="math", types=FLOATS_AND_COMPLEX)
def sin(x: T) -> T:
    """The sine of x, in radians, elementwise."""
    return np.sin(x)


@sin.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * cos(x)


@op("Cos", kind="math", types=FLOATS_AND_COMPLEX)
def cos(x: T) -> T:
    """The cosine of x, in radians, elementwise."""
    return np.cos(x)


@cos.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return -dy * sin(x)


@op("Tanh", kind="nn", types=FLOATS_AND_COMPLEX)
def tanh(x: T) -> T:
    """Hyperbolic tangent, elementwise: from -1 to 1."""
    return np.tanh(x)


@tanh.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * (1 - square(y))


@op("Sigmoid", kind="nn", types=FLOATS_AND_COMPLEX)
def sigmoid(x: T) -> T:
    """1 / (1 + exp(-x)), elementwise: from 0 to 1."""
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small)).astype(x.dtype)


@sigmoid.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return dy * y * (1 - y)


@op("Floor", kind="math", types=FLOATS)
def floor(x: T) -> T:
    """x rounded down, elementwise. No gradient: a staircase has no slope."""
    return np.floor(x)


@floor.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return None


@op("Ceil", kind="math", types=FLOATS)
def ceil(x: T) -> T:
    """x rounded up, elementwise. No gradient: a staircase has no slope."""
    return np.ceil(x)


@ceil.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return None


@op("Round", kind="math", types=NUMBERS)
def round_(x: T) -> T:
    """x rounded to the nearest whole number, halves to the even one. No gradient."""
    return np.round(x)


@round_.gradient
def _(dy: Tensor, y: Tensor, x: Tensor) -> Any:
    return None


# ---- comparison and logic: no slopes here ------------------------------------------------------


def _comparison(type: str, symbol: str, kernel: Any, doc: str, types: Any = REALS) -> Any:
    def compare(x: T, y: T) -> Bool:
        return np.asarray(kernel(x, y), dtype=bool)

    compare.__doc__ = doc
    compare.__name__ = compare.__qualname__ = type.lower()
    return op(type, kind="logic", shape=broadcast, dtype=bool_, types=types, symbol=symbol,
              differentiable=False)(compare)  # fmt: skip


_ANYTHING = (*NUMBERS, bool_, string)
equal = _comparison("Equal", "==", np.equal, "x == y, elementwise, with broadcasting.", _ANYTHING)
not_equal = _comparison(
    "NotEqual", "!=", np.not_equal, "x != y, elementwise, with broadcasting.", _ANYTHING
)
less = _comparison("Less", "<", np.less, "x < y, elementwise, with broadcasting.")
less_equal = _comparison("LessEqual", "<=", np.less_equal, "x <= y, elementwise, broadcasting.")
greater = _comparison("Greater", ">", np.greater, "x > y, elementwise, with broadcasting.")
greater_equal = _comparison(
    "GreaterEqual", ">=", np.greater_equal, "x >= y, elementwise, with broadcasting."
)
logical_and = _comparison(
    "LogicalAnd", "and", np.logical_and, "True where both are, with broadcasting.", (bool_,)
)
logical_or = _comparison(
    "LogicalOr", "or", np.logical_or, "True where one is, with broadcasting.", (bool_,)
)


@op("LogicalNot", kind="logic", types=(bool_,), symbol="not", differentiable=False)
def logical_not(x: T) -> T:
    """True where x is False, elementwise."""
    return np.logical_not(x)


# ---- the product of matrices -------------------------------------------------------------------

_PRODUCT_TYPES = (*FLOATS, int32, int64, *FLOATS_AND_COMPLEX[-2:])


def _product_shape(
    a: Tensor, b: Tensor, *, transpose_a: bool = False, transpose_b: bool = False, **_: Any
) -> TensorShape:
    rows, inner = a.shape.with_rank(2).as_list()[:: -1 if transpose_a else 1]
    inner_b, columns = b.shape.with_rank(2).as_list()[:: -1 if transpose_b else 1]
    if inner is not None and inner_b is not None and inner != inner_b:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_b}")
    return TensorShape([rows, columns])


@op("MatMul", kind="linear", shape=_product_shape, types=_PRODUCT_TYPES, symbol="@")
def mat_mul(a: T, b: T, *, transpose_a: bool = False, transpose_b: bool = False) -> T:
    """The product of two matrices: a [n, k] by b [k, m] gives [n, m]."""
    return matmul_kernel(a, b, transpose_a, transpose_b)


@mat_mul.gradient
def _(dy: Tensor, y: Tensor, a: Tensor, b: Tensor, *, transpose_a: bool, transpose_b: bool) -> Any:
    if not transpose_a and not transpose_b:
        return mat_mul(dy, b, transpose_b=True), mat_mul(a, dy, transpose_a=True)
    if not transpose_a:
        return mat_mul(dy, b), mat_mul(dy, a, transpose_a=True)
    if not transpose_b:
        return mat_mul(b, dy, transpose_b=True), mat_mul(a, dy)
    return (
        mat_mul(b, dy, transpose_a=True, transpose_b=True),
        mat_mul(dy, a, transpose_a=True, transpose_b=True),
    )


def _batch_product_shape(x: Tensor, y: Tensor, *, adj_x: bool, adj_y: bool) -> TensorShape:
    if x.shape.ndims is None or y.shape.ndims is None:
        return shapes.UNKNOWN
    rows, inner = x.shape.as_list()[-2:][:: -1 if adj_x else 1]
    inner_y, columns = y.shape.as_list()[-2:][:: -1 if adj_y else 1]
    if inner is not None and inner_y is not None and inner != inner_y:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_y}")
    return shapes.broadcast_shapes(x.shape[:-2], y.shape[:-2]).concatenate([rows, columns])


@op("BatchMatMulV2", kind="linear", shape=_batch_product_shape, types=_PRODUCT_TYPES, symbol="@")
def batch_mat_mul(x: T, y: T, *, adj_x: bool = False, adj_y: bool = False) -> T:
    """Products of matrices in the last two axes; the axes before them are broadcast."""
    x = np.conj(np.swapaxes(x, -1, -2)) if adj_x else x
    y = np.conj(np.swapaxes(y, -1, -2)) if adj_y else y
    return np.matmul(x, y)


@batch_mat_mul.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor, *, adj_x: bool, adj_y: bool) -> Any:
    if not adj_x:
        dx = batch_mat_mul(dz, y, adj_y=not adj_y)
    else:
        dx = batch_mat_mul(y, dz, adj_x=adj_y, adj_y=True)
    if not adj_y:
        dy = batch_mat_mul(x, dz, adj_x=not adj_x)
    else:
        dy = batch_mat_mul(dz, x, adj_x=True, adj_y=adj_x)
    return array.sum_like(dx, x), array.sum_like(dy, y)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices a and b (tf.matmul); with more than two axes, of each pair.

    Errors: ValueError when the inner sizes differ.
    """
    with get_default_graph().name_scope(name or "MatMul") as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, a.dtype, name="b", preferred=True)
    ranks = (a.shape.ndims, b.shape.ndims)
    if (ranks[0] is None or ranks[0] > 2) and (ranks[1] is None or ranks[1] > 2):
        product: Tensor = batch_mat_mul(
            a, b, adj_x=transpose_a or adjoint_a, adj_y=transpose_b or adjoint_b, name=scope
        )
        return product
    product = mat_mul(
        a, b, transpose_a=transpose_a or adjoint_a, transpose_b=transpose_b or adjoint_b, name=scope
    )
    return product


# ---- reductions --------------------------------------------------------------------------------


def _reduced_shape(
    input: Tensor, reduction_indices: Tensor, *, keep_dims: bool = False
) -> TensorShape:
    rank = input.shape.ndims
    if rank is None:
        return shapes.UNKNOWN
    axes = constant_value(reduction_indices)
    if axes is None:
        return TensorShape([None] * rank) if keep_dims else shapes.UNKNOWN
    for axis in axes.ravel():
        if not -rank <= axis < rank:
            raise ValueError(
                f"Invalid reduction dimension {axis} for input with {rank} dimensions."
            )
    gone = {int(axis) % rank for axis in axes.ravel()}
    sizes = [1 if i in gone else size for i, size in enumerate(input.shape.as_list())]
    return TensorShape(sizes if keep_dims else [s for i, s in enumerate(sizes) if i not in gone])


def _axes(reduction_indices: Index) -> tuple[int, ...]:
    return tuple(reduction_indices.ravel().tolist())


def _spread(dy: Tensor, input: Tensor, reduction_indices: Tensor, keep_dims: bool) -> Tensor:
    """Repeat `dy` along the axes that the reduction took away: the shape of `input` again."""
    return array.broadcast_to(_with_kept_axes(dy, input, reduction_indices, keep_dims),
                              array.shape(input))  # fmt: skip


def _with_kept_axes(y: Tensor, input: Tensor, reduction_indices: Tensor, keep_dims: bool) -> Tensor:
    """`y` as it would be with keep_dims=True: axes of size 1 where the reduction was."""
    if keep_dims or y.shape.ndims == 0:  # a scalar broadcasts to anything
        return y
    axes, rank = constant_value(reduction_indices), input.shape.ndims
    if axes is None or rank is None:
        full = sum_(input, reduction_indices, keep_dims=True)
        return array.reshape(y, array.shape(full))
    for axis in sorted(int(axis) % rank for axis in axes.ravel()):
        y = array.expand_dims(y, axis)
    return y


@op("Sum", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def sum_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The sum over some axes."""
    return np.sum(input, axis=_axes(reduction_indices), keepdims=keep_dims, dtype=input.dtype)


@sum_.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    return _spread(dy, input, reduction_indices, keep_dims), None


@op("Mean", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def mean(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The mean over some axes; of no elements it is NaN."""
    axes = _axes(reduction_indices)
    total = np.sum(input, axis=axes, keepdims=keep_dims, dtype=input.dtype)
    count = input.dtype.type(np.prod([input.shape[axis] for axis in axes], dtype=np.int64))
    return np.asarray(total // count if input.dtype.kind in "iu" else total / count)


@mean.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    count = floor_div(array.size(input), array.size(y))
    share = dy / cast(count, dy.dtype)
    return _spread(share, input, reduction_indices, keep_dims), None


@op("Prod", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def prod(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The product over some axes."""
    return np.prod(input, axis=_axes(reduction_indices), keepdims=keep_dims, dtype=input.dtype)


@op("_ProdGrad", kind="reduce", shape=shapes.same, types=FLOATS_AND_COMPLEX)
def _prod_grad(input: T, reduction_indices: Index) -> T:
    """For each element the product of all others, over the same axes; right where some are 0."""
    axes = sorted(axis % input.ndim for axis in _axes(reduction_indices))
    last = np.moveaxis(input, axes, range(-len(axes), 0)) if axes else input[..., None]
    flat = last.reshape(*last.shape[: last.ndim - max(len(axes), 1)], -1)
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], -1), -1)[..., ::-1]
    others = (before * after).reshape(last.shape)
    return np.moveaxis(others, range(-len(axes), 0), axes) if axes else others[..., 0]


@prod.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    spread = _spread(dy, input, reduction_indices, keep_dims)
    return spread * _prod_grad(input, reduction_indices), None


@op("Max", kind="reduce", shape=_reduced_shape, types=REALS)
def max_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The largest element over some axes; equal ones share the slope."""
    axes = _axes(reduction_indices)
    lowest = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min
    return np.max(input, axis=axes, keepdims=keep_dims, initial=lowest)


@op("Min", kind="reduce", shape=_reduced_shape, types=REALS)
def min_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The smallest element over some axes; equal ones share the slope."""
    axes = _axes(reduction_indices)
    highest = np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).max
    return np.min(input, axis=axes, keepdims=keep_dims, initial=highest)


@max_.gradient
@min_.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    y = _with_kept_axes(y, input, reduction_indices, keep_dims)
    dy = _with_kept_axes(dy, input, reduction_indices, keep_dims)
    chosen = cast(equal(y, input), dy.dtype)
    count = sum_(chosen, reduction_indices, keep_dims=True)
    return chosen / count * dy, None


@op("All", kind="reduce", shape=_reduced_shape, types=(bool_,), differentiable=False)
def all_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """True where all elements over some axes are."""
    return np.all(input, axis=_axes(reduction_indices), keepdims=keep_dims)


@op("Any", kind="reduce", shape=_reduced_shape, types=(bool_,), differentiable=False)
def any_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """True where one element over some axes is."""
    return np.any(input, axis=_axes(reduction_indices), keepdims=keep_dims)


def _reduction(definition: Any, name: str) -> Any:
    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:
        axis = reduction_indices if axis is None else axis
        keep = bool(keepdims if keepdims is not None else keep_dims)
        input_tensor = convert_to_tensor(input_tensor, name="input_tensor")
        if axis is None:
            axis = _all_axes(input_tensor)
        result: Tensor = definition(input_tensor, axis, keep_dims=keep, name=name)
        return result

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"""{definition.doc}

        axis: an int, a list of ints (negative ones count from the end), or None for all axes.
        keepdims: keep the reduced axes with size 1.
        Older spellings: reduction_indices= and keep_dims=. Source: tf.{name}.
        """
    return reduce


def _all_axes(tensor: Tensor) -> Any:
    if tensor.shape.ndims is not None:
        return convert_to_tensor(np.arange(tensor.shape.ndims, dtype=np.int32))
    return array.range(0, array.rank(tensor))


reduce_sum = _reduction(sum_, "reduce_sum")
reduce_mean = _reduction(mean, "reduce_mean")
reduce_prod = _reduction(prod, "reduce_prod")
reduce_max = _reduction(max_, "reduce_max")
reduce_min = _reduction(min_, "reduce_min")
reduce_all = _reduction(all_, "reduce_all")
reduce_any = _reduction(any_, "reduce_any")


# ---- where the largest is ----------------------------------------------------------------------


def _arg_shape(input: Tensor, dimension: Tensor, **_: Any) -> TensorShape:
    return _reduced_shape(input, dimension)


def _position(function: Any, input: T, dimension: Index, output_type: DType) -> Any:
    return function(input, axis=int(dimension)).astype(output_type.numpy)


@op("ArgMax", kind="reduce", shape=_arg_shape, dtype="output_type", types=NUMBERS,
    differentiable=False)  # fmt: skip
def _arg_max(input: T, dimension: Index, *, output_type: DType = int64) -> Index:
    """The position of the largest element along an axis. No gradient: a position has no slope."""
    return _position(np.argmax, input, dimension, output_type)  # type: ignore[no-any-return]


@op("ArgMin", kind="reduce", shape=_arg_shape, dtype="output_type", types=NUMBERS,
    differentiable=False)  # fmt: skip
def _arg_min(input: T, dimension: Index, *, output_type: DType = int64) -> Index:
    """The position of the smallest element along an axis. No gradient: a position has no slope."""
    return _position(np.argmin, input, dimension, output_type)  # type: ignore[no-any-return]


def argmax(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Tensor:
    """The position of the largest element along `axis` (0 when left out). Source: tf.argmax."""
    axis = next((a for a in (axis, dimension) if a is not None), 0)
    position: Tensor = _arg_max(input, axis, output_type=as_dtype(output_type), name=name)
    return position


def argmin(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Tensor:
    """The position of the smallest element along `axis` (0 when left out). Source: tf.argmin."""
    axis = next((a for a in (axis, dimension) if a is not None), 0)
    position: Tensor = _arg_min(input, axis, output_type=as_dtype(output_type), name=name)
    return position


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
    inputs = [convert_to_tensor(x) for x in inputs]
    if not inputs:
        raise ValueError("inputs must be a list of at least one Tensor with the same dtype/shape")
    if len(inputs) == 1:
        return array.identity(inputs[0], name=name) if name else inputs[0]
    total: Tensor = _add_n(inputs, name=name)
    return total


@op("Cast", kind="array", dtype="DstT")
def _cast(x: U, *, DstT: DType) -> U:
    """x in another element type."""
    return x.astype(DstT.numpy)


@_cast.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, *, DstT: DType) -> Any:
    return cast(dy, x.dtype) if x.dtype.is_floating and DstT.is_floating else None


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """x in another element type; x itself when it is of that type. Source: tf.cast.

    Gradients flow between floating-point types only.
    """
    dtype = as_dtype(dtype).base_dtype
    with get_default_graph().name_scope(name or "Cast") as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype is dtype:
            return x
        result: Tensor = _cast(x, DstT=dtype, name=scope)
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


# ---- what the operators of Python make ---------------------------------------------------------


def _operands(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    x = convert_to_tensor(x, name="x")
    return x, convert_to_tensor(y, x.dtype.base_dtype, name="y", preferred=True)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y; whole numbers are turned into floating-point ones first. Source: tf.truediv."""
    with get_default_graph().name_scope(name or "truediv") as scope:
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


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python's operator does it. Source: tf.divide."""
    return truediv(x, y, name)


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 2 did it: rounded down for whole numbers. Source: tf.div."""
    with get_default_graph().name_scope(name or "div") as scope:
        x, y = _operands(x, y)
        definition = real_div if x.dtype.is_floating or x.dtype.is_complex else floor_div
        quotient: Tensor = definition(x, y, name=scope)
        return quotient


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded down. Source: tf.floordiv."""
    with get_default_graph().name_scope(name or "floordiv") as scope:
        quotient: Tensor = floor_div(x, y, name=scope)
        return quotient


def round(x: Any, name: str | None = None) -> Tensor:
    """x rounded to the nearest whole number, halves to the even one. Source: tf.round."""
    x = convert_to_tensor(x)
    rounded: Tensor = x if x.dtype.is_integer else round_(x, name=name)
    return rounded


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Tensor:
    """True where exactly one is. Source: tf.logical_xor."""
    both_not = logical_not(logical_and(x, y))
    result: Tensor = logical_and(logical_or(x, y), both_not, name=name)
    return result


def clip_by_value(
    t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None
) -> Tensor:
    """t, with what is below the minimum or above the maximum set to it. Source: tf.clip_by_value."""
    with get_default_graph().name_scope(name or "clip_by_value") as scope:
        t = convert_to_tensor(t, name="t")
        clipped: Tensor = maximum(minimum(t, clip_value_max), clip_value_min, name=scope)
        return clipped


