"""Who writes and reads a variable, and what of it depends on an order that nothing settles."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wayfinding import HERE, Loop, Race, Trained, call, names, started

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.questions.order import Kind, hazards, shuffled, turned
from graphscope.debug.side.runs import run_on_the_side
from graphscope.engine.plan import Phase, parents


def pairs(found):
    return [(h.name, h.first.name, h.second.name) for h in found.hazards]


def differing(other):
    return {(item.what, item.name): (item.first, item.other) for item in other.differences}


# ---- writers and readers -----------------------------------------------------------------------


def test_writers_and_readers_in_plan_order():
    d = Trained().debug()
    found = d.who("w")
    assert names(item.node for item in found.writers) == [
        "Adam/update_w/ApplyAdam",
        "w/Assign",
    ]
    update, initial = found.writers
    assert (update.runs, update.t, update.phase) == (
        True,
        d.timeline.time_of(update.node),
        Phase.UPDATE,
    )
    assert (initial.runs, initial.t, initial.phase) == (False, None, None)
    assert (update.fetches, initial.fetches) == ((), ("'init'",))
    (reading,) = found.readers
    assert (reading.node.name, reading.t, reading.phase) == ("w/read", 1, Phase.FORWARD)
    assert "layer/MatMul" in names(reading.users)
    assert found.hazards == ()
    assert [slot.variable.name for slot in found.slots] == ["w/Adam", "w/Adam_1"]
    assert {slot.trainer.name for slot in found.slots} == {"Adam/update_w/ApplyAdam"}


def test_the_variable_may_be_given_in_any_way():
    program = Trained()
    d = program.debug()
    found = [d.who(spec) for spec in ("w", "%w", "self.w", "w:0", program.w, program.w.op)]
    assert {item.variable for item in found} == {program.w.op}


def test_only_writers_or_readers_are_shown_and_both_are_known():
    d = Trained().debug()
    assert [call(d, line).shows for line in ("who w", "who w -w", "who -r w", "who w -w -r")] == [
        "both", "writers", "readers", "both",
    ]  # fmt: skip
    assert call(d, "who w -w").readers
    assert "read by" not in str(call(d, "who w -w"))
    assert "written by" not in str(call(d, "who w -r"))


def test_a_variable_that_nobody_reads_or_writes():
    gs.Variable(1.0, name="lonely")
    d = started(gs.constant(1.0))
    found = d.who("lonely")
    assert names(item.node for item in found.writers) == ["lonely/Assign"]
    assert not any(item.runs for item in (*found.writers, *found.readers))
    assert found.hazards == ()


def test_what_loops_and_branches_write_is_found_inside_them():
    n = gs.Variable(1.0, name="n")

    def body(i):
        with gs.control_dependencies([gs.assign_add(n, 2.0, name="add")]):
            return i + 1

    loop = gs.while_loop(lambda i: i < 3, body, [0], name="loop")
    d = started([loop, gs.identity(n._ref(), name="look")])
    found = d.who("n")
    add = found.writers[0]
    assert add.node.name.endswith("add")
    assert (add.runs, add.t) == (True, None)  # it is not known yet how often
    # The loop as a whole and the reading beside it: nothing settles which comes first.
    (hazard,) = found.hazards
    assert {hazard.first.type, hazard.second.type} == {"While", "Identity"}
    other = d.who("n", other_order=True).other
    look = "look"
    assert differing(other)["fetch", f"'{look}'"] in [(1.0, 7.0), (7.0, 1.0)]
    d.run_to_end()
    assert d.who("n").writers[0].t in d.timeline.times_of(add.node)


@pytest.mark.parametrize("word", ["nix", "layer/y", "%x"])
def test_who_of_what_is_no_variable(word):
    with pytest.raises(UnknownPlace, match="variable"):
        Trained().debug().who(word)


# ---- hazards -----------------------------------------------------------------------------------


def test_a_read_and_a_write_without_a_path_between_them():
    program = Race()
    d = started([program.twice, program.late, program.grow])
    found = d.who("n")
    assert pairs(found) == [("n", "before", "grow")]
    (hazard,) = found.hazards
    assert hazard.kind is Kind.READ_AND_WRITE
    assert hazard.keeps == (program.twice.op,), "not the reading, whose value is changed in place"
    assert hazard.times == (1, 2)
    assert found.other is None


def test_the_other_order_on_request_and_nothing_of_the_session_changes():
    program = Race()
    d = started([program.twice, program.late, program.grow])
    before = {name: value.copy() for name, value in d.session.state.variables.items()}
    size, steps = len(d.session.graph.operations), list(d.timeline.steps)
    found = d.who("n", other_order=True)
    assert differing(found.other) == {
        ("fetch", "self.twice"): (2.0, 12.0),
        ("node", "before:0"): (1.0, 6.0),
    }
    assert found.other.turned == found.hazards
    assert (found.other.error, found.other.same) == (None, False)
    assert d.session.state.variables == before
    assert (len(d.session.graph.operations), list(d.timeline.steps), d.t) == (size, steps, 0)
    d.run_to_end()
    assert d.result == [2.0, 6.0, 6.0]


def test_a_control_edge_settles_it():
    program = Race()
    program.grow.op.control_inputs.append(program.before.op)
    d = started([program.twice, program.late, program.grow])
    assert d.who("n").hazards == ()
    assert d.order().other is None
    assert str(d.order()) == " No variable is read and written here without a path between the two."


def test_two_writes_that_do_not_commute():
    n = gs.Variable(1.0, name="n")
    first, second = gs.assign(n, 5.0, name="first"), gs.assign(n, 7.0, name="second")
    d = started([first.op, second.op])
    assert [h.kind for h in d.who("n").hazards] == [Kind.TWO_WRITES]
    assert differing(d.order().other)["variable", "n"] == (7.0, 5.0)
    assert d.order().variables == ("n",)


def test_counting_twice_comes_to_the_same():
    n = gs.Variable(1.0, name="n")
    first, second = gs.assign_add(n, 1.0), gs.assign_sub(n, 2.0)
    assert started([first.op, second.op]).who("n").hazards == ()
    # But not for somebody who looks at what it comes to in between.
    d = started([first, second.op])
    assert [h.kind for h in d.who("n").hazards] == [Kind.TWO_WRITES]
    assert differing(d.order().other) == {("fetch", "'AssignAdd'"): (2.0, 0.0)}
    seen = gs.multiply(second, 2.0, name="seen")
    # What a write gives out is the variable itself, which `seen` reads when it runs.
    assert pairs(started([first.op, seen]).who("n")) == [
        ("n", "AssignAdd", "AssignSub"),
        ("n", "AssignAdd", "seen"),
    ]


def test_a_variable_that_is_fetched_itself():
    program = Trained()
    d = program.debug(program.w, program.train)
    (hazard,) = d.who("w").hazards
    assert (hazard.kind, hazard.first) == (Kind.FETCHED, program.w.op)
    assert hazard.words == ("self.w", "train")
    one, two = differing(d.who("w", other_order=True).other)["fetch", "w"]
    np.testing.assert_array_equal(one, [[1.0], [2.0]])
    np.testing.assert_allclose(two, [[0.9], [1.9]], rtol=1e-6)  # Adam's first step is the rate


def test_a_run_that_fails_in_the_other_order():
    n = gs.Variable(1.0, name="n")
    write = gs.assign(n, 2.0, name="write")
    read = gs.identity(n._ref(), name="read_it")
    session = gs.Session()
    d = gs.debug(session, [write.op, read])
    other = d.who("n", other_order=True).other
    assert other.error is not None
    assert "In the other order (read before write) the run fails" in str(d.order())
    assert session.state.variables == {}


def test_a_run_that_fails_as_it_is():
    n = gs.Variable(1.0, name="n")
    read = gs.identity(n._ref(), name="early")
    write = gs.assign(n, 2.0, name="write")
    d = gs.debug(gs.Session(), [write.op, read])
    with pytest.raises(DebugError, match="The run fails as it is: "):
        d.order()
    assert d.who("n").hazards  # what needs no run is answered all the same


def test_a_placeholder_that_is_not_fed():
    x = gs.placeholder(gs.float32, [], name="x")
    n = gs.Variable(1.0, name="n")
    d = started([gs.assign(n, x).op, gs.identity(n._ref())])
    with pytest.raises(DebugError, match=r"This needs x, which is not fed\. Try: feed x"):
        d.order()


def test_values_set_by_hand_hold_in_the_other_order_too():
    program = Race()
    d = started([program.twice, program.late, program.grow])
    d.set("%n", 100.0)
    d.until("before")
    d.set("before", 50.0)
    found = differing(d.order().other)
    assert found == {}  # what is read does not matter any more
    d.unset("before")
    assert differing(d.order().other)["fetch", "self.twice"] == (200.0, 210.0)


def test_random_numbers_are_the_same_in_every_order():
    n = gs.Variable(0.0, name="n")
    a = gs.random_uniform([3], seed=1)
    d = started([gs.assign(n, gs.reduce_sum(a)).op, gs.identity(n._ref(), name="look")])
    d.run_to_end()
    drawn = d.changed()["n"].new
    assert differing(d.order().other)["fetch", "'look'"] == (drawn, np.float32(0.0))


def test_shuffling_is_a_function_of_the_seed():
    program = Race()
    d = started([program.twice, program.late, program.grow])
    for seed in range(5):
        one, two = call(d, f"order --shuffle {seed}"), d.order(shuffle=seed)
        assert one.seed == seed
        assert differing(one.other) == differing(two.other)
        assert bool(one.other.turned) == (("fetch", "self.twice") in differing(one.other))
    assert len({bool(d.order(shuffle=seed).other.turned) for seed in range(20)}) == 2


@pytest.mark.parametrize("line", ["order --shuffle many", "order 3"])
def test_wrong_words_behind_order(line):
    with pytest.raises(DebugError, match="order"):
        call(Trained().debug(), line)


# ---- against all legal orders ------------------------------------------------------------------


@st.composite
def programs(draw):
    """A few reads and writes of two variables, some of which wait for earlier ones."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["read", "assign", "add"]),
                st.integers(0, 1),
                st.lists(st.integers(0, 4), max_size=2),
            ),
            min_size=2,
            max_size=5,
        )
    )


def built(steps):
    variables = [gs.Variable(1.0, name="m"), gs.Variable(2.0, name="n")]
    made = []
    for i, (what, which, waits) in enumerate(steps):
        ref = variables[which]._ref()
        with gs.control_dependencies([made[j] for j in waits if j < i]):
            if what == "read":
                made.append(gs.identity(ref, name=f"step{i}").op)
            elif what == "assign":
                made.append(gs.assign(ref, float(10 + i), name=f"step{i}").op)
            else:
                made.append(gs.assign_add(ref, float(i + 1), name=f"step{i}").op)
    return started(made)


def legal_orders(plan):
    for order in itertools.permutations(plan.nodes):
        place = {op: i for i, op in enumerate(order)}
        if all(place[p] < place[op] for op in order for p in parents(op) if p in place):
            yield order


@settings(max_examples=60, deadline=None)
@given(programs())
def test_hazards_are_the_accesses_that_some_legal_order_turns(steps):
    with gs.Graph().as_default():
        d = built(steps)
        orders = list(legal_orders(d.plan))
        steps = ("Identity", "Assign", "AssignAdd")
        variable = {op: op.inputs[0].op for op in d.plan.nodes if op.type in steps}
        wanted = set()
        for a, b in itertools.combinations(variable, 2):
            alike = {a.type, b.type} in ({"Identity"}, {"AssignAdd"})  # nobody takes what adds give
            if variable[a] is variable[b] and not alike:
                both = {order.index(a) < order.index(b) for order in orders}
                wanted |= {(a, b)} if len(both) == 2 else set()
        found = hazards(d.timeline, d.facts, d.names)
        assert {(h.first, h.second) for h in found} == wanted
        for hazard in found:
            other = turned(d.plan, (hazard,))
            assert other.nodes in orders
            assert other.position[hazard.second] < other.position[hazard.first]


@settings(max_examples=60, deadline=None)
@given(programs(), st.integers(0, 1000))
def test_without_hazards_every_order_gives_the_same(steps, seed):
    with gs.Graph().as_default():
        d = built(steps)
        plan = shuffled(d.plan, seed)
        assert plan.nodes in list(legal_orders(d.plan))
        if not hazards(d.timeline, d.facts, d.names):
            usual, other = (run_on_the_side(d.timeline, p) for p in (d.plan, plan))
            assert usual.variables.keys() == other.variables.keys()
            for name, value in usual.variables.items():
                assert value == pytest.approx(other.variables[name])
            assert d.order(shuffle=seed).other.same


def test_what_uses_the_write_cannot_be_waited_for():
    n = gs.Variable(1.0, name="n")
    read = n.read_value()
    grow = n.assign_add(5.0, name="grow")
    both = gs.add(read, grow, name="both")
    (hazard,) = [h for h in started([both]).who("n").hazards if h.first is read.op]
    assert hazard.keeps == (read.op,)


# ---- its text ----------------------------------------------------------------------------------


def test_the_text_of_who(transcript):
    program = Race()
    d = started([program.twice, program.grow])
    line = program.grow.op.source.lineno
    made = program.n.op.source.lineno
    transcript.same(
        str(d.who("n", other_order=True)),
        f""" n  f32[]  made at {HERE}:{made}
 written by
   t=2  UPD  grow [AssignAdd]   {HERE}:{line}
   -         n/Assign [Assign]  runs for 'init'
 read by
   t=1  FWD  before [Identity]  -> twice
   -         n/read [Identity]  runs for 'n/read'
   -         late [Identity]    runs for self.late
 hazard: self.before (t=1) and self.grow (t=2) read and write n, and no path
 leads from one to the other. self.before comes first only because it was made
 first.
   to keep it so: make self.grow ({HERE}:{line}) inside
   tf.control_dependencies([self.twice])
 In the other order (self.grow before self.before) this differs:
   fetch  self.twice  2 -> 12
   node   before:0    1 -> 6""",
    )


def test_branches_do_not_confuse_who():
    program = Loop()
    d = started([program.loss], {program.a: 3.0})
    assert d.who("n").hazards == ()
    assert d.order().hazards == ()
