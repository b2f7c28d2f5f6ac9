"""Ways of doing the same, timed in turns: what disturbs the machine disturbs all of them alike.

Whatever has a `name` and a `sample`, which gives the seconds of one call, can take its turn: a
function of this process (`Way`) or a model in another one (`workers.Remote`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

Times = dict[str, list[float]]

#: Gives seconds: time.perf_counter, or time.process_time, which counts those of this process alone.
Clock = Callable[[], float]

#: A sample is one call, or as many as take about so long.
SECONDS_OF_A_SAMPLE = 0.003


class Timed(Protocol):
    @property
    def name(self) -> str: ...

    def sample(self) -> float: ...


@dataclass
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
    calls: int = field(default=0, repr=False)
    clock: Clock = time.perf_counter

    def sample(self) -> float:
        """Seconds of one call, as the mean of as many as a sample needs."""
        run, clock = self.run, self.clock
        if not self.calls:
            run()
            began = clock()
            run()
            self.calls = max(1, int(SECONDS_OF_A_SAMPLE / (clock() - began)))
        run()  # not timed: the caches are full of what the others did
        began = clock()
        for _ in range(self.calls):
            run()
        return (clock() - began) / self.calls


def in_turns(ways: Sequence[Timed], rounds: int, seconds: float = 0.0) -> Times:
    """The seconds of each way in each round, after a round that does not count.

    seconds: there are more rounds until so much time is over: where other programs run, the best
    one of many short samples is of a quiet moment.
    """
    times: Times = {way.name: [] for way in ways}
    for way in ways:
        way.sample()
    end, done = time.perf_counter() + seconds, 0
    while done < rounds or time.perf_counter() < end:
        for way in ways:
            times[way.name].append(way.sample())
        done += 1
    return times


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
