"""What was answered and what the script printed, as lines that can be scrolled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from graphscope.show.inline import no_bitmaps
from graphscope.show.text import Heading

#: So many commands are kept with what they answered, and so many lines of what a script prints.
_ENTRIES = 200
_PRINTED = 2000

#: A line in pieces, each with its style.
Line = list[Segment]


def lines_of(what: Any, width: int, console: Console) -> list[Line]:
    """What rich can print, in lines that are no wider; bitmaps are text there."""
    options = console.options.update(width=max(width, 1), max_width=max(width, 1))
    with no_bitmaps():
        parts = [part for part in console.render(what, options) if not part.control]
    return [piece for line in Segment.split_lines(parts) for piece in _folded(line, max(width, 1))]


def _folded(line: Line, width: int) -> list[Line]:
    """The line in pieces that are no longer than the width."""
    length = Segment.get_line_length(line)
    cuts = [*range(width, length, width), length]
    return [line] if length <= width else [[*piece] for piece in Segment.divide(line, cuts)]


@dataclass
class _Entry:
    """A command and what has come of it. answers: those of its parts that the script has not
    printed. printed: the end of what it has printed, a text to which more may be added."""

    parts: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    printed: str = ""
    #: The lines at a width, as long as nothing is added.
    known: tuple[int, list[Line]] | None = None

    def content(self) -> Iterator[Any]:
        yield from self.parts
        if self.printed:
            yield as_text(self.printed)


class Log:
    """The conversation so far, and the part of it that is seen.

    The last answer is seen from its beginning; if it is short, at the bottom, behind what came
    before it. Of what the script prints the end is seen.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._entries = [_Entry()]
        #: By how many lines the view was moved from where it stands by itself.
        self._moved = 0

    def begin(self, line: str) -> None:
        """A line was typed: what follows belongs to it."""
        self._settle()
        self._entries = [*self._entries[-_ENTRIES + 1 :], _Entry([Text(line, "gs.strong")])]
        self._moved = 0

    def add(self, what: Any) -> None:
        """Something was answered. With a heading something new begins."""
        self._settle()
        if isinstance(what, Heading) and self._entries[-1].parts:
            self._entries.append(_Entry())
        last = self._entries[-1]
        last.parts.append(what)
        last.answers.append(what)
        last.known = None

    @property
    def last_answers(self) -> list[Any]:
        """What the last line was answered with."""
        return self._entries[-1].answers

    def printed(self, text: str) -> None:
        """The script has printed this."""
        last = self._entries[-1]
        lines = (last.printed + text).splitlines(keepends=True)
        last.printed = "".join(lines[-_PRINTED:])
        last.known = None

    def _settle(self) -> None:
        """What is printed from now on comes after what was."""
        last = self._entries[-1]
        if last.printed:
            last.parts.append(as_text(last.printed))
            last.printed = ""

    def scroll(self, lines: int, width: int, height: int) -> None:
        """Look further down by so many lines, or up if it is less than 0."""
        natural, count = self._natural(width, height)
        top = min(max(natural + self._moved + lines, 0), max(count - height, natural))
        self._moved = top - natural

    def seen(self, width: int, height: int) -> list[Line]:
        """The lines that are in view."""
        natural, _ = self._natural(width, height)
        top = max(natural + self._moved, 0)
        lines = [line for entry in self._entries for line in self._lines(entry, width)]
        return lines[top : top + height]

    def place(self, width: int, height: int) -> str:
        """Which lines are in view, when that is not all: ``5-10 of 23``."""
        natural, count = self._natural(width, height)
        top = max(natural + self._moved, 0)
        return f"{top + 1}-{min(top + height, count)} of {count}" if count > height else ""

    def _natural(self, width: int, height: int) -> tuple[int, int]:
        """The line at which the view begins by itself, and how many there are."""
        counts = [len(self._lines(entry, width)) for entry in self._entries]
        count, end = sum(counts), max(sum(counts) - height, 0)
        return end if self._entries[-1].printed else min(count - counts[-1], end), count

    def _lines(self, entry: _Entry, width: int) -> list[Line]:
        if entry.known is None or entry.known[0] != width:
            found = [
                line for part in entry.content() for line in lines_of(part, width, self._console)
            ]
            entry.known = (width, found)
        return entry.known[1]


def as_text(printed: str) -> Text:
    """What a program prints, as it would stand in a terminal: of a line that was written over
    itself the last state, colours as they are meant, and nothing that steers."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in printed.split("\n")]
    return Text.from_ansi("\n".join(lines).rstrip("\n"))
