"""What do optimizers and averages keep beside the variables?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.facts import Facts, Slot
from graphscope.debug.names import Names
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation

_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Kept:
    """A variable that is kept beside another one, with its value now; None for one without.

    initialized_by: what to fetch so that it has one: the operations that run its initializer.
    """

    variable: Operation
    name: str
    value: Value | None
    initialized_by: tuple[str, ...]


@dataclass(frozen=True)
class Keeper:
    """An optimizer or a moving average. name: ``Adam``. trains: the name of the operation by which
    it trains, and the line that made that; empty where it is not known.

    shared: what it keeps once. slots: for each variable what it keeps beside that.
    """

    name: str
    trains: str
    where: str
    shared: tuple[Kept, ...]
    slots: dict[str, tuple[Kept, ...]]


@dataclass(frozen=True)
class Slots(Answer):
    """The slots, by their keepers, in order of creation."""

    keepers: tuple[Keeper, ...]

    @property
    def uninitialized(self) -> tuple[Kept, ...]:
        found = [kept for keeper in self.keepers for kept in keeper.shared]
        found += [k for keeper in self.keepers for row in keeper.slots.values() for k in row]
        return tuple(kept for kept in found if kept.value is None)


def slots(timeline: Timeline, facts: Facts, names: Names, prefix: str = "") -> Slots:
    """The slots of the variables whose name begins with the prefix, and what is kept once."""
    groups: dict[tuple[str, Operation | None], list[Slot]] = {}
    for slot, key in zip(facts.slots, keepers_of(facts), strict=True):
        if slot.owner is None or names.of(slot.owner).startswith(prefix):
            groups.setdefault(key, []).append(slot)
    now = timeline.variables()
    keepers = []
    for (label, train_op), members in groups.items():
        if prefix and all(slot.owner is None for slot in members):
            continue
        by_owner: dict[str, list[Kept]] = {}
        for slot in members:
            name = "" if slot.owner is None else names.of(slot.owner)
            by_owner.setdefault(name, []).append(_kept(slot, now, facts, names))
        shared = tuple(by_owner.pop("", ()))
        keepers.append(
            Keeper(
                name=label,
                trains="" if train_op is None else names.as_fetched(train_op),
                where=train_op.source.where if train_op and train_op.source else "",
                shared=shared,
                slots={name: tuple(kept) for name, kept in by_owner.items()},
            )
        )
    return Slots(tuple(keepers))


def keepers_of(facts: Facts) -> list[tuple[str, Operation | None]]:
    """For each slot the name of its keeper and the operation by which that trains. A slot that is
    known by its name alone goes to the first keeper of the name; what is kept once goes by the name
    that the slots of the same step have."""
    trained = [
        None if slot.trainer is None else facts.train_op(slot.trainer) for slot in facts.slots
    ]
    labels: dict[Operation | None, str] = {}
    for slot, train_op in zip(facts.slots, trained, strict=True):
        if slot.owner is not None:
            labels.setdefault(train_op, _label(slot))
    known = {label: op for op, label in reversed(labels.items()) if op is not None}
    keys: list[tuple[str, Operation | None]] = []
    for slot, train_op in zip(facts.slots, trained, strict=True):
        label = labels.get(train_op, "") if slot.trainer else _label(slot)
        keys.append((label, train_op or known.get(label)))
    return keys


def _label(slot: Slot) -> str:
    """``Adam`` of ``W/Adam_1``."""
    return _NUMBER.sub("", slot.variable.name.rpartition("/")[2])


def _kept(slot: Slot, now: dict[str, Value], facts: Facts, names: Names) -> Kept:
    op = slot.variable
    initializers = [o for o in facts.users(op) if o.name == f"{op.name}/Assign"]
    fetches = [root for o in initializers for root in facts.run_by(o) if root is not o]
    return Kept(
        variable=op,
        name=names.of(op),
        value=now.get(op.name),
        initialized_by=tuple(dict.fromkeys(map(names.as_fetched, fetches))),
    )
