"""One process for each implementation, asked by lines: see peers/protocol.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"

#: Whom an implementation is asked of: the script and its arguments.
SCRIPTS = {
    "numpy": ["run_numpy.py"],
    "graphscope": ["run_graphscope.py"],
    "tf1": ["run_tf1.py"],
    "torch": ["run_torch.py"],
    "torch.nn": ["run_torch.py", "nn"],
    "jax": ["run_jax.py"],
    "autograd": ["run_autograd.py"],
    "mygrad": ["run_mygrad.py"],
    "micrograd": ["run_micrograd.py"],
    "dezero": ["run_dezero.py"],
}

#: These are asked of the interpreter that runs the benchmarks.
OWN = ("numpy", "graphscope")


class WorkerError(Exception):
    """What a worker answered in place of a result."""


def environment(threads: int = 1) -> dict[str, str]:
    """The variables of a worker: so many threads, and this repository first.

    OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are not handed on: they choose a kernel which is not that
    of the machine. Bytecode is kept, so that imports are as they are every day.
    """
    own = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE"):
        own.pop(name, None)
    for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
        own[f"{name}_NUM_THREADS"] = str(threads)
    if threads == 1:
        own["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        own["NPROC"] = "1"  # how many threads JAX starts
    own.update(TF_CPP_MIN_LOG_LEVEL="3", JAX_PLATFORMS="cpu")
    own["PYTHONPATH"] = str(ROOT)
    return own


class Worker:
    """A running implementation. `with Worker(...)` ends it."""

    def __init__(self, name: str, python: str = sys.executable, threads: int = 1) -> None:
        script, *arguments = SCRIPTS[name]
        self.name = name
        self._process = subprocess.Popen(
            [python, str(PEERS / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if name not in OWN else None,
            env=environment(threads),
            text=True,
        )
        self._asked: IO[str] = _there(self._process.stdin)
        self._answers: IO[str] = _there(self._process.stdout)

    def ask(self, *command: Any) -> Any:
        """What it answers. Errors: WorkerError."""
        try:
            self._asked.write(json.dumps(command) + "\n")
            self._asked.flush()
        except BrokenPipeError:
            pass  # it ended: there is no line to read either
        line = self._answers.readline()
        if not line:
            raise WorkerError(f"{self.name} has ended, as it was asked for {command[0]}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.name}: {answer['error']}")
        return answer["answer"]

    def weights(self, path: Path) -> list[NDArray[Any]]:
        """The present ones, through a file."""
        self.ask("weights", str(path))
        with np.load(path) as arrays:
            return [arrays[name] for name in arrays.files]

    def close(self) -> None:
        for pipe in (self._asked, self._answers):
            pipe.close()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _there(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@dataclass
class Remote:
    """A model in another process, whose steps are timed there: see turns.Timed."""

    worker: Worker
    seconds: float
    clock: str

    @property
    def name(self) -> str:
        return self.worker.name

    def sample(self) -> float:
        return float(self.worker.ask("sample", self.seconds, self.clock))


def started(pythons: Mapping[str, str], threads: int = 1) -> tuple[list[Worker], dict[str, str]]:
    """A worker for each name with its interpreter; and why there is none, for the others."""
    workers, missing = [], {}
    for name, python in pythons.items():
        worker = Worker(name, python, threads)
        try:
            worker.ask("about")
        except WorkerError:
            missing[name] = "it does not start there"
            worker.close()
        else:
            workers.append(worker)
    return workers, missing
