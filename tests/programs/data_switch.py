"""One iterator that goes through the training set and the test set in turn."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(2)
random = np.random.RandomState(8)
points = random.randn(60, 2).astype(np.float32)
labels = (points[:, 0] + points[:, 1] > 0).astype(np.int64)

training = tf.data.Dataset.from_tensor_slices({"point": points[:40], "label": labels[:40]})
training = training.shuffle(40, seed=1).batch(10)
testing = tf.data.Dataset.from_tensor_slices({"point": points[40:], "label": labels[40:]})
testing = testing.batch(20)

iterator = tf.data.Iterator.from_structure(training.output_types, training.output_shapes)
begin_training = iterator.make_initializer(training)
begin_testing = iterator.make_initializer(testing)
row = iterator.get_next()

logits = tf.layers.dense(row["point"], 2, name="scores")
loss = tf.losses.sparse_softmax_cross_entropy(row["label"], logits)
right = tf.equal(tf.argmax(logits, 1), row["label"])
accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
train = tf.train.AdamOptimizer(0.1).minimize(loss)

losses, accuracies = [], []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(4):
        sess.run(begin_training)
        for step in range(4):
            losses.append(sess.run([loss, train])[0])
        sess.run(begin_testing)
        accuracies.append(sess.run(accuracy))
    print("right:", accuracies)
    RESULTS = {"losses": losses, "accuracies": accuracies}
