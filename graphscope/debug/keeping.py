"""What a rehearsal has given to the session, so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphscope.engine.state import State

#: A name's value before and after; None where there was none.
_Change = tuple[Any, Any]


@dataclass
class Kept:
    """The changes that were made to a session's state."""

    variables: dict[str, _Change] = field(default_factory=dict)
    cells: dict[str, _Change] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.variables or self.cells)

    def copy(self) -> Kept:
        return Kept(dict(self.variables), dict(self.cells))

    def put(self, new: State, state: State) -> None:
        """Write `new` into a session's state."""
        for changes, own, place in self._parts(new, state):
            for name, value in own.items():
                first = changes[name][0] if name in changes else place.get(name)
                changes[name] = (first, value)
                place[name] = value

    def take_back(self, state: State) -> None:
        """Let the state be as before; what others have written since then stays."""
        for changes, _, place in self._parts(State(), state):
            for name, (old, new) in changes.items():
                if place.get(name) is new:
                    place[name] = old
                    if old is None:
                        del place[name]

    def add(self, later: Kept) -> None:
        """Let this be the changes of both, where `later` came after it."""
        for own, others in ((self.variables, later.variables), (self.cells, later.cells)):
            for name, (old, new) in others.items():
                own[name] = (own.get(name, (old,))[0], new)

    def _parts(self, new: State, state: State) -> tuple[tuple[dict[str, Any], ...], ...]:
        return (
            (self.variables, new.variables, state.variables),
            (self.cells, new.cells, state.cells),
        )
