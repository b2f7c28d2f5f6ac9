"""How everything looks: one table for pictures, terminals and words.

A role is what a box does in a run. Each is told from the others by shape and place before colour,
so that a picture survives a grey printer and a colour-blind reader.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

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
#: Where a line of a list stands in a run: a node of the plan, a line of the program.
STANDS = {"done": "✓", "now": NEXT, "next": "◦", "later": "◦", "skipped": "-"}
#: What a legend says of these.
STANDING = {"done": "done", "now": "here", "later": "to come", "skipped": "not run"}
#: Words in a box.
NOW = "now"
NOT_RUN = "not run yet"
MISSING = "no value: feed me"


TypedName = Literal[
    "command",
    "unknown",
    "option",
    "node",
    "outside",
    "variable",
    "type",
    "number",
    "text",
    "python",
    "remark",
    "status",
]

#: The style of `rich` of each part of a line that is typed. A command that there is not, and what
#: does not run, are told from others without colours too.
TYPED: dict[TypedName, str] = {
    "command": "bold",
    "unknown": "underline red",
    "option": "cyan",
    "node": ROLES["forward"].terminal,
    "outside": f"italic {ROLES['ghost'].terminal}",
    "variable": ROLES["variable"].terminal,
    "type": "cyan",
    "number": "magenta",
    "text": "yellow",
    "python": "bold cyan",
    "remark": "dim",
    "status": "reverse",
}


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
        "const": ("#FFFFFF", "#7C8592"),
        "forward": ("#E6F0F9", "#0069A6"),
        "variable": ("#DCF2E8", "#00795A"),
        "frozen": ("#ECEEF1", "#7C8592"),
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
        "gradient": ("#3D2337", "#F2B5DA"),
        "update": ("#46270F", "#FF9350"),
        "control": ("#11151B", "#A3AEBC"),
        "fetch": ("#11151B", "#EEF2F7"),
        "ghost": ("#11151B", "#5A6675"),
    },
)

#: Black and white: roles are told apart by shape, dashes, width and the grey of the fill.
_PRINT = Theme(
    name="print",
    background="#FFFFFF",
    band="#F7F7F7",
    band_line="#BBBBBB",
    ink="#000000",
    small="#404040",
    faint="#696969",
    rail="#000000",
    next_fill="#000000",
    next_line="#000000",
    next_text="#FFFFFF",
    paints={
        "feed": ("#FFFFFF", "#000000"),
        "const": ("#FFFFFF", "#6E6E6E"),
        "forward": ("#FFFFFF", "#000000"),
        "variable": ("#EBEBEB", "#000000"),
        "frozen": ("#FFFFFF", "#6E6E6E"),
        "gradient": ("#DCDCDC", "#505050"),
        "update": ("#C6C6C6", "#000000"),
        "control": ("#FFFFFF", "#505050"),
        "fetch": ("#FFFFFF", "#000000"),
        "ghost": ("#FFFFFF", "#A8A8A8"),
    },
)

THEMES = {theme.name: theme for theme in (_LIGHT, _DARK, _PRINT)}


def theme(name: str | None = None) -> Theme:
    """A theme by name, or from a file whose name ends in .json; ``GRAPHSCOPE_THEME``, or light,
    when none is given.

    Errors: DebugError when there is no such theme, and for a file that is none.
    """
    name = os.fspath(name or os.environ.get("GRAPHSCOPE_THEME") or "light")
    if name in THEMES:
        return THEMES[name]
    if not name.endswith(".json"):
        known = ", ".join(THEMES)
        raise DebugError(f"There is no theme {name!r}: use {known}, or a file that ends in .json.")
    return read_theme(Path(name))


# ---- themes in files ---------------------------------------------------------------------------

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def read_theme(path: Path) -> Theme:
    """The theme of a file: the base by its name, and the colours that differ from it.

    ``{"base": "dark", "background": "#000000", "feed fill": "#332200", "feed line": "#FFCC00"}``

    Errors: DebugError that says the line, for what is no theme.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DebugError(f"The theme {path} cannot be read: {error}.") from None
    try:
        pairs = json.loads(text, object_pairs_hook=lambda found: found)
    except json.JSONDecodeError as error:
        raise DebugError(f"{path}, line {error.lineno}: {error.msg}.") from None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        raise DebugError(f'{path} is no theme: write {{"base": "light", ...}}.')
    made, seen = _base(path, dict(pairs)), set[str]()
    for key, value in pairs:
        where = f"{path}, line {_line_of(text, key, key in seen)}"
        if key in seen:
            raise DebugError(f"{where}: {key!r} is there twice.")
        seen.add(key)
        if key != "base":
            made = _painted(made, key, value, where)
    return made


def _base(path: Path, found: dict[str, Any]) -> Theme:
    base = found.get("base", "light")
    if not isinstance(base, str) or base not in THEMES:
        raise DebugError(f'{path}: "base" is {", ".join(THEMES)}, not {base!r}.')
    return replace(THEMES[base], name=path.stem)


def _painted(made: Theme, key: str, color: object, where: str) -> Theme:
    """The theme with one other colour."""
    known = [field.name for field in fields(Theme) if field.name not in ("name", "paints")]
    parts = [f"{role} {part}" for role in made.paints for part in ("fill", "line")]
    if key not in (*known, *parts):
        near = get_close_matches(key, [*known, *parts], 1)
        hint = f"did you mean {near[0]!r}" if near else f"use base, {', '.join(known)}, ROLE fill"
        raise DebugError(f"{where}: a theme has no {key!r}; {hint}?")
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        raise DebugError(f"{where}: {key!r} is a colour such as #1B1F24, not {color!r}.")
    if key in known:
        changed: dict[str, Any] = {key: color}
        return replace(made, **changed)
    role = next(role for role in made.paints if key.startswith(f"{role} "))
    fill, line = made.paints[role]
    paint = (color, line) if key.endswith("fill") else (fill, color)
    return replace(made, paints={**made.paints, role: paint})


def _line_of(text: str, key: str, again: bool) -> int:
    """The number of the line in which a key is written; of the second one if it is there again."""
    found = [n for n, line in enumerate(text.splitlines(), 1) if f"{json.dumps(key)}" in line]
    return found[-1 if again else 0] if found else 1
