"""Ways of doing the same, timed in turns, and a table of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Way:
    """One way of doing it.

    beside: the name of the way that it is compared with. kept: the bytes of the values that can be
    looked at afterwards. error: how far its results are from those of the reference.
    """

    name: str
    run: Callable[[], Any]
    beside: str | None = None
    kept: int | None = None
    error: float | None = None


def in_turns(ways: Sequence[Way], rounds: int) -> Times:
    """The seconds of each way in each round, after a round that does not count."""
    times: Times = {way.name: [] for way in ways}
    for _ in range(rounds + 1):
        for way in ways:
            began = time.perf_counter()
            way.run()
            times[way.name].append(time.perf_counter() - began)
    return {name: own[1:] for name, own in times.items()}


def heading(title: str) -> str:
    return f"\n{title:34}{'median ms':>10}   {'ratio to':41}{'kept MB':>8}{'error':>9}"


def row(way: Way, times: Times) -> str:
    """The median time, and the median of the ratios in each round, with their quartiles."""
    ratio = ""
    if way.beside is not None:
        own, other = np.array(times[way.name]), np.array(times[way.beside])
        if len(own) != len(other):  # not of the same rounds
            other = np.median(other)
        low, middle, high = np.percentile(own / other, [25, 50, 75])
        ratio = f"{middle:.2f} ({low:.2f} to {high:.2f}) {way.beside}"
    kept = "" if way.kept is None else f"{way.kept / 1e6:.2f}"
    error = "" if way.error is None else f"{way.error:.0e}"
    median = np.median(times[way.name]) * 1e3
    return f"  {way.name:32}{median:10.2f}   {ratio:41}{kept:>8}{error:>9}".rstrip()
