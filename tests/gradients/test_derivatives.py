"""Second derivatives, gradients that users declare, tapes over graphs, typed functions."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.gradients import (
    Defun,
    GradientTape,
    UnconnectedGradients,
    custom_gradient,
    get_dependent_variables,
    hessian_vector_product,
    hessians,
    recompute_grad,
)
from graphscope.ops.gradient_registry import NotDifferentiable, RegisterGradient


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as fresh:
        yield fresh


def run(value):
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        return sess.run(value)


# ---- second derivatives ------------------------------------------------------------------------


def test_the_hessian_of_a_quadratic_form():
    matrix = np.random.RandomState(0).randn(3, 3).astype(np.float32)
    x = gs.constant([1.0, 2.0, 3.0])
    y = gs.reduce_sum(x[:, None] * matrix * x[None, :])
    np.testing.assert_allclose(run(hessians(y, x)[0]), matrix + matrix.T, rtol=1e-5)
    vector = gs.constant([1.0, -1.0, 0.5])
    product = hessian_vector_product(y, [x], [vector])[0]
    np.testing.assert_allclose(run(product), (matrix + matrix.T) @ [1.0, -1.0, 0.5], rtol=1e-5)
    assert hessians(gs.reduce_sum(gs.ones([2, 4]) * x[0]) ** 2, x)[0].shape == [3, 3]


def test_hessians_that_there_are_not():
    x = gs.placeholder(gs.float32, [None])
    with pytest.raises(ValueError, match="needs the static shape"):
        hessians(gs.reduce_sum(x * x), x)
    y = gs.constant([1.0])
    with pytest.raises(ValueError, match="its hessian is 0"):
        hessians(y, y)
    with pytest.raises(ValueError, match="same length"):
        hessian_vector_product(y, [y], [])


# ---- gradients by name -------------------------------------------------------------------------


def test_an_override_holds_inside_its_block_only(graph):
    @RegisterGradient("test: flipped")
    def flipped(op, grad):
        assert op.type in ("Identity", "Sign")
        return -grad

    x = gs.constant(2.0)
    with graph.gradient_override_map({"Identity": "test: flipped", "Sign": "test: flipped"}):
        inside = [gs.identity(x), gs.sign(x)]  # Sign has no gradient of its own
    outside = gs.identity(x)
    found = [gs.gradients(y, x)[0] for y in (*inside, outside)]
    np.testing.assert_array_equal(run(found), [-1.0, -1.0, 1.0])


def test_the_innermost_override_counts(graph):
    RegisterGradient("test: doubled")(lambda op, grad: 2.0 * grad)
    NotDifferentiable("test: nothing")
    x = gs.constant(1.0)
    with graph.gradient_override_map({"Identity": "test: doubled"}):
        with graph.gradient_override_map({"Identity": "test: nothing"}):
            nothing = gs.identity(x)
        doubled = gs.identity(x)
    assert gs.gradients(nothing, x) == [None]
    assert run(gs.gradients(doubled, x)[0]) == 2.0


def test_wrong_overrides(graph):
    x = gs.constant(1.0)
    with graph.gradient_override_map({"Identity": "test: never registered"}):
        y = gs.identity(x)
    with pytest.raises(LookupError, match="No gradient defined"):
        gs.gradients(y, x)
    with (
        pytest.raises(TypeError, match="dictionary mapping strings"),
        graph.gradient_override_map({"Identity": 1}),
    ):
        pass
    with pytest.raises(KeyError, match="Registering two gradient with name 'MatMul'"):
        RegisterGradient("MatMul")(lambda op, grad: grad)


# ---- functions with their own gradient ---------------------------------------------------------


def test_a_function_with_its_own_gradient():
    @custom_gradient
    def crossed(a, b):
        return a * b, lambda dy: [dy * a, dy * b]

    a, b = gs.constant(3.0), gs.constant(5.0)
    y = crossed(a, b)
    assert run(y) == 15.0
    np.testing.assert_array_equal(run(gs.gradients(y, [a, b])), [3.0, 5.0])
    np.testing.assert_array_equal(run(gs.gradients(crossed(y, b), [a])), [15.0 * 3.0])


@custom_gradient
def scaled(x):
    """x times a variable, whose gradient is said to be 7."""
    w = gs.get_variable("w", initializer=2.0)

    def grad(dy, variables=None):
        assert variables == [w]
        return dy * 10.0, [gs.constant(7.0)]

    return x * w, grad


def test_variables_of_such_a_function():
    x = gs.constant(3.0)
    with gs.variable_scope("scope", use_resource=True):
        y = scaled(x)
    w = gs.global_variables()[0]
    assert get_dependent_variables([x], y) == [w]
    np.testing.assert_array_equal(run([y, *gs.gradients(y, [x, w])]), [6.0, 10.0, 7.0])


def test_ref_variables_are_refused():
    with pytest.raises(TypeError, match="must be `ResourceVariable`s"):
        scaled(gs.constant(1.0))


def test_a_gradient_function_must_take_the_variables():
    @custom_gradient
    def function(x):
        return x * gs.get_variable("w", initializer=2.0), lambda dy: dy

    with (
        gs.variable_scope("scope", use_resource=True),
        pytest.raises(TypeError, match="must accept a keyword argument 'variables'"),
    ):
        function(gs.constant(1.0))


def test_computing_once_more_gives_the_same_gradient():
    def function(x):
        return gs.square(x * gs.get_variable("w", initializer=3.0))

    x = gs.constant(2.0)
    with gs.variable_scope("scope", use_resource=True):
        y = recompute_grad(function)(x)
    found = gs.gradients(y, [x, gs.global_variables()[0]])
    np.testing.assert_array_equal(run(found), [36.0, 24.0])


def test_typed_functions():
    @Defun(gs.float32, gs.float32)
    def power(x, b):
        return x * x + b

    @Defun(gs.float32, python_grad_func=lambda op, dy: dy * op.inputs[0] * 100.0)
    def square(x):
        return x * x

    x = gs.constant(3.0)
    np.testing.assert_array_equal(run([power(x, 1.0), *gs.gradients(square(x), x)]), [10.0, 300.0])
    assert "power" in power(x, 1.0).op.name
    with pytest.raises(ValueError, match="Expected number of arguments: 2"):
        power(x)


# ---- tapes -------------------------------------------------------------------------------------


def test_a_tape_asks_the_graph():
    x, w = gs.constant(3.0), gs.Variable(2.0)
    with GradientTape() as tape:
        y = x * x * w
    assert tape.watched_variables() == [w]
    found = tape.gradient(y, {"x": x, "w": w, "z": gs.constant(1.0)}, unconnected_gradients="zero")
    assert run(found) == {"x": 12.0, "w": 9.0, "z": 0.0}
    with pytest.raises(RuntimeError, match="only be called once"):
        tape.gradient(y, x)


# ---- what gradients refuses --------------------------------------------------------------------


def test_unconnected_and_complex():
    x, y = gs.constant(1.0), gs.constant(2.0)
    assert gs.gradients(y, x, unconnected_gradients=UnconnectedGradients.NONE) == [None]
    assert run(gs.gradients(y, x, unconnected_gradients="zero")[0]) == 0.0
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients: 'nonsense'"):
        gs.gradients(y, x, unconnected_gradients="nonsense")
    z = gs.constant(1 + 2j)
    with pytest.raises(TypeError, match="must set grad_ys"):
        gs.gradients(gs.square(z), z)


def test_the_slope_of_digamma_at_nan_is_nan():
    x = gs.constant([np.nan, 1.0])
    slope = run(gs.gradients(gs.digamma(x), x)[0])
    np.testing.assert_allclose(slope, [np.nan, np.pi**2 / 6], rtol=1e-6)


def test_nothing_flows_behind_a_stop_that_is_asked_for():
    """A stop_gradient among the xs has a gradient, and what is behind it has none through it."""
    a = gs.constant(2.0)
    b = gs.stop_gradient(a * 3.0)
    y = a * b
    np.testing.assert_array_equal(run(gs.gradients(y, [a, b])), [6.0, 2.0])


@pytest.mark.parametrize("cut", [gs.round, gs.argmax, gs.stop_gradient])
def test_what_no_gradient_flows_through_has_one_itself(cut):
    """Of xs of which one is computed from another by what cuts the path, TF: [None, gradient]."""
    W = gs.Variable([1.2, 2.6])
    c = cut(W) if cut is not gs.argmax else gs.cast(cut(W), gs.float32)
    behind, own = gs.gradients(gs.reduce_sum(c * c), [W, c])
    assert behind is None
    value, slope = run([c, own])
    np.testing.assert_array_equal(slope, 2 * value)
    both = gs.gradients(gs.reduce_sum(c * W), [c, W])
    np.testing.assert_allclose(run(both[1]), np.broadcast_to(value, [2]))
