"""Handwritten digits read row by row by an LSTM, unrolled with tf.unstack and static_rnn."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib import rnn
from tensorflow.examples.tutorials.mnist import input_data

np.random.seed(0)
tf.set_random_seed(2)
mnist = input_data.read_data_sets("MNIST_data", one_hot=True)

learning_rate = 0.1
batch_size = 16
num_input, timesteps, num_hidden, num_classes = 56, 14, 12, 10

X = tf.placeholder("float", [None, timesteps, num_input])
Y = tf.placeholder("float", [None, num_classes])
weights = {"out": tf.Variable(tf.random_normal([num_hidden, num_classes]))}
biases = {"out": tf.Variable(tf.random_normal([num_classes]))}


def RNN(x, weights, biases):
    x = tf.unstack(x, timesteps, 1)
    lstm_cell = rnn.BasicLSTMCell(num_hidden, forget_bias=1.0)
    outputs, _ = rnn.static_rnn(lstm_cell, x, dtype=tf.float32)
    return tf.matmul(outputs[-1], weights["out"]) + biases["out"]


logits = RNN(X, weights, biases)
prediction = tf.nn.softmax(logits)
loss_op = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=Y))
train_op = tf.train.GradientDescentOptimizer(learning_rate).minimize(loss_op)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(4):
        batch_x, batch_y = mnist.train.next_batch(batch_size)
        batch_x = batch_x.reshape((batch_size, timesteps, num_input))
        sess.run(train_op, feed_dict={X: batch_x, Y: batch_y})
        losses.append(sess.run(loss_op, feed_dict={X: batch_x, Y: batch_y}))
    found = sess.run(prediction, feed_dict={X: batch_x})

names = [v.name for v in tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)]
RESULTS = {"losses": losses, "prediction": found[:3], "names": names}
