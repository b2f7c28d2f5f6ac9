"""Broken programs, each with a known culprit: do the questions name it?

Every case says, for some of its variables, what `why` answers once the run has finished, and the
class that `updates` puts them in. Before the run the same must be answered, but for what only a run
can tell: the value of a gradient, and whether the variable has moved.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug import UnknownPlace
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause
from graphscope.debug.questions.why_not import Absence

HERE = "test_questions.py:"
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


def check(d, answers, early):
    table = d.updates()
    assert len(table.rows) == len(d.facts.variables)
    for name, expected in answers.items():
        why = d.why(name)
        cause = expected.early if early and expected.early else expected.cause
        assert why.cause is cause, f"{name}: {why}"
        assert why.ok == (cause is Cause.TRAINED)
        assert why.reason is cause
        if cause is expected.cause:
            assert (why.culprit.name if why.culprit else None) == expected.culprit, str(why)
        assert table[name].status is expected.status, f"{name}: {table}"
        assert len(why.checks) == 7
        failed = [item for item in why.checks if item.passed is False]
        assert len(failed) == (0 if why.ok else 1)
        assert not failed or failed[0].finding.startswith("no")
        # What comes after the failed one was not looked at.
        if failed:
            after = why.checks[why.checks.index(failed[0]) + 1 :]
            assert all(item.passed is None and not item.finding for item in after)
        assert str(why)
    assert str(table)


@pytest.mark.parametrize("name", CASES)
def test_the_culprit_is_named(name):
    made, d = opened(name)
    check(d, made.answers, early=True)
    while not d.done:  # at no time may a question fail
        d.step()
        d.updates()
    check(d, made.answers, early=False)
    d.goto(0)  # what has run is known, wherever we look
    check(d, made.answers, early=False)


@pytest.mark.parametrize("name", CASES)
def test_updated_is_what_the_run_writes_by_a_gradient(name):
    """Against the journal: the UPDATED and those that are WRITTEN are exactly the written ones."""
    _, d = opened(name)
    d.run_to_end()
    table = d.updates()
    written = {name for step in d.timeline.steps for name in step.writes}
    assert {row.name for row in table.rows if row.written} == written
    assert all(row.done == row.written for row in table.rows)
    assert table.names(Status.UPDATED) <= written
    for row in table.rows:
        moved = d.changed().get(row.name)
        assert (row.delta is None) == (moved is None)


def test_no_message_leaves_a_word_out():
    """Each sentence has its words: no None, no doubled blank, no empty brackets."""
    for name in CASES:
        with gs.Graph().as_default():
            made, d = opened(name)
            d.run_to_end()
            texts = [str(d.updates())]
            for variable in made.answers:
                why = d.why(variable)
                texts += [why.hint, *(item.finding for item in why.checks)]
            for text in texts:
                assert "None" not in text, text
                assert "()" not in text, text
                assert "  " not in text or "\n" in text, text


# ---- what the answers say ----------------------------------------------------------------------


def answer(name, variable):
    _, d = opened(name)
    d.run_to_end()
    return d.why(variable)


def test_a_trained_variable():
    why = answer("a_healthy_program_and_a_variable_that_the_loss_does_not_use", "W")
    # d sum(W^2) / dW = 2 W = [2, 4]; W - 0.1 * [2, 4] = [0.8, 1.6]
    assert why.gradient_norm == pytest.approx(np.sqrt(20.0))
    np.testing.assert_allclose(why.delta.new, [0.8, 1.6])
    assert [op.type for op in why.path] == ["VariableV2", "Identity", "Square", "Sum"]
    assert why.loss.type == "Sum"
    assert why.checks[1].finding.startswith(f"yes, train ({HERE}")
    assert why.checks[2].finding == "yes: W -> Square -> Sum"


@pytest.mark.parametrize(
    ("name", "variable", "hint"),
    [
        ("a_var_list_that_leaves_one_out_and_takes_a_frozen_one_in", "V", "add V to var_list="),
        ("only_the_loss_is_fetched", "W", "fetch train"),
        ("no_optimizer", "W", "make one: ...Optimizer(rate).minimize(loss)"),
        ("a_learning_rate_of_zero", "W", "make it larger than 0"),
        (
            "a_change_that_is_smaller_than_the_next_number",
            "W",
            "a larger learning rate, or a type with more digits (tf.float64)",
        ),
        ("log_of_zero", "W", "look at it: print gradients/Log_grad/truediv"),
        ("a_dead_relu", "W1", "look at it: print gradients/hidden_grad/ReluGrad"),
        ("an_update_that_a_later_assignment_overwrites", "W", "leave reset out of this run"),
        ("a_moving_average_that_is_not_fetched", "mean", "fetch average, which writes it"),
        (
            "two_train_ops_on_one_loss_and_the_one_that_counts_is_not_fetched",
            "step",
            "fetch train_op, which writes it",
        ),
        (
            "cut_by_stop_gradient",
            "W",
            "take tf.stop_gradient away, if the variable shall be trained",
        ),
        (
            "cut_by_argmax",
            "W",
            "use the probabilities (tf.nn.softmax) in the loss, not the position",
        ),
        ("cut_by_cast_to_int", "W", "keep floating-point numbers up to the loss"),
        (
            "cut_by_round",
            "W",
            "use the number itself in the loss, and round it only to show it",
        ),
        (
            "cut_by_equal",
            "W",
            "a comparison is a step without slope: use a difference, as in a squared error",
        ),
        (
            "cut_by_comparison",
            "W",
            "a comparison is a step without slope: use a difference, as in a squared error",
        ),
        (
            "a_variable_of_whole_numbers",
            "n",
            "only floating-point numbers have gradients: make it a variable of those",
        ),
    ],
)
def test_the_hint(name, variable, hint):
    assert answer(name, variable).hint == hint


def test_the_cut_is_on_the_path_that_is_shown():
    for cut in CUTS:
        with gs.Graph().as_default():
            why = answer(f"cut_by_{cut}", "W")
            assert why.culprit in why.path
            assert why.checks[3].finding.startswith(f"no, cut [{why.culprit.type}] ({HERE}")


def test_the_last_finding_says_what_is_wrong():
    for name, variable, finding in [
        ("a_learning_rate_of_zero", "W", "no, train/learning_rate:0 is 0"),
        (
            "a_change_that_is_smaller_than_the_next_number",
            "W",
            "no, the change is smaller than the distance to the next number of this type",
        ),
        ("an_update_that_a_later_assignment_overwrites", "W", "no, assign W at t="),
        (
            "log_of_zero",
            "W",
            "no, it has 1 NaN and 0 Inf; they begin at gradients/Log_grad/truediv",
        ),
        ("a_dead_relu", "W1", "no, it is zero everywhere, since gradients/hidden_grad/ReluGrad"),
        ("only_the_loss_is_fetched", "W", "no, update W does not run"),
    ]:
        with gs.Graph().as_default():
            failed = [c for c in answer(name, variable).checks if c.passed is False]
            assert failed[0].finding.startswith(finding)


def test_a_gradient_that_is_not_finite_has_no_finite_norm():
    assert np.isnan(answer("log_of_zero", "W").gradient_norm)


def test_the_train_op_is_called_by_its_own_name_whatever_waits_for_it():
    why = answer("weights_that_are_kept_within_bounds", "W")
    assert why.checks[1].finding.startswith("yes, train (")


def test_who_else_writes_a_variable():
    why = answer("two_train_ops_on_one_loss_and_the_one_that_counts_is_not_fetched", "step")
    assert [(op.name, fetch, runs) for op, fetch, runs in why.others] == [
        ("train_op", "train_op", False)
    ]


def test_a_count_of_two_train_ops_in_one_run():
    why = answer("two_trainers_in_one_run_and_a_count_of_both", "step")
    assert [(op.name, runs) for op, _, runs in why.others] == [("first", True), ("second", True)]
    assert (why.delta.old, why.delta.new) == (0, 2)  # counted twice in one run


@pytest.mark.parametrize(
    ("name", "variable", "because"),
    [
        (
            "a_moving_average_that_is_not_fetched",
            "mean",
            "only average writes it; you fetched train",
        ),
        ("two_trainers_in_one_run_and_a_count_of_both", "step", "written by AssignAdd (second)"),
        ("only_the_loss_is_fetched", "W", "you fetched loss; fetch train"),
        (
            "a_healthy_program_and_a_variable_that_the_loss_does_not_use",
            "V",
            "nothing leads from it to Sum",
        ),
        (
            "not_trainable_in_the_loss_and_not_trainable_elsewhere",
            "spare",
            "trainable=False, and nothing here writes it",
        ),
        ("no_optimizer", "W", "the graph has no optimizer"),
        ("no_optimizer", "step", "trainable=False, and nothing here writes it"),
    ],
)
def test_the_table_says_because(name, variable, because):
    _, d = opened(name)
    d.run_to_end()
    assert d.updates()[variable].because == because


def test_before_a_write_the_table_says_that_it_is_still_to_come():
    _, d = opened("a_healthy_program_and_a_variable_that_the_loss_does_not_use")
    row = d.updates()["W"]
    assert (row.written, row.done, row.delta, row.gradient_norm) == (True, False, None, None)
    unknown = [item.finding for item in d.why("W").checks if item.passed is None]
    gradient, update = (d.timeline.time_of(op) for op in (
        d.facts.gradient(d.why("W").culprit), d.why("W").culprit))  # fmt: skip
    assert unknown == [
        f"not computed yet: it is at t={gradient}",
        f"not yet: it runs at t={update}",
    ]
    d.run_to_end()
    assert d.updates()["W"].done
    assert d.updates().trains


def test_initializers_are_no_training():
    gs.Variable([1.0], name="W")
    gs.Variable(2.0, name="c", trainable=False)
    d = gs.debug(gs.Session(), gs.global_variables_initializer())
    d.run_to_end()
    table = d.updates()
    assert not table.trains
    for row in table.rows:
        assert row.status is Status.OTHER
        assert row.because == "its initializer runs here"
        assert row.done
    assert d.why("W").cause is Cause.NO_OPTIMIZER


def test_asking_about_what_is_no_variable():
    _, d = opened("no_optimizer")
    for word in ("Sum", "Q"):
        with pytest.raises(UnknownPlace, match="The graph has no variable"):
            d.why(word)
    assert d.why("W").name == d.why("%W").name == "W"


# ---- needs -------------------------------------------------------------------------------------


@pytest.fixture
def feeding():
    """loss = sum(tanh(x) * keep + w);  accuracy = -y"""
    graph = {
        "x": gs.placeholder(gs.float32, [None], name="x"),
        "keep": gs.placeholder(gs.float32, [], name="keep"),
        "y": gs.placeholder(gs.float32, name="y"),
        "w": gs.Variable(1.0, name="w"),
    }
    graph["h"] = gs.tanh(graph["x"], name="h")
    graph["loss"] = gs.reduce_sum(graph["h"] * graph["keep"] + graph["w"], name="loss")
    graph["accuracy"] = gs.negative(graph["y"], name="accuracy")
    return graph


def names(ops):
    return [op.name for op in ops]


def test_needs_of_the_run_itself(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["x"]: [1.0], g["y"]: 2.0}).needs()
    assert [(need.feed.name, need.fed) for need in found.placeholders] == [
        ("x", True),
        ("keep", False),
    ]
    assert found.missing == (g["keep"],)
    assert found.unused == (g["y"],)
    assert names(found.path(g["x"])) == ["loss", "add", "mul", "h", "x"]
    assert names(found.path(g["keep"])) == ["loss", "add", "mul", "keep"]
    assert found.path(g["y"]) == ()
    assert names(found.uninitialized) == ["w"]
    assert found.reads == ("w",)
    assert "NOT FED" in str(found)


def test_needs_of_other_fetches(feeding):
    g = feeding
    d = gs.debug(gs.Session(), g["loss"], {g["x"]: [1.0]})
    for fetch in (g["accuracy"], "accuracy", "accuracy:0", g["accuracy"].op):
        found = d.needs(fetch)
        assert found.missing == (g["y"],)
        assert found.unused == (g["x"],)
        assert found.uninitialized == ()
    both = d.needs("h", g["accuracy"])
    assert [need.feed.name for need in both.placeholders] == ["x", "y"]
    train = SGD(0.1).minimize(g["loss"])
    later = gs.debug(gs.Session(), g["loss"], {}).needs(train)
    assert later.missing == (g["x"], g["keep"])


def test_a_feed_in_the_middle_takes_needs_away(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0]}).needs()
    assert found.missing == (g["keep"],)
    assert found.unused == ()
    weighed = gs.debug(gs.Session(), g["loss"], {g["w"]: 2.0}).needs()
    assert weighed.uninitialized == ()  # a fed variable needs no value


def test_a_placeholder_that_is_fetched_itself(feeding):
    g = feeding
    for feed in ({}, {g["x"]: [1.0]}):
        assert names(gs.debug(gs.Session(), g["x"], feed).needs().path(g["x"])) == ["x"]


def test_what_needs_an_initialized_variable():
    w = gs.Variable(1.0, name="w")
    asked = gs.is_variable_initialized(w)
    read_later = gs.group(asked, w * 2.0)
    with gs.control_dependencies([w.initializer]):
        after = w.read_value() + 1.0

    def uninitialized(fetch):
        return names(gs.debug(gs.Session(), fetch).needs().uninitialized)

    assert uninitialized(w.initializer) == []
    assert uninitialized(asked) == []
    assert uninitialized(after) == []  # it is written before it is read
    assert uninitialized(w) == ["w"]
    assert uninitialized(w.value()) == ["w"]
    assert uninitialized(read_later) == ["w"]
    assert uninitialized(w.assign_add(1.0)) == ["w"]


@pytest.mark.parametrize("fetch", ["w", "grow", "asked", "init", "after", "two"])
def test_needs_foretells_what_the_session_says(fetch):
    w = gs.Variable(1.0, name="w")
    fetches = {
        "w": w,
        "grow": w.assign_add(1.0),
        "asked": gs.is_variable_initialized(w),
        "init": w.initializer,
    }
    with gs.control_dependencies([w.initializer]):
        fetches["after"] = w.read_value() + 1.0
    fetches["two"] = [fetches["grow"], w.initializer]
    session = gs.Session()
    if gs.debug(session, fetches[fetch]).needs().uninitialized:
        with pytest.raises(gs.errors.FailedPreconditionError):
            session.run(fetches[fetch])
    else:
        session.run(fetches[fetch])


# ---- why-not and feeds -------------------------------------------------------------------------


def test_the_five_reasons_why_a_node_is_no_step(feeding):
    g = feeding
    d = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], g["keep"]: 0.5})
    found = d.why_not("add")
    assert found.absence is Absence.IT_RUNS
    assert (d.plan.nodes[found.t - 1].name, names(found.path)) == ("add", ["loss", "add"])
    found = d.why_not("w")
    assert found.absence is Absence.GIVEN
    assert names(found.path) == ["loss", "add", "w/read", "w"]
    for word in ("h", "keep"):
        found = d.why_not(word)
        assert found.absence is Absence.FED
        assert [tensor.op.name for tensor in found.feeds] == [word]
    found = d.why_not("x")
    assert found.absence is Absence.HIDDEN
    assert found.feeds == (g["h"],)
    found = d.why_not("accuracy")
    assert found.absence is Absence.NOT_NEEDED
    assert found.fetches == ("'accuracy'",)
    assert all(str(d.why_not(word)) for word in ("add", "w", "h", "x", "accuracy"))


def test_what_is_not_needed_names_the_fetch_that_would_run_it(feeding):
    train = SGD(0.1).minimize(feeding["loss"], name="train")
    d = gs.debug(gs.Session(), feeding["loss"], {feeding["x"]: [1.0], feeding["keep"]: 1.0})
    update = train.control_inputs[0]
    assert d.why_not(update).fetches == ("train",)
    assert d.why_not("y").fetches == ("'accuracy'",)


def test_only_the_feed_that_is_taken_hides(feeding):
    g = feeding
    mul = g["x"].graph.get_tensor_by_name("mul:0")  # h * keep
    d = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], mul: [2.0]})
    assert d.why_not("x").feeds == (mul,)  # nothing takes h any more
    assert d.needs().unused == (g["h"],)


def test_feeds_and_how_much_they_hide(feeding):
    g = feeding
    found = gs.debug(gs.Session(), g["loss"], {g["h"]: [1.0], g["y"]: 3.0}).feeds()
    rows = [(feed.name, feed.value is None, names(feed.users)) for feed in found.feeds]
    assert rows == [("keep", True, ["mul"]), ("y", False, []), ("h", False, ["mul"])]
    assert found.hidden == {g["h"]: 1}  # h itself; x is no step
    deep = gs.exp(gs.negative(g["x"], name="n"), name="e")
    out = gs.square(deep) + gs.negative(deep)
    found = gs.debug(gs.Session(), out, {deep: [1.0]}).feeds()
    assert found.hidden == {deep: 2}  # n and e
    assert [names(feed.users) for feed in found.feeds] == [["Square", "Neg"]]
    assert str(found)


def test_nothing_fed():
    found = gs.debug(gs.Session(), gs.constant(1.0) + 1.0).feeds()
    assert found.feeds == ()
    assert found.hidden == {}


def test_the_plan_counts_what_is_skipped_by_what_would_run_it(feeding):
    g = feeding
    train = SGD(0.1).minimize(g["loss"], name="train")
    d = gs.debug(gs.Session(), g["accuracy"], {g["y"]: 1.0})
    summary = d.summary()
    assert summary.fetched == ("'accuracy'",)
    skipped = dict(summary.skipped)
    nodes = [op for op in d.plan.skipped() if not op.definition.given]
    assert sum(skipped.values()) == len(nodes)
    # h, h * keep, the reading of w, their sum and the loss; the initializer; the backward pass.
    assert skipped["'loss'"] == 5
    assert skipped["'w/Assign'"] == 1
    assert skipped["train"] == len(nodes) - 6
    assert train not in d.plan
