"""Models that TensorFlow 1.15 saved go on here: the next losses are those of TensorFlow."""

import json

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, NAMES, Artefact

import graphscope as gs


@pytest.mark.parametrize("name", NAMES)
def test_training_goes_on(graph, name):
    artefact = Artefact(name)
    saver = artefact.open()
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        losses = artefact.steps(session)
    np.testing.assert_allclose(losses, artefact.losses, rtol=1e-6)
    assert len(graph.get_operations()) == artefact.nodes
    assert all(op.definition.doc for op in graph.operations)


@pytest.mark.parametrize(
    "name", ["batch_norm", "dynamic_gru", "first_version", "partitioned_ftrl", "resource_adam"]
)
def test_what_is_saved_here_is_the_same_again(name, tmp_path):
    artefact = Artefact(name)
    with gs.Graph().as_default(), gs.Session() as session:
        saver = artefact.open()
        saver.restore(session, artefact.prefix)
        path = saver.save(session, str(tmp_path / "model"))
    with gs.Graph().as_default(), gs.Session() as session:
        saver = gs.train.import_meta_graph(f"{path}.meta")
        saver.restore(session, path)
        np.testing.assert_allclose(artefact.steps(session), artefact.losses, rtol=1e-6)
    before = gs.train.NewCheckpointReader(artefact.prefix)
    after = gs.train.NewCheckpointReader(path)
    shapes = before.get_variable_to_shape_map()
    assert after.get_variable_to_shape_map() == shapes
    assert after.get_variable_to_dtype_map() == before.get_variable_to_dtype_map()
    for key in shapes:
        np.testing.assert_array_equal(after.get_tensor(key), before.get_tensor(key))


TYPES = {
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
    "bfloat16": np.float32,  # numpy has none: a float32 that is rounded to it
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "complex64": np.complex64,
    "complex128": np.complex128,
    "bool": np.bool_,
}


def test_all_types():
    reader = gs.train.NewCheckpointReader(str(ARTEFACTS / "all_types" / "model"))
    for name, dtype in TYPES.items():
        value = reader.get_tensor(name)
        assert value.dtype == dtype
        np.testing.assert_array_equal(value, np.array([[1, 0, 3], [100, 7, 1]]).astype(dtype))
        assert reader.get_variable_to_dtype_map()[name] == gs.as_dtype(name)
    assert reader.get_tensor("scalar") == np.float32(2.5)
    assert reader.get_tensor("empty").shape == (0, 3)
    texts = reader.get_tensor("texts").tolist()
    assert texts == [[b"a", b""], ["\xff\x00".encode(), b"x" * 300]]
    assert reader.get_tensor("none").shape == (0,)
    assert reader.debug_string().splitlines()[0] == b"bfloat16 (DT_BFLOAT16) [2,3]"


def test_parts_of_a_variable_are_one_in_the_checkpoint(graph):
    artefact = Artefact("partitioned_ftrl")
    saver = artefact.open()
    reader = gs.train.NewCheckpointReader(artefact.prefix)
    assert reader.get_variable_to_shape_map()["w"] == [6, 2]
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        parts = [session.run(f"w/part_{i}:0") for i in range(3)]
    np.testing.assert_array_equal(np.concatenate(parts), reader.get_tensor("w"))
    assert [v._get_save_slice_info().spec for v in gs.global_variables()[:3]] == [
        "6 2 0,2:0,2",
        "6 2 2,2:0,2",
        "6 2 4,2:0,2",
    ]


def test_a_condition_of_an_old_file_runs_one_side(graph):
    artefact = Artefact("batch_norm")
    saver = artefact.open()
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        names = ["batch_normalization/moving_mean:0"]
        before = session.run(names)
        session.run(artefact.loss, {**artefact.feeds, "training:0": False})
        session.run([artefact.train[0]], {**artefact.feeds, "training:0": False})
        np.testing.assert_array_equal(session.run(names), before)
        session.run([artefact.train[0]], artefact.feeds)
        assert np.abs(np.subtract(session.run(names), before)).max() > 0


def test_what_is_dead_has_no_value(graph):
    artefact = Artefact("branches")
    artefact.open()
    with gs.Session() as session:
        pred = {"cond/pred_id:0": True, "MatMul:0": np.ones((4, 2), np.float32)}
        assert session.run("cond/mul:0", pred).shape == (4, 2)
        with pytest.raises(gs.errors.InvalidArgumentError, match=r"Retval.*does not have value"):
            session.run("cond/Relu:0", pred)


def test_reads_and_writes_of_both_kinds_of_variables(graph):
    """The Identity of a ref variable is its memory; a resource variable's read is a value."""
    prefix = ARTEFACTS / "reads_and_writes" / "model"
    told = json.loads((prefix.parent / "read.json").read_text())
    saver = gs.train.import_meta_graph(str(prefix) + ".meta")
    assert [type(v).__name__ for v in gs.global_variables()] == ["RefVariable", "ResourceVariable"]
    with gs.Session() as session:
        for name, expected in told.items():
            saver.restore(session, str(prefix))
            assert session.run(name).tolist() == expected, name


def test_operations_under_their_old_names(graph):
    folder = ARTEFACTS / "old_names"
    told = json.loads((folder / "read.json").read_text())
    gs.train.import_meta_graph(str(folder / "model.meta"))
    x = graph.get_tensor_by_name("x:0")
    with gs.Session() as session:
        for name, expected in told["values"].items():
            value = session.run(name, told["feeds"])
            np.testing.assert_allclose(value, expected, rtol=2e-5, atol=1e-6, err_msg=name)
        sums = [op for op in graph.operations if op.type == "Sum" and op.gradient_of is None]
        own = [
            gs.convert_to_tensor(gs.gradients(op.outputs[0], x)[0]) for op in sums
        ]  # made here, through old names
        for i, value in enumerate(session.run(own, told["feeds"])):
            expected = told["values"][f"slope_{i}:0"]
            np.testing.assert_allclose(value, expected, rtol=1e-5, err_msg=str(i))


@pytest.mark.parametrize("training", [True, False])
def test_gradients_that_are_made_here_go_through_conditions_of_files(graph, training):
    artefact = Artefact("batch_norm")
    saver = artefact.open()
    trained = gs.trainable_variables()
    own = gs.gradients(graph.get_tensor_by_name(artefact.loss), trained)
    theirs = [
        next(op for op in graph.consumers(v._ref()) if op.type == "ApplyGradientDescent").inputs[2]
        for v in trained
    ]
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        feeds = {**artefact.feeds, "training:0": training}
        for mine, wanted in zip(session.run(own, feeds), session.run(theirs, feeds), strict=True):
            np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["static_lstm", "resource_adam", "partitioned_ftrl"])
def test_another_optimizer_trains_what_was_imported(graph, name):
    artefact = Artefact(name)
    saver = artefact.open()
    loss = graph.get_tensor_by_name(artefact.loss)
    before = set(gs.global_variables())
    train = gs.train.AdamOptimizer(0.05, name="Other").minimize(loss)
    added = [v for v in gs.global_variables() if v not in before]
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        session.run(gs.variables_initializer(added))
        losses = [session.run([loss, train], artefact.feeds)[0] for _ in range(8)]
    assert losses[0] == pytest.approx(artefact.losses[0], rel=1e-6)
    assert losses[-1] < 0.97 * losses[0]
