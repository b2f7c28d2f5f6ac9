"""A digit classifier of three dense layers, with tf.layers and tf.losses."""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data/", one_hot=False)

tf.set_random_seed(42)
n_inputs, n_hidden1, n_hidden2, n_outputs = 28 * 28, 60, 30, 10

X = tf.placeholder(tf.float32, shape=(None, n_inputs), name="X")
y = tf.placeholder(tf.int64, shape=(None), name="y")

with tf.name_scope("dnn"):
    hidden1 = tf.layers.dense(X, n_hidden1, name="hidden1", activation=tf.nn.relu)
    hidden2 = tf.layers.dense(hidden1, n_hidden2, name="hidden2", activation=tf.nn.relu)
    logits = tf.layers.dense(hidden2, n_outputs, name="outputs")

with tf.name_scope("loss"):
    xentropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    loss = tf.reduce_mean(xentropy, name="loss")

with tf.name_scope("train"):
    training_op = tf.train.AdamOptimizer(learning_rate=0.005).minimize(loss)

with tf.name_scope("eval"):
    correct = tf.nn.in_top_k(logits, y, 1)
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

init = tf.global_variables_initializer()
losses = []
with tf.Session() as sess:
    init.run()
    for iteration in range(40):
        X_batch, y_batch = mnist.train.next_batch(50)
        _, loss_value = sess.run([training_op, loss], feed_dict={X: X_batch, y: y_batch})
        losses.append(loss_value)
    acc_test = accuracy.eval(feed_dict={X: mnist.test.images, y: mnist.test.labels})
    print("test accuracy", acc_test)
    RESULTS = {
        "losses": losses[::8],
        "accuracy": acc_test,
        "outputs/bias": sess.run(tf.get_default_graph().get_tensor_by_name("outputs/bias:0")),
    }
