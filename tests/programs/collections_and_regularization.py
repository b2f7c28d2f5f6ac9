"""Weights that are kept in collections, decayed, regularized and averaged."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(12)


def variable_with_weight_decay(name, shape, stddev, wd):
    var = tf.get_variable(name, shape, initializer=tf.truncated_normal_initializer(stddev=stddev))
    if wd is not None:
        tf.add_to_collection("losses", tf.multiply(tf.nn.l2_loss(var), wd, name="weight_loss"))
    return var


def get_weight(shape, lambd):
    var = tf.Variable(tf.random_normal(shape), dtype=tf.float32)
    tf.add_to_collection("losses", tf.contrib.layers.l2_regularizer(lambd)(var))
    return var


x = tf.placeholder(tf.float32, shape=(None, 2))
y_ = tf.placeholder(tf.float32, shape=(None, 1))
with tf.variable_scope("local1") as scope:
    weights = variable_with_weight_decay("weights", [2, 4], 0.4, 0.004)
    biases = tf.get_variable("biases", [4], initializer=tf.constant_initializer(0.1))
    local1 = tf.nn.relu(tf.matmul(x, weights) + biases, name=scope.name)
with tf.variable_scope("local2", regularizer=tf.contrib.layers.l1_regularizer(0.01)):
    w2 = tf.get_variable("w", [4, 3], initializer=tf.glorot_uniform_initializer())
    local2 = tf.nn.tanh(tf.matmul(local1, w2))
out = tf.matmul(local2, get_weight([3, 1], 0.003))

mse_loss = tf.reduce_mean(tf.square(y_ - out))
tf.add_to_collection("losses", mse_loss)
tf.add_to_collection("losses", tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)))
loss = tf.add_n(tf.get_collection("losses"), name="total_loss")

global_step = tf.train.get_or_create_global_step()
lr = tf.train.exponential_decay(0.1, global_step, 5, 0.9, staircase=True)
opt = tf.train.GradientDescentOptimizer(lr)
grads = opt.compute_gradients(loss)
clipped = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in grads if g is not None]
apply_gradient_op = opt.apply_gradients(clipped, global_step=global_step)
variable_averages = tf.train.ExponentialMovingAverage(0.9, global_step)
with tf.control_dependencies([apply_gradient_op]):
    variables_averages_op = variable_averages.apply(tf.trainable_variables())

rng = np.random.RandomState(1)
X = rng.rand(32, 2)
Y = [[int(x0 + x1 < 1)] for (x0, x1) in X]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    values = []
    for i in range(12):
        _, value = sess.run([variables_averages_op, loss], feed_dict={x: X, y_: Y})
        values.append(value)
    print("loss", values[-1])
    RESULTS = {
        "values": values,
        "lr": sess.run(lr),
        "losses": [t.name for t in tf.get_collection("losses")],
        "regularization": [t.name for t in tf.get_collection("regularization_losses")],
        "average": sess.run(variable_averages.average(weights)),
        "averages": [v.name for v in tf.moving_average_variables()],
    }
