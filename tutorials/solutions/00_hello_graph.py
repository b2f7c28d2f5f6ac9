"""A graph is not a value: one more operation, and the fetch gives 21."""

import graphscope as tf

a = tf.constant(2.0, name="a")
b = tf.constant(3.0, name="b")
c = tf.constant(4.0, name="c")

total = a + b
product = total * c + 1.0

print(product)

sess = tf.Session()
print(sess.run(product))
