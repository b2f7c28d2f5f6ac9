"""Softmax regression on 300 points of three kinds."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
points = rng.normal(size=(300, 4))
kinds = np.argmax(points @ rng.normal(size=(4, 3)), axis=1)

x = tf.placeholder(tf.float32, [None, 4], name="x")
y_ = tf.placeholder(tf.float32, [None, 3], name="y_")
W = tf.Variable(tf.truncated_normal([4, 3], stddev=0.1, seed=1), name="W")
b = tf.Variable(tf.zeros([3]), name="b")
p = tf.nn.softmax(tf.add(tf.matmul(x, W), b), axis=0, name="p")
loss = -tf.reduce_mean(tf.reduce_sum(y_ * tf.log(p + 1e-8), 1))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(p, 1), tf.argmax(y_, 1)), tf.float32))

feed = {x: points, y_: np.eye(3)[kinds]}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.3f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
