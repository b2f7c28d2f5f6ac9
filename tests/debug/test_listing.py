"""list and vars: which lines of the plan, in which order, with which letters; slots."""

import numpy as np
import pytest
from wayfinding import Loop, Trained, call, names, odd, started

import graphscope as gs
from graphscope.debug import DebugError


@pytest.fixture
def trained():
    return Trained().debug()


def nodes(listing):
    return names(row.node for row in listing.rows)


def labels(d, **options):
    return {row.node.name: row.labels for row in d.list("all", **options).rows}


# ---- which lines -------------------------------------------------------------------------------


def test_without_options_it_is_a_window(trained):
    trained.until("loss")
    assert [row.t for row in call(trained, "list").rows] == list(range(2, 13))
    assert [row.t for row in call(trained, "list 2,4").rows] == [2, 3, 4]


def test_names_and_types_look_through_all_of_the_plan(trained):
    everything = [op.name for op in trained.plan.nodes]
    assert nodes(call(trained, "list -n MATMUL")) == [n for n in everything if "MatMul" in n]
    assert {row.node.type for row in call(trained, "lt -t apply*").rows} == {"ApplyAdam"}
    assert nodes(call(trained, "list 1,4 -n MatMul")) == ["layer/MatMul"]
    assert nodes(call(trained, "list -n nothing")) == []
    assert str(trained.list(n="nothing"))
    with pytest.raises(DebugError, match=r"'\(' is not a regular expression"):
        trained.list(n="(")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("list -f odd", "list -f takes changed, bad, zero; not 'odd'"),
        ("list -s height", "list -s takes t, name, type, size, time; not 'height'"),
        ("list five -r", "list takes two times, as in list 5,20, or all; not 'five'"),
        ("list -n", "-n needs a word after it: list"),
        ("list 1,5 -t", "-t needs a word after it: list"),
    ],
)
def test_wrong_words(trained, line, message):
    with pytest.raises(DebugError, match=message):
        call(trained, line)


def test_what_has_changed(trained):
    assert nodes(trained.list(f="changed")) == []  # nothing has run
    trained.run_to_end()
    first = {row.node.name for row in trained.list(f="changed").rows}
    written = {step.node.name for step in trained.timeline.steps if step.writes}
    assert first == written
    trained.run()
    trained.run_to_end()
    second = {row.node.name for row in trained.list(f="changed").rows}
    assert "w/read" in second
    assert "loss" in second
    assert "b/read" not in second  # b has not moved
    assert written <= second


def test_what_has_changed_since_the_iteration_before():
    program = Loop()
    d = started([program.loss], {program.a: 3.0})
    d.run_to_end()
    changed = [(row.node.name, row.t) for row in d.list(f="changed").rows]
    doubled = d.timeline.times_of(d.locations.one("double"))
    assert [t for name, t in changed if name == "loop/double"] == doubled[1:]


def test_what_is_bad_and_what_is_zero():
    x = gs.placeholder(gs.float32, [2], name="x")
    y = gs.log(x, name="y")
    z = gs.multiply(x, 0.0, name="z")
    whole = gs.cast(z, gs.int32, name="whole")
    d = started([y, z, whole, gs.identity(y, name="spread")], {x: [0.0, 1.0]})
    assert nodes(d.list(f="bad")) == []
    d.run_to_end()
    assert nodes(d.list(f="bad")) == ["y", "spread"]
    assert nodes(d.list(f="zero")) == ["z"]
    assert labels(d)["y"] == "F!"
    assert labels(d)["spread"] == "!"


# ---- in which order ----------------------------------------------------------------------------


def test_orders(trained):
    trained.until("loss")
    times = [row.t for row in trained.list("all", s="t").rows]
    assert times == sorted(times)
    by_name = nodes(trained.list("all", s="name"))
    assert by_name == sorted(by_name)
    assert nodes(call(trained, "list all -s name -r")) == by_name[::-1]
    kinds = [row.node.type for row in trained.list("all", s="type").rows]
    assert kinds == sorted(kinds)
    sizes = [row.nbytes for row in call(trained, "list -s size").rows]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 8
    seconds = [row.seconds for row in call(trained, "list -s time").rows]
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[0] > 0
    assert {row.seconds for row in trained.list("all").rows if row.t > trained.t} == {0.0}
    assert "8 bytes" in str(trained.list(s="size"))
    assert " us " in str(trained.list(s="time"))


# ---- letters -----------------------------------------------------------------------------------


def test_letters_for_feeds_breakpoints_and_what_was_set_by_hand(trained):
    trained.brk("layer/MatMul")
    trained.until("layer/y")
    trained.set("layer/y", np.array([[1.0], [1.0]]))
    trained.set("truediv", np.array([[5.0], [5.0]]))
    found = labels(trained)
    assert found["layer/MatMul"] == "BF"
    assert found["layer/y"] == "O"
    assert found["truediv"] == "O"  # it is still to come
    assert found["Square"] == ""
    text = str(trained.list())
    assert text.splitlines()[0].split("    ")[1:] == [
        "> here", "B breakpoint", "F takes a feed", "O set by hand",
    ]  # fmt: skip
    marked = next(line for line in text.splitlines() if " MatMul " in line)
    assert marked.startswith(" BF ")


def test_dirty_variables(trained):
    trained.run_to_end()
    found = labels(trained)
    assert found["Adam/update_w/ApplyAdam"] == "D"
    assert found["Adam"] == "D"
    assert found["w/read"] == ""  # it was read before it was written
    n = gs.Variable(1.0, name="n")
    grow = gs.assign_add(n, 1.0)
    with gs.control_dependencies([grow]):
        late = gs.identity(n._ref(), name="late")
    d = started(late)
    d.step()
    assert labels(d)["late"] == ""
    d.step()
    assert labels(d)["late"] == "D"


def test_states(trained):
    trained.goto(3)
    assert [row.state for row in trained.list("2,5").rows] == ["done", "now", "next", "later"]


def test_what_is_still_to_come_of_a_loop():
    program = Loop()
    d = started([program.loss], {program.a: 3.0})
    d.until("double")
    found = call(d, "list all")
    assert [row.node.type for row in found.rows] == [
        "Less", "AddV2", "Mul", "Less", "While", "Identity", "Greater", "If", "Identity", "Square",
    ]  # fmt: skip
    assert [row.t_is_known for row in found.rows] == [True] * 4 + [False] * 6
    assert [row.frames[0][1] for row in found.rows[:4]] == [0, 0, 0, 1]
    assert not found.end_is_known
    assert [row.state for row in found.rows[2:5]] == ["now", "next", "later"]
    assert str(found).splitlines()[:6] == [
        " 10 of 10+ nodes    > here    B breakpoint    F takes a feed",
        "     1    FWD  While 1  Less                            bool[]  True",
        "     2    FWD  While 1  add [AddV2]                     i32[]  1",
        "  >  3    FWD  While 1  double [Mul]                    f32[]  6",
        "     4    FWD  While 2  Less                            next",
        " F   5+   FWD           While                           later",
    ]
    assert str(found).splitlines()[6].strip() == "each time: Less; add, double"
    loop, branch = (row for row in found.rows if row.inside)
    assert (loop.node.type, [len(nodes) for nodes in loop.inside]) == ("While", [1, 2])
    assert branch.node.type == "If"
    d.run_to_end()
    assert all(row.t_is_known for row in d.list("all").rows)
    assert len(d.list("all").rows) == d.timeline.end
    for t in range(d.timeline.end + 1):  # at every place, and from none is anything computed
        d.goto(t)
        assert [row.node for row in d.list("all").rows] == [s.node for s in d.timeline.steps]


def test_lists_before_anything_is_fed():
    x = gs.placeholder(gs.float32, [], name="x")
    program = Loop()
    d = started([program.loss, gs.negative(x, name="minus")])
    assert d.list("all").rows[0].node.type == "While"
    assert str(d.list())


def test_lists_of_odd_values():
    d = started(*odd())
    d.run_to_end()
    for key in ("t", "name", "type", "size", "time"):
        assert str(d.list("all", s=key))
    for only in ("changed", "bad", "zero"):
        assert str(d.list(f=only))


def test_the_text_of_a_list(trained, transcript):
    trained.brk("layer/y")
    trained.until("layer/y")
    transcript.same(
        str(call(trained, "list 1,5")),
        """ 5 of 23 nodes    > here    B breakpoint    F takes a feed
     1  FWD  read w [Identity]  f32[2,1]  mean 1.5
     2  FWD  read b [Identity]  f32[1]  0
 F   3  FWD  MatMul             f32[2,1]  mean 3.5
 B>  4  FWD  y [Add]            f32[2,1]  mean 3.5
     5  FWD  Square             next""",
    )


# ---- vars --------------------------------------------------------------------------------------


def rows(found):
    return {row.name: row for row in found.rows}


def test_what_is_said_of_a_variable(trained):
    trained.run_to_end()
    found = rows(trained.variables())
    w = found["w"]
    assert (w.trainable, w.initialized, w.trained_by) == (True, True, ("train",))
    # the change is [0.1, 0.1], and |w| was sqrt(5)
    assert w.ratio == pytest.approx(np.sqrt(0.02) / np.sqrt(5.0), rel=1e-4)
    assert (found["b"].trainable, found["b"].trained_by, found["b"].ratio) == (False, (), None)
    assert found["w/Adam"].ratio is None  # it was zero


def test_several_trainers_and_a_list_of_variables():
    w, v = gs.Variable(1.0, name="w"), gs.Variable(2.0, name="v", trainable=False)
    loss = gs.square(w * v)
    first = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="first")
    second = gs.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w, v])
    found = rows(started([first, second]).variables())
    assert found["w"].trained_by == ("first", "second")
    assert (found["v"].trained_by, found["v"].trainable) == (("second",), False)


def test_variables_of_a_scope():
    for scope in ("one", "two"):
        with gs.name_scope(scope):
            gs.Variable(1.0, name="w")
            gs.Variable(1.0, name="b")
    d = started(gs.constant(1.0))
    assert list(rows(call(d, "vars one/"))) == ["one/w", "one/b"]
    assert list(rows(call(d, "vars two/w"))) == ["two/w"]
    with pytest.raises(DebugError, match=r"No variable's name begins with 'three'\. Try: vars"):
        call(d, "vars three")


def test_a_graph_without_variables():
    d = started(gs.constant(1.0))
    assert str(d.variables()) == " The graph has no variables."
    assert "no optimizer here needs slots" in str(d.variables(slots=True))


def test_the_text_of_vars(transcript):
    w = gs.Variable([3.0, 4.0], name="w")
    gs.Variable(2, name="count", trainable=False)
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.reduce_sum(w))
    session = gs.Session()
    session.run(w.initializer)
    d = gs.debug(session, train)
    d.run_to_end()
    transcript.same(
        str(d.variables()),
        """ variable  value            init  trainable      |change|  /|W|
 w         f32[2]  mean 3.4  yes   yes, by train  0.141     0.0283
 count     not initialized  NO    no             no""",
    )


# ---- slots -------------------------------------------------------------------------------------


class Two:
    """Two variables, one of them gathered from; Adam and Momentum train both; w has an average."""

    def __init__(self):
        w = gs.Variable([[1.0], [2.0]], name="w")
        table = gs.Variable(np.ones((3, 2), np.float32), name="table")
        loss = gs.reduce_sum(gs.matmul(gs.gather(table, [0, 2, 0]), w))
        adam = gs.train.AdamOptimizer(0.1).minimize(loss)
        self.early = gs.global_variables_initializer()
        self.adam = adam
        momentum = gs.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        average = gs.train.ExponentialMovingAverage(0.9).apply([w])
        self.fetches = [adam, momentum, average]


def kept(keeper):
    return {owner: [k.name for k in row] for owner, row in keeper.slots.items()}


def test_slots_under_their_owners_and_optimizers():
    d = started(Two().fetches)
    found = call(d, "vars --slots")
    adam, momentum, average = found.keepers
    assert [k.name for k in found.keepers] == ["Adam", "Momentum", "ExponentialMovingAverage"]
    assert [k.trains for k in found.keepers] == ["adam", "momentum", ""]
    assert kept(adam) == {"w": ["w/Adam", "w/Adam_1"], "table": ["table/Adam", "table/Adam_1"]}
    assert [k.name for k in adam.shared] == ["beta1_power", "beta2_power"]
    assert kept(momentum) == {"w": ["w/Momentum"], "table": ["table/Momentum"]}
    assert kept(average) == {"w": ["w/ExponentialMovingAverage"]}
    assert found.uninitialized == ()
    every = {k.name for keeper in found.keepers for row in keeper.slots.values() for k in row}
    every |= {k.name for k in adam.shared}
    assert every == {row.name for row in d.variables().rows} - {"w", "table"}
    assert [kept(k) for k in call(d, "vars table --slots").keepers] == [
        {"table": ["table/Adam", "table/Adam_1"]},
        {"table": ["table/Momentum"]},
    ]


def test_slots_that_the_initializer_has_left_out():
    """The initializer was made before the second optimizer: its slots have no value."""
    program = Two()
    session = gs.Session()
    session.run(program.early)
    d = gs.debug(session, program.adam)
    lacking = {k.name for k in d.variables(slots=True).uninitialized}
    assert lacking == {"w/Momentum", "table/Momentum", "w/ExponentialMovingAverage"}
    text = " ".join(str(d.variables(slots=True)).split())
    assert "w/Momentum not initialized" in text
    assert "No operation of the graph initializes w/Momentum, table/Momentum, w/Exp" in text
    assert "make tf.global_variables_initializer() after the optimizer." in text
    gs.global_variables_initializer()
    later = gs.debug(session, program.adam).variables(slots=True)
    assert {k.initialized_by for k in later.uninitialized} == {("'init_1'",)}


def test_a_learning_rate_of_the_users_is_no_slot():
    rate = gs.Variable(0.1, trainable=False)
    w = gs.Variable(1.0, name="w")
    train = gs.train.GradientDescentOptimizer(rate).minimize(gs.square(w))
    assert started(train).variables(slots=True).keepers == ()


def test_two_optimizers_of_one_kind():
    w = gs.Variable(1.0, name="w")
    first = gs.train.AdamOptimizer(0.1).minimize(gs.square(w))
    second = gs.train.AdamOptimizer(0.1).minimize(gs.square(w))
    found = started([first, second]).variables(slots=True)
    assert [(k.name, k.trains, kept(k)) for k in found.keepers] == [
        ("Adam", "first", {"w": ["w/Adam", "w/Adam_1"]}),
        ("Adam", "second", {"w": ["w/Adam_2", "w/Adam_3"]}),
    ]


def test_the_text_of_slots(transcript):
    program = Trained()
    line = program.train.source.lineno
    transcript.same(
        str(program.debug().variables(slots=True)),
        f""" Adam, of train (wayfinding.py:{line})
   w        w/Adam       f32[2,1]  mean 0
            w/Adam_1     f32[2,1]  mean 0
   for all  beta1_power  f32[]  0.9
            beta2_power  f32[]  0.999""",
    )
