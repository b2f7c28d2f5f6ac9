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


def make(name, called=None):
    """Make the artefact of a model; `called` is its folder, the model's name when left out."""
    folder = os.path.join(HERE, called or name)
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


def reads_and_writes():
    """What reads give that come before and after writes, of both kinds of variables."""
    folder = os.path.join(HERE, "reads_and_writes")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        for kind, is_resource in (("ref", False), ("resource", True)):
            with tf.variable_scope(kind, use_resource=is_resource):
                v = tf.get_variable("v", initializer=[10.0])
                early = tf.identity(v.value(), name="early")
                with tf.control_dependencies([early]):
                    written = v.assign([20.0], read_value=False)
                with tf.control_dependencies([written]):
                    tf.add(v.value(), 0.0, name="late")
                    tf.add(early, 0.0, name="early_again")
                    with tf.control_dependencies([v.assign_add([1.0], read_value=False)]):
                        tf.add(early, 0.0, name="after_both")
        sess.run(tf.global_variables_initializer())
        tf.train.Saver().save(sess, os.path.join(folder, "model"))
        os.remove(os.path.join(folder, "checkpoint"))
        told = {}
        for kind in ("ref", "resource"):
            for name in ("late", "early_again", "after_both"):
                sess.run(tf.global_variables_initializer())
                key = "%s/%s:0" % (kind, name)
                told[key] = sess.run(graph.get_tensor_by_name(key)).tolist()
    with open(os.path.join(folder, "read.json"), "w") as file:
        json.dump(told, file, sort_keys=True)
        file.write("\n")


def old_names():
    """Operations that have other names since, with what they give, and their slopes."""
    folder = os.path.join(HERE, "old_names")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    rng = np.random.RandomState(5)
    x, images = np.round(rng.randn(3, 2) + 3, 2), np.round(rng.randn(2, 3, 3, 2), 2)
    raw = tf.raw_ops
    with tf.Graph().as_default(), tf.Session() as sess:
        x_ = tf.placeholder(tf.float32, [3, 2], name="x")
        images_ = tf.placeholder(tf.float32, [2, 3, 3, 2], name="images")
        found = [
            raw.Div(x=x_, y=x_[0] * 2.0, name="div"),
            raw.Gather(params=x_, indices=[2, 0, 2], name="gather"),
            raw.Concat(concat_dim=1, values=[x_, x_ * 2.0], name="concat"),
            raw.Inv(x=x_, name="inv"),
        ]
        whole = raw.Div(x=[7, -7, 7], y=[2, 2, -2], name="whole")
        scale, empty = [1.5, 0.5], tf.zeros([0])
        for name, kind in (("bn", raw.FusedBatchNorm), ("bn2", raw.FusedBatchNormV2)):
            made = kind(
                x=images_,
                scale=scale,
                offset=[0.1, 0.2],
                mean=empty,
                variance=empty,
                epsilon=0.01,
                name=name,
            )
            found.append(made[0])
            slope = raw.FusedBatchNormGrad if name == "bn" else raw.FusedBatchNormGradV2
            found.append(
                slope(
                    y_backprop=made[0] * made[0],
                    x=images_,
                    scale=scale,
                    reserve_space_1=made[3],
                    reserve_space_2=made[4],
                    epsilon=0.01,
                    name=name + "_slope",
                )[0]
            )
        weighted = [tf.reduce_sum(t * t) for t in found[:3]]
        slopes = [
            tf.identity(tf.gradients(t, x_)[0], name="slope_%d" % i) for i, t in enumerate(weighted)
        ]
        feeds = {"x:0": x.tolist(), "images:0": images.tolist()}
        values = {t.name: t for t in [*found, whole, *slopes, *weighted]}
        told = {k: v.tolist() for k, v in sess.run(values, feeds).items()}
        tf.train.export_meta_graph(os.path.join(folder, "model.meta"))
    with open(os.path.join(folder, "read.json"), "w") as file:
        json.dump({"feeds": feeds, "values": told}, file, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        make(name)
    if not sys.argv[1:]:
        all_types()
        reads_and_writes()
        old_names()
