"""Linear regression on 64 examples of 4 numbers each."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(64, 4))
targets = 2.0 * inputs[:, 0] - inputs[:, 1] + 0.5

x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None], name="y")
W = tf.Variable(tf.truncated_normal([4, 1], seed=1), name="W")
b = tf.Variable(tf.zeros([1]), name="b")
prediction = tf.add(tf.matmul(x, W), b, name="prediction")
residual = tf.subtract(prediction, y, name="residual")
loss = tf.reduce_mean(tf.square(residual))
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

feed = {x: inputs, y: targets}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(201):
        value, _ = sess.run([loss, train_step], feed)
        if step % 50 == 0:
            print(f"step {step}  loss {value:.4f}")
    print(f"variance of the targets {np.var(targets):.4f}")
    print("the first predictions", np.round(sess.run(prediction, feed)[:4, 0], 3))
