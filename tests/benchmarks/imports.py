"""How long an import takes, in processes that do nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping

from .results import Results, measured
from .turns import Way, in_turns
from .workers import environment

#: What is done in a process, of which interpreter.
IMPORTS = {
    "nothing": ("numpy", "pass"),
    "numpy": ("numpy", "import numpy"),
    "graphscope": ("graphscope", "import graphscope"),
    "torch": ("torch", "import torch"),
    "jax": ("jax", "import jax.numpy"),
    "autograd": ("autograd", "import autograd.numpy, autograd"),
    "mygrad": ("mygrad", "import mygrad"),
    "tf1": ("tf1", "import tensorflow"),
}

#: An import may leave things for later: so much is in use as soon as there is a first number.
FIRST_NUMBERS = {
    "numpy": ("numpy", "import numpy as np; np.tanh(np.float32(1))"),
    "graphscope": (
        "graphscope",
        "import graphscope as tf; tf.Session().run(tf.tanh(tf.constant(1.0)))",
    ),
    "torch": ("torch", "import torch; torch.tanh(torch.tensor(1.0)).item()"),
    "jax": ("jax", "import jax.numpy as np; float(np.tanh(1.0))"),
    "tf1": ("tf1", "import tensorflow as tf; tf.Session().run(tf.tanh(tf.constant(1.0)))"),
}

ROWS = {"import": IMPORTS, "import and a first number": FIRST_NUMBERS}


def of_children() -> float:
    """The processor's time of all processes that were waited for; only where there is fork."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_imports(
    pythons: Mapping[str, str], rounds: int, clock: str = "perf_counter"
) -> Results:
    """Seconds of a whole process, from its start to its end."""
    seconds = of_children if clock == "process_time" else time.perf_counter

    def way(name: str, python: str, line: str) -> Way:
        command = [python, "-c", line]

        def run() -> None:
            subprocess.run(command, check=True, env=environment(), stderr=subprocess.DEVNULL)

        return Way(name, run, calls=1, clock=seconds)

    found: Results = {}
    for row, lines in ROWS.items():
        ways = [
            way(name, pythons[owner], line)
            for name, (owner, line) in lines.items()
            if owner in pythons
        ]
        found[row] = {name: measured(own) for name, own in in_turns(ways, rounds).items()}
    return found


def main() -> None:
    found = measure_imports({"numpy": sys.executable, "graphscope": sys.executable}, 10)
    for row, cells in found.items():
        for name, one in cells.items():
            print(f"{row:28}{name:12}{one.best:8.3f} s, median {one.median:.3f}")


if __name__ == "__main__":
    main()
