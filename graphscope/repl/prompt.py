"""The prompt: reads a line, calls the command, shows the answer. Nothing typed here is fatal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from rich.console import RenderableType

from graphscope.debug import dispatch
from graphscope.debug.answers import Reason, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Line, Output
from graphscope.debug.errors import DebugError
from graphscope.errors import OpError, lesson_of
from graphscope.kernels.collecting import rarely
from graphscope.repl.desk import Desk
from graphscope.repl.lines import Lines, Printer
from graphscope.repl.own import COMMANDS, OWN, introduce
from graphscope.show.bounded import Bounded
from graphscope.show.picture import Picture
from graphscope.show.plainly import speak_plainly
from graphscope.show.progress import bars
from graphscope.show.text import faint, plural, render, strong
from graphscope.show.text import line as paragraph

#: What stands under an error that is not about the words of a command.
_EXPLAIN = paragraph(faint("explain says what it means, and what to try."))

#: What may stand behind ``set`` that is no node: how answers are shown.
_PLAIN = {"plain": True, "plain on": True, "plain off": False}

#: An empty line does these again.
_REPEATED = ("step", "back", "next", "reverse-next")


class Outcome(Enum):
    """How the conversation about a run ended."""

    RUN_ON = "go on, and stop only at a breakpoint"
    NO_MORE = "go on without stopping: there is nobody to ask"
    NEXT_RUN = "stop at the next run"
    QUIT = "end the program"


class Prompt:
    """A conversation about one run."""

    def __init__(self, debugger: Debugger, lines: Lines, console: Printer) -> None:
        self._debugger = debugger
        self._lines = lines
        self._console = console
        self._last = ""
        introduce(debugger)
        #: The error of the run, once it has failed.
        self.failure: OpError | None = None

    def talk(self) -> Outcome:
        """Read and do commands until one of them ends the conversation."""
        while True:
            try:
                text = self._lines.read(self._debugger.prompt, self._debugger)
            except EOFError:
                return Outcome.QUIT if self._lines.interactive else Outcome.NO_MORE
            except KeyboardInterrupt:
                continue
            outcome = self.do(text)
            if outcome is not None:
                return outcome

    @rarely()
    def do(self, text: str) -> Outcome | None:
        """Do one line; an Outcome when it ends the conversation."""
        text = text.strip() or self._last
        before = self._debugger.prompt
        problem: Exception | None = None
        try:
            line = dispatch.parsed(text, self._debugger.words)
            if line is None:
                return None
            self._last = text if line.name in _REPEATED else ""
            if line.name == "set" and line.rest in _PLAIN:
                self._set_plain(_PLAIN[line.rest])
                return None
            if line.name in OWN:
                return self._own(line.name, line.rest)
            return self._call(line, before)
        except OpError as failure:
            self.failure = failure
            self._show_failure(failure)
            self._debugger.note(before, Output(text, str(failure.message), error=failure))
            return None
        except (DebugError, ValueError) as error:
            said, problem = self._debugger.sentence(error, text), error
        except KeyboardInterrupt:
            said = "Interrupted. Nothing is lost."
        except Exception as fault:
            # A fault of ours must not cost anybody the place they have come to.
            said = f"{text!r} failed: {type(fault).__name__}: {fault}"
            said += " This is a fault of GraphScope. Nothing is lost."
        self._last = ""
        self.show_wrong(said)
        if problem is not None and not isinstance(problem, DebugError):
            self.say(_EXPLAIN)
        self._debugger.note(before, Output(text, f" {said}", error=problem))
        return None

    def _set_plain(self, wanted: bool) -> None:
        speak_plainly(wanted)
        self.say(
            paragraph("Answers are plain: one fact a line." if wanted else "Answers are drawn.")
        )

    def say(self, what: RenderableType) -> None:
        self._console.print(what, crop=False)  # what is not broken is there to be copied

    # ---- commands ------------------------------------------------------------------------------

    def _call(self, line: Line, before: str) -> Outcome | None:
        debugger, command = self._debugger, COMMANDS[line.name]
        at_end = debugger.timeline.at_end and not debugger.in_an_earlier_run
        if command.name in ("step", "next", "continue") and at_end and not line.rest:
            return Outcome.RUN_ON if command.name == "continue" else Outcome.NEXT_RUN
        if self.failure is not None and command.name == "continue":
            return Outcome.RUN_ON
        with _interruptible(debugger), bars():
            answer = dispatch.answered(line, command, debugger)
        debugger.note(before, Output(line.text, data=answer))
        if isinstance(answer, Stop):
            self.show_stop(answer)
        else:
            self.show(answer)
        ended = isinstance(answer, Stop) and answer.reason is Reason.END
        return Outcome.RUN_ON if ended and command.name == "continue" else None

    def show_stop(self, stop: Stop) -> None:
        """Show a stop, and do what was asked to be done there."""
        self.show(stop)
        if stop.error is not None:
            self.say(_EXPLAIN)
        if stop.breakpoint is not None:
            for told in self._debugger.commands_of(stop.breakpoint):
                self.say(paragraph(faint(f"{self._debugger.prompt}{told}")))
                self.do(told)

    def show(self, answer: Any) -> None:
        """Show an answer. Of a picture that is in a file, only where it is."""
        if isinstance(answer, Picture) and answer.path is not None:
            boxes = f"{answer.boxes} {plural(answer.boxes, 'box', 'boxes')}"
            self.say(paragraph(f"wrote {answer.path}   ", faint(boxes)))
            return
        self.say(Bounded(render(answer)))
        if isinstance(answer, Picture):
            self.say(paragraph(faint(f"draw -o {answer.name}.svg writes it as a picture.")))

    def show_wrong(self, said: str) -> None:
        """Show, in a sentence, what could not be done."""
        self.say(paragraph(strong(said)))

    def _show_failure(self, failure: OpError) -> None:
        self.show_wrong(f"{type(failure).__name__}: {failure.message}")
        self.say(render(lesson_of(failure)))
        self.say(_EXPLAIN)
        self.say(
            paragraph(
                faint(
                    "The past is still here: back, print, where. continue raises the "
                    "error in the script."
                )
            )
        )

    def _own(self, name: str, words: str) -> Outcome | None:
        if name == "layout":
            self._change_layout(words)
            return None
        if name == "quit":
            if words not in ("", "--commit", "--rollback"):
                raise DebugError(f"quit has no use for {words!r}: quit [--commit | --rollback]")
            if words == "--commit" and not self._debugger.done:
                self._debugger.run_to_end()
            if words:
                self._debugger.keep(words == "--commit")
            return Outcome.QUIT
        if self.failure is None:
            with _interruptible(self._debugger):
                self.show(self._debugger.run_to_end())
        return Outcome.NEXT_RUN

    def _change_layout(self, words: str) -> None:
        if words:
            raise DebugError(f"layout has no use for {words!r}: it goes to the full screen or back")
        if not isinstance(self._lines, Desk):
            raise DebugError("There is no full screen here. It is at: graphscope --tui script.py")
        self._lines.change()


@contextmanager
def _interruptible(debugger: Debugger) -> Iterator[None]:
    """Ctrl-C stops between two nodes; a second one stops the node itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(signum: int, frame: Any) -> None:
        debugger.interrupt()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        debugger.forget_interrupt()
