"""Backward by hand: the slopes of a loss along the numbers that it is made of."""

import graphscope as tf

x = tf.placeholder(tf.float32, [], name="x")
w = tf.Variable(0.5, name="w")
b = tf.Variable(-0.5, name="b")

product = tf.multiply(w, x, name="product")
total = tf.add(product, b, name="total")
y = tf.tanh(total, name="y")
loss = tf.add(y, w, name="loss")

dw, db = tf.gradients(loss, [w, b])

sess = tf.Session()
sess.run(tf.global_variables_initializer())
values = sess.run([loss, dw, db], {x: 2.0})
print("loss {:.4f}, slopes {:.4f} {:.4f}".format(*values))
