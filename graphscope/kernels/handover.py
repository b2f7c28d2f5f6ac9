"""Which products of matrices are done in our own C, and which are handed over to numpy.

C costs less to call and packs nothing; numpy's BLAS is better at large products, and at those of a
matrix and a vector. Where one becomes better than the other is measured, not computed: the table
below holds the largest sizes for which C is the better one. `graphscope doctor --tune` measures it
again (tuning.py) and keeps the result in a file of the user's. The table is read once and does not
change in a process, so the same product always has the same bits.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

try:
    from graphscope.kernels import _native
except ImportError:  # installed without a C compiler
    COMPILED = False
else:
    COMPILED = True

#: The dtypes of which C does products; none where it was compiled without vectors.
C_DTYPES = frozenset(
    (np.dtype(np.float32), np.dtype(np.float64)) if COMPILED and _native.VECTORS else ()
)

#: The forms of products. "thin": fewer than 4 rows or 8 columns. "narrow": up to 16 columns.
FORMS = ("row", "column", "thin", "narrow", "wide")
#: How a and b are stored: T for transposed.
LAYOUTS = ("NN", "NT", "TN", "TT")

#: Up to so many multiplications C is always the better one.
ALWAYS = 16**3

Table = dict[str, dict[str, int]]

#: For each set of instructions and layout of b, the largest number of multiplications of each form
#: that are done in C. Measured on AMD Zen 5 with OpenBLAS 0.3.31 on one thread: against its kernels
#: for Haswell, which it takes there, and for AVX-512 also against those for SkylakeX.
_MEASURED = {
    "avx512": {
        "N": {"row": 2**15, "column": 2**12, "thin": 2**17, "narrow": 2**24, "wide": 640**3},
        "T": {"row": 2**12, "column": 2**12, "thin": 2**16, "narrow": 2**24, "wide": 640**3},
    },
    "avx2": {
        "N": {"row": 2**14, "column": 2**12, "thin": 2**16, "narrow": 2**21, "wide": 2**23},
        "T": {"row": 2**12, "column": 2**12, "thin": 2**14, "narrow": 2**21, "wide": 2**23},
    },
    "portable": {
        "N": {"row": 2**12, "column": 2**12, "thin": 2**13, "narrow": 2**14, "wide": 2**14},
        "T": {"row": 2**12, "column": 2**12, "thin": 2**12, "narrow": 2**14, "wide": 2**14},
    },
}


def default_table(instructions: str) -> Table:
    """The table that comes along for the best set of instructions of a machine."""
    return {
        f"{dtype} {layout}": _MEASURED[instructions][layout[1]]
        for dtype in ("float32", "float64")
        for layout in LAYOUTS
    }


DEFAULT = default_table(_native.INSTRUCTIONS[-1] if COMPILED else "portable")


def in_c(
    rows: int,
    inner: int,
    columns: int,
    dtype: np.dtype[Any],
    transpose_a: bool = False,
    transpose_b: bool = False,
) -> bool:
    """Whether matmul() does a product of these sizes in C. rows, columns: of the result."""
    if dtype not in C_DTYPES:
        return False
    products = rows * inner * columns
    return products <= ALWAYS or products <= _limit(
        form(rows, columns), dtype.char, bool(transpose_a), bool(transpose_b)
    )


@cache
def _limit(form: str, char: str, transpose_a: bool, transpose_b: bool) -> int:
    layout = ("T" if transpose_a else "N") + ("T" if transpose_b else "N")
    return handover().table[f"{np.dtype(char).name} {layout}"][form]


def form(rows: int, columns: int) -> str:
    """The form of a product with so many rows and columns, one of FORMS."""
    if rows == 1:
        return "row"
    if columns == 1:
        return "column"
    if rows < 4 or columns < 8:
        return "thin"
    return "narrow" if columns <= 16 else "wide"


@dataclass(frozen=True)
class Handover:
    """The table in use. file: where it was measured into; None for the one that comes along.

    problem: why a file that is there is not used, in one sentence.
    """

    table: Table
    file: Path | None = None
    problem: str | None = None


@cache
def handover() -> Handover:
    """The table of this process; the file is read the first time."""
    file = cache_file()
    try:
        content = json.loads(file.read_text("utf-8"))
        machine, table = content["machine"], _checked(content["table"])
    except FileNotFoundError:
        return Handover(DEFAULT)
    except (OSError, ValueError, TypeError, KeyError):
        return Handover(DEFAULT, problem=f"{file} cannot be read, so it is ignored.")
    if machine != this_machine():
        text = f"{file} was measured with another processor or numpy, so it is ignored."
        return Handover(DEFAULT, problem=text)
    return Handover(table, file)


def _checked(table: Any) -> Table:
    """The table, if it has the parts of one. Errors: KeyError, TypeError, ValueError."""
    checked = {key: {name: table[key][name] for name in FORMS} for key in DEFAULT}
    if not all(isinstance(size, int) for line in checked.values() for size in line.values()):
        raise ValueError("a size is not a number")
    return checked


def save(table: Table) -> Path:
    """Keep a table that was measured here for later processes; returns its file."""
    file = cache_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": this_machine(), "table": table}, indent=1)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_text(text + "\n", "utf-8")
    new.replace(file)  # whoever reads meanwhile sees the old one or the new one
    return file


def cache_file() -> Path:
    """The user's file for the table: in $XDG_CACHE_HOME, or in ~/.cache."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not folder.is_absolute():
        folder = Path.home() / ".cache"
    return folder / "graphscope" / "products.json"


def this_machine() -> dict[str, str]:
    """What a measured table depends on."""
    return {
        "processor": processor(),
        "instructions": _native.INSTRUCTIONS[-1] if COMPILED else "",
        "threads": str(threads_allowed()),
        "numpy": np.__version__,
        "blas kernels": os.environ.get("OPENBLAS_CORETYPE", ""),
    }


def processor() -> str:
    """The processor's name, with what tells it from others of that name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    words = [facts.get("model name", platform.machine())]
    words += [f"{name} {facts[name]}" for name in ("cpu family", "model") if name in facts]
    return ", ".join(words)


def threads_allowed() -> int:
    """How many threads products may use: 1 if the environment or the processors say so, else 2."""
    for variable in ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(variable, "").strip() == "1":
            return 1
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        processors = os.cpu_count() or 1
    return min(2, processors)
