"""The deep MNIST tutorial's network: variables by hand, conv2d, max_pool, dropout by keep_prob."""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

tf.set_random_seed(7)


def weight_variable(shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


def bias_variable(shape):
    return tf.Variable(tf.constant(0.1, shape=shape))


def conv2d(x, W):
    return tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding="SAME")


def max_pool_2x2(x):
    return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
sess = tf.InteractiveSession()
x = tf.placeholder(tf.float32, shape=[None, 784])
y_ = tf.placeholder(tf.float32, shape=[None, 10])
x_image = tf.reshape(x, [-1, 28, 28, 1])

h_conv1 = tf.nn.relu(conv2d(x_image, weight_variable([5, 5, 1, 4])) + bias_variable([4]))
h_pool1 = max_pool_2x2(h_conv1)
h_conv2 = tf.nn.relu(conv2d(h_pool1, weight_variable([5, 5, 4, 6])) + bias_variable([6]))
h_pool2_flat = tf.reshape(max_pool_2x2(h_conv2), [-1, 7 * 7 * 6])
h_fc1 = tf.nn.relu(tf.matmul(h_pool2_flat, weight_variable([7 * 7 * 6, 20])) + bias_variable([20]))
keep_prob = tf.placeholder(tf.float32)
h_fc1_drop = tf.nn.dropout(h_fc1, keep_prob)
y_conv = tf.matmul(h_fc1_drop, weight_variable([20, 10])) + bias_variable([10])

cross_entropy = tf.reduce_mean(
    tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y_conv))
train_step = tf.train.AdamOptimizer(1e-3).minimize(cross_entropy)
correct_prediction = tf.equal(tf.argmax(y_conv, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
sess.run(tf.global_variables_initializer())
for i in range(5):
    batch = mnist.train.next_batch(20)
    train_step.run(feed_dict={x: batch[0], y_: batch[1], keep_prob: 0.5})
feed = {x: mnist.test.images[:50], y_: mnist.test.labels[:50], keep_prob: 1.0}
print("test accuracy %g" % accuracy.eval(feed_dict=feed))

RESULTS = {"loss": cross_entropy.eval(feed), "y_conv": y_conv.eval(feed)[0]}
sess.close()
