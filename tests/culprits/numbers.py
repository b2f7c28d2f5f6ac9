"""Numbers that become NaN or infinite, and steps that are too large or too small."""

import numpy as np

import graphscope as gs

from .case import Program, culprit
from .data import classified, layer, placeholders, sgd

X, NUMBERS, ROWS = classified()


@culprit("nan", "log_p", lint="log-of-zero")
def the_logarithm_of_a_sigmoid(broken=True):
    x, y_ = placeholders(classes=1)
    p = gs.sigmoid(layer(x, 1, "1"))
    log_p = gs.log(p if broken else gs.clip_by_value(p, 1e-7, 1.0), name="log_p")
    rest = gs.log(gs.maximum(1.0 - p, 1e-7))
    loss = -gs.reduce_mean(y_ * log_p + (1.0 - y_) * rest)
    return Program(sgd(loss), feed={x: X, y_: NUMBERS[:, None] > 0})


@culprit("nan", "log_rest", lint="log-of-zero")
def the_logarithm_of_one_less_a_sigmoid(broken=True):
    x, y_ = placeholders(classes=1)
    logits = layer(x, 1, "1")
    rest = 1.0 - gs.sigmoid(logits)
    logs = gs.log(rest, name="log_rest") if broken else -gs.nn.softplus(logits, name="log_rest")
    return Program(sgd(-gs.reduce_mean((1.0 - y_) * logs)), feed={x: X, y_: NUMBERS[:, None] > 0})


@culprit("nan", "log_chosen", lint="log-of-zero")
def the_logarithm_of_the_probability_of_an_action(broken=True):
    x, actions = placeholders()
    rewards = gs.placeholder(gs.float32, [None], name="rewards")
    logits = layer(x, 3, "1")
    chosen = gs.reduce_sum(gs.nn.softmax(logits) * actions, 1)
    log_chosen = gs.log(chosen if broken else chosen + 1e-6, name="log_chosen")
    loss = -gs.reduce_mean(log_chosen * rewards)
    return Program(sgd(loss), feed={x: X, actions: ROWS, rewards: np.ones(60)})


# ---- where -------------------------------------------------------------------------------------


def guarded(broken, function, first):
    """``where(w > 0, f(w), 0)``, with the test before f too, or not."""
    W = gs.Variable(first, name="W")
    positive = W > 0.0
    safe = W if broken else gs.where(positive, W, gs.ones_like(W))
    loss = gs.reduce_sum(gs.where(positive, function(safe), gs.zeros_like(W)), name="loss")
    return Program([sgd(loss, 0.1), loss])


@culprit("nan", "logs", lint="where-branch", flow="W")
def a_logarithm_in_the_branch_that_is_not_taken(broken=True):
    return guarded(broken, lambda w: gs.log(w, name="logs"), [0.0, 4.0])


@culprit("nan", "inverse", lint="where-branch", flow="W")
def a_division_in_the_branch_that_is_not_taken(broken=True):
    return guarded(broken, lambda w: gs.divide(1.0, w, name="inverse"), [0.0, 2.0])


@culprit("nan", "power", lint="where-branch", flow="W")
def an_exponential_in_the_branch_that_is_not_taken(broken=True):
    W = gs.Variable([200.0, -1.0], name="W")
    large = W > 20.0
    inside = W if broken else gs.where(large, gs.zeros_like(W), W)
    soft = gs.log1p(gs.exp(inside, name="power"))
    loss = gs.reduce_sum(gs.where(large, W, soft), name="loss")
    return Program([sgd(loss, 1.0), loss])


# ---- roots and divisions -----------------------------------------------------------------------


@culprit("nan", "distance", lint="root-of-zero", nan="", flow="W", check="finite numbers")
def a_distance_that_is_zero(broken=True):
    W = gs.Variable([[1.0, 2.0], [3.0, 4.0]], name="W")
    squares = gs.reduce_sum(gs.square(W - gs.constant([[1.0, 2.0], [0.0, 0.0]])), 1)
    distances = gs.sqrt(squares if broken else squares + 1e-6, name="distance")
    loss = gs.reduce_sum(distances, name="loss")
    return Program([sgd(loss, 0.01), loss])


@culprit("nan", "mean", lint="division-by-zero", nan="", check="finite numbers")
def a_mean_over_nothing(broken=True):
    x, y_ = placeholders(classes=1)
    errors = gs.square(layer(x, 1, "1") - y_)
    counted = gs.cast(gs.greater(y_, 100.0 if broken else 0.0), gs.float32)
    total, count = gs.reduce_sum(errors * counted), gs.reduce_sum(counted)
    mean = gs.divide(total, count if broken else gs.maximum(count, 1.0), name="mean")
    return Program([sgd(mean), mean], feed={x: X, y_: X[:, :1]})


@culprit("nan", "power", nan="", check="finite numbers")
def an_exponential_of_a_large_number(broken=True):
    W = gs.Variable([100.0, 1.0], name="W")
    soft = gs.log(1.0 + gs.exp(W, name="power")) if broken else gs.nn.softplus(W, name="power")
    loss = gs.reduce_sum(soft, name="loss")
    return Program([sgd(loss), loss])


@culprit("nan", "x", nan="", check="finite numbers")
def a_nan_in_the_data(broken=True):
    x, y_ = placeholders()
    logits = layer(x, 3, "1")
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=logits), name="loss")
    data = X.copy()
    data[7, 2] = np.nan if broken else 0.0
    return Program([sgd(loss), loss], feed={x: data, y_: ROWS})


@culprit("nan", "W", nan="", check="finite numbers")
def a_nan_in_a_variable(broken=True):
    W = gs.Variable([1.0, np.nan if broken else 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W), name="loss")
    return Program([sgd(loss), loss])


@culprit("nan", "keep_prob", lint="dropout", named={"nan": "dropout/truediv"}, nan="")
def a_dropout_that_keeps_nothing(broken=True):
    x, y_ = placeholders()
    keep_prob = gs.placeholder(gs.float32, [], name="keep_prob")
    logits = layer(gs.nn.dropout(x, keep_prob, seed=1), 3, "1")
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=logits), name="loss")
    feed = {x: X, y_: ROWS, keep_prob: 0.0 if broken else 0.5}
    return Program([sgd(loss), loss], feed=feed)


@culprit("feed", "keep_prob", lint="dropout-when-testing")
def a_dropout_that_is_on_when_testing(broken=True):
    x, y_ = placeholders()
    keep_prob = gs.placeholder_with_default(0.5, [], name="keep_prob")
    logits = layer(gs.nn.dropout(x, keep_prob, seed=1), 3, "1")
    hits = gs.equal(gs.argmax(logits, 1), gs.argmax(y_, 1))
    accuracy = gs.reduce_mean(gs.cast(hits, gs.float32))
    fused = gs.nn.softmax_cross_entropy_with_logits
    sgd(gs.reduce_mean(fused(labels=y_, logits=logits)))
    return Program(accuracy, feed={x: X, y_: ROWS, **({} if broken else {keep_prob: 1.0})})


# ---- the learning rate -------------------------------------------------------------------------


def rated(rate, optimizer=gs.train.GradientDescentOptimizer):
    """A linear regression, whose largest useful rate is about 1."""
    x, y_ = placeholders(classes=1)
    loss = gs.reduce_mean(gs.square(layer(x, 1, "1") - y_), name="loss")
    train = optimizer(rate).minimize(loss, name="train")
    return Program([train, loss], feed={x: X, y_: X[:, :1]})


RATE = "train/learning_rate"


@culprit("rate", RATE, check="learning rate")
def a_rate_at_which_nothing_moves(broken=True):
    return rated(1e-7 if broken else 0.1)


@culprit("rate", RATE, lint="learning-rate", named={"check": "loss"}, check="one batch")
def a_rate_below_zero(broken=True):
    return rated(-0.1 if broken else 0.1)


@culprit("rate", RATE, lint="learning-rate")
def a_rate_that_is_huge(broken=True):
    return rated(100.0 if broken else 0.1)


@culprit("rate", RATE, lint="learning-rate")
def a_rate_for_sgd_given_to_adam(broken=True):
    return rated(5.0 if broken else 0.05, gs.train.AdamOptimizer)
