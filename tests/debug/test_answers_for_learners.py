"""What the questions of learners have added to the commands, on odd graphs and with bad input."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import PLAIN, Built, steps

import graphscope as gs
from graphscope.debug.errors import DebugError
from graphscope.debug.questions import feedable
from graphscope.debug.questions.promise import Promise
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why_not import Absence


def started(fetches, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed)


def ended(fetches, feed=None):
    d = started(fetches, feed)
    d.run_to_end()
    return d


def error_of(d, line):
    output = d.onecmd(line)
    assert isinstance(output.error, DebugError), output.text
    return str(output.error)


# ---- promises ----------------------------------------------------------------------------------


def test_a_promise_that_was_never_kept(transcript):
    x = gs.placeholder(gs.float32, [2], name="x")
    y = gs.square(x, name="y")
    z = gs.add(y, 1.0, name="z")
    d = started(z, {x: [1.0, 2.0]})
    found = d.card("y")
    assert isinstance(found, Promise)
    assert (found.tensor, found.inputs, found.runs) == (y, (x.op,), True)
    assert found.never_ran
    text = str(found).replace(y.op.source.where, "model.py:1")
    transcript.same(
        text,
        """
 y  [Square]  f32[2]  model.py:1
   a promise, not a value: Square of x
   it has never run so far
   y has not run yet: it runs at t=1, and this is t=0. Try: until y
""",
    )
    d.step()
    assert d.card("y").value.tolist() == [1.0, 4.0]
    assert d.card("y", t=0).reason == found.reason  # as it was then


def test_the_last_value_is_that_of_the_run_before_this_place():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.square(x, name="y")
    session = gs.Session()
    d = gs.debug(session, y, {x: 1.0})
    for number in (1.0, 2.0, 3.0):
        d.run_to_end()
        d.run(y, feed_dict={x: number + 1})
    assert (d.card("y").last_run, float(d.card("y").last_value)) == (3, 9.0)
    d.goto("2:0")
    assert (d.card("y").last_run, float(d.card("y").last_value)) == (1, 1.0)


def test_what_is_missing_is_no_promise():
    x = gs.placeholder(gs.float32, [], name="x")
    W = gs.Variable(1.0, name="W")
    d = gs.debug(gs.Session(), x * W, {})
    assert "nothing is fed" in error_of(d, "print x")
    assert "not initialized" in error_of(d, "print W")
    assert "nothing to see at t=7" in error_of(d, "print mul -t 7")
    assert "has not run yet" in error_of(d, "print mul[~isfinite]")


# ---- plans and feeds ---------------------------------------------------------------------------


def test_plans_of_other_fetches_with_these_feeds():
    x = gs.placeholder(gs.float32, [], name="x")
    a, b = gs.exp(x, name="a"), gs.negative(x, name="b")
    d = started(a, {x: 1.0})
    assert d.summary().apart == ()
    assert d.summary("b").plan.nodes == (b.op,)
    both = d.summary("a", "b")
    assert (both.plan.nodes, both.shared) == ((a.op, b.op), ())
    assert "one by one: 1 + 1 = 2" in str(both)
    assert "computed again" not in str(both)
    assert "no node 'c'" in error_of(d, "plan a c")


def test_a_print_that_speaks_is_not_silent():
    x = gs.placeholder(gs.float32, [], name="x")
    seen = gs.Print(x, [x], "x is", name="seen")
    loss = gs.square(seen, name="loss")
    d = started(loss, {x: 1.0})
    assert d.summary().silent == ()
    fed = started(loss, {seen: 1.0}).summary().silent
    assert [(row.node, row.absence, row.feeds) for row in fed] == [(seen.op, Absence.FED, (seen,))]


@settings(max_examples=40, deadline=None)
@given(program=steps(kinds=PLAIN))
def test_what_is_hidden_is_what_another_plan_leaves_out(program):
    with gs.Graph().as_default():
        built = Built(program)
        feed = {built.x: np.zeros([2, 2])}
        chosen = gs.Session().prepare(built.fetches, feed).plan
        assert not chosen.inner
        counted, planned = feedable._Taken(chosen).hidden_by, feedable._again(chosen)
        for op in chosen.nodes:
            for tensor in op.outputs:
                hidden, spares = planned(tensor)
                found, spared = counted(tensor)
                assert (found - {op}, spared) == (hidden - {op}, spares), tensor.name


def test_what_can_be_fed_spares_placeholders():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.placeholder(gs.float32, [], name="y")
    a = gs.exp(x, name="a")
    b = gs.negative(a, name="b")
    out = gs.add(b, y, name="out")
    d = started(out, {x: 1.0, y: 2.0})
    assert d.feeds().feedable == ()
    rows = {row.tensor: row for row in d.feeds(all=True).feedable}
    assert list(rows) == [a, b, out]
    assert (rows[a].hides, rows[a].spares) == ((), (x,))
    assert (rows[b].hides, rows[b].spares) == ((a.op,), (x,))
    assert (rows[out].hides, rows[out].spares) == ((a.op, b.op), (x, y))
    assert "a does not run then; x need not be fed" in str(d.feeds(all=True))
    for tensor, row in rows.items():  # and that is what happens
        other = started(out, {x: 1.0, y: 2.0, tensor: 5.0})
        assert not set(row.hides) & set(other.plan.nodes)


# ---- the graph, train ops, files ---------------------------------------------------------------


def test_a_graph_that_does_not_grow():
    W = gs.Variable(1.0, name="W")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    train = gs.assign_add(W, 1.0)  # once, after the first run: that is no growth
    for _ in range(3):
        session.run(train)
    found = gs.debug(session, W).diff("graph")
    assert found.ok
    assert (found.per_run, found.guilty) == (0, None)
    assert found.now > found.first
    assert "no line adds to it again" in str(found)


def test_two_train_ops_that_do_the_same():
    W = gs.Variable([1.0], name="W")
    loss = gs.reduce_sum(gs.square(W))
    for name in ("a", "b"):
        gs.train.GradientDescentOptimizer(0.1).minimize(loss, name=name)
    d = started(W)
    found = d.diff("updates", "a", "b")
    assert found.differing == ()
    assert [row.status for row in found.of("W")] == [Status.UPDATED] * 2
    assert "do the same to every variable" in str(found)
    assert d.t == 0
    assert d.history.next_number == 2  # neither of them was run
    assert "no node 'c'" in error_of(d, "diff updates a c")


def test_a_session_that_is_as_the_file(tmp_path):
    W = gs.Variable([1.0, 2.0], name="W")
    gs.train.AdamOptimizer(0.1).minimize(gs.reduce_sum(gs.square(W)))
    d = started(W)
    np.savez(tmp_path / "all.npz", **d.session.state.variables)
    found = d.diff("session", tmp_path / "all.npz")
    assert found.same
    assert not found.reset  # they begin as the file has them
    assert "5 variables, all as in" in str(found)


def test_a_file_without_slots(tmp_path):
    W = gs.Variable([1.0, 2.0], name="W")
    train = gs.train.AdamOptimizer(0.1).minimize(gs.reduce_sum(gs.square(W)))
    np.savez(tmp_path / "weights.npz", W=np.float64([1.0, 2.0]))
    d = started(train)
    found = d.diff("session", tmp_path / "weights.npz")
    assert found.equal == ("W",)
    assert {op.name for op in found.missing} == {
        "W/Adam", "W/Adam_1", "beta1_power", "beta2_power"
    }  # fmt: skip
    assert {slot.name for slot in found.reset} == {op.name for op in found.missing}
    d.run_to_end()
    moved = d.diff("session", tmp_path / "weights.npz")
    assert not moved.reset
    assert moved.other == ("W",)


def test_files_that_cannot_be_read(tmp_path):
    d = started(gs.Variable(1.0, name="W"))
    (tmp_path / "broken.npz").write_bytes(b"no file of numpy")
    assert "no checkpoint weights.txt" in error_of(d, "diff session weights.txt")
    assert "cannot be read" in error_of(d, f"diff session {tmp_path / 'none.npz'}")
    assert "cannot be read" in error_of(d, f"diff session {tmp_path / 'broken.npz'}")


# ---- gradients by example ----------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.booleans(), st.integers(0, 2**31 - 1))
def test_what_examples_give_adds_up(rows, width, mean, seed):
    rng = np.random.RandomState(seed)
    inputs = rng.normal(size=(rows, width)).astype(np.float32)
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, width], name="x")
        W = gs.Variable(rng.normal(size=(width, 2)).astype(np.float32), name="W")
        squares = gs.reduce_sum(gs.square(gs.tanh(gs.matmul(x, W))), 1)
        loss = (gs.reduce_mean if mean else gs.reduce_sum)(squares, name="loss")
        d = ended(loss, {x: inputs})
        before = len(d.session.graph.operations)
        found = d.card("grad(loss,W)", by_example=True)
        total = d.value("grad(loss,W)")
        assert len(d.session.graph.operations) == before
    assert found.adds_up
    np.testing.assert_allclose(
        sum(example.value for example in found.examples), total, rtol=1e-3, atol=1e-5
    )
    slope = 2 * np.tanh(inputs @ d.value("W")) / np.cosh(inputs @ d.value("W")) ** 2
    for row, example in enumerate(found.examples):
        alone = np.outer(inputs[row], slope[row]) / (rows if mean else 1)
        np.testing.assert_allclose(example.value, alone, rtol=1e-3, atol=1e-5)


def test_examples_that_act_on_each_other():
    x = gs.placeholder(gs.float32, [None, 1], name="x")
    W = gs.Variable([[2.0]], name="W")
    product = gs.matmul(x, W)
    loss = gs.reduce_sum(gs.square(product - gs.reduce_mean(product)), name="loss")
    d = ended(loss, {x: [[1.0], [2.0], [4.0]]})
    found = d.card("grad(loss,W)", by_example=True)
    assert not found.adds_up
    assert "not the sum of what its 3 examples give" in str(found)


def test_what_cannot_be_split_by_examples():
    x = gs.placeholder(gs.float32, [2, 1], name="x")
    W = gs.Variable([[2.0]], name="W")
    gs.reduce_sum(gs.matmul(x, W), name="loss")
    cut = gs.reduce_sum(gs.round(W), name="cut")
    d = ended([cut, "loss:0"], {x: [[1.0], [2.0]]})
    assert "takes a gradient" in error_of(d, "print loss --by-example")
    assert "left open" in error_of(d, "print grad(loss,W) --by-example")
    assert "No gradient" in error_of(d, "print grad(cut,W) --by-example")


# ---- units, rows, sums, uses -------------------------------------------------------------------


def test_units_that_live_are_not_told_of():
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    h = gs.nn.relu(x, name="h")
    assert ended(h, {x: [[1.0, -1.0], [-1.0, 1.0]]}).card("h").units is None
    dead = ended(h, {x: [[1.0, -1.0], [2.0, -2.0]]}).card("h").units
    assert (dead.dead, dead.by_bias, dead.by_weights, dead.gradient) == ((1,), (), (), None)
    assert ended(h, {x: np.zeros((0, 2))}).card("h").units is None
    vector = gs.nn.relu(gs.constant([-1.0, 1.0]), name="vector")
    assert ended(vector).card("vector").units is None


def test_the_variables_are_those_that_the_units_saw():
    """The update moves the bias; what held the unit at 0 was the bias before it."""
    x = gs.placeholder(gs.float32, [None, 1], name="x")
    W = gs.Variable([[1.0]], name="W")
    b = gs.Variable([-5.0], name="b")
    h = gs.nn.relu(gs.matmul(x, W) + b, name="h")
    with gs.control_dependencies([h]):
        moved = gs.assign(b, [100.0])
    found = ended([h, moved], {x: [[1.0], [2.0]]}).card("h").units
    assert (found.dead, found.by_bias, found.bias) == ((0,), (0,), b.op)


def test_rows_with_bad_numbers():
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    logs = gs.log(x, name="logs")
    found = ended(logs, {x: [[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]}).first_bad()
    assert (found.node, found.rows, found.height) == (logs.op, (1, 2), 3)
    assert "in 2 of 3 rows: 1, 2" in str(found)
    flat = gs.placeholder(gs.float32, [None], name="flat")
    assert ended(gs.log(flat), {flat: [0.0, 1.0]}).first_bad().rows == ()


def test_a_sum_that_adds_no_gradients_is_no_fan_out():
    a = gs.add_n([gs.constant(1.0), gs.constant(2.0)], name="a")
    d = ended(a)
    assert d.stop.node is a.op
    assert d.stop.fan_out is None


def test_a_fan_out_one_part_of_which_is_handed_on():
    W = gs.Variable([3.0], name="W")
    double = W * 2.0
    square = gs.square(double, name="square")
    loss = gs.add(double, square, name="loss")  # its gradient comes to `double` as it is
    slope = gs.gradients(loss, W)
    d = started(slope)
    stops = [d.step() for _ in range(d.timeline.end)]
    (found,) = [stop.fan_out for stop in stops if stop.fan_out is not None]
    assert (found.tensor, found.users) == (double, (square.op, loss.op))


def test_uses_of_a_variable():
    x = gs.placeholder(gs.float32, [None, 2], name="x")
    W = gs.Variable(np.ones((2, 4), np.float32), name="layer/W")
    b = gs.Variable(np.zeros(4, np.float32), name="layer/b")
    parts = gs.split(gs.nn.bias_add(gs.matmul(x, W), b), [1, 3], 1)
    gs.gradients(parts[0], [W, b])  # the backward pass is no use
    d = started(parts, {x: [[1.0, 2.0]]})
    rows = {row.name: row for row in d.variables("layer/").rows}
    assert [op.type for op in rows["layer/W"].uses.nodes] == ["MatMul"]
    assert [(part.axis, part.parts) for part in rows["layer/W"].uses.blocks] == [(1, (1, 3))]
    assert [op.type for op in rows["layer/b"].uses.nodes] == ["BiasAdd"]
    assert rows["layer/b"].uses.blocks == ()
    assert all(row.uses is None for row in d.variables().rows)


# ---- constants ---------------------------------------------------------------------------------


def test_a_constant_is_set_and_taken_back():
    rate = gs.constant(2.0, name="rate")
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.multiply(rate, x, name="y")
    d = ended(y, {x: 3.0})
    found = d.set("rate", 10.0)
    assert (d.t, found.went_back) == (0, 1)
    d.run_to_end()
    assert d.value("y") == 30.0
    d.run()
    d.run_to_end()
    assert d.value("y") == 30.0
    assert found.remove().t == 0
    d.run_to_end()
    assert d.value("y") == 6.0
    assert "for later runs too" in error_of(d, "set rate = 1 --once")
    assert "set are: none" in error_of(d, "unset rate")


# ---- explain -----------------------------------------------------------------------------------


def test_explain_takes_the_error_of_a_command_before_that_of_a_program(monkeypatch):
    x = gs.placeholder(gs.float32, [2], name="x")
    d = started(gs.square(x), {x: [1.0, 2.0]})
    assert "Nothing has failed here" in error_of(d, "explain")
    monkeypatch.setattr("sys.last_value", ValueError("of the program"), raising=False)
    assert d.explain().sentence == "of the program"
    assert "no node" in error_of(d, "print nothing")  # the words of a command are no error
    assert d.explain().sentence == "of the program"
    y = gs.reshape(gs.placeholder_with_default(x, [None]), [3], name="y")
    d.run(y)
    assert d.onecmd("continue").error is not None
    assert d.explain().node is y.op
