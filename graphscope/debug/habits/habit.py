"""A line of `check`."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphscope.graph.graph import Operation


@dataclass(frozen=True)
class Habit:
    """What one habit has shown.

    passed:  None when it cannot be told. finding: a sentence with the numbers.
    node:    the operation that answers for a failure. hint: what to try.
    numbers: what was measured, by name.
    """

    name: str
    passed: bool | None
    finding: str
    node: Operation | None = None
    hint: str = ""
    numbers: dict[str, float] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The user's line that made the node: ``model.py:12``, or nothing."""
        return self.node.source.where if self.node is not None and self.node.source else ""
