"""Which panes there is room for, and how large each is: from the size of the terminal alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: From this width on, the plan stands beside the other panes.
WIDE = 72
#: With fewer lines than these there are no columns beside each other.
_LOW = 8
#: Lines at the bottom: the command line, the keys, the status. In a low window the keys go first,
#: then the status.
_BOTTOM = ("command", "keys", "status")
#: With so many lines above them, all of these stand at the bottom.
_ROOM_FOR_KEYS, _ROOM_FOR_STATUS = 6, 2
#: The part of a line that the plan has.
_PLAN = 0.46


class Cell(NamedTuple):
    """A pane and its height, with the line above it that has its title."""

    name: str
    height: int


@dataclass(frozen=True)
class Arrangement:
    """left, right: the panes beside each other; right is empty where there is no room for two.
    left_width, right_width: their widths; a column is between them. below: the panes over the whole
    width. bottom: the lines under all of them.
    """

    columns: int
    left: tuple[Cell, ...]
    right: tuple[Cell, ...]
    left_width: int
    right_width: int
    below: tuple[Cell, ...]
    bottom: tuple[str, ...]

    def height(self, name: str) -> int:
        """How many lines a pane has under its title; 0 when it is not there."""
        cells = (*self.left, *self.right, *self.below)
        return next((cell.height - 1 for cell in cells if cell.name == name), 0)


class _Want(NamedTuple):
    """What a pane needs to be of use, with its title, and the most that it can use."""

    name: str
    least: int
    most: int


def arranged(columns: int, rows: int) -> Arrangement:
    """The panes for a terminal of this size."""
    above = max(rows - 1, 0)
    bottom = [
        name
        for name, room in zip(_BOTTOM, (0, _ROOM_FOR_KEYS, _ROOM_FOR_STATUS), strict=True)
        if above >= room
    ]
    height = max(rows - len(bottom), 0)
    if columns < WIDE or height < _LOW:
        wants = [
            _Want("node", 2, 8),
            _Want("output", 3, 12),
            _Want("plan", 4, 14),
            _Want("variables", 3, 7),
            _Want("source", 4, 8),
        ]
        order = ("plan", "node", "source", "variables", "output")
        cells = _shared(wants, order, height)
        return Arrangement(columns, cells, (), columns, 0, (), tuple(bottom))
    output = max(3, min(height // 4 + 1, 16))
    top = height - output
    wants = [
        _Want("node", 5, 14),
        _Want("variables", 4, 10),
        _Want("source", 4, 11),
        _Want("gradients", 4, 10),
    ]
    right = _shared(wants, ("node", "source", "variables", "gradients"), top)
    left_width = int(columns * _PLAN)
    return Arrangement(
        columns=columns,
        left=(Cell("plan", top),),
        right=right,
        left_width=left_width,
        right_width=columns - left_width - 1,
        below=(Cell("output", output),),
        bottom=tuple(bottom),
    )


def _shared(wants: Sequence[_Want], order: Sequence[str], height: int) -> tuple[Cell, ...]:
    """The height shared among panes, from the one that is needed most: those for which the least
    is there, then what is left, line by line, in turn; the rest goes to the last one."""
    heights: dict[str, int] = {}
    for want in wants:
        if sum(heights.values()) + want.least <= height:
            heights[want.name] = want.least
    left = height - sum(heights.values())
    while left and (growing := [w for w in wants if w.most > heights.get(w.name, w.most)]):
        for want in growing[:left]:
            heights[want.name] += 1
        left = max(left - len(growing), 0)
    cells = [Cell(name, heights[name]) for name in order if name in heights]
    if left and not cells:
        return (Cell(wants[0].name, left),)
    if left:
        cells[-1] = Cell(cells[-1].name, cells[-1].height + left)
    return tuple(cells)
