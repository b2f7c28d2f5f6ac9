"""Broken programs, each with a known culprit: do the questions name it?

Every case says, for some of its variables, what `why` answers once the run has finished, and the
class that `updates` puts them in. Before the run the same must be answered, but for what only a run
can tell: the value of a gradient, and whether the variable has moved.
"""

import numpy as np
import pytest
from culprits.training import CASES, CUTS, HERE
from culprits.training import opened_case as opened

import graphscope as gs
from graphscope.debug import UnknownPlace
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause


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
        ("two_trainers_in_one_run_and_a_count_of_both", "step", "2 writers: first +1, second +1"),
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


def test_the_path_is_that_of_the_values_where_a_shape_is_nearer():
    W = gs.Variable([[1.0, 2.0]], name="W")
    x = gs.placeholder(gs.float32, [None, 1], name="x")
    y = gs.matmul(x, W, name="y")
    z = gs.exp(gs.square(y, name="q"), name="z")
    loss = gs.reduce_sum(gs.reshape(z, gs.shape(y)), name="loss")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    why = gs.debug(session, train, {x: [[1.0]]}).why("W")
    assert why.checks[2].finding == "yes: W -> y -> q -> z -> Reshape -> loss"


def test_what_is_found_out_for_one_variable_is_the_same_for_the_next():
    """Gradients come by the same ways; where they went wrong is worked out once, and right."""
    x = gs.placeholder(gs.float32, [2, 2], name="x")
    h, variables = x, []
    for i in range(4):
        variables.append(gs.Variable(np.eye(2, dtype=np.float32) * (-1) ** (i == 2), name=f"w{i}"))
        h = gs.nn.relu(gs.matmul(h, variables[-1]), name=f"h{i}")
    loss = gs.reduce_sum(h, name="loss")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, train, {x: np.ones([2, 2])})
    d.run_to_end()
    for row in d.updates().rows:
        alone = d.why(row.name)
        assert row.why.culprit is not None
        assert (row.why.culprit, row.why.checks) == (alone.culprit, alone.checks)
