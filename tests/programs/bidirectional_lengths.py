"""Sequences of different lengths, classified by two GRUs that read them both ways."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
tf.set_random_seed(6)
LENGTHS = np.array([3, 6, 4, 5, 6, 2])
ROWS = rng.uniform(-1.0, 1.0, (6, 6, 2)).astype(np.float32)
LABELS = np.array([int(row[:n].sum() > 0) for row, n in zip(ROWS, LENGTHS)])

x = tf.placeholder(tf.float32, [None, 6, 2], name="x")
lengths = tf.placeholder(tf.int32, [None], name="lengths")
labels = tf.placeholder(tf.int64, [None], name="labels")
with tf.variable_scope("reader"):
    outputs, states = tf.nn.bidirectional_dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(5), tf.nn.rnn_cell.GRUCell(5), x,
        sequence_length=lengths, dtype=tf.float32,
    )  # fmt: skip
joined = tf.concat(states, 1)
logits = tf.layers.dense(joined, 2, name="logits")
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
step = tf.train.get_or_create_global_step()
train = tf.train.RMSPropOptimizer(0.02).minimize(loss, global_step=step)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: ROWS, lengths: LENGTHS, labels: LABELS}
    for _ in range(10):
        losses.append(sess.run([loss, train], feed)[0])
    forward, backward = sess.run(outputs, feed)

RESULTS = {
    "losses": losses,
    "behind the end": [float(np.abs(forward[0, 3:]).sum()), float(np.abs(backward[5, 2:]).sum())],
    "outputs": forward[1, :2],
}
