"""The symptoms of the zoo, measured on our engine: what a learner sees before asking anything."""

import numpy as np
import pytest

import graphscope as gs

from .case import opened
from .data import classified, layer, placeholders, sgd
from .score import CULPRITS

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


def test_z1_a_frozen_layer_trains_but_worse():
    inputs, _, rows = classified()
    ends = []
    for frozen in (True, False):
        with gs.Graph().as_default():
            x, y_ = placeholders()
            start = gs.truncated_normal([4, 2], stddev=0.3, seed=1)
            W1 = gs.Variable(start, name="W1", trainable=not frozen)
            logits = layer(gs.tanh(gs.matmul(x, W1)), 3, "2")
            fused = gs.nn.softmax_cross_entropy_with_logits
            loss = gs.reduce_mean(fused(labels=y_, logits=logits))
            feed = {x: inputs, y_: rows}
            session = started()
            found = losses(session, sgd(loss, 0.5), loss, feed, 300)
            assert found[-1] < 0.8 * found[0]
            ends.append(found[-1])
    assert ends[0] > 2 * ends[1]


def test_z2_the_rate_of_a_step_counted_twice():
    # 0.1 * 0.96 ^ (1000 / 100) and ^ (2000 / 100)
    step = gs.train.get_or_create_global_step()
    rate = gs.train.exponential_decay(0.1, step, 100, 0.96)
    session = started()
    found = []
    for counted in (1000, 2000):
        step.load(counted, session)
        found.append(session.run(rate))
    np.testing.assert_allclose(found, [0.0665, 0.0442], atol=5e-5)


def test_z3_dead_units_have_no_gradient_and_the_loss_still_slips():
    inputs, numbers, rows = classified()
    x, y_ = placeholders()
    W1 = gs.Variable(gs.truncated_normal([4, 8], stddev=0.3, seed=1))
    hidden = gs.nn.relu(gs.matmul(x, W1) - 20.0)
    W2 = gs.Variable(gs.truncated_normal([8, 3], stddev=0.3, seed=1))
    bias = gs.Variable(gs.zeros([3]))
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=gs.matmul(hidden, W2) + bias))
    slopes = gs.gradients(loss, [W1, W2])
    feed, session = {x: inputs, y_: rows}, started()
    assert not any(np.any(slope) for slope in session.run(slopes, feed))
    found = losses(session, sgd(loss, 0.5), loss, feed, 100)
    # The bias of the output learns how frequent the classes are, and no more.
    shares = np.bincount(numbers) / len(numbers)
    assert found[0] == pytest.approx(np.log(3))
    assert found[-1] == pytest.approx(-np.sum(shares * np.log(shares)), rel=1e-3)


def test_z4_nan_even_where_the_answer_is_right():
    logits = gs.constant([[200.0, 0.0]])
    y_ = gs.constant([[1.0, 0.0]])
    by_hand = -gs.reduce_sum(y_ * gs.log(gs.nn.softmax(logits)))
    fused = gs.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits)
    nan, zero = started().run([by_hand, fused])
    assert np.isnan(nan)
    assert zero == 0


def test_z8_the_fetched_variable_is_that_of_before():
    d = opened(CULPRITS["a_variable_fetched_beside_its_update"].build(True))
    d.run_to_end()
    assert d.result[1].tolist() == [1.0, 2.0]
    assert d.value("%W").tolist() == pytest.approx([0.8, 1.6])


def test_z9_the_loss_of_a_softmax_over_the_batch_begins_near_ln_of_the_batch():
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


def test_z10_all_predictions_become_equal_and_the_loss_the_variance():
    inputs = classified(rows=64)[0]
    targets = 2 * inputs[:, 0] - inputs[:, 1]
    x = gs.placeholder(gs.float32, [None, 4])
    y = gs.placeholder(gs.float32, [None])
    prediction = layer(x, 1, "1") + gs.Variable(0.0)
    residual = prediction - y
    loss = gs.reduce_mean(gs.square(residual))
    session, feed = started(), {x: inputs, y: targets}
    found = losses(session, sgd(loss), loss, feed, 300)
    shape, predicted = session.run([gs.shape(residual), prediction], feed)
    assert shape.tolist() == [64, 64]
    assert found[-1] == pytest.approx(np.var(targets), rel=1e-4)
    assert np.ptp(predicted) < 1e-3


def test_z11_labels_of_other_examples_can_only_be_learned_by_heart():
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


def test_z12_above_the_limit_the_loss_explodes():
    inputs = classified(rows=64)[0]
    targets = inputs @ np.ones(4, np.float32)
    x = gs.placeholder(gs.float32, [None, 4])
    y = gs.placeholder(gs.float32, [None])
    W = gs.Variable(gs.zeros([4, 1]))
    loss = gs.reduce_mean(gs.square(gs.squeeze(gs.matmul(x, W), 1) - y))
    # The curvature is twice the covariance; a step of 2 / its largest eigenvalue is the limit.
    limit = 2 / np.linalg.eigvalsh(2 * inputs.T @ inputs / 64).max()
    rate = gs.placeholder(gs.float32, [])
    train = SGD(rate).minimize(loss)
    for factor, falls in ((0.95, True), (1.05, False)):
        feed = {x: inputs, y: targets, rate: factor * limit}
        found = losses(started(), train, loss, feed, 60)
        assert (found[-1] < found[30] < found[0]) == falls
    found = losses(started(), train, loss, {x: inputs, y: targets, rate: 2 * limit}, 20)
    assert found[-1] / found[-2] == pytest.approx(9, rel=0.01)  # (1 - 2 * 2)^2
    found = losses(started(), train, loss, {x: inputs, y: targets, rate: 2 * limit}, 60)
    assert np.any(np.isinf(found))


@pytest.mark.parametrize(("classes", "floor"), [(3, 0.5514), (4, 0.7437), (10, 1.4612)])
def test_z13_the_floor_of_a_double_softmax(classes, floor):
    logits = gs.Variable(gs.zeros([classes, classes]))
    p = gs.nn.softmax(logits)
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=gs.eye(classes), logits=p))
    session = started()
    logits.load(100 * np.eye(classes), session)  # as sure as can be, and right
    assert session.run(loss) == pytest.approx(floor, abs=1e-4)
    d = gs.debug(session, SGD(0.1).minimize(loss))
    assert f"{floor:.4f}" in d.lint().of("softmax-twice")[0].sentence


def test_z14_the_graph_grows_by_the_same_number_each_time(graph):
    x = gs.Variable(1.0)
    session = started()
    sizes = []
    for _ in range(4):
        session.run(gs.assign(x, 2.0))
        sizes.append(len(graph.operations))
    assert set(np.diff(sizes)) == {2}  # the value and the assignment


def test_z16_finite_forwards_and_nan_backwards():
    d = opened(CULPRITS["a_root_in_the_branch_that_is_not_taken"].build(True))
    d.run_to_end()
    assert np.isfinite(d.value("loss"))
    assert np.isnan(d.value("%W")[0])
    assert np.isfinite(d.value("%W")[1])


def test_z17_behind_a_feed_in_the_middle_nothing_runs():
    d = opened(CULPRITS["a_feed_in_the_middle_that_hides_what_is_above"].build(True))
    d.run_to_end()
    ran = {step.node.name for step in d.timeline.steps}
    assert "MatMul" not in ran
    assert "MatMul_1" in ran


def test_z18_zeros_everywhere_stay_alike():
    d = opened(CULPRITS["all_weights_zero_in_both_layers"].build(True))
    for _ in range(5):
        d.run_to_end()
        d.run()
    W1, W2 = d.value("%W1"), d.value("%W2")
    assert not np.any(W1)
    assert not np.any(W2)
