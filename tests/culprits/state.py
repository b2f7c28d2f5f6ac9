"""Variables that are counted twice, read beside their write, left behind, made too late; and graphs
that grow."""

import graphscope as gs
from graphscope import layers

from .case import Program, culprit, failing, opened
from .data import classified, layer, placeholders, sgd

X, NUMBERS, ROWS = classified()


@culprit("state", "norm/read", lint="no-order", who="W")
def a_second_reading_beside_the_update(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    train = sgd(gs.reduce_sum(gs.square(W)))
    with gs.name_scope("norm"), gs.control_dependencies([] if broken else [train]):
        norm = gs.reduce_sum(gs.abs(W.read_value()))
    return Program([train, norm])


@culprit("state", "second", lint="no-order", who="W")
def two_assignments_in_no_order(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    first = gs.assign(W, [3.0, 4.0], name="first")
    with gs.control_dependencies([] if broken else [first]):
        second = gs.assign(W, [5.0, 6.0], name="second")
    return Program([first.op, second.op])


@culprit("state", "copy", lint="no-order", named={"who": "train/update_W/ApplyGradientDescent"})
def a_target_copied_beside_the_update(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    target = gs.Variable([0.0, 0.0], name="target", trainable=False)
    train = sgd(gs.reduce_sum(gs.square(W)))
    with gs.control_dependencies([] if broken else [train]):
        copy = gs.assign(target, W, name="copy")
    return Program([train, copy])


@culprit("state", "average/AssignMovingAvg/sub_1", lint="no-order")
def an_average_taken_beside_the_update(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    train = sgd(gs.reduce_sum(gs.square(W)))
    average = gs.train.ExponentialMovingAverage(0.9, name="average")
    with gs.control_dependencies([] if broken else [train]):
        kept = average.apply([W])
    return Program([train, kept])


@culprit(
    "state",
    "normal/AssignMovingAvg",
    lint="updates-left-out",
    updates="normal/moving_mean",
    why="normal/moving_mean",
)
def batch_normalization_whose_averages_do_not_move(broken=True):
    x, y_ = placeholders()
    hidden = layers.batch_normalization(layer(x, 8, "1"), training=True, name="normal")
    logits = layer(gs.nn.relu(hidden), 3, "2")
    fused = gs.nn.softmax_cross_entropy_with_logits
    loss = gs.reduce_mean(fused(labels=y_, logits=logits))
    left_out = [] if broken else gs.get_collection(gs.GraphKeys.UPDATE_OPS)
    with gs.control_dependencies(left_out):
        train = sgd(loss)
    return Program(train, feed={x: X, y_: ROWS})


@culprit("state", "W", explain="UNINITIALIZED", needs="")
def a_variable_that_was_never_initialized(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W), name="loss")
    made = Program(loss, initialize=None if broken else "all")
    made.error = failing(lambda: opened(made).run_to_end())
    return made


def once(session, x):
    """What a loop does that uses what is there."""
    for value in (1.0, 2.0, 3.0):
        session.run("doubled:0", {x: value})


@culprit("state", "grown_2", lint="graph-grows")
def a_graph_that_grows_in_the_loop(broken=True):
    x = gs.placeholder(gs.float32, [], name="x")
    doubled = gs.multiply(x, 2.0, name="doubled")

    def grows(session):
        for value in (1.0, 2.0, 3.0):
            session.run(gs.add(doubled, value, name="grown"), {x: value})

    before = grows if broken else lambda session: once(session, x)
    return Program(doubled, feed={x: 1.0}, before=before)
