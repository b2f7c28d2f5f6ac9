"""Fit a line by gradient descent."""

import numpy as np
import tensorflow as tf

train_X = np.linspace(-1.0, 1.0, 20).astype(np.float32)
train_Y = 2.0 * train_X + 0.5

X = tf.placeholder("float")
Y = tf.placeholder("float")
W = tf.Variable(0.1, name="weight")
b = tf.Variable(0.0, name="bias")
pred = tf.add(tf.multiply(X, W), b)
cost = tf.reduce_sum(tf.pow(pred - Y, 2)) / (2 * len(train_X))
optimizer = tf.train.GradientDescentOptimizer(0.1).minimize(cost)

init = tf.global_variables_initializer()
costs = []
with tf.Session() as sess:
    sess.run(init)
    for epoch in range(10):
        for (x, y) in zip(train_X, train_Y):
            sess.run(optimizer, feed_dict={X: x, Y: y})
        costs.append(sess.run(cost, feed_dict={X: train_X, Y: train_Y}))
    RESULTS = {"costs": costs, "weight": sess.run(W), "bias": sess.run(b)}
