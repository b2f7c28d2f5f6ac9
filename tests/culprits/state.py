"""Variables that are counted twice, read beside their write, left behind, made too late; and graphs
that grow."""

import graphscope as gs
from graphscope import layers

from .case import Program, culprit, failing, opened
from .data import classified, layer, placeholders, sgd

X, NUMBERS, ROWS = classified()


@culprit("state", "second", "Z2", lint="counted-twice", updates="global_step")
def a_step_counted_twice_by_a_falling_rate(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    step = gs.train.get_or_create_global_step()
    rate = gs.train.exponential_decay(0.1, step, 100, 0.96)
    loss = gs.reduce_sum(gs.square(W))
    optimizer = gs.train.GradientDescentOptimizer(rate)
    first = optimizer.minimize(loss, global_step=step, name="first")
    second = gs.train.MomentumOptimizer(0.01, 0.9).minimize(
        loss, global_step=step if broken else None, name="second"
    )
    return Program([first, second])


@culprit("state", "W", "Z8", lint="no-order", who="W")
def a_variable_fetched_beside_its_update(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W), name="loss")
    train = sgd(loss)
    return Program([train, W if broken else loss])


@culprit("state", "norm/read", "Z8", lint="no-order", who="W")
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
    return Program([first, second])


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


@culprit(
    "state",
    "W/Momentum",
    "Z7",
    lint="made-too-late",
    needs="",
    explain="UNINITIALIZED",
)
def an_initializer_made_before_the_optimizer(broken=True):
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W))
    early = gs.global_variables_initializer()
    train = gs.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
    init = early if broken else gs.global_variables_initializer()
    made = Program(train, initialize=init)
    made.error = failing(lambda: opened(made).run_to_end())
    return made


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


@culprit("state", "grown_2", "Z14", lint="graph-grows")
def a_graph_that_grows_in_the_loop(broken=True):
    x = gs.placeholder(gs.float32, [], name="x")
    doubled = gs.multiply(x, 2.0, name="doubled")

    def grows(session):
        for value in (1.0, 2.0, 3.0):
            session.run(gs.add(doubled, value, name="grown"), {x: value})

    before = grows if broken else lambda session: once(session, x)
    return Program(doubled, feed={x: 1.0}, before=before)


@culprit("state", "grown_2", "Z14", lint="graph-grows")
def an_assignment_made_in_the_loop(broken=True):
    W = gs.Variable(1.0, name="W")
    x = gs.placeholder(gs.float32, [], name="x")
    loss = gs.square(W * x, name="doubled")

    def grows(session):
        for value in (1.0, 2.0, 3.0):
            session.run(gs.assign(W, value, name="grown"))

    before = grows if broken else lambda session: once(session, x)
    return Program(sgd(loss, 0.001), feed={x: 1.0}, before=before)
