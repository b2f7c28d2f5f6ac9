"""Running on the side: of what is computed here, the session and its history see nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr

import numpy as np

from graphscope.debug.timeline import Timeline
from graphscope.engine.fetches import Fetches
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.plan import Plan, plan
from graphscope.engine.session import Run
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.graph.graph import Graph, Operation, Tensor

Feeds = dict[Tensor, Value]


def computed(steps: Plan, feeds: Feeds, state: State) -> Feeds:
    """The values of all that the plan computes. `state` is written: hand in a copy.

    Errors: those of a run. What tf.Print would print is not printed.
    """
    values = dict(feeds)
    with np.errstate(all="ignore"), redirect_stderr(io.StringIO()):
        for _ in interpret(steps, values, state):
            pass
    return values


def value_of(tensor: Tensor, feeds: Feeds, state: State) -> Value | None:
    """The value that a tensor would have; None where it cannot be computed from this."""
    fed = {t: v for t, v in feeds.items() if t.graph is tensor.graph}
    steps = plan(tensor.graph, [tensor], fed)
    if steps.missing or calls_python(steps):
        return None
    try:
        values = computed(steps, fed, state.copy())
    except OpError:
        return None
    return values.get(tensor)


def initial_state(graph: Graph, variables: Sequence[Operation]) -> State | None:
    """What a session holds once these variables have been initialized; None when that needs a feed
    or fails. Random numbers are those of a new session."""
    known = {op.name: op for op in graph.operations}
    names = [f"{variable.name}/Assign" for variable in variables]
    if any(name not in known for name in names):
        return None
    steps = plan(graph, [known[name] for name in names])
    if steps.missing or calls_python(steps):
        return None
    state = State()
    try:
        computed(steps, {}, state)
    except OpError:
        return None
    return State(state.variables)


def stepped(
    graph: Graph, fetches: Sequence[Operation | Tensor], feeds: Feeds, state: State
) -> Timeline:
    """A whole run as a timeline. Errors: those of a run."""
    fetched = list(fetches)
    run = Run(Fetches(graph, fetched), dict(feeds), plan(graph, fetched, feeds))
    timeline = Timeline(run, state)
    with redirect_stderr(io.StringIO()):
        while not timeline.at_end:
            timeline.forward()
    return timeline


def calls_python(steps: Plan) -> bool:
    """True when a run calls functions of the user, whose effects cannot be undone."""
    return any(op.type.startswith("PyFunc") for op in steps.everything)
