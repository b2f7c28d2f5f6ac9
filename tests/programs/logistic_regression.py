"""Logistic regression, fed in every way: lists, arrays, defaults, tensors in the middle."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
train_X = np.concatenate([rng.normal(-1, 1, (30, 2)), rng.normal(1, 1, (30, 2))])
train_Y = np.array([0] * 30 + [1] * 30)

X = tf.placeholder(tf.float64, [None, 2], name="X")
Y = tf.placeholder(tf.int32, [None], name="Y")
strength = tf.placeholder_with_default(np.float64(0.01), shape=[], name="strength")
W = tf.Variable(np.zeros([2, 1]), name="W")
b = tf.Variable(np.zeros([1]), name="b")
logits = tf.squeeze(tf.nn.xw_plus_b(X, W, b, name="logits"), squeeze_dims=[1])
labels = tf.cast(Y, tf.float64)
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
loss = loss + strength * tf.nn.l2_loss(W)
global_step = tf.Variable(0, name="global_step", trainable=False)
train = tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True).minimize(loss, global_step)
guess = tf.to_int32(tf.round(tf.sigmoid(logits)))
accuracy = tf.reduce_mean(tf.to_float(tf.equal(guess, Y)))

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range(20):
    sess.run(train, feed_dict={X: train_X, Y: train_Y})
    sess.run(train, feed_dict={"X:0": train_X[::3].tolist(), Y: list(train_Y[::3]), strength: 0})
feed = {X: train_X, Y: train_Y}
print("accuracy", accuracy.eval(session=sess, feed_dict=feed))

RESULTS = {
    "W": W.eval(sess),
    "b": sess.run(b),
    "steps": tf.train.global_step(sess, global_step),
    "accuracy": sess.run(accuracy, feed),
    "strong": sess.run(loss, {**feed, strength: 1.0}),
    "from logits": sess.run(guess, {logits: [-3.0, 0.2, 8.0]}),
    "with other weights": sess.run(logits, {X: [[1.0, 2.0]], W: [[1.0], [2.0]], b: [0.5]}),
}
sess.close()
