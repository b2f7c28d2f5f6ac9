"""Writes files of other kinds than checkpoints: SavedModels, GraphDefs, event files, pipelines.

    python tests/goldens/artefacts/make_files.py [NAME...]

Runs with TensorFlow 1.15.5; beside each file is what TensorFlow computes with it.
"""

import glob
import json
import os
import shutil
import sys

import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))


def folder_of(name, made=True):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    if made:
        os.makedirs(folder)
    return folder


def tell(folder, told):
    with open(os.path.join(folder, "told.json"), "w") as file:
        json.dump(told, file, sort_keys=True)
        file.write("\n")


FED = [[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]]


def classifier():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.get_variable("w", [3, 2], initializer=tf.constant_initializer([[1, 2], [3, 4], [5, 7]]))
    b = tf.get_variable("b", initializer=[0.5, -0.5])
    scores = tf.nn.softmax(tf.matmul(x, w) + b, name="scores")
    return x, scores, tf.argmax(scores, 1, name="classes")


def saved_model(name):
    """Two graphs that share their values, with an asset and an operation that runs at first."""
    folder = folder_of(name, made=False)
    x, scores, classes = classifier()
    words = tf.constant("words.txt", name="words")
    with open("words.txt", "w") as file:
        file.write("cat\ndog\n")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, words)
    used = tf.Variable("", name="used", trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tell_words = tf.assign(used, words, name="tell_words").op
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        builder = tf.saved_model.builder.SavedModelBuilder(folder)
        signature = tf.saved_model.signature_def_utils.predict_signature_def(
            {"images": x}, {"scores": scores, "classes": classes}
        )
        builder.add_meta_graph_and_variables(
            sess,
            [tf.saved_model.tag_constants.SERVING],
            {tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
            main_op=tell_words,
        )
        builder.add_meta_graph([tf.saved_model.tag_constants.TRAINING, "gpu"])
        builder.save()
        values = sess.run([scores, classes], {x: FED})
    os.remove("words.txt")
    tell(folder, {"fed": FED, "scores": values[0].tolist(), "classes": values[1].tolist()})


def frozen(name):
    """A graph with its values as constants, binary and as text."""
    folder = folder_of(name)
    x, scores, _ = classifier()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        graph_def = tf.graph_util.convert_variables_to_constants(
            sess, sess.graph_def, ["scores", "classes"]
        )
        value = sess.run(scores, {x: FED})
    tf.train.write_graph(graph_def, folder, "graph.pb", as_text=False)
    tf.train.write_graph(graph_def, folder, "graph.pbtxt", as_text=True)
    tell(folder, {"fed": FED, "scores": value.tolist()})


def pipelines(name):
    """A queue, an iterator and a function of Python: what no file brings along."""
    folder = folder_of(name)
    names = tf.train.string_input_producer(["a.txt", "b.txt"], name="files")
    reader = tf.TextLineReader()
    _, line = reader.read(names)
    x, y = tf.decode_csv(line, [[0.0], [0.0]])
    xs, ys = tf.train.batch([x, y], 4)
    data = tf.data.Dataset.from_tensor_slices(np.arange(6, dtype=np.float32)).batch(2)
    more = tf.data.make_one_shot_iterator(data).get_next(name="next")
    w = tf.Variable(1.0, name="w")
    (odd,) = tf.py_func(lambda v: [v * 2], [xs], [tf.float32], name="odd")
    loss = tf.reduce_mean(tf.square(xs * w - ys), name="loss") + 0.0 * tf.reduce_sum(more)
    loss = tf.identity(loss, name="whole_loss")
    tf.add_to_collection("losses", loss)
    rate = tf.placeholder(tf.float32, [], name="rate")
    tf.train.GradientDescentOptimizer(rate).minimize(loss, name="train")
    tf.reduce_sum(odd, name="odd_sum")
    saver = tf.train.Saver()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        saver.save(sess, os.path.join(folder, "model"), write_state=False)
        feeds = {"batch:0": [1.0, 2.0, 0.0, 1.0], "batch:1": [1.0, 0.0, 2.0, 3.0], "next:0": [3.0]}
        tell(folder, {"feeds": feeds, "loss": float(sess.run(loss, feeds))})


def events(name):
    """An event file: a graph, numbers, and when the nodes of a run ran."""
    folder = folder_of(name)
    x, scores, _ = classifier()
    tf.summary.scalar("highest", tf.reduce_max(scores))
    merged = tf.summary.merge_all()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        writer = tf.summary.FileWriter(folder, sess.graph)
        for step in range(3):
            writer.add_summary(sess.run(merged, {x: FED}), step)
        options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
        told = tf.RunMetadata()
        sess.run(scores, {x: FED}, options, told)
        writer.add_run_metadata(told, "step 3", 3)
        writer.close()
    (path,) = glob.glob(os.path.join(folder, "*tfevents*"))
    os.rename(path, os.path.join(folder, "events.out.tfevents.1"))


MAKERS = {f.__name__: f for f in (saved_model, frozen, pipelines, events)}

if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(MAKERS):
        with tf.Graph().as_default():
            MAKERS[name](name)
        print(name)
