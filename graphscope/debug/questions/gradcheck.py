"""Is the gradient right? The rules of the operations against differences of the values.

Everything is computed in a copy of the graph, in double precision where its operations allow it, at
the place at which we look: no run, no variable and no graph is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.names import Names
from graphscope.debug.progress import counted
from graphscope.debug.questions.why import way_around
from graphscope.debug.side.aside import Aside, precise
from graphscope.debug.side.runs import known_values, state_at
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import plan
from graphscope.gradients import differentiable_ops
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach

#: So many elements of a tensor are checked, and of an operation's inputs in the search for the
#: culprit.
_CHECKED, _CHECKED_IN_A_NODE = 24, 12


#: What stays as it is while a tensor changes: of (y, x).
Staying = Callable[[Tensor, Tensor], dict[Tensor, Value]]


class Finding(Enum):
    """What comes of comparing the two gradients of a tensor."""

    AGREES = "agrees"
    DIFFERS = "DIFFERS"
    CORNER = "agrees, at a corner"
    NOT_FINITE = "NOT FINITE"


@dataclass(frozen=True)
class Row:
    """One tensor along which the gradient was checked.

    checked, size: how many of its elements, and of how many. index: of the worst one; numeric,
    symbolic: its two slopes; error: their difference, relative to the larger one.
    corners: at how many elements the value has a corner, so that there is a slope on either side.
    connected: whether the graph has a gradient for it at all; without one, the slope counts as 0.
    """

    name: str
    tensor: Tensor
    finding: Finding
    checked: int
    size: int
    index: tuple[int, ...] = ()
    numeric: float = 0.0
    symbolic: float = 0.0
    error: float = 0.0
    corners: int = 0
    connected: bool = True


@dataclass(frozen=True)
class GradCheck(Answer):
    """The check of one gradient.

    name:      what was differentiated; weighted: it has several elements, and a sum of them with
               fixed weights was taken.
    rows:      one for each variable and feed. precision: of the computation; eps: the step.
    held:      operations whose value was kept as it is: random ones, writes, stop_gradient.
    culprit:   the operation whose rule is wrong, or that passes values on and no gradient.
    """

    name: str
    tensor: Tensor
    rows: tuple[Row, ...]
    precision: DType
    eps: float
    weighted: bool = False
    held: tuple[Operation, ...] = ()
    culprit: Operation | None = None
    reason: str = ""
    hint: str = ""
    names: Names | None = None

    @property
    def ok(self) -> bool:
        return not any(row.finding in (Finding.DIFFERS, Finding.NOT_FINITE) for row in self.rows)

    @property
    def worst(self) -> Row | None:
        """The row with the largest error, one that differs first."""
        key = {Finding.NOT_FINITE: 3, Finding.DIFFERS: 2, Finding.AGREES: 1, Finding.CORNER: 0}
        return max(self.rows, key=lambda row: (key[row.finding], row.error), default=None)

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True)
class _Kind:
    """A precision, with the step and the error that belong to it."""

    dtype: Callable[[DType], DType]
    name: str
    eps: float
    tolerance: float


_KINDS = (
    _Kind(precise, "float64", 1e-6, 1e-5),
    _Kind(as_dtype, "float32", 1e-2, 2e-2),
)


def gradcheck(
    y: Tensor, xs: Sequence[Tensor], timeline: Timeline, names: Names, eps: float = 0.0
) -> GradCheck:
    """Check the gradient of `y` along `xs`; along all variables and feeds, when there are none.

    eps: the step, relative to numbers above 1; one that fits the precision, when it is 0.
    Errors: DebugError for what has no gradient, or cannot be computed.
    """
    for tensor in (y, *xs):
        if tensor.op.body is not None:
            raise DebugError(f"{tensor.name} is inside of a branch or a loop.")
        if not tensor.dtype.is_floating:
            raise DebugError(f"{tensor.name} is {tensor.dtype.base_dtype.name}: it has no slope.")
    along = list(xs) or _given(y, timeline)
    if not along:
        raise DebugError(f"{y.name} depends on no variable and no feed of floating-point numbers.")
    try:
        return _Check(y, along, timeline, names, _with_step(_KINDS[0], eps)).answer()
    except DebugError:  # some operation knows single precision only
        return _Check(y, along, timeline, names, _with_step(_KINDS[1], eps)).answer()


def _with_step(kind: _Kind, eps: float) -> _Kind:
    return replace(kind, eps=eps) if eps else kind


def _given(y: Tensor, timeline: Timeline) -> list[Tensor]:
    """The variables and feeds that `y` is computed from."""
    feeds = timeline.run.feeds
    needed = plan(y.graph, [y], feeds)
    taken = {tensor for op in (*needed.nodes, y.op) for tensor in op.inputs}
    variables = [op.outputs[0] for op in needed.variables]
    return [t for t in (*variables, *feeds) if t in taken and t.dtype.is_floating]


class _Check:
    """One check in one precision: `y` as a function of each of the tensors, and its slopes."""

    def __init__(
        self, y: Tensor, xs: list[Tensor], timeline: Timeline, names: Names, kind: _Kind
    ) -> None:
        self.y, self.xs, self.names, self.kind = y, xs, names, kind
        self.aside = aside = Aside([y, *xs], kind.dtype)
        self.state = state_at(timeline, timeline.t)
        known = {t: v for t, v in known_values(timeline).items() if t in aside}
        by_hand = {place for step in timeline.steps for place in step.overridden}
        by_hand |= timeline.overrides.keys() | timeline.run.feeds.keys()
        #: What is given a value from outside: nothing flows through it.
        self.cuts = [tensor for tensor in known if tensor in by_hand]
        given = {t: v for t, v in known.items() if t in self.cuts or _is_stateful(t.op)}
        variables = [op.outputs[0] for op in aside.ops if op.definition.is_variable]
        self.base = self._run(
            [y, *(t for t in variables if t.op.name in self.state.variables)], given
        )
        for x in xs:
            if x not in self.base:
                raise DebugError(f"{names.of(x.op)} has no value: it is not initialized.")
        again = self._run([y], {t: v for t, v in self.base.items() if _is_stateful(t.op)} | given)
        if not np.array_equal(again[y], self.base[y], equal_nan=True):
            raise DebugError(
                f"{y.name} is another value each time: a random operation inside of a branch or a "
                "loop has no seed."
            )

    def answer(self) -> GradCheck:
        values = self.base[self.y]
        checked = self._rows(self.y, self.xs, self._whole, _CHECKED)
        rows = tuple(counted(checked, "checking gradients", len(self.xs)))
        wrong = [row for row in rows if row.finding is Finding.DIFFERS]
        culprit, reason, hint = self._culprit(wrong[0].tensor) if wrong else (None, "", "")
        if any(row.finding is Finding.NOT_FINITE for row in rows):
            reason, hint = "there is a NaN or an infinity in it", "nan"
        return GradCheck(
            name=self.names.of(self.y.op),
            tensor=self.y,
            rows=rows,
            precision=as_dtype(values.dtype),
            eps=self.kind.eps,
            weighted=values.size != 1,
            held=tuple(dict.fromkeys(t.op for x in self.xs for t in self._held(x))),
            culprit=culprit,
            reason=reason,
            hint=hint,
            names=self.names,
        )

    # ---- values, by the tensors of the original graph ------------------------------------------

    def _run(self, wanted: Iterable[Tensor], known: dict[Tensor, Value]) -> dict[Tensor, Value]:
        """All values that are computed on the way to those that are wanted."""
        here = self.aside.here
        values = self.aside.run(
            [here(t) for t in wanted], {here(t): v for t, v in known.items()}, self.state
        )
        return {
            t: values[here(t)] for op in self.aside.ops for t in op.outputs if here(t) in values
        }

    def _below(self, x: Tensor) -> list[Operation]:
        """The operations that are computed from `x`, in order."""
        copied = set(self.aside.ops)

        def users(op: Operation) -> Iterator[Operation]:
            tensors = [x] if op is x.op else op.outputs
            return (u for t in tensors for u in t.graph.consumers(t) if u in copied)

        return sorted(reach([x.op], users) - {x.op}, key=lambda op: op._id)

    def _held(self, x: Tensor) -> list[Tensor]:
        """What depends on `x` by its value, and counts as a constant for the gradient."""
        ops = [op for op in self._below(x) if op.type == "StopGradient" or _is_stateful(op)]
        return [tensor for op in ops for tensor in op.outputs]

    def _whole(self, y: Tensor, x: Tensor) -> dict[Tensor, Value]:
        """What stays as it is while `x` changes."""
        moving = {t for op in self._below(x) for t in op.outputs}
        moving -= {*self._held(x), *self.cuts}
        return {t: v for t, v in self.base.items() if t not in moving}

    def _alone(self, y: Tensor, x: Tensor) -> dict[Tensor, Value]:
        """What stays as it is for a single operation: its inputs."""
        return {t: self.base[t] for t in y.op.inputs}

    # ---- comparing -----------------------------------------------------------------------------

    def _rows(self, y: Tensor, xs: Sequence[Tensor], staying: Staying, count: int) -> Iterator[Row]:
        """A row for each of the tensors, of which `count` elements are checked."""
        weights = _weights(self.base[y])
        slopes = self.aside.gradients(y, xs, weights, [t for t in self.cuts if t is not y])
        known = {t: v for t, v in self.base.items() if not t.op.definition.calls}
        here = self.aside.here
        wanted = [slope for slope in slopes if slope is not None]
        values = self.aside.run(wanted, {here(t): v for t, v in known.items()}, self.state)
        for x, slope in zip(xs, slopes, strict=True):
            at = self.base[x]
            fixed = staying(y, x)

            def function(value: Value, x: Tensor = x, fixed: Any = fixed) -> float:
                result = self._run([y], {**fixed, x: value})[y]
                return float(np.sum(result.astype(np.float64) * weights))

            symbolic = np.zeros(at.shape) if slope is None else values[slope]
            found = compared(function, at, symbolic, self.kind.eps, self.kind.tolerance, count)
            yield Row(self.names.of(x.op), x, connected=slope is not None, **found)

    def _culprit(self, x: Tensor) -> tuple[Operation | None, str, str]:
        """The operation nearest to `y` that is wrong by itself."""
        below = self._below(x)
        between = differentiable_ops([self.y], [x])
        for op in reversed(below):
            floating = [t for t in dict.fromkeys(op.inputs) if t.dtype.is_floating]
            ready = all(t in self.base for t in (*op.inputs, *op.outputs))
            if op.body is not None or not floating or not ready or _is_stateful(op):
                continue
            for output in (t for t in op.outputs if t.dtype.is_floating):
                if op not in between:
                    if op.type != "StopGradient" and self._passes(output, floating):
                        return op, f"{op.type} passes values on, and no gradient", way_around(op)
                    continue
                rows = self._rows(output, floating, self._alone, _CHECKED_IN_A_NODE)
                if any(row.finding is Finding.DIFFERS for row in rows):
                    return op, f"the rule of {op.type} is wrong here", f"gradcheck {op.name}"
        return None, "each operation is right by itself", "a smaller or a larger --eps"

    def _passes(self, y: Tensor, xs: Sequence[Tensor]) -> bool:
        """Whether an output moves a little when an input does."""
        for x in xs:
            moved = self.base[x] * (1 + self.kind.eps) + self.kind.eps
            values = self._run([y], {**self._alone(y, x), x: moved})
            if not np.array_equal(values[y], self.base[y], equal_nan=True):
                return True
        return False


def _is_stateful(op: Operation) -> bool:
    return op.definition.is_stateful and not op.definition.is_variable


def _weights(values: Value) -> Value:
    """Fixed weights for a sum of several elements: a plain sum hides errors that add up to 0."""
    if values.size == 1:
        return np.ones(values.shape, values.dtype)
    return np.random.RandomState(0).uniform(0.5, 1.5, values.shape).astype(values.dtype)


# ---- arithmetic --------------------------------------------------------------------------------


def compared(
    function: Callable[[Value], float],
    at: Value,
    symbolic: Value,
    eps: float,
    tolerance: float,
    count: int,
) -> dict[str, Any]:
    """The slopes of a function of one array by differences, against those that are given: the
    fields of `Row`.

    count: how many elements are looked at: those with the largest slopes, and others in between.
    """
    middle = function(at)
    chosen = _chosen(symbolic, count)
    found: dict[str, Any] = {"checked": len(chosen), "size": at.size}
    if not np.isfinite(middle) or not np.all(np.isfinite(symbolic)):
        return {**found, "finding": Finding.NOT_FINITE}
    worst: tuple[tuple[bool, float, float], dict[str, Any]] = ((False, -1.0, 0.0), {})
    corners = 0
    for index in chosen:
        left, right, step = _sides(function, at, index, eps, middle)
        slope, numeric = float(symbolic[index]), (left + right) / 2
        size, error = max(abs(numeric), abs(slope)), abs(numeric - slope)
        noise = 32 * float(np.finfo(at.dtype).eps) * max(abs(middle), 1e-30) / step
        allowed = tolerance * size + noise
        wrong = not error <= allowed  # NaN is wrong too
        if wrong and min(left, right) - allowed <= slope <= max(left, right) + allowed:
            corners += 1
            continue
        if wrong:  # a smaller step, for a value that is curved here; a wrong slope stays wrong
            nearer, other, _ = _sides(function, at, index, eps / 100, middle)
            wrong = not abs((nearer + other) / 2 - slope) < error / 3
        relative = error / size if error > noise and size else 0.0
        numbers = {"index": index, "numeric": numeric, "symbolic": slope, "error": relative}
        worst = max(worst, ((wrong, relative, size), numbers), key=lambda pair: pair[0])
    finding = Finding.CORNER if corners else Finding.AGREES
    return {
        **found,
        **worst[1],
        "finding": Finding.DIFFERS if worst[0][0] else finding,
        "corners": corners,
    }


def _sides(
    function: Callable[[Value], float],
    at: Value,
    index: tuple[int, ...],
    eps: float,
    middle: float,
) -> tuple[float, float, float]:
    """The slopes to the left and to the right of an element, and the step. Where the function has
    no value on one side, the other one counts for both."""
    slopes = []
    size = eps * max(1.0, abs(float(at[index])))
    for sign in (-1, 1):
        moved = at.copy()
        moved[index] += sign * size
        step = float(moved[index]) - float(at[index])
        slopes.append((function(moved) - middle) / step if step else 0.0)
    left, right = slopes
    if not np.isfinite(left):
        left = right
    return left, right if np.isfinite(right) else left, size


def _chosen(symbolic: Value, count: int) -> list[tuple[int, ...]]:
    """The indices that are looked at."""
    size = symbolic.size
    if not symbolic.ndim:
        return [()]
    if size <= count:
        flat = np.arange(size)
    else:
        largest = np.argsort(-np.abs(symbolic).ravel(), kind="stable")[: count // 2]
        spread = np.linspace(0, size - 1, count - len(largest)).astype(int)
        flat = np.unique(np.concatenate([largest, spread]))
    where = np.unravel_index(flat, symbolic.shape)
    return [tuple(int(i) for i in index) for index in zip(*where, strict=True)]
