"""Two hundred examples, and four hundred runs."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
points = random.randn(200, 5).astype(np.float32)
labels = (points @ random.randn(5, 1) > 0).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 5], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable(0.1 * random.randn(5, 1).astype(np.float32), name="W")
y = tf.sigmoid(tf.matmul(x, W), name="y")
loss = tf.reduce_mean(tf.square(y - y_), name="loss")
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.round(y), y_), tf.float32), name="accuracy")

sess = tf.Session()
sess.run(tf.global_variables_initializer())

losses, hits = [], []
for i in range(200):
    feed = {x: points[i : i + 1], y_: labels[i : i + 1]}
    losses.append(sess.run(loss, feed))
    hits.append(sess.run(accuracy, feed))
loss_of_all = np.mean(losses)
accuracy_of_all = np.mean(hits)
print(f"loss {loss_of_all:.4f}, accuracy {accuracy_of_all:.3f}")
