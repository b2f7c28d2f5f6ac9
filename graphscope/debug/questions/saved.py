"""How does what a session or a file holds differ from what another file holds?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from graphscope.debug.answers import Answer, Delta
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.compare import equal
from graphscope.debug.questions.renames import suggested
from graphscope.debug.questions.sides import Kind, Side, of_file, of_session
from graphscope.debug.questions.slots import keepers_of
from graphscope.debug.side.runs import initial_state
from graphscope.engine.interpreter import Value
from graphscope.engine.state import State
from graphscope.graph.graph import Operation


class Likeness(Enum):
    """How a variable is on both sides."""

    EQUAL = "the same"
    VALUES = "other values"
    SHAPE = "another shape"
    TYPE = "another type"
    HERE = "only here"
    THERE = "only there"


@dataclass(frozen=True)
class Row:
    """A variable, or a slot of one, on both sides.

    name:  what it is called here; there, if it is only there. other: what it is called there.
    here, there: its type and shape; None where it is not.
    largest, norm: the largest difference of two numbers, and the Euclidean length of all; relative:
           that length as a part of the length here. changed: how many elements are others. All of
           them are None where the values cannot be compared.
    node:  of a session's variable.
    slots: what is kept beside it, as by an optimizer.
    """

    name: str
    other: str
    likeness: Likeness
    here: Kind | None
    there: Kind | None
    largest: float | None = None
    norm: float | None = None
    relative: float | None = None
    changed: int | None = None
    node: Operation | None = None
    slots: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Misshapen:
    """A variable whose shape is another one in the file."""

    name: str
    node: Operation | None
    here: tuple[int, ...]
    there: tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """A variable of an optimizer that is as it begins, while the file holds another value.

    keeper: the optimizer's name, as ``Adam``.
    """

    name: str
    node: Operation
    keeper: str


@dataclass(frozen=True)
class StateDiffers(Answer):
    """The variables of a session, or of a file, beside those of a file.

    first:   the first file; empty for a session. path: the (second) file.
    rows:    the variables, each with its slots; in order of creation for a session, of names for a
             file, and those that are only there at the end.
    renames: for one that is only here the name that it could have there: of the same shape, and the
             most alike. rules: the same as few substitutions as possible, old and new.
    reset:   the slots of optimizers that are as they begin, and in the file are not.
    """

    path: str
    rows: tuple[Row, ...]
    renames: dict[str, str]
    reset: tuple[Slot, ...] = ()
    first: str = ""
    rules: tuple[tuple[str, str], ...] = ()

    @property
    def flat(self) -> Iterator[Row]:
        """All rows, slots too."""
        for row in self.rows:
            yield row
            yield from row.slots

    def having(self, *likeness: Likeness) -> tuple[Row, ...]:
        return tuple(row for row in self.flat if row.likeness in likeness)

    @property
    def equal(self) -> tuple[str, ...]:
        """The variables that are in both, with the same value."""
        return tuple(row.name for row in self.having(Likeness.EQUAL))

    @property
    def other(self) -> tuple[str, ...]:
        """The variables that are in both, of the same type and shape, with another value."""
        return tuple(row.name for row in self.having(Likeness.VALUES))

    @property
    def missing(self) -> tuple[Operation, ...]:
        """The variables of the session that the file does not have."""
        return tuple(row.node for row in self.having(Likeness.HERE) if row.node is not None)

    @property
    def only_here(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.having(Likeness.HERE))

    @property
    def extra(self) -> tuple[str, ...]:
        """The names that only the (second) file has."""
        return tuple(row.name for row in self.having(Likeness.THERE))

    @property
    def misshapen(self) -> tuple[Misshapen, ...]:
        """Those with another shape."""
        return tuple(
            Misshapen(row.name, row.node, row.here.shape, row.there.shape)
            for row in self.having(Likeness.SHAPE)
            if row.here is not None and row.there is not None
        )

    @property
    def matched(self) -> tuple[str, ...]:
        """The variables that are in both, of the same shape."""
        return (*self.equal, *self.other)

    @property
    def keepers(self) -> tuple[str, ...]:
        """The optimizers whose slots are as they begin."""
        return tuple(dict.fromkeys(slot.keeper for slot in self.reset))

    @property
    def same(self) -> bool:
        return all(row.likeness is Likeness.EQUAL for row in self.flat)


def state_differs(
    path: str, state: State, facts: Facts, names: Names, renames: Iterable[str] = ()
) -> StateDiffers:
    """How the variables of a session differ from those of a file.

    path: of an .npz, a checkpoint, or the folder of one. renames: substitutions as ``OLD=NEW``,
    which make names here those of the file. Errors: DebugError for a file that cannot be read.
    """
    here = of_session(state, facts, names)
    there = of_file(path, here)
    found = _differ(here, there, _substitution(renames))
    return replace(found, reset=_reset(state, there, facts, names))


def files_differ(first: str, second: str, renames: Iterable[str] = ()) -> StateDiffers:
    """How the tensors of a file differ from those of another one.

    first, second: checkpoints, folders with a latest one, or .npz. renames: as ``OLD=NEW``, regular
    expressions and what takes their places, which make names of the first those of the second.
    Errors: DebugError for a file that cannot be read, or a substitution that is none.
    """
    here = of_file(first, None)
    return _differ(here, of_file(second, here), _substitution(renames))


def _substitution(renames: Iterable[str]) -> Callable[[str], str]:
    """What a name becomes by the first of the rules that changes it."""

    rules = []
    for text in renames:
        old, equals, new = text.partition("=")
        try:
            rules.append((re.compile(old), new))
            re.sub(old, new, "")
        except re.error as error:
            raise DebugError(f"{text!r} cannot be used to rename: {error}.") from None
        if not (old and equals):
            raise DebugError(f"{text!r} is not OLD=NEW, a regular expression and its replacement.")

    def renamed(name: str) -> str:
        changed = (pattern.sub(new, name) for pattern, new in rules)
        return next((other for other in changed if other != name), name)

    return renamed


# ---- comparing ----------------------------------------------------------------------------------


def _differ(here: Side, there: Side, renamed: Callable[[str], str]) -> StateDiffers:
    others = {name: renamed(name) for name in here.kinds}
    rows = {name: _row(here, there, name, other) for name, other in others.items()}
    extra = [name for name in there.kinds if name not in set(others.values())]
    added = {name: _only_there(there, name) for name in extra}
    missing = {name: here.kinds[name] for name, row in rows.items() if row.there is None}
    none_fits = len(missing) == len(rows)
    renames, rules = suggested(missing, {name: there.kinds[name] for name in extra}, none_fits)
    return StateDiffers(
        path=there.label,
        rows=(*_grouped(rows, here.owners), *_grouped(added, there.owners)),
        renames=renames,
        first=here.label,
        rules=rules,
    )


def _only_there(there: Side, name: str) -> Row:
    return Row(name, name, Likeness.THERE, None, there.kinds[name])


def _row(here: Side, there: Side, name: str, other: str) -> Row:
    mine, node = here.kinds[name], here.nodes.get(name)
    theirs = there.kinds.get(other)
    shown = here.shown.get(name, name)
    if theirs is None:
        return Row(shown, "", Likeness.HERE, mine, None, node=node)
    row = Row(shown, other, Likeness.SHAPE, mine, theirs, node=node)
    if not mine.fits(theirs):
        return row
    x, y = here.value(name), there.value(other)
    if here.converts or there.converts:
        y = _as(y, x)
    same = mine.dtype == theirs.dtype or here.converts or there.converts
    if same and equal(x, y):
        return replace(row, likeness=Likeness.EQUAL)
    return _measured(replace(row, likeness=Likeness.VALUES if same else Likeness.TYPE), x, y)


def _as(value: Value, like: Value | None) -> Value:
    """An array in the type of another: 1.0 is the same number in double precision."""
    if like is None or like.dtype.kind not in "biufc" or value.dtype.kind not in "biufc":
        return value
    return value.astype(like.dtype)


def _measured(row: Row, x: Value | None, y: Value) -> Row:
    """The row with how much two arrays differ, where they can be compared."""
    if x is None or x.shape != y.shape:
        return row
    changed = int(np.sum(x != y)) if x.dtype.kind == "O" else int(np.sum(~_alike(x, y)))
    if x.dtype.kind not in "iufc" or y.dtype.kind not in "iufc":
        return replace(row, changed=changed)
    difference = np.abs(Delta(x, y).difference)
    norm = float(np.linalg.norm(difference[np.isfinite(difference)]))
    length = float(np.linalg.norm(np.abs(x[np.isfinite(x)]).astype(np.float64)))
    return replace(
        row,
        changed=changed,
        largest=float(np.max(difference, initial=0.0)),
        norm=norm,
        relative=norm / length if length else None,
    )


def _alike(x: Value, y: Value) -> Value:
    same: Value = x == y
    if x.dtype.kind in "fc" and y.dtype.kind in "fc":
        same = same | (np.isnan(x) & np.isnan(y))
    return same


def _grouped(rows: Mapping[str, Row], owners: Mapping[str, str]) -> Iterator[Row]:
    """The variables with their slots. Slots whose owner is not among them stand by themselves."""
    slots: dict[str, list[Row]] = {}
    for name, row in rows.items():
        if owners.get(name) in rows:
            slots.setdefault(owners[name], []).append(row)
    for name, row in rows.items():
        if owners.get(name) not in rows:
            yield replace(row, slots=tuple(slots.get(name, ())))


def _reset(state: State, there: Side, facts: Facts, names: Names) -> tuple[Slot, ...]:
    """The slots that are as they begin, and that the file holds otherwise or has not."""
    begun = initial_state(facts.graph, [slot.variable for slot in facts.slots])
    if begun is None:
        return ()
    found = []
    for slot, (keeper, _) in zip(facts.slots, keepers_of(facts), strict=True):
        name = slot.variable.name
        now = state.variables.get(name)
        if not equal(now, begun.variables.get(name)):
            continue
        kept = there.value(name) if name in there.kinds else None
        kept = kept if kept is None or not there.converts else _as(kept, now)
        if not equal(now, kept):
            found.append(Slot(names.of(slot.variable), slot.variable, keeper))
    return tuple(found)
