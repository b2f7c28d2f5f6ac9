"""Ways for edges between the boxes of a grid: no edge runs through a box.

An edge is straight where nothing is in between. Otherwise it leaves its box sideways, goes along
the channels between columns and the gaps between rows, and comes in from the side. Edges that start
at the same box share their way as far as it goes; those that only wait, and those to what does not
run, share their way to the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from graphscope.show.ladder import Grid
from graphscope.show.sketch import Box, Edge


@dataclass(eq=False)
class Route:
    """How an edge goes, before there are coordinates.

    kind:    "across" and "down" are straight; "bent" has the fields below.
    exits:   the side on which it leaves, -1 left or 1 right; `enters`: that on which it comes in.
    channels: the first and the last channel; channel i is on the left of column i.
    gap:     the gap between rows that joins two channels; gap i is above row i. None when the
             channels are the same, or when the row of one end is free up to the other channel.
    along:   in that case, which row is free: that of the "tail" or of the "head".
    """

    edge: Edge
    kind: str
    exits: int = 0
    enters: int = 0
    channels: tuple[int, int] = (0, 0)
    gap: int | None = None
    along: str = ""
    group: Hashable = None
    #: Numbers of the tracks inside the first channel, the gap, and the last channel.
    tracks: list[int] = field(default_factory=lambda: [0, 0, 0])


def is_shared(edge: Edge) -> bool:
    """Many edges of this kind lead into one box, and share their way to it."""
    return edge.kind == "control" or (edge.kind == "ghost" and edge.head.role == "ghost")


class Router:
    """Finds the routes of all edges of a grid, and the number of tracks in channels and gaps."""

    def __init__(self, grid: Grid, edges: Iterable[Edge]) -> None:
        self.grid = grid
        self.at = {cell: box for box, cell in grid.cells.items()}
        self._straight: set[frozenset[Box]] = set()
        self._used_rows: dict[int, list[tuple[float, float, Hashable]]] = {}
        ordered = sorted(edges, key=self._distance)
        self.routes = [self._route(edge) for edge in ordered]
        self.channels = _Tracks()
        self.gaps = _Tracks()
        for route in self.routes:
            self._allot(route)

    def _distance(self, edge: Edge) -> int:
        (a, r), (b, s) = self.grid.cells[edge.tail], self.grid.cells[edge.head]
        return abs(a - b) + abs(r - s)

    def _free(self, row: int, low: int, high: int) -> bool:
        """No box in the columns from low to high, both excluded."""
        return not any((column, row) in self.at for column in range(low + 1, high))

    def _route(self, edge: Edge) -> Route:
        (a, r), (b, s) = self.grid.cells[edge.tail], self.grid.cells[edge.head]
        group: Hashable = ("to", edge.head) if is_shared(edge) else ("from", edge.tail)
        ends = frozenset((edge.tail, edge.head))
        if ends not in self._straight:
            low, high = min(a, b), max(a, b)
            if r == s and self._free(r, low, high) and self._claim(r, low, high, edge):
                self._straight.add(ends)
                return Route(edge, "across", group=group)
            between = range(min(r, s) + 1, max(r, s))
            if a == b and not any((a, row) in self.at for row in between):
                self._straight.add(ends)
                return Route(edge, "down", group=group)
        return self._bent(edge, group)

    def _claim(self, row: int, low: float, high: float, owner: Hashable) -> bool:
        """Take a piece of the middle of a row; False when another edge has it."""
        used = self._used_rows.setdefault(row, [])
        if any(low < b and a < high and owner != other for a, b, other in used):
            return False
        used.append((low, high, owner))
        return True

    def _bent(self, edge: Edge, group: Hashable) -> Route:
        (a, r), (b, s) = self.grid.cells[edge.tail], self.grid.cells[edge.head]
        if a == b:
            side = -1 if a in self.grid.forward or a in self.grid.ghosts else 1
            exits = enters = side
        else:
            exits = 1 if b > a else -1
            enters = -exits
        first = a + 1 if exits > 0 else a
        last = b + 1 if enters > 0 else b
        route = Route(edge, "bent", exits, enters, (first, last), group=group)
        if first == last:
            return route
        low, high = min(first, last) - 0.5, max(first, last) - 0.5
        if self._free(s, min(first - 1, b), max(first, b)) and self._claim(s, low, high, edge):
            route.along = "head"
        elif self._free(r, min(a, last - 1), max(a, last)) and self._claim(r, low, high, edge):
            route.along = "tail"
        else:
            route.gap = s + 1 if r > s else s
        return route

    def _allot(self, route: Route) -> None:
        """Give each bent edge its tracks."""
        if route.kind != "bent":
            return
        r, s = self.grid.cells[route.edge.tail][1], self.grid.cells[route.edge.head][1]
        first, last = route.channels
        group = route.group
        if route.gap is None:
            channel = last if route.along == "tail" else first
            track = self.channels.take(channel, 2 * r + 1, 2 * s + 1, group)
            route.tracks = [track, 0, track]
            return
        middle = 2 * route.gap
        route.tracks = [
            self.channels.take(first, 2 * r + 1, middle, group),
            self.gaps.take(route.gap, min(first, last), max(first, last), group),
            self.channels.take(last, middle, 2 * s + 1, group),
        ]


class _Tracks:
    """Parallel tracks in each channel: those that overlap get different ones."""

    def __init__(self) -> None:
        #: On each track the pieces that are taken, in order; what overlaps is one piece.
        self._used: dict[int, list[list[tuple[int, int, Hashable]]]] = {}

    def take(self, channel: int, start: int, end: int, group: Hashable) -> int:
        low, high = min(start, end), max(start, end)
        tracks = self._used.setdefault(channel, [])
        for number, track in enumerate(tracks):
            first = bisect_left(track, low, key=lambda piece: piece[1])
            last = bisect_right(track, high, key=lambda piece: piece[0])
            met = track[first:last]
            if all(other == group for _, _, other in met):
                begin = min([low, *(a for a, _, _ in met)])
                track[first:last] = [(begin, max([high, *(b for _, b, _ in met)]), group)]
                return number
        tracks.append([(low, high, group)])
        return len(tracks) - 1

    def count(self, channel: int) -> int:
        return len(self._used.get(channel, ()))
