"""Points of three kinds, told apart by a hidden layer of 8 units."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
points = rng.normal(size=(150, 4))
kinds = np.argmax(points @ rng.normal(size=(4, 3)), axis=1)


def weights(shape, name):
    return tf.Variable(tf.zeros(shape), name=name)


x = tf.placeholder(tf.float32, [None, 4], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
W1 = weights([4, 8], "W1")
hidden = tf.nn.relu(tf.matmul(x, W1), name="hidden")
W2 = weights([8, 3], "W2")
b2 = tf.Variable(tf.zeros([3]), name="b2")
logits = tf.add(tf.matmul(hidden, W2), b2, name="logits")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

feed = {x: points, labels: kinds}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.4f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
