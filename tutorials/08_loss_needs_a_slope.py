"""F1 as a loss: a staircase. It can be computed, and nothing can be learned from it."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
points = random.randn(40, 2)
truth = (points @ [[1.0], [2.0]] > 1.5).astype(float)  # few are positive


def f1_score(truth, guess):
    hits = tf.reduce_sum(truth * guess)
    return 2.0 * hits / (tf.reduce_sum(truth) + tf.reduce_sum(guess))


x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable([[0.5], [0.5]], name="W")
b = tf.Variable([-0.5], name="b")
probability = tf.sigmoid(tf.matmul(x, W) + b, name="probability")
guess = tf.round(probability, name="guess")
loss = 1.0 - f1_score(y_, guess)

print("gradients", tf.gradients(loss, [W, b]))

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: points, y_: truth}
for bias in (-0.52, -0.50, -0.48, 0.0, 0.5):
    print(f"b {bias:.2f}  loss {sess.run(loss, {**feed, b: [bias]}):.4f}")
