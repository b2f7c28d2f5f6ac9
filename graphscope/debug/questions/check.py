"""The habits of debugging a training, run on the side: does it begin right, and can it learn?

Nothing of the session changes: all runs are made with copies of the variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.habits import learning, units, values
from graphscope.debug.habits.habit import Habit
from graphscope.debug.habits.subject import Subject
from graphscope.debug.progress import counted
from graphscope.errors import OpError

#: The habits in the order in which they are looked at.
HABITS: tuple[Callable[[Subject], Iterator[Habit]], ...] = (
    values.finite,
    values.loss_at_the_start,
    values.gradients,
    values.step_size,
    units.dead,
    units.saturated,
    learning.one_batch,
    learning.rate,
    learning.pairing,
)


@dataclass(frozen=True)
class Checkup(Answer):
    """What the habits have shown, one line each.

    trained: what was run. loss: the name of what it minimizes. initialized: trials began with the
    initial values of the variables, not with what they are now.
    """

    trained: tuple[str, ...]
    loss: str
    lines: tuple[Habit, ...]
    initialized: bool

    @property
    def ok(self) -> bool:
        """True when no line has failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Habit, ...]:
        return tuple(line for line in self.lines if line.passed is False)

    def __getitem__(self, name: str) -> Habit:
        return next(line for line in self.lines if line.name == name)


def check(subject: Subject) -> Checkup:
    """Look at all habits."""
    lines: list[Habit] = []
    if not subject.training.can_repeat:
        said = "nothing is tried: the graph calls a Python function, whose effects would stay"
        lines.append(Habit("runs", None, said))
    habits = HABITS if subject.training.can_repeat else ()
    for habit in counted(habits, "trying habits", len(habits)):
        try:
            lines.extend(habit(subject))
        except OpError as error:
            lines.append(Habit("runs", False, f"a run fails: {error.message}", error.op, "explain"))
            break
    return Checkup(
        trained=subject.trained,
        loss=subject.view.label(subject.training.loss),
        lines=tuple(lines),
        initialized=subject.training.begun is not None,
    )
