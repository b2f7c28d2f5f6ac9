"""Numbers in a row as a line of letters, or as a line chart of a few rows with its axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from graphscope.debug.questions.track import buckets
from graphscope.kernels.stats import brief
from graphscope.show.plainly import plainly

#: The letters of a sparkline, from the smallest number to the largest; a bad number is a !.
_LEVELS = ".:-=+*#%@"
_BLOCKS = "▁▂▃▄▅▆▇█"
#: So many letters a sparkline has at the most.
_SPARKS = 50
#: The rows of a chart, an odd number, so that one of them is in the middle.
_ROWS = 9
#: So many columns a chart has at the most, and so many one number at the most.
_COLUMNS, _STRETCH = 60, 5


def sparkline(numbers: Sequence[float], levels: str = _LEVELS, most: int = _SPARKS) -> str:
    """The numbers as letters: ``.:-=+*#%@``, the larger the denser."""
    pieces = buckets(numbers, most)
    places = _places(pieces, len(levels))
    return "".join("!" if place is None else levels[place] for place in places)


def _places(numbers: Sequence[float], count: int) -> list[int | None]:
    """On which of so many levels each number is; None for one that is not finite."""
    low, high = _ends(numbers)
    size = max(abs(low), abs(high)) or 1.0  # high - low may be no number any more
    span = high / size - low / size
    return [
        (round((n / size - low / size) / span * (count - 1)) if span else 0)
        if isfinite(n)
        else None
        for n in numbers
    ]


def _ends(numbers: Sequence[float]) -> tuple[float, float]:
    finite = [number for number in numbers if isfinite(number)]
    return min(finite, default=0.0), max(finite, default=0.0)


def _is_fine(options: ConsoleOptions) -> bool:
    """More than ASCII is shown."""
    return options.is_terminal and not options.ascii_only


@dataclass(frozen=True)
class Spark:
    """``norm    |.:-=+*#%@|  0.1 to 3``, with a note behind it."""

    word: str
    numbers: Sequence[float]
    note: str = ""
    indent: int = 3

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        low, high = _ends(self.numbers)
        ends = f"{brief(low)} to {brief(high)}" + (f", {self.note}" if self.note else "")
        if plainly():
            yield Text(f"{self.word.strip()}: {ends}", no_wrap=True, overflow="ignore")
            return
        left = " " * self.indent + f"{self.word}  |"
        room = options.max_width - len(left) - len(ends) - 3
        levels = _BLOCKS if _is_fine(options) else _LEVELS
        line = sparkline(self.numbers, levels, max(4, min(_SPARKS, room)))
        yield Text(f"{left}{line}|  {ends}"[: options.max_width], no_wrap=True, overflow="crop")


@dataclass(frozen=True)
class Chart:
    """A line of numbers over what stands at its two ends: ``run 1`` and ``run 20``.

    word: what goes up. one: what a number is of, as "run", for what is said of many in a column.
    """

    word: str
    numbers: Sequence[float]
    first: str
    last: str
    one: str
    indent: int = 3

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield Text(in_words(self), no_wrap=True, overflow="ignore")
            return
        width = options.max_width - self.indent
        for row in charted(self, width, fine=_is_fine(options)):
            text = " " * self.indent + row
            yield Text(text[: options.max_width], no_wrap=True, overflow="crop")


def in_words(chart: Chart) -> str:
    """``value: 0.693 at run 2, 0.0788 at run 13, between 0.0788 and 0.693``"""
    low, high = _ends(chart.numbers)
    ends = [(chart.numbers[0], chart.first), (chart.numbers[-1], chart.last)]
    said = ", ".join(f"{brief(number)} at {where}" for number, where in ends)
    return f"{chart.word}: {said}, between {brief(low)} and {brief(high)}"


def charted(chart: Chart, width: int, *, fine: bool) -> list[str]:
    """The lines of a chart, none wider than `width`. fine: with more letters than ASCII has."""
    point, between, up, side, axis, corner = "•·││─└" if fine else "*.||-+"
    low, high = _ends(chart.numbers)
    # The middle is halved first: the sum of large numbers may be no number any more.
    labels = {0: brief(high), _ROWS // 2: brief(low / 2 + high / 2), _ROWS - 1: brief(low)}
    if low == high:
        labels = {_ROWS // 2: brief(low)}
    margin = max(map(len, labels.values()))
    room = max(2, min(_COLUMNS, width - margin - 2))
    pieces = buckets(chart.numbers, room)
    heights = [
        place if low != high or place is None else _ROWS // 2
        for place in _places([low, high, *pieces], _ROWS)[2:]
    ]
    rows = [[" "] * room for _ in range(_ROWS)]
    stretch = max(1, min(_STRETCH, (room - 1) // max(1, len(pieces) - 1)))
    last = _line(rows, heights, stretch, (point, between, up))
    drawn = [
        f"{labels.get(i, ''):>{margin}} {side}{''.join(row)}".rstrip() for i, row in enumerate(rows)
    ]
    drawn.append(" " * (margin + 1) + corner + axis * (last + 1))
    gap = last + 1 - len(chart.first) - len(chart.last)
    ends = f"{chart.first}{' ' * gap}{chart.last}" if gap > 0 else f"{chart.first} to {chart.last}"
    if chart.first == chart.last:
        ends = chart.first
    lines = [chart.word, *drawn, " " * (margin + 2) + ends]
    if len(pieces) < len(chart.numbers):
        each = -(-len(chart.numbers) // len(pieces))
        lines.append(f"a column is the mean of up to {each} {chart.one}s")
    if None in heights:
        lines.append("! is NaN or infinite")
    return [line if cell_len(line) <= width else line[:width] for line in lines]


def _line(
    rows: list[list[str]], heights: Sequence[int | None], stretch: int, letters: tuple[str, ...]
) -> int:
    """Draw a line into the rows, the upper one first; the column where it ends."""
    point, between, up = letters
    bottom = len(rows) - 1
    before: int | None = None  # the height in the column before
    at = 0
    for number, height in enumerate(heights):
        at = number * stretch
        if height is None:
            rows[bottom][at], before = "!", None
            continue
        if before is not None:
            path = np.rint(np.linspace(before, height, stretch + 1)).astype(int).tolist()
            for column, (old, new) in enumerate(pairwise(path), 1):
                place = at - stretch + column
                for passed in range(min(old, new) + 1, max(old, new)):
                    rows[bottom - passed][place] = up
                rows[bottom - new][place] = between
        rows[bottom - height][at] = point
        before = height
    return at
