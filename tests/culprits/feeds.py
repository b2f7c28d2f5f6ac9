"""What comes in from outside: feeds that are missing, turned round, shuffled, or in the way."""

import numpy as np

import graphscope as gs

from .case import Program, culprit, failing, opened
from .data import classified, layer, placeholders, sgd

X, NUMBERS, ROWS = classified()


def run(program):
    """The program, with what running it raises."""
    program.error = failing(lambda: opened(program).run_to_end())
    return program


def cross_entropy(labels, logits):
    fused = gs.nn.softmax_cross_entropy_with_logits
    return gs.reduce_mean(fused(labels=labels, logits=logits), name="loss")


@culprit("feed", "keep_prob", needs="", explain="UNFED")
def a_placeholder_that_is_not_fed(broken=True):
    x, y_ = placeholders()
    keep_prob = gs.placeholder(gs.float32, [], name="keep_prob")
    loss = cross_entropy(y_, layer(gs.nn.dropout(x, keep_prob, seed=1), 3, "1"))
    feed = {x: X, y_: ROWS}
    return run(Program(sgd(loss), feed=feed if broken else {**feed, keep_prob: 0.5}))


@culprit("feed", "x", named={"lint": "x_1"}, needs="", explain="UNFED", lint="feed-unused")
def a_placeholder_that_was_made_twice(broken=True):
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    logits = layer(x, 3, "1")
    if broken:
        x = gs.placeholder(gs.float32, [None, 4], name="x")
    return run(Program(gs.nn.softmax(logits), feed={x: X}))


@culprit("feed", "old", lint="feed-unused")
def a_feed_that_nothing_takes(broken=True):
    x, y_ = placeholders()
    old = gs.placeholder(gs.float32, [None, 3], name="old")
    loss = cross_entropy(y_, layer(x, 3, "1"))
    return Program(sgd(loss), feed={x: X, y_: ROWS, **({old: ROWS} if broken else {})})


@culprit("feed", "shown", why_not="Print")
def a_print_that_nothing_needs(broken=True):
    x = gs.placeholder(gs.float32, [], name="x")
    doubled = gs.multiply(x, 2.0, name="doubled")
    shown = gs.Print(doubled, [doubled], name="Print")
    result = gs.identity(shown, name="shown")
    return Program(doubled if broken else result, feed={x: 1.0})


@culprit("feed", "labels", lint="shuffled-apart")
def inputs_and_labels_shuffled_apart(broken=True):
    x, y_ = gs.constant(X), gs.constant(ROWS)
    order = gs.random_shuffle(gs.range(60), seed=1)
    inputs, labels = gs.gather(x, order), gs.gather(y_, order)
    if broken:
        inputs, labels = gs.random_shuffle(x), gs.random_shuffle(y_, name="labels")
    return Program(sgd(cross_entropy(labels, layer(inputs, 3, "1"))))


# ---- errors ------------------------------------------------------------------------------------


@culprit("error", "x", explain="FEED_SHAPE")
def images_with_colours_where_grey_ones_are_wanted(broken=True):
    x = gs.placeholder(gs.float32, [None, 784], name="x")
    return run(Program(gs.reduce_sum(x), feed={x: np.ones([5, 2352 if broken else 784])}))


@culprit("error", "y_", explain="FEED_SHAPE")
def class_numbers_where_rows_are_wanted(broken=True):
    x, y_ = placeholders()
    loss = cross_entropy(y_, layer(x, 3, "1"))
    return run(Program(loss, feed={x: X, y_: NUMBERS if broken else ROWS}))


@culprit("error", "x", explain="OTHER_GRAPH")
def a_placeholder_of_another_graph(broken=True):
    own = gs.placeholder(gs.float32, [], name="x")
    with gs.Graph().as_default():
        other = gs.placeholder(gs.float32, [], name="x")
    return run(Program(gs.square(own), feed={other if broken else own: 1.0}))


def built(work, fetch):
    """A program in which building fails, or not; afterwards there is something to fetch."""
    error = failing(work)
    return Program(gs.constant(0.0, name=fetch), error=error, initialize=None)


@culprit("error", "x", explain="NO_VALUE")
def a_function_of_numpy_on_a_tensor(broken=True):
    x = gs.placeholder(gs.float32, [None], name="x")
    return built(lambda: np.abs(x) if broken else gs.abs(x), "nothing")


@culprit("error", "x", explain="NO_VALUE")
def an_if_that_asks_a_tensor(broken=True):
    x = gs.placeholder(gs.bool, [], name="x")
    return built(lambda: 1 if (x if broken else x is not None) else 2, "nothing")


@culprit("error", "W", explain="EXISTS")
def a_variable_that_is_made_again(broken=True):
    def work():
        for reuse in (None, None if broken else True):
            with gs.variable_scope(gs.get_variable_scope(), reuse=reuse):
                gs.get_variable("W", [2])

    return built(work, "nothing")


@culprit("error", "cut", explain="NO_GRADIENTS")
def nothing_that_can_be_trained(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    position = gs.cast(gs.argmax(W, 0, name="cut"), gs.float32)
    loss = position if broken else gs.reduce_sum(W) * position
    return built(lambda: sgd(loss), "nothing")


@culprit("error", "product", explain="NODE")
def matrices_that_do_not_fit(broken=True):
    a = gs.placeholder(gs.float32, [None, None], name="a")
    b = gs.placeholder(gs.float32, [None, None], name="b")
    feed = {a: np.ones([2, 3]), b: np.ones([2 if broken else 3, 2])}
    return run(Program(gs.matmul(a, b, name="product"), feed=feed))


@culprit("error", "product", named={"explain": None}, explain="BUILD")
def layers_that_do_not_fit(broken=True):
    x = gs.placeholder(gs.float32, [None, 4], name="x")
    W = gs.Variable(np.ones([3 if broken else 4, 2], np.float32), name="W")
    return built(lambda: gs.matmul(x, W, name="product"), "nothing")
