"""The matrix product: our own C, or numpy's BLAS where that is better.

Without the compiled extension everything here works and gives the same up to rounding; numpy does
all the work then. `python -m tests.benchmarks.matmul` compares the implementations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.kernels.handover import COMPILED, in_c, threads_allowed

if COMPILED:
    from graphscope.kernels import _native
    from graphscope.kernels._native import Operand, Product

    _native.use_threads(threads_allowed())

__all__ = ["DEPTH", "IMPLEMENTATIONS", "Operand", "Product", "in_c", "matmul", "use_threads"]

Matrix = NDArray[Any]

#: So many products are summed up in registers for one element; `Product` can add them to what lies
#: in `out` itself only if there are no more.
DEPTH = 256


def use_threads(number: int) -> int:
    """Let large products in C use up to so many threads, 1 or 2, from now on.

    Returns how many it were before; at first 2, or 1 with OMP_NUM_THREADS=1 or
    OPENBLAS_NUM_THREADS=1 or a single processor. The results do not depend on it.
    """
    return _native.use_threads(number) if COMPILED else 1


def matmul(
    a: Matrix,
    b: Matrix,
    transpose_a: bool = False,
    transpose_b: bool = False,
    out: Matrix | None = None,
) -> Matrix:
    """The product of two matrices (TensorFlow's MatMul).

    a: [rows, inner], or [inner, rows] with `transpose_a`. b: [inner, columns], or [columns, inner]
    with `transpose_b`. Both of one numeric dtype, with any strides; sizes may be 0.

    Returns a new C-contiguous array [rows, columns] of that dtype, or `out`, which must have that
    shape and dtype and lie in other memory than a and b. On overflow and NaN C says nothing and
    numpy does what np.errstate tells it; whoever wants one behaviour sets that to "ignore".

    ValueError: not two dimensions, inner sizes differ, or `out` has the wrong shape, is read-only
    or overlaps a or b. TypeError: dtypes differ.
    """
    rows, inner, columns = _sizes(a, b, transpose_a, transpose_b)
    dtype = a.dtype
    if in_c(rows, inner, columns, dtype, transpose_a, transpose_b):
        if out is None:
            out = np.empty((rows, columns), dtype)
        _native.matmul(a, b, out, transpose_a, transpose_b)
        return out
    return _multiply_in_numpy(a, b, transpose_a, transpose_b, out)


def _multiply_in_c(
    a: Matrix,
    b: Matrix,
    transpose_a: bool = False,
    transpose_b: bool = False,
    out: Matrix | None = None,
) -> Matrix:
    """The product in C, for float32 and float64 only."""
    if out is None:
        rows, _, columns = _sizes(a, b, transpose_a, transpose_b)
        out = np.empty((rows, columns), a.dtype)
    _native.matmul(a, b, out, transpose_a, transpose_b)
    return out


def _multiply_in_numpy(
    a: Matrix,
    b: Matrix,
    transpose_a: bool = False,
    transpose_b: bool = False,
    out: Matrix | None = None,
) -> Matrix:
    """The product in numpy, for every numeric dtype."""
    rows, _, columns = _sizes(a, b, transpose_a, transpose_b)
    if a.dtype != b.dtype:
        raise TypeError(f"matmul: a and b must have one dtype, not {a.dtype} and {b.dtype}")
    a = a.T if transpose_a else a
    b = b.T if transpose_b else b
    if out is not None:
        _check_out(a, b, out)
    if rows * columns <= _SMALL_RESULT and (out is None or out.flags.carray):
        return a.dot(b, out)
    return np.matmul(a, b, out=out)


# a.dot(b) costs 0.4 us less than np.matmul(a, b), but clears its result before it begins, which
# costs more than that from about this size on.
_SMALL_RESULT = 64 * 64


def _sizes(a: Matrix, b: Matrix, transpose_a: bool, transpose_b: bool) -> tuple[int, int, int]:
    """Rows, inner size and columns of the product, or ValueError."""
    try:
        (rows, inner), (inner_b, columns) = a.shape, b.shape
    except ValueError:
        raise ValueError(
            f"matmul: a and b must have 2 dimensions, not {a.ndim} and {b.ndim}: "
            f"{list(a.shape)} times {list(b.shape)}"
        ) from None
    if transpose_a:
        rows, inner = inner, rows
    if transpose_b:
        inner_b, columns = columns, inner_b
    if inner != inner_b:
        raise ValueError(
            f"matmul: [{rows}, {inner}] times [{inner_b}, {columns}]: "
            f"inner sizes {inner} and {inner_b} differ"
        )
    return rows, inner, columns


def _check_out(a: Matrix, b: Matrix, out: Matrix) -> None:
    """Raise unless a b can be written to out; a and b are as they will be multiplied."""
    if out.dtype != a.dtype:
        raise TypeError(f"matmul: out must have the dtype of a and b, {a.dtype}, not {out.dtype}")
    shape = [a.shape[0], b.shape[1]]
    if list(out.shape) != shape:
        raise ValueError(f"matmul: out must be {shape}, not {list(out.shape)}")
    if not out.flags.writeable:
        raise ValueError("matmul: out is read-only")
    if np.may_share_memory(a, out) or np.may_share_memory(b, out):
        raise ValueError("matmul: out must not overlap a or b in memory")


IMPLEMENTATIONS: dict[str, Callable[..., Matrix]] = {"numpy": _multiply_in_numpy}
if COMPILED:
    IMPLEMENTATIONS["c"] = _multiply_in_c
