"""Several runs in one history: stepped over their border, edited, forked, compared, kept or not."""

from itertools import zip_longest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import CONTROL, PLAIN, Built, same, steps

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.answers import PlanSummary, Reason


class Training:
    """w = 2, y = w x: with x = 3 and the rate 0.1, d y^2 / dw = 2 w x^2 = 18 w; w -> w - 1.8 w.

    w after the runs: 2, -1.6, 1.28, -1.024. n counts the runs. noise draws anew in each.
    """

    def __init__(self):
        gs.set_random_seed(7)
        self.x = gs.placeholder(gs.float32, [], name="x")
        self.w = gs.Variable(2.0, name="w")
        self.n = gs.Variable(0, name="n", trainable=False)
        self.y = gs.multiply(self.w, self.x, name="y")
        self.noise = gs.random_uniform([2], name="noise")
        self.loss = gs.square(self.y, name="loss")
        optimizer = gs.train.GradientDescentOptimizer(0.1)
        self.train = optimizer.minimize(self.loss, global_step=self.n, name="train")
        self.session = gs.Session()
        self.session.run(gs.global_variables_initializer())
        self.fetches = [self.loss, self.train, self.noise]

    def debug(self, **options):
        return gs.debug(self.session, self.fetches, {self.x: 3.0}, **options)

    @property
    def weight(self):
        return round(float(self.session.run(self.w)), 5)


@pytest.fixture
def training():
    return Training()


@pytest.fixture
def d(training):
    return training.debug()


W = [2.0, -1.6, 1.28, -1.024, 0.8192]


def w(d):
    return round(float(d.value("%w")), 5)


def places(d, go, count):
    return [(stop.run, stop.t) for stop in (go() for _ in range(count))]


# ---- one run after the other ---------------------------------------------------------------------


def test_the_same_run_again(d, training):
    d.run_to_end()
    summary = d.run()
    assert isinstance(summary, PlanSummary)
    assert (d.t, d.timeline.number, d.stop.runs) == (0, 2, 2)
    assert training.weight == W[1]  # the first has been kept
    d.run_to_end()
    assert w(d) == W[2]
    assert d.result[0] == pytest.approx((W[1] * 3) ** 2)


def test_runs_are_those_of_the_session(training):
    plain = gs.Session(graph=training.session.graph)
    plain.state = training.session.state.copy()
    with training.debug() as d:
        for _ in range(4):
            d.run_to_end()
            expected = plain.run(training.fetches, {training.x: 3.0})
            assert d.result[2].tobytes() == expected[2].tobytes()  # each draws on
            d.run()
        d.run_to_end()
    plain.run(training.fetches, {training.x: 3.0})
    assert training.session.state.variables.keys() == plain.state.variables.keys()
    for name, value in plain.state.variables.items():
        assert same(training.session.state.variables[name], value)
    assert training.session.state.cells == plain.state.cells


def test_another_run_with_other_fetches_and_feeds(d, training):
    d.run_to_end()
    d.run(training.loss, feed_dict={training.x: 1.0})
    d.run_to_end()
    assert d.result == pytest.approx(W[1] ** 2)  # one fetch alone comes back alone
    d.run("y", "loss")
    d.run_to_end()
    assert d.result == pytest.approx([W[1], W[1] ** 2])  # the feed is as before
    assert [timeline.number for timeline in d.history.runs] == [1, 2, 3]


def test_n_runs_first_and_going_on_quietly(d):
    assert d.run(n=3).plan is d.plan
    assert (d.timeline.number, d.t, w(d)) == (5, 0, W[3])  # the one left at its start was undone
    stop = d.run(quiet=True)
    assert (stop.run, stop.reason) == (6, Reason.END)
    d.brk("%w")
    stop = d.run(n=1, quiet=True)
    assert (stop.run, stop.reason) == (8, Reason.WRITE)


def test_a_run_that_fails_or_cannot_begin_leaves_the_history(d, training):
    d.run_to_end()
    free = gs.placeholder(gs.float32, name="free")
    wrong = gs.reshape(free, [2], name="wrong")
    for fetch, feed, error in [
        ("nowhere", None, DebugError),
        (wrong, {free: [[1.0], [2.0, 3.0]]}, ValueError),
        (training.loss, {"nowhere": 1.0}, TypeError),
    ]:
        with pytest.raises(error):
            d.run(fetch, feed_dict=feed)
        assert (len(d.history.runs), d.timeline.number, d.done) == (1, 1, True)
        assert training.weight == W[0]  # not even the first one is kept yet
    with pytest.raises(gs.errors.InvalidArgumentError):
        d.run(wrong, feed_dict={free: [1.0]}, n=2)
    assert (d.timeline.number, d.t, d.stop.reason) == (2, 0, Reason.FAILED)


def test_an_interrupt_ends_n_runs(d):
    d.brk("loss", when=lambda stop: d.interrupt())
    d.interrupt()
    stop = d.run(n=5)
    assert (stop.run, stop.t, stop.reason) == (2, 1, Reason.INTERRUPTED)


# ---- over the border -----------------------------------------------------------------------------


@pytest.fixture
def three(d):
    """Three runs, finished; we stand at the end of the last."""
    for _ in range(2):
        d.run_to_end()
        d.run()
    d.run_to_end()
    return d


def test_stepping_back_and_forth_over_the_border(three):
    d, end = three, three.timeline.newest
    d.goto("3:1")
    assert places(d, d.back, 3) == [(3, 0), (2, end), (2, end - 1)]
    assert places(d, d.step, 4) == [(2, end), (3, 0), (3, 1), (3, 2)]
    d.back(end + 2)
    assert (d.timeline.number, d.t) == (2, 1)
    d.step(end + 2)
    assert (d.timeline.number, d.t) == (3, 2)
    d.goto("2:1")
    stop = d.step(2 * end)
    assert (stop.run, stop.t) == (3, end)
    assert stop.reason is Reason.END
    with pytest.raises(DebugError, match="The run is at its end"):
        d.step()


def test_variables_over_the_border(three):
    d = three
    assert [w(d), w_at(d, "2:0"), w_at(d, "run 2"), w_at(d, "3:0"), w_at(d, "1:0")] == [
        W[3], W[1], W[2], W[2], W[0],
    ]  # fmt: skip
    stop = d.goto("run 3")
    assert stop.restored == {}
    stop = d.goto("1:0")
    assert stop.restored["w"].new == W[0]
    assert d.changed() == {}


def w_at(d, place):
    d.goto(place)
    return w(d)


@pytest.mark.parametrize(
    ("place", "run", "t"),
    [
        ("run 1", 1, 15),
        ("run 2", 2, 15),
        ("1:4", 1, 4),
        ("run 3:0", 3, 0),
        ("2:15", 2, 15),
        ("#3", 3, 3),
    ],
)
def test_goto_another_run(three, place, run, t):
    stop = three.goto(place)
    assert (stop.run, stop.t, three.timeline.number) == (run, t, run)
    assert three.stop is stop


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("run 4", "There is no run 4 in the history; there are: 1, 2, 3."),
        ("0:1", "There is no run 0 in the history"),
        ("2:99", "There is no time 99: the run goes from 0 to 15."),
    ],
)
def test_goto_what_there_is_not_moves_nothing(three, place, message):
    three.goto("2:5")
    with pytest.raises(DebugError) as caught:
        three.goto(place)
    assert str(caught.value).startswith(message)
    assert (three.timeline.number, three.t) == (2, 5)


def test_the_last_run_goes_on_when_one_comes_back_to_it(three):
    d = three
    d.run()
    d.step(2)
    d.goto("1:3")
    assert d.goto("4:7").t == 7  # it had come to t=2
    d.goto("1:3")
    assert d.goto("run 4").t == d.timeline.end
    d.goto("run 1")
    assert d.run_to_end().run == 1


def test_a_run_that_was_left_does_not_go_on(d):
    d.step(4)
    d.run()
    d.step(2)
    assert places(d, d.back, 4) == [(2, 1), (2, 0), (1, 4), (1, 3)]
    assert places(d, d.step, 3) == [(1, 4), (2, 0), (2, 1)]
    d.goto("1:2")
    assert d.run_to_end().t == 4
    assert not d.done
    with pytest.raises(DebugError, match="There is no time 5: the run goes from 0 to 4"):
        d.goto("1:5")
    with pytest.raises(DebugError, match="Other runs came after this one"):
        d.commit()


def test_next_and_finish_stay_in_their_run(three):
    d, end = three, three.timeline.newest
    d.goto(f"1:{end - 1}")
    assert places(d, d.finish, 1) == [(1, end)]
    assert places(d, d.next, 1) == [(2, 0)]
    d.goto("2:1")
    with pytest.raises(DebugError, match="is behind us"):
        d.until("w/read")
    assert d.until("%w").run == 2


def test_marks_are_of_a_run(three):
    d = three
    d.goto("2:5")
    assert d.mark("middle").text == "middle is t=5 of run 2."
    d.goto("run 3")
    stop = d.goto("middle")
    assert (stop.run, stop.t) == (2, 5)
    for name in ("3", "a b", "fwd", "end", ""):
        with pytest.raises(DebugError, match="cannot be a mark"):
            d.mark(name)
    d.mark("middle")  # moved
    assert d.history.marks == {"middle": (2, 5)}


# ---- editing the past ----------------------------------------------------------------------------


def test_editing_an_earlier_run_forgets_the_later_ones(three, training):
    d = three
    d.goto("2:3")
    d.set("%w", 10.0)
    assert [timeline.number for timeline in d.history.runs] == [1, 2]
    assert (d.timeline.newest, d.stop.runs) == (3, 2)
    d.run_to_end()
    d.commit()
    # y was computed from -1.6 before; the slope is 2 * -1.6 * 9 = -28.8: 10 + 2.88 = 12.88
    assert w(d) == training.weight == 12.88
    assert training.session.run(training.n) == 2
    d.run()
    assert d.timeline.number == 3


def test_rolling_back_an_earlier_run_takes_back_the_later_ones_too(three, training):
    d = three
    d.commit()
    before = dict(d.history.runs[1].before.variables), d.history.runs[1].before.cells
    assert training.weight == W[3]
    d.goto("2:5")
    d.rollback()
    assert (training.session.state.variables, training.session.state.cells) == before
    assert training.weight == W[1]
    assert (d.timeline.number, d.t, len(d.history.runs)) == (2, 0, 2)


def test_rollback_leaves_what_others_have_written(d, training):
    other = gs.Variable(5.0, name="other")
    training.session.run(other.initializer)
    d.run_to_end()
    d.commit()
    training.session.run([other.assign(6.0), training.n.assign(100)])
    d.rollback()
    assert training.session.run([training.w, training.n, other]) == [2.0, 100, 6.0]


def test_commit_is_done_once_until_the_run_is_another(d, training):
    d.run_to_end()
    for _ in range(2):
        assert "as this run has left them" in d.commit().text
    training.session.run(training.w.assign(50.0))
    d.commit()
    assert training.weight == 50.0  # nothing new is there to give
    d.set("%w", 3.0)
    d.commit()
    assert training.weight == 3.0
    d.rollback()
    assert training.weight == 50.0


def test_a_commit_of_another_way_takes_the_first_back():
    v, u = gs.Variable(1.0, name="v"), gs.Variable(1.0, name="u")
    p = gs.placeholder(gs.bool, [], name="p")
    out = gs.cond(p, lambda: gs.assign(v, 5.0), lambda: gs.assign(u, 7.0))
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, out, {p: True})
    d.run_to_end()
    d.commit()
    assert session.run([v, u]) == [5.0, 1.0]
    d.feed("p", False)
    assert session.run([v, u]) == [5.0, 1.0]  # as it was kept, until something else is
    d.run_to_end()
    d.commit()
    assert session.run([v, u]) == [1.0, 7.0]


def test_set_lasts_over_runs_and_once_does_not(d):
    d.set("y", 0.0)  # no slope: 2 * 0 * 3
    d.run_to_end()
    d.run()
    assert d.stop.overrides == ("y:0",)
    d.run_to_end()
    assert w(d) == W[0]
    d.set("y", 1.0, once=True)  # slope 2 * 1 * 3 = 6
    d.run_to_end()
    assert w(d) == pytest.approx(W[0] - 0.6)
    d.run()
    d.run_to_end()
    assert d.value("y") == 0.0  # the lasting one again
    d.unset("y")
    d.run_to_end()
    assert d.value("y") == pytest.approx((W[0] - 0.6) * 3)
    d.run()
    assert d.stop.overrides == ()


def test_a_variable_that_is_set_at_the_start_is_part_of_the_run(d, training):
    d.set("%w", 1.0)
    assert d.changed()["w"].old == 2.0
    d.run_to_end()
    assert w(d) == pytest.approx(-0.8)
    d.restart()
    assert w(d) == 2.0
    d.set("%w = w + np.ones([])")
    assert w(d) == 3.0
    d.run_to_end()
    d.close()
    assert training.weight == pytest.approx(3 - 0.1 * 54)
    first, second = d.history.writes(training.w.op)
    assert (first.t, first.node, first.change) == (0, None, 1.0)
    assert second.node.type == "ApplyGradientDescent"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (np.float32, 3, 3.0),
        (np.float32, [1.0, 2.0], None),
        (np.float32, "x", None),
        (np.int32, 4.0, 4),
        (np.int32, np.nan, None),
        (np.int32, np.array(np.inf), None),
        (np.bool_, 1, True),
    ],
)
def test_setting_variables_of_other_types(kind, value, expected):
    v = gs.Variable(kind(1), name="v")
    session = gs.Session()
    session.run(v.initializer)
    d = gs.debug(session, v.value())
    if expected is None:
        with pytest.raises(DebugError):
            d.set("%v", value)
        assert d.value("%v") == 1
    else:
        d.set("%v", value)
        assert d.value("%v") == expected
        assert d.value("%v").dtype == kind


def test_setting_texts_whole_arrays_and_resource_variables():
    word = gs.Variable("a", name="word")
    grid = gs.Variable(np.zeros((2, 3), np.float32), name="grid", use_resource=True)
    x = gs.placeholder(gs.float32, name="x")
    h = gs.multiply(x, 2.0, name="h")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, [word.value(), grid.value(), gs.reduce_sum(h)], {x: np.ones((2, 2))})
    d.set("%word", "b")
    d.set("%grid", 7.0)  # one number for all elements
    assert d.value("grid").tolist() == [[7.0] * 3] * 2
    d.set(grid, np.arange(6.0).reshape(2, 3))
    d.until("h")
    d.set("h", 3.0)  # of which the shape is known since it has been computed
    d.run_to_end()
    assert d.result[0] == b"b"
    assert d.result[1].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert d.result[2] == 12.0
    d.close()
    assert session.run(word) == b"b"


def test_feed_unfeed_and_restart_begin_this_run_again(d, training):
    d.run_to_end()
    d.run()
    d.step(5)
    assert d.feed("x = 1.0").t == 0
    assert (d.timeline.number, w(d)) == (2, W[1])
    d.run_to_end()
    # -1.6 - 0.1 * 2 * -1.6 = -1.28
    assert w(d) == pytest.approx(-1.28)
    draws = d.result[2]
    d.restart()
    d.run_to_end()
    assert same(d.result[2], draws)  # the same draws
    d.unfeed("x")
    with pytest.raises(gs.errors.InvalidArgumentError, match="'x'"):
        d.step()
    with pytest.raises(DebugError, match=r"x:0 is not fed\. Fed are: none\."):
        d.unfeed("x")
    for wrong in ([1.0, 2.0], "text"):
        with pytest.raises(DebugError):
            d.feed("x", wrong)
    d.feed(training.x, 3.0)
    d.run_to_end()
    assert w(d) == W[2]


# ---- the end -------------------------------------------------------------------------------------


def test_what_is_said_at_the_end(d, training):
    assert d.close().text == (
        "The run was left at t=0 of 15 and rolled back: no variable had changed."
    )
    d.until("%w")
    assert d.close().text == f"The run was left at t={d.t} of 15 and rolled back: w as before."
    d.run_to_end()
    d.goto(2)
    assert d.close().text == "The run is finished; its variables are kept."
    assert training.weight == W[1]
    d.close()
    assert training.weight == W[1]


def test_only_the_last_run_is_open_at_the_end(training):
    with training.debug() as d:
        d.run_to_end()
        d.run()
        d.until("%w")
        d.goto("1:0")
    assert training.weight == W[1]


def test_rolling_back_at_exit_rehearses_all_runs(training):
    before = dict(training.session.state.variables), dict(training.session.state.cells)
    with training.debug(on_exit="rollback") as d:
        for i in range(1, 4):
            d.run_to_end()
            assert w(d) == W[i]
            d.run()  # each goes on from the one before
    assert (training.session.state.variables, training.session.state.cells) == before
    assert d.close().text.startswith("The run was left at t=0 of 15")
    with pytest.raises(ValueError, match="on_exit is commit or rollback, not 'maybe'"):
        training.debug(on_exit="maybe")


def test_a_commit_inside_a_rehearsal_gives_all_that_was_rehearsed(training):
    before = dict(training.session.state.variables)
    with training.debug(on_exit="rollback") as d:
        d.run_to_end()
        d.run()
        d.run_to_end()
        d.commit()
        assert training.weight == W[2]
        d.rollback()
        assert training.session.state.variables == before
        d.run_to_end()
        d.commit()
        d.run()
        d.run_to_end()
    assert training.weight == W[2]


def test_an_error_in_the_block_keeps_nothing_of_the_last_run(training):
    with pytest.raises(KeyError), training.debug() as d:  # noqa: PT012
        d.run_to_end()
        d.run()
        d.run_to_end()
        raise KeyError
    assert training.weight == W[1]


def test_there_is_no_result_of_a_run_that_is_not_finished(three):
    d = three
    assert d.result[0] == pytest.approx((W[2] * 3) ** 2)
    d.goto("2:1")
    assert d.result[0] == pytest.approx((W[1] * 3) ** 2)  # of the run at which we look
    d.set("y", 1.0)
    for ask in (lambda: d.result, d.commit):
        with pytest.raises(NotExecuted, match="The run has not finished"):
            ask()


# ---- the budget ----------------------------------------------------------------------------------


def test_the_oldest_runs_are_let_go_and_what_they_wrote_stays_known():
    big = gs.Variable(np.zeros(1000, np.float32), name="big")
    grow = gs.assign_add(big, np.ones(1000, np.float32), name="grow")
    session = gs.Session()
    session.run(big.initializer)
    d = gs.debug(session, grow, budget=10_000)
    d.run(n=5)
    d.run_to_end()
    kept = [timeline.number for timeline in d.history.runs]
    assert kept[-1] == 7
    assert 1 < len(kept) < 4
    assert d.history.nbytes <= 10_000
    assert d.history.dropped == 7 - len(kept)
    writes = d.history.writes(big.op)
    assert [write.run for write in writes] == [2, 3, 4, 5, 6, 7]
    assert [write.change for write in writes] == pytest.approx([np.sqrt(1000)] * 6)
    with pytest.raises(DebugError, match=f"There is no run 1 in the history; there are: {kept[0]}"):
        d.goto("1:0")
    d.goto(f"{kept[0]}:0")
    with pytest.raises(DebugError, match="This is the start of the run"):
        d.back()
    d.close()
    assert session.run(big)[0] == 6.0


def test_the_run_at_which_we_look_is_never_let_go():
    big = gs.Variable(np.zeros(1000, np.float32), name="big")
    grow = gs.assign_add(big, np.ones(1000, np.float32), name="grow")
    with gs.control_dependencies([grow]):
        done = gs.no_op(name="done")
    session = gs.Session()
    session.run(big.initializer)
    d = gs.debug(session, done, budget=6_000)
    d.run_to_end()
    d.run()
    d.step()  # both are too much, and the second is not at its end
    d.goto("1:0")
    first = d.timeline
    d.step(2)  # here the sizes are looked at
    assert d.timeline is first
    assert d.stop.run == 1
    assert d.step().run == 2
    d.run_to_end()
    assert [timeline.number for timeline in d.history.runs] == [2]
    tiny = gs.debug(session, grow, budget=1)
    tiny.run_to_end()
    assert tiny.result[0] == 2.0  # one is kept, however large


# ---- forks and comparisons -----------------------------------------------------------------------


def test_a_fork_goes_its_own_way(d, training):
    d.until("y")
    other = d.fork()
    assert (other.t, other.timeline.number) == (d.t, 1)
    other.set("y", 0.0)
    other.run_to_end()
    assert w(other) == W[0]
    other.run()
    other.run_to_end()
    assert other.timeline.number == 2
    assert "rolled back" in other.close().text
    assert (d.t, len(d.history.runs), d.timeline.overrides) == (d.timeline.newest, 1, {})
    d.run_to_end()
    assert w(d) == W[1]
    d.close()
    assert training.weight == W[1]


def test_runs_of_a_fork_go_on_from_each_other_and_never_reach_the_session(training):
    d = training.debug()
    d.run_to_end()
    d.run()
    other = d.fork()
    for i in (2, 3, 4):
        other.run_to_end()
        assert (other.timeline.number, w(other)) == (i, W[i])
        other.run()
    assert training.weight == W[1]


def test_what_is_set_in_a_fork_by_name(d):
    d.until("loss")
    other = d.fork(y=0.0, w=5.0)
    other.run_to_end()
    assert (other.value("y"), w(other)) == (0.0, 5.0)
    assert d.value("y") == 6.0


def test_comparing_with_a_kept_fork(d, transcript):
    d.until("y")
    assert d.fork_here("base").text == f"base is this run up to t={d.t}."
    assert d.compare("base").same
    d.set("y", 1.0)
    found = d.compare("base")
    assert (found.node.name, found.t, found.why) == ("y", 2, "set by hand")
    assert (found.first, found.second) == (6.0, 1.0)
    transcript.same(
        str(found),
        """
 The first difference is at t=2: y [Mul], y:0, set by hand.
   1  f32[]  6
   2  f32[]  1
   1 of 2 steps differ
""",
    )
    d.run_to_end()
    assert d.compare("base").differing > 1


def test_comparing_runs(three, training):
    d = three
    found = d.compare("1", "2")
    assert (found.why, found.tensor, found.node) == ("variables", "w", None)
    assert "w begins with another value." in str(found)
    assert d.compare(2, 2).same
    assert str(d.compare("3")).strip() == "No difference in 15 steps."
    d.run(feed_dict={training.x: 1.0})
    found = d.compare("3 4")
    assert (found.why, found.tensor, found.first, found.second) == ("feeds", training.x, 3.0, 1.0)
    assert "x:0 is fed another value." in str(found)
    for words in ("9", "nobody", "1 9"):
        with pytest.raises(DebugError, match="is no fork and no run of the history; forks: none"):
            d.compare(words)


def test_comparing_draws(training):
    d = gs.debug(training.session, training.noise)
    d.run_to_end()
    d.run()
    d.run_to_end()
    found = d.compare("1", "2")
    assert (found.why, found.node.name) == ("values", "noise/RandomUniform")


def test_comparing_other_fetches_and_other_numbers_of_iterations():
    n = gs.placeholder(gs.int32, [], name="n")
    z = gs.while_loop(lambda i: i < n, lambda i: i + 1, [0])
    one = gs.negative(1.0, name="one")
    d = gs.debug(gs.Session(), z, {n: 3})
    d.run_to_end()
    d.run(one)
    d.run_to_end()
    found = d.compare("1", "2")
    assert (found.why, found.t) == ("another node", 1)
    assert "runs in only one of them" in str(found)
    d.run(z)
    d.until("@Less")
    d.set("while/Less", False)
    d.run_to_end()
    found = d.compare("1", "3")
    assert (found.why, found.t, found.node.name) == ("set by hand", 1, "while/Less")


def test_a_fork_that_fails_is_compared_as_far_as_it_came():
    x = gs.placeholder(gs.float32, name="x")
    y = gs.reshape(gs.negative(x, name="y"), [2])
    d = gs.debug(gs.Session(), y, {x: [1.0, 2.0, 3.0]})
    d.fork_here("base")
    d.step()
    assert d.compare("base").same
    assert d.compare("base").compared == 1


@settings(max_examples=40, deadline=None)
@given(
    program=steps((*PLAIN, *CONTROL), max_size=8),
    which=st.integers(0, 99),
    value=st.sampled_from([0.0, 1.5]),
)
def test_the_first_difference_by_brute_force(program, which, value):
    with gs.Graph().as_default():
        built = Built(program)
        session = gs.Session()
        session.run(gs.global_variables_initializer())
        d = gs.debug(session, built.fetches, {built.x: np.ones((2, 2)), built.free: np.ones(4)})
        d.run_to_end()
        other = d.fork()
        tensors = [t for op in d.plan.everything for t in op.outputs if t.dtype is gs.float32]
        tensors = [t for t in tensors if t.shape.is_fully_defined()]
        tensor = tensors[which % len(tensors)]
        other.set(tensor, np.full(tensor.shape.as_list(), value, np.float32))
        d.history.forks["other"] = other
        found = d.compare("other")
        mine, theirs = d.timeline.steps, other.timeline.steps
        differing = [
            a or b
            for a, b in zip_longest(mine, theirs)
            if a is None or b is None or a.node is not b.node or not same_step(a, b)
        ]
        assert found.differing == len(differing)
        assert found.same == (not differing)
        if differing:
            assert (found.node, found.t) == (differing[0].node, differing[0].t)


def same_step(a, b):
    pairs = [*zip(a.outputs.values(), b.outputs.values(), strict=True)]
    pairs += [*zip(a.writes.values(), b.writes.values(), strict=True)]
    return all(same_value(x, y) for x, y in pairs)


def same_value(x, y):
    if x is None or y is None:
        return x is y
    if isinstance(x, np.ndarray) and x.dtype == object:  # a list
        return x.shape == y.shape and all(map(same_value, x.flat, y.flat))
    return np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f")


def test_the_options_of_set(training):
    d = training.debug()
    d.run_to_end()
    assert str(d.set("budget 1")).strip().startswith("1 MB of values are kept")
    assert d.history.budget == 1 << 20
    assert "rolled back" in str(d.set("on-exit rollback"))
    assert "rolled back" in str(d.close())
    for words, message in (
        ("budget much", "set budget takes a number of megabytes, not 'much'"),
        ("budget 0", "set budget takes a number of megabytes, not '0'"),
        ("on-exit perhaps", "set on-exit takes commit or rollback, not 'perhaps'"),
    ):
        with pytest.raises(DebugError, match=message):
            d.set(words)
