"""How is the learning rate of an imported graph changed? It is a tensor with a name, so feed it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphscope as gs
from graphscope import cli

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


def test_the_file_is_edited_and_trained_on_in_a_new_process(tmp_path, monkeypatch, capsys):
    """What needs no line of the program: the rate is a constant in the file."""
    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, "-c", SAVING], capture_output=True, check=True)
    assert cli.main(["edit", "model_name.meta", "--set-lr", "1e-3", "-o", "slower.meta"]) == 0
    said = "Adam/learning_rate: 0.01 -> 0.001\nslower.meta is written\n"
    assert capsys.readouterr().out == said
    program = """
import numpy as np
import graphscope as gs

saver = gs.train.import_meta_graph("slower.meta")
with gs.Session() as session:
    saver.restore(session, "model_name")
    before = session.run("w:0")
    session.run("Adam", {"x:0": np.eye(2)})
    print((session.run("w:0") - before).tolist())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    np.testing.assert_allclose(json.loads(done.stdout), moved(0.001), rtol=1e-6)


def test_the_losses_of_the_edited_file_are_those_of_tensorflow(tmp_path, graph):
    told = json.loads((SAVED / "next.json").read_text())
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    edited = str(tmp_path / "slower.meta")
    assert cli.main(["edit", str(SAVED / "model.meta"), "--set-lr", "0.001", "-o", edited]) == 0
    saver = gs.train.import_meta_graph(edited)
    with gs.Session() as session:
        saver.restore(session, str(SAVED / "model"))
        losses = [session.run([told["loss"], "Adam"], feeds)[0] for _ in range(5)]
    np.testing.assert_allclose(losses, told["slower"], rtol=1e-6)


def test_the_debugger_says_which_it_is_and_what_changes_it_and_what_did(graph):
    told = json.loads((SAVED / "next.json").read_text())
    feeds = {name: np.array(value) for name, value in told["feeds"].items()}
    saver = gs.train.import_meta_graph(str(SAVED / "model.meta"))
    with gs.Session() as session:
        saver.restore(session, str(SAVED / "model"))
        with gs.debug(session, "Adam", feeds) as d:
            (rate,) = d.lr().rates
            assert (rate.tensor.name, rate.kind) == ("Adam/learning_rate:0", "constant")
            assert list(rate.trains) == ["W", "b"]
            assert [(used.run, float(used.value), used.how) for used in rate.used] == [
                (1, np.float32(0.01), "")
            ]
            d.run_to_end()
            weights = session.run("W:0")  # of the session: the run is not over
            d.run(feed_dict={**feeds, "Adam/learning_rate:0": 0.001})
            d.run_to_end()
            d.run(feed_dict=feeds)
            d.set("Adam/learning_rate", 0.0001)
            d.run_to_end()
            (rate,) = d.lr().rates
            assert [(used.run, used.how) for used in rate.used] == [(1, ""), (2, "fed"), (3, "fed")]
            values = [float(used.value) for used in rate.used]
            np.testing.assert_allclose(values, [0.01, 0.001, 0.0001], rtol=1e-6)
            assert str(d.lr()).splitlines() == [
                " Adam/learning_rate:0 is the learning rate: 0.0001",
                "   a constant of the graph (test_thread4.py:"
                f"{_line_of('saver = gs.train.import_meta_graph', -1)}), for 2 variables: W, b",
                "   it was 0.01 in run 1, 0.001 in run 2 (fed), 0.0001 in run 3 (fed)",
                "   to change it: set Adam/learning_rate = 1e-05 here;",
                "   feed_dict={'Adam/learning_rate:0': 1e-05} in a program",
                "   or in a saved file: graphscope edit FILE.meta --set-lr",
                "   Adam/learning_rate=1e-05 -o NEW.meta",
            ]
            assert d.onecmd("lr").text.strip() == str(d.lr()).strip()
    assert weights.shape == (6, 3)


def _line_of(text, which):
    lines = Path(__file__).read_text().splitlines()
    return [i for i, line in enumerate(lines, 1) if line.strip().startswith(text)][which]


def test_a_rate_that_decays(graph):
    step = gs.train.get_or_create_global_step()
    w = gs.Variable([1.0, 2.0], name="w")
    rate = gs.train.exponential_decay(0.1, step, 1, 0.5, name="rate")
    train = gs.train.MomentumOptimizer(rate, 0.9).minimize(gs.reduce_sum(w * w), step)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        with gs.debug(session, train) as d:
            d.run_to_end()
            d.run()
            d.run_to_end()
            (found,) = d.lr().rates
            text = str(d.lr())
    assert (found.name, found.kind, list(found.trains)) == ("rate", "computed", ["w"])
    np.testing.assert_allclose([float(u.value) for u in found.used], [0.1, 0.05], rtol=1e-6)
    assert float(found.sources["rate/initial_learning_rate"]) == np.float32(0.1)
    assert "global_step" in found.sources
    assert "it was 0.1 in run 1, 0.05 in run 2" in text
    assert "computed by rate [Mul]" in text


def test_rates_that_are_variables_and_placeholders(graph):
    w = gs.Variable([1.0], name="w")
    loss = gs.reduce_sum(w * w)
    for rate in (gs.Variable(0.5, trainable=False, name="kept"), gs.placeholder(gs.float32, [])):
        gs.train.GradientDescentOptimizer(rate).minimize(loss)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        with gs.debug(session, loss) as d:
            kept, fed = d.lr().rates
            text = str(d.lr())
    assert (kept.kind, float(kept.value)) == ("variable", 0.5)
    assert (fed.kind, fed.value) == ("placeholder", None)
    assert "set %kept = 0.05 here; variable.load(0.05, session)" in " ".join(text.split())
    assert "is the learning rate: not known" in text


def test_a_graph_that_trains_nothing(graph):
    with gs.Session() as session, gs.debug(session, gs.constant(1.0)) as d:
        assert not d.lr().rates
        assert "No update in this graph takes a learning rate" in str(d.lr())
