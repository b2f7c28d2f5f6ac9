"""Coordinates for a ladder: of boxes, edges and bands. In points; y grows downwards."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from graphscope.show.faces import MONO, SMALL, TITLE, Face
from graphscope.show.ladder import Grid
from graphscope.show.metrics import LEADING
from graphscope.show.route import Route, Router, is_shared
from graphscope.show.sketch import Box, Edge, Sketch
from graphscope.show.theme import FOLDED, ROLES

Point = tuple[float, float]

#: Space beside and above the text of a box, by shape.
_MARGINS = {
    "cds": (18.0, 8.0),
    "cylinder": (12.0, 11.0),
    "box": (10.0, 6.0),
    "note": (10.0, 6.0),
    "box3d": (14.0, 10.0),
    "tab": (12.0, 11.0),
}
#: A double ring is this much larger on each side.
RING = 4.0
_CHANNEL, _GAP, _TRACK = 36.0, 24.0, 9.0
#: The least distance between edges at two sides that face each other.
_APART = 2.0
#: The distance between edges on the left side of a box, and on the right.
_PORT = {-1: 10.0, 1: 7.0}
_EDGE_CHANNEL = 34.0
_BAND_PADDING, _BAND_TITLE = 13.0, 17.0
#: How much narrower a band is than the one around it, on each side.
_NESTED = 9.0


@dataclass(frozen=True)
class Rect:
    """A rectangle by its centre and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Path:
    """The corners of an edge. A stub ends at another edge that goes to the same box."""

    edge: Edge
    points: tuple[Point, ...]
    stub: bool = False


@dataclass(frozen=True)
class Band:
    """The area of a scope; its name is in the upper left corner. depth: that of the scope."""

    scope: str
    depth: int
    area: Rect


@dataclass
class Placed:
    """A picture with coordinates. rects: without rings. labels: where words at edges are."""

    rects: dict[Box, Rect]
    paths: list[Path]
    bands: list[Band]
    labels: dict[Edge, Point] = field(default_factory=dict)
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0


def shape_of(box: Box) -> str:
    """Graphviz's name of the box's shape. What is folded has a shape of its own, except for
    variables and updates, whose shape is their meaning."""
    kind = box.fold.kind if box.fold is not None else "scope" if box.opens else ""
    if box.role not in ("forward", "gradient", "ghost"):
        kind = ""
    return FOLDED.get(kind, ROLES[box.role].shape)


def box_size(face: Face, shape: str) -> tuple[float, float]:
    """The width and height that a box needs for its text."""
    beside, above = _MARGINS[shape]
    height = LEADING * (TITLE + MONO * bool(face.shape) + SMALL * bool(face.small))
    return max(face.width + 2 * beside, 44.0), height + 2 * above


@dataclass(frozen=True)
class Run:
    """Steps one after the other that are in one scope. depth: how many scopes are around it.

    own: it is a scope of its own among those around it, so that it gets a band.
    """

    scope: str
    depth: int
    steps: tuple[Box, ...]


def runs_of(drawn: Sketch, grid: Grid) -> list[Run]:
    """The steps in runs of one scope, the outermost first; '' is for those without a scope.

    A scope is left out when all of it is one box, which has its name, or when it is all that there
    is in the scope around it.
    """
    scopes = [around(box) for box in grid.steps]
    found: list[Run] = []
    for depth in range(max(map(len, scopes), default=0) or 1):
        for first, last in _same(scopes, depth + 1):
            path = scopes[first][: depth + 1]
            if len(path) <= depth and depth:
                continue
            run = Run("/".join(path), depth, tuple(grid.steps[first:last]))
            inside = depth and len(run.steps) > 1
            if not depth or (inside and all(run.steps != other.steps for other in found)):
                found.append(run)
    return found


def scopes_in(grid: Grid, runs: list[Run]) -> dict[Box, str]:
    """For each box the innermost scope whose band it stands in, by its row."""
    of_step: dict[int, str] = {}
    for run in runs:  # the innermost is the last
        rows = (grid.cells[step][1] for step in run.steps)
        of_step.update(dict.fromkeys((grid.sharing[row] for row in rows), run.scope))
    return {box: of_step.get(grid.sharing[row], "") for box, (_, row) in grid.cells.items()}


def around(box: Box) -> tuple[str, ...]:
    """The scopes that are around a box."""
    name = box.main.name
    if box.fold is not None and box.fold.kind != "kept":
        name = box.fold.name.partition(" … ")[0]
    return tuple(name.split("/")[:-1])


def _same(scopes: list[tuple[str, ...]], depth: int) -> list[tuple[int, int]]:
    """Where runs of equal scopes begin and end, to this depth."""
    bounds: list[tuple[int, int]] = []
    for i, scope in enumerate(scopes):
        if bounds and scopes[bounds[-1][0]][:depth] == scope[:depth]:
            bounds[-1] = (bounds[-1][0], i + 1)
        else:
            bounds.append((i, i + 1))
    return bounds


@dataclass(frozen=True)
class Room:
    """Additional room: in the channels between columns, and in the gaps between rows. titled_rows:
    the names of bands are above their first row; otherwise beside it, where columns begin."""

    channels: float = 0.0
    gaps: float = 0.0
    titled_rows: bool = True


@dataclass
class Placer:
    """Makes coordinates from a grid, the sizes of boxes and the routes of edges."""

    grid: Grid
    router: Router
    sizes: dict[Box, tuple[float, float]]
    runs: list[Run]
    room: Room = Room()
    _ports: dict[tuple[Box, int], dict[Hashable, float]] = field(default_factory=dict)

    def placed(self) -> Placed:
        self._place_columns()
        self._place_rows()
        rects = {
            box: Rect(self.column_x[c], self.row_y[r], *self.sizes[box])
            for box, (c, r) in self.grid.cells.items()
        }
        self.rects = rects
        self._find_ports()
        paths = self._paths()
        bands = self._bands()
        areas = [*rects.values(), *(band.area for band in bands)]
        points = [point for path in paths for point in path.points]
        return Placed(
            rects,
            paths,
            bands,
            left=min([a.left for a in areas] + [x for x, _ in points], default=0.0),
            right=max([a.right for a in areas] + [x for x, _ in points], default=0.0),
            top=min([a.top for a in areas] + [y for _, y in points], default=0.0),
            bottom=max([a.bottom for a in areas] + [y for _, y in points], default=0.0),
        )

    # ---- columns and rows ----------------------------------------------------------------------

    def _place_columns(self) -> None:
        grid, tracks = self.grid, self.router.channels
        widths = [0.0] * grid.columns
        for box, (column, _) in grid.cells.items():
            widths[column] = max(widths[column], self.sizes[box][0] + 2 * RING * box.fetched)
        self.column_x: list[float] = []
        self.channel_x: list[float] = []
        x = 0.0
        for column in range(grid.columns + 1):
            outer = column in (0, grid.columns)
            count = tracks.count(column)
            width = (_EDGE_CHANNEL if outer else _CHANNEL) + _TRACK * max(0, count - 1)
            width += 0 if outer else self.room.channels
            if outer and not count:
                width = 0.0
            self.channel_x.append(x + width / 2)
            x += width
            if column and column == grid.ghosts.stop < grid.columns:
                x += _BAND_PADDING + RING + self._before()  # the band begins here
            if column < grid.columns:
                self.column_x.append(x + widths[column] / 2)
                x += widths[column]

    def _place_rows(self) -> None:
        grid = self.grid
        heights = [0.0] * grid.rows
        for box, (_, row) in grid.cells.items():
            heights[row] = max(heights[row], self.sizes[box][1] + 2 * RING * box.fetched)
        titled = [0.0] * (grid.rows + 1)
        for run in self.runs:
            titled[self._first_row(run)] += self._above(run)
            if run.depth:
                titled[self._last_row(run) + 1] += _NESTED
        self.row_y: list[float] = []
        self.gap_y: list[float] = []
        self.row_top: list[float] = []
        self.row_bottom: list[float] = []
        y = 0.0
        for row in range(grid.rows + 1):
            count = self.router.gaps.count(row)
            gap = _GAP + self.room.gaps if row not in (0, grid.rows) else 0.0
            gap += _TRACK * max(0, count - 1) + (_EDGE_CHANNEL if count and not gap else 0.0)
            self.gap_y.append(y + gap / 2)
            y += gap + (titled[row] if len(self.runs) > 1 or row else 0.0)
            if row < grid.rows:
                self.row_top.append(y)
                self.row_y.append(y + heights[row] / 2)
                y += heights[row]
                self.row_bottom.append(y)

    def _above(self, run: Run) -> float:
        """The room that a band needs before its first row."""
        titled = run.scope and self.room.titled_rows
        return (_NESTED if run.depth else _BAND_PADDING) + (_BAND_TITLE if titled else 0.0)

    def _before(self) -> float:
        """The room that the names of bands need before the first column."""
        if self.room.titled_rows or not any(run.scope for run in self.runs):
            return 0.0
        return _BAND_TITLE * (1 + max(run.depth for run in self.runs))

    def _bands(self) -> list[Band]:
        """A band behind each run of steps, from the feeds to the gradients; inner ones are drawn in
        it, a little narrower."""
        rail = [c for c in range(self.grid.columns) if c not in self.grid.ghosts]
        inside = [r for b, r in self.rects.items() if self.grid.cells[b][0] in rail]
        if not self.runs or len(self.rects) < 3:
            return []
        deepest = max(run.depth for run in self.runs)
        left = min(r.left for r in inside) - _BAND_PADDING - RING - _NESTED * deepest
        left -= self._before()
        right = max(r.right for r in inside) + _BAND_PADDING + RING
        beyond = self.channel_x[-1] + _TRACK * self.router.channels.count(self.grid.columns) / 2
        if self.router.channels.count(self.grid.columns):
            right = max(right, beyond + 8)
        right += _NESTED * deepest
        bands = []
        for run in self.runs:
            inset = _NESTED * run.depth
            title = 0.0 if self.room.titled_rows else _BAND_TITLE * run.depth
            first, last = self._first_row(run), self._last_row(run)
            within = [other for other in self.runs if other.depth > run.depth]
            top = self.row_top[first] - sum(
                self._above(other) for other in [run, *within] if self._first_row(other) == first
            )
            below = sum(_NESTED for other in within if self._last_row(other) == last)
            bottom = (
                self.row_bottom[last] + below + (_NESTED - 2 if run.depth else _BAND_PADDING - 3)
            )
            begin, end = left + inset + title, right - inset
            area = Rect((begin + end) / 2, (top + bottom) / 2, end - begin, bottom - top)
            bands.append(Band(run.scope.rpartition("/")[2], run.depth, area))
        return bands

    def _first_row(self, run: Run) -> int:
        return self.grid.cells[run.steps[0]][1]

    def _last_row(self, run: Run) -> int:
        """The last row of the run's last step. The only run has all rows."""
        if len(self.runs) == 1 and not self.runs[0].scope:
            return self.grid.rows - 1
        last = self.grid.cells[run.steps[-1]][1]
        while last + 1 < self.grid.rows and self.grid.sharing[last + 1] == self.grid.sharing[last]:
            last += 1
        return last

    # ---- ports: where on its side an edge meets a box ------------------------------------------

    def _find_ports(self) -> None:
        middle: set[tuple[Box, int]] = set()
        wanted: dict[tuple[Box, int], dict[Hashable, int]] = {}
        for route in self.router.routes:
            tail, head = route.edge.tail, route.edge.head
            (a, r), (b, s) = self.grid.cells[tail], self.grid.cells[head]
            if route.kind == "across":
                side = 1 if b > a else -1
                middle |= {(tail, side), (head, -side)}
            elif route.kind == "bent":
                down = 1 if s > r else -1
                wanted.setdefault((tail, route.exits), {}).setdefault(route.group, down)
                wanted.setdefault((head, route.enters), {}).setdefault(route.group, -down)
        for (box, side), groups in wanted.items():
            alone = len(groups) == 1 and (box, side) not in middle
            if alone and (self._facing(box, side), -side) not in wanted:
                self._ports[box, side] = {next(iter(groups)): 0.0}
            else:
                self._ports[box, side] = self._spread(box, side, groups)

    def _facing(self, box: Box, side: int) -> Box | None:
        """The next box of the row on that side."""
        column, row = self.grid.cells[box]
        column += side
        while 0 <= column < self.grid.columns:
            if (column, row) in self.router.at:
                return self.router.at[column, row]
            column += side
        return None

    def _spread(self, box: Box, side: int, groups: dict[Hashable, int]) -> dict[Hashable, float]:
        """Above the middle for what goes up, below it for what goes down. No edge comes or goes at
        the height of one of the box that faces this one: they would run into each other.
        """
        facing = self._facing(box, side)
        ports: dict[Hashable, float] = {}
        taken = [*self._ports.get((facing, -side), {}).values()] if facing is not None else []
        ups = [g for g, direction in groups.items() if direction < 0]
        downs = [g for g, direction in groups.items() if direction > 0]
        room = (self.sizes[box][1] / 2 - 5) / max(_PORT.values())
        step = _PORT[side] * min(1.0, room / max(len(ups), len(downs)))
        for sign, ordered in ((-1, ups), (1, downs)):
            for number, group in enumerate(ordered, 1):
                port = sign * number * step
                while any(abs(port - other) < _APART for other in taken):
                    port += sign * _APART
                taken.append(port)
                ports[group] = port
        return ports

    # ---- paths ---------------------------------------------------------------------------------

    def _track_xs(self, route: Route) -> tuple[float, float]:
        """The x of the vertical pieces in the first and in the last channel."""
        found = []
        for channel, track in zip(route.channels, (route.tracks[0], route.tracks[2]), strict=True):
            count = self.router.channels.count(channel)
            found.append(self.channel_x[channel] + (track - (count - 1) / 2) * _TRACK)
        if route.along == "tail":
            return found[1], found[1]
        return (found[0], found[0]) if route.gap is None else (found[0], found[1])

    def _side(self, box: Box, side: int) -> float:
        rect = self.rects[box]
        return rect.x + side * (rect.width / 2 + RING * box.fetched)

    def _points(self, route: Route) -> list[Point]:
        tail, head = route.edge.tail, route.edge.head
        one, two = self.rects[tail], self.rects[head]
        if route.kind == "across":
            side = 1 if two.x > one.x else -1
            return [(self._side(tail, side), one.y), (self._side(head, -side), one.y)]
        if route.kind == "down":
            side = 1 if two.y > one.y else -1
            start = one.y + side * (one.height / 2 + RING * tail.fetched)
            return [(one.x, start), (one.x, two.y - side * (two.height / 2 + RING * head.fetched))]
        leave = one.y + self._ports[tail, route.exits][route.group]
        enter = two.y + self._ports[head, route.enters][route.group]
        first, last = self._track_xs(route)
        points = [(self._side(tail, route.exits), leave), (first, leave)]
        if route.gap is not None:
            count = self.router.gaps.count(route.gap)
            y = self.gap_y[route.gap] + (route.tracks[1] - (count - 1) / 2) * _TRACK
            points += [(first, y), (last, y)]
        return [*points, (last, enter), (self._side(head, route.enters), enter)]

    def _paths(self) -> list[Path]:
        """All paths. Where dotted edges share their way into one box, one of them is drawn whole
        and the others up to it: dots on dots would be a solid line."""
        farthest: dict[Hashable, Route] = {}
        for route in self.router.routes:
            if self._bundled(route):
                key = self._bundle(route)
                other = farthest.get(key)
                if other is None or self._span(route) > self._span(other):
                    farthest[key] = route
        paths = []
        for route in self.router.routes:
            points = self._points(route)
            stub = self._bundled(route) and farthest[self._bundle(route)] is not route
            paths.append(Path(route.edge, tuple(points[:2] if stub else points), stub))
        return paths

    def _bundled(self, route: Route) -> bool:
        return (
            route.kind == "bent"
            and is_shared(route.edge)
            and route.gap is None
            and route.channels[0] == route.channels[1]
        )

    def _bundle(self, route: Route) -> Hashable:
        head = self.rects[route.edge.head]
        return (route.group, route.tracks[0], self.rects[route.edge.tail].y > head.y)

    def _span(self, route: Route) -> float:
        return abs(self.rects[route.edge.tail].y - self.rects[route.edge.head].y)
