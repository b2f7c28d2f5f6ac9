"""Repetitions in a row of things: ``a b c b c b c d`` has three copies of ``b c``."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

#: A repetition has at least so many copies: the first, the last, and two to fold.
COPIES = 4
#: Longer pieces than this are not looked for.
_LONGEST = 64


@dataclass(frozen=True)
class Repeat:
    """`copies` pieces of `period` things each, one after the other, from `start` on."""

    start: int
    period: int
    copies: int

    @property
    def stop(self) -> int:
        return self.start + self.period * self.copies

    @property
    def middle(self) -> range:
        """All but the first and the last copy."""
        return range(self.start + self.period, self.stop - self.period)


def repeats(row: Sequence[Hashable]) -> list[Repeat]:
    """The repetitions that cover most, without overlap, in order. None is a thing that is equal to
    no other."""
    numbers: dict[Hashable, int] = {}
    codes = [
        -1 - i if thing is None else numbers.setdefault(thing, len(numbers))
        for i, thing in enumerate(row)
    ]
    # What covers most comes first; of two that cover the same, the one of the shorter piece.
    waiting: list[tuple[int, int, int, int]] = []
    for period in range(1, min(_LONGEST, len(codes) // COPIES) + 1):
        for start, stop in _with_period(codes, period):
            _offer(waiting, start, stop, period)
    taken = [False] * len(codes)
    kept = []
    while waiting:
        covered, period, start, stop = heapq.heappop(waiting)
        places = slice(start, start - covered)
        if not any(taken[places]):
            taken[places] = [True] * -covered
            kept.append(Repeat(start, period, -covered // period))
            continue
        for free, group in groupby(range(start, stop), lambda place: not taken[place]):
            if free:  # what others have left of it
                left = list(group)
                _offer(waiting, left[0], left[-1] + 1, period)
    return sorted(kept, key=lambda repeat: repeat.start)


def _offer(waiting: list[tuple[int, int, int, int]], start: int, stop: int, period: int) -> None:
    copies = (stop - start) // period
    if copies >= COPIES:
        heapq.heappush(waiting, (-copies * period, period, start, stop))


def _with_period(codes: Sequence[int], period: int) -> Iterator[tuple[int, int]]:
    """Where things equal those `period` places on: the start of each such run, and its end."""
    start = 0
    while start + period < len(codes):
        end = start
        while end + period < len(codes) and codes[end] == codes[end + period]:
            end += 1
        yield start, end + period
        start = end + 1
