"""Handwritten digits read row by row by an LSTM, as a loop."""

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

np.random.seed(0)
tf.set_random_seed(1)
mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
ROWS, COLUMNS, UNITS, CLASSES = 28, 28, 16, 10

x = tf.placeholder(tf.float32, [None, ROWS, COLUMNS], name="x")
y = tf.placeholder(tf.float32, [None, CLASSES], name="y")
weights = {"out": tf.Variable(tf.random_normal([UNITS, CLASSES]), name="w_out")}
biases = {"out": tf.Variable(tf.constant(0.1, shape=[CLASSES]), name="b_out")}

cell = tf.nn.rnn_cell.BasicLSTMCell(UNITS, forget_bias=1.0, state_is_tuple=True)
outputs, (c, h) = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
logits = tf.matmul(h, weights["out"]) + biases["out"]
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=y))
train = tf.train.AdamOptimizer(0.01).minimize(cost)
right = tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1))
accuracy = tf.reduce_mean(tf.cast(right, tf.float32))

costs = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(6):
        batch_x, batch_y = mnist.train.next_batch(16)
        feed = {x: batch_x.reshape([-1, ROWS, COLUMNS]), y: batch_y}
        _, value = sess.run([train, cost], feed)
        costs.append(value)
    score, last = sess.run([accuracy, outputs[:, -1, :2]], feed)

RESULTS = {"costs": costs, "accuracy": score, "last": last, "shape": outputs.shape.as_list()}
