"""Loops that were made here are in files as TensorFlow has them, and as GraphScope has them."""

import copy

import numpy as np
import pytest
from formats.loop_models import FEEDS, MODELS, losses, made

import graphscope as gs
from graphscope.formats.wholes import WHOLE

#: What only GraphScope has.
OWN = {"While", "WhileGradient", "If", "LoopVariable", "ListOf", "ListItems", "ListWithout"}
OWN |= {"AddLists", "EmptyList", "ListOfParts", "ListJoined"}


def saved(name, folder):
    """A model that is made and saved here. Returns its losses, and the path."""
    with gs.Graph().as_default(), gs.Session() as session:
        made(name, session)
        path = gs.train.Saver().save(session, str(folder / name))
        return losses(session), path


def as_tensorflow_sees_it(path):
    """The meta graph without what only GraphScope looks at."""
    with open(f"{path}.meta", "rb") as file:
        message = gs.MetaGraphDef.FromString(file.read())
    message = copy.deepcopy(message)
    for node in message.graph_def.node:
        if WHOLE in node.attr:
            del node.attr[WHOLE]
    return message


@pytest.mark.parametrize("name", [name for name in MODELS if name != "maps_and_scans"])
def test_it_is_trained_on_as_tensorflow_sees_it(name, tmp_path):
    expected, path = saved(name, tmp_path)
    message = as_tensorflow_sees_it(path)
    assert not {node.op for node in message.graph_def.node} & OWN
    assert not any("_graphscope" in key for n in message.graph_def.node for key in n.attr)
    with gs.Graph().as_default(), gs.Session() as session:
        gs.train.import_meta_graph(message).restore(session, path)
        np.testing.assert_allclose(losses(session), expected, rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_it_comes_back_as_it_was_made(name, tmp_path):
    expected, path = saved(name, tmp_path)
    with gs.Graph().as_default() as first, gs.Session() as session:
        made(name, session)
        kinds = {op.name: op.type for op in first.get_operations() if op.type in OWN - {"If"}}
        slope = gs.gradients(first.get_tensor_by_name("loss:0"), gs.trainable_variables()[0])[0]
        wanted = session.run(gs.convert_to_tensor(slope), FEEDS)
    with gs.Graph().as_default() as graph, gs.Session() as session:
        saver = gs.train.import_meta_graph(f"{path}.meta")
        saver.restore(session, path)
        loss, variables = graph.get_tensor_by_name("loss:0"), gs.trainable_variables()
        again = gs.convert_to_tensor(gs.gradients(loss, variables[0])[0])
        np.testing.assert_allclose(session.run(again, FEEDS), wanted, rtol=1e-6)
        saver.restore(session, path)
        np.testing.assert_allclose(losses(session), expected, rtol=1e-6)
        found = {op.name: op.type for op in graph.get_operations()}
    assert {name: found.get(name) for name in kinds} == kinds


def test_a_loop_has_the_names_that_tensorflow_gives_it():
    with gs.Graph().as_default() as graph:
        gs.while_loop(lambda i: i < 3, lambda i: i + 1, [0])
        types = {node.name: node.op for node in graph.as_graph_def().node}
    for name, kind in {
        "while/Merge": "Merge",
        "while/Less": "Less",
        "while/Identity": "Identity",
        "while/add": "AddV2",
        "while/Exit": "Identity",
    }.items():
        assert types[name] == kind
    assert sorted(set(types.values())) == [
        *("AddV2", "Const", "Enter", "Exit", "Identity", "Less", "LoopCond", "Merge"),
        *("NextIteration", "Switch"),
    ]


def test_what_is_carried_and_damaged_is_one_error():
    with gs.Graph().as_default() as graph:
        gs.while_loop(lambda i: i < 3, lambda i: i + 1, [0])
        message = graph.as_graph_def()
    carrier = next(node for node in message.node if WHOLE in node.attr)
    carrier.attr[WHOLE].list.s[0] = carrier.attr[WHOLE].list.s[0][:-7]
    with (
        gs.Graph().as_default(),
        pytest.raises(ValueError, match=r"Node 'while/.*': what it carries is damaged"),
    ):
        gs.import_graph_def(message)


def test_a_gradient_does_not_end_in_a_loop_of_a_file(tmp_path):
    _, path = saved("loop", tmp_path)
    with gs.Graph().as_default() as graph:
        gs.train.import_meta_graph(as_tensorflow_sees_it(path))
        with pytest.raises(TypeError, match="the loop while/While/frame, which came from a file"):
            gs.gradients(graph.get_tensor_by_name("loss:0"), gs.trainable_variables())
