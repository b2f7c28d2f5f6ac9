"""A thousand runs of a loop: when the weights change, what a run sees, and who counts the runs."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
examples = random.randn(5500, 3)
targets = examples @ [[1.0], [-2.0], [0.5]] + 0.1 * random.randn(5500, 1)
order = np.concatenate([random.permutation(5500) for _ in range(2)])

x = tf.placeholder(tf.float32, [None, 3], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable(tf.zeros([3, 1]), name="W")
b = tf.Variable(tf.zeros([1]), name="b")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + b - y_), name="loss")

global_step = tf.Variable(0, trainable=False, name="global_step")
rate = tf.train.exponential_decay(0.1, global_step, 100, 0.96, name="rate")
gradients = tf.train.GradientDescentOptimizer(rate).compute_gradients(loss, [W, b])
first = tf.train.GradientDescentOptimizer(rate, name="First")
second = tf.train.GradientDescentOptimizer(rate, name="Second")
train_W = first.apply_gradients(gradients[:1], global_step)
train_b = second.apply_gradients(gradients[1:], global_step)
train_step = tf.group(train_W, train_b, name="train_step")

sess = tf.Session()
sess.run(tf.global_variables_initializer())
seen = np.zeros(5500)
for i in range(1000):
    batch = order[10 * i : 10 * i + 10]
    sess.run(train_step, {x: examples[batch], y_: targets[batch]})
    seen[batch] += 1

print(f"every example was seen {seen.min():.0f} or {seen.max():.0f} times")
print("W", np.round(sess.run(W)[:, 0], 1))
print(f"global_step {sess.run(global_step)}, rate {sess.run(rate):.4f}")
