"""Two layers learn exclusive or; two optimizers take their turns with one model."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
targets = np.array([[0], [1], [1], [0]], np.float32)

x = tf.placeholder(tf.float32, [None, 2], name="x")
t = tf.placeholder(tf.float32, [None, 1], name="t")
with tf.name_scope("hidden"):
    W1 = tf.Variable(rng.randn(2, 8).astype(np.float32), name="W")
    b1 = tf.Variable(tf.constant(0.1, shape=[8]), name="b")
    h = tf.nn.relu(tf.matmul(x, W1) + b1)
with tf.name_scope("output"):
    W2 = tf.Variable(rng.randn(8, 1).astype(np.float32), name="W")
    b2 = tf.Variable(tf.zeros([1]), name="b")
    logits = tf.nn.bias_add(tf.matmul(h, W2), b2)
loss = tf.reduce_mean(
    tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=logits), name="loss")

trainers = [
    ("sgd", tf.train.GradientDescentOptimizer(0.2).minimize(loss)),
    ("slow_sgd", tf.train.GradientDescentOptimizer(0.02).minimize(loss)),
]
gradient_of_W1, = tf.gradients(loss, [W1])
init = tf.global_variables_initializer()
feed = {x: inputs, t: targets}
RESULTS = {"variables": [v.op.name for v in tf.global_variables()]}
with tf.Session() as sess:
    for name, train in trainers:
        sess.run(init)
        losses = []
        for _ in range(25):
            losses.append(sess.run([loss, train], feed)[0])
        RESULTS[name + "/losses"] = losses
        RESULTS[name + "/W1"] = sess.run(W1)
    sess.run(init)
    RESULTS["gradient_of_W1"] = sess.run(gradient_of_W1, feed)
    RESULTS["probabilities"] = sess.run(tf.sigmoid(logits), feed)
