"""Graphs are walked without recursion, however deep they are, and a node is made in a few calls."""

import gc
import inspect
import sys
from contextlib import contextmanager

import numpy as np
import pytest

import graphscope as tf
from graphscope.engine.plan import plan
from graphscope.ops.gradient_registry import RegisterGradient


@contextmanager
def few_frames(count):
    """Python's stack has room for so many more calls."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + count)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def test_a_deep_graph_needs_no_deep_stack():
    length = 2000
    x, w = tf.placeholder(tf.float32, [2, 2]), tf.placeholder(tf.float32, [2, 2])
    tf.gradients(tf.tanh(x @ w) * w + 1, [x])  # what is imported on the way is imported now
    values = np.full((2, 2), 0.5, np.float32)
    with few_frames(60):
        y = x
        for _ in range(length // 4):
            y = tf.multiply(tf.matmul(tf.add(tf.tanh(y), w), w), w)
        (slope,) = tf.gradients(y, [x])
        assert len(plan(y.graph, [y, slope], [x, w])) > length
        result, gradient = tf.Session().run([y, slope], {x: values, w: values})
    wanted = values
    for _ in range(length // 4):
        wanted = ((np.tanh(wanted) + values) @ values) * values
    np.testing.assert_allclose(result, wanted, rtol=1e-5)
    assert gradient.shape == (2, 2)


def test_consumers_are_known_of_what_is_made_after_they_were_asked_for():
    x = tf.placeholder(tf.float32, [])
    first = x + x
    assert x.consumers() == [first.op]
    second = x * 2.0
    assert x.consumers() == [first.op, second.op]


def test_places_in_one_line_are_told_apart_and_those_of_a_loop_are_one():
    x = tf.placeholder(tf.float32, [])
    a, b = tf.tanh(x), tf.sin(x)
    loop = [tf.cos(x) for _ in range(2)]
    assert a.op.source != b.op.source
    assert a.op.source.lineno == b.op.source.lineno
    assert loop[0].op.source == loop[1].op.source
    assert hash(loop[0].op.source) == hash(loop[1].op.source)


@pytest.mark.parametrize("was_enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was_enabled):
    @RegisterGradient(f"Failing{was_enabled}")
    def failing(op, grad):
        assert not gc.isenabled()
        raise ArithmeticError

    x = tf.placeholder(tf.float32, [])
    with tf.get_default_graph().gradient_override_map({"Identity": f"Failing{was_enabled}"}):
        y = tf.identity(x)
    (gc.enable if was_enabled else gc.disable)()
    try:
        tf.gradients(x * x, [x])
        assert gc.isenabled() is was_enabled
        with pytest.raises(ArithmeticError):
            tf.gradients(y, [x])
        assert gc.isenabled() is was_enabled
    finally:
        gc.enable()
