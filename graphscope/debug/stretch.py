"""Runs of one plan in a row, of which only the first beginning is kept.

A training does the same step many times, and each step begins with what the one before has left. To
keep the variables of every step would take more time than the step: memory that nobody has touched
for long is slow. So of such a run only its feeds are kept, and what was fetched; everything else is
worked out, with the same numbers, when somebody asks: the runs are done again from the beginning.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.debug.keeping import Kept
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.plan import Plan
from graphscope.engine.recording import recordings
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.graph.graph import Tensor
from graphscope.kernels import pool

#: After so many runs a beginning is kept again: no more have to be done to come to any of them.
_LONGEST = 32


class Stretch:
    """The runs, by their places in it, and what the session held around them.

    states: what it held before a run, by the place: before the first, after the last, and what has
    been worked out between. opened: the stretch into which somebody has looked last; only in that
    one something is worked out, so that the memory does not grow.
    """

    def __init__(self, plan: Plan, start: State, opened: list[Stretch]) -> None:
        self.plan = plan
        self._runs: dict[int, Run] = {}
        self._states = {0: start}
        self._opened = opened
        self.first = self.end = 0

    def can_take(self, run: Run, before: State) -> bool:
        """Whether a run that begins with this can be the next one here."""
        fits = self.plan is run.plan and self.end < _LONGEST
        return fits and self._states[self.end] is before

    def take(self, run: Run, after: State) -> int:
        """Let a run be the next one. after: what the session holds behind it. Returns its place."""
        if self.end > self.first:
            del self._states[self.end]
        self._runs[self.end] = run
        self.end += 1
        self._states[self.end] = after
        return self.end - 1

    def state(self, place: int) -> State:
        """What the session held before the run at this place; behind the last one, after it."""
        if place not in self._states:
            if self not in self._opened:
                close(self._opened)
                self._opened.append(self)
            known = max(at for at in self._states if at < place)
            for at in range(known, place):
                self._states[at + 1] = done_again(self._runs[at], self._states[at])
        return self._states[place]

    @property
    def last_written(self) -> list[Value]:
        """What the variables that its runs write are behind the last one."""
        after = self._states[self.end].variables
        return [after[name] for names in self.plan.writings.values() for name in names]

    def let_go_of_first(self) -> None:
        """Forget the first run; what was behind it is the beginning."""
        after = self.state(self.first + 1)
        del self._states[self.first], self._runs[self.first]
        self.first += 1
        self._states[self.first] = after


def close(opened: list[Stretch]) -> None:
    """Forget what was worked out in these stretches."""
    for stretch in opened:
        states = stretch._states
        stretch._states = {at: states[at] for at in (stretch.first, stretch.end)}
    opened.clear()


def done_again(run: Run, before: State) -> State:
    """What a run leaves behind that has been done before, from what it began with."""
    after, known = before.copy(), recordings(run.plan)
    if known.finish(run.feeds, after) is None and known.record(run.feeds, after) is None:
        with np.errstate(all="ignore"), pool.recycled():
            for _ in interpret(run.plan, dict(run.feeds), after):
                pass
    return after


class Past:
    """A run of a stretch: its place there, the number of its nodes, and what was fetched."""

    __slots__ = ("count", "place", "results", "stretch")

    def __init__(
        self, stretch: Stretch, place: int, count: int, results: dict[Tensor, Value]
    ) -> None:
        self.stretch, self.place = stretch, place
        self.count, self.results = count, results

    @property
    def before(self) -> State:
        return self.stretch.state(self.place)

    @property
    def after(self) -> State:
        return self.stretch.state(self.place + 1)

    @property
    def written(self) -> dict[str, Value]:
        """What the variables that were written are in the end, by name."""
        before = self.before.variables
        return {n: v for n, v in self.after.variables.items() if v is not before.get(n)}

    @property
    def cells(self) -> dict[str, Any]:
        """What the session keeps for its next run, of what has changed."""
        before = self.before.cells
        return {n: v for n, v in self.after.cells.items() if v is not before.get(n)}

    def value(self, tensor: Tensor) -> Value | None:
        """What a node computed, if it was kept."""
        return self.results.get(tensor)

    @property
    def kept(self) -> Kept:
        """What was committed of it."""
        before, kept = self.before, Kept()
        kept.variables = {n: (before.variables.get(n), v) for n, v in self.written.items()}
        kept.cells = {n: (before.cells.get(n), v) for n, v in self.cells.items()}
        return kept

    @property
    def nbytes(self) -> int:
        """The bytes of what is kept of it; what is behind a stretch belongs to its first run."""
        arrays = list(self.results.values())
        if self.place == self.stretch.first:
            arrays += self.stretch.last_written
        return sum({id(array): array.nbytes for array in arrays}.values())
