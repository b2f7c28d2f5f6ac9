"""Variables: what they refuse, their beginning, loading, counting, scattering, and reports."""

import numpy as np
import pytest

import graphscope as gs


def test_what_a_variable_refuses(graph):
    with pytest.raises(ValueError, match="must be a list, tuple, or set"):
        gs.Variable(1.0, collections="variables")
    with pytest.raises(ValueError, match="must be a callable"):
        gs.Variable(1.0, constraint=3)


def test_a_variable_is_an_object_where_a_resource_is_its_value(graph):
    shared = gs.Variable(0.0, use_resource=False, name="shared")
    assert (shared or None) is shared
    with pytest.raises(gs.errors.OperatorNotAllowedInGraphError, match="Python `bool`"):
        bool(gs.Variable(0.0, use_resource=True))


def test_an_initialized_value_begins_as_the_other_variable(session):
    first = gs.Variable(2.0)
    second = gs.Variable(first.initialized_value() * 10.0)
    session.run(second.initializer)
    assert session.run(second) == 20.0
    session.run(first.initializer)
    session.run(first.assign(5.0))
    session.run(second.initializer)
    assert session.run(second) == 50.0


def test_load(session):
    v = gs.Variable([1.0, 2.0])
    v.load([3.0, 4.0], session)
    assert session.run(v).tolist() == [3.0, 4.0]


def test_counting_up_ends(session):
    n = gs.Variable(0)
    up = gs.count_up_to(n, 2)
    assert not up.dtype.is_ref
    session.run(n.initializer)
    assert [session.run(up), session.run(up), session.run(n)] == [0, 1, 2]
    with pytest.raises(gs.errors.OutOfRangeError, match="Reached limit of 2"):
        session.run(up)
    assert session.run(n) == 2


def test_scattering_by_methods(session):
    v = gs.Variable(np.zeros([3, 2], np.float32))
    rows = gs.IndexedSlices(gs.constant([[1.0, 2.0]] * 2), gs.constant([2, 2]))
    session.run(v.initializer)
    assert session.run(v.scatter_add(rows))[2].tolist() == [2.0, 4.0]
    assert session.run(v.scatter_sub(rows))[2].tolist() == [0.0, 0.0]
    assert session.run(v.scatter_update(rows))[2].tolist() == [1.0, 2.0]
    assert session.run(v.scatter_nd_add([[0, 1]], [7.0]))[0].tolist() == [0.0, 7.0]
    assert session.run(v.scatter_nd_sub([[0, 1]], [1.0]))[0].tolist() == [0.0, 6.0]
    assert session.run(v.scatter_nd_update([[0, 1]], [1.0]))[0].tolist() == [0.0, 1.0]


def test_scattering_outside(session):
    v = gs.Variable([1.0, 2.0])
    index = gs.placeholder(gs.int32, [1])
    add = gs.scatter_add(v, index, [1.0])
    session.run(v.initializer)
    with pytest.raises(
        gs.errors.InvalidArgumentError, match=r"indices\[0\] = 2 is not in \[0, 2\)"
    ):
        session.run(add, {index: [2]})
    assert session.run(v).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="must be equal"):
        gs.scatter_add(v, [0, 1], [1.0, 2.0, 3.0])
    with pytest.raises(AttributeError, match="needs a variable"):
        gs.scatter_add(gs.constant([1.0]), [0], [1.0])


def test_reports(session):
    empty = session.run(gs.report_uninitialized_variables())
    assert empty.shape == (0,)
    assert gs.assert_variables_initialized() is None
    a = gs.Variable(1.0, name="a")
    gs.Variable(1.0, name="b")
    gs.Variable(1.0, name="c", collections=[gs.GraphKeys.LOCAL_VARIABLES])
    report, check = gs.report_uninitialized_variables(), gs.assert_variables_initialized()
    session.run(a.initializer)
    assert session.run(report).tolist() == [b"b", b"c"]
    with pytest.raises(gs.errors.FailedPreconditionError, match="uninitialized value b"):
        session.run(check)
    session.run([gs.global_variables_initializer(), gs.local_variables_initializer()])
    assert session.run(report).tolist() == []
    session.run(check)


def test_collections(graph):
    model = gs.Variable(1.0, name="m", collections=["variables", gs.GraphKeys.MODEL_VARIABLES])
    assert gs.model_variables() == [model]
    assert gs.GraphKeys.VARIABLES == gs.GraphKeys.GLOBAL_VARIABLES
    assert gs.moving_average_variables() == []


def test_a_step_that_writes_several_cannot_write_to_a_feed(session):
    w = gs.Variable([1.0])
    optimizer = gs.train.MomentumOptimizer(0.1, 0.9)
    train = optimizer.minimize(w * w)
    session.run(gs.global_variables_initializer())
    slot = optimizer.get_slot(w, "momentum")
    with pytest.raises(gs.errors.InvalidArgumentError, match="it is fed"):
        session.run(train, {slot._ref(): [2.0]})
