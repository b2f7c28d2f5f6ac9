"""Writes files as TensorFlow 2 writes them.

    python tests/goldens/artefacts/make_2.py

Runs with TensorFlow 2.15; beside each file is what TensorFlow computes with it.
"""

import json
import os
import shutil

import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
v1 = tf.compat.v1


class Model(tf.Module):
    """A loop and a condition around a variable; one variable is not trained."""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="w")
        self.calls = tf.Variable(0, trainable=False, name="calls")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def __call__(self, x):
        self.calls.assign_add(1)
        h = tf.matmul(x, self.w)
        for i in tf.range(3):
            h = h + tf.cast(i, tf.float32)
        h = tf.nn.relu(h) if tf.reduce_sum(h) > 10.0 else -h
        return {"y": h}


def saved_model_2():
    """A model of objects, with functions."""
    folder = os.path.join(HERE, "saved_model_2")
    shutil.rmtree(folder, ignore_errors=True)
    model = Model()
    tf.saved_model.save(model, folder, signatures=model.__call__)
    fed = [[[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]], [[1.0, 2.0, 3.0], [-10.0, -2.0, -3.0]]]
    values = [model(tf.constant(x))["y"].numpy().tolist() for x in fed]
    os.remove(os.path.join(folder, "fingerprint.pb"))
    with open(os.path.join(folder, "told.json"), "w") as file:
        json.dump({"fed": fed, "y": values}, file, sort_keys=True)
        file.write("\n")


def keras_2():
    """A network of Keras, trained for a step, with what runs when it is not trained."""
    folder = os.path.join(HERE, "keras_2")
    shutil.rmtree(folder, ignore_errors=True)
    tf.keras.utils.set_random_seed(7)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Dense(4, activation="relu", input_shape=(3,)),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(2, activation="softmax"),
        ]
    )
    fed = tf.constant([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0], [0.0, 1.0, -2.0]])
    model.compile("adam", "mse")
    model.fit(fed, tf.zeros([3, 2]), verbose=0)
    tf.saved_model.save(model, folder)
    os.remove(os.path.join(folder, "fingerprint.pb"))
    with open(os.path.join(folder, "told.json"), "w") as file:
        json.dump({"fed": fed.numpy().tolist(), "y": model(fed).numpy().tolist()}, file)
        file.write("\n")


def as_in_1():
    """A graph as in TensorFlow 1, by compat.v1: a step of Adam, with new attributes."""
    folder = os.path.join(HERE, "as_in_1")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with tf.Graph().as_default(), v1.Session() as sess:
        v1.set_random_seed(7)
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        y = v1.placeholder(tf.float32, [None, 2], name="y")
        w = v1.get_variable("w", [3, 2])
        b = v1.get_variable("b", initializer=[0.5, -0.5])
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y), name="loss")
        v1.train.AdamOptimizer(0.01).minimize(loss)
        v1.add_to_collection("losses", loss)
        saver = v1.train.Saver()
        sess.run(v1.global_variables_initializer())
        feeds = {"x:0": [[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]], "y:0": [[1.0, 0.0], [0.0, 1.0]]}
        saver.save(sess, os.path.join(folder, "model"), write_state=False)
        losses = [float(sess.run([loss, "Adam"], feeds)[0]) for _ in range(5)]
        nodes = len(sess.graph.as_graph_def().node)
    told = {
        "feeds": feeds,
        "loss": "loss:0",
        "losses": losses,
        "nodes": nodes,
        "tensorflow": tf.__version__,
        "train": ["Adam"],
    }
    with open(os.path.join(folder, "next.json"), "w") as file:
        json.dump(told, file, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    saved_model_2()
    keras_2()
    v1.disable_v2_behavior()
    as_in_1()
