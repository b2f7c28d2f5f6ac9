"""What can be fetched: tensors, names, operations, variables, and nests of them."""

import collections

import numpy as np
import tensorflow as tf

Point = collections.namedtuple("Point", ["x", "y"])

a = tf.constant(1.0, name="a")
b = tf.constant([2, 3], name="b")
v = tf.Variable(4.0, name="v")
s = tf.add(a, v, name="s")
flag = tf.less(a, v, name="flag")
step = v.assign_add(1.0)

with tf.Session() as sess:
    sess.run(v.initializer)
    pair = sess.run((a, b))
    listed = sess.run([a, [b, (s,)], []])
    named = sess.run({"sum": s, "deep": {"list": [a, "b:0"]}})
    point = sess.run(Point(x=a, y=[b, s]))
    ordered = sess.run(collections.OrderedDict([("z", a), ("y", s)]))
    RESULTS = {
        "one": sess.run(a),
        "pair": list(pair),
        "pair_is_tuple": isinstance(pair, tuple),
        "listed": [listed[0], listed[1][0], listed[1][1][0], len(listed[2])],
        "inner_tuple": isinstance(listed[1][1], tuple),
        "named": [named["sum"], named["deep"]["list"][0], named["deep"]["list"][1]],
        "point": [point.x, point.y[0], point.y[1], type(point) is Point],
        "ordered": [list(ordered), ordered["z"], ordered["y"]],
        "empty": [len(sess.run([])), len(sess.run({}))],
        "same_twice": sess.run([s, s]),
        "by_name": sess.run(["a:0", "s:0"]),
        "operation_is_none": [sess.run("v/Assign") is None, sess.run(v.initializer) is None],
        "operation_in_list": [item is None for item in sess.run([a, s.op])],
        "variable": sess.run(v),
        "variable_and_read": sess.run([v, "v/read:0"]),
        "numpy_values": [isinstance(item, np.generic) for item in sess.run([a, b, flag, s])],
        "dtypes": [str(np.asarray(item).dtype) for item in sess.run([a, b, flag, s])],
        "step_then_value": [sess.run(step), sess.run(s)],
    }
