"""The loop trains b and spare, counts its steps, and leaves W as it is."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
digits = random.rand(10, 64)  # ten pictures of 8 x 8 points


def next_batch(size):
    which = random.randint(10, size=size)
    return digits[which] + 0.3 * random.randn(size, 64), np.eye(10)[which]


x = tf.placeholder(tf.float32, [None, 64], name="x")
y_ = tf.placeholder(tf.float32, [None, 10], name="y_")
W = tf.Variable(tf.zeros([64, 10]), name="W")
b = tf.Variable(tf.zeros([10]), name="b")
scale = tf.Variable(1.0, trainable=False, name="scale")
spare = tf.Variable(tf.zeros([10]), name="spare")
y = tf.nn.softmax(tf.matmul(x * scale, W) + b + spare, name="y")

cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), axis=1))
loss = tf.reduce_mean(cross_entropy, name="xentropy_mean")
global_step = tf.Variable(0, trainable=False, name="global_step")

train_op = tf.train.GradientDescentOptimizer(0.01).minimize(
    loss, global_step=global_step, var_list=[b, spare]
)
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for _ in range(100):
    images, labels = next_batch(100)
    sess.run(train_op, feed_dict={x: images, y_: labels})
print(f"loss {sess.run(loss, {x: images, y_: labels}):.2f}")
print(f"global_step {sess.run(global_step)}")
