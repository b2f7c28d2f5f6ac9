"""Gradients on the side: in a copy of the graph, from the values that the run has kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphscope.debug.errors import DebugError, NoGradient, NotExecuted
from graphscope.debug.side.aside import Aside
from graphscope.debug.side.runs import computed, state_at
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Ran, Value
from graphscope.engine.plan import Plan, plan
from graphscope.graph.graph import Operation, Tensor


@dataclass(frozen=True)
class Slope:
    """A gradient: of the sum of `y` along `x`.

    own:      the tensor of the graph that is this gradient; None when nobody has asked for it.
    computed: the value was computed on the side, and is not that of `own`.
    """

    y: Tensor
    x: Tensor
    value: Value
    own: Tensor | None
    computed: bool

    @property
    def name(self) -> str:
        return f"grad({self.y.op.name},{self.x.op.name})"


def slope(timeline: Timeline, y: Tensor, x: Tensor, t: int) -> Slope:
    """The gradient as seen at a time: the value of the run's own node when it has run by then,
    otherwise computed on the side.

    Errors: NotExecuted when neither that node nor `y` has run by then, NoGradient when none comes
    back to `x`.
    """
    (found,) = slopes(timeline, y, [x], t)
    if found is None:
        raise no_gradient(y, x)
    return found


def slopes(timeline: Timeline, y: Tensor, xs: Sequence[Tensor], t: int) -> list[Slope | None]:
    """The gradients along several tensors, as `slope` gives one; None where none comes back."""
    _check_outside(y, *xs)
    aside = Aside([y])
    owns = own_gradients(y, xs, timeline.plan, aside)
    found: dict[Tensor, Slope | None] = {}
    for x, own in zip(xs, owns, strict=True):
        if own is None:
            continue
        try:
            found[x] = Slope(y, x, timeline.value(own, t), own, computed=False)
        except NotExecuted:
            # Where `y` does not run at all, it is the node that says when there will be a value.
            if own.op in timeline.plan and y.op not in timeline.plan:
                raise
    missing = [x for x in xs if x not in found]
    if missing:
        timeline.value(y, t)
        made = gradients_on_the_side(timeline, y, missing, aside)
        for x, value in zip(missing, made, strict=True):
            own = owns[xs.index(x)]
            found[x] = None if value is None else Slope(y, x, value, own, computed=True)
    return [found[x] for x in xs]


def gradient_on_the_side(timeline: Timeline, y: Tensor, x: Tensor) -> Value:
    """The gradient of the sum of `y` along `x`, at the values with which the run computed `y`.

    It is worked out in a copy of the graph, from the values that the run has kept: nothing of the
    run is computed again, random numbers are the same ones, and the user's graph does not grow.
    What is fed does not depend on anything, so no gradient passes it.

    Errors: NotExecuted when `y` has not run, NoGradient when no gradient comes back to `x`, and
    DebugError for what is inside a branch or a loop.
    """
    (found,) = gradients_on_the_side(timeline, y, [x])
    if found is None:
        raise no_gradient(y, x)
    return found


def gradients_on_the_side(
    timeline: Timeline, y: Tensor, xs: Sequence[Tensor], aside: Aside | None = None
) -> list[Value | None]:
    """The gradients along several tensors, as `gradient_on_the_side` gives one; None where none
    comes back. aside: a copy of what `y` is computed from, where there is one already."""
    _check_outside(y, *xs)
    timeline.value(y, timeline.newest)
    if not y.dtype.is_floating:
        raise NoGradient(
            f"{y.name} is {y.dtype.base_dtype.name}: only floating-point numbers have a gradient."
        )
    aside = aside or Aside([y])
    there = [x for x in xs if x in aside]
    fed = [tensor for tensor in timeline.run.feeds if tensor in aside]
    slopes = dict(zip(there, aside.gradients(y, there, stops=fed), strict=True))
    values = _replayed(timeline, aside, [dx for dx in slopes.values() if dx is not None])
    found = [slopes.get(x) for x in xs]
    return [None if dx is None else values[dx] for dx in found]


def no_gradient(y: Tensor, x: Tensor) -> NoGradient:
    return NoGradient(
        f"No gradient of {y.name} comes back to {x.name}. "
        f"Try: path {x.op.name} {y.op.name}, which shows where it is cut"
    )


def own_gradients(
    y: Tensor, xs: Sequence[Tensor], preferred: Plan, aside: Aside | None = None
) -> list[Tensor | None]:
    """The tensors of the graph that are the gradients of `y` along each x, as ``tf.gradients`` or
    an optimizer has made them; of several those of the preferred plan. None where there is none.

    The gradients are made once more in a copy, and what is computed there in the same way from the
    same tensors is the same.

    aside: a copy of what `y` is computed from, where there is one already.
    """
    operations = y.graph.operations
    if not any(op.gradient_of is y.op for op in operations):
        return [None for _ in xs]
    aside = aside or Aside([y])
    there = [x for x in xs if x in aside]
    slopes = dict(zip(there, aside.gradients(y, there), strict=True))
    alike = {**aside.same_as(operations), **aside.same_as(preferred.needed)}
    found = [slopes.get(x) for x in xs]
    return [None if dx is None else alike.get(dx) for dx in found]


def _check_outside(*tensors: Tensor) -> None:
    for tensor in tensors:
        if tensor.op.body is not None:
            raise DebugError(
                f"{tensor.name} is inside a branch or a loop, where it has a value in each call. "
                "Ask for the gradient along what goes into the branch or the loop."
            )


def _replayed(timeline: Timeline, aside: Aside, fetches: Sequence[Tensor]) -> dict[Tensor, Value]:
    """The values of tensors of the copy. What the run has computed is taken from it."""
    feeds = {aside.here(t): value for t, value in timeline.run.feeds.items() if t in aside}
    steps = plan(aside.graph, fetches, feeds)
    running = set(steps.everything)
    for op in aside.ops:
        if aside.twin(op) in running and op.body is None and not timeline.times_of(op):
            raise NotExecuted(f"The gradient needs the value of {op.name}, which has not run.")
    twins = ((step, aside.twin(step.node)) for step in timeline.steps)
    recorded = (_as(twin, step, aside) for step, twin in twins if twin and twin in running)
    return computed(steps, feeds, state_at(timeline, 0), recorded)


def _as(twin: Operation, step: Step, aside: Aside) -> Ran:
    """A step of the run as one of the copy."""
    outputs = {aside.here(tensor): value for tensor, value in step.outputs.items()}
    return step.ran._replace(op=twin, outputs=outputs)
