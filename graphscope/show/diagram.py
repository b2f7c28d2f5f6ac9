"""The ladder drawn with letters, for a terminal: the same grid and the same ways of edges as in the
picture, in cells instead of points."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass, field

from rich.cells import cell_len

from graphscope.show.ladder import Grid, ladder
from graphscope.show.letters import EAST, NORTH, SOUTH, WEST, Letters
from graphscope.show.place import Run, runs_of
from graphscope.show.route import Route, Router
from graphscope.show.select import only
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch
from graphscope.show.told import Content

#: More boxes than this are a list.
MOST = 40
#: A column is not made narrower than this, nor than its values and shapes.
_NARROWEST = 10
_OPPOSITE = {NORTH: SOUTH, SOUTH: NORTH, EAST: WEST, WEST: EAST}

Cell = tuple[int, int]


def diagram(content: Content, width: int, letters: Letters) -> tuple[list[str], list[Box]] | None:
    """The lines, and the boxes that had to be left out; None when it does not fit.

    What does not run beside the ladder is left out first, then the space in the boxes, then the
    ends of the longest names.
    """
    whole = content.drawn
    aside = _aside(whole)
    inner = only(whole, [box for box in whole.boxes if box not in aside])
    tries = [(whole, 1, False), (inner, 1, False), (inner, 0, False), (inner, 0, True)]
    for drawn, space, cut in tries:
        if len(drawn.boxes) > MOST:
            continue
        grid = ladder(drawn)
        if grid is None:
            continue
        found = _Diagram(content, drawn, grid, letters, space)
        if found.fits(width, cut):
            return found.lines(), [] if drawn is whole else aside
    return None


def _aside(drawn: Sketch) -> list[Box]:
    """What does not run and is no step of the ladder."""
    rail = {box.about for box in drawn.boxes if box.role == "gradient"}
    return [b for b in drawn.boxes if b.role == "ghost" and not b.blocked and b.main not in rail]


@dataclass
class _Diagram:
    """One drawing: first the columns, then the lines of each row, then all letters.

    space: the cells beside the text in a box, and those by which arrows are longer.
    """

    content: Content
    drawn: Sketch
    grid: Grid
    letters: Letters
    space: int
    _letters_at: dict[Cell, str] = field(default_factory=dict)
    _sides: dict[Cell, tuple[int, Edge]] = field(default_factory=dict)
    #: Where edges begin at the border of a box, and to which side; where their heads are.
    _starts: dict[Cell, int] = field(default_factory=dict)
    _ends_at: list[tuple[Edge, Cell]] = field(default_factory=list)
    #: For each line of a row, what is on it: (from, to, group).
    _taken: dict[int, list[list[tuple[int, int, Hashable]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.router = Router(self.grid, self.drawn.edges)
        self.texts = {box: self._text(box) for box in self.drawn.boxes}
        self.headings = self._headings()
        self.inner = [0] * self.grid.columns
        for box, (column, _) in self.grid.cells.items():
            longest = max(map(cell_len, self.texts[box])) + 2 * self.space
            self.inner[column] = max(self.inner[column], longest)
        for column, heading in self.headings.items():
            self.inner[column] = max(self.inner[column], len(heading) - 2)
        self.least = [_NARROWEST] * self.grid.columns
        for box, (column, _) in self.grid.cells.items():
            second = max(map(cell_len, self.texts[box][1:]), default=0)
            self.least[column] = max(self.least[column], second + 2 * self.space)

    def _text(self, box: Box) -> list[str]:
        """The name, and below it the value of a run or what else is asked, or the shape."""
        face = self.content.faces[box]
        asked = self.drawn.asked
        more = asked.order or asked.values or asked.overlay is not None
        first = self.drawn.scene.t is not None or more
        second = (face.small or face.shape) if first else (face.shape or face.small)
        if box.role == "ghost":
            second = face.small
        second = second.removeprefix("its value is ").removeprefix("fetch · ").partition("  ")[0]
        return [self.letters.plain(text) for text in (face.title or " ", second) if text]

    def _headings(self) -> dict[int, str]:
        """The words above the columns; several columns of one kind have them above the first."""
        roles = {"feed": "feeds", "variable": "variables", "frozen": "variables",
                 "update": "updates", "forward": "forward", "gradient": "gradients"}  # fmt: skip
        found: dict[int, str] = {}
        for box, (column, _) in sorted(self.grid.cells.items(), key=lambda item: item[1]):
            word = roles.get(box.role)
            if word is not None and word not in found.values():
                found.setdefault(column, word)
        return found

    # ---- columns -------------------------------------------------------------------------------

    def fits(self, width: int, cut: bool) -> bool:
        """Place the columns; cut: make the widest ones narrower. False when they are too wide."""
        columns = range(self.grid.columns)
        channels = [self._channel(i) for i in range(self.grid.columns + 1)]
        total = sum(self.inner) + 2 * self.grid.columns + sum(channels)
        while cut and total > width:
            spare = [self.inner[i] if self.inner[i] > self.least[i] else 0 for i in columns]
            if not any(spare):
                break
            self.inner[spare.index(max(spare))] -= 1
            total -= 1
        self.column_x: list[int] = []
        self.channel_x: list[int] = []
        x = 0
        for column, channel in enumerate(channels):
            self.channel_x.append(x + (column > 0))
            x += channel
            if column < self.grid.columns:
                self.column_x.append(x)
                x += self.inner[column] + 2
        return total <= width

    def _channel(self, number: int) -> int:
        """The cells of a channel: a free one at both sides of each track, for heads; at the edge of
        the picture, only at the side where boxes are."""
        tracks = self.router.channels.count(number)
        if number in (0, self.grid.columns):
            return 2 * tracks
        return max(2 + self.space, 3 if tracks else 0, 2 * tracks + 1)

    def _span(self, box: Box) -> tuple[int, int]:
        """The first and the last cell of the box in its row."""
        column = self.grid.cells[box][0]
        longest = max(map(cell_len, self.texts[box])) + 2 * self.space
        inner = min(longest, self.inner[column])
        left = self.column_x[column] + (self.inner[column] - inner) // 2
        return left, left + inner + 1

    def _middle(self, column: int) -> int:
        return self.column_x[column] + (self.inner[column] + 1) // 2

    # ---- lines ---------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        ends = [(route, *self._ends(route)) for route in self.router.routes]
        self._place_rows()
        for route, start, end in ends:
            self._trace(route, start, end)
        for box in self.drawn.boxes:
            self._draw_box(box)
        self._draw_heads()
        self._draw_scopes()
        for column, heading in self.headings.items():
            left = self._middle(column) - len(heading) // 2
            self._write(max(left, 0), 0, heading)
        return self._rows()

    def _ends(self, route: Route) -> tuple[int, int]:
        """The lines of its boxes at which an edge leaves and comes in; 0 is that of the name."""
        if route.kind == "down":
            return 0, 0
        tail, head = route.edge.tail, route.edge.head
        (_, r), (_, s) = self.grid.cells[tail], self.grid.cells[head]
        if route.kind == "across":
            line = self._line(r, self._beside(tail, head), self._beside(head, tail), route)
            return line, line
        first, last = self._tracks(route)
        return (
            self._line(r, self._side(tail, route.exits), first, route),
            self._line(s, last, self._side(head, route.enters), route),
        )

    def _line(self, row: int, start: int, end: int, route: Route) -> int:
        """The first line of the row on which nothing else is between two cells."""
        low, high = min(start, end), max(start, end)
        lines = self._taken.setdefault(row, [])
        for number, line in enumerate(lines):
            if all(high < a or low > b or route.group == other for a, b, other in line):
                line.append((low, high, route.group))
                return number
        lines.append([(low, high, route.group)])
        return len(lines) - 1

    def _side(self, box: Box, side: int) -> int:
        """The cell next to the box on that side."""
        left, right = self._span(box)
        return left - 1 if side < 0 else right + 1

    def _beside(self, box: Box, other: Box) -> int:
        return self._side(box, 1 if self.grid.cells[other][0] > self.grid.cells[box][0] else -1)

    def _tracks(self, route: Route) -> tuple[int, int]:
        """The cells of the vertical pieces in the first and in the last channel."""
        first, last = (
            self.channel_x[channel] + 2 * track
            for channel, track in zip(route.channels, route.tracks[::2], strict=True)
        )
        if route.along == "tail":
            return last, last
        return (first, first) if route.gap is None else (first, last)

    def _place_rows(self) -> None:
        runs = runs_of(self.drawn, self.grid)
        self.scopes: dict[int, list[Run]] = {}
        for run in runs:
            if run.scope:
                self.scopes.setdefault(self.grid.cells[run.steps[0]][1], []).append(run)
        self.row_y: list[int] = []
        self.gap_y: list[int] = []
        self.height: list[int] = []
        y = 2
        for row in range(self.grid.rows + 1):
            tracks = self.router.gaps.count(row)
            self.gap_y.append(y + 1)
            titles = len(self.scopes.get(row, ()))
            y += tracks + 2 if tracks else int(0 < row < self.grid.rows and not titles)
            y += titles
            if row < self.grid.rows:
                self.row_y.append(y)
                texts = (len(self.texts[b]) for b, c in self.grid.cells.items() if c[1] == row)
                self.height.append(max(*texts, len(self._taken.get(row, ()))) + 2)
                y += self.height[row]

    # ---- letters -------------------------------------------------------------------------------

    def _trace(self, route: Route, start: int, end: int) -> None:
        edge = route.edge
        (a, r), (_, s) = self.grid.cells[edge.tail], self.grid.cells[edge.head]
        top, bottom = self.row_y[r] + 1 + start, self.row_y[s] + 1 + end
        if route.kind == "across":
            points = [(self._beside(edge.tail, edge.head), top)]
            points.append((self._beside(edge.head, edge.tail), top))
        elif route.kind == "down":
            x = self._middle(a)
            down = s > r
            points = [(x, self.row_y[r] + self.height[r] if down else self.row_y[r] - 1)]
            points.append((x, self.row_y[s] - 1 if down else self.row_y[s] + self.height[s]))
        else:
            first, last = self._tracks(route)
            points = [(self._side(edge.tail, route.exits), top), (first, top)]
            if route.gap is not None:
                y = self.gap_y[route.gap] + route.tracks[1]
                points += [(first, y), (last, y)]
            points += [(last, bottom), (self._side(edge.head, route.enters), bottom)]
        for here, there in itertools.pairwise(points):
            self._stroke(here, there, edge)
        self._join(points[0], edge)
        self._ends_at.append((edge, points[-1]))

    def _stroke(self, here: Cell, there: Cell, edge: Edge) -> None:
        """A straight piece from cell to cell."""
        (x, y), (u, v) = here, there
        while (x, y) != (u, v):
            side = (EAST if u > x else WEST) if x != u else (SOUTH if v > y else NORTH)
            self._mark((x, y), side, edge)
            x += (u > x) - (u < x)
            y += (v > y) - (v < y) if side in (NORTH, SOUTH) else 0
            self._mark((x, y), _OPPOSITE[side], edge)

    def _mark(self, cell: Cell, side: int, edge: Edge) -> None:
        sides, other = self._sides.get(cell, (0, edge))
        self._sides[cell] = (sides | side, other if edge.kind == "ghost" else edge)

    def _border(self, box: Box) -> tuple[int, int, int, int]:
        """The cells of the border: left, top, right, bottom."""
        row = self.grid.cells[box][1]
        left, right = self._span(box)
        return left, self.row_y[row], right, self.row_y[row] + self.height[row] - 1

    def _touching(self, cell: Cell, box: Box) -> tuple[Cell, int]:
        """The cell of the box's border beside a cell, and on which side of the box that one is."""
        left, top, right, bottom = self._border(box)
        x, y = cell
        if x < left:
            return (left, y), WEST
        if x > right:
            return (right, y), EAST
        return ((x, top), NORTH) if y < top else ((x, bottom), SOUTH)

    def _join(self, cell: Cell, edge: Edge) -> None:
        at, side = self._touching(cell, edge.tail)
        self._starts[at] = side

    def _draw_heads(self) -> None:
        for edge, cell in self._ends_at:
            side = _OPPOSITE[self._touching(cell, edge.head)[1]]
            head = self.letters.marks.get(edge.kind, self.letters.heads[side])
            self._letters_at[cell] = head

    def _draw_box(self, box: Box) -> None:
        left, top, right, bottom = self._border(box)
        role = "fetch" if box.fetched else box.role
        nw, flat, ne, upright, sw, se = tuple(self.letters.borders[role])
        inner = right - left - 1
        self._write(left, top, nw + flat * inner + ne)
        self._write(left, bottom, sw + flat * inner + se)
        for y in range(top + 1, bottom):
            self._write(left, y, upright + " " * inner + upright)
        for number, text in enumerate(self.texts[box]):
            text = self.letters.cut(text, inner)
            self._write(left + 1 + (inner - cell_len(text)) // 2, top + 1 + number, text)
        for y in range(top, bottom + 1):
            for x in (left, right) if top < y < bottom else range(left, right + 1):
                if side := self._starts.get((x, y)):
                    self._letters_at[x, y] = self.letters.joined(self._letters_at[x, y], side)

    def _draw_scopes(self) -> None:
        """The names of scopes above their first rows, where nothing else is."""
        end = self.column_x[-1] + self.inner[-1] + 2
        for row, runs in self.scopes.items():
            for number, run in enumerate(runs, self.row_y[row] - len(runs)):
                name = self.letters.plain(f"{run.scope}/")
                start, room = self._blank(number, end, cell_len(name))
                self._write(start, number, self.letters.cut(name, room))

    def _blank(self, y: int, end: int, wanted: int) -> tuple[int, int]:
        """The first blank piece of a line that is long enough, or else the longest."""
        pieces, start = [(0, 0)], 0
        for x in range(end + 1):
            if x == end or (x, y) in self._sides or (x, y) in self._letters_at:
                pieces.append((start, x - start - (x < end)))
                start = x + 2
        enough = [piece for piece in pieces if piece[1] >= wanted]
        return (enough or sorted(pieces, key=lambda piece: -piece[1]))[0]

    def _write(self, x: int, y: int, text: str) -> None:
        """Letters from a cell on. A wide one takes two cells; one without width, that before it."""
        for letter in text:
            width = cell_len(letter)
            if width == 0:
                self._letters_at[x - 1, y] = self._letters_at.get((x - 1, y), "") + letter
                continue
            self._letters_at[x, y] = letter
            if width == 2:
                self._letters_at[x + 1, y] = ""
            x += width

    def _rows(self) -> list[str]:
        cells = {
            cell: self.letters.line(_look(edge), sides)
            for cell, (sides, edge) in self._sides.items()
        }
        cells.update(self._letters_at)
        found: dict[int, dict[int, str]] = {}
        for (x, y), letter in cells.items():
            found.setdefault(y, {})[x] = letter
        lines = []
        for y in range(max(found) + 1):
            row = found.get(y, {})
            lines.append("".join(row.get(x, " ") for x in range(max(row, default=-1) + 1)).rstrip())
        return lines


def _look(edge: Edge) -> EdgeKind:
    """The kind whose line it has: a gradient that begins at what does not run is dashed."""
    return "ghost" if edge.kind == "turn" and edge.tail.role == "ghost" else edge.kind
