"""Measure anew which products C does better than numpy, for the table of handover.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np

from graphscope.kernels.handover import ALWAYS, FORMS, LAYOUTS, Table
from graphscope.kernels.matmul import IMPLEMENTATIONS

#: Sizes that are tried, one after the other, until numpy is the better one.
_SIZES = (24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
#: What stands for a form: its smallest and its typical members, for a size n.
_SHAPES: dict[str, Callable[[int], list[tuple[int, int, int]]]] = {
    "row": lambda n: [(1, n, n)],
    "column": lambda n: [(n, n, 1)],
    "thin": lambda n: [(2, n, n), (n, n, 4)],
    "narrow": lambda n: [(n, n, 10)],
    "wide": lambda n: [(n, n, n)],
}
_DTYPES = ("float32", "float64")
#: So many lines has a table.
COUNT = len(_DTYPES) * len(LAYOUTS)
_REPEATS, _LONG_REPEATS = 7, 3
_SECONDS_PER_REPEAT = 0.0005
#: C is as good when it is not slower by more than the clock can tell.
_AS_GOOD = 0.98


def measured() -> Iterator[tuple[str, dict[str, int]]]:
    """The lines of a table that holds for this machine, each as soon as it is known."""
    for dtype in _DTYPES:
        for layout in LAYOUTS:
            yield f"{dtype} {layout}", {name: _limit(dtype, layout, name) for name in FORMS}


def tuned() -> Table:
    """The whole table."""
    return dict(measured())


def _limit(dtype: str, layout: str, form: str) -> int:
    """The largest number of multiplications that C does as well as numpy."""
    limit = ALWAYS
    for size in _SIZES:
        shapes = _SHAPES[form](size)
        if not all(_c_is_as_good(shape, dtype, layout) for shape in shapes):
            break
        limit = max(limit, *(rows * inner * columns for rows, inner, columns in shapes))
    return limit


def _c_is_as_good(shape: tuple[int, int, int], dtype: str, layout: str) -> bool:
    rows, inner, columns = shape
    transpose_a, transpose_b = layout[0] == "T", layout[1] == "T"
    random = np.random.default_rng(0)
    a = random.standard_normal((inner, rows) if transpose_a else (rows, inner)).astype(dtype)
    b = random.standard_normal((columns, inner) if transpose_b else (inner, columns)).astype(dtype)
    out = np.empty((rows, columns), dtype)
    seconds = {"c": float("inf"), "numpy": float("inf")}
    loops = 0
    for repeat in range(_REPEATS):
        if repeat == _LONG_REPEATS and loops == 1:
            break
        for name in seconds:
            multiply = IMPLEMENTATIONS[name]
            began, done = perf_counter(), 0
            while done < loops or done == 0:
                multiply(a, b, transpose_a, transpose_b, out)
                done += 1
            seconds[name] = min(seconds[name], (perf_counter() - began) / done)
        loops = max(1, round(_SECONDS_PER_REPEAT / min(seconds.values())))
    return seconds["c"] * _AS_GOOD <= seconds["numpy"]
