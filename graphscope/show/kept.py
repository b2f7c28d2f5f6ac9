"""What an optimizer keeps: slots, powers of its rates of decay, a learning rate that is computed.

It is folded into the update that uses it, until it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection

from graphscope.graph.walk import reach
from graphscope.show.merge import Group
from graphscope.show.sketch import Box, Fold, Sketch

#: What opens all of it.
ALL = "optimizer"


def kept_groups(drawn: Sketch) -> dict[Box, Group]:
    """The groups of what optimizers keep, without what is asked to be open."""
    opened = drawn.asked.expand
    if ALL in opened or not drawn.asked.folds:
        return {}
    groups = _slots(drawn, opened)
    groups.update(_powers(drawn, opened))
    groups.update(_rates(drawn, opened, groups))
    return groups


def _steps(drawn: Sketch) -> set[Box]:
    """The boxes of the steps of optimizers."""
    facts = drawn.scene.facts
    return {box for box in drawn.boxes if box.role == "update" and facts.is_trainer(box.main)}


def _slots(drawn: Sketch, opened: Collection[str]) -> dict[Box, Group]:
    """A slot is in the one update that writes it beside its variable."""
    steps = _steps(drawn)
    found: dict[Box, list[Box]] = {}
    for slot in drawn.scene.facts.slots:
        box = drawn.home.get(slot.variable)
        if box is None or slot.owner is None or box.fetched:
            continue
        writers = [edge.tail for edge in drawn.into(box) if edge.kind == "write"]
        if len(writers) == 1 and writers[0] in steps:
            found.setdefault(writers[0], []).append(box)
    groups = {}
    for box in drawn.boxes:
        # what an optimizer makes of a gradient of rows before it uses it
        if box.role != "gradient" or not box.scope:
            continue
        users = {edge.head for edge in drawn.out_of(box)}
        if len(users) == 1 and users <= steps:
            found.setdefault(users.pop(), []).append(box)
    for step, slots in found.items():
        names = {step.main.name, *(slot.main.name for slot in slots)}
        if names.isdisjoint(opened):
            group = Group(step, "update", Fold("kept", step.main.name))
            groups.update(dict.fromkeys((step, *slots), group))
    return groups


def _powers(drawn: Sketch, opened: Collection[str]) -> dict[Box, Group]:
    """What is kept for all variables at once, with all that brings it up to date: one box for each
    optimizer."""
    steps = _steps(drawn)
    found: dict[str, list[Box]] = {}
    names: dict[str, list[str]] = {}
    for slot in drawn.scene.facts.slots:
        box = drawn.home.get(slot.variable)
        if box is None or slot.owner is not None or slot.trainer is None:
            continue
        writers = {edge.tail for edge in drawn.into(box) if edge.kind == "write"}
        chain = _behind(drawn, box, steps | writers) - steps
        alone = all(b is box or (b.role in ("forward", "update") and not b.fetched) for b in chain)
        if writers and writers <= chain and alone:
            optimizer = slot.trainer.name.partition("/")[0]
            found.setdefault(optimizer, []).extend(chain)
            names.setdefault(optimizer, []).append(slot.variable.name)
    groups = {}
    for optimizer, boxes in found.items():
        name = ", ".join(names[optimizer])
        if {optimizer, name, *names[optimizer]}.isdisjoint(opened):
            group = Group(optimizer, "update", Fold("kept", name))
            groups.update(dict.fromkeys(boxes, group))
    return groups


def _behind(drawn: Sketch, start: Box, ends: set[Box]) -> set[Box]:
    """All that uses a value, up to some ends and with them."""
    return reach([start], lambda box: () if box in ends else _heads(drawn, box))


def _heads(drawn: Sketch, box: Box) -> list[Box]:
    return [edge.head for edge in drawn.out_of(box) if edge.kind in ("data", "variable")]


def _rates(drawn: Sketch, opened: Collection[str], groups: dict[Box, Group]) -> dict[Box, Group]:
    """Operations whose values only optimizers use: how the learning rate is computed."""
    steps = _steps(drawn)
    only: set[Box] = set()
    for box in reversed(drawn.boxes):
        heads = [edge.head for edge in drawn.out_of(box) if edge.kind != "ghost"]
        useful = box.role != "forward" or box.fetched or box in groups
        if not useful and heads and all(head in steps or head in only for head in heads):
            only.add(box)
    found = {}
    for box in drawn.boxes:
        if box in only and box not in found:
            part = reach([box], lambda b: [n for n in _near(drawn, b) if n in only])
            last = max(part, key=lambda b: b.main._id)
            name = last.main.name
            if len(part) > 1 and name not in opened:
                group = Group(last, "forward", Fold("kept", name))
                found.update(dict.fromkeys(part, group))
    return found


def _near(drawn: Sketch, box: Box) -> list[Box]:
    return [*(e.head for e in drawn.out_of(box)), *(e.tail for e in drawn.into(box))]
