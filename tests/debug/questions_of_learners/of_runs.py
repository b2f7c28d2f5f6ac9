"""Sessions, fetches and feeds."""

import numpy as np

import graphscope as tf
from graphscope.debug.questions.explain import Kind
from graphscope.debug.questions.why_not import Absence

from .asked import batch, failed, made_at, question, session, sgd, softmax_model, started


@question(9, "Is it the same to run two tensors together and one by one?", "plan a b")
def two_fetches_together():
    x = tf.placeholder(tf.float32, [], name="x")
    shared = tf.exp(x, name="shared")
    a = tf.square(shared, name="a")
    b = tf.negative(shared, name="b")
    found, text = yield started(a, {x: 1.0})
    assert found.plan.nodes == (shared.op, a.op, b.op)
    assert found.apart == (("a", 2), ("b", 2))
    assert found.shared == (shared.op,)
    assert "one by one: 2 + 2 = 4" in text
    assert "computed again for each: shared" in text


@question(10, "How does it know where to use what I feed?", "feeds")
def what_is_fed_goes_where():
    x, y_, _, _, loss = softmax_model()
    train_step = sgd().minimize(loss)
    inputs, labels = batch()
    found, text = yield started(train_step, {x: inputs, y_: labels})
    users = {feed.name: {op.type for op in feed.users} for feed in found.feeds}
    assert users["x"] == {"MatMul"}
    assert {op.name for feed in found.feeds for op in feed.users if feed.tensor is x} >= {"MatMul"}
    assert users["y_"] == {"Reshape", "Shape"}
    assert "x f32[6,4]" in text
    assert "-> MatMul" in text


@question(11, "I fed everything: why must I feed a value?", "needs merged")
def a_summary_that_needs_a_placeholder():
    x, y_, _, _, loss = softmax_model()
    keep = tf.placeholder(tf.float32, [], name="keep_prob")
    merged = tf.multiply(loss, keep, name="merged")
    unused = tf.placeholder(tf.float32, [], name="keep")
    inputs, labels = batch()
    found, text = yield started(loss, {x: inputs, y_: labels, unused: 0.5})
    assert found.missing == (keep,)
    assert found.path(keep) == (merged.op, keep.op)
    assert found.unused == (unused,)
    assert "keep_prob f32[] NOT FED via merged <- keep_prob" in text
    assert "needed by nothing here: keep:0" in text


@question(12, "Why can this value not be fed?", "explain")
def images_with_three_channels():
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    y = tf.square(x)
    opened = session()
    error = failed(lambda: opened.run(y, {x: np.zeros((50, 2352))}))
    found, text = yield tf.debug(opened, y, {x: np.zeros((1, 784))}), error
    assert found.kind is Kind.FEED_SHAPE
    assert found.node is x.op
    assert [(axis.fed, axis.wanted, axis.fits) for axis in found.axes] == [
        (50, None, True),
        (2352, 784, False),
    ]
    assert "1 2352 784 DIFFERS" in text
    assert "2352 = 3 x 784" in text


@question(13, "The initial state is no placeholder: how can it be fed?", "feeds --all")
def a_state_that_can_be_fed():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    rows = tf.shape(x, name="rows")
    initial_state = tf.zeros(rows, name="initial_state")
    tf.add(x, initial_state, name="cell")
    d = started("cell:0", {x: np.ones((2, 3))})
    found, text = yield d
    (row,) = [row for row in found.feedable if row.tensor is initial_state]
    assert row.hides == (rows.op,)
    assert x not in [row.tensor for row in found.feedable]
    assert "initial_state" in text
    assert "rows does not run then" in text


@question(14, "Why does tf.Print print nothing?", "plan loss")
def a_print_behind_a_feed():
    x = tf.placeholder(tf.float32, [], name="x")
    seen = tf.Print(x, [x], "x is", name="seen")
    hidden = tf.add(seen, 1.0, name="hidden")
    loss = tf.square(hidden, name="loss")
    beside = tf.Print(loss, [loss], "loss is", name="beside")
    found, text = yield started(loss, {hidden: 2.0})
    silent = {row.node: row for row in found.silent}
    assert list(silent) == [seen.op, beside.op]
    assert (silent[seen.op].absence, silent[seen.op].feeds) == (Absence.HIDDEN, (hidden,))
    assert silent[beside.op].absence is Absence.NOT_NEEDED
    assert "SHADOWED seen [Print]" in text
    assert "hidden is fed, and seen is above it" in text
    assert "SKIPPED beside [Print]" in text


@question(15, "Why do two runs give two results?", "diff run 1 run 2")
def a_random_node_in_two_runs():
    noise = tf.random_normal([3], name="noise")
    y = tf.square(noise + 1.0, name="y")
    d = started(y)
    d.run_to_end()
    d.run()
    d.run_to_end()
    found, text = yield d
    assert found.random
    assert made_at(found.node, "tf.random_normal([3]")
    assert found.below == found.differing - 1 > 0
    assert "it draws random numbers: it has no seed" in text


@question(16, "Is my fetch read before the update or after it?", "who W --other-order")
def a_fetch_beside_the_update():
    W = tf.Variable([1.0, 2.0], name="W")
    loss = tf.reduce_sum(tf.square(W), name="loss")
    train_op = sgd(0.1).minimize(loss, name="train_op")
    found, text = yield started([W.read_value(), train_op])
    (hazard,) = found.hazards
    assert made_at(hazard.first, 'name="train_op"')
    assert made_at(hazard.second, "W.read_value()")
    (fetched,) = [diff for diff in found.other.differences if diff.what == "fetch"]
    np.testing.assert_allclose(fetched.first, [0.8, 1.6])
    np.testing.assert_allclose(fetched.other, [1.0, 2.0])
    assert "no path leads from one to the other" in text
    assert "inside tf.control_dependencies([train_op])" in text
