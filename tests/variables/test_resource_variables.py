"""Resource variables, variables in parts, and functions that stand between a call and a variable.

The numbers of optimizers on resource variables are among the goldens of training.
"""

import numpy as np
import pytest

import graphscope as gs
from graphscope.ops import partitions, variable_scope, variable_store
from graphscope.ops.resource_variable import ResourceVariable, is_resource_variable
from graphscope.ops.state import variable_op
from graphscope.ops.variables import RefVariable, VariableSynchronization, VariableV2


@pytest.fixture
def sess():
    with gs.Graph().as_default(), gs.Session() as session:
        yield session


def made(*args, **kwargs):
    return gs.Variable(*args, use_resource=True, **kwargs)


# ---- one of two kinds --------------------------------------------------------------------------


def test_the_kind_is_chosen_by_the_call_the_scope_and_the_program(sess):
    assert type(gs.Variable(1.0)) is RefVariable
    assert type(made(1.0)) is ResourceVariable
    with gs.variable_scope("scope", use_resource=True):
        assert is_resource_variable(gs.get_variable("w", []))
        assert is_resource_variable(gs.Variable(1.0))
        assert not is_resource_variable(gs.get_variable("v", [], use_resource=False))
    variable_store.enable_resource_variables()
    try:
        assert is_resource_variable(gs.Variable(1.0))
    finally:
        variable_store.disable_resource_variables()
    assert isinstance(gs.Variable(1.0), gs.Variable)
    with pytest.raises(TypeError, match="unexpected keyword"):
        gs.Variable(1.0, colour="red")


def test_what_it_says_of_itself(sess):
    v = made([[1.0, 2.0]], name="v")
    assert repr(v) == "<tf.Variable 'v:0' shape=(1, 2) dtype=float32>"
    assert (v.op.type, v.initializer.name, v.initial_value.op.name) == (
        "VarHandleOp",
        "v/Assign",
        "v/Initializer/initial_value",
    )
    assert sess.graph.as_graph_element(v).name == "v/Read/ReadVariableOp:0"


def test_what_was_read_stays_as_it_was(sess):
    """A ref variable is seen as it is when it is used; a resource variable as it was read."""
    for kind, seen in ((False, 5.0), (True, 1.0)):
        v = gs.Variable(1.0, use_resource=kind)
        before = v.value()
        with gs.control_dependencies([v.assign(5.0)]):
            used = gs.identity(before)
        sess.run(v.initializer)
        assert sess.run(used) == seen


def test_every_reading_is_one_of_its_own(sess):
    v = made(1.0)
    sess.run(v.initializer)
    with gs.control_dependencies([v.assign(5.0)]):
        after = v.read_value()
        sum_after = v + 1.0
    assert sess.run([after, sum_after]) == [5.0, 6.0]


def test_writes_return_the_variable_after_them(sess):
    v = made([1.0, 2.0])
    sess.run(v.initializer)
    chain = v.assign([3.0, 4.0]).assign_add([1.0, 1.0]).assign_sub([0.0, 2.0])
    np.testing.assert_array_equal(sess.run(chain), [4.0, 3.0])
    np.testing.assert_array_equal(sess.run(chain * 2.0), [8.0, 6.0])
    assert chain.op.type == "AssignSubVariableOp"
    operation = v.assign([0.0, 0.0], read_value=False)
    assert sess.run(operation) is None
    np.testing.assert_array_equal(sess.run(gs.scatter_add(v, [1], [5.0])), [0.0, 5.0])
    with pytest.raises(ValueError, match="are incompatible"):
        v.assign([1.0, 2.0, 3.0])


def test_without_a_value(sess):
    v = made(1.0, name="v")
    assert not sess.run(v.is_initialized())
    assert list(sess.run(gs.report_uninitialized_variables([v]))) == [b"v"]
    with pytest.raises(gs.errors.FailedPreconditionError, match="uninitialized value v"):
        sess.run(v + 1.0)
    v.load(7.0, sess)
    assert sess.run([v, v.is_initialized()]) == [7.0, True]


def test_rows(sess):
    v = made(np.arange(12.0).reshape(4, 3))
    sess.run(v.initializer)
    ids = gs.constant([3, 0, 3])
    rows = gs.gather(v, ids)
    assert [op.type for op in v._ref().consumers()][-1] == "ResourceGather"
    slope = gs.gradients(gs.reduce_sum(rows), v)[0]
    assert isinstance(slope, gs.IndexedSlices)
    np.testing.assert_array_equal(sess.run(slope.indices), [3, 0, 3])
    dense = sess.run(gs.convert_to_tensor(slope))
    np.testing.assert_array_equal(dense[:, 0], [1, 0, 0, 2])
    one = v.gather_nd([[1, 2], [0, 0]])
    np.testing.assert_array_equal(sess.run(one), [5.0, 0.0])
    np.testing.assert_array_equal(sess.run(gs.gradients(one, v)[0])[1], [0.0, 0.0, 1.0])


def test_counting(sess):
    v = made(0)
    sess.run(v.initializer)
    counted = v.count_up_to(2)
    assert [sess.run(counted), sess.run(counted)] == [0, 1]
    with pytest.raises(gs.errors.OutOfRangeError, match="Reached limit of 2"):
        sess.run(counted)


# ---- who makes variables -----------------------------------------------------------------------


def test_creators(sess):
    names = []

    def note(next_creator, **kwargs):
        names.append(kwargs["name"])
        return next_creator(**kwargs)

    def rename(next_creator, **kwargs):
        kwargs["name"] = "renamed"
        return next_creator(**kwargs)

    with variable_store.variable_creator_scope(note):
        with variable_store.variable_creator_scope(rename):
            v = gs.Variable(1.0, name="mine")
        gs.get_variable("w", [])
    assert (v.op.name, names) == ("renamed", ["renamed", "w"])
    gs.Variable(1.0)
    assert len(names) == 2


def test_creator_scopes_end_in_order(sess):
    outer = variable_store.variable_creator_scope(lambda make, **options: make(**options))
    outer.__enter__()
    with (
        variable_store.variable_creator_scope(lambda make, **options: make(**options)),
        pytest.raises(RuntimeError, match="without proper nesting"),
    ):
        outer.__exit__(None, None, None)


def test_synchronization_and_aggregation(sess):
    v = gs.get_variable("v", [], synchronization=VariableSynchronization.ON_READ)
    assert not v.trainable
    assert gs.trainable_variables() == []
    with pytest.raises(ValueError, match="Invalid variable aggregation mode: 9 for variable: w"):
        gs.get_variable("w", [], aggregation=9)


# ---- in parts ----------------------------------------------------------------------------------


def in_two(**_):
    return [2, 1]


def test_parts(sess):
    whole = np.arange(10.0, dtype=np.float32).reshape(5, 2)
    v = gs.get_variable("v", initializer=gs.constant(whole), partitioner=in_two)
    first, second = v
    assert [p.name for p in v] == ["v/part_0:0", "v/part_1:0"]
    assert (first.shape, second.shape, v.shape, len(v)) == ([3, 2], [2, 2], [5, 2], 2)
    assert second._get_save_slice_info().spec == "5 2 3,2:0,2"
    sess.run(gs.global_variables_initializer())
    np.testing.assert_array_equal(sess.run(v.as_tensor()), whole)
    np.testing.assert_array_equal(sess.run(v + 1.0), whole + 1)
    np.testing.assert_array_equal(sess.run(gs.nn.embedding_lookup(v, [4, 0], "div"))[0], whole[4])
    np.testing.assert_array_equal(sess.run(v.assign_add(whole))[1], 2 * whole[3:])


def test_parts_are_reused_as_they_are(sess):
    with gs.variable_scope("scope", partitioner=in_two) as scope:
        v = gs.get_variable("v", [4, 2])
        assert gs.get_variable("number", []).shape == []
        scope.reuse_variables()
        assert gs.get_variable("v", [4, 2]) is v
    with gs.variable_scope("scope", reuse=True):
        assert gs.get_variable("v") is v
        with pytest.raises(ValueError, match=r"specified partitions .* and found partitions"):
            gs.get_variable("v", [4, 2], partitioner=lambda **_: [4, 1])
        with pytest.raises(ValueError, match=r"specified shape .* and found shape"):
            gs.get_variable("v", [5, 2], partitioner=in_two)
    with gs.variable_scope("scope"), pytest.raises(ValueError, match="No partitioner was provided"):
        gs.get_variable("v", [4, 2])
    with (
        gs.variable_scope("other"),
        pytest.raises(ValueError, match="Can only slice a variable along one dimension"),
    ):
        gs.get_variable("v", [4, 2], partitioner=lambda **_: [2, 2])


def test_partitioners():
    shape = gs.TensorShape([10, 4])
    assert partitions.fixed_size_partitioner(3)(shape) == [3, 1]
    assert partitions.fixed_size_partitioner(99, axis=1)(shape) == [1, 4]
    by_size = partitions.variable_axis_size_partitioner(max_shard_bytes=32)
    assert by_size(shape, gs.float32) == [5, 1]
    assert partitions.variable_axis_size_partitioner(32, max_shards=2)(shape, gs.float32) == [2, 1]
    at_least = partitions.min_max_variable_partitioner(max_partitions=8, min_slice_size=40)
    assert at_least(shape, gs.float32) == [4, 1]
    with pytest.raises(ValueError, match="must be positive"):
        partitions.variable_axis_size_partitioner(0)


def test_where_a_part_is():
    info = partitions.PartitionInfo([9, 3], [4, 0])
    assert (info.single_offset([1, 3]), info.single_slice_dim([1, 3])) == (4, 0)
    assert partitions.PartitionInfo([9, 3], [0, 0]).single_offset([9, 3]) == 0
    for shape in ([1], [6, 3], [1, 2]):
        with pytest.raises(ValueError):
            info.single_slice_dim(shape)
    with pytest.raises(TypeError, match="must be a sequence"):
        partitions.PartitionInfo("foo", [0, 0])
    with pytest.raises(ValueError, match="Expected 0 <= offset < shape"):
        partitions.PartitionInfo([1, 1], [0, 1])


def test_create_partitioned_variables(sess):
    parts = variable_scope.create_partitioned_variables(
        [4, 2], [2, 1], gs.ones_initializer(), name="p"
    )
    assert [v.name for v in parts] == ["p/part_0:0", "p/part_1:0"]
    with pytest.raises(ValueError, match="must have the length"):
        variable_scope.create_partitioned_variables([4, 2], [2], gs.ones_initializer())


# ---- told by names -----------------------------------------------------------------------------


@pytest.mark.parametrize("resource", [False, True])
def test_a_variable_by_its_definition(sess, resource):
    v = gs.Variable(3.0, name="v", trainable=False, use_resource=resource)
    definition = v.to_proto()
    again = gs.Variable(variable_def=definition)
    assert (type(again), again.name, again.trainable) == (type(v), "v:0", False)
    assert sess.run(again.initialized_value()) == 3.0
    sess.run(v.assign(1.0))
    assert sess.run([again, again + 1.0, again.initialized_value()]) == [1.0, 2.0, 1.0]
    definition.ClearField("initial_value_name")
    again = gs.Variable.from_proto(definition)
    assert str(again.to_proto()) == str(definition)
    with pytest.raises(ValueError, match="nobody knows the initial value"):
        again.initialized_value()
    assert v.to_proto(export_scope="elsewhere") is None
    with pytest.raises(ValueError, match='has no "colour" field'):
        definition.ClearField("colour")


def test_what_the_inner_modules_call_a_variable(sess):
    assert type(VariableV2(1.0)) is ResourceVariable
    assert isinstance(gs.Variable(1.0), VariableV2)
    with pytest.raises(TypeError, match="unexpected keyword"):
        VariableV2(1.0, collections=[])


def test_a_place_alone(sess):
    place = variable_op([2], gs.float32)
    assert place.op.type == "VariableV2"
    assert variable_op([2], gs.float32, set_shape=False).shape.ndims is None
    sess.run(gs.assign(place, [1.0, 2.0]))
    np.testing.assert_array_equal(sess.run(place), [1.0, 2.0])
