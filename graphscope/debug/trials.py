"""Training on the side: what would become of the loss, from these variables, at this rate?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphscope.debug.facts import Facts
from graphscope.debug.side.runs import Feeds, calls_python, computed, initial_state, stepped
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Plan, plan
from graphscope.engine.state import State
from graphscope.graph.graph import Graph, Operation, Tensor

#: How many nodes a trial may run in all; a large graph gets fewer runs.
_NODES = 10_000
_FEWEST, _MOST = 10, 100
#: So many runs show whether a rate is right.
FEWEST = 30
#: A loss that has grown so much has exploded.
EXPLODED = 1e6


@dataclass(frozen=True)
class Trial:
    """The losses of several runs, one after the other, each before its update.

    state: what the variables are behind the last run.
    """

    losses: tuple[float, ...]
    state: State

    @property
    def first(self) -> float:
        return self.losses[0]

    @property
    def last(self) -> float:
        return self.losses[-1]

    @property
    def finite(self) -> bool:
        return bool(np.all(np.isfinite(self.losses)))

    @property
    def fall(self) -> float:
        """By which part of itself the loss has fallen; negative when it has grown."""
        if not self.finite:
            return -np.inf
        return (self.first - self.last) / max(abs(self.first), 1e-12)


@dataclass(frozen=True)
class Training:
    """A train op, with the feeds of the present run and two places to begin: the variables as they
    are now, and as they were initialized.

    fetches: what is run. loss: what it minimizes. trainers: its updates.
    """

    graph: Graph
    facts: Facts
    fetches: tuple[Operation | Tensor, ...]
    loss: Operation
    trainers: tuple[Operation, ...]
    feeds: Feeds
    now: State

    @cached_property
    def plan(self) -> Plan:
        """What one step runs, and the loss."""
        return plan(self.graph, [*self.fetches, *self.loss.outputs], self.feeds)

    @cached_property
    def begun(self) -> State | None:
        """The variables as they were initialized; None where that is not known."""
        return initial_state(self.graph, self.facts.variables)

    @property
    def start(self) -> State:
        """Where trials begin: as initialized, where that is known."""
        return (self.now if self.begun is None else self.begun).copy()

    @property
    def current(self) -> State:
        """The variables as they are now; those without a value as they would be initialized."""
        state = self.now.copy()
        for name, value in ({} if self.begun is None else self.begun.variables).items():
            state.variables.setdefault(name, value)
        return state

    @property
    def can_repeat(self) -> bool:
        """False for a graph that calls functions of the user: those are not called for a trial."""
        return not calls_python(self.plan)

    @property
    def runs(self) -> int:
        """How many runs a trial takes."""
        return min(max(_NODES // max(len(self.plan), 1), _FEWEST), _MOST)

    def step(self, state: State) -> Timeline:
        """One run as a timeline. Errors: those of a run."""
        return stepped(self.graph, self.plan.fetches, self.feeds, state.copy())

    def trial(
        self,
        runs: int,
        others: Feeds | None = None,
        state: State | None = None,
        enough: float = np.inf,
    ) -> Trial:
        """The losses of so many runs; fewer when the loss is no longer finite or has exploded.

        others: feeds in place of those of the present run. enough: when the loss has fallen by this
        part of itself, `FEWEST` runs will do. Errors: those of a run.
        """
        state = self.start if state is None else state.copy()
        feeds = {**self.feeds, **(others or {})}
        steps = plan(self.graph, self.plan.fetches, feeds)
        losses: list[float] = []
        for _ in range(runs):
            losses.append(self.loss_in(computed(steps, feeds, state)))
            if not np.isfinite(losses[-1]) or losses[-1] > EXPLODED * max(abs(losses[0]), 1.0):
                break
            if len(losses) >= FEWEST and losses[0] - losses[-1] > enough * abs(losses[0]):
                break
        return Trial(tuple(losses), state)

    def loss_in(self, values: Feeds) -> float:
        """The loss; the sum of its elements where it has several, which is what is minimized."""
        return float(np.sum(values[self.loss.outputs[0]]))


def halves(feeds: Feeds) -> tuple[Feeds, Feeds] | None:
    """The examples of a batch in two halves: the even and the odd ones. None when the feeds do not
    show which axis the examples are on."""
    batches = {
        tensor: value
        for tensor, value in feeds.items()
        if value.ndim and tensor.shape.sizes is not None and tensor.shape.sizes[0] is None
    }
    counts = {len(value) for value in batches.values()}
    if len(batches) < 2 or len(counts) != 1:
        return None
    return (
        {tensor: value[0::2] for tensor, value in batches.items()},
        {tensor: value[1::2] for tensor, value in batches.items()},
    )
