"""Writes the artefacts: checkpoints and graphs of small models, with their next losses.

    python tests/goldens/artefacts/make.py [NAME...]

For each model: three steps of training, ``Saver.save``, five more steps, whose losses are kept in
``NAME/next.json`` with what was fed; of one model also those with another learning rate. Runs
with TensorFlow 1.15.5 and is deterministic.
"""

import json
import os
import shutil
import sys

import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from models import MODELS  # noqa: E402


def fed(name, x, y, rng):
    """What is fed for the two placeholders."""
    count = 4
    sizes = [count, *x.shape.as_list()[1:]]
    values = rng.randint(0, 9, sizes) if x.dtype == tf.int32 else rng.randn(*sizes)
    if name == "dynamic_gru":
        values[:, 4:] *= values[:, :2] > 3  # sequences of several lengths
    if name in ("linear_sgd", "gan"):
        labels = rng.randn(count, *y.shape.as_list()[1:])
    else:
        labels = np.eye(y.shape[1].value)[rng.randint(0, y.shape[1].value, count)]
    return np.round(values, 3).tolist(), np.round(labels, 3).tolist()


def step(sess, loss, train, feeds):
    """One step of training, one train op after the other. Returns the loss before it."""
    before, _ = sess.run([loss, train[0]], feeds)
    for op in train[1:]:
        sess.run(op, feeds)
    return before


def make(name):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    rng = np.random.RandomState(len(name))
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(7)
        loss, train = MODELS[name]()
        tf.add_to_collection("losses", loss)
        version = tf.train.SaverDef.V1 if name == "first_version" else tf.train.SaverDef.V2
        saver = tf.train.Saver(write_version=version, sharded=name == "sharded")
        init = tf.global_variables_initializer()
        x, y = (graph.get_tensor_by_name(n) for n in ("x:0", "y:0"))
        a, b = fed(name, x, y, rng)
        with tf.Session() as sess:
            sess.run(init)
            for _ in range(3):
                step(sess, loss, train, {x: a, y: b})
            saver.save(sess, os.path.join(folder, "model"))
            state = os.path.join(folder, "checkpoint")
            with open(state, "w") as file:  # without the folder in which it was made
                file.write('model_checkpoint_path: "model"\nall_model_checkpoint_paths: "model"\n')
            losses = [float(step(sess, loss, train, {x: a, y: b})) for _ in range(5)]
            slower = {}
            if name == "softmax_adam":  # the same again, with another learning rate
                saver.restore(sess, os.path.join(folder, "model"))
                feeds = {x: a, y: b, "Adam/learning_rate:0": 0.001}
                slower = {"slower": [float(step(sess, loss, train, feeds)) for _ in range(5)]}
    told = {
        "feeds": {"x:0": a, "y:0": b},
        "loss": loss.name,
        "losses": losses,
        "nodes": len(graph.as_graph_def().node),
        "tensorflow": tf.__version__,
        "train": [op.name for op in train],
    }
    told.update(slower)
    with open(os.path.join(folder, "next.json"), "w") as file:
        json.dump(told, file, sort_keys=True)
        file.write("\n")
    print(name, losses)


NUMBERS = [
    *("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "complex64", "complex128", "bool"),
]
TEXTS = [["a", ""], ["\xff\x00", "x" * 300]]


def all_types():
    """A checkpoint with a tensor of each type, a scalar, an empty one, and one of many texts."""
    folder = os.path.join(HERE, "all_types")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    names, values = list(NUMBERS), []
    for name in NUMBERS:
        values.append(
            tf.constant(np.array([[1, 0, 3], [100, 7, 1]]).astype(tf.as_dtype(name).as_numpy_dtype))
        )
    names += ["scalar", "empty", "texts", "none"]
    values += [
        tf.constant(2.5),
        tf.zeros([0, 3]),
        tf.constant([["a", ""], ["\xff\x00", "x" * 300]]),
    ]
    values.append(tf.constant(np.array([], object), tf.string))
    with tf.Session() as sess:
        sess.run(
            tf.raw_ops.SaveV2(
                prefix=os.path.join(folder, "model"),
                tensor_names=names,
                shape_and_slices=[""] * len(names),
                tensors=values,
            )
        )


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        make(name)
    if not sys.argv[1:]:
        all_types()
