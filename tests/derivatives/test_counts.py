"""Random operations after a gradient take the seeds that they take in TensorFlow 1.15.

There a seed is the number of operations so far. The numbers here are those of TensorFlow.
"""

import pytest

import graphscope as tf


def _known(*shape):
    return tf.placeholder(tf.float32, shape)


def _rows(*shape):
    return tf.placeholder(tf.float32, [None, *shape])


CASES = {
    "sum of all": (lambda: tf.reduce_sum(_known(2, 3)), 10),
    "sum along one axis": (lambda: tf.reduce_sum(_known(2, 3), 1), 27),
    "sum of unknown rows": (lambda: tf.reduce_sum(_rows(3)), 10),
    "mean of all": (lambda: tf.reduce_mean(_known(2, 3)), 12),
    "mean of unknown rows": (lambda: tf.reduce_mean(_rows(3)), 21),
    "sum of like shapes": (lambda: _known(2, 3) + _known(2, 3), 6),
    "sum of unlike shapes": (lambda: _known(2, 3) + _known(3), 13),
    "product of unknown rows": (lambda: _rows(3) * _known(3), 15),
    "difference twice": (lambda: (_rows(3) - _known(3)) - _known(3), 24),
    "quotient": (lambda: _known(2) / _known(2), 18),
    "matmul": (lambda: tf.matmul(_known(2, 3), _known(3, 2)), 8),
    "square": (lambda: tf.square(_known(2)), 8),
    "concat": (lambda: tf.concat([_known(2, 1), _known(2, 2)], 1), 14),
    "gather": (lambda: tf.gather(_known(5, 2), [0, 3]), 20),
    "two uses": (lambda: (lambda x: tf.exp(x) + tf.tanh(x))(_known(2)), 10),
    "rows of two uses": (
        lambda: (lambda x: tf.gather(x, [0]) + tf.gather(x, [1]))(_known(5, 2)),
        41,
    ),
    "cross entropy": (
        lambda: tf.nn.softmax_cross_entropy_with_logits_v2(labels=_known(2, 3), logits=_rows(3)),
        51,
    ),
    "convolution": (lambda: tf.nn.conv2d(_rows(5, 5, 1), _known(3, 3, 1, 2), 1, "SAME"), 9),
    "a slope that was given": (lambda: tf.identity(_known(2), name="given"), 4),
}


@pytest.mark.parametrize("name", CASES)
def test_seeds_after_gradients(name):
    tf.reset_default_graph()
    tf.set_random_seed(1)
    y = CASES[name][0]()
    xs = [op.outputs[0] for op in y.graph.get_operations() if op.type == "Placeholder"]
    given = [tf.zeros_like(y)] if "given" in y.name else None
    tf.gradients(y, xs, given)
    assert tf.random_shuffle([0.0]).op.get_attr("seed2") == CASES[name][1]


def test_the_gate_of_an_optimizer_counts():
    tf.reset_default_graph()
    tf.set_random_seed(1)
    w, b = tf.Variable([[1.0]], name="w"), tf.Variable([1.0], name="b")
    loss = tf.reduce_mean(tf.square(tf.matmul([[1.0]], w) + b))
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    assert tf.random_shuffle([0.0]).op.get_attr("seed2") == 45


def test_average_of_a_variable_counts_its_initial_value():
    tf.reset_default_graph()
    tf.set_random_seed(1)
    v = tf.Variable([1.0], name="v")
    tf.train.ExponentialMovingAverage(0.5).apply([v])
    assert tf.random_shuffle([0.0]).op.get_attr("seed2") == 35
