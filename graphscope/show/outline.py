"""A picture as an indented list: for a terminal, when there is too much to draw."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells

from graphscope.show.letters import Letters
from graphscope.show.sketch import Box
from graphscope.show.told import Content, scope_of

#: No line is indented more: there has to be room for words.
_DEEPEST = 20


def outline(content: Content, width: int, letters: Letters) -> list[str]:
    """The boxes of each part in their order, by scope, with their words and what they use."""
    lines: list[str] = []
    for heading, boxes in content.parts():
        lines += ["", letters.cut(heading, width)]
        before: tuple[str, ...] = ()
        for box in boxes:
            scope = scope_of(box)
            for depth, name in enumerate(scope, 1):
                if scope[:depth] != before[:depth]:
                    lines += wrapped([letters.plain(f"{name}/")], depth, width)
            before = scope
            pieces = [letters.plain(piece) for piece in _pieces(content, box, "/".join(scope))]
            lines += wrapped(pieces, len(scope) + 1, width)
    return lines[1:]


def _pieces(content: Content, box: Box, scope: str) -> Iterator[str]:
    """The parts of a box's line."""
    face = content.faces[box]
    yield face.title.replace(f"{scope}/", "", 1) if scope else face.title
    yield from filter(None, (face.shape, face.small))
    if used := content.used(box):
        yield "← " + ", ".join(used)
    if again := content.used(box, ("saved",)):
        yield "again " + ", ".join(again)
    if written := content.written(box):
        yield "→ " + ", ".join(written)
    if after := content.used(box, ("control",)):
        yield "after " + ", ".join(after)


def wrapped(pieces: Iterable[str], depth: int, width: int) -> list[str]:
    """The pieces side by side, those that do not fit on lines of their own below."""
    indent = min(2 * depth, _DEEPEST, width // 2)
    room = max(width - indent - 2, 1)
    lines: list[str] = []
    for piece in pieces:
        if lines and cell_len(f"{lines[-1]}  {piece}") <= room:
            lines[-1] += f"  {piece}"
        else:
            parts = textwrap.wrap(piece, room)
            lines += [cells for part in parts for cells in chop_cells(part, room)]
    return [" " * (indent if i == 0 else indent + 2) + line for i, line in enumerate(lines)]
