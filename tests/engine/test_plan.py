"""What a plan contains, in which order, and what it leaves out."""

import pytest

import graphscope as gs
from graphscope.engine.plan import Phase, plan


def types(ops):
    return [op.type for op in ops]


def names(ops):
    return [op.name for op in ops]


def test_only_what_the_fetch_needs_is_planned(graph):
    x = gs.placeholder(gs.float32, name="x")
    a = gs.add(x, 1.0, name="a")
    b = gs.multiply(a, 2.0, name="b")
    gs.subtract(a, 3.0, name="other")
    made = plan(graph, [b])
    assert names(made.nodes) == ["a", "b"]
    assert names(made.given) == ["x", "a/y", "b/y"]
    assert names(made.skipped()) == ["other/y", "other"]
    assert len(made) == 2


def test_constants_variables_and_placeholders_are_given_and_everything_else_is_a_node(graph):
    x = gs.placeholder(gs.float32, [2])
    W = gs.Variable([1.0, 2.0])
    made = plan(graph, [(W * x + 1.0).op])
    assert sorted(types(made.given)) == ["Const", "Placeholder", "VariableV2"]
    assert types(made.nodes) == ["Identity", "Mul", "AddV2"]  # the read of the variable is a step
    assert names(made.variables) == ["Variable"]


def test_a_node_in_the_plan_and_not(graph):
    a = gs.constant(1.0) + 1.0
    b = a * 2.0
    made = plan(graph, [a])
    assert a.op in made
    assert a.op.inputs[0].op in made
    assert b.op not in made
    assert a not in made  # a tensor is no operation


def test_the_order_is_that_of_creation_whatever_the_order_of_the_fetches(graph):
    x = gs.placeholder(gs.float32)
    a, b, c = gs.negative(x, name="a"), gs.negative(x, name="b"), gs.negative(x, name="c")
    assert names(plan(graph, [c, a, b]).nodes) == ["a", "b", "c"]
    assert names(plan(graph, [b, c, a, b]).nodes) == ["a", "b", "c"]


def test_a_feed_hides_what_is_above_it(graph):
    x = gs.placeholder(gs.float32, name="x")
    h = gs.exp(gs.negative(x, name="n"), name="h")
    y = gs.square(h, name="y")
    assert names(plan(graph, [y]).nodes) == ["n", "h", "y"]
    fed = plan(graph, [y], [h])
    assert names(fed.nodes) == ["y"]
    assert fed.missing == ()  # x is no longer needed
    assert fed.given == ()


def test_a_feed_does_not_hide_what_is_needed_by_another_way(graph):
    x = gs.placeholder(gs.float32, name="x")
    n = gs.negative(x, name="n")
    h = gs.exp(n, name="h")
    y = gs.add(h, n, name="y")
    assert names(plan(graph, [y], [h]).nodes) == ["n", "y"]


def test_a_fetched_feed_needs_nothing(graph):
    h = gs.exp(gs.placeholder(gs.float32), name="h")
    made = plan(graph, [h], [h])
    assert made.nodes == made.given == ()
    assert made.used_feeds == {h}


def test_an_operation_that_is_waited_for_runs_although_its_output_is_fed(graph):
    h = gs.exp(gs.constant(1.0), name="h")
    with gs.control_dependencies([h]):
        y = gs.square(h, name="y")
        z = gs.negative(gs.constant(2.0, name="c"), name="z")
    # y takes h as an input, which is fed; z waits for the operation h itself.
    assert names(plan(graph, [y], [h]).nodes) == ["y"]
    assert names(plan(graph, [z], [h]).nodes) == ["h", "c", "z"]


def test_what_is_given_and_waits_for_others_is_a_node(graph):
    first = gs.no_op(name="first")
    with gs.control_dependencies([first]):
        late = gs.constant(5.0, name="late")
    made = plan(graph, [late])
    assert names(made.nodes) == ["first", "late"]
    assert gs.Session().run(late) == 5.0


def test_missing_used_and_unused_feeds(graph):
    x = gs.placeholder(gs.float32, name="x")
    y = gs.placeholder(gs.float32, name="y")
    z = gs.placeholder(gs.float32, name="z")
    total = x + y
    made = plan(graph, [total], [x, z])
    assert made.missing == (y,)
    assert made.placeholders == (x, y)
    assert made.used_feeds == {x}
    assert made.feeds - made.used_feeds == {z}


def test_a_placeholder_that_waits_for_others_can_be_missing_too(graph):
    first = gs.no_op()
    with gs.control_dependencies([first]):
        x = gs.placeholder(gs.float32, name="x")
    assert plan(graph, [x + 1.0]).missing == (x,)
    assert plan(graph, [x + 1.0], [x]).missing == ()


def test_a_fed_placeholder_that_is_only_waited_for_is_used(graph):
    x = gs.placeholder(gs.float32, name="x")
    with gs.control_dependencies([x]):
        done = gs.no_op()
    assert plan(graph, [done]).missing == (x,)
    fed = plan(graph, [done], [x])
    assert fed.missing == ()
    assert fed.used_feeds == {x}


def test_the_path_is_a_shortest_one_from_the_fetch_down(graph):
    x = gs.placeholder(gs.float32, name="x")
    long = gs.exp(gs.negative(x, name="n"), name="e")
    y = gs.add(long, x, name="y")
    made = plan(graph, [y])
    assert names(made.path(x.op)) == ["y", "x"]
    assert names(made.path(long.op.inputs[0].op)) == ["y", "e", "n"]
    assert names(made.path(y.op)) == ["y"]
    assert made.path(gs.no_op()) == []


def test_phases_of_a_training_step(graph):
    # loss = (w - 3)^2; d loss / d w = 2 (w - 3)
    w = gs.Variable(1.0, name="w")
    step = gs.Variable(0, name="step", trainable=False)
    loss = gs.square(w - 3.0, name="loss")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
    made = plan(graph, [loss, train])
    phase = {op.name: made.phases[op] for op in made.nodes}
    assert phase["w/read"] is phase["sub"] is phase["loss"] is Phase.FORWARD
    backward = [op for op in made.nodes if op.gradient_of is not None]
    assert backward
    assert all(made.phases[op] is Phase.BACKWARD for op in backward)
    assert phase["GradientDescent/update_w/ApplyGradientDescent"] is Phase.UPDATE
    # The counting of steps writes, and what stands between it and the update waits for the update.
    assert phase["GradientDescent"] is phase["GradientDescent/update"] is Phase.UPDATE
    assert types([train]) == ["AssignAdd"]
    assert made.count() == {
        Phase.FORWARD: 3,
        Phase.BACKWARD: len(backward),
        Phase.UPDATE: 4,  # update of w, group, the constant 1 that waits for it, AssignAdd
    }
    order = [made.phases[op] for op in made.nodes]
    assert order == sorted(order, key=list(Phase).index)  # the phases follow each other


def test_phases_of_what_comes_after(graph):
    w = gs.Variable(2.0, name="w")
    slope = gs.gradients(gs.square(w), w)[0]
    norm = gs.abs(slope, name="norm")
    written = w.assign(7.0)
    after = gs.negative(written, name="after")
    made = plan(graph, [norm, after])
    assert made.phases[norm.op] is Phase.BACKWARD  # computed from a gradient
    assert made.phases[after.op] is Phase.UPDATE  # computed from a write
    assert made.phases[written.op] is Phase.UPDATE


def test_initializing_is_updating(graph):
    gs.Variable([1.0])
    gs.Variable([2.0])
    made = plan(graph, [gs.global_variables_initializer()])
    assert types(made.nodes) == ["Assign", "Assign", "NoOp"]
    assert set(made.phases.values()) == {Phase.UPDATE}


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_is_written_in_three_letters(phase):
    assert str(phase) in ("FWD", "BWD", "UPD")
