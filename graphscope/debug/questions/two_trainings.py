"""What do two train ops do to each variable: the same, and by the same means?"""

from __future__ import annotations

from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.questions.updates import Update, Updates


@dataclass(frozen=True)
class UpdatesDiffer(Answer):
    """The variables of the graph under two fetches, row by row."""

    first: Updates
    second: Updates

    def of(self, name: str) -> tuple[Update, Update]:
        """A variable under both."""
        return self.first[name], self.second[name]

    @property
    def pairs(self) -> tuple[tuple[Update, Update], ...]:
        return tuple(zip(self.first.rows, self.second.rows, strict=True))

    @property
    def differing(self) -> tuple[str, ...]:
        """The variables of which another thing becomes, or the same thing for another reason."""
        return tuple(
            one.name
            for one, other in self.pairs
            if (one.status, one.why.cause) != (other.status, other.why.cause)
        )
