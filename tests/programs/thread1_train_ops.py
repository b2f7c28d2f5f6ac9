"""The script of a learner's question: how does TensorFlow know which weights to train?

The model lines are those of the MNIST tutorial; the loss, the optimizers, `global_step` and the
training loop are the asker's own, comments and spacing included. Two train ops share one model.
"""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)
learning_rate = 0.01

x = tf.placeholder(tf.float32, [None, 784])
W = tf.Variable(tf.zeros([784, 10]))
b = tf.Variable(tf.zeros([10]))
y = tf.nn.softmax(tf.matmul(x, W) + b)
y_ = tf.placeholder(tf.float32, [None, 10])

cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1])) #define cross entropy error function
loss = tf.reduce_mean(cross_entropy, name='xentropy_mean') #define loss
optimizer = tf.train.GradientDescentOptimizer(learning_rate) #define optimizer
global_step = tf.Variable(0, name='global_step', trainable=False) #learning rate
train_op = optimizer.minimize(loss, global_step=global_step) #train operation in the graph

train_step =tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range(1000):
    batch_xs, batch_ys = mnist.train.next_batch(100)
    sess.run(train_step, feed_dict={x: batch_xs, y_: batch_ys})

steps_after_train_step = sess.run(global_step)
for i in range(10):
    batch_xs, batch_ys = mnist.train.next_batch(100)
    sess.run(train_op, feed_dict={x: batch_xs, y_: batch_ys})

correct_prediction = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
test_feed = {x: mnist.test.images, y_: mnist.test.labels}
print(sess.run(accuracy, feed_dict=test_feed))

RESULTS = {
    "steps_after_train_step": steps_after_train_step,
    "global_step": sess.run(global_step),
    "accuracy": sess.run(accuracy, feed_dict=test_feed),
    "loss": sess.run(loss, feed_dict=test_feed),
    "b": sess.run(b),
    "W_of_a_middle_pixel": sess.run(W)[14 * 28 + 14],
    "epochs_completed": mnist.train.epochs_completed,
}
