"""A picture as Mermaid text, which web pages such as README files show as a flowchart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from graphscope.show.letters import UNICODE
from graphscope.show.sketch import Box, EdgeKind
from graphscope.show.states import State
from graphscope.show.strengths import edge_words
from graphscope.show.theme import FOLDED, ROLES, RoleName, Theme
from graphscope.show.told import Content, scope_of, sentences

#: The brackets of each shape, around the text.
_SHAPES: dict[RoleName, tuple[str, str]] = {
    "feed": (">", "]"),
    "const": ("[", "]"),
    "forward": ("(", ")"),
    "variable": ("[(", ")]"),
    "frozen": ("[(", ")]"),
    "gradient": ("([", "])"),
    "update": ("[", "]"),
    "control": ("{{", "}}"),
    "fetch": ("[[", "]]"),
    "ghost": ("(", ")"),
}
_FOLDED = ("[[", "]]")
_ARROWS: dict[EdgeKind, str] = {
    "write": "==>",
    "control": "-.->",
    "ghost": "-.->",
    "blocked": "--x",
    "saved": "---o",
}
#: Letters with a meaning in Mermaid's texts, in HTML or in Markdown, and what is written instead.
_ESCAPES = {ord(letter): f"#{ord(letter)};" for letter in '"#&<>`*\\%;{}|~$'}


def mermaid(content: Content, theme: Theme) -> str:
    """The flowchart: a node for each box, a frame for each scope, the colours of the theme."""
    keys = {box: f"n{number}" for number, box in enumerate(content.drawn.boxes)}
    lines = [
        "---",
        f"title: {json.dumps(UNICODE.plain(content.title))}",
        "---",
        f"flowchart {'LR' if content.drawn.asked.flows_right else 'TD'}",
        f"    accTitle: {_line(content.title)}",
        f"    accDescr: {_line(sentences(content))}",
        *_nodes(content, keys, theme),
        *_edges(content, keys, theme),
        *_classes(content, keys, theme),
    ]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    """A text up to the end of the line."""
    return UNICODE.plain(" ".join(text.split())).translate(_ESCAPES)


def _text(text: str) -> str:
    """A text between quotation marks. Mermaid reads no empty one."""
    return UNICODE.plain(text).translate(_ESCAPES).strip() or "#160;"


def _nodes(content: Content, keys: dict[Box, str], theme: Theme) -> Iterator[str]:
    """The boxes of each scope in its frame. A scope with one box has none."""
    of = {box: scope_of(box) for box in keys}
    count = Counter(scope[:depth] for scope in of.values() for depth in range(1, len(scope) + 1))
    framed = {
        box: tuple(scope[:d] for d in range(1, len(scope) + 1) if count[scope[:d]] > 1)
        for box, scope in of.items()
    }
    first: dict[tuple[str, ...], int] = {}
    for number, box in enumerate(keys):
        for scope in framed[box]:
            first.setdefault(scope, number)
    number_of = {box: number for number, box in enumerate(keys)}
    ordered = sorted(keys, key=lambda b: [*(first[s] for s in framed[b]), number_of[b]])
    frames: tuple[tuple[str, ...], ...] = ()
    opened: list[tuple[str, ...]] = []
    for box in ordered:
        while frames != framed[box][: len(frames)]:
            frames = frames[:-1]
            yield "    " * (len(frames) + 1) + "end"
        for scope in framed[box][len(frames) :]:
            opened.append(scope)
            indent = "    " * (len(frames) + 1)
            yield f'{indent}subgraph s{len(opened) - 1}["{_text(scope[-1])}"]'
            frames = (*frames, scope)
        yield "    " * (len(frames) + 1) + keys[box] + _node(content, box)
    for depth in range(len(frames), 0, -1):
        yield "    " * depth + "end"
    paint = f"fill:{theme.band},stroke:{theme.band_line},color:{theme.ink}"
    yield from (f"    style s{number} {paint}" for number in range(len(opened)))


def _node(content: Content, box: Box) -> str:
    face = content.faces[box]
    others = [line for line in (face.shape, face.small) if line]
    text = "<br/>".join(map(_text, [face.title, *others]))
    left, right = _SHAPES["fetch" if box.fetched else box.role]
    if box.fold is not None and box.fold.kind in FOLDED and box.role in ("forward", "gradient"):
        left, right = _FOLDED
    return f'{left}"{text}"{right}'


def _edges(content: Content, keys: dict[Box, str], theme: Theme) -> Iterator[str]:
    colors: dict[str, list[int]] = {}
    words = edge_words(content.drawn)
    for number, edge in enumerate(content.drawn.edges):
        word = f'|"{_text(words[edge])}"|' if edge in words else ""
        yield f"    {keys[edge.tail]} {_ARROWS.get(edge.kind, '-->')}{word} {keys[edge.head]}"
        hides = edge.kind == "blocked" and edge.tail.role == "ghost"
        if edge.kind in ("gradient", "turn", "blocked") and not hides:
            colors.setdefault(theme.line("gradient"), []).append(number)
        elif edge.kind == "write":
            colors.setdefault(theme.line("update"), []).append(number)
    for color, numbers in colors.items():
        yield f"    linkStyle {','.join(map(str, numbers))} stroke:{color}"


def _classes(content: Content, keys: dict[Box, str], theme: Theme) -> Iterator[str]:
    """The paint of each role that occurs, and of the place where a run stands."""
    members: dict[tuple[RoleName, State], list[str]] = {}
    for box, key in keys.items():
        state = content.faces[box].state
        painted = state if state in ("next", "todo") else ""
        members.setdefault((box.role, painted), []).append(key)
    for (role, state), inside in members.items():
        name = f"{state}_{role}" if state else role
        yield f"    classDef {name} {_paint(role, state, theme)}"
        yield f"    class {','.join(inside)} {name}"


def _paint(role: RoleName, state: State, theme: Theme) -> str:
    form, fill, line = ROLES[role], theme.fill(role), theme.line(role)
    ink, width = theme.faint if role == "ghost" else theme.ink, form.width
    if state == "next":
        fill, line, ink, width = theme.next_fill, theme.next_line, theme.next_text, 3.2
    elif state == "todo":
        fill = theme.background
    paint = f"fill:{fill},stroke:{line},color:{ink},stroke-width:{width:g}px"
    dashed = state == "todo" or "dashed" in form.style
    return paint + (",stroke-dasharray:4 3" if dashed else "")
