"""Running on the side: the session and its history see nothing of it, and tf.Print stays silent."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass

import numpy as np

from graphscope.debug.errors import DebugError
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.fetches import Fetches
from graphscope.engine.interpreter import Frame, Ran, Value, interpret
from graphscope.engine.plan import Plan, plan
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.graph.graph import Graph, Operation, Tensor

Feeds = dict[Tensor, Value]


def calls_python(steps: Plan) -> bool:
    """True when a run calls functions of the user, whose effects cannot be undone."""
    return any(op.type.startswith("PyFunc") for op in steps.everything)


def check_fed(steps: Plan) -> None:
    """Errors: DebugError when a placeholder is not fed."""
    if steps.missing:
        names = ", ".join(tensor.op.name for tensor in steps.missing)
        raise DebugError(f"This needs {names}, which is not fed. Try: feed {names} = ...")


# ---- a plan ------------------------------------------------------------------------------------


def computed(steps: Plan, feeds: Feeds, state: State, past: Iterable[Ran] = ()) -> Feeds:
    """The values of all that the plan computes. `state` is written: hand in a copy.

    past: what the first nodes have computed already. Errors: those of a run.
    """
    values = dict(feeds)
    with np.errstate(all="ignore"), redirect_stderr(io.StringIO()):
        for _ in interpret(steps, values, state, past):
            pass
    return values


def calls_in(steps: Plan, feeds: Feeds, state: State) -> dict[Operation, list[Frame]]:
    """The calls of bodies that the nodes of a plan make in a run of it, by their owner. `state` is
    written: hand in a copy. Errors: those of a run."""
    found: dict[Operation, dict[Frame, None]] = {}
    with np.errstate(all="ignore"), redirect_stderr(io.StringIO()):
        for ran in interpret(steps, dict(feeds), state):
            *_, outer = (None, *ran.frame.calls_around)
            if outer is not None and outer.owner is not None:
                found.setdefault(outer.owner, {})[outer] = None
    return {owner: list(calls) for owner, calls in found.items()}


def value_of(tensor: Tensor, feeds: Feeds, state: State) -> Value | None:
    """The value that a tensor would have; None where it cannot be computed from this."""
    fed = {t: v for t, v in feeds.items() if t.graph is tensor.graph}
    values = _tried(plan(tensor.graph, [tensor], fed), fed, state.copy())
    return None if values is None else values.get(tensor)


def initial_state(graph: Graph, variables: Sequence[Operation]) -> State | None:
    """What a session holds once these variables have been initialized; None when that needs a feed
    or fails. Random numbers are those of a new session."""
    known = {op.name: op for op in graph.operations}
    names = [f"{variable.name}/Assign" for variable in variables]
    if any(name not in known for name in names):
        return None
    state = State()
    values = _tried(plan(graph, [known[name] for name in names]), {}, state)
    return None if values is None else State(state.variables)


def _tried(steps: Plan, feeds: Feeds, state: State) -> Feeds | None:
    """What the plan computes; None when it needs a feed, calls functions of the user, or fails."""
    if steps.missing or calls_python(steps):
        return None
    try:
        return computed(steps, feeds, state)
    except OpError:
        return None


# ---- a timeline --------------------------------------------------------------------------------


def state_at(timeline: Timeline, t: int) -> State:
    """The session's state as the run has it at a time."""
    cells = dict(timeline.before.cells)
    for step in timeline.steps[:t]:
        cells.update(step.ran.cells)
    return State(timeline.variables(t), cells)


def known_values(timeline: Timeline) -> Feeds:
    """The feeds, and what the nodes have computed, or are set to by hand.

    What is inside of branches and loops is left out, and what they give back: the gradient of a
    loop looks into the loop, so it has to run.
    """
    known: Feeds = {}
    for step in timeline.steps:
        known.update(step.outputs)
    known.update(timeline.overrides)
    own = {t: v for t, v in known.items() if t.op.body is None and not t.op.definition.calls}
    return {**own, **timeline.run.feeds}


def stepped(
    graph: Graph, fetches: Sequence[Operation | Tensor], feeds: Feeds, state: State
) -> Timeline:
    """A whole run as a timeline. Errors: those of a run."""
    fetched = list(fetches)
    run = Run(Fetches(graph, fetched), dict(feeds), plan(graph, fetched, feeds))
    timeline = Timeline(run, state)
    _run_until(timeline, lambda: timeline.finished)
    return timeline


def ahead(timeline: Timeline, ops: Iterable[Operation]) -> Timeline:
    """A timeline in which those of `ops` that are nodes of the run have run: this one, or another
    way that goes on from where it has come to. Errors: DebugError when a node fails."""
    wanted = [op for op in ops if op in timeline.plan.position and not timeline.times_of(op)]
    if not wanted:
        return timeline
    last = max(wanted, key=lambda op: timeline.plan.position[op])
    return _gone_on(timeline, lambda other: bool(other.times_of(last)))


def finished(timeline: Timeline) -> Timeline:
    """This timeline, if all of it has run, or another way that goes on to the end. Errors:
    DebugError when a node fails."""
    if timeline.finished:
        return timeline
    return _gone_on(timeline, lambda other: other.finished)


def _gone_on(timeline: Timeline, arrived: Callable[[Timeline], bool]) -> Timeline:
    """Another way of the run, from where it has come to."""
    check_fed(timeline.plan)
    other = timeline.forked(timeline.newest)
    try:
        _run_until(other, lambda: arrived(other))
    except OpError as error:
        raise DebugError(
            f"For this the run has to go on beyond t={other.newest}, and that fails: "
            f"{error.message}"
        ) from error
    return other


def _run_until(timeline: Timeline, arrived: Callable[[], bool]) -> None:
    with redirect_stderr(io.StringIO()):
        while not arrived():
            timeline.forward()


# ---- the run once more -------------------------------------------------------------------------


@dataclass(frozen=True)
class SideRun:
    """What a run on the side has come to.

    values: of all that ran, branches and loops left out. variables: at its end. error: what stopped
    it, or None.
    """

    values: dict[Tensor, Value]
    variables: dict[str, Value]
    error: OpError | None


def run_on_the_side(timeline: Timeline, steps: Plan, past: Iterable[Ran] = ()) -> SideRun:
    """The run of the timeline once more, to its end, by a plan of the same nodes.

    It begins as the run did, and what was set by hand there is set here. past: what the first nodes
    have computed already. A function that was given to
    tf.py_func is called again.

    Errors: DebugError when a placeholder is not fed.
    """
    check_fed(steps)
    state = state_at(timeline, 0)
    values = dict(timeline.run.feeds)
    by_hand = {step.node: step for step in timeline.steps if step.overridden}
    source = interpret(steps, values, state, past)
    reply: Ran | None = None
    error = None
    with np.errstate(all="ignore"), redirect_stderr(io.StringIO()):
        while True:
            try:
                ran = source.send(reply)
            except StopIteration:
                break
            except OpError as failure:
                error = failure
                break
            reply = _as_set(ran, timeline, by_hand.get(ran.op))
    return SideRun(values, state.variables, error)


def _as_set(ran: Ran, timeline: Timeline, step: Step | None) -> Ran:
    """What a node has computed, with the values in it that were set by hand."""
    set_here = timeline.overrides
    outputs = {tensor: set_here.get(tensor, value) for tensor, value in ran.outputs.items()}
    written = {} if step is None else step.writes
    own = {name: value for name, value in written.items() if step and name in step.overridden}
    return ran._replace(outputs=outputs, writes={**ran.writes, **own})
