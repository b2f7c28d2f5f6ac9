"""What happened in a run, and the place in it at which we look.

The timeline is an append-only list of steps and a cursor. Moving forward past the last step runs
the next node; every other move only moves the cursor. Nothing is ever undone or run twice. An edit
of the past discards what came after it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from copy import copy
from typing import Any

import numpy as np

from graphscope.debug.keeping import Kept
from graphscope.debug.seeing import Seeing
from graphscope.debug.steps import AnyValue as AnyValue
from graphscope.debug.steps import Moment as Moment
from graphscope.debug.steps import Step as Step
from graphscope.debug.steps import StepTest as StepTest
from graphscope.debug.steps import Written
from graphscope.debug.stretch import Past, Stretch
from graphscope.engine.interpreter import Value
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels import pool

#: Of runs that are past what was committed is worked out.
_NOTHING_KEPT = Kept()


class Timeline(Seeing):
    """The history of one run. Time `t` is the number of nodes that have run.

    run:    the prepared call of `Session.run`.
    state:  the session's variables when the run begins. They are not changed before `commit`.
    number: which run of the debugged ones it is, from 1.
    way:    a number that is another one after each edit.
    overrides: values for outputs of nodes that have not run yet.
    """

    # ---- moving --------------------------------------------------------------------------------

    def forward(self) -> Step:
        """One step on. Errors: DebugError at the end; what the node raises, as often as asked."""
        steps = self._journal.steps
        if self.t == len(steps):
            with np.errstate(all="ignore"), pool.recycled():
                self._append(self._next())
        self.t += 1
        return steps[self.t - 1]

    def forward_until(self, nodes: Set[Operation], tests: Sequence[StepTest] = ()) -> bool:
        """Steps on, one at least, until one of the nodes has run, or one of the tests of the step
        holds, or all has run that was known or that there is, or somebody has called `halt`.
        Errors: as for `forward`.

        Returns whether it was a node or a test. The tests must not look at where it stands.
        """
        if not self.newest and not self.overrides and self._done_whole(nodes, tests):
            return self.plan.nodes[-1] in nodes
        steps, last = self._journal.steps, None if self.plan.has_sides else self.plan.nodes[-1:]
        known = len(steps)
        with np.errstate(all="ignore"), pool.recycled():
            while True:
                if self.t == len(steps):
                    self._append(self._next())
                step = steps[self.t]
                self.t += 1
                op = step[1][0]  # by places: this is done for every node
                found = op in nodes or (bool(tests) and any(test(step) for test in tests))
                if found or self._halted:
                    break
                if self.t == known or (self.finished if last is None else op is last[0]):
                    break
        self._halted = False
        if self.t == len(steps) and self.finished and not self.overrides and not self._seconds:
            self._recordings.ran(self._execution.frame, self.run.feeds, self.start)
        return found

    def halt(self) -> None:
        """Let `forward_until` end behind the present node. May be called by a signal handler."""
        self._halted = True

    def seek(self, t: int) -> None:
        """Look at time `t`, which may lie anywhere between 0 and the last step that has run."""
        self.t = min(max(t, 0), self.newest)

    # ---- editing -------------------------------------------------------------------------------

    def override(self, tensor: Tensor, value: Value) -> int | None:
        """Let a tensor have this value. Where it has been computed, we go back to behind its node,
        and what came after is discarded; returns that time, or None for a node still to come."""
        t = self.time_of(tensor.op, self.t)
        self.overrides[tensor] = value
        if t is None or t > self.t:
            self._discard(self.t)
            return None
        step = self.steps[t - 1]
        ran = step.ran._replace(outputs={**step.outputs, tensor: value})
        self._discard(t, step._replace(ran=ran, overridden=step.overridden | {tensor}))
        return t

    def forget(self, tensor: Tensor) -> int | None:
        """Take an override back: the node runs again. Returns the time before it; None for a node
        still to come. What came after that time, or after this one, is discarded."""
        del self.overrides[tensor]
        t = next((s.t for s in self.steps if tensor in s.overridden), None)
        self._discard(self.t if t is None else min(t - 1, self.t))
        return None if t is None else self.t

    def write(self, name: str, value: Value) -> None:
        """Let a variable have this value from now on; what came after is discarded."""
        step = self.here
        if step is None:
            self._start = {**self.start, name: value}
            self._discard(0)
        else:
            ran = step.ran._replace(writes={**step.writes, name: value})
            self._discard(self.t, step._replace(ran=ran, overridden=step.overridden | {name}))

    def _discard(self, t: int, last: Step | None = None) -> None:
        """Forget what came after time `t`; `last` takes the place of the step at it."""
        past = self.steps[:t]
        if last is not None:
            past[-1] = last
        self._begin(past)
        self.t = t

    def remembered(self) -> Timeline:
        """This run as it is now, by reference: `become` takes it up again after an edit."""
        other = copy(self)
        other.overrides, other._kept = dict(self.overrides), self._kept.copy()
        return other

    def become(self, remembered: Timeline) -> None:
        """Be as it was when it was remembered: what was discarded since then is here again."""
        vars(self).update(vars(remembered.remembered()))

    def forked(self, t: int | None = None) -> Timeline:
        """The same run up to a time (this one, when left out), to go another way from there."""
        other = Timeline(self.run, self.before, self.number, self.overrides)
        if self._start is not None:
            other._start = dict(self._start)
        other._begin(self.steps[: self.t if t is None else t])
        other.t = other.newest
        return other

    @property
    def written(self) -> list[Written]:
        """The new values of variables, in order."""
        first = [
            Written(0, None, name, value)
            for name, value in self.start.items()
            if self.before.variables.get(name) is not value
        ]
        if self._whole is not None and self.plan.writes_once:
            position, values = self.plan.position, self._whole.written
            pairs = [(op, name) for op, names in self.plan.writings.items() for name in names]
            return first + [
                Written(position[op] + 1, op, name, values[name])
                for op, name in pairs
                if name in values
            ]
        return first + [
            Written(step.t, None if name in step.overridden else step.node, name, value)
            for step in self._journal.writing
            for name, value in step.writes.items()
        ]

    # ---- what is kept of it --------------------------------------------------------------------

    def commit(self, state: State) -> None:
        """Write into `state` what was written here: variables, and the places of generators; once,
        as long as the run stays as it is. What was committed of another way of it is taken back."""
        if self._committed:
            return
        if self._kept:
            self.withdraw(state)
        new = State()
        if self._start is not None:
            before = self.before.variables
            new.variables = {n: v for n, v in self._start.items() if before.get(n) is not v}
        whole = self._whole or self._parts
        if whole is not None:
            new.variables.update(whole.written)
            new.cells.update(whole.cells)
        else:
            for step in self.steps:
                new.variables.update(step.writes)
                new.cells.update(step.ran.cells)
        self._kept.put(new, state)
        self._committed = True

    def withdraw(self, state: State) -> None:
        """Take back what was committed of this run."""
        self.leave_the_past()
        self._kept.take_back(state)
        self._kept, self._committed = Kept(), False

    def take_over(self, other: Timeline) -> None:
        """Stand for what was committed of another way of this run."""
        self._kept = other.kept

    def feeds_after(self, before: Timeline | None) -> None:
        """Find out how much of what is fed was not fed to the run before."""
        fed = {} if before is None else before.run.feeds
        feeds = self.run.feeds.items()
        self.fed_nbytes = sum([v.nbytes for tensor, v in feeds if fed.get(tensor) is not v])

    def leads_to(self, following: Timeline) -> bool:
        """Whether the run can be done again from what it began with, and the one that follows
        begins with what was committed of it, and nothing else."""
        if self._start is not None or self.overrides or not self._committed:
            return False
        if self._whole is None and not self._is_of_function:
            return False
        before, after, kept = self.before, following.before, self._kept
        return (
            self._recordings.may_be_done_again(before.cells)
            and _is_change(before.variables, after.variables, kept.variables)
            and _is_change(before.cells, after.cells, kept.cells)
        )

    def let_go(self, stretch: Stretch, after: State) -> None:
        """Keep nothing of the run but what it takes to do it again, as the next one of a stretch
        of runs. after: what the session holds behind it."""
        whole = self._whole or self._parts
        known = self.fetched.get if whole is None else whole.value
        pairs = [(t, known(t)) for t in self.plan.fetches if isinstance(t, Tensor)]
        results = {tensor: value for tensor, value in pairs if value is not None}
        place = stretch.take(self.run, after)
        self.past = Past(stretch, place, len(self.plan.nodes), results)
        self._before, self._kept = None, _NOTHING_KEPT
        self.close_again()

    def close_again(self) -> None:
        """Forget the steps of a past run that somebody has looked at."""
        if self.past is not None:
            self._forget_steps()
            self._whole, self._committed = self.past, True


def _is_change(before: dict[str, Any], after: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Whether what was before and what is after differ by the changes that were kept, and by
    nothing else."""
    for name, value in after.items():
        old, new = kept.get(name) or (value, value)
        if before.get(name) is not old or value is not new:
            return False
    return before.keys() <= after.keys()
