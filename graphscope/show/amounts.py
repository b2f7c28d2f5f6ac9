"""How much there is of something in each box: the seconds of its nodes in the run, the norm of its
value, or its bytes.

An amount is a number and a bar of five squares. What a square means is the same in all pictures,
so that two of them can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import brief, is_finite, stats
from graphscope.show.sketch import Box, Sketch
from graphscope.show.text import duration

_SQUARES = 5
_FULL, _EMPTY = "■", "□"


def size(count: float) -> str:
    """``400 bytes``, ``31.4 KB``, ``3 MB``."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count:.0f} bytes"


@dataclass(frozen=True)
class Scale:
    """What the squares of a bar mean: one is less than `least`, each further one `factor` times as
    much.

    word: what is measured. name: stands before the number. adds_up: a sum of it says something.
    widest: its longest text.
    """

    word: str
    least: float
    factor: float
    text: Callable[[float], str]
    adds_up: bool
    widest: str
    name: str = ""

    def bar(self, amount: float) -> str:
        """``■■■□□``"""
        steps = math.log(amount / self.least, self.factor) + 1 + 1e-9 if amount > 0 else 0
        full = 1 + min(max(math.floor(steps), 0), _SQUARES - 1)
        return _FULL * full + _EMPTY * (_SQUARES - full)

    def words(self, amount: float) -> str:
        return f"{self.name}{self.text(amount)} {self.bar(amount)}"

    def legend(self) -> list[tuple[str, str]]:
        """The signs and their words: of one square, and of all."""
        most = self.least * self.factor ** (_SQUARES - 2)
        each = f"each square {self.factor:g} times more"
        return [
            (self.bar(0), f"{self.word}: less than {self.text(self.least)}, {each}"),
            (_FULL * _SQUARES, f"{self.text(most)} or more"),
        ]


SCALES: Mapping[str, Scale] = {
    "time": Scale("the time it took", 1e-5, 10, duration, True, "99.9 us"),
    "norm": Scale("the norm of its value", 1e-3, 100, brief, False, "changed by 1.23e-05", "norm "),
    "bytes": Scale("the bytes of its value", 100, 100, size, True, "99.9 bytes"),
}


class Amounts:
    """The amounts of the boxes of one sketch, by what is asked of it; none when nothing is.

    output: the tensor that a box is about. home: the box in which a node is.
    Errors: DebugError for what is only known of a run, where there is none.
    """

    def __init__(
        self,
        drawn: Sketch,
        output: Callable[[Box], Tensor | None],
        home: Callable[[Operation], Box | None],
    ) -> None:
        self.drawn, self.output = drawn, output
        asked = drawn.asked.overlay
        self.scale = None if asked is None else SCALES[asked]
        self.of: dict[Box, float] = {}
        if asked is None:
            return
        if drawn.scene.t is None and asked != "bytes":
            raise DebugError(
                f"The {asked} of a node is known when it has run: use draw in a debugger, as in "
                f"gs.debug(session, fetches, feeds).draw(overlay={asked!r}), or gs.film."
            )
        if asked == "time":
            for op, seconds in drawn.scene.seconds.items():
                box = home(op)
                if box is not None:
                    self.of[box] = self.of.get(box, 0.0) + seconds
            return
        measured = self._norm if asked == "norm" else self._bytes
        found = {box: measured(box) for box in drawn.boxes if box.role != "ghost"}
        self.of = {box: amount for box, amount in found.items() if amount is not None}

    def words(self, box: Box) -> str:
        """``31.4 KB ■■■□□``; empty where nothing is known."""
        if self.scale is None or box not in self.of:
            return ""
        amount = self.of[box]
        if box in self._moved:
            return f"changed by {brief(amount)} {self.scale.bar(amount)}"
        return self.scale.words(amount)

    @property
    def _moved(self) -> set[Box]:
        moves = self.drawn.scene.moves if self.drawn.asked.overlay == "norm" else ()
        return {box for box in self.of if box.role == "update" and box.main in moves}

    @property
    def widest(self) -> list[str]:
        """The longest text that a box can have at some time of the run."""
        return [] if self.scale is None else [f"{self.scale.widest} {_FULL * _SQUARES}"]

    @property
    def total(self) -> str:
        """All of it together, for the line above the picture; empty when nothing is asked."""
        if self.scale is None:
            return ""
        whole = f", {self.scale.text(sum(self.of.values()))} in all"
        return f"in a box: {self.scale.word}" + (whole if self.scale.adds_up and self.of else "")

    def _tensors(self, box: Box) -> Iterator[Tensor]:
        """What is measured of a box: of a folded one, what each of its parts gives to others."""
        for part in box.parts or [box]:
            tensor = self.output(part)
            if tensor is not None:
                yield tensor

    def _norm(self, box: Box) -> float | None:
        scene = self.drawn.scene
        if box.role == "update":
            move = scene.moves.get(box.main)
            return None if move is None or move.old is None else move.norm
        if box.fold is not None and box.role not in ("variable", "frozen"):
            return None
        values = [scene.values[t] for t in self._tensors(box) if t in scene.values]
        numbers = [np.asarray(v) for v in values if np.asarray(v).dtype.kind in "fc"]
        if not numbers or not all(map(is_finite, numbers)):
            return None
        return math.hypot(*(stats(value).norm for value in numbers))

    def _bytes(self, box: Box) -> float | None:
        found = [count for t in self._tensors(box) if (count := self._bytes_of(t)) is not None]
        return float(sum(found)) if found else None

    def _bytes_of(self, tensor: Tensor) -> int | None:
        value = self.drawn.scene.values.get(tensor)
        if value is not None:
            array = np.asarray(value)
            return None if array.dtype == object else array.nbytes
        count, dtype = tensor.shape.num_elements(), tensor.dtype.base_dtype
        if count is None or self.drawn.scene.t is not None or dtype.numpy.kind not in "biufc":
            return None
        return count * dtype.size
