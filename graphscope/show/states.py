"""What is written in a box of a run: whether it ran, its value, and what was done to it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from graphscope.debug.answers import Delta
from graphscope.engine.lessons import is_loop
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import brief, is_finite, single, stats, written_kind
from graphscope.show.metrics import shortened
from graphscope.show.sketch import FEW, Box, Sketch
from graphscope.show.theme import BREAKPOINT, FAILED, NEXT, NOT_RUN, NOW, RESTING, SET, WATCHED

State = Literal["", "done", "now", "next", "todo"]

#: In a run boxes are as wide as their longest line will be, so that they stay where they are.
_WIDEST_VALUE = "mean -1.23e-05"
_WIDEST_NUMBER = "-1.23e-05"
_WIDEST_CHANGE = "norm 0.123, moved 0.0123"
_WIDEST_MOVE = "changed by 1.23e-05"
#: A condition, or the name of an error, is no longer than this.
_LONGEST = 24


class States:
    """The states of the boxes of one sketch."""

    def __init__(self, drawn: Sketch) -> None:
        self.drawn, self.scene = drawn, drawn.scene
        self.numbers = drawn.asked.values
        self._nodes = frozenset(self.scene.plan.everything)
        self._now = self.home(self.scene.now_inside or self.scene.now)
        self._next = self.home(self.scene.next_inside or self.scene.next)

    def home(self, op: Operation | None) -> Box | None:
        """The box of an operation, or of the nearest of what runs it."""
        while op is not None and op not in self.drawn.home:
            op = self.scene.plan.owner(op)
        return None if op is None else self.drawn.home[op]

    def planned(self, box: Box) -> list[Operation]:
        return [op for op in box.ops if op in self._nodes]

    def state(self, box: Box) -> State:
        if self.scene.t is None or box.role == "ghost":
            return ""
        if box is self._next:
            return "next"
        if box is self._now:
            return "now"
        planned = self.planned(box)
        given = not any(op is box.main for op in planned) and box.about is None
        return "done" if given or all(op in self.scene.done for op in planned) else "todo"

    def failed(self, box: Box) -> bool:
        """Whether the error was raised here."""
        return self.scene.failed is not None and box is self._next

    # ---- signs before the name, and words before the value -------------------------------------

    def signs(self, box: Box) -> list[str]:
        """The signs of the box: where the run stands, and what the user has done to it."""
        scene = self.scene
        stops = [op for op in box.operations if op in scene.breakpoints]
        signs = []
        if self.failed(box):
            signs.append(FAILED)
        elif scene.t is not None and box is self._next:
            signs.append(NEXT)
        if stops:
            always = any(op not in scene.conditions for op in stops)
            signs.append(BREAKPOINT if always else RESTING)
        if any(op in scene.watched for op in box.operations):
            signs.append(WATCHED)
        if any(op in scene.by_hand for op in box.operations):
            signs.append(SET)
        return signs

    def words(self, box: Box) -> list[str]:
        """What the signs say, in words."""
        scene = self.scene
        stops = [op for op in box.operations if op in scene.breakpoints]
        found = []
        if any(op in scene.by_hand for op in box.operations):
            found.append("set by you")
        if any(op in scene.watched for op in box.operations):
            found.append("watched")
        if stops and all(op in scene.conditions for op in stops):
            found.append(shortened(scene.conditions[stops[0]], _LONGEST))
        return found

    # ---- the third line ------------------------------------------------------------------------

    def line(self, box: Box, state: State, still: str, output: Tensor | None) -> tuple[str, bool]:
        """The third line, and whether something in the box is not finite.

        still: the line that it has without a run. output: what the box is about.
        """
        planned = self.planned(box)
        done = sum(op in self.scene.done for op in planned)
        variable = box.role in ("variable", "frozen")
        if state == "next":
            return self._next_words(box, variable, done, len(planned)), False
        value, bad = self._value(box, output)
        if state == "now":
            if variable:
                return f"{NOW}: read", False
            if done < len(planned):
                value, bad = self._within(box, done, len(planned)), False
            return f"{NOW}: {value or 'ran'}", bad
        if state == "todo":
            return (f"{done} of {len(planned)} run" if done else NOT_RUN), False
        if not value and variable and not self._has_value(box):
            return "no value yet", False
        return value or still or ("ran" if planned else ""), bad

    def _has_value(self, box: Box) -> bool:
        parts = box.parts or [box]
        return all(part.main.outputs[0] in self.scene.values for part in parts)

    def _next_words(self, box: Box, variable: bool, done: int, count: int) -> str:
        if self.failed(box):
            return f"fails: {shortened(self.scene.failure.partition(':')[0], _LONGEST)}"
        if variable:
            return "next: read"
        if box.main in self.scene.rounds and not done:
            return f"next: {self._within(box, done, count)}"
        return f"next: {done + 1} of {count}" if count > 1 else "next to run"

    def _within(self, box: Box, done: int, count: int) -> str:
        """How far a box has come that has begun and not ended."""
        if box.main in self.scene.rounds:
            return f"iteration {self.scene.rounds[box.main]}"
        return f"{done} of {count} run" if count > 1 else "inside"

    def _value(self, box: Box, output: Tensor | None) -> tuple[str, bool]:
        inside = self._bad_inside(box)
        if box.fold is not None and box.fold.kind != "kept":
            return inside or self._of_many(box), bool(inside)
        if box.role == "update":
            move = self.scene.moves.get(box.main)
            found = ("", False) if move is None else moved(move)
        elif box.main in self.scene.deltas:
            found = changed(self.scene.deltas[box.main], numbers=self.numbers)
        elif output is None or box.role == "ghost" or output not in self.scene.values:
            found = ("", False)
        else:
            found = self.summary(box, self.scene.values[output])
        if inside and not found[1]:
            return inside, True
        if is_loop(box.main) and box.main in self.scene.rounds and box.main in self.scene.done:
            count = self.scene.rounds[box.main]
            return f"{count} iteration{'' if count == 1 else 's'} · {found[0]}", found[1]
        return found

    def summary(self, box: Box, value: Any) -> tuple[str, bool]:
        """The value of a box in a few words, and whether it has elements that are not finite."""
        norm = box.role in ("gradient", "variable", "frozen")
        return summary(value, norm=norm, most=box.role == "feed", numbers=self.numbers)

    def shape(self, tensor: Tensor) -> str:
        """``[100, 10]``, ``int32 scalar``: of the value, or what is known of it before the run."""
        return shape_of(tensor, self.scene.values.get(tensor), types=self.drawn.asked.dtypes)

    def _bad_inside(self, box: Box) -> str:
        """``NaN inside: Log``: the first of several operations whose value is not finite."""
        if box.role == "ghost" or len(box.ops) < 2:
            return ""
        for op in sorted(box.ops, key=lambda op: op._id):
            for tensor in op.outputs:
                word = bad_word(self.scene.values.get(tensor))
                if word:
                    return f"{word} inside: {shortened(op.name.rpartition('/')[2], 16)}"
        return ""

    def _of_many(self, box: Box) -> str:
        """How many of the parts of a folded box have run, or were written."""
        if box.role in ("variable", "frozen"):
            written = sum(part.main in self.scene.deltas for part in box.parts)
            return f"{written} of {len(box.parts)} written" if written else ""
        planned = self.planned(box)
        done = sum(op in self.scene.done for op in planned)
        return f"{done} of {len(planned)} run" if planned else ""

    def reserved(self, box: Box, output: Tensor | None) -> list[str]:
        """The longest lines that a box can have at some time of the run."""
        count = output.shape.num_elements() if output is not None and self.numbers else None
        few = count if count is not None and count <= FEW else 0
        numbers = f"[{', '.join([_WIDEST_NUMBER] * few)}]"
        if box.role in ("variable", "frozen"):
            return [f"{numbers} → {numbers}" if few else _WIDEST_CHANGE]
        widest = _WIDEST_MOVE if box.role == "update" else numbers if few else _WIDEST_VALUE
        lines = [f"{NOW}: {widest}"]
        if is_loop(box.main) and box.main.definition.calls:
            lines.append(f"100 iterations · {_WIDEST_VALUE}")
        return lines


def shape_of(tensor: Tensor, value: Any, *, types: bool) -> str:
    """The shape of a value; of the tensor, where there is none. types: with the type in any case;
    otherwise only what is not made of floats has it."""
    sizes = tensor.shape.sizes if value is None else np.shape(value)
    kind = "" if tensor.dtype.is_floating and not types else f"{tensor.dtype.base_dtype.name} "
    if not sizes:
        return kind + ("shape unknown" if sizes is None else "scalar")
    return f"{kind}[{', '.join('?' if s is None else str(s) for s in sizes)}]"


def changed(delta: Delta, *, numbers: bool = False) -> tuple[str, bool]:
    """What became of a variable."""
    new, bad = summary(delta.new, norm=True, numbers=numbers)
    if delta.old is None or bad:
        return new, bad
    old = summary(delta.old, norm=True, numbers=numbers)[0]
    if old == new:
        return f"{new}, moved {brief(delta.norm)}", False
    return f"{old} → {new if new.startswith('[') else new.rpartition(' ')[2]}", False


def moved(delta: Delta) -> tuple[str, bool]:
    """What an update has done: the length of the change."""
    new, bad = summary(delta.new)
    if bad or delta.new.dtype == object:
        return new, bad
    if delta.old is None:
        return "its first value", False
    if np.ndim(delta.new) == 0:
        return f"{single(delta.old)} → {single(delta.new)}", False
    return f"changed by {brief(delta.norm)}", False


def bad_word(value: Any) -> str:
    """NaN or Inf, when there is one in a value."""
    if value is None or is_finite(value):
        return ""
    return "NaN" if np.any(np.isnan(value)) else "Inf"


def summary(
    value: Any, *, norm: bool = False, most: bool = False, numbers: bool = False
) -> tuple[str, bool]:
    """A value in a few words, and whether it has elements that are not finite.

    norm, most: of what is shown. numbers: a few elements are shown as they are.
    """
    array = np.asarray(value)
    if array.dtype == object:
        lists = written_kind(array) == "list"
        return f"list of {array.size}" if lists else "text", False
    found = stats(array)
    if found.nan or found.inf:
        word, count = ("NaN", found.nan) if found.nan else ("Inf", found.inf)
        return (f"{word} in {count} of {found.size}" if found.size > 1 else word), True
    if numbers and 0 < found.size <= FEW and array.ndim and array.dtype.kind != "c":
        return written(array), False
    if found.size == 0:
        return "no elements", False
    if array.ndim == 0:
        return (
            f"value {number(array)}" if array.dtype.kind != "c" else f"|v| {brief(found.max)}",
            False,
        )
    if norm:
        return f"norm {brief(found.norm)}", False
    return f"mean {found.shown_mean}" + (f"  max {brief(found.max)}" if most else ""), False


def written(array: Any) -> str:
    """The elements in one line: ``[3, 4]``, ``[[1, 0], [0, 1]]``."""
    text = np.array2string(array, separator=", ", formatter={"all": number})
    return " ".join(text.split())


def number(value: Any) -> str:
    return str(bool(value)) if isinstance(value, bool | np.bool_) else brief(np.real(value))
