"""From panes to what prompt_toolkit draws: windows beside and above each other, of a fixed size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import Container, Dimension, FormattedTextControl, HSplit, VSplit, Window
from rich.segment import Segment
from rich.style import Style

from graphscope.repl.screen.arranging import Arrangement, Cell
from graphscope.repl.terminal import toolkit_style
from graphscope.show.letters import Letters

#: Gives the lines of a pane of this name, width and height, its title first.
Painted = Callable[[str, int, int], StyleAndTextTuples]


def fragments(lines: Iterable[Sequence[Segment]]) -> StyleAndTextTuples:
    """Lines of rich, as prompt_toolkit writes them."""
    found: StyleAndTextTuples = []
    for line in lines:
        found += [(_style(part.style), part.text.replace("\n", "")) for part in line]
        found.append(("", "\n"))
    return found[:-1]


@lru_cache(maxsize=256)
def _style(style: Style | None) -> str:
    return "" if style is None else toolkit_style(str(style))


def panes(found: Arrangement, painted: Painted, letters: Letters) -> Container:
    """The windows of all panes."""
    left = _column(found.left, found.left_width, painted)
    above: list[Container] = [left] if found.left else []
    if found.right:
        edge = letters.borders["const"][3]
        right = _column(found.right, found.right_width, painted)
        above = [VSplit([left, Window(width=1, char=edge, style="class:typed.remark"), right])]
    below = [_column(found.below, found.columns, painted)] if found.below else []
    return HSplit([*above, *below]) if above or below else Window()


def _column(cells: Sequence[Cell], width: int, painted: Painted) -> Container:
    return HSplit([_pane(cell, width, painted) for cell in cells], width=Dimension.exact(width))


def _pane(cell: Cell, width: int, painted: Painted) -> Container:
    control = FormattedTextControl(lambda: painted(cell.name, width, cell.height))
    return Window(
        control,
        width=Dimension.exact(width),
        height=Dimension.exact(cell.height),
        wrap_lines=False,
    )
