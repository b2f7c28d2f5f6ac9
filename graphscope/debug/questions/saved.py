"""How does what a session holds differ from what a file holds?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.compare import equal
from graphscope.debug.questions.slots import keepers_of
from graphscope.debug.side.runs import initial_state
from graphscope.engine.interpreter import Value
from graphscope.engine.state import State
from graphscope.graph.graph import Operation

Arrays = Mapping[str, Value]


@dataclass(frozen=True)
class Misshapen:
    """A variable whose shape is another one in the file."""

    name: str
    node: Operation
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
    """The variables of a session beside the arrays of a file.

    equal, other: the variables that are in both, with the same value or with another one.
    missing:   those that the file does not have. extra: the names that only the file has.
    misshapen: those with another shape. renames: for a missing one the name that it could have in
               the file: of the same shape, and the most alike.
    reset:     the slots of optimizers that are as they begin, and in the file are not.
    """

    path: str
    equal: tuple[str, ...]
    other: tuple[str, ...]
    missing: tuple[Operation, ...]
    extra: tuple[str, ...]
    misshapen: tuple[Misshapen, ...]
    renames: dict[str, str]
    reset: tuple[Slot, ...]
    names: Names

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
        return not (self.other or self.missing or self.extra or self.misshapen)


def state_differs(path: str, state: State, facts: Facts, names: Names) -> StateDiffers:
    """How the variables of a session differ from those of a file.

    Errors: DebugError for a file that cannot be read.
    """
    variables = {op.name: op for op in facts.variables}
    kept = {name: _as_kept(value, variables.get(name)) for name, value in read(path).items()}
    both = [name for name in variables if name in kept]
    values = {name: state.variables.get(name) for name in both}
    bent = [name for name in both if not _fits(variables[name], kept[name])]
    same = [name for name in both if name not in bent and equal(values[name], kept[name])]
    missing = tuple(op for name, op in variables.items() if name not in kept)
    extra = tuple(name for name in kept if name not in variables)
    return StateDiffers(
        path=path,
        equal=tuple(same),
        other=tuple(name for name in both if name not in (*bent, *same)),
        missing=missing,
        extra=extra,
        misshapen=tuple(_misshapen(variables[name], kept[name], names) for name in bent),
        renames=_renames(missing, extra, kept),
        reset=_reset(state, kept, facts, names),
        names=names,
    )


def _as_kept(value: Value, variable: Operation | None) -> Value:
    """An array of a file in the variable's type: 1.0 is the same number in double precision."""
    dtype = None if variable is None else variable.outputs[0].dtype.base_dtype.numpy
    return value.astype(dtype) if dtype is not None and value.dtype.kind in "biufc" else value


def _fits(variable: Operation, value: Value) -> bool:
    return variable.outputs[0].shape.is_compatible_with(value.shape)


def _misshapen(variable: Operation, value: Value, names: Names) -> Misshapen:
    sizes = variable.outputs[0].shape.sizes or ()
    return Misshapen(names.of(variable), variable, tuple(n or 0 for n in sizes), value.shape)


def _renames(
    missing: tuple[Operation, ...], extra: tuple[str, ...], kept: Arrays
) -> dict[str, str]:
    """For each missing variable the most alike name of the same shape; no name twice."""
    pairs = [
        (SequenceMatcher(None, op.name, name).ratio(), op.name, name)
        for op in missing
        for name in extra
        if _fits(op, kept[name])
    ]
    found: dict[str, str] = {}
    for _, mine, theirs in sorted(pairs, key=lambda pair: -pair[0]):
        if mine not in found and theirs not in found.values():
            found[mine] = theirs
    return found


def _reset(state: State, kept: Arrays, facts: Facts, names: Names) -> tuple[Slot, ...]:
    """The slots that are as they begin, and that the file holds otherwise or has not."""
    begun = initial_state(facts.graph, [slot.variable for slot in facts.slots])
    if begun is None:
        return ()
    found = []
    for slot, (keeper, _) in zip(facts.slots, keepers_of(facts), strict=True):
        name = slot.variable.name
        now = state.variables.get(name)
        if equal(now, begun.variables.get(name)) and not equal(now, kept.get(name)):
            found.append(Slot(names.of(slot.variable), slot.variable, keeper))
    return tuple(found)


# ---- files -------------------------------------------------------------------------------------


def _npz(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


#: What reads the arrays of a file, by the end of its name.
READERS: dict[str, Callable[[Path], Arrays]] = {".npz": _npz}


def read(name: str) -> Arrays:
    """The arrays of a file by the names of variables. Errors: DebugError when it has none."""
    path = Path(name).expanduser()
    reader = READERS.get(path.suffix)
    if reader is None:
        known = ", ".join(READERS)
        raise DebugError(f"{name} ends in none of {known}: np.savez(FILE, **values) writes such.")
    try:
        return reader(path)
    except (OSError, ValueError) as error:
        raise DebugError(f"{name} cannot be read: {error}.") from None
