"""`flow`: the gradient's way back, against broken programs, the graph's gradients, and paths."""

import numpy as np
import pytest
from culprits.training import CASES, CUTS, HERE
from culprits.training import opened_case as opened
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.commands import commands_of
from graphscope.debug.questions.flow import Course, Origin

SGD = gs.train.GradientDescentOptimizer


def debugged(fetches, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed)


def name(op):
    return None if op is None else op.name


# ---- broken programs ---------------------------------------------------------------------------

FLOWS = {
    **{(f"cut_by_{cut}", "W"): (Course.CUT, "cut", "cut") for cut in CUTS},
    ("a_cut_beside_a_way_that_is_open", "W"): (Course.ARRIVES, None, None),
    ("a_variable_of_whole_numbers", "n"): (Course.CUT, "n", "n"),
    ("a_cut_behind_control_dependencies", "W"): (Course.CUT, "cut", "cut"),
    ("a_value_that_goes_through_another_variable", "W"): (Course.CUT, "cut", "cut"),
    ("a_dead_relu", "W1"): (Course.ZERO, "hidden", "hidden"),
    ("a_dead_relu", "W2"): (Course.ZERO, "out", "out"),
    ("weights_that_begin_at_zero", "W1"): (Course.ZERO, "out", "out"),
    ("weights_that_begin_at_zero", "W2"): (Course.ARRIVES, None, None),
    ("log_of_zero", "W"): (Course.NOT_FINITE, "Log", "Log"),
    ("only_the_loss_is_fetched", "W"): (Course.ARRIVES, None, None),
    ("only_the_gradient_is_fetched_and_it_is_zero", "W"): (Course.ZERO, "Square", "Square"),
    ("what_is_only_waited_for_is_not_what_the_loss_is_computed_from", "W"): (
        Course.NO_PATH,
        None,
        None,
    ),
}


@pytest.mark.parametrize(("case", "variable"), FLOWS)
def test_the_node_where_it_stops_is_named_at_any_time(case, variable):
    made, d = opened(case)
    cause, stops_at, culprit = FLOWS[case, variable]
    size = len(d.session.graph.operations)
    answers = [d.flow(f"%{variable}")]
    while not d.done:
        d.step()
        t = d.t
        answers.append(d.flow(f"%{variable}"))
        assert d.t == t
    d.goto(0)
    answers.append(d.flow(f"%{variable}"))
    for found in answers:
        assert found.cause is cause, str(found)
        assert (name(found.stops_at), name(found.culprit)) == (stops_at, culprit)
        assert found.ok == (cause is Course.ARRIVES)
        assert bool(found.reason) == (not found.ok)
        # Wherever it is asked, the numbers are the same.
        np.testing.assert_equal(found.norms, answers[0].norms)
    assert len(d.session.graph.operations) == size
    assert made


@pytest.mark.parametrize("case", [c for c in CASES if c != "a_slot_that_collects_gradients"])
def test_it_agrees_with_why_on_what_is_trained(case):
    """`why` looks at the run's own gradient, at the very end of the way."""
    _, d = opened(case)
    d.run_to_end()
    for variable in d.facts.variables:
        why = d.why(variable)
        if why.gradient_norm is not None:
            found = d.flow(variable)
            np.testing.assert_allclose(found.norms[-1], why.gradient_norm, rtol=1e-6)
            assert found.hops[-1].computed is not None
            assert found.hops[-1].t is not None


def test_the_reasons():
    texts = {case: d.flow(f"%{v}").reason for case, v, d in _at_the_end()}
    assert texts["cut_by_stop_gradient"] == "tf.stop_gradient is there to stop it"
    assert texts["cut_by_cast_to_int"] == "the cast makes whole numbers, which have no gradient"
    assert texts["cut_by_argmax"] == "ArgMax has no gradient"
    assert texts["a_variable_of_whole_numbers"] == "n holds int32, which has no gradient"
    assert texts["a_dead_relu"] == "the other factor, hidden, is 0 everywhere"  # of W2
    assert texts["weights_that_begin_at_zero"] == ""


def _at_the_end():
    for case, variable in FLOWS:
        with gs.Graph().as_default():
            _, d = opened(case)
            d.run_to_end()
            yield case, variable, d


# ---- why it is zero, vanishes or explodes ------------------------------------------------------

x = np.float32([[1.0, 2.0], [3.0, -4.0]])

ZERO = {
    "relu": (lambda w: gs.nn.relu(-gs.abs(w)), "Relu", "dead: all 4 inputs are <= 0"),
    "relu6": (lambda w: gs.nn.relu6(w + 100.0), "Relu6", "dead: all 4 inputs are <= 0 or >= 6"),
    "sigmoid": (
        lambda w: gs.sigmoid(w * 0 + 99.0),
        "Sigmoid",
        "saturated: all 4 outputs are 0 or 1",
    ),
    "tanh": (lambda w: gs.tanh(w * 0 + 99.0), "Tanh", "saturated: all 4 outputs are -1 or 1"),
    "softmax": (
        lambda w: gs.nn.softmax(w * 0 + [[0.0, 900.0]]) * [[1.0, 2.0]],
        "Softmax",
        "saturated: all 4 outputs are 0 or 1",
    ),
    "softplus": (
        lambda w: gs.nn.softplus(w - 1e4),
        "Softplus",
        "all 4 inputs are far below 0, where Softplus is flat",
    ),
    "factor": (lambda w: w * gs.zeros([2, 2]), "Mul", "the other factor, zeros, is 0 everywhere"),
    "where": (
        lambda w: gs.where(w > 99.0, w, gs.ones_like(w)),
        "Select",
        "its condition takes the other value everywhere",
    ),
    "maximum": (
        lambda w: gs.maximum(w, 50.0),
        "Maximum",
        "the other input, Maximum/y, is larger everywhere",
    ),
    "minimum": (
        lambda w: gs.minimum(w, -50.0),
        "Minimum",
        "the other input, Minimum/y, is smaller everywhere",
    ),
    "square": (
        lambda w: gs.square(w * 0.0),
        "Square",
        "its input is 0 everywhere, where Square is flat",
    ),
    "equal": (
        lambda w: gs.squared_difference(w, x),
        "SquaredDifference",
        "its two inputs are equal: there is nothing left to learn",
    ),
    "abs": (lambda w: gs.abs(w * 0.0), "Abs", "the slope of Abs is 0 for these values"),
}


@pytest.mark.parametrize("case", ZERO)
def test_why_it_is_zero(case):
    make, kind, reason = ZERO[case]
    W = gs.Variable(x, name="W")
    loss = gs.reduce_sum(make(W), name="loss")
    found = debugged(loss).flow("loss", W)
    assert found.cause is Course.ZERO
    assert found.culprit.type == kind, str(found)
    assert found.reason == reason


def test_uses_that_cancel_out():
    W = gs.Variable(x, name="W")
    y = gs.exp(W, name="y")
    loss = gs.reduce_sum(y - 1.0 * y, name="loss")
    found = debugged(loss).flow("loss", "%W")
    assert found.cause is Course.ZERO
    assert found.reason == "the gradients that come back from 2 of its uses cancel out"
    assert found.culprit.name == "y"


def test_a_relu_that_is_alive_where_nothing_arrives():
    W = gs.Variable(np.float32([1.0, -1.0]), name="W")
    loss = gs.reduce_sum(gs.nn.relu(W, name="hidden") * [0.0, 1.0], name="loss")
    found = debugged(loss).flow("loss", "%W")
    assert found.culprit.name == "hidden"
    assert found.reason == "50% of its inputs are > 0, and there no gradient arrives"


def test_no_elements_at_all():
    W = gs.Variable(np.zeros([0, 3], np.float32), name="W")
    found = debugged(gs.reduce_sum(W, name="loss")).flow("loss", "%W")
    assert found.cause is Course.ZERO
    assert found.reason == "it works on no elements: its input has the shape [0, 3]"


def layers(count, function, size):
    h = gs.Variable(np.float32([[0.5, -0.3]]), name="W")
    for i in range(count):
        h = function(h * size, name=f"layer{i}")
    return gs.reduce_sum(h, name="loss")


def test_it_vanishes_step_by_step():
    loss = layers(12, gs.sigmoid, 1.0)  # each keeps at most 1/4
    found = debugged(loss).flow("loss", "%W")
    assert found.cause is Course.VANISHES
    assert found.culprit.type == "Sigmoid"
    assert found.reason.startswith("it shrinks at each node, most at Sigmoid: to 0.2")
    falls = [after / before for before, after in zip(found.norms, found.norms[1:], strict=False)]
    at = [hop.node for hop in found.hops].index(found.stops_at)
    assert found.norms[at] < 1e-6 * found.norms[0] <= found.norms[at - 1]
    worst = min(range(at), key=falls.__getitem__)
    assert found.hops[worst].node is found.culprit


def test_it_vanishes_at_one_node():
    W = gs.Variable(np.float32([14.0, -14.0, 15.0]), name="W")
    loss = gs.reduce_sum(gs.sigmoid(W * 1.0, name="flat") * 0.1, name="loss")
    found = debugged(loss).flow("loss", "%W")
    assert found.cause is Course.VANISHES
    assert found.culprit.name == "flat"
    assert found.reason == "saturated: 100% of its outputs are within 0.001 of 0 or 1"
    loss = gs.reduce_sum(W * 1e-9, name="small")
    found = debugged(loss).flow("small", "%W")
    assert (found.cause, found.culprit.type) == (Course.VANISHES, "Mul")
    assert found.reason == "Mul makes it 1e+09 times smaller"


def test_it_explodes():
    loss = layers(6, gs.identity, 30.0)
    found = debugged(loss).flow("loss", "%W")
    assert found.cause is Course.EXPLODES
    assert found.culprit.type == "Mul"
    assert found.reason == "it grows, most at Mul: 30 times"
    assert "tf.clip_by_global_norm" in found.hint


# ---- ways --------------------------------------------------------------------------------------


def test_the_way_that_is_alive_is_shown_and_the_dead_one_beside_it():
    W = gs.Variable(np.float32([-1.0, -2.0]), name="W")
    around = gs.multiply(gs.multiply(gs.multiply(W, 2.0), 3.0), 1.0, name="around")
    loss = gs.reduce_sum(gs.nn.relu(W, name="dead") + around, name="loss")
    found = debugged(loss).flow("loss", "%W")
    assert found.ok
    assert found.ways == 2
    assert "around" in [hop.node.name for hop in found.hops]
    (other,) = found.others
    assert [hop.node.name for hop in other if not hop.hands_on] == ["dead"]
    assert all(hop.hands_on for hop in found.hops)
    assert found.norms[-1] == pytest.approx(6 * np.sqrt(2.0))


def test_many_ways_are_counted_and_few_are_shown():
    h = gs.Variable(1.0, name="W")
    for _ in range(40):
        h = gs.add(0.5 * h, 0.5 * h)
    found = debugged(gs.identity(h, name="loss")).flow("loss", "%W")
    assert found.ways == 2**40
    assert len(found.others) == 3
    assert found.norms[-1] == 1.0
    assert "1099511627776 ways in all, of which 4 are shown" in str(found)


def test_to_what_is_no_variable_and_from_what_is_no_loss():
    X = gs.placeholder(gs.float32, [2], name="x")
    h = gs.tanh(X, name="h")
    y = gs.square(h, name="y")
    d = debugged(y, {X: [0.3, -0.2]})
    dx = gs.Session().run(gs.gradients(y, X)[0], {X: [0.3, -0.2]})
    found = d.flow(y, X)
    assert [hop.node.name for hop in found.hops] == ["y", "h", "x"]
    np.testing.assert_allclose(found.norms[-1], np.linalg.norm(dx), rtol=1e-6)
    assert found.norms[0] == pytest.approx(np.sqrt(2.0))  # of the sum of y
    assert d.flow(h, h).norms == (pytest.approx(np.sqrt(2.0)),)
    assert d.flow(h, y).cause is Course.NO_PATH


def test_through_branches_and_loops():
    X = gs.placeholder(gs.float32, [], name="x")
    W = gs.Variable(0.5, name="W")
    looped = gs.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * W), [0, X])[1]
    y = gs.cond(looped > 0.0, lambda: gs.square(looped), lambda: looped * 0.0, name="pick")
    loss = gs.identity(y, name="loss")
    train = SGD(0.1).minimize(loss, name="train")
    for value, cause in ((2.0, Course.ARRIVES), (-2.0, Course.ZERO)):
        d = debugged([loss, train], {X: value})
        before = d.flow("loss", "%W")
        assert before.origin is Origin.AHEAD
        d.run_to_end()
        after = d.flow("loss", "%W")
        assert after.origin is Origin.RUN
        assert before.cause is after.cause is cause
        assert before.norms == after.norms
        # (x W^3)^2 has the slope 6 x^2 W^5
        assert after.norms[-1] == pytest.approx(6 * 4.0 * 0.5**5 if value > 0 else 0.0)


def test_a_fed_tensor_in_the_middle():
    W = gs.Variable([1.0, 2.0], name="W")
    h = gs.square(W, name="h")
    loss = gs.reduce_sum(h * h, name="loss")
    found = debugged(loss, {h: [5.0, 7.0]}).flow("loss", "%W")
    # As in the graph: 2 h along h, times 2 W.
    assert found.norms[1:3] == (pytest.approx(np.sqrt(2.0)), pytest.approx(np.hypot(10.0, 14.0)))
    assert found.norms[-1] == pytest.approx(np.hypot(20.0, 56.0))


def test_a_gradient_that_was_set_by_hand_is_seen():
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W, name="squared"), name="loss")
    train = SGD(0.1).minimize(loss, name="train")
    d = debugged(train)
    slope = d.flow("loss", "%W").hops[-1]
    assert slope.t is None
    d.run_to_end()
    node = d.flow("loss", "%W").hops[-1].computed
    d.set(node.outputs[0], [0.0, 0.0])
    d.run_to_end()
    found = d.flow("loss", "%W")
    assert (found.cause, found.norms[-1]) == (Course.ZERO, 0.0)


def test_the_variables_are_those_that_the_loss_has_seen():
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.square(W), name="loss")
    train = SGD(1e3).minimize(loss, name="train")
    other = gs.reduce_sum(gs.exp(W), name="other")  # no part of the run
    d = debugged(train)
    before = d.flow("loss", "%W").norms
    d.run_to_end()
    assert d.flow("loss", "%W").norms == before
    assert d.flow(loss, W).norms == before
    # What this run has read of W is taken as it is, also for what is no part of the run.
    assert d.flow(other, "%W").norms[-1] == pytest.approx(np.hypot(np.e, np.e**2), rel=1e-5)


def test_gathered_rows():
    table = gs.Variable(np.ones([4, 2], np.float32), name="table")
    loss = gs.reduce_sum(gs.gather(table, [1, 1, 3]), name="loss")
    found = debugged(loss).flow("loss", "%table")
    # Row 1 is taken twice, row 3 once, in two columns each.
    assert found.norms[-1] == pytest.approx(np.sqrt(2 * 2.0**2 + 2 * 1.0))
    assert found.hops[-1].zero == 0.5


# ---- random graphs -----------------------------------------------------------------------------

NODES = st.lists(
    st.tuples(
        st.sampled_from(["mul", "add", "tanh", "cut", "relu"]), st.integers(0, 9), st.integers(0, 9)
    ),
    min_size=1,
    max_size=12,
)


def built(nodes):
    """Tensors made from W by operations of two earlier ones each, and the edges between them."""
    W = gs.Variable(np.float32([0.4, -0.9]), name="W")
    made, edges = [W.value()], {}
    for kind, i, j in nodes:
        a, b = made[i % len(made)], made[j % len(made)]
        y = {
            "mul": lambda a=a, b=b: a * b,
            "add": lambda a=a, b=b: a + 0.5 * b,
            "tanh": lambda a=a: gs.tanh(a),
            "relu": lambda a=a: gs.nn.relu(a),
            "cut": lambda a=a: gs.stop_gradient(a),
        }[kind]()
        used = [i, j] if kind in ("mul", "add") else [] if kind == "cut" else [i]
        edges[len(made)] = {n % len(made) for n in used}
        made.append(y)
    return W, made, edges


@settings(max_examples=60, deadline=None)
@given(NODES)
def test_against_the_graph_and_against_the_paths(nodes):
    with gs.Graph().as_default():
        W, made, edges = built(nodes)
        loss = gs.reduce_sum(made[-1], name="loss")
        slope = gs.gradients(loss, W)[0]
        session = gs.Session()
        session.run(W.initializer)
        found = gs.debug(session, loss).flow("loss", "%W")
        # By hand: a gradient comes back when a path without a cut leads there.
        reached, queue = set(), [len(made) - 1]
        for node in queue:
            if node not in reached:
                reached.add(node)
                queue += edges.get(node, ())
        assert (found.norms[-1] is not None) == (0 in reached) == (slope is not None)
        if slope is None:
            assert found.cause is Course.CUT
            assert found.culprit.type == "StopGradient"
            return
        value = session.run(slope)
        np.testing.assert_allclose(found.norms[-1], np.linalg.norm(value), rtol=1e-5)
        assert found.ok == bool(np.any(value))
        if not found.ok:  # everything from the culprit on is zero, and it got something itself
            at = [hop.node for hop in found.hops].index(found.culprit)
            cancels = "cancel" in found.reason
            assert bool(found.norms[at]) != cancels
            assert not any(found.norms[at + 1 :])
            assert all(found.norms[:at])


# ---- words -------------------------------------------------------------------------------------


def test_the_text(transcript):
    _, d = opened("a_dead_relu")
    d.run_to_end()
    line = d.session.graph.get_operation_by_name("hidden").source.lineno
    transcript.same(
        str(d.flow("Mean", "%W1")),
        f"""
 The gradient of loss is zero at W1: hidden hands on nothing.
    node    op        norm   zero  at
    Mean    Mean      1            t=8
    Square  Square    0.707        t=9
    sub     Sub       1.41         t=11
    out     MatMul    1.41         t=11
 X  hidden  Relu      3.16         t=12
    MatMul  MatMul    0      100%  t=14
    W1      variable  0      100%  t=15
   hidden ({HERE}{line}): dead: all 4 inputs are <= 0
   norms: from the backward pass of this run
   try: a smaller learning rate, other first weights, or tf.nn.leaky_relu""",
    )


def test_every_text_can_be_written():
    for case, variable, d in _at_the_end():
        text = str(d.flow(f"%{variable}"))
        assert "None" not in text, f"{case}: {text}"
        assert all(len(row) <= 80 for row in text.splitlines())
        assert text.isascii()


def test_words_of_the_prompt():
    _, d = opened("a_dead_relu")
    command = commands_of(type(d))["flow"]
    assert command.call(d, "Mean %W1").culprit.name == "hidden"
    assert command.call(d, "%W1").culprit.name == "hidden"
    for words, message in (
        ("", "flow needs a loss and a variable: flow loss %W"),
        ("Mean %W1 hidden", "flow needs a loss and a variable"),
    ):
        with pytest.raises(DebugError, match=message):
            command.call(d, words)
    with pytest.raises(UnknownPlace, match="no variable 'W3'"):
        d.flow("Mean", "%W3")


def test_what_has_no_gradient():
    X = gs.placeholder(gs.float32, [], name="x")
    n = gs.constant(3, name="n") + 1
    word = gs.constant("abc", name="word")
    looped = gs.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, gs.tanh(a, name="t")), [0, X])
    d = debugged([looped[1], n, word], {X: 1.0})
    with pytest.raises(DebugError, match="add:0 is int32, and has no gradient"):
        d.flow(n, X)
    with pytest.raises(DebugError, match="word:0 is string, and has no gradient"):
        d.flow(word, X)
    with pytest.raises(DebugError, match="while/t:0 is inside of a branch or a loop"):
        d.flow("while/t", X)
    assert d.flow(looped[1], "n").cause is Course.NO_PATH
    with pytest.raises(DebugError, match=r"Which loss.* optimizers have these: none"):
        d.flow(X)


def test_what_cannot_be_computed():
    X = gs.placeholder(gs.float32, [], name="x")
    Y = gs.placeholder(gs.float32, [], name="y")
    W = gs.Variable(2.0, name="W")
    loss = gs.multiply(X * W, Y, name="loss")
    session = gs.Session()
    d = gs.debug(session, X * 1.0, {X: 1.0})
    with pytest.raises(DebugError, match=r"This needs y, which is not fed\. Try: feed y"):
        d.flow(loss, W)
    d = gs.debug(session, loss, {X: 1.0})
    with pytest.raises(DebugError, match=r"This needs y, which is not fed\. Try: feed y"):
        d.flow(loss, W)
    d = gs.debug(session, loss, {X: 1.0, Y: 1.0})
    with pytest.raises(DebugError, match=r"beyond t=0, and that fails: .* uninitialized value W"):
        d.flow(loss, W)
    d = gs.debug(session, X * 1.0, {X: 1.0, Y: 1.0})
    with pytest.raises(DebugError, match=r"on the side: .* uninitialized value W"):
        d.flow(gs.exp(W, name="e"), W)
    assert d.step().t == 1  # nothing is lost


def test_a_gradient_through_complex_numbers():
    """Its length at each of them is that of the real and imaginary parts together."""
    W = gs.Variable([3.0], name="W")
    z = gs.complex(W, 4.0 * gs.ones_like(W), name="z")
    loss = gs.reduce_sum(gs.square(gs.abs(z)), name="loss")
    d = debugged([loss, SGD(0.1).minimize(loss)])
    d.run_to_end()
    found = d.flow(loss, W)
    assert found.cause is Course.ARRIVES
    assert dict(zip([hop.node.type for hop in found.hops], found.norms, strict=True)) == {
        **{"Sum": 1, "Square": 1, "ComplexAbs": 10, "Complex": 10, "VariableV2": 6}
    }
