"""tf.contrib.training and tf.contrib.metrics: steps, gradients, hyperparameters, accuracy."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.contrib import metrics, training
from graphscope.contrib.decay import (
    AdamWOptimizer,
    clip_gradients_by_global_norm,
    extend_with_decoupled_weight_decay,
)


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as fresh:
        yield fresh


def run(fetches, feed=None, init=True):
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        return session.run(fetches, feed)


# ---- steps -------------------------------------------------------------------------------------


def test_a_step_with_all_updates():
    w = gs.Variable([3.0, 4.0], name="w")
    seen = gs.Variable(0.0, trainable=False)
    gs.add_to_collection(gs.GraphKeys.UPDATE_OPS, seen.assign_add(1.0).op)
    step = training.create_train_op(
        gs.reduce_sum(gs.square(w)) / 2.0,
        gs.train.GradientDescentOptimizer(1.0),
        transform_grads_fn=training.clip_gradient_norms_fn(2.5),
        summarize_gradients=True,
    )
    assert step.name == "train_op/control_dependency:0"
    assert gs.get_collection(gs.GraphKeys.TRAIN_OP)[-1] is step
    names = [s.op.name for s in gs.get_collection(gs.GraphKeys.SUMMARIES)]
    assert names == ["summarize_grads/w_gradient", "summarize_grads/w_gradient_norm"]
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        assert session.run(step) == 12.5
        np.testing.assert_allclose(session.run(w), [1.5, 2.0], rtol=1e-6)
        assert session.run([seen, gs.train.get_global_step()]) == [1.0, 1]


def test_a_step_without_counter_updates_and_checks():
    w, v = gs.Variable([1.0]), gs.Variable([1.0])
    gs.add_to_collection(gs.GraphKeys.UPDATE_OPS, gs.no_op())
    step = training.create_train_op(
        gs.reduce_sum(w * v) * np.inf,
        gs.train.GradientDescentOptimizer(0.0),
        global_step=None,
        update_ops=[],
        variables_to_train=[w],
        check_numerics=False,
    )
    assert run(step) == np.inf
    assert gs.train.get_global_step() is None


def test_a_loss_that_is_no_number_stops():
    loss = gs.reduce_sum(gs.Variable([1.0])) * np.nan
    step = training.create_train_op(loss, gs.train.GradientDescentOptimizer(0.1))
    with pytest.raises(gs.errors.InvalidArgumentError, match="LossTensor is inf or nan"):
        run(step)


def test_gradients_multiplied():
    w, b, u = (gs.Variable([2.0, 3.0], name=name) for name in "wbu")
    rows = gs.IndexedSlices(gs.constant([[1.0]]), gs.constant([0]), None)
    pairs = [(gs.constant([1.0, 2.0]), w), (rows, b), (None, u)]
    found = training.multiply_gradients(pairs, {w: 3.0, "b": 0.5})
    np.testing.assert_array_equal(run(found[0][0]), [3.0, 6.0])
    np.testing.assert_array_equal(run(found[1][0].values), [[0.5]])
    assert found[2] == (None, u)
    for wrong, message in (
        ((tuple(pairs), {w: 1.0}), "must be a list"),
        ((pairs, {}), "is empty"),
        ((pairs, [w]), "must be a dict"),
        ((pairs, {"u": 2.0}), "multiple of `None`"),
    ):
        with pytest.raises(ValueError, match=message):
            training.multiply_gradients(*wrong)


def test_decay_beside_the_gradient():
    w, b = (gs.Variable([4.0], name=name, use_resource=True) for name in "wb")
    optimizer = AdamWOptimizer(0.5, learning_rate=0.0)
    pairs = [(gs.constant([1.0]), w), (gs.constant([1.0]), b)]
    step = optimizer.apply_gradients(pairs, decay_var_list=[b])
    again = extend_with_decoupled_weight_decay(gs.train.MomentumOptimizer)(0.25, 0.0, 0.9)
    more = again.minimize(gs.reduce_sum(w * b))
    with gs.Session() as session:
        session.run(gs.global_variables_initializer())
        session.run(step)
        assert [v.tolist() for v in session.run([w, b])] == [[4.0], [2.0]]
        session.run(more)
        assert [v.tolist() for v in session.run([w, b])] == [[3.0], [1.5]]


def test_gradients_clipped_together():
    pairs, norm = clip_gradients_by_global_norm([(gs.constant([3.0, 4.0]), "w"), (None, "b")], 2.5)
    np.testing.assert_allclose(run(pairs[0][0]), [1.5, 2.0], rtol=1e-6)
    assert (run(norm), pairs[1]) == (5.0, (None, "b"))


# ---- accuracy ----------------------------------------------------------------------------------


def test_accuracy_of_a_batch():
    guesses, labels = gs.constant([1, 2, 3]), gs.constant([1, 2, 4])
    assert run(metrics.accuracy(guesses, labels)) == np.float32(2 / 3)
    assert run(metrics.accuracy(guesses, labels, weights=[1.0, 0.0, 3.0])) == 0.25
    with pytest.raises(ValueError, match="Labels should have bool, integer, or string dtype"):
        metrics.accuracy(gs.constant([1.0]), gs.constant([1.0]))
    with pytest.raises(ValueError, match="should match"):
        metrics.accuracy(gs.constant([1.0]), gs.constant([1]))


# ---- hyperparameters ---------------------------------------------------------------------------


@pytest.fixture
def hparams():
    return training.HParams(rate=0.1, n=3, name="x", sizes=[1, 2], flag=True)


def test_hyperparameters(hparams):
    assert str(hparams) == "rate=0.1,n=3,name=x,sizes=[1, 2],flag=True"
    assert repr(hparams) == (
        "HParams([('flag', True), ('n', 3), ('name', 'x'), ('rate', 0.1), ('sizes', [1, 2])])"
    )
    assert (hparams.rate, "n" in hparams, hparams.get("n"), hparams.get("no", 4)) == (
        0.1,
        True,
        3,
        4,
    )
    assert hparams.parse("rate=2, sizes=[4,5,6],flag=false,name=") is hparams
    assert hparams.values() == {"rate": 2.0, "n": 3, "name": "", "sizes": [4, 5, 6], "flag": False}
    hparams.parse_json('{"n": 11}').set_hparam("rate", 3)
    hparams.del_hparam("flag")
    assert (
        hparams.to_json(sort_keys=True) == '{"n": 11, "name": "", "rate": 3.0, "sizes": [4, 5, 6]}'
    )
    hparams.set_model_structure("any")
    assert hparams.get_model_structure() == "any"


WRONG = [
    (lambda h: h.parse("n=x"), ValueError),
    (lambda h: h.parse("n=1.5"), ValueError),
    (lambda h: h.parse("no=1"), ValueError),
    (lambda h: h.parse("n"), ValueError),
    (lambda h: h.parse("sizes=3"), ValueError),
    (lambda h: h.parse("n=[1]"), ValueError),
    (lambda h: h.parse("flag=yes"), ValueError),
    (lambda h: h.add_hparam("n", 1), ValueError),
    (lambda h: h.add_hparam("none", []), ValueError),
    (lambda h: h.set_hparam("n", "q"), ValueError),
    (lambda h: h.set_hparam("n", 2.5), ValueError),
    (lambda h: h.set_hparam("n", True), ValueError),
    (lambda h: h.set_hparam("flag", 1), ValueError),
    (lambda h: h.set_hparam("sizes", 3), ValueError),
    (lambda h: h.set_hparam("no", 1), KeyError),
    (lambda h: h.get("n", "a"), ValueError),
]


@pytest.mark.parametrize(("do", "error"), WRONG)
def test_wrong_hyperparameters(hparams, do, error):
    with pytest.raises(error):
        do(hparams)
