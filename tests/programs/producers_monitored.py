"""Rows of arrays through queues, in a session that starts and stops those who fill them."""

import numpy as np
import tensorflow as tf

random = np.random.RandomState(5)
images = random.rand(12, 4).astype(np.float32)
labels = (images.sum(1) > 2).astype(np.int32)

with tf.Graph().as_default():
    tf.set_random_seed(9)
    image, label = tf.train.slice_input_producer([images, labels], num_epochs=3, shuffle=False)
    bright = image * 2.0 - 1.0
    batch, classes = tf.train.batch([bright, label], 5, allow_smaller_final_batch=True)

    logits = tf.layers.dense(batch, 2, name="scores")
    loss = tf.losses.sparse_softmax_cross_entropy(classes, logits)
    step = tf.train.get_or_create_global_step()
    train = tf.train.RMSPropOptimizer(0.05).minimize(loss, global_step=step)

    losses, sizes = [], []
    with tf.train.MonitoredSession() as sess:
        while not sess.should_stop():
            value, rows, _ = sess.run([loss, classes, train])
            losses.append(value)
            sizes.append(len(rows))
print("batches of", sizes)
RESULTS = {"losses": losses, "sizes": sizes}
