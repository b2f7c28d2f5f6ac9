"""Where text goes: a terminal with colours, or plain text of a fixed width."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

from rich.console import Console
from rich.theme import Theme

from graphscope.show.plainly import plainly
from graphscope.show.theme import ROLES

_STYLES = Theme(
    {
        "gs.strong": "bold",
        "gs.faint": "dim",
        "gs.good": "green",
        "gs.bad": "bold red",
        "gs.forward": ROLES["forward"].terminal,
        "gs.backward": ROLES["gradient"].terminal,
        "gs.update": ROLES["update"].terminal,
    }
)

#: The width without a terminal, so that a transcript is the same everywhere.
PLAIN_WIDTH = 80
#: That of plain speech, in which no line is broken.
ENDLESS = 1_000_000


def console(file: TextIO | None = None) -> Console:
    """A console for the file, stdout when left out.

    Colours and the width of the window in a terminal; with NO_COLOR set, no bold letters either.
    Without a terminal, plain text, 80 columns wide.
    """
    file = sys.stdout if file is None else file
    terminal = hasattr(file, "isatty") and file.isatty()
    bare = plainly() or os.environ.get("NO_COLOR")
    return Console(
        file=file,
        theme=_STYLES,
        width=ENDLESS if plainly() else None if terminal else PLAIN_WIDTH,
        color_system="auto" if terminal and not bare else None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        force_jupyter=False,  # rich would show in the cell what is written to the file
    )


def plain(renderable: Any) -> str:
    """The renderable as text without colours, without spaces at the ends of lines."""
    buffer = io.StringIO()
    console(buffer).print(renderable, crop=False)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def recorded(renderable: Any) -> str:
    """The renderable as HTML: the same letters as `plain`, with the colours in styles of their
    own, which need no style sheet and leave the ground as it is."""
    made = Console(
        file=io.StringIO(), theme=_STYLES, width=PLAIN_WIDTH, color_system="truecolor",
        record=True, highlight=False, markup=False, emoji=False, soft_wrap=False,
        force_terminal=False, force_jupyter=False, legacy_windows=False,
    )  # fmt: skip
    made.print(renderable)
    found = made.export_html(inline_styles=True, code_format="{code}")
    return "\n".join(line.rstrip() for line in found.split("\n"))
