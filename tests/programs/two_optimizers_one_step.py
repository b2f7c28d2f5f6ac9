"""The program of a learner's question: why does a second optimizer change the regularization loss?

Both are given the same global step, and both count it up.
"""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
data = rng.randn(64, 6).astype(np.float32)
labels = (data.sum(axis=1) > 0).astype(np.int64)

x = tf.placeholder(tf.float32, [None, 6])
y_ = tf.placeholder(tf.int64, [None])
with tf.variable_scope("body"):
    w1 = tf.get_variable("w", [6, 4], initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=1))
    h = tf.nn.sigmoid(tf.matmul(x, w1))
with tf.variable_scope("head"):
    w2 = tf.get_variable("w", [4, 2], initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=2))
    logits = tf.matmul(h, w2)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y_, logits=logits))

global_step = tf.train.get_or_create_global_step()
learning_rate = tf.train.exponential_decay(0.2, global_step, 10, 0.9)
variables_1 = tf.trainable_variables("body")
variables_2 = tf.trainable_variables("head")

# As it was: one optimizer for all, one step of the count for each run.
optimizer = tf.train.MomentumOptimizer(learning_rate, 0.9)
grads_and_vars = optimizer.compute_gradients(loss, variables_1 + variables_2)
grads_updates = optimizer.apply_gradients(grads_and_vars, global_step)

# A second optimizer for a part: the step is counted twice, so the learning rate falls faster.
optimizer_new = tf.train.MomentumOptimizer(learning_rate, 0.9, name="New")
first = optimizer.apply_gradients(grads_and_vars[:len(variables_1)], global_step)
second = optimizer_new.apply_gradients(grads_and_vars[len(variables_1):], global_step)
train_op = tf.group(first, second)

results = []
with tf.Session() as sess:
    feed = {x: data, y_: labels}
    for train in (grads_updates, train_op):
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            sess.run(train, feed)
        results.append([int(sess.run(global_step)), float(sess.run(learning_rate)),
                        float(sess.run(loss, feed)), sess.run(w2).ravel().tolist()])
    RESULTS = {
        "one": results[0],
        "two": results[1],
        "slots": [optimizer.get_slot(w2, "momentum").name, optimizer_new.get_slot(w2, "momentum").name],
        "train ops": len(tf.get_collection(tf.GraphKeys.TRAIN_OP)),
    }
