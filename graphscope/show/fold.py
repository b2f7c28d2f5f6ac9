"""Which boxes of a picture with too many are folded: scopes, repetitions, and long runs.

A picture has a budget of boxes. Its scopes are closed at first, and opened from the outermost on
as far as the budget allows. Where a scope repeats itself, a series stands between the first and the
last copy. What still is too long becomes runs of steps.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from graphscope.show.merge import Group, merged
from graphscope.show.repeats import Repeat, repeats
from graphscope.show.sketch import Box, Fold, Sketch
from graphscope.show.units import Unit, tree

#: A run of steps is folded from this many on.
_RUN = 3


def fold(drawn: Sketch, pinned: Collection[Box] = ()) -> Sketch:
    """The sketch with no more boxes than it is asked to have, if possible; with `depth`, with all
    scopes open to this depth and no others, however many boxes there are. pinned: boxes that stay.
    """
    if not drawn.asked.folds:
        return drawn
    stay = {box for box in drawn.boxes if box.fetched or box.role == "feed"} | set(pinned)
    return merged(drawn, _Levels(drawn, stay).groups())


@dataclass(eq=False)
class _Level:
    """An open scope: its units in order, the repetitions among them, and the runs that are folded.

    Units in the middle of a repetition, and those of a run, are not drawn by themselves.
    """

    scope: Unit
    repeats: list[Repeat]
    runs: list[range] = field(default_factory=list)

    def alone(self) -> list[int]:
        hidden = {i for part in (*(r.middle for r in self.repeats), *self.runs) for i in part}
        return [i for i in range(len(self.scope.inside)) if i not in hidden]

    def series(self) -> Iterable[tuple[Repeat, list[Unit]]]:
        for repeat in self.repeats:
            yield repeat, [self.scope.inside[i] for i in repeat.middle]


class _Levels:
    """Finds what is folded in one sketch."""

    def __init__(self, drawn: Sketch, stay: set[Box]) -> None:
        self.drawn, self.asked, self.stay = drawn, drawn.asked, stay
        self.budget = self.asked.budget if self.asked.depth is None else None
        self.full = self.budget is not None and len(drawn.boxes) > self.budget
        self.open: dict[Unit, _Level] = {}
        self.root = tree(drawn)
        self.total = sum(box.role == "feed" for box in drawn.boxes)

    def groups(self) -> dict[Box, Group]:
        self._open(self.root)
        self._open_scopes()
        if self.full:
            self._fold_runs()
        return dict(self._pairs())

    # ---- opening scopes ------------------------------------------------------------------------

    def _open(self, scope: Unit) -> None:
        level = self._level(scope)
        self.open[scope] = level
        self.total += self._size(level)

    def _level(self, scope: Unit) -> _Level:
        if not self.full:
            return _Level(scope, [])
        return _Level(scope, repeats([self._signature(unit) for unit in scope.inside]))

    def _signature(self, unit: Unit) -> object:
        """None for a unit that has to be seen."""
        seen = self._is_wanted(unit) or not self.stay.isdisjoint(unit.boxes)
        return None if seen else unit.signature

    def _is_wanted(self, unit: Unit) -> bool:
        return self._named(unit, self.asked.expand)

    @staticmethod
    def _named(unit: Unit, names: Collection[str]) -> bool:
        """A scope goes by its whole name or its last part, a step by the names of its boxes."""
        if unit.path:
            return unit.name in names or unit.path[-1] in names
        return bool(names) and any(box.main.name in names for box in unit.boxes)

    def _cost(self, unit: Unit, boxes: Iterable[Box]) -> int:
        """How many boxes are drawn for these when they are folded."""
        roles, single = set(), 0
        for box in boxes:
            if box in self.stay:
                single += 1
            else:
                roles.add((unit.role(box), box.order))
        return len(roles) + single

    def _closed(self, unit: Unit) -> int:
        """The cost of a unit that is not open: a scope is closed, a step is as it is."""
        return self._cost(unit, unit.boxes) if unit.path else len(unit.boxes)

    def _size(self, level: _Level) -> int:
        alone = sum(self._closed(level.scope.inside[i]) for i in level.alone())
        series = sum(
            self._cost(units[0], (box for unit in units for box in unit.boxes))
            for _, units in level.series()
        )
        return alone + series + len(level.scope.loose)

    def _open_scopes(self) -> None:
        """From the outermost on; what has to be seen, before everything else."""
        waiting: list[tuple[bool, int, int, Unit]] = []

        def add(level: _Level) -> None:
            for i in level.alone():
                unit = level.scope.inside[i]
                if unit.path and not self._named(unit, self.asked.collapse):
                    unseen = self.stay.isdisjoint(unit.boxes) and not self._leads(unit)
                    heapq.heappush(waiting, (unseen, len(unit.path), unit.first, unit))

        add(self.open[self.root])
        while waiting:
            unit = heapq.heappop(waiting)[-1]
            before = self._closed(unit)
            if self._may_open(unit, before):
                self.total -= before
                self._open(unit)
                add(self.open[unit])

    def _leads(self, unit: Unit) -> bool:
        """It is, or has in it, a scope that is wanted open."""
        return any(
            unit.name == name or name.startswith(unit.name + "/") or unit.path[-1] == name
            for name in self.asked.expand
        )

    def _may_open(self, unit: Unit, before: int) -> bool:
        if self._leads(unit):
            return True
        if self.asked.depth is not None:
            return len(unit.path) <= self.asked.depth
        if not self.full or self.budget is None:
            return True
        return self.total - before + self._size(self._level(unit)) <= self.budget

    # ---- runs ----------------------------------------------------------------------------------

    def _fold_runs(self) -> None:
        """The longest rows first, until there is room."""
        assert self.budget is not None
        for level in sorted(self.open.values(), key=lambda level: -len(level.scope.inside)):
            if self.total <= self.budget:
                break
            self.total -= self._size(level)
            level.runs = self._runs(level, self.budget - self.total)
            self.total += self._size(level) + sum(self._run_cost(level, run) for run in level.runs)

    def _run_cost(self, level: _Level, run: range) -> int:
        units = [level.scope.inside[i] for i in run]
        return self._cost(units[0], (box for unit in units for box in unit.boxes))

    def _runs(self, level: _Level, room: int) -> list[range]:
        """Neighbours that are folded: as many pieces as there is room for, of like length."""
        rows = [row for row in _rows(level.alone()) if len(row) >= _RUN]
        rows = [piece for row in rows for piece in self._foldable(level, row)]
        if not rows:
            return []
        each = max(self._run_cost(level, row) for row in rows)
        length = sum(map(len, rows))
        pieces = max(1, (room - self._size(level) + self._size_of(level, rows)) // each)
        size = max(_RUN, -(-length // pieces))
        return [row[i : i + size] for row in rows for i in range(0, len(row), size)]

    def _size_of(self, level: _Level, rows: Iterable[range]) -> int:
        return sum(self._closed(level.scope.inside[i]) for row in rows for i in row)

    def _foldable(self, level: _Level, row: range) -> list[range]:
        """The parts of a row in which nothing has to be seen; the ends of a level stay."""
        last = len(level.scope.inside) - 1
        free = [
            i for i in row if 0 < i < last and self._signature(level.scope.inside[i]) is not None
        ]
        return [part for part in _rows(free) if len(part) >= _RUN]

    # ---- groups --------------------------------------------------------------------------------

    def _pairs(self) -> Iterable[tuple[Box, Group]]:
        for level in self.open.values():
            units = level.scope.inside
            for i in level.alone():
                unit = units[i]
                if unit.path and unit not in self.open:
                    yield from self._group([unit], Fold("scope", unit.name, types=unit.types))
            for repeat, middle in level.series():
                yield from self._group(middle, self._series(repeat, middle))
            for run in level.runs:
                inside = [units[i] for i in run]
                types = tuple(dict.fromkeys(t for unit in inside for t in unit.types))
                yield from self._group(inside, Fold("run", _span(inside), len(run), types=types))

    def _series(self, repeat: Repeat, middle: list[Unit]) -> Fold:
        piece = middle[: repeat.period]
        types = tuple(dict.fromkeys(t for unit in piece for t in unit.types))
        return Fold("series", _span(middle), repeat.copies - 2, self._shares(middle), types)

    def _shares(self, units: list[Unit]) -> bool:
        """The copies have no variables of their own and read those of others."""
        inside = {box for unit in units for box in unit.boxes}
        variables = [
            edge.tail
            for box in inside
            for edge in self.drawn.into(box)
            if edge.tail.role in ("variable", "frozen")
        ]
        return bool(variables) and inside.isdisjoint(variables)

    def _group(self, units: list[Unit], fold: Fold) -> Iterable[tuple[Box, Group]]:
        for unit in units:
            for box in unit.boxes:
                if box not in self.stay:
                    yield box, Group(units[0], unit.role(box), fold, box.order)


def _rows(numbers: Iterable[int]) -> list[range]:
    """Numbers in order, in rows without gaps."""
    rows: list[range] = []
    for i in numbers:
        if rows and rows[-1].stop == i:
            rows[-1] = range(rows[-1].start, i + 1)
        else:
            rows.append(range(i, i + 1))
    return rows


def _span(units: list[Unit]) -> str:
    """``layer1 … layer8``."""
    first, last = units[0].name, units[-1].name
    return f"{first} … {last.rpartition('/')[2]}"
