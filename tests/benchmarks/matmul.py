"""Products of matrices: speed beside error, for every way of doing them.

    OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.matmul
    python -m tests.benchmarks.matmul float64 avx2     # another type, other instructions

Each line is one product, or one with a bias and a relu. For each way: the best time of several
samples taken in turns, its speed relative to numpy's in the same samples (above 1 is faster), and
the largest error against a wider product, in units of eps * (|a| |b|).

numpy: np.matmul(out=), for a bias and a relu followed by np.add(out=) and np.maximum(out=).
prepared: a `_native.Product`. matmul: `graphscope.kernels.matmul.matmul` with `out`, which asks the
table whether C or numpy is to do it; "numpy" behind it says that it was numpy.

"peak" is what the processor can do at most on one core, measured by peak.c where there is gcc.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.kernels import _native
from graphscope.kernels.matmul import in_c, matmul, use_threads

from .turns import Way, in_turns

REPEATS, SECONDS = 15, 0.3

Array = NDArray[Any]

#: rows, inner, columns; how a and b are stored (T is transposed); whether with bias and relu.
PRODUCTS = [
    *[(n, n, n, "NN", False) for n in (1, 2, 4, 8, 16, 32, 48, 64)],
    (100, 784, 10, "NN", False),
    (100, 784, 100, "NN", False),
    (128, 512, 256, "NN", False),
    *[(n, n, n, "NN", False) for n in (128, 256, 512, 1024, 2048)],
    (784, 100, 10, "TN", False),
    (784, 100, 100, "TN", False),
    (512, 128, 256, "TN", False),
    *[(n, n, n, "TN", False) for n in (64, 256, 512)],
    (100, 10, 784, "NT", False),
    (100, 100, 784, "NT", False),
    (128, 256, 512, "NT", False),
    *[(n, n, n, "NT", False) for n in (64, 128, 256, 512)],
    (1, 784, 100, "NN", False),
    (784, 100, 1, "NN", False),
    *[(n, n, n, "NN", True) for n in (8, 64, 512)],
    (100, 784, 100, "NN", True),
    (128, 512, 256, "NN", True),
]


def peak() -> list[float]:
    """GFLOP/s of float32 and of float64 at most; nothing where peak.c cannot be compiled."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "peak"
        source = Path(__file__).with_name("peak.c")
        try:
            compiler = ["gcc", "-O3", "-march=native", str(source), "-o", str(program)]
            subprocess.run(compiler, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return []
        done = subprocess.run([str(program)], check=True, capture_output=True, text=True)
    return [float(line) for line in done.stdout.split()]


def relative_error(result: Array, a: Array, b: Array, bias: Array | None) -> float:
    """The largest error, in units of eps * (|a| |b|)."""
    wide = np.float64 if result.dtype == np.float32 else np.longdouble
    rows = slice(None, None, max(1, len(a) // 64))  # extended precision is slow: 64 rows will do
    exact = a[rows].astype(wide) @ b.astype(wide)
    scale = np.abs(a[rows]).astype(wide) @ np.abs(b).astype(wide)
    if bias is not None:
        exact = np.maximum(exact + bias, 0)
    error = np.abs(result[rows] - exact) / scale
    return float(error.max() / np.finfo(result.dtype).eps)


def ways(a: Array, b: Array, layout: str, bias: Array | None) -> dict[str, Callable[[], Array]]:
    """What is compared. a, b: as they are multiplied."""
    turned = layout[0] == "T", layout[1] == "T"
    stored_a = np.ascontiguousarray(a.T) if turned[0] else a
    stored_b = np.ascontiguousarray(b.T) if turned[1] else b
    seen_a, seen_b = stored_a.T if turned[0] else stored_a, stored_b.T if turned[1] else stored_b
    outs = [np.empty((len(a), b.shape[1]), a.dtype) for _ in range(3)]
    zero = a.dtype.type(0)
    more = {} if bias is None else {"bias": _native.Operand(bias), "relu": True}
    product = _native.Product(
        *map(_native.Operand, (stored_a, stored_b, outs[1])),
        transpose_a=turned[0],
        transpose_b=turned[1],
        **more,
    )

    def finished(run: Callable[[], Array]) -> Callable[[], Array]:
        """That, and what is to be done to it; no call more than is needed."""

        def run_all() -> Array:
            out = run()
            np.add(out, bias, out=out)
            return np.maximum(out, zero, out=out)

        return run if bias is None else run_all

    return {
        "numpy": finished(lambda: np.matmul(seen_a, seen_b, out=outs[0])),
        "prepared": product,
        "matmul": finished(lambda: matmul(stored_a, stored_b, turned[0], turned[1], outs[2])),
        "result": lambda: outs[1],
    }


def line(product: tuple[int, int, int, str, bool], dtype: np.dtype[Any], most: float) -> str:
    """One line of the table."""
    rows, inner, columns, layout, finished = product
    random = np.random.default_rng(0)
    a = random.standard_normal((rows, inner)).astype(dtype)
    b = random.standard_normal((inner, columns)).astype(dtype)
    bias = random.standard_normal(columns).astype(dtype) if finished else None
    runs = ways(a, b, layout, bias)
    result = runs.pop("result")
    times = in_turns([Way(name, run) for name, run in runs.items()], REPEATS, SECONDS)
    best = {name: min(own) for name, own in times.items()}
    rate = 2e-9 * rows * inner * columns / best["prepared"]
    share = f"{rate / most:4.0%}" if most else ""
    cells = [f"{rows}x{inner}x{columns} {layout}{' bias relu' if finished else ''}".ljust(25)]
    for name, run in runs.items():
        run()
        error = relative_error(result() if name == "prepared" else run(), a, b, bias)
        speed = f"{best['numpy'] / best[name]:6.2f}x" if name != "numpy" else ""
        rest = f"{rate:7.1f} {share:>5}" if name == "prepared" else ""
        cells.append(f"{best[name] * 1e6:10.2f} {speed} {error:5.2f} {rest}".rstrip())
    table = in_c(rows, inner, columns, dtype, layout[0] == "T", layout[1] == "T")
    return " | ".join(cells) + ("" if table else " numpy")


def main(words: list[str]) -> None:
    dtype = np.dtype(words[0] if words else "float32")
    if len(words) > 1:
        _native.use(words[1])
    name = _native.use(_native.INSTRUCTIONS[-1])
    _native.use(name)
    threads = use_threads(1)
    use_threads(threads)
    known = peak()
    most = known[dtype == np.float64] if known else 0.0
    print(f"numpy {np.__version__}; {dtype}; ours with {name} and {threads} threads; peak {most}")
    print(
        f"\n{'':25} | {'numpy us':>10} {'error':>6} | {'prepared us':>10} {'speed':>6} {'error':>6}"
        f" {'GFLOP/s':>7} {'peak':>5} | {'matmul us':>10} {'speed':>7} {'error':>5}"
    )
    for product in PRODUCTS:
        print(line(product, dtype, most), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
