"""What a picture is to show: data, without any idea of how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graphscope.debug.answers import Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Coming, Value
from graphscope.engine.lessons import is_loop
from graphscope.engine.plan import Plan, bodies, plan
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import written

#: What an operation is in the answer to a question: on the way that the answer shows, what answers
#: for it, what is missing, what differs, what is new, or only something of which more is said.
Part = Literal["way", "culprit", "missing", "differs", "first", "new", "gone", "plain"]


@dataclass(frozen=True)
class Mark:
    """What an operation is in an answer. word: what is written in its box; empty for nothing."""

    part: Part
    word: str = ""


#: Where a gradient ends: the operation that hands it on to nothing, and those it came by, the
#: nearest first.
Cut = tuple[Operation, tuple[Operation, ...]]


@dataclass(frozen=True)
class Highlight:
    """The answer to a question, as far as it can be drawn. What it does not name is faint.

    title:    the question. sentence: the answer in one line.
    marks:    the operations of the answer.
    pairs:    the operations between which the answer leads, in either direction.
    cuts:     where gradients end.
    legend:   what the parts mean here; rest: what all the others are.
    back:     ways of a gradient, each from the loss down.
    times:    for each operation, its place in the order; where that is the answer.
    """

    title: str
    sentence: str
    marks: dict[Operation, Mark]
    pairs: frozenset[tuple[Operation, Operation]] = frozenset()
    cuts: tuple[Cut, ...] = ()
    legend: dict[Part, str] = field(default_factory=dict)
    rest: str = "not part of the answer"
    back: tuple[tuple[Operation, ...], ...] = ()
    times: dict[Operation, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """The part of a graph that a fetch needs, and what is known of its run.

    t:       how many nodes have run; None when there is no run, and everything is drawn alike.
    end:     how many there are, in a word: ``31+`` while a loop is still to come.
    values:  the values that are known at this time, by tensor: outputs, variables, feeds.
    deltas:  the variables that were changed so far. moves: what each write has changed.
    breakpoints: the nodes with a breakpoint; conditions: of those that do not stop always, when
             they do: ``if v > 1``, ``disabled``. watched: the watched nodes and variables.
    by_hand: what the user has set: nodes, also those that are still to come, and variables.
    now, next: the node that ran last, and the one that runs next; what is inside a branch or a loop
    counts as its owner. now_inside, next_inside: the same, as it is. done: the nodes that have run.
    rounds:  of each loop that has begun, in which iteration it is, or how many it had.
    seconds: what each node took, all of its executions together.
    times:   when each node runs for the first time, as far as it is known.
    failed:  the node that raised an error, or its owner. failure: the error in a line.
    highlight: the answer that is drawn, or None.
    """

    plan: Plan
    fetched: tuple[str, ...]
    names: Names
    facts: Facts
    t: int | None = None
    end: str = ""
    values: dict[Tensor, Value] = field(default_factory=dict)
    deltas: dict[Operation, Delta] = field(default_factory=dict)
    moves: dict[Operation, Delta] = field(default_factory=dict)
    breakpoints: frozenset[Operation] = frozenset()
    conditions: dict[Operation, str] = field(default_factory=dict)
    watched: frozenset[Operation] = frozenset()
    by_hand: frozenset[Operation] = frozenset()
    now: Operation | None = None
    next: Operation | None = None
    now_inside: Operation | None = None
    next_inside: Operation | None = None
    done: frozenset[Operation] = frozenset()
    rounds: dict[Operation, int] = field(default_factory=dict)
    seconds: dict[Operation, float] = field(default_factory=dict)
    times: dict[Operation, int] = field(default_factory=dict)
    failed: Operation | None = None
    failure: str = ""
    highlight: Highlight | None = None

    @property
    def answers(self) -> bool:
        """Whether the picture is about a part of what is in it."""
        return self.highlight is not None and bool(self.highlight.marks)


def scene_of_fetch(
    fetches: Sequence[Tensor | Operation],
    feeds: dict[Tensor, Value],
    fetched: tuple[str, ...],
    facts: Facts,
    names: Names,
) -> Scene:
    """The part of the graph that the fetches need, without a run."""
    made = plan(facts.graph, fetches, feeds)
    return Scene(made, fetched, names, facts, values=dict(feeds), times=_times(made, ()))


def scene_of_run(
    timeline: Timeline,
    fetched: tuple[str, ...],
    facts: Facts,
    names: Names,
    breakpoints: frozenset[Operation] = frozenset(),
    t: int | None = None,
    *,
    conditions: dict[Operation, str] | None = None,
    watched: frozenset[Operation] = frozenset(),
) -> Scene:
    """The run as it stands at a time; at the timeline's cursor when that is left out."""
    t = timeline.t if t is None else t
    steps, plan = timeline.steps[:t], timeline.plan
    values: dict[Tensor, Value] = dict(timeline.run.feeds)
    for step in steps:
        values.update(step.outputs)
    known, coming = timeline.variables(t), timeline.ahead(t)
    for variable in facts.variables:
        if variable.name in known:
            values.setdefault(variable.outputs[0], known[variable.name])
    failure = timeline.failure if t == timeline.newest and not plan.missing else None
    deltas, moves = _changes(timeline, steps, facts)
    return Scene(
        plan=plan,
        fetched=fetched,
        names=names,
        facts=facts,
        t=t,
        end=timeline.last,
        values=values,
        deltas=deltas,
        moves=moves,
        breakpoints=breakpoints,
        conditions=conditions or {},
        watched=watched,
        by_hand=_by_hand(timeline, steps, facts),
        now=plan.outermost(steps[-1].node) if steps else None,
        next=None if coming is None else plan.outermost(coming.op),
        now_inside=steps[-1].node if steps else None,
        next_inside=None if coming is None else coming.op,
        done=frozenset(step.node for step in steps),
        rounds=_rounds(steps, coming),
        seconds=_seconds(steps),
        times=_times(plan, steps),
        failed=plan.outermost(coming.op) if failure is not None and coming is not None else None,
        failure=_in_a_line(failure),
    )


def _changes(
    timeline: Timeline, steps: Sequence[Step], facts: Facts
) -> tuple[dict[Operation, Delta], dict[Operation, Delta]]:
    """What became of each variable since the start, and what each write has changed."""
    by_name = {variable.name: variable for variable in facts.variables}
    known = dict(timeline.start)
    deltas: dict[Operation, Delta] = {}
    moves: dict[Operation, Delta] = {}
    for step in steps:
        for variable in written(step.node)[:1]:
            if variable.name in step.writes:
                new = step.writes[variable.name]
                moves[step.node] = Delta(known.get(variable.name), new)
        for name, value in step.writes.items():
            deltas[by_name[name]] = Delta(timeline.start.get(name), value)
        known.update(step.writes)
    return deltas, moves


def _by_hand(timeline: Timeline, steps: Sequence[Step], facts: Facts) -> frozenset[Operation]:
    """The nodes whose values are set, and the variables that have been set so far."""
    begun = {n for n, v in timeline.start.items() if timeline.before.variables.get(n) is not v}
    named = begun.union(*(step.overridden for step in steps))
    found = {variable for variable in facts.variables if variable.name in named}
    return frozenset(found | {tensor.op for tensor in timeline.overrides})


def _rounds(steps: Sequence[Step], coming: Coming | None) -> dict[Operation, int]:
    """The iteration of each loop: the one that runs, or the last one that has run."""
    found: dict[Operation, int] = {}
    frames = [step.frame for step in steps if step.frame.owner is not None]
    for frame in [*frames, *([] if coming is None else [coming.frame])]:
        for call in frame.calls_around:
            if call.owner is None or not is_loop(call.owner):
                continue
            tests = call.body is call.owner.attrs.get("test")
            found[call.owner] = call.iteration + 1 if not tests else max(1, call.iteration)
    for step in steps:
        if step.node in found and "test" in step.node.attrs:  # it says itself how many there were
            found[step.node] = int(step.outputs[step.node.outputs[-1]])
    return found


def _seconds(steps: Sequence[Step]) -> dict[Operation, float]:
    found: dict[Operation, float] = {}
    for step in steps:
        found[step.node] = found.get(step.node, 0.0) + step.seconds
    return found


def _times(plan: Plan, steps: Sequence[Step]) -> dict[Operation, int]:
    """When each node has run or will run: up to the next cond or loop, since what is inside of it
    has times of its own."""
    found: dict[Operation, int] = {}
    for step in steps:
        found.setdefault(step.node, step.t)
    begun = any(step.frame.owner is not None for step in steps[-1:])
    coming = () if begun else (op for op in plan.nodes if op not in found)
    for t, op in enumerate(coming, len(steps) + 1):
        if bodies(op):
            break
        found[op] = t
    return found


def _in_a_line(error: Exception | None) -> str:
    """``InvalidArgumentError: what it says first``"""
    if error is None:
        return ""
    said = str(error).strip().partition("\n")[0].partition("[[")[0].strip()
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


#: Makes a picture of a scene. Set by `graphscope.show`, which is above this floor.
Painter = Callable[..., Any]
