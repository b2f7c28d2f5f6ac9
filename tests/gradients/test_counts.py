"""Random operations take the seeds that they take in TensorFlow 1.15: after gradients, in branches.

There a seed is the number of operations so far. The numbers here are those of TensorFlow.
"""

import pytest

import graphscope as tf
from graphscope import layers, losses
from graphscope.ops.weights import confusion_matrix


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


#: Where TensorFlow makes a tf.cond, a guard, or asks for the size of a shape.
FORWARD = {
    "cond": (lambda: tf.cond(_flag(), lambda: _known(2) + 1.0, lambda: tf.zeros([2])), 10),
    "cond that passes": (
        lambda: (lambda x: tf.cond(_flag(), lambda: x, lambda: -x))(_known(2)),
        10,
    ),
    "cond in a cond": (
        lambda: (lambda p, x: tf.cond(p, lambda: _either(p, x), lambda: x))(_flag(), _known(2)),
        19,
    ),
    "cond of a variable": (lambda: _written(tf.Variable(1.0)), 15),
    "cond of operations": (lambda: tf.cond(_flag(), tf.no_op, tf.no_op), 10),
    "dropout in a cond": (lambda: layers.dropout(_rows(3), training=_flag()), 26),
    "batch norm": (lambda: layers.batch_normalization(_rows(3), training=_flag()), 74),
    "zero fraction": (lambda: tf.nn.zero_fraction(_rows(3)), 27),
    "guard": (lambda: tf.assert_equal(_rows(3), _rows(3), message="not"), 25),
    "no guard": (lambda: tf.assert_rank(tf.placeholder(tf.float32), 2), 13),
    "rank that is known": (lambda: tf.assert_rank(_known(2, 3), 2), 5),
    "weights": (lambda: losses.mean_squared_error(_rows(3), _rows(3), _rows(1)), 149),
    "piecewise": (lambda: tf.train.piecewise_constant(_known(), [1.0, 2.0], [3.0, 4.0, 5.0]), 57),
    "zeros of a batch": (lambda: tf.zeros([tf.shape(_rows(3))[0], 4, 5]), 17),
    "ones of numbers and a batch": (lambda: tf.ones([4, 5, tf.shape(_rows(3))[0]]), 15),
    "confusion": (lambda: confusion_matrix([0, 1], [1, 1], 3), 107),
    "tensordot": (lambda: tf.tensordot(_rows(4, 3), _known(3, 2), 1), 27),
    "flip": (lambda: tf.image.random_flip_left_right(_known(4, 4, 3)), 20),
    "crop": (lambda: tf.image.resize_image_with_crop_or_pad(_known(4, 4, 3), 2, 6), 15),
}


def _flag():
    return tf.placeholder(tf.bool, [])


def _either(pred, x):
    return tf.cond(pred, lambda: x, lambda: x + 1.0)


def _written(variable):
    return tf.cond(_flag(), lambda: variable.assign(2.0), lambda: tf.identity(variable))


def _next_seed():
    return tf.random_shuffle([0.0]).op.get_attr("seed2")


@pytest.fixture(autouse=True)
def seeded_graph():
    tf.reset_default_graph()
    tf.set_random_seed(1)


@pytest.mark.parametrize("name", CASES)
def test_seeds_after_gradients(name):
    y = CASES[name][0]()
    xs = [op.outputs[0] for op in y.graph.get_operations() if op.type == "Placeholder"]
    given = [tf.zeros_like(y)] if "given" in y.name else None
    tf.gradients(y, xs, given)
    assert _next_seed() == CASES[name][1]


@pytest.mark.parametrize("name", FORWARD)
def test_seeds_after_choices(name):
    FORWARD[name][0]()
    assert _next_seed() == FORWARD[name][1]


#: A step of an optimizer through a cond.
TRAINED = {
    "both branches": (lambda x: tf.cond(_flag(), lambda: x * 2.0, lambda: x + 3.0), 80),
    "one branch": (lambda x: tf.cond(_flag(), lambda: x * 2.0, lambda: tf.zeros([4, 3])), 64),
    "a branch in a branch": (
        lambda x: (lambda p: tf.cond(p, lambda: _either(p, x), lambda: x))(_flag()),
        94,
    ),
    "a variable that stays": (lambda x: _scaled(x, tf.Variable(1.0, trainable=False)), 84),
    "dropout": (
        lambda x: layers.dense(layers.dropout(layers.dense(x, 4), training=_flag()), 2),
        145,
    ),
    "batch norm": (lambda x: layers.batch_normalization(x, training=_flag()), 218),
    "batch norm of images": (
        lambda x: layers.batch_normalization(tf.reshape(x, [-1, 2, 2, 3]), training=_flag()),
        156,
    ),
    "batch norm that trains": (
        lambda x: layers.batch_normalization(tf.reshape(x, [-1, 2, 2, 3]), training=True),
        80,
    ),
    "batch norm that does not": (
        lambda x: layers.batch_normalization(tf.reshape(x, [-1, 2, 2, 3])),
        66,
    ),
}


def _scaled(x, factor):
    return tf.cond(_flag(), lambda: x * factor, lambda: x + factor)


@pytest.mark.parametrize("name", TRAINED)
def test_seeds_after_a_step_through_a_cond(name):
    y = TRAINED[name][0](_known(4, 3) * tf.Variable(tf.ones([3])))
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(y))
    assert _next_seed() == TRAINED[name][1]


def test_a_branch_counts_what_has_entered_it():
    flag, x, inside = _flag(), _known(2), []
    tf.cond(flag, lambda: (inside.append(_next_seed()), x + 1.0)[1], lambda: x)
    tf.cond(flag, lambda: (x * x, inside.append(_next_seed()))[0], lambda: x)
    assert inside == [6, 19]


def test_the_gate_of_an_optimizer_counts():
    w, b = tf.Variable([[1.0]], name="w"), tf.Variable([1.0], name="b")
    loss = tf.reduce_mean(tf.square(tf.matmul([[1.0]], w) + b))
    tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    assert _next_seed() == 45


def test_average_of_a_variable_counts_its_initial_value():
    v = tf.Variable([1.0], name="v")
    tf.train.ExponentialMovingAverage(0.5).apply([v])
    assert _next_seed() == 35
