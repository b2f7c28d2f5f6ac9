"""Symptoms of bugs, measured: what a learner sees before asking anything. The zoo has its own."""

import numpy as np
import pytest

import graphscope as gs

from .data import classified, layer, placeholders, sgd

SGD = gs.train.GradientDescentOptimizer


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


def started():
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return session


def losses(session, train, loss, feed, runs):
    return [session.run([loss, train], feed)[0] for _ in range(runs)]


def test_nan_even_where_the_answer_is_right():
    logits = gs.constant([[200.0, 0.0]])
    y_ = gs.constant([[1.0, 0.0]])
    by_hand = -gs.reduce_sum(y_ * gs.log(gs.nn.softmax(logits)))
    fused = gs.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits)
    nan, zero = started().run([by_hand, fused])
    assert np.isnan(nan)
    assert zero == 0


def test_the_loss_of_a_softmax_over_the_batch_begins_near_ln_of_the_batch():
    inputs, _, rows = classified(rows=300)
    x, y_ = placeholders()
    logits = layer(x, 3, "1", stddev=0.01)
    over_batch = gs.nn.softmax(logits, axis=0)
    wrong = -gs.reduce_mean(gs.reduce_sum(y_ * gs.log(over_batch), 1))
    summed = -gs.reduce_mean(gs.reduce_sum(y_ * gs.log(gs.nn.softmax(logits)), 0))
    right = -gs.reduce_mean(gs.reduce_sum(y_ * gs.log(gs.nn.softmax(logits)), 1))
    session, feed = started(), {x: inputs, y_: rows}
    begun, sums, large, small = session.run(
        [wrong, gs.reduce_sum(over_batch, 0), summed, right], feed
    )
    assert begun == pytest.approx(np.log(300), rel=0.02)
    np.testing.assert_allclose(sums, 1, rtol=1e-5)
    assert small == pytest.approx(np.log(3), rel=0.02)
    assert large == pytest.approx(small * 300 / 3)  # 300 examples, a mean over 3 classes


def test_labels_of_other_examples_can_only_be_learned_by_heart():
    inputs, numbers, rows = classified(rows=300)
    other = rows[np.random.RandomState(1).permutation(300)]
    x, y_ = placeholders()
    logits = layer(gs.tanh(layer(x, 32, "1", stddev=1.0)), 3, "2")
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=logits))
    train = sgd(loss, 0.5)
    everything = losses(started(), train, loss, {x: inputs, y_: other}, 100)
    shares = np.bincount(numbers) / 300
    assert everything[-1] > 0.85 * -np.sum(shares * np.log(shares))
    a_few = losses(started(), train, loss, {x: inputs[:8], y_: other[:8]}, 300)
    assert a_few[-1] < 0.1


@pytest.mark.parametrize(("classes", "floor"), [(3, 0.5514), (4, 0.7437), (10, 1.4612)])
def test_the_floor_of_a_double_softmax(classes, floor):
    logits = gs.Variable(gs.zeros([classes, classes]))
    p = gs.nn.softmax(logits)
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=gs.eye(classes), logits=p))
    session = started()
    logits.load(100 * np.eye(classes), session)  # as sure as can be, and right
    assert session.run(loss) == pytest.approx(floor, abs=1e-4)
    d = gs.debug(session, SGD(0.1).minimize(loss))
    assert f"{floor:.4f}" in d.lint().of("softmax-twice")[0].sentence
