"""A regression that is trained by Adam, saved, and trained on the next day."""

import os
import tempfile

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
inputs = rng.normal(size=(100, 4))
targets = inputs @ [[1.0], [-2.0], [0.5], [3.0]] + rng.normal(scale=0.1, size=(100, 1))

x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 1], name="y")
W = tf.Variable(tf.zeros([4, 1]), name="W")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) - y))
train_step = tf.train.AdamOptimizer(0.1).minimize(loss)
init = tf.global_variables_initializer()
saver = tf.train.Saver(tf.trainable_variables())
feed = {x: inputs, y: targets}

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model")
    with tf.Session() as sess:
        sess.run(init)
        for _ in range(100):
            sess.run(train_step, feed)
        print(f"saved    loss {sess.run(loss, feed):.4f}")
        saver.save(sess, path)

    with tf.Session() as sess:
        sess.run(init)
        saver.restore(sess, path)
        for _ in range(5):
            value, _ = sess.run([loss, train_step], feed)
            print(f"resumed  loss {value:.4f}")
