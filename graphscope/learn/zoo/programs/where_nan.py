"""A sum of the roots of what is positive, which descent brings to 4."""

import tensorflow as tf

W = tf.Variable([0.0, 4.0, 9.0], name="W")
root = tf.pow(W, 0.5, name="root")
positive = tf.where(W > 0.0, root, tf.zeros_like(W), name="positive")
loss = tf.square(tf.reduce_sum(positive) - 4.0, name="loss")
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(4):
        value, _ = sess.run([loss, train_step])
        print(f"step {step}  loss {value:.3f}  W", sess.run(W).round(3))
