"""An answer of thousands of lines, of which a terminal shows the first ones."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from graphscope.show.text import faint, line

#: So many lines of an answer are shown in a terminal. A pipe and a file get all of them.
MOST = 400
_MORE = "... and more: with > all.txt behind the command, all of it is written there."


@dataclass(frozen=True)
class Bounded:
    """What is behind the last line that is shown is not even made into text."""

    whole: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = MOST if console.is_terminal else None
        for segment in console.render(self.whole, options):
            yield segment
            if left is None:
                continue
            left -= segment.text.count("\n")
            if left <= 0:
                yield line(faint(_MORE))
                return
