"""How the cases of training.py are run, with TensorFlow 1.15 and with GraphScope alike."""

import numpy as np
from goldens.running import from_scratch, is_forward
from goldens.training import STEPS


def run_training(tf, build):
    """Build a case in a fresh graph and take its steps.

    Returns what the graph holds, as plain data, and the values at the start and after every step.
    """
    from_scratch(tf)
    step, looked_at = build(tf)
    initialize = tf.global_variables_initializer()
    operations = tf.get_default_graph().get_operations()
    description = {
        "operations": [[op.name, op.type] for op in operations if is_forward(op.name)],
        "variables": [[v.name, v.dtype.name] for v in tf.global_variables()],
        "trainable": [v.name for v in tf.trainable_variables()],
    }
    history = {name: [] for name in looked_at}
    with tf.Session() as sess:
        sess.run(initialize)
        for i in range(1 if step is None else STEPS + 1):
            if i:
                sess.run(step)
            for name, value in sess.run(looked_at).items():
                history[name].append(value)
    return description, {name: np.stack(values) for name, values in history.items()}
