"""The letters of which a terminal's pictures are made: box-drawing ones, or plain ASCII."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

from graphscope.show.sketch import EdgeKind
from graphscope.show.theme import RoleName

#: The sides of a cell at which a line leaves it.
NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
_ALONG = {NORTH: "v", SOUTH: "v", NORTH | SOUTH: "v", EAST: "h", WEST: "h", EAST | WEST: "h"}

#: Borders that a line leaves.
_JOINED = {
    **dict.fromkeys([("│", EAST), ("┆", EAST), ("╎", EAST)], "├"),
    **dict.fromkeys([("│", WEST), ("┆", WEST), ("╎", WEST)], "┤"),
    **dict.fromkeys([("─", SOUTH), ("╌", SOUTH)], "┬"),
    **dict.fromkeys([("─", NORTH), ("╌", NORTH)], "┴"),
    ("║", EAST): "╟",
    ("║", WEST): "╢",
    ("═", SOUTH): "╤",
    ("═", NORTH): "╧",
    ("┃", EAST): "┣",
    ("┃", WEST): "┫",
    ("━", SOUTH): "┯",
    ("━", NORTH): "┷",
}

#: What these say in ASCII.
_ASCII = {
    "–": "-",
    "·": "*",
    "…": "...",
    "►": ">",
    "✓": "v",
    "◦": ".",
    "●": "*",
    "→": "->",
    "←": "<-",
    "×": "x",
    "‖": "||",
    "Δ": "d",
    "≈": "~",
    "■": "#",
    "□": ".",
}


@dataclass(frozen=True)
class Letters:
    """borders: of each role, the letters for upper left, horizontal, upper right, vertical, lower
    left, lower right. lines: of each kind of edge, (vertical, horizontal); "data" is that of all
    others. corners: by the sides at which lines leave. heads: for (north, east, south, west); the
    letters of `marks` are at the head instead of an arrow.
    """

    borders: dict[RoleName, str]
    lines: dict[EdgeKind, tuple[str, str]]
    corners: dict[int, str]
    heads: dict[int, str]
    marks: dict[EdgeKind, str]
    ascii: bool

    def plain(self, text: str) -> str:
        """The text in these letters, on one line; what cannot be printed is its code."""
        text = printable(text)
        if not self.ascii:
            return text
        text = "".join(_ASCII.get(letter, letter) for letter in text)
        return text.encode("ascii", "backslashreplace").decode()

    def line(self, kind: EdgeKind, sides: int) -> str:
        """A cell of a line that leaves it at these sides."""
        along = _ALONG.get(sides)
        if along is None:
            return self.corners[sides]
        vertical, horizontal = self.lines.get(kind, self.lines["data"])
        return vertical if along == "v" else horizontal

    def joined(self, border: str, side: int) -> str:
        """A cell of a border that a line leaves to this side."""
        return border if self.ascii else _JOINED.get((border, side), border)

    def cut(self, text: str, width: int) -> str:
        """The text, or its beginning with an ellipsis, in so many cells."""
        if cell_len(text) <= width:
            return text
        end = "~" if self.ascii else "…"
        while text and cell_len(text) >= width:
            text = text[:-1]
        return (text + end)[: max(width, 0)]


def printable(text: str) -> str:
    """The text on one line. What cannot be printed, such as half a pair of surrogates, or an escape
    sequence, is its code."""
    return "".join(map(_printed, text))


def _printed(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind[0] in "CZ" and letter != " ":
        return " " if kind == "Zs" else letter.encode("unicode_escape").decode()
    return letter


def _corners(letters: str) -> dict[int, str]:
    sides = [
        SOUTH | EAST, SOUTH | WEST, NORTH | EAST, NORTH | WEST,
        NORTH | SOUTH | EAST, NORTH | SOUTH | WEST, SOUTH | EAST | WEST, NORTH | EAST | WEST,
        NORTH | SOUTH | EAST | WEST,
    ]  # fmt: skip
    return dict(zip(sides, letters, strict=True))


def _heads(letters: str) -> dict[int, str]:
    return dict(zip((NORTH, EAST, SOUTH, WEST), letters, strict=True))


UNICODE = Letters(
    borders={
        "feed": "╓─╖║╙╜",
        "const": "┌─┐│└┘",
        "forward": "╭─╮│╰╯",
        "variable": "╒═╕│╘╛",
        "frozen": "╒═╕┆╘╛",
        "update": "┏━┓┃┗┛",
        "gradient": "╭─╮│╰╯",
        "control": "┌─┐│└┘",
        "fetch": "╔═╗║╚╝",
        "ghost": "┌╌┐╎└┘",
    },
    lines={
        "data": ("│", "─"),
        "write": ("┃", "━"),
        "control": ("┊", "┈"),
        "ghost": ("╎", "╌"),
    },
    corners=_corners("┌┐└┘├┤┬┴┼"),
    heads=_heads("▲▶▼◀"),
    marks={"control": "○", "blocked": "×", "saved": "◇"},
    ascii=False,
)

ASCII = Letters(
    borders={
        "feed": "[-]|[]",
        "const": "+-+|++",
        "forward": ".-.|''",
        "variable": "(=)|()",
        "frozen": "(=):()",
        "update": "#=#|##",
        "gradient": ".-.|''",
        "control": "+-+|++",
        "fetch": "###H##",
        "ghost": "...:..",
    },
    lines={"data": ("|", "-"), "write": ("|", "="), "control": (":", "."), "ghost": (":", ".")},
    corners=_corners("+++++++++"),
    heads=_heads("^>v<"),
    marks={"control": "o", "blocked": "x", "saved": "%"},
    ascii=True,
)
