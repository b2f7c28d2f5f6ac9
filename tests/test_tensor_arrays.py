"""gs.TensorArray: derivatives of derivatives; what TensorFlow does is in the goldens."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.platform.gradient_checker import compute_gradient_error

X = np.random.RandomState(0).uniform(-1.0, 1.0, (4, 2))


@pytest.fixture
def x():
    with gs.Graph().as_default():
        yield gs.placeholder(gs.float64, [4, 2], name="x")


def fresh(size):
    return gs.TensorArray(gs.float64, size)


TWICE = {
    "written and read": lambda x: fresh(2).write(0, x[0] * x[0]).write(1, gs.sin(x[1])).read(0),
    "written and stacked": lambda x: fresh(2).write(1, x[0] ** 3).write(0, x[1] ** 2).stack(),
    "unstacked and gathered": lambda x: fresh(4).unstack(x**3).gather([1, 3, 1]),
    "split and joined": lambda x: fresh(2).split(x**3, [1, 3]).concat() * x,
    "read twice": lambda x: (lambda ta: ta.read(0) * ta.read(2))(fresh(4).unstack(gs.sin(x))),
}


@pytest.mark.parametrize("name", TWICE)
def test_slopes_of_slopes_are_those_by_small_differences(x, name):
    (slope,) = gs.gradients(TWICE[name](x), x)
    with gs.Session():
        assert compute_gradient_error(x, [4, 2], slope, [4, 2], X, delta=1e-5) < 1e-7


def test_what_is_written_leaves_the_array_before_as_it_is(x):
    before = fresh(3).write(0, x[0])
    after = before.write(1, x[1])
    other = before.write(1, x[2])
    with gs.Session() as session:
        a, b = session.run([after.stack(), other.stack()], {x: X})
    assert a.tolist() == [X[0].tolist(), X[1].tolist(), [0.0, 0.0]]
    assert b.tolist() == [X[0].tolist(), X[2].tolist(), [0.0, 0.0]]


def test_an_empty_array(x):
    with gs.Session() as session:
        known = gs.TensorArray(gs.float64, 0, element_shape=[2]).stack()
        assert session.run(known).shape == (0, 2)
        with pytest.raises(gs.errors.InvalidArgumentError, match="not fully defined"):
            session.run(fresh(0).stack())
        with pytest.raises(gs.errors.InvalidArgumentError, match="size zero"):
            session.run(fresh(0).concat())
        with pytest.raises(gs.errors.InvalidArgumentError, match="not negative"):
            session.run(fresh(-1).size())


def test_parts_that_do_not_fit(x):
    with gs.Session() as session:
        with pytest.raises(gs.errors.InvalidArgumentError, match="sum of lengths is 3"):
            session.run(fresh(2).split(x, [1, 2]).concat(), {x: X})
        with pytest.raises(gs.errors.InvalidArgumentError, match=r"size of lengths \(3 vs. 2\)"):
            session.run(fresh(3).split(x, [1, 3]).concat(), {x: X})
        with pytest.raises(gs.errors.InvalidArgumentError, match="same length: 2 and 4"):
            session.run(fresh(4).scatter([0, 1], x).stack(), {x: X})
    with pytest.raises(NotImplementedError, match=r"use tf\.gradients"):
        fresh(1).grad("g")
