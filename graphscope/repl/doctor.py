"""``graphscope doctor``: what this installation has, and the tuning of its products."""

from __future__ import annotations

import platform
from collections.abc import Iterator

import numpy as np

import graphscope
from graphscope.debug.errors import DebugError
from graphscope.debug.progress import counted
from graphscope.kernels import handover
from graphscope.kernels.matmul import use_threads
from graphscope.repl.words import told
from graphscope.show.engines import HINT, find_engine

USAGE = """\
usage: graphscope doctor [--tune]

Says what this installation has. With --tune it measures, for about 20 seconds,
which products of matrices are done faster by its own C and which by numpy, and
keeps that for later runs.
"""


def doctor(words: list[str]) -> int:
    """Do what the words behind `doctor` say; returns the exit code."""
    if words in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if words not in ([], ["--tune"]):
        return told(f"doctor takes --tune, not {' '.join(words)}")
    for name, text in findings():
        print(f"{name:<13}{text}")
    if words:
        return tune()
    return 0


def findings() -> Iterator[tuple[str, str]]:
    """What there is, a name and a sentence each."""
    yield "GraphScope", graphscope.__version__
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield "numpy", np.__version__
    yield "processor", handover.processor()
    yield "C", _compiled()
    yield "products", _products()
    yield "pictures", _pictures()


def _compiled() -> str:
    if not handover.COMPILED:
        return "not compiled; numpy does all products. Install again where there is a C compiler."
    from graphscope.kernels import _native

    threads = use_threads(1)
    use_threads(threads)
    many = "2 threads" if threads == 2 else "1 thread"
    return f"compiled; uses {_native.INSTRUCTIONS[-1]} instructions and {many}"


def _products() -> str:
    state = handover.handover()
    if not handover.C_DTYPES:
        return "all by numpy"
    if state.problem:
        return f"{state.problem} graphscope doctor --tune measures anew."
    if state.file:
        return f"in C or by numpy as measured here: {state.file}"
    return "in C or by numpy as measured elsewhere. graphscope doctor --tune measures it here."


def _pictures() -> str:
    try:
        drawer = find_engine()
    except DebugError as error:
        return str(error)
    return f"drawn by {drawer}" if drawer else f"in the terminal only; {HINT}"


def tune() -> int:
    """Measure which products C does better, say it and keep it; returns the exit code."""
    if not handover.C_DTYPES:
        print("There is nothing to measure: numpy does all products.")
        return 1
    from graphscope.kernels.tuning import COUNT, measured

    table = dict(counted(measured(), "measuring products", COUNT))
    print("\nThe largest number of multiplications that C does as fast as numpy:")
    print(" " * 12 + "".join(f"{form:>15}" for form in handover.FORMS))
    for line, limits in table.items():
        print(f"{line:<12}" + "".join(f"{limits[form]:>15,}" for form in handover.FORMS))
    print(f"Kept in {handover.save(table)} for runs that begin from now on.")
    return 0
