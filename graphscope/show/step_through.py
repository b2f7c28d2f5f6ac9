"""Frames as one page of HTML that is stepped through by keys, without a network.

A part of the picture, such as a box, is in the page once in each of its forms; the page's script
shows one form of each. Colours are variables of the page, so that it can be light and dark.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from html import escape, unescape
from importlib.resources import files
from string import Template
from typing import Any, TypeVar

from graphscope.kernels.stats import described
from graphscope.show.engines import render
from graphscope.show.frames import Reel
from graphscope.show.sketch import Box
from graphscope.show.theme import Theme

T = TypeVar("T", bound=Hashable)

#: [[first frame, what holds from there on], ...]
Changes = list[tuple[int, T]]

_SVG = "{http://www.w3.org/2000/svg}"
#: How many of the other operations of a box are named.
_NAMED = 12


@dataclass(frozen=True)
class Part:
    """A group of the picture in one frame. key: its name in the DOT text. form: SVG."""

    kind: str
    key: str
    form: str


def page(
    reel: Reel, themes: Sequence[Theme], title: str, sentences: Sequence[str], seconds: float
) -> str:
    """The text of the page.

    themes:  the theme; or two, for a reader who prefers light and one who prefers dark.
    seconds: how long a frame is seen while the page plays.
    Errors: DebugError when nothing can draw.
    """
    tokens, names = _tokens(themes[0])
    dots = [drawing.text(reel.placed, "", "") for drawing in reel.drawings(tokens)]
    with ThreadPoolExecutor() as pool:
        drawn = list(pool.map(lambda dot: render(dot, "svg", placed=reel.placed is not None), dots))
    pictures = [_parts(ET.fromstring(svg), names) for svg in drawn]
    return _filled(
        picture=_picture(drawn[0], pictures, {_key(box) for box in reel.frames[0].faces}, title),
        film=_film(reel, pictures, sentences, seconds),
        colors=_colors(themes),
        scheme="light dark" if len(themes) > 1 else "dark" if _is_dark(themes[0]) else "light",
        title=title,
        sentences=sentences,
    )


def _filled(picture: str, film: dict[str, Any], colors: str, scheme: str, title: str,
            sentences: Sequence[str]) -> str:  # fmt: skip
    script, style = _own("js"), colors + _own("css")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(_own("html")).substitute(
        policy=policy,
        scheme=scheme,
        title=escape(title),
        style=style,
        sentence=escape(sentences[0]),
        last=len(sentences) - 1,
        picture=picture,
        film=json.dumps(film, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        script=script,
    )


def _own(suffix: str) -> str:
    """The text of the file beside this one."""
    return (files("graphscope.show") / f"step_through.{suffix}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a policy names a text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


# ---- colours -------------------------------------------------------------------------------------


def _paints(theme: Theme) -> dict[str, str]:
    """The colours of a theme by the names of the page: ``ink``, ``forward-fill``."""
    found: dict[str, str] = {}
    for field in fields(theme):
        value = getattr(theme, field.name)
        if isinstance(value, str) and value.startswith("#"):
            found[field.name.replace("_", "-")] = value
    for role, (fill, line) in theme.paints.items():
        found[f"{role}-fill"], found[f"{role}-line"] = fill, line
    return found


def _tokens(theme: Theme) -> tuple[Theme, dict[str, str]]:
    """A theme in which every colour is another one, and the names of these."""
    tokens = {name: f"#0e{number:04x}" for number, name in enumerate(_paints(theme))}
    changed: dict[str, Any] = {
        field.name: tokens[field.name.replace("_", "-")]
        for field in fields(theme)
        if field.name.replace("_", "-") in tokens
    }
    paints = {role: (tokens[f"{role}-fill"], tokens[f"{role}-line"]) for role in theme.paints}
    return replace(theme, **changed, paints=paints), {v: k for k, v in tokens.items()}


def _colors(themes: Sequence[Theme]) -> str:
    """The colours as variables of the page."""
    rules = [
        ":root{" + "".join(f"--{n}:{color};" for n, color in _paints(theme).items()) + "}"
        for theme in themes
    ]
    return rules[0] + "".join(
        f"@media screen and (prefers-color-scheme:dark){{{rule}}}" for rule in rules[1:]
    )


def _is_dark(theme: Theme) -> bool:
    return int(theme.background[1:3], 16) < 128


# ---- the picture ---------------------------------------------------------------------------------


def _parts(root: ET.Element, names: dict[str, str]) -> list[Part]:
    """The groups of a picture in order: its background, bands, edges, boxes, and the legend."""
    graph = root.find(f"{_SVG}g")
    assert graph is not None, "Graphviz puts everything into one group"
    parts = []
    for child in graph:
        shapes = [item for item in child.iter() if not _is_frame(item)]
        title = child.find(f"{_SVG}title")
        if shapes:
            kind = child.get("class", "")
            key = (title.text or "") if title is not None else ""
            parts.append(Part(kind, unescape(key), "".join(_shape(item, names) for item in shapes)))
    return parts


def _key(box: Box) -> str:
    """The box's name in the DOT text, in which Graphviz reads ``&lt;`` as HTML does."""
    return unescape(box.key)


def _is_frame(item: ET.Element) -> bool:
    """True for what only stands around shapes or says something of them."""
    return item.tag.removeprefix(_SVG) in ("g", "a", "title", "desc")


def _shape(item: ET.Element, names: dict[str, str]) -> str:
    """One shape or text as SVG, with the variables of the page for its colours."""
    words = []
    for name, value in item.items():
        if name.startswith("{"):
            continue
        if name == "font-family":
            words += ['class="mono"'] if value.startswith("Courier") else []
            continue
        if name in ("fill", "stroke") and value in names:
            value = f"var(--{names[value]})"
        words.append(f'{name}="{escape(_short(value))}"')
    tag = item.tag.removeprefix(_SVG)
    start = " ".join([tag, *words])
    return f"<{start}>{escape(item.text)}</{tag}>" if item.text else f"<{start}/>"


def _short(value: str) -> str:
    """``9.00`` as ``9``."""
    return re.sub(r"^(\d+)\.0+$", r"\1", value)


def _picture(svg: bytes, pictures: list[list[Part]], boxes: set[str], title: str) -> str:
    """All forms of all parts; those that the first frame does not show are hidden."""
    root = ET.fromstring(svg)
    graph = root.find(f"{_SVG}g")
    assert graph is not None, "Graphviz puts everything into one group"
    groups = []
    for number, part in enumerate(pictures[0]):
        forms = _forms([picture[number].form for picture in pictures])
        words = f'<g id="p{number}"'
        if part.kind == "node" and part.key in boxes:
            words += ' class="box" tabindex="0" role="img"'
        if len(forms) > 1:
            forms = ["<g>" + '</g><g hidden="">'.join(forms) + "</g>"]
        groups.append(f"{words}>{forms[0]}</g>")
    size = " ".join(f'{name}="{root.get(name)}"' for name in ("width", "height", "viewBox"))
    inside = "\n".join(groups)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="group" aria-label="{escape(title)}">'
        f'<g transform="{graph.get("transform")}">\n{inside}\n</g></svg>'
    )


def _forms(all: Iterable[T]) -> list[T]:
    """Each once, in the order in which they appear."""
    return list(dict.fromkeys(all))


def _changes(all: Sequence[T]) -> Changes[T]:
    """Where in a row something else begins."""
    return [(i, item) for i, item in enumerate(all) if not i or item != all[i - 1]]


# ---- what the script knows -----------------------------------------------------------------------


def _film(reel: Reel, pictures: list[list[Part]], sentences: Sequence[str],
          seconds: float) -> dict[str, Any]:  # fmt: skip
    """The frames in which each part takes another form, and the cards of the boxes."""
    parts, ids = {}, {}
    for number, part in enumerate(pictures[0]):
        row = [picture[number].form for picture in pictures]
        forms = _forms(row)
        if len(forms) > 1:
            parts[f"p{number}"] = _changes([forms.index(form) for form in row])
        ids[part.key] = f"p{number}"
    first, *_ = reel.frames
    boxes = {box: ids[_key(box)] for box in first.faces}
    scenes = [frame.scene for frame in reel.frames]
    said = _said(reel)
    return {
        "times": [scene.t for scene in scenes],
        "end": scenes[-1].end,
        "sentences": list(sentences),
        "seconds": seconds,
        "parts": parts,
        "now": _where(reel, boxes, "now"),
        "next": _where(reel, boxes, "next"),
        "cards": {
            name: {"name": first.writer.title(box), **_card(box), "said": _changes(said[box])}
            for box, name in boxes.items()
        },
    }


def _where(reel: Reel, boxes: dict[Box, str], state: str) -> list[str | None]:
    """In each frame, the box in this state."""
    return [
        next((boxes[box] for box, face in frame.faces.items() if face.state == state), None)
        for frame in reel.frames
    ]


def _said(reel: Reel) -> dict[Box, list[tuple[str, str]]]:
    """What there is to say of each box in each frame: its state, its value."""
    known: dict[int, str] = {}  # arrays are described once: nobody writes into them
    said: dict[Box, list[tuple[str, str]]] = {box: [] for box in reel.frames[0].faces}
    for frame in reel.frames:
        for box, face in frame.faces.items():
            tensor = frame.writer.output(box)
            value = None if tensor is None else frame.scene.values.get(tensor)
            if value is not None and id(value) not in known:
                known[id(value)] = described(value).replace("  ", "\n", 1)
            said[box].append((face.small.strip(), "" if value is None else known[id(value)]))
    return said


def _card(box: Box) -> dict[str, str]:
    """What is always said of a box; empty texts are left out."""
    op = box.main if box.about is None else box.about
    node = f"{op.name} ({op.type})" if box.fold is None else ""
    others = [other.name for other in box.ops if box.fold is not None or other is not op]
    more = len(others) - _NAMED
    names = [*others[:_NAMED], *([f"and {more} more"] if more > 0 else [])]
    card = {
        "node": node if box.about is None else f"gradient of {op.name} ({op.type})",
        "line": op.source.text if op.source else "",
        "source": op.source.where if op.source else "",
        "more": "\n".join(names),
    }
    return {field: text for field, text in card.items() if text}
