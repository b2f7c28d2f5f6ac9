"""Graphs as messages: written, read, changed, put into other graphs; and what is refused."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.formats import exporting
from graphscope.formats.graph_util import (
    convert_variables_to_constants,
    extract_sub_graph,
    remove_training_nodes,
)
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.formats.signatures import signature
from graphscope.graph.registry import OPS
from graphscope.platform import textformat


def again(graph):
    """The graph from its bytes, in the default graph of the block."""
    message = gs.GraphDef.FromString(graph.as_graph_def().SerializeToString())
    gs.import_graph_def(message, name="")
    return message


@pytest.fixture
def small(graph):
    """y = x * 2 + w, and the graph as a message."""
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    w = gs.constant([1.0, 2.0, 3.0], name="w")
    gs.add(x * 2.0, w, name="y")
    return graph.as_graph_def()


def test_a_graph_as_text(small):
    assert str(small) == (
        'node {\n  name: "x"\n  op: "Placeholder"\n'
        '  attr {\n    key: "dtype"\n    value {\n      type: DT_FLOAT\n    }\n  }\n'
        '  attr {\n    key: "shape"\n    value {\n      shape {\n        dim {\n'
        "          size: -1\n        }\n        dim {\n          size: 3\n        }\n"
        "      }\n    }\n  }\n}\n"
        'node {\n  name: "w"\n  op: "Const"\n'
        '  attr {\n    key: "dtype"\n    value {\n      type: DT_FLOAT\n    }\n  }\n'
        '  attr {\n    key: "value"\n    value {\n      tensor {\n        dtype: DT_FLOAT\n'
        "        tensor_shape {\n          dim {\n            size: 3\n          }\n        }\n"
        '        tensor_content: "\\000\\000\\200?\\000\\000\\000@\\000\\000@@"\n'
        "      }\n    }\n  }\n}\n"
        'node {\n  name: "mul/y"\n  op: "Const"\n'
        '  attr {\n    key: "dtype"\n    value {\n      type: DT_FLOAT\n    }\n  }\n'
        '  attr {\n    key: "value"\n    value {\n      tensor {\n        dtype: DT_FLOAT\n'
        "        tensor_shape {\n        }\n        float_val: 2.0\n      }\n    }\n  }\n}\n"
        'node {\n  name: "mul"\n  op: "Mul"\n  input: "x"\n  input: "mul/y"\n'
        '  attr {\n    key: "T"\n    value {\n      type: DT_FLOAT\n    }\n  }\n}\n'
        'node {\n  name: "y"\n  op: "Add"\n  input: "mul"\n  input: "w"\n'
        '  attr {\n    key: "T"\n    value {\n      type: DT_FLOAT\n    }\n  }\n}\n'
        "versions {\n  producer: 27\n}\n"
    )


def test_bytes_and_text_come_back(small):
    again = gs.GraphDef()
    assert again.ParseFromString(small.SerializeToString()) > 100
    assert again == small
    other = GraphDef()
    textformat.merge(str(small), other)
    assert other == small
    assert other.SerializeToString() == small.SerializeToString()
    copied = gs.GraphDef()
    copied.CopyFrom(small)
    copied.node[0].name = "z"
    assert small.node[0].name == "x"
    merged = gs.GraphDef()
    merged.MergeFrom(small)
    merged.MergeFrom(small)
    assert len(merged.node) == 2 * len(small.node)


def test_importing(small):
    with gs.Graph().as_default() as graph, gs.Session() as session:
        y, mul = gs.import_graph_def(small, return_elements=["y:0", "mul"])
        assert (y.name, mul.name) == ("import/y:0", "import/mul")
        assert mul.outputs[0].shape.as_list() == [None, 3]
        assert session.run(y, {"import/x:0": [[1, 1, 1]]}).tolist() == [[3, 4, 5]]
        x = gs.constant([[0.5, 0.5, 0.5]])
        (z,) = gs.import_graph_def(small, {"x:0": x}, ["y:0"], name="again")
        assert session.run(z).tolist() == [[2, 3, 4]]
        assert z.name == "again/y:0"
        (v,) = gs.import_graph_def(small, {"mul": x}, ["y:0"], name="")
        assert session.run(v).tolist() == [[1.5, 2.5, 3.5]]
        assert gs.import_graph_def(small, name="") is None
        names = [op.name for op in graph.operations if op.type == "Add"]
        assert names == ["import/y", "again/y", "y", "y_1"]


def test_what_is_not_imported(small):
    with gs.Graph().as_default():
        with pytest.raises(TypeError, match="graph_def must be a GraphDef proto"):
            gs.import_graph_def(3)
        with pytest.raises(ValueError, match=r"not found in graph_def: \[zz:0\]"):
            gs.import_graph_def(small, input_map={"zz:0": gs.constant(1.0)})
        with pytest.raises(ValueError, match="Requested return_element 'zz:0' not found"):
            gs.import_graph_def(small, return_elements=["zz:0"])
        with pytest.raises(TypeError, match="return_elements must be a list of strings"):
            gs.import_graph_def(small, return_elements=[3])
        with pytest.raises(TypeError, match="input_map must be a dictionary"):
            gs.import_graph_def(small, input_map={3: gs.constant(1.0)})
    for node, message in (
        ({"name": "a", "op": "Identity", "input": ["b"]}, "Node 'a': Unknown input node 'b'"),
        ({"name": "x", "op": "NoOp"}, "Node 'x' is not unique"),
        ({"name": "a b", "op": "NoOp"}, "invalid characters"),
        ({"name": "a", "op": "Identity", "input": ["x:3"]}, "Connecting to invalid output 3"),
        ({"name": "a", "op": "Identity", "input": ["a"]}, "go round in a ring, at 'a'"),
        ({"name": "a", "op": "Exit", "input": ["x"]}, "'a' leaves a loop, and is in none"),
    ):
        damaged = gs.GraphDef()
        damaged.CopyFrom(small)
        damaged.node.add(**node)
        with gs.Graph().as_default(), pytest.raises(ValueError, match=message):
            gs.import_graph_def(damaged)


def test_an_unknown_operation_is_there_and_does_not_run(small):
    node = small.node.add(name="strange", op="NobodyKnows", input=["y", "x", "^mul"])
    node.attr["depth"].i = 3
    small.node.add(name="after", op="Identity", input=["strange:1"]).attr["T"].type = 1
    with gs.Graph().as_default() as graph, gs.Session() as session:
        gs.import_graph_def(small, name="")
        strange = graph.get_operation_by_name("strange")
        assert strange.type == "NobodyKnows"
        assert strange.get_attr("depth") == 3
        assert [t.name for t in strange.inputs] == ["y:0", "x:0"]
        assert session.run("y:0", {"x:0": [[0, 0, 0]]}).tolist() == [[1, 2, 3]]
        with pytest.raises(
            gs.errors.UnimplementedError, match=r"no kernel .* NobodyKnows"
        ) as error:
            session.run("after:0", {"x:0": [[0, 0, 0]]})
        assert error.value.op is strange
        assert session.run("after:0", {"strange:1": 7.0}) == 7.0
        assert "NobodyKnows" in gs.draw("after:0").dot
        assert graph.as_graph_def().node[-2].attr["depth"].i == 3


def test_data_of_a_pipeline_is_fed(graph):
    message = gs.GraphDef()
    queue = message.node.add(name="queue", op="FIFOQueueV2")
    queue.attr["component_types"].list.type.append(1)
    node = message.node.add(name="batch", op="QueueDequeueV2", input=["queue"])
    node.attr["component_types"].list.type.extend([1, 9])
    message.node.add(name="y", op="Neg", input=["batch"]).attr["T"].type = 1
    gs.import_graph_def(message, name="")
    batch = graph.get_operation_by_name("batch")
    assert [t.dtype for t in batch.outputs] == [gs.float32, gs.int64]
    with gs.Session() as session:
        with pytest.raises(gs.errors.UnimplementedError, match="feed what it gives"):
            session.run("y:0")
        assert session.run("y:0", {"batch:0": [1.0, 2.0]}).tolist() == [-1, -2]


def test_loops_and_branches_that_were_made_here_come_back(graph):
    x = gs.placeholder(gs.float64, [None, 2], name="x")
    w = gs.get_variable("w", initializer=np.array([[1.0, 0.5], [-0.5, 1.0]]))
    _, h = gs.while_loop(
        lambda i, h: i < 3,
        lambda i, h: (i + 1, gs.tanh(gs.matmul(h, w)) + gs.cond(i > 1, lambda: x, lambda: h)),
        (0, x),
    )
    rows = gs.map_fn(lambda row: row * gs.reduce_sum(row), h)
    gs.identity(gs.gradients(gs.reduce_sum(rows), w)[0], name="slope")
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        feed = {"x:0": np.array([[0.1, 0.2], [0.3, -0.4], [1.0, 2.0]])}
        expected = session.run([rows.name, "slope:0"], feed)
    with gs.Graph().as_default(), gs.Session() as session:
        again(graph)
        session.run("w/Assign")
        for value, wanted in zip(session.run([rows.name, "slope:0"], feed), expected, strict=True):
            np.testing.assert_array_equal(value, wanted)


def test_an_empty_branch_in_a_loop_comes_back(graph):
    x = gs.placeholder(gs.float64, [2], name="x")
    step = lambda i, h: (i + 1, gs.cond(i > 0, lambda: h, lambda: h * x))  # noqa: E731
    _, h = gs.while_loop(lambda i, h: i < 2, step, (0, x))
    gs.identity(gs.gradients(h, x)[0], name="slope")
    with gs.Graph().as_default(), gs.Session() as session:
        again(graph)
        slope = session.run("slope:0", {"x:0": [3.0, 5.0]})
    np.testing.assert_array_equal(slope, [6.0, 10.0])


def test_shapes_of_what_is_several_operations_in_a_file(graph):
    x = gs.placeholder(gs.float32, [2, 3], name="x")
    gs.gradients(gs.concat([x, x * 2.0], 1), x)
    nodes = {node.name: node for node in graph.as_graph_def(add_shapes=True).node}
    assert "_output_shapes" in nodes["concat"].attr
    assert "_output_shapes" not in nodes["gradients/concat_grad/ConcatGrad"].attr


def test_a_condition_is_written_as_tensorflow_has_it(graph):
    x = gs.placeholder(gs.float32, [], name="x")
    v = gs.Variable(2.0, name="v")
    inner = lambda: gs.cond(x > 10, lambda: x * 100, lambda: v * x)  # noqa: E731
    y = gs.cond(x > 0, inner, lambda: gs.constant(7.0), name="choice")
    gs.identity(gs.gradients(y, x)[0], name="dx")
    types = {node.op for node in graph.as_graph_def().node}
    assert {"Switch", "Merge"} <= types
    assert types.isdisjoint(["If", "SumLike"])
    with gs.Graph().as_default(), gs.Session() as session:
        again(graph)
        session.run("v/Assign")
        for value, expected in ((20.0, [2000.0, 100.0]), (3.0, [6.0, 2.0]), (-1.0, [7.0, 0.0])):
            assert session.run([y.name, "dx:0"], {"x:0": value}) == expected


def test_writing_graphs(small, graph, tmp_path):
    path = gs.train.write_graph(graph, str(tmp_path / "deep"), "graph.pbtxt")
    assert path == str(tmp_path / "deep" / "graph.pbtxt")
    read = GraphDef()
    exporting.read_message((tmp_path / "deep" / "graph.pbtxt").read_bytes(), read)
    assert read == small
    gs.train.write_graph(small, str(tmp_path), "graph.pb", as_text=False)
    assert gs.GraphDef.FromString((tmp_path / "graph.pb").read_bytes()) == small


def test_with_shapes(graph):
    gs.placeholder(gs.float32, [None, 3], name="x")
    shapes = graph.as_graph_def(add_shapes=True).node[0].attr["_output_shapes"].list.shape
    assert [dim.size for dim in shapes[0].dim] == [-1, 3]
    assert len(graph.as_graph_def(from_version=1).node) == 0


def test_an_operation_tells_itself(graph):
    y = gs.matmul(gs.ones([2, 3]), gs.ones([3, 2]), transpose_b=False, name="y")
    told = y.op.node_def
    assert (told.name, told.op, list(told.input)) == ("y", "MatMul", ["ones", "ones_1"])
    assert told.attr["T"].type == 1


def test_every_operation_that_tensorflow_has_is_in_the_table():
    """What is declared here under TensorFlow's name has its number of outputs."""
    for name, definition in OPS.items():
        known = signature(name)
        lists = known is None or any(arg.number or arg.many for arg in known.outputs)
        assert lists or len(known.outputs) == len(definition.outputs), name


# ---- frozen graphs ------------------------------------------------------------------------------


@pytest.mark.parametrize("use_resource", [False, True])
def test_freezing(graph, use_resource):
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    w = gs.get_variable("w", initializer=[[1.0], [2.0]], use_resource=use_resource)
    table = gs.get_variable("table", initializer=[[1.0], [5.0]], use_resource=use_resource)
    rows = gs.nn.embedding_lookup(table, gs.constant([1]))
    gs.add(gs.matmul(x, w), rows, name="y")
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        frozen = convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
    assert {node.op for node in frozen.node}.isdisjoint(["VariableV2", "VarHandleOp", "Assign"])
    with gs.Graph().as_default(), gs.Session() as session:
        (y,) = gs.import_graph_def(frozen, return_elements=["y:0"], name="")
        assert session.run(y, {"x:0": [[1.0, 1.0]]}).tolist() == [[8.0]]
        slimmer = remove_training_nodes(frozen)
        (y,) = gs.import_graph_def(slimmer, return_elements=["y:0"], name="slim")
        assert session.run(y, {"slim/x:0": [[1.0, 1.0]]}).tolist() == [[8.0]]
    assert len(slimmer.node) < len(frozen.node)


def test_a_part_of_a_graph(small):
    part = extract_sub_graph(small, ["mul"])
    assert [node.name for node in part.node] == ["x", "mul/y", "mul"]
    with pytest.raises(AssertionError, match="zz is not in graph"):
        extract_sub_graph(small, ["zz"])
    with pytest.raises(TypeError, match="dest_nodes must be a list"):
        extract_sub_graph(small, "mul")


# ---- meta graphs --------------------------------------------------------------------------------


def test_collections_come_back(graph, tmp_path):
    with gs.name_scope("outer"):
        v = gs.Variable(1.0, name="v")
        y = gs.identity(v * 2.0, name="y")
    local = gs.Variable(3, collections=[gs.GraphKeys.LOCAL_VARIABLES], trainable=False, name="n")
    for name, value in (("texts", "hello"), ("nums", 3), ("reals", 2.5), ("tensors", y)):
        gs.add_to_collection(name, value)
    gs.add_to_collection("ops", y.op)
    gs.add_to_collection("objects", {"a": 1})
    saver = gs.train.Saver()
    path = tmp_path / "m.meta"
    message = saver.export_meta_graph(str(path))
    assert "objects" not in message.collection_def
    assert message.meta_info_def.tensorflow_version == "1.15.5"
    assert MetaGraphDef.FromString(path.read_bytes()) == message
    with gs.Graph().as_default() as other:
        again = gs.train.import_meta_graph(str(path))
        assert [u.name for u in gs.global_variables()] == [v.name]
        assert gs.trainable_variables() == gs.global_variables()
        assert gs.trainable_variables()[0].initial_value.name == v.initial_value.name
        assert [u.name for u in gs.local_variables()] == [local.name]
        assert not gs.local_variables()[0].trainable
        found = {name: other.get_collection(name) for name in ("texts", "nums", "reals")}
        assert found == {"texts": ["hello"], "nums": [3], "reals": [2.5]}
        assert other.get_collection("tensors") == [other.get_tensor_by_name("outer/y:0")]
        assert other.get_collection("ops") == [other.get_operation_by_name("outer/y")]
        assert again.saver_def == saver.saver_def


def test_a_meta_graph_in_a_scope(graph, tmp_path):
    with gs.device("/gpu:0"):
        v = gs.Variable(1.0, name="v")
    path = str(tmp_path / "m.meta")
    with gs.Session() as session:
        session.run(v.initializer)
        values = gs.train.Saver().save(session, str(tmp_path / "m"))
    with gs.Graph().as_default() as other, gs.Session() as session:
        saver = gs.train.import_meta_graph(path, import_scope="deep", clear_devices=True)
        assert saver.saver_def.restore_op_name == "deep/save/restore_all"
        assert gs.global_variables()[0].name == "deep/v:0"
        assert other.get_operation_by_name("deep/v").device == ""
        saver.restore(session, values)
        assert session.run("deep/v:0") == 1.0
        again = gs.train.import_meta_graph(path, import_scope="deep")
        assert again.saver_def.restore_op_name == "deep_1/save/restore_all"
        assert other.get_operation_by_name("deep_1/v").device == "/device:GPU:0"
        groups = other.get_operation_by_name("deep/v/Assign").colocation_groups()
        assert groups == [b"loc:@deep/v"]


def test_a_part_of_a_graph_as_a_meta_graph(graph):
    with gs.name_scope("outer"):
        v = gs.Variable(1.0, name="v")
        gs.identity(v * 2.0, name="y")
    gs.constant(3.0, name="beside")
    message = gs.train.export_meta_graph(export_scope="outer")
    assert [node.name for node in message.graph_def.node] == [
        *("v/initial_value", "v", "v/Assign", "v/read", "mul/y", "mul", "y")
    ]
    with gs.Graph().as_default():
        gs.train.import_meta_graph(message)
        assert gs.global_variables()[0].name == "v:0"


def test_files_that_are_no_meta_graphs(tmp_path):
    with pytest.raises(OSError, match="does not exist"):
        gs.train.import_meta_graph(str(tmp_path / "nothing.meta"))
    (tmp_path / "text.meta").write_text("import this")
    with pytest.raises(OSError, match=r'Cannot parse file .* no field named "import"'):
        gs.train.import_meta_graph(str(tmp_path / "text.meta"))


def test_the_text_format_of_protobuf_has_a_stand_in(small):
    made = compat.companions.COMPANIONS["google.protobuf.text_format"]
    message = made["Merge"](str(small), gs.GraphDef())
    assert message == small
    assert made["Parse"](made["MessageToString"](small), message) == small


def test_protobuf_itself_reads_texts_into_both_kinds_of_messages(small):
    struct_pb2 = pytest.importorskip("google.protobuf.struct_pb2")
    with compat.installed():
        from google.protobuf import text_format

        assert text_format.Merge(str(small), gs.GraphDef()) == small
        assert text_format.Parse(text_format.MessageToString(small), gs.GraphDef()) == small
        value = text_format.Parse('string_value: "a"', struct_pb2.Value())
        assert (value.string_value, text_format.MessageToString(value)) == (
            *("a", 'string_value: "a"\n'),
        )
    with pytest.raises(AttributeError):
        text_format.Merge(str(small), gs.GraphDef())
