"""What is seen of a run: where its ends are, and what was there at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from graphscope.debug.doing import Doing
from graphscope.debug.errors import NotExecuted
from graphscope.debug.steps import Moment, Step
from graphscope.engine.interpreter import Coming, Frame, Value
from graphscope.engine.lessons import Rounds, dotted, is_in, is_loop, rounds
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of


class Seeing(Doing):
    """A run as it is seen from a time. Going elsewhere is the business of `Timeline`."""

    @property
    def steps(self) -> list[Step]:
        return self._journal.steps

    # ---- where the ends are --------------------------------------------------------------------

    @property
    def newest(self) -> int:
        """The latest time that has been computed."""
        if self._whole is not None:
            return self._whole.count
        return len(self._notes.steps) if self._notes is not None else 0

    @property
    def end(self) -> int:
        """The time when everything has run. While a branch or a loop is still to come, this counts
        as little of it as there may be: see `end_is_known`."""
        if not self.plan.inner and not self.plan.has_sides:
            return len(self.plan)
        return self.newest + len(self.pending)

    @property
    def end_is_known(self) -> bool:
        if self.plan.has_sides and not self._sides.isdisjoint(self._rest):
            return False
        return not self.plan.inner or self._is_known(self.pending)

    @property
    def last(self) -> str:
        """The end in a word: ``31``, or ``31+`` while a loop is still to come."""
        return f"{self.end}{'' if self.end_is_known else '+'}"

    @property
    def pending(self) -> tuple[Operation, ...]:
        """What will certainly run after the last step that is known, in order: of branches and
        loops only what is next."""
        left = self._rest
        rest = tuple(op for op in left if op not in self._sides) if self.plan.has_sides else left
        coming = self.ahead(self.newest) if left else None
        if coming is None or (rest and coming.op is rest[0]):
            return rest
        return (coming.op, *rest)

    @property
    def _rest(self) -> tuple[Operation, ...]:
        """The nodes of the run itself after the last step that is known."""
        return () if self.finished else self.plan.nodes[self._outer_done :]

    @property
    def _sides(self) -> frozenset[Operation]:
        """What runs only if a Switch of an old file is alive on its side."""
        return self.plan.on_sides

    def _is_known(self, pending: Sequence[Operation]) -> bool:
        """Whether these are all that will run, as far as they go: no branch and no loop comes
        before the last of them. The first one is next, so that its bodies have run."""
        return not any(op.definition.calls for op in pending[not self.plan.missing :])

    @property
    def finished(self) -> bool:
        """True once everything has run, wherever the cursor is."""
        if self._whole is not None:
            return True
        if self._notes is None and self.plan.nodes:
            return False
        if self.plan.has_sides:  # the last nodes may be dead
            return not self.plan.missing and self._execution.coming() is None
        nodes, steps = self.plan.nodes, self._journal.steps
        return not nodes or (bool(steps) and steps[-1].ran.op is nodes[-1])

    @property
    def at_end(self) -> bool:
        return self.t == self.newest and self.finished

    @property
    def _outer_done(self) -> int:
        """How many nodes of the run itself have run: those of branches and loops do not count."""
        if not self.plan.inner and not self.plan.has_sides:
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
        if self._whole is not None and self.t == self._whole.count:
            last = self._end_of_whole(self._whole)
            if last is not None:
                return last
        return self.steps[self.t - 1] if self.t else None

    def ahead(self, t: int | None = None) -> Coming | None:
        """The node that runs after a time, and the call in which it does; None at the end. What
        owns a branch or a loop comes after its bodies."""
        t = self.t if t is None else t
        if t < self.newest:
            return Coming(self.steps[t].node, self.steps[t].frame)
        if self.plan.missing:  # nothing will run; what owns bodies cannot even be asked
            return Coming(self.plan.nodes[0], Frame(self.plan, {})) if self.plan.nodes else None
        if self._whole is not None or self._is_of_function:
            return None
        return self._execution.coming()

    def upcoming(self, t: int | None = None) -> Operation | None:
        """The node that runs after a time. None at the end."""
        coming = self.ahead(t)
        return None if coming is None else coming.op

    def begins(self, t: int | None = None) -> list[tuple[Operation, Frame]]:
        """What begins after a time, each with the call in which it does: the next node, and every
        branch or loop of which it is the first one."""
        t = self.t if t is None else t
        coming = self.ahead(t)
        if coming is None:
            return []
        inside = set(calls_of(self.steps[t - 1].frame)) if t else set()
        begun = [*calls_of(coming.frame), (coming.op, coming.frame)]
        return [pair for pair in begun if pair not in inside]

    # ---- looking -------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        """The bytes of all values that are kept, each array counted once."""
        return sum([array.nbytes for array in self.run.feeds.values()]) + self.computed_nbytes

    @property
    def computed_nbytes(self) -> int:
        """The same without what was fed."""
        if self._notes is None:
            return 0 if self._whole is None else self._whole.nbytes
        return self._journal.nbytes

    def variables(self, t: int | None = None) -> dict[str, Value]:
        """The variables' values at a time: those at the start, and every write since."""
        t = self.t if t is None else t
        values = dict(self.start)
        if self._whole is not None and t in (0, self._whole.count):
            return values | self._whole.written if t else values
        if self._whole is not None and self.plan.writes_once:
            written = self._whole.written
            for op, names in self.plan.writings.items():
                if self.plan.position[op] < t:
                    values.update((name, written[name]) for name in names if name in written)
            return values
        for step in self._journal.writing:
            if step.t <= t:
                values.update(step.writes)
        return values

    def variable(self, name: str, t: int) -> Value | None:
        """A variable's value at a time; None for one that has none."""
        if self._whole is not None:
            return self.variables(t).get(name)
        writers = self._journal.writers(name)
        at = bisect_right(writers, t, key=lambda step: step.t)
        return writers[at - 1].writes[name] if at else self.start.get(name)

    def times_of(self, op: Operation) -> list[int]:
        """The times at which the operation has run: several in a loop."""
        if self.plan.inner:
            return self._journal.times.get(op, [])
        at = self.plan.position.get(op, -1)
        return [at + 1] if 0 <= at < self.newest else []

    def executions(self, tensor: Tensor) -> list[Moment]:
        """What the tensor was, each time that its node ran. What a loop's body is given counts from
        the first step of each call."""
        body = tensor.op.body
        if body is not None and tensor in body.parameters:
            calls = self._journal.calls.get(body, [])
            return [Moment(t, call, call.values[tensor]) for t, call in calls]
        steps = [self.steps[t - 1] for t in self.times_of(tensor.op)]
        return [Moment(step.t, step.frame, step.outputs[tensor]) for step in steps]

    def in_loop(self, op: Operation) -> bool:
        """Whether the operation runs in iterations of something."""
        owner = self.plan.owner(op)
        while owner is not None and not is_loop(owner):
            owner = self.plan.owner(owner)
        return owner is not None

    def value_in(self, tensor: Tensor, wanted: Rounds, t: int | None = None) -> Value:
        """The tensor's value in an iteration, as seen at a time: of several outer ones in the last.

        Errors: NotExecuted when there is none yet.
        """
        t = self.t if t is None else t
        if tensor.op.type == "Const":
            return self.value(tensor, t)
        known = [moment for moment in self.executions(tensor) if moment.t <= t]
        found = [moment.value for moment in known if is_in(moment.frame, wanted)]
        if found:
            return found[-1]
        name, asked = tensor.op.name, dotted(wanted)
        if not self.in_loop(tensor.op):
            raise NotExecuted(f"{name} is in no loop, so it has no iteration {asked}.")
        last = rounds(known[-1].frame.around) if known else ()
        came = f"it came to {dotted(last)}" if last else "it has not begun"
        raise NotExecuted(
            f"{name} has no value of iteration {asked} at t={t}: {came}. Try: until {name}@{asked}"
        )

    def time_of(self, op: Operation, t: int | None = None) -> int | None:
        """When the operation ran: last before or at time `t` (the newest, when left out), or
        first after it; for one that has not run yet the time at which it will. None when that is
        not known, since a branch or a loop comes before it, or when it is no node of the run."""
        times = self.times_of(op)
        if times:
            at = bisect_right(times, self.newest if t is None else t)
            return times[max(at - 1, 0)]
        if not self.plan.inner:
            at = self.plan.position.get(op, -1) - self.newest
            return self.newest + 1 + at if at >= 0 else None
        pending = self.pending
        at = pending.index(op) if op in pending else -1
        return self.newest + 1 + at if at >= 0 and self._is_known(pending[: at + 1]) else None

    def may_come(self, op: Operation) -> bool:
        """Whether the operation can run after the last step that is known."""
        outer = self.plan.outermost(op)
        return self.plan.position.get(outer, -1) >= self._outer_done

    def runs(self, op: Operation) -> bool:
        """Whether the operation has run, or can still come."""
        return bool(self.times_of(op)) or self.may_come(op)

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
        known = None if self._whole is None else self._whole.value(tensor)
        return self.steps[when - 1].outputs[tensor] if known is None else known

    def _variable(self, tensor: Tensor, t: int) -> Value:
        name = variable_of(tensor).name
        value = self.variable(name, t)
        if value is None:
            raise NotExecuted(f"The variable {name} has no value: it is not initialized.")
        return value

    def inputs(self, step: Step) -> list[Value | None]:
        """What a node that has run took in: for each of its inputs the value that it saw, in its
        own call of a branch or a loop; None for a variable that had none."""
        plan = step.frame.plan
        found: list[Value | None] = []
        variables: dict[str, Value] | None = None
        for tensor in step.node.inputs:
            is_place = tensor.dtype.is_ref and tensor not in plan.feeds
            seen = variable_of(tensor) if is_place else plan.sees_written(step.node, tensor)
            if seen is None:  # a loop of an old file may not need all of its inputs
                found.append(step.frame.seen(tensor))
                continue
            variables = self.variables(step.t - 1) if variables is None else variables
            found.append(variables.get(seen.name))
        return found

    def _not_yet(self, tensor: Tensor, when: int | None, t: int) -> Value:
        """The value of what is no step before time `t`: a constant, a loop variable."""
        op = tensor.op
        if op.type == "Const":
            value: Value = op.attrs["value"]
            return value
        if op.type == "Placeholder":
            raise NotExecuted(f"{op.name} is a placeholder, and nothing is fed to it.")
        given = self._given(tensor, t)
        if given is not None:
            return given
        if when is not None:
            raise NotExecuted(
                f"{op.name} has not run yet: it runs at t={when}, and this is t={t}. "
                f"Try: until {op.name}"
            )
        if op.body in self.plan.owned and op in self.plan:
            owner = self.plan.owned[op.body][0]
            raise NotExecuted(
                f"{op.name} has no value yet: it is inside {owner.name}, which has not come to it "
                f"at t={t}. Try: until {owner.name if op.definition.given else op.name}"
            )
        if op in self.plan:
            raise NotExecuted(f"{op.name} has not run yet at t={t}. Try: until {op.name}")
        raise NotExecuted(
            f"{op.name} does not run for this fetch, so it has no value. Try: why-not {op.name}"
        )

    def _given(self, parameter: Tensor, t: int) -> Value | None:
        """What the last call of a body before or at a time was given for its parameter."""
        body = parameter.op.body
        if body is None or parameter not in body.parameters:
            return None
        calls = self._journal.calls.get(body, [])
        at = bisect_right(calls, t, key=lambda call: call[0])
        return calls[at - 1][1].values[parameter] if at else None


def calls_of(frame: Frame) -> list[tuple[Operation, Frame]]:
    """What runs a body around this call: each owner with the call in which it was called itself."""
    return [(f.owner, f.caller) for f in frame.calls_around if f.owner and f.caller]
