"""What the two threads share: the one that reads requests, and the script's, which is debugged.

A request that asks about a place of the run is done by the script's thread while it stands there;
everything else is answered at once by the reader.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from graphscope.debug.debugger import Debugger
from graphscope.repl.dap.wanted import Table
from graphscope.repl.dap.wire import Message, Refused, Wire
from graphscope.show.document import Document, document

#: How many seconds to wait before the script is interrupted again.
_AGAIN = 0.1


class State(Enum):
    """What the script's thread does."""

    WAITING = "The script has not begun: configurationDone begins it."
    SCRIPT = "The script runs, and no sess.run is stopped. pause stops at the next one."
    MOVING = "The run is moving. pause stops it."
    STOPPED = "stopped"
    ENDED = "The script has ended."


@dataclass(frozen=True)
class Launch:
    """What is to be run. See `graphscope.repl.dap` for the words of launch.json."""

    program: str
    args: tuple[str, ...] = ()
    stop_on_entry: bool = True
    at_run: int = 1
    fetch: str = ""
    debugs: bool = True


@dataclass(eq=False)
class Plans:
    """The documents of the plans that were debugged, by their numbers in the protocol."""

    _known: list[tuple[object, Document]] = field(default_factory=list)

    def __getitem__(self, number: object) -> Document:
        """Errors: Refused when there is none."""
        if not isinstance(number, int) or not 0 < number <= len(self._known):
            raise Refused("There is no such document.")
        return self._known[number - 1][1]

    def of(self, debugger: Debugger) -> tuple[Document, Message, bool]:
        """The document of the present plan, how the protocol names it, and whether it is new. Plans
        that read alike have one document."""
        plan = debugger.plan
        for number, (known, made) in enumerate(self._known, 1):
            if known is plan:
                return made, _source(made, number), False
        made = document(plan, debugger.names, debugger.fetched)
        for number, (_, other) in enumerate(self._known, 1):
            if other.rows == made.rows:
                return other, _source(other, number), False
        self._known.append((plan, made))
        return made, _source(made, len(self._known)), True

    def sources(self) -> list[Message]:
        return [_source(made, number) for number, (_, made) in enumerate(self._known, 1)]


def _source(made: Document, number: int) -> Message:
    return {
        "name": f"plan of {made.title}",
        "sourceReference": number,
        "origin": "what sess.run does, in its order",
    }


class Desk:
    """Where the threads meet."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.lock = threading.RLock()
        self.table = Table()
        self.plans = Plans()
        self.launch: Launch | None = None
        self.configured = False
        #: The client counts lines from this, and columns.
        self.first_line = 1
        self.first_column = 1
        self.has_invalidated = False
        self.ending = False
        #: The script's thread has heard that it shall end.
        self.woken = False
        self._state = State.WAITING
        self._changed = threading.Condition(self.lock)
        #: Requests for the script's thread, and whether each of them goes somewhere.
        self._jobs: deque[tuple[Message, bool]] = deque()
        self._debugger: Debugger | None = None
        self._may_interrupt = False
        self._pausing = False
        #: A request is being done.
        self._is_busy = False

    # ---- the reader's side ---------------------------------------------------------------------

    def refuse_unless_stopped(self) -> None:
        """Errors: Refused when no run stands still."""
        if self._state is not State.STOPPED:
            raise Refused(self._state.value)

    def put(self, request: Message, goes: bool = False) -> None:
        """Let the script's thread do a request. Errors: Refused when no run stands still.

        goes: it leaves the place where the run stands: what comes behind it finds the run moving.
        """
        with self.lock:
            self.refuse_unless_stopped()
            self._jobs.append((request, goes))
            if goes:
                self._state = State.MOVING
            self._changed.notify_all()

    @property
    def is_stopped(self) -> bool:
        return self._state is State.STOPPED

    def may_begin(self) -> None:
        """Say that something was done for which the script's thread may have waited."""
        with self.lock:
            self._changed.notify_all()

    def pause(self) -> None:
        """Stop at the next node, or at the next run."""
        with self.lock:
            if self._state is State.STOPPED and not (self._jobs or self._is_busy):
                return
            self._pausing = True
            if self._debugger is not None and self._state is State.MOVING:
                self._debugger.interrupt()

    def breakpoints_changed(self) -> None:
        """Let a run that goes on stop for a moment, so that they are set."""
        with self.lock:
            if self._debugger is not None and self._may_interrupt:
                self._debugger.interrupt()

    def end(self) -> None:
        """Let the script end, wherever it is."""
        with self.lock:
            if self.ending:
                return
            self.ending = True
            self._changed.notify_all()
            if self._debugger is not None and self._state is State.MOVING:
                self._debugger.interrupt()
            elif self._state is State.SCRIPT:
                threading.Thread(target=self._wake_script, daemon=True).start()

    def _wake_script(self) -> None:
        """Interrupt the script in whatever it does. A signal that comes just before it begins to
        wait is lost on it, so it may take several."""
        while not self.woken and self._state is State.SCRIPT:
            _wake(threading.main_thread())
            time.sleep(_AGAIN)

    # ---- the script's side ---------------------------------------------------------------------

    def wait_for_launch(self) -> Launch | None:
        """What to run, once that is known; None when the client has gone."""
        with self.lock:
            self._changed.wait_for(
                lambda: self.ending or (self.configured and self.launch is not None)
            )
            if self.ending:
                return None
            self._state = State.SCRIPT
            return self.launch

    def stands(self, debugger: Debugger) -> None:
        """The script's thread stands at a place of a run."""
        with self.lock:
            goes_on = any(goes for _, goes in self._jobs)
            self._state = State.MOVING if goes_on else State.STOPPED
            self._debugger, self._may_interrupt = debugger, False
            self._pausing = self._pausing and goes_on

    def moves(self, debugger: Debugger, freely: bool) -> None:
        """It moves. freely: it stops only at breakpoints, and can be asked to set others."""
        with self.lock:
            self._state, self._debugger, self._may_interrupt = State.MOVING, debugger, freely
            debugger.forget_interrupt()  # of a movement that had just ended
            if self._pausing or self.ending:
                debugger.interrupt()
            late = self._taken_jobs() if freely else []  # it may take long
        self._answer_late(late)
        self.set_breakpoints(debugger)

    def leaves(self, ended: bool = False) -> None:
        """It is no longer in a run."""
        with self.lock:
            self._state = State.ENDED if ended else State.SCRIPT
            self._debugger, self._may_interrupt = None, False
            late = self._taken_jobs()
        self._answer_late(late)

    def _taken_jobs(self) -> list[Message]:
        jobs = [request for request, _ in self._jobs]
        self._jobs.clear()
        return jobs

    def _answer_late(self, jobs: list[Message]) -> None:
        """Answer requests that were put here when the run had just gone on: breakpoints are on the
        table, and what they ask about is not there any more."""
        for request in jobs:
            wanted = (request.get("arguments") or {}).get("wanted")
            if wanted is None:
                self.wire.refusal(request, self._state.value)
            else:
                self.wire.response(request, self.reported(wanted))

    def reported(self, numbers: Sequence[int]) -> Message:
        """What has become of the breakpoints of these numbers."""
        with self.lock:
            known = {item.id: item.report() for item in self.table}
        return {"breakpoints": [self.numbered(known[n]) for n in numbers if n in known]}

    def next_job(self) -> Message | None:
        """The next request; None when the script shall end."""
        with self.lock:
            self._is_busy = False
            if not self._jobs:
                self._pausing = False  # it was meant for what has been done
            self._changed.wait_for(lambda: self.ending or bool(self._jobs))
            self._is_busy = True
            return None if self.ending else self._jobs.popleft()[0]

    def take_pause(self) -> bool:
        """Whether a stop was asked for, which is now made."""
        with self.lock:
            pausing, self._pausing = self._pausing, False
            return pausing

    def set_breakpoints(self, debugger: Debugger) -> None:
        """Set what is wanted in this run, and tell the editor what is news."""
        with self.lock:
            news: list[Callable[[], Message]] = [item.report for item in self.table.apply(debugger)]
        for report in news:
            self.tell(report())

    def tell(self, report: Message) -> None:
        """Tell the editor what has become of a breakpoint."""
        self.wire.event("breakpoint", {"reason": "changed", "breakpoint": self.numbered(report)})

    def numbered(self, message: Message) -> Message:
        """With lines as the client counts them."""
        if self.first_line == 1 or "line" not in message:
            return message
        return {**message, "line": max(message["line"] - 1, 0)}


def _wake(thread: threading.Thread) -> None:
    """Interrupt a thread, also in the middle of a wait, as Ctrl-C does."""
    with suppress(OSError, ValueError):
        if hasattr(signal, "pthread_kill") and thread.ident is not None:
            signal.pthread_kill(thread.ident, signal.SIGINT)
        else:
            import _thread

            _thread.interrupt_main()
