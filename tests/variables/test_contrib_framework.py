"""tf.contrib.framework: variables by kind and name, checked shapes; as TensorFlow 1.15 has them."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.contrib import framework as fw
from graphscope.contrib.layers import l2_regularizer
from graphscope.ops.partitions import fixed_size_partitioner


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as fresh:
        yield fresh


@pytest.fixture
def variables():
    """A/a, A/w (a model variable), A/aw, A/B/a, A/B/w (a model variable), z/a, glo."""
    with gs.variable_scope("A"):
        fw.variable("a", [5])
        fw.model_variable("w", [2, 2], regularizer=l2_regularizer(0.1))
        fw.variable("aw", [1])
        with gs.variable_scope("B", dtype=gs.float64):
            inner, model = fw.variable("a", [3]), fw.model_variable("w", [2])
            assert (inner.dtype.base_dtype, model.dtype.base_dtype) == (gs.float64, gs.float32)
    fw.variable("z/a", [2], collections=[gs.GraphKeys.GLOBAL_VARIABLES, "mine", "mine"])
    return fw.global_variable([1.0, 2.0], name="glo")


def names(found):
    return [v.op.name for v in found]


def test_kinds(variables):
    fw.variable("only", [1], collections=["mine"], device="/cpu:0")
    local = fw.local_variable(3.0, name="loc", use_resource=True)
    assert names(gs.get_collection("mine")) == ["z/a", "only"]
    assert "only" not in names(gs.global_variables())
    assert gs.get_collection("mine")[1].device == "/device:CPU:0"
    assert names(gs.trainable_variables()) == [
        "A/a",
        "A/w",
        "A/aw",
        "A/B/a",
        "A/B/w",
        "z/a",
        "only",
    ]
    assert (gs.local_variables(), local.op.type) == ([local], "VarHandleOp")
    assert names(fw.get_model_variables("A/B")) == ["A/B/w"]
    with fw.arg_scope([fw.variable, fw.model_variable], regularizer=l2_regularizer(1.0)):
        fw.model_variable("penalized", [1], trainable=False)
    assert len(gs.get_collection(gs.GraphKeys.REGULARIZATION_LOSSES)) == 2


FOUND = [
    (lambda: fw.get_variables("A/"), "A/a A/w A/aw A/B/a A/B/w"),
    (lambda: fw.get_variables(suffix="a"), "A/a A/B/a z/a"),
    (lambda: fw.get_variables("A", suffix="w"), "A/w A/aw A/B/w"),
    (lambda: fw.get_variables_by_suffix("B/a"), "A/B/a"),
    (lambda: fw.get_variables_by_suffix("a:0", scope="A/B"), "A/B/a"),
    (lambda: fw.get_variables_by_name("a"), "A/a A/B/a z/a"),
    (lambda: fw.get_variables_by_name("w", "A"), "A/w A/B/w"),
    (lambda: fw.get_variables_to_restore(["A"], ["A/B"]), "A/a A/w A/aw"),
    (lambda: fw.get_variables_to_restore(["A/B", "A/B/a"]), "A/B/a A/B/w A/B/a"),
    (lambda: [fw.get_unique_variable("A/a")], "A/a"),
]


@pytest.mark.parametrize(("find", "expected"), FOUND)
def test_variables_by_name(variables, find, expected):
    assert names(find()) == expected.split()


MISTAKES = [
    (lambda: fw.get_unique_variable("A/B"), ValueError, "does not uniquely identify"),
    (lambda: fw.get_unique_variable("gl"), ValueError, "does not uniquely identify"),
    (lambda: fw.get_unique_variable("zz"), ValueError, "Couldn't find variable zz"),
    (lambda: fw.get_variables_to_restore("A"), TypeError, "include is provided but is not a list"),
    (lambda: fw.get_variables_to_restore(None, "A"), TypeError, "exclude is provided but"),
    (lambda: fw.assign_from_values({"zz": np.ones(1)}), ValueError, "zz wasn't found"),
    (lambda: fw.assign_from_values({"A": np.ones(1)}), ValueError, "doesn't uniquely identify"),
    (lambda: fw.assert_scalar_int(gs.constant(3.0)), ValueError, "Expected integer type"),
    (lambda: fw.reduce_sum_n([]), ValueError, "No tensors provided"),
    (lambda: fw.get_graph_from_inputs([gs.constant(1)], gs.Graph()), ValueError, "same graph"),
]


@pytest.mark.parametrize(("do", "error", "message"), MISTAKES)
def test_mistakes(variables, do, error, message):
    with pytest.raises(error, match=message):
        do()


def test_values_for_variables(variables):
    write, feed = fw.assign_from_values({"A/a": np.arange(5.0), "glo": np.array([[7.0, 8.0]])})
    assert [t.op.name for t in feed] == ["placeholder/A/a", "placeholder/glo"]
    with gs.Session() as session:
        session.run(write, feed)
        fw.assign_from_values_fn({"A/B/a": np.zeros(3)})(session)
        values = session.run([fw.get_unique_variable("A/a"), variables, "A/B/a:0"])
    np.testing.assert_array_equal(values[0], np.arange(5.0))
    np.testing.assert_array_equal(values[1], [7.0, 8.0])
    np.testing.assert_array_equal(values[2], np.zeros(3))


def test_a_getter_of_ones_own_and_a_partitioner():
    asked = []

    def getter(name, reuse, **options):
        asked.append((name, reuse))
        return gs.get_variable(name, **options)

    fw.variable("v", [2], custom_getter=getter)
    assert asked == [("v", False)]
    parts = fw.variable("p", [4, 2], partitioner=fixed_size_partitioner(2))
    assert names(parts) == ["p/part_0", "p/part_1"]


def test_the_graph_and_its_counter(graph):
    x = gs.placeholder(gs.float32, name="x")
    assert fw.get_placeholders(graph) == [x]
    assert fw.get_graph_from_inputs([x, 3]) is graph
    assert fw.assert_or_get_global_step() is None
    step = gs.train.create_global_step()
    assert fw.assert_or_get_global_step() is fw.assert_or_get_global_step(None, step) is step
    with gs.name_scope("inside"):
        assert fw.get_name_scope() == "inside"


# ---- shapes that are checked -------------------------------------------------------------------

KNOWN, SOME = [2, 3], [None, 3]
SHAPES = [
    (KNOWN, [2, 3], "Const:0"),
    (KNOWN, [3, 2], ValueError),
    (KNOWN, [], ValueError),
    (KNOWN, [[2, 3]], ValueError),
    (KNOWN, [2.0, 3.0], ValueError),
    (SOME, [2, 3], "x/Identity:0"),
    (None, np.array([2, 3], np.int32), "x/Identity:0"),
    (None, [3, 2], gs.errors.InvalidArgumentError),
    ([1], [], "x/Reshape:0"),
]


@pytest.mark.parametrize(("shape", "wanted", "expected"), SHAPES)
def test_with_shape(shape, wanted, expected):
    value = np.ones([1] if shape == [1] else [2, 3], np.float32)
    x = gs.constant(value) if shape == KNOWN else gs.placeholder(gs.float32, shape, name="x")
    feed = {} if shape == KNOWN else {x: value}
    if isinstance(expected, str):
        checked = fw.with_shape(wanted, x)
        assert checked.name == expected
        assert gs.Session().run(checked, feed).size == value.size
        return
    with pytest.raises(expected):
        gs.Session().run(fw.with_shape(wanted, x), feed)


def test_with_the_shape_of_another():
    x, y = gs.placeholder(gs.float32, name="x"), gs.placeholder(gs.float32, name="y")
    same = fw.with_same_shape(x, y)
    ones = np.ones([2, 3])
    with gs.Session() as session:
        assert session.run(same, {x: ones, y: ones}).shape == (2, 3)
        with pytest.raises(gs.errors.InvalidArgumentError, match="Wrong shape for y:0"):
            session.run(same, {x: ones, y: np.ones([3, 3])})
        sums = fw.reduce_sum_n([gs.ones([2]), gs.ones([3, 1])])
        assert session.run(sums) == 5.0
    with pytest.raises(ValueError, match="int64"):
        fw.with_shape(gs.constant([2], gs.int64), y)
