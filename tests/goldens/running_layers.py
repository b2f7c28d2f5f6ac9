"""How the cases of layers_cases.py are run, with TensorFlow 1.15 and with GraphScope alike."""

import warnings

import numpy as np
from goldens.layers_cases import inputs
from goldens.running import from_scratch, is_forward

KEYS = (
    "variables",
    "trainable_variables",
    "local_variables",
    "metric_variables",
    "model_variables",
    "regularization_losses",
    "losses",
    "update_ops",
)


def run_layers(tf, build):
    """Build a case in a fresh graph with a seed; what the graph holds, and the values.

    The values: the results before and after one run of the update operations, the gradients of
    their sum by the trainable variables, and all variables at the end.
    """
    from_scratch(tf)
    tf.set_random_seed(11)
    placeholders, feed = inputs(tf)
    first = len(tf.get_default_graph().get_operations())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = build(tf, placeholders)
    operations = tf.get_default_graph().get_operations()[first:]
    description = {
        "operations": [[op.name, op.type] for op in operations if is_forward(op.name)],
        "results": [[t.name, t.dtype.base_dtype.name, shape_of(t)] for t in results],
        "collections": {key: [v.name for v in tf.get_collection(key)] for key in KEYS},
    }
    slopes = slopes_of(tf, results)
    updates = tf.get_collection("update_ops")
    variables = tf.global_variables() + tf.local_variables()
    arrays = {}
    with tf.Session() as sess:
        sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        for i, result in enumerate(results):
            arrays["first%d" % i] = sess.run(result, feed)
        for name, slope in slopes.items():
            arrays["d/" + name] = sess.run(slope, feed)
        sess.run(updates, feed)
        arrays.update(("again%d" % i, sess.run(r, feed)) for i, r in enumerate(results))
        arrays.update(("v/" + v.op.name, sess.run(v)) for v in variables)
    return description, {name: np.asarray(value) for name, value in arrays.items()}


def shape_of(tensor):
    shape = tensor.get_shape()
    return None if shape.ndims is None else shape.as_list()


def slopes_of(tf, results):
    """The gradients of the sum of all results by the trainable variables, where there are any."""
    variables = tf.trainable_variables()
    floating = [tf.reduce_sum(t * t) for t in results if t.dtype.is_floating]
    if not variables or not floating:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = tf.gradients(tf.add_n(floating), variables)
    return {v.op.name: tf.convert_to_tensor(g) for v, g in zip(variables, found) if g is not None}
