"""Restores the models of a folder by TensorFlow and prints their next losses, as JSON.

It runs with TensorFlow 1.4, 1.15 and 2.x. What a model tells to watch is printed too: the values of
these tensors after the steps.
"""

import glob
import json
import os
import sys

import numpy as np

try:
    from tensorflow.compat import v1 as tf

    tf.disable_v2_behavior()
except ImportError:  # 1.4
    import tensorflow as tf


def losses(path):
    with open(path) as file:
        told = json.load(file)
    prefix = os.path.splitext(path)[0]
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    found = []
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(prefix + ".meta")
        saver.restore(session, prefix)
        for _ in told["losses"]:
            found.append(float(session.run([told["loss"], told["train"][0]], feeds)[0]))
            for op in told["train"][1:]:
                session.run(op, feeds)
        if "watched" in told:
            values = session.run(told["watched"])
            return {"losses": found, "watched": [value.tolist() for value in values]}
    return found


if __name__ == "__main__":
    paths = glob.glob(os.path.join(sys.argv[1], "*.json"))
    found = {os.path.splitext(os.path.basename(path))[0]: losses(path) for path in paths}
    print(json.dumps(found))
