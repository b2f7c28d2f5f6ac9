"""Three steps of a straight line that learns; the third run forgets to feed."""

import sys

import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
t = tf.placeholder(tf.float32, [None, 1], name="t")
w = tf.Variable([[1.0], [2.0]], name="w")
bias = tf.Variable(0.5, name="bias", trainable=False)
y = tf.matmul(x, w) + bias
loss = tf.reduce_mean(tf.square(y - t), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: [[1.0, 1.0], [0.0, 2.0]], t: [[3.0], [5.0]]}
for _ in range(2):
    print("loss", sess.run([loss, train], feed)[0])
print("arguments", sys.argv[1:])
