"""Who writes a variable, who reads it, and is it settled who comes first?"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphscope.debug.answers import Answer
from graphscope.debug.classes import source_of
from graphscope.debug.facts import Facts, Slot
from graphscope.debug.names import Names
from graphscope.debug.questions.counting import schedules
from graphscope.debug.questions.order import Hazard, OtherOrder, hazards
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of, written


@dataclass(frozen=True)
class Accessor:
    """An operation that writes or reads the variable.

    t, phase: when it runs; None when it is not in this plan, or inside a branch or a loop that has
    not come to it. runs: it is in this plan. fetches: for one that is not, what to fetch so that it
    runs. users: what takes the value that it has read or written.
    """

    node: Operation
    runs: bool
    t: int | None
    phase: Phase | None
    fetches: tuple[str, ...]
    users: tuple[Operation, ...]


@dataclass(frozen=True)
class Writers(Answer):
    """The writers and readers of a variable, in plan order; those that do not run come last.

    slots:   the variables that optimizers and averages keep beside it.
    rates:   the learning rates that are computed from it, each with an update that takes it.
    hazards: the reads and writes of this run without a path between them.
    other:   the run in an order in which these come the other way round, when that was asked for.
    shows:   ``writers``, ``readers`` or ``both``: what the text is to show.
    fed:     another value is fed in its place: that one is what its readers take in this run.
    """

    variable: Operation
    name: str
    writers: tuple[Accessor, ...]
    readers: tuple[Accessor, ...]
    slots: tuple[Slot, ...]
    hazards: tuple[Hazard, ...]
    names: Names
    rates: dict[Tensor, Operation] = field(default_factory=dict)
    other: OtherOrder | None = None
    shows: str = "both"
    fed: bool = False


def who(variable: Operation, timeline: Timeline, facts: Facts, names: Names) -> Writers:
    """Everything in the graph that writes or reads the variable, and what of it runs."""
    writers, readers = [], []
    for op in facts.graph.operations:
        if variable in written(op):
            writers.append(op)
        elif not op.definition.calls and any(
            tensor.dtype.is_ref and variable_of(tensor) is variable
            for tensor in op.inputs[op.definition.writes :]
        ):
            readers.append(op)
    found = [hazard for hazard in hazards(timeline, facts, names) if hazard.variable is variable]
    return Writers(
        variable=variable,
        name=names.of(variable),
        writers=_in_order(writers, timeline, facts, names),
        readers=_in_order(readers, timeline, facts, names),
        slots=tuple(slot for slot in facts.slots if slot.owner is variable),
        hazards=tuple(found),
        names=names,
        rates=schedules(variable, facts),
        fed=any(source_of(tensor).op is variable for tensor in timeline.plan.feeds),
    )


def _in_order(
    ops: list[Operation], timeline: Timeline, facts: Facts, names: Names
) -> tuple[Accessor, ...]:
    found = [_accessor(op, timeline, facts, names) for op in ops]
    return tuple(sorted(found, key=lambda a: (not a.runs, a.t is None, a.t or 0, a.node._id)))


def _accessor(op: Operation, timeline: Timeline, facts: Facts, names: Names) -> Accessor:
    plan = timeline.plan
    runs = op in plan.phases
    return Accessor(
        node=op,
        runs=runs,
        t=timeline.time_of(op),
        phase=plan.phases.get(op),
        fetches=() if runs else tuple(names.as_fetched(root) for root in facts.run_by(op)),
        users=tuple(user for tensor in op.outputs for user in facts.graph.consumers(tensor)),
    )
