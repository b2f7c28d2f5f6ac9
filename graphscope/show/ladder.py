"""The ladder: where each box stands when a training step is drawn.

The forward pass goes down the left rail, the gradient up the right one, each operation beside its
gradient; variables and their updates are the rungs between. Columns, from left to right: what does
not run, feeds, the lanes of the forward pass, variables, updates, the lanes of the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphscope.ops.state import variable_of
from graphscope.show.sketch import Box, Sketch

#: A row. Operations count from (0, 0) down; what comes after the backward pass is above, below 0.
#: The second number is for boxes that share an operation's row and do not fit into its cell.
Row = tuple[int, int]

#: More lanes than this are no ladder any more. Without a backward pass there is less to align.
LANES = 8
_LANES_FORWARD = 3
#: The most boxes that Graphviz can place by itself in reasonable time.
_FLOWING = 120


@dataclass
class Grid:
    """The column and row of each box; columns and rows count from 0 without gaps.

    steps: the boxes of the forward rail, first to last.
    sharing: for each row, the number of the step to which it belongs; below 0 above all steps.
    """

    cells: dict[Box, tuple[int, int]] = field(default_factory=dict)
    columns: int = 0
    rows: int = 0
    steps: list[Box] = field(default_factory=list)
    sharing: list[int] = field(default_factory=list)
    #: The columns of the forward pass and of the gradient: long edges pass them on the outside.
    forward: range = range(0)
    gradient: range = range(0)
    #: The columns of what does not run.
    ghosts: range = range(0)


def ladder(drawn: Sketch, lanes: int | None = None) -> Grid | None:
    """The grid, or None when something else shows the graph better: one of many branches, that is
    not so large that nothing else can. lanes: how many a ladder may have."""
    plan = _Ladder(drawn)
    if lanes is None:
        lanes = LANES if plan.gradients else _LANES_FORWARD
    fits = plan.count <= lanes or len(drawn.boxes) > _FLOWING
    return plan.grid() if fits else None


class _Ladder:
    def __init__(self, drawn: Sketch) -> None:
        self.drawn = drawn
        self.gradients = [box for box in drawn.boxes if box.role == "gradient"]
        self.steps = self._steps()
        self.lane = self._lanes()
        self.count = max(self.lane.values(), default=0) + 1
        self.read = {e.tail for e in drawn.edges if e.kind == "variable" and e.head in self.lane}
        self.row: dict[Box, Row] = {}
        self.column: dict[Box, tuple[int, int]] = {}
        self._taken: set[tuple[tuple[int, int], Row]] = set()

    def _steps(self) -> list[Box]:
        """The forward rail: what runs, and what only its gradient runs for."""
        abouts = {box.about for box in self.gradients}
        return [
            box
            for box in self.drawn.boxes
            if box.role == "forward"
            or (box.role == "ghost" and box.main in abouts and not box.blocked)
        ]

    def _lanes(self) -> dict[Box, int]:
        """A step goes on in the lane of the step that it uses, when that is the last one there;
        otherwise it takes the first lane that nobody waits for."""
        rail = set(self.steps)
        users: dict[Box, set[Box]] = {box: set() for box in self.steps}
        for edge in self.drawn.edges:
            if edge.tail in rail and edge.head in rail:
                users[edge.tail].add(edge.head)
        lane: dict[Box, int] = {}
        last: list[Box] = []
        for box in self.steps:
            before = [i for i, tail in enumerate(last) if box in users[tail]]
            free = [i for i, tail in enumerate(last) if users[tail] <= lane.keys()]
            at = (before or free or [len(last)])[0]
            if at == len(last):
                last.append(box)
            last[at] = box
            lane[box] = at
        return lane

    # ---- rows and columns ----------------------------------------------------------------------

    def grid(self) -> Grid:
        for number, box in enumerate(self.steps):
            self._put(box, (2, self.count - 1 - self.lane[box]), (number, 0))
        self._put_variables()
        self._put_gradients()
        self._put_late()
        self._put_rest()
        return self._numbered()

    def _put(self, box: Box, column: tuple[int, int], row: Row) -> None:
        """Into this cell, or into the first free one below it."""
        while (column, row) in self._taken:
            row = (row[0], row[1] + 1)
        self._taken.add((column, row))
        self.row[box], self.column[box] = row, column

    def _put_variables(self) -> None:
        """A variable beside the first step that reads it, its updates beside the variable."""
        between = bool(self.gradients) or bool(self.read)
        columns = ((3, 0), (4, 0)) if between else ((4, 0), (3, 0))
        for box in self.drawn.boxes:
            if box.role not in ("variable", "frozen"):
                continue
            readers = [e.head for e in self.drawn.out_of(box) if e.head in self.lane]
            updates = [e.tail for e in self.drawn.into(box) if e.kind == "write"]
            if readers:
                self._put(box, columns[0], min(self.row[reader] for reader in readers))
            elif updates and not self.gradients:
                self._put(box, columns[0], self._row_of_value(updates[0]))
            else:
                continue
            for update in updates:
                self._put(update, columns[1], self.row[box])

    def _row_of_value(self, update: Box) -> Row:
        """The row of the step that computes the new value, or a new row at the end."""
        for tail in self.drawn.drivers(update):
            if tail in self.lane and ((3, 0), self.row[tail]) not in self._taken:
                return self.row[tail]
        return self._new_row()

    def _put_gradients(self) -> None:
        """A gradient beside its operation, in the mirrored lane; its own gradient beyond it."""
        blocked = [box for box in self.drawn.boxes if box.blocked]
        for box in [*self.gradients, *blocked]:
            if box.about is not None:
                about = self.drawn.home.get(box.about)
                row = self.row.get(about) if about is not None else None
                lane = self.lane.get(about, 0) if about is not None else 0
                column = (5, (box.order - 1) * self.count + lane)
                self._put(box, column, row if row is not None else self._new_row())

    def _new_row(self) -> Row:
        return (1 + max((row[0] for row in self.row.values()), default=-1), 0)

    def _put_late(self) -> None:
        """Above everything, the later the higher: what is made of gradients, and the fetch."""
        late = [
            box
            for box in self.drawn.boxes
            if box not in self.row and box.role in ("gradient", "update", "control", "fetch")
        ]
        late.sort(key=lambda box: (box.role == "fetch", box.main._id))
        for number, box in enumerate(late, 1):
            row = (-number, 0)
            if box.role == "gradient":
                self._put(box, (5, 0), row)
                continue
            has_updates = any(other.role == "update" for other in self.drawn.boxes)
            self._put(box, self._update_column() if has_updates else (2, self.count - 1), row)
            if box.role == "update":
                written = self.drawn.home.get(variable_of(box.main.inputs[0]))
                if written is not None and written not in self.row:
                    self._put(written, (3, 0), row)

    def _update_column(self) -> tuple[int, int]:
        columns = [self.column[b] for b in self.drawn.boxes if b.role == "update" and b in self.row]
        return columns[0] if columns else (4, 0)

    def _put_rest(self) -> None:
        """Feeds, constants and variables beside their first user; then what does not run."""
        for box in self.drawn.boxes:
            if box not in self.row and box.role != "ghost":
                column = (3, 0) if box.role in ("variable", "frozen") else (1, 0)
                self._put(box, column, self._first_neighbour(box))
        for box in self.drawn.boxes:
            if box not in self.row:
                self._put(box, (0, 0), self._first_neighbour(box))

    def _first_neighbour(self, box: Box) -> Row:
        heads = [e.head for e in self.drawn.out_of(box) if e.head in self.row]
        tails = [e.tail for e in self.drawn.into(box) if e.tail in self.row]
        near = [b for b in heads if b in self.lane] or heads or tails
        if box.role == "ghost":
            return max((self.row[b] for b in near), default=(0, 0))
        return min((self.row[b] for b in near), default=(0, 0))

    def _numbered(self) -> Grid:
        """The used columns and rows, counted from 0."""
        columns = {column: i for i, column in enumerate(sorted(set(self.column.values())))}
        rows = {row: i for i, row in enumerate(sorted(set(self.row.values())))}
        cells = {box: (columns[self.column[box]], rows[self.row[box]]) for box in self.row}

        def group(number: int) -> range:
            found = [i for column, i in columns.items() if column[0] == number]
            return range(min(found), max(found) + 1) if found else range(0)

        return Grid(
            cells=cells,
            columns=len(columns),
            rows=len(rows),
            steps=self.steps,
            sharing=[row[0] for row in rows],
            forward=group(2),
            gradient=group(5),
            ghosts=group(0),
        )
