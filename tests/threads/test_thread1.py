"""How does TensorFlow know which weights to train, and where the feeds go?"""

from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause

PROGRAM = "thread1_train_ops.py"


def types(path):
    return [op.type for op in path]


def test_which_variables_are_trained_and_by_which_path(at_run):
    with at_run(PROGRAM, 2) as d:  # run 1 initializes
        d.run_to_end()
        updates = d.updates()
        assert updates.names(Status.UPDATED) == {"W", "b"}
        assert set(d.changed()) == {"W", "b"}
        for name, first in (("W", "MatMul"), ("b", "Add")):
            why = d.why(name)
            assert why.ok
            assert [check.passed for check in why.checks] == [True] * 7
            assert types(why.path)[0] == "VariableV2"
            assert types(why.path)[2].startswith(first)
            assert types(why.path)[-1] == "Mean"
            assert why.path[-1] is why.loss
            assert "train_step (thread1_train_ops.py:" in why.checks[1].finding


def test_the_global_step_is_not_the_optimizers_business(at_run):
    """The loop runs `train_step`; only `train_op` was given a global_step, so it stays at 0."""
    with at_run(PROGRAM, 2) as d:
        d.run_to_end()
        assert d.updates().names(Status.OTHER) == {"global_step"}
        why = d.why("global_step")
        assert (why.ok, why.cause) == (False, Cause.NOT_TRAINABLE)
        (writer,) = why.others
        assert (writer[0].type, writer[1], writer[2]) == ("AssignAdd", "train_op", False)
        assert not any(access.runs for access in d.who("global_step").writers)


def test_where_each_feed_enters(at_run):
    with at_run(PROGRAM, 2) as d:
        feeds = {feed.name: feed for feed in d.feeds().feeds}
        assert set(feeds) == {"x", "y_"}
        # x enters the model and comes back in the gradient of the weights; y_ meets the logarithm.
        assert next(op.name for op in feeds["x"].users) == "MatMul"
        assert {op.type for op in feeds["x"].users} == {"MatMul"}
        assert "Mul" in {op.type for op in feeds["y_"].users}
        needs = d.needs("train_step")
        path = next(n.path for n in needs.placeholders if n.feed.name == "x")
        assert path[0].name.startswith("GradientDescent")
        assert path[-1].type == "Placeholder"


def test_two_train_ops_share_one_model(at_run):
    """The same loss twice, two rates: each train op has writers of its own."""
    with at_run(PROGRAM, 2) as d:
        writers = [a for a in d.who("W").writers if a.node.type == "ApplyGradientDescent"]
        assert [a.runs for a in writers] == [True, False]  # what runs comes first
        assert [a.fetches for a in writers] == [(), ("train_op",)]  # what to fetch for the other
        assert "train_op" in {name for name, _ in d.summary().skipped}
