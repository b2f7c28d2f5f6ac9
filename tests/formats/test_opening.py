"""`open_file`: what a file is and what is in it, told without importing it."""

import json
import os
import re
import shutil

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, NAMES, Artefact

import graphscope as gs
from graphscope import cli
from graphscope.formats.messages import GraphDef, MetaGraphDef, NodeDef
from graphscope.platform.messages import RunMetadata, RunOptions

#: For each file: what it is, how many nodes, and (name, method, learning rate) of its optimizers.
FACTS = [
    ("linear_sgd/model.meta", "meta graph", [("train", "GradientDescent", 0.05)]),
    ("softmax_adam/model.meta", "meta graph", [("Adam", "Adam", 0.01)]),
    ("softmax_adam/model", "checkpoint", [("Adam", "Adam", 0.01)]),
    ("softmax_adam/model.data-00000-of-00001", "checkpoint", [("Adam", "Adam", 0.01)]),
    ("softmax_adam/checkpoint", "checkpoint", [("Adam", "Adam", 0.01)]),
    ("mlp_momentum_decay", "checkpoint", [("train", "Momentum", None)]),
    ("gan/model.meta", "meta graph", [("d_train", "Adam", 0.01), ("g_train", "Adam", 0.02)]),
    ("conv_average/model.meta", "meta graph", [("RMSProp", "RMSProp", 0.01)]),
    ("partitioned_ftrl/model.meta", "meta graph", [("train", "Ftrl", 0.1)]),
    ("sharded", "checkpoint", [("train", "Adadelta", 1.0)]),
    ("first_version/model", "checkpoint", [("train", "Adagrad", 0.1)]),
    ("resource_adam/model.meta", "meta graph", [("net/train", "Adam", 0.02)]),
    ("dynamic_gru/model.meta", "meta graph", [("train", "Adagrad", 0.1)]),
    ("functions/model.meta", "meta graph", [("train", "Momentum", 0.05)]),
    ("as_in_1/model.meta", "meta graph", [("Adam", "Adam", 0.01)]),
    ("pipelines/model.meta", "meta graph", [("train", "GradientDescent", None)]),
    ("frozen/graph.pb", "graph", []),
    ("frozen/graph.pbtxt", "graph", []),
    ("saved_model", "SavedModel", []),
    ("saved_model_2/saved_model.pb", "SavedModel", []),
    ("events", "event file", []),
    ("all_types/model.index", "checkpoint", None),
]


@pytest.mark.parametrize(("file", "what", "optimizers"), FACTS, ids=[file for file, *_ in FACTS])
def test_what_files_are(file, what, optimizers):
    found = gs.open_file(ARTEFACTS / file)
    assert found.what == what
    if optimizers is None:
        assert found.graphs == ()
        return
    told = [
        (each.name, each.method, each.rate.value if each.rate else None)
        for each in found.graphs[0].optimizers
    ]
    assert told == optimizers


@pytest.mark.parametrize("name", NAMES)
def test_a_step_is_told_that_can_be_run(name, graph):
    """What is told of losses, train operations and feeds is what the model's maker knows."""
    artefact = Artefact(name)
    found = gs.open_file(f"{artefact.prefix}.meta")
    (told,) = found.graphs
    assert told.nodes == artefact.nodes
    assert artefact.loss in [guess.tensor.name for guess in told.losses]
    run_by = [name for optimizer in told.optimizers for name in optimizer.run_by]
    assert set(artefact.train) <= set(run_by)
    assert set(told.fed) == set(artefact.feeds)
    assert told.problems == told.not_run == ()
    saver = artefact.open()
    trained = {name for optimizer in told.optimizers for name in optimizer.variables}
    assert trained == {variable.op.name for variable in gs.trainable_variables()}
    stored = {each.name: each.shape for each in found.checkpoint.stored}
    assert stored == {n: tuple(s) for n, s in gs.train.list_variables(artefact.prefix)}
    assert told.saver.restore == saver.saver_def.restore_op_name


def test_the_learning_rate_of_an_imported_graph():
    """Which tensor it is, its value, and what would change it."""
    (graph,) = gs.open_file(ARTEFACTS / "softmax_adam" / "model.meta").graphs
    rate = graph.optimizers[0].rate
    assert (rate.tensor, rate.is_a, rate.value) == ("Adam/learning_rate:0", "constant", 0.01)
    (graph,) = gs.open_file(ARTEFACTS / "mlp_momentum_decay" / "model.meta").graphs
    rate = graph.optimizers[0].rate
    assert (rate.tensor, rate.is_a, rate.value) == ("rate:0", "computed", None)
    assert ("rate/initial_learning_rate", 0.1) in rate.behind
    assert ("global_step", 3.0) in rate.behind  # its value is in the checkpoint
    assert graph.optimizers[0].numbers["momentum"].value == 0.9
    (graph,) = gs.open_file(ARTEFACTS / "pipelines" / "model.meta").graphs
    assert graph.optimizers[0].rate.is_a == "placeholder"


def test_a_learning_rate_that_is_a_variable(tmp_path, graph):
    rate = gs.Variable(0.25, trainable=False, name="rate")
    w = gs.Variable([1.0, 2.0], name="w")
    gs.train.GradientDescentOptimizer(rate).minimize(gs.reduce_sum(w * w, name="loss"))
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        path = gs.train.Saver().save(session, str(tmp_path / "model"))
    found = gs.open_file(f"{path}.meta")
    told = found.graphs[0].optimizers[0].rate
    assert (told.is_a, told.source, told.value) == ("variable", "rate", 0.25)
    assert "the learning rate is the variable rate, 0.25 in the checkpoint" in str_of(found)


def str_of(found):
    return " ".join(str(found).split())


def test_inputs_pipelines_and_what_cannot_run():
    (graph,) = gs.open_file(ARTEFACTS / "pipelines" / "model.meta").graphs
    gives = {each.name: [t.name for t in each.gives] for each in graph.pipelines}
    assert gives["batch"] == ["batch:0", "batch:1"]
    assert gives["next"] == ["next:0"]
    assert [(each.type, each.first) for each in graph.not_run] == [("PyFunc", "odd")]
    assert graph.fed == ("batch:0", "batch:1", "next:0", "rate:0")
    (graph,) = gs.open_file(ARTEFACTS / "batch_norm" / "model.meta").graphs
    assert [(each.tensor.name, each.default) for each in graph.inputs] == [
        ("x:0", None),
        ("y:0", None),
        ("training:0", "True"),
    ]


def test_what_is_told_to_be_fed_runs(graph):
    """A pipeline is fed where it is told; nothing of it is needed."""
    folder = ARTEFACTS / "pipelines"
    told = json.loads((folder / "told.json").read_text())
    saver = gs.import_file(folder / "model.meta")
    with gs.Session() as session:
        saver.restore(session, str(folder / "model"))
        assert session.run("whole_loss:0", told["feeds"]) == pytest.approx(told["loss"], rel=1e-6)
        with pytest.raises(
            gs.errors.UnimplementedError, match=r"no kernel for the operation PyFunc"
        ):
            session.run("odd_sum:0", told["feeds"])


def test_unknown_operations_do_not_block(tmp_path, graph):
    """A type that nobody has heard of is told, imported, drawn, and named when it is run."""
    message = GraphDef()
    message.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    message.node.add(name="odd", op="FancyNewOp", input=["x"])
    message.node.add(name="y", op="Identity", input=["odd:1"]).attr["T"].type = 1
    path = tmp_path / "strange.pb"
    path.write_bytes(message.SerializeToString())
    (told,) = gs.open_file(path).graphs
    assert [(each.type, each.count, each.first) for each in told.not_run] == [
        ("FancyNewOp", 1, "odd")
    ]
    gs.import_file(path)
    assert "FancyNewOp" in str(gs.draw("y:0"))
    with gs.Session() as session:
        with pytest.raises(gs.errors.UnimplementedError, match="FancyNewOp"):
            session.run("y:0", {"x:0": 1.0})
        assert session.run("y:0", {"odd:1": 2.0}) == 2.0


def test_problems_of_a_graph_are_told(tmp_path):
    message = GraphDef(node=[NodeDef(name="a", op="Identity", input=["nowhere"])] * 2)
    (tmp_path / "bad.pb").write_bytes(message.SerializeToString())
    (told,) = gs.open_file(tmp_path / "bad.pb").graphs
    assert told.problems == (
        "1 nodes have names that others have",
        "a takes nowhere, which is not there",
    )


def test_an_event_file():
    found = gs.open_file(ARTEFACTS / "events")
    assert (found.events.events, found.events.first_step, found.events.last_step) == (7, 0, 3)
    assert found.events.tags == {"highest": 3}
    (run,) = found.events.runs
    assert (run.tag, run.step, run.nodes > 5, run.microseconds > 0) == ("step 3", 3, True, True)


def test_an_event_file_that_is_cut_off_is_told_up_to_there(tmp_path):
    content = (ARTEFACTS / "events" / "events.out.tfevents.1").read_bytes()
    path = tmp_path / "events.out.tfevents.2"
    path.write_bytes(content[:-5])
    found = gs.open_file(path)
    assert found.events.events == 6
    assert "damaged" in found.events.cut_off
    assert found.graphs[0].nodes == 20
    path.write_bytes(content[:9])
    with pytest.raises(gs.errors.DataLossError, match="is damaged"):
        gs.open_file(path)


def test_event_files_that_are_written_here(tmp_path, graph):
    """The graph, and when each node of a run ran, come back; with the shapes for TensorBoard."""
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    w = gs.Variable(gs.ones([3, 2]), name="w")
    loss = gs.reduce_mean(gs.nn.relu(gs.matmul(x, w)), name="loss")
    train = gs.train.AdamOptimizer(0.1).minimize(loss)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        told = RunMetadata()
        options = RunOptions(trace_level=RunOptions.FULL_TRACE)
        session.run([loss, train], {x: [[1, 2, 3]]}, options, told)
    with gs.summary.FileWriter(str(tmp_path), graph) as writer:
        writer.add_run_metadata(told, "first", 1)
    found = gs.open_file(tmp_path)
    assert found.graphs[0].optimizers[0].rate.value == 0.1
    assert found.events.runs[0].nodes == len(told.step_stats.dev_stats[0].node_stats) > 5
    with gs.Graph().as_default() as again:
        gs.import_file(tmp_path)
        assert again.get_tensor_by_name("MatMul:0").shape.as_list() == [None, 2]
        assert {op.name for op in graph.get_operations()} <= {op.name for op in again.operations}


@pytest.mark.parametrize("file", ["frozen/graph.pb", "frozen/graph.pbtxt", "events"])
def test_import_file(file, graph):
    assert gs.import_file(ARTEFACTS / file) is None
    told = json.loads((ARTEFACTS / "frozen" / "told.json").read_text())
    feeds = {"x:0": told["fed"]}
    if file == "events":
        feeds |= {"w/read:0": [[1, 2], [3, 4], [5, 7]], "b/read:0": [0.5, -0.5]}
    with gs.Session() as session:
        np.testing.assert_allclose(session.run("scores:0", feeds), told["scores"], atol=1e-6)


# ---- errors -------------------------------------------------------------------------------------

ERRORS = [
    ("nothing", None, gs.errors.NotFoundError, "There is no file nothing"),
    ("empty.meta", b"", gs.errors.DataLossError, "empty.meta is empty"),
    ("a.pb", b"\x80\x04\x95abc", gs.errors.InvalidArgumentError, "never opened here"),
    ("a.pb", b"\x1f\x8b\x08", gs.errors.InvalidArgumentError, "gunzip"),
    ("a.meta", b"\x89HDF\r\n", gs.errors.InvalidArgumentError, "HDF5"),
    ("a.txt", b"hello there", gs.errors.InvalidArgumentError, "no file of TensorFlow"),
    ("a.index", b"hello there", gs.errors.DataLossError, "not an sstable"),
    ("a.meta", b"\x0a\xff\xff", gs.errors.DataLossError, "a.meta is damaged"),
    ("a.pbtxt", b"node { name: 'a", gs.errors.DataLossError, "not in the text format"),
    ("a.pbtxt", b"node { nam: 'a' }", gs.errors.DataLossError, 'no field named "nam"'),
    ("checkpoint", b"model_checkpoint_path: 'm", gs.errors.DataLossError, "checkpoint is damaged"),
    ("checkpoint", b"model_checkpoint_path: '/etc/m'", gs.errors.NotFoundError, r"no file \./m"),
]


@pytest.mark.parametrize(("name", "content", "kind", "sentence"), ERRORS)
def test_errors(tmp_path, monkeypatch, name, content, kind, sentence):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(kind, match=sentence):
        gs.open_file(name)


def test_a_name_that_is_nearly_right(tmp_path):
    shutil.copytree(ARTEFACTS / "first_version", tmp_path / "f")
    os.remove(tmp_path / "f" / "model")
    with pytest.raises(gs.errors.NotFoundError, match=r"there are model\.meta"):
        gs.open_file(tmp_path / "f" / "model")
    os.remove(tmp_path / "f" / "checkpoint")
    with pytest.raises(gs.errors.NotFoundError, match=r"open one of its files: model\.meta"):
        gs.open_file(tmp_path / "f")


def test_a_file_that_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.meta")
    with pytest.raises(gs.errors.NotFoundError):
        gs.open_file(tmp_path / "model.meta")


# ---- the command --------------------------------------------------------------------------------

TRANSCRIPTS = sorted((ARTEFACTS.parents[1] / "transcripts" / "open").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcripts(path, capsys, monkeypatch, transcript):
    """GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes the files anew, to be read before they are
    committed."""
    monkeypatch.chdir(ARTEFACTS)
    expected = path.read_text()
    first = expected.splitlines()[0]
    code = cli.main(first.removeprefix("$ graphscope ").split())
    said = capsys.readouterr()
    actual = f"{first}\n{said.out}{said.err}"
    to_copy = re.compile(r" {3}[^ #]")  # what is to be copied is not broken
    assert all(len(line) <= 80 for line in said.out.splitlines() if not to_copy.match(line))
    assert code == (2 if said.err else 0)
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        path.write_text(actual)
    transcript.same(actual, expected)


def test_there_are_transcripts():
    assert len(TRANSCRIPTS) >= 8


def test_json_is_the_same_as_data(capsys):
    path = str(ARTEFACTS / "gan" / "model.meta")
    assert cli.main(["open", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = gs.open_file(path)
    assert told["what"] == found.what
    (graph,) = told["graphs"]
    assert [each["rate"]["tensor"] for each in graph["optimizers"]] == [
        "d_train/learning_rate:0",
        "g_train/learning_rate:0",
    ]
    assert graph["inputs"][0]["tensor"] == {
        "kind": "TensorFact",
        "name": "x:0",
        "dtype": "float32",
        "sizes": [None, 4],
    }


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--jsn"]])
def test_the_command_line(words, capsys):
    assert cli.main(["open", *words]) == 2
    told = "open takes one file" if words else "open needs a file: graphscope open FILE"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "file", ["softmax_adam/model.meta", "saved_model", "saved_model_2", "frozen/graph.pbtxt"]
)
def test_what_next_can_be_done(file, monkeypatch, graph):
    """The lines that are told run as they stand, but for what is fed."""
    monkeypatch.chdir(ARTEFACTS)
    found = gs.open_file(file)
    told = "softmax_adam/next.json" if "soft" in file else f"{file.split('/')[0]}/told.json"
    feeds = json.loads((ARTEFACTS / told).read_text())
    space = {}
    for step in found.next_steps:
        if step.code.startswith("graphscope "):
            continue
        code = step.code.replace("gs.set_trace(); ", "value = ")
        for name in found.graphs[0].fed or ["x:0", "serving_default_x:0"]:
            fed = feeds.get("feeds", {}).get(name) or feeds["fed"]
            fed = fed[0] if file == "saved_model_2" else fed
            code = code.replace(f"{name!r}: ...", f"{name!r}: {fed!r}")
        assert "..." not in code
        exec(code, space)
    space["sess"].close()
    value = space["value"]
    if file == "saved_model_2":
        assert value.tolist() == feeds["y"][0]
    elif "soft" in file:
        assert value[0] == pytest.approx(feeds["losses"][0], rel=1e-6)
    else:
        assert len(value) == 2


def test_what_a_meta_graph_around_a_graph_keeps():
    """Fields that are looked into since are written as they were read."""
    path = ARTEFACTS / "saved_model_2" / "saved_model.pb"
    from graphscope.formats.messages import SavedModel

    content = path.read_bytes()
    message = SavedModel.FromString(content)
    again = SavedModel.FromString(message.SerializeToString())
    assert str(again) == str(message)
    assert isinstance(again.meta_graphs[0], MetaGraphDef)
    assert len(message.SerializeToString()) == len(content)


@pytest.mark.parametrize("name", ["softmax_adam", "gan", "mlp_momentum_decay", "functions"])
def test_the_command_that_changes_the_rate(name, monkeypatch, tmp_path, capsys):
    """It does what it says, and what it wrote is opened again."""
    monkeypatch.chdir(ARTEFACTS)
    found = gs.open_file(f"{name}/model.meta")
    (code,) = [s.code for s in found.next_steps if s.code.startswith("graphscope edit")]
    *words, _ = code.removeprefix("graphscope ").split()
    assert cli.main([*words, str(tmp_path / "new.meta")]) == 0
    before, after = (
        f.graphs[0].optimizers[0].rate for f in (found, gs.open_file(tmp_path / "new.meta"))
    )
    if before.is_a == "constant":
        assert after.value == pytest.approx(before.value / 10)
    else:
        assert dict(after.behind)["rate/initial_learning_rate"] == pytest.approx(0.01)
