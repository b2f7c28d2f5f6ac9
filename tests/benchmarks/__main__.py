"""Measure GraphScope beside its peers: python -m tests.benchmarks --help; see README.md here."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import construction, imports, machine, products, steps, table, watching
from .problems import TITLES
from .results import Results
from .workers import OWN, SCRIPTS, Worker, environment, started

#: Rounds of a whole run and of a quick one, and the seconds for which each row goes on.
ROUNDS, QUICK = (12, 8.0), (4, 1.5)

OTHERS = ("products", "construction", "import", "watching")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure GraphScope beside numpy by hand, and beside the libraries that are "
        "installed in other interpreters.",
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="NAMES=PATH",
        help="an interpreter, and which libraries are asked of it, with commas: "
        + ", ".join(name for name in SCRIPTS if name not in OWN),
    )
    parser.add_argument(
        "--only", default="", help=f"some of {', '.join([*TITLES, *OTHERS])}, with commas"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds, and nothing of minutes")
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu counts the time of each process alone, where other programs run beside",
    )
    parser.add_argument("--threads", type=int, default=1, help="measure the steps on so many, too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    return parser.parse_args(words)


def interpreters(pairs: Sequence[str]) -> dict[str, str]:
    """By the implementation. Errors: SystemExit for one that there is not."""
    found = dict.fromkeys(OWN, sys.executable)
    for pair in pairs:
        names, equals, path = pair.partition("=")
        for name in names.split(","):
            if not equals or name not in SCRIPTS:
                raise SystemExit(f"--python {pair}: NAMES are of {', '.join(SCRIPTS)}")
            found[name] = path
            if name == "torch":
                found["torch.nn"] = path
    return found


def on_more_threads(
    pythons: dict[str, str],
    threads: int,
    names: Sequence[str],
    how_long: tuple[int, float],
    one: Results,
) -> dict[str, dict[str, float]]:
    """How many times as long each takes on one thread as on so many."""
    workers, _ = started(pythons, threads)
    try:
        more = steps.measure_steps(workers, names, *how_long, steps=2)
    finally:
        close(workers)
    return {
        row: {
            name: one[row][name].best / cell.best
            for name, cell in cells.items()
            if name in one[row]
        }
        for row, cells in more.items()
    }


def close(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.close()


def main() -> None:
    asked = arguments()
    pythons = interpreters(asked.python)
    if os.environ.get("OMP_NUM_THREADS") != "1":  # BLAS reads it when numpy is imported
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
        os.execve(sys.executable, command, environment())
    only = asked.only.split(",") if asked.only else [*TITLES, *OTHERS]
    clock = "process_time" if asked.clock == "cpu" else "perf_counter"
    how_long = QUICK if asked.quick else ROUNDS
    rounds, seconds = how_long
    models = [name for name in only if name in TITLES]
    workers, missing = started(pythons)
    for name, why in missing.items():
        print(f"{name}: {why}")
    found: Results = {}
    try:
        for worker in workers:
            print(f"{worker.name}: {worker.ask('about')}")
        found |= steps.measure_steps(workers, models, *how_long, clock=clock)
        if "construction" in only:
            few = max(2, rounds // 4)
            found |= construction.measure_construction(
                workers, few, slow=not asked.quick, clock=clock
            )
    finally:
        close(workers)
    if "products" in only:
        found |= products.measure_products(rounds, seconds / 10, getattr(time, clock))
    if "import" in only:
        found |= imports.measure_imports(pythons, rounds, clock)
    if "watching" in only:
        found |= watching.measure_watching(*how_long, getattr(time, clock))
    threads = None
    if asked.threads > 1:
        threads = on_more_threads(pythons, asked.threads, models, how_long, found)
    print(table.plain(table.details_of(found)), table.plain(table.rows_of(found)), sep="\n\n")
    facts = machine.facts()
    if asked.clock == "cpu":
        facts["times"] = "of the process alone, while other programs ran"
    print(table.facts_in_words(facts))
    if asked.markdown:
        asked.markdown.write_text(table.page(found, facts, threads), encoding="utf-8")


if __name__ == "__main__":
    main()
