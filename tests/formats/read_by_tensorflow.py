"""Restores the models of a folder by TensorFlow 1.15 and prints their next losses, as JSON."""

import glob
import json
import os
import sys

import numpy as np
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
    return found


if __name__ == "__main__":
    paths = glob.glob(os.path.join(sys.argv[1], "*.json"))
    found = {os.path.splitext(os.path.basename(path))[0]: losses(path) for path in paths}
    print(json.dumps(found))
