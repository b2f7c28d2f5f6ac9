"""Losses, optimizers, data and speed."""

import numpy as np

import graphscope as tf

from .asked import batch, ended, made_at, question, session, sgd, softmax_model, started


@question(31, "Why does the loss stop far above zero?", "lint loss_1")
def softmax_twice():
    x, y_, W, _, _ = softmax_model()
    probabilities = tf.nn.softmax(tf.matmul(x, W), name="probabilities")
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=probabilities), name="loss"
    )
    inputs, labels = batch()
    found, text = yield started(loss, {x: inputs, y_: labels})
    (finding,) = found.of("softmax-twice")
    assert finding.node is probabilities.op
    assert "0.551" in text
    assert "logits" in finding.remedy


@question(32, "Why are all predictions the same number?", "lint loss")
def a_column_minus_a_row():
    x = tf.placeholder(tf.float32, [64, 3], name="x")
    y_ = tf.placeholder(tf.float32, [64], name="y_")
    W = tf.Variable(tf.zeros([3, 1]), name="W")
    residual = tf.subtract(tf.matmul(x, W), y_, name="residual")
    loss = tf.reduce_mean(tf.square(residual), name="loss")
    found, text = yield started(loss, {x: np.zeros((64, 3)), y_: np.zeros(64)})
    (finding,) = found.of("broadcast")
    assert finding.node is residual.op
    assert "[64,64]" in text


@question(34, "Why is global_step counted twice?", "updates")
def two_optimizers_count_one_step():
    W = tf.Variable([1.0, 2.0], name="W")
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 100, 0.96)
    loss = tf.reduce_sum(tf.square(W))
    first = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=step, name="first")
    second = sgd(0.1).minimize(loss, global_step=step, name="second")
    found, text = yield ended([first, second])
    row = found["global_step"]
    assert [op.name for op, _, runs in row.why.others if runs] == ["first", "second"]
    assert row.delta.norm == 2.0
    assert "2 writers: first +1, second +1" in text
    assert "exponential" in text.lower()


@question(35, "How do I change the learning rate of a graph that is made already?",
          "set Adam/learning_rate = 1e-4")  # fmt: skip
def a_rate_that_is_a_node():
    W = tf.Variable([1.0, 2.0], name="W")
    train_op = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.square(W)))
    d = ended(train_op)
    before = d.updates()["W"].delta.largest[0]
    found, text = yield d
    d.run_to_end()
    assert found.tensor.op.name == "Adam/learning_rate"
    assert float(found.value) == np.float32(1e-4)
    assert d.updates()["W"].delta.largest[0] < before / 100
    assert "in this run and later ones" in text


@question(36, "Are my labels shuffled apart from the inputs?", "check train_op")
def two_shuffles():
    inputs, labels = batch(rows=60)
    x = tf.random_shuffle(tf.constant(inputs), name="shuffled_inputs")
    y_ = tf.random_shuffle(tf.constant(labels), name="shuffled_labels")
    W = tf.Variable(tf.zeros([4, 3]), name="W")
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=tf.matmul(x, W)), name="loss"
    )
    train_op = sgd().minimize(loss)
    found, text = yield started(train_op)
    named = {line.node.name for line in found.failed if line.node is not None}
    assert {"shuffled_inputs", "shuffled_labels"} & named
    assert "no longer belong together" in text
    assert any(made_at(line.node, "tf.random_shuffle") for line in found.failed if line.node)


@question(37, "Key Variable_1 not found in checkpoint: what is it called there?",
          "diff session weights.npz")  # fmt: skip
def a_checkpoint_with_other_names():
    W = tf.Variable([[1.0, 2.0]], name="W")
    b = tf.Variable([0.5], name="Variable_1")
    tf.Variable([1.0, 2.0, 3.0], name="larger")
    np.savez("weights.npz", **{"W": [[1.0, 2.0]], "Variable": [0.25], "larger": [1.0, 2.0]})
    found, text = yield started([W, b])
    assert found.equal == ("W",)
    assert found.missing == (b.op,)
    assert found.extra == ("Variable",)
    assert [(row.name, row.here, row.there) for row in found.misshapen] == [("larger", (3,), (2,))]
    assert found.renames == {"Variable_1": "Variable"}
    assert "Variable_1 is not in it" in text
    assert "could be its Variable" in text


@question(38, "Why does the loss jump after restoring?", "diff session weights.npz")
def weights_without_slots():
    W = tf.Variable([1.0, 2.0], name="W")
    train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.square(W)))
    opened = session()
    for _ in range(5):
        opened.run(train)
    np.savez("weights.npz", **opened.state.variables)
    restored = session()
    restored.state.variables["W"] = opened.state.variables["W"]
    found, text = yield tf.debug(restored, train)
    assert found.equal == ("W",)
    shared, own = ["beta1_power", "beta2_power"], ["W/Adam", "W/Adam_1"]
    assert [row.node.name for row in found.reset] == [*shared, *own]
    assert found.keepers == ("Adam",)
    assert "W/Adam" in text
    assert "as they begin" in text
    assert "first step" in text


@question(40, "Where does the time of a run go?", "cost")
def the_time_of_a_run():
    a = tf.constant(np.ones((300, 300), np.float32))
    W = tf.Variable(np.ones((300, 300), np.float32), name="W")
    product = tf.matmul(a, W, name="product")
    y = tf.reduce_sum(product, name="y")
    found, text = yield ended(y)
    assert found.dearest.node is product.op
    assert found.dearest.calls == 1
    assert found.total >= found.matmul + found.numpy
    assert "products of matrices in C" in text
    assert "the engine between them" in text
