"""`tf.train.Saver`: what it saves and restores, its graph, what it keeps, and what it refuses."""

import contextlib
import os

import numpy as np
import pytest

import graphscope as gs
from graphscope.kernels import files
from graphscope.ops.partitions import fixed_size_partitioner as cut
from graphscope.train.saveables import SaveableObject, SaveSpec


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def test_saving_and_restoring(graph, tmp_path):
    w = gs.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    n = gs.Variable(7, name="n")
    texts = gs.Variable(["a", "bc"], name="texts")
    resource = gs.get_variable("r", initializer=np.arange(3.0), use_resource=True)
    saver = gs.train.Saver()
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        path = saver.save(session, str(tmp_path / "deep" / "model"), global_step=3)
        assert path == str(tmp_path / "deep" / "model-3")
        session.run([w.assign(w * 0), n.assign(0), texts.assign(["", ""])])
        session.run(resource.assign(resource * 0))
        saver.restore(session, path)
        values = session.run([w, n, texts, resource])
    np.testing.assert_array_equal(values[0], [[1, 2], [3, 4]])
    assert values[1] == 7
    assert values[2].tolist() == [b"a", b"bc"]
    np.testing.assert_array_equal(values[3], [0, 1, 2])
    assert listed(tmp_path / "deep") == [
        "checkpoint",
        "model-3.data-00000-of-00001",
        "model-3.index",
        "model-3.meta",
    ]
    assert gs.train.list_variables(str(tmp_path / "deep")) == [
        ("n", []),
        ("r", [3]),
        ("texts", [2]),
        ("w", [2, 2]),
    ]
    np.testing.assert_array_equal(gs.train.load_variable(path, "w"), [[1, 2], [3, 4]])


# As TensorFlow 1.15.5 makes them.
NODES = [
    ("save/filename/input", "Const", []),
    ("save/filename", "PlaceholderWithDefault", ["save/filename/input"]),
    ("save/Const", "PlaceholderWithDefault", ["save/filename"]),
    ("save/SaveV2/tensor_names", "Const", []),
    ("save/SaveV2/shape_and_slices", "Const", []),
    (
        "save/SaveV2",
        "SaveV2",
        [
            *("save/Const", "save/SaveV2/tensor_names", "save/SaveV2/shape_and_slices"),
            *("a", "b", "r/Read/ReadVariableOp"),
        ],
    ),
    ("save/control_dependency", "Identity", ["save/Const", "^save/SaveV2"]),
    ("save/RestoreV2/tensor_names", "Const", []),
    ("save/RestoreV2/shape_and_slices", "Const", []),
    (
        "save/RestoreV2",
        "RestoreV2",
        ["save/Const", "save/RestoreV2/tensor_names", "save/RestoreV2/shape_and_slices"],
    ),
    ("save/Assign", "Assign", ["a", "save/RestoreV2"]),
    ("save/Assign_1", "Assign", ["b", "save/RestoreV2:1"]),
    ("save/Identity", "Identity", ["save/RestoreV2:2"]),
    ("save/AssignVariableOp", "AssignVariableOp", ["r", "save/Identity"]),
    ("save/restore_all", "NoOp", ["^save/Assign", "^save/AssignVariableOp", "^save/Assign_1"]),
]


def test_the_graph_is_that_of_tensorflow(graph):
    gs.get_variable("a", [2])
    gs.get_variable("b", [2], gs.int32)
    gs.get_variable("r", [3], use_resource=True)
    saver = gs.train.Saver()
    nodes = [node for node in graph.as_graph_def().node if node.name.startswith("save/")]
    found = [(node.name, node.op, list(node.input)) for node in nodes]
    assert [(name, op, sorted(taken)) for name, op, taken in found] == [
        (name, op, sorted(taken)) for name, op, taken in NODES
    ]
    assert graph.get_operation_by_name("save/RestoreV2").device == "/device:CPU:0"
    assert str(saver.as_saver_def()) == (
        'filename_tensor_name: "save/Const:0"\n'
        'save_tensor_name: "save/control_dependency:0"\n'
        'restore_op_name: "save/restore_all"\n'
        "max_to_keep: 5\n"
        "keep_checkpoint_every_n_hours: 10000.0\n"
        "version: V2\n"
    )


def test_the_sharded_graph_is_that_of_tensorflow(graph, tmp_path):
    with gs.device("/cpu:0"):
        a = gs.Variable([1.0], name="a")
    b = gs.Variable([2.0], name="b")
    saver = gs.train.Saver(sharded=True)
    names = {op.name: op.type for op in graph.operations if op.name.startswith("save/")}
    assert names["save/ShardedFilename"] == "ShardedFilename"
    assert names["save/num_shards"] == "Const"
    assert names["save/MergeV2Checkpoints/checkpoint_prefixes"] == "Pack"
    assert names["save/MergeV2Checkpoints"] == "MergeV2Checkpoints"
    assert saver.saver_def.save_tensor_name == "save/Identity:0"
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        path = saver.save(session, str(tmp_path / "model"), write_meta_graph=False)
        session.run([a.assign([0.0]), b.assign([0.0])])
        saver.restore(session, path)
        assert session.run([a, b]) == [[1.0], [2.0]]
    assert listed(tmp_path) == ["checkpoint", "model.data-00000-of-00001", "model.index"]


def test_other_names_and_only_some(graph, tmp_path):
    v, w = gs.Variable(1.0, name="v"), gs.Variable(2.0, name="w")
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        path = gs.train.Saver({"x": v}).save(session, str(tmp_path / "m"))
        gs.train.Saver({"x": w}).restore(session, path)
        assert session.run([v, w]) == [1.0, 1.0]
        gs.train.Saver([w]).save(session, str(tmp_path / "only"))
    assert gs.train.list_variables(str(tmp_path / "only")) == [("w", [])]


def test_parts_are_saved_as_one_and_cut_otherwise(tmp_path):
    def make(parts):
        return gs.get_variable("p", [6, 2], gs.float64, partitioner=cut(parts))

    values = np.arange(12.0).reshape(6, 2)
    with gs.Graph().as_default(), gs.Session() as session:
        variable = make(3)
        session.run(variable.assign(values))
        path = gs.train.Saver().save(session, str(tmp_path / "m"))
    np.testing.assert_array_equal(gs.train.load_variable(path, "p"), values)
    for parts in (2, 4):
        with gs.Graph().as_default(), gs.Session() as session:
            variable = make(parts)
            gs.train.Saver().restore(session, path)
            np.testing.assert_array_equal(session.run(gs.convert_to_tensor(variable)), values)
    with gs.Graph().as_default(), gs.Session() as session:
        whole = gs.get_variable("p", [6, 2], gs.float64)
        gs.train.Saver().restore(session, path)
        np.testing.assert_array_equal(session.run(whole), values)


def test_reshape_takes_the_shape_of_the_variable(tmp_path):
    with gs.Graph().as_default(), gs.Session() as session:
        gs.Variable([1.0, 2.0, 3.0, 4.0], name="v")
        session.run(gs.global_variables_initializer())
        path = gs.train.Saver().save(session, str(tmp_path / "m"))
    with gs.Graph().as_default(), gs.Session() as session:
        v = gs.get_variable("v", [2, 2])
        gs.train.Saver(reshape=True).restore(session, path)
        assert session.run(v).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_objects_say_how_they_are_saved(graph, tmp_path):
    v = gs.Variable(5.0, name="v")

    class Doubled(SaveableObject):
        def __init__(self, variable):
            specs = [SaveSpec(variable * 2.0, "", "doubled")]
            super().__init__(variable, specs, "doubled")

        def restore(self, restored_tensors, restored_shapes):
            return self.op.assign(restored_tensors[0] / 2.0)

    saver = gs.train.Saver([Doubled(v)])
    with gs.Session() as session:
        session.run(v.initializer)
        path = saver.save(session, str(tmp_path / "m"))
        assert gs.train.load_variable(path, "doubled") == 10.0
        session.run(v.assign(0.0))
        saver.restore(session, path)
        assert session.run(v) == 5.0


# ---- what is kept -------------------------------------------------------------------------------


def test_the_oldest_is_deleted(graph, tmp_path):
    gs.Variable(1.0, name="v")
    saver = gs.train.Saver(max_to_keep=2)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        paths = [saver.save(session, str(tmp_path / "m"), global_step=i) for i in range(4)]
        assert saver.last_checkpoints == paths[2:]
        saver.save(session, str(tmp_path / "m"), global_step=2)
        assert saver.last_checkpoints == [paths[3], paths[2]]
    assert gs.train.latest_checkpoint(str(tmp_path)) == paths[2]
    state = gs.train.get_checkpoint_state(str(tmp_path))
    assert state.model_checkpoint_path == paths[2]
    assert list(state.all_model_checkpoint_paths) == [paths[3], paths[2]]
    assert {name.partition(".")[0] for name in listed(tmp_path)} == {"checkpoint", "m-2", "m-3"}
    again = gs.train.Saver(max_to_keep=2)
    again.recover_last_checkpoints(state.all_model_checkpoint_paths)
    assert again.last_checkpoints == [paths[3], paths[2]]
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        newest = again.save(session, str(tmp_path / "m"), global_step=9)
    assert again.last_checkpoints == [paths[2], newest]
    assert not gs.train.checkpoint_exists(paths[3])


def test_one_in_some_hours_is_kept(graph, tmp_path):
    gs.Variable(1.0, name="v")
    saver = gs.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=0.0)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        paths = [saver.save(session, str(tmp_path / "m"), global_step=i) for i in range(3)]
    assert saver.last_checkpoints == paths[2:]
    assert all(map(gs.train.checkpoint_exists, paths))


def test_all_are_kept_without_a_number(graph, tmp_path):
    gs.Variable(1.0, name="v")
    saver = gs.train.Saver(max_to_keep=None)
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        paths = [saver.save(session, str(tmp_path / "m"), global_step=i) for i in range(7)]
    assert saver.last_checkpoints == []
    assert all(map(gs.train.checkpoint_exists, paths))


def test_a_folder_that_was_moved_still_works(graph, tmp_path):
    gs.Variable(1.0, name="v")
    saver = gs.train.Saver()
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        saver.save(session, str(tmp_path / "old" / "m"), global_step=1)
        os.rename(tmp_path / "old", tmp_path / "new")
        newest = gs.train.latest_checkpoint(str(tmp_path / "new"))
        assert newest == str(tmp_path / "new" / "m-1")
        saver.restore(session, newest)


def test_relative_paths(graph, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gs.Variable(1.0, name="v")
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        assert gs.train.Saver().save(session, "models/m", global_step=1) == "models/m-1"
        path = gs.train.Saver(save_relative_paths=True).save(session, str(tmp_path / "x" / "m"))
    assert gs.train.latest_checkpoint("models") == "models/m-1"
    text = 'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\n'
    assert (tmp_path / "models" / "checkpoint").read_text() == text
    assert 'path: "m"' in (tmp_path / "x" / "checkpoint").read_text()
    assert gs.train.latest_checkpoint(str(tmp_path / "x")) == path


# ---- a save that is killed ----------------------------------------------------------------------


class Killed(BaseException):
    pass


@pytest.mark.parametrize("survived", range(9))
def test_a_killed_save_leaves_the_last_checkpoint_good(graph, tmp_path, monkeypatch, survived):
    """The process is killed at each place where it gets something onto the disk."""
    v = gs.Variable(1.0, name="v")
    saver = gs.train.Saver(max_to_keep=1)
    calls = iter(range(100))

    def until(real):
        def called(*args):
            if next(calls) >= survived:
                raise Killed
            return real(*args)

        return called

    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        first = saver.save(session, str(tmp_path / "m"), global_step=1)
        session.run(v.assign(2.0))
        monkeypatch.setattr(os, "replace", until(os.replace))
        monkeypatch.setattr(os, "fsync", until(os.fsync))
        with contextlib.suppress(Killed):
            saver.save(session, str(tmp_path / "m"), global_step=2)
        monkeypatch.undo()
        newest = gs.train.latest_checkpoint(str(tmp_path))
        gs.train.Saver().restore(session, newest)
        assert session.run(v) == (1.0 if newest == first else 2.0)
    assert files.content(f"{newest}.index")


# ---- what is refused ----------------------------------------------------------------------------


def test_nothing_to_save(graph):
    with pytest.raises(ValueError, match="No variables to save"):
        gs.train.Saver()
    with pytest.raises(ValueError, match="No variables to save"):
        gs.train.Saver([])
    with gs.Session() as session:
        gs.constant(1.0)
        empty = gs.train.Saver(allow_empty=True)
        assert empty.save(session, "nowhere/m", write_meta_graph=False) is None
        empty.restore(session, "nowhere/m")


def test_names_twice(graph):
    v = gs.Variable(1.0, name="v")
    with pytest.raises(ValueError, match="At least two variables have the same name: v"):
        gs.train.Saver([v, v])
    with pytest.raises(ValueError, match="with two names: y"):
        gs.train.Saver({"x": v, "y": v})
    with pytest.raises(TypeError, match="Not a variable: 3"):
        gs.train.Saver({"x": 3})
    with pytest.raises(AttributeError, match="has no attribute 'name'"):
        gs.train.Saver([3])
    with pytest.raises(TypeError, match="should be passed in a dict or a list"):
        gs.train.Saver(3)


def test_what_cannot_be_restored(graph, tmp_path):
    v = gs.Variable(1.0, name="v")
    saver = gs.train.Saver()
    with gs.Session() as session:
        session.run(v.initializer)
        path = saver.save(session, str(tmp_path / "m"))
        with pytest.raises(ValueError, match=r"not a valid checkpoint: .*nothing"):
            saver.restore(session, str(tmp_path / "nothing"))
        with pytest.raises(ValueError, match="Can't load save_path when it is None"):
            saver.restore(session, None)
        with pytest.raises(gs.errors.NotFoundError) as missing:
            gs.train.Saver({"other": v}).restore(session, path)
    message = str(missing.value)
    assert message.startswith("Restoring from checkpoint failed. This is most likely due to a Var")
    assert "Key other not found in checkpoint" in message
    with gs.Graph().as_default(), gs.Session() as session:
        gs.get_variable("v", [2, 3])
        with pytest.raises(gs.errors.InvalidArgumentError, match=r"lhs shape= \[2,3\] rhs shape= "):
            gs.train.Saver().restore(session, path)
    with gs.Graph().as_default(), gs.Session() as session:
        gs.get_variable("v", [], gs.float64)
        with pytest.raises(gs.errors.InvalidArgumentError, match="does not equal original dtype"):
            gs.train.Saver().restore(session, path)


def test_what_cannot_be_saved(graph, tmp_path):
    gs.Variable(1.0, name="v")
    saver = gs.train.Saver()
    with gs.Session() as session:
        with pytest.raises(gs.errors.FailedPreconditionError, match="uninitialized value v"):
            saver.save(session, str(tmp_path / "m"))
        with pytest.raises(ValueError, match="must not contain path components"):
            saver.save(session, str(tmp_path / "m"), latest_filename="a/b")
        with pytest.raises(ValueError, match="'latest_filename' collides with 'save_path'"):
            saver.save(session, str(tmp_path / "checkpoint"))
        with pytest.raises(TypeError, match="'sess' must be a Session; 3"):
            saver.save(3, str(tmp_path / "m"))
    assert listed(tmp_path) == []


def test_the_readers_errors(tmp_path):
    with pytest.raises(gs.errors.NotFoundError, match="Failed to find any matching files for"):
        gs.train.NewCheckpointReader(str(tmp_path / "m"))
    with pytest.raises(ValueError, match="Couldn't find 'checkpoint' file"):
        gs.train.load_checkpoint(str(tmp_path))
    (tmp_path / "m").write_text("no checkpoint")
    with pytest.raises(gs.errors.DataLossError, match="not an sstable"):
        gs.train.NewCheckpointReader(str(tmp_path / "m"))
    assert gs.train.latest_checkpoint(str(tmp_path)) is None
    assert not gs.train.checkpoint_exists(str(tmp_path / "nothing"))


# ---- beginning with the values of a checkpoint --------------------------------------------------


def test_variables_begin_with_a_checkpoint(tmp_path):
    with gs.Graph().as_default(), gs.Session() as session:
        with gs.variable_scope("old"):
            gs.get_variable("a", initializer=[1.0, 2.0])
            gs.get_variable("b", initializer=[3.0])
        session.run(gs.global_variables_initializer())
        path = gs.train.Saver().save(session, str(tmp_path / "m"))
    with gs.Graph().as_default(), gs.Session() as session:
        with gs.variable_scope("new"):
            a, b = gs.get_variable("a", [2]), gs.get_variable("b", [1], use_resource=True)
        other = gs.get_variable("other", [2])
        gs.train.init_from_checkpoint(path, {"old/": "new/", "old/a": other})
        session.run(gs.global_variables_initializer())
        assert [v.tolist() for v in session.run([a, b, other])] == [[1, 2], [3], [1, 2]]
        with pytest.raises(ValueError, match="Tensor nothing is not found in"):
            gs.train.init_from_checkpoint(path, {"nothing": other})
        with pytest.raises(ValueError, match="doesn't match with shape of tensor"):
            gs.train.init_from_checkpoint(path, {"old/a": gs.get_variable("c", [3])})
