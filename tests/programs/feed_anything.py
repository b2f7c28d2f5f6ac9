"""Any tensor can be fed, not placeholders only."""

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
d = tf.placeholder_with_default([[1.0, 1.0]], [None, 2], name="d")
c = tf.constant(10.0, name="c")
W = tf.Variable([[1.0], [2.0]], name="W")
hidden = tf.add(tf.matmul(x + d, W), c, name="hidden")
loss = tf.reduce_sum(tf.square(hidden), name="loss")
train = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
rows = [[1.0, 2.0], [3.0, 4.0]]

RESULTS = {}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    RESULTS["plain"] = sess.run(hidden, {x: rows})
    RESULTS["by_name"] = sess.run("hidden:0", {"x:0": rows})
    RESULTS["default_overridden"] = sess.run(hidden, {x: rows, d: np.zeros([2, 2])})
    RESULTS["constant"] = sess.run(hidden, {x: rows, c: 0})
    RESULTS["constant_of_another_shape_is_fetched_as_fed"] = sess.run(c, {c: -1.5})
    RESULTS["intermediate_needs_no_x"] = sess.run(loss, {hidden: [[3.0], [4.0]]})
    RESULTS["variable"] = sess.run(hidden, {x: rows, W: [[0.0], [1.0]]})
    RESULTS["variable_by_name"] = sess.run(hidden, {x: rows, "W:0": [[0.0], [2.0]]})
    RESULTS["variable_read"] = sess.run(hidden, {x: rows, "W/read:0": [[0.0], [3.0]]})
    RESULTS["variable_fetched_while_fed"] = sess.run(W, {W: [[5.0], [6.0]]})
    RESULTS["variable_is_unchanged"] = sess.run(W)
    RESULTS["tuple_of_keys"] = sess.run(hidden, {(x, c): (np.array(rows), 1.0)})
    RESULTS["numbers_are_converted"] = sess.run(c, {c: np.float64(0.1)})
    RESULTS["loss_fed_and_fetched"] = sess.run(loss, {loss: 42})

    sess.run(train, {x: rows, "GradientDescent/learning_rate:0": 0.0})
    RESULTS["learning_rate_zero"] = sess.run(W)
    sess.run(train, {x: rows, "GradientDescent/learning_rate:0": 0.01})
    RESULTS["learning_rate_times_ten"] = sess.run(W)
    sess.run(train, {x: rows})
    RESULTS["own_learning_rate"] = sess.run(W)
    sess.run(train, {x: rows, hidden: [[1.0], [1.0]]})
    RESULTS["train_with_hidden_fed"] = sess.run(W)
