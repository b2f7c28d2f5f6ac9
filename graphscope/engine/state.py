"""What a session keeps from run to run: the variables' values and the random generators' places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass
class State:
    """variables: values by the name of the variable's operation; one without a value is missing.
    cells: what operations with private state keep, by their name.

    Values are replaced, never changed in place: a copy of the two dictionaries is a snapshot.
    """

    variables: dict[str, NDArray[Any]] = field(default_factory=dict)
    cells: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.variables), dict(self.cells))
