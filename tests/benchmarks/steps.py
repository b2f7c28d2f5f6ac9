"""Training steps: everybody starts from the same weights, reaches the same loss, and is timed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .problems import problem
from .reference import trained
from .results import Measured, Results, measured
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
    tell: Callable[[str], None] = print,
) -> Results:
    """Each model by each worker that has it. rounds, seconds: see `turns.in_turns`.

    Errors: AssertionError where a loss is another.
    """
    found: Results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            tell(f"{name}: ...")
            found[name] = _measured(workers, name, (rounds, seconds), steps, Path(folder), tell)
    return found


def _measured(
    workers: Sequence[Worker],
    name: str,
    how_long: tuple[int, float],
    steps: int,
    folder: Path,
    tell: Callable[[str], None],
) -> dict[str, Measured]:
    arrays, file = problem(name), folder / f"{name}.npz"
    np.savez(file, **arrays)
    losses, weights = trained(name, arrays, steps)
    errors, remotes = {}, []
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
        weight_error = max(float(np.abs(end - right).max()) for end, right in pairs)
        errors[worker.name] = (loss_error, weight_error)
        remotes.append(Remote(worker, SECONDS_OF_A_SAMPLE))
    times = in_turns(remotes, *how_long)
    return {one: measured(times[one], *errors[one]) for one in errors}
