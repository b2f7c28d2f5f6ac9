"""A line fitted to rows that a dataset shuffles, scales and puts into batches, over and over."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(11)
random = np.random.RandomState(3)
inputs = random.randn(40, 3).astype(np.float32)
targets = inputs.dot(np.array([[1.0], [-2.0], [0.5]], np.float32)) + 3.0

x_all = tf.placeholder(tf.float32, [None, 3])
y_all = tf.placeholder(tf.float32, [None, 1])
dataset = tf.data.Dataset.from_tensor_slices((x_all, y_all))
dataset = dataset.map(lambda x, y: (x * 0.5, y)).shuffle(100, seed=5).batch(8).repeat(3)
iterator = dataset.make_initializable_iterator()
x, y = iterator.get_next()

weights = tf.get_variable("weights", [3, 1])
bias = tf.get_variable("bias", [1], initializer=tf.zeros_initializer())
loss = tf.reduce_mean(tf.square(tf.matmul(x, weights) + bias - y))
train = tf.train.GradientDescentOptimizer(0.2).minimize(loss)

losses = []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(2):
        sess.run(iterator.initializer, {x_all: inputs, y_all: targets})
        while True:
            try:
                losses.append(sess.run([loss, train])[0])
            except tf.errors.OutOfRangeError:
                break
    print("the last loss", losses[-1])
    RESULTS = {"losses": losses, "weights": sess.run(weights), "bias": sess.run(bias)}
