"""Variables: what they hold, and who writes them."""

import numpy as np

import graphscope as tf
from graphscope import layers
from graphscope.debug.questions.updates import Status

from .asked import ended, made_at, question, session, sgd


@question(17, "Which variable is not initialized, and why not?", "vars")
def a_variable_made_after_its_initializer():
    W = tf.Variable([1.0], name="W")
    init = tf.global_variables_initializer()
    late = tf.Variable([2.0], name="late")
    never = tf.square(late)
    opened = session(initialize=False)
    opened.run(init)
    found, text = yield tf.debug(opened, W)
    rows = {row.name: row for row in found.rows}
    assert [row.node for row in found.rows if not row.initialized] == [late.op]
    assert never.op.inputs[0].op is not W.op
    assert rows["W"].initializer is init
    assert rows["late"].initializer is None
    assert rows["late"].missed_by is init
    assert "late not initialized NO" in text
    assert "init" in text
    assert "was made before late" in text


@question(18, "What are beta1_power and W/Adam_1?", "vars --slots")
def the_slots_of_adam():
    W = tf.Variable([1.0, 2.0], name="W")
    train = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.square(W)))
    found, text = yield ended(train)
    (adam,) = found.keepers
    assert (adam.name, adam.trains) == ("Adam", "train")
    assert [kept.variable.name for kept in adam.shared] == ["beta1_power", "beta2_power"]
    assert {owner: [kept.variable.name for kept in row] for owner, row in adam.slots.items()} == {
        "W": ["W/Adam", "W/Adam_1"]
    }
    assert "beta1_power" in text


@question(19, "When are weights updated: in each run, or at the end of the loop?", "history W")
def a_loop_of_training():
    W = tf.Variable([4.0], name="W")
    train_step = sgd(0.1).minimize(tf.reduce_sum(tf.square(W)))
    d = tf.debug(session(), train_step)
    d.run_to_end()
    for _ in range(4):
        d.run()
        d.run_to_end()
    found, text = yield d
    assert found.op is W.op
    assert found.per_run == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
    (writer,) = found.writers
    assert (writer.type, made_at(writer, "minimize")) == ("ApplyGradientDescent", True)
    assert "5 writes, one in each run of train_step" in text


@question(20, "Why do the averages of batch normalization never move?", "updates")
def averages_that_never_move():
    x = tf.constant(np.arange(12.0, dtype=np.float32).reshape(4, 3))
    normal = layers.batch_normalization(x, training=True, name="bn")
    train_op = sgd().minimize(tf.reduce_sum(tf.square(normal)))
    found, text = yield ended(train_op)
    row = found["bn/moving_mean"]
    assert row.status is Status.OTHER
    assert not row.written
    assert [op.name for op, _, runs in row.why.others if not runs] == ["bn/AssignMovingAvg"]
    assert "bn/moving_mean [3] NOT TOUCHED" in text
    assert "only 'bn/AssignMovingAvg' writes it" in text


@question(21, "trainable=False, and yet it changes: who does that?", "why moving_mean")
def a_frozen_variable_that_changes():
    W = tf.Variable([1.0, 2.0], name="W")
    moving_mean = tf.Variable([0.0, 0.0], trainable=False, name="moving_mean")
    train_op = sgd().minimize(tf.reduce_sum(tf.square(W)))
    moved = tf.assign(moving_mean, 0.9 * moving_mean + 0.1 * W, name="moved")
    found, text = yield ended([train_op, moved])
    assert found.variable is moving_mean.op
    assert [(op, runs) for op, _, runs in found.others] == [(moved.op, True)]
    assert "trainable=False" in text
    assert "It is written by moved [Assign], which runs here" in text


@question(33, "What does global_step mean, and who counts it?", "who global_step")
def a_step_that_a_schedule_reads():
    W = tf.Variable([1.0, 2.0], name="W")
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 100, 0.96, name="decay")
    loss = tf.reduce_sum(tf.square(W))
    train_op = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=step)
    other = sgd(0.1).minimize(loss, name="other")
    assert other.name == "other"
    found, text = yield ended(train_op)
    assert found.name == "global_step"
    counting = [use for use in found.writers if use.t is not None]
    assert [use.node.type for use in counting] == ["AssignAdd"]
    assert made_at(counting[0].node, "global_step=step")
    assert [use.node.name for use in found.readers] == ["global_step/read"]
    ((schedule, update),) = found.rates.items()
    assert (schedule, update.inputs[0].op) == (rate, W.op)
    assert "a learning rate goes by it: decay (update W)" in text


@question(39, "Which parts of a cell's kernel belong to which gate?", "vars rnn/")
def a_cell_that_is_unrolled():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    with tf.variable_scope("rnn"):
        kernel = tf.get_variable("kernel", [5, 8], initializer=tf.ones_initializer())
    state = tf.zeros([2, 2])
    for _ in range(3):
        gates = tf.matmul(tf.concat([x, state], 1), kernel)
        i, _, f, o = tf.split(gates, 4, 1)
        state = tf.tanh(i * f) * o
    outside = tf.Variable(0.0, name="outside")
    found, text = yield ended([state, outside], {x: np.ones((2, 3))})
    (row,) = found.rows
    assert row.node is kernel.op
    assert [op.type for op in row.uses.nodes] == ["MatMul", "MatMul", "MatMul"]
    rows, columns = row.uses.blocks
    assert (columns.axis, columns.parts) == (1, (2, 2, 2, 2))
    assert made_at(columns.node, "tf.split(gates, 4, 1)")
    assert (rows.axis, rows.parts) == (0, (3, 2))
    assert made_at(rows.node, "tf.concat([x, state], 1)")
    assert "used 3 times" in text
    assert "columns 2 + 2 + 2 + 2" in text
    assert "rows 3 + 2" in text
