"""``graphscope edit`` on the command line: what is typed, and what it says."""

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, Artefact

import graphscope as gs
from graphscope import cli
from graphscope.formats import graph_util


def typed(capsys, text, code=0):
    """What a command line says; `{name}` in it is an artefact."""
    words = text.format(**{path.name: path / "model" for path in ARTEFACTS.iterdir()}).split()
    assert cli.main(["edit", *words]) == code
    out, err = capsys.readouterr()
    return (out if code == 0 else err).replace(str(ARTEFACTS), "").splitlines()


TRANSCRIPTS = [
    (
        "{softmax_adam}.meta --set-lr 1e-4 -o new.meta",
        ["Adam/learning_rate: 0.01 -> 0.0001", "new.meta is written"],
    ),
    (
        "{gan}.meta --set-lr d_train=1e-4 --set-lr g_train/learning_rate=0.5 -o new.meta",
        [
            "d_train/learning_rate: 0.01 -> 0.0001",
            "g_train/learning_rate: 0.02 -> 0.5",
            "new.meta is written",
        ],
    ),
    (
        "{softmax_adam}.meta --freeze W --freeze b -o new.meta",
        [
            "W: frozen; Adam/update_W/ApplyAdam is not run any more",
            "b: frozen; Adam/update_b/ApplyAdam is not run any more",
            "Adam trains no variable any more",
            "new.meta is written",
        ],
    ),
    (
        "{softmax_adam}.meta --rename W=net/W --checkpoint {softmax_adam} -o new.meta",
        [
            "W -> net/W: 11 nodes",
            "W -> net/W in new",
            "W/Adam -> net/W/Adam in new",
            "W/Adam_1 -> net/W/Adam_1 in new",
            "new: the checkpoint for it",
            "new.meta is written",
        ],
    ),
    (
        "{first_version}.meta --remove-output-shapes --for tf1.4 -o new.meta",
        [
            "_output_shapes: left out of 99 nodes",
            "Fill without index_type: 1 node",
            "Cast without Truncate: 1 node",
            "ApplyAdagrad without update_slots: 1 node",
            "new.meta is written",
        ],
    ),
]


@pytest.mark.parametrize(("text", "said"), TRANSCRIPTS)
def test_what_it_says(text, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert typed(capsys, text) == said
    with gs.Graph().as_default():
        gs.train.import_meta_graph("new.meta")


WRONG = [
    (
        "{gan}.meta --set-lr 1e-4 -o new.meta",
        [
            "graphscope: The file has 2 learning rates: d_train/learning_rate (0.01), for 4 "
            "variables; g_train/learning_rate (0.02), for 4 variables.",
            "  try: say which: --set-lr d_train/learning_rate=VALUE",
        ],
    ),
    (
        "{softmax_adam}.meta --freeze w -o new.meta",
        ["graphscope: The file has no variable 'w'."],
    ),
    (
        "{softmax_adam}.meta --set-lr fast -o new.meta",
        ["graphscope: --set-lr takes a number, or NAME=NUMBER, not 'fast'."],
    ),
    (
        "{softmax_adam}.meta -o new.meta",
        [
            "graphscope: say what to change in /softmax_adam/model.meta: --set-lr, --freeze, "
            "--rename, --for ... Its learning rates: Adam/learning_rate (0.01), for 2 variables"
        ],
    ),
    (
        "none.meta --set-lr 1 -o new.meta",
        ["graphscope: File none.meta does not exist."],
    ),
    (
        "{softmax_adam} --set-lr 1 -o new.meta",
        [
            "graphscope: File /softmax_adam/model does not exist.",
            "  try: the graph of this checkpoint is in /softmax_adam/model.meta",
        ],
    ),
    (
        "{softmax_adam}.meta --rename W -o new.meta",
        ["graphscope: 'W' is not OLD=NEW, two names."],
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong(text, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert typed(capsys, text, code=2) == said
    assert not list(tmp_path.iterdir())


def test_a_rate_in_a_checkpoint(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with gs.Graph().as_default(), gs.Session() as session:
        rate = gs.Variable(0.5, trainable=False, name="rate")
        w = gs.Variable([1.0], name="w")
        gs.train.GradientDescentOptimizer(rate).minimize(gs.reduce_sum(w * w), name="train")
        session.run(gs.global_variables_initializer())
        gs.train.Saver().save(session, "model")
    assert typed(capsys, "model.meta --set-lr 0.25 --checkpoint model -o new.meta") == [
        "rate in new: 0.5 -> 0.25",
        "new: the checkpoint for it",
        "new.meta is written",
    ]
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph("new.meta").restore(session, "new")
        session.run("train")
        assert session.run("w:0") == 0.5


def test_a_graph_alone_and_a_text(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    artefact = Artefact("softmax_adam")
    with gs.Graph().as_default() as graph:
        artefact.open()
        graph_util.write_graph(graph, ".", "graph.pb", as_text=False)
    typed(capsys, "graph.pb --set-lr 0.5 -o graph.pbtxt")
    typed(capsys, "graph.pbtxt --set-lr 0.25 --rename x=images -o again.pb")
    message = gs.GraphDef.FromString((tmp_path / "again.pb").read_bytes())
    with gs.Graph().as_default(), gs.Session() as session:
        found = gs.import_graph_def(
            message, return_elements=["Adam/learning_rate:0", "images:0"], name=""
        )
        assert session.run(found[0]) == np.float32(0.25)


def test_the_command_is_told_of_its_words(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["edit", "--help"])
    assert left.value.code == 0
    assert "--set-lr [NAME=]RATE" in capsys.readouterr().out
