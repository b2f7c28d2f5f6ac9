"""What it costs to make a graph of 10,000 operations, to differentiate it, and to run it first."""

from __future__ import annotations

from collections.abc import Sequence

from .results import Measured, Results
from .workers import Worker, WorkerError

LENGTH = 10_000

#: These take minutes over a gradient of so many operations: they do it once.
SLOW = ("tf1",)

#: The row of the table for what a worker measures.
ROWS = {
    "build": "build an operation",
    "gradient": "gradients of 10,000 operations",
    "first run": "first run of 10,000 operations",
    "second run": "second run of 10,000 operations",
    "first gradient run": "first run of their gradients",
}


def measure_construction(
    workers: Sequence[Worker],
    rounds: int,
    length: int = LENGTH,
    slow: bool = True,
    clock: str = "perf_counter",
) -> Results:
    """slow: ask also those that take minutes."""
    found: Results = {row: {} for row in ROWS.values()}
    for worker in workers:
        if worker.name in SLOW and not slow:
            continue
        count = 1 if worker.name in SLOW else rounds
        try:
            numbers = worker.ask("measure", "construction", length, count, clock)
        except WorkerError:
            continue
        for name, row in ROWS.items():
            if numbers is not None and name in numbers:
                seconds = numbers[name] / (length if name == "build" else 1)
                found[row][worker.name] = Measured(seconds, seconds)
    return found
