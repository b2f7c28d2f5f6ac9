"""How everything looks: one table for pictures, terminals and words.

A role is what a box does in a run. Each is told from the others by shape and place before colour,
so that a picture survives a grey printer and a colour-blind reader.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from graphscope.debug.errors import DebugError

RoleName = Literal[
    "feed",
    "forward",
    "variable",
    "frozen",
    "gradient",
    "update",
    "control",
    "fetch",
    "const",
    "ghost",
]


@dataclass(frozen=True)
class Role:
    """The form of a role, the same in every theme.

    word:     what the legend calls it.
    shape:    Graphviz's name of the shape; `style` goes with it ("rounded", "dashed" or "").
    width:    of the outline, in points.
    terminal: the style of `rich` in which a terminal writes it.
    """

    word: str
    shape: str
    style: str
    width: float
    terminal: str


ROLES: dict[RoleName, Role] = {
    "feed": Role("feed", "cds", "", 1.6, "yellow"),
    "const": Role("constant", "note", "", 1.2, "dim"),
    "forward": Role("forward", "box", "rounded", 1.4, "blue"),
    "variable": Role("trainable variable", "cylinder", "", 1.8, "bold green"),
    "frozen": Role("variable, trainable=False", "cylinder", "dashed", 1.4, "dim green"),
    "update": Role("update", "box", "", 1.8, "red"),
    "gradient": Role("gradient", "box", "rounded", 1.4, "magenta"),
    "control": Role("group", "box", "rounded", 1.2, "dim"),
    "fetch": Role("fetch", "box", "rounded", 1.6, "bold"),
    "ghost": Role("does not run", "box", "rounded,dashed", 1.1, "dim"),
}

#: The shapes of boxes that stand for many, by the kind of fold; others have that of their role.
FOLDED = {"scope": "box3d", "run": "box3d", "series": "tab"}

#: Signs that stand before a name. All of them exist in the fonts of the renderers.
NEXT = "►"
BREAKPOINT = "●"
RESTING = "○"
WATCHED = "▲"
SET = "■"
FAILED = "×"
NEW = "+"
#: What the legend says of the signs.
SIGNS = {
    BREAKPOINT: "breakpoint",
    RESTING: "breakpoint that does not always stop",
    WATCHED: "watched",
    SET: "set by you",
    FAILED: "fails",
    NEW: "only in this half",
}
#: Words in a box.
NOW = "now"
NOT_RUN = "not run yet"
MISSING = "no value: feed me"


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; `paints` has the (fill, line) of each role."""

    name: str
    background: str
    band: str
    band_line: str
    ink: str
    small: str
    faint: str
    rail: str
    next_fill: str
    next_line: str
    next_text: str
    paints: dict[RoleName, tuple[str, str]]

    def fill(self, role: RoleName) -> str:
        return self.paints[role][0]

    def line(self, role: RoleName) -> str:
        return self.paints[role][1]


_LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    band="#F6F7F9",
    band_line="#D8DDE4",
    ink="#1B1F24",
    small="#5B6472",
    faint="#6F7783",
    rail="#3C4654",
    next_fill="#F7E94B",
    next_line="#111111",
    next_text="#15181C",
    paints={
        "feed": ("#FFF0C7", "#B98300"),
        "const": ("#FFFFFF", "#868F9C"),
        "forward": ("#E6F0F9", "#0069A6"),
        "variable": ("#DCF2E8", "#00795A"),
        "frozen": ("#ECEEF1", "#868F9C"),
        "gradient": ("#F9EAF3", "#8F2F6C"),
        "update": ("#FDE3D3", "#A33A00"),
        "control": ("#FFFFFF", "#5B6472"),
        "fetch": ("#FFFFFF", "#1B1F24"),
        "ghost": ("#FFFFFF", "#B4BBC5"),
    },
)

_DARK = Theme(
    name="dark",
    background="#11151B",
    band="#181E26",
    band_line="#2C3643",
    ink="#EEF2F7",
    small="#A3AEBC",
    faint="#8A95A4",
    rail="#B3BECB",
    next_fill="#F7E94B",
    next_line="#FFFFFF",
    next_text="#15181C",
    paints={
        "feed": ("#3E310C", "#F0B83A"),
        "const": ("#11151B", "#7C8796"),
        "forward": ("#15324C", "#5CB8EE"),
        "variable": ("#0E3A2D", "#35C99D"),
        "frozen": ("#262C35", "#8A95A4"),
        "gradient": ("#3D2337", "#E8A0CB"),
        "update": ("#46270F", "#FF9350"),
        "control": ("#11151B", "#A3AEBC"),
        "fetch": ("#11151B", "#EEF2F7"),
        "ghost": ("#11151B", "#5A6675"),
    },
)

THEMES = {theme.name: theme for theme in (_LIGHT, _DARK)}


def theme(name: str | None = None) -> Theme:
    """A theme by name; ``GRAPHSCOPE_THEME``, or light, when none is given.

    Errors: DebugError when there is no theme of that name.
    """
    name = name or os.environ.get("GRAPHSCOPE_THEME") or "light"
    if name not in THEMES:
        raise DebugError(f"There is no theme {name!r}: use {' or '.join(THEMES)}.")
    return THEMES[name]
