"""Products of matrices: our call beside numpy's, both into an array that is there already.

With a bias and a relu numpy needs three calls, and ours is the prepared one of the compiled runs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.kernels.matmul import matmul

from .results import Measured, Results
from .turns import Clock, Way, in_turns

#: rows, inner, columns, and which of the two is stored transposed.
PRODUCTS = {
    "small": [(4, 4, 4, ""), (8, 8, 8, ""), (16, 16, 16, ""), (32, 32, 32, "")],
    "middle": [
        *[(n, n, n, layout) for n in (64, 128, 256, 512) for layout in ("", "a", "b")],
        *[(100, 784, 100, ""), (784, 100, 100, "a"), (100, 100, 784, "b")],
        *[(128, 512, 256, ""), (512, 128, 256, "a"), (128, 256, 512, "b")],
    ],
    "handed over": [(1024, 1024, 1024, ""), (100, 784, 10, ""), (784, 100, 10, "a")],
    "bias and relu": [(8, 8, 8, ""), (64, 64, 64, ""), (100, 784, 100, ""), (128, 512, 256, "")],
}


def title(kind: str, rows: int, inner: int, columns: int, layout: str) -> str:
    sizes = f"{rows}" if rows == inner == columns else f"{rows}x{inner}x{columns}"
    between = {"": "AB", "a": "AᵀB", "b": "ABᵀ"}[layout]
    return f"{between} {sizes}" + (" +bias, relu" if kind == "bias and relu" else "")


def _prepared(
    a: NDArray[Any], b: NDArray[Any], out: NDArray[Any], layout: str, **fused: Any
) -> Callable[[], Any] | None:
    """The product as a compiled run calls it; None without the extension."""
    try:
        from graphscope.kernels._native import Operand, Product
    except ImportError:
        return None
    own = {name: Operand(v) if isinstance(v, np.ndarray) else v for name, v in fused.items()}
    return Product(
        *map(Operand, (a, b, out)), transpose_a=layout == "a", transpose_b=layout == "b", **own
    )


def _ways(kind: str, rows: int, inner: int, columns: int, layout: str) -> tuple[list[Way], float]:
    """numpy, our function, our prepared product; and the largest error of the last ones, in units
    of the rounding of one number."""
    random = np.random.default_rng(0)
    a = random.standard_normal((inner, rows) if layout == "a" else (rows, inner), np.float32)
    b = random.standard_normal((columns, inner) if layout == "b" else (inner, columns), np.float32)
    seen_a, seen_b = a.T if layout == "a" else a, b.T if layout == "b" else b
    outs = [np.empty((rows, columns), np.float32) for _ in range(3)]
    exact = seen_a.astype(np.float64) @ seen_b
    scale = np.abs(seen_a).astype(np.float64) @ np.abs(seen_b)
    if kind == "bias and relu":
        bias, zero = random.standard_normal(columns, np.float32), np.float32(0)

        def by_numpy() -> None:
            np.matmul(seen_a, seen_b, out=outs[0])
            np.add(outs[0], bias, out=outs[0])
            np.maximum(outs[0], zero, out=outs[0])

        ways = [Way("numpy", by_numpy)]
        prepared = _prepared(a, b, outs[2], layout, bias=bias, relu=True)
        exact = np.maximum(exact + bias, 0)
    else:
        ways = [
            Way("numpy", lambda: np.matmul(seen_a, seen_b, out=outs[0])),
            Way("our function", lambda: matmul(a, b, layout == "a", layout == "b", outs[1])),
        ]
        prepared = _prepared(a, b, outs[2], layout)
    if prepared is not None:
        ways.append(Way("prepared", prepared))
    for way in ways:
        way.run()
    used = [outs[("numpy", "our function", "prepared").index(way.name)] for way in ways[1:]]
    errors = [float((np.abs(out - exact) / scale).max()) for out in used]
    return ways, max(errors, default=0.0) / float(np.finfo(np.float32).eps)


def measure_products(
    rounds: int, seconds: float = 0.0, clock: Clock = time.perf_counter
) -> Results:
    """By the name of the product: numpy, graphscope (what a compiled run does: the prepared call
    where the product is done in C, else the function), and our function."""
    found: Results = {}
    for kind, products in PRODUCTS.items():
        for product in products:
            ways, error = _ways(kind, *product)
            for way in ways:
                way.clock = clock
            times = in_turns(ways, rounds, seconds)
            one = {
                name: Measured(min(seconds), float(np.median(seconds)), error)
                for name, seconds in times.items()
            }
            handed = kind == "handed over" or "prepared" not in one
            ours = one["our function"] if handed and "our function" in one else one.get("prepared")
            if ours is not None:
                one["graphscope"] = ours
            found[title(kind, *product)] = one
    return found


def names(kind: str, layout: str | None = None, below: float = math.inf) -> list[str]:
    """The products of a kind: all, those of a layout, those of fewer multiplications."""
    return [
        title(kind, *product)
        for product in PRODUCTS[kind]
        if layout in (None, product[3]) and math.prod(product[:3]) < below
    ]
