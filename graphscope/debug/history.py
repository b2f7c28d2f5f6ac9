"""Several runs in one history: a training loop is stepped across its runs.

The oldest runs are let go when their values need more memory than the budget allows; what they
wrote stays known by its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphscope.debug.answers import Delta, Stop
from graphscope.debug.stretch import Stretch, close
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Plan
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import stats

#: How many bytes of values a history keeps when nothing else is said.
BUDGET = 256 << 20

#: From this part of the budget on it is noted at once what a run wrote: to work it out when the run
#: is let go takes as long as the run.
_EARLY = 8

#: A stretch is let go as a whole if there are so many times as many runs.
_MANY = 4


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
        #: What runs wrote of which little is kept, by their serial numbers.
        self._noted: dict[int, list[Write]] = {}
        self._count = 0
        #: The bytes of the runs before the last one by their serial numbers, and all of them.
        self._sizes: dict[int, int] = {}
        self._total = 0
        #: The last stretch of runs that are past, and the one into which somebody has looked last.
        self._stretch: Stretch | None = None
        self._opened: list[Stretch] = []
        #: The ends of runs into which nobody has looked, by their plans.
        self.ends: dict[Plan, Stop] = {}
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
        last = self.runs[-1] if self.runs else None
        timeline.feeds_after(last)
        if last is not None:
            self.here.close_again()
            close(self._opened)
            self._let_pass(last, timeline)
        self.runs.append(timeline)
        self._count = max(self._count + 1, timeline.number)
        self.at = len(self.runs) - 1
        if self.at:
            self._sum_up(self.at - 1)
        self.trim()

    def _let_pass(self, run: Timeline, following: Timeline) -> None:
        """Keep nothing of a run but what it takes to do it again, if it can be done again."""
        if not run.leads_to(following):
            return
        stretch = self._stretch
        if stretch is None or not stretch.can_take(run.run, run.before):
            stretch = self._stretch = Stretch(run.plan, run.before, self._opened)
        if self._total > self.budget // _EARLY:
            self._noted[run.serial] = writes(run)
        run.let_go(stretch, following.before)

    def rewrite(self) -> None:
        """The run at which we look goes another way: the runs after it are forgotten."""
        self.here.leave_the_past()
        for later in self.runs[self.at + 1 :]:
            self.here.kept.add(later.kept)
        del self.runs[self.at + 1 :]
        self._sum_up_again()
        self._count = self.here.number

    def replace(self, timeline: Timeline) -> None:
        """Begin the run at which we look again, as this."""
        self.rewrite()
        timeline.take_over(self.here)
        timeline.feeds_after(self.previous)
        self.runs[self.at] = timeline

    def restore(self, timeline: Timeline, later: Sequence[Timeline]) -> None:
        """Let a run, and those after it, be these again; we look at it."""
        earlier = [run for run in self.runs if run.number < timeline.number]
        self.runs[:] = [*earlier, timeline, *later]
        self.at = len(earlier)
        self._sum_up_again()
        self._count = self.runs[-1].number

    def trim(self) -> int:
        """Let go of the oldest runs until the rest fits the budget; returns how many went. The
        one at which we look and those after it stay, however large they are."""
        gone = 0
        while self.at > 0 and self.nbytes > self.budget:
            gone += self._trim_oldest()
        self.dropped += gone
        return gone

    def _trim_oldest(self) -> int:
        """Let go of the oldest run; where there are many, of all of its stretch, since what is in
        the middle of one has to be worked out. Returns how many went."""
        stretch = self._stretch_at(0)
        count = 1
        while stretch is not None and self._stretch_at(count) is stretch:
            count += 1
        if count > self.at or count * _MANY > len(self.runs):
            count = 1
        for run in self.runs[:count]:
            noted = self._noted.pop(run.serial, None)
            self._forgotten += writes(run) if noted is None else noted
            self._total -= self._sizes.pop(run.serial, 0)
        if stretch is not None and self._stretch_at(count) is stretch:
            stretch.let_go_of_first()
        close(self._opened)
        del self.runs[:count]
        self.at -= count
        self.runs[0].feeds_after(None)  # what it shared with the oldest is its own now
        if len(self.runs) > 1:
            self._sum_up(0)
        return count

    @property
    def nbytes(self) -> int:
        """The bytes of the values of all runs, as they are when nobody looks into one of the past;
        what was fed again counts once."""
        last = self.runs[-1:]
        return self._total + sum([run.computed_nbytes + run.fed_nbytes for run in last])

    def _stretch_at(self, i: int) -> Stretch | None:
        """The stretch of which a run is a part, if it is of any."""
        past = self.runs[i].past if i < len(self.runs) else None
        return None if past is None else past.stretch

    def _sum_up_again(self) -> None:
        """Note the sizes of all runs but the last."""
        self._sizes, self._total = {}, 0
        for i in range(len(self.runs) - 1):
            self._sum_up(i)

    def _sum_up(self, i: int) -> None:
        """Note the size of a run that will not change: others came after it."""
        run = self.runs[i]
        own = run.computed_nbytes if run.past is None else run.past.nbytes
        size = own + run.fed_nbytes
        self._total += size - self._sizes.get(run.serial, 0)
        self._sizes[run.serial] = size

    def looked_through(self, runs: Iterable[Timeline]) -> Iterator[Timeline]:
        """These runs one by one; what was worked out to look into one is forgotten at the next."""
        for timeline in runs:
            try:
                yield timeline
            finally:
                if timeline is not self.here:
                    timeline.close_again()

    def number(self, run: int) -> Timeline | None:
        """The run of this number, while it is kept."""
        return next((timeline for timeline in self.runs if timeline.number == run), None)

    def writes(self, variable: Operation) -> list[Write]:
        """All writes of a variable in all runs, also in those that were let go."""
        runs = self.looked_through(self.runs)
        known = [*self._forgotten, *(write for timeline in runs for write in writes(timeline))]
        return [write for write in known if write.variable == variable.name]


def writes(timeline: Timeline) -> list[Write]:
    """What a run wrote, in order."""
    found, now = [], dict(timeline.before.variables)
    for t, node, name, new in timeline.written:
        norm, change = stats(new).norm, Delta(now.get(name), new).norm
        found.append(Write(name, timeline.number, t, node, norm, change))
        now[name] = new
    return found
