"""A part of a sketch: one part of the run, or what is near something."""

from __future__ import annotations

from collections.abc import Collection

from graphscope.debug.errors import DebugError
from graphscope.show.sketch import Box, Sketch
from graphscope.show.theme import RoleName

#: The roles of each part of a run; what stands beside them, such as feeds, comes with its users.
_ROLES: dict[str, frozenset[RoleName]] = {
    "forward": frozenset({"forward"}),
    "backward": frozenset({"gradient"}),
    "update": frozenset({"update", "control"}),
}
_BESIDE: frozenset[RoleName] = frozenset({"feed", "const", "variable", "frozen", "fetch"})


def part_of(drawn: Sketch, part: str) -> Sketch:
    """One part of the run, with the feeds, variables and constants that it uses or writes."""
    core = {box for box in drawn.boxes if box.role in _ROLES[part]}
    near = {box for one in core for box in _neighbours(drawn, one) if box.role in _BESIDE}
    return only(drawn, core | near)


def near(drawn: Sketch, name: str, radius: int) -> Sketch:
    """What goes by the name, and what is up to `radius` edges away from it.

    Errors: DebugError when nothing goes by the name.
    """
    found = {box for box in drawn.boxes if any(_goes_by(op.name, name) for op in box.ops)}
    found |= {b for b in drawn.boxes if b.main.name == name or drawn.scene.names.of(b.main) == name}
    if not found:
        raise DebugError(f"Nothing in this picture is called {name!r}: use a scope or a node.")
    for _ in range(radius):
        found |= {other for box in found for other in _neighbours(drawn, box)}
    return only(drawn, found)


def _goes_by(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}/")


def _neighbours(drawn: Sketch, box: Box) -> list[Box]:
    return [*(e.head for e in drawn.out_of(box)), *(e.tail for e in drawn.into(box))]


def only(drawn: Sketch, boxes: Collection[Box]) -> Sketch:
    """These boxes, and the edges between them."""
    result = drawn.emptied()
    result.boxes = [box for box in drawn.boxes if box in boxes]
    result.home = {op: box for op, box in drawn.home.items() if box in boxes}
    result.feeds = {tensor: box for tensor, box in drawn.feeds.items() if box in boxes}
    result.gradients = {key: box for key, box in drawn.gradients.items() if box in boxes}
    for edge in drawn.edges:
        if edge.tail in boxes and edge.head in boxes:
            result.join(edge.tail, edge.head, edge.kind)
    return result
