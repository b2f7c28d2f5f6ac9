"""A GRU that adds up numbers until its sequence ends, with gradients that are clipped."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(8)
rng = np.random.RandomState(8)
N, TIME = 8, 5
numbers = rng.randint(0, 2, (N, TIME, 1)).astype(np.float32)
counts = rng.randint(1, TIME + 1, N)
sums = np.array([row[:n].sum() for row, n in zip(numbers, counts)], np.float32)[:, None]

inputs = tf.placeholder(tf.float32, [None, None, 1], name="inputs")
length = tf.placeholder(tf.int32, [None], name="length")
target = tf.placeholder(tf.float32, [None, 1], name="target")
cell = tf.nn.rnn_cell.GRUCell(6, activation=tf.nn.relu)
outputs, last = tf.nn.dynamic_rnn(cell, inputs, sequence_length=length, dtype=tf.float32)
rows = tf.range(tf.shape(outputs)[0])
chosen = tf.gather_nd(outputs, tf.stack([rows, length - 1], axis=1))
prediction = tf.layers.dense(chosen, 1, name="prediction")
loss = tf.reduce_mean(tf.square(prediction - target))
optimizer = tf.train.AdamOptimizer(0.05)
pairs = [(tf.clip_by_norm(g, 1.0), v) for g, v in optimizer.compute_gradients(loss)]
train = optimizer.apply_gradients(pairs)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {inputs: numbers, length: counts, target: sums}
    for i in range(12):
        losses.append(sess.run([loss, train], feed)[0])
    same = sess.run(tf.reduce_max(tf.abs(chosen - last)), feed)

RESULTS = {"losses": losses, "difference": same}
