"""F1 as a loss cannot be trained: write one that can, without rounding."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
points = random.randn(40, 2)
truth = (points @ [[1.0], [2.0]] > 1.5).astype(float)


def soft_f1_score(truth, probability):
    guess = tf.round(probability)
    hits = tf.reduce_sum(truth * guess)
    return 2.0 * hits / (tf.reduce_sum(truth) + tf.reduce_sum(guess))


x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable([[0.5], [0.5]], name="W")
b = tf.Variable([-0.5], name="b")
probability = tf.sigmoid(tf.matmul(x, W) + b, name="probability")
loss = 1.0 - soft_f1_score(y_, probability)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: points, y_: truth}
print(f"loss {sess.run(loss, feed):.3f}")
# Train here: 200 runs of gradient descent with the rate 1.0, then print the loss again.
