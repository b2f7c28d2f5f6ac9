"""Time the implementations of the matrix product and compare their errors.

    python -m tests.benchmarks.matmul            # as numpy's BLAS is set up
    OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.matmul

Each line is one product: for each implementation the best time of several interleaved repeats, its
speed relative to np.matmul in the same repeats (above 1 is faster), and its largest error against a
float64 product (against extended precision for float64), in units of eps * (|a| |b|). All write
into an array that is there already (out=) but for "new". "chosen" is
`graphscope.kernels.matmul.matmul`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.kernels.matmul import IMPLEMENTATIONS, matmul

from .turns import Way, in_turns

REPEATS = 9

# rows, inner, columns, transpose_a, transpose_b
PRODUCTS = [
    (1, 1, 1, False, False),
    (4, 4, 4, False, False),
    (8, 8, 8, False, False),
    (16, 16, 16, False, False),
    (32, 32, 32, False, False),
    (48, 48, 48, False, False),
    (64, 64, 64, False, False),
    (64, 64, 64, False, True),
    (96, 96, 96, False, False),
    (128, 128, 128, False, False),
    (1, 784, 10, False, False),
    (1, 784, 100, False, False),
    (100, 784, 10, False, False),
    (784, 100, 10, True, False),
    (100, 10, 784, False, True),
    (100, 784, 100, False, False),
    (784, 100, 100, True, False),
    (128, 256, 128, False, False),
    (256, 256, 256, False, False),
    (512, 512, 512, False, False),
]


def relative_error(result: NDArray[Any], a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest error, in units of eps * (|a| |b|)."""
    wide = np.float64 if result.dtype == np.float32 else np.longdouble
    rows = slice(None, None, max(1, len(a) // 64))  # extended precision is slow: 64 rows will do
    exact = a[rows].astype(wide) @ b.astype(wide)
    scale = np.abs(a[rows]).astype(wide) @ np.abs(b).astype(wide)
    error = np.abs(result[rows] - exact) / scale
    return float(error.max() / np.finfo(result.dtype).eps)


def line(product: tuple[int, int, int, bool, bool], dtype: type) -> str:
    rows, inner, columns, transpose_a, transpose_b = product
    random = np.random.default_rng(0)
    a = random.standard_normal((rows, inner)).astype(dtype)
    b = random.standard_normal((inner, columns)).astype(dtype)
    stored_a = np.ascontiguousarray(a.T) if transpose_a else a
    stored_b = np.ascontiguousarray(b.T) if transpose_b else b
    view_a = stored_a.T if transpose_a else stored_a
    view_b = stored_b.T if transpose_b else stored_b

    out = np.empty((rows, columns), dtype)

    functions: list[Callable[[], Any]] = [lambda: np.matmul(view_a, view_b, out=out)]
    for implementation in [*IMPLEMENTATIONS.values(), matmul]:
        functions.append(
            partial(implementation, stored_a, stored_b, transpose_a, transpose_b, out=out)
        )
    functions.append(partial(matmul, stored_a, stored_b, transpose_a, transpose_b))
    times = in_turns([Way(str(i), run) for i, run in enumerate(functions)], REPEATS)
    seconds = [min(own) for own in times.values()]
    layout = ("T" if transpose_a else "N") + ("T" if transpose_b else "N")
    cells = [f"{rows}x{inner}x{columns} {layout}".ljust(17), f"{seconds[0] * 1e6:10.2f} us"]
    for time_taken, function in zip(seconds[1:], functions[1:], strict=True):
        error = relative_error(function(), a, b)
        cells.append(f"{time_taken * 1e6:10.2f} us {seconds[0] / time_taken:5.2f}x {error:5.2f}")
    return " |".join(cells)


def main() -> None:
    print(f"numpy {np.__version__}")
    names = [*IMPLEMENTATIONS, "chosen", "chosen, new"]
    for dtype in np.float32, np.float64:
        heads = "".join(f" | {name:>12s}  speed error" for name in names)
        print(f"\n{dtype.__name__:17s} |    np.matmul{heads}")
        for product in PRODUCTS:
            print(line(product, dtype), flush=True)


if __name__ == "__main__":
    main()
