"""A line through points, with Adam."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(50, 1))
targets = 3.0 * inputs - 1.0

x = tf.placeholder(tf.float32, [None, 1], name="x")
y = tf.placeholder(tf.float32, [None, 1], name="y")
slope = tf.Variable([[0.0]], name="slope")
start = tf.Variable([0.0], name="start")
loss = tf.reduce_mean(tf.square(tf.matmul(x, slope) + start - y))
init = tf.global_variables_initializer()
train_step = tf.train.AdamOptimizer(0.1).minimize(loss)

feed = {x: inputs, y: targets}
with tf.Session() as sess:
    sess.run(init)
    print(f"before training  loss {sess.run(loss, feed):.3f}")
    for _ in range(100):
        sess.run(train_step, feed)
    print(f"after training  loss {sess.run(loss, feed):.3f}")
