"""The soft F1 score: probabilities in the place of guesses, and training works."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
points = random.randn(40, 2)
truth = (points @ [[1.0], [2.0]] > 1.5).astype(float)


def soft_f1_score(truth, probability):
    hits = tf.reduce_sum(truth * probability)
    return 2.0 * hits / (tf.reduce_sum(truth) + tf.reduce_sum(probability))


x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable([[0.5], [0.5]], name="W")
b = tf.Variable([-0.5], name="b")
probability = tf.sigmoid(tf.matmul(x, W) + b, name="probability")
loss = 1.0 - soft_f1_score(y_, probability)
train = tf.train.GradientDescentOptimizer(1.0).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: points, y_: truth}
print(f"loss {sess.run(loss, feed):.3f}")
for _ in range(200):
    sess.run(train, feed)
print(f"loss {sess.run(loss, feed):.3f}")
