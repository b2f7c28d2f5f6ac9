"""Which tensor is the learning rate, what changes it, and what has it been in each run?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.classes import source_of
from graphscope.debug.errors import NotExecuted
from graphscope.debug.facts import Facts
from graphscope.debug.history import History
from graphscope.debug.names import Names
from graphscope.debug.rules.view import rate_of
from graphscope.debug.side.runs import value_of
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.ops.state import written

#: How a rate has come about in a run.
FED, BY_HAND, OF_GRAPH = "fed", "set by hand", ""


@dataclass(frozen=True)
class Used:
    """The rate of one run: its value, and how it came about: `FED`, `BY_HAND` or `OF_GRAPH`. None
    for a run that does not compute it."""

    run: int
    value: Value | None
    how: str


@dataclass(frozen=True)
class Rate:
    """A learning rate.

    tensor:  what the updates take. kind: ``constant``, ``placeholder``, ``variable`` or
             ``computed``.
    trains:  the variables that are updated with it, by what.
    sources: of a computed one: the constants, placeholders and variables that it is made of, with
             their values where they are known.
    used:    what it was in each run in which an update ran, the oldest first; the last one is the
             run at which we look.
    """

    tensor: Tensor
    name: str
    kind: str
    trains: dict[str, Operation]
    sources: dict[str, Value | None]
    used: tuple[Used, ...]

    @property
    def value(self) -> Value | None:
        return self.used[-1].value if self.used else None

    @property
    def example(self) -> float:
        """A tenth of what it is, to show how another one is said."""
        number = None if self.value is None or self.value.size != 1 else float(self.value)
        return number / 10 if number else 0.001


@dataclass(frozen=True)
class Rates(Answer):
    """The learning rates of a graph, in order of the updates that take them."""

    rates: tuple[Rate, ...]
    names: Names


def rates(history: History, facts: Facts, names: Names) -> Rates:
    """The learning rates of all updates in the graph, in order of creation."""
    found: dict[Tensor, dict[str, Operation]] = {}
    for op in facts.graph.operations:
        tensor = rate_of(op) if facts.is_trainer(op) else None
        if tensor is not None:
            found.setdefault(tensor, {})[names.of(written(op)[0])] = op
    made = (_rate(tensor, trains, history, names) for tensor, trains in found.items())
    return Rates(tuple(made), names)


def _rate(tensor: Tensor, trains: dict[str, Operation], history: History, names: Names) -> Rate:
    op = source_of(tensor).op
    here = history.here
    runs = [timeline for timeline in history.runs if timeline.number <= here.number]
    with_updates = [
        t for t in runs if any(step in t.run.plan.everything for step in trains.values())
    ]
    kind = _kind(op)
    return Rate(
        tensor=tensor,
        name=names.of(op),
        kind=kind,
        trains=trains,
        sources=_sources(op, here, names) if kind == "computed" else {},
        used=tuple(_used(tensor, timeline) for timeline in with_updates or [here]),
    )


def _kind(op: Operation) -> str:
    if op.definition.is_variable:
        return "variable"
    if op.type == "Const":
        return "constant"
    return "placeholder" if op.type.startswith("Placeholder") else "computed"


def _sources(op: Operation, timeline: Timeline, names: Names) -> dict[str, Value | None]:
    """The leaves from which a rate is computed."""
    behind = reach([op], lambda one: [source_of(tensor).op for tensor in one.inputs])
    leaves = [one for one in behind if _kind(one) != "computed" and one.outputs]
    ordered: Sequence[Operation] = sorted(leaves, key=lambda one: one._id)
    return {names.of(one): _value(one.outputs[0], timeline) for one in ordered}


def _used(tensor: Tensor, timeline: Timeline) -> Used:
    """What a rate was in a run, at its end or as far as it has come."""
    how = FED if tensor in timeline.run.feeds else OF_GRAPH
    times = timeline.times_of(tensor.op)
    if times and tensor in timeline.steps[times[-1] - 1].overridden:
        how = BY_HAND
    return Used(timeline.number, _value(tensor, timeline), how)


def _value(tensor: Tensor, timeline: Timeline) -> Value | None:
    """A value in a run; computed on the side where the run has not computed it."""
    try:
        return timeline.value(tensor, timeline.newest)
    except NotExecuted:
        return value_of(tensor, timeline.run.feeds, timeline.before)
