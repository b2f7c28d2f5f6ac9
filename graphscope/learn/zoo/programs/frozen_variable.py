"""Points inside and outside of a ring, told apart by a hidden layer of 6 units."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
points = rng.uniform(-1.5, 1.5, size=(300, 2))
outside = (np.sum(points**2, axis=1) > 1.0).astype(np.float32)[:, None]

x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W1 = tf.Variable(tf.truncated_normal([2, 6], seed=1), name="W1", trainable=False)
b1 = tf.Variable(tf.zeros([6]), name="b1")
hidden = tf.nn.tanh(tf.matmul(x, W1) + b1, name="hidden")
W2 = tf.Variable(tf.truncated_normal([6, 1], seed=2), name="W2")
b2 = tf.Variable(tf.zeros([1]), name="b2")
logits = tf.add(tf.matmul(hidden, W2), b2, name="logits")
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y_, logits=logits))
train_step = tf.train.AdamOptimizer(0.05).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(logits > 0.0, y_ > 0.5), tf.float32))

feed = {x: points, y_: outside}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.3f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
