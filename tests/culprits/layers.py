"""Layers that cannot learn: units that are alike, dead, or at their ends."""

import numpy as np

import graphscope as gs

from .case import Program, culprit
from .data import classified, placeholders, sgd

X, NUMBERS, ROWS = classified()


def two_layers(first, second, bias=0.0, activation=gs.nn.relu, rate=0.1):
    """A hidden layer of 8 units; how weights begin is a function of their shape."""
    x, y_ = placeholders()
    W1 = gs.Variable(first([4, 8]), name="W1")
    b1 = gs.Variable(gs.constant(bias, shape=[8]), name="b1")
    hidden = activation(gs.matmul(x, W1) + b1, name="hidden")
    W2 = gs.Variable(second([8, 3]), name="W2")
    logits = gs.matmul(hidden, W2, name="out")
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=logits), name="loss")
    return Program([sgd(loss, rate), loss], feed={x: X, y_: ROWS})


def small(shape):
    return gs.truncated_normal(shape, stddev=0.3, seed=1)


def large(shape):
    return gs.truncated_normal(shape, stddev=30.0, seed=1)


@culprit("gradient", "W1", named={"why": "out"}, lint="equal-weights", why="W1")
def all_weights_zero_in_both_layers(broken=True):
    both = gs.zeros if broken else small
    return two_layers(both, both, activation=gs.tanh)


@culprit("gradient", "W1", lint="equal-weights")
def all_weights_the_same_number(broken=True):
    both = (lambda shape: gs.constant(0.1, shape=shape)) if broken else small
    return two_layers(both, both, activation=gs.sigmoid)


@culprit("gradient", "hidden", check="saturation")
def weights_so_large_that_tanh_is_at_its_ends(broken=True):
    return two_layers(large if broken else small, small, activation=gs.tanh)


@culprit("gradient", "hidden", check="saturation")
def inputs_that_were_not_scaled(broken=True):
    made = two_layers(small, small, activation=gs.sigmoid)
    if broken:
        x = next(iter(made.feed))
        made.feed[x] = np.float32(255.0) * X
    return made


@culprit("loss", "out", named={"check": "out"}, check="loss at the start")
def a_last_layer_that_begins_too_sure(broken=True):
    return two_layers(small, large if broken else small, rate=0.01)
