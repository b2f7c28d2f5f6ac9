"""A node in the middle cannot work with what it gets."""

import tensorflow as tf

numbers = tf.placeholder(tf.float32, [None], name="numbers")
doubled = numbers * 2.0
pairs = tf.reshape(doubled, [-1, 2])
total = tf.reduce_sum(pairs)

sess = tf.Session()
print(sess.run(total, {numbers: [1.0, 2.0, 3.0]}))
