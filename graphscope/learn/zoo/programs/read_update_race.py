"""A small descent that writes down where it is after each step, and how high that is."""

import tensorflow as tf

W = tf.Variable([4.0, 2.0], name="W")
loss = tf.reduce_sum(tf.square(W - [1.0, 1.0]), name="loss")
train_step = tf.train.GradientDescentOptimizer(0.25).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(1, 4):
        _, place = sess.run([train_step, W])
        print(f"after step {step}  W {place[0]:.3f} {place[1]:.3f}")
    now = sess.run(W)
    print(f"at the end    W {now[0]:.3f} {now[1]:.3f}")
