"""Where it was measured."""

from __future__ import annotations

import contextlib
import datetime
import io
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np


def _cpu() -> dict[str, str]:
    """What Linux says of the first core; elsewhere what Python knows."""
    file = Path("/proc/cpuinfo")
    if not file.exists():
        return {"model name": platform.processor() or platform.machine()}
    found: dict[str, str] = {}
    for line in file.read_text().splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found


def _blas() -> str:
    """The BLAS that numpy was built with."""
    try:
        known: Any = np.show_config("dicts")  # type: ignore[call-overload]
    except TypeError:  # an older numpy, which can only print it
        with contextlib.redirect_stdout(io.StringIO()):
            return "a BLAS that it does not name"
    blas = known["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def facts() -> dict[str, str]:
    """The machine, the versions and the day, by what they are."""
    cpu = _cpu()
    flags = set(cpu.get("flags", "").split())
    sets = [name for name in ("sse2", "avx2", "fma", "avx512f") if name in flags]
    family = f" (family {cpu['cpu family']}, model {cpu['model']})" if "cpu family" in cpu else ""
    return {
        "CPU": cpu.get("model name", platform.machine()) + family,
        "cores": str(os.cpu_count()),
        "instruction sets": ", ".join(sets) or platform.machine(),
        "Python": platform.python_version(),
        "numpy": f"{np.__version__}, {_blas()}",
        "day": datetime.date.today().isoformat(),
    }
