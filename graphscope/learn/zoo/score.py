"""The scoreboard: which commands name the guilty node of each bug, and which warn of its twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.learn.zoo.asking import of_a_twin, said
from graphscope.learn.zoo.bug import Bug
from graphscope.learn.zoo.opening import debugger

#: The columns.
COMMANDS = ("lint", "check", "nan", "updates", "why")


@dataclass(frozen=True)
class Row:
    """named: for each command that has to name the guilty node, whether it does. alarms: the
    commands that warn of the healthy twin."""

    bug: str
    found_by: str
    named: Mapping[str, bool]
    alarms: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return all(self.named.values()) and not self.alarms


@dataclass(frozen=True)
class Score(Answer):
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Whether all that has to be named is named, and no twin is warned of."""
        return all(row.ok for row in self.rows)

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """For each command how many bugs it names, and how many it has to."""
        asked = {name: [r.named[name] for r in self.rows if name in r.named] for name in COMMANDS}
        return {name: (sum(answers), len(answers)) for name, answers in asked.items()}

    @property
    def alarms(self) -> int:
        """How often a command warns of a healthy twin."""
        return sum(len(row.alarms) for row in self.rows)


def scored(bug: Bug) -> Row:
    """Ask all commands that have to name the bug, and all that look at healthy programs."""
    named = {
        command: bug.named.get(command, bug.guilty) in names
        for command, names in said(debugger(bug), bug.asks)
    }
    twin = debugger(bug, broken=False)
    alarms = tuple(command for command, names in said(twin, of_a_twin(twin, bug.asks)) if names)
    return Row(bug.name, bug.found_by, named, alarms)


def score(bugs: Iterable[Bug]) -> Score:
    """The scoreboard of these bugs."""
    return Score(tuple(map(scored, bugs)))
