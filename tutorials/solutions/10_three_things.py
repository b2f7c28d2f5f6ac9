"""The three things are mended: the start of the biases, the axis, the rate."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
middles = np.array([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
kinds = random.randint(3, size=300)
points = middles[kinds] + random.randn(300, 2)
labels = np.eye(3)[kinds]

tf.set_random_seed(1)
x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 3], name="y_")
hidden = tf.layers.dense(x, 8, activation=tf.nn.relu, name="hidden")
logits = tf.layers.dense(hidden, 3, name="logits")
y = tf.nn.softmax(logits, axis=1, name="y")
loss = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y + 1e-7), axis=1), name="loss")
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: points, y_: labels}
for _ in range(200):
    _, value = sess.run([train_step, loss], feed)
print(f"loss {value:.3f}")
