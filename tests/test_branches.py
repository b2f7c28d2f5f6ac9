"""gs.cond: which branch runs is decided in the run; what TensorFlow does is in the goldens."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import layers
from graphscope.platform.gradient_checker import compute_gradient_error


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


@pytest.fixture
def p():
    return gs.placeholder(gs.bool, [], name="p")


@pytest.fixture
def x():
    return gs.placeholder(gs.float64, [3], name="x")


X = np.array([0.5, -1.0, 2.0])


def run(fetch, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return session.run(fetch, feed)


def slope_error(x, y, feed):
    """How far the slopes of y along x are from those by small differences."""
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        return compute_gradient_error(x, [3], y, [3], X, delta=1e-5, extra_feed_dict=feed)


SLOPED = {
    "products": lambda x, z: (lambda: x * z, lambda: z - x * x),
    "nothing on one side": lambda x, z: (lambda: gs.constant(X), lambda: gs.sin(x)),
    "what is outside": lambda x, z: (lambda: z, lambda: x),
    "one input twice": lambda x, z: (lambda: x * gs.exp(x), lambda: gs.tanh(x) / (x * x + 1.0)),
    "matrices": lambda x, z: (
        lambda: gs.reshape(gs.matmul(gs.reshape(x, [3, 1]), gs.reshape(z, [1, 3])), [9])[:3],
        lambda: gs.reduce_sum(x) * z,
    ),
    "inside another": lambda x, z: (
        lambda: gs.cond(gs.reduce_sum(x) > 0.0, lambda: x * z, lambda: x),
        lambda: gs.cond(x[0] > 1.0, lambda: x, lambda: gs.square(x * z)),
    ),
    "rows": lambda x, z: (lambda: gs.gather(x * z, [0, 0, 2]), lambda: gs.gather(x, [2, 1, 1])),
}


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("name", SLOPED)
def test_slopes_are_those_by_small_differences(x, p, name, truth):
    z = gs.cos(x)
    y = gs.cond(p, *SLOPED[name](x, z))
    assert slope_error(x, y, {p: truth}) < 1e-8


@pytest.mark.parametrize("truth", [True, False])
def test_slopes_of_slopes(x, p, truth):
    y = gs.cond(p, lambda: x**3 * gs.cos(x), lambda: gs.exp(-x))
    (slope,) = gs.gradients(y, x)
    assert slope_error(x, slope, {p: truth}) < 1e-8
    (third,) = gs.gradients(slope, x)
    assert slope_error(x, third, {p: truth}) < 1e-7


def test_only_the_branch_that_is_taken_runs(p):
    taken, left = gs.Variable(0, name="taken"), gs.Variable(0, name="left")
    y = gs.cond(p, lambda: taken.assign_add(1), lambda: left.assign_add(1))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    for truth, expected in [(True, [1, 0]), (False, [1, 1]), (False, [1, 2])]:
        session.run(y, {p: truth})
        assert session.run([taken, left]) == expected


def test_what_a_branch_uses_from_around_is_computed_whichever_is_taken(p):
    grown = gs.assign_add(gs.Variable(0.0, name="v"), 1.0)
    y = gs.cond(p, lambda: grown * 1.0, lambda: gs.constant(5.0))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    assert session.run(y, {p: False}) == 5.0
    assert session.run("v:0") == 1.0


@pytest.mark.parametrize("use_resource", [False, True])
def test_variables_are_read_where_the_branch_runs(p, use_resource):
    v = gs.Variable(1.0, name="v", use_resource=use_resource)
    with gs.control_dependencies([v.assign(4.0)]):
        y = gs.cond(p, lambda: v.read_value() * 10.0, lambda: v.read_value())
    assert run(y, {p: True}) == 40.0

    def twice():
        with gs.control_dependencies([v.assign_add(1.0)]):
            first = v.read_value()
        with gs.control_dependencies([first]):
            again = v.assign_add(1.0)
        with gs.control_dependencies([again]):
            return first, v.read_value()

    found = gs.cond(p, twice, lambda: (v.read_value(), gs.constant(0.0)))
    assert run(found, {p: True}) == (2.0, 3.0)
    assert run(found, {p: False}) == (1.0, 0.0)


def test_a_fed_variable_is_fed_inside_too(p):
    v = gs.Variable(1.0, name="v")
    y = gs.cond(p, lambda: v.read_value() + 1.0, lambda: gs.constant(0.0))
    assert run(y, {p: True, v: 10.0}) == 11.0


def test_a_reading_from_before_sees_what_a_branch_has_written(p):
    """The reading of a ref variable is its memory: what waits for the write sees the new value."""
    v = gs.Variable(1.0, name="v")
    reading = v.value()
    written = gs.cond(p, lambda: gs.assign(v, 7.0), lambda: gs.constant(0.0))
    with gs.control_dependencies([written]):
        y = gs.add(reading, 100.0)
    assert run(y, {p: True}) == 107.0
    assert run(y, {p: False}) == 101.0


def test_a_variable_that_is_made_in_a_branch_is_made_for_all(p, x, graph):
    def made():
        with gs.variable_scope("layer"):
            return x * gs.get_variable("w", [], gs.float64, gs.ones_initializer())

    y = gs.cond(p, made, lambda: x)
    (w,) = gs.trainable_variables()
    assert (w.name, w.op.body) == ("layer/w:0", None)
    assert run(y, {p: True, x: X}).tolist() == X.tolist()
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(y))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    session.run(train, {p: True, x: X})
    assert session.run(w) == pytest.approx(1.0 - 0.1 * X.sum())
    session.run(train, {p: False, x: X})
    assert session.run(w) == pytest.approx(1.0 - 0.1 * X.sum())


def test_names_and_shapes(p, x):
    y = gs.cond(p, lambda: x, lambda: x[:2])
    z = gs.cond(p, lambda: (x, 1), lambda: (x, 2), name="choose")
    assert (y.name, y.shape.as_list()) == ("cond/Merge:0", [None])
    assert [t.name for t in z] == ["choose/Merge:0", "choose/Merge_1:0"]
    assert z[0].shape.as_list() == [3]
    with gs.name_scope("outer"):
        assert gs.cond(p, lambda: x, lambda: x).name == "outer/cond/Merge:0"


def test_the_nesting_of_what_comes_back(p, x):
    assert isinstance(gs.cond(p, lambda: [x], lambda: x), gs.Tensor)
    assert isinstance(gs.cond(p, lambda: [[x]], lambda: [[x]]), gs.Tensor)
    (alone,) = gs.cond(p, lambda: [x], lambda: [x], strict=True)
    assert isinstance(alone, gs.Tensor)
    found = gs.cond(p, lambda: {"a": x, "b": [x, x]}, lambda: {"a": x, "b": [x, x]})
    assert sorted(found) == ["a", "b"]
    with pytest.raises(TypeError, match="same structure of tensors"):
        gs.cond(p, lambda: (x, x), lambda: [x, x])
    with pytest.raises(ValueError, match="must return at least one result"):
        gs.cond(p, lambda: [], lambda: [])


@pytest.mark.parametrize("condition", [1, 1.0, "yes", None])
def test_a_condition_is_a_truth_value(condition, x):
    with pytest.raises((TypeError, ValueError)):
        gs.cond(condition, lambda: x, lambda: x)
    assert run(gs.cond(np.bool_(True), lambda: 1.0, lambda: 2.0)) == 1.0


def test_a_condition_of_unknown_shape_is_checked_in_the_run(x):
    p = gs.placeholder(gs.bool, name="p")
    y = gs.cond(p, lambda: x, lambda: x, name="choose")
    with pytest.raises(gs.errors.InvalidArgumentError, match="one truth value, not 2 of them"):
        run(y, {p: [True, False], x: X})
    assert run(y, {p: True, x: X}).tolist() == X.tolist()


def test_what_is_inside_stays_inside(p, x, graph):
    inside = []

    def branch():
        inside.append(gs.negative(x, name="inside"))
        return inside[0]

    y = gs.cond(p, branch, lambda: x)
    with pytest.raises(ValueError, match="has no value outside of it"):
        gs.exp(inside[0])
    with pytest.raises(ValueError, match="has no value outside of it"):
        gs.cond(p, lambda: inside[0], lambda: x)
    for what in (inside[0], "cond/inside:0", inside[0].op):
        with pytest.raises(ValueError, match="not fetchable"):
            run(what, {p: True, x: X})
    with pytest.raises(ValueError, match="may not be fed"):
        run(y, {p: True, inside[0]: X})
    assert graph.get_tensor_by_name("cond/inside:0") is inside[0]


def test_what_a_branch_does_not_give_back_does_not_run(p, x):
    v = gs.Variable(1.0, name="v")

    def branch():
        gs.assign(v, 5.0)
        return x

    session = gs.Session()
    session.run(gs.global_variables_initializer())
    session.run(gs.cond(p, branch, lambda: x), {p: True, x: X})
    assert session.run(v) == 1.0


def test_dependencies_around_and_inside(p):
    order = gs.Variable("", name="order")

    def add(letter):
        return gs.assign(order, order.read_value() + letter)

    with gs.control_dependencies([add("a")]):

        def branch():
            with gs.control_dependencies([add("b")]):
                return add("c")

        y = gs.cond(p, branch, lambda: add("x"))
    with gs.control_dependencies([y]):
        z = add("d")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    assert session.run(z, {p: True}) == b"abcd"
    assert session.run(z, {p: False}) == b"abcdaxd"


def test_dropout_and_batch_normalization_choose_in_the_run(p):
    gs.set_random_seed(2)
    rows = gs.placeholder(gs.float32, [4, 100], name="rows")
    y = layers.dropout(rows, 0.5, training=p)
    ones = np.ones((4, 100), np.float32)
    assert run(y, {rows: ones, p: False}).tolist() == ones.tolist()
    assert 0.3 < (run(y, {rows: ones, p: True}) == 0).mean() < 0.7
    z = layers.batch_normalization(rows, training=p)
    found = run(z, {rows: np.arange(400.0).reshape(4, 100), p: True})
    np.testing.assert_allclose(found.mean(0), 0.0, atol=1e-5)
    updates = gs.get_collection(gs.GraphKeys.UPDATE_OPS)
    mean = next(v for v in gs.global_variables() if v.op.name.endswith("moving_mean"))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    session.run(updates, {rows: ones, p: False})
    assert not session.run(mean).any()
    session.run(updates, {rows: ones, p: True})
    assert session.run(mean)[0] == pytest.approx(0.01)
