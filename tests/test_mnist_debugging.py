"""The program of the seeds on real digits, debugged from Python: the answers are objects."""

from pathlib import Path

import numpy as np
import pytest

import graphscope as gs
from graphscope.data.mnist import read_data_sets
from graphscope.debug.answers import Reason
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause
from graphscope.engine.plan import Phase
from graphscope.errors import lesson_of


@pytest.fixture(scope="module")
def mnist():
    return read_data_sets("MNIST_data/", one_hot=True, seed=0)


class Model:
    """Softmax regression with two train ops on one loss, as in the first thread."""

    def __init__(self):
        x = gs.placeholder(gs.float32, [None, 784])
        W = gs.Variable(gs.zeros([784, 10]))
        b = gs.Variable(gs.zeros([10]))
        y = gs.nn.softmax(gs.matmul(x, W) + b)
        y_ = gs.placeholder(gs.float32, [None, 10])
        with gs.name_scope("loss"):
            cross_entropy = gs.reduce_mean(-gs.reduce_sum(y_ * gs.log(y), reduction_indices=[1]))
        train_step = gs.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)
        global_step = gs.Variable(0, name="global_step", trainable=False)
        optimizer = gs.train.GradientDescentOptimizer(0.01)
        train_op = optimizer.minimize(cross_entropy, global_step=global_step)
        self.x, self.y_, self.y, self.loss = x, y_, y, cross_entropy
        self.W, self.b, self.global_step = W, b, global_step
        self.train_step, self.train_op = train_step, train_op
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())


@pytest.fixture
def model():
    with gs.Graph().as_default():
        yield Model()


@pytest.fixture
def feed(model, mnist):
    return {model.x: mnist.test.images[:100], model.y_: mnist.test.labels[:100]}


def test_one_training_step_is_stepped_both_ways_and_explained(model, feed):
    # The loss is fetched too: training alone needs its slope, not its value.
    with gs.debug(model.session, [model.loss, model.train_step], feed) as d:
        assert len(d.plan) == d.timeline.end
        assert d.plan.count()[Phase.FORWARD] == 10
        assert {d.names.of(op) for op in d.plan.variables} == {"W", "b"}

        stop = d.step(3)
        assert (stop.t, stop.node.type, stop.phase) == (3, "MatMul", Phase.FORWARD)
        d.brk("loss/Log")
        stop = d.cont()
        assert stop.reason is Reason.BREAKPOINT
        assert stop.node.name == "loss/Log"
        # W and b are zero, so each of the ten digits is as probable as any other.
        np.testing.assert_allclose(d.value("y"), np.full((100, 10), 0.1), rtol=1e-6)
        np.testing.assert_allclose(d.value("loss/Log"), np.log(np.full((100, 10), 0.1)), rtol=1e-6)
        assert d.back().t == stop.t - 1
        assert d.changed() == {}
        assert d.t == stop.t - 1

        d.until(model.loss)
        assert d.value(model.loss) == pytest.approx(np.log(10), rel=1e-6)
        stop = d.until("%W")
        assert set(stop.changed) == set(d.changed()) == {"W"}
        assert not d.changed()["W"].old.any()
        assert d.back().restored.keys() == {"W"}
        assert d.changed() == {}
        d.run_to_end()
        assert set(d.changed()) == {"W", "b"}
    # The run has finished, so the session has its variables.
    assert model.session.run(model.W).any()


def test_updates_and_why_name_what_is_trained_and_what_is_not(model, feed):
    with gs.debug(model.session, model.train_step, feed) as d:
        d.run_to_end()
        updates = d.updates()
        assert updates.names(Status.UPDATED) == {"W", "b"}
        assert updates.names(Status.OTHER) == {"global_step"}
        step = 0.5 * np.linalg.norm(d.value("gradients/MatMul_grad/MatMul_1"))
        assert updates["W"].delta.norm == pytest.approx(step, rel=1e-5)

        why = d.why("W")
        assert why.ok
        assert why.cause is Cause.TRAINED
        assert [op.type for op in why.path][-3:] == ["Sum", "Neg", "Mean"]
        not_trained = d.why("global_step")
        assert not not_trained.ok
        assert not_trained.cause is Cause.NOT_TRAINABLE
        assert [fetch for _, fetch, _ in not_trained.others] == ["train_op"]
        assert model.session.run(model.global_step) == 0

    with gs.debug(model.session, model.train_op, feed) as d:
        d.run_to_end()
        assert set(d.changed()) == {"W", "b", "global_step"}
    assert model.session.run(model.global_step) == 1


def test_needs_and_feeds_name_the_placeholders_and_the_way_to_them(model, feed):
    with gs.debug(model.session, model.train_step, {model.x: feed[model.x]}) as d:
        needs = d.needs(model.loss)
        assert [need.feed.name for need in needs.placeholders] == ["x", "y_"]
        assert needs.missing == (model.y_,)
        assert needs.path(model.y_)[0] is model.loss.op
        with pytest.raises(gs.errors.InvalidArgumentError, match="Placeholder_1") as caught:
            d.run_to_end()
        lesson = str(lesson_of(caught.value))
        assert Path(__file__).name in lesson
        assert "feed_dict={y_: ...}" in lesson
    assert d.feeds().feeds[0].users[0].name == "MatMul"


def test_the_debugged_run_is_the_plain_run(model, feed):
    other = gs.Session(graph=model.session.graph)
    other.run(gs.variables_initializer([model.W, model.b, model.global_step]))
    with gs.debug(model.session, [model.loss, model.train_step], feed) as d:
        d.cont()
    assert d.result == other.run([model.loss, model.train_step], feed)
    for variable in (model.W, model.b):
        assert (model.session.run(variable) == other.run(variable)).all()


def test_it_learns(model, mnist):
    for _ in range(300):
        images, labels = mnist.train.next_batch(100)
        model.session.run(model.train_step, {model.x: images, model.y_: labels})
    right = gs.equal(gs.argmax(model.y, 1), gs.argmax(model.y_, 1))
    accuracy = gs.reduce_mean(gs.cast(right, gs.float32))
    test = {model.x: mnist.test.images, model.y_: mnist.test.labels}
    assert model.session.run(accuracy, test) > 0.88


def test_the_picture_shows_what_was_updated(model, feed, tmp_path):
    with gs.debug(model.session, model.train_step, feed) as d:
        d.run_to_end()
        picture = d.draw(output=str(tmp_path / "step.svg"))
    assert (tmp_path / "step.svg").read_text().lstrip().startswith("<?xml")
    for word in ("MatMul", "Softmax", "W", "b", "x", "y_"):
        assert word in picture.dot
