"""Stops of all kinds: where they stop, forwards and backwards, what they say, and bad input."""

import numpy as np
import pytest
from stepped import place, stops_of

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.answers import Reason
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.stops import Stops

COMMANDS = commands_of(Debugger)


def call(d, line):
    """A line of the prompt."""
    name, _, rest = line.partition(" ")
    by_word = {word: c for c in COMMANDS.values() for word in (c.name, *c.aliases)}
    return by_word[name].call(d, rest)


def both_ways(d):
    """The times at which `cont` stops for a stop; `rcont` must come to the same, but for the end,
    in reverse."""
    there = []
    while d.t < d.timeline.end:
        stop = d.cont()
        if stop.breakpoint is not None:
            there.append(d.t)
    back = []
    while d.t:
        stop = d.rcont()
        if stop.breakpoint is not None and d.t:
            back.append(d.t)
    assert back[::-1] == [t for t in there if t != d.timeline.newest]
    return there


# ---- break ---------------------------------------------------------------------------------------

# t=1 layer/a = 3   t=2 layer/b = 6   t=3 grow: n = 16   t=4 c = 36   t=5 again: n = 17


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("break fwd", [1, 2, 4]),
        ("break fwd if v > 5", [2, 4]),
        ("break fwd if x0 == 6", [4]),
        ("break fwd if run == 1 and t < 3", [1, 2]),
        ("break fwd --hits 2", [2]),
        ("break fwd --hits %2", [2]),
        ("break fwd --hits >1", [2, 4]),
        ("break fwd --hits <=2", [1, 2]),
        ("break fwd --hits 9", []),
        ("break fwd if v > 5 --hits 2", [4]),
        ("break layer/b --before", [1]),
        ("break c if b == 6 --before", [3]),
        ("break fwd --before --hits %2", [1]),
        ("break upd", [3, 5]),
        ("break %n", [3, 5]),
        ("break %n --before", [2, 4]),
        ("break @Square", [4]),
        ("break $", [5]),
    ],
)
def test_break(d, line, times):
    call(d, line)
    assert both_ways(d) == times


def test_before_the_first_node_is_the_start_which_is_only_come_to_backwards(d):
    d.brk("layer/a", before=True)
    assert both_ways(d) == []
    d.goto("end")
    stop = d.rcont()
    assert (stop.t, stop.reason, stop.breakpoint) == (0, Reason.BREAKPOINT, 1)
    assert "Breakpoint 1 (before layer/a)." in str(stop)


def test_hits_do_not_depend_on_how_one_came_here(d):
    d.goto(4)
    d.brk("fwd", hits="2")
    assert d.rcont().t == 2  # the second, though it is the first that we come to
    assert d.stop.hits == 2
    d.goto("end")
    assert d.rcont().t == 2
    assert d.rcont().t == 0
    d.goto(3)
    assert d.cont().t == 5
    assert d.breakpoints().rows[0].hits == 3


def test_only_after_another(d):
    d.brk("c")
    d.brk("upd", after=1)
    assert both_ways(d) == [4, 5]


def test_after_another_that_was_temporary_and_is_gone(d):
    d.tbreak("layer/b")
    d.brk("upd", after=1)
    assert stops_of(d) == [2, 3, 5]
    assert [row.id for row in d.breakpoints().rows] == [2]
    d.goto(0)
    assert d.cont().t == 3


def test_temporary_stops_go_when_they_stop_and_not_before(d):
    d.brk("fwd", temporary=True, hits="2")
    assert d.breakpoints().rows[0].temporary
    assert d.cont().t == 2
    assert not d.breakpoints().rows
    d.tbreak("layer/a")
    d.goto("end")
    assert d.rcont().t == 1  # also backwards
    assert not d.breakpoints().rows


def test_two_stops_on_one_node(d):
    d.brk("c if v > 1000")
    d.brk("c")
    d.brk("fwd", hits="3")
    assert d.cont().breakpoint == 2
    assert [row.hits for row in d.breakpoints().rows] == [0, 1, 3]
    d.disable(2)
    d.goto(0)
    stop = d.cont()
    assert (stop.t, stop.breakpoint, stop.hits) == (4, 3, 3)


def test_disable_enable_delete(d):
    d.brk("layer/a")
    d.brk("c")
    d.disable()
    assert d.cont().t == 5
    d.goto(0)
    assert [row.enabled for row in d.enable(2).rows] == [True]
    assert d.cont().t == 4
    d.enable()
    assert d.rcont().t == 1
    assert d.delete(1).text == "Breakpoint 1 deleted."
    assert d.rcont().t == 0
    assert d.delete().text == "1 breakpoint deleted."
    assert str(d.breakpoints()).startswith(" No breakpoints.")


def test_a_condition_is_given_and_taken_away(d):
    d.brk("fwd")
    assert d.cond(1, "v > 30").rows[0].condition == "v > 30"
    assert both_ways(d) == [4]
    assert call(d, "cond 1 v == 3 or v == 6").rows[0].condition == "v == 3 or v == 6"
    assert both_ways(d) == [1, 2]
    assert d.cond(1).rows[0].condition == ""
    assert both_ways(d) == [1, 2, 4]


def test_ignore_lets_the_next_hits_pass(d):
    d.brk("fwd")
    assert d.cont().t == 1
    assert d.ignore(1, 1).rows[0].ignored == 2  # of all hits, from the beginning
    assert d.cont().t == 4
    d.goto(0)
    assert call(d, "ignore 1 2").rows[0].ignored == 2
    assert d.cont().t == 4
    d.ignore(1, 0)
    d.goto(0)
    d.ignore(1, 0)
    assert d.cont().t == 1


def test_what_is_listed_of_stops(d, transcript):
    call(d, "break fwd if v > 5 --hits %2")
    call(d, "break c --before --after 1")
    call(d, "tbreak @Square")
    call(d, "watch %n if v > 3 --atol 0.5")
    call(d, "catch nan big>1e3 --ignore layer/a,c --only_reaching c")
    call(d, "trace layer/* np.max(v)")
    d.disable(4)
    d.ignore(3, 1)
    d.commands(2, "print b; back")
    transcript.same(
        str(d.breakpoints()),
        """
 Breakpoint 1  behind fwd if v > 5  3 nodes of this run, hits %2
 Breakpoint 2  before c             1 node of this run, after stop 1, does
                                    print b; back
 Breakpoint 3  behind @Square       1 node of this run, once, the first hit
                                    passes
 Watch 4       %n if v > 3          disabled
 Catch 5       nan big>1e3          not at layer/a, c, only reaching c
 Trace 6       at layer/*           2 nodes of this run, shows np.max(v)
""",
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("break", "break needs a word after it"),
        ("break nowhere", "The graph has no node 'nowhere'"),
        ("break x", "x is fed; it is no step of the run."),
        ("break c if v >", "'v >' is not an expression"),
        ("break c --hits x", "'x' is no count of hits"),
        ("break c --hits %0", "'%0' is no count of hits"),
        ("break c --hits", "--hits needs a word after it"),
        ("break c --after 7", "There is no breakpoint 7; there are: none."),
        ("break c --after x", "break takes a whole number, and 'x' is none"),
        ("tbreak nowhere", "The graph has no node 'nowhere'"),
        ("watch", "watch needs a word after it"),
        ("watch %m", "The graph has no variable 'm'"),
        ("watch %n[", "The graph has no variable 'n['"),
        ("watch %n[3]", "'value[3]' fails"),
        ("watch x", "x is fed; it is no step of the run."),
        ("watch layer/b/y", "layer/b/y is there before the run begins"),
        ("watch %n --atol much", "watch takes a number, and 'much' is none"),
        ("rwatch nowhere", "The graph has no node 'nowhere'"),
        ("catch", "catch needs a word after it: nan (a node that makes a NaN"),
        ("catch rain", "'rain' cannot be caught; these can: nan, inf, big, error,"),
        ("catch nan>3", "'nan>3' cannot be caught"),
        ("catch big>tall", "catch big>tall: 'tall' is no number"),
        ("catch nan --ignore nowhere", "The graph has no node 'nowhere'"),
        ("catch nan --only_reaching nowhere", "The graph has no node 'nowhere'"),
        ("trace nowhere", "The graph has no node 'nowhere'"),
        ("trace c v +", "'v +' is not an expression"),
        ("cond 7 v > 1", "There is no breakpoint 7"),
        ("ignore 7 1", "There is no breakpoint 7"),
        ("enable 7", "There is no breakpoint 7"),
        ("disable 7", "There is no breakpoint 7"),
        ("delete 7", "There is no breakpoint 7"),
        ("commands 7 back", "There is no breakpoint 7"),
        ("display v +", "'v +' is not an expression"),
        ("undisplay 7", "There is no display 7."),
    ],
)
def test_bad_input_is_said_and_nothing_is_added(d, line, message):
    with pytest.raises(DebugError) as caught:
        call(d, line)
    assert str(caught.value).startswith(message)
    assert not d.breakpoints().rows
    assert both_ways(d) == []


def test_a_bad_condition_of_an_existing_stop_leaves_the_old_one(d):
    d.brk("c if v > 30")
    with pytest.raises(DebugError, match="is not an expression"):
        d.cond(1, "v >")
    assert d.breakpoints().rows[0].condition == "v > 30"
    assert both_ways(d) == [4]


# ---- watch ---------------------------------------------------------------------------------------


class Weights:
    """w = [1, 2]: t=2 add [1, 0] -> [2, 2]; t=3 add [0, 0] (the same); t=5 assign [2, 5]; each a
    write. In between, t=1 and t=4 read it. n = 0 grows by 1 at t=6."""

    def __init__(self):
        self.w = gs.Variable([1.0, 2.0], name="w")
        self.n = gs.Variable(0, name="n")
        self.before = self.w.read_value()
        self.first = gs.assign_add(self.w, [1.0, 0.0], name="first")
        self.second = gs.assign_add(self.w, [0.0, 0.0], name="second")
        self.between = self.w.read_value()
        self.third = gs.assign(self.w, [2.0, 5.0], name="third")
        self.count = gs.assign_add(self.n, 1, name="count")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())

    def debug(self, **options):
        fetches = [self.before, self.first, self.second, self.between, self.third, self.count]
        return gs.debug(self.session, fetches, **options)


@pytest.fixture
def weights():
    return Weights()


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("watch %w", [2, 5]),
        ("watch w", [2, 5]),
        ("watch %w[0]", [2]),
        ("watch %w[1]", [5]),
        ("watch %w[0:1]", [2]),
        ("watch %w --atol 2", [5]),
        ("watch %w --atol 3", []),
        ("watch %w if w[1] > 2", [5]),
        ("watch %w if t > 2", [5]),
        ("watch %n", [6]),
        ("watch %n --atol 1", []),
        ("rwatch %w", [1, 4]),
        ("awatch %w", [1, 2, 4, 5]),
        ("awatch %w if t != 4", [1, 2, 5]),
        ("break %w", [2, 3, 5]),
    ],
)
def test_watch(weights, line, times):
    d = weights.debug()
    call(d, line)
    assert both_ways(d) == times


def test_a_variable_is_watched_as_an_object_too(weights):
    d = weights.debug()
    d.watch(weights.w)
    d.watch(weights.w, when=lambda stop: stop.t == 5)
    assert both_ways(d) == [2, 5]
    assert [row.spec for row in d.breakpoints().rows] == ["w:0", "w:0"]


def test_a_watch_says_what_changed_by_how_much_and_by_whom(weights):
    d = weights.debug()
    d.watch("%w")
    d.watch("%n")
    d.watch("%w[0]")
    d.rwatch("%w")
    said = []
    while d.t < d.timeline.end:
        stop = d.cont()
        said.append((stop.t, stop.reason, stop.found.text if stop.found else ""))
    assert said == [
        (1, Reason.READ, "w was read by read."),
        (2, Reason.CHANGED, "w: norm 2.236 -> 2.828, change 1, most by 1 at [0], by first."),
        (4, Reason.READ, "w was read by read_1."),
        (5, Reason.CHANGED, "w: norm 2.828 -> 5.385, change 3, most by 3 at [1], by third."),
        (6, Reason.CHANGED, "n: 0 -> 1 (change 1), by count."),
    ]
    assert str(d.rcont()).startswith(" Watch 1: w: norm 2.828 -> 5.385")
    d.delete(1)
    d.goto(0)
    d.cont()
    assert d.cont().found.text == "w[0]: 1 -> 2 (change 1), by first."


def test_a_write_by_hand_is_seen_where_it_is(weights):
    d = weights.debug()
    d.watch("%w")
    d.goto(3)
    d.set("%w", [7.0, 7.0])
    d.goto("end")
    assert [place(d.rcont())[0] for _ in range(2)] == [5, 3]
    assert d.stop.found.text.endswith("by hand.")


def test_the_first_value_of_a_variable_is_a_change():
    v = gs.Variable([1.0, 2.0], name="v")
    d = gs.debug(gs.Session(), v.initializer)
    d.watch("%v")
    stop = d.cont()
    assert (stop.t, stop.found.text) == (1, "v has its first value, by v/Assign.")


def test_nan_that_stays_nan_is_no_change_and_texts_are_compared():
    v = gs.Variable([np.nan, 1.0], name="v")
    word = gs.Variable("a", name="word")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    same = gs.assign(v, [np.nan, 1.0], name="same")
    d = gs.debug(session, [same, word.assign("a"), word.assign("b")])
    d.watch("%v")
    d.watch("%word")
    assert both_ways(d) == [3]


def test_a_change_between_runs_is_seen_at_the_start_of_the_next(weights):
    d = weights.debug()
    d.watch("%w[0]")
    d.watch("%n")
    d.goto("end")
    d.commit()
    weights.session.run(weights.w.assign([9.0, 5.0]))
    d.run()
    seen = []
    d.goto("1:0")
    while d.history.at == 0 or d.t < d.timeline.end:
        stop = d.cont()
        if stop.found:
            seen.append((stop.run, stop.t, stop.found.text))
    # Run 2: w[0] grows to 10 at t=2, and is assigned 2 at t=5.
    assert seen == [
        (1, 2, "w[0]: 1 -> 2 (change 1), by first."),
        (1, 6, "n: 0 -> 1 (change 1), by count."),
        (2, 0, "w[0]: 2 -> 9 (change 7), between the runs."),
        (2, 2, "w[0]: 9 -> 10 (change 1), by first."),
        (2, 5, "w[0]: 10 -> 2 (change -8), by third."),
        (2, 6, "n: 1 -> 2 (change 1), by count."),
    ]
    back = []
    while d.history.at or d.t:
        stop = d.rcont()
        if stop.found:
            back.append((stop.run, stop.t, stop.found.text))
    assert back == seen[-2::-1]


def test_a_node_is_watched_across_runs(program):
    d = program.debug()
    d.watch("layer/b")
    d.watch(program.c, atol=100.0)
    assert both_ways(d) == []  # nothing to compare the first value with
    d.goto("end")
    d.run(feed_dict={program.x: 2.0})
    d.goto("end")
    d.run(feed_dict={program.x: 5.0})
    stop = d.cont()
    # b = (5 + 1) * 2 = 12
    assert (stop.run, stop.t) == (3, 2)
    assert stop.found.text == "layer/b: 6 -> 12 (change 6), by layer/b."
    assert d.cont().found.text == "c:0: 36 -> 144 (change 108), by c."
    assert place(d.rcont()) == (2, "layer/b", Reason.CHANGED)
    stop = d.rcont()
    assert (stop.run, stop.t, stop.reason) == (1, 0, Reason.START)


# ---- catch ---------------------------------------------------------------------------------------


class Numbers:
    """x = [0, 1]: t=1 log -> [-inf, 0]; t=2 zero = log * 0 -> [nan, 0]; t=3 more = zero + 1;
    t=4 large = x * 1e5; t=5 huge = large^2 -> [0, 1e10]; t=6 far = huge + 1."""

    def __init__(self):
        self.x = gs.placeholder(gs.float32, [None], name="x")
        self.log = gs.log(self.x, name="log")
        self.zero = gs.multiply(self.log, 0.0, name="zero")
        self.more = gs.add(self.zero, 1.0, name="more")
        self.large = gs.multiply(self.x, 1e5, name="large")
        self.huge = gs.square(self.large, name="huge")
        self.far = gs.add(self.huge, 1.0, name="far")

    def debug(self, fed=(0.0, 1.0)):
        return gs.debug(gs.Session(), [self.more, self.far], {self.x: list(fed)})


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("catch nan", [2]),
        ("catch inf", [1]),
        ("catch big", [1, 5]),  # infinity is large too; what is made of it is not born there
        ("catch big>1e11", [1]),
        ("catch nan inf", [1, 2]),
        ("catch nan inf --ignore log", [2]),
        ("catch inf --ignore @Log,zero", []),
        ("catch big --only_reaching far", [5]),
        ("catch nan inf --only_reaching far", []),
        ("catch error", []),
        ("catch zero-grad", []),
    ],
)
def test_catch(line, times):
    d = Numbers().debug()
    call(d, line)
    assert both_ways(d) == times


def test_what_is_caught_is_said():
    d = Numbers().debug()
    d.catch("nan", "inf")
    assert d.cont().found.text == (
        "inf: log:0 has 1 of 2, the first -Inf at [0]; its inputs have none."
    )
    stop = d.cont()
    assert stop.reason is Reason.CAUGHT
    assert stop.found.text.startswith("nan: zero:0 has 1 of 2, the first NaN at [0]")
    assert str(stop).startswith(" Caught 1: nan: zero:0 has 1 of 2")


def test_objects_and_lists_say_what_to_ignore():
    numbers = Numbers()
    d = numbers.debug()
    d.catch("nan", "inf", ignore=[numbers.log, "zero"])
    d.catch("inf", only_reaching=numbers.more)
    assert both_ways(d) == [1]


def test_nan_is_caught_where_it_is_born_and_not_where_it_was_fed():
    d = Numbers().debug((np.nan, 1.0))
    d.catch("nan")
    assert both_ways(d) == []


def test_empty_arrays_whole_numbers_and_texts_are_nothing_to_catch():
    x = gs.placeholder(gs.float32, [None], name="x")
    out = [gs.log(x), gs.size(x), gs.as_string(x), gs.reduce_sum(x), gs.square(x) > 0.0]
    d = gs.debug(gs.Session(), out, {x: []})
    d.catch("nan", "inf", "big>0", "zero-grad", "shape")
    assert both_ways(d) == []


def test_a_failing_node_is_caught_before_it():
    free = gs.placeholder(gs.float32, name="free")
    first = gs.negative(free, name="first")
    wrong = gs.reshape(first, [2], name="wrong")
    d = gs.debug(gs.Session(), wrong, {free: [1.0, 2.0, 3.0]})
    with pytest.raises(gs.errors.InvalidArgumentError):
        d.cont()
    d.goto(0)
    d.catch("error", ignore="wrong")
    with pytest.raises(gs.errors.InvalidArgumentError):
        d.cont()
    d.catch("error")
    for _ in range(2):
        stop = d.cont() if d.t == 1 else d.until("first") and d.cont()
        assert (stop.t, stop.reason, stop.breakpoint) == (1, Reason.FAILED, 2)
        assert type(stop.error).__name__ == "InvalidArgumentError"
        assert stop.found.text.startswith(
            "InvalidArgumentError: Input to reshape is a tensor with 3"
        )
        assert "The next node fails: InvalidArgumentError" in str(stop)
    d.feed(free, [1.0, 2.0])
    assert d.cont().reason is Reason.END


def test_a_failure_is_met_again_from_behind():
    free = gs.placeholder(gs.float32, name="free")
    wrong = gs.reshape(gs.negative(free, name="first"), [2], name="wrong")
    d = gs.debug(gs.Session(), wrong, {free: [1.0, 2.0, 3.0]})
    d.catch("error")
    d.cont()
    d.run(feed_dict={free: [1.0, 2.0]})
    d.run_to_end()
    stop = d.rcont()
    assert (stop.run, stop.t, stop.reason) == (1, 1, Reason.FAILED)
    assert type(stop.error).__name__ == "InvalidArgumentError"
    stop = d.cont()  # run 1 does not go on: it was left for run 2
    assert (stop.run, stop.t, stop.reason) == (2, 2, Reason.END)


@pytest.mark.parametrize(("kind", "caught"), [("uninit", True), ("error", True), ("nan", False)])
def test_a_variable_without_a_value_is_caught(kind, caught):
    v = gs.Variable(1.0, name="v")
    d = gs.debug(gs.Session(), v * 2.0)
    d.catch(kind)
    if caught:
        stop = d.cont()
        assert stop.reason is Reason.FAILED
        assert "uninitialized value v" in stop.found.text
    else:
        with pytest.raises(gs.errors.FailedPreconditionError):
            d.cont()


def test_uninit_is_no_other_failure():
    free = gs.placeholder(gs.float32, name="free")
    d = gs.debug(gs.Session(), gs.reshape(free, [2]), {free: [1.0]})
    d.catch("uninit")
    with pytest.raises(gs.errors.InvalidArgumentError):
        d.cont()


def test_a_placeholder_that_is_not_fed_is_an_error_to_catch(program):
    d = program.debug(feed={})
    d.catch("error")
    stop = d.cont()
    assert (stop.t, stop.reason) == (0, Reason.FAILED)
    assert "'x'" in stop.found.text


def test_a_gradient_that_becomes_zero_is_caught_where_it_does():
    w = gs.Variable([-1.0, -2.0], name="w")
    loss = gs.reduce_sum(gs.nn.relu(w, name="dead") * 3.0)
    train = gs.train.GradientDescentOptimizer(0.1).minimize(loss)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, train)
    d.catch("zero-grad")
    times = both_ways(d)
    assert len(times) == 1
    d.goto(times[0])
    assert d.timeline.here.node.gradient_of.name == "dead"
    d.goto(0)
    assert d.cont().found.text.endswith("the gradient of dead, is zero everywhere.")


def test_a_shape_that_grows_on_both_sides_is_caught():
    a = gs.placeholder(gs.float32, [None, 1], name="a")
    b = gs.placeholder(gs.float32, [None], name="b")
    loss = gs.reduce_mean(gs.square(gs.subtract(a, b, name="difference")))
    d = gs.debug(gs.Session(), loss, {a: np.ones((3, 1)), b: np.ones(3)})
    d.catch("shape")
    stop = d.cont()
    assert stop.node.name == "difference"
    assert stop.found.text == (
        "shape: [3, 1] with [3] makes [3, 3]: each is repeated along an axis."
    )
    d.feed(b, np.ones(1))  # [3, 1] with [1] is as it should be
    assert d.cont().reason is Reason.END


# ---- trace, display, commands --------------------------------------------------------------------


def test_a_trace_shows_and_does_not_stop(d):
    assert call(d, "trace layer/* v * 10").rows[0].shows == "v * 10"
    call(d, "trace c")
    call(d, "trace %n n + t")
    stop = d.cont()
    assert stop.reason is Reason.END
    assert [(said.number, said.t, said.text) for said in stop.traces] == [
        (1, 1, "f32[]  30"),
        (1, 2, "f32[]  60"),
        (3, 3, "f32[]  19"),
        (2, 4, "f32[]  36"),
        (3, 5, "f32[]  22"),
    ]
    assert str(stop).splitlines()[0] == " trace 1: t=1 layer/a  f32[]  30"
    back = d.rcont()
    assert [said.t for said in back.traces] == [4, 3, 2, 1]
    assert d.stop.traces == back.traces
    assert d.step(2).traces[1].text == "f32[]  60"  # it speaks however one passes it


def test_a_trace_with_a_condition_hits_and_a_rest(d):
    call(d, "trace fwd")
    d.cond(1, "v > 5")
    assert [said.t for said in d.cont().traces] == [2, 4]
    d.goto(0)
    d.disable(1)
    assert d.cont().traces == ()


def test_a_trace_that_cannot_be_worked_out_says_so_and_goes_on(d):
    d.trace("c", "v.nonsense")
    stop = d.cont()
    assert stop.reason is Reason.END
    assert stop.traces[0].text.startswith("'v.nonsense' fails: AttributeError")


def test_a_display_is_shown_only_where_it_changed(d):
    assert d.display("n").text == "Display 1: n"
    d.display("layer/b + 1")
    assert d.display().text == "1: n; 2: layer/b + 1"
    shown = []
    for _ in range(5):
        stop = d.step()
        shown.append([(said.number, said.text) for said in stop.displays])
    not_yet = "layer/b has not run yet: it runs at t=2, and this is t=1. Try: until layer/b"
    assert shown == [
        [(1, "f32[]  10"), (2, not_yet)],
        [(2, "f32[]  7")],
        [(1, "f32[]  16")],
        [],
        [(1, "f32[]  17")],
    ]
    assert [said.text for said in d.back().displays] == ["f32[]  16"]
    assert "display 1: n = f32[]  16" in str(d.stop)
    assert d.undisplay(1).text == "Displays left: 2."
    assert d.undisplay().text == "Displays left: none."
    assert d.step().displays == ()
    assert d.display().text == "Nothing is displayed. Try: display np.mean(y)"


def test_commands_are_kept_with_their_stop(d):
    d.brk("c")
    assert call(d, "commands 1 print b; back 2 ;").text == "At stop 1: print b; back 2."
    assert d.breakpoints().rows[0].commands == ("print b", "back 2")
    stop = d.cont()
    assert d.stops[stop.breakpoint].commands == ("print b", "back 2")


# ---- stops outlive runs --------------------------------------------------------------------------


def test_stops_go_on_counting_in_the_next_run(program):
    d = program.debug()
    d.brk("c", hits="%2")
    d.run_to_end()
    d.run(n=3)
    assert [d.cont().run for _ in range(1)] == [5]  # the end: hit 5 is none of them
    assert d.stop.reason is Reason.END
    assert [d.rcont().run for _ in range(2)] == [4, 2]
    assert d.rcont().reason is Reason.START
    assert d.breakpoints().rows[0].hits == 5


def test_stops_that_mean_nothing_in_the_next_run_rest(program):
    d = program.debug()
    d.brk("layer/b")
    d.watch("%n")
    d.catch("nan")
    d.watch("c")
    d.run_to_end()
    d.run(program.a)
    assert [row.nodes for row in d.breakpoints().rows] == [0, 0, 0, 0]
    assert d.cont().reason is Reason.END
    assert d.rcont().run == 1  # and wake up again where they mean something


def test_shared_stops_count_on_in_another_debugger(program):
    stops = Stops()
    feed = {program.x: 2.0}
    first = Debugger(program.session, program.c, feed, stops)
    first.brk("c", hits="2")
    assert first.cont().reason is Reason.END
    second = Debugger(program.session, program.c, feed, stops)
    stop = second.cont()
    assert (stop.breakpoint, stop.hits) == (1, 2)


def test_what_is_set_takes_the_hits_of_the_lost_future_away(d):
    d.brk("upd", hits="2")
    d.brk("upd if n > 30")
    assert d.cont().t == 5
    d.goto(3)
    d.set("layer/b", 100.0)
    assert d.t == 2
    assert [row.hits for row in d.breakpoints().rows] == [0, 0]
    assert d.cont().t == 3  # n = 110
    assert d.stop.breakpoint == 2
    assert d.cont().t == 5
    assert d.stop.hits == 2


def test_a_stop_by_a_function_and_by_an_unknown_place(d, program):
    d.brk("fwd", when=lambda stop: stop.node is program.b.op)
    d.watch(program.n, when=lambda stop: float(stop.changed["n"].new) == 17.0)
    assert both_ways(d) == [2, 5]
    other = gs.Graph()
    with other.as_default():
        foreign = gs.constant(1.0) + 1.0
    for add in (d.brk, d.watch, d.trace):
        with pytest.raises((ValueError, UnknownPlace)):
            add(foreign)
    assert len(d.breakpoints().rows) == 2
