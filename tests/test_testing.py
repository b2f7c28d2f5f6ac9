"""gs.testing: assertions about runs that print the explanation."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug import DebugError


@pytest.fixture(autouse=True)
def model():
    class Model:
        pass

    m = Model()
    with gs.Graph().as_default(), gs.Session() as session:
        m.session = session
        m.x = gs.placeholder(gs.float32, [None, 2], name="x")
        m.y = gs.placeholder(gs.float32, [None, 1], name="y")
        m.w = gs.Variable(np.ones((2, 1), np.float32), name="w")
        m.b = gs.Variable([0.5], name="b", trainable=False)
        m.dead = gs.Variable([-9.0], name="dead")
        m.hidden = gs.nn.relu(gs.matmul(m.x, m.w) * 0.0 + m.dead, name="hidden")
        m.out = gs.add(gs.matmul(m.x, m.w), m.b, name="out")
        m.loss = gs.reduce_mean(gs.square(m.out + m.hidden - m.y), name="loss")
        m.train = gs.train.GradientDescentOptimizer(0.1).minimize(m.loss, name="train")
        m.feed = {m.x: [[1.0, 2.0]], m.y: [[0.0]]}
        session.run(gs.global_variables_initializer())
        yield m


def test_assert_updates(model):
    before = model.session.run(model.w)
    gs.testing.assert_updates(model.train, {"w", "dead"}, model.feed)
    gs.testing.assert_updates(model.loss, set(), model.feed)
    both = [model.w, model.dead]
    gs.testing.assert_updates(model.train, both, model.feed, session=model.session)
    np.testing.assert_array_equal(model.session.run(model.w), before)  # on the side
    with pytest.raises(AssertionError) as caught:
        gs.testing.assert_updates(model.train, {"w", "b", "dead"}, model.feed)
    assert str(caught.value).startswith("[m.train] changes {dead, w}, and not {b, dead, w}.")
    assert "b is not trained by this run: it is not trainable." in str(caught.value)
    with pytest.raises(AssertionError, match=r"\[m.loss\] changes nothing, and not \{w\}\."):
        gs.testing.assert_updates(model.loss, {"w"}, model.feed)


def test_assert_needs(model):
    gs.testing.assert_needs(model.loss, {"x", "y"})
    gs.testing.assert_needs(model.out, [model.x])
    with pytest.raises(AssertionError) as caught:
        gs.testing.assert_needs(model.out, {"x", "y"})
    assert str(caught.value).startswith("[m.out] needs {x}, and not {x, y}.")
    assert "NOT FED" in str(caught.value)


def test_assert_not_run(model):
    gs.testing.assert_not_run(model.loss, "@ApplyGradientDescent", model.feed)
    gs.testing.assert_not_run(model.loss, "*Assign", model.feed)
    with pytest.raises(AssertionError) as caught:
        gs.testing.assert_not_run(model.train, "@ApplyGradientDescent", model.feed)
    assert "runs train/update_w/ApplyGradientDescent" in str(caught.value)
    with pytest.raises(DebugError, match="no node 'nothing'"):
        gs.testing.assert_not_run(model.train, "nothing", model.feed)


def test_assert_finite(model):
    gs.testing.assert_finite(model.train, model.feed)
    with pytest.raises(AssertionError) as caught:
        gs.testing.assert_finite(gs.log(model.out - 3.5, name="log"), model.feed)
    assert "log" in str(caught.value)


def test_assert_grad_flows(model):
    gs.testing.assert_grad_flows(model.loss, model.w, model.feed)
    gs.testing.assert_grad_flows("loss", "w", model.feed)
    with pytest.raises(AssertionError) as caught:
        gs.testing.assert_grad_flows("loss", "dead", model.feed)
    assert "hidden" in str(caught.value)


def test_without_a_session_it_says_what_to_do():
    graph = gs.Graph()
    with graph.as_default():
        y = gs.constant(1.0)
        session = gs.Session()
        gs.testing.assert_finite(y, session=session)


def test_at_run_ends_the_script_there(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "import tensorflow as tf\n"
        "n = tf.Variable(0, name='n')\n"
        "up = tf.assign_add(n, 2)\n"
        "with tf.Session() as sess:\n"
        "    sess.run(n.initializer)\n"
        "    for _ in range(int(sys.argv[1])):\n"
        "        sess.run(up)\n"
    )
    with gs.testing.at_run(script, 4, arguments=["5"]) as d:
        assert d.value("n") == 4
        d.run_to_end()
        assert d.value("n") == 6
        assert d.onecmd("step").error is not None
    with (
        pytest.raises(DebugError, match=r"script.py ended after 6 runs: it has no run 9"),
        gs.testing.at_run(script, 9, arguments=["5"]),
    ):
        pass
