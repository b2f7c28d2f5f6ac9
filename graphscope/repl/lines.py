"""Where the prompt's lines come from: a terminal, a pipe, or the words after ``-c``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from graphscope.debug.dispatch import split

#: Gives the words that can stand at the end of a line, and how long the one begun there is.
Candidates = Callable[[str], tuple[Iterable[str], int]]


class Lines(Protocol):
    """A source of lines. `read` raises EOFError when there are no more."""

    @property
    def interactive(self) -> bool:
        """Whether somebody is there who types."""
        ...

    def read(self, prompt: str, candidates: Candidates) -> str: ...


class Terminal:
    """Lines typed by somebody, with completion, and with the history of earlier sessions."""

    interactive = True

    def __init__(self) -> None:
        self._session: PromptSession[str] = PromptSession(history=_history())

    def read(self, prompt: str, candidates: Candidates) -> str:
        return self._session.prompt(
            prompt, completer=_Completer(candidates), complete_while_typing=False
        )


class Given:
    """Lines that are there already: a pipe's, or those of ``-c``. Each is shown behind its prompt,
    so that what is printed reads like a session."""

    interactive = False

    def __init__(self, lines: Iterable[str], echo: Callable[[str], None]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self._echo = echo

    def read(self, prompt: str, candidates: Candidates) -> str:
        line = next(self._lines, None)
        if line is None:
            raise EOFError
        line = line.rstrip("\r\n")
        self._echo(f"{prompt}{line}")
        return line


class Chained:
    """First these lines, then those."""

    def __init__(self, first: Lines, then: Lines) -> None:
        self._sources = [first, then]

    @property
    def interactive(self) -> bool:
        return self._sources[-1].interactive

    def read(self, prompt: str, candidates: Candidates) -> str:
        while len(self._sources) > 1:
            try:
                return self._sources[0].read(prompt, candidates)
            except EOFError:
                self._sources.pop(0)
        return self._sources[0].read(prompt, candidates)


def is_terminal(*files: TextIO) -> bool:
    return all(hasattr(file, "isatty") and file.isatty() for file in files)


def lines_for(commands: Sequence[str] | str | None, echo: Callable[[str], None]) -> Lines:
    """The commands first; then the terminal if there is one, else what is piped in."""
    if is_terminal(sys.stdin, sys.stdout):
        rest: Lines = Terminal()
    else:
        rest = Given(() if commands is not None else sys.stdin, echo)
    return rest if commands is None else Chained(Given(_parts(commands), echo), rest)


def _parts(commands: Sequence[str] | str) -> Sequence[str]:
    return split(commands) if isinstance(commands, str) else commands


class _Completer(Completer):
    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        words, begun = self._candidates(document.text_before_cursor)
        for word in words:
            yield Completion(word, start_position=-begun)


def _history() -> History:
    """The history in the user's state folder; only in memory where that cannot be written."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    file = Path(base) / "graphscope" / "history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))
