"""Repetitions in a row of things: ``a b c b c b c d`` has three copies of ``b c``."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

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
    found: list[Repeat] = []
    for period in range(1, min(_LONGEST, len(codes) // COPIES) + 1):
        found += _with_period(codes, period)
    # What covers most comes first; of two that cover the same, the one of the shorter piece.
    found.sort(key=lambda repeat: (repeat.start - repeat.stop, repeat.period))
    taken = [False] * len(codes)
    kept = []
    for repeat in found:
        if not any(taken[repeat.start : repeat.stop]):
            taken[repeat.start : repeat.stop] = [True] * (repeat.stop - repeat.start)
            kept.append(repeat)
    return sorted(kept, key=lambda repeat: repeat.start)


def _with_period(codes: Sequence[int], period: int) -> list[Repeat]:
    found = []
    start = 0
    while start + period < len(codes):
        end = start
        while end + period < len(codes) and codes[end] == codes[end + period]:
            end += 1
        copies = (end - start) // period + 1
        if copies >= COPIES:
            found.append(Repeat(start, period, copies))
        start = end + 1
    return found
