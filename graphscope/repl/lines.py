"""Where the prompt's lines come from: a terminal, a pipe, or the words after ``-c``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TextIO

from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import split


class Lines(Protocol):
    """A source of lines. `read` raises EOFError when there are no more."""

    @property
    def interactive(self) -> bool:
        """Whether somebody is there who types."""
        ...

    def read(self, debugger: Debugger) -> str: ...


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

    def read(self, debugger: Debugger) -> str:
        line = next(self._lines, None)
        if line is None:
            raise EOFError
        line = line.rstrip("\r\n")
        self._echo(f"{debugger.prompt}{line}")
        return line


class Chained:
    """First these lines, then those."""

    def __init__(self, first: Lines, then: Lines) -> None:
        self._sources = [first, then]

    @property
    def interactive(self) -> bool:
        return self._sources[-1].interactive

    def read(self, debugger: Debugger) -> str:
        while len(self._sources) > 1:
            try:
                return self._sources[0].read(debugger)
            except EOFError:
                self._sources.pop(0)
        return self._sources[0].read(debugger)


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


def lines_for(commands: Sequence[str] | str | None, echo: Callable[[str], None]) -> Lines:
    """The commands first; then the terminal if there is one, else what is piped in."""
    if is_terminal(sys.stdin, sys.stdout):
        rest: Lines = typed()
    else:
        rest = Given(() if commands is not None else sys.stdin, echo)
    return rest if commands is None else Chained(Given(_parts(commands), echo), rest)


def _parts(commands: Sequence[str] | str) -> Sequence[str]:
    return split(commands) if isinstance(commands, str) else commands
