"""Where the prompt's lines come from: a terminal, a pipe, or the words after ``-c``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TextIO

from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import split

Candidates = Callable[..., Any]


class Lines(Protocol):
    """A source of lines. `read` raises EOFError when there are no more."""

    @property
    def interactive(self) -> bool:
        """Whether somebody is there who types."""
        ...

    def read(self, debugger: Debugger) -> str: ...


class Printer(Protocol):
    """Where answers are shown: a console of `rich`, or what stands for one."""

    def print(self, *what: Any) -> None: ...


class Typed:
    """Lines typed by somebody where a terminal can do no more than show letters."""

    interactive = True

    def read(self, debugger: Debugger) -> str:
        return input(debugger.prompt)


class Given:
    """Lines that are there already: a pipe's, or those of ``-c``. Each is shown behind its prompt,
    so that what is printed reads like a session."""

    interactive = False

    def __init__(self, lines: Iterable[str], echo: Callable[[str], None]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self._echo = echo
        #: The line that was read last.
        self._last = ""

    def read(self, debugger: Debugger) -> str:
        line = next(self._lines, None)
        if line is None:
            raise EOFError
        line = line.rstrip("\r\n")
        self._echo(f"{debugger.prompt}{line}")
        self._last = line
        return line

    def not_done(self) -> str:
        """What to say, at the end of the program, of the lines that nobody has come to; nothing
        when there are none. They are read by this."""
        if not (left := [*self._lines]):
            return ""
        where = f"behind {self._last!r}" if self._last else "before it stopped at a run"
        return f"not done, since the program ended {where}: {'; '.join(left)}"


def is_terminal(*files: TextIO) -> bool:
    return all(hasattr(file, "isatty") and file.isatty() for file in files)


def typed() -> Lines:
    """What is typed at the terminal: with a menu and colours where it can show them."""
    if os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return Typed()
    from graphscope.repl import terminal

    try:
        return terminal.Terminal()
    except terminal.no_console():
        return Typed()


def lines_of(commands: Sequence[str] | str, echo: Callable[[str], None]) -> Given:
    """The commands, which are separated by ``;`` where they are one text."""
    return Given(split(commands) if isinstance(commands, str) else commands, echo)


def lines_after(commands: Sequence[str] | str | None, echo: Callable[[str], None]) -> Lines:
    """What comes after the commands: nothing is read from a pipe behind them."""
    if is_terminal(sys.stdin, sys.stdout):
        return typed()
    return Given(() if commands is not None else sys.stdin, echo)
