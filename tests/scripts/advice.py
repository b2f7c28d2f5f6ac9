import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 4], name="x")
y_ = tf.placeholder(tf.float32, [None, 3], name="y_")
W = tf.Variable(tf.truncated_normal([4, 3], seed=1), name="W")
p = tf.nn.softmax(tf.matmul(x, W), name="p")
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=p))
sess = tf.Session()
sess.run(tf.global_variables_initializer())
train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
sess.run(train, {x: np.eye(4), y_: np.eye(3)[[0, 1, 2, 0]]})
