"""Going forwards and backwards: step, next, finish, until, continue, and all of them in reverse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from graphscope.debug.answers import Delta, Found, Note, Reason, Stop
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.locations import Meant
from graphscope.debug.place import Place
from graphscope.debug.scopes import Scope, common, deeper, scope_of, span, span_of, within
from graphscope.debug.stops import Ahead, Breakpoint
from graphscope.engine.interpreter import Value
from graphscope.errors import OpError
from graphscope.graph.graph import Operation

#: Words that goto understands already.
_RESERVED = ("fwd", "bwd", "upd", "start", "end", "run")
_OF_RUN = re.compile(r"(?:run\s+)?(\d+):(\d+)|run\s+(\d+)")
_TIME = re.compile(r"-?\d+")


Moved = TypeVar("Moved")


class Running(Place):
    """The commands that go somewhere. Each returns the stop where it came to.

    Only `continue` and `reverse-continue` stop at breakpoints: the others go where they are told.
    """

    def interrupt(self) -> None:
        """Stop at the next node boundary. May be called from a signal handler."""
        self._interrupted = True
        self.timeline.halt()

    def forget_interrupt(self) -> None:
        """Do not stop for what was asked before now: what it was meant for has ended by itself."""
        self._interrupted = False

    # ---- forwards ------------------------------------------------------------------------------

    @command("step", "s", "st", group="Go", example="step 3")
    def step(self, n: int = 1) -> Stop:
        """Run the next node, or the next N."""
        check_count(n)
        self._check_not_at_end()
        steps = count(1)
        return self._forward(lambda: next(steps) == n, Reason.STEP)

    @command("next", "n", group="Go", example="next")
    def next(self, n: int = 1) -> Stop:
        """Run the next node; if it begins a scope, a branch or a loop, all of that."""
        check_count(n)
        self._check_not_at_end()
        for _ in range(n):
            stop = self._forward(self._through(), Reason.SCOPE)
            if self._at_border or stop.reason is Reason.INTERRUPTED:
                break
        return self.stop

    @command("finish", "fin", group="Go", example="finish")
    def finish(self) -> Stop:
        """Run on to the end of this scope: of the branch or the loop's iteration, or of the name
        scope; outside of all, to the end of the run."""
        self._check_not_at_end()
        scope = common(scope_of(self.timeline.here), self._next_span() or ())
        return self._forward(lambda: not within(self._next_span(), scope), Reason.SCOPE)

    @command("until", "u", "advance", group="Go", takes="ahead", example="until loss")
    def until(self, spec: Any) -> Stop:
        """Run on to just behind a place: NODE, @Type, %VARIABLE (its next write), fwd, bwd, upd.

        Inside of a loop NODE@3 is its third iteration; NODE@2.3 that of the second one around it.
        """
        written = isinstance(spec, str) and spec.startswith("%")
        meant = self.locations.meant(spec)
        self._check_may_come(meant, _word(spec))
        return self._forward(
            lambda: self._at(meant) or self._at_border,
            Reason.WRITE if written else Reason.PLACE,
            lambda: "" if self._at(meant) else self._missed(meant, _word(spec)),
            meant.nodes,
        )

    @command("continue", "c", "ct", "cont", group="Go", takes="ahead", example="continue @Mean")
    def cont(self, spec: Any = "") -> Stop:
        """Run on to the next breakpoint or to the end; with a place, to just behind it."""
        if spec:
            return self.until(spec)
        return self.to_a_stop() or self._stopped(Reason.END)

    def to_a_stop(self) -> Stop | None:
        """As `cont`, but None at the end, of which no stop is made."""
        self._check_not_at_end()
        self._find_hits()
        came_from = self.history.at, self.t
        try:
            while self._can_advance():
                ahead = self.stops.ahead(run=self.timeline)
                try:
                    hit = self._hit() if self._advance_to(ahead) else None
                except OpError:
                    caught = self._caught()
                    if caught is None:
                        raise
                    return caught
                if hit is not None:
                    return self._stopped(hit[1].reason, hit[0].id, hit[1])
                if self._taken_interrupt():
                    return self._stopped(Reason.INTERRUPTED)
        except DebugError:
            self._go_to(*came_from)
            raise
        return None

    def run_to_end(self) -> Stop:
        """Run everything that is left of this run, past all breakpoints."""
        if self._at_border:
            return self._stopped(Reason.END)
        return self._forward(lambda: self._at_border, Reason.STEP, behind=frozenset())

    def _run_through(self) -> bool:
        """Run everything that is left, as `run_to_end` does. A stop is only made when it would show
        more than the place. False when that was interrupted."""
        if self._displays or any(item.shows for item in self.stops):
            return self.run_to_end().reason is not Reason.INTERRUPTED
        nowhere = Ahead([], set(), [])
        while not self._at_border:
            self._advance_to(nowhere)
            if self._taken_interrupt():
                return False
        return True

    # ---- backwards -----------------------------------------------------------------------------

    @command("back", "reverse-step", "rs", group="Go", example="back 2")
    def back(self, n: int = 1) -> Stop:
        """Go one node back, or N. Nothing is computed again.

        From the start of a run it goes on to the end of the run before it; it ends only at the
        start of the first run that is known. back stays in the past: step comes forward again.
        """
        check_count(n)
        self._check_not_at_start()
        steps = count(1)
        return self._backward(lambda: next(steps) == n, Reason.STEP)

    @command("reverse-next", "rn", "rnext", group="Go", example="reverse-next")
    def rnext(self, n: int = 1) -> Stop:
        """Go one node back; if it ends a scope, a branch or a loop, to before all of that."""
        check_count(n)
        self._check_not_at_start()
        for _ in range(n):
            stop = self._backward(self._left(), Reason.SCOPE)
            if self._is_start or stop.reason is Reason.INTERRUPTED:
                break
        return self.stop

    @command("reverse-finish", "rfin", "rfinish", group="Go", example="reverse-finish")
    def rfinish(self) -> Stop:
        """Go back to before this scope: the branch, the loop's iteration, or the name scope."""
        self._check_not_at_start()
        scope = scope_of(self.timeline.here)
        return self._backward(lambda: not within(span_of(self.timeline.here), scope), Reason.SCOPE)

    @command("reverse-until", "ru", "runtil", group="Go", takes="behind", example="reverse-until y")
    def runtil(self, spec: Any) -> Stop:
        """Go back to just behind a place that has run before."""
        meant = self.locations.meant(spec)
        if not any(t < self.t for t in self._times(meant)):
            raise DebugError(f"{_word(spec)} has not run before t={self.t}. Try: until, or goto")
        return self._backward(lambda: self._at(meant), Reason.PLACE)

    @command("reverse-continue", "rc", "rcont", group="Go", example="reverse-continue")
    def rcont(self) -> Stop:
        """Go back to the stop before this place, or to the start of all that is known."""
        self._check_not_at_start()
        self._find_hits()
        before, came_from = self._before_moving(), (self.history.at, self.t)
        if not len(self.stops):
            self._go_to(0, 0)
        try:
            while not self._is_start:
                self._retreat()
                hit = self._hit()
                if hit is not None:
                    return self._came_back(before, hit[1].reason, hit[0].id, hit[1])
                if self._taken_interrupt():
                    return self._came_back(before, Reason.INTERRUPTED)
        except DebugError:
            self._go_to(*came_from)
            raise
        return self._came_back(before, Reason.START)

    # ---- jumping -------------------------------------------------------------------------------

    @command("goto", "g", group="Go", takes="place", example="goto bwd")
    def goto(self, place: Any) -> Stop:
        """Go to a time, a node, a mark, start, end, or the first node of fwd, bwd, upd.

        Inside of a loop goto NODE@3 goes to its third iteration. Of another run: goto run 2 (its
        end), goto 2:5 (time 5 of run 2)."""
        words = str(place).strip().lower().lstrip("#")
        if isinstance(place, str) and place.strip() in self.history.marks:
            return self._jump(*self.history.marks[place.strip()])
        number = self.timeline.number
        if words in ("start", "end"):
            return self._jump(number, 0 if words == "start" else None)
        of_run = _OF_RUN.fullmatch(words)
        if of_run is not None:
            return self._jump(int(of_run[1] or of_run[3]), int(of_run[2]) if of_run[2] else None)
        if _TIME.fullmatch(words):
            return self._jump(number, int(words))
        meant = self.locations.meant(place)
        known = self._times(meant)
        if not known and not meant.rounds:
            known = [t for op in meant.nodes if (t := self.timeline.time_of(op)) is not None]
        return self._jump(number, min(known)) if known else self.until(place)

    @command("mark", group="Go", example="mark before_update")
    def mark(self, name: str) -> Note:
        """Give this place a name: goto NAME comes back to it."""
        if not name.isidentifier() or name in _RESERVED:
            raise DebugError(f"{name!r} cannot be a mark: a mark is a word, as in mark before_nan.")
        self.history.marks[name] = (self.timeline.number, self.t)
        return Note(f"{name} is t={self.t} of run {self.timeline.number}.")

    def _jump(self, run: int, t: int | None) -> Stop:
        """Go to a time of a run, to its end when `t` is None."""
        timeline = self.history.number(run)
        if timeline is None:
            known = ", ".join(str(timeline.number) for timeline in self.history.runs)
            raise DebugError(f"There is no run {run} in the history; there are: {known}.")
        is_last = timeline is self.history.runs[-1]
        end = timeline.end if is_last else timeline.newest
        if t is not None and (t < 0 or (t > end and (timeline.end_is_known or not is_last))):
            raise DebugError(f"There is no time {t}: the run goes from 0 to {end}.")
        before, came_from = self._before_moving(), (self.history.at, self.t)
        self._go_to(self.history.runs.index(timeline), timeline.newest if t is None else t)
        if self.t != t and not self._at_border:
            return self._forward(
                lambda: self.t == t or self._at_border,
                Reason.PLACE,
                lambda: f"There is no time {t}." if t is not None and t != self.t else "",
            )
        if (self.history.at, self.t) < came_from:
            return self._came_back(before, Reason.PLACE)
        return self._stopped(Reason.PLACE)

    # ---- the movements -------------------------------------------------------------------------

    def _forward(
        self,
        arrived: Callable[[], bool],
        reason: Reason,
        missed: Callable[[], str] = str,
        behind: frozenset[Operation] | None = None,
    ) -> Stop:
        """Node by node until we have arrived, or to the end of all. missed: says in the end what
        has not come, if so. behind: the only nodes behind which we can arrive, but for where a run
        begins or ends; any when left out."""
        ahead = self.stops.ahead(only_tracing=True)
        ahead.nodes.update(behind or ())
        while self._can_advance():
            if behind is None:
                self._advance()
            else:
                self._advance_to(ahead)
            self._trace()
            if self._taken_interrupt():
                return self._stopped(Reason.INTERRUPTED)
            if arrived():
                break
        if said := missed():
            return self._stopped(Reason.END, found=Found(Reason.END, said))
        at_end = self.timeline.at_end and reason in (Reason.STEP, Reason.SCOPE)
        return self._stopped(Reason.END if at_end else reason)

    def _backward(self, arrived: Callable[[], bool], reason: Reason) -> Stop:
        before = self._before_moving()
        while not self._is_start:
            self._retreat()
            self._trace()
            if self._taken_interrupt():
                return self._came_back(before, Reason.INTERRUPTED)
            if arrived():
                break
        return self._came_back(before, reason)

    def _can_advance(self) -> bool:
        return not (self.timeline.at_end and self._is_last_run)

    @property
    def _is_last_run(self) -> bool:
        return self.history.at == len(self.history.runs) - 1

    @property
    def _at_border(self) -> bool:
        """This is the last place of this run. One that was left before its end, for another run,
        does not go on."""
        timeline = self.timeline
        return timeline.at_end or (timeline.t == timeline.newest and not self._is_last_run)

    @property
    def _is_start(self) -> bool:
        """Nothing is known of what came before this place."""
        return self.t == 0 and self.history.at == 0

    def _advance(self) -> None:
        """One node on, or from the end of a run to the start of the next. When a node fails we
        stay before it."""
        if not self._is_last_run and self._at_border:
            self._go_to(self.history.at + 1, 0)
            return
        self._moved(self.timeline.forward)

    def _advance_to(self, ahead: Ahead) -> bool:
        """The same to the next place where a stop may hold, or to the end of the run. Returns
        whether one may hold."""
        if self._interrupted or (not self._is_last_run and self._at_border):
            self._advance()
            return True
        timeline, first, may_hold = self.timeline, self.t + 1, False
        try:
            may_hold = self._moved(lambda: timeline.forward_until(ahead.nodes, ahead.tests))
        finally:
            ahead.passed(timeline.serial, first, timeline.t + (not may_hold))
        return may_hold

    def _moved(self, move: Callable[[], Moved]) -> Moved:
        try:
            moved = move()
        except DebugError:
            raise
        except Exception as error:
            self._stopped(Reason.FAILED, error=error)
            raise
        if self.timeline.at_end:
            self.history.trim()
        return moved

    def _caught(self) -> Stop | None:
        """The stop before the node that fails, when a catchpoint asks for it."""
        found = [pair for pair in self._stopping() if pair[1].reason is Reason.FAILED]
        if not found:
            return None
        item, what = found[0]
        self.stop = replace(self.stop, breakpoint=item.id, found=what, hits=self._hits(item.id))
        return self.stop

    def _retreat(self) -> None:
        if self.t:
            self.timeline.seek(self.t - 1)
        else:
            index = self.history.at - 1
            self._go_to(index, self.history.runs[index].newest)

    # ---- what stops us -------------------------------------------------------------------------

    def _hit(self) -> tuple[Breakpoint, Found] | None:
        """The stop that holds at this place. Tracepoints that hold here say what they show."""
        self._trace()
        return next(iter(self._stopping()), None)

    def _stopping(self) -> list[tuple[Breakpoint, Found]]:
        return self.stops.stopping(self.history, self._stop_here) if len(self.stops) else []

    def _trace(self) -> None:
        for item in self.stops.tracing(self.history, self._stop_here) if len(self.stops) else []:
            self._traced.append(self._said(item.id, item.shows, self._shown_text(item.shows)))

    def _find_hits(self) -> None:
        """Look at all places that are known, for the stops that count their hits: also at those
        that we went past without stopping there."""
        for item in self.stops.counting():
            self._find_hits_of(item)

    def _shown_text(self, expression: str) -> str:
        """Made by `looking`: an expression's value in a line."""
        raise NotImplementedError

    def _taken_interrupt(self) -> bool:
        interrupted, self._interrupted = self._interrupted, False
        return interrupted

    # ---- the stop where we came to -------------------------------------------------------------

    def _before_moving(self) -> dict[str, Value]:
        return self.timeline.variables()

    def _came_back(
        self,
        before: dict[str, Value],
        reason: Reason,
        breakpoint_: int | None = None,
        found: Found | None = None,
    ) -> Stop:
        """We look at an earlier time: say which variables have another value there."""
        now = self.timeline.variables()
        restored = {
            self.names.of(variable): Delta(before[variable.name], now[variable.name])
            for variable in self.facts.variables
            if variable.name in now
            and variable.name in before
            and now[variable.name] is not before[variable.name]
        }
        if self.t == 0 and breakpoint_ is None:
            reason = Reason.START
        error = self.timeline.failure if reason is Reason.FAILED else None
        return self._stopped(reason, breakpoint_, found, restored, error)

    def _stopped(
        self,
        reason: Reason,
        breakpoint_: int | None = None,
        found: Found | None = None,
        restored: dict[str, Delta] | None = None,
        error: Exception | None = None,
    ) -> Stop:
        if reason is Reason.END and found is None:
            made = self._make_plain(reason)
        else:
            made = self._make_stop(reason, breakpoint_, found, restored, error)
        traces, self._traced = tuple(self._traced), []
        displays = self._displays_now()
        says_more = displays or traces  # otherwise there is no need of another stop
        self.stop = replace(made, displays=displays, traces=traces) if says_more else made
        return self.stop

    def _check_not_at_end(self) -> None:
        if not self._can_advance():
            self.timeline.forward()  # says that this is the end

    def _check_not_at_start(self) -> None:
        if self._is_start:
            raise DebugError("This is the start of the run: there is nothing before it.")

    def _times(self, meant: Meant) -> list[int]:
        """The times at which what is meant has run, in order."""
        times = (t for op in meant.nodes for t in self.timeline.times_of(op))
        steps = self.timeline.steps
        return sorted(t for t in times if meant.has(steps[t - 1].node, steps[t - 1].frame))

    def _check_may_come(self, meant: Meant, word: str) -> None:
        """Errors: DebugError when none of the nodes can run after this place."""
        times = self._times(meant)
        if times and times[-1] > self.t:
            return
        if self._is_last_run and any(self.timeline.may_come(op) for op in meant.nodes):
            return
        if times:
            raise DebugError(f"{word} is behind us, at t={times[-1]}. Try: goto {times[-1]}")
        raise DebugError(self._missed(meant, word))

    def _missed(self, meant: Meant, word: str) -> str:
        """What to say of nodes that do not come any more."""
        if self._times(meant):
            return f"{word} does not run again."
        return (
            f"{word} does not run here: its branch was not taken, or its loop did not come to it."
        )

    def _at(self, meant: Meant) -> bool:
        here = self.timeline.here
        return here is not None and meant.has(here.node, here.frame)

    # ---- scopes --------------------------------------------------------------------------------

    def _through(self) -> Callable[[], bool]:
        """Says whether we are through with the scope that the next node begins: a name scope, a
        branch, a loop or an iteration of it. One that begins none is a scope of its own."""
        scope = deeper(span_of(self.timeline.here), self._next_span() or ())
        return lambda: scope is None or not within(self._next_span(), scope)

    def _left(self) -> Callable[[], bool]:
        """Says whether we are before the scope that the present node ends."""
        scope = deeper(self._next_span() or (), span_of(self.timeline.here))
        return lambda: scope is None or not within(span_of(self.timeline.here), scope)

    def _next_span(self) -> Scope | None:
        """The scopes of the node that runs next; None at the end of the run."""
        coming = None if self._at_border else self.timeline.ahead()
        return None if coming is None else span(coming.op, coming.frame)


def check_count(n: int) -> None:
    """Errors: DebugError for less than one."""
    if n < 1:
        raise DebugError(f"A count is a whole number of 1 or more, not {n}.")


def _word(spec: Any) -> str:
    return spec if isinstance(spec, str) else getattr(spec, "name", repr(spec))
