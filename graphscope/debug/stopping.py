"""Setting stops: break, watch, catch, trace, display, and the rules around them."""

from __future__ import annotations

import re
from typing import Any

from graphscope.debug import triggers
from graphscope.debug.answers import Breakpoints, Note
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.expressions import Expression
from graphscope.debug.place import Place
from graphscope.debug.steps import Step, StepTest
from graphscope.debug.stops import Breakpoint, Condition, allows

_SLICE = re.compile(r"^(.*?)(\[.*\])$")


class Stopping(Place):
    """The commands that say where to stop."""

    @command("break", "b", "brk", group="Stop", takes="stopping", example="break loss if v > 1")
    def brk(
        self,
        spec: Any,
        *,
        when: Condition | None = None,
        temporary: bool = False,
        hits: str = "",
        after: int | None = None,
        before: bool = False,
    ) -> Breakpoints:
        """Stop behind a place: NODE, @Type, %VARIABLE (its writes), fwd, bwd, upd.

        ``break Log if np.min(v) < -10`` stops only where the expression is true; v is the value
        just computed, x0, x1 are the inputs, t the time and run the number of the run. Inside of a
        loop iteration is its iteration, from 1, and iterations those of all the loops around, the
        outermost first; break NODE@3 stops in the third one.

        hits: which hits stop: 3, >5, %10 (every tenth). after: only once stop number AFTER has been
        hit. before: stop before the node in place of behind it. temporary: only once.
        """
        spec, condition = _conditioned(spec)
        hits = str(hits)
        if hits:
            allows(hits, 1)  # an error in it shall be said now
        if after is not None:
            self.stops[after]
        make = triggers.at_nodes(spec, before)
        added = self._added("break", spec, make, condition, when, before)
        added.temporary, added.rule, added.after, added.before = temporary, hits, after, before
        return Breakpoints((added.row(),))

    @command("tbreak", "tb", group="Stop", takes="stopping", example="tbreak %W")
    def tbreak(self, spec: Any) -> Breakpoints:
        """Stop behind a place, once: the breakpoint is removed when it stops."""
        return self.brk(spec, temporary=True)

    @command("watch", "wa", group="Stop", takes="watched", example="watch %W[0:2]")
    def watch(
        self, target: Any, *, when: Condition | None = None, atol: float = 0.0
    ) -> Breakpoints:
        """Stop when a value changes: of %VARIABLE at its writes and between runs, of a node when it
        gives another value than when it ran last, of what a loop carries when an iteration is given
        another one. Part of it: watch %W[0:2].

        ``watch %W if v > 1`` stops only where the expression is true. atol: smaller changes of each
        element do not count.
        """
        return self._watching("watch", target, "w", when, atol)

    @command("rwatch", group="Stop", takes="variable", example="rwatch %W")
    def rwatch(self, target: Any, *, when: Condition | None = None) -> Breakpoints:
        """Stop when a node reads a variable."""
        return self._watching("rwatch", target, "r", when, 0.0)

    @command("awatch", group="Stop", takes="variable", example="awatch %W")
    def awatch(self, target: Any, *, when: Condition | None = None) -> Breakpoints:
        """Stop when a node reads or changes a variable."""
        return self._watching("awatch", target, "rw", when, 0.0)

    def _watching(
        self, kind: str, target: Any, modes: str, when: Condition | None, atol: float
    ) -> Breakpoints:
        spec, condition = _conditioned(target)
        words = _written(spec)
        place: Any = spec
        index = ""
        if isinstance(spec, str) and (sliced := _SLICE.match(spec.strip())):
            place, index = sliced[1], sliced[2]
        part = Expression(f"value{index}") if index else None

        def taken(value: Any) -> Any:
            return value if part is None else part.evaluate(_unknown, value=value)

        if part is not None:
            taken(self.value(place)) if self._has_value(place) else None
        make = triggers.on_access(place, taken, words.removeprefix("%"), modes, atol)
        return Breakpoints((self._added(kind, spec, make, condition, when).row(),))

    def _has_value(self, spec: Any) -> bool:
        try:
            self.value(spec)
        except DebugError:
            return False
        return True

    @command("catch", group="Stop", takes="kind", example="catch nan inf")
    def catch(self, *kinds: str, ignore: Any = (), only_reaching: Any = ()) -> Breakpoints:
        """Stop where a NaN or the like is born: nan, inf, big>1e6, error, uninit, zero-grad, shape.

        A number is caught at its birth: the inputs of the node had none of the kind. ignore:
        places where it is meant, separated by commas. only_reaching: only what this fetch depends
        on.
        """
        if not kinds:
            wanted = ", ".join(f"{name} ({what})" for name, what in triggers.CATCHES.items())
            raise DebugError(f"catch needs a word after it: {wanted}.")
        ignored, reaching = _listed(ignore), _listed(only_reaching)
        make = triggers.wrong(kinds, ignored, reaching)
        added = self._added("catch", " ".join(kinds), make, "", None)
        pairs = (("not at", ignored), ("only reaching", reaching))
        added.limits = tuple(f"{word} {_written(specs)}" for word, specs in pairs if specs)
        return Breakpoints((added.row(),))

    @command("trace", group="Stop", takes="stopping", example="trace y np.max(v)")
    def trace(self, spec: Any, expression: str = "v") -> Breakpoints:
        """Show an expression each time a node has run, without stopping: trace Log np.min(v). The
        graph stays as it is."""
        if isinstance(spec, str) and " " in spec.strip():
            spec, expression = spec.split(maxsplit=1)
        parsed = Expression(expression)
        added = self._added("trace", spec, triggers.at_nodes(spec), "", None)
        added.shows = parsed.text
        return Breakpoints((added.row(),))

    @command("commands", group="Stop", takes="stop", example="commands 1 print y; back")
    def commands(self, number: int, lines: str) -> Note:
        """What the prompt does when a stop stops: commands 2 print y; back, separated by ;."""
        item = self.stops[number]
        item.commands = tuple(part.strip() for part in lines.split(";") if part.strip())
        return Note(f"At stop {number}: {'; '.join(item.commands)}.")

    @command("cond", "condition", group="Stop", takes="stop", example="cond 1 v > 2")
    def cond(self, number: int, expression: str = "") -> Breakpoints:
        """Give a stop a condition; without one, take it away."""
        item = self.stops[number]
        item.when = self._condition(expression, item.before) if expression else None
        item.may = _may_hold(expression) if expression else None
        item.condition = expression
        return Breakpoints((item.row(),))

    @command("ignore", group="Stop", takes="stop", example="ignore 1 10")
    def ignore(self, number: int, count: int = 1) -> Breakpoints:
        """Let the next COUNT hits of a stop pass."""
        item = self.stops[number]
        self._find_hits_of(item)
        item.ignored = item.hits_until((self.timeline.serial, self.t)) + max(count, 0)
        return Breakpoints((item.row(),))

    @command("enable", group="Stop", takes="stop", example="enable 1")
    def enable(self, number: int | None = None) -> Breakpoints:
        """Let a stop stop again, or all of them."""
        return self._switched(number, True)

    @command("disable", group="Stop", takes="stop", example="disable 1")
    def disable(self, number: int | None = None) -> Breakpoints:
        """Let a stop rest, or all of them; enable wakes it again."""
        return self._switched(number, False)

    def _switched(self, number: int | None, enabled: bool) -> Breakpoints:
        items = list(self.stops) if number is None else [self.stops[number]]
        for item in items:
            item.enabled = enabled
        return Breakpoints(tuple(item.row() for item in items))

    @command("breakpoints", group="Stop", example="breakpoints")
    def breakpoints(self) -> Breakpoints:
        """The stops that are set: break, watch, catch and trace, and how often each was hit."""
        return Breakpoints(tuple(item.row() for item in self.stops))

    @command("delete", "clear", group="Stop", takes="stop", example="delete 1")
    def delete(self, number: int | None = None) -> Note:
        """Take one stop away by its number, or all of them."""
        if number is None:
            count = self.stops.clear()
            return Note(f"{count} breakpoint{'' if count == 1 else 's'} deleted.")
        self.stops.remove(number)
        return Note(f"Breakpoint {number} deleted.")

    @command("display", group="Stop", takes="node", example="display np.mean(y)")
    def display(self, expression: str = "") -> Note:
        """Show an expression at every stop where its value has changed; without one, list them."""
        if not expression:
            known = [f"{number}: {text}" for number, text in self._displays.items()]
            return Note("; ".join(known) or "Nothing is displayed. Try: display np.mean(y)")
        Expression(expression)
        number = max(self._displays, default=0) + 1
        self._displays[number] = expression
        return Note(f"Display {number}: {expression}")

    @command("undisplay", group="Stop", takes="display", example="undisplay 1")
    def undisplay(self, number: int | None = None) -> Note:
        """Take a display away, or all of them."""
        if number is not None and number not in self._displays:
            raise DebugError(f"There is no display {number}.")
        for known in [number] if number is not None else list(self._displays):
            del self._displays[known]
            self._displayed.pop(known, None)
        return Note("Displays left: " + (", ".join(map(str, self._displays)) or "none") + ".")

    # ---- their parts ---------------------------------------------------------------------------

    def _added(
        self,
        kind: str,
        spec: Any,
        make: Any,
        condition: str,
        when: Condition | None,
        before: bool = False,
    ) -> Breakpoint:
        may = None
        if condition and when is None:
            when, may = self._condition(condition, before), _may_hold(condition)
        added = self.stops.add(kind, _written(spec), make, self.locations)
        self.timeline.halt()  # a run that goes on in another thread has to look for it
        added.when, added.condition, added.may = when, condition, may
        return added

    def _condition(self, text: str, before: bool = False) -> Condition:
        """The condition of a stop; before: of one before its node, whose iteration counts then."""
        expression = Expression(text)

        def holds(stop: Any) -> bool:
            if stop.value is None and "v" in expression.names:
                return False  # nothing was computed of which it could be true
            loops = self._rounds_ahead() if before else self._rounds(stop.t)
            if not loops and expression.names & {"iteration", "iterations"}:
                return False  # it is in no loop
            inputs = {f"x{i}": shown.value for i, shown in enumerate(stop.inputs)}
            known = {"v": stop.value, "t": stop.t, "run": stop.run, **loops, **inputs}
            return bool(expression.evaluate(self._stands_here, **known))

        return holds


def _may_hold(condition: str) -> StepTest | None:
    """A test of a step that a condition with these words can hold behind it; None for a condition
    that is about more than the step."""
    expression = Expression(condition)
    if not expression.about <= {"v", "t"}:
        return None

    def test(step: Step) -> bool:
        if "v" in expression.about and not step.outputs:
            return False
        try:
            value = next(iter(step.outputs.values()), None)
            return bool(expression.evaluate(_unknown, t=step.t, v=value))
        except (DebugError, ValueError):  # the condition itself will say it
            return True

    return test


def _conditioned(spec: Any) -> tuple[Any, str]:
    """``Log if v > 1`` in two."""
    if not isinstance(spec, str):
        return spec, ""
    place, _, condition = spec.partition(" if ")
    return place.strip(), condition.strip()


def _written(specs: Any) -> str:
    """The words with which something was set: those given, or the name of what was."""
    if isinstance(specs, tuple):
        return ", ".join(map(_written, specs))
    return specs if isinstance(specs, str) else getattr(specs, "name", str(specs))


def _listed(words: Any) -> tuple[Any, ...]:
    if isinstance(words, str):
        return tuple(word.strip() for word in words.split(",") if word.strip())
    return tuple(words) if isinstance(words, list | tuple | set | frozenset) else (words,)


def _unknown(name: str) -> Any:
    raise DebugError(f"{name!r} is not known here.")
