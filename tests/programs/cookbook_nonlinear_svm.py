"""A support vector machine with a Gaussian kernel, in the style of the cookbook."""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

ops.reset_default_graph()
sess = tf.Session()
np.random.seed(0)

radius = np.concatenate([0.5 + 0.1 * np.random.rand(20), 1.0 + 0.1 * np.random.rand(20)])
angle = np.random.rand(40) * 2 * np.pi
x_vals = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
y_vals = np.array([1] * 20 + [-1] * 20)
batch_size = 25

x_data = tf.placeholder(shape=[None, 2], dtype=tf.float32)
y_target = tf.placeholder(shape=[None, 1], dtype=tf.float32)
prediction_grid = tf.placeholder(shape=[None, 2], dtype=tf.float32)
b = tf.Variable(tf.random_normal(shape=[1, batch_size], seed=1))

gamma = tf.constant(-25.0)
sq_dists = tf.multiply(2., tf.matmul(x_data, tf.transpose(x_data)))
my_kernel = tf.exp(tf.multiply(gamma, tf.abs(sq_dists)))

first_term = tf.reduce_sum(b)
b_vec_cross = tf.matmul(tf.transpose(b), b)
y_target_cross = tf.matmul(y_target, tf.transpose(y_target))
second_term = tf.reduce_sum(tf.multiply(my_kernel, tf.multiply(b_vec_cross, y_target_cross)))
loss = tf.negative(tf.subtract(first_term, second_term))

rA = tf.reshape(tf.reduce_sum(tf.square(x_data), 1), [-1, 1])
rB = tf.reshape(tf.reduce_sum(tf.square(prediction_grid), 1), [-1, 1])
cross = tf.multiply(2., tf.matmul(x_data, tf.transpose(prediction_grid)))
pred_sq_dist = tf.add(tf.subtract(rA, cross), tf.transpose(rB))
pred_kernel = tf.exp(tf.multiply(gamma, tf.abs(pred_sq_dist)))
prediction_output = tf.matmul(tf.multiply(tf.transpose(y_target), b), pred_kernel)
prediction = tf.sign(prediction_output - tf.reduce_mean(prediction_output))
correct = tf.equal(tf.squeeze(prediction), tf.squeeze(y_target))
accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

my_opt = tf.train.GradientDescentOptimizer(0.002)
train_step = my_opt.minimize(loss)
sess.run(tf.global_variables_initializer())

loss_vec, batch_accuracy = [], []
for i in range(40):
    rand_index = np.random.choice(len(x_vals), size=batch_size)
    rand_x = x_vals[rand_index]
    rand_y = np.transpose([y_vals[rand_index]])
    sess.run(train_step, feed_dict={x_data: rand_x, y_target: rand_y})
    feed = {x_data: rand_x, y_target: rand_y, prediction_grid: rand_x}
    loss_vec.append(sess.run(loss, feed_dict=feed))
    batch_accuracy.append(sess.run(accuracy, feed_dict=feed))
    if (i + 1) % 20 == 0:
        print("Step #" + str(i + 1) + " Loss = " + str(loss_vec[-1]))

RESULTS = {"loss": loss_vec[::8], "accuracy": batch_accuracy[-1], "b": sess.run(b)}
