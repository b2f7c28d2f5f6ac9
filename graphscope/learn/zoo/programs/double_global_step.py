"""A line through noisy points, with a learning rate that falls by 4 % every 100 steps."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(50, 1))
targets = 3.0 * inputs - 1.0 + rng.normal(scale=0.1, size=(50, 1))

x = tf.placeholder(tf.float32, [None, 1], name="x")
y = tf.placeholder(tf.float32, [None, 1], name="y")
slope = tf.Variable([[0.0]], name="slope")
start = tf.Variable([0.0], name="start")
loss = tf.reduce_mean(tf.square(tf.matmul(x, slope) + start - y))

global_step = tf.train.get_or_create_global_step()
rate = tf.train.exponential_decay(0.1, global_step, 100, 0.96)
train = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=global_step)
train_op = tf.group(train, tf.assign_add(global_step, 1, name="count"))

feed = {x: inputs, y: targets}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(1000):
        sess.run(train_op, feed)
    print("1000 runs of train_op")
    print(f"global_step {sess.run(global_step)}  learning rate {sess.run(rate):.4f}")
