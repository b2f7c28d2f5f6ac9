"""Standing in for `Session.run` under an editor: at which runs to stop, and with whom to talk."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from graphscope.debug.answers import Reason, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.history import Script
from graphscope.debug.timeline import Timeline
from graphscope.engine.session import Session
from graphscope.errors import OpError
from graphscope.graph import nest
from graphscope.repl.attach import Attachment, calling_frames
from graphscope.repl.dap.desk import Desk, Launch
from graphscope.repl.dap.talk import Arrival, Talk
from graphscope.repl.prompt import Outcome

#: Frames of what runs the script.
_RUNNERS = ("<frozen runpy>", "<frozen importlib", "runpy.py")


class Listener(Attachment):
    """Talks with an editor about the runs of the script's own thread. Those of other threads, which
    fill queues, go on beside it."""

    def __init__(self, desk: Desk, launch: Launch) -> None:
        super().__init__(script=Script(launch.program, launch.args))
        self._desk, self._launch = desk, launch
        self._thread = threading.current_thread()
        self._entered = not launch.stop_on_entry
        self._wanted = 0
        self._arrival = Arrival("step")
        #: The present run was debugged.
        self._talked = False

    def is_for(self, session: Session) -> bool:
        return threading.current_thread() is self._thread

    def run(self, session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        if self._desk.ending:
            raise SystemExit(0)
        self._talked = False
        try:
            return super().run(session, fetches, feed_dict)
        except OpError as error:
            if not self._talked and len(self._desk.table):
                self._look_back(error)
            raise
        finally:
            self._desk.leaves()
            self._arrival = Arrival("step")

    def _look_back(self, error: OpError) -> None:
        """A run that was not debugged has failed: come to the same node again, and stop there if
        somebody wants that."""
        failure = getattr(error, "failure", None)
        if failure is None:
            return
        timeline = Timeline(failure.run, failure.before, self._count)
        debugger = Debugger.over(failure.session, timeline, self.stops)
        debugger.history.script = self._script
        self._desk.set_breakpoints(debugger)
        talk = self._opened(debugger)
        stop = talk.run_on()
        if stop.breakpoint is None:
            return
        talk.show_stop(stop)
        outcome = talk.talk()
        self._stopping = outcome is Outcome.NEXT_RUN
        if outcome is Outcome.QUIT:
            raise SystemExit(0)

    def _begins_here(self, session: Session, fetches: Any) -> bool:
        if self._desk.take_pause():
            self._arrival = Arrival("pause")
            return True
        if self._entered or not _fetches(fetches, self._launch.fetch):
            return False
        self._wanted += 1
        if self._wanted < self._launch.at_run:
            return False
        self._entered, self._arrival = True, Arrival("entry")
        return True

    @property
    def _looks_for_stops(self) -> bool:
        """Not where only failures are caught: what has failed can be run once more, and the other
        runs go as fast as without a debugger."""
        table = self._desk.table
        wanted = any(not _is_of_failures(item.asked.kind, item.asked.spec) for item in table)
        return wanted or any(not _is_of_failures(item.kind, item.spec) for item in self.stops)

    def _set_wanted(self, debugger: Debugger) -> None:
        desk = self._desk
        desk.set_breakpoints(debugger)
        caller = next(calling_frames(), None)
        if caller is None:
            return
        with desk.lock:
            verified = {item.id for item in desk.table if item.verified}
            hit = desk.table.called(caller.filename, caller.lineno or 0, debugger)
            news = [item for item in desk.table if item.verified and item.id not in verified]
        for item in news:
            desk.tell(item.report())
        if hit:
            self._stopping = True
            self._arrival = Arrival("breakpoint", tuple(item.id for item in hit))

    def _opened(self, debugger: Debugger) -> Talk:
        self._talked = True
        frames = [f for f in calling_frames() if not f.filename.startswith(_RUNNERS)]
        return Talk(debugger, self._desk, self._arrival, [f for f in frames if _is_users(f)])

    def _run_on(self, debugger: Debugger, conversation: Any) -> Stop:
        talk: Talk = conversation
        stop = talk.run_on() if debugger.timeline.end else debugger.stop
        if self._desk.ending and stop.reason is Reason.INTERRUPTED:
            raise SystemExit(0)
        return stop


def _is_of_failures(kind: str, spec: str) -> bool:
    return kind == "catch" and {"error", "uninit"}.issuperset(spec.split())


def _is_users(frame: Any) -> bool:
    return not frame.filename.endswith(("runpy.py", "threading.py"))


def _fetches(fetches: Any, pattern: str) -> bool:
    """Whether a run fetches what the pattern means: by its name in the graph, or in Python."""
    return not pattern or any(fnmatchcase(name, pattern) for name in _names(fetches))


def _names(fetches: Any) -> Iterator[str]:
    for element in nest.flatten(fetches):
        if isinstance(element, str):
            yield element.partition(":")[0]
        op = getattr(element, "op", element)
        for name in (getattr(op, "name", None), getattr(op, "bound_to", None)):
            if isinstance(name, str):
                yield name
