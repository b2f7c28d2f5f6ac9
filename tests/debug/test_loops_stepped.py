"""Loops of every kind under the debugger: an iteration is named, gone to, watched, asked about."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import LOOPS, Built, raw, same, steps
from stepped import place, stops_of

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.answers import Reason
from graphscope.debug.questions.flow import Course
from graphscope.debug.questions.why import Cause
from graphscope.rnn import cells
from graphscope.rnn.dynamic import dynamic_rnn

INNER, OUTER = "outer/inner/While", "outer/While"
HALF = "outer/inner/half"


class Halving:
    """Outer iteration i (from 1) multiplies a by w i times, then adds 1. With x = 8, w = 0.5:

    in 1: half 4; a = 5.  in 2: half 2.5, 1.25; a = 2.25.  in 3: 1.125, 0.5625, 0.28125; a = 1.28125

    An inner iteration is 3 nodes: LessEqual, add, half; an outer one is Less, those, the inner
    loop's last LessEqual, the loop itself, Exit_1, add and plus. They begin at t = 2, 11, 23.
    """

    def __init__(self):
        self.x = gs.placeholder(gs.float32, [], name="x")
        self.w = gs.Variable(0.5, name="w")

        def outer(i, a):
            _, b = gs.while_loop(
                lambda j, b: j <= i,
                lambda j, b: (j + 1, gs.multiply(b, self.w, name="half")),
                (0, a),
                name="inner",
            )
            return i + 1, gs.add(b, 1.0, name="plus")

        _, self.a = gs.while_loop(lambda i, a: i < 3, outer, (0, self.x), name="outer")
        self.loss = gs.square(self.a, name="loss")
        self.train = gs.train.GradientDescentOptimizer(0.25).minimize(self.loss, name="train")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self, *fetches):
        return gs.debug(self.session, list(fetches) or self.loss, {self.x: 8.0})


@pytest.fixture
def halving():
    return Halving()


@pytest.fixture
def d(halving):
    return halving.debug()


def iterations(stop):
    return [i + 1 for _, i in stop.frames]


#: When `half` runs, by the iterations of the outer and of the inner loop, and what it gives.
TIMES = {(1, 1): 5, (2, 1): 14, (2, 2): 17, (3, 1): 26, (3, 2): 29, (3, 3): 32}
HALVES = {(1, 1): 4.0, (2, 1): 2.5, (2, 2): 1.25, (3, 1): 1.125, (3, 2): 0.5625, (3, 3): 0.28125}
LAST = 41


# ---- naming an iteration -------------------------------------------------------------------------


def test_the_times_of_the_example(d):
    d.run_to_end()
    assert d.t == LAST
    assert d.result == 1.28125**2
    (half,) = d.locations.nodes("half")
    assert d.timeline.times_of(half) == list(TIMES.values())
    for at, t in TIMES.items():
        stop = d.goto(t)
        assert tuple(iterations(stop)) == at
        assert [owner.name for owner, _ in stop.frames] == [OUTER, INNER]
        assert stop.value == HALVES[at]


@pytest.mark.parametrize(
    ("spec", "options", "at"),
    [
        ("half@1", {}, [(1, 1), (2, 1), (3, 1)]),
        ("half@2", {}, [(2, 2), (3, 2)]),
        ("half@3.2", {}, [(3, 2)]),
        ("half@1.2", {}, []),
        ("half@2.1", {"hits": "1"}, [(2, 1)]),
        ("half if iteration == 2", {}, [(2, 2), (3, 2)]),
        ("half if iterations == (3, 2)", {}, [(3, 2)]),
        ("half if iterations[0] > 1 and v > 1", {}, [(2, 1), (2, 2), (3, 1)]),
        ("half if iteration == 7", {}, []),
        ("half if half@1 > 4 * v", {}, []),
        ("half if half@1 >= 4 * v", {}, [(3, 3)]),
        ("@Mul@2.2", {}, [(2, 2)]),
    ],
)
def test_breaking_at_an_iteration(d, spec, options, at):
    d.brk(spec, **options)
    expected = [TIMES[one] for one in at]
    assert stops_of(d) == [*expected, LAST]
    back = []
    while d.t:
        back.append(d.rcont().t)
    assert back == [*expected[::-1], 0]


@pytest.mark.parametrize(
    ("spec", "t"),
    [
        (f"{INNER}@2", 11),  # before the first node of the inner loop in the second outer iteration
        ("outer/plus@3", 36),
        ("outer/Less@4", 37),  # the test that ends the loop
        ("half@2.1", 13),
        ("outer/Less if iteration == 3", 22),  # the iteration of what comes, not of what has run
        ("half if iterations == (3, 1)", 25),
    ],
)
def test_breaking_before_an_iteration(d, spec, t):
    d.brk(spec, before=True)
    assert stops_of(d) == [t, LAST]


def test_stops_at_iterations_outlive_the_session(d, halving, tmp_path):
    for words in ("half@2.1 --before", "half --before if iteration == 3", "half@1 --hits 2"):
        assert d.onecmd(f"break {words}").error is None
    d.onecmd(f"save breakpoints {tmp_path / 'kept'}")
    other = halving.debug()
    other.onecmd(f"source {tmp_path / 'kept'}")
    assert stops_of(other) == stops_of(d) == [13, 14, 31, LAST]


def test_going_to_an_iteration_from_anywhere(d):
    assert place(d.until("half@3.2")) == (TIMES[3, 2], HALF, Reason.PLACE)
    assert place(d.goto("half@2.1")) == (TIMES[2, 1], HALF, Reason.PLACE)
    assert d.goto("half@2").t == TIMES[2, 2]  # the first time that there was a second iteration
    assert d.until("half@2").t == TIMES[3, 2]
    assert d.runtil("half@1").t == TIMES[3, 1]
    assert d.runtil("half@1.1").t == TIMES[1, 1]
    with pytest.raises(DebugError, match=r"half@2\.1 has not run before t=5"):
        d.runtil("half@2.1")
    d.goto("end")
    with pytest.raises(DebugError, match=r"half@2\.1 is behind us, at t=14\. Try: goto 14"):
        d.until("half@2.1")
    with pytest.raises(DebugError, match=r"half@4 does not run here: .* its loop did not come to"):
        d.goto("half@4")
    assert d.t == LAST


def test_an_iteration_that_does_not_come(d):
    stop = d.until("half@1.2")
    assert (stop.t, stop.reason) == (LAST, Reason.END)
    assert stop.found.text.startswith("half@1.2 does not run here")


def test_values_of_past_iterations(d):
    d.goto("end")
    for (i, j), value in HALVES.items():
        assert d.value(f"half@{i}.{j}") == value
        assert d.value(f"{HALF}:0@{i}.{j}") == value
    assert [float(d.value(f"half@{j}")) for j in (1, 2, 3)] == [1.125, 0.5625, 0.28125]
    assert [float(d.value(f"half@{j}", at=TIMES[2, 2])) for j in (1, 2)] == [2.5, 1.25]
    assert [float(d.value(f"outer/plus@{i}")) for i in (1, 2, 3)] == [5.0, 2.25, 1.28125]
    # What a body is given: the loop variable b of the inner loop, a of the outer one.
    assert [float(d.value(f"outer/inner/Identity_1@3.{j}")) for j in (1, 2, 3)] == [
        2.25, 1.125, 0.5625
    ]  # fmt: skip
    assert [float(d.value(f"outer/Identity_1@{i}")) for i in (1, 2, 3)] == [8.0, 5.0, 2.25]
    assert d.value("outer/plus/y@2") == 1.0  # a constant is the same in all of them


def test_a_value_of_an_iteration_that_was_not(d):
    d.goto(TIMES[2, 1])
    with pytest.raises(NotExecuted) as caught:
        d.value("half@3.1")
    assert str(caught.value) == (
        f"{HALF} has no value of iteration 3.1 at t=14: it came to 2.1. Try: until {HALF}@3.1"
    )
    d.goto(1)
    with pytest.raises(NotExecuted, match=r"iteration 2 at t=1: it has not begun"):
        d.value("half@2")
    with pytest.raises(NotExecuted, match="loss is in no loop, so it has no iteration 2"):
        d.value("loss@2")
    for ask in (d.brk, d.until, d.goto):
        with pytest.raises(DebugError, match="loss is in no loop, so it has no iterations"):
            ask("loss@2")


def test_iterations_in_expressions(d):
    d.goto(TIMES[3, 2])
    card = d.card("half@2.1")
    assert (card.text, card.value) == (f"{HALF}:0@2.1", 2.5)
    assert d.card("half@2.1 - half@2.2").value == 1.25
    assert d.card("np.stack([half@1, half@2])").value.tolist() == [1.125, 0.5625]
    assert d.card("half@1.shape").value.size == 0
    assert d.evaluate(f"{HALF}@2.2 * 2").value == 2.5
    assert d.card("iteration").value == 2
    assert d.card("iterations").value.tolist() == [3, 2]
    d.goto("end")
    with pytest.raises(DebugError, match="no node 'iteration'"):
        d.card("iteration")


def test_what_takes_no_iteration_says_so(d):
    for ask in (d.inputs, d.node, d.why_not):
        with pytest.raises(DebugError, match=r"half@2 means one iteration, and here half is asked"):
            ask("half@2")


def test_displays_and_traces_know_the_iteration(d):
    d.display("half")
    d.trace("half", "10 * iterations[0] + iteration")
    d.brk("half@3.3")
    stop = d.cont()
    assert [said.t for said in stop.traces] == list(TIMES.values())
    assert [said.text.split()[-1] for said in stop.traces] == ["11", "21", "22", "31", "32", "33"]
    assert [said.text for said in stop.displays] == ["f32[]  0.28125"]


def test_a_branch_that_is_in_no_loop_has_no_iterations():
    x = gs.placeholder(gs.float32, [], name="x")
    y = gs.cond(x > 0.0, lambda: gs.negative(x, name="turned"), lambda: x)
    d = gs.debug(gs.Session(), y, {x: 1.0})
    d.run_to_end()
    for ask in (d.brk, d.goto, d.value):
        with pytest.raises(DebugError, match="turned is in no loop, so it has no iteration"):
            ask("turned@1")


def test_an_override_of_what_is_to_come_is_taken_back(d):
    d.set("loss", 7.0)
    d.step(3)
    d.back(2)
    d.unset("loss")
    assert (d.t, d.timeline.newest) == (1, 1)  # as with set: what came after is run again
    d.run_to_end()
    assert d.result == 1.28125**2


# ---- into, over and out of bodies ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("move", "start", "times"),
    [
        ("next", 0, [1, 40, 41]),  # the read; the loop with its scope; the loss
        ("next", 2, [8, 9, 10, 22, 37, 38, 39, 40, 41]),  # the inner loop; outer iterations
        ("finish", 4, [5, 7, 8, 10, 39]),  # inner iteration, loop, scope; outer iteration, loop
        ("rnext", 36, [35, 23, 22, 10, 1]),  # the scope of the inner loop; whole iterations
        ("rfinish", 32, [29, 26, 23, 22]),
    ],
)
def test_over_and_out_of_nested_bodies(d, move, start, times):
    d.goto("end")
    d.goto(start)
    found = [getattr(d, move)().t for _ in times]
    assert found == times


# ---- watching, and what happened -----------------------------------------------------------------


def test_a_watched_value_inside_changes_with_each_iteration(d):
    d.watch("half")
    texts = []
    while d.t < LAST:
        stop = d.cont()
        texts += [stop.found.text] if stop.found else []
    values = list(HALVES.values())
    expected = [
        f"half: {a:.6g} -> {b:.6g} (change {b - a:.3g}), by {HALF}." for a, b in pairwise(values)
    ]
    assert texts == expected
    back = []
    while d.t:
        stop = d.rcont()
        back += [stop.found.text] if stop.found else []
    assert back == expected[::-1]


def test_what_a_loop_carries_is_watched(d):
    d.watch("outer/Identity_1")
    found = []
    while d.t < LAST:
        stop = d.cont()
        found += [(stop.t, stop.found.text)] if stop.found else []
    assert found == [
        (12, "outer/Identity_1: 8 -> 5 (change -3), given to iteration 2 of outer/While."),
        (24, "outer/Identity_1: 5 -> 2.25 (change -2.75), given to iteration 3 of outer/While."),
    ]
    back = []
    while d.t:
        stop = d.rcont()
        back += [(stop.t, stop.found.text)] if stop.found else []
    assert back == found[::-1]


def test_the_history_of_a_node_that_ran_many_times(d, transcript):
    d.goto("end")
    track = d.hist("half")
    assert [(p.t, p.rounds, p.number) for p in track.points] == [
        (TIMES[at], at, HALVES[at]) for at in TIMES
    ]
    carried = d.hist("outer/Identity_1")
    assert [(p.rounds, p.number) for p in carried.points] == [((1,), 8), ((2,), 5), ((3,), 2.25)]
    transcript.same(
        str(track),
        """
 outer/inner/half: 6 executions, in 1 run.
   value  |@*--:.|  0.281 to 4
   run  t   value  change  iteration
   1    5   4              1.1
   1    14  2.5    1.5     2.1
   1    17  1.25   1.25    2.2
   1    26  1.12   0.125   3.1
   1    29  0.562  0.562   3.2
   1    32  0.281  0.281   3.3
""",
    )


def test_a_variable_written_in_an_iteration():
    v = gs.Variable(1.0, name="v")

    def body(i):
        with gs.control_dependencies([v.assign(v.read_value() * 2.0)]):
            return gs.identity(i + 1)

    session = gs.Session()
    loop = gs.while_loop(lambda i: i < 3, body, [0])
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, loop)
    d.brk("%v if iteration == 2")
    stop = d.cont()
    assert (stop.reason, iterations(stop), float(d.value("%v"))) == (Reason.WRITE, [2], 4.0)
    d.goto("end")
    assert [(p.rounds, p.number) for p in d.hist("%v").points] == [((1,), 2), ((2,), 4), ((3,), 8)]
    assert "iteration 2, assign v" in str(d.hist("%v"))


# ---- gradients -----------------------------------------------------------------------------------


def test_a_gradient_says_through_which_iteration_it_goes_back(halving):
    d = halving.debug(halving.train)
    d.run_to_end()
    seen = [
        (iterations(step), [(owner.name, i + 1) for owner, i in step.frame.backwards])
        for step in d.timeline.steps
        if step.node.gradient_of is not None
        and step.node.gradient_of.name == HALF
        and step.node.type == "Mul"
    ]
    back = [(o, i) for o in (3, 2, 1) for i in range(o, 0, -1)]
    assert [around for _, around in seen[::2]] == [[(OUTER, o), (INNER, i)] for o, i in back]
    assert [own for own, _ in seen[::2]] == [[4 - o, o + 1 - i] for o, i in back]
    at = next(step.t for step in d.timeline.steps if step.frame.backwards)
    text = " ".join(str(d.goto(at)).split())
    assert "in iteration 1 of gradients/outer/While_grad/WhileGradient" in text
    assert "back through iteration 3 of outer/inner/While, in iteration 3 of outer/While" in text


def test_what_comes_back_to_each_iteration(halving, transcript):
    d = halving.debug(halving.train)
    d.run_to_end()
    found = d.flow("loss", "%w")
    (rounds,) = found.rounds.values()
    # loss = a3^2, a3 = a2/8 + 1, a2 = a1/4 + 1, a1 = x/2 + 1: d loss / d a3 = 2.5625
    slope = 2 * 1.28125
    assert [(r.iteration, r.norm) for r in rounds] == [
        (3, slope), (2, slope / 8), (1, slope / 32)
    ]  # fmt: skip
    # d a3 / d w = 3 w^2 a2, d a2 / d w = 2 w a1, d a1 / d w = x
    shares = [slope * 3 / 4 * 2.25, slope / 8 * 5.0, slope / 32 * 8.0]
    assert [r.share for r in rounds] == pytest.approx(shares)
    assert found.norms[-1] == pytest.approx(sum(shares))
    assert d.value("%w") == pytest.approx(0.5 - 0.25 * sum(shares))
    through = d.flow("loss", "x")
    assert [r.share for r in through.rounds[d.locations.one(OUTER)]] == [None] * 3
    assert through.norms[-1] == pytest.approx(slope / 64)
    transcript.same(
        str(found),
        """
 The gradient of self.loss arrives at w: its norm there is 6.57.
   node           op           norm    zero  at
   loss           Square       1             t=41
   outer/Exit_1   Identity     2.56          t=43
   outer/While    While        2.56          t=43
     iteration 3  gives 4.32   2.56
     iteration 2  gives 1.6    0.32
     iteration 1  gives 0.641  0.0801
   w              variable     6.57          t=68
   norms: from the backward pass of this run
""",
    )


def test_the_iterations_are_known_before_and_beside_the_run(halving):
    whole = halving.debug(halving.train)
    whole.run_to_end()
    (expected,) = whole.flow("loss", "%w").rounds.values()
    for d in (halving.debug(halving.train), halving.debug()):
        (rounds,) = d.flow("loss", "%w").rounds.values()
        assert rounds == expected


def test_a_gradient_that_vanishes_in_a_loop_says_how_fast():
    x = gs.placeholder(gs.float32, [], name="x")
    _, z = gs.while_loop(lambda i, z: i < 10, lambda i, z: (i + 1, gs.tanh(z * 0.125)), (0, x))
    loss = gs.square(z + 1.0, name="loss")
    d = gs.debug(gs.Session(), loss, {x: 1e-3})
    found = d.flow("loss", "x")
    assert (found.cause, found.culprit.type) == (Course.VANISHES, "While")
    assert found.reason == "each of the 10 iterations of while/While leaves about 0.125 of it"


def test_a_gradient_that_ends_in_an_iteration():
    x = gs.placeholder(gs.float32, [], name="x")
    _, z = gs.while_loop(lambda i, z: i < 4, lambda i, z: (i + 1, gs.nn.relu(z - 1.0)), (0, x))
    loss = gs.square(z - 1.0, name="loss")
    d = gs.debug(gs.Session(), loss, {x: 2.5})
    found = d.flow("loss", "x")  # z is 1.5, 0.5, 0, 0: the slope is 0 as soon as it comes back
    assert found.cause is Course.ZERO
    assert found.reason.endswith(", in iteration 3 of while/While")
    assert [r.norm for r in found.rounds[found.culprit]] == [2.0, 0.0, 0.0, 0.0]


def test_what_comes_back_to_the_elements_of_a_map_and_of_a_scan():
    x = gs.placeholder(gs.float32, [3], name="x")
    w = gs.Variable(2.0, name="w")
    mapped = gs.map_fn(lambda row: gs.square(w * row), x, name="mapped")
    scanned = gs.scan(lambda total, row: w * total + row, x, name="scanned")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    with gs.debug(session, [mapped, scanned], {x: [1.0, 2.0, 3.0]}) as d:
        d.run_to_end()
        (rounds,) = d.flow(mapped, "%w").rounds.values()
        # d (w r)^2 / d w = 2 w r^2; a map carries nothing from one element to the next
        assert [(r.iteration, r.norm, r.share) for r in rounds] == [
            (3, None, 36.0), (2, None, 16.0), (1, None, 4.0)
        ]  # fmt: skip
        (rounds,) = d.flow(mapped, "x").rounds.values()
        assert [r.share for r in rounds] == [24.0, 16.0, 8.0]  # 2 w^2 r, to each element its own
        assert d.flow(mapped, "x").norms[-1] == pytest.approx(np.sqrt(24**2 + 16**2 + 8**2))
        # scanned is r0, w r0 + r1, w (w r0 + r1) + r2: all of them are summed up
        (rounds,) = d.flow(scanned, "%w").rounds.values()
        assert [(r.iteration, r.share) for r in rounds] == [(2, 4.0), (1, 3.0)]


def test_lists_of_arrays_are_watched_and_compared(transcript):
    x = gs.placeholder(gs.float32, [3], name="x")
    y = gs.map_fn(lambda row: gs.square(row, name="squared"), x, name="map")
    write = "map/while/TensorArrayWrite/TensorArrayWriteV3"
    d = gs.debug(gs.Session(), y, {x: [1.0, 2.0, np.nan]})
    d.watch(write)
    texts = []
    while not d.timeline.at_end:
        stop = d.cont()
        texts += [stop.found.text] if stop.found else []
    assert texts == [
        f"{write}: 1 -> 2 of 3 elements, change 4, by {write}.",
        f"{write}: 2 -> 3 of 3 elements, change NaN, by {write}.",
    ]
    points = d.hist(write).points
    assert [(p.rounds, p.bad) for p in points] == [((1,), False), ((2,), False), ((3,), True)]
    assert points[1].number == pytest.approx(np.sqrt(17))
    other = d.fork()
    other.set("squared", 1.0)
    d.history.forks["other"] = other
    assert d.compare("other").node.name == "map/while/squared"
    d.run()
    d.run_to_end()
    assert d.diff("run 1 run 2").same  # NaN is NaN, in lists too
    assert d.diff(write).changed == 1  # NaN is no number, and so it is another one
    d.goto("squared@2")
    d.set("squared", 9.0, once=True)  # in this iteration and in the one after it
    d.run_to_end()
    differing = d.diff("run 1 run 2")
    assert (differing.node.name, differing.why) == ("map/while/squared", "set by hand")
    assert d.diff(write).changed == 2
    transcript.same(
        str(d.card(write)),
        """
 map/while/TensorArrayWrite/TensorArrayWriteV3:0  list[3]  at t=37/37
   ['f32[]  1' 'f32[]  9' 'f32[]  9']
""",
    )


# ---- recurrent networks --------------------------------------------------------------------------


class Recurrent:
    """An LSTM over nine steps of two examples, which takes a logarithm of its inputs; in step 7 one
    of them may be too small for that."""

    def __init__(self, bad=False):
        self.x = gs.placeholder(gs.float32, [2, 9, 3], name="x")
        self.data = np.linspace(-1, 1, 54, dtype=np.float32).reshape(2, 9, 3)
        if bad:
            self.data[1, 6] = -3.0

        class Watching(cells.BasicLSTMCell):
            def call(self, inputs, state):
                return super().call(gs.log(inputs + 2.0, name="risky"), state)

        start = gs.random_uniform_initializer(-0.3, 0.3, seed=1)
        with gs.variable_scope("net", initializer=start):
            _, state = dynamic_rnn(Watching(4), self.x, dtype=gs.float32)
        self.loss = gs.reduce_sum(gs.square(state.h), name="loss")
        self.train = gs.train.GradientDescentOptimizer(0.1).minimize(self.loss, name="train")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self):
        return gs.debug(self.session, [self.train, self.loss], {self.x: self.data})


def test_a_nan_born_in_an_iteration_of_a_recurrent_network_is_named_with_it():
    d = Recurrent(bad=True).debug()
    d.catch("nan")
    stop = d.cont()
    assert (stop.reason, iterations(stop)) == (Reason.CAUGHT, [7])
    assert stop.node.name.endswith("/risky")
    d.run_to_end()
    found = d.first_bad("loss")
    assert found.node is stop.node
    assert [i + 1 for _, i in found.frames] == [7]
    assert "in iteration 7 of net/rnn/while/While" in " ".join(str(found).split())
    (kernel,) = (v for v in d.facts.variables if v.name.endswith("kernel"))
    why = d.why(kernel)
    assert (why.cause, why.culprit) == (Cause.BAD_GRADIENT, stop.node)
    assert f"{stop.node.name} (t={stop.t}, in iteration 7 of" in why.checks[4].finding
    assert why.hint.endswith(f"print {stop.node.name}@7")


def test_the_steps_of_a_recurrent_network():
    network = Recurrent()
    d = network.debug()
    d.run_to_end()
    product = next(op for op in d.plan.everything if op.name.endswith("watching/MatMul"))
    points = d.hist(product).points
    assert [p.rounds for p in points] == [(i,) for i in range(1, 10)]
    kernel = d.value("%net/rnn/watching/kernel", at=0)
    for i in range(1, 10):
        stop = d.goto(f"{product.name}@{i}")
        row, weights = (shown.value for shown in stop.inputs)
        assert row[:, :3] == pytest.approx(np.log(network.data[:, i - 1] + 2))
        assert same(weights, kernel)  # each step reads the same weights
        assert same(stop.value, d.value(f"{product.name}@{i}"))
    way = d.path("x", "loss")
    assert way.cut is None  # the list of the inputs hands the gradient on
    found = d.flow("loss", "%net/rnn/watching/kernel")
    (rounds,) = found.rounds.values()
    assert [r.iteration for r in rounds] == list(range(9, 0, -1))
    assert all(r.norm > 0 and r.share > 0 for r in rounds)
    assert d.flow("loss", "x").ok
    assert "none" not in str(d.flow("loss", "x"))


# ---- any way to a place --------------------------------------------------------------------------

MOVES = ("step", "next", "finish", "back", "rnext", "rfinish", "goto", "until", "runtil")


def seen(d):
    """What a stop shows, and the variables, in a form that can be compared."""
    here = d.timeline.here
    if here is None:
        return None
    shown = [*d.stop.inputs, *d.stop.outputs]
    values = [(s.tensor.name, s.value is None or raw(s.value)) for s in shown]
    return {
        "node": here.node.name,
        "frames": [(owner.name, i) for owner, i in d.stop.frames],
        "backwards": [(owner.name, i) for owner, i in d.stop.backwards],
        "values": values,
        "variables": {name: raw(value) for name, value in d.timeline.variables().items()},
        "next": d.timeline.upcoming() and d.timeline.upcoming().name,
    }


@settings(max_examples=60, deadline=None)
@given(
    program=steps(LOOPS, max_size=4),
    wander=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 999)), max_size=12),
)
def test_every_way_to_a_place_in_a_loop_shows_the_same(program, wander):
    with gs.Graph().as_default():
        built = Built([*program, (("train", 0), 20, 3)])  # with the gradients of what came last
        plain, debugged, other = gs.Session(), gs.Session(), gs.Session()
        for session in (plain, debugged, other):
            session.run(gs.global_variables_initializer())
        feed = {built.x: [[0.1, -0.2], [0.3, 0.0]]}
        straight = gs.debug(other, built.fetches, feed)
        known = [seen(straight)]
        while not straight.timeline.at_end:
            straight.step()
            known.append(seen(straight))

        d = gs.debug(debugged, built.fetches, feed)
        for move, number in wander:
            nodes = d.plan.everything
            argument = {
                "goto": number % len(known), "until": nodes[number % len(nodes)],
                "runtil": nodes[number % len(nodes)], "step": number % 7 + 1, "back": number % 7 + 1
            }  # fmt: skip
            try:
                getattr(d, move)(*([argument[move]] if move in argument else []))
            except DebugError:
                continue  # there is no way there from here
            assert seen(d) == known[d.t]
        d.run_to_end()
        assert same(d.result, plain.run(built.fetches, feed))
        d.close()
        assert same(debugged.state.variables, plain.state.variables)
