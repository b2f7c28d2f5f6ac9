"""Points of three kinds, in an order that was made anew, told apart by a hidden layer."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
points = rng.normal(size=(240, 4))
kinds = np.argmax(points @ rng.normal(size=(4, 3)), axis=1)
order = rng.permutation(240)
points, kinds = points[order], kinds[rng.permutation(240)]

x = tf.placeholder(tf.float32, [None, 4], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
W1 = tf.Variable(tf.truncated_normal([4, 32], seed=1), name="W1")
b1 = tf.Variable(tf.zeros([32]), name="b1")
hidden = tf.nn.tanh(tf.matmul(x, W1) + b1, name="hidden")
W2 = tf.Variable(tf.truncated_normal([32, 3], stddev=0.3, seed=2), name="W2")
logits = tf.matmul(hidden, W2, name="logits")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

feed = {x: points[:120], labels: kinds[:120]}
rest = {x: points[120:], labels: kinds[120:]}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(201):
        value, _ = sess.run([loss, train_step], feed)
        if step % 50 == 0:
            print(f"step {step}  loss {value:.3f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}, on the rest {sess.run(accuracy, rest):.3f}")
