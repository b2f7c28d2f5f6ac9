"""How long an import takes, in processes that do nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from .results import Results, measured
from .turns import Way, in_turns
from .workers import environment

#: What is imported, of which interpreter.
MODULES = {
    "nothing": "numpy",
    "numpy": "numpy",
    "graphscope": "graphscope",
    "torch": "torch",
    "jax": "jax",
    "autograd": "autograd",
    "mygrad": "mygrad",
    "tf1": "tf1",
}

_LINES = {
    "nothing": "pass",
    "jax": "import jax.numpy",
    "autograd": "import autograd.numpy, autograd",
    "tf1": "import tensorflow",
}


def measure_imports(pythons: Mapping[str, str], rounds: int) -> Results:
    """Seconds of a whole process, from its start to its end."""

    def way(name: str, python: str) -> Way:
        command = [python, "-c", _LINES.get(name, f"import {name}")]

        def run() -> None:
            subprocess.run(command, check=True, env=environment(), stderr=subprocess.DEVNULL)

        return Way(name, run, calls=1)

    ways = []
    for name, owner in MODULES.items():
        python = pythons.get(owner)
        if python is not None:
            ways.append(way(name, python))
    times = in_turns(ways, rounds)
    return {"import": {name: measured(seconds) for name, seconds in times.items()}}


def main() -> None:
    found = measure_imports({"numpy": sys.executable, "graphscope": sys.executable}, 10)
    for name, one in found["import"].items():
        print(f"{name:12}{one.best:8.3f} s, median {one.median:.3f}")


if __name__ == "__main__":
    main()
