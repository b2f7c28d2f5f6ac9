"""What tfdbg's NodeStepper was tested for, asked of this debugger: nothing of it may be lost.

In one point the opposite is wanted: there, what had been computed from a variable was used again
after an update unless one asked otherwise. Here a value from before an update is a value of the
past, and never comes back.
"""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.questions.why_not import Absence
from graphscope.engine.plan import Phase


def names(ops):
    return [op.name for op in ops]


def session():
    made = gs.Session()
    made.run(gs.global_variables_initializer())
    return made


# ---- products of variables -----------------------------------------------------------------------


class Products:
    """a = 2, b = 3: c = a b = 6, d = a a = 4, e = d c = 24, f = b / 0.3 = 10.

    x = 2: y = -x = -2, z = x y = -4; x comes to z on two ways.
    """

    def __init__(self):
        self.a = gs.Variable(2.0, name="a")
        self.b = gs.Variable(3.0, name="b")
        self.c = gs.multiply(self.a, self.b, name="c")
        self.d = gs.multiply(self.a, self.a, name="d")
        self.e = gs.multiply(self.d, self.c, name="e")
        self.f = gs.div(self.b, gs.constant(0.3, name="f_y"), name="f")
        self.x = gs.Variable(2.0, name="x")
        self.y = gs.negative(self.x, name="y")
        self.z = gs.multiply(self.x, self.y, name="z")
        self.session = session()


@pytest.fixture
def g():
    return Products()


@pytest.fixture
def d(g):
    return gs.debug(g.session, g.e)


def test_the_plan_is_what_the_fetch_needs_in_order(d):
    assert names(d.plan.nodes) == ["a/read", "b/read", "c", "d", "e"]
    assert names(d.plan.given) == ["a", "b"]


def test_going_to_what_the_fetch_does_not_need_is_an_error_that_says_how_to_ask(d):
    with pytest.raises(DebugError, match=r"f does not run for this fetch\. Try: why-not f"):
        d.until("f:0")
    assert d.why_not("f").absence is Absence.NOT_NEEDED
    assert d.t == 0


@pytest.mark.parametrize("spec", ["c", "c:0", "tensor", "operation"])
def test_going_to_a_node_by_name_or_object_shows_its_value(d, g, spec):
    stop = d.until({"tensor": g.c, "operation": g.c.op}.get(spec, spec))
    assert stop.node is g.c.op
    assert stop.value == d.value("c") == 6.0


def test_what_was_needed_on_the_way_can_be_seen(d):
    d.until("c:0")
    assert (d.value("a/read:0"), d.value("b/read:0")) == (2.0, 3.0)
    with pytest.raises(NotExecuted, match="d has not run yet: it runs at t=4"):
        d.value("d:0")
    d.until("e")
    assert (d.value("d:0"), d.value("e:0")) == (4.0, 24.0)
    assert d.value("c") == 6.0


def test_nothing_can_be_seen_before_it_has_run(d, g):
    with pytest.raises(NotExecuted, match=r"c has not run yet: it runs at t=3, and this is t=0\."):
        d.value(g.c)
    assert d.until(g.c).value == 6.0
    assert d.value(g.c) == 6.0


def test_going_to_one_fetch_and_then_to_another_runs_nothing_twice(g):
    d = gs.debug(g.session, ["e:0", "f:0"])
    d.until("c:0")
    assert d.goto("a/read").value == 2.0  # in the past: seen again, not computed again
    assert d.timeline.newest == 3
    d.until("f:0")
    assert d.value("f") == pytest.approx(10.0)
    assert [len(d.timeline.times_of(op)) for op in d.plan.nodes] == [1] * len(d.plan)


@pytest.mark.parametrize("name", ["a/read", "b/read", "c", "d"])
def test_each_value_on_the_way_can_be_set(d, name):
    override = d.set(f"{name}:0", 5.0)
    assert override.name == f"{name}:0"
    d.run_to_end()
    assert d.value(name) == 5.0
    expected = {"a/read": 5 * 3 * 5 * 5, "b/read": 2 * 5 * 4, "c": 4 * 5, "d": 5 * 6}
    assert d.result == expected[name]


def test_a_value_that_has_been_computed_is_set_and_all_behind_it_runs_again(d, g):
    d.until(g.e)
    assert d.value("e") == 24.0
    override = d.set("c:0", 7.0)
    assert (override.t, override.went_back, d.t, d.timeline.newest) == (3, 2, 3, 3)
    assert d.value("c:0") == 7.0
    with pytest.raises(NotExecuted):
        d.value("e")  # what was computed from the other c is gone
    d.until(g.e)
    assert d.value("e") == 28.0
    assert d.stop.overrides == ("c:0",)


def test_a_value_is_set_twice(d, g):
    d.set("c:0", 7.0)
    d.until(g.e)
    assert d.value("e") == 28.0
    d.set("c:0", 8.0)
    assert d.t == 3
    d.until(g.e)
    assert d.value("e") == 32.0


def test_a_value_is_given_back(d, g):
    d.until("c")
    override = d.set("c:0", 7.0)
    d.until("e")
    assert d.value("e") == 28.0
    stop = override.remove()
    assert (stop.t, stop.overrides) == (2, ())  # before c, which runs again
    d.until("e")
    assert (d.value("c"), d.value("e")) == (6.0, 24.0)
    d.back()
    assert d.step().value == 24.0  # and stays


def test_going_to_what_is_set_shows_what_it_is_set_to(d):
    d.set("c", 7.0)
    assert d.t == 0
    stop = d.until("c")
    assert stop.value == 7.0
    assert d.timeline.here.overridden == {d.timeline.here.node.outputs[0]}


def test_leaving_forgets_what_was_set(g):
    with gs.debug(g.session, g.e) as d:
        d.set("a/read:0", 20.0)
        d.run_to_end()
        assert d.result == 20 * 20 * 20 * 3
    assert g.session.run(g.e) == 24.0


def test_nothing_that_was_not_set_can_be_given_back(d):
    with pytest.raises(DebugError, match=r"c:0 is not set by hand; set are: none\."):
        d.unset("c:0")
    d.set("d", 1.0)
    with pytest.raises(DebugError, match=r"set are: d:0\."):
        d.unset("c")


def test_what_does_not_run_cannot_be_set(d):
    with pytest.raises(DebugError, match=r"f:0 is no step of this run\. Try: why-not f"):
        d.set("f:0", 42.0)
    with pytest.raises(UnknownPlace):
        d.set("no/such/node", 42.0)


@pytest.mark.parametrize("value", ["text", [1.0, 2.0], None])
def test_a_value_that_does_not_fit_changes_nothing(d, g, value):
    d.until("c")
    with pytest.raises(DebugError):
        d.set(g.c, value)
    assert (d.t, d.value("c")) == (3, 6.0)


def test_a_value_that_comes_on_two_ways_is_computed_once_and_first(g):
    d = gs.debug(g.session, "z:0")
    assert names(d.plan.nodes) == ["x/read", "y", "z"]
    d.set("x/read", 5.0)
    d.run_to_end()
    assert d.result == -25.0  # both ways see it


IN_DICTS = {"e": 24.0, "fz": {"f": 10.0, "z": -4.0}}


@pytest.mark.parametrize(
    ("fetches", "expected"),
    [
        (lambda g: [g.e, [g.f, g.z]], [24.0, [10.0, -4.0]]),
        (lambda g: (g.e, (g.f, g.z)), (24.0, (10.0, -4.0))),
        (lambda g: {"e": g.e, "fz": {"f": g.f, "z": g.z}}, IN_DICTS),
        (lambda g: ["e:0", ["f:0", "z:0"]], [24.0, [10.0, -4.0]]),
        (lambda g: ("e:0", ("f:0", "z:0")), (24.0, (10.0, -4.0))),
        (lambda g: {"e": "e:0", "fz": {"f": "f:0", "z": "z:0"}}, IN_DICTS),
    ],
)
def test_fetches_in_any_nesting_come_back_in_it(g, fetches, expected):
    d = gs.debug(g.session, fetches(g))
    order = names(d.plan.nodes)
    for first, second in ["cd", "ce", "de", "yz"]:
        assert order.index(first) < order.index(second)
    d.run_to_end()
    assert type(d.result) is type(expected)
    assert repr(expected) == repr(rounded(d.result))


def rounded(result):
    if isinstance(result, dict):
        return {key: rounded(value) for key, value in result.items()}
    if isinstance(result, list | tuple):
        return type(result)(map(rounded, result))
    return round(float(result), 5)


# ---- placeholders --------------------------------------------------------------------------------

ROWS = [[1.0, 2.0], [-3.0, 5.0]]
COLUMN = [[-1.0], [0.5]]


class Fed:
    """x = rows column = [0, 5.5], y = x + column = [-1, 6]."""

    def __init__(self):
        self.rows = gs.placeholder(gs.float32, [2, 2], name="rows")
        self.column = gs.placeholder(gs.float32, [2, 1], name="column")
        self.x = gs.matmul(self.rows, self.column, name="x")
        self.y = gs.add(self.x, self.column, name="y")


@pytest.fixture
def fed():
    return Fed()


def test_the_value_of_a_placeholder_is_what_is_fed(fed):
    d = gs.debug(gs.Session(), fed.y, {fed.rows: ROWS, fed.column: COLUMN})
    assert d.value("rows").tolist() == d.value("rows:0").tolist() == ROWS
    with pytest.raises(UnknownPlace, match="rows has no output 1; its last one is rows:0"):
        d.value("rows:1")


def test_which_placeholders_are_needed_and_which_are_fed(fed):
    d = gs.debug(gs.Session(), fed.y, {fed.rows: ROWS})
    needed = d.needs()
    assert [need.feed.name for need in needed.placeholders] == ["rows", "column"]
    assert [need.fed for need in needed.placeholders] == [True, False]
    assert needed.missing == (fed.column,)
    with pytest.raises(gs.errors.InvalidArgumentError, match="'column'"):
        d.step()
    assert d.t == 0
    d.feed("column", COLUMN)  # and nothing is lost
    d.run_to_end()
    assert d.result.tolist() == [[-1.0], [6.0]]


def test_from_fed_values_to_a_value_between_and_on(fed):
    d = gs.debug(gs.Session(), fed.y, {fed.rows: ROWS, fed.column: COLUMN})
    assert names(d.plan.nodes) == ["x", "y"]
    assert d.until(fed.x).value.tolist() == [[0.0], [5.5]]
    assert [shown.value.tolist() for shown in d.stop.inputs] == [ROWS, COLUMN]
    assert d.until(fed.y).value.tolist() == [[-1.0], [6.0]]


@pytest.mark.parametrize("by_name", [False, True])
def test_placeholders_are_no_steps_and_can_be_looked_at_all_the_same(fed, by_name):
    feed = {fed.rows: ROWS, fed.column: COLUMN}
    if by_name:
        feed = {tensor.name: value for tensor, value in feed.items()}
    d = gs.debug(gs.Session(), fed.y, feed)
    for spec, value in [(fed.rows, ROWS), ("column", COLUMN), (fed.rows.op, ROWS)]:
        assert d.value(spec).tolist() == value
        with pytest.raises(DebugError, match="is fed; it is no step of the run"):
            d.until(spec)
    d.run_to_end()
    assert d.result.tolist() == [[-1.0], [6.0]]


def test_what_is_fed_is_changed_by_feeding(fed):
    d = gs.debug(gs.Session(), fed.y, {fed.rows: ROWS, fed.column: COLUMN})
    d.run_to_end()
    with pytest.raises(DebugError, match=r"rows:0 is fed\. Try: feed rows = \.\.\."):
        d.set("rows", np.eye(2))
    d.feed("rows = np.eye(2)")
    assert d.t == 0
    d.run_to_end()
    assert d.result.tolist() == [[-2.0], [1.0]]
    d.feed(fed.x, [[1.0], [1.0]])  # in the middle: rows is needed no longer
    assert names(d.plan.nodes) == ["y"]
    d.unfeed("x")
    assert names(d.plan.nodes) == ["x", "y"]


# ---- a variable that is added to -----------------------------------------------------------------


class Adding:
    """v = 10: p = v + v = 20, q = p p = 400; then v grows by 2, and one more than it is asked for.

    `late` reads v after the growth: 12 + 12 = 24, and 576 is its square.
    """

    def __init__(self):
        self.v = gs.Variable(10.0, name="v")
        self.p = gs.add(self.v, self.v, name="p")
        self.q = gs.multiply(self.p, self.p, name="q")
        self.grow = gs.assign_add(self.v, gs.constant(2.0, name="delta"), name="grow")
        self.more = gs.add(self.grow, 1.0, name="more")
        with gs.control_dependencies([self.grow]):
            again = self.v.read_value()
            self.late = gs.square(again + again, name="late")
        self.session = session()


@pytest.fixture
def adding():
    return Adding()


def test_nothing_has_changed_before_anything_runs(adding):
    d = gs.debug(adding.session, [adding.q, adding.grow])
    assert d.changed() == d.stop.changed == {}


def test_what_was_computed_before_an_update_is_never_used_again(adding):
    """The opposite of NodeStepper, which went on with what it had kept."""
    d = gs.debug(adding.session, [adding.q, adding.grow, adding.late])
    assert d.until("q").value == 400.0
    assert (d.value("v/read"), d.value("p")) == (10.0, 20.0)
    stop = d.until("grow")
    assert stop.changed["v"].new == d.value("v") == 12.0
    assert set(d.changed()) == {"v"}
    d.run_to_end()
    assert d.value("late") == 576.0
    # What was read before is a value of then, and the timeline says of when it is.
    assert d.value("v", at=d.timeline.time_of(adding.q.op)) == 10.0
    assert adding.session.run(adding.v) == 10.0  # a rehearsal until it is kept
    d.commit()
    assert adding.session.run(adding.v) == 12.0


def test_in_the_next_run_everything_is_computed_from_the_new_value(adding):
    d = gs.debug(adding.session, [adding.q, adding.grow])
    d.run_to_end()
    d.run()
    assert d.until("q").value == 576.0
    assert d.value("v") == 12.0


def test_setting_what_is_above_computes_again_what_is_below(adding):
    d = gs.debug(adding.session, adding.q)
    d.run_to_end()
    assert d.result == 400.0
    d.set("v/read:0", 11.0)
    with pytest.raises(NotExecuted):
        d.value("p")
    d.run_to_end()
    assert d.result == 484.0
    assert adding.session.run(adding.v) == 10.0  # a reading was set, not the variable


def test_giving_back_what_is_above_computes_again_what_is_below(adding):
    d = gs.debug(adding.session, adding.q)
    override = d.set("v/read:0", 9.0)
    d.run_to_end()
    assert d.result == 324.0
    override.remove()
    with pytest.raises(NotExecuted):
        d.value("p")
    d.run_to_end()
    assert d.result == 400.0


@pytest.mark.parametrize("fetch", ["grow", "more"])
def test_going_to_an_update_again_does_not_update_again(adding, fetch):
    with gs.debug(adding.session, getattr(adding, fetch)) as d:
        d.run_to_end()
        assert d.value("v") == 12.0
        for _ in range(3):
            d.goto("start")
            assert d.value("v") == 10.0
            d.until(fetch)
            assert d.value("v") == 12.0
        assert d.result == {"grow": 12.0, "more": 13.0}[fetch]
    assert adding.session.run(adding.v) == 12.0


def test_a_variable_is_set_in_the_middle(adding):
    d = gs.debug(adding.session, [adding.q, adding.grow, adding.late])
    d.until("q")
    d.set("%v", 100.0)
    d.run_to_end()
    # q was computed from 10; v grows from 100 to 102, and late is (2 * 102)^2 = 41616.
    assert [float(x) for x in d.result] == [400.0, 102.0, 41616.0]


# ---- a step of gradient descent ------------------------------------------------------------------

A, B, C = "optim/update_a", "optim/update_b", "optim/update_c"


class Descent:
    """a = 1, b = 2, c = 4: d = a b = 2, e = b c = 8, f = d e = a b^2 c = 16. The rate is 0.01.

    df/da = b^2 c = 16, df/db = 2 a b c = 16, df/dc = a b^2 = 4:
    a becomes 1 - 0.16 = 0.84, b 2 - 0.16 = 1.84, c 4 - 0.04 = 3.96.
    """

    def __init__(self):
        self.a = gs.Variable(1.0, name="a")
        self.b = gs.Variable(2.0, name="b")
        self.c = gs.Variable(4.0, name="c")
        self.d = gs.multiply(self.a, self.b, name="d")
        self.e = gs.multiply(self.b, self.c, name="e")
        self.f = gs.multiply(self.d, self.e, name="f")
        self.train = gs.train.GradientDescentOptimizer(0.01).minimize(self.f, name="optim")
        self.session = session()

    def variables(self):
        return [round(float(value), 6) for value in self.session.run([self.a, self.b, self.c])]


@pytest.fixture
def descent():
    return Descent()


@pytest.fixture
def s(descent):
    return gs.debug(descent.session, "optim")


def values(d):
    return [round(float(d.value(name)), 6) for name in ("%a", "%b", "%c")]


def test_to_the_update_of_one_variable(s, descent):
    assert s.value("a") == 1.0
    assert s.value("optim/learning_rate") == pytest.approx(0.01)
    assert s.changed() == {}
    stop = s.until(f"{A}/ApplyGradientDescent")
    assert stop.phase is Phase.UPDATE
    assert set(stop.changed) == set(s.changed()) == {"a"}
    # 1.0 - 0.01 * 2 * 2 * 4 = 0.84
    assert values(s) == [0.84, 2.0, 4.0]
    assert descent.variables() == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("variable", "new"),
    [
        ("a", 0.84),  # 1.0 - 0.01 * 2 * 2 * 4
        ("b", 1.84),  # 2.0 - 0.01 * 2 * 1 * 2 * 4
        ("c", 3.96),  # 4.0 - 0.01 * 1 * 2 * 2
    ],
)
def test_each_update_by_its_variable(s, variable, new):
    stop = s.until(f"%{variable}")
    assert stop.changed[variable].new == pytest.approx(new)


def test_an_update_sees_what_the_gradients_were_computed_from(s):
    """All three gradients are computed from the values before the step, whatever comes first."""
    s.run_to_end()
    assert values(s) == [0.84, 1.84, 3.96]
    assert set(s.changed()) == {"a", "b", "c"}


def test_a_second_step_sees_the_first(s, descent):
    s.run_to_end()
    s.run()
    s.run_to_end()
    # a: 0.84 - 0.01 * 1.84^2 * 3.96 = 0.705930;  b: 1.84 - 0.02 * 0.84 * 1.84 * 3.96 = 1.717588
    # c: 3.96 - 0.01 * 0.84 * 1.84^2 = 3.931561
    assert values(s) == pytest.approx([0.705930, 1.717588, 3.931561], abs=2e-6)
    s.close()
    assert descent.variables() == pytest.approx([0.705930, 1.717588, 3.931561], abs=2e-6)


def test_a_variable_that_one_update_changed_is_seen_by_the_next_fetch(descent):
    """One update alone; then, in another run, the other from the new value of a."""
    with gs.debug(descent.session, f"{A}/ApplyGradientDescent") as d:
        d.run_to_end()
        assert values(d) == [0.84, 2.0, 4.0]
        d.run(f"{B}/ApplyGradientDescent")
        d.run_to_end()
        # 2.0 - 0.01 * 2 * 0.84 * 2 * 4 = 1.8656
        assert values(d) == [0.84, 1.8656, 4.0]
    assert descent.variables() == [0.84, 1.8656, 4.0]


def test_going_back_restores_variables_and_another_way_starts_from_there(s):
    s.until("%a")
    assert values(s) == [0.84, 2.0, 4.0]
    stop = s.back()
    assert stop.restored["a"].new == 1.0
    assert values(s) == [1.0, 2.0, 4.0]
    s.run_to_end()
    s.goto("bwd")
    assert values(s) == [1.0, 2.0, 4.0]


def test_an_update_alone_after_another_was_undone(descent):
    with gs.debug(descent.session, f"{A}/ApplyGradientDescent") as d:
        d.run_to_end()
        d.rollback()
        d.run(f"{B}/ApplyGradientDescent")
        d.run_to_end()
        # as if only b had ever been updated: 2.0 - 0.01 * 2 * 1 * 2 * 4 = 1.84
        assert values(d) == [1.0, 1.84, 4.0]
    assert descent.variables() == [1.0, 1.84, 4.0]


def test_rollback_restores_the_variables(s, descent):
    s.until("%b")
    s.rollback()
    assert values(s) == [1.0, 2.0, 4.0]
    assert s.t == 0
    s.run_to_end()
    s.commit()
    assert descent.variables() == [0.84, 1.84, 3.96]
    s.rollback()
    assert descent.variables() == [1.0, 2.0, 4.0]


def test_the_end_is_that_of_the_plain_run_however_one_got_there(s, descent):
    s.until(f"{B}/ApplyGradientDescent")
    s.back(3)
    s.goto("end")
    assert s.result is None
    s.close()
    assert descent.variables() == [0.84, 1.84, 3.96]


def test_set_then_update_then_give_back_and_update_again(s, descent):
    s.until("d")
    assert s.value("d") == 2.0
    override = s.set("a/read:0", 10.0)
    with pytest.raises(NotExecuted):
        s.value("d")
    s.until("%c")
    # c sees the value that was set: 4.0 - 0.01 * 10 * 2 * 2 = 3.6
    assert s.value("%c") == pytest.approx(3.6)
    override.remove()
    assert s.until("d").value == 2.0
    s.until("%c")
    # and then the variable's own: 4.0 - 0.01 * 1 * 2 * 2 = 3.96
    assert s.value("%c") == pytest.approx(3.96)
    # The variable itself was 1.0 all the time; its update comes from there.
    assert s.value("%a", at=0) == 1.0


def test_two_steps_from_a_value_that_was_set_and_given_back(descent):
    """c: 4.0 - 0.01 * 10 * 2 * 2 = 3.6 with a set to 10; then, without, 3.6 - 0.01 * 4 = 3.56."""
    with gs.debug(descent.session, f"{C}/ApplyGradientDescent") as d:
        d.set("a/read", 10.0, once=True)
        d.run_to_end()
        assert d.value("%c") == pytest.approx(3.6)
        d.run()
        d.run_to_end()
        assert d.value("%c") == pytest.approx(3.56)
    assert descent.variables() == [1.0, 2.0, 3.56]


def test_nodes_that_only_control_others_are_steps_too(s):
    for node in s.plan.nodes:
        s.until(node)
        assert s.timeline.here.node is node
        for tensor in node.outputs:
            assert s.value(tensor) is not None


def test_two_optimizers_in_one_run():
    """v = 3, w = 5, loss = v w: d/dv = 5, d/dw = 3. One descends v by 0.1, the other ascends w."""
    v = gs.Variable(3.0, name="v")
    w = gs.Variable(5.0, name="w")
    loss = gs.multiply(v, w, name="loss")
    first = gs.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[v], name="first")
    second = gs.train.MomentumOptimizer(0.1, 0.9).minimize(-loss, var_list=[w], name="second")
    made = session()
    with gs.debug(made, [first, second]) as d:
        stop = d.until("%v")
        # 3 - 0.1 * 5 = 2.5
        assert stop.changed["v"].new == pytest.approx(2.5)
        assert set(d.changed()) == {"v"}
        stop = d.until("%w")
        # the momentum begins with the gradient -3: 5 + 0.1 * 3 = 5.3
        assert stop.changed["w"].new == pytest.approx(5.3)
        assert set(d.changed()) == {"v", "w", "w/Momentum"}
        d.back(2)
        assert d.value("%w") == 5.0
        d.run_to_end()
    assert made.run([v, w]) == pytest.approx([2.5, 5.3])


def test_updates_wait_for_control_dependencies(descent):
    with gs.control_dependencies([descent.train]):
        after = gs.multiply(descent.a.read_value(), 100.0, name="after")
    d = gs.debug(descent.session, after)
    d.run_to_end()
    assert d.result == pytest.approx(84.0)
    assert d.timeline.time_of(after.op) > d.timeline.time_of(descent.train)
