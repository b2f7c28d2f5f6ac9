"""Standing at a place of a run: doing lines of the prompt there, and telling the editor of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphscope.debug.answers import Reason, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Output
from graphscope.debug.scripting import sentence
from graphscope.errors import OpError, lesson_of
from graphscope.repl.dap.desk import Desk
from graphscope.repl.dap.values import Shelf
from graphscope.repl.dap.wire import Message
from graphscope.repl.prompt import Outcome

#: Commands that go freely: they stop at breakpoints, and where others are set.
_FREELY = ("continue", "reverse-continue")
#: Commands that go on to the next run where this one ends.
_ONWARD = ("step", "next", "finish", "continue")

#: The protocol's words for why we stopped, by the kind of a stop and of what was asked for.
_KINDS = {"catch": "exception", "watch": "data breakpoint", "rwatch": "data breakpoint",
          "awatch": "data breakpoint"}  # fmt: skip
_REASONS = {Reason.INTERRUPTED: "pause", Reason.PLACE: "goto", Reason.FAILED: "exception"}


@dataclass(frozen=True)
class Arrival:
    """Why a conversation begins at the start of a run: the protocol's word, and the numbers of the
    breakpoints that were hit."""

    reason: str
    hit: tuple[int, ...] = ()


class Standing:
    """What all requests share: the debugger, and how the editor is told of where we are.

    frames: the script's own frames that called the run, the innermost first.
    """

    def __init__(
        self,
        debugger: Debugger,
        desk: Desk,
        arrival: Arrival,
        frames: Sequence[traceback.FrameSummary],
    ) -> None:
        self._debugger, self._desk, self._wire = debugger, desk, desk.wire
        self._arrival: Arrival | None = arrival
        self._frames = frames
        self._shelf = Shelf()

    @property
    def failure(self) -> OpError | None:
        """What the node before which we stand raises, once that is known."""
        error = self._debugger.stop.error
        return error if isinstance(error, OpError) else None

    def _stand(self) -> None:
        """We stand still, at a place that may be another one."""
        self._shelf.clear()
        self._desk.set_breakpoints(self._debugger)
        source, is_new = self._plan[1:]
        if is_new:
            self._wire.event("loadedSource", {"reason": "new", "source": source})
        self._desk.stands(self._debugger)

    @property
    def _plan(self) -> tuple[Any, Message, bool]:
        return self._desk.plans.of(self._debugger)

    # ---- going ---------------------------------------------------------------------------------

    def run_on(self) -> Stop:
        """Run to the first stop or to the end, before anybody is asked."""
        stop: Stop = self._moved(self._debugger.cont, "continue")
        return stop

    def _moved(self, move: Callable[[], Any], name: str) -> Any:
        """Do a command that may go somewhere. A run that was interrupted only so that breakpoints
        could be set goes on as if it had not been."""
        debugger, desk = self._debugger, self._desk
        log = debugger.history.log
        command = debugger.commands_by_name.get(name)
        if command is not None and command.group == "Go":
            desk.moves(debugger, freely=name in _FREELY)
        while True:
            mark = len(log)
            answer = move()
            stop = answer.data if isinstance(answer, Output) else answer
            if isinstance(stop, Stop):
                for shown in (*stop.traces, *stop.displays):
                    self._tell(shown.text if shown in stop.traces else str(shown))
            interrupted = isinstance(stop, Stop) and stop.reason is Reason.INTERRUPTED
            if not interrupted or desk.take_pause() or desk.ending:
                return answer
            del log[mark:]
            desk.set_breakpoints(debugger)

    def _over(self, name: str) -> Outcome | None:
        """How the conversation ends when this run has nothing more to give."""
        debugger = self._debugger
        if name == "continue" and self.failure is not None:
            return Outcome.RUN_ON
        if name in _ONWARD and debugger.timeline.at_end and not debugger.in_an_earlier_run:
            return Outcome.RUN_ON if name == "continue" else Outcome.NEXT_RUN
        return None

    def _done_line(self, line: str) -> Output:
        """Do a line of the prompt; what it says on the way is told."""
        debugger = self._debugger
        mark = len(debugger.history.log)
        first = line.split()[0]
        name = debugger.words.get(first) or first
        output: Output = self._moved(lambda: debugger.onecmd(line), name)
        for _, prompt, other in debugger.history.log[mark:]:
            if other is not output and other.text:  # the commands of a breakpoint
                self._tell(f"{prompt}{other.line}\n{other.text}")
        return output

    # ---- telling -------------------------------------------------------------------------------

    def _tell(self, text: str, category: str = "console") -> None:
        self._wire.event("output", {"category": category, "output": f"{text.rstrip()}\n"})

    def _tell_failed(self, error: Exception) -> None:
        if isinstance(error, OpError):
            self._tell(f"{type(error).__name__}: {error.message}\n{lesson_of(error)}", "important")
            self._tell_stopped("exception", "the next node fails", said(error))
            return
        text = said(error)
        self._tell(text, "important")
        self._tell_stopped("step", text)

    def _tell_stop(self) -> None:
        stop = self._debugger.stop
        text = stop.found.text if stop.found is not None else ""
        wanted = self._desk.table.of(stop.breakpoint)
        reason = _REASONS.get(stop.reason, "step")
        hit: tuple[int, ...] = ()
        if stop.breakpoint is not None:
            reason = self._kind_of(stop.breakpoint)
            hit = (wanted.id,) if wanted is not None else ()
        self._tell_stopped(reason, stop.reason.value, text, hit)

    def _kind_of(self, number: int) -> str:
        item = next((item for item in self._debugger.stops if item.id == number), None)
        wanted = self._desk.table.of(number)
        kind = "break" if item is None else item.kind
        if kind == "break" and wanted is not None and not wanted.asked.line:
            return "function breakpoint"
        return _KINDS.get(kind, "breakpoint")

    def _tell_stopped(
        self, reason: str, description: str, text: str = "", hit: Sequence[int] = ()
    ) -> None:
        body: Message = {
            "reason": reason,
            "description": description,
            "threadId": 1,
            "allThreadsStopped": True,
        }
        body |= {"text": text} if text else {}
        body |= {"hitBreakpointIds": list(hit)} if hit else {}
        self._wire.event("stopped", body)


def said(error: Exception) -> str:
    """What is wrong, in a sentence."""
    if isinstance(error, OpError):
        return f"{type(error).__name__}: {error.message}"
    return sentence(error)
