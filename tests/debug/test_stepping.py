"""Moving through a run: forwards, backwards, to a place; what is seen there; how it ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.answers import Reason
from graphscope.debug.stops import Stops
from graphscope.engine.plan import Phase

HERE = "test_stepping.py:"


class Program:
    """Five nodes, two of which write. With x = 2:

    t=1 layer/a = x + 1 = 3        t=2 layer/b = a * 2 = 6       t=3 grow: n = 10 + b = 16
    t=4 c = b^2 = 36               t=5 again: n = 16 + 1 = 17
    """

    def __init__(self):
        self.n = gs.Variable(10.0, name="n")
        self.x = gs.placeholder(gs.float32, [], name="x")
        with gs.name_scope("layer"):
            self.a = gs.add(self.x, 1.0, name="a")
            self.b = gs.multiply(self.a, 2.0, name="b")
        self.grow = gs.assign_add(self.n, self.b, name="grow")
        self.c = gs.square(self.b, name="c")
        self.again = gs.assign_add(self.n, 1.0, name="again")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self, fetches=None, feed=None):
        fetches = [self.c, self.grow, self.again] if fetches is None else fetches
        return gs.debug(self.session, fetches, {self.x: 2.0} if feed is None else feed)


@pytest.fixture
def program():
    return Program()


@pytest.fixture
def d(program):
    return program.debug()


def place(stop):
    return (stop.t, stop.node.name if stop.node else None, stop.reason)


# ---- step and back -----------------------------------------------------------------------------


def test_pairs_of_a_command_and_the_place_it_leads_to(d):
    for command, expected in [
        (lambda: d.stop, (0, None, Reason.START)),
        (lambda: d.step(), (1, "layer/a", Reason.STEP)),
        (lambda: d.step(2), (3, "grow", Reason.STEP)),
        (lambda: d.back(), (2, "layer/b", Reason.STEP)),
        (lambda: d.back(2), (0, None, Reason.START)),
        (lambda: d.step(4), (4, "c", Reason.STEP)),
        (lambda: d.step(), (5, "again", Reason.END)),
        (lambda: d.back(99), (0, None, Reason.START)),
        (lambda: d.step(99), (5, "again", Reason.END)),
        (lambda: d.goto(3), (3, "grow", Reason.PLACE)),
        (lambda: d.run_to_end(), (5, "again", Reason.END)),
        (lambda: d.goto("start"), (0, None, Reason.START)),
        (lambda: d.cont(), (5, "again", Reason.END)),
        (lambda: d.rcont(), (0, None, Reason.START)),
        (lambda: d.until("c"), (4, "c", Reason.PLACE)),
        (lambda: d.until("%n"), (5, "again", Reason.WRITE)),
        (lambda: d.goto("fwd"), (1, "layer/a", Reason.PLACE)),
        (lambda: d.goto("upd"), (3, "grow", Reason.PLACE)),
        (lambda: d.goto("#4"), (4, "c", Reason.PLACE)),
        (lambda: d.goto("end"), (5, "again", Reason.PLACE)),
    ]:
        stop = command()
        assert place(stop) == expected
        assert d.stop is stop
        assert d.t == stop.t


def test_a_stop_shows_the_node_its_inputs_and_outputs(d, program):
    stop = d.step(2)
    assert stop.node is program.b.op
    assert stop.phase is Phase.FORWARD
    assert [(shown.tensor.name, float(shown.value)) for shown in stop.inputs] == [
        ("layer/a:0", 3.0),
        ("layer/b/y:0", 2.0),
    ]
    assert [(shown.tensor, float(shown.value)) for shown in stop.outputs] == [(program.b, 6.0)]
    assert stop.changed == stop.restored == {}
    assert (stop.end, stop.newest, stop.in_the_past) == (5, 2, False)
    assert [op.name for op in stop.path] == ["c", "layer/b"]


def test_a_stop_at_a_write_shows_what_it_changed(d):
    stop = d.until("grow")
    assert stop.phase is Phase.UPDATE
    assert [float(shown.value) for shown in stop.inputs] == [10.0, 6.0]
    delta = stop.changed["n"]
    assert (delta.old, delta.new) == (10.0, 16.0)
    assert delta.norm == 6.0
    assert delta.largest == (6.0, ())


def test_going_back_says_which_variables_are_as_before(d):
    d.run_to_end()
    stop = d.back()
    assert (stop.t, stop.newest, stop.in_the_past) == (4, 5, True)
    assert (stop.restored["n"].old, stop.restored["n"].new) == (17.0, 16.0)
    assert d.back().restored == {}  # t=3 is just behind the write of 16
    assert d.back().restored["n"].new == 10.0
    assert d.step().restored == {}


def test_the_start_and_the_end_are_the_limits(d):
    for go in (d.back, d.rcont):
        with pytest.raises(DebugError, match="This is the start of the run"):
            go()
    d.run_to_end()
    for go in (d.step, d.cont):
        with pytest.raises(DebugError, match="The run is at its end"):
            go()
    assert d.run_to_end().t == 5
    assert d.stop.t == 5


@pytest.mark.parametrize("n", [0, -1])
def test_a_count_is_one_or_more(d, n):
    d.step(2)
    for go in (d.step, d.back):
        with pytest.raises(DebugError, match=f"not {n}"):
            go(n)
    assert d.t == 2


@pytest.mark.parametrize("where", [-1, 6, "99", "-3"])
def test_a_time_outside_the_run(d, where):
    with pytest.raises(DebugError, match="the run goes from 0 to 5"):
        d.goto(where)


def test_until_a_place_behind_us(d):
    d.step(3)
    with pytest.raises(DebugError, match=r"layer/a is behind us, at t=1\. Try: goto 1"):
        d.until("layer/a")
    with pytest.raises(DebugError, match="layer/a is behind us"):
        d.until(d.plan.nodes[0])
    d.goto(4)
    with pytest.raises(DebugError, match=r"c is behind us, at t=4\. Try: goto 4"):
        d.until("c")
    assert d.t == 4


def test_places_that_are_no_step(d, program):
    gs.negative(1.0, name="outside")
    for spec, message in [
        ("x", "x is fed; it is no step of the run."),
        ("layer/b/y", "layer/b/y is there before the run begins; it is no step of it."),
        ("n", "n is a variable, and no step of the run. What writes it: %n"),
        ("outside", "outside does not run for this fetch. Try: why-not outside"),
        ("nonsense", "The graph has no node 'nonsense'."),
        ("layer/A", "The graph has no node 'layer/A'; did you mean "),
        ("bwd", "This run has no node of the phase BWD."),
    ]:
        for go in (d.until, d.goto, d.brk, d.cont):
            with pytest.raises(DebugError) as caught:
                go(spec)
            assert str(caught.value).startswith(message)
    assert d.t == 0
    assert not d.breakpoints().rows


# ---- breakpoints -------------------------------------------------------------------------------


def stops_of(d):
    """The times at which `cont` stops."""
    times = []
    while d.t < d.timeline.end:
        times.append(d.cont().t)
    return times


@pytest.mark.parametrize(
    ("spec", "times"),
    [
        ("c", [4, 5]),
        ("layer/b:0", [2, 5]),
        ("@Assign*", [3, 5]),
        ("@square", [4, 5]),
        ("%n", [3, 5]),
        ("layer/*", [1, 2, 5]),
        ("/^(c|grow)$/", [3, 4, 5]),
        ("fwd", [1, 2, 4, 5]),
        ("upd", [3, 5]),
        ("#2", [2, 5]),
        ("$", [5]),
        ("c if v > 35", [4, 5]),
        ("c if v > 36", [5]),
        ("fwd if v == 6", [2, 5]),
        ("layer/* if t > 1", [2, 5]),
        ("c if n > 10 and a == 3", [4, 5]),
        ("%n if n == 17", [5]),
        ("layer/b if x > 1", [2, 5]),
    ],
)
def test_where_a_breakpoint_stops(d, spec, times):
    d.brk(spec)
    assert stops_of(d) == times


def test_a_breakpoint_at_a_line_of_the_program(d, program):
    line = program.c.op.source.lineno
    d.brk(f"{HERE}{line}")
    assert d.cont().node is program.c.op


def test_a_breakpoint_by_object_and_by_function(d, program):
    d.brk(program.b)
    d.brk(program.c.op, when=lambda stop: float(stop.outputs[0].value) > 100)
    assert stops_of(d) == [2, 5]
    rows = d.breakpoints().rows
    assert [(row.id, row.spec, row.nodes, row.hits) for row in rows] == [
        (1, "layer/b:0", 1, 1),
        (2, "c", 1, 0),
    ]


def test_the_stop_names_its_breakpoint_and_the_list_counts(d):
    assert d.brk("fwd if v > 5").rows[0].condition == "v > 5"
    d.brk("%n")
    stop = d.cont()
    assert (stop.reason, stop.breakpoint) == (Reason.BREAKPOINT, 1)
    stop = d.cont()
    assert (stop.reason, stop.breakpoint) == (Reason.WRITE, 2)
    assert d.cont().t == 4
    assert [(row.spec, row.nodes, row.hits) for row in d.breakpoints().rows] == [
        ("fwd", 3, 2),
        ("%n", 2, 1),
    ]
    assert d.delete(1).text == "Breakpoint 1 deleted."
    with pytest.raises(DebugError, match=r"There is no breakpoint 1; there are: 2\."):
        d.delete(1)
    assert d.delete().text == "1 breakpoint deleted."
    with pytest.raises(DebugError, match="there are: none"):
        d.delete(2)
    assert d.brk("c").rows[0].id == 3  # numbers are not used again


def test_all_breakpoints_of_a_node_are_hit_at_once(d):
    d.brk("c")
    d.brk("fwd", temporary=True)
    d.brk("@Square")
    assert d.cont().t == 1  # and the temporary one is gone
    assert d.cont().breakpoint == 1
    assert [(row.spec, row.hits) for row in d.breakpoints().rows] == [("c", 1), ("@Square", 1)]


def test_a_temporary_breakpoint_stops_once(d):
    assert d.brk("%n", temporary=True).rows[0].temporary
    assert stops_of(d) == [3, 5]
    assert len(d.breakpoints().rows) == 0
    d.goto(0)
    assert d.cont().reason is Reason.END


def test_a_condition_on_the_value_does_not_hold_where_nothing_is_computed(program):
    d = program.debug([gs.group(program.c, program.grow, name="all")])
    d.brk("/./ if v > 30")
    assert stops_of(d) == [4, 5]
    assert d.stop.node.name == "all"
    assert d.stop.reason is Reason.END


def test_a_condition_that_fails_says_so_and_moves_nothing(d):
    d.step()
    d.brk("c if nonsense > 1")
    d.brk("layer/b if v.no_such_thing")
    with pytest.raises(DebugError, match=r"Breakpoint 2 if v\.no_such_thing: .*AttributeError"):
        d.cont()
    assert d.t == d.stop.t == 1
    d.delete(2)
    with pytest.raises(DebugError, match="Breakpoint 1 if nonsense > 1: The graph has no node"):
        d.cont()
    assert d.t == d.stop.t == 1
    d.run_to_end()
    with pytest.raises(DebugError, match="Breakpoint 1"):
        d.rcont()
    assert d.t == d.stop.t == 5


def test_a_condition_that_is_no_expression_is_refused_at_once(d):
    with pytest.raises(DebugError, match="'v >' is not an expression"):
        d.brk("c if v >")
    assert not d.breakpoints().rows


def test_rcont_visits_the_stops_of_cont_in_reverse(d):
    d.brk("layer/*")
    d.brk("%n")
    there = [place(d.cont()) for _ in range(4)]
    assert [t for t, _, _ in there] == [1, 2, 3, 5]
    back = [place(d.rcont()) for _ in range(3)]
    assert back == there[-2::-1]
    assert place(d.rcont()) == (0, None, Reason.START)


def test_rcont_tells_the_breakpoint_and_conditions_look_from_the_past(d):
    d.brk("grow if n == 16")  # later n is 17
    d.run_to_end()
    stop = d.rcont()
    assert (stop.t, stop.breakpoint) == (3, 1)
    assert stop.restored["n"].new == 16.0


def test_breakpoints_outlive_a_run_and_may_mean_nothing_in_the_next(program):
    stops = Stops()
    first = gs.Debugger(program.session, program.c, {program.x: 2.0}, stops)
    first.brk("c")
    first.cont()
    second = gs.Debugger(program.session, program.a, {program.x: 2.0}, stops)
    assert [(row.nodes, row.hits) for row in second.breakpoints().rows] == [(0, 1)]
    assert second.cont().reason is Reason.END
    third = gs.Debugger(program.session, program.c, {program.x: 2.0}, stops)
    assert third.cont().breakpoint == 1


def test_an_interrupt_stops_at_the_next_node_and_only_once(d):
    d.interrupt()
    assert place(d.cont()) == (1, "layer/a", Reason.INTERRUPTED)
    d.brk("layer/b", when=lambda stop: d.interrupt())  # in the middle of a run, and no stop
    assert place(d.cont()) == (2, "layer/b", Reason.INTERRUPTED)
    d.interrupt()
    assert place(d.run_to_end()) == (3, "grow", Reason.INTERRUPTED)
    assert place(d.run_to_end()) == (5, "again", Reason.END)
    d.interrupt()
    assert place(d.rcont()) == (4, "c", Reason.INTERRUPTED)


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
    assert HERE in lesson(caught.value)
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
