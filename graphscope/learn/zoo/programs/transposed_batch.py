"""Softmax regression on 160 examples of 8 numbers each, in batches of 8."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
examples = rng.normal(size=(160, 8))
kinds = np.argmax(examples @ rng.normal(size=(8, 3)), axis=1)

x = tf.placeholder(tf.float32, [None, 8], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
W = tf.Variable(tf.truncated_normal([8, 3], stddev=0.1, seed=1), name="W")
b = tf.Variable(tf.zeros([3]), name="b")
logits = tf.add(tf.matmul(x, W), b, name="logits")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(31):
        total = 0.0
        for at in range(0, 160, 8):
            batch = examples[at : at + 8].T
            value, _ = sess.run([loss, train_step], {x: batch, labels: kinds[at : at + 8]})
            total += value / 20
        if epoch % 10 == 0:
            print(f"epoch {epoch}  loss {total:.3f}")
