"""One step of training of an LSTM in Keras, forward into its loop and back again.

What the debugger shows is compared with an LSTM in plain numpy.
"""

import numpy as np
import pytest

import graphscope as gs
from graphscope import keras
from graphscope.keras import backend as K

LOOP = "lstm/while/While"
CARRY, OUTPUT = "lstm/while/add_5", "lstm/while/mul_5"
X = np.random.RandomState(3).uniform(-1, 1, (2, 4, 3)).astype(np.float32)
Y = np.ones((2, 1), np.float32)


def model_of():
    """[batch, 4 steps, 3 features] to one number, by an LSTM of two units."""
    K.clear_session()
    gs.set_random_seed(3)
    model = keras.Sequential(
        [keras.layers.LSTM(2, input_shape=(4, 3)), keras.layers.Dense(1, name="out")]
    )
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def model():
    return model_of()


@pytest.fixture
def d(model):
    update = model._ready.function("train").updates_op
    return gs.debug(
        K.get_session(), [model.total_loss, update], {model.inputs[0]: X, model.targets[0]: Y}
    )


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def expected(weights):
    """The carries and outputs of each step, from the equations."""
    kernel, recurrent, bias = weights[:3]
    h, c = np.zeros((2, 2)), np.zeros((2, 2))
    carries, outputs = [], []
    for t in range(4):
        i, f, candidate, o = np.split(X[:, t] @ kernel + bias + h @ recurrent, 4, axis=1)
        c = hard_sigmoid(f) * c + hard_sigmoid(i) * np.tanh(candidate)
        h = hard_sigmoid(o) * np.tanh(c)
        carries.append(c)
        outputs.append(h)
    return carries, outputs


def around(d):
    return [(owner.name, i) for owner, i in d.timeline.here.frames]


def test_forward_into_an_iteration_and_back(d, model):
    carries, outputs = expected(model.get_weights())
    times = []
    for t in range(4):
        stop = d.until(CARRY)
        assert around(d) == [(LOOP, t)]
        np.testing.assert_allclose(stop.value, carries[t], rtol=1e-5)
        stop = d.until(OUTPUT)
        assert around(d) == [(LOOP, t)]
        np.testing.assert_allclose(stop.value, outputs[t], rtol=1e-5)
        times.append(stop.t)
    assert len(set(np.diff(times))) == 1  # an iteration has as many steps as any other
    for t in (2, 1, 0):
        stop = d.runtil(OUTPUT)
        assert (stop.t, around(d)) == (times[t], [(LOOP, t)])
        np.testing.assert_allclose(stop.value, outputs[t], rtol=1e-5)
    back = d.back()
    assert back.t == times[0] - 1
    assert back.node.name == "lstm/while/Tanh_1"
    np.testing.assert_allclose(back.value, np.tanh(carries[0]), rtol=1e-5)


def test_the_gradient_goes_through_the_steps_from_the_last_one(d):
    d.goto("end")
    seen = []
    while d.t:
        d.back()
        if d.timeline.here is not None:
            seen += [frame for frame in around(d) if frame not in seen[-1:]]
    gradient = next(owner for owner, _ in seen if owner != LOOP)
    assert gradient.startswith("training/SGD/gradients/")
    assert seen == [(gradient, i) for i in (3, 2, 1, 0)] + [(LOOP, i) for i in (4, 3, 2, 1, 0)]


def test_a_rehearsed_step_is_the_one_that_training_takes(d, model):
    before = model.get_weights()
    d.goto(OUTPUT)
    assert all(map(np.array_equal, before, model.get_weights()))
    d.goto("end")
    loss = d.result[0]
    d.close()
    after = model.get_weights()
    other = model_of()
    assert all(map(np.array_equal, before, other.get_weights()))
    assert other.train_on_batch(X, Y) == loss
    for ours, theirs in zip(after, other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not any(map(np.array_equal, before, after))


def test_what_is_set_in_the_last_step_changes_the_loss(d, model):
    for _ in range(4):
        d.until(OUTPUT)
    d.set(OUTPUT, np.zeros((2, 2), np.float32))
    d.goto("end")
    assert d.result[0] == 1.0  # the output is the bias then, which is 0, and the target 1
