"""Linear algebra: inverses, determinants, solutions, factors of matrices.

All work on the matrices in the last two axes. The numbers are LAPACK's, by numpy; where a factor is
free up to a sign (eigenvectors, singular vectors), it may have the other sign than TensorFlow's.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, T, op
from graphscope.graph.dtypes import complex64, complex128, float32, float64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.complex_numbers import real
from graphscope.ops.joining import concat
from graphscope.ops.layout import eye, matrix_diag, matrix_diag_part, matrix_set_diag
from graphscope.ops.linalg import matmul
from graphscope.ops.reduction import reduce_sum

_TYPES = (float32, float64, complex64, complex128)


def _matrix(tensor: Tensor) -> tuple[list[int | None], int | None, int | None] | None:
    """The outer sizes, the rows and the columns; None for an unknown rank."""
    if tensor.shape.sizes is None:
        return None
    if len(tensor.shape.sizes) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(tensor.shape.sizes)}")
    *outer, rows, columns = tensor.shape.sizes
    return outer, rows, columns


def square_shape(input: Tensor, *_: Tensor, **__: Any) -> TensorShape:
    found = _matrix(input)
    if found is None:
        return shapes.UNKNOWN
    outer, rows, columns = found
    if rows is not None and columns is not None and rows != columns:
        raise ValueError(f"Dimensions must be equal, but are {rows} and {columns}")
    size = columns if rows is None else rows
    return TensorShape([*outer, size, size])


def _number_each(input: Tensor) -> TensorShape:
    square = square_shape(input)
    return square if square.sizes is None else square[:-2]


_factor = partial(op, kind="linear", types=_TYPES)


def _transposed(a: Tensor, conjugate: bool = False) -> Tensor:
    if a.shape.ndims is not None:
        *outer, rows, columns = range(a.shape.ndims)
        return array.transpose(a, [*outer, columns, rows], conjugate=conjugate)
    rank = array.rank(a)
    last = array.reshape(array.range(rank - 1, rank - 3, -1), [2])
    return array.transpose(a, concat([array.range(rank - 2), last], 0), conjugate=conjugate)


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """The last two axes exchanged. Source: tf.matrix_transpose.

    Errors: ValueError for a tensor of rank below 2.
    """
    with name_scope(name, values=[a]):
        a = convert_to_tensor(a, name="a")
        if a.shape.ndims is not None and a.shape.ndims < 2:
            raise ValueError(
                f"Argument 'a' should be a (batch) matrix, with rank >= 2. Found: {a.shape}"
            )
        return _transposed(a, conjugate)


# ---- inverse, determinant, solution ------------------------------------------------------------


@_factor("MatrixInverse", shape=square_shape)
def _matrix_inverse(input: T, *, adjoint: bool = False) -> T:
    """The matrix whose product with this one is the identity, of each square matrix."""
    try:
        inverse: T = np.linalg.inv(input)
    except np.linalg.LinAlgError:
        raise ValueError("Input is not invertible.") from None
    return np.conj(np.swapaxes(inverse, -1, -2)) if adjoint else inverse


def _solved(function: Any, *arrays: T) -> T:
    try:
        result: T = function(*arrays)
    except np.linalg.LinAlgError:
        raise ValueError("Input matrix is not invertible.") from None
    return result


@_matrix_inverse.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, *, adjoint: bool) -> Any:
    slope = math.negative(matmul(y, matmul(dy, y, adjoint_b=True), adjoint_a=True))
    return _transposed(slope) if adjoint else slope


def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of each square matrix. Source: tf.matrix_inverse.

    Errors: InvalidArgumentError, in a run, for a matrix without an inverse.
    """
    result: Tensor = _matrix_inverse(input, adjoint=adjoint, name=name)
    return result


@_factor("MatrixDeterminant", shape=_number_each)
def matrix_determinant(input: T) -> T:
    """The determinant of each square matrix."""
    return np.asarray(np.linalg.det(input), input.dtype)


def _columns_of_ones(y: Tensor) -> Tensor:
    result: Tensor = array.expand_dims(array.expand_dims(y, -1), -1)
    return result


@matrix_determinant.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return _columns_of_ones(dy * y) * matrix_inverse(input, adjoint=True)


@op(
    "LogMatrixDeterminant",
    kind="linear",
    types=_TYPES,
    outputs=("sign", "log_abs_determinant"),
    shape=lambda input: (_number_each(input), _number_each(input)),
)
def _log_matrix_determinant(input: T) -> tuple[T, T]:
    """The sign of the determinant of each square matrix and the logarithm of its size."""
    sign, logarithm = np.linalg.slogdet(input)
    return np.asarray(sign, input.dtype), np.asarray(logarithm, input.dtype)


@_log_matrix_determinant.gradient
def _(dys: Any, ys: Any, input: Tensor) -> Any:
    if dys[1] is None:
        return array.zeros_like(input)
    return _columns_of_ones(dys[1]) * matrix_inverse(input, adjoint=True)


def slogdet(input: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The sign and the logarithm of the absolute determinant. Source: tf.linalg.slogdet."""
    sign, logarithm = _log_matrix_determinant(input, name=name)
    return sign, logarithm


def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of a positive definite matrix. Source: tf.linalg.logdet."""
    with name_scope(name, "logdet", [matrix]):
        diagonal = matrix_diag_part(cholesky(matrix))
        result: Tensor = 2.0 * reduce_sum(math.log(diagonal), axis=[-1])
        return result


def _solution(matrix: Tensor, rhs: Tensor, **_: Any) -> TensorShape:
    square, right = square_shape(matrix), _matrix(rhs)
    if square.sizes is None or right is None:
        return shapes.UNKNOWN
    outer, rows, columns = right
    size = square.sizes[-1]
    if size is not None and rows is not None and size != rows:
        raise ValueError(f"Dimensions must be equal, but are {size} and {rows}")
    result: TensorShape = (
        square[:-2].merge_with(outer).concatenate([rows if size is None else size, columns])
    )
    return result


@_factor("MatrixSolve", shape=_solution)
def _matrix_solve(matrix: T, rhs: T, *, adjoint: bool = False) -> T:
    """The matrix x for which matrix times x is rhs."""
    left = np.conj(np.swapaxes(matrix, -1, -2)) if adjoint else matrix
    return _solved(np.linalg.solve, left, rhs)


def _slopes_of_solution(dy: Tensor, y: Tensor, solve: Any, adjoint: bool) -> tuple[Tensor, Tensor]:
    drhs = solve(dy, not adjoint)
    if adjoint:
        return math.negative(matmul(y, drhs, adjoint_b=True)), drhs
    return math.negative(matmul(drhs, y, adjoint_b=True)), drhs


@_matrix_solve.gradient
def _(dy: Tensor, y: Tensor, matrix: Tensor, rhs: Tensor, *, adjoint: bool) -> Any:
    return _slopes_of_solution(
        dy, y, lambda t, flipped: _matrix_solve(matrix, t, adjoint=flipped), adjoint
    )


def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The matrix x for which matrix times x is rhs. Source: tf.matrix_solve.

    Errors: InvalidArgumentError, in a run, for a matrix without an inverse.
    """
    result: Tensor = _matrix_solve(matrix, rhs, adjoint=adjoint, name=name)
    return result


@_factor("MatrixTriangularSolve", shape=_solution)
def _triangular_solve(matrix: T, rhs: T, *, lower: bool = True, adjoint: bool = False) -> T:
    """The matrix x for which matrix times x is rhs; only one triangle of matrix is read."""
    half = np.tril(matrix) if lower else np.triu(matrix)
    left = np.conj(np.swapaxes(half, -1, -2)) if adjoint else half
    return _solved(np.linalg.solve, left, rhs)


@_triangular_solve.gradient
def _(dy: Tensor, y: Tensor, matrix: Tensor, rhs: Tensor, *, lower: bool, adjoint: bool) -> Any:
    dmatrix, drhs = _slopes_of_solution(
        dy,
        y,
        lambda t, flipped: _triangular_solve(matrix, t, lower=lower, adjoint=flipped),
        adjoint,
    )
    return matrix_band_part(dmatrix, *((-1, 0) if lower else (0, -1))), drhs


def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The matrix x for which a triangle of matrix times x is rhs.

    Source: tf.matrix_triangular_solve.
    """
    result: Tensor = _triangular_solve(matrix, rhs, lower=lower, adjoint=adjoint, name=name)
    return result


@op("MatrixBandPart", kind="array")
def matrix_band_part(input: T, num_lower: Any_, num_upper: Any_) -> T:
    """The diagonal and so many beside it of each matrix (-1 for all), zeros elsewhere."""
    rows, columns = np.arange(input.shape[-2])[:, None], np.arange(input.shape[-1])
    lower, upper = int(num_lower), int(num_upper)
    inside = (lower < 0) | (rows - columns <= lower)
    inside = inside & ((upper < 0) | (columns - rows <= upper))
    return np.where(inside, input, input.dtype.type(0))


@matrix_band_part.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, num_lower: Tensor, num_upper: Tensor) -> Any:
    return matrix_band_part(dy, num_lower, num_upper), None, None


# ---- factors -----------------------------------------------------------------------------------


@_factor("Cholesky", shape=square_shape)
def cholesky(input: T) -> T:
    """The lower triangle whose product with its own transpose is the matrix.

    input: symmetric and positive definite; only its lower triangle is read.
    """
    try:
        lower: T = np.linalg.cholesky(input)
    except np.linalg.LinAlgError:
        raise ValueError(
            "Cholesky decomposition was not successful. The input might not be valid."
        ) from None
    return lower


@cholesky.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    sizes = shape_of(y)
    inverse = matrix_triangular_solve(
        y, eye(sizes[-1], batch_shape=sizes[:-2], dtype=y.dtype.base_dtype)
    )
    middle = matmul(y, dy, adjoint_a=True)
    middle = matrix_set_diag(middle, 0.5 * matrix_diag_part(middle))
    middle = matrix_band_part(middle, -1, 0)
    slope = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
    return (slope + _transposed(slope, conjugate=True)) * 0.5


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """The matrix x for which A times x is rhs, from A's Cholesky factor.

    Source: tf.cholesky_solve.
    """
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        below = matrix_triangular_solve(chol, rhs, lower=True, adjoint=False)
        return matrix_triangular_solve(chol, below, lower=True, adjoint=True)


def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """The x for which matrix times x comes nearest to rhs (least squares). Source:
    tf.matrix_solve_ls.

    With fewer rows than columns: the smallest x. fast=False is without effect.
    Errors: ValueError when the matrices' sizes are not known.
    """
    matrix, rhs = convert_to_tensor(matrix, name="matrix"), convert_to_tensor(rhs, name="rhs")
    found = _matrix(matrix)
    if found is None or found[1] is None or found[2] is None:
        raise ValueError(f"the rows and columns of matrix must be known, not {matrix.shape}")
    with name_scope(name, "matrix_solve_ls", [matrix, rhs, l2_regularizer]):
        over = found[1] >= found[2]
        gram = matmul(matrix, matrix, adjoint_a=over, adjoint_b=not over)
        if l2_regularizer:
            size = shape_of(gram)[-1]
            gram = gram + l2_regularizer * eye(size, dtype=gram.dtype.base_dtype)
        factor = cholesky(gram)
        if over:
            return cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))
        return matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)


def _eigen_shapes(input: Tensor, *, compute_v: bool) -> tuple[TensorShape, TensorShape]:
    square = square_shape(input)
    if square.sizes is None:
        return shapes.UNKNOWN, shapes.UNKNOWN if compute_v else TensorShape([0])
    return square[:-1], square if compute_v else TensorShape([0])


@op("SelfAdjointEigV2", kind="linear", types=_TYPES, outputs=("e", "v"), shape=_eigen_shapes)
def _self_adjoint_eig(input: T, *, compute_v: bool = True) -> tuple[T, T]:
    """The eigenvalues of each symmetric matrix, rising, and the eigenvectors as columns.

    Only the lower triangle is read.
    """
    if not compute_v:
        return np.linalg.eigvalsh(input).astype(input.dtype), np.zeros(0, input.dtype)
    values, vectors = np.linalg.eigh(input)
    return values.astype(input.dtype), vectors


@_self_adjoint_eig.gradient
def _(dys: Any, ys: Any, input: Tensor, *, compute_v: bool) -> Any:
    values, vectors = ys if compute_v else _self_adjoint_eig(input, compute_v=True)
    dvalues = array.zeros_like(values) if dys[0] is None else dys[0]
    inner = matrix_diag(dvalues)
    if compute_v and dys[1] is not None:
        distance = array.expand_dims(values, -2) - array.expand_dims(values, -1)
        f = matrix_set_diag(math.reciprocal(distance), array.zeros_like(values))
        inner = inner + f * matmul(vectors, dys[1], adjoint_a=True)
    slope = matmul(vectors, matmul(inner, vectors, adjoint_b=True))
    slope = matrix_band_part(slope + _transposed(slope), -1, 0)
    return matrix_set_diag(slope, 0.5 * matrix_diag_part(slope))


def self_adjoint_eig(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues, rising, and eigenvectors of symmetric matrices. Source: tf.self_adjoint_eig.

    An eigenvector may have the other sign than TensorFlow's.
    """
    values, vectors = _self_adjoint_eig(tensor, compute_v=True, name=name)
    return values, vectors


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric matrices, rising. Source: tf.self_adjoint_eigvals."""
    values, _ = _self_adjoint_eig(tensor, compute_v=False, name=name)
    result: Tensor = values
    return result


def _singular_shapes(
    input: Tensor, *, compute_uv: bool, full_matrices: bool
) -> tuple[TensorShape, ...]:
    found = _matrix(input)
    nothing = TensorShape([0])
    if found is None:
        return shapes.UNKNOWN, *[shapes.UNKNOWN if compute_uv else nothing] * 2
    outer, rows, columns = found
    count = None if rows is None or columns is None else min(rows, columns)
    values = TensorShape([*outer, count])
    if not compute_uv:
        return values, nothing, nothing
    u = TensorShape([*outer, rows, rows if full_matrices else count])
    return values, u, TensorShape([*outer, columns, columns if full_matrices else count])


@op("Svd", kind="linear", types=_TYPES, outputs=("s", "u", "v"), shape=_singular_shapes)
def _svd(input: T, *, compute_uv: bool = True, full_matrices: bool = False) -> tuple[T, T, T]:
    """The singular values of each matrix, falling, and its left and right singular vectors."""
    if not compute_uv:
        values = np.linalg.svd(input, compute_uv=False)
        nothing = np.zeros(0, input.dtype)
        return values.astype(input.dtype), nothing, nothing
    u, s, vh = np.linalg.svd(input, full_matrices=full_matrices)
    return s.astype(input.dtype), u, np.conj(np.swapaxes(vh, -1, -2))


@_svd.gradient
def _(dys: Any, ys: Any, input: Tensor, *, compute_uv: bool, full_matrices: bool) -> Any:
    if compute_uv and any(dy is not None for dy in dys[1:]):
        return _svd_slope(dys, ys, full_matrices)
    _, u, v = ys if compute_uv and not full_matrices else _svd(input, compute_uv=True)
    return matmul(u, matmul(matrix_diag(dys[0]), v, adjoint_b=True))


def _svd_slope(dys: Any, ys: Any, full_matrices: bool) -> Tensor:
    """The slope through the singular vectors too. Source: TensorFlow's SvdGrad.

    Errors: NotImplementedError for full_matrices.
    """
    if full_matrices:
        raise NotImplementedError("svd gradient is not implemented for full_matrices")
    s, u, v = ys
    ds, du, dv = (array.zeros_like(y) if dy is None else dy for dy, y in zip(dys, ys, strict=True))
    squares = math.square(s)
    distance = array.expand_dims(squares, -2) - array.expand_dims(squares, -1)
    ones = array.ones_like(s)
    f = matrix_set_diag(math.reciprocal(matrix_set_diag(distance, ones)), array.zeros_like(s))
    utdu, vtdv = matmul(u, du, adjoint_a=True), matmul(v, dv, adjoint_a=True)
    fu, fv = f * utdu, f * vtdv
    diagonal, inverse = matrix_diag(s), matrix_diag(math.reciprocal(s))
    inner = (
        matrix_diag(ds)
        + matmul(fu + _transposed(fu), diagonal)
        + matmul(diagonal, fv + _transposed(fv))
    )
    slope = matmul(u, matmul(inner, v, adjoint_b=True))
    # What lies outside of the spaces that u and v span: nothing for a square matrix.
    slope = slope + matmul(matmul(du - matmul(u, utdu), inverse), v, adjoint_b=True)
    result: Tensor = slope + matmul(u, matmul(inverse, dv - matmul(v, vtdv), adjoint_b=True))
    return result


def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """Singular values s, falling, and vectors u and v: u diag(s) v^T is the matrix.

    Returns: (s, u, v), or s alone without compute_uv. A pair of vectors may have the other sign
    than TensorFlow's. Source: tf.svd.
    """
    s, u, v = _svd(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    return (real(s), u, v) if compute_uv else real(s)


def _qr_shapes(input: Tensor, *, full_matrices: bool) -> tuple[TensorShape, TensorShape]:
    found = _matrix(input)
    if found is None:
        return shapes.UNKNOWN, shapes.UNKNOWN
    outer, rows, columns = found
    count = None if rows is None or columns is None else min(rows, columns)
    inner = rows if full_matrices else count
    return TensorShape([*outer, rows, inner]), TensorShape([*outer, inner, columns])


@op("Qr", kind="linear", types=_TYPES, outputs=("q", "r"), shape=_qr_shapes)
def _qr(input: T, *, full_matrices: bool = False) -> tuple[T, T]:
    """A matrix q of orthonormal columns and an upper triangle r, whose product is the matrix."""
    mode: Any = "complete" if full_matrices else "reduced"
    q, r = np.linalg.qr(input, mode=mode)
    return q, r


@_qr.gradient
def _(dys: Any, ys: Any, input: Tensor, *, full_matrices: bool) -> Any:
    q, r = ys
    dq, dr = (array.zeros_like(y) if dy is None else dy for dy, y in zip(dys, ys, strict=True))
    inside = matmul(q, dq, adjoint_a=True)
    rdr = matmul(r, dr, adjoint_b=True)
    lower = matrix_band_part(inside - _transposed(inside) + rdr - _transposed(rdr), -1, 0)

    def over_r(x: Tensor) -> Tensor:
        return _transposed(matrix_triangular_solve(r, _transposed(x), lower=False))

    return matmul(q, dr + over_r(lower)) + over_r(dq - matmul(q, inside))


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Orthonormal columns q and an upper triangle r: q r is the matrix. Source: tf.qr.

    The gradient is that of matrices with at least as many rows as columns.
    """
    q, r = _qr(input, full_matrices=full_matrices, name=name)
    return q, r
