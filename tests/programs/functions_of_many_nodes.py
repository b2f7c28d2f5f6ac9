"""Functions that make several nodes: all of them, in TensorFlow's order, under its names."""

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 3], name="x")
a = tf.placeholder(tf.float32, [2, 3], name="a")
unknown = tf.placeholder(tf.float32, name="unknown")
rows = tf.placeholder(tf.int32, [2], name="rows")
v = tf.Variable(tf.zeros([4, 2]), name="v")

with tf.name_scope("slices"):
    first = rows[0]
    x[first:], x[:first], x[:, first], x[..., first:, 0], v[1:, ::-1]
    unknown[0], unknown[..., None], x[-1, :-1]
with tf.name_scope("lists"):
    tf.stack([first, 1, 2])
    tf.stack([1.0, 2.0])
    tf.stack([tf.reduce_sum(x), 1.0], axis=-1)
    tf.stack([[tf.reduce_max(x), 1.0], [1.0, 2.0]])
    tf.reshape(x, [first, -1])
    tf.concat([x], 0)
    tf.split(a, 3, 1), tf.split(a, [1, -1], 1), tf.unstack(a)
with tf.name_scope("softmax"):
    tf.nn.softmax(a, axis=0)
    tf.nn.log_softmax(x, axis=-2, name="over_rows")
    tf.nn.softmax_cross_entropy_with_logits(labels=x, logits=x)
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=a, logits=a, name="entropy")
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=rows, logits=a)
    tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=x)
with tf.name_scope("statistics"):
    tf.nn.moments(x, [0])
    tf.nn.moments(a, [0, 1], keep_dims=True)
    tf.nn.l2_normalize(x, 1)
    tf.reduce_logsumexp(x), tf.reduce_logsumexp(a, 1), tf.reduce_logsumexp(unknown)
    tf.reduce_sum(unknown)
with tf.name_scope("clip"):
    tf.clip_by_value(x, 0.0, 1.0)
    tf.clip_by_norm(x, 1.0), tf.clip_by_norm(unknown, 2.0, axes=[0])
    tf.clip_by_global_norm([a, None, x], 1.0)
    tf.global_norm([[1.0, 2.0], a])
with tf.name_scope("choose"):
    tf.gather(a, rows), tf.gather(a, [0], axis=1), tf.gather_nd(a, [[0, 1]])
    tf.scatter_nd([[0], [1]], a, [4, 3])
    tf.nn.embedding_lookup(v, rows), tf.nn.embedding_lookup([a], [[0, 1]], name="words")
    tf.boolean_mask(x, x[:, 0] > 0)
    a[a > 0]
    tf.nn.top_k(a, 2), tf.nn.in_top_k(a, rows, 2)
    tf.one_hot(rows, 3)
with tf.name_scope("make"):
    tf.eye(3), tf.eye(2, 3), tf.eye(2, batch_shape=[2]), tf.eye(first)
    tf.linspace(0.0, 1.0, 5), tf.range(first)
    tf.pad(a, [[1, 0], [0, 2]]), tf.pad(a, [[1, 0], [0, 2]], constant_values=3.0)
    tf.reverse(a, [1]), tf.cumsum(a, 1), tf.matrix_diag(x), tf.matrix_diag_part(a)
    tf.nn.leaky_relu(rows), tf.div_no_nan(a, 2.0), tf.truncatediv(rows, 2)
    tf.ones_like(x), tf.zeros_like(x), tf.zeros([40, 30]), tf.zeros(rows)
    tf.matmul(unknown, a), tf.transpose(unknown)

RESULTS = {}
with tf.Session() as sess:
    feed = {x: np.arange(9.0).reshape(3, 3), a: [[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], rows: [2, 0]}
    fetched = sess.run(["slices/strided_slice_1:0", "slices/strided_slice_3:0",
                        "clip/clip_by_norm:0", "choose/boolean_mask/GatherV2:0",
                        "softmax/over_rows:0", "statistics/moments/variance:0"], feed)
    RESULTS["some_values"] = fetched
