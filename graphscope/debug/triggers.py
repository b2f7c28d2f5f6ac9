"""What a stop looks for at a place in a run: a node, a change of a value, a number gone wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from graphscope.debug.answers import Delta, Found, Reason
from graphscope.debug.errors import DebugError
from graphscope.debug.history import History
from graphscope.debug.locations import Locations
from graphscope.debug.stops import Maker, Seeker
from graphscope.debug.timeline import AnyValue, Step, StepTest, Timeline
from graphscope.engine.interpreter import Frame, Value
from graphscope.engine.lessons import called
from graphscope.engine.plan import Phase
from graphscope.errors import FailedPreconditionError
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.kernels.stats import brief, is_finite, is_list, single, stats
from graphscope.ops.lists import equal, numbers
from graphscope.ops.state import variable_of

#: What can be caught, and what each looks for.
CATCHES = {
    "nan": "a node that makes a NaN of numbers without one",
    "inf": "a node that makes an infinity of finite numbers",
    "big": "a node that makes numbers larger than a limit: big>1e6",
    "error": "a node that fails",
    "uninit": "a node that fails because a variable has no value",
    "zero-grad": "a gradient that becomes zero everywhere",
    "shape": "a node that repeats both its inputs along axes: [64,1] with [64]",
}
#: The limit of ``catch big``.
BIG = 1e6

#: Takes the part of a value that is watched.
Part = Callable[[Value], Value]


def at_nodes(spec: Any, before: bool = False) -> Maker:
    """Stops behind the nodes that the words mean, or before them."""

    def make(locations: Locations) -> Seeker:
        meant = locations.meant(spec)
        written = isinstance(spec, str) and spec.startswith("%")
        reason = Reason.WRITE if written else Reason.BREAKPOINT

        def test(history: History) -> Found | None:
            timeline = history.here
            here = timeline.begins() if before else _ran(timeline)
            node = next((op for op, frame in here if meant.has(op, frame)), None)
            if node is None:
                return None
            return Found(reason, f"before {node.name}" if before else "")

        return Seeker(test, meant.nodes, None if before else meant.nodes)

    return make


def _ran(timeline: Timeline) -> Collection[tuple[Operation, Frame]]:
    return ((timeline.here.node, timeline.here.frame),) if timeline.here else ()


def on_access(spec: Any, part: Part, words: str, modes: str, atol: float) -> Maker:
    """Stops where a variable is written (`modes` has a w) with a change larger than `atol`, or
    read (an r); or where a node gives another value than when it ran last."""

    def make(locations: Locations) -> Seeker:
        tensor = locations.tensor(spec)
        variable = variable_of(tensor) if tensor.dtype.is_ref else None
        given = tensor.op.body is not None and tensor in tensor.op.body.parameters
        if variable is None and not given:
            locations.nodes(tensor)  # an error for what is no step of the run

        def test(history: History) -> Found | None:
            timeline = history.here
            if given:
                return _changed_given(history, tensor, part, words, atol)
            if variable is None:
                return _changed_node(history, tensor, part, words, atol)
            if "w" in modes and (found := _changed(history, variable, part, words, atol)):
                return found
            step = timeline.here
            if "r" in modes and step is not None and _reads(step, variable):
                what = f"what is fed for {words}" if tensor in timeline.plan.feeds else words
                return Found(Reason.READ, f"{what} was read by {step.node.name}.")
            return None

        def may(step: Step) -> bool:
            assert variable is not None
            written = "w" in modes and variable.name in step.writes
            return written or ("r" in modes and _reads(step, variable))

        if given:
            return Seeker(test)
        return (
            Seeker(test, behind=frozenset((tensor.op,)))
            if variable is None
            else Seeker(test, may=may)
        )

    return make


def _reads(step: Step, variable: Operation) -> bool:
    if step.node.definition.calls:
        return False  # its bodies may have read it, which were steps of their own
    places = step.node.inputs[step.node.definition.writes :]
    return any(tensor.op is variable for tensor in places)


def _changed(
    history: History, variable: Operation, part: Part, words: str, atol: float
) -> Found | None:
    timeline, step = history.here, history.here.here
    if step is None:
        return _changed_between(history, variable, part, words, atol)
    if variable.name not in step.writes:
        return None
    old = timeline.variables(step.t - 1).get(variable.name)
    writer = "by hand" if variable.name in step.overridden else f"by {step.node.name}"
    return difference(old, step.writes[variable.name], part, words, atol, writer)


def _changed_between(
    history: History, variable: Operation, part: Part, words: str, atol: float
) -> Found | None:
    """A change between two runs: something that is not debugged wrote the variable."""
    if history.previous is None:
        return None
    old = history.previous.variables(history.previous.newest).get(variable.name)
    new = history.here.start.get(variable.name)
    if new is None or new is old:
        return None
    return difference(old, new, part, words, atol, "between the runs")


def _changed_node(
    history: History, tensor: Tensor, part: Part, words: str, atol: float
) -> Found | None:
    timeline, step = history.here, history.here.here
    if step is None or step.node is not tensor.op:
        return None
    times = timeline.times_of(tensor.op)
    earlier = bisect_left(times, step.t)
    if earlier:
        old: Value | None = timeline.steps[times[earlier - 1] - 1].outputs[tensor]
    else:
        old = last_value(history, tensor)
    if old is None:
        return None
    return difference(old, step.outputs[tensor], part, words, atol, f"by {step.node.name}")


def _changed_given(
    history: History, tensor: Tensor, part: Part, words: str, atol: float
) -> Found | None:
    """What a body is given changes with the first step of a call."""
    timeline, step = history.here, history.here.here
    before = timeline.steps[step.t - 2] if step is not None and step.t > 1 else None
    if step is None or (before is not None and before.frame is step.frame):
        return None
    calls = timeline.executions(tensor)
    at = bisect_left(calls, step.t, key=lambda seen: seen.t)
    if not 0 < at < len(calls) or calls[at].t != step.t:
        return None
    old, new = calls[at - 1].value, calls[at].value
    given = called(*calls[at].frame.around[-1])
    return difference(old, new, part, words, atol, f"given to {given}")


def last_value(history: History, tensor: Tensor) -> Value | None:
    """What a tensor was in the last run before the present one that computed it."""
    for timeline in history.looked_through(reversed(history.runs[: history.at])):
        step = timeline.step_of(tensor.op)
        if step is not None:
            return step.outputs[tensor]
    return None


def difference(
    old: Value | None, new: Value, part: Part, words: str, atol: float, writer: str
) -> Found | None:
    """What changed, in words; None when it is no more than `atol`."""
    before, after = None if old is None else part(old), part(new)
    if before is not None and before.shape == after.shape and _same(before, after, atol):
        return None
    if before is None or before.shape != after.shape:
        return Found(Reason.CHANGED, f"{words} has its first value, {writer}.")
    delta = Delta(before, after)
    if is_list(after):
        filled = [sum(element is not None for element in value) for value in (before, after)]
        text = f"{words}: {filled[0]} -> {filled[1]} of {len(after)} elements"
        text += f", change {brief(delta.norm)}"
    elif after.size == 1:
        change = brief(float(np.asarray(delta.difference).sum()))
        text = f"{words}: {single(before)} -> {single(after)} (change {change})"
    else:
        largest, at = delta.largest
        text = (
            f"{words}: norm {stats(before).norm:.4g} -> {stats(after).norm:.4g}, "
            f"change {brief(delta.norm)}, most by {brief(largest)} at {list(at)}"
        )
    return Found(Reason.CHANGED, f"{text}, {writer}.")


def _same(before: Value, after: Value, atol: float) -> bool:
    if before.dtype == object or atol == 0:
        return equal(before, after)
    return bool(np.allclose(before, after, rtol=0, atol=atol, equal_nan=True))


# ---- numbers that went wrong -------------------------------------------------------------------


def wrong(kinds: Sequence[str], ignore: Collection[Any], only_reaching: Sequence[Any]) -> Maker:
    """Stops where one of these kinds of numbers is born: the inputs had none of them."""
    limits = {kind: _limit(kind) for kind in kinds}
    failing = {"error", "uninit"} & limits.keys()

    def make(locations: Locations) -> Seeker:
        ignored = {op for spec in ignore for op in locations.operations(spec)}
        reaching = None
        if only_reaching:
            wanted = [op for spec in only_reaching for op in locations.operations(spec)]
            reaching = reach(wanted, lambda op: (t.op for t in op.inputs))

        def meant(op: Operation | None) -> bool:
            return op not in ignored and (reaching is None or op in reaching)

        def test(history: History) -> Found | None:
            timeline, step = history.here, history.here.here
            error = timeline.failure if timeline.t == timeline.newest else None
            if error is not None and failing & _kinds(error) and meant(timeline.upcoming()):
                said = getattr(error, "message", str(error))
                return Found(Reason.FAILED, f"{type(error).__name__}: {said}")
            if step is None or not meant(step.node):
                return None
            for kind, limit in limits.items():
                text = born(kind, limit, step, history.here)
                if text:
                    return Found(Reason.CAUGHT, f"{kind}: {text}")
            return None

        return Seeker(test, may=_watch(limits))

    return make


def _watch(limits: dict[str, float]) -> StepTest:
    """A test that holds for every step that has what is to be caught, and for few others."""
    kinds = limits.keys() - {"error", "uninit"}  # these are no steps
    if kinds - {"nan", "inf"}:
        return lambda step: True
    if not kinds:
        return lambda step: False

    return AnyValue(lambda value: not is_finite(value))


def _kinds(error: Exception) -> set[str]:
    """The words by which a failure is caught."""
    return {"error", "uninit"} if isinstance(error, FailedPreconditionError) else {"error"}


def _limit(kind: str) -> float:
    """The limit in ``big>1e6``. Errors: DebugError for what cannot be caught."""
    name, _, number = kind.partition(">")
    if name not in CATCHES or (number and name != "big"):
        raise DebugError(f"{kind!r} cannot be caught; these can: {', '.join(CATCHES)}")
    try:
        return float(number) if number else BIG
    except ValueError:
        raise DebugError(f"catch {kind}: {number!r} is no number") from None


def born(kind: str, limit: float, step: Step, timeline: Timeline) -> str:
    """What is wrong here and was not wrong in the inputs, in words; empty when nothing is."""
    name = kind.partition(">")[0]
    if name == "shape":
        return _repeated(step, timeline)
    if name == "zero-grad":
        return _zero_gradient(step, timeline)
    has = _HAS.get(name)
    given = {tensor: numbers(value) for tensor, value in step.outputs.items()}
    if has is None or not any(has(v, limit) for v in given.values()):
        return ""
    if any(has(numbers(value), limit) for value in inputs_of(step, timeline)):
        return ""
    tensor, value = next((t, v) for t, v in given.items() if has(v, limit))
    bad = np.argwhere(_elements(name, value, limit))
    at = tuple(int(i) for i in bad[0])
    first = f"{single(value[at])} at {list(at)}" if at else single(value)
    return f"{tensor.name} has {len(bad)} of {value.size}, the first {first}; its inputs have none."


def inputs_of(step: Step, timeline: Timeline) -> list[Value]:
    """The values of the inputs of a node that has run, where they are known."""
    return [value for value in timeline.inputs(step) if value is not None]


def _elements(name: str, value: Value, limit: float) -> Any:
    if name == "nan":
        return np.isnan(value)
    if name == "inf":
        return np.isinf(value)
    with np.errstate(invalid="ignore"):
        return np.abs(value) > limit


def _has(name: str) -> Callable[[Value, float], bool]:
    def has(value: Value, limit: float) -> bool:
        return value.dtype.kind in "fc" and bool(np.any(_elements(name, value, limit)))

    return has


_HAS = {name: _has(name) for name in ("nan", "inf", "big")}


def _zero_gradient(step: Step, timeline: Timeline) -> str:
    """A gradient that is zero everywhere, made of one that is not."""
    if step.phase is not Phase.BACKWARD or step.node.gradient_of is None:
        return ""
    if not is_zero(step):
        return ""
    slopes = [
        value
        for tensor, value in zip(step.node.inputs, timeline.inputs(step), strict=True)
        if value is not None and tensor.dtype.is_floating and _is_slope(tensor.op)
    ]
    if not all(np.any(value) for value in slopes):
        return ""
    return f"{step.node.name}, the gradient of {step.node.gradient_of.name}, is zero everywhere."


def _is_slope(op: Operation) -> bool:
    """Whether it was computed by a gradient, here or in the call before."""
    return op.gradient_of is not None and (op.type == "LoopVariable" or not op.definition.given)


def is_zero(step: Step) -> bool:
    """True when all numbers of a slope are zero; shapes and positions are no slopes."""
    slopes = [v for t, v in step.outputs.items() if t.dtype.is_floating and v.size]
    return bool(slopes) and not any(np.any(v) for v in slopes)


def _repeated(step: Step, timeline: Timeline) -> str:
    """Both inputs are repeated to make the output: [64,1] - [64] is [64,64]."""
    if not step.node.definition.broadcasts or len(step.node.inputs) != 2:
        return ""
    (out,) = step.outputs.values()
    shapes = [value.shape for value in inputs_of(step, timeline)]
    if len(shapes) != 2 or out.shape in shapes:
        return ""
    first, second = map(list, shapes)
    return f"{first} with {second} makes {list(out.shape)}: each is repeated along an axis."
