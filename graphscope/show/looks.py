"""How a box looks: its shape, fill and line, by its role, its state and its part in an answer."""

from __future__ import annotations

from graphscope.show.faces import Face
from graphscope.show.place import shape_of
from graphscope.show.sketch import Box
from graphscope.show.theme import ROLES, RoleName, Theme

Look = dict[str, str]

#: Widths of outlines: of what the run has just done, of what is on the way of an answer, and of
#: what answers for it, or is not finite.
_NOW, WAY, STRONGEST = 2.8, 3.0, 3.6
_BAD = 3.2
_FAINT = 1.0
#: Of an edge along which a value is kept for the gradient.
SAVED = 1.1


def role_look(theme: Theme, name: RoleName, width: float) -> Look:
    role = ROLES[name]
    style = ",".join(word for word in (role.style, "filled") if word)
    return {
        "shape": role.shape,
        "style": style,
        "penwidth": f"{width:g}",
        "color": theme.line(name),
        "fillcolor": theme.fill(name),
    }


def next_look(look: Look, theme: Theme, width: float = _BAD) -> Look:
    """What runs next."""
    return {**thick(look, width, theme.next_line), "fillcolor": theme.next_fill}


def hollow(look: Look, theme: Theme) -> Look:
    """What has not run, or has no value."""
    dashed = dict.fromkeys([*look["style"].split(","), "dashed"])
    return {**look, "style": ",".join(dashed), "fillcolor": theme.background}


def thick(look: Look, width: float, color: str = "") -> Look:
    return {**look, "penwidth": f"{width:g}", **({"color": color} if color else {})}


def faint(look: Look, theme: Theme) -> Look:
    """What is no part of the answer."""
    color, fill = theme.line("ghost"), theme.background
    return {**look, "color": color, "fillcolor": fill, "penwidth": f"{_FAINT:g}"}


def box_look(theme: Theme, box: Box, face: Face) -> Look:
    role = ROLES[box.role]
    look = role_look(theme, box.role, role.width)
    if (shape := shape_of(box)) != role.shape:
        look.update(shape=shape, style="filled")
    if box.fetched:
        look.update(color=theme.ink, peripheries="2")
    if face.part == "faint":
        return faint(hollow(look, theme) if face.state == "todo" else look, theme)
    if face.state == "next":
        look = next_look(look, theme)
    elif face.state == "todo" or box.missing:
        look = hollow(look, theme)
    if face.state == "now":
        look = thick(look, _NOW)
    if box.main.type == "StopGradient" and box.role == "forward":
        look = thick(look, 2.4, theme.ink)
    if face.bad or face.failed:
        look = thick(look, _BAD, theme.ink)
    if box.blocked and face.part:
        return thick(look, 2.0, theme.line("gradient"))
    return _with_part(look, theme, face)


def _with_part(look: Look, theme: Theme, face: Face) -> Look:
    if face.part in ("culprit", "first"):
        return thick(look, STRONGEST, theme.ink)
    if face.part == "missing":
        return thick(hollow(look, theme), WAY, theme.ink)
    if face.part in ("way", "differs", "new"):
        return thick(look, max(WAY, float(look["penwidth"])))
    return look
