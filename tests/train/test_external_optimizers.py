"""Optimizers outside the graph (tf.contrib.opt)."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.contrib.opt import ExternalOptimizerInterface, ScipyOptimizerInterface


class Descent(ExternalOptimizerInterface):
    """A hundred steps down the gradient, held within the bounds."""

    def _minimize(self, **given):
        self.given = given
        x = given["initial_val"].astype(np.float64)
        for _ in range(100):
            value, slope = given["loss_grad_func"](x)
            assert np.ndim(value) == 0
            x = x - self.optimizer_kwargs["rate"] * slope
            if given["packed_bounds"]:
                x = np.clip(x, *np.transpose(given["packed_bounds"]))
            given["step_callback"](x)
        return x


@pytest.fixture
def problem():
    gs.reset_default_graph()
    w = gs.Variable([[3.0, 4.0]], name="w")
    b = gs.Variable(5.0, name="b")
    unused = gs.Variable([6.0], name="unused")
    shift = gs.placeholder(gs.float32, [])
    loss = gs.reduce_sum(gs.square(w - shift)) + gs.square(b)
    return loss, [w, b, unused], shift


def test_the_variables_are_one_vector(problem):
    loss, variables, shift = problem
    steps, seen = [], []
    optimizer = Descent(loss, rate=0.1)
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        optimizer.minimize(
            feed_dict={shift: 1.0},
            fetches=[loss, variables[1]],
            step_callback=steps.append,
            loss_callback=lambda *values: seen.append(values),
        )
        w, b, unused = sess.run(variables)
    np.testing.assert_allclose(w, [[1.0, 1.0]], atol=1e-5)
    assert b == pytest.approx(0.0, abs=1e-5)
    assert unused == [6.0]
    assert [step.shape for step in steps] == [(4,)] * 100
    assert seen[0] == (4.0 + 9.0 + 25.0, 5.0)
    assert len(seen) == 100


def test_bounds_and_constraints(problem):
    loss, (w, b, _), shift = problem
    optimizer = Descent(
        loss,
        var_list=[w, b],
        equalities=[b - 2.0],
        inequalities=[w[0, 0] + b],
        var_to_bounds={w: ([2.0, -np.inf], np.inf)},
        rate=0.1,
    )
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        optimizer.minimize(sess, {shift: 1.0})
        np.testing.assert_allclose(sess.run(w), [[2.0, 1.0]], atol=1e-5)
        x = np.array([7.0, 8.0, 9.0])
        given = optimizer.given
        (equal,), (slope,) = given["equality_funcs"][0](x), given["equality_grad_funcs"][0](x)
        assert (equal, slope.tolist()) == (7.0, [0.0, 0.0, 1.0])
        (above,) = given["inequality_funcs"][0](x)
        (slope,) = given["inequality_grad_funcs"][0](x)
        assert (above, slope.tolist()) == (16.0, [1.0, 0.0, 1.0])


def test_a_subclass_has_the_algorithm(problem):
    loss, _, shift = problem
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        with pytest.raises(NotImplementedError, match="_minimize"):
            ExternalOptimizerInterface(loss).minimize(sess, {shift: 1.0})


def test_scipy(problem):
    pytest.importorskip("scipy")
    loss, (w, b, _), shift = problem
    free = ScipyOptimizerInterface(loss, var_list=[w, b], options={"maxiter": 50})
    held = ScipyOptimizerInterface(
        loss, var_list=[w, b], equalities=[b - 2.0], inequalities=[w[0, 0] - 4.0], method="SLSQP"
    )
    wrong = ScipyOptimizerInterface(loss, var_list=[w], jac=False)
    with gs.Session() as sess:
        sess.run(gs.global_variables_initializer())
        free.minimize(sess, {shift: 1.0})
        np.testing.assert_allclose(sess.run(w), [[1.0, 1.0]], atol=1e-3)
        held.minimize(sess, {shift: 1.0})
        np.testing.assert_allclose(sess.run(w), [[4.0, 1.0]], atol=1e-3)
        assert sess.run(b) == pytest.approx(2.0, abs=1e-3)
        with pytest.raises(ValueError, match="'jac' is set automatically"):
            wrong.minimize(sess, {shift: 1.0})
