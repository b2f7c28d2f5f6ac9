"""Functions of files: conditions and loops of the second kind are stepped into like any others."""

import json

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, Artefact

import graphscope as gs
from graphscope.formats.messages import FunctionDef, GraphDef
from graphscope.graph.registry import OLD_OPS
from graphscope.platform.tensors import TensorShapeProto


@pytest.fixture
def opened(graph):
    """The artefact with a loop and a condition, restored, in a session."""
    artefact = Artefact("functions")
    saver = artefact.open()
    with gs.Session() as session:
        saver.restore(session, artefact.prefix)
        yield artefact, session


def test_functions_are_stepped_into(opened):
    artefact, session = opened
    debugger = gs.debug(session, artefact.loss, artefact.feeds)
    seen = []
    while not debugger.done:
        debugger.step()
        seen.append(debugger.timeline.steps[-1].node.name)
    assert seen.count("while/repeated/MatMul") == 3
    assert seen.count("while/tested/Less") == 4
    sides = {name.split("/")[1] for name in seen if name.startswith("cond/")}
    assert len(sides & {"then", "orelse"}) == 1
    assert seen.index("while/repeated/MatMul") < seen.index("while") < seen.index("cond")


def test_a_place_in_a_loop_is_a_place_to_stop(opened):
    artefact, session = opened
    debugger = gs.debug(session, artefact.loss, artefact.feeds)
    text = str(debugger.until("while/repeated/MatMul"))
    assert "in iteration 1 of while" in text
    debugger.until("while/repeated/MatMul")
    assert "in iteration 2 of while" in str(debugger.where())


def test_gradients_of_the_file_are_a_backward_pass(opened):
    artefact, session = opened
    text = gs.debug(session, artefact.train[0], artefact.feeds).onecmd("plan").text
    assert "gradients/while_grad/while_grad (" in text
    inside = [
        op
        for op in session.graph.operations
        if op.name.startswith(("gradients/while_grad/while_grad/", "gradients/cond_grad/If/"))
    ]
    assert inside
    assert all(op.gradient_of is not None for op in inside)


def test_no_more_gradients_are_made_of_them(opened):
    """A gradient that is made here does not silently end at a call: it is an error."""
    _, session = opened
    loss, w = (session.graph.get_tensor_by_name(name) for name in ("loss:0", "m/w:0"))
    with pytest.raises(LookupError, match=r"No gradient defined for operation 'cond' .*If"):
        gs.gradients(loss, w)


def test_they_are_drawn_closed_and_open(opened):
    artefact, _ = opened
    closed = str(gs.draw(artefact.loss))
    assert "repeats " in closed
    assert "repeated/" not in closed
    opened_up = str(gs.draw(artefact.loss, expand=["while", "cond"]))
    assert "repeated/" in opened_up
    assert "starts at" in opened_up


def test_a_file_that_is_written_again_has_its_functions(opened, tmp_path):
    artefact, session = opened
    names = {f.signature.name for f in session.graph.as_graph_def().library.function}
    assert len(names) == 12
    path = gs.train.Saver().save(session, str(tmp_path / "again"))
    with gs.Graph().as_default() as graph, gs.Session() as other:
        saver = gs.train.import_meta_graph(f"{path}.meta")
        saver.restore(other, path)
        np.testing.assert_allclose(artefact.steps(other), artefact.losses, rtol=1e-6)
        assert {f.signature.name for f in graph.as_graph_def().library.function} == names


def test_the_same_in_a_scope_and_twice(opened):
    artefact, session = opened
    gs.train.import_meta_graph(f"{artefact.prefix}.meta", import_scope="again")
    with session.graph.as_default():
        session.run(gs.variables_initializer(gs.global_variables("again")))
    loss = session.run(
        f"again/{artefact.loss}", {f"again/{k}": v for k, v in artefact.feeds.items()}
    )
    assert np.isfinite(loss)
    assert "again/while/repeated/MatMul" in {op.name for op in session.graph.operations}


# ---- a library made by hand ---------------------------------------------------------------------


def function(name, takes, gives, nodes, ret, control_ret=()):
    """takes, gives: names with types. nodes: (name, type, inputs, attributes)."""
    made = FunctionDef()
    made.signature.name = name
    for side, pairs in ((made.signature.input_arg, takes), (made.signature.output_arg, gives)):
        for argument, number in pairs:
            side.add(name=argument, type=number)
    for node, type, inputs, attrs in nodes:
        add = made.node_def.add(name=node, op=type, input=inputs)
        for key, value in attrs.items():
            setattr(add.attr[key], "s" if isinstance(value, bytes) else "type", value)
    made.ret.update(ret)
    made.control_ret.update(dict(control_ret))
    return made


def calling(message, name, type, inputs, types, results, **functions):
    node = message.node.add(name=name, op=type, input=inputs)
    node.attr["Tin"].list.type.extend(types)
    node.attr["Tout"].list.type.extend(results)
    for key, value in functions.items():
        node.attr[key].func.name = value
    return node


def placeholder(message, name, number=1):
    message.node.add(name=name, op="Placeholder").attr["dtype"].type = number


@pytest.fixture
def made():
    message = GraphDef()
    placeholder(message, "x")
    message.library.function.append(
        function(
            "double",
            [("a", 1)],
            [("y", 1)],
            [("twice", "AddV2", ["a", "a"], {"T": 1})],
            {"y": "twice:z:0"},
        )
    )
    return message


def test_a_call_by_its_function_s_name(made, graph):
    made.node.add(name="y", op="double", input=["x"])
    gs.import_graph_def(made, name="")
    with gs.Session() as session:
        assert session.run("y:0", {"x:0": 2.5}) == 5.0
    (again,) = [node for node in graph.as_graph_def().node if node.name == "y"]
    assert (again.op, again.input) == ("double", ["x"])


def test_a_call_gives_back_what_it_was_given(made, graph):
    made.library.function.append(
        function("same", [("a", 1), ("b", 1)], [("p", 1), ("q", 1)], [], {"p": "b", "q": "a"})
    )
    placeholder(made, "z")
    calling(made, "call", "PartitionedCall", ["x", "z"], [1, 1], [1, 1], f="same")
    gs.import_graph_def(made, name="")
    with gs.Session() as session:
        assert session.run(["call:0", "call:1"], {"x:0": 1.0, "z:0": 2.0}) == [2.0, 1.0]


@pytest.mark.parametrize(("value", "expected"), [(3.0, 6.0), (0.0, 0.0)])
def test_a_condition_takes_any_number(made, graph, value, expected):
    """As in Python: zero is no."""
    made.library.function.append(function("same", [("a", 1)], [("y", 1)], [], {"y": "a"}))
    functions = {"then_branch": "double", "else_branch": "same"}
    calling(made, "c", "StatelessIf", ["x", "x"], [1], [1], **functions).attr["Tcond"].type = 1
    gs.import_graph_def(made, name="")
    with gs.Session() as session:
        assert session.run("c:0", {"x:0": value}) == expected


def test_what_a_function_leaves_behind_is_left(made, graph):
    """A variable that is passed to a function is written there, though nothing is given back."""
    place = made.node.add(name="v", op="VarHandleOp")
    place.attr["dtype"].type = 1
    place.attr["shape"].adopt("shape", TensorShapeProto())
    made.library.function.append(
        function(
            "keep",
            [("place", 20), ("a", 1)],
            [],
            [("write", "AssignVariableOp", ["place", "a"], {"dtype": 1})],
            {},
            {"write": "write"},
        )
    )
    calling(made, "call", "StatefulPartitionedCall", ["v", "x"], [20, 1], [], f="keep")
    made.node.add(name="read", op="ReadVariableOp", input=["v", "^call"]).attr["dtype"].type = 1
    gs.import_graph_def(made, name="")
    with gs.Session() as session:
        assert session.run("read:0", {"x:0": 7.0}) == 7.0


def test_functions_that_do_not_fit(made, graph):
    node = calling(made, "call", "PartitionedCall", ["x", "x"], [1, 1], [1], f="double")
    with pytest.raises(ValueError, match=r"'call'.*double takes 1 arguments, not 2"):
        gs.import_graph_def(made, name="")
    made.node.remove(node)
    made.library.function.append(function("none", [("a", 1)], [], [], {}))
    functions = {"cond": "double", "body": "none"}
    node = made.node.add(name="w", op="While", input=["x"])
    node.attr["T"].list.type.append(1)
    for key, value in functions.items():
        node.attr[key].func.name = value
    with gs.Graph().as_default(), pytest.raises(ValueError, match="what is expected of them"):
        gs.import_graph_def(made, name="")


def test_a_function_that_is_not_there(made, graph):
    """The call is an operation that cannot be run, and all else can."""
    calling(made, "call", "PartitionedCall", ["x"], [1], [1], f="elsewhere")
    made.node.add(name="y", op="Identity", input=["call"]).attr["T"].type = 1
    gs.import_graph_def(made, name="")
    with gs.Session() as session:
        with pytest.raises(gs.errors.UnimplementedError, match="PartitionedCall"):
            session.run("y:0", {"x:0": 1.0})
        assert session.run("y:0", {"call:0": 4.0}) == 4.0


def test_two_functions_of_one_name(made, graph):
    gs.import_graph_def(made, name="")
    gs.import_graph_def(made, name="again")
    made.library.function[0].node_def[0].name = "other"
    with pytest.raises(ValueError, match="a different function with the same name"):
        gs.import_graph_def(made, name="third")


# ---- lists --------------------------------------------------------------------------------------


def kernel(type):
    return OLD_OPS[type].kernel


def listed(*elements):
    found = np.empty(len(elements), object)
    found[:] = elements
    return found


def test_lists_are_pushed_and_popped():
    options = {"element_dtype": gs.float32}
    held = kernel("EmptyTensorList")(0, -1, shape_type=gs.int32, **options)
    for number in (1.0, 2.0):
        held = kernel("TensorListPushBack")(held, np.array([number, 0], np.float32), **options)
    assert kernel("TensorListLength")(held) == 2
    assert kernel("TensorListElementShape")(held, shape_type=gs.int32).tolist() == [2]
    shape = np.array([2])
    assert kernel("TensorListStack")(held, shape, **options).tolist() == [[1, 0], [2, 0]]
    rest, last = kernel("TensorListPopBack")(held, shape, **options)
    assert last.tolist() == [2, 0]
    assert len(rest) == 1
    assert len(held) == 2  # what there was stays as it was
    with pytest.raises(ValueError, match="from an empty list"):
        kernel("TensorListPopBack")(listed(), shape, **options)


def test_lists_with_places():
    options = {"element_dtype": gs.float32}
    held = kernel("TensorListReserve")(np.array([2]), 3, shape_type=gs.int32, **options)
    held = kernel("TensorListSetItem")(held, 1, np.array([5, 6], np.float32), **options)
    get = kernel("TensorListGetItem")
    assert get(held, 1, np.array([2]), **options).tolist() == [5, 6]
    assert get(held, 0, np.array([2]), **options).tolist() == [0, 0]  # nothing was put there
    with pytest.raises(ValueError, match="Trying to access element 3 in a list with 3 elements"):
        get(held, 3, np.array([2]), **options)
    gather = kernel("TensorListGather")
    assert gather(held, np.array([1, 1]), np.array([2]), **options).tolist() == [[5, 6], [5, 6]]
    resized = kernel("TensorListResize")(held, 5)
    assert kernel("TensorListLength")(resized) == 5
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    of_rows = kernel("TensorListFromTensor")(rows, np.array([2]), shape_type=gs.int32, **options)
    assert kernel("TensorListStack")(of_rows, np.array([2]), **options).tolist() == rows.tolist()
    joined, lengths = kernel("TensorListConcatV2")(of_rows, 2, 0, shape_type=gs.int32, **options)
    assert (joined.tolist(), lengths.tolist()) == ([0, 1, 2, 3, 4, 5], [2, 2, 2])
    parts = kernel("TensorListSplit")(joined, 0, np.array([1, 5]), shape_type=gs.int32, **options)
    assert [part.tolist() for part in parts] == [[0], [1, 2, 3, 4, 5]]
    put = kernel("TensorListScatterV2")(
        rows[:2], np.array([2, 0]), 2, 3, shape_type=gs.int32, **options
    )
    assert [None if e is None else e.tolist() for e in put] == [[2, 3], None, [0, 1]]
    more = kernel("TensorListScatterIntoExistingList")(put, rows[2:], np.array([1]), **options)
    assert more[1].tolist() == [4, 5]


def test_values_that_may_be_missing():
    some = kernel("OptionalFromValue")([np.float32(3)])
    assert kernel("OptionalHasValue")(some)
    told = {"output_types": (gs.float32,), "output_shapes": ([],)}
    assert kernel("OptionalGetValue")(some, **told) == (3.0,)
    assert not kernel("OptionalHasValue")(kernel("OptionalNone")())
    with pytest.raises(ValueError, match="does not have a value"):
        kernel("OptionalGetValue")(kernel("OptionalNone")(), **told)


def test_sums_of_products():
    """As multi-head attention writes them."""
    a, b = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4), np.ones((4, 2, 5), np.float32)
    found = kernel("Einsum")([a, b], equation="abc,cde->abde")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.tensordot(a, b, 1))


# ---- models of TensorFlow 2 ---------------------------------------------------------------------


def test_a_model_of_objects():
    """Its values come by a function that restores them; a call of it counts in a variable."""
    told = json.loads((ARTEFACTS / "saved_model_2" / "told.json").read_text())
    with gs.Session(graph=gs.Graph()) as session:
        meta_graph = gs.saved_model.loader.load(
            session, ["serve"], str(ARTEFACTS / "saved_model_2")
        )
        signature = meta_graph.signature_def["serving_default"]
        (x,), (y,) = signature.inputs.values(), signature.outputs.values()
        assert session.run("w:0").tolist() == [[1, 2], [3, 4], [5, 6]]
        before = int(session.run("calls:0"))
        for fed, expected in zip(told["fed"], told["y"], strict=True):
            assert session.run(y.name, {x.name: fed}).tolist() == expected
        assert int(session.run("calls:0")) == before + 2


def test_a_network_of_keras():
    """It is not training: nothing is dropped, and the moving averages normalize."""
    folder = ARTEFACTS / "keras_2"
    told = json.loads((folder / "told.json").read_text())
    (graph,) = gs.open_file(folder).graphs
    assert graph.not_run == ()
    trainable = {v.tensor.name for v in graph.variables if v.is_trainable}
    assert {"dense/kernel:0", "batch_normalization/gamma:0"} <= trainable
    assert "batch_normalization/moving_mean:0" not in trainable
    with gs.Session(graph=gs.Graph()) as session:
        meta_graph = gs.saved_model.loader.load(session, ["serve"], str(folder))
        signature = meta_graph.signature_def["serving_default"]
        (x,), (y,) = signature.inputs.values(), signature.outputs.values()
        found = session.run(y.name, {x.name: told["fed"]})
    np.testing.assert_allclose(found, told["y"], atol=1e-6)
