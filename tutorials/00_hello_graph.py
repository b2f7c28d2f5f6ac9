"""A graph is not a value: (a + b) * c is built, printed, and only then run."""

import graphscope as tf

a = tf.constant(2.0, name="a")
b = tf.constant(3.0, name="b")
c = tf.constant(4.0, name="c")

total = a + b
product = total * c

print(product)

sess = tf.Session()
print(sess.run(product))
