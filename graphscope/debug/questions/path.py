"""Which way leads from one node to another, and where is it cut?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from graphscope.debug.answers import Answer
from graphscope.debug.errors import NotExecuted
from graphscope.debug.facts import Facts, cut_of
from graphscope.debug.names import Names
from graphscope.debug.questions.presence import Presence, presences
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import parents
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import Following, shortest_path
from graphscope.ops.lists import has_slope


class Along(Enum):
    """What a path goes along."""

    SLOPE = "the values, and a gradient comes back"
    DATA = "the values"
    CONTROL = "the values and what only has to come first"
    NOTHING = "no path"


@dataclass(frozen=True)
class Hop:
    """A node on the path. tensor: what it hands on to the next one; None for a mere order.

    t: when it runs. value: None while there is none.
    """

    node: Operation
    tensor: Tensor | None
    presence: Presence
    t: int | None
    value: Value | None


@dataclass(frozen=True)
class Way(Answer):
    """A shortest path between two nodes; one along which a gradient comes back is preferred.

    hops:      from the first node to the last; `backwards` says that the path leads from the second
               of the two that were asked for to the first. Empty when there is no path.
    cut:       where the gradient that comes back ends, on a path along which none does.
    fed:       the tensors on the path that are fed in this run, which cuts it.
    common:    without a path, what both come from: the node that is nearest to them; meeting: what
               both lead to. Either may be None.
    """

    start: Operation
    goal: Operation
    along: Along
    hops: tuple[Hop, ...]
    backwards: bool
    cut: Operation | None
    fed: tuple[Tensor, ...]
    common: Operation | None
    meeting: Operation | None
    names: Names

    @property
    def nodes(self) -> tuple[Operation, ...]:
        return tuple(hop.node for hop in self.hops)


def path(start: Operation, goal: Operation, timeline: Timeline, facts: Facts, names: Names) -> Way:
    """The way from one node to the other, in either direction, through the whole graph."""
    found, along, backwards = _found(start, goal, timeline, facts)
    hoped = along is Along.DATA and len(found) > 1
    if hoped:  # a gradient comes back only to floating-point numbers
        hoped = any(has_slope(tensor.dtype) for tensor in found[0].outputs)
    data, everything = _along_data(facts), _along_everything(facts)
    return Way(
        start=start,
        goal=goal,
        along=along,
        hops=tuple(_hops(found, timeline, facts)),
        backwards=backwards,
        cut=cut_of(found, facts.handed) if hoped else None,
        fed=tuple(_fed(found, timeline)),
        common=None if found else _nearest(start, goal, _inputs) or _nearest(start, goal, parents),
        meeting=None if found else _nearest(start, goal, data) or _nearest(start, goal, everything),
        names=names,
    )


def _found(
    start: Operation, goal: Operation, timeline: Timeline, facts: Facts
) -> tuple[list[Operation], Along, bool]:
    """The best path, what it goes along, and whether it leads the other way round. One that no feed
    cuts is better than one that is cut."""
    fed = {tensor.op for tensor in timeline.plan.feeds}
    ways = ((start, goal, False), (goal, start, True))
    for avoided in (fed, set[Operation]()):
        for first, last, backwards in ways:
            data = _around(avoided - {first}, _along_data(facts))
            found = shortest_path(first, last, _with_slope(data, facts))
            if found and any(has_slope(tensor.dtype) for tensor in first.outputs):
                return found, Along.SLOPE, backwards
            found = shortest_path(first, last, data)
            if found:
                return found, Along.DATA, backwards
    for first, last, backwards in ways:
        found = shortest_path(first, last, _along_everything(facts))
        if found:
            return found, Along.CONTROL, backwards
    return [], Along.NOTHING, False


def _around(avoided: set[Operation], following: Following) -> Following:
    return lambda op: (other for other in following(op) if other not in avoided)


def _along_data(facts: Facts) -> Following:
    """From an operation to those that take its values; into branches and loops, and out of them."""
    begun: dict[Operation, list[Operation]] = {}
    for parameter, tensor in facts.begins.items():
        begun.setdefault(tensor.op, []).append(parameter)

    def following(op: Operation) -> Iterator[Operation]:
        for tensor in op.outputs:
            yield from facts.graph.consumers(tensor)
            if op.body is not None and tensor in op.body.results:
                yield facts.owners[op.body]
        yield from begun.get(op, ())

    return following


def _along_everything(facts: Facts) -> Following:
    data = _along_data(facts)

    def following(op: Operation) -> Iterator[Operation]:
        yield from data(op)
        yield from facts.users(op)

    return following


def _with_slope(data: Following, facts: Facts) -> Following:
    """Only to where a gradient comes back from."""

    def following(op: Operation) -> Iterator[Operation]:
        for user in data(op):
            floating = any(has_slope(tensor.dtype) for tensor in facts.handed(op, user))
            if floating and user.definition.differentiable:
                yield user

    return following


def _fed(found: list[Operation], timeline: Timeline) -> Iterator[Tensor]:
    """The fed tensors by which the path goes on, or in which it ends."""
    for op, user in zip_longest(found[1:], found[2:]):
        handed = op.outputs if user is None else user.inputs
        yield from (t for t in op.outputs if t in timeline.plan.feeds and t in handed)


def _hops(found: list[Operation], timeline: Timeline, facts: Facts) -> Iterator[Hop]:
    present = presences(timeline)
    for op, user in zip_longest(found, found[1:]):
        handed = op.outputs if user is None else facts.handed(op, user)
        tensor = handed[0] if handed else None
        yield Hop(op, tensor, present[op], timeline.time_of(op), seen(tensor, timeline))


def seen(tensor: Tensor | None, timeline: Timeline) -> Value | None:
    """The tensor's value now; None while there is none."""
    if tensor is None:
        return None
    try:
        return timeline.value(tensor, timeline.t)
    except NotExecuted:
        return None


def _inputs(op: Operation) -> Iterator[Operation]:
    return (tensor.op for tensor in op.inputs)


def _nearest(one: Operation, other: Operation, following: Following) -> Operation | None:
    """What can be reached from both, by the shortest ways taken together."""
    near, far = _distances(one, following), _distances(other, following)
    both = [op for op in near if op in far]
    return min(both, key=lambda op: (near[op] + far[op], op._id), default=None)


def _distances(start: Operation, following: Following) -> dict[Operation, int]:
    """The number of edges to everything that can be reached."""
    found = {start: 0}
    for op in (queue := [start]):
        for other in following(op):
            if other not in found:
                found[other] = found[op] + 1
                queue.append(other)
    return found
