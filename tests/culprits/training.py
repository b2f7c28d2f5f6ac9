"""Programs in which a variable is trained or not: what `why` and `updates` have to say of each.

Those that are broken have a twin: `build(False)`.
"""

from dataclasses import dataclass

import graphscope as gs
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause

from .case import Program, culprit, opened

HERE = "training.py:"
SGD = gs.train.GradientDescentOptimizer


@dataclass
class Answer:
    """cause and culprit: of `why`, after the run. status: of `updates`. early: the cause before."""

    cause: Cause
    culprit: str | None
    status: Status
    early: Cause | None = None


def trained(name, train="train"):
    return Answer(Cause.TRAINED, f"{train}/update_{name}/ApplyGradientDescent", Status.UPDATED)


CASES = {}


def case(build):
    CASES[build.__name__] = build
    return build


def weight():
    return gs.Variable([1.0, 2.0], name="W")


def weights():
    """W = [1, 2], and V = 3 that keeps the optimizer busy when W has no gradient."""
    return weight(), gs.Variable(3.0, name="V")


@case
@culprit("gradient", "V", why="V", updates="V", lint="variable-unused", check="gradients")
def a_healthy_program_and_a_variable_that_the_loss_does_not_use(broken=True):
    W, V = weights()
    loss = gs.reduce_sum(gs.square(W))
    loss = loss if broken else loss + gs.square(V)
    train = SGD(0.1).minimize(loss, name="train")
    return Program(
        train, {"W": trained("W"), "V": Answer(Cause.NO_PATH, None, Status.NO_PATH)}
    )  # fmt: skip


@case
def not_trainable_in_the_loss_and_not_trainable_elsewhere(broken=True):
    W = weight()
    fixed = gs.Variable(2.0, name="fixed", trainable=not broken)
    gs.Variable(2.0, name="spare", trainable=False)
    train = SGD(0.1).minimize(gs.reduce_sum(W * fixed), name="train")
    return Program(
        train,
        {
            "W": trained("W"),
            "fixed": Answer(Cause.NOT_TRAINABLE, None, Status.FROZEN),
            "spare": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
@culprit("training", "train/update_fixed/ApplyGradientDescent", why="V", updates="V")
def a_var_list_that_leaves_one_out_and_takes_a_frozen_one_in(broken=True):
    W, V = weights()
    fixed = gs.Variable(2.0, name="fixed", trainable=False)
    loss = gs.square(gs.reduce_sum(W * fixed) * V - 9.0)
    chosen = [W, fixed] if broken else [W, fixed, V]
    train = SGD(0.001).minimize(loss, var_list=chosen, name="train")
    return Program(
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
    def build(broken=True):
        W, V = weights()
        doubled = W * 2.0
        passed = gs.cast(make(doubled) if broken else gs.sigmoid(doubled), gs.float32)
        loss = gs.reduce_mean(passed) + gs.square(V)
        train = SGD(0.1).minimize(loss, name="train")
        return Program(
            train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN), "V": trained("V")}
        )  # fmt: skip

    return build


for _name, _make in CUTS.items():
    _build = cut_case(_make)
    _build.__name__ = f"cut_by_{_name}"
    _asks = {"why": "W", "updates": "W", "flow": "W"}
    if "stop" not in _name and "two" not in _name:  # tf.stop_gradient is there on purpose
        _asks |= {"lint": "gradient-cut", "check": "gradients"}
    case(culprit("gradient", "cut", **_asks)(_build))


@case
def a_cut_beside_a_way_that_is_open():
    W = weight()
    loss = gs.reduce_sum(gs.stop_gradient(W) * gs.exp(W))
    return Program(SGD(0.1).minimize(loss, name="train"), {"W": trained("W")})


@case
@culprit("gradient", "n", why="n", updates="n", lint="gradient-cut")
def a_variable_of_whole_numbers(broken=True):
    V = gs.Variable(3.0, name="V")
    n = gs.Variable(4 if broken else 4.0, name="n")
    loss = gs.square(V) * gs.cast(n, gs.float32)
    train = SGD(0.1).minimize(loss, name="train")
    return Program(train, {"n": Answer(Cause.CUT, "n", Status.FROZEN), "V": trained("V")})


@case
def what_is_only_waited_for_is_not_what_the_loss_is_computed_from():
    W, V = weights()
    with gs.control_dependencies([gs.exp(W)]):
        loss = gs.square(V + 0.0)
    train = SGD(0.1).minimize(loss, name="train")
    return Program(train, {"W": Answer(Cause.NO_PATH, None, Status.NO_PATH), "V": trained("V")})


@case
def a_cut_behind_control_dependencies():
    W, V = weights()
    with gs.control_dependencies([gs.exp(W)]):
        passed = gs.reduce_sum(gs.sign(W))
    with gs.control_dependencies([passed]):
        loss = gs.square(V) + gs.reduce_sum(gs.stop_gradient(W, name="cut"))
    train = SGD(0.1).minimize(loss, name="train")
    return Program(train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN), "V": trained("V")})


@case
def a_value_that_goes_through_another_variable():
    W, V = weights()
    copy = gs.Variable([0.0, 0.0], name="copy", trainable=False)
    loss = gs.reduce_sum(gs.assign(copy, W, name="cut")) + gs.square(V)
    train = SGD(0.1).minimize(loss, name="train")
    return Program(
        [train, loss],
        {
            "W": Answer(Cause.CUT, "cut", Status.FROZEN),
            "copy": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
@culprit("training", "train_op", why="step", updates="step")
def two_train_ops_on_one_loss_and_the_one_that_counts_is_not_fetched(broken=True):
    W = weight()
    step = gs.Variable(0, name="step", trainable=False)
    loss = gs.reduce_sum(gs.square(W))
    train_step = SGD(0.5).minimize(loss, name="train_step")
    train_op = SGD(0.01).minimize(loss, global_step=step, name="train_op")
    assert train_op
    return Program(
        train_step if broken else train_op,
        {
            "W": trained("W", "train_step"),
            "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
@culprit(
    "training",
    "train/update_W/ApplyGradientDescent",
    named={"why_not": "train"},
    why="W",
    updates="W",
    why_not="train",
)
def only_the_loss_is_fetched(broken=True):
    W = weight()
    loss = gs.reduce_sum(gs.square(W))
    train = SGD(0.1).minimize(loss, name="train")
    update = train.control_inputs[0].name
    fetches = loss if broken else [loss, train]
    return Program(fetches, {"W": Answer(Cause.NOT_FETCHED, update, Status.OTHER)})


@case
def only_the_gradient_is_fetched_and_it_is_zero():
    W = gs.Variable(0.0, name="W")
    train = SGD(0.1).minimize(gs.square(W), name="train")
    update = train.control_inputs[0]
    return Program(update.inputs[2], {"W": Answer(Cause.NOT_FETCHED, update.name, Status.OTHER)})


@case
def no_optimizer():
    W = weight()
    gs.Variable(0, name="step", trainable=False)
    return Program(
        gs.reduce_sum(W),
        {
            "W": Answer(Cause.NO_OPTIMIZER, None, Status.OTHER),
            "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER),
        },
    )


@case
@culprit("gradient", "hidden", why="W1", check="dead units", flow="W1")
def a_dead_relu(broken=True):
    # x W1 < 0: both units are 0 for every row, and so is the slope of Relu.
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    sign = -1.0 if broken else 1.0
    W1 = gs.Variable([[sign, 0.5 * sign], [sign, sign]], name="W1")
    W2 = gs.Variable([[1.0], [2.0]], name="W2")
    hidden = gs.nn.relu(gs.matmul(x, W1), name="hidden")
    loss = gs.reduce_mean(gs.square(gs.matmul(hidden, W2, name="out") - 1.0))
    train = SGD(0.01).minimize(loss, name="train")
    zero = "gradients/hidden_grad/ReluGrad"
    return Program(
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
    return Program(
        train,
        {
            "W1": Answer(Cause.ZERO_GRADIENT, zero, Status.UPDATED, early=Cause.TRAINED),
            "W2": trained("W2"),
        },
        {x: [[1.0, 2.0]]},
    )


@case
@culprit("nan", "Log", why="W", nan="", flow="W", check="finite numbers")
def log_of_zero(broken=True):
    # d (0 * log p) / d p = 0 / 0
    W = gs.Variable([0.0 if broken else 0.5, 1.0], name="W")
    y_ = gs.constant([0.0, 1.0])
    loss = -gs.reduce_sum(y_ * gs.log(W), name="loss")
    train = SGD(0.1).minimize(loss, name="train")
    born = "gradients/Log_grad/truediv"  # 0 / 0
    return Program(
        train, {"W": Answer(Cause.BAD_GRADIENT, born, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
@culprit(
    "rate",
    "train/learning_rate",
    named={"why": "train/update_W/ApplyGradientDescent"},
    why="W",
    lint="learning-rate",
    check="learning rate",
)
def a_learning_rate_of_zero(broken=True):
    W = weight()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    update = train.control_inputs[0]
    return Program(
        train,
        {"W": Answer(Cause.UNCHANGED, update.name, Status.UPDATED, early=Cause.TRAINED)},
        {update.inputs[1]: 0.0 if broken else 0.01},
    )


@case
@culprit("rate", "train/update_W/ApplyGradientDescent", why="W")
def a_change_that_is_smaller_than_the_next_number(broken=True):
    # The float32 after 1e8 is 1e8 + 8; the step is 0.1.
    W = gs.Variable([1e8, 1e8] if broken else [1.0, 1.0], name="W")
    train = SGD(0.1).minimize(gs.reduce_sum(W), name="train")
    update = train.control_inputs[0].name
    return Program(
        train, {"W": Answer(Cause.UNCHANGED, update, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
def an_unchanged_variable_that_something_else_moves():
    W = weight()
    train = SGD(0.0).minimize(gs.reduce_sum(W), name="train")
    with gs.control_dependencies([train]):
        moved = W.assign_add([1.0, 1.0])
    update = train.control_inputs[0].name
    return Program(
        moved, {"W": Answer(Cause.UNCHANGED, update, Status.UPDATED, early=Cause.TRAINED)}
    )  # fmt: skip


@case
@culprit("state", "reset", why="W")
def an_update_that_a_later_assignment_overwrites(broken=True):
    W = weight()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        change = [0.0, 0.0] if broken else gs.clip_by_value(W.read_value(), 0.0, 9.0)
        reset = gs.assign(W, change, name="reset")
    return Program(reset, {"W": Answer(Cause.OVERWRITTEN, "reset", Status.UPDATED)})


@case
@culprit("state", "undo", why="W")
def an_update_that_is_taken_back(broken=True):
    W = weight()
    old = gs.identity(W)
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        undo = gs.assign(W, old if broken else W.read_value(), name="undo")
    return Program(undo, {"W": Answer(Cause.OVERWRITTEN, "undo", Status.UPDATED)})


@case
def weights_that_are_kept_within_bounds():
    W = weight()
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    with gs.control_dependencies([train]):
        clipped = W.assign(gs.clip_by_value(W.read_value(), -1.0, 1.0))
    return Program(clipped, {"W": trained("W")})


@case
@culprit("state", "second", lint="counted-twice", updates="step")
def two_trainers_in_one_run_and_a_count_of_both(broken=True):
    W = weight()
    step = gs.Variable(0, name="step", trainable=False)
    loss = gs.reduce_sum(gs.square(W))
    first = SGD(0.1).minimize(loss, global_step=step, name="first")
    second = SGD(0.1).minimize(loss, global_step=step if broken else None, name="second")
    return Program(
        [first, second],
        {"W": trained("W", "second"), "step": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER)},
    )


@case
@culprit("training", "right/update_V/ApplyGradientDescent", why="V", updates="V")
def two_trainers_of_which_the_other_one_is_asked_for_this_variable(broken=True):
    W, V = weights()
    loss = gs.reduce_sum(W) * V
    left = SGD(0.1).minimize(loss, var_list=[W], name="left")
    right = SGD(0.1).minimize(loss, var_list=[V], name="right")
    return Program(
        left if broken else [left, right],
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
    return Program(train, {"W": trained("W")})


@case
@culprit("state", "average", why="mean", updates="mean")
def a_moving_average_that_is_not_fetched(broken=True):
    W = weight()
    mean = gs.Variable([0.0, 0.0], name="mean", trainable=False)
    average = gs.assign(mean, 0.9 * mean + 0.1 * W, name="average")
    train = SGD(0.1).minimize(gs.reduce_sum(gs.square(W)), name="train")
    return Program(
        train if broken else average,
        {"W": trained("W"), "mean": Answer(Cause.NOT_TRAINABLE, None, Status.OTHER)},
    )


@case
def a_slot_that_collects_gradients():
    W = weight()
    slot = gs.Variable([0.0, 0.0], name="slot", trainable=False)
    slope = gs.gradients(gs.reduce_sum(gs.square(W)), W)[0]
    collected = gs.assign(slot, 0.9 * slot + slope, name="collected")
    train = gs.assign_sub(W, 0.1 * collected, name="train")
    return Program(
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
    return Program(train, {"W": Answer(Cause.CUT, "cut", Status.FROZEN)})


@case
def a_copy_that_this_run_writes():
    W = weight()
    target = gs.Variable([0.0, 0.0], name="target")
    loss = gs.reduce_sum(gs.square(W - gs.stop_gradient(target)))
    train = SGD(0.1).minimize(loss, name="train")
    update = gs.assign(target, W, name="update")
    return Program([train, update], {"target": Answer(Cause.CUT, "StopGradient", Status.OTHER)})


def opened_case(name):
    made = CASES[name]()
    return made, opened(made)
