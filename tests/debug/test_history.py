"""What is seen at a time, how a run ends, and that every route to a time shows the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stepped import HERE, stops_of

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.answers import Reason

# ---- values ------------------------------------------------------------------------------------


def test_values_now_and_at_another_time(d, program):
    d.step(3)
    line = f"{HERE}{program.b.op.source.lineno}"
    for spec in ("layer/b", "layer/b:0", "b", program.b, program.b.op, "#2"):
        assert d.value(spec) == 6.0
    with pytest.raises(DebugError, match="means 2 operations, layer/b/y, layer/b: name one"):
        d.value(line)  # the constant 2 was made there too
    assert d.value("n") == d.value("%n") == d.value(program.n) == 16.0
    assert d.value("n", at=2) == d.value("%n", at=0) == 10.0
    assert d.value("x") == 2.0
    assert d.value("layer/b/y") == 2.0  # a constant
    assert d.value(".") == 16.0
    with pytest.raises(NotExecuted, match="c has not run yet: it runs at t=4, and this is t=3"):
        d.value("c")
    with pytest.raises(NotExecuted, match=r"it runs at t=2, and this is t=1\. Try: until layer/b"):
        d.value("b", at=1)
    for at in (4, 99, -1):
        with pytest.raises(NotExecuted, match=f"There is nothing to see at t={at}: .* to t=3"):
            d.value("n", at=at)
    d.back(3)
    assert d.value("b", at=2) == 6.0  # the past and what was reached are both there
    with pytest.raises(NotExecuted):
        d.value("b")


def test_what_a_write_gives_out_is_the_variable_and_not_there_before(d):
    with pytest.raises(NotExecuted, match="grow has not run yet"):
        d.value("grow")
    d.until("grow")
    assert d.value("grow") == 16.0
    d.run_to_end()
    assert d.value("grow") == d.value("n") == 17.0  # the same place, written again


def test_one_variable_at_a_time_is_what_all_of_them_are_at_that_time(d):
    d.run_to_end()
    timeline, names = d.timeline, [*d.timeline.variables(), "none of this name"]
    assert any(step.writes for step in timeline.steps)
    for t in range(timeline.newest + 1):
        everything = timeline.variables(t)
        for name in names:
            assert timeline.variable(name, t) is everything.get(name)


def test_values_that_there_are_not(d, program):
    outside = gs.negative(program.x, name="outside")
    other = gs.placeholder(gs.float32, name="other")
    late = gs.Variable(1.0, name="late")
    for spec, message in [
        (outside, "outside does not run for this fetch, so it has no value. Try: why-not outside"),
        (other, "other is a placeholder, and nothing is fed to it."),
        (late, "The variable late has no value: it is not initialized."),
    ]:
        with pytest.raises(NotExecuted) as caught:
            d.value(spec)
        assert str(caught.value) == message
    with pytest.raises(UnknownPlace, match="layer/b has no output 1; its last one is layer/b:0"):
        d.value("layer/b:1")
    gs.no_op(name="done")
    with pytest.raises(DebugError, match=r"done \[NoOp\] has no value: it only waits for others."):
        d.value("done")


def test_values_cannot_be_written(program):
    w = gs.Variable([1.0, 2.0], name="w")
    x = gs.placeholder(gs.float32, [2], name="v")
    program.session.run(w.initializer)
    fed = np.array([3.0, 4.0], np.float32)
    d = gs.debug(program.session, gs.add(w.value() * 1.0, x, name="y"), {x: fed})
    d.run_to_end()
    stop = d.stop
    arrays = [d.value(spec) for spec in ("w", "v", "y", "mul")]
    arrays += [shown.value for shown in (*stop.inputs, *stop.outputs)]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
    fed[:] = 9.0  # what the caller does with its own array changes no past
    assert d.value("v").tolist() == [3.0, 4.0]
    assert d.result.tolist() == [4.0, 6.0]
    d.result[:] = 0.0  # a result is the caller's own
    assert d.result.tolist() == [4.0, 6.0]


def test_a_fed_node_that_runs_all_the_same_keeps_the_fed_value():
    h = gs.exp(gs.constant(0.0), name="h")
    with gs.control_dependencies([h]):
        y = gs.add(gs.constant(1.0), 0.0, name="y")
    d = gs.debug(gs.Session(), [y, h * 1.0, h], {h: 5.0})
    d.run_to_end()
    assert d.value("h") == 5.0
    assert d.result == [1.0, 5.0, 5.0]


def test_changed_is_exact(d):
    d.step(2)
    assert d.changed() == {}
    d.step()
    assert {name: (x.old, x.new) for name, x in d.changed().items()} == {"n": (10.0, 16.0)}
    d.run_to_end()
    assert {name: (x.old, x.new) for name, x in d.changed().items()} == {"n": (10.0, 17.0)}
    d.goto(2)
    assert d.changed() == {}


def test_changed_names_what_was_written_for_the_first_time():
    gs.Variable([1.0, 2.0], name="a")
    gs.Variable(3.0, name="b")
    d = gs.debug(gs.Session(), gs.global_variables_initializer())
    stop = d.step()
    assert stop.inputs[0].value is None  # a has no value yet
    assert (stop.changed["a"].old, stop.changed["a"].new.tolist()) == (None, [1.0, 2.0])
    assert set(d.changed()) == {"a"}
    d.run_to_end()
    assert set(d.changed()) == {"a", "b"}
    assert d.changed()["b"].norm == 3.0
    assert d.back(2).restored == {}  # b has no earlier value to show


def test_deltas_of_values_that_are_not_finite_or_no_numbers():
    w = gs.Variable(np.float32([np.inf, 1.0]), name="w")
    word = gs.Variable("abc", name="word")
    turn = gs.Variable(np.complex64(3 + 4j), name="turn")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    writes = [w.assign(w + 1.0), word.assign("xyz"), turn.assign(np.complex64(0))]
    d = gs.debug(session, gs.group(*writes))
    while not d.done:
        assert str(d.step())
    assert d.changed()["turn"].norm == 5.0
    assert d.changed()["word"].norm == 1.0
    assert np.isnan(d.changed()["w"].norm)  # from infinity to infinity
    assert str(d.variables())


# ---- the result and the end --------------------------------------------------------------------


@pytest.mark.parametrize(
    "fetches",
    [
        lambda p: p.c,
        lambda p: [p.c, {"b": p.b, "n": p.n}, (p.grow.op,)],
        lambda p: [p.x, p.b, p.x],
        lambda p: p.b.op.inputs[1],  # a constant
        lambda p: p.n,
        lambda p: [p.n, p.n.value(), p.grow, p.again],
        lambda p: [],
        lambda p: "c:0",
    ],
)
def test_the_result_is_that_of_the_session(program, fetches):
    wanted = fetches(program)
    d = program.debug(wanted)
    d.run_to_end()
    result = d.result
    assert result == program.session.run(wanted, {program.x: 2.0})


def test_the_result_of_fed_tensors(program):
    feed = {program.b: 5.0, program.n: 1.0}
    wanted = [program.b, program.c, program.n]
    d = program.debug(wanted, feed)
    d.run_to_end()
    assert d.result == [5.0, 25.0, 1.0]
    assert d.value("n") == 1.0


def test_there_is_no_result_before_the_end(d):
    d.step(4)
    for ask in (lambda: d.result, d.commit):
        with pytest.raises(NotExecuted, match="The run has not finished"):
            ask()
    d.step()
    d.goto(0)
    assert d.done
    assert d.result == [36.0, 16.0, 17.0]  # finished, wherever we look


def test_a_finished_run_is_kept(program):
    with program.debug() as d:
        d.cont()
        d.goto(1)
        assert program.session.run(program.n) == 10.0  # a rehearsal until it is closed
    assert program.session.run(program.n) == 17.0
    assert d.close().text == "The run is finished; its variables are kept."


def test_commit_before_the_block_ends(program):
    with program.debug() as d:
        d.run_to_end()
        d.commit()
        assert program.session.run(program.n) == 17.0
        program.session.run(program.n.assign(0.0))
    assert program.session.run(program.n) == 0.0  # what came after the commit is not undone


def test_what_the_session_does_in_the_meantime_stays(program):
    other = gs.Variable(0.0, name="other")
    program.session.run(other.initializer)
    with program.debug() as d:
        d.run_to_end()
        program.session.run(other.assign(5.0))
    assert program.session.run([other, program.n]) == [5.0, 17.0]


def test_a_run_that_is_left_early_is_rolled_back(program):
    with program.debug() as d:
        d.step(3)
        assert d.value("n") == 16.0
    assert program.session.run(program.n) == 10.0
    assert d.close().text == "The run was left at t=3 of 5 and rolled back: n as before."
    d = program.debug()
    d.step(2)
    assert d.close().text == (
        "The run was left at t=2 of 5 and rolled back: no variable had changed."
    )


def test_an_exception_in_the_block_commits_nothing(program):
    def finish_and_fail():
        with program.debug() as d:
            d.run_to_end()
            raise KeyError

    with pytest.raises(KeyError):
        finish_and_fail()
    assert program.session.run(program.n) == 10.0


def test_a_run_of_nothing(program):
    d = program.debug(program.n)
    assert len(d.plan) == 0
    assert d.done
    assert d.result == 10.0
    with pytest.raises(DebugError, match="The run is at its end"):
        d.step()
    assert d.close().text == "The run is finished; its variables are kept."


# ---- what can go wrong -------------------------------------------------------------------------


def test_a_missing_feed_is_told_by_the_first_step(program, lesson):
    d = program.debug(feed={})
    assert [tensor.name for tensor in d.needs().missing] == ["x:0"]
    assert d.feeds().feeds[0].value is None
    for go in (d.step, d.cont, d.run_to_end, lambda: d.until("c")):
        with pytest.raises(gs.errors.InvalidArgumentError, match="You must feed") as caught:
            go()
        assert "feed_dict={self.x: ...}" in lesson(caught.value)
        assert (d.t, d.stop.t, d.stop.reason) == (0, 0, Reason.FAILED)


def test_a_missing_feed_that_is_fetched_itself(program):
    d = program.debug(program.x, feed={})
    assert d.needs().path(program.x) == (program.x.op,)
    with pytest.raises(gs.errors.InvalidArgumentError, match="You must feed"):
        _ = d.result


def test_a_node_that_fails_in_the_middle(program, lesson):
    wide = gs.placeholder(gs.float32, name="wide")
    failing = gs.reshape(wide, [2], name="failing")
    d = program.debug([program.grow, failing], {program.x: 2.0, wide: [1.0, 2.0, 3.0]})
    d.step()
    for go in (d.cont, d.run_to_end, d.step):
        with pytest.raises(gs.errors.InvalidArgumentError, match="node failing") as caught:
            go()
        assert "node      failing [Reshape], node 4 of 4, FWD" in lesson(caught.value)
        assert lesson(caught.value).count("failing [Reshape]") == 1  # told once, as often as asked
        assert (d.t, d.stop.t, d.stop.node.name) == (3, 3, "grow")
        assert d.stop.reason is Reason.FAILED
        assert d.where().stop is d.stop
    assert not d.done
    assert d.value("n") == 16.0
    assert d.back(2).node.name == "layer/a"
    assert d.value("layer/a") == 3.0
    assert d.changed() == {}
    assert d.close().text == "The run was left at t=3 of 4 and rolled back: n as before."
    assert program.session.run(program.n) == 10.0


def test_an_uninitialized_variable_in_the_middle(program, lesson):
    late = gs.Variable(1.0, name="late")
    d = program.debug(program.b * late)
    with pytest.raises(gs.errors.FailedPreconditionError, match="late") as caught:
        d.cont()
    assert "test_history.py:" in lesson(caught.value)
    assert d.t == 2


def test_wrong_fetches_and_feeds_are_told_when_the_debugger_is_made(program):
    with pytest.raises(TypeError, match="Fetch argument None"):
        gs.debug(program.session, None)
    with pytest.raises(ValueError, match="Cannot feed value of shape"):
        program.debug(feed={program.x: [1.0]})


# ---- any route ---------------------------------------------------------------------------------


def training():
    """A small program with random numbers, two variables and an optimizer."""
    gs.set_random_seed(3)
    x = gs.placeholder(gs.float32, [2, 3], name="x")
    W = gs.Variable(gs.random_normal([3, 2]), name="W")
    b = gs.Variable([0.5, -0.5], name="b")
    count = gs.Variable(0, name="count", trainable=False)
    noise = gs.random_uniform([2, 2], name="noise")
    y = gs.tanh(gs.matmul(x, W) + b) + noise
    loss = gs.reduce_mean(gs.square(y), name="loss")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=count)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return session, [loss, train, noise], {x: np.arange(6.0).reshape(2, 3) / 10}


def seen(d):
    """Everything that can be seen at this time, as bytes."""
    values = {}
    for op in d.plan.nodes[: d.t]:
        for tensor in op.outputs:
            values[tensor.name] = d.value(tensor).tobytes()
    variables = {name: value.tobytes() for name, value in d.timeline.variables().items()}
    return values, variables, {name: delta.new.tobytes() for name, delta in d.changed().items()}


MOVES = st.lists(
    st.tuples(st.sampled_from(["step", "back", "goto", "cont", "rcont"]), st.integers(1, 60)),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES, last=st.integers(0, 60))
def test_what_is_seen_at_a_time_does_not_depend_on_the_way_there(moves, last):
    with gs.Graph().as_default():
        session, fetches, feed = training()
        before = {name: value.tobytes() for name, value in session.state.variables.items()}
        d = gs.debug(session, fetches, feed)
        end = d.timeline.end
        d.brk("@Tanh")
        d.brk("%W")
        for move, n in moves:
            at_limit = d.t == (end if move in ("step", "cont") else 0)
            if move == "goto":
                d.goto(n % (end + 1))
            elif not at_limit:
                getattr(d, move)(*([n] if move in ("step", "back") else []))
            assert d.stop.t == d.t
        last %= end + 1
        d.goto(last)
        fresh = gs.debug(session, fetches, feed)
        if last:
            fresh.step(last)
        assert seen(d) == seen(fresh)
        # All of it was a rehearsal.
        assert before == {name: v.tobytes() for name, v in session.state.variables.items()}


@settings(max_examples=30, deadline=None)
@given(times=st.sets(st.integers(1, 30), max_size=8))
def test_any_set_of_breakpoints_is_visited_forwards_and_backwards(times):
    with gs.Graph().as_default():
        session, fetches, feed = training()
        d = gs.debug(session, fetches, feed)
        end = d.timeline.end
        times = {t for t in times if t < end}
        for t in times:
            d.brk(f"#{t}")
        assert stops_of(d) == [*sorted(times), end]
        back = []
        while d.t:
            back.append(d.rcont().t)
        assert back == [*sorted(times, reverse=True), 0]


def test_cont_without_breakpoints_is_the_plain_run():
    session, fetches, feed = training()
    plain = gs.Session(graph=session.graph)
    plain.state = session.state.copy()
    for _ in range(3):
        expected = plain.run(fetches, feed)
        with gs.debug(session, fetches, feed) as d:
            d.cont()
        assert d.result[0] == expected[0]
        assert d.result[2].tobytes() == expected[2].tobytes()  # the draws, run after run
        assert session.state.variables.keys() == plain.state.variables.keys()
        for name, value in plain.state.variables.items():
            assert session.state.variables[name].tobytes() == value.tobytes()
    assert session.state.cells == plain.state.cells


def test_a_rehearsal_uses_up_no_random_numbers():
    session, fetches, feed = training()
    plain = gs.Session(graph=session.graph)
    plain.state = session.state.copy()
    d = gs.debug(session, fetches, feed)
    d.step(d.timeline.end - 1)
    d.close()
    assert session.run(fetches, feed)[2].tobytes() == plain.run(fetches, feed)[2].tobytes()


def test_a_graph_of_many_nodes_is_no_burden():
    """5,000 nodes: work that grew with the square of their number would be felt here."""
    h = x = gs.placeholder(gs.float32, [2])
    for _ in range(2500):
        h = gs.tanh(h) + 1.0
    d = gs.debug(gs.Session(), h, {x: [1.0, 2.0]})
    assert d.cont().t == 5000
    assert d.rcont().t == 0
    d.brk("@Tanh if np.max(v) > 2")
    assert d.cont().reason is Reason.END
