"""Walking a graph without recursion: what can be reached, and by which way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from graphscope.graph.graph import Operation

Following = Callable[[Operation], Iterable[Operation]]
Node = TypeVar("Node", bound=Hashable)


def reach(start: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """The nodes at the start and all that can be reached from them."""
    seen: set[Node] = set()
    stack = list(start)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += following(node)
    return seen


def shortest_path(start: Operation, goal: Operation, following: Following) -> list[Operation]:
    """A shortest path, both ends included; empty when there is none."""
    came_from: dict[Operation, Operation | None] = {start: None}
    queue = deque([start])
    while queue and goal not in came_from:
        op = queue.popleft()
        for other in following(op):
            if other not in came_from:
                came_from[other] = op
                queue.append(other)
    if goal not in came_from:
        return []
    path = [goal]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return path[::-1]
