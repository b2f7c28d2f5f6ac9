"""Where the prompt's lines come from: a terminal, a pipe, or the words after ``-c``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import split
from graphscope.show.plainly import plainly


class Lines(Protocol):
    """A source of lines. `read` raises EOFError when there are no more."""

    @property
    def interactive(self) -> bool:
        """Whether somebody is there who types."""
        ...

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        """The next line. debugger: about whose run it is, for completion and colours."""
        ...


class Printer(Protocol):
    """Where answers are shown: a console of `rich`, or what stands for one."""

    def print(self, *what: Any, crop: bool = True) -> None: ...


class Typed:
    """Lines typed by somebody where a terminal can do no more than show letters, or nothing shall
    be drawn."""

    interactive = True

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        with _ctrl_c_leaves_the_line():
            return input(prompt)


@contextmanager
def _ctrl_c_leaves_the_line() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, whatever it does while the program runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Given:
    """Lines that are there already: a pipe's, or those of ``-c``. Each is shown behind its prompt,
    so that what is printed reads like a session."""

    interactive = False

    def __init__(self, lines: Iterable[str], echo: Callable[[str], None]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self._echo = echo
        #: The line that was read last.
        self.last = ""

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        line = next(self._lines, None)
        if line is None:
            raise EOFError
        line = line.rstrip("\r\n")
        self._echo(f"{prompt}{line}")
        self.last = line
        return line

    def left(self) -> list[str]:
        """The lines that nobody has read. They are read by this."""
        return [*self._lines]


class Chained:
    """First these lines, then those."""

    def __init__(self, first: Given, then: Lines) -> None:
        self.first = first
        self._sources: list[Lines] = [first, then]

    @property
    def interactive(self) -> bool:
        return self._sources[-1].interactive

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        while len(self._sources) > 1:
            try:
                return self._sources[0].read(prompt, debugger)
            except EOFError:
                self._sources.pop(0)
        return self._sources[0].read(prompt, debugger)


def not_done(lines: Lines) -> str:
    """What to say, at the end of the program, of the lines behind ``-c`` that nobody has come to;
    nothing when there are none."""
    return left_undone(lines.first) if isinstance(lines, Chained) else ""


def left_undone(given: Given) -> str:
    """The same of the commands themselves."""
    left, last = given.left(), given.last
    if not left:
        return ""
    where = f"behind {last!r}" if last else "before it stopped at a run"
    return f"not done, since the program ended {where}: {'; '.join(left)}"


def is_terminal(*files: TextIO) -> bool:
    return all(hasattr(file, "isatty") and file.isatty() for file in files)


def typed() -> Lines:
    """What is typed at the terminal: with a menu and colours where it can show them, and where that
    is wanted."""
    if plainly() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return Typed()
    from graphscope.repl import terminal

    try:
        return terminal.Terminal()
    except terminal.no_console():
        return Typed()


def lines_for(commands: Sequence[str] | str | None, echo: Callable[[str], None]) -> Lines:
    """The commands first; then the terminal if there is one, else what is piped in."""
    rest = lines_after(commands, echo)
    return rest if commands is None else Chained(lines_of(commands, echo), rest)


def lines_of(commands: Sequence[str] | str, echo: Callable[[str], None]) -> Given:
    """The commands, which are separated by ``;`` where they are one text."""
    return Given(split(commands) if isinstance(commands, str) else commands, echo)


def lines_after(commands: Sequence[str] | str | None, echo: Callable[[str], None]) -> Lines:
    """What comes after the commands: nothing is read from a pipe behind them."""
    if is_terminal(sys.stdin, sys.stdout):
        return typed()
    return Given(() if commands is not None else sys.stdin, echo)
