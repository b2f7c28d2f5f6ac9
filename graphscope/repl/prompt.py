"""The prompt: reads a line, calls the command, shows the answer. Nothing typed here is fatal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

from rich.console import Console, Group, RenderableType

from graphscope.debug.answers import Reason, Stop
from graphscope.debug.commands import GROUPS, Command, commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.errors import OpError, did_you_mean, lesson_of
from graphscope.repl.lines import Lines
from graphscope.show.picture import Picture
from graphscope.show.text import faint, grid, line, plural, render, strong

COMMANDS = commands_of(Debugger)

#: The first five to learn.
FIRST = ("plan", "step", "back", "print", "why")

#: Commands of the prompt itself: what they do, and their other names.
_OWN = {
    "help": ("Say what the commands are, or what one of them does.", ("h", "?")),
    "next-run": ("Finish this run, and stop at the next one.", ("nr",)),
    "quit": ("End here. A run that has not finished is rolled back.", ("q", "exit")),
}

#: An empty line does these again.
_REPEATED = ("step", "back")


class Outcome(Enum):
    """How the conversation about a run ended."""

    RUN_ON = "go on, and stop only at a breakpoint"
    NO_MORE = "go on without stopping: there is nobody to ask"
    NEXT_RUN = "stop at the next run"
    QUIT = "end the program"


class Prompt:
    """A conversation about one run."""

    def __init__(self, debugger: Debugger, lines: Lines, console: Console) -> None:
        self._debugger = debugger
        self._lines = lines
        self._console = console
        self._last = ""
        self._by_word: dict[str, str] = {}
        for name, command in COMMANDS.items():
            self._by_word.update(dict.fromkeys((name, *command.aliases), name))
        for name, (_, aliases) in _OWN.items():
            self._by_word.update(dict.fromkeys((name, *aliases), name))
        #: The error of the run, once it has failed.
        self.failure: OpError | None = None

    def talk(self) -> Outcome:
        """Read and do commands until one of them ends the conversation."""
        while True:
            try:
                text = self._lines.read(self._prompt(), self.candidates)
            except EOFError:
                return Outcome.QUIT if self._lines.interactive else Outcome.NO_MORE
            except KeyboardInterrupt:
                continue
            outcome = self.do(text)
            if outcome is not None:
                return outcome

    def do(self, text: str) -> Outcome | None:
        """Do one line; an Outcome when it ends the conversation."""
        text = text.strip()
        if not text or text.startswith("#"):
            text = self._last if not text else ""
            if not text:
                return None
        word, _, rest = text.partition(" ")
        try:
            name = self._command_name(word, text)
            self._last = text if name in _REPEATED else ""
            if name in _OWN:
                return self._own(name, rest.strip())
            return self._call(COMMANDS[name], rest.strip())
        except (DebugError, ValueError) as error:
            self.say(line(strong(_sentence(error))))
        except KeyboardInterrupt:
            self.say(line("Interrupted. Nothing is lost."))
        except Exception as fault:
            # A fault of ours must not cost anybody the place they have come to.
            self.say(
                line(
                    strong(f"{text!r} failed: {type(fault).__name__}: {fault}"),
                    " This is a fault of GraphScope. Nothing is lost.",
                )
            )
        return None

    def say(self, what: RenderableType) -> None:
        self._console.print(what)

    # ---- commands ------------------------------------------------------------------------------

    def _command_name(self, word: str, text: str) -> str:
        if word in self._by_word:
            return self._by_word[word]
        fits = {begun: name for begun, name in self._by_word.items() if begun.startswith(word)}
        if len(set(fits.values())) == 1:
            return next(iter(fits.values()))
        if fits:
            raise DebugError(f"{word!r} could be {' or '.join(sorted(fits))}.")
        hint = did_you_mean(word, self._by_word) or "help lists the commands."
        with suppress(DebugError):  # no node either: the hint about commands stands
            self._debugger.locations.operations(word)
            hint = f"to see the value: print {text}"
        raise DebugError(f"There is no command {word!r}; {hint}")

    def _call(self, command: Command, rest: str) -> Outcome | None:
        debugger = self._debugger
        leaving = command.name in ("step", "continue") and debugger.t == debugger.timeline.end
        if leaving:
            return Outcome.NEXT_RUN if command.name == "step" else Outcome.RUN_ON
        if self.failure is not None and command.name == "continue":
            return Outcome.RUN_ON
        try:
            with _interruptible(debugger):
                answer = command.call(debugger, rest)
        except OpError as failure:
            self.failure = failure
            self._show_failure(failure)
            return None
        self.show(answer)
        at_end = isinstance(answer, Stop) and answer.reason is Reason.END
        return Outcome.RUN_ON if at_end and command.name == "continue" else None

    def show(self, answer: Any) -> None:
        """Show an answer. A picture is written to a file, since a prompt cannot show it."""
        if isinstance(answer, Picture):
            saved = answer if answer.path else answer.save(f"{answer.name}.svg")
            self.say(
                line(
                    f"wrote {saved.path}   ",
                    faint(f"{saved.boxes} {plural(saved.boxes, 'box', 'boxes')}"),
                )
            )
        else:
            self.say(render(answer))

    def _show_failure(self, failure: OpError) -> None:
        self.say(line(strong(f"{type(failure).__name__}: {failure.message}")))
        self.say(str(lesson_of(failure)))
        self.say(
            line(
                faint(
                    "The past is still here: back, print, where. continue raises the "
                    "error in the script."
                )
            )
        )

    def _own(self, name: str, rest: str) -> Outcome | None:
        if name == "help":
            self.say(self._help(rest))
            return None
        if name == "quit":
            return Outcome.QUIT
        if self.failure is None:
            with _interruptible(self._debugger):
                self.show(self._debugger.run_to_end())
        return Outcome.NEXT_RUN

    # ---- help and completion -------------------------------------------------------------------

    def _help(self, word: str) -> RenderableType:
        if not word:
            return self._overview()
        name = self._command_name(word, word)
        if name in _OWN:
            return line(strong(name), f"   {_OWN[name][0]}")
        command = COMMANDS[name]
        parts: list[RenderableType] = [line(strong(command.usage))]
        if command.aliases:
            parts.append(line(faint(f"also: {', '.join(command.aliases)}")))
        paragraphs = command.doc.split("\n\n")
        parts += [line(" ".join(paragraph.split()), indent=3) for paragraph in paragraphs]
        return Group(*parts)

    def _overview(self) -> RenderableType:
        parts: list[RenderableType] = [
            line(f"To begin with: {', '.join(FIRST)}.  help COMMAND says more.")
        ]
        for group in GROUPS:
            rows = [
                [strong(command.usage), command.summary]
                for command in COMMANDS.values()
                if command.group == group
            ]
            parts += [line(strong(group)), grid(rows, indent=3)]
        own = [[strong(name), summary] for name, (summary, _) in _OWN.items()]
        parts += [line(strong("End")), grid(own, indent=3)]
        places = "places: NODE  y (its Python name)  dense/*  /regex/  @MatMul  %W  #12  "
        parts.append(line(faint(f"{places}model.py:42  fwd bwd upd  .  $")))
        return Group(*parts)

    def candidates(self, text: str) -> tuple[Iterable[str], int]:
        """The words that can stand at the end of the line, and the length of the one begun."""
        words = text.split(" ")
        begun = words[-1]
        if len(words) == 1:
            known: Iterable[str] = [*COMMANDS, *_OWN]
        else:
            known = self._arguments(words[0])
        prefix = begun[0] if begun[:1] in ("%", "@") else ""
        return [w for w in dict.fromkeys(known) if w.startswith(begun) and w != begun] or [
            prefix + w for w in self._sigil(prefix) if (prefix + w).startswith(begun)
        ], len(begun)

    def _sigil(self, prefix: str) -> Iterable[str]:
        debugger = self._debugger
        if prefix == "%":
            return [debugger.names.of(op) for op in debugger.facts.variables]
        if prefix == "@":
            return dict.fromkeys(op.type for op in debugger.plan.everything)
        return []

    def _arguments(self, word: str) -> Iterable[str]:
        debugger, name = self._debugger, self._by_word.get(word)
        if name == "help":
            return [*COMMANDS, *_OWN]
        takes = COMMANDS[name].takes if name in COMMANDS else ""
        variables = [debugger.names.of(op) for op in debugger.facts.variables]
        if takes == "variable":
            return variables
        if takes == "phase":
            return ["start", "end", "fwd", "bwd", "upd"]
        if takes == "node":
            planned = [op.name for op in debugger.plan.everything]
            rest = [op.name for op in debugger.session.graph.operations]
            return [*planned, *variables, *debugger.names.by_python_name, *rest]
        return []

    def _prompt(self) -> str:
        debugger = self._debugger
        t, end, newest = debugger.t, debugger.timeline.last, len(debugger.timeline.steps)
        here, ahead = debugger.timeline.here, debugger.timeline.upcoming()
        node = ahead if here is None else here.node
        phase = f" {debugger.plan.phases[node]}" if node is not None else ""
        past = f" <{newest}" if t < newest else ""
        return f"(gs {t}/{end}{phase}{past})> "


def _sentence(error: Exception) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return text if text.rstrip()[-1:] in ".?!" else f"{text}."


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
