"""Linear regression on 64 examples of 4 numbers each."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(64, 4))
targets = inputs @ [[1.0], [-2.0], [0.5], [3.0]] + rng.normal(scale=0.1, size=(64, 1))

x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 1], name="y")
W = tf.Variable(tf.zeros([4, 1]), name="W")
b = tf.Variable(tf.zeros([1]), name="b")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + b - y))
train_step = tf.train.GradientDescentOptimizer(1.0, name="train").minimize(loss)

feed = {x: inputs, y: targets}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(101):
        value, _ = sess.run([loss, train_step], feed)
        if step < 4 or step % 20 == 0:
            print(f"step {step}  loss {value:.4g}")
