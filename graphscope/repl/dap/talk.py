"""The conversation with an editor about one run, in the thread of the script.

Each request is a command of the prompt (see `graphscope.debug.commands`), and is kept with the
others: what was done in an editor can be recorded, exported as a test, and replayed.
"""

from __future__ import annotations

from graphscope.debug.answers import Stop
from graphscope.debug.errors import DebugError
from graphscope.errors import OpError
from graphscope.repl.dap.changing import Changing
from graphscope.repl.dap.going import Going
from graphscope.repl.dap.requests import replied, requests_of
from graphscope.repl.dap.standing import Arrival as Arrival
from graphscope.repl.dap.standing import said
from graphscope.repl.dap.wire import Message, Refused
from graphscope.repl.prompt import Outcome


class Talk(Going, Changing):
    """A conversation about one run."""

    def show_stop(self, stop: Stop) -> None:
        """The run has come here by itself: this is said when the conversation begins."""
        self._arrival = None

    def talk(self) -> Outcome:
        """Do requests until one of them ends the conversation."""
        arrival = self._arrival
        self._stand()
        if arrival is None:
            self._tell_stop()
        else:
            self._tell_stopped(arrival.reason, "start of the run", hit=arrival.hit)
        while True:
            job = self._desk.next_job()
            if job is None:
                return Outcome.QUIT
            outcome = self._done(job)
            if outcome is not None:
                return outcome

    def _done(self, job: Message) -> Outcome | None:
        """Do a request, and answer it. Nothing that is asked here is fatal."""
        method = _REQUESTS[job["command"]]
        try:
            reply = replied(method, self, job)
        except (Refused, DebugError, ValueError, OpError) as error:
            self._desk.stands(self._debugger)
            self._wire.refusal(job, said(error))
            return None
        except Exception as fault:
            self._desk.stands(self._debugger)
            self._wire.refusal(job, _fault(job["command"], fault))
            return None
        self._wire.response(job, reply.body)
        if reply.then is None:
            return None
        try:
            outcome: Outcome | None = reply.then()
        except Exception as fault:
            self._stand()
            self._tell_failed(DebugError(_fault(job["command"], fault)))
            return None
        return outcome


_REQUESTS = requests_of(Talk)
#: The requests that are answered where a run stands still.
NAMES = frozenset(_REQUESTS)


def _fault(command: str, fault: Exception) -> str:
    """A fault of ours must not cost anybody the place they have come to."""
    said = f"{command} failed: {type(fault).__name__}: {fault}."
    return f"{said} This is a fault of GraphScope. Nothing is lost."
