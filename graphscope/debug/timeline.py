"""What happened in a run, and the place in it at which we look.

The timeline is an append-only list of steps and a cursor. Moving forward past the last step runs
the next node; every other move only moves the cursor. Nothing is ever undone or run twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphscope.debug.errors import DebugError, NotExecuted
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.lessons import unfed
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of


@dataclass(frozen=True)
class Step:
    """Node number `t` has run.

    outputs: its values. writes: the new values of the variables that it wrote.
    """

    t: int
    node: Operation
    outputs: dict[Tensor, Value]
    writes: dict[str, Value]


class Timeline:
    """The history of one run. Time `t` is the number of nodes that have run.

    run:    the prepared call of `Session.run`.
    state:  the session's variables when the run begins. They are not changed before `commit`.
    """

    def __init__(self, run: Run, state: State) -> None:
        self.run = run
        self.plan = run.plan
        self.steps: list[Step] = []
        self.t = 0
        self.start = dict(state.variables)
        self._state = state.copy()
        self._source = interpret(self.plan, dict(run.feeds), self._state)
        self._writing: list[Step] = []
        self._failure: Exception | None = None

    @property
    def end(self) -> int:
        """The time when everything has run."""
        return len(self.plan)

    @property
    def finished(self) -> bool:
        """True once everything has run, wherever the cursor is."""
        return len(self.steps) == self.end

    @property
    def here(self) -> Step | None:
        """The step that brought us to this time; None at the start."""
        return self.steps[self.t - 1] if self.t else None

    # ---- moving --------------------------------------------------------------------------------

    def forward(self) -> Step:
        """One step on. Errors: DebugError at the end; what the node raises, as often as asked."""
        if self.t == self.end:
            raise DebugError("The run is at its end.")
        if self.t == len(self.steps):
            step = self._next()
            self.steps.append(step)
            if step.writes:
                self._writing.append(step)
        self.t += 1
        return self.steps[self.t - 1]

    def seek(self, t: int) -> None:
        """Look at time `t`, which may lie anywhere between 0 and the last step that has run."""
        self.t = min(max(t, 0), len(self.steps))

    def _next(self) -> Step:
        if self.plan.missing:
            raise unfed(self.plan)
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        try:
            with np.errstate(all="ignore"):
                ran = next(self._source)
        except Exception as failure:
            self._failure = failure
            raise
        return Step(len(self.steps) + 1, ran.op, ran.outputs, ran.writes)

    def commit(self, state: State) -> None:
        """Write into `state` what was written here: variables, and the places of generators."""
        for step in self.steps:
            state.variables.update(step.writes)
            if step.node.definition.private_state:
                state.cells[step.node.name] = self._state.cells[step.node.name]

    # ---- looking -------------------------------------------------------------------------------

    def variables(self, t: int | None = None) -> dict[str, Value]:
        """The variables' values at a time: those at the start, and every write since."""
        t = self.t if t is None else t
        values = dict(self.start)
        for step in self._writing:
            if step.t <= t:
                values.update(step.writes)
        return values

    def time_of(self, op: Operation) -> int | None:
        """The time at which the operation has run: its place in the plan; None outside it."""
        return self._times.get(op)

    @cached_property
    def _times(self) -> dict[Operation, int]:
        return {op: i + 1 for i, op in enumerate(self.plan.nodes)}

    def value(self, tensor: Tensor, t: int | None = None) -> Value:
        """The tensor's value as seen at a time (now, when left out).

        Errors: NotExecuted when there is none yet, with the time at which there will be.
        """
        t = self.t if t is None else t
        if not 0 <= t <= len(self.steps):
            raise NotExecuted(
                f"There is nothing to see at t={t}: the run has come to t={len(self.steps)}."
            )
        if tensor in self.run.feeds:
            return self.run.feeds[tensor]
        if tensor.op.definition.is_variable:
            return self._variable(tensor, t)
        when = self.time_of(tensor.op)
        if when is None:
            return self._outside(tensor)
        if when > t:
            raise NotExecuted(
                f"{tensor.op.name} has not run yet: it runs at t={when}, and this is t={t}. "
                f"Try: until {tensor.op.name}"
            )
        if tensor.dtype.is_ref:  # what a write gives out is the variable itself
            return self._variable(tensor, t)
        return self.steps[when - 1].outputs[tensor]

    def _variable(self, tensor: Tensor, t: int) -> Value:
        name = variable_of(tensor).name
        values = self.variables(t)
        if name not in values:
            raise NotExecuted(f"The variable {name} has no value: it is not initialized.")
        return values[name]

    def _outside(self, tensor: Tensor) -> Value:
        op = tensor.op
        if op.type == "Const":
            value: Value = op.attrs["value"]
            return value
        if op.type == "Placeholder":
            raise NotExecuted(f"{op.name} is a placeholder, and nothing is fed to it.")
        raise NotExecuted(
            f"{op.name} does not run for this fetch, so it has no value. Try: why-not {op.name}"
        )
