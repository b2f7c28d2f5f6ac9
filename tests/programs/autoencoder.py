"""An autoencoder of digits: weights in dictionaries, two functions, RMSProp."""

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)
tf.set_random_seed(3)

learning_rate, n_hidden_1, n_hidden_2, n_input = 0.01, 32, 16, 784
X = tf.placeholder("float", [None, n_input])
weights = {
    "encoder_h1": tf.Variable(tf.random_normal([n_input, n_hidden_1], stddev=0.1)),
    "encoder_h2": tf.Variable(tf.random_normal([n_hidden_1, n_hidden_2], stddev=0.1)),
    "decoder_h1": tf.Variable(tf.random_normal([n_hidden_2, n_hidden_1], stddev=0.1)),
    "decoder_h2": tf.Variable(tf.random_normal([n_hidden_1, n_input], stddev=0.1)),
}
biases = {
    "encoder_b1": tf.Variable(tf.zeros([n_hidden_1])),
    "encoder_b2": tf.Variable(tf.zeros([n_hidden_2])),
    "decoder_b1": tf.Variable(tf.zeros([n_hidden_1])),
    "decoder_b2": tf.Variable(tf.zeros([n_input])),
}


def encoder(x):
    layer_1 = tf.nn.sigmoid(tf.add(tf.matmul(x, weights["encoder_h1"]), biases["encoder_b1"]))
    return tf.nn.sigmoid(tf.add(tf.matmul(layer_1, weights["encoder_h2"]), biases["encoder_b2"]))


def decoder(x):
    layer_1 = tf.nn.sigmoid(tf.add(tf.matmul(x, weights["decoder_h1"]), biases["decoder_b1"]))
    return tf.nn.sigmoid(tf.add(tf.matmul(layer_1, weights["decoder_h2"]), biases["decoder_b2"]))


y_pred = decoder(encoder(X))
cost = tf.reduce_mean(tf.pow(X - y_pred, 2))
optimizer = tf.train.RMSPropOptimizer(learning_rate).minimize(cost)

costs = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(15):
        batch_xs, batch_ys = mnist.train.next_batch(64)
        _, c = sess.run([optimizer, cost], feed_dict={X: batch_xs})
        costs.append(c)
    encode_decode = sess.run(y_pred, feed_dict={X: mnist.test.images[:4]})
    print("cost", costs[-1], "image", np.round(encode_decode[0, 400:410], 2))

RESULTS = {"costs": costs, "rows": encode_decode.mean(axis=1)}
