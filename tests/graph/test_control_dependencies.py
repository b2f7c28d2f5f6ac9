"""What must run first: control dependencies, and which of them are needed."""

from __future__ import annotations

import pytest

import graphscope as gs


@pytest.fixture
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


def controls(element):
    return [op.name for op in getattr(element, "op", element).control_inputs]


def test_operations_inside_wait(graph):
    a, b = gs.no_op(name="a"), gs.constant(1.0, name="b")
    with gs.control_dependencies([a, b]):
        c = gs.no_op(name="c")
    assert controls(c) == ["a", "b"]
    assert controls(gs.no_op(name="d")) == []


def test_blocks_nest(graph):
    a, b = gs.no_op(name="a"), gs.no_op(name="b")
    with gs.control_dependencies([a]), gs.control_dependencies([b]):
        assert controls(gs.no_op()) == ["a", "b"]
        with gs.control_dependencies([a]):
            assert controls(gs.no_op()) == ["a", "b"]  # once


def test_none_forgets_the_outer_blocks(graph):
    a, b = gs.no_op(name="a"), gs.no_op(name="b")
    with gs.control_dependencies([a]):
        with gs.control_dependencies(None):
            assert controls(gs.no_op()) == []
            with gs.control_dependencies([b]):
                assert controls(gs.no_op()) == ["b"]
        assert controls(gs.no_op()) == ["a"]


def test_an_input_from_inside_waits_for_both(graph):
    """TensorFlow leaves out the edges that an input made inside has already."""
    a = gs.no_op(name="a")
    with gs.control_dependencies([a]):
        first = gs.constant(1.0)
        second = gs.identity(first)
    assert controls(first) == ["a"]
    assert controls(second) == []


def test_an_input_is_no_control_input(graph):
    a = gs.constant(1.0, name="a")
    with gs.control_dependencies([a]):
        assert controls(gs.identity(a)) == []


def test_variables_stand_for_their_operation(graph):
    v = gs.Variable(1.0, name="v")
    with gs.control_dependencies([v]):
        assert controls(gs.no_op()) == ["v"]


def test_names_of_operations_and_tensors(graph):
    gs.constant(1.0, name="a")
    with gs.control_dependencies(["a"]):
        assert controls(gs.no_op()) == ["a"]
    with gs.control_dependencies(["a:0"]):
        assert controls(gs.no_op()) == ["a"]


def test_what_is_no_operation(graph):
    with (
        pytest.raises(TypeError, match="int into a Tensor or Operation"),
        gs.control_dependencies([5]),
    ):
        pass


def test_another_graphs_operation(graph):
    with gs.Graph().as_default():
        stranger = gs.no_op()
    with (
        pytest.raises(ValueError, match="not an element of this graph"),
        gs.control_dependencies([stranger]),
    ):
        pass


def test_they_run_first_and_run_only_when_needed(graph):
    v = gs.Variable(1.0, name="v")
    add = v.assign_add(1.0)
    with gs.control_dependencies([add]):
        after = v.read_value()
    with gs.Session() as session:
        session.run(v.initializer)
        assert session.run(v) == 1
        assert session.run(after) == 2
        assert session.run(v) == 2


def test_a_write_in_a_block_of_none_does_not_wait(graph):
    a = gs.no_op(name="a")
    with gs.control_dependencies([a]):
        v = gs.Variable(1.0, name="v")
    assert controls(v.initializer) == []


def test_collections(graph):
    gs.add_to_collection("kept", 1)
    gs.add_to_collection("kept", 2)
    assert gs.get_collection("kept") == [1, 2]
    assert gs.get_collection("other") == []
    a, b = gs.Variable(1.0, name="one/a"), gs.Variable(1.0, name="two/b")
    assert gs.get_collection(gs.GraphKeys.GLOBAL_VARIABLES, scope="one") == [a]
    assert gs.get_collection(gs.GraphKeys.GLOBAL_VARIABLES) == [a, b]
