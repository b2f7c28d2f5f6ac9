"""`diff`: between two times, between two runs, of one value; and `first_divergence`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stepped import HERE

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.commands import commands_of
from graphscope.debug.questions.diff import Changes, RunsDiffer, ValueDiffers
from graphscope.engine.plan import Phase


def names(ops):
    return [op.name for op in ops]


# ---- two times ---------------------------------------------------------------------------------


def test_what_changed_since_the_start(d):
    found = d.diff()
    assert (found.first, found.last, found.nodes, found.variables) == (0, 0, (), {})
    d.step(3)
    found = d.diff()
    assert isinstance(found, Changes)
    assert names(found.nodes) == ["layer/a", "layer/b", "grow"]
    assert found.phases == {Phase.FORWARD: 2, Phase.UPDATE: 1}
    assert {n: (v.old, v.new) for n, v in found.variables.items()} == {"n": (10.0, 16.0)}
    assert found.by["n"].name == "grow"


def test_between_two_times(d):
    d.run_to_end()
    d.goto(1)
    found = d.diff(3, 5)
    assert names(found.nodes) == ["c", "again"]
    assert (found.variables["n"].old, found.variables["n"].new) == (16.0, 17.0)
    assert d.diff(5, 3) == found  # whichever is the earlier
    assert d.diff("3", "#5") == found
    assert d.diff(3).last == 3  # from there to here
    assert names(d.diff(3).nodes) == ["layer/b", "grow"]
    assert d.diff(4, 4).nodes == ()


def test_to_a_mark(d):
    d.step(2)
    d.mark("before")
    d.step(2)
    assert names(d.diff("before").nodes) == ["grow", "c"]
    d.mark("after")
    d.run_to_end()
    assert names(d.diff("before", "after").nodes) == ["grow", "c"]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5), st.integers(0, 5))
def test_against_the_values_at_the_two_times(first, last):
    with gs.Graph().as_default():
        from stepped import Program

        d = Program().debug()
        d.run_to_end()
        found = d.diff(first, last)
        low, high = sorted((first, last))
        assert found.nodes == tuple(step.node for step in d.timeline.steps[low:high])
        old, new = (d.value("n", at=t) for t in (low, high))
        assert ("n" in found.variables) == (old != new)
        if old != new:
            assert (found.variables["n"].old, found.variables["n"].new) == (old, new)


def test_a_variable_that_was_set_by_hand(d):
    d.step(2)
    d.set("%n", 99.0)
    found = d.diff()
    assert found.by == {"n": None}
    assert "set by hand" in str(found)


def test_times_that_there_are_not(d):
    d.step(2)
    for words, message in (
        ((1, 3), "Run 1 has come to t=2, and not to 3"),
        (("run 1", "run 7"), "There is no run 7 in the history; there are: 1"),
        (("3:1", "1:1"), "There is no run 3 in the history"),
    ):
        with pytest.raises(DebugError, match=message):
            d.diff(*words)


# ---- two runs ----------------------------------------------------------------------------------


def two_runs(fetches, first=None, second=None, between=lambda session: None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, fetches, first)
    d.run_to_end()
    between(d)
    d.run(feed_dict=first if second is None else second)
    d.run_to_end()
    return d


def test_runs_that_are_the_same():
    x = gs.placeholder(gs.float32, [2], name="x")
    d = two_runs(gs.square(x, name="y"), {x: [1.0, np.nan]})
    found = d.diff("run 1", "run 2")
    assert isinstance(found, RunsDiffer)
    assert found.same
    assert found.node is None
    assert str(found) == " Runs 1 and 2 are the same: 1 nodes, bit by bit."


def test_another_feed():
    x = gs.placeholder(gs.float32, [2], name="x")
    z = gs.placeholder(gs.float32, [2], name="z")
    y = gs.add(gs.square(z, name="alike"), gs.exp(x, name="e"), name="y")
    d = two_runs(y, {x: [1.0, 2.0], z: [1.0, 1.0]}, {x: [1.0, 3.0], z: [1.0, 1.0]})
    found = d.diff("run 1 run 2")
    assert (found.node.name, found.why, found.because, found.feeds) == (
        "e",
        "feeds",
        ("x",),
        ("x",),
    )
    np.testing.assert_allclose([found.first[1], found.second[1]], np.exp([2.0, 3.0]), rtol=1e-6)
    assert (found.differing, found.below, found.compared) == (2, 1, 3)
    assert not found.random


def test_a_feed_that_nothing_takes():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.exp(gs.constant(1.0), name="y")
    found = two_runs([y, x], {x: 1.0}, {x: 2.0}).diff("run 1 run 2")
    assert (found.node, found.why, found.feeds) == (None, "feeds", ("x",))
    assert "no node differs" in str(found)
    assert "they begin with other feeds: x" in str(found)


def test_a_variable_that_was_trained():
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W), name="loss")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    found = two_runs([loss, train]).diff("run 1 run 2")
    assert (found.node.name, found.why, found.because) == ("W/read", "variables", ("W",))
    assert found.variables == ("W",)
    assert found.t == 1


@pytest.mark.parametrize("seed", [None, 7])
def test_a_random_node_is_the_first(seed):
    x = gs.placeholder(gs.float32, [3], name="x")
    noise = gs.random_uniform([3], seed=seed, name="noise")
    y = gs.reduce_sum(gs.square(x, name="alike") * noise, name="y")
    found = two_runs(y, {x: [1.0, 2.0, 3.0]}).diff("run 1 run 2")
    assert found.random
    assert found.node.type == "RandomUniform"
    assert found.because == ()
    assert found.seed == (
        "it has no seed"
        if seed is None
        else "its seed is 7 (of the graph: 87654321), and each run draws on from there"
    )
    assert found.below == found.differing - 1  # all of the others depend on it
    assert ("tf.set_random_seed" in str(found)) == (seed is None)


def test_set_by_hand_and_another_branch():
    x = gs.placeholder(gs.float32, [], name="x")
    h = gs.square(x, name="h")
    y = gs.cond(h > 5.0, lambda: gs.exp(h, name="e"), lambda: gs.negative(h, name="n"))
    d = two_runs(y, {x: 1.0}, between=lambda d: (d.set("h", 9.0), d.run_to_end()))
    found = d.diff("run 1 run 2")
    assert found.same  # what is set lasts
    d.unset("h")
    d.run_to_end()
    found = d.diff("run 1 run 2")
    assert (found.node.name, found.why) == ("h", "set by hand")
    found = two_runs(y, {x: 1.0}, {x: 3.0}).diff("run 1 run 2")
    assert found.node.name == "h"
    assert found.differing == found.compared


def test_up_to_a_time():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.exp(gs.square(gs.constant(2.0) * 1.0, name="a"), name="b") * x
    d = two_runs(y, {x: 1.0}, {x: 2.0})
    early, late = d.diff("1:3 2:3"), d.diff("1:4", "2:4")
    assert early.node is None
    assert (early.why, early.compared) == ("feeds", 3)
    assert late.node.type == "Mul"
    assert late.compared == 4
    assert d.diff("1:4 2:3").why == "ends"


# ---- one value ---------------------------------------------------------------------------------


def test_of_a_variable_since_the_start(d):
    d.run_to_end()
    found = d.diff("n")
    assert isinstance(found, ValueDiffers)
    assert (found.before, found.now, found.then) == (10.0, 17.0, "at the start of run 1")
    assert found.delta.norm == 7.0
    assert d.diff("%n").delta.norm == 7.0
    assert not found.same
    d.goto(0)
    assert d.diff("n").same


def test_of_a_node_since_the_run_before():
    x = gs.placeholder(gs.float32, [2], name="x")
    h = gs.square(x, name="h")
    d = two_runs(gs.reduce_sum(h, name="y"), {x: [1.0, 2.0]}, {x: [1.0, 3.0]})
    found = d.diff("h")
    assert (found.before.tolist(), found.now.tolist()) == ([1.0, 4.0], [1.0, 9.0])
    assert (found.changed, found.then) == (1, "at the end of run 1")
    assert d.diff("np.max(h) - 1").delta.norm == 5.0
    assert d.diff("h > 2").same
    assert d.diff("h.shape").same
    assert d.diff(h).now.tolist() == [1.0, 9.0]


def test_shapes_and_types_that_differ():
    x = gs.placeholder(gs.float32, [None], name="x")
    h = gs.square(x, name="h")
    d = two_runs([h, gs.as_string(h, name="words")], {x: [1.0, 2.0]}, {x: [1.0]})
    assert d.diff("h").delta is None
    assert str(d.diff("h"))
    assert str(d.diff("words"))


def test_expressions_without_a_value(d):
    with pytest.raises(NotExecuted, match="c has not run yet"):
        d.diff("c")
    d.run_to_end()
    with pytest.raises(NotExecuted, match="c has not run yet: it runs at t=4, and this is t=0"):
        d.diff("c")  # there is no run before this one
    with pytest.raises(DebugError, match="no node 'nothing'"):
        d.diff("nothing")
    with pytest.raises(DebugError, match="is not an expression"):
        d.diff("n +")


# ---- forks -------------------------------------------------------------------------------------


def test_first_divergence_of_a_what_if(program):
    d = program.debug()
    d.until("layer/b")
    base = d.fork()
    assert gs.first_divergence(d, base).same
    d.set("layer/b", 0.0 * d.value("layer/b"))
    found = gs.first_divergence(d, base)
    assert found.node.name == "layer/b"
    assert found.why == "set by hand"
    assert (found.first, found.second) == (0.0, 6.0)
    assert (found.differing, found.compared) == (4, 5)  # b, grow, c, again
    assert (d.t, base.t, d.timeline.newest, base.timeline.newest) == (2, 2, 2, 2)
    base.run_to_end()
    assert gs.first_divergence(d, base).differing == 4  # however far each has come
    assert not gs.first_divergence(base, d).same
    text = str(found)
    assert text.startswith(
        " The first difference is at t=2: layer/b [Mul], layer/b:0, set by hand."
    )
    assert "4 of 5 steps differ" in text


def test_a_divergence_that_is_still_to_come(program):
    d = program.debug()
    base = d.fork()
    d.set("c", 1.0)
    assert gs.first_divergence(d, base).node.name == "c"
    d.unset("c")
    d.set("%n", 1.0)
    found = gs.first_divergence(d, base)
    assert (found.node, found.why, found.tensor) == (None, "variables", "n")
    assert str(found).startswith(" n begins with another value.")


def test_a_way_that_fails():
    W = gs.Variable(1.0, name="W")
    d = gs.debug(gs.Session(), gs.exp(W, name="y"))
    with pytest.raises(DebugError, match=r"beyond t=0, and that fails: .* uninitialized value W"):
        gs.first_divergence(d, d.fork())


# ---- words -------------------------------------------------------------------------------------


def test_words_of_the_prompt(d):
    command = commands_of(type(d))["diff"]
    d.run_to_end()
    d.run()
    d.run_to_end()
    assert isinstance(command.call(d, ""), Changes)
    assert isinstance(command.call(d, "1 3"), Changes)
    assert isinstance(command.call(d, "1, 3"), Changes)
    assert isinstance(command.call(d, "run 1 run 2"), RunsDiffer)
    assert isinstance(command.call(d, "run 1"), RunsDiffer)
    assert isinstance(command.call(d, "1:3 2:3"), RunsDiffer)
    assert isinstance(command.call(d, "n - 1"), ValueDiffers)
    assert isinstance(command.call(d, "1:2 1:4"), Changes)


def test_the_texts(transcript, d):
    d.run_to_end()
    transcript.same(
        str(d.diff(2, 5)),
        """
 Between t=2 and t=5: 3 nodes ran (2 UPD, 1 FWD).
   n  10 -> 17  by add to n""",
    )
    d.run()
    d.run_to_end()
    line = d.session.graph.get_operation_by_name("grow").source.lineno
    transcript.same(
        str(d.diff("run 1 run 2")),
        f"""
 Runs 1 and 2 differ first at grow, t=3 ({HERE}{line}).
   it reads a variable that began otherwise: n
   run 1  f32[]  16
   run 2  f32[]  23
   2 of 5 nodes differ; 0 depend on it
   they begin with other variables: n""",
    )
    transcript.same(
        str(d.diff("n")),
        """
 17 -> 24
   at the start of run 2  f32[]  17
   here                   f32[]  24""",
    )
