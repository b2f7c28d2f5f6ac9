"""From the order of boxes to coordinates: in which direction a ladder goes, and where the words at
edges are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from graphscope.show.ladder import Grid
from graphscope.show.metrics import LEADING, text_width
from graphscope.show.place import Band, Path, Placed, Placer, Point, Rect, Room, Run
from graphscope.show.route import Router
from graphscope.show.sketch import Box, Edge, Sketch

#: The size of the type of the words at edges.
LABEL = 8.0
#: Where along a piece of an edge its words may be: near the middle if possible.
_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
#: The side of the squares in which what is near is looked for.
_SQUARE = 60.0
#: The space between words and the line they belong to.
_BESIDE = 3.0

Sizes = Mapping[Box, tuple[float, float]]


def laid_out(
    drawn: Sketch, grid: Grid, runs: list[Run], sizes: Sizes, words: Mapping[Edge, str]
) -> Placed:
    """The coordinates of boxes of these sizes. words: what is written at edges."""
    wide = max((label_width(word) for word in words.values()), default=0.0)
    high = LEADING * LABEL if words else 0.0
    room = Room(channels=wide, gaps=high)
    turned = drawn.asked.flows_right
    if turned:
        room = Room(channels=high, gaps=wide, titled_rows=False)
        sizes = {box: (height, width) for box, (width, height) in sizes.items()}
    placed = Placer(grid, Router(grid, drawn.edges), dict(sizes), runs, room).placed()
    if turned:
        placed = _turned(placed)
    return _Labels(placed, words).placed() if words else placed


def label_width(word: str) -> float:
    """The room for a word at an edge; for a number that is not known yet, there is some."""
    return text_width(word.replace("?", "1000"), LABEL, mono=True)


def _turned(placed: Placed) -> Placed:
    """Down becomes right, and right becomes down."""

    def turned(rect: Rect) -> Rect:
        return Rect(rect.y, rect.x, rect.height, rect.width)

    return Placed(
        rects={box: turned(rect) for box, rect in placed.rects.items()},
        paths=[
            replace(path, points=tuple((y, x) for x, y in path.points)) for path in placed.paths
        ],
        bands=[Band(band.scope, band.depth, turned(band.area)) for band in placed.bands],
        left=placed.top,
        right=placed.bottom,
        top=placed.left,
        bottom=placed.right,
    )


@dataclass
class _Near:
    """Rectangles by the squares in which they are."""

    found: dict[tuple[int, int], list[Rect]] = field(default_factory=dict)

    def add(self, rect: Rect) -> None:
        for square in self._squares(rect):
            self.found.setdefault(square, []).append(rect)

    def count(self, rect: Rect) -> int:
        """How many overlap with this one."""
        near = (other for square in self._squares(rect) for other in self.found.get(square, ()))
        return len({id(other) for other in near if _overlap(rect, other)})

    @staticmethod
    def _squares(rect: Rect) -> Iterator[tuple[int, int]]:
        for x in range(int(rect.left // _SQUARE), int(rect.right // _SQUARE) + 1):
            for y in range(int(rect.top // _SQUARE), int(rect.bottom // _SQUARE) + 1):
                yield x, y


def _overlap(a: Rect, b: Rect) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


class _Labels:
    """Finds for each word a place beside its edge that is on no box and on no other word, and if
    possible on no other edge. A word for which there is none is left out."""

    def __init__(self, placed: Placed, words: Mapping[Edge, str]) -> None:
        self.of, self.words = placed, words
        self.boxes, self.lines = _Near(), _Near()
        for rect in placed.rects.values():
            self.boxes.add(Rect(rect.x, rect.y, rect.width + 4, rect.height + 4))
        for path in placed.paths:
            for (x, y), (u, v) in pairwise(path.points):
                line = Rect((x + u) / 2, (y + v) / 2, abs(x - u) + 2, abs(y - v) + 2)
                self.lines.add(line)

    def placed(self) -> Placed:
        labels: dict[Edge, Point] = {}
        areas: list[Rect] = []
        for path in self.of.paths:
            word = self.words.get(path.edge)
            area = self._best(path, word) if word and not path.stub else None
            if area is not None:
                self.boxes.add(area)
                areas.append(area)
                labels[path.edge] = (area.x, area.y)
        return replace(
            self.of,
            labels=labels,
            left=min([self.of.left, *(area.left for area in areas)]),
            right=max([self.of.right, *(area.right for area in areas)]),
        )

    def _best(self, path: Path, word: str) -> Rect | None:
        free = [area for area in _areas(path, label_width(word)) if not self.boxes.count(area)]
        return min(free, key=self.lines.count, default=None)


def _areas(path: Path, width: float) -> Iterator[Rect]:
    """Places beside the pieces of an edge, the longest piece first: above it, or right of it, and
    then on the other side."""
    height = LEADING * LABEL
    pieces = sorted(pairwise(path.points), key=lambda piece: -_length(*piece))
    for side in (1, -1):
        for part in _PLACES:
            for (x, y), (u, v) in pieces:
                at = (x + (u - x) * part, y + (v - y) * part)
                if abs(y - v) < 0.5:
                    up = at[1] - side * (height / 2 + _BESIDE - 1)
                    yield Rect(at[0], up, width, height)
                else:
                    yield Rect(at[0] + side * (width / 2 + _BESIDE), at[1], width, height)


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
