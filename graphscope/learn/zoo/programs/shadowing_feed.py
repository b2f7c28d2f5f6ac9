"""Three kinds of parts, told apart by how far they are off, in metres; the model wants mm."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
off = rng.normal(scale=0.001, size=(150, 4))
kinds = np.argmax(off @ rng.normal(size=(4, 3)), axis=1)

metres = tf.placeholder(tf.float32, [None, 4], name="metres")
labels = tf.placeholder(tf.int64, [None], name="labels")
x = tf.multiply(metres, 1000.0, name="millimetres")
W = tf.Variable(tf.truncated_normal([4, 3], stddev=0.1, seed=1), name="W")
b = tf.Variable(tf.zeros([3]), name="b")
logits = tf.add(tf.matmul(x, W), b, name="logits")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

feed = {x: off, labels: kinds}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.3f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
