"""Moving through a run: forwards, backwards, to a place; where it stops."""

import pytest
from stepped import HERE, place, stops_of

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.answers import Reason
from graphscope.debug.stops import Stops
from graphscope.engine.plan import Phase

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
