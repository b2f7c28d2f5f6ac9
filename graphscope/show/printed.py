"""A picture as text: drawn when it is small enough, else as a list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from graphscope.debug.errors import DebugError
from graphscope.show.amounts import SCALES
from graphscope.show.console import ENDLESS
from graphscope.show.diagram import diagram
from graphscope.show.inline import inline
from graphscope.show.letters import ASCII, UNICODE, Letters
from graphscope.show.outline import outline, wrapped
from graphscope.show.plainly import plainly, spoken
from graphscope.show.sketch import Box
from graphscope.show.told import Content, listed


def printed(content: Content, width: int, letters: Letters, *, draw: bool) -> str:
    """The title, the sentence, and the drawing or the list. draw: it may be drawn."""
    head = [letters.plain(text) for text in (content.title, content.sentence)]
    lines = [line for text in head for line in wrapped([text], 0, width)]
    found = diagram(content, width, letters) if draw else None
    if found is None:
        return "\n".join([*lines, "", *outline(content, width, letters)])
    drawing, left_out = found
    lines += ["", *drawing]
    if words := _legend(content, left_out, letters.marks["saved"]):
        lines += ["", *wrapped([letters.plain(words)], 0, width)]
    return "\n".join(lines)


def in_words(content: Content) -> str:
    """The title, the sentence, and a line for each box: what it is and what it uses."""
    head = [ASCII.plain(text) for text in (content.title, content.sentence)]
    boxes = outline(content, ENDLESS, ASCII)
    return "\n".join([*head, *(spoken(text.removeprefix("  ")) for text in boxes if text)])


def _legend(content: Content, left_out: list[Box], mark: str) -> str:
    """What is not said in the drawing: the dashes, and what had no room."""
    ghosts = [box for box in content.drawn.boxes if box.role == "ghost"]
    parts = []
    if any(box.fetched for box in content.drawn.boxes):
        parts.append("double: fetch")
    if len(ghosts) > len(left_out):
        parts.append("dashed: does not run")
    if any(edge.kind == "saved" for edge in content.drawn.edges):
        parts.append(f"{mark}: a value that a gradient uses again")
    if content.drawn.asked.overlay is not None:
        parts += [f"{sign} {word}" for sign, word in SCALES[content.drawn.asked.overlay].legend()]
    if left_out:
        parts.append(
            f"not drawn, since it does not run: {listed(list(map(content.name, left_out)))}"
        )
    return "; ".join(parts)


@dataclass(frozen=True)
class Printed:
    """The same as something that rich can print, as wide as the terminal and in its letters, or as
    a bitmap where it shows them. What is no terminal gets ASCII, which everything can show and
    which is the same everywhere. png: makes the bitmap."""

    content: Content
    draw: bool
    png: Callable[[], bytes]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield Text(in_words(self.content), no_wrap=True, overflow="ignore")
            return
        with suppress(DebugError):  # nothing can draw it: then it is text
            if bitmap := inline(self.png, options):
                yield from bitmap
                return
        letters = UNICODE if options.is_terminal and not options.ascii_only else ASCII
        text = printed(self.content, options.max_width, letters, draw=self.draw)
        yield Text(text, no_wrap=True, overflow="crop")
