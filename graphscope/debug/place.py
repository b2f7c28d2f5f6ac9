"""What all commands share: the session, the history of its debugged runs, and where we look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from graphscope.debug.answers import Delta, Found, Reason, Said, Shown, Stop
from graphscope.debug.classes import source_of
from graphscope.debug.commands import Commanded
from graphscope.debug.errors import DebugError, UnknownPlace
from graphscope.debug.expressions import Expression, Workspace
from graphscope.debug.facts import facts_of
from graphscope.debug.history import History
from graphscope.debug.locations import Locations, in_rounds
from graphscope.debug.names import names_of
from graphscope.debug.questions.fan_out import fan_out_of
from graphscope.debug.side.gradients import slope
from graphscope.debug.stops import Breakpoint, Stops
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Frame, Value
from graphscope.engine.lessons import rounds
from graphscope.engine.plan import Plan
from graphscope.engine.session import Run, Session
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import digest
from graphscope.ops.state import written


class Place(Commanded):
    """Where we look, and what is seen from there. The commands are in the classes above this one.

    history: the runs, of which `timeline` is the one at which we look.
    names, facts, locations: of the session's graph. stops: breakpoints and the like.
    surroundings: names that expressions may use beside those of the graph, as the variables of a
    notebook.
    """

    #: Who is told of a run before anything of it is done: its session and its timeline.
    beginning: ClassVar[Callable[[Session, Timeline], None] | None] = None

    def __init__(self, session: Session, history: History, stops: Stops) -> None:
        self.session = session
        self.history = history
        self.stops = stops
        self.names = names_of(session)
        self.facts = facts_of(session)
        self._stop: Stop | None = None
        self._displays: dict[int, str] = {}
        self._displayed: dict[int, str] = {}
        self._traced: list[Said] = []
        #: Values that outlive a run: by tensor, what it is set to in every run.
        self._lasting: dict[Tensor, Value] = {}
        #: What finished runs have written that the session does not keep.
        self._rehearsed = State()
        self._interrupted = False
        self.surroundings: Mapping[str, Any] = {}
        #: Where ``eval`` works, and keeps what it has assigned.
        self._workspace = Workspace(self.value, self._means, dbg=self, v=self.value)

    def _add_run(self, run: Run) -> None:
        """Add a prepared run to the history, and look at its start."""
        state = self.session.state.copy()
        state.variables.update(self._rehearsed.variables)
        state.cells.update(self._rehearsed.cells)
        timeline = Timeline(run, state, self.history.next_number, self._lasting)
        if Place.beginning is not None:
            Place.beginning(self.session, timeline)
        self.history.add(timeline)
        if self.facts.is_outdated:
            self.names, self.facts = names_of(self.session), facts_of(self.session)
        self._look_at(self.history.at)
        self._stop = None

    def _look_at(self, index: int) -> None:
        """Look at another run of the history."""
        self.timeline.close_again()
        self.history.at = index
        self.locations = Locations(self.session.graph, self.timeline, self.names, self.facts)
        self.stops.bind(self.locations)

    def _go_to(self, index: int, t: int) -> None:
        if index != self.history.at:
            self._look_at(index)
        self.timeline.seek(t)

    def _stop_here(self) -> Stop:
        """What conditions are asked about."""
        return self._make_plain(Reason.BREAKPOINT)

    def _find_hits_of(self, item: Breakpoint) -> None:
        came_from = self.history.at, self.t
        for index, timeline in enumerate(self.history.runs):
            for t in range(item.seen.get(timeline.serial, 0), timeline.newest + 1):
                self._go_to(index, t)
                with suppress(DebugError):  # it is said when the stop itself is looked at
                    item.look(self.history, self._stop_here)
        self._go_to(*came_from)

    @property
    def stop(self) -> Stop:
        """The last stop. That at the start of a run is made when somebody asks for it."""
        if self._stop is None:
            self._stop = self._make_stop(Reason.START)
        return self._stop

    @stop.setter
    def stop(self, stop: Stop) -> None:
        self._stop = stop

    # ---- what is seen --------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        """The run at which we look."""
        return self.history.here

    @property
    def plan(self) -> Plan:
        """What runs, in which order."""
        return self.timeline.plan

    @property
    def t(self) -> int:
        """How many nodes have run, at the place where we look."""
        return self.timeline.t

    @property
    def done(self) -> bool:
        """True once the whole run has been computed."""
        return self.timeline.finished

    @property
    def fetched(self) -> tuple[str, ...]:
        """How the learner calls what this run fetches."""
        return tuple(
            self.names.as_fetched(e.op if isinstance(e, Tensor) else e) for e in self.plan.fetches
        )

    def value(self, spec: Any, at: int | None = None) -> Value:
        """A tensor's or variable's value now or at a time, as an array that cannot be written.

        ``grad(loss,W)`` is a gradient: the run's own, or computed on the side. ``b@3`` is what b
        was in the third iteration of its loop, the last time that there was one.
        Errors: NotExecuted when it has none then, UnknownPlace when there is no such tensor.
        """
        pair = self.locations.gradient(spec)
        if pair is not None:
            return slope(self.timeline, *pair, self.t if at is None else at).value
        place, wanted = in_rounds(spec)
        if wanted:
            return self.timeline.value_in(self.locations.tensor(place), wanted, at)
        return self.timeline.value(self.locations.tensor(spec), at)

    def _held(self, fed: Tensor, t: int | None = None) -> Value | None:
        """What a variable holds itself, where a tensor is fed in its place; None otherwise."""
        if fed not in self.plan.feeds:
            return None
        return self.timeline.variables(t).get(source_of(fed).op.name)

    def changed(self) -> dict[str, Delta]:
        """The variables that differ now from the start of the run, by their name."""
        return self._since_start(self.t)

    def _since_start(self, t: int) -> dict[str, Delta]:
        now, start = self.timeline.variables(t), self.timeline.before.variables
        return {
            self.names.of(variable): Delta(start.get(variable.name), now[variable.name])
            for variable in self._differing(now, start)
        }

    def _differing(self, now: dict[str, Value], start: dict[str, Value]) -> list[Operation]:
        """The variables that have another value now."""
        variables = ((variable, variable.name) for variable in self.facts.variables)
        return [v for v, name in variables if name in now and now[name] is not start.get(name)]

    def _evaluated(self, text: str, at: int | None = None, **known: Any) -> Any:
        """The value of a Python expression over the values at this time, or at another one."""
        t = self.t if at is None else at
        known = {"t": t, "run": self.timeline.number, **self._rounds(t), **known}
        return Expression(text).evaluate(lambda name: self._stands_for(name, t), **known)

    def _stands_for(self, name: str, t: int) -> Any:
        """What a name in an expression stands for: a value of the graph, or what is around."""
        try:
            return self.value(name, t)
        except UnknownPlace:
            known = {**self.surroundings, **self.assigned}
            if name not in known:
                raise
            return known[name]

    def _stands_here(self, name: str) -> Any:
        return self._stands_for(name, self.t)

    @property
    def assigned(self) -> dict[str, Any]:
        """The names that ``eval`` has assigned; expressions may use them too."""
        return self._workspace.assigned

    @property
    def displays(self) -> Mapping[int, str]:
        """The expressions that are shown at stops, by their numbers."""
        return self._displays

    def _rounds(self, t: int) -> dict[str, Any]:
        """What expressions know of the loops around a step: `iteration` of the innermost one, and
        `iterations` of all of them, the outermost first; nothing outside of loops."""
        timeline = self.timeline
        if not 0 < t <= timeline.newest:
            return {}
        here = timeline.here if t == timeline.t else timeline.steps[t - 1]
        return _named(None if here is None else here.frame)

    def _rounds_ahead(self) -> dict[str, Any]:
        """The same of the loops around the node that runs next."""
        coming = self.timeline.ahead()
        return _named(None if coming is None else coming.frame)

    def _means(self, word: str) -> bool:
        """Whether a word is a name of the graph, or of what it was in an iteration."""
        try:
            return bool(self.locations.operations(in_rounds(word)[0]))
        except DebugError:
            return False

    def _fetched(self, fetch: Any) -> Tensor | Operation:
        """The element that the words mean. Errors: DebugError for what cannot be fetched."""
        op = fetch if isinstance(fetch, Operation) else self.locations.one(fetch)
        if not self.session.graph.is_fetchable(op):
            raise DebugError(
                f"{op.name} is inside a branch or a loop, and is not fetchable by itself. It runs "
                f"with what the branch or the loop gives back. Try: why-not {op.name}"
            )
        return op if op is fetch or not op.outputs else self.locations.tensor(fetch)

    def _sizes(self) -> tuple[int, ...]:
        """How many operations the graph had at the runs of this session."""
        planned = {made.graph_size for made in self.session.plans}
        debugged = {timeline.graph_size for timeline in self.history.runs}
        return tuple(sorted(planned | debugged))

    # ---- the stop ------------------------------------------------------------------------------

    def _make_stop(
        self,
        reason: Reason,
        breakpoint_: int | None = None,
        found: Found | None = None,
        restored: dict[str, Delta] | None = None,
        error: Exception | None = None,
    ) -> Stop:
        timeline, here = self.timeline, self.timeline.here
        now, start = timeline.variables(), timeline.before.variables
        node = None if here is None else here.node
        return Stop(
            reason=reason,
            t=timeline.t,
            end=timeline.end,
            newest=timeline.newest,
            names=self.names,
            node=node,
            phase=None if here is None else here.phase,
            inputs=()
            if here is None
            else tuple(map(Shown, here.node.inputs, timeline.inputs(here))),
            outputs=() if here is None else tuple(Shown(t, v) for t, v in here.outputs.items()),
            changed={} if here is None or not here.writes else self._changed_by(here),
            restored=restored or {},
            path=() if node is None else tuple(self.plan.path(node)),
            breakpoint=breakpoint_,
            found=found,
            hits=0 if breakpoint_ is None else self._hits(breakpoint_),
            end_is_known=timeline.end_is_known,
            frames=() if here is None else here.frames,
            backwards=() if here is None else here.frame.backwards,
            updated=tuple([self.names.of(v) for v in self._differing(now, start)]),
            overrides=tuple(tensor.name for tensor in timeline.overrides),
            run=timeline.number,
            runs=self.history.next_number - 1,
            error=error,
            fan_out=None if node is None else fan_out_of(node),
        )

    def _make_plain(self, reason: Reason) -> Stop:
        """A stop of which nothing is known but where it is. The ends of runs of one plan into which
        nobody has looked differ by the number of the run alone."""
        timeline = self.timeline
        if not timeline.ends_as_all:
            return self._make_stop(reason)
        known = self.history.ends.get(timeline.plan)
        if known is None or known.names is not self.names:
            known = self.history.ends[timeline.plan] = self._make_stop(reason)
        return known.in_run(timeline.number, self.history.next_number - 1, reason)

    def _hits(self, number: int) -> int:
        here = (self.timeline.serial, self.t)
        return next((item.hits_until(here) for item in self.stops if item.id == number), 1)

    def _changed_by(self, here: Step) -> dict[str, Delta]:
        before = self.timeline.variables(self.t - 1)
        by_hand = [v for v in self.facts.variables if v.name in here.overridden]
        return {
            self.names.of(variable): Delta(before.get(variable.name), here.writes[variable.name])
            for variable in dict.fromkeys([*written(here.node), *by_hand])
        }

    def _displays_now(self) -> tuple[Said, ...]:
        """The displays whose text is another than at the stop before."""
        said = []
        for number, expression in self._displays.items():
            try:
                value = self._evaluated(expression)
                text = digest(value)
            except DebugError as error:
                text = str(error)
            if self._displayed.get(number) != text:
                self._displayed[number] = text
                said.append(self._said(number, expression, text))
        return tuple(said)

    def _said(self, number: int, expression: str, text: str) -> Said:
        node = self.timeline.here.node if self.timeline.here else None
        return Said(number, expression, text, self.t, self.timeline.number, node)


def _named(frame: Frame | None) -> dict[str, Any]:
    around = () if frame is None else rounds(frame.around)
    return {"iteration": around[-1], "iterations": around} if around else {}
