"""How the cases of Keras are run, with TensorFlow 1.15 and with GraphScope alike."""

import json

import numpy as np
from goldens.case import Case
from goldens.running import is_forward, run_case

MODULES = (
    "activations",
    "backend",
    "callbacks",
    "constraints",
    "initializers",
    "losses",
    "metrics",
    "optimizers",
    "preprocessing",
    "regularizers",
    "utils",
)


def run_function(tf, keras, case):
    """Build and run a case; what the graph holds, and its values and gradients."""
    keras.backend.clear_session()
    tf.set_random_seed(11)
    # `run_case` begins a new graph: the names and the phase of the old one are forgotten.
    bound = Case(lambda tf, *tensors: _seeded(tf, keras, case, tensors), case.inputs, case.shapes)
    results, arrays = run_case(tf, bound)
    return {"results": results, "operations": forward_operations(tf)}, arrays


def _seeded(tf, keras, case, tensors):
    tf.set_random_seed(11)
    return case.build(keras, *tensors)


def forward_operations(tf):
    operations = tf.get_default_graph().get_operations()
    return [[op.name, op.type] for op in operations if is_forward(op.name)]


def run_script(tf, keras, build):
    """Run a case that does something; what it says, what the graph holds, and its arrays."""
    keras.backend.clear_session()
    np.random.seed(0)
    tf.set_random_seed(11)
    found = build(tf, keras)
    arrays = {key: value for key, value in found.items() if is_array(value)}
    said = {key: value for key, value in found.items() if not is_array(value)}
    description = {
        "said": json.loads(json.dumps(said, default=dict)),  # TensorFlow has dicts of its own
        "operations": forward_operations(tf),
        "variables": [[v.name, v.dtype.base_dtype.name] for v in tf.global_variables()],
        "trainable": [v.name for v in tf.trainable_variables()],
    }
    return description, {key: np.asarray(value) for key, value in arrays.items()}


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic, float))


def run_mistake(tf, keras, build):
    """Run what ends in an error; the error, or None."""
    keras.backend.clear_session()
    try:
        build(tf, keras)
    except Exception as raised:
        return raised
    return None
