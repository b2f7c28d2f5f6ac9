"""Softmax regression on handwritten digits, as in TensorFlow's first tutorial.

An ordinary TensorFlow 1 program: nothing in it knows of GraphScope. Two operations train the same
model: `train_step`, which the loop runs, and `train_op`, which would also count its runs.
"""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

# The seed makes the digits come in the same order every time.
mnist = input_data.read_data_sets("MNIST_data/", one_hot=True, seed=0)

x = tf.placeholder(tf.float32, [None, 784])
y_ = tf.placeholder(tf.float32, [None, 10])

W = tf.Variable(tf.zeros([784, 10]))
b = tf.Variable(tf.zeros([10]))
y = tf.nn.softmax(tf.matmul(x, W) + b)

cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

global_step = tf.Variable(0, name="global_step", trainable=False)
loss = tf.reduce_mean(cross_entropy, name="xentropy_mean")
train_op = tf.train.GradientDescentOptimizer(0.01).minimize(loss, global_step=global_step)

correct_prediction = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
init = tf.global_variables_initializer()

sess = tf.Session()
sess.run(init)
for _ in range(1000):
    batch_xs, batch_ys = mnist.train.next_batch(100)
    sess.run(train_step, feed_dict={x: batch_xs, y_: batch_ys})

test_feed = {x: mnist.test.images, y_: mnist.test.labels}
print("accuracy on the test digits:", sess.run(accuracy, test_feed))
