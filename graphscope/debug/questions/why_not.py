"""Why does this node not run for this fetch?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from graphscope.debug.answers import Answer
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.engine.plan import Plan, plan
from graphscope.graph.graph import Operation, Tensor


class Absence(Enum):
    """Why a node is not a step of the run."""

    IT_RUNS = "it runs"
    INSIDE = "it is inside a branch or a loop, which decides"
    GIVEN = "it is there before the run begins"
    FED = "it is fed"
    HIDDEN = "a feed hides it"
    NOT_NEEDED = "no fetch needs it"


@dataclass(frozen=True)
class WhyNot(Answer):
    """Why a node does not run.

    t:      when it does run. path: from the fetch down to it, for what runs or is given.
    owner:  what runs the branch or the loop that it is in. times: when it has run there.
    feeds:  the fed tensors that hide it. fetches: what could be fetched to make it run.
    """

    node: Operation
    absence: Absence
    fetched: tuple[str, ...]
    t: int | None = None
    path: tuple[Operation, ...] = ()
    feeds: tuple[Tensor, ...] = ()
    fetches: tuple[str, ...] = ()
    owner: Operation | None = None
    times: tuple[int, ...] = ()


def why_not(
    op: Operation,
    current: Plan,
    facts: Facts,
    names: Names,
    fetched: tuple[str, ...],
    times: Sequence[int] = (),
) -> WhyNot:
    """Why `op` is not among the nodes of the plan, or where it is. times: when it has run."""
    path = tuple(current.path(op))
    if op in current.given:
        return WhyNot(op, Absence.GIVEN, fetched, path=path)
    if op in current and current.owner(op) is not None:
        owner = current.owner(op)
        return WhyNot(op, Absence.INSIDE, fetched, path=path, owner=owner, times=tuple(times))
    if op in current:
        t = times[0] if times else current.nodes.index(op) + 1
        return WhyNot(op, Absence.IT_RUNS, fetched, t=t, path=path)
    fed = tuple(tensor for tensor in op.outputs if tensor in current.feeds)
    if fed:
        return WhyNot(op, Absence.FED, fetched, feeds=fed)
    if op in plan(current.graph, current.fetches):
        hiding = _hiding(op, current, facts)
        return WhyNot(op, Absence.HIDDEN, fetched, feeds=hiding)
    above = [root for root in facts.run_by(op) if root is not op]
    fetches = tuple(names.as_fetched(root) for root in above) or (names.as_fetched(op),)
    return WhyNot(op, Absence.NOT_NEEDED, fetched, fetches=fetches)


def _hiding(op: Operation, current: Plan, facts: Facts) -> tuple[Tensor, ...]:
    """The feeds that are taken in place of what the node would be needed for."""
    found: dict[Tensor, None] = {}
    stack, seen = [op], {op}
    while stack:
        for user in facts.users(stack.pop()):
            fed = [tensor for tensor in user.outputs if tensor in current.used_feeds]
            found.update(dict.fromkeys(fed))
            if not fed and user not in seen:
                seen.add(user)
                stack.append(user)
    return tuple(found)
