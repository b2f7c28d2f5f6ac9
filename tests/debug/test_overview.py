"""All that is seen from a place, in one answer."""

import pytest
from stepped import Program

import graphscope as gs
from graphscope.debug.overview import Overseer
from graphscope.debug.questions.updates import Status


def times(found):
    return [row.t for row in found.plan.rows]


class Trained:
    """W is trained for the loss, V is not in the list, free is not used at all."""

    def __init__(self):
        self.W = gs.Variable([2.0], name="W")
        self.V = gs.Variable([3.0], name="V")
        self.free = gs.Variable([1.0], name="free", trainable=False)
        self.loss = gs.reduce_sum(gs.square(self.W * self.V), name="loss")
        optimizer = gs.train.MomentumOptimizer(0.5, 0.9)
        self.train = optimizer.minimize(self.loss, var_list=[self.W])
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self):
        return gs.debug(self.session, [self.loss, self.train])


@pytest.mark.parametrize(
    ("t", "lines", "seen"),
    [
        (0, 3, [1, 2, 3]),
        (2, 3, [1, 2, 3]),
        (3, 3, [2, 3, 4]),
        (3, 2, [3, 4]),
        (5, 9, [1, 2, 3, 4, 5]),
        (4, 1, [4]),
    ],
)
def test_the_present_line_is_in_the_middle_of_the_plan(d, t, lines, seen):
    d.goto(t)
    assert times(Overseer(d).overview(lines, 0, 0)) == seen


def test_what_does_not_run_follows_behind_the_plan(d):
    d.goto("end")
    found = Overseer(d).overview(4, 0, 0)
    assert times(found) == [4, 5]  # and two lines for what is skipped
    assert len(found.skipped) >= 2


def test_lines_of_the_program_say_how_far_they_have_come(d):
    d.until("grow")
    rows = {row.text.strip(): row.state for row in Overseer(d).overview(3, 9, 0).excerpt.rows}
    states = {text.partition(" = ")[0]: state for text, state in rows.items()}
    assert states["self.grow"] == "now"
    assert states["self.b"] == "done"
    assert states["self.c"] == "later"
    assert states["self.session"] == ""


def test_a_line_that_this_run_does_not_need_is_skipped():
    made = Program()
    with gs.debug(made.session, made.a, {made.x: 2.0}) as d:
        d.step()
        rows = Overseer(d).overview(3, 9, 0).excerpt.rows
    assert [row.state for row in rows if "self.c =" in row.text] == ["skipped"]


def test_before_the_first_node_it_is_the_line_of_the_node_that_comes(d):
    found = Overseer(d).overview(3, 5, 0)
    assert found.stop.node is None
    assert "self.a =" in next(row.text for row in found.excerpt.rows if row.state == "now")


def test_variables_stand_as_updates_has_them():
    with Trained().debug() as d:
        d.run_to_end()
        found = {row.name: row for row in Overseer(d).overview(1, 0, 9).variables}
        for name, row in found.items():
            assert row.status is d.updates()[name].status
    assert [*found] == ["W", "V", "free", "W/Momentum"]
    assert found["W"].status is Status.UPDATED
    assert found["V"].status is Status.FROZEN
    assert found["W"].gradient.tolist() == [36.0]
    assert found["W"].delta.norm == 18.0
    assert found["V"].delta is None


def test_a_gradient_is_known_once_it_has_been_computed():
    with Trained().debug() as d:
        before = Overseer(d).overview(1, 0, 1).variables[0]
        d.until(d.facts.slope(d.facts.trainers(d.facts.variables[0])[0]).op)
        after = Overseer(d).overview(1, 0, 1).variables[0]
        d.back()
        back = Overseer(d).overview(1, 0, 1).variables[0]
    assert (before.gradient, before.coming) == (None, True)
    assert (after.gradient.tolist(), after.coming, after.touched) == ([36.0], False, True)
    assert (back.gradient, back.coming) == (None, True)


def test_of_many_variables_those_are_seen_that_the_node_is_about():
    made = [gs.Variable([float(i)], name=f"v{i}") for i in range(20)]
    h = gs.constant([1.0])
    for i, v in enumerate(made):
        h = gs.multiply(h, v, name=f"h{i}")
    loss = gs.reduce_sum(h)
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    with gs.debug(session, [loss, train]) as d:
        d.until("h12")
        found = Overseer(d).overview(1, 0, 3)
        assert [row.name for row in found.variables] == ["v11", "v12", "v13"]
        assert found.count == 20
        d.until("%v15")
        found = Overseer(d).overview(1, 0, 3)
        assert [(r.name, r.touched) for r in found.variables][1] == ("v15", True)
        d.goto("end")
        assert len(Overseer(d).overview(1, 0, 3).variables) == 3


def test_the_branch_that_was_not_taken_is_passed():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.cond(x > 0, lambda: gs.exp(x, name="up"), lambda: gs.tanh(x, name="down"), name="y")
    with gs.debug(gs.Session(), y, {x: 1.0}) as d:
        d.run_to_end()
        found = Overseer(d).overview(20, 0, 0)
    passed = [op.name.rpartition("/")[2] for ops in found.passed.values() for op in ops]
    assert "down" in passed
    assert "up" not in passed


def test_a_loop_without_an_iteration_is_passed():
    n = gs.placeholder(gs.int32, [], name="n")
    y = gs.while_loop(lambda i: i < n, lambda i: gs.add(i, 1, name="body"), [gs.constant(0)])
    for count, wanted in ((0, True), (2, False)):
        with gs.debug(gs.Session(), y, {n: count}) as d:
            d.run_to_end()
            found = Overseer(d).overview(30, 0, 0)
        passed = [op.name.rpartition("/")[2] for ops in found.passed.values() for op in ops]
        assert ("body" in passed) is wanted


def test_a_new_one_is_needed_for_another_run(d):
    overseer = Overseer(d)
    d.step()
    assert overseer.is_for(d)
    d.run_to_end()
    d.run()
    assert not overseer.is_for(d)


def test_what_the_next_node_raises_is_known_once_it_was_tried():
    y = gs.matmul(gs.placeholder(gs.float32, name="a"), [[1.0, 2.0]])
    d = gs.debug(gs.Session(), y, {"a:0": [[1.0, 1.0, 1.0]]})
    assert Overseer(d).overview(3, 0, 0).failure is None
    with pytest.raises(gs.errors.InvalidArgumentError) as raised:
        d.run_to_end()
    assert Overseer(d).overview(3, 0, 0).failure is raised.value


def test_a_run_without_nodes_has_an_empty_plan():
    d = gs.debug(gs.Session(), gs.constant(1.0))
    found = Overseer(d).overview(5, 5, 5)
    assert (found.plan.rows, found.excerpt, found.variables) == ((), None, ())
    assert d.list("1,3").rows == ()
