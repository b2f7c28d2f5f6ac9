"""Standing in for `Session.run`, from outside: the engine knows nothing of it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rich.text import Text

import graphscope
from graphscope.debug.answers import Note, Reason, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError, UnknownPlace
from graphscope.debug.history import History, Script
from graphscope.debug.stops import Stops
from graphscope.engine.session import Session
from graphscope.errors import OpError
from graphscope.repl.lines import Lines, Printer
from graphscope.repl.prompt import Outcome, Prompt
from graphscope.show.text import Heading, line, render, strong

PLAIN_RUN = Session.run
#: What a run is fed.
Feeds = Mapping[Any, Any] | None


@dataclass(frozen=True)
class Call:
    """A call of `Session.run`."""

    session: Session
    fetches: Any
    feeds: Feeds


def replace_run(run: Callable[..., Any]) -> None:
    """Let every session run by `run` from now on; `PLAIN_RUN` gives back the usual way."""
    setattr(Session, "run", run)  # noqa: B010 (type checkers forbid to assign to a method)


class Conversation(Protocol):
    """Somebody who is asked, at a stop, where to go."""

    @property
    def failure(self) -> OpError | None:
        """The error of the run, once it has failed."""
        ...

    def talk(self) -> Outcome:
        """Do what is asked for, until the conversation about this run ends."""
        ...

    def show_stop(self, stop: Stop) -> None: ...


class Attachment:
    """Stands in for `Session.run`: begins a conversation at a run, and at later ones when asked.

    Without a breakpoint, after `continue`, it only counts the runs. With whom the conversation is,
    is said by `_opened`.

    at_run:  the first run at which to stop; 0 for none of them, only where a stop says so.
    session: debug the runs of this session alone.
    """

    def __init__(
        self, at_run: int = 1, session: Session | None = None, script: Script | None = None
    ) -> None:
        self._at_run = at_run
        self._session = session
        self.stops = Stops()
        self.history = History()
        self._script = script
        self._stopping = False
        self._count = 0
        self._unseen: Debugger | None = None

    # ---- what a kind of conversation says ------------------------------------------------------

    def _opened(self, debugger: Debugger) -> Conversation:
        """A conversation about this run."""
        raise NotImplementedError

    def _announce(self, debugger: Debugger) -> None:
        """Say that a run begins at which we stop."""

    def _say(self, note: Note) -> None:
        """Say what became of a run that was left."""

    def _begins_here(self, session: Session, fetches: Any) -> bool:
        """Whether to stop at the start of the run that is being called."""
        return self._count == self._at_run

    @property
    def _looks_for_stops(self) -> bool:
        """Whether a run could be stopped by anything."""
        return bool(len(self.stops))

    def _set_wanted(self, debugger: Debugger) -> None:
        """Set the stops that mean something in this run."""

    def _run_on(self, debugger: Debugger, conversation: Conversation) -> Stop | None:
        """Run to the first stop, or to the end, of which none is made."""
        return debugger.to_a_stop() if debugger.timeline.end else None

    def attach(self) -> Callable[[], None]:
        """Take the place of `Session.run`; returns what gives it back."""
        attached, before = self, Session.run

        def run(
            session: Session, fetches: Any, feed_dict: Feeds = None, *more: Any, **named: Any
        ) -> Any:
            if attached.is_for(session):
                return attached.run(session, fetches, feed_dict)
            return before(session, fetches, feed_dict, *more, **named)

        replace_run(run)
        return self.detach

    def detach(self) -> None:
        replace_run(PLAIN_RUN)

    def stop_at_next_run(self) -> None:
        """Open the prompt at the run that comes next. May be called from a signal handler."""
        self._stopping = True
        self.attach()

    def is_for(self, session: Session) -> bool:
        return self._session is None or session is self._session

    def run(self, session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        """One run under the debugger: what it returns and raises is that of `Session.run`."""
        self._count += 1
        if self._begins_here(session, fetches):
            self._stopping = True
        if not self._stopping and not self._looks_for_stops:
            return PLAIN_RUN(session, fetches, feed_dict)
        if self._script is not None:
            self.history.script = Script(self._script.path, self._script.arguments, self._count)
        self.history.skip_to(self._count)
        debugger = self._debugger(session, fetches, feed_dict)
        timeline = debugger.timeline
        self._set_wanted(debugger)
        conversation = self._opened(debugger)
        if not self._stopping:
            stop = self._run_on(debugger, conversation)
            if stop is None or (stop.breakpoint is None and stop.reason is not Reason.INTERRUPTED):
                result = debugger.ended()
                self._unseen = debugger
                return result
            self._announce(debugger)
            conversation.show_stop(stop)
        else:
            self._announce(debugger)
        outcome = conversation.talk()
        self._stopping = outcome is Outcome.NEXT_RUN
        if outcome is Outcome.QUIT:
            self._say(debugger.close())
            self.detach()
            raise SystemExit(0)
        if outcome is Outcome.NO_MORE:
            self.detach()
        return self._finished(debugger, timeline, conversation.failure)

    def _debugger(
        self, session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None
    ) -> Debugger:
        """A debugger at the start of a run: that of the run before, if nobody has seen it."""
        unseen, self._unseen = self._unseen, None
        if unseen is None or unseen.session is not session:
            return Debugger(session, fetches, feed_dict, self.stops, history=self.history)
        unseen.begin(fetches, feed_dict)
        return unseen

    def _finished(self, debugger: Debugger, timeline: Any, failure: OpError | None) -> Any:
        """Finish the script's own run, whatever was looked at meanwhile, and give its result."""
        if failure is not None:
            raise failure
        if not debugger.look_at_run(timeline.number):
            return PLAIN_RUN(debugger.session, timeline.run.fetches.structure, timeline.run.feeds)
        debugger.run_to_end()
        debugger.close()
        return debugger.result


class Attached(Attachment):
    """Opens the prompt at a run."""

    def __init__(
        self,
        lines: Lines,
        console: Printer,
        at_run: int = 1,
        session: Session | None = None,
        script: Script | None = None,
        prompt: Callable[[Debugger, Lines, Printer], Prompt] = Prompt,
    ) -> None:
        super().__init__(at_run, session, script)
        self._lines = lines
        self._console = console
        self._prompt = prompt
        #: Stops that are set once there is a run in which their words mean something.
        self.wanted: list[Any] = []

    def _opened(self, debugger: Debugger) -> Prompt:
        return self._prompt(debugger, self._lines, self._console)

    def _announce(self, debugger: Debugger) -> None:
        fetched, feeds = ", ".join(debugger.fetched), debugger.plan.feeds
        names = ", ".join(
            f"{debugger.names.of(t.op)}: .." for t in sorted(feeds, key=lambda t: t.op._id)
        )
        fed = f", {{{names}}}" if feeds else ""
        source = calling_line()
        called = Text.assemble(strong(f"Run {self._count}"), f"  sess.run({fetched}{fed})")
        self._console.print(Heading(called, indent=1))
        if source:
            self._console.print(line(source))

    def _say(self, note: Note) -> None:
        self._console.print(render(note))

    @property
    def _looks_for_stops(self) -> bool:
        return bool(len(self.stops) or self.wanted)

    def _set_wanted(self, debugger: Debugger) -> None:
        self.wanted = [item for item in self.wanted if not _is_set(debugger, item)]


#: The commands that may stand in `break_when`.
_STOPS = ("break", "tbreak", "watch", "rwatch", "awatch", "catch", "trace")


def _is_set(debugger: Debugger, wanted: Any) -> bool:
    """Whether a stop could be set in this run: a command, an expression, or a function."""
    try:
        if callable(wanted):
            debugger.brk("$", when=wanted)
        elif wanted.split(" ", 1)[0] in _STOPS:
            output = debugger.onecmd(wanted)
            if output.error is not None:
                raise output.error
        else:
            debugger.brk(f"$ if {wanted}")
    except UnknownPlace:
        raise
    except DebugError:  # what it means does not run here; perhaps in a later run
        return False
    return True


def calling_line() -> str:
    """The script's line that called `Session.run`."""
    for frame in calling_frames():
        return f"{os.path.basename(frame.filename)}:{frame.lineno}  {frame.line}"
    return ""


def calling_frames() -> Iterator[traceback.FrameSummary]:
    """The script's own frames around a call of `Session.run`, the innermost first."""
    for frame in reversed(traceback.extract_stack()):
        if not is_library(frame.filename):
            yield frame


def is_library(filename: str) -> bool:
    """Whether a file is GraphScope's own, and not the user's."""
    package = os.path.dirname(os.path.abspath(graphscope.__file__)) + os.sep
    learn = os.path.join(package, "learn")
    return filename.startswith(package) and not filename.startswith(learn)
