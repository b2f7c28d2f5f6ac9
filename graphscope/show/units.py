"""What is folded as a whole: a step of the forward pass with all that belongs to it, or a scope.

A gradient belongs to the step that it differentiates, a variable to the first step that reads it,
an update to its variable. Each of them is where its step is.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

from graphscope.graph.graph import Operation
from graphscope.show.sketch import Box, Sketch
from graphscope.show.theme import RoleName

Scope = tuple[str, ...]


@dataclass(eq=False)
class Unit:
    """A step, or a scope with the units in it.

    The boxes are complete before anything is asked of it.

    name:   how it is asked for: ``tower/layer1``, ``MatMul_3``.
    boxes:  all boxes of it, in order of creation. inside: the units of a scope, empty for a step.
    loose:  the boxes of a scope that belong to no step. path: the scope, empty for a step.
    """

    name: str
    path: Scope = ()
    boxes: list[Box] = field(default_factory=list)
    inside: list[Unit] = field(default_factory=list)
    loose: list[Box] = field(default_factory=list)

    @property
    def first(self) -> int:
        return self.boxes[0].main._id

    @cached_property
    def steps(self) -> list[Box]:
        return [box for box in self.boxes if box.role == "forward"]

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of its steps, each once."""
        return tuple(dict.fromkeys(box.main.type for box in self.steps))

    @cached_property
    def signature(self) -> Hashable:
        """Equal for units of the same structure."""
        kinds = tuple((box.role, box.main.type, len(box.ops), box.order) for box in self.boxes)
        return (bool(self.path), kinds)

    def role(self, box: Box) -> RoleName:
        """The role of the box when the unit is closed: what has no value, but a gradient, is among
        the steps where there are steps."""
        if box.role == "const" or (box.role == "ghost" and not box.blocked and self.steps):
            return "forward"
        return box.role


def scope_of(op: Operation) -> Scope:
    return tuple(op.name.split("/")[:-1])


def tree(drawn: Sketch) -> Unit:
    """The whole picture as one scope. Feeds are in no unit: they are always drawn."""
    step_of = _steps(drawn)
    units = {box: Unit(box.main.name) for box in drawn.boxes if step_of.get(box) is box}
    scopes: dict[Scope, Unit] = {(): Unit("")}
    for step, unit in units.items():
        _scope(scopes, scope_of(step.main)).inside.append(unit)
    for box in drawn.boxes:
        if box.role == "feed":
            continue
        owner = step_of.get(box)
        if owner is not None:
            units[owner].boxes.append(box)
        else:
            _nearest(scopes, scope_of(box.main)).loose.append(box)
    for path in sorted(scopes, key=len, reverse=True):
        scope = scopes[path]
        scope.boxes = sorted(
            [*scope.loose, *(box for unit in scope.inside for box in unit.boxes)],
            key=lambda box: box.main._id,
        )
        scope.inside.sort(key=lambda unit: unit.first)
    return scopes[()]


def _scope(scopes: dict[Scope, Unit], path: Scope) -> Unit:
    """The unit of a scope, made with all around it when it is new."""
    for depth in range(1, len(path) + 1):
        inner = path[:depth]
        if inner not in scopes:
            scopes[inner] = Unit("/".join(inner), inner)
            scopes[inner[:-1]].inside.append(scopes[inner])
    return scopes[path]


def _nearest(scopes: dict[Scope, Unit], path: Scope) -> Unit:
    """The innermost of the scopes around a path that there is."""
    return next(scopes[path[:n]] for n in range(len(path), -1, -1) if path[:n] in scopes)


def _steps(drawn: Sketch) -> dict[Box, Box]:
    """The step to which each box belongs, where there is one."""
    abouts = {box.about for box in drawn.boxes if box.role == "gradient"}
    found: dict[Box, Box] = {}
    for box in drawn.boxes:
        if box.role == "forward" or (
            box.role == "ghost" and not box.blocked and box.main in abouts
        ):
            found[box] = box
    for box in drawn.boxes:
        if box.role in ("variable", "frozen", "const"):
            readers = [edge.head for edge in drawn.out_of(box) if edge.head in found]
            readers = [step for step in readers if found[step] is step]
            if readers:
                found[box] = min(readers, key=lambda step: step.main._id)
    for box in drawn.boxes:
        if box.role == "update":
            written = [edge.head for edge in drawn.out_of(box) if edge.kind == "write"]
            owner = next((found[variable] for variable in written if variable in found), None)
        elif box.about is not None:
            about = drawn.home.get(box.about)
            owner = found.get(about) if about is not None else None
        else:
            continue
        if owner is not None:
            found[box] = owner
    return found
