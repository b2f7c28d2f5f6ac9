"""Boxes that become one: the sketch with fewer boxes, in which nothing is lost or counted twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphscope.show.sketch import Box, Fold, Sketch
from graphscope.show.theme import RoleName


@dataclass(frozen=True)
class Group:
    """Boxes that are drawn as one are given equal groups.

    whole: what tells this group from others. role, order: as those of `Box`.
    """

    whole: object
    role: RoleName
    fold: Fold
    order: int = 1


def merged(drawn: Sketch, groups: Mapping[Box, Group]) -> Sketch:
    """The sketch in which the boxes of each group are one box. A box without a group stays."""
    if not groups:
        return drawn
    result = drawn.emptied()
    wholes: dict[Group, Box] = {}
    now: dict[Box, Box] = {}
    for box in drawn.boxes:
        group = groups.get(box)
        if group is None:
            now[box] = box
            result.boxes.append(box)
            continue
        whole = wholes.get(group)
        if whole is None:
            whole = wholes[group] = Box(group.role, box.main, order=group.order, fold=group.fold)
            result.boxes.append(whole)
        _add(whole, box)
        now[box] = whole
    result.boxes.sort(key=lambda box: box.main._id)
    result.home = {op: now[box] for op, box in drawn.home.items()}
    result.feeds = {tensor: now[box] for tensor, box in drawn.feeds.items()}
    result.gradients = {box: box for box in result.boxes if box.role == "gradient"}
    _join(drawn, result, now)
    return result


def _add(whole: Box, box: Box) -> None:
    """Its name is that of the first part in its role."""
    if box.role == whole.role and all(part.role != whole.role for part in whole.parts):
        whole.main = box.main
    whole.parts += box.parts or [box]
    whole.ops += box.ops
    whole.fetched |= box.fetched
    if whole.role == "gradient" and whole.about is None:
        whole.about = box.about


def _join(drawn: Sketch, result: Sketch, now: Mapping[Box, Box]) -> None:
    """The edges between the new boxes. Waiting is not drawn where a value is passed as well."""
    waiting = []
    passed = set()
    for edge in drawn.edges:
        tail, head = now[edge.tail], now[edge.head]
        if _is_kept(tail) and _is_kept(head):
            continue  # the update says what it uses
        if edge.kind == "control":
            waiting.append((tail, head))
        else:
            result.join(tail, head, edge.kind)
            passed.add((tail, head))
    for tail, head in waiting:
        if (tail, head) not in passed and (head, tail) not in passed:
            result.join(tail, head, "control")


def _is_kept(box: Box) -> bool:
    return box.fold is not None and box.fold.kind == "kept" and box.role == "update"
