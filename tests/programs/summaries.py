"""Summaries of a small training: scalars, histograms, images, and the files they go to."""

import os

import numpy as np
import tensorflow as tf

logdir = "summaries_log"
tf.gfile.MakeDirs(logdir)
x = tf.placeholder(tf.float32, [4, 3], name="x")
with tf.name_scope("layer"):
    with tf.name_scope("weights"):
        w = tf.Variable(tf.ones([3, 2]), name="w")
        mean = tf.reduce_mean(w)
        tf.summary.scalar("mean", mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_mean(tf.square(w - mean)))
        tf.summary.scalar("stddev", stddev)
        tf.summary.scalar("max", tf.reduce_max(w))
        tf.summary.histogram("histogram", w)
    y = tf.matmul(x, w)
loss = tf.reduce_mean(tf.square(y - 1.0))
tf.summary.scalar("loss", loss)
images = tf.summary.image("pictures", tf.reshape(x, [4, 3, 1, 1]), max_outputs=2)
apart = tf.summary.scalar("a part", loss, collections=["own"])
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
merged = tf.summary.merge_all()
own = tf.summary.merge(tf.get_collection("own"))

feed = {x: np.arange(12).reshape(4, 3) / 10.0}
with tf.Session() as sess:
    writer = tf.summary.FileWriter(logdir + "/train", sess.graph)
    sess.run(tf.global_variables_initializer())
    for i in range(5):
        summary, _ = sess.run([merged, train], feed)
        writer.add_summary(summary, i)
        writer.add_summary(sess.run(own, feed), global_step=i)
    value = tf.Summary(value=[tf.Summary.Value(tag="by hand", simple_value=0.5)])
    value.value.add(tag="added", simple_value=1.5)
    writer.add_summary(value, 5)
    writer.flush()
    writer.close()

parsed = tf.Summary()
parsed.ParseFromString(summary)
files = os.listdir(logdir + "/train")
print(len(files), "file")
RESULTS = {
    "tags": [v.tag for v in parsed.value],
    "numbers": [v.simple_value for v in parsed.value if v.tag.endswith(("mean", "max", "loss"))],
    "summaries": [t.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)],
    "one file": [len(files), files[0].startswith("events.out.tfevents.")],
}
