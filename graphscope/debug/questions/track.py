"""How has a value changed: at every write of a variable, at every execution of a node?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from graphscope.debug.answers import Answer, Delta
from graphscope.debug.errors import DebugError
from graphscope.debug.history import History
from graphscope.debug.names import Names
from graphscope.debug.questions.bad import is_bad
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import Rounds, rounds
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import stats
from graphscope.ops.lists import numbers


@dataclass(frozen=True)
class Point:
    """One write, or one execution.

    run, t: when. number: the value of a scalar, otherwise the Euclidean length of its finite
    elements. change: the length of the difference from the point before; None for the first.
    rounds: the iterations of the loops around an execution, the outermost first, counted from 1.
    node: what wrote it; None when that was done by hand. bad: it has a NaN or an infinity; of a run
    that was let go this is known of the change only.
    """

    run: int
    t: int
    number: float
    change: float | None
    node: Operation | None
    bad: bool = False
    rounds: Rounds = ()
    mean: float | None = None


@dataclass(frozen=True)
class Track(Answer):
    """The points of a variable or a node, the oldest first.

    written: it is a variable, and the points are writes. scalar: the points are values, not norms.
    runs:    the numbers of the runs that are looked at. dropped: how many of the oldest runs were
             let go: their writes are known by their size, what their nodes computed is not.
    fetched: what the newest run fetches. chart: the measure that is asked for as a chart.
    """

    name: str
    op: Operation
    written: bool
    scalar: bool
    points: tuple[Point, ...]
    runs: tuple[int, ...]
    dropped: int
    fetched: tuple[str, ...]
    names: Names
    chart: str = ""

    @property
    def measure(self) -> str:
        """What the number of a point is."""
        return "value" if self.scalar else "norm"

    @property
    def measures(self) -> tuple[str, ...]:
        """All that is known of a point."""
        return ("value", "change") if self.scalar else ("norm", "mean", "change")

    def series(self, measure: str) -> tuple[float, ...]:
        """A measure of each point; NaN where it is not known, or the point is bad."""
        found = (
            (p.change if measure == "change" else p.mean if measure == "mean" else p.number)
            if not p.bad
            else None
            for p in self.points
        )
        return tuple(nan if number is None else number for number in found)

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(point.number for point in self.points)

    @property
    def writers(self) -> dict[Operation | None, int]:
        """How often each node wrote it; None stands for writes by hand."""
        return dict(Counter(point.node for point in self.points))

    @property
    def per_run(self) -> dict[int, int]:
        """How many points each run has."""
        found = Counter(point.run for point in self.points)
        return {run: found[run] for run in self.runs}


def track(
    tensor: Tensor,
    history: History,
    names: Names,
    fetched: tuple[str, ...],
    last: int = 0,
    chart: str = "",
) -> Track:
    """The points of a tensor in the last so many runs; in all of them, when `last` is 0.

    chart: the measure that is to be a chart. Errors: DebugError for one that it does not have.
    """
    op, newest = tensor.op, history.next_number - 1
    first = max(1, newest - last + 1) if last else 1
    if op.definition.is_variable:
        points = list(_writes(op, history))
        if not points and not any(op.name in t.before.variables for t in history.runs):
            raise DebugError(f"{names.of(op)} has never had a value. Try: why {names.of(op)}")
    else:
        points = list(_executions(tensor, history))
    found = Track(
        name=names.of(op),
        op=op,
        written=op.definition.is_variable,
        scalar=tensor.shape.ndims == 0,
        points=tuple(point for point in points if point.run >= first),
        runs=tuple(range(first, newest + 1)),
        dropped=max(0, history.dropped - first + 1),
        fetched=fetched,
        names=names,
        chart=chart,
    )
    if chart and chart not in found.measures:
        known = ", ".join(found.measures)
        raise DebugError(f"{found.name} has a chart of {known}; not of {chart!r}.")
    return found


def _writes(variable: Operation, history: History) -> Iterator[Point]:
    scalar = variable.outputs[0].shape.ndims == 0
    kept = {timeline.number: timeline for timeline in history.runs}
    for write in history.writes(variable):
        timeline = kept.get(write.run)
        value = None if timeline is None else timeline.variables(write.t).get(variable.name)
        bad = not np.isfinite(write.change) if value is None else is_bad(value)
        number = _number(value) if scalar and value is not None else write.norm
        inside = timeline is not None and write.t and timeline.plan.inner
        around = rounds(timeline.steps[write.t - 1].frames) if timeline and inside else ()
        mean = None if value is None else _mean(value)
        yield Point(write.run, write.t, number, write.change, write.node, bad, around, mean)


def _executions(tensor: Tensor, history: History) -> Iterator[Point]:
    before: Value | None = None
    for timeline in history.looked_through(history.runs):
        for t, frame, value in timeline.executions(tensor):
            same = before is not None and before.shape == value.shape
            change = Delta(before, value).norm if same else None
            node = None if tensor in timeline.steps[t - 1].overridden else tensor.op
            around = rounds(frame.around)
            bad, mean = is_bad(value), _mean(value)
            yield Point(timeline.number, t, _number(value), change, node, bad, around, mean)
            before = value


def _number(value: Value) -> float:
    """A scalar itself, or the length of an array or of a list; texts have none."""
    value = numbers(value)
    if value.dtype == object or not value.size:
        return 0.0
    return float(value.real) if value.ndim == 0 else stats(value).norm


def buckets(numbers: Sequence[float], count: int) -> list[float]:
    """At most `count` numbers: the mean of each of so many pieces of equal length. A piece with a
    number that is not finite is NaN."""
    if not len(numbers):
        return []
    pieces = np.array_split(np.asarray(numbers, np.float64), min(count, len(numbers)))
    return [_level(piece) if np.all(np.isfinite(piece)) else np.nan for piece in pieces]


def _level(piece: Value) -> float:
    """The mean, also of numbers whose sum is too large for a float."""
    largest = float(np.max(np.abs(piece)))
    return largest * float(np.mean(piece / largest)) if largest else 0.0


def _mean(value: Value) -> float | None:
    """The mean of an array; a scalar is its own, and texts and lists have none."""
    if not value.ndim or not value.size or value.dtype == object:
        return None
    return stats(value).clear_mean
