"""How is the learning rate of an imported graph changed? It is a tensor with a name, so feed it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphscope as gs

SAVED = Path(__file__).parents[1] / "goldens" / "artefacts" / "softmax_adam"

# The first process: as in the thread, with Adam, and saved by tf.train.Saver().save(...).
SAVING = """
from graphscope import compat
compat.install()
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
w = tf.Variable([[3.0], [-1.0]], name="w")
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0), name="loss")
tf.train.AdamOptimizer(0.01).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run("Adam", {x: np.eye(2)})
    print(tf.train.Saver().save(session, "model_name"))
"""
FED = {"x:0": np.eye(2)}


def moved(rate):
    """How far one step moves the weights, from where the first process left them."""
    with gs.Graph().as_default(), gs.Session() as session:
        saver = gs.train.import_meta_graph("model_name.meta")
        saver.restore(session, "model_name")
        before = session.run("w:0")
        feeds = FED if rate is None else {**FED, "Adam/learning_rate:0": rate}
        session.run("Adam", feeds)
        return session.run("w:0") - before


def test_a_graph_of_another_process_is_trained_with_another_rate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", SAVING], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "model_name"
    as_saved = moved(None)
    assert np.all(as_saved != 0)
    np.testing.assert_allclose(moved(0.01), as_saved, rtol=1e-6)
    np.testing.assert_allclose(moved(0.001), as_saved / 10, rtol=1e-3)
    np.testing.assert_array_equal(moved(0.0), np.zeros((2, 1)))
    with pytest.raises(OSError, match="File model_name does not exist") as error:
        gs.train.import_meta_graph("model_name")  # as the thread writes it
    assert "the graph of this checkpoint is in model_name.meta" in str(error.value.__notes__)


def test_the_losses_are_those_of_tensorflow(graph):
    """The file is one of TensorFlow 1.15, and so are the losses with 0.001 for 0.01."""
    told = json.loads((SAVED / "next.json").read_text())
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    feeds["Adam/learning_rate:0"] = 0.001
    saver = gs.train.import_meta_graph(str(SAVED / "model.meta"))
    with gs.Session() as session:
        saver.restore(session, str(SAVED / "model"))
        losses = [session.run([told["loss"], "Adam"], feeds)[0] for _ in range(5)]
    np.testing.assert_allclose(losses, told["slower"], rtol=1e-6)


def test_a_computed_rate_is_put_in_its_place(graph):
    """`input_map` gives the nodes of the file a tensor of this graph in place of its own."""
    message = gs.MetaGraphDef.FromString((SAVED / "model.meta").read_bytes())
    told = json.loads((SAVED / "next.json").read_text())
    rate = gs.train.exponential_decay(0.001, gs.constant(0), 10, 0.9)
    saver = gs.train.import_meta_graph(message, input_map={"Adam/learning_rate:0": rate})
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    with gs.Session() as session:
        saver.restore(session, str(SAVED / "model"))
        losses = [session.run([told["loss"], "Adam"], feeds)[0] for _ in range(5)]
    np.testing.assert_allclose(losses, told["slower"], rtol=1e-6)


def test_the_debugger_shows_the_rate_that_is_used(graph):
    told = json.loads((SAVED / "next.json").read_text())
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    saver = gs.train.import_meta_graph(str(SAVED / "model.meta"))
    with gs.Session() as session:
        saver.restore(session, str(SAVED / "model"))
        with gs.debug(session, "Adam", {**feeds, "Adam/learning_rate:0": 0.001}) as d:
            d.brk("@ApplyAdam")
            stop = d.cont()
            rates = [s for s in stop.inputs if s.tensor.name == "Adam/learning_rate:0"]
            assert [float(s.value) for s in rates] == [np.float32(0.001)]
            users = {op.name for op in graph.consumers(rates[0].tensor)}
    assert users == {"Adam/update_W/ApplyAdam", "Adam/update_b/ApplyAdam"}
