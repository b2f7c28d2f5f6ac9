"""Stepping into branches and loops: their calls are frames, each iteration of a loop is one."""

import numpy as np
import pytest
from stepped import place, stops_of

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.answers import Reason
from graphscope.debug.questions.why import Cause
from graphscope.debug.questions.why_not import Absence
from graphscope.engine.plan import Phase


class Looped:
    """Three times: b = 2 a; then a = b - 1 where b > 10, and b + 1 elsewhere. With x = 1:

    t=1 w/read      then for i = 0, 1, 2, from t = 2, 9, 16:
    +0 Less  +1 inner/b  +2 Greater  +3 up or low  +4 If  +5 Merge  +6 add
    t=23 Less (false)  t=24 While  t=25 Exit_1 = 13  t=26 loss = 169

    a is 1, 3, 7, 13; b is 2, 6, 14: up, up, low.
    """

    def __init__(self):
        self.x = gs.placeholder(gs.float32, [], name="x")
        self.w = gs.Variable(2.0, name="w")
        _, self.a = gs.while_loop(lambda i, a: i < 3, self._body, (0, self.x))
        self.loss = gs.square(self.a, name="loss")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def _body(self, i, a):
        with gs.name_scope("inner"):
            b = gs.multiply(a, self.w, name="b")
        next_a = gs.cond(
            gs.greater(b, 10.0),
            lambda: gs.subtract(b, 1.0, name="low"),
            lambda: gs.add(b, 1.0, name="up"),
        )
        return i + 1, next_a

    def debug(self, fetch=None, x=1.0):
        return gs.debug(self.session, self.loss if fetch is None else fetch, {self.x: x})


@pytest.fixture
def looped():
    return Looped()


@pytest.fixture
def d(looped):
    return looped.debug()


LOOP, IF, B = "while/While", "while/cond/If", "while/inner/b"


def around(d):
    here = d.timeline.here
    return [(owner.name, i) for owner, i in here.frames] if here else []


# ---- where one is ------------------------------------------------------------------------------


def test_each_step_has_its_frames(d):
    seen = []
    while not d.timeline.at_end:
        d.step()
        seen.append((d.timeline.here.node.name, around(d)))
    assert [name for name, _ in seen[:9]] == [
        "w/read", "while/Less", B, "while/Greater", "while/cond/up", IF, "while/cond/Merge",
        "while/add", "while/Less",
    ]  # fmt: skip
    assert seen[0][1] == seen[23][1] == seen[25][1] == []
    for i in range(3):
        first = 1 + 7 * i
        assert [frames for _, frames in seen[first : first + 3]] == [[(LOOP, i)]] * 3
        assert seen[first + 3][1] == [(LOOP, i), (IF, 0)]
        assert seen[first + 4][1] == [(LOOP, i)]
    assert seen[18][0] == "while/cond/low"
    assert seen[22] == ("while/Less", [(LOOP, 3)])
    assert [name for name, _ in seen[23:]] == [LOOP, "while/Exit_1", "loss"]
    assert d.result == 169.0


def test_the_stop_shows_the_inputs_of_this_iteration(d):
    for t, a in [(3, 1.0), (10, 3.0), (17, 7.0)]:
        stop = d.goto(t)
        assert [float(shown.value) for shown in stop.inputs] == [a, 2.0]
        assert float(stop.value) == 2 * a
        assert [op.name for op in stop.path] == [
            "loss", "while/Exit_1", LOOP, "while/cond/Merge", IF, B
        ]  # fmt: skip


def test_the_text_of_a_stop_inside(d, transcript):
    lines = str(d.goto(19)).splitlines()
    assert lines[0] == " in while/cond/If, in iteration 3 of while/While"
    assert lines[1] == " t=19/23+ FWD  while/cond/low  [Sub]"
    assert lines[-1].strip() == (
        "runs because: loss <- Exit_1 <- While <- Merge <- If <- low"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("t", "last"), [(0, "4+"), (1, "5+"), (3, "7+"), (22, "26+"), (23, "26"), (26, "26")]
)
def test_the_end_is_not_known_while_a_loop_is_to_come(d, t, last):
    stop = d.goto(t)
    assert stop.last == last
    assert stop.end_is_known is not last.endswith("+")
    d.goto("end")
    assert d.stop.last == "26"
    assert d.goto(t).last == "26"  # and then it is known, also in the past


def test_a_time_that_never_comes(d):
    stop = d.goto(99)
    assert (stop.t, stop.reason) == (26, Reason.END)
    assert stop.found.text == "There is no time 99."
    with pytest.raises(DebugError, match="There is no time 99: the run goes from 0 to 26"):
        d.goto(99)


def test_times_that_are_known_and_that_are_not(d, looped):
    loop = d.timeline.plan.nodes[1]
    assert d.timeline.time_of(d.plan.nodes[0]) == 1
    assert d.timeline.time_of(loop) is None
    assert d.timeline.time_of(looped.loss.op) is None
    with pytest.raises(NotExecuted, match=r"loss has not run yet at t=0\. Try: until loss"):
        d.value("loss")
    d.goto(24)
    assert d.timeline.time_of(looped.loss.op) == 26
    with pytest.raises(NotExecuted, match="it runs at t=26"):
        d.value("loss")


# ---- going -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "times"),
    [
        (0, [1, 25, 26]),  # the read; all of the scope `while`; the loss
        (2, [3, 4, 7, 8, 15, 22, 23, 24, 25, 26]),  # cond is a scope, an iteration is one
        (4, [7]),
        (5, [6, 7, 8]),
        (8, [15]),
    ],
)
def test_next(d, start, times):
    d.goto(start)
    for t in times:
        assert d.next().t == t


@pytest.mark.parametrize(
    ("start", "times"),
    [
        (26, [25, 1, 0]),
        (24, [1, 0]),  # the loop as a whole
        (22, [15, 8, 1, 0]),  # an iteration
        (7, [4, 3, 2, 1]),
        (6, [4]),  # the branch as a whole
        (5, [4]),
        (20, [18, 17, 16, 15]),
    ],
)
def test_reverse_next(d, start, times):
    d.goto("end")
    d.goto(start)
    for t in times:
        assert d.rnext().t == t


@pytest.mark.parametrize(
    ("start", "times"),
    [
        (0, [26]),
        (2, [8, 24, 25, 26]),  # the iteration, the loop, the scope
        (3, [8]),  # inner ends here: what is around it
        (4, [8]),
        (5, [6, 7, 8]),  # the branch, cond, the iteration
        (10, [15]),
        (23, [24]),
    ],
)
def test_finish(d, start, times):
    if start:
        d.goto(start)
    for t in times:
        assert d.finish().t == t


@pytest.mark.parametrize(
    ("start", "times"),
    [
        (26, [0]),
        (25, [1]),
        (24, [1]),
        (11, [8, 1, 0]),  # before this iteration; it ends another, which is in the loop
        (12, [11]),  # before the branch
        (3, [2]),
    ],
)
def test_reverse_finish(d, start, times):
    d.goto("end")
    d.goto(start)
    assert d.rfinish().t == times[0]


def test_until_a_node_inside_goes_from_iteration_to_iteration(d):
    assert [place(d.until(B)) for _ in range(3)] == [(t, B, Reason.PLACE) for t in (3, 10, 17)]
    stop = d.until(B)
    assert (stop.t, stop.reason, stop.found.text) == (26, Reason.END, f"{B} does not run again.")
    d.goto(17)
    with pytest.raises(DebugError, match=r"b is behind us, at t=17\. Try: goto 17"):
        d.until("b")
    assert d.t == 17
    assert [d.runtil(B).t for _ in range(2)] == [10, 3]
    with pytest.raises(DebugError, match="has not run before t=3"):
        d.runtil(B)


def test_goto_a_node_inside_goes_to_where_it_ran_first(d):
    assert d.goto("low").t == 19
    assert d.goto(B).t == 3
    assert d.goto("@Mul").t == 3
    assert d.goto("fwd").t == 1


def test_until_a_branch_that_is_not_taken(looped):
    d = looped.debug(x=0.5)  # b is 1, 4, 10: never more than 10
    stop = d.until("low")
    assert (stop.t, stop.reason) == (26, Reason.END)
    assert stop.found.text == (
        "low does not run here: its branch was not taken, or its loop did not come to it."
    )
    assert stop.found.text in " ".join(str(stop).split())
    d.goto(25)
    for go in (d.until, d.runtil):
        with pytest.raises(DebugError, match=r"low (does not run here|has not run before)"):
            go("low")
    with pytest.raises(NotExecuted, match="it is inside while/cond/If, which has not come to it"):
        d.value("low")


def test_every_way_back_through_the_iterations(d):
    d.goto("end")
    seen = []
    while d.t:
        d.back()
        seen.append(around(d))
    ahead = []
    while not d.timeline.at_end:
        ahead.append(around(d))
        d.step()
    assert seen == ahead[::-1]
    assert [i for frames in seen for owner, i in frames if owner == LOOP][::7] == [3, 2, 1, 0]


# ---- values ------------------------------------------------------------------------------------


def test_the_value_of_a_loop_variable_at_any_time(d):
    a, i = "while/Identity_1", "while/Merge"
    d.goto(1)
    with pytest.raises(NotExecuted) as caught:
        d.value(a)
    assert str(caught.value) == (
        "while/Identity_1 has no value yet: it is inside while/While, which has not come to it at "
        "t=1. Try: until while/While"
    )
    d.goto("end")
    for t, value in [(3, 1.0), (8, 1.0), (9, 1.0), (10, 3.0), (17, 7.0), (24, 7.0), (26, 7.0)]:
        assert d.value(a, at=t) == value
    for t, value in [(2, 0), (8, 0), (9, 1), (16, 2), (23, 3), (26, 3)]:
        assert d.value(i, at=t) == value
    with pytest.raises(DebugError, match="while/Merge is what each iteration is given; it is no"):
        d.until(i)


def test_a_value_inside_is_the_one_of_the_last_time(d):
    d.goto("end")
    for t, value in [(3, 2.0), (9, 2.0), (10, 6.0), (16, 6.0), (17, 14.0), (26, 14.0)]:
        assert d.value(B, at=t) == value
    with pytest.raises(NotExecuted, match="b has not run yet: it runs at t=3, and this is t=2"):
        d.value(B, at=2)
    assert d.value("while/cond/low/y") == 1.0  # a constant inside a branch


def test_a_value_inside_is_set_from_this_iteration_on(d, looped):
    d.goto(11)
    override = d.set("inner/b", 100.0)
    assert (d.t, override.went_back) == (10, 1)
    d.goto("end")
    assert [float(d.value(B, at=t)) for t in (3, 10, 17)] == [2.0, 100.0, 100.0]
    assert d.result == 99.0**2
    d.unset("inner/b")
    assert d.t == 9
    d.goto("end")
    assert d.result == 169.0


def test_the_condition_is_set_and_another_branch_is_taken(d):
    d.until("while/Greater")
    d.set("while/Greater", True)
    assert d.step().node.name == "while/cond/low"
    d.goto("end")
    # 2 - 1 = 1; 2 - 1 = 1; 2 - 1 = 1
    assert d.result == 1.0


def test_the_test_of_a_loop_is_set_and_it_ends(d):
    d.goto(9)
    d.set("while/Less", False, once=True)
    assert [d.step().node.name for _ in range(3)] == [LOOP, "while/Exit_1", "loss"]
    assert d.result == 9.0
    assert d.timeline.newest == 12


def test_a_loop_variable_cannot_be_set_or_fed(d):
    with pytest.raises(DebugError, match="while/Identity_1:0 is no step of this run"):
        d.set("while/Identity_1", 1.0)
    with pytest.raises(DebugError, match="may not be fed"):
        d.feed("while/Identity_1", 1.0)
    assert d.t == 0


# ---- stops -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "options", "times"),
    [
        ("inner/b", {}, [3, 10, 17, 26]),
        ("inner/b", {"hits": "%3"}, [17, 26]),
        ("inner/b", {"hits": ">1"}, [10, 17, 26]),
        ("inner/b", {"before": True}, [2, 9, 16, 26]),
        ("while/Less", {"before": True}, [1, 8, 15, 22, 26]),
        (LOOP, {"before": True}, [1, 26]),
        (LOOP, {}, [24, 26]),
        (IF, {"before": True}, [4, 11, 18, 26]),
        ("up", {"before": True}, [4, 11, 26]),
        ("inner/b if v > 5", {}, [10, 17, 26]),
        ("inner/b if x0 == 3", {}, [10, 26]),
        ("while/add if inner/b > 5", {}, [15, 22, 26]),
        ("while/cond/*", {}, [5, 6, 7, 12, 13, 14, 19, 20, 21, 26]),
        ("@While", {}, [24, 26]),
        ("while/Less if not v", {}, [23, 26]),
    ],
)
def test_where_a_breakpoint_inside_stops(d, spec, options, times):
    d.brk(spec, **options)
    assert stops_of(d) == times
    back = []
    while d.t:
        back.append(d.rcont().t)
    assert back == [*times[-2::-1], 0]


def test_a_breakpoint_before_a_node_is_the_same_in_the_past_and_at_the_front(d):
    d.brk(LOOP, before=True)
    d.brk("up", before=True)
    first = stops_of(d)
    d.goto(0)
    assert stops_of(d) == first == [1, 4, 11, 26]


def test_a_breakpoint_after_another_inside(d):
    d.brk("up")
    d.brk("while/Greater", after=1)
    assert stops_of(d) == [5, 11, 12, 18, 26]


def test_hits_count_also_what_was_skipped(d):
    d.brk(B, hits="2")
    d.goto("end")
    assert d.rcont().t == 10
    assert d.stop.hits == 2
    assert d.rcont().t == 0
    assert d.breakpoints().rows[0].hits == 3


# ---- variables written inside --------------------------------------------------------------------


class Counting:
    """v = 1 doubles in each of three iterations; every second one, n grows by 10.

    t=1 Less  t=2 floormod  t=3 Equal  then in the branch: t=4 AssignAdd t=5 If, or t=4 If ...
    """

    def __init__(self):
        self.v = gs.Variable(1.0, name="v")
        self.n = gs.Variable(0, name="n")

        def body(i):
            even = gs.equal(gs.floormod(i, 2), 0)
            grown = gs.cond(even, lambda: gs.assign_add(self.n, 10), lambda: gs.constant(0))
            with gs.control_dependencies([gs.assign(self.v, self.v.read_value() * 2.0), grown]):
                return gs.identity(i + 1)

        self.i = gs.while_loop(lambda i: i < 3, body, [0])
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())


def test_a_variable_that_is_written_in_a_loop_and_in_a_branch():
    counting = Counting()
    with gs.debug(counting.session, counting.i) as d:
        d.watch("%v")
        d.watch("%n")
        texts = []
        while d.t < d.timeline.end:
            stop = d.cont()
            if stop.found:
                texts.append(stop.found.text)
        assert texts == [
            "n: 0 -> 10 (change 10), by while/cond/AssignAdd.",
            "v: 1 -> 2 (change 1), by while/Assign.",
            "v: 2 -> 4 (change 2), by while/Assign.",
            "n: 10 -> 20 (change 10), by while/cond/AssignAdd.",
            "v: 4 -> 8 (change 4), by while/Assign.",
        ]
        back = []
        while d.t:
            stop = d.rcont()
            if stop.found:
                back.append(stop.found.text)
        assert back == texts[::-1]
        assert d.value("%v") == 1.0
        d.goto("end")
        assert {name: float(x.new) for name, x in d.changed().items()} == {"v": 8.0, "n": 20}
        rows = d.updates()
        assert all(rows[name].written and rows[name].done for name in "vn")
    assert counting.session.run([counting.v, counting.n]) == [8.0, 20]


def test_until_the_next_write_inside_and_a_variable_set_in_an_iteration():
    counting = Counting()
    d = gs.debug(counting.session, counting.i)
    assert d.until("%n").reason is Reason.WRITE
    assert around(d) == [("while/While", 0), ("while/cond/If", 0)]
    d.until("%v")
    d.set("%v", 100.0)
    d.goto("end")
    assert d.value("%v") == 400.0
    assert d.history.writes(counting.v.op)[0].change == 99.0


def test_phases_inside_and_around_a_write():
    counting = Counting()
    d = gs.debug(counting.session, [counting.i])
    phases = {op.name: d.plan.phases[op] for op in d.plan.everything}
    assert phases["while/cond/AssignAdd"] is phases["while/cond/If"] is Phase.UPDATE
    assert phases["while/While"] is phases["while/Exit"] is Phase.UPDATE
    assert phases["while/Less"] is phases["while/Equal"] is Phase.FORWARD
    assert d.goto("upd").node.name == "while/cond/AssignAdd"
    assert d.stop.phase is Phase.UPDATE


def test_reading_is_watched_where_it_happens():
    counting = Counting()
    d = gs.debug(counting.session, counting.i)
    d.rwatch("%v")
    seen = []
    while d.t < d.timeline.end:
        stop = d.cont()
        if stop.found:
            seen.append((stop.node.type, around(d)))
    assert [frames for _, frames in seen] == [[("while/While", i)] for i in range(3)]
    assert all(kind == "Identity" for kind, _ in seen)  # not the loop, to which it is an input


# ---- lists, plans, questions ---------------------------------------------------------------------


def test_the_list_over_frames(d, transcript):
    d.goto(5)
    rows = d.list("all").rows
    assert [row.t for row in rows] == list(range(1, 10))
    assert [(row.node.name, row.t_is_known) for row in rows[5:]] == [
        (IF, True), (LOOP, False), ("while/Exit_1", False), ("loss", False)
    ]  # fmt: skip
    transcript.same(
        str(d.list("all")),
        """
 9 of 9+ nodes    > here    B breakpoint    F takes a feed
     1   FWD                read w [Identity]                      f32[]  2
     2   FWD  While 1       Less                                   bool[]  True
     3   FWD  While 1       b [Mul] = b                            f32[]  2
     4   FWD  While 1       Greater                                bool[]  False
  >  5   FWD  While 1 > If  up [Add]                               f32[]  3
     6   FWD  While 1       If                                     next
 F   7+  FWD                While                                  later
                              each time: Less; b, Greater, If,
                            ...
     8+  FWD                Exit_1 [Identity]                      later
     9+  FWD                loss [Square] = self.loss              later
""",
    )


def test_the_plan_and_what_is_inside_of_it(d, looped):
    summary = d.summary()
    assert len(summary.plan) == 4
    assert [(owner.name, len(part)) for owner, part in summary.plan.owned.values()] == [
        (LOOP, 1), (LOOP, 5), (IF, 1), (IF, 1)
    ]  # fmt: skip
    text = str(summary)
    assert "and inside of branches and loops: while/While (6), while/cond/If (2)" in text
    assert dict(summary.skipped) == {"'init'": 2, "'while/Exit'": 1}


def test_why_a_node_inside_runs_or_not(d):
    found = d.why_not("low")
    assert (found.absence, found.owner.name, found.times) == (Absence.INSIDE, IF, ())
    assert [op.name for op in found.path] == [
        "loss", "while/Exit_1", LOOP, "while/cond/Merge", IF, "while/cond/low"
    ]  # fmt: skip
    assert "It has not run yet." in " ".join(str(found).split())
    d.goto("end")
    assert d.why_not("low").times == (19,)
    assert "It has run 1 time, first at t=19." in " ".join(str(d.why_not("low")).split())
    loss = d.why_not("loss")
    assert (loss.absence, loss.t) == (Absence.IT_RUNS, 26)


def test_what_a_loop_needs(looped):
    hidden = gs.placeholder(gs.float32, [], name="hidden")
    unset = gs.Variable(1.0, name="unset")
    y = gs.cond(looped.loss > 0.0, lambda: looped.loss * hidden, lambda: looped.loss + unset)
    d = gs.debug(looped.session, y, {looped.x: 1.0})
    needed = d.needs()
    assert [need.feed.name for need in needed.placeholders] == ["x", "hidden"]
    assert needed.missing == (hidden,)
    assert [op.name for op in needed.path(hidden)] == ["cond/Merge", "cond/If", "hidden"]
    assert [op.name for op in needed.uninitialized] == ["unset"]
    assert {user.name for user in needed.placeholders[1].feed.users} == {"cond/mul", "cond/If"}
    with pytest.raises(gs.errors.InvalidArgumentError, match="'hidden'"):
        d.step()


def test_a_variable_that_is_only_assigned_inside_needs_no_value():
    v = gs.Variable(1.0, name="v")
    y = gs.cond(gs.constant(True), lambda: gs.assign(v, 3.0), lambda: gs.constant(0.0))
    session = gs.Session()
    d = gs.debug(session, y)
    assert d.needs().uninitialized == ()
    d.run_to_end()
    assert d.result == 3.0
    assert d.changed()["v"].old is None


def test_a_picture_with_a_loop_at_any_time(looped):
    train = gs.train.GradientDescentOptimizer(0.01).minimize(looped.loss)
    d = looped.debug([looped.loss, train])
    for t in (0, 5, 24):
        d.goto(t)
        dot = d.draw().dot
        assert "While" in dot
        assert f"t={t} of {d.timeline.last}" in dot
    assert "cond/low" not in dot
    d.goto("end")
    assert f"the end, t={d.t} of {d.t}" in d.draw().dot


def test_a_picture_of_what_is_written_inside():
    counting = Counting()
    dot = gs.draw(counting.i).dot
    assert "2 variables updated" in dot


# ---- gradients -----------------------------------------------------------------------------------


def test_the_backward_pass_goes_through_the_iterations_from_the_last(looped):
    train = gs.train.GradientDescentOptimizer(0.001).minimize(looped.loss, name="train")
    with looped.debug([looped.loss, train]) as d:
        d.until("@WhileGradient")
        gradient = d.timeline.here.node.name
        # loss = a^2, a = 2 (2 (2 x w/2 ...)): d loss / d a = 26, and each iteration doubles it.
        slopes = [float(d.value("gradients/while/While_grad/slope", at=t)) for t in (31, 35, 39)]
        assert slopes == [26.0, 52.0, 104.0]
        assert [around_at(d, t) for t in (31, 35, 39)] == [[(gradient, i)] for i in range(3)]
        # d loss / d w = 26 * 7 + 52 * 3 + 104 * 1 = 442
        d.run_to_end()
        why = d.why("w")
        assert why.cause is Cause.TRAINED
        assert why.gradient_norm == pytest.approx(442.0)
        assert d.updates()["w"].gradient_norm == pytest.approx(442.0)
    assert looped.session.run(looped.w) == pytest.approx(2.0 - 0.442)


def around_at(d, t):
    return [(owner.name, i) for owner, i in d.timeline.steps[t - 1].frames]


def test_an_update_that_is_still_to_come_behind_a_loop(looped):
    train = gs.train.GradientDescentOptimizer(0.001).minimize(looped.loss, name="train")
    d = looped.debug(train)
    findings = [check.finding for check in d.why("w").checks]
    assert findings[4:] == ["not computed yet", "yes, update w", "not yet"]
    row = d.updates()["w"]
    assert (row.written, row.done) == (True, False)
    assert "TO BE UPDATED" in str(d.updates())


def test_an_update_inside_a_branch():
    p = gs.placeholder(gs.bool, [], name="p")
    w = gs.Variable(3.0, name="w")
    loss = gs.square(w, name="loss")
    optimizer = gs.train.GradientDescentOptimizer(0.1)
    step = gs.cond(p, lambda: optimizer.minimize(loss), lambda: gs.no_op())
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    with gs.debug(session, step, {p: True}) as d:
        d.run_to_end()
        assert d.why("w").cause is Cause.TRAINED
        assert d.value("%w") == pytest.approx(3.0 - 0.1 * 6.0)
    with gs.debug(session, step, {p: False}) as d:
        assert d.updates()["w"].written  # it may still come
        d.run_to_end()
        found = d.why("w")
        assert (found.cause, found.culprit.name) == (Cause.NOT_TAKEN, "cond/If")
        row = d.updates()["w"]
        assert not row.written
        assert "its branch was not taken" in row.because
        assert d.changed() == {}


def test_what_went_wrong_inside_a_loop_is_found_there():
    w = gs.Variable([1.0, 2.0], name="w")

    def body(i, z):
        return i + 1, gs.log(z - 1.5, name="danger") + w

    _, z = gs.while_loop(lambda i, z: i < 3, body, (0, gs.constant([3.0, 3.0])))
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(z))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, train)
    d.catch("nan")
    stop = d.cont()
    # log(1.5) + 1 = 1.405; log(1.405 - 1.5) is no number: in the second iteration
    assert stop.reason is Reason.CAUGHT
    assert (stop.node.name, around(d)) == ("while/danger", [("while/While", 1)])
    assert stop.found.text == (
        "nan: while/danger:0 has 1 of 2, the first NaN at [0]; its inputs have none."
    )
    d.run_to_end()
    found = d.why("w")
    assert found.cause is Cause.BAD_GRADIENT
    assert found.culprit.name == "while/danger"


def test_a_gradient_that_dies_inside_a_loop_is_caught_there():
    w = gs.Variable(1.0, name="w")
    _, z = gs.while_loop(
        lambda i, z: i < 3, lambda i, z: (i + 1, gs.nn.relu(z * w - 1.0)), (0, gs.constant(1.5))
    )
    train = gs.train.GradientDescentOptimizer(0.1).minimize(z)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, train)
    d.catch("zero-grad")
    stop = d.cont()
    assert stop.reason is Reason.CAUGHT
    assert stop.node.gradient_of.type == "Relu"
    assert around(d)[0][1] == 0  # z is 0.5 after the first time and 0 ever after


# ---- errors --------------------------------------------------------------------------------------


class Failing:
    """In the second iteration, in the branch that is taken then, a reshape fails."""

    def __init__(self):
        self.free = gs.placeholder(gs.float32, name="free")

        def body(i, z):
            wrong = gs.cond(
                gs.equal(i, 1), lambda: gs.reshape(self.free, [2], name="wrong"), lambda: z
            )
            return i + 1, wrong

        _, self.z = gs.while_loop(lambda i, z: i < 3, body, (0, gs.constant([1.0, 2.0])))


def test_an_error_inside_names_the_node_the_iteration_and_the_way_there(lesson):
    failing = Failing()
    for run in (
        lambda: gs.Session().run(failing.z, {failing.free: [1.0, 2.0, 3.0]}),
        lambda: gs.debug(gs.Session(), failing.z, {failing.free: [1.0, 2.0, 3.0]}).run_to_end(),
    ):
        with pytest.raises(gs.errors.InvalidArgumentError) as caught:
            run()
        text = lesson(caught.value)
        assert (
            "while/cond/wrong [Reshape], node 1 of 1, in while/cond/If, "
            "in iteration 2 of while/While, FWD" in text
        )
        assert "test_frames.py:" in text
        assert "while/Exit_1 <- while/While <- while/cond/Merge" in text


def test_before_an_error_inside_one_stands_in_front_of_it():
    failing = Failing()
    d = gs.debug(gs.Session(), failing.z, {failing.free: np.ones(3)})
    d.catch("error")
    stop = d.cont()
    assert (stop.reason, stop.breakpoint) == (Reason.FAILED, 1)
    assert stop.found.text.startswith("InvalidArgumentError: ")
    assert d.timeline.upcoming().name == "while/cond/wrong"
    assert d.timeline.ahead().frame.around[0][1] == 1
    d.back(2)
    d.brk("wrong", before=True)
    assert d.cont().t == stop.t
    d.feed(failing.free, [5.0, 6.0])
    d.delete()
    assert d.cont().reason is Reason.END
    assert d.result.tolist() == [5.0, 6.0]


def test_a_loop_whose_test_is_no_truth_value_fails_as_the_loop(lesson):
    z = gs.placeholder(gs.float32, name="z")
    loop = gs.while_loop(lambda z: z < 1.0, lambda z: z + 1.0, [z], name="odd")
    d = gs.debug(gs.Session(), loop, {z: [0.0, 1.0]})
    d.step()
    assert d.timeline.upcoming().name == "odd/While"
    with pytest.raises(gs.errors.InvalidArgumentError, match="the test of a loop gives one truth"):
        d.step()
    assert d.t == 1
    assert d.stop.reason is Reason.FAILED


def test_tensors_inside_are_neither_fetched_nor_fed_nor_used_outside(looped, lesson):
    inside = gs.Graph.get_tensor_by_name(looped.loss.graph, "while/inner/b:0")
    with pytest.raises(ValueError, match="has been marked as not fetchable") as caught:
        gs.debug(looped.session, inside)
    assert "or step into it with the debugger" in lesson(caught.value)
    with pytest.raises(ValueError, match="may not be fed"):
        looped.debug(looped.loss).session.run(looped.loss, {looped.x: 1.0, inside: 2.0})
    with pytest.raises(ValueError, match="was made inside a branch or a loop, and has no value"):
        gs.negative(inside)
    d = looped.debug()
    for ask in (d.run, d.needs, d.draw):
        with pytest.raises(
            DebugError, match="b is inside a branch or a loop, and is not fetchable"
        ):
            ask("inner/b")
    assert len(d.history.runs) == 1


def test_a_fork_inside_a_loop_goes_its_own_way(d):
    d.goto(10)
    other = d.fork()
    assert (other.t, around(other)) == (10, [(LOOP, 1)])
    other.set("%w", 0.0)
    other.run_to_end()
    # b is 6 in this iteration, and was read before: w/read is not read again
    assert other.result == 169.0
    d.run_to_end()
    assert d.result == 169.0
    third = d.fork(**{"while/inner/b": 0.0})
    third.run_to_end()
    assert third.timeline.newest == 26
