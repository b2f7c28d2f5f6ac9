"""Bitmaps in terminals that show them: kitty's and iTerm2's ways to write a PNG between the lines.

Sources: the "terminal graphics protocol" of kitty, "inline images" of iTerm2.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from typing import Literal

Way = Literal["kitty", "iterm2"]

#: The most letters in one piece of kitty's protocol.
_PIECE = 4096
#: How many dots of a bitmap, which has two for each unit of its type, are as wide as a letter.
_DOTS = 16
_WAYS: dict[str, Way] = {"iTerm.app": "iterm2", "WezTerm": "iterm2", "ghostty": "kitty"}


def way(environ: Mapping[str, str]) -> Way | None:
    """How this terminal shows bitmaps; None when it is not known to, or when text is wanted:
    ``GRAPHSCOPE_IMAGES=0``. A multiplexer in between would not hand them on."""
    inside = "TMUX" in environ or environ.get("TERM", "").startswith(("screen", "tmux"))
    if inside or environ.get("GRAPHSCOPE_IMAGES") == "0":
        return None
    if environ.get("TERM") == "xterm-kitty":
        return "kitty"
    return _WAYS.get(environ.get("TERM_PROGRAM", ""))


def escapes(png: bytes, how: Way, columns: int) -> str:
    """What is written to the terminal: the bitmap in its size, but no wider than the columns."""
    (dots,) = struct.unpack(">I", png[16:20])
    wide = max(1, min(columns, round(dots / _DOTS)))
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
