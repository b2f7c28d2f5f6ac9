"""The breakpoints that the editor wants, and how each is set in a run.

An editor asks for breakpoints before there is a graph, and in files of which it does not know what
their lines make. So they are wanted first, and set in the first run in which their words mean
something; the editor is told when that happens.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError, UnknownPlace
from graphscope.debug.expressions import Expression
from graphscope.debug.stops import allows
from graphscope.debug.triggers import CATCHES
from graphscope.engine.plan import Plan
from graphscope.repl.dap.wire import Message, Refused

#: The filters of exceptions, and what the prompt's `catch` calls them.
FILTERS = {"nan": "nan", "inf": "inf", "op-error": "error", "uninit": "uninit",
           "zero-grad": "zero-grad", "big": "big", "shape": "shape"}  # fmt: skip
_LABELS = {"nan": "NaN is born", "inf": "Infinity is born", "op-error": "An operation fails",
           "uninit": "A variable has no value", "zero-grad": "A gradient becomes zero",
           "big": "Numbers above 1e6", "shape": "Both inputs are broadcast"}  # fmt: skip

#: How a variable's data breakpoint watches it.
_WATCHES = {"write": "watch", "read": "rwatch", "readWrite": "awatch"}
#: ``loss is {loss}``: an expression in the message of a logpoint.
_BRACES = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
#: A brace that is not doubled.
_ALONE = re.compile(r"(?<!\{)\{(?!\{)|(?<!\})\}(?!\})")
#: So many plans are remembered in which a breakpoint could not be set.
_PLANS = 64


def filters() -> list[Message]:
    """The filters of exceptions as the protocol has them."""
    return [
        {
            "filter": name,
            "label": _LABELS[name],
            "description": f"Stop at {CATCHES[kind]}",
            "default": name == "op-error",
        }
        for name, kind in FILTERS.items()
    ]


@dataclass(frozen=True)
class Asked:
    """A breakpoint as the editor asks for it.

    kind:  break, trace, catch, watch, rwatch or awatch: a command of the debugger.
    spec:  its words. condition, hits: when it stops; message: what a trace shows.
    file, line: where it stands in a file of the user's, whose calls of sess.run it means too.
    problem: why it can never be set, empty when it can.
    """

    kind: str
    spec: str
    condition: str = ""
    hits: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    problem: str = ""

    def set(self, debugger: Debugger) -> int:
        """Set it in this run; returns its number. Errors: DebugError where it means nothing."""
        make: Callable[..., Any] = getattr(debugger, "brk" if self.kind == "break" else self.kind)
        if self.kind == "trace":  # of what a line has made the last one, which has all of it
            made = make(debugger.locations.nodes(self.spec)[-1].name, self.message)
        else:
            made = make(self.spec)
        number: int = made.rows[0].id
        if self.condition:
            debugger.cond(number, self.condition)
        debugger.stops[number].rule = self.hits
        return number

    def checked(self) -> Asked:
        """With the problem that its words have by themselves, if they have one."""
        try:
            for text in filter(None, (self.condition, self.message)):
                Expression(text)
            if self.hits:
                allows(self.hits, 1)
        except DebugError as error:
            return Asked(**{**vars(self), "problem": str(error)})
        return self


@dataclass
class Wanted:
    """A breakpoint that is wanted. id: its number in the protocol; number: that of the debugger's
    own stop, once it is set. calls: how often sess.run was called from its line."""

    id: int
    asked: Asked
    number: int | None = None
    verified: bool = False
    message: str = "It is set at the first sess.run in which it means something."
    calls: int = 0
    tried: list[tuple[Plan, int]] = field(default_factory=list)

    def report(self) -> Message:
        """What the editor is told."""
        told: Message = {"id": self.id, "verified": self.verified}
        if not self.verified or self.message:
            told["message"] = self.message
        if not self.verified:
            told["reason"] = "failed" if self.asked.problem else "pending"
        if self.asked.line:
            told["line"] = self.asked.line
        return told

    def apply(self, debugger: Debugger) -> bool:
        """Set it in this run if it is not set yet; whether that has changed anything."""
        before = self.verified, self.message, self.number
        if self.asked.problem or self._is_set(debugger):
            return (self.verified, self.message, self.number) != before
        try:
            self.number = self.asked.set(debugger)
            self.verified, self.message = True, ""
        except DebugError as error:
            self._failed(debugger, error)
        return (self.verified, self.message, self.number) != before

    def _is_set(self, debugger: Debugger) -> bool:
        """Whether there is nothing to do: it is set, or it was tried in this plan already."""
        if self.number is not None:
            if self.number in {item.id for item in debugger.stops}:
                return True
            self.verified, self.message = False, "It was deleted at the prompt."
            return True
        here = debugger.plan, len(debugger.session.graph.operations)
        if any(plan is here[0] and size == here[1] for plan, size in self.tried):
            return True
        self.tried = [*self.tried[-_PLANS:], here]
        return False

    def _failed(self, debugger: Debugger, error: DebugError) -> None:
        """It means nothing in this run: is there such a place at all?"""
        try:
            debugger.locations.operations(self.asked.spec)
        except DebugError:
            if not self.verified:
                self.message = str(error)
        else:
            self.verified = not isinstance(error, UnknownPlace)
            self.message = str(error)


class Table:
    """All breakpoints that are wanted, in groups that the editor replaces as a whole."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, list[Wanted]] = {}
        self._count = 0
        #: The numbers of the debugger's own stops that nobody wants any more.
        self._gone: list[int] = []

    def __iter__(self) -> Iterator[Wanted]:
        return (item for items in self._groups.values() for item in items)

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def replace(self, group: Hashable, asked: Sequence[Asked]) -> list[Wanted]:
        """Want these of a group, and no others. One that was wanted already stays as it is."""
        before = list(self._groups.get(group, ()))
        items = []
        for new in asked:
            same = next((item for item in before if item.asked == new), None)
            if same is None:
                self._count += 1
                same = Wanted(self._count, new)
                same.message = new.problem or same.message
            else:
                before.remove(same)
            items.append(same)
        self._gone += [item.number for item in before if item.number is not None]
        self._groups[group] = items
        return items

    def apply(self, debugger: Debugger) -> list[Wanted]:
        """Set in this run what can be set; returns those of which there is news."""
        for number in self._gone:
            with suppress(DebugError):  # deleted at the prompt
                debugger.delete(number)
        self._gone.clear()
        return [item for item in list(self) if item.apply(debugger)]

    def of(self, number: int | None) -> Wanted | None:
        """The one that is the debugger's own stop of this number."""
        return next((item for item in self if number is not None and item.number == number), None)

    def called(self, file: str, line: int, debugger: Debugger) -> list[Wanted]:
        """Those that stand at the line which calls sess.run, and stop there."""
        found = [
            item
            for item in self
            if item.asked.line == line and item.asked.file and same_file(item.asked.file, file)
        ]
        return [item for item in found if _stops_at_call(item, debugger)]


def _stops_at_call(item: Wanted, debugger: Debugger) -> bool:
    asked = item.asked
    item.calls += 1
    item.verified, item.message = True, ""
    if asked.problem or asked.kind != "break":
        return False
    if asked.condition:
        known = {"t": 0, "run": debugger.timeline.number}
        try:
            if not Expression(asked.condition).evaluate(debugger.value, **known):
                return False
        except DebugError:  # it is about what only the run computes
            return False
    return not asked.hits or allows(asked.hits, item.calls)


def same_file(one: str, other: str) -> bool:
    return _place(one) == _place(other)


def _place(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


# ---- what an editor asks for -------------------------------------------------------------------


def at_line(file: str, wish: Message) -> Asked:
    """A breakpoint at a line of a file."""
    line = number(wish, "line")
    return _placed(f"{os.path.basename(file)}:{line}", wish, file=file, line=line)


def at_node(name: str, line: int, wish: Message) -> Asked:
    """A breakpoint at a line of the plan's document."""
    return _placed(name, wish, line=line)


def at_places(wish: Message) -> Asked:
    """A function breakpoint: its name is a place in the grammar of the prompt."""
    return _placed(word(wish, "name"), wish)


def on_data(wish: Message) -> Asked:
    """A data breakpoint."""
    kind = _WATCHES.get(wish.get("accessType") or "write")
    if kind is None:
        raise Refused(f"accessType is one of {', '.join(_WATCHES)}.")
    return _asked(kind, word(wish, "dataId"), wish)


def caught(name: object) -> Asked:
    """An exception filter."""
    if name not in FILTERS:
        raise Refused(f"There is no exception filter {name!r}; there are {', '.join(FILTERS)}.")
    return Asked("catch", FILTERS[str(name)])


def _placed(spec: str, wish: Message, **more: Any) -> Asked:
    message = wish.get("logMessage")
    if isinstance(message, str) and message:
        return _asked("trace", spec, wish, message=_as_expression(message), **more)
    return _asked("break", spec, wish, **more)


def _asked(kind: str, spec: str, wish: Message, **more: Any) -> Asked:
    condition = str(wish.get("condition") or "").strip()
    hits = str(wish.get("hitCondition") or "").strip()
    return Asked(kind, spec, condition, hits, **more).checked()


def _as_expression(message: str) -> str:
    """``loss is {loss}`` as an expression that gives the text; ``{{`` stands for a brace."""
    texts = _BRACES.split(message)
    if len(texts) == 3 and not texts[0] and not texts[2]:
        return texts[1]
    said = "{}".join(_ALONE.sub(r"\g<0>\g<0>", text) for text in texts[::2])
    return f"{said!r}.format({', '.join(texts[1::2])})"


def number(message: Message, name: str) -> int:
    """A whole number of a request. Errors: Refused when there is none."""
    found = message.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Refused(f"{name} is a whole number, not {found!r}.")
    return found


def word(message: Message, name: str) -> str:
    """A text of a request. Errors: Refused when there is none."""
    found = message.get(name)
    if not isinstance(found, str) or not found.strip():
        raise Refused(f"{name} is a text, not {found!r}.")
    return found.strip()
