"""Functions of square matrices: exponential, logarithm, root; triangles, pseudo-inverse, rank."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import complex64, complex128, float32, float64, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.decompositions import matrix_transpose, square_shape, svd
from graphscope.ops.joining import concat, where
from graphscope.ops.linalg import matmul
from graphscope.ops.logic import greater
from graphscope.ops.reduction import reduce_max, reduce_sum

_COMPLEX = (complex64, complex128)
_of_square = partial(op, kind="linear", shape=square_shape, types=(float32, float64, *_COMPLEX))

# ---- powers and their inverses -----------------------------------------------------------------


def _pade(a: T) -> T:
    """The exponential by scaling, a fraction of polynomials of degree 6, and squaring."""
    norm = np.linalg.norm(a, 1) if a.size else 0.0
    halvings = max(0, int(np.ceil(np.log2(norm))) + 2) if norm > 0 else 0
    scaled = a / 2.0**halvings
    above = below = term = np.eye(len(a), dtype=a.dtype)
    factor, degree = 1.0, 8
    for k in range(1, degree + 1):
        factor *= (degree - k + 1) / (k * (2 * degree - k + 1))
        term = term @ scaled
        above = above + factor * term
        below = below + (-1) ** k * factor * term
    result = np.linalg.solve(below, above)
    for _ in range(halvings):
        result = result @ result
    return np.asarray(result)


def _each_matrix(function: Any, input: T) -> T:
    """What the function makes of each matrix, computed in 64 bits."""
    wide = np.complex128 if input.dtype.kind == "c" else np.float64
    flat = input.reshape(-1, *input.shape[-2:]).astype(wide)
    made = [function(matrix) for matrix in flat]
    return np.asarray(made).reshape(input.shape).astype(input.dtype) if made else input


@_of_square("MatrixExponential")
def _matrix_exponential(input: T) -> T:
    """The exponential of each square matrix: 1 + A + A A / 2 + ..."""
    return _each_matrix(_pade, input)


@_matrix_exponential.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    # The upper right block of the exponential of [[A, dy], [0, A]] is the slope along dy.
    turned = matrix_transpose(input, conjugate=True)
    rows = [concat([turned, dy], -1), concat([array.zeros_like(turned), turned], -1)]
    whole = _matrix_exponential(concat(rows, -2))
    count = array.shape(input)[-1]
    return whole[..., :count, count:]


def matrix_exponential(input: Any, name: str | None = None) -> Tensor:
    """The exponential of each square matrix. Source: tf.linalg.expm."""
    result: Tensor = _matrix_exponential(input, name=name or "matrix_exponential")
    return result


def _by_eigenvalues(function: Any, matrix: T) -> T:
    values, vectors = np.linalg.eig(matrix)
    result = (vectors * function(values.astype(np.complex128))) @ np.linalg.inv(vectors)
    real = matrix.dtype.kind != "c"
    return np.asarray(result.real if real else result)


@_of_square("MatrixSquareRoot")
def matrix_square_root(input: T) -> T:
    """The matrix whose product with itself is the matrix, of each square matrix."""
    return _each_matrix(lambda matrix: _by_eigenvalues(np.sqrt, matrix), input)


@matrix_square_root.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    # X Y + Y X = dY for the slope X, with the root conjugated: one linear system a matrix.
    root = matrix_transpose(y, conjugate=True)
    return _sylvester(root, dy)


@op("SylvesterOfRoot", kind="linear", types=(float32, float64, *_COMPLEX), differentiable=False)
def _sylvester(root: T, rhs: T) -> T:
    """The matrix X for which X root + root X is rhs, of each pair of square matrices.

    TensorFlow solves it with Kronecker products, of many operations, in its gradient.
    """
    size = root.shape[-1]
    eye = np.eye(size)
    pairs = zip(root.reshape(-1, size, size), rhs.reshape(-1, size, size), strict=True)
    solved = [
        np.linalg.solve(np.kron(eye, r.T) + np.kron(r, eye), b.ravel()).reshape(size, size)
        for r, b in pairs
    ]
    return np.asarray(solved, root.dtype).reshape(root.shape)


@_of_square("MatrixLogarithm", types=_COMPLEX, differentiable=False)
def matrix_logarithm(input: T) -> T:
    """The matrix whose exponential is the matrix, of each complex square matrix."""
    return _each_matrix(lambda matrix: _by_eigenvalues(np.log, matrix), input)


# ---- triangles ---------------------------------------------------------------------------------


def _lu_shapes(input: Tensor, **_: Any) -> tuple[TensorShape, TensorShape]:
    square = square_shape(input)
    return square, shapes.UNKNOWN if square.sizes is None else square[:-1]


@op(
    "Lu",
    kind="linear",
    types=(float32, float64, *_COMPLEX),
    outputs=("lu", "p"),
    shape=_lu_shapes,
    dtype=lambda input, *, output_idx_type: (input.dtype.base_dtype, output_idx_type),
    differentiable=False,
)
def _lu(input: T, *, output_idx_type: Any = int32) -> tuple[T, T]:
    """Both triangles of each square matrix in one, and the order of its rows.

    The diagonal is of the upper triangle; that of the lower one is 1.
    """
    size = input.shape[-1]
    both, orders = np.array(input), np.zeros(input.shape[:-1], output_idx_type.numpy)
    for place in np.ndindex(*input.shape[:-2]):
        matrix, order = both[place], np.arange(size)
        for k in range(size):
            best = k + int(np.argmax(np.abs(matrix[k:, k])))
            if matrix[best, k] == 0:
                raise ValueError("Input is not invertible.")
            matrix[[k, best]], order[[k, best]] = matrix[[best, k]], order[[best, k]]
            matrix[k + 1 :, k] /= matrix[k, k]
            matrix[k + 1 :, k + 1 :] -= np.outer(matrix[k + 1 :, k], matrix[k, k + 1 :])
        orders[place] = order
    return both, orders


def lu(input: Any, output_idx_type: Any = int32, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Both triangles of square matrices in one, and the order of rows. Source: tf.linalg.lu.

    Errors: InvalidArgumentError, in a run, for a matrix without an inverse.
    """
    both, order = _lu(input, output_idx_type=output_idx_type, name=name)
    return both, order


# ---- of any matrix -----------------------------------------------------------------------------


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The last two axes exchanged, and complex numbers conjugated. Source: tf.linalg.adjoint."""
    with name_scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


def _cutoff(values: Tensor, matrix: Tensor, times: float) -> Tensor:
    """The singular value below which one counts as 0."""
    kind = values.dtype.base_dtype
    largest = reduce_max(values, -1, keepdims=True)
    size = math.cast(reduce_max(array.shape(matrix)[-2:]), kind)
    limit: Tensor = largest * size * (times * float(np.finfo(kind.as_numpy_dtype).eps))
    return limit


def matrix_rank(
    a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """How many singular values of each matrix are not 0. Source: tf.linalg.matrix_rank."""
    with name_scope(name, "matrix_rank", [a]):
        a = convert_to_tensor(a, name="a")
        values = svd(a, compute_uv=False)
        limit = _cutoff(values, a, 1.0) if tol is None else array.expand_dims(tol, -1)
        present: Tensor = reduce_sum(math.cast(greater(values, limit), int32), -1)
        return present


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The pseudo-inverse of each matrix (Moore and Penrose). Source: tf.linalg.pinv.

    rcond: the part of the largest singular value below which one counts as 0.
    """
    with name_scope(name, "pinv", [a]):
        a = convert_to_tensor(a, name="a")
        s, u, v = svd(a)
        largest = reduce_max(s, -1, keepdims=True)
        limit = _cutoff(s, a, 10.0) if rcond is None else largest * array.expand_dims(rcond, -1)
        kept = greater(s, limit)
        inverse = where(kept, math.reciprocal(where(kept, s, array.ones_like(s))), 0 * s)
        scaled = v * array.expand_dims(math.cast(inverse, v.dtype.base_dtype), -2)
        return matmul(scaled, u, adjoint_b=True)
