"""`Debugger`: one run of a session, stepped forwards and backwards, questioned and drawn.

Every method with ``@command`` is a command of the prompt; here it takes Python objects or the same
words, and returns data. Nothing is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar

from graphscope.debug import answers
from graphscope.debug.answers import Delta, Reason, Shown, Stop
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError, NotExecuted
from graphscope.debug.expressions import Expression
from graphscope.debug.facts import Facts
from graphscope.debug.locations import Locations
from graphscope.debug.names import Names
from graphscope.debug.questions.needs import Needs, needs
from graphscope.debug.questions.updates import Updates, updates
from graphscope.debug.questions.why import Why, why
from graphscope.debug.questions.why_not import WhyNot, why_not
from graphscope.debug.scene import Painter, scene_of_fetch, scene_of_run
from graphscope.debug.stops import Breakpoint, Condition, Stops
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import unfed
from graphscope.engine.plan import Plan
from graphscope.engine.session import Run, Session
from graphscope.graph.convert import as_array
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import written

#: What `list` says of the present node and of the one after it.
_STATES = {0: "now", 1: "next"}
#: How many lines of the plan `list` shows before and after the present one.
_WINDOW = 5


class Debugger:
    """Steps one run. Use it in a ``with``: at the end, a run that has finished is committed to the
    session, and one that has not is rolled back.

    session, fetches, feed_dict: as for `Session.run`. A placeholder may still be missing; then the
    first step says so.
    stops: breakpoints to begin with; they are shared, so that they can outlive the run.
    """

    painter: ClassVar[Painter | None] = None

    def __init__(
        self,
        session: Session,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        stops: Stops | None = None,
    ) -> None:
        self.session = session
        self._run: Run = session.prepare(fetches, feed_dict)
        self.timeline = Timeline(self._run, session.state)
        self.names = Names(session.graph)
        self.facts = Facts(session.graph)
        self.locations = Locations(session.graph, self.timeline, self.names, self.facts)
        self.stops = Stops() if stops is None else stops
        self.stops.bind(self.locations)
        self.fetched = tuple(
            self.names.as_fetched(e.op if isinstance(e, Tensor) else e) for e in self.plan.fetches
        )
        self.stop = self._stop(Reason.START)
        self._interrupted = False
        self._committed = False

    @property
    def plan(self) -> Plan:
        """What runs, in which order."""
        return self._run.plan

    @property
    def t(self) -> int:
        """How many nodes have run, at the place where we look."""
        return self.timeline.t

    @property
    def done(self) -> bool:
        """True once the whole run has been computed."""
        return self.timeline.finished

    @property
    def result(self) -> Any:
        """What `Session.run` would return. Errors: NotExecuted before the run has finished."""
        if not self.done:
            raise NotExecuted("The run has not finished: run_to_end() finishes it.")
        if self.plan.missing:
            raise unfed(self.plan)
        values = {t: v for step in self.timeline.steps for t, v in step.outputs.items()}
        for tensor in self.plan.fetches:
            if isinstance(tensor, Tensor) and tensor.op.type == "Const":
                values.setdefault(tensor, tensor.op.attrs["value"])
        return self._run.result({**values, **self._run.feeds}, self.timeline.start)

    # ---- the end -------------------------------------------------------------------------------

    def commit(self) -> None:
        """Give the session what this run has written, once. What other runs of the session have
        written in the meantime stays. Errors: NotExecuted when this one has not finished."""
        if not self.done:
            raise NotExecuted("The run has not finished: run_to_end() finishes it.")
        if not self._committed:
            self.timeline.commit(self.session.state)
            self._committed = True

    def close(self) -> answers.Note:
        """Commit a finished run, roll back another one, and say which."""
        if self.done:
            self.commit()
            return answers.Note("The run is finished; its variables are kept.")
        written = sorted(self._since_start(len(self.timeline.steps)))
        text = f"The run was left at t={len(self.timeline.steps)} of {self.timeline.end}"
        undone = f": {', '.join(written)} as before" if written else ": no variable had changed"
        return answers.Note(f"{text} and rolled back{undone}.")

    def __enter__(self) -> Debugger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()

    def interrupt(self) -> None:
        """Stop at the next node boundary. May be called from a signal handler."""
        self._interrupted = True

    # ---- going ---------------------------------------------------------------------------------

    @command("step", "s", "st", group="Go")
    def step(self, n: int = 1) -> Stop:
        """Run the next node, or the next N."""
        _check_count(n)
        if self.t == self.timeline.end:
            self.timeline.forward()  # says that this is the end
        last = min(self.t + n, self.timeline.end)
        return self._forward_to(last, Reason.END if last == self.timeline.end else Reason.STEP)

    @command("back", "reverse-step", "rs", group="Go")
    def back(self, n: int = 1) -> Stop:
        """Go one node back, or N. Nothing is computed again."""
        _check_count(n)
        if self.t == 0:
            raise DebugError("This is the start of the run: there is nothing before it.")
        return self._backward_to(max(self.t - n, 0), Reason.STEP)

    @command("continue", "c", "ct", "cont", group="Go", takes="node")
    def cont(self, spec: str = "") -> Stop:
        """Run on to the next breakpoint or to the end; with a place, to just behind it."""
        if spec:
            return self.until(spec)
        if self.t == self.timeline.end:
            self.timeline.forward()  # says that this is the end
        came_from = self.t
        while self.t < self.timeline.end:
            self._advance()
            try:
                hit = self._hit(self.t)
            except DebugError:
                self.timeline.seek(came_from)
                raise
            if hit is not None:
                return self._stopped(hit.reason, hit.id)
            if self._taken_interrupt():
                return self._stopped(Reason.INTERRUPTED)
        return self._stopped(Reason.END)

    @command("reverse-continue", "rc", group="Go")
    def rcont(self) -> Stop:
        """Go back to the breakpoint before, or to the start."""
        if self.t == 0:
            raise DebugError("This is the start of the run: there is nothing before it.")
        for t in range(self.t - 1, 0, -1):
            hit = self._hit(t)
            if hit is not None:
                return self._backward_to(t, hit.reason, hit.id)
            if self._taken_interrupt():
                return self._backward_to(t, Reason.INTERRUPTED)
        return self._backward_to(0, Reason.START)

    def _hit(self, t: int) -> Breakpoint | None:
        """The breakpoint that holds behind node number `t`. Conditions look from there."""
        here = self.t
        self.timeline.seek(t)
        try:
            node = self.timeline.steps[t - 1].node
            return self.stops.at(node, lambda: self._stop(Reason.BREAKPOINT))
        finally:
            self.timeline.seek(here)

    @command("until", "u", "advance", group="Go", takes="node")
    def until(self, spec: str) -> Stop:
        """Run on to just behind a place: NODE, @Type, %VARIABLE (its next write), fwd, bwd, upd."""
        times = [self.timeline.time_of(op) or 0 for op in self.locations.nodes(spec)]
        ahead = [t for t in times if t > self.t]
        if not ahead:
            raise DebugError(f"{_word(spec)} is behind us, at t={times[-1]}. Try: goto {times[-1]}")
        reason = Reason.WRITE if str(spec).startswith("%") else Reason.PLACE
        return self._forward_to(min(ahead), reason)

    @command("goto", "g", group="Go", takes="phase")
    def goto(self, where: str | int) -> Stop:
        """Go to a time: a number, start, end, or the first node of fwd, bwd, upd."""
        words = str(where).strip().lower().lstrip("#")
        if words in ("start", "end"):
            t = 0 if words == "start" else self.timeline.end
        elif words.lstrip("-").isdigit():
            t = int(words)
        else:
            t = self.timeline.time_of(self.locations.nodes(where)[0]) or 0
        if not 0 <= t <= self.timeline.end:
            raise DebugError(f"There is no time {t}: the run goes from 0 to {self.timeline.end}.")
        if t < self.t:
            return self._backward_to(t, Reason.PLACE)
        return self._forward_to(t, Reason.PLACE)

    def run_to_end(self) -> Stop:
        """Run everything that is left, past all breakpoints."""
        return self._forward_to(self.timeline.end, Reason.END)

    def _forward_to(self, t: int, reason: Reason) -> Stop:
        while self.t < t:
            self._advance()
            if self._taken_interrupt():
                return self._stopped(Reason.INTERRUPTED)
        return self._stopped(reason)

    def _advance(self) -> Step:
        """One node on. When it fails we stay before it."""
        try:
            return self.timeline.forward()
        except Exception:
            self._stopped(Reason.FAILED)
            raise

    def _backward_to(self, t: int, reason: Reason, breakpoint_: int | None = None) -> Stop:
        """Look at an earlier time, and say which variables have another value there."""
        after = self.timeline.variables()
        self.timeline.seek(t)
        before = self.timeline.variables()
        restored = {
            self.names.of(variable): Delta(after[variable.name], before[variable.name])
            for variable in self.facts.variables
            if variable.name in before and before[variable.name] is not after[variable.name]
        }
        self.stop = self._stop(Reason.START if t == 0 else reason, breakpoint_, restored)
        return self.stop

    def _taken_interrupt(self) -> bool:
        interrupted, self._interrupted = self._interrupted, False
        return interrupted

    def _stopped(self, reason: Reason, breakpoint_: int | None = None) -> Stop:
        self.stop = self._stop(reason, breakpoint_)
        return self.stop

    def _stop(
        self,
        reason: Reason,
        breakpoint_: int | None = None,
        restored: dict[str, Delta] | None = None,
    ) -> Stop:
        timeline, here, restored = self.timeline, self.timeline.here, restored or {}
        if here is None:
            return Stop(reason, 0, timeline.end, len(timeline.steps), self.names, restored=restored)
        before = timeline.variables(timeline.t - 1)
        return Stop(
            reason=reason,
            t=timeline.t,
            end=timeline.end,
            newest=len(timeline.steps),
            names=self.names,
            node=here.node,
            phase=self.plan.phases[here.node],
            inputs=tuple(self._input(here.node, tensor) for tensor in here.node.inputs),
            outputs=tuple(Shown(tensor, value) for tensor, value in here.outputs.items()),
            changed={
                self.names.of(variable): Delta(
                    before.get(variable.name), here.writes[variable.name]
                )
                for variable in written(here.node)
            },
            restored=restored,
            path=tuple(self.plan.path(here.node)),
            breakpoint=breakpoint_,
        )

    def _input(self, node: Operation, tensor: Tensor) -> Shown:
        """An input as the node saw it, which has just run."""
        t = self.timeline.t - 1
        variable = self.plan.sees_written(node, tensor)
        if variable is None:
            return self._shown(tensor, t)
        return Shown(tensor, self.timeline.variables(t).get(variable.name))

    def _shown(self, tensor: Tensor, t: int) -> Shown:
        try:
            return Shown(tensor, self.timeline.value(tensor, t))
        except NotExecuted:  # a variable that this node initializes
            return Shown(tensor, None)

    # ---- stopping ------------------------------------------------------------------------------

    @command("break", "b", group="Stop", takes="node")
    def brk(
        self, spec: str, *, when: Condition | None = None, temporary: bool = False
    ) -> answers.Breakpoints:
        """Stop behind a place: NODE, @Type, %VARIABLE (its writes), fwd, bwd, upd.

        ``break Log if np.min(v) < -10`` stops only where the expression is true; v is the value
        just computed.
        """
        condition = ""
        if isinstance(spec, str) and when is None:
            spec, _, condition = (part.strip() for part in spec.partition(" if "))
            if condition:
                when = self._condition(condition)
        added = self.stops.add(spec, self.locations, when, condition, temporary)
        return answers.Breakpoints((added.row(),))

    def _condition(self, text: str) -> Condition:
        expression = Expression(text)

        def holds(stop: Stop) -> bool:
            value = stop.outputs[0].value if stop.outputs else None
            if value is None and "v" in expression.names:
                return False  # nothing was computed of which it could be true
            return bool(expression.evaluate(self.value, v=value, t=stop.t))

        return holds

    @command("breakpoints", "info", group="Stop")
    def breakpoints(self) -> answers.Breakpoints:
        """The breakpoints, and how often each has stopped us."""
        return answers.Breakpoints(tuple(item.row() for item in self.stops))

    @command("delete", "clear", group="Stop")
    def delete(self, number: int | None = None) -> answers.Note:
        """Take one breakpoint away by its number, or all of them."""
        if number is None:
            count = self.stops.clear()
            return answers.Note(f"{count} breakpoint{'' if count == 1 else 's'} deleted.")
        self.stops.remove(number)
        return answers.Note(f"Breakpoint {number} deleted.")

    # ---- looking -------------------------------------------------------------------------------

    def value(self, spec: Any, at: int | None = None) -> Value:
        """A tensor's or variable's value now or at a time, as an array that cannot be written.

        Errors: NotExecuted when it has none then, UnknownPlace when there is no such tensor.
        """
        return self.timeline.value(self.locations.tensor(spec), at)

    def changed(self) -> dict[str, Delta]:
        """The variables that differ now from the start of the run, by their name."""
        return self._since_start(self.t)

    def _since_start(self, t: int) -> dict[str, Delta]:
        now, start = self.timeline.variables(t), self.timeline.start
        return {
            self.names.of(variable): Delta(start.get(variable.name), now[variable.name])
            for variable in self.facts.variables
            if variable.name in now and now[variable.name] is not start.get(variable.name)
        }

    @command("print", "p", "pt", group="Look", takes="node")
    def card(self, expression: Any) -> answers.Card:
        """A value with its statistics: of a node, a variable, or an expression: np.max(y) - 1."""
        if not isinstance(expression, str):
            tensor = self.locations.tensor(expression)
        else:
            try:
                tensor = self.locations.tensor(expression)
            except DebugError as unknown:
                return self._calculated(expression, unknown)
        value = self.value(tensor)
        python = self.names.python(tensor.op)
        return answers.Card(tensor.name, value, self.t, self.timeline.end, tensor, python)

    def _calculated(self, text: str, unknown: DebugError) -> answers.Card:
        if text.replace("/", "").replace(":", "").isidentifier():
            raise unknown  # a single name, and there is no such node
        value = Expression(text).evaluate(self.value, t=self.t)
        try:
            array = as_array(value)
        except (TypeError, ValueError):
            raise DebugError(f"{text!r} is no array: it is {value!r}") from None
        return answers.Card(text, array, self.t, self.timeline.end)

    @command("where", "w", "bt", group="Look")
    def where(self) -> answers.Where:
        """Where we are: the node, its scopes, its line, and why it runs at all."""
        node = self.timeline.here.node if self.timeline.here else None
        scopes = tuple(node.name.split("/")[:-1]) if node else ()
        return answers.Where(self.stop, scopes, self.fetched)

    @command("list", "l", "lt", group="Look")
    def list(self, window: str = "") -> answers.Listing:
        """The plan around this place; ``list 5,20``; ``list all``."""
        first, last = self._window(window.strip().lower())
        rows = []
        stopping = self._breakpoint_nodes()
        for t in range(first, last + 1):
            node = self.plan.nodes[t - 1]
            value = None
            if t <= self.t and node.outputs:
                value = self.timeline.steps[t - 1].outputs[node.outputs[0]]
            state = "done" if t < self.t else _STATES.get(t - self.t, "later")
            phase, python = self.plan.phases[node], self.names.python(node)
            rows.append(answers.Row(t, node, phase, state, python, value, node in stopping))
        return answers.Listing(tuple(rows), self.timeline.end, self.names)

    def _window(self, words: str) -> tuple[int, int]:
        end = self.timeline.end
        if words == "all":
            return 1, end
        if not words:
            middle = max(self.t, 1)
            return max(1, middle - _WINDOW), min(end, middle + _WINDOW)
        first, _, last = words.partition(",")
        if not first.strip().isdigit() or (last and not last.strip().isdigit()):
            raise DebugError(f"list takes two times, as in list 5,20, or all; not {words!r}.")
        start = min(max(int(first), 1), end)
        return start, min(max(int(last), start) if last else start + 2 * _WINDOW, end)

    def _breakpoint_nodes(self) -> frozenset[Operation]:
        return frozenset(node for item in self.stops for node in item.nodes)

    @command("vars", group="Look")
    def variables(self) -> answers.Variables:
        """All variables: their value now, whether they are trainable, what changed so far."""
        now, changed = self.timeline.variables(), self.changed()
        rows = []
        for op in self.facts.variables:
            name = self.names.of(op)
            trainable = op in self.facts.trainable
            rows.append(
                answers.VariableRow(name, op, trainable, now.get(op.name), changed.get(name))
            )
        return answers.Variables(tuple(rows), self.t)

    # ---- asking --------------------------------------------------------------------------------

    @command("plan", group="Ask")
    def summary(self) -> answers.PlanSummary:
        """What will run, phase by phase, and what will not."""
        only_for: Counter[str] = Counter()
        for op in self.plan.skipped():
            if not op.definition.given:
                root = self.facts.roots[op]
                unwanted = root.gradient_of is not None and root.bound_to is None
                name = "gradients that nothing uses" if unwanted else self.names.as_fetched(root)
                only_for[name] += 1
        return answers.PlanSummary(self.plan, self.fetched, tuple(only_for.items()), self.names)

    @command("why-not", "whynot", group="Ask", takes="node")
    def why_not(self, spec: str) -> WhyNot:
        """Why a node does not run for this fetch, or where it does."""
        node = self.locations.one(spec)
        return why_not(node, self.plan, self.facts, self.names, self.fetched)

    @command("feeds", "pf", "ri", group="Ask")
    def feeds(self) -> answers.Feeds:
        """What was fed, to which tensor, and which nodes took it."""
        rows = []
        for tensor in sorted({*self.plan.feeds, *self.plan.missing}, key=lambda t: t.op._id):
            users = [op for op in self.session.graph.consumers(tensor) if op in self.plan]
            value = self._run.feeds.get(tensor)
            rows.append(answers.Feed(tensor, self.names.of(tensor.op), value, tuple(users)))
        hidden = {tensor: self._hidden_by(tensor) for tensor in self.plan.feeds if tensor.op.inputs}
        return answers.Feeds(tuple(rows), hidden, self.names)

    def _hidden_by(self, tensor: Tensor) -> int:
        """How many operations do not run because this tensor is fed."""
        without = scene_of_fetch(
            self.plan.fetches,
            {t: v for t, v in self._run.feeds.items() if t is not tensor},
            self.fetched,
            self.facts,
            self.names,
        ).plan
        return sum(op not in self.plan for op in without.nodes)

    @command("needs", group="Ask", takes="node")
    def needs(self, *fetches: Any) -> Needs:
        """What a fetch needs: which placeholders, and by which path; which variables."""
        elements = [self._fetched(fetch) for fetch in fetches] or list(self.plan.fetches)
        ops = [e.op if isinstance(e, Tensor) else e for e in elements]
        fetched = tuple(self.names.as_fetched(op) for op in ops)
        known = set(self.timeline.variables())
        return needs(elements, self._run.feeds, known, self.facts, self.names, fetched)

    def _fetched(self, fetch: Any) -> Tensor | Operation:
        if isinstance(fetch, Operation):
            return fetch
        op = self.locations.one(fetch)
        return op if not op.outputs else self.locations.tensor(fetch)

    @command("updates", group="Ask")
    def updates(self) -> Updates:
        """Exactly which variables this run trains, which not, and why."""
        return updates(self.timeline, self.facts, self.names, self.fetched)

    @command("why", group="Ask", takes="variable")
    def why(self, variable: str) -> Why:
        """Why a variable is trained by this run, or why not: seven checks in order."""
        op = self.locations.variable(variable)
        return why(op, self.timeline, self.facts, self.names)

    # ---- drawing -------------------------------------------------------------------------------

    @command("draw", group="Draw", takes="node")
    def draw(self, *fetches: Any, output: str | None = None, theme: str | None = None) -> Any:
        """A picture of this run as it stands; with names, of what those fetches would need.

        output: a file to write, .svg, .png or .dot. theme: light or dark.
        """
        if Debugger.painter is None:
            raise DebugError("Pictures are made by graphscope.show: import graphscope.")
        if fetches:
            elements = [self._fetched(fetch) for fetch in fetches]
            ops = [e.op if isinstance(e, Tensor) else e for e in elements]
            names = tuple(self.names.as_fetched(op) for op in ops)
            scene = scene_of_fetch(elements, self._run.feeds, names, self.facts, self.names)
        else:
            stopping = self._breakpoint_nodes()
            scene = scene_of_run(self.timeline, self.fetched, self.facts, self.names, stopping)
        picture = Debugger.painter(scene, theme=theme)
        return picture if output is None else picture.save(output)


def debug(session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Debugger:
    """A debugger for one run of the session: ``with gs.debug(sess, train_step, feed) as d:``.

    Errors: those of `Session.run` for fetches and feeds that do not fit.
    """
    return Debugger(session, fetches, feed_dict)


def _check_count(n: int) -> None:
    if n < 1:
        raise DebugError(f"A count is a whole number of 1 or more, not {n}.")


def _word(spec: Any) -> str:
    return spec if isinstance(spec, str) else getattr(spec, "name", repr(spec))
