"""Targets should come from slow weights, and they come from the live ones."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
tf.set_random_seed(0)
states = random.randn(8, 4, 3).astype(np.float32)
following = random.randn(8, 4, 3).astype(np.float32)
rewards = random.randn(8, 2).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 4, 3], name="x")
target = tf.placeholder(tf.float32, [None, 2], name="target")
cell = tf.nn.rnn_cell.BasicLSTMCell(2)
outputs, last = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
q = tf.layers.dense(outputs[-1], 2, name="q")
loss = tf.reduce_mean(tf.square(q - target), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
live = tf.trainable_variables()
slow = {variable: sess.run(variable) for variable in live}
for _ in range(5):
    future = sess.run(q, {x: following})
    sess.run(train, {x: states, target: rewards + 0.9 * future})
