"""Where do two ways of a run part?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from graphscope.debug.answers import Answer
from graphscope.debug.names import Names
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops import lists


@dataclass(frozen=True)
class Comparison(Answer):
    """Two ways of a run, compared step by step.

    node:      the first node that differs; None when none does. t: when it ran.
    why:       ``values``, ``set by hand``, ``another node``, ``feeds``, ``variables`` or ``ends``.
    tensor, first, second: what differs, and its two values.
    differing: how many steps differ from there on. names: of the nodes.
    """

    node: Operation | None
    t: int | None
    why: str
    tensor: Tensor | str | None
    first: Value | None
    second: Value | None
    differing: int
    compared: int
    names: Names

    @property
    def same(self) -> bool:
        return self.why == ""


def compare(a: Timeline, b: Timeline, names: Names) -> Comparison:
    """The first divergence of two runs: in what they begin with, then node by node."""
    feeds = {*a.run.feeds, *b.run.feeds}
    for tensor in sorted(feeds, key=lambda t: t.op._id):
        x, y = a.run.feeds.get(tensor), b.run.feeds.get(tensor)
        if not equal(x, y):
            return _build(a, b, names, None, 0, "feeds", tensor, x, y)
    for name in {**a.start, **b.start}:
        x, y = a.start.get(name), b.start.get(name)
        if not equal(x, y):
            return _build(a, b, names, None, 0, "variables", name, x, y)
    for one, other in _pairs(a, b):
        found = divergence(one, other)
        if found is not None:
            step = one or other
            assert step is not None, "a pair has at least one step"
            return _build(a, b, names, step.node, step.t, *found)
    return _build(a, b, names, None, None, "", None, None, None)


def _pairs(a: Timeline, b: Timeline) -> list[tuple[Step | None, Step | None]]:
    """The steps of both side by side, as far as both have come."""
    if a.finished and b.finished:
        return list(zip_longest(a.steps, b.steps))
    return list(zip(a.steps, b.steps, strict=False))


def divergence(
    one: Step | None, other: Step | None
) -> tuple[str, Tensor | str | None, Value | None, Value | None] | None:
    """How two steps differ: the reason, what differs, and its two values; None when they do not."""
    if one is None or other is None:
        return "ends", None, None, None
    if one.node is not other.node:
        return "another node", None, None, None
    for tensor, x in one.outputs.items():
        if not equal(x, other.outputs[tensor]):
            by_hand = tensor in one.overridden or tensor in other.overridden
            return "set by hand" if by_hand else "values", tensor, x, other.outputs[tensor]
    for name in {**one.writes, **other.writes}:
        before, after = one.writes.get(name), other.writes.get(name)
        if not equal(before, after):
            by_hand = name in one.overridden or name in other.overridden
            return "set by hand" if by_hand else "values", name, before, after
    return None


def equal(x: Value | None, y: Value | None) -> bool:
    """The same numbers bit by bit, where NaN is NaN."""
    if x is y:
        return True
    return x is not None and y is not None and lists.equal(x, y)


def _build(
    a: Timeline,
    b: Timeline,
    names: Names,
    node: Operation | None,
    t: int | None,
    why: str,
    tensor: Tensor | str | None,
    first: Value | None,
    second: Value | None,
) -> Comparison:
    pairs = _pairs(a, b)
    differing = sum(divergence(one, other) is not None for one, other in pairs)
    return Comparison(node, t, why, tensor, first, second, differing, len(pairs), names)
