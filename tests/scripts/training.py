"""A small training, of which questions are asked: two layers, one of them frozen."""

import sys

import numpy as np
import tensorflow as tf

tf.set_random_seed(1)
x = tf.placeholder(tf.float32, [None, 3], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.get_variable("W", initializer=tf.constant([[0.5, -0.25], [1.0, 0.5], [0.25, 1.0]]))
V = tf.get_variable("V", initializer=tf.constant([[1.0], [-0.5]]), trainable=False)
h = tf.matmul(x, W, name="h")
y = tf.matmul(h, V, name="y")
loss = tf.reduce_mean(tf.square(y - y_), name="loss")
train = tf.train.GradientDescentOptimizer(0.125).minimize(loss)

feed = {x: np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), y_: np.array([[1.0], [0.0]])}
sess = tf.Session()
sess.run(tf.global_variables_initializer())
print("before", sess.run(loss, feed), *sys.argv[1:])
for _ in range(3):
    sess.run(train, feed)
print("after", sess.run(loss, feed))
