"""Losses that are computed from the wrong things, or over the wrong axis."""

import numpy as np

import graphscope as gs
from graphscope import losses as library

from .case import Program, culprit
from .data import classified, layer, placeholders, sgd

X, NUMBERS, ROWS = classified()
CROSS_ENTROPY = gs.nn.softmax_cross_entropy_with_logits


@culprit("loss", "p", lint="softmax-twice")
def softmax_before_a_softmax_cross_entropy(broken=True):
    x, y_ = placeholders()
    logits = layer(x, 3, "1")
    p = gs.nn.softmax(logits, name="p")
    loss = gs.reduce_mean(CROSS_ENTROPY(labels=y_, logits=p if broken else logits))
    return Program([sgd(loss), p], feed={x: X, y_: ROWS})


@culprit("loss", "inner", lint="softmax-twice")
def softmax_of_a_softmax_by_hand(broken=True):
    x, y_ = placeholders()
    logits = layer(x, 3, "1")
    p = gs.nn.softmax(gs.nn.softmax(logits, name="inner") if broken else logits)
    loss = -gs.reduce_mean(gs.reduce_sum(y_ * gs.log(p + 1e-8), 1))
    return Program(sgd(loss), feed={x: X, y_: ROWS})


@culprit("loss", "p", lint="softmax-twice")
def sigmoid_before_a_softmax_cross_entropy(broken=True):
    x, y_ = placeholders()
    logits = layer(x, 3, "1")
    scores = gs.sigmoid(logits, name="p") if broken else gs.identity(logits, name="p")
    return Program(
        sgd(gs.reduce_mean(CROSS_ENTROPY(labels=y_, logits=scores))), feed={x: X, y_: ROWS}
    )


@culprit("loss", "p", lint="sigmoid-twice")
def sigmoid_before_a_sigmoid_cross_entropy(broken=True):
    x, y_ = placeholders(classes=1)
    logits = layer(x, 1, "1")
    p = gs.sigmoid(logits, name="p")
    fused = gs.nn.sigmoid_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=p if broken else logits))
    return Program([sgd(loss), p], feed={x: X, y_: NUMBERS[:, None] > 0})


@culprit("loss", "p", lint="sigmoid-twice")
def sigmoid_before_a_loss_of_the_library(broken=True):
    x, y_ = placeholders(classes=1)
    logits = layer(x, 1, "1")
    p = gs.sigmoid(logits, name="p")
    loss = library.sigmoid_cross_entropy(y_, p if broken else logits)
    return Program([sgd(loss), p], feed={x: X, y_: NUMBERS[:, None] > 0})


# ---- shapes ------------------------------------------------------------------------------------


def regression(broken, combine):
    """A column of predictions with a vector of targets, or with a column of them."""
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    y = gs.placeholder(gs.float32, [None] if broken else [None, 1], name="y")
    prediction = layer(x, 1, "1")
    loss = combine(prediction, y)
    targets = X[:, 0] - X[:, 1]
    return Program(sgd(loss), feed={x: X, y: targets if broken else targets[:, None]})


@culprit("loss", "residual", lint="broadcast")
def a_squared_difference_of_a_column_and_a_vector(broken=True):
    return regression(
        broken, lambda p, y: gs.reduce_mean(gs.squared_difference(p, y, name="residual"))
    )


@culprit("loss", "weighted", lint="broadcast")
def a_column_of_losses_times_a_vector_of_importances(broken=True):
    x, y_ = placeholders(classes=1)
    importance = gs.placeholder(gs.float32, [None] if broken else [None, 1], name="importance")
    errors = gs.square(layer(x, 1, "1") - y_)
    loss = gs.reduce_mean(gs.multiply(errors, importance, name="weighted"))
    important = np.abs(X[:, 0] if broken else X[:, :1])
    return Program(sgd(loss, 0.01), feed={x: X, y_: X[:, :1], importance: important})


@culprit("loss", "errors", lint="loss-not-scalar")
def a_loss_for_each_example(broken=True):
    x, y_ = placeholders(classes=1)
    errors = gs.square(layer(x, 1, "1") - y_, name="errors")
    loss = errors if broken else gs.reduce_mean(errors)
    return Program(sgd(loss, 0.01), feed={x: X, y_: X[:, :1]})


# ---- axes --------------------------------------------------------------------------------------


@culprit(
    "loss",
    "total",
    named={"check": "p"},
    lint="sum-over-batch",
    check="loss at the start",
)
def a_sum_over_the_batch(broken=True):
    x, y_ = placeholders()
    p = gs.nn.softmax(layer(x, 3, "1"), name="p")
    total = gs.reduce_sum(y_ * gs.log(p + 1e-8), 0 if broken else 1, name="total")
    return Program(sgd(-gs.reduce_mean(total), 0.01), feed={x: X, y_: ROWS})


@culprit("loss", "found", lint="position-over-batch")
def an_argmax_over_the_batch(broken=True):
    x, y_ = placeholders()
    logits = layer(x, 3, "1")
    axis = 0 if broken else 1
    hits = gs.equal(gs.argmax(logits, axis, name="found"), gs.argmax(y_, 1))
    accuracy = gs.reduce_mean(gs.cast(hits, gs.float32))
    rows = 3 if broken else 60  # with three examples it even runs
    return Program(accuracy, feed={x: X[:rows], y_: ROWS[:rows]})


# ---- left out ----------------------------------------------------------------------------------


@culprit("loss", "model/W/Regularizer/penalty", lint="regularization-left-out")
def a_penalty_that_is_collected_and_not_minimized(broken=True):
    x, y_ = placeholders()
    with gs.variable_scope("model", regularizer=lambda w: gs.nn.l2_loss(w, name="penalty")):
        W = gs.get_variable("W", [4, 3], initializer=gs.truncated_normal_initializer(seed=1))
    loss = gs.reduce_mean(CROSS_ENTROPY(labels=y_, logits=gs.matmul(x, W)))
    penalty = library.get_regularization_loss()
    return Program(sgd(loss if broken else loss + 0.01 * penalty), feed={x: X, y_: ROWS})
