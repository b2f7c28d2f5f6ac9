"""Panes: lines that fit, letters that say everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import graphscope as gs
from graphscope.debug.overview import Overseer
from graphscope.show.letters import ASCII, UNICODE
from graphscope.show.panes import PANES, Room, legend, plan_pane, titled, variables_pane


class Small:
    """Two layers of a branch, a loop, NaN and a frozen variable, in one run."""

    def __init__(self):
        x = gs.placeholder(gs.float32, [None, 2], name="x")
        w = gs.Variable([[1.0], [-1.0]], name="weights_of_the_layer")
        gs.Variable(0.5, name="free", trainable=False)
        y = gs.log(gs.matmul(x, w), name="y")
        y = gs.cond(gs.reduce_sum(x) > 0, lambda: gs.negative(y), lambda: gs.tanh(y), name="c")
        y = y + gs.while_loop(lambda i: i < 2.0, lambda i: i + 1.0, [gs.constant(0.0)])
        self.loss = gs.reduce_mean(y, name="loss")
        self.train = gs.train.GradientDescentOptimizer(0.1).minimize(self.loss)
        self.x = x
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self):
        feed = {self.x: [[2.0, 1.0], [1.0, 2.0]]}
        return gs.debug(self.session, [self.loss, self.train], feed)


@pytest.fixture(scope="module")
def debugger():
    with gs.Graph().as_default():
        d = Small().debug()
        d.brk("y")
        d.run_to_end()
        yield d


def written(pane, d, width, height, letters=UNICODE, variables=9):
    found = Overseer(d).overview(height, height, variables)
    return [line.plain for line in PANES[pane](found, Room(width, height, letters)).lines]


@given(
    t=st.floats(0, 1),
    width=st.integers(0, 130),
    height=st.integers(0, 40),
    letters=st.sampled_from([ASCII, UNICODE]),
    pane=st.sampled_from(sorted(PANES)),
)
@settings(max_examples=150, deadline=None)
def test_a_pane_fits_its_room(debugger, t, width, height, letters, pane):
    debugger.goto(int(t * debugger.timeline.newest))
    lines = written(pane, debugger, width, height, letters)
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert letters is UNICODE or all(line.isascii() for line in lines)


def test_states_are_told_apart_by_letters(debugger):
    debugger.goto("y")
    t = debugger.t
    for letters, (done, here, later, stop) in ((UNICODE, "✓►◦●"), (ASCII, "v>.*")):
        lines = written("plan", debugger, 70, 9, letters)
        by_time = {int(line.split("FWD")[0].split()[-1]): line for line in lines if "FWD" in line}
        assert by_time[t].startswith(f"{stop}{here}")
        assert by_time[t - 1][1] == done
        assert by_time[t + 1][1] == later


def test_what_does_not_run_has_a_sign_of_its_own(debugger):
    debugger.goto("end")
    lines = written("plan", debugger, 100, 40)
    assert any(line.startswith(" - not run: ") for line in lines)
    assert any("- not run: " in line and "Tanh" in line for line in lines)


def test_nan_is_said_in_the_plan_and_in_the_node(debugger):
    debugger.goto("y")
    assert any("!" in line and "NaN" in line for line in written("plan", debugger, 80, 5))
    assert any("1 NaN" in line for line in written("node", debugger, 80, 9))


def test_an_update_says_what_it_changed_however_low_the_pane_is(debugger):
    debugger.goto("end")
    debugger.runtil("%weights_of_the_layer")
    for height in (3, 5, 9):
        lines = written("node", debugger, 120, height)
        assert any(line.startswith("weights_of_the_layer  ||") for line in lines)


def test_variables_have_their_class_and_what_is_not_known_yet(debugger):
    debugger.goto(0)
    head, first, second = written("variables", debugger, 80, 5)
    assert head.split() == ["class", "|change|", "|grad|", "value"]
    assert first.split()[:4] == ["weights_of_the_layer", "UPDATED", "◦", "◦"]
    assert second.split()[:5] == ["free", "NOT", "TOUCHED", "no", "-"]
    debugger.goto("end")
    assert written("variables", debugger, 80, 5)[1].split()[2:4] == ["0.0707", "0.707"]


def test_more_variables_than_lines_are_counted(debugger):
    found = Overseer(debugger).overview(1, 0, 9)
    assert variables_pane(found, Room(80, 2, UNICODE)).title == "variables 1 of 2"
    assert variables_pane(found, Room(80, 3, UNICODE)).title == "variables"


def test_the_gradients_that_are_known_have_bars():
    with gs.Graph().as_default():
        w = gs.Variable([3.0, 4.0], name="w")
        tiny = gs.Variable([1.0], name="tiny")
        loss = gs.reduce_sum(w * w) / 2.0 + gs.reduce_sum(tiny) * 1e-6
        train = gs.train.GradientDescentOptimizer(0.0).minimize(loss)
        session = gs.Session()
        session.run(gs.global_variables_initializer())
        with gs.debug(session, train) as d:
            assert written("gradients", d, 40, 5, ASCII) == ["w     .", "tiny  ."]
            d.run_to_end()
            long, short = written("gradients", d, 40, 5, ASCII)
    assert long.startswith("w     5         ###")
    assert short.startswith("tiny  1e-06     #")
    assert long.count("#") > 10 * short.count("#")


def test_a_title_is_cut_and_a_legend_is_said_as_far_as_it_goes():
    room = Room(38, 5, ASCII)
    assert titled("node t=5 FWD", (), room).plain == "- node t=5 FWD " + "-" * 23
    with_legend = titled("plan 5 of 9", legend(room), room).plain
    assert with_legend == "- plan 5 of 9 - v done  > here -------"
    assert titled("a long title", (), Room(9, 5, ASCII)).plain == "- a lo~ -"
    for width in range(12):
        assert titled("title", legend(room), Room(width, 5, ASCII)).cell_len == width


def test_names_that_steer_a_terminal_are_written_out():
    with gs.Graph().as_default():
        a = gs.constant(np.array(["\x1b[2J"], object), name="a")
        with gs.debug(gs.Session(), gs.identity(a, name="b")) as d:
            d.step()
            lines = written("node", d, 60, 9)
            plan = plan_pane(Overseer(d).overview(3, 0, 0), Room(60, 3, UNICODE)).lines
    assert all("\x1b" not in line for line in [*lines, *(line.plain for line in plan)])
