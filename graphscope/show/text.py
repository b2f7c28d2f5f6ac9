"""Answers to text: one renderer for each type of answer, and the parts of which they are made.

The letters are plain ASCII, and no meaning is in a colour alone. The renderers are in modules of
their own: `stopping.py`, `listing.py`, `questions.py` and others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import zip_longest
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from graphscope.debug import answers
from graphscope.debug.answers import Shown
from graphscope.debug.names import Names
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import is_loop
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import NUMBERS, described
from graphscope.show.plainly import plainly, spoken, spoken_lines, spoken_row

#: A path with more nodes is shown without its middle.
_LONGEST_PATH = 7
#: A column that is broken into lines keeps this width.
_NARROWEST = 12
#: Values with more elements are shown in part.
_ELEMENTS = 60
#: So many names are listed.
MOST_NAMES = 12


#: Of thousands of rows, most are not shown: a Text, which costs much more, is made of those that
#: are.
Cell = str | Text


@singledispatch
def render(answer: Any) -> RenderableType:
    """The answer as something that rich can print."""
    return line(str(answer), indent=0)


@render.register
def _(answer: answers.Note) -> RenderableType:
    return line(answer.text)


# ---- parts that many renderers use -------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A text that wraps under its own indentation."""

    text: Text
    indent: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield from map(_whole, spoken_lines(self.text.plain))
            return
        for part in self.text.wrap(console, options.max_width - self.indent):
            part.rstrip()
            yield Text(" " * self.indent).append_text(part)


class Heading(Line):
    """A line with which something new begins."""


def line(*parts: Any, indent: int = 1) -> Line:
    """A line of text, made of parts."""
    text = Text()
    for part in parts:
        text.append(part if isinstance(part, Text) else str(part))
    return Line(text, indent)


@dataclass(frozen=True)
class Cut:
    """A line that is cut off at the right edge: for what is there only to be recognized."""

    text: str
    style: str = ""
    indent: int = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield _whole(spoken(self.text))
            return
        room = options.max_width - self.indent
        text = self.text if len(self.text) <= room else self.text[: room - 3] + "..."
        yield Text(" " * self.indent + text, style=self.style, no_wrap=True, overflow="crop")


@dataclass(frozen=True)
class Copied:
    """A line that is never broken, however long it is: it is there to be copied."""

    text: str
    indent: int = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _whole(self.text if plainly() else " " * self.indent + self.text)


def _whole(text: str) -> Text:
    """A line that is not broken."""
    return Text(text, no_wrap=True, overflow="ignore")


@dataclass(frozen=True)
class Grid:
    """Cells in columns. When the rows are too long, the column `wrap` is broken into lines; when
    they still are, the widest ones too. A first row in which everything is faint is the head."""

    rows: Sequence[Sequence[Cell]]
    indent: int
    gap: int
    wrap: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield from map(_whole, self._spoken())
            return
        count = max(map(len, self.rows), default=0)
        widths = [max(_width(row[i]) for row in self.rows if i < len(row)) for i in range(count)]
        room = options.max_width - self.indent - self.gap * (count - 1)
        wrap = self.wrap % count if count else 0
        for column in sorted(range(count), key=lambda i: (i != wrap, -widths[i])):
            over = max(0, sum(widths) - room)
            widths[column] = max(min(_NARROWEST, widths[column]), widths[column] - over)
        shown = ([c if isinstance(c, Text) else Text(c) for c in row] for row in self.rows)
        if sum(widths) > room:  # a window too narrow for columns
            gap = Text(" " * self.gap)
            yield from (Line(gap.join(c for c in row if c), self.indent) for row in shown)
            return
        for row in shown:
            yield from self._row(row, widths, console)

    def _spoken(self) -> Iterator[str]:
        rows = [[str(cell) for cell in row] for row in self.rows]
        first = self.rows[0] if self.rows else ()
        has_head = all(isinstance(c, Text) and str(c.style) == "gs.faint" for c in first if c)
        heads = rows.pop(0) if has_head and len(rows) > 1 else ()
        return (spoken_row(row, heads) for row in rows)

    def _row(
        self, row: Sequence[Text], widths: Sequence[int], console: Console
    ) -> Iterator[Segment]:
        """Segments and not texts, which cost much more: there may be thousands of rows."""
        columns = [
            [cell]
            if cell.cell_len <= width and "\n" not in cell.plain
            else list(cell.wrap(console, width))
            for cell, width in zip(row, widths, strict=False)
        ]
        for parts in zip_longest(*columns, fillvalue=Text()):
            blank = self.indent
            for part, width in zip(parts, widths, strict=False):
                used = 0
                if shown := part.plain.rstrip():
                    yield Segment(" " * blank)
                    yield from _segments(part, shown, console)
                    used, blank = cell_len(shown), 0
                blank += width - used + self.gap
            yield Segment.line()


def _segments(text: Text, shown: str, console: Console) -> Iterable[Segment]:
    """A text without the spaces at its end, which is `shown`."""
    if text.spans:
        part = text.copy()
        part.rstrip()
        return part.render(console)
    return [Segment(shown, console.get_style(text.style) if text.style else None)]


def _width(cell: Cell) -> int:
    if isinstance(cell, Text):
        return cell.cell_len
    return len(cell) if cell.isascii() and cell.isprintable() else cell_len(cell)


def grid(rows: Iterable[Sequence[Any]], indent: int = 1, gap: int = 2, wrap: int = -1) -> Grid:
    """Rows of cells; those that are no Text are turned into text."""
    return Grid([[_cell(item) for item in row] for row in rows], indent, gap, wrap)


def _cell(item: Any) -> Cell:
    return item if isinstance(item, (str, Text)) else str(item)


def phase(value: Phase) -> Text:
    return Text(str(value), style=f"gs.{value.name.lower()}")


def strong(text: Any) -> Text:
    return Text(str(text), style="gs.strong")


def faint(text: Any) -> Text:
    return Text(str(text), style="gs.faint")


def few(names: Sequence[str]) -> str:
    """Names with commas; of many, the first ones and how many more there are."""
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def static(tensor: Tensor) -> str:
    """What is known of a tensor before a run: ``f32[?,784]``."""
    return f"{tensor.dtype.base_dtype.short}{tensor.shape.short}"


def path_text(path: Sequence[Operation], names: Names, arrow: str = " <- ") -> str:
    """``train_step <- update W <- ... <- mul <- Log``"""
    words = [names.label(op) for op in path]
    if len(words) > _LONGEST_PATH:
        words = [*words[:2], "...", *words[-4:]]
    return arrow.join(words)


def values(
    array: Value,
    written: Callable[[Any], str] | None = None,
    all_of_them: bool = False,
    width: int = 76,
) -> str:
    """The elements, or the outer ones of many. written: how one of them is, when not as usual.
    width: how long a line may be."""
    array = np.asarray(array)
    if array.dtype == object and array.size:
        array = np.vectorize(_letters, otypes=[object])(array)
    return np.array2string(
        array,
        threshold=max(array.size, 1) if all_of_them else _ELEMENTS,
        edgeitems=3,
        precision=4,
        max_line_width=width,
        separator=" ",
        formatter=None if written is None else {"all": written},
    )


def _letters(item: Any) -> str:
    if isinstance(item, NUMBERS):
        return described(item)
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)


def tensor_label(shown: Shown, names: Names) -> str:
    """``MatMul``, ``split:1``"""
    several = len(shown.tensor.op.outputs) > 1
    return names.label(shown.tensor.op) + (f":{shown.tensor.value_index}" if several else "")


def tensor_cells(role: str, shown: Shown, names: Names) -> list[Any]:
    """The columns in which a tensor's value is described: type, smallest, mean, largest."""
    name = tensor_label(shown, names)
    if shown.value is None:
        return [role, name, "no value yet"]
    type_and_shape, _, rest = described(shown.value).partition("  ")
    return [role, f"{name} ", f"{type_and_shape} ", *rest.split("  ")]


def plural(count: int, word: str, several: str = "") -> str:
    return word if count == 1 else several or f"{word}s"


def duration(seconds: float) -> str:
    """``12.3 us``, ``4.56 ms``."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def owner_label(owner: Operation, iteration: int) -> str:
    """``While 3`` for its third iteration, ``If``."""
    name = owner.name.rpartition("/")[2]
    return f"{name} {iteration + 1}" if is_loop(owner) else name
