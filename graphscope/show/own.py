"""A placed picture as SVG without Graphviz: what there is where no program can draw.

It reads the text that `graphscope.show.dot` writes when every box and line has its place; a text
that Graphviz is to place is not for it. The SVG has the groups and titles of Graphviz's own, so
that whoever reads one reads the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from itertools import pairwise

from graphscope.show.metrics import LEADING, text_width

Attributes = dict[str, str]
Point = tuple[float, float]

#: The room around a picture, and its largest side, in points.
_PAD, _LARGEST = 0.3 * 72, 27 * 72.0
#: By how much a second outline is larger on each side.
_RING = 4.0
#: Half the width of an arrow, and half the length of a bar.
_WIDE, _BAR = 2.5, 4.5
_ROUND = 9.0
_DASHES = {"dashed": "5,2", "dotted": "1,5"}

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|->|[\[\]{}=]|<|[^\s\[\]{}="<]+', re.DOTALL)
_LINE = re.compile(
    r'(<B>)?<FONT(?: FACE="(\w+)")? POINT-SIZE="([\d.]+)" COLOR="(#\w+)">(.*?)</FONT>', re.DOTALL
)


@dataclass(frozen=True)
class _Item:
    """A statement of the text: a ``cluster``, a ``node`` or an ``edge``."""

    kind: str
    key: str
    look: Attributes


def drawn(dot: str) -> bytes:
    """The SVG of a placed text, as UTF-8."""
    items = list(_items(_tokens(dot)))
    graph: Attributes = {}
    shown: list[_Item] = []
    for item in items:
        if item.kind == "graph":
            graph.update(item.look)
        else:
            shown.append(item)
    order = {"cluster": 0, "edge": 1, "node": 2}
    shown.sort(key=lambda item: order[item.kind])
    left, top, right, bottom = _bounds(shown)
    left, top, right, bottom = left - _PAD, top - _PAD, right + _PAD, bottom + _PAD
    width, height = right - left, bottom - top
    scale = min(1.0, _LARGEST / max(width, height))
    ground = _polygon(
        [(left, top), (right, top), (right, bottom), (left, bottom)],
        {"fill": graph.get("bgcolor", "#ffffff"), "stroke": "none"},
    )
    groups = "\n".join(_group(number, item) for number, item in enumerate(shown, 1))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<svg width="{width * scale:.0f}pt" height="{height * scale:.0f}pt" '
        f'viewBox="0.00 0.00 {width:.2f} {height:.2f}" xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<g id="graph0" class="graph" transform="translate({-left:.2f} {-top:.2f})">\n'
        f"<title>graphscope</title>\n{ground}\n{groups}\n</g>\n</svg>\n"
    ).encode(errors="replace")


# ---- reading the text ----------------------------------------------------------------------------


def _tokens(dot: str) -> Iterator[str]:
    """Words and signs; a label of HTML is one word, that begins with ``<``."""
    at = 0
    while (found := _TOKEN.search(dot, at)) is not None:
        at = found.end()
        if found[0] != "<":
            yield found[0]
            continue
        start, depth = found.start(), 1
        while depth:
            depth += {"<": 1, ">": -1}.get(dot[at], 0)
            at += 1
        yield dot[start:at]


def _items(tokens: Iterator[str]) -> Iterator[_Item]:
    """What the text states. Its edges are of two names each, its clusters have no boxes inside."""
    words = list(tokens)
    at = words.index("{") + 1
    while words[at] != "}":
        key = _plain(words[at])
        if words[at] == "subgraph":
            end = words.index("}", at)
            yield _Item("cluster", _plain(words[at + 1]), _pairs(words[at + 3 : end]))
            at = end + 1
            continue
        kind, at = "node", at + 1
        if words[at] == "->":
            kind, key, at = "edge", f"{key}->{_plain(words[at + 1])}", at + 2
        end = words.index("]", at)
        look = _pairs(words[at + 1 : end])
        if words[at - 1] == "graph":
            yield _Item("graph", "", look)
        elif words[at - 1] not in ("node", "edge"):
            yield _Item(kind, key, look)
        at = end + 1


def _pairs(words: list[str]) -> Attributes:
    return {words[i]: _plain(words[i + 2]) for i in range(0, len(words), 3)}


def _plain(word: str) -> str:
    """A word without its quotation marks."""
    return re.sub(r'\\(["\\])', r"\1", word[1:-1]) if word.startswith('"') else word


# ---- where things are ----------------------------------------------------------------------------


def _place(look: Attributes) -> Point:
    """The middle of a box; downwards is positive."""
    x, y = look["pos"].rstrip("!").split(",")
    return float(x), -float(y)


def _size(look: Attributes) -> tuple[float, float]:
    if look.get("shape") == "plain":
        lines = _lines(look["label"])
        return max(line.width for line in lines), sum(LEADING * line.size for line in lines)
    more = 2 * _RING * (look.get("peripheries") == "2")
    return float(look["width"]) * 72 + more, float(look["height"]) * 72 + more


def _course(look: Attributes) -> tuple[list[Point], Point | None]:
    """The points of an edge, and where its head ends; None for one without a head."""
    words = look["pos"].split()
    head = _point(words.pop(0)[2:]) if words[0].startswith("e,") else None
    return [_point(word) for word in words], head


def _point(word: str) -> Point:
    x, y = word.split(",")
    return float(x), -float(y)


def _corners(item: _Item) -> list[Point]:
    """Points that are in the picture because of this."""
    if item.kind == "edge":
        points, head = _course(item.look)
        return [*points, *([head] if head is not None else [])]
    if item.kind == "cluster":
        x, y, u, v = map(float, item.look["bb"].split(","))
        return [(x, -y), (u, -v)]
    (x, y), (width, height) = _place(item.look), _size(item.look)
    return [(x - width / 2, y - height / 2), (x + width / 2, y + height / 2)]


def _bounds(items: list[_Item]) -> tuple[float, float, float, float]:
    points = [point for item in items for point in _corners(item)] or [(0.0, 0.0)]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


# ---- drawing -------------------------------------------------------------------------------------


def _group(number: int, item: _Item) -> str:
    draw = {"cluster": _cluster, "edge": _edge, "node": _node}[item.kind]
    inside = "\n".join(draw(item.look))
    if item.kind == "node":
        inside = f"<g><a>\n{inside}\n</a></g>"
    return (
        f'<g id="{item.kind}{number}" class="{item.kind}">\n'
        f"<title>{escape(item.key, quote=False)}</title>\n{inside}\n</g>"
    )


def _cluster(look: Attributes) -> Iterator[str]:
    x, y, u, v = map(float, look["bb"].split(","))
    paint = {"fill": look["fillcolor"].lower(), "stroke": look["color"].lower()}
    yield _box((x + u) / 2, -(y + v) / 2, u - x, v - y, paint, rounded=True)


def _edge(look: Attributes) -> Iterator[str]:
    points, head = _course(look)
    color = look["color"].lower()
    line = {"fill": "none", "stroke": color, "stroke-width": look["penwidth"]}
    (first, *rest) = points
    course = f"M{_xy(first)}C" + " ".join(map(_xy, rest))
    yield _path(course, {**line, **_dashed(look)})
    if head is not None and look.get("arrowhead") != "none":
        yield _head(look.get("arrowhead", ""), points[-1], head, line)


def _head(kind: str, start: Point, end: Point, line: Attributes) -> str:
    """The head of an edge between the end of its line and what it points at."""
    (x, y), (u, v) = start, end
    length = max(((u - x) ** 2 + (v - y) ** 2) ** 0.5, 0.1)
    across = (-(v - y) / length, (u - x) / length)
    if kind == "odot":
        middle = f'cx="{(x + u) / 2:.2f}" cy="{(y + v) / 2:.2f}"'
        return f'<ellipse {_written(line)} {middle} rx="{length / 2:.2f}" ry="{length / 2:.2f}"/>'
    wide = _BAR if kind == "tee" else _WIDE + float(line["stroke-width"]) / 2
    dx, dy = across[0] * wide, across[1] * wide
    if kind == "tee":
        return _path(f"M{_xy((x + dx, y + dy))}L{_xy((x - dx, y - dy))}", line)
    corners = [(x + dx, y + dy), end, (x - dx, y - dy)]
    if kind == "empty":
        return _polygon(corners, line)
    return _polygon(corners, {"fill": line["stroke"], "stroke": "none"})


def _node(look: Attributes) -> Iterator[str]:
    if look.get("style") == "invis":
        return
    (x, y), shape = _place(look), look.get("shape")
    if shape != "plain":
        width, height = float(look["width"]) * 72, float(look["height"]) * 72
        yield from _outline(look, shape or "box", (x, y, width, height))
    if "label" in look and look["label"].startswith("<"):
        yield from _label(look["label"], x, y)


def _outline(
    look: Attributes, shape: str, area: tuple[float, float, float, float]
) -> Iterator[str]:
    x, y, width, height = area
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    paint = {
        "fill": look["fillcolor"].lower(),
        "stroke": look["color"].lower(),
        "stroke-width": look["penwidth"],
        **_dashed(look),
    }
    bare = {**paint, "fill": "none"}
    rounded = "rounded" in look.get("style", "")
    if shape == "cds":  # as Graphviz draws it: less high than it is said to be
        top, bottom, tip = y - 0.375 * height, y + 0.375 * height, min(12.0, width / 4)
        yield _polygon([(left, top), (right - tip, top), (right, y), (right - tip, bottom),
                        (left, bottom)], paint)  # fmt: skip
    elif shape == "cylinder":
        deep = min(5.0, height / 10)
        arc = f"A{width / 2:.2f},{deep:.2f} 0 0"
        yield _path(
            f"M{_xy((left, top + deep))}{arc} 1 {_xy((right, top + deep))}L"
            f"{_xy((right, bottom - deep))}{arc} 1 {_xy((left, bottom - deep))}Z", paint
        )  # fmt: skip
        yield _path(f"M{_xy((left, top + deep))}{arc} 0 {_xy((right, top + deep))}", bare)
    elif shape == "box3d":
        deep = min(5.0, height / 4)
        back = [(left, top + deep), (left + deep, top), (right, top), (right, bottom - deep)]
        yield _polygon([*back, (right - deep, bottom), (left, bottom)], paint)
        edge = (right - deep, top + deep)
        for end in ((left, top + deep), (right, top), (right - deep, bottom)):
            yield _path(f"M{_xy(edge)}L{_xy(end)}", bare)
    elif shape == "tab":
        high, wide = min(5.0, height / 4), width / 3
        yield _box(left + wide / 2, top + high / 2, wide, high, paint, rounded=False)
        yield _box(x, y + high / 2, width, height - high, paint, rounded=False)
    elif shape == "note":
        ear = min(7.0, height / 3)
        yield _polygon([(left, top), (right - ear, top), (right, top + ear), (right, bottom),
                        (left, bottom)], paint)  # fmt: skip
        corner = f"L{_xy((right - ear, top + ear))}L{_xy((right, top + ear))}"
        yield _path(f"M{_xy((right - ear, top))}{corner}", bare)
    else:
        if look.get("peripheries") == "2":
            more = 2 * _RING
            yield _box(x, y, width + more, height + more, paint, rounded=rounded)
        yield _box(x, y, width, height, paint, rounded=rounded)


@dataclass(frozen=True)
class _Line:
    """A line of a label. text: as it is in HTML."""

    text: str
    size: float
    color: str
    family: str
    bold: bool

    @property
    def width(self) -> float:
        mono = self.family == "Courier"
        return text_width(unescape(self.text), self.size, bold=self.bold, mono=mono)


def _lines(label: str) -> list[_Line]:
    """The lines of a label, each in one type."""
    return [
        _Line(text, float(size), color.lower(), face or "Helvetica", bool(bold))
        for bold, face, size, color, text in _LINE.findall(label)
    ]


def _label(label: str, x: float, y: float) -> Iterator[str]:
    lines = _lines(label)
    base = y - sum(LEADING * line.size for line in lines) / 2
    for line in lines:
        base += LEADING * line.size
        look = {
            "text-anchor": "middle",
            "x": f"{x:.2f}",
            "y": f"{base - 0.24 * line.size:.2f}",
            "font-family": line.family,
            **({"font-weight": "bold"} if line.bold else {}),
            "font-size": f"{line.size:.2f}",
            "fill": line.color,
        }
        text = escape(unescape(line.text), quote=False)
        yield f'<text xml:space="preserve" {_written(look)}>{text}</text>'


def _dashed(look: Attributes) -> Attributes:
    found = [_DASHES[word] for word in look.get("style", "").split(",") if word in _DASHES]
    return {"stroke-dasharray": found[0]} if found else {}


def _box(
    x: float, y: float, width: float, height: float, paint: Attributes, *, rounded: bool
) -> str:
    """A rectangle. Its corners are of straight lines and curves, as Graphviz's are."""
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    if not rounded:
        return _polygon(corners, paint)
    near = min(_ROUND, width / 3, height / 3)
    course = ""
    for (a, b), (c, d) in pairwise([*corners, corners[0], corners[1]][:5]):
        length = max(abs(c - a), abs(d - b))
        dx, dy = (c - a) / length * near, (d - b) / length * near
        bend = f"Q{_xy((a, b))} {_xy((a + dx, b + dy))}" if course else f"M{_xy((a + dx, b + dy))}"
        course += f"{bend}L{_xy((c - dx, d - dy))}"
    (a, b), first = corners[0], (corners[0][0] + near, corners[0][1])
    return _path(f"{course}Q{_xy((a, b))} {_xy(first)}Z", paint)


def _path(course: str, look: Attributes) -> str:
    return f'<path {_written(look)} d="{course}"/>'


def _polygon(points: list[Point], look: Attributes) -> str:
    return f'<polygon {_written(look)} points="{" ".join(map(_xy, points))}"/>'


def _written(look: Attributes) -> str:
    return " ".join(f'{name}="{value}"' for name, value in look.items())


def _xy(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"
