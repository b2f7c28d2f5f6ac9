"""SavedModels: those of TensorFlow 1.15 are loaded here, and what is saved here is loaded there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from formats.conftest import ARTEFACTS

import graphscope as gs
from graphscope import compat, saved_model
from graphscope.formats.messages import TensorInfo

PYTHON = os.environ.get("GRAPHSCOPE_TENSORFLOW")
READING = Path(__file__).with_name("load_by_tensorflow.py")
MODEL = str(ARTEFACTS / "saved_model")
TOLD = json.loads((ARTEFACTS / "saved_model" / "told.json").read_text())


@pytest.fixture
def session():
    with gs.Session(graph=gs.Graph()) as made, made.graph.as_default():
        yield made


def classifier():
    """The model of the artefact, with other values, and its signature."""
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    w = gs.Variable([[0.5, -1.0], [2.0, 0.25], [0.0, 1.0]], name="w")
    scores = gs.nn.softmax(gs.matmul(x, w), name="scores")
    return x, scores, saved_model.predict_signature_def({"images": x}, {"scores": scores})


def saved(session, folder, **more):
    x, scores, signature = classifier()
    session.run(gs.global_variables_initializer())
    builder = saved_model.builder.SavedModelBuilder(folder)
    builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature}, **more)
    assert builder.save() == os.path.join(str(folder), "saved_model.pb").encode()
    return session.run(scores, {x: TOLD["fed"]})


def test_loading(session):
    meta_graph = saved_model.loader.load(session, [saved_model.tag_constants.SERVING], MODEL)
    key = saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    signature = meta_graph.signature_def[key]
    assert signature.method_name == saved_model.signature_constants.PREDICT_METHOD_NAME
    outputs = {name: info.name for name, info in signature.outputs.items()}
    found = session.run(outputs, {signature.inputs["images"].name: TOLD["fed"]})
    np.testing.assert_allclose(found["scores"], TOLD["scores"], rtol=1e-6)
    assert found["classes"].tolist() == TOLD["classes"]
    asset = session.run("used:0")  # what runs at first knows where the asset is
    assert Path(asset.decode()).read_text() == "cat\ndog\n"
    images = saved_model.get_tensor_from_tensor_info(signature.inputs["images"])
    assert images.shape.as_list() == [None, 3]


def test_the_tags_decide(session):
    saved_model.load(session, ["gpu", "train"], MODEL, import_scope="in")
    assert {v.op.name for v in gs.global_variables()} == {"in/w", "in/b"}
    scores = session.run("in/scores:0", {"in/x:0": TOLD["fed"]})
    np.testing.assert_allclose(scores, TOLD["scores"], rtol=1e-6)


@pytest.mark.parametrize(
    ("tags", "folder", "kind", "sentence"),
    [
        (
            ["train"],
            MODEL,
            RuntimeError,
            r"tags 'train' could not be found.*\['serve'\], \['train'",
        ),
        ([], MODEL, RuntimeError, "could not be found in SavedModel"),
        ("serve", MODEL, TypeError, r"such as \['serve'\]"),
        (
            ["serve"],
            str(ARTEFACTS),
            OSError,
            r"does not exist at: .*\{saved_model.pbtxt\|saved_mod",
        ),
    ],
)
def test_loading_what_is_not_there(session, tags, folder, kind, sentence):
    with pytest.raises(kind, match=sentence):
        saved_model.load(session, tags, folder)


def test_is_it_one():
    assert saved_model.contains_saved_model(MODEL)
    assert saved_model.maybe_saved_model_directory(MODEL)
    assert not saved_model.maybe_saved_model_directory(str(ARTEFACTS))


@pytest.mark.parametrize("as_text", [False, True])
def test_what_is_saved_is_loaded(session, tmp_path, as_text):
    x, scores, signature = classifier()
    session.run(gs.global_variables_initializer())
    builder = saved_model.Builder(tmp_path / "model")
    builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
    with gs.Graph().as_default():
        classifier()
        builder.add_meta_graph(["other"])
    path = builder.save(as_text=as_text)
    assert path.decode().endswith("pbtxt" if as_text else "pb")
    expected = session.run(scores, {x: TOLD["fed"]})
    for tags in (["serve"], ["other"]):
        with gs.Session(graph=gs.Graph()) as other:
            saved_model.load(other, tags, tmp_path / "model")
            np.testing.assert_array_equal(other.run("scores:0", {"x:0": TOLD["fed"]}), expected)
    found = gs.open_file(tmp_path / "model")
    assert [graph.tags for graph in found.graphs] == [("serve",), ("other",)]
    assert found.format == ("text" if as_text else "binary")


def test_simple_save(session, tmp_path):
    x, scores, _ = classifier()
    session.run(gs.global_variables_initializer())
    gs.saved_model.simple_save(session, str(tmp_path / "model"), {"x": x}, {"y": scores})
    with gs.Session(graph=gs.Graph()) as other:
        told = saved_model.load(other, ["serve"], tmp_path / "model").signature_def
        (signature,) = told.values()
        value = other.run(signature.outputs["y"].name, {signature.inputs["x"].name: TOLD["fed"]})
        np.testing.assert_array_equal(value, session.run(scores, {x: TOLD["fed"]}))


def test_assets_and_what_runs_at_first(session, tmp_path):
    (tmp_path / "words.txt").write_text("one\n")
    words = gs.constant(str(tmp_path / "words.txt"), name="words")
    used = gs.Variable("", name="used", trainable=False, collections=["local_variables"])
    first = gs.assign(used, words).op
    saved(session, tmp_path / "model", assets_collection=[words], main_op=first)
    os.remove(tmp_path / "words.txt")
    with gs.Session(graph=gs.Graph()) as other:
        saved_model.load(other, ["serve"], tmp_path / "model")
        assert other.run("used:0").decode() == str(tmp_path / "model" / "assets" / "words.txt")
    with pytest.raises(ValueError, match="already contains one or more main ops"):
        saved_model.Builder(tmp_path / "b").add_meta_graph_and_variables(
            session, ["serve"], main_op=first
        )


def test_a_model_without_variables(session, tmp_path):
    x = gs.placeholder(gs.float32, [], name="x")
    saved_model.simple_save(session, tmp_path / "model", {"x": x}, {"y": gs.identity(x * 2, "y")})
    with gs.Session(graph=gs.Graph()) as other:
        saved_model.load(other, ["serve"], tmp_path / "model")
        assert other.run("y:0", {"x:0": 4.0}) == 8.0


def test_a_model_whose_values_are_not_there(session, tmp_path):
    saved(session, tmp_path / "model")
    for path in (tmp_path / "model" / "variables").iterdir():
        path.unlink()
    with gs.Session(graph=gs.Graph()) as other, pytest.raises(ValueError, match="no checkpoint"):
        saved_model.load(other, ["serve"], tmp_path / "model")


def test_a_main_op(session, tmp_path):
    """First values, and then those of a checkpoint."""
    w = gs.Variable(1.0, name="w")
    op = saved_model.main_op.main_op()
    with gs.control_dependencies([op]):
        restore = gs.assign(w, 5.0, name="restore").op
    session.run(saved_model.main_op_with_restore(restore.name))
    assert session.run(w) == 5.0


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda b, s, g: b.add_meta_graph(["a"]), AssertionError, "has not been saved yet"),
        (
            lambda b, s, g: b.add_meta_graph_and_variables(s, ["a"], {"__saved_model_init_op": g}),
            KeyError,
            "is reserved",
        ),
        (
            lambda b, s, g: b.add_meta_graph_and_variables(s, ["a"], main_op="init"),
            TypeError,
            "main_op needs to be an Operation",
        ),
        (
            lambda b, s, g: b.add_meta_graph_and_variables(
                s, ["a"], {"k": saved_model.build_signature_def({"x": TensorInfo()})}
            ),
            AssertionError,
            "must have the name and dtype",
        ),
        (
            lambda b, s, g: b.add_meta_graph_and_variables(
                s, ["a"], assets_collection=[gs.placeholder(gs.string)]
            ),
            ValueError,
            "Invalid asset filepath tensor",
        ),
    ],
)
def test_what_is_refused(session, tmp_path, call, kind, sentence):
    _, _, signature = classifier()
    session.run(gs.global_variables_initializer())
    with pytest.raises(kind, match=sentence):
        call(saved_model.Builder(tmp_path / "model"), session, signature)


def test_a_folder_that_is_not_empty(session, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AssertionError, match="already exists, and isn't empty"):
        saved_model.Builder(tmp_path)
    saved(session, tmp_path / "model")
    builder = saved_model.Builder(tmp_path / "other")
    builder.add_meta_graph_and_variables(session, ["serve"])
    with pytest.raises(AssertionError, match="already been saved"):
        builder.add_meta_graph_and_variables(session, ["serve"])


# ---- signatures ---------------------------------------------------------------------------------


def test_signatures_that_are_served(session):
    x = gs.placeholder(gs.string, [None])
    y = gs.placeholder(gs.float32, [None])
    number = gs.Variable(1.0)
    build = saved_model.build_signature_def
    good = [
        saved_model.predict_signature_def({"x": y}, {"y": number}),
        saved_model.regression_signature_def(x, y),
        saved_model.classification_signature_def(x, x, y),
        saved_model.classification_signature_def(x, None, y),
        saved_model.classification_signature_def(x, x, None),
    ]
    assert all(map(saved_model.is_valid_signature, good))
    info = saved_model.build_tensor_info(y)
    bad = [
        None,
        build({"x": info}, {"y": info}, "my/method"),
        build({}, {"y": info}, saved_model.PREDICT_METHOD_NAME),
        build({"inputs": info}, {"outputs": info}, saved_model.REGRESS_METHOD_NAME),
        build({"inputs": info}, {"scores": info}, saved_model.CLASSIFY_METHOD_NAME),
    ]
    assert not any(map(saved_model.is_valid_signature, bad))


@pytest.mark.parametrize(
    "call",
    [
        lambda s, f: saved_model.predict_signature_def({}, {"y": f}),
        lambda s, f: saved_model.predict_signature_def({"x": f}, None),
        lambda s, f: saved_model.regression_signature_def(f, f),
        lambda s, f: saved_model.regression_signature_def(s, s),
        lambda s, f: saved_model.regression_signature_def(s, None),
        lambda s, f: saved_model.classification_signature_def(None, s, f),
        lambda s, f: saved_model.classification_signature_def(s, None, None),
        lambda s, f: saved_model.classification_signature_def(s, f, f),
    ],
)
def test_signatures_that_are_none(session, call):
    with pytest.raises(ValueError, match=r"cannot|must be"):
        call(gs.placeholder(gs.string), gs.placeholder(gs.float32))


# ---- under TensorFlow's names, and in TensorFlow ------------------------------------------------


def test_the_names_of_tensorflow():
    with compat.installed() as tf:
        from tensorflow.python.saved_model import loader, tag_constants
        from tensorflow.python.saved_model.signature_def_utils import predict_signature_def

        assert tf.saved_model.loader.load is tf.compat.v1.saved_model.load is loader.load
        assert tf.saved_model.tag_constants.SERVING == tag_constants.SERVING == "serve"
        assert tf.saved_model.predict_signature_def is predict_signature_def
        assert tf.saved_model.builder.SavedModelBuilder is tf.saved_model.Builder


@pytest.mark.skipif(
    PYTHON is None, reason="GRAPHSCOPE_TENSORFLOW names no Python with TensorFlow 1.15"
)
def test_tensorflow_loads_what_is_saved_here(session, tmp_path):
    (tmp_path / "words.txt").write_text("one\n")
    words = gs.constant(str(tmp_path / "words.txt"), name="words")
    used = gs.Variable("", name="used", trainable=False, collections=["local_variables"])
    more = {"assets_collection": [words], "main_op": gs.assign(used, words).op}
    expected = saved(session, tmp_path / "model", **more)
    done = subprocess.run(
        [PYTHON, READING, tmp_path / "model", json.dumps(TOLD["fed"])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    np.testing.assert_allclose(told["scores"], expected, rtol=1e-6)
    assert told["used"] == str(tmp_path / "model" / "assets" / "words.txt")
    assert told["valid"]
    assert sys.modules.get("tensorflow") is None
