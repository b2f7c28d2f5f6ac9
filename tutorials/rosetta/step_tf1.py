"""One training step in TensorFlow 1 (or GraphScope)."""

import graphscope as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable([[1.0], [-1.0]], name="W")
b = tf.Variable([0.5], name="b")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + b - y_), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
feed = {x: [[1.0, 2.0], [3.0, 4.0]], y_: [[1.0], [0.0]]}
value, _ = sess.run([loss, train], feed)

print("loss", round(float(value), 4))
print("W", [round(float(v), 4) for v in sess.run(W).ravel()])
