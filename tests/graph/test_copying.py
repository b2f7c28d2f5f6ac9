"""A copy of a part of a graph computes what the original does, and the original stays as it is."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.graph.copying import copied
from graphscope.graph.dtypes import float32, float64


def double(dtype):
    return float64 if dtype is float32 else dtype


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


def looped(x):
    """Three times the square of what went in, divided or not: a loop with a branch inside."""

    def body(i, a):
        return i + 1, gs.cond(a > 5.0, lambda: a / x, lambda: gs.square(a) * 0.5)

    return gs.while_loop(lambda i, a: i < 4, body, [0, x * 2.0])[1]


def test_branches_loops_and_their_gradients_are_copied_too(graph):
    x = gs.placeholder(gs.float32, [], name="x")
    y = looped(x)
    dx = gs.gradients(y, x)[0]
    size = len(graph.operations)
    made = copied([y.op, dx.op])
    assert len(graph.operations) == size
    assert made.graph is not graph
    for value in (0.7, 1.3, 4.0):
        ours = gs.Session(graph=made.graph).run(
            [made.tensor(y), made.tensor(dx)], {made.tensor(x): value}
        )
        assert ours == gs.Session().run([y, dx], {x: value})


def test_names_types_shapes_lines_and_what_is_differentiated_are_those_of_the_original():
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    W = gs.Variable(np.ones([2, 3], np.float32), name="W")
    loss = gs.reduce_sum(gs.square(gs.matmul(x, W)), name="loss")
    dW = gs.gradients(loss, W)[0]
    made = copied([dW.op, loss.op])
    for op, twin in made.ops.items():
        assert (twin.name, twin.type, twin.source) == (op.name, op.type, op.source)
        assert [(t.dtype, t.shape.sizes) for t in twin.outputs] == [
            (t.dtype, t.shape.sizes) for t in op.outputs
        ]
        assert twin.gradient_of is (None if op.gradient_of is None else made.ops[op.gradient_of])
    assert "W/Assign" not in {twin.name for twin in made.ops.values()}  # nothing needs it


def test_what_only_has_to_run_before_is_left_out():
    with gs.control_dependencies([gs.exp(1.0, name="before")]):
        y = gs.add(1.0, 2.0, name="y")
    made = copied([y.op])
    assert "before" not in {op.name for op in made.graph.operations}
    assert made.ops[y.op].control_inputs == []


def test_element_types_can_be_exchanged():
    x = gs.placeholder(gs.float32, [2], name="x")
    n = gs.Variable(3, name="n")
    y = gs.cast(n, gs.float32) * gs.reduce_sum(x + 0.1)
    made = copied([y.op], double)
    assert {t.dtype.base_dtype for op in made.graph.operations for t in op.outputs} == {
        gs.float64,
        gs.int32,
    }
    session = gs.Session(graph=made.graph)
    session.state.variables["n"] = np.int32(3)
    value = session.run(made.tensor(y), {made.tensor(x): [0.1, 0.2]})
    assert value.dtype == np.float64
    assert value == pytest.approx(1.5, rel=1e-7)
    assert made.tensor(n._ref()).dtype.is_ref


def test_the_copy_grows_alone(graph):
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.square(x, name="y")
    made = copied([y.op])
    size = len(graph.operations)
    with made.graph.as_default():
        dx = gs.gradients(made.tensor(y), made.tensor(x))[0]
    assert len(graph.operations) == size
    assert gs.Session(graph=made.graph).run(dx, {made.tensor(x): 3.0}) == 6.0
