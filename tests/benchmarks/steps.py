"""Training steps: everybody starts from the same weights, reaches the same loss, and is timed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .problems import problem
from .reference import trained
from .results import Results, measured
from .turns import SECONDS_OF_A_SAMPLE, in_turns
from .workers import Remote, Worker, WorkerError

#: So many steps are compared, and the losses agree to four decimals after each.
STEPS = 20
TOLERANCE = 0.5e-4


def measure_steps(
    workers: Sequence[Worker],
    names: Sequence[str],
    rounds: int,
    seconds: float = 0.0,
    steps: int = STEPS,
    clock: str = "perf_counter",
    tell: Callable[[str], None] = print,
) -> Results:
    """Each model by each worker that has it. rounds, seconds: see `turns.in_turns`.

    Errors: AssertionError where a loss is another.
    """
    found: Results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            tell(f"{name}: ...")
            errors = _compared(workers, name, steps, Path(folder), tell)
            ready = [worker for worker in workers if worker.name in errors]
            ways = [Remote(worker, SECONDS_OF_A_SAMPLE, clock) for worker in ready]
            times = in_turns(ways, rounds, seconds)
            found[name] = {one: measured(times[one], *errors[one]) for one in errors}
    return found


def _compared(
    workers: Sequence[Worker], name: str, steps: int, folder: Path, tell: Callable[[str], None]
) -> dict[str, tuple[float, float]]:
    """How far the loss and the weights of each are off; those that have not got the model, or
    cannot run it, are left out."""
    arrays, file = problem(name), folder / f"{name}.npz"
    np.savez(file, **arrays)
    losses, weights = trained(name, arrays, steps)
    errors = {}
    for worker in workers:
        try:
            if worker.ask("build", name, str(file)) is None:
                continue
            own = worker.ask("learn", steps)
            ends = worker.weights(folder / "weights.npz")
        except WorkerError as error:
            tell(f"  {error}")
            continue
        loss_error = float(np.abs(np.subtract(own, losses)).max())
        if not loss_error <= TOLERANCE:
            raise AssertionError(
                f"{worker.name}, {name}: its losses are off by {loss_error:.1e}: {own[-1]:.6f} "
                f"after {steps} steps, and {losses[-1]:.6f} is right"
            )
        pairs = zip(ends, weights, strict=True)
        errors[worker.name] = loss_error, max(float(np.abs(a - b).max()) for a, b in pairs)
    return errors
