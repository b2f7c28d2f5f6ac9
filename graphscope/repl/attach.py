"""Standing in for `Session.run`, from outside: the engine knows nothing of it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

import graphscope
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError, UnknownPlace
from graphscope.debug.history import History, Script
from graphscope.debug.stops import Stops
from graphscope.engine.session import Session
from graphscope.errors import OpError
from graphscope.repl.lines import Lines
from graphscope.repl.prompt import Outcome, Prompt
from graphscope.show.text import line, render, strong

PLAIN_RUN = Session.run


def replace_run(run: Callable[..., Any]) -> None:
    """Let every session run by `run` from now on; `PLAIN_RUN` gives back the usual way."""
    setattr(Session, "run", run)  # noqa: B010 (type checkers forbid to assign to a method)


class Attached:
    """Stands in for `Session.run`: opens the prompt at a run, and at later ones when asked.

    Without a breakpoint, after `continue`, it only counts the runs.

    at_run:  the first run at which to stop; 0 for none of them, only where a stop says so.
    session: debug the runs of this session alone.
    """

    def __init__(
        self,
        lines: Lines,
        console: Console,
        at_run: int = 1,
        session: Session | None = None,
        script: Script | None = None,
    ) -> None:
        self._lines = lines
        self._console = console
        self._at_run = at_run
        self._session = session
        self.stops = Stops()
        #: Stops that are set once there is a run in which their words mean something.
        self.wanted: list[Any] = []
        self.history = History()
        self._script = script
        self._stopping = False
        self._count = 0

    def attach(self) -> Callable[[], None]:
        """Take the place of `Session.run`; returns what gives it back."""
        attached, before = self, Session.run

        def run(
            session: Session,
            fetches: Any,
            feed_dict: Mapping[Any, Any] | None = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            if attached.is_for(session):
                return attached.run(session, fetches, feed_dict)
            return before(session, fetches, feed_dict, options, run_metadata)

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
        if self._count == self._at_run:
            self._stopping = True
        if not self._stopping and not len(self.stops) and not self.wanted:
            return PLAIN_RUN(session, fetches, feed_dict)
        if self._script is not None:
            self.history.script = Script(self._script.path, self._script.arguments, self._count)
        self.history.skip_to(self._count)
        debugger = Debugger(session, fetches, feed_dict, self.stops, history=self.history)
        timeline = debugger.timeline
        self.wanted = [item for item in self.wanted if not _is_set(debugger, item)]
        prompt = Prompt(debugger, self._lines, self._console)
        if not self._stopping:
            stop = debugger.to_a_stop() if timeline.end else None
            if stop is None or stop.breakpoint is None:
                debugger.close()
                return debugger.result
            self._announce(debugger)
            prompt.show_stop(stop)
        else:
            self._announce(debugger)
        outcome = prompt.talk()
        self._stopping = outcome is Outcome.NEXT_RUN
        if outcome is Outcome.QUIT:
            self._console.print(render(debugger.close()))
            self.detach()
            raise SystemExit(0)
        if outcome is Outcome.NO_MORE:
            self.detach()
        return self._finished(debugger, timeline, prompt.failure)

    def _finished(self, debugger: Debugger, timeline: Any, failure: OpError | None) -> Any:
        """Finish the script's own run, whatever was looked at meanwhile, and give its result."""
        if failure is not None:
            raise failure
        if not debugger.look_at_run(timeline.number):
            return PLAIN_RUN(debugger.session, timeline.run.fetches.structure, timeline.run.feeds)
        debugger.run_to_end()
        debugger.close()
        return debugger.result

    def _announce(self, debugger: Debugger) -> None:
        fetched, feeds = ", ".join(debugger.fetched), debugger.plan.feeds
        names = ", ".join(
            f"{debugger.names.of(t.op)}: .." for t in sorted(feeds, key=lambda t: t.op._id)
        )
        fed = f", {{{names}}}" if feeds else ""
        source = calling_line()
        self._console.print(line(strong(f"Run {self._count}"), f"  sess.run({fetched}{fed})"))
        if source:
            self._console.print(line(source))


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
    for frame in reversed(traceback.extract_stack()):
        if not is_library(frame.filename):
            return f"{os.path.basename(frame.filename)}:{frame.lineno}  {frame.line}"
    return ""


def is_library(filename: str) -> bool:
    """Whether a file is GraphScope's own, and not the user's."""
    package = os.path.dirname(os.path.abspath(graphscope.__file__)) + os.sep
    learn = os.path.join(package, "learn")
    return filename.startswith(package) and not filename.startswith(learn)
