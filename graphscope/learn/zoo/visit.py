"""A visit to the zoo: a program is run, and then stopped at the run in which its bug shows."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass

from rich.console import Console

from graphscope.debug.answers import Answer
from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.debug.history import Other, Script
from graphscope.graph.graph import Graph, Operation
from graphscope.learn.zoo.bug import Bug
from graphscope.learn.zoo.opening import program
from graphscope.repl.attach import Attached
from graphscope.repl.lines import Lines, lines_for, not_done
from graphscope.repl.own import introduce
from graphscope.repl.prompt import Prompt
from graphscope.repl.script import interruptible, run_script
from graphscope.repl.words import told
from graphscope.show.text import Copied, line, render, strong

#: What a program is called of which nobody shall know which bug it has.
BLIND = "script.py"
#: These tell nothing of the program, so they are not counted.
_UNCOUNTED = ("help", "quit")
_ANSWER = Other(
    "answer", "Say which node is guilty, and see what was wrong.", "answer loss", takes="node"
)
_TASK = "Which node is it? Look with all commands; answer NODE says it, and ends this."


@dataclass(frozen=True)
class Solution(Answer):
    """What was wrong, how it is repaired, and the shortest known route to it."""

    bug: Bug


@dataclass(frozen=True)
class Guess(Answer):
    """A node that was said to be guilty, or None, after so many commands."""

    bug: Bug
    node: Operation | None
    commands: int

    @property
    def right(self) -> bool:
        """Whether it is the guilty node, one that a command may name in its place, or one that
        was made in the line of the mistake, as the guilty node was. What is of a gradient is as
        guilty as that of which it is the gradient."""
        node, bug = self.node, self.bug
        if node is None:
            return False
        node = node.gradient_of or node
        if node.name in (bug.guilty, *bug.named.values()):
            return True
        guilty = node.graph.get_operation_by_name(bug.guilty).source
        lines = {*bug.lines(), guilty.lineno if guilty else 0}
        return node.source is not None and node.source.lineno in lines


class Watched:
    """The lines of a visit: counted, and ended by ``answer NODE``."""

    #: Who has no more lines leaves; the program need not run on.
    interactive = True

    def __init__(self, lines: Lines, say: Callable[..., None]) -> None:
        self._lines = lines
        self._say = say
        self.commands = 0
        self.debugger: Debugger | None = None
        self.answer: Operation | None = None

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        while True:
            text = self._lines.read(prompt, debugger)
            word, _, node = text.strip().partition(" ")
            if word != "answer":
                self._count(word)
                return text
            if self.guessed(node):
                return "quit"

    def ask(self, question: str) -> None:
        """Ask for the node, until there is one or the line is empty."""
        try:
            while (text := self._lines.read(question).strip()) and not self.guessed(text):
                pass
        except (EOFError, KeyboardInterrupt):
            return

    def guessed(self, text: str) -> bool:
        """Take the node that is named. False, and it is said, when there is no such one."""
        text = text.strip()
        try:
            self.answer = self._meant(text) if text else None
        except DebugError as error:
            self._say(line(strong(str(error))))
            return False
        if self.answer is None:
            self._say(line("answer NODE says which node it is."))
        return self.answer is not None

    def _meant(self, text: str) -> Operation:
        """The node that is named. A line of the program stands for any node that it makes."""
        assert self.debugger is not None
        locations = self.debugger.locations
        found = locations.operations(text)
        lines = {op.source.lineno if op.source else 0 for op in found}
        return found[0] if len(lines) == 1 else locations.one(text)

    def _count(self, word: str) -> None:
        assert self.debugger is not None
        self.commands += bool(word) and self.debugger.words.get(word) not in _UNCOUNTED


class _Stopped(Attached):
    """Stops at a run; what the program prints before, which has been shown, is not shown again."""

    def __init__(self, lines: Watched, console: Console, bug: Bug, script: Script) -> None:
        super().__init__(lines, console, bug.at_run, script=script)
        self._watched = lines
        self._silence = ExitStack()

    def run_quietly(self, path: str) -> None:
        with self._silence, interruptible(self), Graph().as_default():
            self._silence.enter_context(redirect_stdout(io.StringIO()))
            detach = self.attach()
            try:
                run_script(path, ())
            finally:
                detach()

    def _opened(self, debugger: Debugger) -> Prompt:
        self._silence.close()
        self._watched.debugger = debugger
        introduce(debugger, _ANSWER)
        return super()._opened(debugger)


def visit(bug: Bug, screen: Console, commands: Sequence[str] | None, broken: bool = True) -> None:
    """Show what the program prints, then stop it, and talk. commands: what to do there first."""
    with program(bug, broken) as path:
        what = "with one mistake" if broken else "the healthy twin"
        screen.print(line(strong(bug.name), f", {what}:"))
        screen.print(Copied(path), crop=False)
        _shown(path)
        if broken:
            screen.print(line(strong("What you see: "), bug.symptom))
            screen.print(line(_TASK))
        lines = _stopped(bug, path, screen, commands)
    if not broken:
        screen.print(line("Nothing was wrong with it: it is the healthy twin."))
    elif lines.answer is None:
        screen.print(line(f"graphscope zoo answer {bug.name} says which node it is, and why."))
    else:
        _solve(bug, lines, screen)


def visit_blindly(bug: Bug, seed: int, screen: Console, commands: Sequence[str] | None) -> None:
    """The same with a program of which nobody says what it has, until a node was guessed."""
    with program(bug, called=BLIND) as path:
        again = f"graphscope zoo --blind {seed} opens it again"
        screen.print(line(strong("A program with one mistake"), f" ({again}):"))
        screen.print(Copied(path), crop=False)
        _shown(path)
        screen.print(line(_TASK))
        lines = _stopped(bug, path, screen, commands)
        if lines.answer is None:
            lines.ask("Which node is it? (Enter skips) ")
    _solve(bug, lines, screen)


def _solve(bug: Bug, lines: Watched, screen: Console) -> None:
    screen.print(render(Guess(bug, lines.answer, lines.commands)), crop=False)
    screen.print(render(Solution(bug)), crop=False)


def _shown(path: str) -> None:
    """Run the program as a learner would."""
    with Graph().as_default():
        run_script(path, ())


def _stopped(bug: Bug, path: str, screen: Console, commands: Sequence[str] | None) -> Watched:
    """Run the program again up to the run of the bug, and talk there."""
    screen.print(line(f"The same again, stopped at run {bug.at_run}:"))
    given = lines_for(commands, screen.print)
    lines = Watched(given, screen.print)
    _Stopped(lines, screen, bug, Script(path)).run_quietly(path)
    if left := not_done(given):
        told(left)
    return lines
