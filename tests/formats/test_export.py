"""``graphscope export``: a graph with its values, whole or frozen, for TensorFlow."""

import json
import textwrap

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, Artefact
from formats.tensorflows import read

import graphscope as gs
from graphscope import cli
from graphscope.formats import meta_graphs
from graphscope.formats.edits.constants import frozen
from graphscope.train.checkpoint_state import latest_checkpoint

SCRIPT = textwrap.dedent(
    """
    import numpy as np
    import tensorflow as tf

    x = tf.placeholder(tf.float32, [None, 4, 3], name="x")
    y = tf.placeholder(tf.int32, [None], name="y")
    cell = tf.nn.rnn_cell.LSTMCell(5)
    _, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    logits = tf.layers.dense(state.h, 2, name="logits")
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits), name="loss"
    )
    train = tf.train.AdamOptimizer(0.05).minimize(loss)
    feeds = {x: np.linspace(-1, 1, 24).reshape(2, 4, 3), y: [0, 1]}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train, feeds)
    """
)
FEEDS = {"x:0": np.linspace(-1, 1, 24).reshape(2, 4, 3).tolist(), "y:0": [0, 1]}


def exported(capsys, text, code=0):
    gs.reset_default_graph()  # a script makes its graph there
    words = text.format(**{path.name: path / "model" for path in ARTEFACTS.iterdir()}).split()
    assert cli.main(["export", *words]) == code
    out, err = capsys.readouterr()
    return (out if code == 0 else err).replace(str(ARTEFACTS), "").splitlines()


def test_a_file(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert exported(capsys, "{softmax_adam}.meta --for tf2 -o out") == [
        "_output_shapes: left out of 137 nodes",
        "out/model.meta: 144 nodes",
        "out/model.index, out/model.data-00000-of-00001: the values",
        "TensorFlow goes on with it:",
        "    import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()",
        '    saver = tf.train.import_meta_graph("out/model.meta")',
        "    session = tf.Session()",
        '    saver.restore(session, "out/model")',
        '    session.run("Adam", {"x:0": ..., "y:0": ...})',
    ]
    artefact = Artefact("softmax_adam")
    assert latest_checkpoint("out") == "out/model"
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph("out/model.meta").restore(session, "out/model")
        np.testing.assert_allclose(artefact.steps(session), artefact.losses, rtol=1e-6)


def test_a_script_with_a_loop_is_run_and_trained_on(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lstm.py").write_text(SCRIPT)
    said = exported(capsys, "lstm.py -o out")
    assert said[-1] == '    session.run("Adam", {"x:0": ..., "y:0": ...})'
    losses = _losses("out/model")
    (tmp_path / "lstm.json").write_text(json.dumps(_told(losses)))
    with gs.Graph().as_default() as graph:
        gs.train.import_meta_graph("out/model.meta")
        assert not any(op.type in ("While", "WhileGradient") for op in graph.operations)


def _losses(prefix):
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph(f"{prefix}.meta").restore(session, prefix)
        return [float(session.run(["loss:0", "Adam"], FEEDS)[0]) for _ in range(4)]


def _told(losses):
    return {"feeds": FEEDS, "loss": "loss:0", "train": ["Adam"], "losses": losses}


@pytest.mark.parametrize("version", ["tf1.4", "tf1.15", "tf2"])
def test_tensorflow_trains_on_with_a_script(capsys, tmp_path, monkeypatch, version):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lstm.py").write_text(SCRIPT)
    exported(capsys, f"lstm.py --for {version} -o out")
    losses = _losses("out/model")
    (tmp_path / "out" / "model.json").write_text(json.dumps(_told(losses)))
    found = read(tmp_path / "out", version)
    np.testing.assert_allclose(found["model"], losses, rtol=2e-6)


FROZEN = {
    "softmax_adam": "Softmax",
    "resource_adam": "net/dense_1/BiasAdd",
    "batch_norm": "dense/BiasAdd",
    "dynamic_lstm": "rnn/transpose_1",
    "dynamic_gru": "dense/BiasAdd",
    "partitioned_ftrl": "w",
    "first_version": "MatMul",
}


def _frozen_here(name, output):
    """What a frozen graph of an artefact gives here, and what its checkpoint gives."""
    artefact = Artefact(name)
    message = meta_graphs.read(f"{artefact.prefix}.meta")
    graph_def = frozen(message, artefact.prefix, [output])
    assert not any(n.op in ("Variable", "VariableV2", "VarHandleOp") for n in graph_def.node)
    with gs.Graph().as_default() as graph, gs.Session() as session:
        gs.import_graph_def(graph_def, name="")
        there = {op.name for op in graph.get_operations()}
        feeds = {k: v for k, v in artefact.feeds.items() if k.partition(":")[0] in there}
        given = session.run(f"{output}:0", feeds)
    with gs.Graph().as_default(), gs.Session() as session:
        artefact.open().restore(session, artefact.prefix)
        return given, session.run(f"{output}:0", artefact.feeds), feeds


@pytest.mark.parametrize(("name", "output"), FROZEN.items())
def test_a_frozen_graph_gives_the_same(name, output):
    given, wanted, _ = _frozen_here(name, output)
    np.testing.assert_allclose(given, wanted, rtol=1e-6)


@pytest.mark.parametrize("version", ["tf1.4", "tf1.15", "tf2"])
def test_tensorflow_runs_frozen_graphs(capsys, tmp_path, version):
    wanted = {}
    for name, output in FROZEN.items():
        given, _, feeds = _frozen_here(name, output)
        prefix = ARTEFACTS / name / "model"
        exported(
            capsys,
            f"{prefix}.meta --frozen --output {output} --for {version} -o {tmp_path / name}",
        )
        told = {"feeds": {k: v.tolist() for k, v in feeds.items()}, "output": f"{output}:0"}
        (tmp_path / f"{name}.json").write_text(json.dumps(told))
        wanted[name] = given
    found = read(tmp_path, version, "run_by_tensorflow.py")
    for name, given in wanted.items():
        np.testing.assert_allclose(found[name], given, rtol=2e-5, atol=1e-6, err_msg=name)


WRONG = [
    (
        "{softmax_adam}.meta --frozen -o out",
        [
            "graphscope: A frozen graph is what some outputs need: none is named.",
            "  try: name one: --output loss; there are loss",
        ],
    ),
    (
        "{softmax_adam}.meta --frozen --output Softmx -o out",
        [
            "graphscope: The file has no node 'Softmx'.",
            "  try: did you mean 'Softmax'?",
        ],
    ),
    (
        "{softmax_adam}.meta --output y -o out",
        ["graphscope: --output goes with --frozen: it says what the frozen graph gives."],
    ),
    (
        "{softmax_adam}.meta --frozen --output MatMul --checkpoint {gan} -o out",
        ["graphscope: The checkpoint /gan/model has no W."],
    ),
    ("none.py -o out", ["graphscope: there is no file none.py"]),
    (
        "nothing.py -o out",
        ["graphscope: nothing.py runs no session: there are no values to export."],
    ),
    (
        "stateless.py -o out",
        [
            "graphscope: The script leaves no variable with a value: there is nothing to export.",
        ],
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong(capsys, tmp_path, monkeypatch, text, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing.py").write_text("import tensorflow as tf\n")
    (tmp_path / "stateless.py").write_text(
        "import tensorflow as tf\ntf.Session().run(tf.constant(1.0))\n"
    )
    assert exported(capsys, text, code=2) == said


def test_a_script_that_fails(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.py").write_text("import tensorflow as tf\n1 / 0\n")
    said = exported(capsys, "wrong.py -o out", code=2)
    assert "ZeroDivisionError" in "\n".join(said)
    assert said[-1] == "graphscope: wrong.py ended with an error: nothing is exported."
