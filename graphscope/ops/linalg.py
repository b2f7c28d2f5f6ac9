"""Products of matrices: the one place where the numbers of a network are multiplied out."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import FLOATS_AND_COMPLEX, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.kernels.matmul import matmul as matmul_kernel
from graphscope.ops.array import expand_dims, squeeze
from graphscope.ops.conjugates import conj, steep

_PRODUCT_TYPES = (*FLOATS_AND_COMPLEX, int32, int64)


def _product_shape(
    a: Tensor, b: Tensor, *, transpose_a: bool = False, transpose_b: bool = False, **_: Any
) -> TensorShape:
    rows, inner = a.shape.with_rank(2).sizes or ()
    inner_b, columns = b.shape.with_rank(2).sizes or ()
    if transpose_a:
        rows, inner = inner, rows
    if transpose_b:
        inner_b, columns = columns, inner_b
    if inner is not None and inner_b is not None and inner != inner_b:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_b}")
    return TensorShape.of((rows, columns))


@op("MatMul", kind="linear", shape=_product_shape, types=_PRODUCT_TYPES, symbol="@")
def mat_mul(a: T, b: T, *, transpose_a: bool = False, transpose_b: bool = False) -> T:
    """The product of two matrices: a [n, k] by b [k, m] gives [n, m]."""
    return matmul_kernel(a, b, transpose_a, transpose_b)


@mat_mul.gradient
def _(dy: Tensor, y: Tensor, a: Tensor, b: Tensor, *, transpose_a: bool, transpose_b: bool) -> Any:
    a, b = steep(a), steep(b)
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


@op(
    "BatchMatMulV2",
    kind="linear",
    shape=_batch_product_shape,
    types=_PRODUCT_TYPES,
    symbol="@",
    broadcasts=True,
)
def batch_mat_mul(x: T, y: T, *, adj_x: bool = False, adj_y: bool = False) -> T:
    """Products of matrices in the last two axes; the axes before them are broadcast."""
    x = np.conj(np.swapaxes(x, -1, -2)) if adj_x else x
    y = np.conj(np.swapaxes(y, -1, -2)) if adj_y else y
    product: T = np.matmul(x, y)
    return product


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
    return dx, dy


def _one_by_one(x: Tensor, y: Tensor, *, adj_x: bool, adj_y: bool) -> TensorShape:
    if x.shape.ndims is not None and y.shape.ndims is not None:
        x.shape[:-2].assert_is_compatible_with(y.shape[:-2])
    return _batch_product_shape(x, y, adj_x=adj_x, adj_y=adj_y)


@op("BatchMatMul", kind="linear", shape=_one_by_one, types=_PRODUCT_TYPES, symbol="@")
def _batch_mat_mul_of_same(x: T, y: T, *, adj_x: bool = False, adj_y: bool = False) -> T:
    """Products of matrices in the last two axes; the axes before them are the same."""
    product: T = batch_mat_mul.kernel(x, y, adj_x=adj_x, adj_y=adj_y)
    return product


@_batch_mat_mul_of_same.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor, **adjoints: bool) -> Any:
    rule: Any = batch_mat_mul.gradient_rule
    return rule(dz, z, x, y, **adjoints)


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

    transpose_a, transpose_b: rows and columns change places. adjoint_a, adjoint_b: they do, and
    complex numbers are conjugated.
    Errors: ValueError when the inner sizes differ, or a matrix is to be transposed in both ways.
    """
    for which, both in (("a", transpose_a and adjoint_a), ("b", transpose_b and adjoint_b)):
        if both:
            raise ValueError(f"Only one of transpose_{which} and adjoint_{which} can be True.")
    with name_scope(name, "MatMul", [a, b]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")  # of its own type: two types do not mix
        batches = _is_batch(a.shape) or _is_batch(b.shape)
        # One definition conjugates what it turns, the other does not.
        a = conj(a) if (transpose_a if batches else adjoint_a) else a
        b = conj(b) if (transpose_b if batches else adjoint_b) else b
    turn_a, turn_b = transpose_a or adjoint_a, transpose_b or adjoint_b
    if batches:
        product: Tensor = batch_mat_mul(a, b, adj_x=turn_a, adj_y=turn_b, name=scope)
        return product
    product = mat_mul(a, b, transpose_a=turn_a, transpose_b=turn_b, name=scope)
    return product


def _is_batch(shape: TensorShape) -> bool:
    return shape.sizes is None or len(shape.sizes) > 2


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices a and vectors b. Source: tf.linalg.matvec."""
    with name_scope(name, "MatVec", [a, b]):
        b = convert_to_tensor(b, name="b")
        product = matmul(a, expand_dims(b, -1), transpose_a=transpose_a, adjoint_a=adjoint_a)
        return squeeze(product, [-1])
