"""Where was the first NaN or infinity born, and where did it go?

A number is born bad at a node whose inputs are all finite. From there it is propagated, masked by a
node that drops it, and reaches the loss or variables, or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import NotExecuted
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.remedies import remedy
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import brief, is_finite, stats
from graphscope.ops.lists import numbers
from graphscope.ops.shape_asked import SHAPE_ASKED
from graphscope.ops.state import written

#: The inputs of which an operation takes the shape only, or nothing: no number of them goes on.
_UNUSED = {**SHAPE_ASKED, "Assign": slice(0, 1)}

#: Where bad numbers come from: the time of a step, or a tensor that was there before the run.
Source = int | Tensor


@dataclass(frozen=True)
class Operand:
    """What a node had at the place where it went wrong: `value` is that part of the tensor, and
    `where` says which part: ``[3, 1]``, ``row 3``, or nothing for all of it."""

    tensor: Tensor
    value: Value
    where: str = ""


@dataclass(frozen=True)
class Bad(Answer):
    """The birth of a NaN or an infinity. It is false when there is none.

    node, t:    where it was born, and when: a node of the run, or, with t=0, a feed or a variable
                that was bad when the run began. run: the number of the run. frames: the branches
                and loops around it, the outermost first, each with its iteration.
    index:      of the first bad element of `tensor`; kind: NaN, Inf or -Inf; count: how many of the
                `size` elements are bad.
    rows:       of a tensor with several axes the rows with bad elements, of `height` rows.
    operands:   what the node had there. cause: what happened, in a sentence; hint: what to try.
    propagated: the nodes to which it went on; masked: those that dropped it.
    reaches:    what it came to: fetches, losses, and variables as ``%W``.
    others:     other births, as (node, t): those before it reach nothing.
    coverage:   ``complete``, or ``first among those that have run``; checked: how many that are.
    asked:      what was asked about, where it was a place.
    """

    node: Operation | None = None
    t: int | None = None
    index: tuple[int, ...] | None = None
    kind: str = ""
    tensor: Tensor | None = None
    count: int = 0
    size: int = 0
    rows: tuple[int, ...] = ()
    height: int = 0
    phase: Phase | None = None
    operands: tuple[Operand, ...] = ()
    cause: str = ""
    hint: str = ""
    propagated: tuple[Operation, ...] = ()
    masked: tuple[Operation, ...] = ()
    reaches: tuple[str, ...] = ()
    others: tuple[tuple[Operation, int], ...] = ()
    coverage: str = ""
    checked: int = 0
    asked: str = ""
    run: int = 1
    frames: tuple[tuple[Operation, int], ...] = ()
    names: Names | None = None

    def __bool__(self) -> bool:
        return self.node is not None


def first_bad(timeline: Timeline, facts: Facts, names: Names, asked: Tensor | None = None) -> Bad:
    """The birth of the first bad number of a run that reaches anything; without one, of the first.

    asked: a tensor: then of the one that made this one bad.
    Errors: NotExecuted when it has no value yet.
    """
    trail = _Trail(timeline)
    known: dict[str, Any] = {
        "coverage": "complete" if timeline.finished else "first among those that have run",
        "checked": timeline.newest,
        "asked": "" if asked is None else names.of(asked.op),
        "run": timeline.number,
        "names": names,
    }
    births = trail.births
    if asked is not None:
        value = timeline.value(asked, timeline.newest)
        births = trail.births_of(value, asked) if is_bad(value) else []
    if not births:
        return Bad(**known)
    reached = {birth: trail.reaches(birth, facts, names) for birth in births}
    birth = next((birth for birth in births if reached[birth]), births[0])
    spread = trail.spread(birth)
    others = tuple(
        (trail.node(other), other)
        for other in trail.births
        if isinstance(other, int) and other != birth
    )
    return Bad(
        **_described(birth, timeline),
        propagated=tuple(dict.fromkeys(trail.node(t) for t in spread if t not in trail.masking)),
        masked=tuple(dict.fromkeys(trail.node(t) for t in spread if t in trail.masking)),
        reaches=reached[birth],
        others=others,
        **known,
    )


def is_bad(value: Value | None) -> bool:
    """Whether an array, or an element of a list, has a NaN or an infinity."""
    found = None if value is None else numbers(value)
    return found is not None and not is_finite(found)


def gave_bad(step: Step) -> bool:
    """Whether a node gave a NaN or an infinity."""
    return any(map(is_bad, step.outputs.values()))


@dataclass
class _Trail:
    """The bad numbers of a run: from which steps each step has them.

    An array is the same object wherever it is passed on, through branches and loops too; so it is
    followed by its identity.
    """

    timeline: Timeline
    births: list[Source] = field(default_factory=list)
    sources: dict[int, list[Source]] = field(default_factory=dict)
    masking: set[int] = field(default_factory=set)
    _made: dict[int, int] = field(default_factory=dict)
    _given: dict[int, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        timeline = self.timeline
        for op in timeline.plan.variables:
            if op.name in timeline.start:
                self._given[id(timeline.start[op.name])] = op.outputs[0]
        self._given.update((id(value), tensor) for tensor, value in timeline.run.feeds.items())
        # What is only fetched goes into no step.
        fetched = [tensor for tensor in timeline.plan.fetches if isinstance(tensor, Tensor)]
        self.births = [t for t in fetched if is_bad(self._value_before(t))]
        for step in timeline.steps:
            self._follow(step)
        self.births.sort(key=_time)

    def _value_before(self, tensor: Tensor) -> Value | None:
        """The value that a tensor has before the run begins, if any."""
        start, feeds = self.timeline.start, self.timeline.run.feeds
        given: Value | None = tensor.op.attrs.get("value") if tensor.op.type == "Const" else None
        return feeds.get(tensor, start.get(tensor.op.name, given))

    def _follow(self, step: Step) -> None:
        given = [*step.outputs.values(), *step.writes.values()]
        sources = list(self._taken(step, given))
        if any(map(is_bad, given)):
            if not sources or self._is_by_hand(step):
                self.births.append(step.t)
            else:
                self.sources[step.t] = sources
        elif sources:
            self.sources[step.t] = sources
            self.masking.add(step.t)
        self._made.update((id(value), step.t) for value in given)
        fresh = [s for s in dict.fromkeys(sources) if isinstance(s, Tensor)]
        self.births += [source for source in fresh if source not in self.births]

    def _taken(self, step: Step, given: list[Value]) -> Iterator[Source]:
        """Where the bad numbers come from that a step has taken in."""
        owner = step.node.definition.calls
        out = {id(value) for value in given if is_bad(value)}
        inputs = step.node.inputs
        unused = _UNUSED.get(step.node.type, slice(0, 0)).indices(len(inputs))
        for i, (tensor, value) in enumerate(zip(inputs, self.timeline.inputs(step), strict=True)):
            # What has bodies run takes nothing itself: it hands out what they have computed.
            handed_on = id(value) in out if owner else i not in range(*unused)
            if is_bad(value) and handed_on:
                yield self._source(tensor, value)
        if owner:
            yield from (self._made[made] for made in out if made in self._made)

    def _source(self, tensor: Tensor, value: Value | None) -> Source:
        """The step that made a value, or what was there before the run."""
        known = self._made.get(id(value))
        return self._given.get(id(value), tensor) if known is None else known

    def _is_by_hand(self, step: Step) -> bool:
        values: dict[Any, Value] = {**step.outputs, **step.writes}
        return any(is_bad(values.get(place)) for place in step.overridden)

    # ---- what is asked of it -------------------------------------------------------------------

    def births_of(self, value: Value, tensor: Tensor) -> list[Source]:
        """The births from which a bad value comes, the first one first."""
        queue, seen = [self._source(tensor, value)], set[Source]()
        for source in queue:  # grows on the way
            if source not in seen:
                seen.add(source)
                queue += self.sources.get(source, []) if isinstance(source, int) else []
        found = [source for source in seen if isinstance(source, Tensor) or self._is_birth(source)]
        return sorted(found, key=_time)

    def _is_birth(self, t: int) -> bool:
        return t not in self.sources

    def spread(self, birth: Source) -> list[int]:
        """The times of the steps to which a bad number came from its birth."""
        came: set[Source] = {birth}
        for t, sources in self.sources.items():  # a step's sources are before it
            if any(s in came and s not in self.masking for s in sources):
                came.add(t)
        return sorted(t for t in came if isinstance(t, int) and t != birth)

    def reaches(self, birth: Source, facts: Facts, names: Names) -> tuple[str, ...]:
        """The fetches and losses, and the variables, that a birth has made bad."""
        came = {birth, *self.spread(birth)} - self.masking
        results = [t.op for t in self._results(facts) if self._origin(t) in came]
        found = [op.bound_to or names.of(op) for op in results]
        for step in self.timeline.steps:
            if step.t in came:
                bad = {name for name, value in step.writes.items() if is_bad(value)}
                found += [f"%{names.of(v)}" for v in written(step.node) if v.name in bad]
        return tuple(dict.fromkeys(found))

    def _results(self, facts: Facts) -> Iterator[Tensor]:
        plan = self.timeline.plan
        yield from (element for element in plan.fetches if isinstance(element, Tensor))
        for op in plan.nodes:
            if facts.is_trainer(op):
                yield from facts.loss(op).outputs[:1]

    def _origin(self, tensor: Tensor) -> Source | None:
        """Where the value of a tensor comes from, if it is bad."""
        try:
            value = self.timeline.value(tensor, self.timeline.newest)
        except NotExecuted:
            return None
        return self._source(tensor, value) if is_bad(value) else None

    def node(self, source: Source) -> Operation:
        if isinstance(source, Tensor):
            return source.op
        return self.timeline.steps[source - 1].node


def _time(source: Source) -> int:
    return source if isinstance(source, int) else 0


# ---- the birth ---------------------------------------------------------------------------------


def _described(birth: Source, timeline: Timeline) -> dict[str, Any]:
    """The fields of `Bad` that tell of the birth itself."""
    if isinstance(birth, Tensor):
        value = timeline.value(birth, 0)
        cause, hint = _given(birth, timeline)
        return {"t": 0, "cause": cause, "hint": hint, **_where(birth, value)}
    step = timeline.steps[birth - 1]
    places: dict[Tensor, Value] = dict(step.outputs)
    places.update({v.outputs[0]: step.writes[v.name] for v in written(step.node)})
    tensor, value = next((t, v) for t, v in places.items() if is_bad(v))
    found = {"t": step.t, "phase": step.phase, **_where(tensor, value), "node": step.node}
    found["frames"] = step.frames
    if step.overridden & {tensor, tensor.op.name}:
        return {**found, "cause": "it was set by hand", "hint": f"unset {tensor.name}"}
    index = found["index"]
    operands = [
        _operand(step.node, i, value_in, index, value.shape)
        for i, value_in in enumerate(timeline.inputs(step))
        if value_in is not None
    ]
    numbers = [operand.value for operand in operands]
    cause, hint = remedy(step.node, numbers, value.dtype.name)
    return {**found, "operands": tuple(operands), "cause": cause, "hint": hint}


def _where(tensor: Tensor, value: Value) -> dict[str, Any]:
    """Which elements of a tensor are bad; of a list they are counted through."""
    value = numbers(value)
    summary = stats(value)
    index = summary.first_bad
    assert index is not None
    return {
        "node": tensor.op,
        "tensor": tensor,
        "index": index,
        "kind": brief(value[index].real),
        "count": summary.nan + summary.inf,
        "size": summary.size,
        "rows": tuple(int(row) for row in np.unique(np.argwhere(~np.isfinite(value))[:, 0]))
        if value.ndim > 1
        else (),
        "height": len(value) if value.ndim > 1 else 0,
    }


def _given(tensor: Tensor, timeline: Timeline) -> tuple[str, str]:
    if tensor in timeline.run.feeds:
        return "it was fed so", f"look at the data: print {tensor.op.name}"
    if tensor.op.type == "Const":
        return "it is a constant of the graph", "another constant"
    if timeline.start.get(tensor.op.name) is not timeline.before.variables.get(tensor.op.name):
        return "it was set by hand", "restart"
    return "it had this value when the run began", f"hist %{tensor.op.name}"


def _operand(
    op: Operation, i: int, value: Value, index: tuple[int, ...], shape: tuple[int, ...]
) -> Operand:
    """The part of an input that takes part in the element of the output at an index."""
    tensor = op.inputs[i]
    if value.ndim == 0 or value.dtype == object:
        return Operand(tensor, value)
    if op.type == "MatMul" and i < 2:
        return _line_of(tensor, value, index[i], "row" if i == 0 else "column", op)
    if op.definition.kind in ("math", "nn", "logic", "state"):
        try:
            repeated = np.broadcast_to(value, shape)
        except ValueError:
            return Operand(tensor, value)
        return Operand(tensor, repeated[index], str(list(index)) if index else "")
    return Operand(tensor, value)


def _line_of(tensor: Tensor, value: Value, at: int, word: str, op: Operation) -> Operand:
    """The row or the column of a factor that makes an element of a product of matrices."""
    turned = op.attrs["transpose_a" if word == "row" else "transpose_b"]
    is_row = (word == "row") is not turned
    return Operand(tensor, value[at] if is_row else value[:, at], f"{word} {at}")
