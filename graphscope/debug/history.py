"""Several runs in one history: a training loop is stepped across its runs.

The oldest runs are let go when their values need more memory than the budget allows; what they
wrote stays known by its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphscope.debug.answers import Delta
from graphscope.debug.timeline import Timeline
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import stats

#: How many bytes of values a history keeps when nothing else is said.
BUDGET = 256 << 20


@dataclass(frozen=True)
class Write:
    """A variable got another value.

    run, t: when. node: what wrote it; None when it was set by hand before the first node.
    norm:   the Euclidean length of the new value; change: that of the difference.
    """

    variable: str
    run: int
    t: int
    node: Operation | None
    norm: float
    change: float


@dataclass(frozen=True)
class Script:
    """The program that is being debugged: its file, its arguments, and which of its runs it is."""

    path: str
    arguments: tuple[str, ...] = ()
    run: int = 1


class Other(NamedTuple):
    """A command of whoever leads the conversation, which is no method.

    example: a line that uses it. aliases: its other names. takes, words: what may stand behind it,
    for completion: see `Command`.
    """

    name: str
    summary: str
    example: str
    aliases: tuple[str, ...] = ()
    takes: str = ""
    words: tuple[str, ...] = ()


class History:
    """The runs of one debugging session, the oldest first, and the one at which we look."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.runs: list[Timeline] = []
        self.at = -1
        self._forgotten: list[Write] = []
        self._count = 0
        #: The bytes of the runs by their serial numbers, as far as they are known, and all of them.
        self._sizes: dict[int, int] = {}
        self._total = 0
        #: Places that were given a name: the number of the run, and the time in it.
        self.marks: dict[str, tuple[int, int]] = {}
        #: Other ways that were kept under a name.
        self.forks: dict[str, Any] = {}
        #: The conversation: the run, the prompt and what was answered; the user's words; the
        #: script that is being debugged; the file to which the conversation is written.
        self.log: list[tuple[int, str, Any]] = []
        self.words: Any = None
        self.others: tuple[Other, ...] = ()
        self.script: Script | None = None
        self.transcript = ""
        #: How many of the oldest runs were let go.
        self.dropped = 0

    @property
    def here(self) -> Timeline:
        """The run at which we look."""
        return self.runs[self.at]

    @property
    def previous(self) -> Timeline | None:
        """The run before the one at which we look."""
        return self.runs[self.at - 1] if self.at else None

    @property
    def next_number(self) -> int:
        return self._count + 1

    def skip_to(self, number: int) -> None:
        """Let the next run be number `number`: others came before it that nobody looked at."""
        self._count = max(self._count, number - 1)

    def add(self, timeline: Timeline) -> None:
        """Begin another run, and look at it. Runs that are too much for the budget are let go."""
        self.runs.append(timeline)
        self._count = max(self._count + 1, timeline.number)
        self.at = len(self.runs) - 1
        self.trim()

    def rewrite(self) -> None:
        """The run at which we look goes another way: the runs after it are forgotten."""
        for later in self.runs[self.at + 1 :]:
            self.here.kept.add(later.kept)
        del self.runs[self.at + 1 :]
        self._sizes, self._total = {}, 0  # they are summed up again
        self._count = self.here.number

    def replace(self, timeline: Timeline) -> None:
        """Begin the run at which we look again, as this."""
        self.rewrite()
        timeline.kept = self.here.kept
        self.runs[self.at] = timeline

    def restore(self, timeline: Timeline, later: Sequence[Timeline]) -> None:
        """Let a run, and those after it, be these again; we look at it."""
        earlier = [run for run in self.runs if run.number < timeline.number]
        self.runs[:] = [*earlier, timeline, *later]
        self.at = len(earlier)
        self._sizes, self._total = {}, 0  # they are summed up again
        self._count = self.runs[-1].number

    def trim(self) -> int:
        """Let go of the oldest runs until the rest fits the budget; returns how many went. The
        one at which we look and those after it stay, however large they are."""
        total, gone = self.nbytes, 0
        while gone < self.at and total > self.budget:
            oldest = self.runs[gone]
            self._forgotten += writes(oldest)
            total -= self._sizes.pop(oldest.serial)
            gone += 1
        self._total = total
        del self.runs[:gone]
        self.at -= gone
        self.dropped += gone
        return gone

    @property
    def nbytes(self) -> int:
        """The bytes of the values of all runs."""
        recent: Iterable[int] = (self.at - 1, self.at, len(self.runs) - 1)  # no others can change
        if len(self._sizes) > len(self.runs) or len(self.runs) - len(self._sizes) > 1:
            self._sizes, self._total, recent = {}, 0, range(len(self.runs))
        for timeline in (self.runs[i] for i in {*recent} if i >= 0):
            size = timeline.nbytes
            self._total += size - self._sizes.get(timeline.serial, 0)
            self._sizes[timeline.serial] = size
        return self._total

    def number(self, run: int) -> Timeline | None:
        """The run of this number, while it is kept."""
        return next((timeline for timeline in self.runs if timeline.number == run), None)

    def writes(self, variable: Operation) -> list[Write]:
        """All writes of a variable in all runs, also in those that were let go."""
        known = [*self._forgotten, *(w for timeline in self.runs for w in writes(timeline))]
        return [write for write in known if write.variable == variable.name]


def writes(timeline: Timeline) -> list[Write]:
    """What a run wrote, in order."""
    found, now = [], dict(timeline.before.variables)
    for t, node, name, new in timeline.written:
        norm, change = stats(new).norm, Delta(now.get(name), new).norm
        found.append(Write(name, timeline.number, t, node, norm, change))
        now[name] = new
    return found
