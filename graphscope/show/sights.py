"""Heat maps, pictures and bars of a value in letters: shades in a terminal, ASCII elsewhere.

A cell of a heat map or a picture is two letters wide, which makes it about square. Signs and levels
are letters, and colours only repeat them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, singledispatch
from typing import Any, TypeGuard

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from graphscope.debug.sights import Bars, HeatMap, Likeness, Sight
from graphscope.kernels.pooled import Pooled, largest, mean
from graphscope.kernels.stats import brief
from graphscope.ops.png import png
from graphscope.show.inline import inline
from graphscope.show.plainly import plainly

#: So many rows of cells there are at the most, which is one for each row of a CIFAR picture.
_ROWS = 32
#: A vector that is longer than a line is in rows of so many cells.
_FOLD = 32
#: The longest bar.
_BAR = 40
_INDENT = 3
#: A bitmap has at least so many dots each way.
_DOTS = 320


@dataclass(frozen=True)
class Tones:
    """levels: the letters of sizes above 0, the smallest first. greys: those of a picture. zero:
    the letter of an element that is exactly 0. eighths: a part of the last letter of a bar."""

    levels: str
    greys: str
    zero: str
    bar: str
    eighths: str
    doubled: bool

    def cell(self, number: float, most: float) -> str:
        """``-7``: the sign, and the size of a number beside the largest size, in two letters."""
        if np.isnan(number):
            return " !"
        if np.isinf(number):
            return " ^" if number > 0 else "-^"
        if number == 0 or not most:
            return f" {self.zero}"
        count = len(self.levels)
        letter = self.levels[
            min(count, max(1, int(np.ceil(abs(number) / most * count - 1e-9)))) - 1
        ]
        return f"-{letter}" if number < 0 else letter * 2 if self.doubled else f" {letter}"

    def grey(self, share: float) -> str:
        if np.isnan(share):
            return "!!"
        return self.greys[min(int(share * len(self.greys)), len(self.greys) - 1)] * 2

    def length(self, share: float, room: int) -> str:
        """A bar; what is there at all has one letter or a part of it."""
        parts = len(self.eighths) + 1
        units = max(int(np.ceil(share * room * parts - 1e-9)), 1) if share > 0 else 0
        whole, rest = divmod(units, parts)
        return self.bar * whole + (self.eighths[rest - 1] if rest else "")


ASCII = Tones("123456789", " .:-=+*#%@", ".", "#", "", False)
SHADES = Tones("░▒▓█", " ░▒▓█", "·", "█", "▏▎▍▌▋▊▉", True)


def tones(options: ConsoleOptions) -> Tones:
    """Shades in a terminal that can write them. What is no terminal gets ASCII, which is the same
    everywhere."""
    return SHADES if options.is_terminal and not options.ascii_only else ASCII


@dataclass(frozen=True)
class Seen:
    """A sight as something that rich can print. shape: that of the whole value."""

    sight: Sight
    shape: tuple[int, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            for row in in_words(self.sight, self.shape):
                yield Text(row, no_wrap=True, overflow="ignore")
            return
        bitmap = inline(partial(_bitmap, self.sight), options) if _has_dots(self.sight) else []
        if bitmap:
            yield from bitmap
            return
        for row in drawn(self.sight, self.shape, options.max_width - _INDENT, tones(options)):
            yield Text(" " * _INDENT + row, no_wrap=True, overflow="crop")


@singledispatch
def in_words(sight: Any, shape: tuple[int, ...]) -> Iterator[str]:
    """The numbers of a sight: a line for each row of them. shape: that of the whole value."""
    if not sight.matrix.size:
        yield "no elements"
        return
    high, wide = sight.matrix.shape
    found = mean(sight.matrix, min(high, _ROWS), min(wide, _FOLD))
    yield from _where(sight.index, shape, wide, found, "the mean of them")
    for number, row in enumerate(found.cells):
        yield f"row {number * found.height}: {' '.join(brief(float(cell)) for cell in row)}"


@in_words.register
def _(sight: Bars, shape: tuple[int, ...]) -> Iterator[str]:
    counts = _counted(sight)
    yield from [f"{name}: {count}" for name, count in counts] or ["no elements"]


@singledispatch
def drawn(sight: Any, shape: tuple[int, ...], width: int, letters: Tones) -> Iterator[str]:
    """The lines of a sight, none wider than `width`. shape: that of the whole value."""
    raise TypeError(f"{sight!r} is not drawn")


@drawn.register
def _(sight: HeatMap, shape: tuple[int, ...], width: int, letters: Tones) -> Iterator[str]:
    if not sight.matrix.size:
        yield "no elements"
        return
    high, wide = sight.matrix.shape
    margin = len(str(wide if high == 1 else high)) + 1
    room = max(1, (width - margin) // 2)
    if high == 1 and wide > room:  # a vector in several rows
        fold = min(_FOLD, room)
        found = largest(sight.matrix, 1, fold * _ROWS)
        cells = [found.cells[0, at : at + fold] for at in range(0, found.cells.size, fold)]
        firsts = [at * fold * found.width for at in range(len(cells))]
    else:
        found = largest(sight.matrix, _ROWS, room)
        cells = list(found.cells)
        firsts = [at * found.height for at in range(len(cells))]
    yield from _fitted(
        _where(sight.index, shape, wide, found, "the largest of them by size"), width
    )
    for first, row in zip(firsts, cells, strict=True):
        text = "".join(letters.cell(float(number), sight.largest) for number in row)
        yield f"{first:>{margin - 1}} {text}".rstrip()
    yield from _fitted(_heat_legend(sight, letters), width)


def _heat_legend(sight: HeatMap, letters: Tones) -> list[str]:
    top = letters.levels[-1] * (2 if letters.doubled else 1)
    parts = [f"{top} is {brief(sight.largest)}", f"{letters.zero} is 0"] if sight.largest else []
    parts = parts or [f"{letters.zero} is 0"]
    if np.any(sight.matrix < 0):
        parts.append("a minus stands before what is below 0")
    if np.any(np.isnan(sight.matrix)):
        parts.append("! is NaN")
    if np.any(np.isinf(sight.matrix)):
        parts.append("^ is Inf")
    return parts


@drawn.register
def _(sight: Likeness, shape: tuple[int, ...], width: int, letters: Tones) -> Iterator[str]:
    if not sight.matrix.size:
        yield "no elements"
        return
    high, wide = sight.matrix.shape
    # As many elements down as across, or the picture would be another one.
    step = max(-(-high // _ROWS), -(-wide // max(1, (width - 2) // 2)))
    found = mean(sight.matrix, -(-high // step), -(-wide // step))
    extra = [f"a row of {high * wide} as {high} x {wide}"] if sight.folded else []
    extra += [f"the mean of {sight.channels} colours"] if sight.channels > 1 else []
    about = _where(sight.index, shape, wide, found, "the mean of them")
    yield from _fitted([*about, *extra], width)
    for row in sight.scaled(found.cells):
        yield f"|{''.join(map(letters.grey, row.tolist()))}|"
    ends = f"from {brief(sight.low)} as blank to {brief(sight.high)} as {letters.greys[-1]}"
    if sight.low == sight.high:
        ends = f"all of it is {brief(sight.low)}"
    bad = np.count_nonzero(~np.isfinite(sight.matrix))
    yield from _fitted(
        [ends, *([f"! has a NaN or Inf: {bad} of {high * wide}"] if bad else [])], width
    )


@drawn.register
def _(sight: Bars, shape: tuple[int, ...], width: int, letters: Tones) -> Iterator[str]:
    rows = _counted(sight)
    if not rows:
        yield "no elements"
        return
    margin = max(len(name) for name, _ in rows)
    digits = max(len(str(count)) for _, count in rows)
    most = max(count for _, count in rows)
    room = max(1, min(_BAR, width - margin - digits - 4))
    for name, count in rows:
        bar = letters.length(count / most, room)
        text = f"{name:>{margin}}  {count:>{digits}}  {bar}".rstrip()
        yield text[:width]
    total = sum(count for _, count in rows)
    each = [f"{total} elements", f"the longest bar is {most}"]
    yield from _fitted(each, width)


def _counted(sight: Bars) -> list[tuple[str, int]]:
    """From where to where a bar goes, and how many elements it has."""
    rows = [
        (brief(low) if low == high else f"{brief(low)} to {brief(high)}", count)
        for low, high, count in sight.bins
    ]
    return rows + [(word, n) for word, n in (("NaN", sight.nan), ("Inf", sight.inf)) if n]


def _where(
    index: tuple[int, ...], shape: tuple[int, ...], wide: int, found: Pooled, how: str
) -> list[str]:
    """What of a value is seen, and how many of its elements a cell stands for."""
    parts = []
    if any(size > 1 for size in shape[: len(index)]):
        inside = ", ".join([*map(str, index), *[":"] * (len(shape) - len(index))])
        parts.append(f"[{inside}] of [{','.join(map(str, shape))}]")
    count = found.height * found.width
    if count > 1:
        block = f"{found.height} x {found.width} elements"
        block = block if found.height > 1 else f"{count} elements"
        parts.append(f"a cell stands for {block}, {how}")
    return parts


def _fitted(parts: list[str], width: int) -> Iterator[str]:
    """Parts of a sentence in lines that are not too wide."""
    words = "; ".join(parts).split()
    text = ""
    for word in words:
        if text and cell_len(text) + 1 + cell_len(word) > width:
            yield text
            text = ""
        text = f"{text} {word}".strip()
    if text:
        yield text


def _has_dots(sight: Sight) -> TypeGuard[Likeness]:
    return isinstance(sight, Likeness) and sight.matrix.size > 0


def _bitmap(sight: Likeness) -> bytes:
    """A PNG in which an element is as many dots as make it easy to see."""
    greys = sight.greys
    times = max(1, _DOTS // max(greys.shape))
    return png(greys.repeat(times, axis=0).repeat(times, axis=1)[..., None])
