"""Runs twice from the same state, by the interpreter and by the function of the fast path, and
compares all bits."""

import numpy as np

from graphscope.engine.compiled import compile_run
from graphscope.engine.interpreter import interpret
from graphscope.engine.lowering import NotCompiled
from graphscope.engine.state import State
from graphscope.graph.graph import Tensor
from graphscope.kernels import random


def raw(value):
    """The bits of an array; of objects what is written for them. A NaN is a NaN: nothing says which
    of its bits come out of arithmetic."""
    value = np.array(value)
    if value.dtype.kind in "fc":
        value[np.isnan(value)] = np.nan
    bits = repr(value.tolist()) if value.dtype == object else value.tobytes()
    return value.dtype, value.shape, bits


def both_ways(session, fetches, feed_dict=None):
    """Do the run by the interpreter, and change the session's state; then by the function that is
    made of it, thrice from the state before. Returns the function and what the call returns; in
    place of a function the reason why there is none.

    AssertionError when a bit differs.
    """
    run = session.prepare(fetches, feed_dict)
    before, values = session.state.copy(), dict(run.feeds)
    keys = _same_keys(run.plan)
    with np.errstate(all="ignore"), keys:
        for _ in interpret(run.plan, values, session.state):
            pass
    result = run.result(values, before.variables)
    if any(fetch in run.plan.feeds for fetch in run.plan.fetches):
        return "what is fed is fetched", result
    try:
        compiled = compile_run(run.plan, values, before.variables)
    except NotCompiled as reason:
        return str(reason), result
    wanted = {}
    for fetch in run.plan.fetches:
        if isinstance(fetch, Tensor):
            wanted[fetch] = values.get(fetch, before.variables.get(fetch.op.name))
    for _ in range(3):  # memory that is used again may be wrong only then
        state = before.copy()
        with keys:
            found = compiled([run.feeds[tensor] for tensor in compiled.feeds], state)
        assert found is not None, _why_not(compiled, run, before)
        for tensor, value in zip(compiled.fetched, found, strict=True):
            assert raw(value) == raw(wanted[tensor][()]), (tensor.name, compiled.source)
        same(state, session.state, compiled)
    _twice(compiled, run, before, session.state)
    return compiled, result


def _twice(compiled, run, before, after):
    """The second of two runs, from a state that nobody else has, finds it where it wrote it."""
    variables = {name: value.copy("K") for name, value in before.variables.items()}
    own, again = State(variables, dict(before.cells)), after.copy()
    with np.errstate(all="ignore"), _same_keys(run.plan):
        for _ in interpret(run.plan, dict(run.feeds), again):
            pass
        for _ in range(2):
            found = compiled([run.feeds[tensor] for tensor in compiled.feeds], own)
            assert found is not None, _why_not(compiled, run, before)
    same(own, again, compiled)


def same(state: State, other: State, compiled):
    assert state.variables.keys() == other.variables.keys()
    for name, value in state.variables.items():
        assert raw(value) == raw(other.variables[name]), (name, compiled.source)
    assert repr(state.cells) == repr(other.cells)


class _same_keys:
    """Inside, what draws without a seed draws the same each time."""

    def __init__(self, plan):
        self._plain = random.fresh_key

    def __enter__(self):
        random.fresh_key = lambda: (1, 2)

    def __exit__(self, *error):
        random.fresh_key = self._plain


def _why_not(compiled, run, before):
    """The error for which the function did nothing, and the function."""
    try:
        compiled._function(*(run.feeds[t] for t in compiled.feeds), {**before.variables}, {})
    except Exception as error:
        line = error.__traceback__.tb_next.tb_lineno
        return f"{error!r} in\n{compiled.source.splitlines()[line - 1]}\n{compiled.source}"
    return compiled.source
