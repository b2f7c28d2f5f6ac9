"""A debugged run is the plain run: the same bits, the same variables, draws and errors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import CONTROL, PLAIN, Built, outcome, same, steps

import graphscope as gs

WANDER = st.lists(st.integers(0, 40), max_size=4)


@settings(max_examples=150, deadline=None)
@given(steps=steps(), wander=WANDER, initialize=st.booleans())
def test_a_debugged_run_is_the_plain_run(steps, wander, initialize):
    with gs.Graph().as_default():
        built = Built(steps)
        plain, debugged = gs.Session(), gs.Session()
        if initialize:
            for session in (plain, debugged):
                session.run(gs.global_variables_initializer())
        ok = {built.x: [[0.1, -0.2], [0.3, 0.0]], built.free: np.ones(4)}
        wrong = {built.x: [[0.1, -0.2], [0.3, 0.0]], built.free: np.ones(5)}

        for feed in (ok, wrong, {}, ok):
            before = dict(plain.state.variables)
            expected = outcome(lambda: plain.run(built.fetches, feed))  # noqa: B023
            d = gs.debug(debugged, built.fetches, feed)
            assert same(outcome(lambda: wandered(d, wander)), expected)  # noqa: B023
            d.close()
            if not d.done:  # it failed: a plain run leaves what ran before, this one nothing
                assert isinstance(expected, dict)
                assert same(debugged.state.variables, before)
                plain.state = debugged.state.copy()
            assert same(debugged.state.variables, plain.state.variables)
            assert debugged.state.cells == plain.state.cells


def wandered(d, times):
    """The result of a run, after looking at a few times of it."""
    for t in times:
        d.goto(t % (d.timeline.end + 1))  # where a loop is to come, the end moves on
    d.run_to_end()
    return d.result


@settings(max_examples=60, deadline=None)
@given(steps=steps((*PLAIN, *CONTROL)))
def test_deltas_are_the_differences_of_the_session(steps):
    with gs.Graph().as_default():
        built = Built(steps)
        session = gs.Session()
        session.run(gs.global_variables_initializer())
        before = dict(session.state.variables)
        with gs.debug(session, built.fetches, {built.x: np.ones((2, 2))}) as d:
            d.cont()
            changed = d.changed()
            written = {name for step in d.timeline.steps for name in step.writes}
        for name, old in before.items():
            new = session.state.variables[name]
            if name in changed:
                assert changed[name].old is old
                assert changed[name].new is new
            else:
                assert new is old
        assert set(changed) <= written
        # No value of the past has been written over: running again from the same start, node by
        # node, gives the same bits.
        again = gs.Session()
        again.run(gs.global_variables_initializer())
        with gs.debug(again, built.fetches, {built.x: np.ones((2, 2))}) as other:
            for step in d.timeline.steps:
                other.step()
                values = other.timeline.steps[step.t - 1].outputs
                assert all(same(values[tensor], value) for tensor, value in step.outputs.items())
