"""Examples written to a file of records, and read again to train a classifier."""

import os
import tempfile

import numpy as np
import tensorflow as tf

tf.set_random_seed(4)
random = np.random.RandomState(0)
path = os.path.join(tempfile.mkdtemp(), "points.tfrecord")
with tf.python_io.TFRecordWriter(path) as writer:
    for i in range(24):
        point = random.randn(4)
        feature = {
            "point": tf.train.Feature(float_list=tf.train.FloatList(value=point)),
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(point.sum() > 0)])),
            "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"p%d" % i])),
        }
        example = tf.train.Example(features=tf.train.Features(feature=feature))
        writer.write(example.SerializeToString())


def parsed(serialized):
    features = {
        "point": tf.FixedLenFeature([4], tf.float32),
        "label": tf.FixedLenFeature([], tf.int64),
        "name": tf.FixedLenFeature([], tf.string),
    }
    row = tf.parse_single_example(serialized, features)
    return row["point"], tf.cast(row["label"], tf.int32), row["name"]


dataset = tf.data.TFRecordDataset([path]).map(parsed).shuffle(24, seed=3).repeat().batch(6)
points, labels, names = dataset.make_one_shot_iterator().get_next()
hidden = tf.layers.dense(points, 5, activation=tf.nn.tanh)
logits = tf.layers.dense(hidden, 2)
loss = tf.reduce_mean(
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
)
train = tf.train.MomentumOptimizer(0.2, 0.9).minimize(loss)

losses, first = [], None
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(12):
        value, seen, _ = sess.run([loss, names, train])
        losses.append(value)
        first = seen if first is None else first
    print("losses", losses[0], losses[-1])
    RESULTS = {"losses": losses, "first": [name.decode() for name in first]}
