"""A line through points, with a learning rate that is lowered after each step."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(50, 1))
targets = 3.0 * inputs - 1.0

x = tf.placeholder(tf.float32, [None, 1], name="x")
y = tf.placeholder(tf.float32, [None, 1], name="y")
slope = tf.Variable([[0.0]], name="slope")
start = tf.Variable([0.0], name="start")
rate = tf.Variable(0.1, name="rate", trainable=False)
lower = tf.assign(rate, rate * 0.99, name="lower")
loss = tf.reduce_mean(tf.square(tf.matmul(x, slope) + start - y))
train_step = tf.train.GradientDescentOptimizer(rate).minimize(loss)

feed = {x: inputs, y: targets}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    begin = len(tf.get_default_graph().get_operations())
    for step in range(101):
        value, _ = sess.run([loss, train_step], feed)
        sess.run(tf.assign(rate, rate * 0.99, name="lower"))
        if step % 25 == 0:
            new = len(tf.get_default_graph().get_operations()) - begin
            print(f"step {step}  loss {value:.3f}  new nodes {new}")
