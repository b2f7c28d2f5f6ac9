"""get_variable and variable_scope: which name everything gets, and what is shared."""

import numpy as np
import tensorflow as tf


def layer(x, units, activation=None):
    size = x.get_shape()[-1].value
    w = tf.get_variable("weights", [size, units],
                        initializer=tf.truncated_normal_initializer(stddev=0.1, seed=1))
    b = tf.get_variable("biases", [units], initializer=tf.constant_initializer(0.1))
    z = tf.nn.xw_plus_b(x, w, b)
    return z if activation is None else activation(z)


def l2(w):
    return 0.01 * tf.nn.l2_loss(w)


tf.set_random_seed(42)
x = tf.placeholder(tf.float32, [None, 4], name="x")

with tf.variable_scope("model"):
    with tf.variable_scope("hidden"):
        h = layer(x, 3, tf.nn.relu)
    with tf.variable_scope("out"):
        y = layer(h, 2)

# Once more, with the same variables: by the name, by the scope, and by reuse_variables.
with tf.variable_scope("model", reuse=True):
    with tf.variable_scope("hidden"):
        h2 = layer(x, 3, tf.nn.relu)
with tf.variable_scope("model") as scope:
    scope.reuse_variables()
    again = tf.get_variable("out/weights")
    with tf.variable_scope("out"):
        same = tf.get_variable("weights") is again
with tf.variable_scope(scope, reuse=True):
    other = tf.get_variable("hidden/biases")
    label = tf.identity(x, name="label")

# Names that are made unique, names that are not, and name scopes between.
for _ in range(2):
    with tf.variable_scope(None, "block"):
        layer(x, 2)
        with tf.variable_scope(None, default_name="inner"):
            layer(x, 2)
with tf.name_scope("names"):
    v = tf.get_variable("v", shape=[2])
    plain = tf.Variable([1.0, 2.0], name="plain")
    with tf.variable_scope("inside"):
        u = tf.get_variable("u", initializer=np.float32([3.0, 4.0]))
        sum_uv = tf.add(u, v, name="sum")
with tf.variable_scope("auto", reuse=tf.AUTO_REUSE):
    a1 = tf.get_variable("a", [])
    a2 = tf.get_variable("a", [])
with tf.variable_scope("regular", regularizer=l2, initializer=tf.ones_initializer()):
    r = tf.get_variable("r", [3])
    with tf.variable_scope("deeper", dtype=tf.float64):
        d = tf.get_variable("d", [2])
        n = tf.get_variable("n", [2], regularizer=tf.no_regularizer)
    i = tf.get_variable("i", [2], dtype=tf.int32, trainable=False, initializer=tf.zeros_initializer,
                        regularizer=tf.no_regularizer)
local = tf.get_local_variable("local", initializer=tf.constant(5))
with tf.variable_scope("no_names", auxiliary_name_scope=False):
    q = tf.get_variable("q", [1])
    twice = tf.multiply(q, 2.0)

losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
with tf.Session() as sess:
    missing = sess.run(tf.report_uninitialized_variables())
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    left = sess.run(tf.report_uninitialized_variables())
    feed = {x: np.arange(8).reshape(2, 4) / 10.0}
    RESULTS = {
        "y": sess.run(y, feed),
        "h is h2": np.array_equal(sess.run(h, feed), sess.run(h2, feed)),
        "same": same,
        "other": other.name,
        "label": label.name,
        "a is a": a1 is a2,
        "v": sess.run(v),
        "sum": [sum_uv.name, sess.run(sum_uv).tolist()],
        "losses": [loss.name for loss in losses],
        "loss": [float(value) for value in sess.run(losses)],
        "dtypes": [variable.dtype.name for variable in (r, d, n, i)],
        "twice": twice.name,
        "local": [variable.name for variable in tf.local_variables()],
        "scoped": [variable.name for variable in tf.get_collection(
            tf.GraphKeys.TRAINABLE_VARIABLES, scope="model")],
        "missing": sorted(name.decode() for name in missing),
        "left": len(left),
        "operations": [[op.name, op.type] for op in tf.get_default_graph().get_operations()],
    }
