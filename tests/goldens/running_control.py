"""How the cases of cases_control.py are run, with TensorFlow 1.15 and with GraphScope alike."""

import warnings

import numpy as np
from goldens.running import from_scratch, result_weights


def run_control(tf, build):
    """Build a case in a fresh graph with a seed; what the graph says of the fetches, and by name
    the values of the fetches and of their slopes, and the variables at the end."""
    from_scratch(tf)
    tf.set_random_seed(11)
    made = build(tf)
    description = [
        [t.name, t.dtype.base_dtype.name, None if t.shape.ndims is None else t.shape.as_list()]
        for t in made.fetches
    ]
    arrays = {}
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for run, feed in enumerate(made.feeds):
            values = sess.run(made.fetches, feed)
            arrays.update(("run%d/%d" % (run, i), v) for i, v in enumerate(values))
            slopes = slopes_of(tf, made, values)
            found = sess.run(slopes, feed)
            arrays.update(("run%d/d/%s" % (run, name), v) for name, v in found.items())
        for variable in tf.global_variables():
            arrays["v/" + variable.op.name] = sess.run(variable)
    return description, {name: np.asarray(value) for name, value in arrays.items()}


def slopes_of(tf, made, values):
    """The slopes of a weighted sum of the floating-point fetches, where there are any."""
    pairs = [(t, v) for t, v in zip(made.fetches, values) if t.dtype.is_floating]
    if not made.xs or not pairs:
        return {}
    total = tf.add_n([tf.reduce_sum(t * result_weights(v.shape, v.dtype)) for t, v in pairs])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # slices become dense
        found = tf.gradients(total, made.xs)
        return {
            x.op.name: tf.convert_to_tensor(slope)
            for x, slope in zip(made.xs, found)
            if slope is not None
        }
