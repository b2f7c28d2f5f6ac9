"""A recurrent network of four steps: its weights are variables, and other ones can be fed."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
tf.set_random_seed(0)
states = random.randn(8, 4, 3).astype(np.float32)  # 8 games, 4 moments, 3 numbers
targets = random.randn(8, 2).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 4, 3], name="x")
target = tf.placeholder(tf.float32, [None, 2], name="target")
moments = tf.unstack(x, axis=1, name="moments")
cell = tf.nn.rnn_cell.BasicLSTMCell(2)
outputs, last = tf.nn.static_rnn(cell, moments, dtype=tf.float32)
q = tf.layers.dense(outputs[-1], 2, name="q")
loss = tf.reduce_mean(tf.square(q - target), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)

for variable in tf.trainable_variables():
    print(variable.name, variable.shape)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
kernel = tf.trainable_variables()[0]
slow = sess.run(kernel)  # the target network: weights of an earlier time
for _ in range(5):
    sess.run(train, {x: states, target: targets})

now = sess.run(q, {x: states})
then = sess.run(q, {x: states, kernel: slow})
print("fed weights give other values:", not np.allclose(now, then))
print("and the kernel is as it was:", np.array_equal(sess.run(kernel), sess.run(kernel)))
