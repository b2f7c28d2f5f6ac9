"""What is this node, and what does it take and give?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer, Shown
from graphscope.debug.errors import NotExecuted
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.path import seen
from graphscope.debug.questions.presence import Presence, presences
from graphscope.debug.questions.why_not import WhyNot, why_not
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Phase
from graphscope.graph.body import Body
from graphscope.graph.graph import Operation


@dataclass(frozen=True)
class NodeCard(Answer):
    """All that is known of an operation.

    phase, times: when it runs in this run; `times` are those at which it has run, several in a
    loop. t: the next one, or the last. now: the time at which we look; over: the run has finished.
    inside: the owner of the branch or loop that it is in.
    why_not: why it has no part in this run; None when it has one.
    why_no_value: why its value is not there, in words; empty when it is.
    users: what takes its outputs; those that run in this plan are in `running`.
    derived: the gradient operations that belong to it, when the graph has any.
    """

    node: Operation
    name: str
    python: str | None
    presence: Presence
    phase: Phase | None
    times: tuple[int, ...]
    t: int | None
    now: int
    over: bool
    inputs: tuple[Shown, ...]
    outputs: tuple[Shown, ...]
    attrs: dict[str, str]
    users: tuple[Operation, ...]
    running: frozenset[Operation]
    derived: tuple[Operation, ...]
    inside: Operation | None
    why_not: WhyNot | None
    why_no_value: str
    names: Names

    @property
    def runs(self) -> bool:
        return self.phase is not None

    @property
    def doc(self) -> str:
        """The first line of what the operation's declaration says of it."""
        return self.node.definition.doc.partition("\n")[0]


def node_card(
    op: Operation, timeline: Timeline, facts: Facts, names: Names, fetched: tuple[str, ...]
) -> NodeCard:
    """The card of an operation, with its values at the time at which we look."""
    plan = timeline.plan
    phase, present = plan.phases.get(op), presences(timeline)[op]
    used = [user for tensor in op.outputs for user in facts.graph.consumers(tensor)]
    users = tuple(dict.fromkeys(used))
    return NodeCard(
        node=op,
        name=names.of(op),
        python=names.python(op),
        presence=present,
        phase=phase,
        times=tuple(timeline.times_of(op)),
        t=timeline.time_of(op, timeline.t),
        now=timeline.t,
        over=timeline.finished,
        inputs=tuple(Shown(tensor, seen(tensor, timeline)) for tensor in op.inputs),
        outputs=tuple(Shown(tensor, seen(tensor, timeline)) for tensor in op.outputs),
        attrs={name: _words(value) for name, value in op.attrs.items()},
        users=users,
        running=frozenset(user for user in users if user in plan.phases),
        derived=tuple(o for o in facts.graph.operations if o.gradient_of is op),
        inside=None if op.body is None else facts.owners.get(op.body),
        why_not=None if present.there or op.body else why_not(op, plan, facts, names, fetched),
        why_no_value=_why_no_value(op, timeline),
        names=names,
    )


def _why_no_value(op: Operation, timeline: Timeline) -> str:
    if not op.outputs:
        return ""
    try:
        timeline.value(op.outputs[0], timeline.t)
    except NotExecuted as error:
        return str(error)
    return ""


def _words(value: Any) -> str:
    """An attribute in a few letters."""
    if isinstance(value, Body):
        return f"a body of {len(value.operations)} operations"
    if isinstance(value, np.ndarray):
        return f"an array {list(value.shape)}" if value.size > 4 else str(value.tolist())
    name = getattr(value, "name", None) or getattr(value, "__name__", None)
    text = str(name or value)
    return text if len(text) <= 60 else f"{text[:57]}..."
