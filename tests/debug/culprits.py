"""Broken programs, each with a known culprit: what `why` and `updates` have to say of them."""

from dataclasses import dataclass, field

import graphscope as gs
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause

HERE = "culprits.py:"
SGD = gs.train.GradientDescentOptimizer


@dataclass
class Answer:
    """cause and culprit: of `why`, after the run. status: of `updates`. early: the cause before."""

    cause: Cause
    culprit: str | None
    status: Status
    early: Cause | None = None


@dataclass
class Case:
    fetches: object
    answers: dict[str, Answer]
    feed: dict = field(default_factory=dict)


def trained(name, train="train"):
    return Answer(Cause.TRAINED, f"{train}/update_{name}/ApplyGradientDescent", Status.UPDATED)


CASES = {}


def case(build):
    CASES[build.__name__] = build
    return build


def weights():
    """W = [1, 2], and V = 3 that keeps the optimizer busy when W has no gradient."""
    return gs.Variable([1.0, 2.0], name="W"), gs.Variable(3.0, name="V")


@case
def a_healthy_program_and_a_variable_that_the_loss_does_not_use():
    W, _ = weights()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    return Case(
        train, {"W": trained("W"), "V": Answer(Cause.NO_PATH, None, Status.NO_PATH)}
    )  # fmt: skip


@case
def not_trainable_in_the_loss_and_not_trainable_elsewhere():
    W, _ = weights()
    fixed = gs.Variable(2.0, name="fixed", trainable=False)
    gs.Variable(2.0, name="spare", trainable=False)
    train = SGD(0.1).minimize(gs.reduce_sum(W * fixed), name="train")
    return Case(
        train,
        {
            "W": trained("W"),
            "fixed": Answer(Cause.NOT_TRAINABLE, None, Status.FROZEN),
            "spare": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
def a_var_list_that_leaves_one_out_and_takes_a_frozen_one_in():
    W, V = weights()
    fixed = gs.Variable(2.0, name="fixed", trainable=False)
    loss = gs.reduce_sum(W * fixed) * V
    train = SGD(0.1).minimize(loss, var_list=[W, fixed], name="train")
    return Case(
        train,
        {
            "W": trained("W"),
            "fixed": trained("fixed"),
            "V": Answer(
                Cause.NOT_IN_VAR_LIST, "train/update_fixed/ApplyGradientDescent", Status.FROZEN
            ),
        },
    )


CUTS = {
    "stop_gradient": lambda w: gs.stop_gradient(w, name="cut"),
    "argmax": lambda w: gs.argmax(w, 0, name="cut"),
    "cast_to_int": lambda w: gs.cast(w, gs.int32, name="cut"),
    "cast_and_back": lambda w: gs.cast(gs.cast(w, gs.int64, name="cut") + 1, gs.float32) * 2.0,
    "comparison": lambda w: gs.greater(w, 0.5, name="cut"),
    "equal": lambda w: gs.equal(w, 1.0, name="cut"),
    "round": lambda w: gs.round(w, name="cut"),
    "floor_division": lambda w: gs.floordiv(w, 2.0, name="cut"),
    "two_of_which_one_is_nearer_to_the_loss": lambda w: gs.stop_gradient(
        gs.exp(gs.stop_gradient(w)), name="cut"
    ),
}


def cut_case(make):
    def build():
        W, V = weights()
        passed = gs.cast(make(W * 2.0), gs.float32)
        loss = gs.reduce_mean(passed) + gs.square(V)
        train = SGD(0.1).minimize(loss, name="train")
        return Case(
            train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN), "V": trained("V")}
        )  # fmt: skip

    return build


for _name, _make in CUTS.items():
    CASES[f"cut_by_{_name}"] = cut_case(_make)


@case
def a_cut_beside_a_way_that_is_open():
    W, _ = weights()
    loss = gs.reduce_sum(gs.stop_gradient(W) * gs.exp(W))
    return Case(SGD(0.1).minimize(loss, name="train"), {"W": trained("W")})


@case
def a_variable_of_whole_numbers():
    _, V = weights()
    n = gs.Variable(4, name="n")
    loss = gs.square(V) * gs.cast(n, gs.float32)
    train = SGD(0.1).minimize(loss, name="train")
    return Case(train, {"n": Answer(Cause.CUT, "n", Status.FROZEN), "V": trained("V")})


@case
def what_is_only_waited_for_is_not_what_the_loss_is_computed_from():
    W, V = weights()
    with gs.control_dependencies([gs.exp(W)]):
        loss = gs.square(V + 0.0)
    train = SGD(0.1).minimize(loss, name="train")
    return Case(train, {"W": Answer(Cause.NO_PATH, None, Status.NO_PATH), "V": trained("V")})


@case
def a_cut_behind_control_dependencies():
    W, V = weights()
    with gs.control_dependencies([gs.exp(W)]):
        passed = gs.reduce_sum(gs.sign(W))
    with gs.control_dependencies([passed]):
        loss = gs.square(V) + gs.reduce_sum(gs.stop_gradient(W, name="cut"))
    train = SGD(0.1).minimize(loss, name="train")
    return Case(train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN), "V": trained("V")})


@case
def a_value_that_goes_through_another_variable():
    W, V = weights()
    copy = gs.Variable([0.0, 0.0], name="copy", trainable=False)
    loss = gs.reduce_sum(gs.assign(copy, W, name="cut")) + gs.square(V)
    train = SGD(0.1).minimize(loss, name="train")
    return Case(
        [train, loss],
        {
            "W": Answer(Cause.CUT, "cut", Status.FROZEN),
            "copy": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
def two_train_ops_on_one_loss_and_the_one_that_counts_is_not_fetched():
    W, _ = weights()
    step = gs.Variable(0, name="step", trainable=False)
    loss = gs.reduce_sum(gs.square(W))
    train_step = SGD(0.5).minimize(loss, name="train_step")
    train_op = SGD(0.01).minimize(loss, global_step=step, name="train_op")
    assert train_op
    return Case(
        train_step,
        {
            "W": trained("W", "train_step"),
            "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
def only_the_loss_is_fetched():
    W, _ = weights()
    loss = gs.reduce_sum(gs.square(W))
    train = SGD(0.1).minimize(loss, name="train")
    update = train.control_inputs[0].name
    return Case(loss, {"W": Answer(Cause.NOT_FETCHED, update, Status.OTHER)})


@case
def only_the_gradient_is_fetched_and_it_is_zero():
    W = gs.Variable(0.0, name="W")
    train = SGD(0.1).minimize(gs.square(W), name="train")
    update = train.control_inputs[0]
    return Case(update.inputs[2], {"W": Answer(Cause.NOT_FETCHED, update.name, Status.OTHER)})


@case
def no_optimizer():
    W, _ = weights()
    gs.Variable(0, name="step", trainable=False)
    return Case(
        gs.reduce_sum(W),
        {
            "W": Answer(Cause.NO_OPTIMIZER, None, Status.OTHER),
            "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
def a_dead_relu():
    # x W1 = [-3, -3]: both units are 0 for every row, and so is the slope of Relu.
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    W1 = gs.Variable([[-1.0, -1.0], [-1.0, -1.0]], name="W1")
    W2 = gs.Variable([[1.0], [2.0]], name="W2")
    hidden = gs.nn.relu(gs.matmul(x, W1), name="hidden")
    train = SGD(0.1).minimize(gs.reduce_sum(gs.matmul(hidden, W2, name="out")), name="train")
    zero = "gradients/hidden_grad/ReluGrad"
    return Case(
        train,
        {
            "W1": Answer(Cause.ZERO_GRADIENT, zero, Status.UPDATED, early=Cause.TRAINED),
            "W2": Answer(
                Cause.ZERO_GRADIENT,
                "gradients/out_grad/MatMul_1",
                Status.UPDATED,
                early=Cause.TRAINED,
            ),
        },
        {x: [[1.0, 2.0], [2.0, 1.0]]},
    )


@case
def weights_that_begin_at_zero():
    # The slope of the hidden layer is dy W2^T, and W2 is 0. W2 itself has a gradient.
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    W1 = gs.Variable([[1.0, 0.0], [0.0, 1.0]], name="W1")
    W2 = gs.Variable([[0.0], [0.0]], name="W2")
    hidden = gs.nn.relu(gs.matmul(x, W1), name="hidden")
    train = SGD(0.1).minimize(gs.reduce_sum(gs.matmul(hidden, W2, name="out")), name="train")
    zero = "gradients/out_grad/MatMul"
    return Case(
        train,
        {
            "W1": Answer(Cause.ZERO_GRADIENT, zero, Status.UPDATED, early=Cause.TRAINED),
            "W2": trained("W2"),
        },
        {x: [[1.0, 2.0]]},
    )


@case
def log_of_zero():
    # d (0 * log p) / d p = 0 / 0
    W = gs.Variable([0.0, 1.0], name="W")
    y_ = gs.constant([0.0, 1.0])
    loss = -gs.reduce_sum(y_ * gs.log(W), name="loss")
    train = SGD(0.1).minimize(loss, name="train")
    born = "gradients/Log_grad/truediv"  # 0 / 0
    return Case(
        train, {"W": Answer(Cause.BAD_GRADIENT, born, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
def a_learning_rate_of_zero():
    W, _ = weights()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    update = train.control_inputs[0]
    return Case(
        train,
        {"W": Answer(Cause.UNCHANGED, update.name, Status.UPDATED, early=Cause.TRAINED)},
        {update.inputs[1]: 0.0},
    )


@case
def a_change_that_is_smaller_than_the_next_number():
    # The float32 after 1e8 is 1e8 + 8; the step is 0.1.
    W = gs.Variable([1e8, 1e8], name="W")
    train = SGD(0.1).minimize(gs.reduce_sum(W), name="train")
    update = train.control_inputs[0].name
    return Case(
        train, {"W": Answer(Cause.UNCHANGED, update, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
def an_unchanged_variable_that_something_else_moves():
    W, _ = weights()
    train = SGD(0.0).minimize(gs.reduce_sum(W), name="train")
    with gs.control_dependencies([train]):
        moved = W.assign_add([1.0, 1.0])
    update = train.control_inputs[0].name
    return Case(
        moved, {"W": Answer(Cause.UNCHANGED, update, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
def an_update_that_a_later_assignment_overwrites():
    W, _ = weights()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        reset = gs.assign(W, [0.0, 0.0], name="reset")
    return Case(reset, {"W": Answer(Cause.OVERWRITTEN, "reset", Status.UPDATED)})


@case
def an_update_that_is_taken_back():
    W, _ = weights()
    old = gs.identity(W)
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        undo = gs.assign(W, old, name="undo")
    return Case(undo, {"W": Answer(Cause.OVERWRITTEN, "undo", Status.UPDATED)})


@case
def weights_that_are_kept_within_bounds():
    W, _ = weights()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        clipped = W.assign(gs.clip_by_value(W.read_value(), -1.0, 1.0))
    return Case(clipped, {"W": trained("W")})


@case
def two_trainers_in_one_run_and_a_count_of_both():
    W, _ = weights()
    step = gs.Variable(0, name="step", trainable=False)
    loss = gs.reduce_sum(gs.square(W))
    first = SGD(0.1).minimize(loss, global_step=step, name="first")
    second = SGD(0.1).minimize(loss, global_step=step, name="second")
    return Case(
        [first, second],
        {"W": trained("W", "second"), "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER)},
    )


@case
def two_trainers_of_which_the_other_one_is_asked_for_this_variable():
    W, V = weights()
    loss = gs.reduce_sum(W) * V
    left = SGD(0.1).minimize(loss, var_list=[W], name="left")
    right = SGD(0.1).minimize(loss, var_list=[V], name="right")
    return Case(
        left,
        {
            "W": trained("W", "left"),
            "V": Answer(Cause.NOT_FETCHED, right.control_inputs[0].name, Status.OTHER),
        },
    )


@case
def two_losses_of_which_each_has_its_variable():
    W, V = weights()
    SGD(0.1).minimize(gs.square(V), name="other")
    train = SGD(0.1).minimize(gs.reduce_sum(W), name="train")
    return Case(train, {"W": trained("W")})


@case
def a_moving_average_that_is_not_fetched():
    W, _ = weights()
    mean = gs.Variable([0.0, 0.0], name="mean", trainable=False)
    average = gs.assign(mean, 0.9 * mean + 0.1 * W, name="average")
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    assert average is not None
    return Case(
        train, {"W": trained("W"), "mean": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER)}
    )  # fmt: skip


@case
def a_slot_that_collects_gradients():
    W, _ = weights()
    slot = gs.Variable([0.0, 0.0], name="slot", trainable=False)
    slope = gs.gradients(gs.reduce_sum(gs.square(W)), W)[0]
    collected = gs.assign(slot, 0.9 * slot + slope, name="collected")
    train = gs.assign_sub(W, 0.1 * collected, name="train")
    return Case(
        train,
        {
            "W": Answer(Cause.TRAINED, "train", Status.UPDATED),
            "slot": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
def a_frozen_variable_that_something_else_could_write():
    W, V = weights()
    setting = W.assign([5.0, 5.0])
    train = SGD(0.1).minimize(
        gs.reduce_sum(gs.stop_gradient(W, name="cut")) + gs.square(V), name="train"
    )
    assert setting is not None
    return Case(train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN)})


@case
def a_copy_that_this_run_writes():
    W, _ = weights()
    target = gs.Variable([0.0, 0.0], name="target")
    loss = gs.reduce_sum(gs.square(W - gs.stop_gradient(target)))
    train = SGD(0.1).minimize(loss, name="train")
    update = gs.assign(target, W, name="update")
    return Case([train, update], {"target": Answer(Cause.CUT, "StopGradient", Status.OTHER)})


def opened(name):
    made = CASES[name]()
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return made, gs.debug(session, made.fetches, made.feed)
