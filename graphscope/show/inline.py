"""Bitmaps in terminals that show them: a PNG between the lines, in the way of kitty, of iTerm2, or
as sixels.

Sources: the "terminal graphics protocol" of kitty, "inline images" of iTerm2, the sixel graphics of
DEC's VT340, "allow-passthrough" of tmux.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

from rich.console import ConsoleOptions
from rich.segment import ControlType, Segment
from rich.text import Text

from graphscope.ops.png import unpacked
from graphscope.show.sixel import sixels

Way = Literal["kitty", "iterm2", "sixel"]

#: The most letters in one piece of kitty's protocol.
_PIECE = 4096
#: How many dots of a bitmap, which has two for each unit of its type, are as wide as a letter.
_DOTS = 16
#: How many dots of its screen a letter of a terminal with sixels is wide, about.
_LETTER = 8
#: A bitmap with more dots on a side is not shown: kitty refuses it. As sixels it would take long.
_LONGEST: Mapping[Way, int] = {"kitty": 10_000, "iterm2": 10_000, "sixel": 4_000}
#: The terminals by what they set in TERM_PROGRAM, and in TERM.
_PROGRAMS: Mapping[str, Way] = {
    "iTerm.app": "iterm2",
    "WezTerm": "iterm2",
    "mintty": "iterm2",
    "ghostty": "kitty",
}
_TERMS: Mapping[str, Way] = {
    "xterm-kitty": "kitty",
    "xterm-ghostty": "kitty",
    "foot": "sixel",
    "foot-extra": "sixel",
    "mlterm": "sixel",
    "yaft-256color": "sixel",
}


def way(environ: Mapping[str, str]) -> Way | None:
    """How this terminal shows bitmaps; None when it is not known to, or when text is wanted:
    ``GRAPHSCOPE_IMAGES=0``.

    ``GRAPHSCOPE_IMAGES=sixel``, ``kitty`` or ``iterm2`` says so where it cannot be seen. A
    multiplexer in between hands nothing on unless it is told to, so there it has to be said.
    """
    asked = environ.get("GRAPHSCOPE_IMAGES", "")
    for known in get_args(Way):
        if asked == known:
            return known  # type: ignore[no-any-return]
    term = environ.get("TERM", "")
    if asked == "0" or term == "dumb" or "TMUX" in environ or term.startswith(("screen", "tmux")):
        return None
    found = _TERMS.get(term) or _PROGRAMS.get(environ.get("TERM_PROGRAM", ""))
    # It comes along with ssh, which leaves TERM_PROGRAM behind.
    return found or ("iterm2" if environ.get("LC_TERMINAL") == "iTerm2" else None)


#: Whether bitmaps may be shown between the lines.
_allowed = ContextVar("bitmaps", default=True)


@contextmanager
def no_bitmaps() -> Iterator[None]:
    """Inside, everything is text: for a part of a screen, which is made of letters."""
    before = _allowed.set(False)
    try:
        yield
    finally:
        _allowed.reset(before)


def inline(png: Callable[[], bytes], options: ConsoleOptions) -> list[Segment | Text]:
    """A bitmap as what rich prints; empty where it is to be text. png: makes it."""
    how = way(os.environ) if options.is_terminal and _allowed.get() else None
    if how is None:
        return []
    made = png()
    if max(_size(made)) > _LONGEST[how]:
        return []
    codes = escapes(made, how, options.max_width)
    if "TMUX" in os.environ:
        codes = through_tmux(codes, _rows(made, options.max_width))
    return [Segment(codes, None, [(ControlType.BELL,)]), Text()]  # not measured, not wrapped


def escapes(png: bytes, how: Way, columns: int) -> str:
    """What is written to the terminal: the bitmap in its size, but no wider than the columns."""
    wide = _columns(png, columns)
    if how == "sixel":
        return sixels(unpacked(png, 4), wide * _LETTER)
    text = base64.b64encode(png).decode()
    if how == "iterm2":
        return f"\x1b]1337;File=inline=1;size={len(png)};width={wide}:{text}\x07"
    pieces = [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]
    more = [1] * (len(pieces) - 1) + [0]
    heads = [f"a=T,f=100,q=2,c={wide},", *[""] * (len(pieces) - 1)]
    return "".join(
        f"\x1b_G{head}m={m};{piece}\x1b\\"
        for head, m, piece in zip(heads, more, pieces, strict=True)
    )


def through_tmux(codes: str, rows: int) -> str:
    """The same for the terminal around tmux, which knows nothing of the bitmap: the room for it is
    made of empty lines. It is handed on where allow-passthrough is on."""
    pieces = codes.replace("\x1b_G", "\0\x1b_G").strip("\0").split("\0")
    passed = "".join(f"\x1bPtmux;{p.replace(chr(27), chr(27) * 2)}\x1b\\" for p in pieces)
    return "\n" * rows + f"\x1b[{rows}A{passed}\x1b[{rows}B"


def _size(png: bytes) -> tuple[int, int]:
    """The width and the height in dots."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _columns(png: bytes, most: int) -> int:
    return max(1, min(most, round(_size(png)[0] / _DOTS)))


def _rows(png: bytes, most: int) -> int:
    """How many lines it takes: a letter is twice as high as it is wide."""
    width, height = _size(png)
    return max(1, -(-height * _columns(png, most) // (2 * max(1, width))))
