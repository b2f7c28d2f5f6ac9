"""Three kinds of small images with pixels from 0 to 1, told apart by a hidden layer of 8 units."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
images = rng.uniform(0.0, 1.0, size=(150, 16))
kinds = np.argmax((images - 0.5) @ rng.normal(size=(16, 3)), axis=1)

x = tf.placeholder(tf.float32, [None, 16], name="x")
labels = tf.placeholder(tf.int64, [None], name="labels")
W1 = tf.Variable(tf.random_uniform([16, 8], -0.5, 0.0, seed=1), name="W1")
hidden = tf.nn.relu(tf.matmul(x, W1), name="hidden")
W2 = tf.Variable(tf.truncated_normal([8, 3], stddev=0.3, seed=2), name="W2")
b2 = tf.Variable(tf.zeros([3]), name="b2")
logits = tf.add(tf.matmul(hidden, W2), b2, name="logits")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

feed = {x: images, labels: kinds}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(401):
        value, _ = sess.run([loss, train_step], feed)
        if step % 100 == 0:
            print(f"step {step}  loss {value:.4f}")
    print(f"accuracy {sess.run(accuracy, feed):.3f}")
