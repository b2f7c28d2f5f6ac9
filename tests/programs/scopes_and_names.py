# ruff: noqa: B018
"""How nodes get their names: duplicates, scopes entered twice, operators, variables."""

import numpy as np
import tensorflow as tf

# The same name again gets a number; names that differ only in case are the same name here.
tf.constant(1.0, name="a")
tf.constant(2.0, name="a")
tf.constant(3.0, name="A")
tf.constant(4.0, name="a_1")
tf.constant(5.0)
tf.constant(6.0)

# A scope opened again by its string is a new scope; opened by what `as` gave, it is the old one.
with tf.name_scope("layer") as layer:
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    with tf.name_scope("inner"):
        tf.identity(x)
with tf.name_scope("layer"):
    tf.identity(x, name="x")
with tf.name_scope("Layer"):
    tf.identity(x, name="x")
with tf.name_scope(layer):
    tf.identity(x, name="x")
    with tf.name_scope("inner"):
        tf.identity(x)
    with tf.name_scope(None):
        tf.identity(x, name="at_the_root")
    tf.identity(x, name="layer/given_whole/")
with tf.name_scope("never", "default_name", [x]):
    tf.identity(x)
with tf.name_scope(None, "default_name", [x]):
    tf.identity(x)
with tf.name_scope("a"):
    tf.identity(x, name="a")

# Operators of Python; a number on either side becomes a constant named after its place.
y = tf.placeholder(tf.float32, [2, 3], name="y")
n = tf.placeholder(tf.int32, [2], name="n")
p = tf.placeholder(tf.bool, [2], name="p")
for result in (x + y, x - y, x * y, x / y, x // y, x % y, x ** y, -x, abs(x)):
    assert result.shape == (2, 3)
x_plus_1 = x + 1
for result in (1 + x, 2 - x, x * np.float32(3), 4 / x, x / 4, 5 // x, 6 % x, 7 ** x):
    assert result.shape == (2, 3)
x < y, x <= y, x > y, x >= y, x > 0
p & p, p | p, p ^ p, ~p
n / 2, n // 2, n + 1
assert (x == y) is False  # compares the Python objects, and adds no node
tf.matmul(x, y, transpose_b=True)
x[0], x[:, 1], x[..., tf.newaxis]

# Variables: four nodes each.
v = tf.Variable(tf.zeros([3]))
w = tf.Variable([1.0, 2.0], name="w")
w2 = tf.Variable(np.ones([2], np.float32), name="w")
with tf.name_scope("block"):
    tf.Variable(0, name="count", trainable=False)
    kernel = tf.Variable(tf.zeros([3, 2]), name="kernel")
w + 1.0
w.assign(w * 2.0)

# Functions that make several nodes.
tf.reduce_sum(x)
tf.reduce_mean(x, axis=1)
tf.nn.softmax(tf.matmul(x, kernel))
tf.group(w.initializer, w2.initializer)
tf.global_variables_initializer()

RESULTS = {
    "operations": [[op.name, op.type] for op in tf.get_default_graph().get_operations()],
    "variables": [[v.name, v.op.name] for v in tf.global_variables()],
    "trainable": [v.op.name for v in tf.trainable_variables()],
    "layer": layer,
    "inputs_of_x_plus_1": [t.name for t in x_plus_1.op.inputs],
}
