"""Where to stop: breakpoints, watchpoints, catchpoints and tracepoints.

Each is a test of a place in a run, with the same rules around it: a condition, a count of hits,
another stop that has to come first, commands. They are words, and mean nodes only in the plan of a
run; so they outlive the run, and are tested forwards and backwards alike.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphscope.debug.answers import BreakpointRow, Found, Stop
from graphscope.debug.errors import DebugError
from graphscope.debug.history import History
from graphscope.debug.locations import Locations
from graphscope.debug.steps import AtNodes, Step, StepTest
from graphscope.debug.timeline import Timeline
from graphscope.graph.graph import Operation

Condition = Callable[[Stop], bool]

#: Says whether a stop is meant by the place at which the history stands; None when not.
Test = Callable[[History], Found | None]


class Seeker(NamedTuple):
    """How a stop is found in the plan of a run.

    test:   says whether the stop is meant by a place.
    nodes:  the nodes that it means, where it means nodes.
    behind: the only nodes behind which the test can hold; None: any.
    may:    of those, whether the test can hold behind a step; None: always. It takes less time than
            the test. Both do not count where a run begins.
    """

    test: Test
    nodes: frozenset[Operation] = frozenset()
    behind: frozenset[Operation] | None = None
    may: StepTest | None = None


#: Makes the seeker for the plan of a run.
#: Errors: DebugError when the words mean nothing in the plan.
Maker = Callable[[Locations], Seeker]

#: A position in a history: the serial number of a timeline, and the time in it.
Place = tuple[int, int]

_RULE = re.compile(r"^(%|==?|>=|<=|>|<)?\s*(\d+)$")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "%": lambda hits, n: hits % n == 0,
}


@dataclass
class Breakpoint:
    """A reason to stop. `kind` says which in a word: break, watch, catch or trace.

    spec:      the words it was set with; condition: its words, empty when it has none. may: whether
               the condition can hold behind a step, if that is known from the step alone.
    before:    it stops before its nodes in place of behind them.
    temporary: it is removed when it stops.
    rule:      of which hits it stops: ``%10``, ``>5``, ``3``; empty for all of them.
    ignored:   so many hits do not stop. after: the number of the stop that has to come first.
    limits:    what a catchpoint leaves out, in words.
    shows:     what a tracepoint shows in place of stopping. commands: what is done at the stop.
    seeker:    how it is found in the present plan; None where its words mean nothing.
    places:    where its test and its condition have held; seen: how many places of each timeline
               have been looked at, from its start.
    """

    id: int
    kind: str
    spec: str
    make: Maker
    when: Condition | None = None
    condition: str = ""
    may: StepTest | None = None
    before: bool = False
    temporary: bool = False
    rule: str = ""
    ignored: int = 0
    after: int | None = None
    limits: tuple[str, ...] = ()
    shows: str = ""
    commands: tuple[str, ...] = ()
    enabled: bool = True
    seeker: Seeker | None = None
    places: list[Place] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)
    #: Where its words were looked up last, if that was at the beginning of a run.
    _bound: tuple[Any, ...] | None = None

    def copy(self) -> Breakpoint:
        """The same, to be changed on its own."""
        other = object.__new__(Breakpoint)  # this is done before each command
        vars(other).update(vars(self))
        return other

    @property
    def hits(self) -> int:
        """How often its test and its condition have held."""
        return len(self.places)

    def hits_until(self, here: Place) -> int:
        """How often they have held up to a place."""
        return bisect_right(self.places, here)

    @property
    def counts(self) -> bool:
        """Whether it depends on the hits before a place if it stops there."""
        return bool(self.rule or self.ignored)

    def bind(self, locations: Locations) -> None:
        """Find out what the words mean in the plan of a run; that may be nothing. Where a run
        begins they mean what they meant at the beginning of another run of its plan."""
        beginning = locations.beginning
        if self._bound is not None and self._bound == beginning:
            return
        self._bound = beginning
        try:
            self.seeker = self.make(locations)
        except (DebugError, ValueError):  # ValueError: an operation of another graph
            self.seeker = None

    @property
    def nodes(self) -> frozenset[Operation]:
        """The nodes it means in the present plan, where it means nodes."""
        return frozenset() if self.seeker is None else self.seeker.nodes

    def look(self, history: History, stop: Callable[[], Stop]) -> Found | None:
        """What it finds here; it is counted. Errors: DebugError when the condition cannot be
        worked out."""
        here = (history.here.serial, history.here.t)
        if self.seen.get(here[0], 0) == here[1]:
            self.seen[here[0]] = here[1] + 1
        at = bisect_left(self.places, here)
        del self.places[at : bisect_right(self.places, here)]
        found = self.seeker.test(history) if self.seeker is not None else None
        if found is None or not self._holds(stop):
            return None
        self.places.insert(at, here)
        return found

    def stops_at(self, here: Place) -> bool:
        """Whether its count of hits lets it stop at a place where it holds."""
        return self._lets_stop(self.hits_until(here))

    def _lets_stop(self, hits: int) -> bool:
        return hits > self.ignored and (not self.rule or allows(self.rule, hits))

    def only_counted(self, run: Timeline | None) -> list[int]:
        """The times at which it will be hit in a run that begins, if it counts its hits, and none
        of these will stop; otherwise nothing."""
        seeker = self.seeker
        if run is None or run.newest or seeker is None or seeker.behind is None or seeker.may:
            return []
        plan = run.plan
        if self.when or self.shows or not self.counts or plan.inner or plan.has_sides:
            return []
        times = sorted(plan.position[op] + 1 for op in seeker.behind if op in plan.position)
        before = self.hits_until((run.serial, 0))
        if any(self._lets_stop(before + 1 + i) for i in range(len(times))):
            return []
        return times

    def forget(self, here: Place) -> None:
        """What comes after a place has become another, and what is at it may have."""
        del self.places[bisect_right(self.places, here) :]
        self.seen = {serial: n for serial, n in self.seen.items() if serial <= here[0]}
        self.seen[here[0]] = min(self.seen.get(here[0], 0), max(here[1], 0))

    def _holds(self, stop: Callable[[], Stop]) -> bool:
        if self.when is None:
            return True
        try:
            return self.when(stop())
        except DebugError as error:
            raise DebugError(f"Breakpoint {self.id} if {self.condition}: {error}") from None

    def as_command(self) -> str:
        """The line that sets it again."""
        words = [self.kind, self.spec]
        words += [f"--hits {self.rule}"] if self.rule else []
        words += [f"--after {self.after}"] if self.after is not None else []
        words += ["--before"] if self.before else []
        words += ["--temporary"] if self.temporary else []
        words += [self.shows] if self.shows else []
        return " ".join(words) + (f" if {self.condition}" if self.condition else "")

    def row(self) -> BreakpointRow:
        return BreakpointRow(
            id=self.id,
            kind=self.kind,
            spec=self.spec,
            condition=self.condition,
            nodes=len(self.nodes),
            hits=self.hits,
            temporary=self.temporary,
            enabled=self.enabled,
            rule=self.rule,
            ignored=self.ignored,
            after=self.after,
            shows=self.shows,
            commands=self.commands,
            before=self.before,
            limits=self.limits,
        )


def allows(rule: str, hits: int) -> bool:
    """Whether hit number `hits` is one that the rule means. Errors: DebugError for no rule."""
    parsed = _RULE.match(rule.strip())
    if parsed is None or (parsed[1] == "%" and parsed[2] == "0"):
        raise DebugError(
            f"{rule!r} is no count of hits: write 3, >5 or %10 (every tenth), as in --hits %10"
        )
    return _COMPARE[parsed[1] or "="](hits, int(parsed[2]))


class Ahead(NamedTuple):
    """The places where some stops may hold: behind these nodes, and behind a step of which one of
    the tests holds; between them nothing has to be looked at."""

    items: list[Breakpoint]
    nodes: set[Operation]
    tests: list[StepTest]
    counted: Sequence[tuple[Breakpoint, list[int]]] = ()

    def passed(self, serial: int, first: int, last: int) -> None:
        """All places of a timeline from `first` to before `last` are done: none of them holds, but
        for those of which it was known that they are only counted."""
        for item, times in self.counted:
            for place in ((serial, t) for t in times if first <= t < last):
                insort(item.places, place)
        for item in self.items:
            if item.seen.get(serial, 0) == first < last:
                item.seen[serial] = last


def _anywhere(step: Step) -> bool:
    return True


class Stops:
    """The stops of a debugging session. They outlive a single run."""

    def __init__(self) -> None:
        self._items: dict[int, Breakpoint] = {}
        self._count = 0
        #: Where those were hit that have been removed: another may have to come after one of them.
        self._removed: dict[int, list[Place]] = {}

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, number: int) -> Breakpoint:
        """Errors: DebugError when there is none of that number."""
        if number not in self._items:
            known = ", ".join(map(str, self._items)) or "none"
            raise DebugError(f"There is no breakpoint {number}; there are: {known}.")
        return self._items[number]

    def add(self, kind: str, spec: str, make: Maker, locations: Locations) -> Breakpoint:
        """Errors: DebugError when the words mean nothing in the present run."""
        seeker = make(locations)
        self._count += 1
        added = Breakpoint(self._count, kind, spec, make, seeker=seeker)
        self._items[added.id] = added
        return added

    def remove(self, number: int) -> Breakpoint:
        """Errors: DebugError when there is none of that number."""
        removed = self[number]
        self._removed[number] = removed.places
        del self._items[number]
        return removed

    def clear(self) -> int:
        numbers = list(self._items)
        for number in numbers:
            self.remove(number)
        return len(numbers)

    def become(self, items: Iterable[Breakpoint]) -> None:
        """Let the stops be these again. Where those were hit that are still there, stays known."""
        known, self._items = self._items, {item.id: item for item in items}
        for number, item in self._items.items():
            if number in known:
                item.places, item.seen = known[number].places, known[number].seen
            self._removed.pop(number, None)

    def bind(self, locations: Locations) -> None:
        """Find out what the stops mean in the plan of another run."""
        for item in self:
            item.bind(locations)

    def forget(self, here: Place) -> None:
        """What comes after a place in the history has become another."""
        for item in self:
            item.forget(here)
        for places in self._removed.values():
            del places[bisect_right(places, here) :]

    def counting(self) -> list[Breakpoint]:
        """Those of which all hits have to be known: see `Breakpoint.counts`."""
        if not self._items:
            return []
        awaited = {item.after for item in self}
        return [item for item in self if item.counts or item.id in awaited]

    def ahead(self, only_tracing: bool = False, run: Timeline | None = None) -> Ahead:
        """Where somebody who goes forwards has to look for these stops. run: one that begins; of
        stops that only count, and will not stop in it, it is known then where they are hit."""
        nodes: set[Operation] = set()
        tests: list[StepTest] = []
        if not self._items:
            return Ahead([], nodes, tests)
        counting = self.counting()
        items = [item for item in self if item.enabled or item in counting]
        items = [item for item in items if item.shows or not only_tracing]
        passing = [] if run is None or any(item.after is not None for item in self) else items
        counted = [(item, times) for item in passing if (times := item.only_counted(run))]
        known = [item for item, _ in counted]
        for item in items:
            seeker = item.seeker
            if seeker is None or item in known:
                continue
            if seeker.behind is None or seeker.may is not None:
                tests.append(seeker.may or _anywhere)
            elif item.may is not None:
                tests.append(AtNodes(seeker.behind, item.may))
            else:
                nodes |= seeker.behind
        return Ahead(items, nodes, tests, counted)

    def stopping(
        self, history: History, stop: Callable[[], Stop]
    ) -> list[tuple[Breakpoint, Found]]:
        """What stops us at the place where the history stands. Temporary ones are removed."""
        ready = self._ready([item for item in self if not item.shows], history, stop)
        for item, _ in ready:
            if item.temporary:
                self.remove(item.id)
        return ready

    def tracing(self, history: History, stop: Callable[[], Stop]) -> list[Breakpoint]:
        """What shows something at the place where the history stands."""
        showing = [item for item in self if item.shows]
        if not showing:
            return []
        return [item for item, _ in self._ready(showing, history, stop)]

    def _ready(
        self, items: list[Breakpoint], history: History, stop: Callable[[], Stop]
    ) -> list[tuple[Breakpoint, Found]]:
        counting = self.counting()
        held = [
            (item, found)
            for item in items
            if (item.enabled or item in counting) and (found := item.look(history, stop))
        ]
        here = (history.here.serial, history.here.t)
        return [
            (item, found)
            for item, found in held
            if item.enabled and item.stops_at(here) and self._came(item.after, here)
        ]

    def _came(self, number: int | None, here: Place) -> bool:
        """Whether another stop has been hit up to this place."""
        if number is None:
            return True
        known = self._items[number].places if number in self._items else self._removed[number]
        return bisect_right(known, here) > 0
