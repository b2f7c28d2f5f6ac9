"""Batch normalization: the averages move only when the update operations run with the step."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(8)
rng = np.random.RandomState(8)
data = rng.normal(3.0, 2.0, (40, 5)).astype(np.float32)
target = (data[:, :1] * 0.5 - data[:, 1:2] > 0).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 5], name="x")
t = tf.placeholder(tf.float32, [None, 1], name="t")


def model(training, reuse):
    with tf.variable_scope("model", reuse=reuse):
        h = tf.layers.dense(x, 8, use_bias=False, name="first")
        h = tf.layers.batch_normalization(h, training=training, momentum=0.8, name="normal")
        return tf.layers.dense(tf.nn.elu(h), 1, name="second")


train_logits, test_logits = model(True, None), model(False, True)
loss = tf.losses.sigmoid_cross_entropy(t, train_logits)
update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
with tf.control_dependencies(update_ops):
    train_op = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
test_accuracy = tf.reduce_mean(tf.to_float(tf.equal(tf.to_float(test_logits > 0), t)))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    moving = [v for v in tf.global_variables() if "moving" in v.name]
    start = sess.run(moving)
    for step in range(30):
        rows = rng.choice(40, 20)
        sess.run(train_op, {x: data[rows], t: target[rows]})
    feed = {x: data, t: target}
    print("accuracy", sess.run(test_accuracy, feed))
    RESULTS = {
        "update_ops": [op.name for op in update_ops],
        "start": start,
        "averages": sess.run(moving),
        "loss": sess.run(loss, feed),
        "test logits": sess.run(test_logits, feed)[:5],
        "accuracy": sess.run(test_accuracy, feed),
    }
