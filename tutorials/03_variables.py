"""Variables: an account that remembers its balance from run to run."""

import graphscope as tf

balance = tf.Variable(10.0, name="balance")
cents = tf.multiply(balance, 100.0, name="cents")
deposit = tf.assign_add(balance, 5.0, name="deposit")
init = tf.global_variables_initializer()

sess = tf.Session()
sess.run(init)
print("at first:         ", sess.run(balance))
sess.run(deposit)
print("after one deposit:", sess.run(balance))
sess.run([cents, deposit])
