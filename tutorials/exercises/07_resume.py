"""A model is trained, saved, and trained on. Only the second part may be changed."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
inputs = random.randn(100, 3)
targets = inputs @ [[1.0], [-2.0], [0.5]] + 0.1 * random.randn(100, 1)

x = tf.placeholder(tf.float32, [None, 3], name="x")
y_ = tf.placeholder(tf.float32, [None, 1], name="y_")
W = tf.Variable(tf.zeros([3, 1]), name="W")
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) - y_), name="loss")
train = tf.train.AdamOptimizer(0.1).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for _ in range(20):
    sess.run(train, {x: inputs, y_: targets})
tf.train.Saver().save(sess, "07_model")
tf.reset_default_graph()

# --------------------------------------------------------------------------------------------------

sess = tf.Session()
tf.train.import_meta_graph("07_model.meta")
sess.run(tf.global_variables_initializer())
tf.train.Saver(tf.trainable_variables()).restore(sess, "07_model")
for _ in range(5):
    sess.run("Adam", {"x:0": inputs, "y_:0": targets})
