"""Runs the frozen graphs of a folder by TensorFlow and prints what they give, as JSON."""

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


def outputs(path):
    with open(path) as file:
        told = json.load(file)
    message = tf.GraphDef()
    with open(os.path.join(os.path.splitext(path)[0], "frozen.pb"), "rb") as file:
        message.ParseFromString(file.read())
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(message, name="")
        return session.run(told["output"], feeds).tolist()


if __name__ == "__main__":
    paths = glob.glob(os.path.join(sys.argv[1], "*.json"))
    found = {os.path.splitext(os.path.basename(path))[0]: outputs(path) for path in paths}
    print(json.dumps(found))
