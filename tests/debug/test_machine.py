"""A machine that debugs random programs in random ways, and looks for contradictions.

What is seen at a place must not depend on the way there; going back must be exact; the session must
hold what it was given, and nothing else; a fork must leave the original alone.
"""

from contextlib import suppress

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from programs import CONTROL, PLAIN, Built, outcome, raw, same, steps

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.answers import Reason

FEED = [[0.1, -0.2], [0.3, 0.0]]
MOVES = ["next", "rnext", "finish", "rfinish", "cont", "rcont", "run_to_end"]


def seen(d):
    """Everything that can be seen at this place, in a form that can be compared."""
    timeline = d.timeline
    here = timeline.here
    values = {}
    for op in d.session.graph.operations:
        for tensor in op.outputs:
            with suppress(NotExecuted):
                values[tensor.name] = raw(d.value(tensor))
    return {
        "values": values,
        "variables": held(timeline.variables()),
        "changed": held({name: delta.new for name, delta in d.changed().items()}),
        "node": here and here.node.name,
        "frames": here and [(owner.name, i) for owner, i in here.frames],
        "inputs": here and [(t.name, v is not None and raw(v)) for t, v in inputs(d, here)],
        "upcoming": timeline.upcoming() and timeline.upcoming().name,
        "begins": {op.name for op, _ in timeline.begins()},
    }


def inputs(d, step):
    return zip(step.node.inputs, d.timeline.inputs(step), strict=True)


def held(variables):
    return {name: value.tobytes() for name, value in variables.items()}


def kept(session):
    """What a session holds, in a form that can be compared."""
    return held(session.state.variables), dict(session.state.cells)


class DebuggerMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.graph = gs.Graph()
        #: What was seen at each place, as long as the history is not rewritten.
        self.known = {}
        self.marks = {}

    @initialize(
        program=steps(max_size=7), initialized=st.booleans(), size=st.sampled_from([4, 4, 5])
    )
    def begin(self, program, initialized, size):
        with self.graph.as_default():
            self.built = Built(program)
            self.session = gs.Session()
            if initialized:
                self.session.run(gs.global_variables_initializer())
        self.feed = {self.built.x: FEED, self.built.free: np.ones(size)}
        self.session_holds = kept(self.session)
        with self.graph.as_default():
            self.d = gs.debug(self.session, self.built.fetches, self.feed)

    def teardown(self):
        if hasattr(self, "d"):
            self.d.close()
            timeline = self.d.timeline
            if timeline.finished:
                variables = timeline.variables(timeline.newest)
                assert held(variables) == held(self.session.state.variables)

    # ---- going ---------------------------------------------------------------------------------

    @rule(move=st.sampled_from(MOVES))
    def go(self, move):
        self.moving(getattr(self.d, move))

    @rule(n=st.integers(1, 12))
    def step(self, n):
        self.moving(lambda: self.d.step(n))

    @rule(n=st.integers(1, 12))
    def back(self, n):
        self.moving(lambda: self.d.back(n))

    @rule(n=st.integers(1, 12))
    def there_and_back(self, n):
        d = self.d
        n = min(n, d.timeline.newest - d.t)
        assume(n)
        before, stop = seen(d), d.stop
        d.step(n)
        d.back(n)
        assert seen(d) == before
        assert d.stop.t == stop.t

    @rule(t=st.integers(0, 60))
    def goto(self, t):
        self.moving(lambda: self.d.goto(t))

    @rule(word=st.sampled_from(["start", "end", "fwd", "bwd", "upd", "$", "run 1", "1:3", "2:0"]))
    def goto_word(self, word):
        self.moving(lambda: self.d.goto(word))

    @rule(which=st.integers(0, 99), back=st.booleans())
    def until(self, which, back):
        nodes = self.d.plan.everything
        node = nodes[which % len(nodes)]
        stop = self.moving(lambda: (self.d.runtil if back else self.d.until)(node))
        if stop is not None and stop.reason is Reason.PLACE:
            assert stop.node is node

    @rule(name=st.sampled_from(["a", "b"]))
    def mark(self, name):
        self.d.mark(name)
        self.marks[name] = (self.d.timeline.number, self.d.t)

    @precondition(lambda self: self.marks)
    @rule(data=st.data())
    def goto_mark(self, data):
        name = data.draw(st.sampled_from(sorted(self.marks)))
        self.moving(lambda: self.d.goto(name))

    def moving(self, move):
        """Do it. What cannot be done leaves us where we were; a node that fails, before it."""
        d = self.d
        before = (d.timeline, d.t)
        try:
            stop = move()
        except DebugError:
            assert (d.timeline, d.t) == before
            return None
        except gs.errors.OpError:
            assert d.t == d.timeline.newest
            assert d.timeline.failure is not None or d.plan.missing
            assert d.stop.reason is Reason.FAILED
            return None
        assert stop is d.stop
        assert stop.t == d.t
        assert stop.run == d.timeline.number
        return stop

    # ---- stops ---------------------------------------------------------------------------------

    @rule(
        which=st.integers(0, 99),
        before=st.booleans(),
        temporary=st.booleans(),
        hits=st.sampled_from(["", "", "2", "%2", ">1"]),
    )
    def brk(self, which, before, temporary, hits):
        nodes = self.d.plan.everything
        self.d.brk(nodes[which % len(nodes)], before=before, temporary=temporary, hits=hits)

    @rule(which=st.integers(0, 9), kind=st.sampled_from(["watch", "rwatch", "awatch"]))
    def watch(self, which, kind):
        variables = self.built.variables
        getattr(self.d, kind)(f"%{variables[which % len(variables)].op.name}")

    @rule(kinds=st.sets(st.sampled_from(["nan", "inf", "error", "zero-grad"]), min_size=1))
    def catch(self, kinds):
        self.d.catch(*kinds)

    @precondition(lambda self: len(self.d.stops))
    @rule()
    def delete(self):
        self.d.delete()

    # ---- editing -------------------------------------------------------------------------------

    @rule(which=st.integers(0, 99), value=st.sampled_from([0.0, 1.5, -2.0]), once=st.booleans())
    def set_node(self, which, value, once):
        d = self.d
        tensors = [t for op in d.plan.everything for t in op.outputs if t.dtype is gs.float32]
        assume(tensors)
        tensor = tensors[which % len(tensors)]
        shape = (2, 2) if tensor.shape.ndims is None else tensor.shape.as_list()
        assume(None not in shape)
        ran = [t for t in d.timeline.times_of(tensor.op) if t <= d.t]
        d.set(tensor, np.full(shape, value, np.float32), once=once)
        assert d.t == (ran[-1] if ran else self.t)
        if ran:
            assert np.all(d.value(tensor) == value)
        self.rewritten()

    @rule()
    def unset(self):
        d = self.d
        assume(d.timeline.overrides)
        tensor = next(iter(d.timeline.overrides))
        d.unset(tensor)
        assert not any(tensor in step.overridden for step in d.timeline.steps)
        self.rewritten()

    @rule(which=st.integers(0, 9), value=st.sampled_from([0.0, 3.0]))
    def set_variable(self, which, value):
        variable = self.built.variables[which % len(self.built.variables)]
        self.d.set(f"%{variable.op.name}", value)
        assert np.all(self.d.value(variable) == value)
        self.rewritten()

    @rule(x=st.sampled_from([0.0, 1.0]))
    def feed_again(self, x):
        self.d.feed(self.built.x, np.full((2, 2), x))
        assert self.d.t == 0
        self.rewritten()

    @rule()
    def restart(self):
        self.d.restart()
        assert self.d.t == 0
        self.rewritten()

    def rewritten(self):
        """What was seen after this place is there no longer; here it may be another."""
        d = self.d
        here = (d.timeline.number, d.t)
        self.known = {place: what for place, what in self.known.items() if place < here}
        assert d.history.runs[-1] is d.timeline
        assert d.timeline.newest == d.t

    # ---- another way, other runs ---------------------------------------------------------------

    @rule(n=st.integers(1, 5), value=st.sampled_from([0.0, 4.0]))
    def fork(self, n, value):
        d = self.d
        before, newest = seen(d), d.timeline.newest
        other = d.fork()
        assert seen(other) == before
        other.set(f"%{self.built.variables[0].op.name}", value)
        with suppress(DebugError, gs.errors.OpError):
            other.step(n)
            other.run_to_end()
            other.run()
            other.step(n)
        other.close()
        assert seen(d) == before
        assert d.timeline.newest == newest

    @precondition(lambda self: len(self.d.history.runs) < 3)
    @rule(n=st.integers(0, 1))
    def run_again(self, n):
        d = self.d
        last = d.history.runs[-1]
        try:
            d.run(n=n)
        except gs.errors.OpError:
            self.session_holds = kept(self.session)
            return
        if last.finished and not n:
            assert held(last.variables(last.newest)) == held(self.session.state.variables)
        assert d.t == 0
        self.session_holds = kept(self.session)

    @rule()
    def commit(self):
        d = self.d
        try:
            d.commit()
        except DebugError:
            assert not d.timeline.finished or d.timeline is not d.history.runs[-1]
            return
        assert held(d.timeline.variables(d.timeline.newest)) == held(self.session.state.variables)
        self.session_holds = kept(self.session)

    @rule()
    def rollback(self):
        d = self.d
        before = d.timeline.before
        d.rollback()
        assert kept(self.session) == (held(before.variables), before.cells)
        self.session_holds = kept(self.session)
        self.rewritten()

    @precondition(lambda self: self.d.timeline.finished or self.d.timeline.failure)
    @rule()
    def compare_with_a_plain_run(self):
        """Without edits, the run is the plain run from the same start."""
        timeline = self.d.timeline
        assume(not timeline.overrides)
        assume(not any(step.overridden for step in timeline.steps))
        with self.graph.as_default():
            plain = gs.Session()
        plain.state = timeline.before.copy()
        plain.state.variables = dict(timeline.start)
        expected = outcome(lambda: plain.run(timeline.run.fetches.structure, timeline.run.feeds))
        if timeline.finished:
            assert same(outcome(lambda: self.d.result), expected)
            assert held(timeline.variables(timeline.newest)) == held(plain.state.variables)
        else:

            def fail():
                raise timeline.failure

            assert same(outcome(fail), expected)

    @precondition(lambda self: not self.d.timeline.overrides)
    @rule(which=st.integers(0, 99), value=st.sampled_from([0.0, 1.5, -2.0]))
    def what_if(self, which, value):
        """A value that is set has the effect of one that is fed to a run in which it is computed
        all the same."""
        timeline = self.d.timeline
        assume(not any(step.overridden for step in timeline.steps))
        tensors = [
            tensor
            for op in timeline.plan.nodes
            for tensor in op.outputs
            if tensor.dtype is gs.float32
            and tensor not in timeline.plan.feeds
            and tensor.shape.is_fully_defined()
            and op.type != "Identity"  # what a variable was read for may see it anew
        ]
        assume(tensors)
        tensor = tensors[which % len(tensors)]
        new = np.full(tensor.shape.as_list(), value, np.float32)
        other = self.d.fork()
        other.set(tensor, new)

        def to_the_end():
            other.run_to_end()
            return other.result

        found = outcome(to_the_end)
        with self.graph.as_default():
            plain = gs.Session()
        plain.state = timeline.before.copy()
        plain.state.variables = dict(timeline.start)
        fetches = [timeline.run.fetches.structure, tensor.op]
        fed = {**timeline.run.feeds, tensor: new}
        expected = outcome(lambda: plain.run(fetches, fed))
        if isinstance(expected, dict):  # it fails alike; the way to the node may be another
            assert found["error"][:2].tolist() == expected["error"][:2].tolist()
        else:
            assert same(found, expected[0])
            assert held(plain.state.variables) == held(
                other.timeline.variables(other.timeline.newest)
            )
        assert held(timeline.before.variables) == held(self.d.timeline.before.variables)

    # ---- what always holds ---------------------------------------------------------------------

    @invariant()
    def a_place_looks_the_same_whatever_the_way_there(self):
        if not hasattr(self, "d"):
            return
        place, now = (self.d.timeline.number, self.d.t), seen(self.d)
        assert self.known.setdefault(place, now) == now
        self.t = self.d.t

    @invariant()
    def the_session_holds_what_it_was_given(self):
        if hasattr(self, "d"):
            assert kept(self.session) == self.session_holds

    @invariant()
    def answers_can_be_read(self):
        if hasattr(self, "d"):
            for answer in (self.d.stop, self.d.list(), self.d.where(), self.d.breakpoints()):
                assert str(answer)


DebuggerMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestDebuggerMachine = DebuggerMachine.TestCase


# ---- stops -----------------------------------------------------------------------------------


def places(d, go):
    """The places at which `go` stops for a stop, up to where it cannot go on."""
    found = []
    while True:
        try:
            stop = go()
        except DebugError:
            return found
        if stop.breakpoint is None:
            return found
        found.append((stop.run, stop.t, stop.breakpoint))


def opened(program, runs):
    """A debugger at the start of a history of some runs, each of which has been finished."""
    built = Built(program)
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, built.fetches, {built.x: FEED, built.free: np.ones(4)})
    for _ in range(runs - 1):
        d.run_to_end()
        d.run()
    d.run_to_end()
    d.goto("1:0")
    return built, d


def everywhere(d):
    """All places of the history in order, each with the step that led to it."""
    return [
        (timeline, t, timeline.steps[t - 1] if t else None)
        for timeline in d.history.runs
        for t in range(timeline.newest + 1)
    ]


RULES = st.sampled_from(["", "", "1", "3", "%2", ">2", "<3", ">=2"])
WANDER = st.lists(st.integers(0, 60), max_size=3)


@settings(max_examples=40, deadline=None)
@given(
    program=steps((*PLAIN, *CONTROL), max_size=8),
    runs=st.integers(1, 3),
    wanted=st.lists(st.tuples(st.integers(0, 99), RULES, st.booleans()), min_size=1, max_size=3),
    wander=WANDER,
)
def test_breakpoints_stop_where_brute_force_says(program, runs, wanted, wander):
    with gs.Graph().as_default():
        _, d = opened(program, runs)
        nodes = d.plan.everything
        expected = set()
        for number, (which, rule_, before) in enumerate(wanted, 1):
            node = nodes[which % len(nodes)]
            before = before and not node.definition.calls
            d.brk(node, hits=rule_, before=before)
            hits = 0
            for timeline, t, step in everywhere(d):
                if before:
                    holds = t < timeline.newest and timeline.steps[t].node is node
                else:
                    holds = step is not None and step.node is node
                hits += holds
                if holds and allowed(rule_, hits):
                    expected.add((timeline.number, t, number))
        for t in wander:  # what is skipped counts all the same
            d.goto(t % (d.timeline.newest + 1))
        d.goto("1:0")
        check_both_ways(d, expected)


def allowed(rule_, hits):
    if not rule_:
        return True
    if rule_.startswith("%"):
        return hits % int(rule_[1:]) == 0
    return eval(f"{hits}{rule_ if rule_[0] in '<>' else '==' + rule_}")


def check_both_ways(d, expected):
    """`cont` visits these places, each under the first of its stops, and `rcont` in reverse."""
    wanted = {}
    for run, t, number in expected:
        wanted[run, t] = min(number, wanted.get((run, t), number))
    ordered = [(*place, wanted[place]) for place in sorted(wanted)]
    assert places(d, d.cont) == [place for place in ordered if place[:2] != (1, 0)]
    d.goto("end")
    end = (d.timeline.number, d.t)
    assert places(d, d.rcont) == [place for place in ordered[::-1] if place[:2] != end]


PARTS = {"": ..., "[0]": 0, "[1, 1]": (1, 1), "[:, 0:1]": (slice(None), slice(0, 1))}


@settings(max_examples=40, deadline=None)
@given(
    program=steps((*PLAIN, *CONTROL), max_size=8),
    runs=st.integers(1, 3),
    which=st.integers(0, 9),
    part=st.sampled_from(sorted(PARTS)),
    atol=st.sampled_from([0.0, 0.0, 0.3]),
    between=st.booleans(),
)
def test_watches_stop_where_the_journal_has_a_difference(program, runs, which, part, atol, between):
    with gs.Graph().as_default():
        built, d = opened(program, runs)
        variable = built.variables[which % len(built.variables)].op
        if between:  # somebody else writes it before the last run
            d.goto(f"run {runs}")
            d.commit()
            d.session.run(built.variables[0].assign(np.full((2, 2), 7.0)))
            d.run()
            d.run_to_end()
            d.goto("1:0")
        d.watch(f"%{variable.name}{part}", atol=atol)
        expected, old = set(), None
        for timeline, t, _ in everywhere(d):
            new = timeline.variables(t)[variable.name][PARTS[part]]
            if old is not None and not np.allclose(old, new, rtol=0, atol=atol, equal_nan=True):
                expected.add((timeline.number, t, 1))
            old = new
        check_both_ways(d, expected)


@settings(max_examples=40, deadline=None)
@given(program=steps((*PLAIN, *CONTROL), max_size=8), runs=st.integers(1, 2), data=st.data())
def test_any_stops_are_visited_in_reverse(program, runs, data):
    with gs.Graph().as_default():
        built, d = opened(program, runs)
        nodes = d.plan.everything
        for _ in range(data.draw(st.integers(1, 4))):
            kind = data.draw(st.sampled_from(["brk", "watch", "rwatch", "awatch", "catch", "node"]))
            node = nodes[data.draw(st.integers(0, 99)) % len(nodes)]
            variable = f"%{built.variables[0].op.name}"
            if kind == "brk":
                after = data.draw(st.sampled_from([None, *(item.id for item in d.stops)]))
                d.brk(f"{node.name} if t % 2", after=after, hits=data.draw(RULES))
            elif kind == "catch":
                d.catch("nan", "inf", "big>5", "zero-grad", "shape")
            elif kind == "node" and node.outputs:
                d.watch(node.name)
            elif kind != "node":
                getattr(d, kind)(variable)
        there = places(d, d.cont)
        d.goto("end")
        end = (d.timeline.number, d.t)
        back = places(d, d.rcont)
        assert [p for p in there if p[:2] != end] == [p for p in back[::-1] if p[:2] != (1, 0)]
        d.goto("1:0")
        assert places(d, d.cont) == there
