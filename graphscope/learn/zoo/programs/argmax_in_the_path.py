"""Prices of goods of three kinds: the model finds the kind of each, and a price for each kind."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
goods = rng.normal(size=(200, 4))
kinds = np.argmax(goods @ rng.normal(size=(4, 3)), axis=1)
paid = np.array([1.0, 4.0, 9.0])[kinds]

x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None], name="y")
W = tf.Variable(tf.truncated_normal([4, 3], seed=1), name="W")
prices = tf.Variable(tf.ones([3]), name="prices")
logits = tf.matmul(x, W, name="logits")
kind = tf.one_hot(tf.argmax(logits, 1, name="hard"), 3, name="kind")
price = tf.reduce_sum(kind * prices, 1, name="price")
loss = tf.reduce_mean(tf.square(price - y))
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

feed = {x: goods, y: paid}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.3f}")
