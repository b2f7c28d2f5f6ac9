"""Every command that only looks answers, at every place of any program, or says what is wrong."""

from contextlib import suppress

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import Built, steps
from wayfinding import COMMANDS, call

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.answers import Answer

#: Not `frames`, which writes a folder.
LOOKING = [
    name for name, c in COMMANDS.items() if c.group in ("Look", "Ask", "Draw") and name != "frames"
]


@settings(max_examples=15, deadline=None)
@given(
    program=steps(max_size=8),
    initialized=st.booleans(),
    size=st.sampled_from([4, 5]),
    times=st.lists(st.integers(0, 50), min_size=1, max_size=2),
    data=st.data(),
)
def test_every_command_answers_everywhere(program, initialized, size, times, data):
    with gs.Graph().as_default() as graph:
        built = Built(program)
        session = gs.Session()
        if initialized:
            session.run(gs.global_variables_initializer())
        feed = {built.x: [[0.1, -0.2], [0.3, 0.0]], built.free: np.ones(size)}
        d = gs.debug(session, built.fetches, feed)
        count = len(graph.operations)
        for t in times:
            with suppress(DebugError, gs.errors.OpError):
                d.goto(t)
            node = data.draw(st.sampled_from([op.name for op in graph.operations]))
            variable = data.draw(st.sampled_from([v.op.name for v in built.variables]))
            words = ["", node, f"%{variable}", variable, f"{node} {variable}"]
            place = (d.timeline, d.t, d.timeline.newest)
            for name in LOOKING:
                with suppress(DebugError, gs.errors.OpError):  # it says what is wrong
                    answer = call(d, f"{name} {data.draw(st.sampled_from(words))}")
                    assert isinstance(answer, Answer) or name == "draw"
                    assert str(answer).strip()
                assert (d.timeline, d.t, d.timeline.newest) == place, name
        assert len(graph.operations) == count, "looking makes no nodes"
