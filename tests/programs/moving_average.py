"""Linear regression with a moving average of the weights, updated after each step."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
data = rng.randn(50, 3).astype(np.float32)
answers = data.dot(np.float32([[1.0], [-2.0], [0.5]])) + 0.3

x = tf.placeholder(tf.float32, [None, 3], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable(tf.zeros([3, 1]), name="W")
b = tf.Variable(tf.zeros([1]), name="b")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + b - y_))
global_step = tf.Variable(0, name="global_step", trainable=False)
rate = tf.train.exponential_decay(0.3, global_step, 10, 0.8, staircase=True)
apply_gradients = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=global_step)

ema = tf.train.ExponentialMovingAverage(0.9, global_step)
with tf.control_dependencies([apply_gradients]):
    train = ema.apply(tf.trainable_variables())
predicted = tf.matmul(x, ema.average(W)) + ema.average(b)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    rates = []
    for i in range(30):
        sess.run(train, {x: data[i:i + 20], y_: answers[i:i + 20]})
        rates.append(float(sess.run(rate)))
    RESULTS = {
        "W": sess.run(W),
        "average of W": sess.run(ema.average(W)),
        "average of b": sess.run(ema.average(b)),
        "name": ema.average_name(W),
        "to restore": sorted(ema.variables_to_restore()),
        "averaged": [v.name for v in tf.moving_average_variables()],
        "rates": rates,
        "predicted": sess.run(predicted, {x: data[:4]}),
        "step": tf.train.global_step(sess, global_step),
    }
