"""What goes into a node, and what comes of it, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial

from graphscope.debug.answers import Answer
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.path import seen
from graphscope.debug.questions.presence import Presence, presences
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor

#: Without another limit a tree is not deeper than this.
DEEPEST = 20


class Direction(Enum):
    """Which way a tree grows."""

    INPUTS = "what goes into it"
    OUTPUTS = "what comes of it"


@dataclass(frozen=True)
class Branch:
    """A line of the tree. number: of the line, from 1; depth: 0 for the node that was asked for.

    tensor: by which it is connected to the line above it; None for a mere order, and for the root.
    seen_at: the number of the line at which what is behind this node was shown; None when it is
             shown here, or there is nothing.
    hidden:  how many nodes behind this one are not shown because of the depth.
    t, phase: when it runs; None for what is no step of this plan.
    """

    number: int
    depth: int
    node: Operation
    tensor: Tensor | None
    seen_at: int | None
    hidden: int
    t: int | None
    phase: Phase | None
    presence: Presence
    value: Value | None


@dataclass(frozen=True)
class Tree(Answer):
    """The nodes before or behind a node."""

    direction: Direction
    rows: tuple[Branch, ...]
    depth: int
    control: bool
    names: Names

    @property
    def nodes(self) -> tuple[Operation, ...]:
        """Each node once, in the order in which they are shown."""
        return tuple(dict.fromkeys(row.node for row in self.rows))


def tree(
    root: Operation,
    direction: Direction,
    timeline: Timeline,
    facts: Facts,
    names: Names,
    *,
    depth: int,
    control: bool,
) -> Tree:
    """The tree from a node, `depth` levels deep. control: also along what only has to come first.

    Each node is shown in full once; where it comes again, and nothing more of what is behind it
    could be shown, there is the number of that line.
    """
    present, heights = presences(timeline), cache(partial(_heights, direction, facts, control))
    rows: list[Branch] = []
    full: dict[Operation, tuple[int, int]] = {}
    stack: list[tuple[Operation, Tensor | None, int]] = [(root, None, 0)]
    while stack:
        op, tensor, level = stack.pop()
        behind = list(_behind(op, direction, facts, control))
        left = depth - level
        number, shown = full.get(op, (0, -1))
        is_again = bool(behind) and op in full and (shown >= left or shown >= heights()[op])
        if not is_again:
            full[op] = (len(rows) + 1, left)
            if left > 0:
                stack += [(other, t, level + 1) for other, t in reversed(behind)]
        rows.append(
            Branch(
                number=len(rows) + 1,
                depth=level,
                node=op,
                tensor=tensor,
                seen_at=number if is_again else None,
                hidden=len(behind) if left == 0 and not is_again else 0,
                t=timeline.time_of(op),
                phase=timeline.plan.phases.get(op),
                presence=present[op],
                value=seen(_shown(op, tensor, direction), timeline),
            )
        )
    return Tree(direction, tuple(rows), depth, control, names)


def _behind(
    op: Operation, direction: Direction, facts: Facts, control: bool
) -> Iterator[tuple[Operation, Tensor | None]]:
    """The next nodes, each once for each tensor."""
    found: dict[tuple[Operation, Tensor | None], None] = {}
    if direction is Direction.INPUTS:
        found.update({(tensor.op, tensor): None for tensor in op.inputs})
        others = op.control_inputs if control else []
    else:
        for tensor in op.outputs:
            found.update({(user, tensor): None for user in facts.graph.consumers(tensor)})
        others = [user for user in facts.users(op) if op in user.control_inputs] if control else []
    known = {other for other, _ in found}
    found.update({(other, None): None for other in others if other not in known})
    return iter(found)


def _heights(direction: Direction, facts: Facts, control: bool) -> dict[Operation, int]:
    """How many levels there are behind each operation."""
    ops = facts.graph.operations
    heights: dict[Operation, int] = {}
    for op in ops if direction is Direction.INPUTS else reversed(ops):
        behind = (heights[other] for other, _ in _behind(op, direction, facts, control))
        heights[op] = 1 + max(behind, default=-1)
    return heights


def _shown(op: Operation, tensor: Tensor | None, direction: Direction) -> Tensor | None:
    """The tensor whose value stands beside a node."""
    if direction is Direction.INPUTS and tensor is not None:
        return tensor
    return op.outputs[0] if op.outputs else None
