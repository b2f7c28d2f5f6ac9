"""get_variable and variable_scope: errors, custom getters, nesting. Names are in the goldens."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.ops import variable_store
from graphscope.platform.inspection import getargspec


def test_a_variable_is_made_once(graph):
    gs.get_variable("v", [2])
    with pytest.raises(ValueError, match=r"Variable v already exists, disallowed") as raised:
        gs.get_variable("v", [2])
    assert "test_variable_scope.py" in str(raised.value)


def test_what_reuse_demands(graph):
    v = gs.get_variable("v", [2])
    with gs.variable_scope(gs.get_variable_scope(), reuse=True):
        assert gs.get_variable("v") is v
        with pytest.raises(ValueError, match="does not exist, or was not created"):
            gs.get_variable("w", [2])
        with pytest.raises(ValueError, match=r"specified shape \(3,\) and found shape \(2,\)"):
            gs.get_variable("v", [3])
        with pytest.raises(ValueError, match="specified dtype float64 and found dtype float32"):
            gs.get_variable("v", [2], dtype=gs.float64)
    with pytest.raises(ValueError, match="already exists"):
        gs.get_variable("v", [2])


def test_reuse_is_inherited_and_cannot_be_ended_inside(graph):
    with gs.variable_scope("a"):
        v = gs.get_variable("v", [])
    with gs.variable_scope("a", reuse=True):
        with gs.variable_scope("b", reuse=False) as inner:
            assert inner.reuse is True
        assert gs.get_variable("v") is v
    with gs.variable_scope("a", reuse=gs.AUTO_REUSE) as scope:
        assert gs.get_variable("v") is v
        assert gs.get_variable("new", []).name == "a/new:0"
        scope.reuse_variables()
        with pytest.raises(ValueError, match="does not exist"):
            gs.get_variable("newer", [])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"name_or_scope": None}, TypeError),
        ({"name_or_scope": "a", "reuse": "yes"}, ValueError),
        ({"name_or_scope": "a", "auxiliary_name_scope": 1}, TypeError),
    ],
)
def test_wrong_arguments(graph, arguments, error):
    with pytest.raises(error):
        gs.variable_scope(**arguments)


def test_wrong_scopes(graph):
    with pytest.raises(TypeError, match="must be a string or VariableScope"):
        gs.variable_scope(3).__enter__()
    with pytest.raises(ValueError, match="without a name_or_scope"):
        gs.variable_scope(None, "default", reuse=True).__enter__()


def test_wrong_initializers(graph):
    with pytest.raises(ValueError, match="do not specify shape"):
        gs.get_variable("a", [2], initializer=gs.zeros([2]))
    with pytest.raises(ValueError, match="don't match"):
        gs.get_variable("b", dtype=gs.int32, initializer=[1.0])
    with pytest.raises(ValueError, match="initializer passed is not valid"):
        gs.get_variable("c", initializer=gs.zeros_initializer())
    with pytest.raises(ValueError, match="initializer passed is not valid"):
        gs.get_variable("d", [None, 2])
    with pytest.raises(ValueError, match="An initializer for variable e"):
        gs.get_variable("e", [2], dtype=gs.complex64)
    with pytest.raises(ValueError, match="does not match the Variable's rank"):
        gs.get_variable("f", [4], partitioner=lambda **_: [2, 1])
    assert gs.get_variable("g", initializer=lambda: gs.ones([2])).shape == [2]
    assert gs.get_variable("h", [2], dtype=gs.int64).dtype.base_dtype is gs.int64


def test_custom_getters_call_the_outer_ones(graph):
    asked = []

    def outer(getter, name, *args, **kwargs):
        asked.append(f"outer {name}")
        return getter(f"{name}_outer", *args, **kwargs)

    def inner(getter, name, *args, **kwargs):
        asked.append(f"inner {name}")
        return getter(f"{name}_inner", *args, **kwargs)

    with gs.variable_scope("a", custom_getter=outer), gs.variable_scope("b", custom_getter=inner):
        v = gs.get_variable("v", [])
    assert v.name == "a/b/v_inner_outer:0"
    assert asked == ["inner a/b/v", "outer a/b/v_inner"]


def test_a_scope_object_can_be_entered_again(graph):
    scope = gs.variable_scope("a")
    with scope as first:
        gs.get_variable("v", [])
    with scope as second:
        gs.get_variable("w", [])
        assert gs.constant(1).name == "a_1/Const:0"
    assert first.name == second.name == "a"
    assert [v.name for v in second.global_variables()] == ["a/v:0", "a/w:0"]


def test_a_closed_scope_counts_what_is_in_it_from_the_beginning(graph):
    """The names are those of TensorFlow 1.15; a name may have several parts."""
    found = []

    def default(name):
        with gs.variable_scope(None, name) as scope:
            found.append(scope.name)

    for outer in ("a", "a", "a/b", "a"):
        with gs.variable_scope(outer) as again:
            default("d")
            with gs.variable_scope("b/c"):
                default("d")
                default("d")
            default("b")
            default("b/c")
    with gs.variable_scope(again):
        default("d")
    default("a")
    default("a/b")
    in_a = "a/d a/b/c/d a/b/c/d_1 a/b a/b/c"
    in_a_b = "a/b/d a/b/b/c/d a/b/b/c/d_1 a/b/b a/b/b/c"
    last = "a/d a/b/c/d a/b/c/d_1 a/b_1 a/b/c_1"
    assert " ".join(found) == f"{in_a} {in_a} {in_a_b} {last} a/d a_1 a/b"


def test_old_spelling(graph):
    with gs.variable_op_scope([gs.constant(1)], None, "layer") as scope:
        assert scope.name == "layer"
        assert scope.original_name_scope == "layer/"


def test_regularization_is_added_once(graph):
    with gs.variable_scope("a", regularizer=gs.nn.l2_loss):
        gs.get_variable("v", [2], initializer=gs.ones_initializer())
        gs.get_variable("w", [2], regularizer=lambda _: None)
    with gs.variable_scope("a", reuse=True):
        gs.get_variable("v")
    losses = gs.get_collection(gs.GraphKeys.REGULARIZATION_LOSSES)
    assert [loss.name for loss in losses] == ["a/v/Regularizer/L2Loss:0"]
    assert [key for key in graph.get_all_collection_keys() if not isinstance(key, str)] == []


def test_each_graph_has_its_own_variables(graph):
    v = gs.get_variable("v", [])
    with gs.Graph().as_default():
        assert gs.get_variable("v", []) is not v


@pytest.mark.parametrize(
    "make",
    [
        lambda: gs.constant_initializer("text", dtype=gs.float32)([2]),
        lambda: gs.constant_initializer(object()),
        lambda: gs.constant_initializer([1, 2, 3])([2]),
        lambda: gs.random_normal_initializer(dtype=gs.int32),
        lambda: gs.variance_scaling_initializer(scale=0),
        lambda: gs.variance_scaling_initializer(mode="fan"),
        lambda: gs.variance_scaling_initializer(distribution="even"),
        lambda: gs.orthogonal_initializer()([3]),
    ],
)
def test_initializers_refuse(graph, make):
    with pytest.raises((TypeError, ValueError)):
        make()


def test_an_initializer_is_made_again_from_its_config(graph):
    for initializer in (
        gs.constant_initializer(3, dtype=gs.int32),
        gs.random_uniform_initializer(-1, 2, seed=3),
        gs.glorot_uniform_initializer(seed=1),
        gs.variance_scaling_initializer(2.0, "fan_avg", seed=9),
    ):
        config = initializer.get_config()
        assert type(initializer).from_config(config).get_config() == config


def test_an_orthogonal_matrix(graph):
    with gs.Session() as session:
        q = session.run(gs.orthogonal_initializer(seed=1)([5, 3]))
        np.testing.assert_allclose(q.T @ q, np.eye(3), atol=1e-6)
        q = session.run(gs.orthogonal_initializer(gain=2.0)([2, 4]))
        np.testing.assert_allclose(q @ q.T, 4 * np.eye(2), atol=1e-5)


def test_a_scope_is_left_after_those_inside():
    with gs.Graph().as_default(), gs.variable_scope("a"):
        outer = gs.variable_scope("b")
        outer.__enter__()
        with gs.variable_scope("c"), pytest.raises(RuntimeError, match="Improper nesting"):
            outer.__exit__(None, None, None)
        outer.__exit__(None, None, None)
        assert gs.get_variable_scope().name == "a"


def test_the_device_of_a_shared_reading():
    with gs.Graph().as_default(), gs.variable_scope("s", caching_device="/job:near"):
        ref = gs.get_variable("ref", [])
        resource = gs.get_variable("resource", [], use_resource=True)
        free = gs.get_variable("free", [], caching_device="/job:far")
    devices = [v.value().device for v in (ref, resource, free)]
    assert devices == ["/job:near", "/job:near", "/job:far"]
    assert resource.value() is resource.value()
    assert ref.device == resource.device == ""


def test_stores_beside_the_default_one():
    with gs.Graph().as_default():
        v = gs.get_variable("v", [1])
        store = variable_store.EagerVariableStore()
        with store.as_default():
            other = gs.get_variable("v", [1], trainable=False)
            gs.get_variable("w", [1])
        assert other is not v
        assert [x.op.name for x in store.variables()] == ["v_1", "w"]
        assert [x.op.name for x in store.trainable_variables()] == ["w"]
        assert store.non_trainable_variables() == [other]
        assert variable_store.variable_store().get_variable("v", [1]) is v


def test_the_two_functions_take_the_same_arguments():
    local, shared = (getargspec(f).args for f in (gs.get_local_variable, gs.get_variable))
    assert local == shared
    assert getargspec(lambda a, *b, c=1: 0) == (["a"], "b", None, None)
