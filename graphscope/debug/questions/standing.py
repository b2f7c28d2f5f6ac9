"""How the variables stand at a place of the run: what has changed, and which gradient is known."""

from __future__ import annotations

from dataclasses import dataclass

from graphscope.debug.answers import Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.updates import Status, status_of
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import written

#: A variable with more nodes than these before it is not near.
_FAR = 40


@dataclass(frozen=True)
class Standing:
    """A variable at a time.

    status:   its class, as `updates` has it.
    value:    None while it is not initialized. delta: its change since the start of the run.
    gradient: the gradient by which it is trained, once that is known; coming: it is not, and will
              be.
    touched:  the present node reads it, writes it, or has computed its gradient.
    """

    name: str
    node: Operation
    status: Status
    value: Value | None
    delta: Delta | None
    gradient: Value | None
    coming: bool
    touched: bool


def _nearest(node: Operation) -> Operation | None:
    """The nearest variable behind the inputs of a node, where it is not far."""
    behind = [node]
    for op in behind:  # grows on the way
        if op.definition.is_variable:
            return op
        if len(behind) < _FAR:
            behind += [tensor.op for tensor in op.inputs if tensor.op not in behind]
    return None


class Standings:
    """The variables of one run. What does not change in it is found once."""

    def __init__(
        self, timeline: Timeline, facts: Facts, names: Names, fetched: tuple[str, ...]
    ) -> None:
        self._timeline, self._facts, self._names = timeline, facts, names
        self._fetched = fetched
        self._statuses: dict[Operation, Status] = {}
        beside = {slot.variable for slot in facts.slots}
        ranked = ((op in beside, op not in facts.trainable, op) for op in facts.variables)
        #: Those that are trained first, what optimizers keep beside them last.
        self._ranked = [op for *_, op in sorted(ranked, key=lambda row: row[:2])]
        self._slopes = {op: self._slope(op) for op in facts.variables}

    def _slope(self, variable: Operation) -> Tensor | None:
        """The gradient that trains the variable; that of an optimizer that runs, if one does."""
        trainers = self._facts.trainers(variable)
        here = [op for op in trainers if op in self._timeline.plan]
        chosen = here or trainers
        return self._facts.slope(chosen[-1]) if chosen else None

    @property
    def count(self) -> int:
        """How many variables the graph has."""
        return len(self._ranked)

    def around(self, count: int) -> tuple[Standing, ...]:
        """So many variables: of many those around the one that the present node is about."""
        here = self._timeline.here
        touched = frozenset[Operation]() if here is None else self._touched(here.node)
        first = 0 if here is None else self._place(here.node, touched) - (count - 1) // 2
        first = max(0, min(first, self.count - count))
        now, before = self._timeline.variables(), self._timeline.before.variables
        return tuple(
            self._standing(op, now.get(op.name), before.get(op.name), op in touched)
            for op in self._ranked[first : first + max(count, 0)]
        )

    def _touched(self, node: Operation) -> frozenset[Operation]:
        slopes = {tensor.op: op for op, tensor in self._slopes.items() if tensor is not None}
        read = (tensor.op for tensor in node.inputs if tensor.op.definition.is_variable)
        return frozenset((*written(node), *read, *([slopes[node]] if node in slopes else [])))

    def _place(self, node: Operation, touched: frozenset[Operation]) -> int:
        """Which variable the node is about: one that it touches, or else the nearest one behind its
        inputs, or behind those of what it is the gradient of."""
        about = touched or {_nearest(node.gradient_of or node)}
        return next((i for i, op in enumerate(self._ranked) if op in about), 0)

    def _standing(
        self, op: Operation, now: Value | None, before: Value | None, touched: bool
    ) -> Standing:
        slope, timeline = self._slopes[op], self._timeline
        step = None if slope is None else timeline.step_of(slope.op, timeline.t)
        known = step is not None and step.t <= timeline.t
        return Standing(
            name=self._names.of(op),
            node=op,
            status=self._status(op),
            value=now,
            delta=None if now is None or now is before else Delta(before, now),
            gradient=step.outputs[slope] if step and slope is not None and known else None,
            coming=slope is not None and not known and timeline.runs(slope.op),
            touched=touched,
        )

    def _status(self, op: Operation) -> Status:
        if op not in self._statuses:
            self._statuses[op] = status_of(
                op, self._timeline, self._facts, self._names, self._fetched
            )
        return self._statuses[op]
