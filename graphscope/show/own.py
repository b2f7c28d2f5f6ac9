"""A placed picture as SVG without Graphviz: what there is where no program can draw.

It reads the text that `graphscope.show.dot` writes when every box and line has its place; a text
that Graphviz is to place is not for it. The SVG has the groups and titles of Graphviz's own, so
that whoever reads one reads the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape, unescape
from itertools import pairwise

from graphscope.show.metrics import LEADING
from graphscope.show.placed_text import (
    RING,
    Attributes,
    Item,
    Point,
    bounds,
    course,
    lines,
    place,
    statements,
)

#: The room around a picture, and its largest side, in points.
_PAD, _LARGEST = 0.3 * 72, 27 * 72.0
#: Half the width of an arrow, and half the length of a bar.
_WIDE, _BAR = 2.5, 4.5
_ROUND = 9.0
_DASHES = {"dashed": "5,2", "dotted": "1,5"}

#: What lies on what: bands at the bottom, boxes on top.
_ORDER = ("cluster", "edge", "node")


def drawn(dot: str) -> bytes:
    """The SVG of a placed text, as UTF-8."""
    found = statements(dot)
    shown = [item for kind in _ORDER for item in found if item.kind == kind]
    (paper, *_) = [item.look["bgcolor"] for item in found if "bgcolor" in item.look]
    left, top, right, bottom = bounds(shown)
    left, top, right, bottom = left - _PAD, top - _PAD, right + _PAD, bottom + _PAD
    width, height = right - left, bottom - top
    scale = min(1.0, _LARGEST / max(width, height))
    ground = _polygon(
        [(left, top), (right, top), (right, bottom), (left, bottom)],
        {"fill": paper.lower(), "stroke": "none"},
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


# ---- drawing -------------------------------------------------------------------------------------


def _group(number: int, item: Item) -> str:
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
    points, head = course(look)
    color = look["color"].lower()
    line = {"fill": "none", "stroke": color, "stroke-width": look["penwidth"]}
    (first, *rest) = points
    curve = f"M{_xy(first)}C" + " ".join(map(_xy, rest))
    yield _path(curve, {**line, **_dashed(look)})
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
    (x, y), shape = place(look), look.get("shape")
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
            more = 2 * RING
            yield _box(x, y, width + more, height + more, paint, rounded=rounded)
        yield _box(x, y, width, height, paint, rounded=rounded)


def _label(label: str, x: float, y: float) -> Iterator[str]:
    found = lines(label)
    base = y - sum(LEADING * line.size for line in found) / 2
    for line in found:
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
    outline = ""
    for (a, b), (c, d) in pairwise([*corners, corners[0], corners[1]][:5]):
        length = max(abs(c - a), abs(d - b))
        dx, dy = (c - a) / length * near, (d - b) / length * near
        bend = f"Q{_xy((a, b))} {_xy((a + dx, b + dy))}" if outline else f"M{_xy((a + dx, b + dy))}"
        outline += f"{bend}L{_xy((c - dx, d - dy))}"
    (a, b), first = corners[0], (corners[0][0] + near, corners[0][1])
    return _path(f"{outline}Q{_xy((a, b))} {_xy(first)}Z", paint)


def _path(outline: str, look: Attributes) -> str:
    return f'<path {_written(look)} d="{outline}"/>'


def _polygon(points: list[Point], look: Attributes) -> str:
    return f'<polygon {_written(look)} points="{" ".join(map(_xy, points))}"/>'


def _written(look: Attributes) -> str:
    return " ".join(f'{name}="{value}"' for name, value in look.items())


def _xy(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"
