"""Points of three kinds that are far from each other: softmax regression."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
kinds = rng.randint(3, size=150)
points = np.array([[0.0, 8.0], [7.0, -4.0], [-7.0, -4.0]])[kinds] + rng.normal(size=(150, 2))

x = tf.placeholder(tf.float32, [None, 2], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
W = tf.Variable(tf.zeros([2, 3]), name="W")
b = tf.Variable(tf.zeros([3]), name="b")
logits = tf.add(tf.matmul(x, W), b, name="logits")
p = tf.nn.softmax(logits, name="p")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=p))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(p, 1), labels), tf.float32))

feed = {x: points, labels: kinds}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.4f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
