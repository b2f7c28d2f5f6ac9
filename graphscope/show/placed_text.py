"""Reading the DOT text of a placed picture, as `graphscope.show.dot` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from graphscope.show.metrics import LEADING, text_width

Attributes = dict[str, str]
Point = tuple[float, float]

#: By how much a second outline is larger on each side.
RING = 4.0

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|->|[\[\]{}=]|<|[^\s\[\]{}="<]+', re.DOTALL)
_LABEL = re.compile(
    r'(<B>)?<FONT(?: FACE="(\w+)")? POINT-SIZE="([\d.]+)" COLOR="(#\w+)">(.*?)</FONT>', re.DOTALL
)


@dataclass(frozen=True)
class Item:
    """A statement of the text. kind: ``cluster``, ``node``, ``edge`` or ``graph``. key: its name.
    look: its attributes."""

    kind: str
    key: str
    look: Attributes


def statements(dot: str) -> list[Item]:
    """All that the text states; what holds for the whole picture is of the kind ``graph``."""
    return list(_items(list(_tokens(dot))))


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


def _items(words: list[str]) -> Iterator[Item]:
    """Edges are of two names each, and clusters have no boxes inside."""
    at = words.index("{") + 1
    while words[at] != "}":
        key = _plain(words[at])
        if words[at] == "subgraph":
            end = words.index("}", at)
            yield Item("cluster", _plain(words[at + 1]), _pairs(words[at + 3 : end]))
            at = end + 1
            continue
        kind, at = "node", at + 1
        if words[at] == "->":
            kind, key, at = "edge", f"{key}->{_plain(words[at + 1])}", at + 2
        end = words.index("]", at)
        look = _pairs(words[at + 1 : end])
        if words[at - 1] == "graph":
            yield Item("graph", "", look)
        elif words[at - 1] not in ("node", "edge"):
            yield Item(kind, key, look)
        at = end + 1


def _pairs(words: list[str]) -> Attributes:
    return {words[i]: _plain(words[i + 2]) for i in range(0, len(words), 3)}


def _plain(word: str) -> str:
    """A word without its quotation marks."""
    return re.sub(r'\\(["\\])', r"\1", word[1:-1]) if word.startswith('"') else word


# ---- where things are ----------------------------------------------------------------------------


def place(look: Attributes) -> Point:
    """The middle of a box; downwards is positive."""
    x, y = look["pos"].rstrip("!").split(",")
    return float(x), -float(y)


def size(look: Attributes) -> tuple[float, float]:
    """The width and height of a box, with its second outline if it has one."""
    if look.get("shape") == "plain":
        found = lines(look["label"])
        return max(line.width for line in found), sum(LEADING * line.size for line in found)
    more = 2 * RING * (look.get("peripheries") == "2")
    return float(look["width"]) * 72 + more, float(look["height"]) * 72 + more


def course(look: Attributes) -> tuple[list[Point], Point | None]:
    """The points of an edge, and where its head ends; None for one without a head."""
    words = look["pos"].split()
    head = _point(words.pop(0)[2:]) if words[0].startswith("e,") else None
    return [_point(word) for word in words], head


def _point(word: str) -> Point:
    x, y = word.split(",")
    return float(x), -float(y)


def _corners(item: Item) -> list[Point]:
    """Points that are in the picture because of this."""
    if item.kind == "edge":
        points, head = course(item.look)
        return [*points, *([head] if head is not None else [])]
    if item.kind == "cluster":
        x, y, u, v = map(float, item.look["bb"].split(","))
        return [(x, -y), (u, -v)]
    (x, y), (width, height) = place(item.look), size(item.look)
    return [(x - width / 2, y - height / 2), (x + width / 2, y + height / 2)]


def bounds(items: Iterable[Item]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all of it."""
    points = [point for item in items for point in _corners(item)] or [(0.0, 0.0)]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


# ---- labels --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
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


def lines(label: str) -> list[Line]:
    """The lines of a label, each in one type."""
    return [
        Line(text, float(size), color.lower(), face or "Helvetica", bool(bold))
        for bold, face, size, color, text in _LABEL.findall(label)
    ]
