"""Going forwards and backwards: step, next, finish, until, continue, and all of them in reverse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphscope.debug.answers import Delta, Found, Note, Reason, Stop
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.place import Place
from graphscope.debug.stops import Breakpoint
from graphscope.debug.timeline import Step
from graphscope.engine.interpreter import Value
from graphscope.errors import FailedPreconditionError, OpError
from graphscope.graph.graph import Operation

#: Words that goto understands already.
_RESERVED = ("fwd", "bwd", "upd", "start", "end", "run")


class Running(Place):
    """The commands that go somewhere. Each returns the stop where it came to."""

    def interrupt(self) -> None:
        """Stop at the next node boundary. May be called from a signal handler."""
        self._interrupted = True

    # ---- forwards ------------------------------------------------------------------------------

    @command("step", "s", "st", group="Go")
    def step(self, n: int = 1) -> Stop:
        """Run the next node, or the next N."""
        _check_count(n)
        self._check_not_at_end()
        return self._forward(lambda: self._moves >= n)

    @command("next", "n", group="Go")
    def next(self, n: int = 1) -> Stop:
        """Run the next node; if it begins a scope, a branch or a loop, all of that."""
        _check_count(n)
        self._check_not_at_end()
        for _ in range(n):
            stop = self._forward(self._entered(), Reason.SCOPE)
            if self.timeline.at_end or stop.reason is Reason.INTERRUPTED:
                break
        return self.stop

    @command("finish", "fin", group="Go")
    def finish(self) -> Stop:
        """Run on to the end of this scope: of the branch or the loop's iteration, or of the name
        scope; outside of all, to the end of the run."""
        self._check_not_at_end()
        scope = scope_of(self.timeline.here)
        return self._forward(lambda: not _within(self._next_scope(), scope), Reason.SCOPE)

    @command("until", "u", "advance", group="Go", takes="node")
    def until(self, spec: Any) -> Stop:
        """Run on to just behind a place: NODE, @Type, %VARIABLE (its next write), fwd, bwd, upd."""
        nodes = frozenset(self.locations.nodes(spec))
        if not self._may_come(nodes):
            t = max(t for op in nodes for t in self.timeline.times_of(op))
            raise DebugError(f"{_word(spec)} is behind us, at t={t}. Try: goto {t}")
        written = isinstance(spec, str) and spec.startswith("%")
        return self._forward(lambda: self._at(nodes), Reason.WRITE if written else Reason.PLACE)

    @command("continue", "c", "ct", "cont", group="Go", takes="node")
    def cont(self, spec: Any = "") -> Stop:
        """Run on to the next breakpoint or to the end; with a place, to just behind it."""
        if spec:
            return self.until(spec)
        self._check_not_at_end()
        came_from = self.history.at, self.t
        try:
            while self._can_advance():
                self._advance(caught=True)
                if self.stop.reason is Reason.FAILED:
                    return self.stop
                hit = self._hit()
                if hit is not None:
                    return self._stopped(hit[1].reason, hit[0].id, hit[1])
                if self._taken_interrupt():
                    return self._stopped(Reason.INTERRUPTED)
        except DebugError:
            self._go_to(*came_from)
            raise
        return self._stopped(Reason.END)

    def run_to_end(self) -> Stop:
        """Run everything that is left of this run, past all breakpoints."""
        while not self.timeline.at_end:
            self._advance()
            if self._taken_interrupt():
                return self._stopped(Reason.INTERRUPTED)
        return self._stopped(Reason.END)

    # ---- backwards -----------------------------------------------------------------------------

    @command("back", "reverse-step", "rs", group="Go")
    def back(self, n: int = 1) -> Stop:
        """Go one node back, or N. Nothing is computed again."""
        _check_count(n)
        self._check_not_at_start()
        return self._backward(lambda: self._moves >= n, Reason.STEP)

    @command("reverse-next", "rn", "rnext", group="Go")
    def rnext(self, n: int = 1) -> Stop:
        """Go one node back; if it ends a scope, a branch or a loop, to before all of that."""
        _check_count(n)
        self._check_not_at_start()
        for _ in range(n):
            self._backward(self._left(), Reason.SCOPE)
            if self._is_start:
                break
        return self.stop

    @command("reverse-finish", "rfin", "rfinish", group="Go")
    def rfinish(self) -> Stop:
        """Go back to before this scope: the branch, the loop's iteration, or the name scope."""
        self._check_not_at_start()
        scope = scope_of(self.timeline.here)
        return self._backward(
            lambda: not _within(scope_of(self.timeline.here), scope), Reason.SCOPE
        )

    @command("reverse-until", "ru", "runtil", group="Go", takes="node")
    def runtil(self, spec: Any) -> Stop:
        """Go back to just behind a place that has run before."""
        nodes = frozenset(self.locations.nodes(spec))
        times = [t for op in nodes for t in self.timeline.times_of(op) if t < self.t]
        if not times:
            raise DebugError(f"{_word(spec)} has not run before t={self.t}. Try: until, or goto")
        return self._backward(lambda: self._at(nodes), Reason.PLACE)

    @command("reverse-continue", "rc", "rcont", group="Go")
    def rcont(self) -> Stop:
        """Go back to the stop before this place, or to the start of all that is known."""
        self._check_not_at_start()
        before, came_from = self._before_moving(), (self.history.at, self.t)
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

    @command("goto", "g", group="Go", takes="place")
    def goto(self, place: Any) -> Stop:
        """Go to a time, a node, a mark, start, end, or the first node of fwd, bwd, upd.

        Of another run: goto run 2 (its end), goto 2:5 (time 5 of run 2)."""
        words = str(place).strip().lower().lstrip("#")
        if isinstance(place, str) and place.strip() in self.history.marks:
            return self._jump(*self.history.marks[place.strip()])
        run, _, time = words.removeprefix("run").strip().rpartition(":")
        if words.startswith("run ") and time.isdigit():
            return self._jump(int(time), None)
        if run.isdigit() and time.isdigit():
            return self._jump(int(run), int(time))
        number = self.timeline.number
        if words in ("start", "end"):
            return self._jump(number, 0 if words == "start" else None)
        if words.lstrip("-").isdigit():
            return self._jump(number, int(words))
        nodes = self.locations.nodes(place)
        t = self.timeline.time_of(nodes[0])
        if t is None:
            return self.until(place)
        return self._jump(number, t)

    @command("mark", group="Go")
    def mark(self, name: str) -> Note:
        """Give this place a name: goto NAME comes back to it."""
        if not name.isidentifier() or name in _RESERVED:
            raise DebugError(f"{name!r} cannot be a mark: a mark is a word, as in mark before_nan.")
        self.history.marks[name] = (self.timeline.number, self.t)
        return Note(f"{name} is t={self.t} of run {self.timeline.number}.")

    def _jump(self, run: int, t: int | None) -> Stop:
        timeline = self.history.number(run)
        if timeline is None:
            known = ", ".join(str(timeline.number) for timeline in self.history.runs)
            raise DebugError(f"There is no run {run} in the history; there are: {known}.")
        before = self._before_moving()
        here = self.timeline
        if timeline is not here:
            index = self.history.runs.index(timeline)
            self._go_to(index, timeline.newest if t is None else min(t, timeline.newest))
        if t is not None and (t < 0 or (timeline.end_is_known and t > timeline.end)):
            raise DebugError(f"There is no time {t}: the run goes from 0 to {timeline.end}.")
        if timeline is here and (t is None or t > self.t):
            return self._forward(lambda: self.t == t, Reason.PLACE)
        timeline.seek(timeline.newest if t is None else t)
        return self._came_back(before, Reason.PLACE)

    # ---- the movements -------------------------------------------------------------------------

    _moves = 0

    def _forward(self, arrived: Callable[[], bool], reason: Reason = Reason.STEP) -> Stop:
        """Node by node until we have arrived, or to the end of the run."""
        self._moves = 0
        while not self.timeline.at_end or (self._moves == 0 and self._can_advance()):
            self._advance()
            if self._taken_interrupt():
                return self._stopped(Reason.INTERRUPTED)
            if arrived():
                break
        at_end = self.timeline.at_end and reason in (Reason.STEP, Reason.SCOPE)
        return self._stopped(Reason.END if at_end else reason)

    def _backward(self, arrived: Callable[[], bool], reason: Reason) -> Stop:
        self._moves = 0
        before = self._before_moving()
        while not self._is_start:
            self._retreat()
            if self._taken_interrupt():
                return self._came_back(before, Reason.INTERRUPTED)
            if arrived():
                break
        return self._came_back(before, reason)

    def _can_advance(self) -> bool:
        last = self.history.at == len(self.history.runs) - 1
        return not self.timeline.at_end or not last

    @property
    def _is_start(self) -> bool:
        """Nothing is known of what came before this place."""
        return self.t == 0 and self.history.at == 0

    def _advance(self, caught: bool = False) -> None:
        """One node on, or from the end of a run to the start of the next. When a node fails we
        stay before it; `caught` lets a catchpoint stop us there in place of the error."""
        self._moves += 1
        if self.timeline.at_end and self._can_advance():
            self._go_to(self.history.at + 1, 0)
            return
        try:
            self.timeline.forward()
            if self.timeline.at_end:
                self.history.trim()
        except OpError as error:
            self._stopped(Reason.FAILED, error=error)
            if not (caught and self._catches(error)):
                raise
        except DebugError:
            raise
        except Exception as error:
            self._stopped(Reason.FAILED, error=error)
            raise

    def _catches(self, error: OpError) -> bool:
        """Whether a catchpoint asks for failures of this kind."""
        wanted = {"error"} | ({"uninit"} if isinstance(error, FailedPreconditionError) else set())
        for item in self.stops:
            if item.kind == "catch" and item.enabled and wanted & set(item.spec.split()):
                found = Found(Reason.FAILED, f"{type(error).__name__}: {error.message}")
                self.stop = self._make_stop(Reason.FAILED, item.id, found, error=error)
                return True
        return False

    def _retreat(self) -> None:
        self._moves += 1
        if self.t:
            self.timeline.seek(self.t - 1)
        else:
            index = self.history.at - 1
            self._go_to(index, self.history.runs[index].newest)

    def _go_to(self, index: int, t: int) -> None:
        if index != self.history.at:
            self._look_at(index)
        self.timeline.seek(t)

    def _hit(self) -> tuple[Breakpoint, Found] | None:
        """The stop that holds at this place. Tracepoints that hold here say what they show."""
        if not len(self.stops):
            return None
        stopping, tracing = self.stops.at(self.history, lambda: self._make_stop(Reason.BREAKPOINT))
        for item in tracing:
            self._traced.append(self._said(item.id, item.shows, self._shown_text(item.shows)))
        return stopping[0] if stopping else None

    def _shown_text(self, expression: str) -> str:
        """Made by `looking`: an expression's value in a line."""
        raise NotImplementedError

    def _taken_interrupt(self) -> bool:
        interrupted, self._interrupted = self._interrupted, False
        return interrupted

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
        if self.t == 0 and reason is not Reason.CHANGED:
            reason = Reason.START
        return self._stopped(reason, breakpoint_, found, restored)

    def _stopped(
        self,
        reason: Reason,
        breakpoint_: int | None = None,
        found: Found | None = None,
        restored: dict[str, Delta] | None = None,
        error: Exception | None = None,
    ) -> Stop:
        made = self._make_stop(reason, breakpoint_, found, restored, error)
        traces, self._traced = tuple(self._traced), []
        self.stop = replace(made, displays=self._displays_now(), traces=traces)
        return self.stop

    def _check_not_at_end(self) -> None:
        if not self._can_advance():
            self.timeline.forward()  # says that this is the end

    def _check_not_at_start(self) -> None:
        if self._is_start:
            raise DebugError("This is the start of the run: there is nothing before it.")

    # ---- scopes --------------------------------------------------------------------------------

    def _entered(self) -> Callable[[], bool]:
        """Says whether we are through with the scope that the next node begins: a name scope, or
        the branches or the loop that it owns. One that begins none is a scope of its own."""
        upcoming, around = self.timeline.upcoming(), self._next_scope()
        if upcoming is None or around is None:
            return lambda: True
        if self._owns(upcoming):
            owner = upcoming

            def ran() -> bool:
                here = self.timeline.here
                return here is not None and here.node is owner and scope_of(here) == around

            return ran
        scope = _deeper(scope_of(self.timeline.here), around)
        return lambda: scope is None or not _within(self._next_scope(), scope)

    def _owns(self, upcoming: Operation) -> bool:
        """Whether the next node is what has bodies run, and none of them has begun."""
        here = self.timeline.here
        begun = here is not None and any(owner is upcoming for owner, _ in here.frames)
        return upcoming.definition.calls and not begun

    def _next_scope(self) -> tuple[Any, ...] | None:
        """The scopes around the node that runs next; None at the end."""
        timeline, here = self.timeline, self.timeline.here
        if self.t < timeline.newest:
            return scope_of(timeline.steps[self.t])
        upcoming = timeline.upcoming()
        if upcoming is None:
            return None
        frames = here.frames if here is not None else ()
        if here is not None and upcoming.body is not here.node.body:
            frames = frames[:-1]
        return _scope(upcoming, frames)

    def _left(self) -> Callable[[], bool]:
        """Says whether we are before the scope that the present node ends."""
        here = self.timeline.here
        if here is None:
            return lambda: True
        if here.node.definition.calls:
            owner, depth = here.node, len(here.frames)
            return lambda: not any(o is owner for o, _ in self._frames()[depth:])
        earlier = self.timeline.steps[self.t - 2] if self.t > 1 else None
        scope = _deeper(scope_of(earlier), scope_of(here))
        return lambda: scope is None or not _within(scope_of(self.timeline.here), scope)

    def _frames(self) -> tuple[tuple[Operation, int], ...]:
        return self.timeline.here.frames if self.timeline.here else ()

    def _may_come(self, nodes: frozenset[Operation]) -> bool:
        """Whether one of the nodes can still run after this time."""
        timeline = self.timeline
        if any(t > self.t for op in nodes for t in timeline.times_of(op)):
            return True
        if timeline.finished:
            return False
        ahead = (timeline.time_of(op) or 0 for op in nodes)
        return any(t > self.t for t in ahead) or any(op.body is not None for op in nodes)

    def _at(self, nodes: frozenset[Operation]) -> bool:
        here = self.timeline.here
        return here is not None and here.node in nodes


def scope_of(step: Step | None) -> tuple[Any, ...]:
    """The scopes around a step, the outermost first: names of name scopes, and for a branch or a
    loop its owner and the iteration."""
    return () if step is None else _scope(step.node, step.frames)


def _scope(op: Operation, frames: tuple[tuple[Operation, int], ...]) -> tuple[Any, ...]:
    around: list[Any] = []
    names = 0
    for owner, iteration in frames:
        parts = owner.name.split("/")[:-1]
        around += [*parts[names:], (owner, iteration)]
        names = len(parts)
    return (*around, *op.name.split("/")[names:-1])


def _within(scope: tuple[Any, ...] | None, outer: tuple[Any, ...]) -> bool:
    return scope is not None and scope[: len(outer)] == outer


def _deeper(here: tuple[Any, ...], there: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The outermost scope of `there` that is not around `here`; None when there is none."""
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    return there[: common + 1] if common < len(there) else None


def _check_count(n: int) -> None:
    if n < 1:
        raise DebugError(f"A count is a whole number of 1 or more, not {n}.")


def _word(spec: Any) -> str:
    return spec if isinstance(spec, str) else getattr(spec, "name", repr(spec))
