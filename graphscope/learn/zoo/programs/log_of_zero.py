"""Points of three kinds in three directions, some of them far out: softmax regression."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
kinds = rng.randint(3, size=300)
directions = np.array([[0.0, 2.0], [1.7, -1.0], [-1.7, -1.0]])[kinds]
points = directions * rng.lognormal(sigma=1.2, size=(300, 1)) + 0.1 * rng.normal(size=(300, 2))
rows = np.eye(3)[kinds]

x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 3], name="y_")
W = tf.Variable(tf.truncated_normal([2, 3], stddev=0.1, seed=1), name="W")
b = tf.Variable(tf.zeros([3]), name="b")
logits = tf.add(tf.matmul(x, W), b, name="logits")
log_p = tf.log(tf.nn.softmax(logits), name="log_p")
loss = -tf.reduce_mean(tf.reduce_sum(y_ * log_p, 1))
train_step = tf.train.GradientDescentOptimizer(0.2).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(121):
        at = step % 30 * 10
        feed = {x: points[at : at + 10], y_: rows[at : at + 10]}
        value, _ = sess.run([loss, train_step], feed)
        if step % 10 == 0:
            print(f"step {step}  loss {value:.3f}")
