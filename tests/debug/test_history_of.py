"""`hist`: every write of a variable and every execution of a node, over all runs that are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.commands import commands_of
from graphscope.debug.questions.track import buckets
from graphscope.show.chart import sparkline

SGD = gs.train.GradientDescentOptimizer
HERE = "test_history_of.py:"


class Training:
    """W goes towards 3; `step` counts the runs."""

    def __init__(self, rate=0.1, size=4):
        self.x = gs.placeholder(gs.float32, [], name="x")
        self.W = gs.Variable(np.zeros(size, np.float32), name="W")
        self.step = gs.Variable(0, name="step", trainable=False)
        self.loss = gs.reduce_mean(gs.squared_difference(self.W, 3.0) * self.x, name="loss")
        self.train = SGD(rate).minimize(self.loss, global_step=self.step, name="train")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self, runs, fetches=None, budget=1 << 28):
        d = gs.debug(
            self.session, self.train if fetches is None else fetches, {self.x: 1.0}, budget=budget
        )
        d.run_to_end()
        for _ in range(runs - 1):
            d.run()
            d.run_to_end()
        return d


def plain(runs, **how):
    """The values of W and of the loss in plain runs of the same program."""
    with gs.Graph().as_default():
        other = Training(**how)
        W, losses = [other.session.run(other.W)], []
        for _ in range(runs):
            losses.append(other.session.run([other.loss, other.train], {other.x: 1.0})[0])
            W.append(other.session.run(other.W))
        return W, losses


def test_a_variable_at_each_write_of_a_training():
    d = Training().debug(12)
    found = d.hist("%W")
    values, _ = plain(12)
    assert found.written
    assert not found.scalar
    assert [point.run for point in found.points] == list(range(1, 13))
    np.testing.assert_allclose(found.numbers, [np.linalg.norm(v) for v in values[1:]], rtol=1e-6)
    changes = [np.linalg.norm(b - a) for a, b in pairwise(values)]
    np.testing.assert_allclose([point.change for point in found.points], changes, rtol=1e-5)
    (writer,) = found.writers
    assert writer.type == "ApplyGradientDescent"
    assert {point.t for point in found.points} == {d.timeline.time_of(writer)}
    assert set(found.per_run.values()) == {1}
    assert str(found).startswith(" W: 12 writes, one in each run of self.train, by update W")


def test_a_scalar_shows_its_values():
    found = Training().debug(5).hist("step")
    assert found.scalar
    assert found.numbers == (1, 2, 3, 4, 5)
    assert [point.change for point in found.points] == [1.0] * 5


def test_a_node_at_each_execution():
    training = Training()
    d = training.debug(6, [training.loss, training.train])
    found = d.hist("loss")
    _, losses = plain(6)
    assert not found.written
    np.testing.assert_allclose(found.numbers, losses, rtol=1e-6)
    assert found.points[0].change is None
    np.testing.assert_allclose(
        [point.change for point in found.points[1:]], np.abs(np.diff(losses)), rtol=1e-4
    )
    assert d.hist(training.loss).numbers == found.numbers


def test_the_last_runs():
    d = Training().debug(7)
    found = d.hist("%W", runs=3)
    assert [point.run for point in found.points] == [5, 6, 7]
    assert found.runs == (5, 6, 7)
    assert d.hist("%W", runs=99).runs == tuple(range(1, 8))


def test_runs_that_were_let_go_are_known_by_their_writes():
    training = Training(size=1000)
    d = training.debug(20, [training.loss, training.train], budget=50_000)
    assert d.history.dropped > 0
    kept = [timeline.number for timeline in d.history.runs]
    found = d.hist("%W")
    values, losses = plain(20, size=1000)
    np.testing.assert_allclose(found.numbers, [np.linalg.norm(v) for v in values[1:]], rtol=1e-5)
    assert found.dropped == d.history.dropped
    assert "the sizes of writes are known of them" in str(found)
    nodes = d.hist("loss")
    assert [point.run for point in nodes.points] == kept
    np.testing.assert_allclose(nodes.numbers, losses[-len(kept) :], rtol=1e-5)
    assert "nothing is known" in str(nodes)
    assert d.hist("%W", runs=1).dropped == 0


def test_several_writes_in_a_run_and_writes_by_hand():
    W = gs.Variable(1.0, name="W")
    first = gs.assign_add(W, 1.0, name="first")
    with gs.control_dependencies([first]):
        second = gs.assign(W, 10.0, name="second")
    session = gs.Session()
    session.run(W.initializer)
    d = gs.debug(session, [first, second])
    d.run_to_end()
    assert d.hist("W").numbers == (2.0, 10.0)
    assert [op.name for op in d.hist("W").writers] == ["first", "second"]
    assert d.hist("W").per_run == {1: 2}
    d.goto(1)
    d.set("%W", 5.0)
    d.run_to_end()
    assert d.hist("W").numbers == (5.0, 10.0)
    assert [op and op.name for op in d.hist("W").writers] == [None, "second"]
    assert "by hand, assign W (" in str(d.hist("W"))
    d.goto(0)
    d.set("%W", 7.0)
    assert [(p.t, p.number, p.node) for p in d.hist("W").points] == [(0, 7.0, None)]


def test_in_loops():
    x = gs.placeholder(gs.float32, [], name="x")
    out = gs.while_loop(
        lambda i, a: i < 4, lambda i, a: (i + 1, gs.multiply(a, 2.0, name="twice")), [0, x]
    )[1]
    d = gs.debug(gs.Session(), out, {x: 1.0})
    d.run_to_end()
    found = d.hist("while/twice")
    assert found.numbers == (2.0, 4.0, 8.0, 16.0)
    assert [point.t for point in found.points] == d.timeline.times_of(found.op)
    assert "4 executions, in 1 run." in str(found)


def test_where_it_went_bad():
    d = Training(rate=-1e12).debug(8)
    found = d.hist("%W")
    bad = [point.run for point in found.points if point.bad]
    values, _ = plain(8, rate=-1e12)
    assert bad == [i for i, value in enumerate(values) if not np.all(np.isfinite(value))]
    assert bad
    text = str(found)
    assert (
        f"NaN or infinite {len(bad)} times, first at t={found.points[0].t} of run {bad[0]}" in text
    )
    assert "try: nan %W" in text
    assert "!" in text


def test_what_has_no_points():
    training = Training()
    d = gs.debug(training.session, training.train, {training.x: 1.0})
    assert str(d.hist("%W")) == " W: no write in 1 run."
    assert str(d.hist("loss")) == " loss: no execution in 1 run."
    gs.Variable(1.0, name="late")
    d = gs.debug(training.session, training.train, {training.x: 1.0})
    with pytest.raises(DebugError, match="late has never had a value"):
        d.hist("late")


def test_odd_values():
    word = gs.Variable("abc", name="word")
    none = gs.Variable(np.zeros([0, 3], np.float32), name="none")
    flag = gs.Variable(True, name="flag")
    turn = gs.Variable(np.complex64(3 + 4j), name="turn")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    writes = [
        word.assign("xyz"),
        none.assign(np.zeros([0, 3])),
        flag.assign(False),
        turn.assign(np.complex64(1)),
    ]
    d = gs.debug(session, gs.group(*writes))
    d.run_to_end()
    for name in ("word", "none", "flag", "turn"):
        found = d.hist(f"%{name}")
        assert len(found.points) == 1
        assert str(found)


def test_words_of_the_prompt():
    d = Training().debug(3)
    command = commands_of(type(d))["hist"]
    assert command.aliases == ("history",)
    assert command.usage == "hist SPEC [--runs RUNS] [--chart CHART]"
    assert len(command.call(d, "%W --runs 2").points) == 2
    for words, message in (
        ("", "hist needs a word after it"),
        ("%W --runs x", "hist takes a whole number"),
        ("%W --runs -2", "A number of runs is 1 or more, not -2"),
    ):
        with pytest.raises(DebugError, match=message):
            command.call(d, words)
    with pytest.raises(UnknownPlace, match="no variable 'V'"):
        d.hist("%V")


# ---- pictures of letters -----------------------------------------------------------------------


def test_sparklines():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8]) == ".:-=+*#%@"
    assert sparkline([5, 5, 5]) == "..."
    assert sparkline([0.0, np.nan, 1.0]) == ".!@"
    assert sparkline([np.inf]) == "!"
    assert len(sparkline(range(1000))) == 50
    assert sparkline([]) == ""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=200), st.integers(1, 60))
def test_pieces_cover_all_numbers(numbers, count):
    found = buckets(numbers, count)
    assert len(found) == min(count, len(numbers))
    assert min(numbers) - 1e-9 <= min(found)
    assert max(found) <= max(numbers) + 1e-9
    if len(numbers) <= count:
        np.testing.assert_allclose(found, numbers)


def test_the_text(transcript):
    d = Training().debug(3)
    line = d.hist("%W").points[0].node.source.lineno
    transcript.same(
        str(d.hist("%W")),
        f"""
 W: 3 writes, one in each run of self.train, by update W
 ({HERE}{line}).
   norm    |.+@|  0.3 to 0.856
   mean    |.+@|  0.15 to 0.428
   change  |@+.|  0.271 to 0.3
   run  t   norm   change  by
   1    10  0.3    0.3     update W
   2    10  0.585  0.285   update W
   3    10  0.856  0.271   update W""",
    )
