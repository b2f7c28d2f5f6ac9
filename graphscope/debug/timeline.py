"""What happened in a run, and the place in it at which we look.

The timeline is an append-only list of steps and a cursor. Moving forward past the last step runs
the next node; every other move only moves the cursor. Nothing is ever undone or run twice. An edit
of the past discards what came after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from graphscope.debug.errors import DebugError, NotExecuted
from graphscope.engine.interpreter import Frame, Ran, Value, interpret
from graphscope.engine.lessons import unfed
from graphscope.engine.plan import Phase
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of


@dataclass(frozen=True)
class Step:
    """Node number `t` of the run has run.

    outputs: its values. writes: the new values of the variables that changed here.
    overridden: the outputs, and the names of variables, that were set by hand.
    seconds: how long the node took.
    """

    t: int
    ran: Ran
    overridden: frozenset[Tensor | str] = frozenset()
    seconds: float = 0.0

    @property
    def node(self) -> Operation:
        return self.ran.op

    @property
    def outputs(self) -> dict[Tensor, Value]:
        return self.ran.outputs

    @property
    def writes(self) -> dict[str, Value]:
        return self.ran.writes

    @property
    def frame(self) -> Frame:
        return self.ran.frame

    @property
    def phase(self) -> Phase:
        return self.frame.plan.phases[self.node]

    @property
    def frames(self) -> tuple[tuple[Operation, int], ...]:
        """The branches and loops around it, the outermost first, each with its iteration."""
        found: list[tuple[Operation, int]] = []
        frame: Frame | None = self.frame
        while frame is not None and frame.owner is not None:
            found.append((frame.owner, frame.iteration))
            frame = frame.caller
        return tuple(reversed(found))


@dataclass
class _Journal:
    """The steps, and where in them each operation ran and each variable was written."""

    steps: list[Step] = field(default_factory=list)
    times: dict[Operation, list[int]] = field(default_factory=dict)
    writing: list[Step] = field(default_factory=list)

    def append(self, step: Step) -> None:
        self.steps.append(step)
        self.times.setdefault(step.node, []).append(step.t)
        if step.writes:
            self.writing.append(step)


class Timeline:
    """The history of one run. Time `t` is the number of nodes that have run.

    run:    the prepared call of `Session.run`.
    state:  the session's variables when the run begins. They are not changed before `commit`.
    number: which run of the debugged ones it is, from 1.
    overrides: values for outputs of nodes that have not run yet.
    """

    def __init__(
        self, run: Run, state: State, number: int = 1, overrides: dict[Tensor, Value] | None = None
    ) -> None:
        self.run = run
        self.plan = run.plan
        self.number = number
        #: How many operations the graph had when the run began.
        self.graph_size = len(run.plan.graph.operations)
        self.t = 0
        self.overrides = dict(overrides or {})
        #: What the session held when the run began, and what was set by hand at t=0.
        self.before = state.copy()
        self.start = dict(self.before.variables)
        self._journal = _Journal()
        self._failure: Exception | None = None
        self._begin([])

    def _begin(self, past: list[Step]) -> None:
        """Go on behind these steps: what they computed is taken from them."""
        state = State(dict(self.start), dict(self.before.cells))
        self._source = interpret(
            self.plan, dict(self.run.feeds), state, (step.ran for step in past)
        )
        self._reply: Ran | None = None
        self._journal = _Journal()
        self._failure = None
        for step in past:
            self._journal.append(replace(step, ran=self._source.send(None)))

    @property
    def failure(self) -> Exception | None:
        """What the node after the last step has raised, if it has."""
        return self._failure

    @property
    def steps(self) -> list[Step]:
        return self._journal.steps

    # ---- where the ends are --------------------------------------------------------------------

    @property
    def newest(self) -> int:
        """The latest time that has been computed."""
        return len(self.steps)

    @property
    def end(self) -> int:
        """The time when everything has run. While a branch or a loop is still to come, this counts
        its node only: see `end_is_known`."""
        if self.finished or not self.plan.inner:
            return self.newest if self.finished else len(self.plan)
        return self.newest + len(self.plan) - self._outer_done

    @property
    def end_is_known(self) -> bool:
        return self.finished or not self.plan.inner

    @property
    def finished(self) -> bool:
        """True once everything has run, wherever the cursor is."""
        return self._outer_done == len(self.plan)

    @property
    def at_end(self) -> bool:
        return self.finished and self.t == self.newest

    @property
    def _outer_done(self) -> int:
        """How many nodes of the run itself have run: those of branches and loops do not count."""
        if not self.plan.inner:
            return self.newest
        if not self.steps:
            return 0
        last = self.steps[-1]
        if last.frames:
            return self.plan.position[last.frames[0][0]]
        return self.plan.position[last.node] + 1

    @property
    def here(self) -> Step | None:
        """The step that brought us to this time; None at the start."""
        return self.steps[self.t - 1] if self.t else None

    def upcoming(self, t: int | None = None) -> Operation | None:
        """The node that runs after a time, as far as it is known; for the last one of a branch or
        a loop's body its owner. None at the end."""
        t = self.t if t is None else t
        if t < self.newest:
            return self.steps[t].node
        if not self.steps:
            return self.plan.nodes[0] if self.plan.nodes else None
        last = self.steps[-1]
        frame, at = last.frame, last.frame.plan.position[last.node] + 1
        return frame.plan.nodes[at] if at < len(frame.plan) else frame.owner

    # ---- moving --------------------------------------------------------------------------------

    def forward(self) -> Step:
        """One step on. Errors: DebugError at the end; what the node raises, as often as asked."""
        if self.at_end:
            raise DebugError("The run is at its end.")
        if self.t == self.newest:
            self._journal.append(self._next())
        self.t += 1
        return self.steps[self.t - 1]

    def seek(self, t: int) -> None:
        """Look at time `t`, which may lie anywhere between 0 and the last step that has run."""
        self.t = min(max(t, 0), self.newest)

    def _next(self) -> Step:
        if self.plan.missing:
            raise unfed(self.plan)
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        began = perf_counter()
        try:
            with np.errstate(all="ignore"):
                ran = self._source.send(self._reply)
        except Exception as failure:
            self._failure = failure
            raise
        own = {tensor: self.overrides[tensor] for tensor in ran.outputs if tensor in self.overrides}
        self._reply = ran._replace(outputs={**ran.outputs, **own}) if own else None
        seconds = perf_counter() - began
        return Step(self.newest + 1, self._reply or ran, frozenset(own), seconds)

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
        self._discard(t, replace(step, ran=ran, overridden=step.overridden | {tensor}))
        return t

    def forget(self, tensor: Tensor) -> int | None:
        """Take an override back: the node runs again. Returns the time before it, or None."""
        del self.overrides[tensor]
        t = next((s.t for s in self.steps if tensor in s.overridden), None)
        if t is None:
            return None
        self._discard(min(t - 1, self.t))
        return self.t

    def write(self, name: str, value: Value) -> None:
        """Let a variable have this value from now on; what came after is discarded."""
        step = self.here
        if step is None:
            self.start[name] = value
            self._discard(0)
        else:
            ran = step.ran._replace(writes={**step.writes, name: value})
            self._discard(self.t, replace(step, ran=ran, overridden=step.overridden | {name}))

    def _discard(self, t: int, last: Step | None = None) -> None:
        """Forget what came after time `t`; `last` takes the place of the step at it."""
        past = self.steps[:t]
        if last is not None:
            past[-1] = last
        self._begin(past)
        self.t = t

    def forked(self) -> Timeline:
        """The same run up to this time, to go another way from here."""
        other = Timeline(self.run, self.before, self.number, self.overrides)
        other.start = dict(self.start)
        other._begin(self.steps[: self.t])
        other.t = self.t
        return other

    def commit(self, state: State) -> None:
        """Write into `state` what was written here: variables, and the places of generators."""
        changed = {n: v for n, v in self.start.items() if self.before.variables.get(n) is not v}
        state.variables.update(changed)
        for step in self.steps:
            state.variables.update(step.writes)
            state.cells.update(step.ran.cells)

    # ---- looking -------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        """The bytes of all values that are kept, each array counted once."""
        arrays = [*self.run.feeds.values()]
        for step in self.steps:
            arrays += [*step.outputs.values(), *step.writes.values()]
        return sum({id(a): a.nbytes for a in arrays}.values())

    def variables(self, t: int | None = None) -> dict[str, Value]:
        """The variables' values at a time: those at the start, and every write since."""
        t = self.t if t is None else t
        values = dict(self.start)
        for step in self._journal.writing:
            if step.t <= t:
                values.update(step.writes)
        return values

    def times_of(self, op: Operation) -> list[int]:
        """The times at which the operation has run: several in a loop."""
        return self._journal.times.get(op, [])

    def time_of(self, op: Operation, t: int | None = None) -> int | None:
        """When the operation ran: last before or at time `t` (the newest, when left out), or
        first after it; for one that has not run yet the time at which it will, where that is known.
        None when it is no node of the run, or inside a branch or loop that is still to come."""
        times = self.times_of(op)
        if times:
            at = bisect_right(times, self.newest if t is None else t)
            return times[max(at - 1, 0)]
        if op not in self.plan.position:
            return None
        return self.newest + 1 + self.plan.position[op] - self._outer_done

    def step_of(self, op: Operation, t: int | None = None) -> Step | None:
        """The step of the operation that `time_of` means, once it has run."""
        at = self.time_of(op, t)
        return self.steps[at - 1] if at is not None and at <= self.newest else None

    def value(self, tensor: Tensor, t: int | None = None) -> Value:
        """The tensor's value as seen at a time (now, when left out).

        Errors: NotExecuted when there is none yet, with the time at which there will be.
        """
        t = self.t if t is None else t
        if not 0 <= t <= self.newest:
            raise NotExecuted(
                f"There is nothing to see at t={t}: the run has come to t={self.newest}."
            )
        if tensor in self.run.feeds:
            return self.run.feeds[tensor]
        if tensor.op.definition.is_variable:
            return self._variable(tensor, t)
        when = self.time_of(tensor.op, t)
        if when is None or when > t:
            return self._not_yet(tensor, when, t)
        if tensor.dtype.is_ref:  # what a write gives out is the variable itself
            return self._variable(tensor, t)
        return self.steps[when - 1].outputs[tensor]

    def _variable(self, tensor: Tensor, t: int) -> Value:
        name = variable_of(tensor).name
        values = self.variables(t)
        if name not in values:
            raise NotExecuted(f"The variable {name} has no value: it is not initialized.")
        return values[name]

    def _not_yet(self, tensor: Tensor, when: int | None, t: int) -> Value:
        """The value of what is no step before time `t`: a constant, a loop variable."""
        op = tensor.op
        if op.type == "Const":
            value: Value = op.attrs["value"]
            return value
        if op.type == "Placeholder":
            raise NotExecuted(f"{op.name} is a placeholder, and nothing is fed to it.")
        for frame in self._around(t):
            if tensor in frame.values:
                return frame.values[tensor]
        if when is not None:
            raise NotExecuted(
                f"{op.name} has not run yet: it runs at t={when}, and this is t={t}. "
                f"Try: until {op.name}"
            )
        if op in self.plan.everything:
            raise NotExecuted(
                f"{op.name} has not run yet: it is inside a branch or a loop that has not come to "
                f"it at t={t}. Try: until {op.name}"
            )
        raise NotExecuted(
            f"{op.name} does not run for this fetch, so it has no value. Try: why-not {op.name}"
        )

    def _around(self, t: int) -> Iterator[Frame]:
        """The branches and loops in which the run stands at a time, the innermost first."""
        frame = self.steps[t - 1].frame if t else None
        while frame is not None and frame.owner is not None:
            yield frame
            frame = frame.caller
