"""Optimizers: hyper-parameters that can be fed, slots, errors, what the debugger sees of them."""

import numpy as np
import pytest

import graphscope as gs

RATES = {
    "GradientDescent": "learning_rate",
    "Momentum": "learning_rate",
    "Adam": "learning_rate",
    "RMSProp": "learning_rate",
    "Adagrad": "learning_rate",
    "Adadelta": "lr",
    "Ftrl": "learning_rate",
    "ProximalGradientDescent": "learning_rate",
    "ProximalAdagrad": "learning_rate",
}
SLOTS = {
    "GradientDescent": [],
    "Momentum": ["momentum"],
    "Adam": ["m", "v"],
    "RMSProp": ["momentum", "rms"],
    "Adagrad": ["accumulator"],
    "Adadelta": ["accum", "accum_update"],
    "Ftrl": ["accum", "linear"],
    "ProximalGradientDescent": [],
    "ProximalAdagrad": ["accumulator"],
}


def made(name, **more):
    extra = {"momentum": 0.9} if name == "Momentum" else {}
    return getattr(gs.train, f"{name}Optimizer")(0.5, **extra, **more)


@pytest.mark.parametrize("name", RATES)
def test_the_learning_rate_is_a_tensor_that_can_be_fed(session, name):
    w = gs.Variable([1.0, -2.0], name="W")
    optimizer = made(name)
    train = optimizer.minimize(gs.reduce_sum(gs.square(w)))
    rate = session.graph.get_tensor_by_name(f"{name}/{RATES[name]}:0")
    session.run(gs.global_variables_initializer())
    assert session.run(rate) == 0.5
    assert optimizer.get_slot_names() == SLOTS[name]
    if name != "Ftrl":  # which makes the variable anew
        session.run(train, {rate: 0.0})
        np.testing.assert_array_equal(session.run(w), [1.0, -2.0])
    session.run(train)
    assert np.all(session.run(w) != [1.0, -2.0])


def test_slots_are_kept_beside_their_variable(graph):
    w = gs.Variable([1.0], name="W")
    optimizer = gs.train.AdamOptimizer()
    assert optimizer.get_slot(w, "m") is None
    optimizer.minimize(gs.square(w))
    optimizer.minimize(gs.abs(w))
    assert optimizer.get_slot(w, "m").name == "W/Adam:0"
    assert optimizer.get_slot(w, "v").name == "W/Adam_1:0"
    assert [v.name for v in optimizer.variables()] == [
        "W/Adam:0",
        "W/Adam_1:0",
        "beta1_power:0",
        "beta2_power:0",
    ]
    assert [v.name for v in gs.trainable_variables()] == ["W:0"]


def test_the_debugger_reports_all_that_a_step_writes(session):
    w = gs.Variable([[1.0, 2.0]], name="W")
    train = gs.train.AdamOptimizer(0.1).minimize(gs.reduce_sum(gs.square(w)))
    session.run(gs.global_variables_initializer())
    run = gs.debug(session, train)
    stop = run.until("Adam/update_W/ApplyAdam")
    assert set(stop.changed) == {"W", "W/Adam", "W/Adam_1"}
    assert {"W", "W/Adam", "W/Adam_1"} <= set(run.changed())
    assert run.why("W").ok
    assert not run.why("W/Adam").ok
    assert [op.name for op, *_ in run.why("W/Adam").others] == ["Adam/update_W/ApplyAdam"]
    assert run.updates().names(run.updates()["W"].status) == {"W"}
    stop = run.back()
    assert np.all(session.run(w) == [[1.0, 2.0]])
    run.until("%W/Adam_1")
    assert run.draw().dot


def test_a_sparse_step_leaves_other_rows_alone(session):
    table = gs.Variable(np.ones([3, 2], np.float32), name="table")
    rows = gs.nn.embedding_lookup(table, [2, 2])
    (slope,) = gs.gradients(gs.reduce_sum(rows), table)
    assert isinstance(slope, gs.IndexedSlices)
    assert str(slope).startswith("IndexedSlices(indices=Tensor(")
    optimizer = gs.train.AdagradOptimizer(1.0, initial_accumulator_value=1.0)
    train = optimizer.minimize(gs.reduce_sum(rows))
    session.run(gs.global_variables_initializer())
    session.run(train)
    accumulator = session.run(optimizer.get_slot(table, "accumulator"))
    np.testing.assert_array_equal(accumulator, [[1, 1], [1, 1], [5, 5]])
    np.testing.assert_allclose(session.run(table)[:2], 1.0)
    np.testing.assert_allclose(session.run(table)[2], 1 - 2 / np.sqrt(5), rtol=1e-6)


def test_gradients_of_rows_add_up(session):
    table = gs.Variable(np.arange(6.0, dtype=np.float32).reshape(3, 2))
    both = gs.reduce_sum(gs.gather(table, [0, 2])) + 2 * gs.reduce_sum(gs.gather(table, [2]))
    (slices,) = gs.gradients(both, table)
    session.run(table.initializer)
    value = session.run(slices)
    assert isinstance(value, gs.IndexedSlicesValue)
    assert sorted(value.indices.tolist()) == [0, 2, 2]
    np.testing.assert_array_equal(
        session.run(gs.convert_to_tensor(slices))[[0, 1, 2], 0], [1, 0, 3]
    )
    (dense,) = gs.gradients(both + gs.reduce_sum(table), table)
    assert isinstance(dense, gs.Tensor)
    np.testing.assert_array_equal(session.run(dense)[:, 0], [2, 1, 4])
    np.testing.assert_array_equal(session.run(gs.convert_to_tensor(-slices))[:, 1], [-1, 0, -3])


def test_slices_without_a_shape_cannot_become_dense(graph):
    slices = gs.IndexedSlices(gs.constant([1.0]), gs.constant([0]))
    with pytest.raises(ValueError, match="without dense_shape"):
        gs.convert_to_tensor(slices)
    assert gs.convert_to_tensor_or_indexed_slices(slices) is slices
    with pytest.raises(ValueError, match="requested dtype int32"):
        gs.convert_to_tensor_or_indexed_slices(slices, gs.int32)


def test_what_is_refused(graph):
    w = gs.Variable(1.0)
    optimizer = gs.train.GradientDescentOptimizer(0.1)
    with pytest.raises(ValueError, match="No variables provided"):
        optimizer.apply_gradients([])
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizer.apply_gradients([(None, w)])
    with pytest.raises(ValueError, match="gate_gradients must be one of"):
        optimizer.compute_gradients(w * w, gate_gradients=3)
    with pytest.raises(ValueError, match=r"Invalid type tf\.int32"):
        optimizer.compute_gradients(gs.constant(1), [w])
    with pytest.raises(AttributeError, match="only variables are trained"):
        optimizer.minimize(w * w, var_list=["w"])
    with pytest.raises(ValueError, match="Must specify the optimizer name"):
        gs.train.AdamOptimizer(name="")
    with pytest.raises(ValueError, match="must be positive"):
        gs.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0)
    with pytest.raises(ValueError, match="learning_rate_power"):
        gs.train.FtrlOptimizer(0.1, learning_rate_power=0.5)
    x = w * 2.0
    pairs = optimizer.compute_gradients(x * x, [x])
    with pytest.raises(NotImplementedError, match="Trying to update a Tensor"):
        optimizer.apply_gradients(pairs)


def test_a_write_seen_through_an_earlier_reading(session):
    """What waits for a write sees what was written, as with TensorFlow's ref variables."""
    w = gs.Variable(1.0, name="W")
    early = w * 10.0
    step = w.assign_add(1.0)
    with gs.control_dependencies([step]):
        late = w * 10.0
    unordered = w * 10.0
    session.run(w.initializer)
    assert session.run([early, late, unordered, step]) == [10.0, 20.0, 10.0, 2.0]


def test_an_own_optimizer(session):
    class Signs(gs.train.Optimizer):
        def __init__(self):
            super().__init__(False, "Signs")

        def _apply_dense(self, grad, var):
            return gs.assign_sub(var, 0.5 * gs.sign(grad))

    w = gs.Variable([2.0, -2.0])
    train = Signs().minimize(gs.reduce_sum(w * w))
    session.run(gs.global_variables_initializer())
    session.run(train)
    np.testing.assert_array_equal(session.run(w), [1.5, -1.5])


def test_the_debugger_shows_what_a_node_saw(session):
    w = gs.Variable(1.0, name="W")
    with gs.control_dependencies([w.assign_add(1.0)]):
        late = gs.multiply(w, 10.0, name="late")
    session.run(w.initializer)
    run = gs.debug(session, late)
    stop = run.until("late")
    assert [float(shown.value) for shown in stop.inputs] == [2.0, 10.0]
    assert float(stop.outputs[0].value) == 20.0


def test_the_variables_of_a_dictionary():
    weights = {"w": gs.Variable(1.0), "b": gs.Variable(2.0)}
    loss = gs.add_n([gs.square(v) for v in weights.values()])
    optimizer = gs.train.GradientDescentOptimizer(0.1)
    for var_list in (weights.values(), [weights.values()], weights):
        pairs = optimizer.compute_gradients(loss, var_list)
        assert {v.name for _, v in pairs} == {v.name for v in weights.values()}
    optimizer.minimize(loss, var_list=weights.values())
