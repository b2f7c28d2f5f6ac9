"""What a picture is to show: data, without any idea of how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphscope.debug.answers import Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Plan, plan
from graphscope.graph.graph import Operation, Tensor


@dataclass(frozen=True)
class Scene:
    """The part of a graph that a fetch needs, and what is known of its run.

    t:       how many nodes have run; None when there is no run, and everything is drawn alike.
    end:     how many there are, in a word: ``31+`` while a loop is still to come.
    values:  the values that are known at this time, by tensor: outputs, variables, feeds.
    deltas:  the variables that were changed so far.
    feeds:   the fed tensors. breakpoints: the nodes with a breakpoint.
    now, next: the node that ran last, and the one that runs next; what is inside a branch or a loop
    counts as its owner. done: the nodes that have run.
    """

    plan: Plan
    fetched: tuple[str, ...]
    names: Names
    facts: Facts
    t: int | None = None
    end: str = ""
    values: dict[Tensor, Value] = field(default_factory=dict)
    deltas: dict[Operation, Delta] = field(default_factory=dict)
    breakpoints: frozenset[Operation] = frozenset()
    now: Operation | None = None
    next: Operation | None = None
    done: frozenset[Operation] = frozenset()


def scene_of_fetch(
    fetches: Sequence[Tensor | Operation],
    feeds: dict[Tensor, Value],
    fetched: tuple[str, ...],
    facts: Facts,
    names: Names,
) -> Scene:
    """The part of the graph that the fetches need, without a run."""
    return Scene(plan(facts.graph, fetches, feeds), fetched, names, facts, values=dict(feeds))


def scene_of_run(
    timeline: Timeline,
    fetched: tuple[str, ...],
    facts: Facts,
    names: Names,
    breakpoints: frozenset[Operation],
) -> Scene:
    """The run as it stands at the timeline's cursor."""
    values: dict[Tensor, Value] = dict(timeline.run.feeds)
    for step in timeline.steps[: timeline.t]:
        values.update(step.outputs)
    now, ran, coming = timeline.variables(), timeline.here, timeline.upcoming()
    by_name = {variable.name: variable for variable in facts.variables}
    for variable in facts.variables:
        if variable.name in now:
            values.setdefault(variable.outputs[0], now[variable.name])
    deltas = {}
    for step in timeline.steps[: timeline.t]:
        for name in step.writes:
            deltas[by_name[name]] = Delta(timeline.start.get(name), now[name])
    return Scene(
        plan=timeline.plan,
        fetched=fetched,
        names=names,
        facts=facts,
        t=timeline.t,
        end=timeline.last,
        values=values,
        deltas=deltas,
        breakpoints=breakpoints,
        now=None if ran is None else timeline.plan.outermost(ran.node),
        next=None if coming is None else timeline.plan.outermost(coming),
        done=frozenset(step.node for step in timeline.steps[: timeline.t]),
    )


#: Makes a picture of a scene. Set by `graphscope.show`, which is above this floor.
Painter = Callable[..., Any]
