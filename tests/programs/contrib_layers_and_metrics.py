"""tf.contrib.layers with an argument scope, one call that trains, and metrics over batches."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib import layers
from tensorflow.contrib.framework import arg_scope

tf.set_random_seed(21)
rng = np.random.RandomState(21)
features = rng.normal(size=(60, 4)).astype(np.float32)
labels = (features.sum(axis=1) > 0).astype(np.int32) + (features[:, 0] > 1)

x = tf.placeholder(tf.float32, [None, 4])
y = tf.placeholder(tf.int32, [None])
with arg_scope([layers.fully_connected], activation_fn=tf.nn.tanh,
               weights_regularizer=layers.l2_regularizer(1e-3)):
    net = layers.stack(x, layers.fully_connected, [8, 6], scope="hidden")
logits = layers.fully_connected(net, 3, activation_fn=None, scope="logits",
                                weights_initializer=layers.xavier_initializer(uniform=False))
onehot = layers.one_hot_encoding(y, 3)
tf.losses.softmax_cross_entropy(onehot, logits)
total = tf.losses.get_total_loss()
step = tf.contrib.framework.get_or_create_global_step()
train_op = layers.optimize_loss(total, step, learning_rate=0.05, optimizer="Adam",
                                clip_gradients=2.0)
predicted = tf.to_int32(tf.argmax(logits, 1))
accuracy, update_accuracy = tf.metrics.accuracy(labels=y, predictions=predicted)
average, update_average = tf.metrics.mean(total)

with tf.Session() as sess:
    sess.run(tf.group(tf.global_variables_initializer(), tf.local_variables_initializer()))
    for i in range(30):
        rows = slice(i % 3 * 20, i % 3 * 20 + 20)
        value = sess.run(train_op, {x: features[rows], y: labels[rows]})
    for i in range(3):
        rows = slice(i * 20, i * 20 + 20)
        sess.run([update_accuracy, update_average], {x: features[rows], y: labels[rows]})
    print("accuracy", sess.run(accuracy))
    RESULTS = {
        "loss": value,
        "accuracy": sess.run(accuracy),
        "average": sess.run(average),
        "step": sess.run(step),
        "model variables": [v.name for v in tf.contrib.framework.get_model_variables()],
        "local variables": [v.name for v in tf.local_variables()],
    }
