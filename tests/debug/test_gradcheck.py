"""`gradcheck`: right rules agree, wrong ones are found and named, and nothing is changed by it."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.commands import commands_of
from graphscope.debug.questions.gradcheck import Finding, compared
from graphscope.graph.registry import OPS

SGD = gs.train.GradientDescentOptimizer


def debugged(fetches, feed=None):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed)


def numbers(*shape, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype(np.float32)


class Net:
    """Two layers, with a loss and its training."""

    def __init__(self, activation=gs.tanh):
        self.x = gs.placeholder(gs.float32, [None, 6], name="x")
        self.W = gs.Variable(numbers(6, 4), name="W")
        self.b = gs.Variable(numbers(4, seed=1), name="b")
        self.V = gs.Variable(numbers(4, 3, seed=2), name="V")
        self.h = activation(gs.matmul(self.x, self.W) + self.b, name="h")
        logits = gs.matmul(self.h, self.V, name="logits")
        labels = gs.constant(np.eye(3, dtype=np.float32)[[0, 2, 1, 1]])
        each = gs.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        self.loss = gs.reduce_mean(each, name="loss")
        self.train = SGD(0.5).minimize(self.loss, name="train")
        self.feed = {self.x: numbers(4, 6, seed=3)}

    def debug(self, fetches=None):
        return debugged(self.train if fetches is None else fetches, self.feed)


# ---- what is right -----------------------------------------------------------------------------


def test_a_net_at_any_time_and_nothing_changes():
    net = Net()
    d = net.debug()
    size = len(d.session.graph.operations)
    before = dict(d.session.state.variables)
    for move in (lambda: None, lambda: d.step(3), d.run_to_end, lambda: d.goto(2)):
        move()
        t, newest = d.t, d.timeline.newest
        found = d.gradcheck("loss")
        assert found
        assert found.ok
        assert [row.name for row in found.rows] == ["W", "b", "V", "x"]
        assert [row.size for row in found.rows] == [24, 4, 12, 24]
        assert all(row.finding is Finding.AGREES for row in found.rows), str(found)
        assert all(row.checked == row.size for row in found.rows)
        assert found.precision == gs.float64
        assert found.worst.error < 1e-6
        assert found.culprit is None
        assert (d.t, d.timeline.newest) == (t, newest)
    assert len(d.session.graph.operations) == size
    assert d.session.state.variables == before  # the same arrays


def test_the_slopes_are_those_of_this_place():
    net = Net()
    d = net.debug()
    first = d.gradcheck("loss", "%W").rows[0]
    d.run_to_end()
    second = d.gradcheck("loss", "%W").rows[0]
    slope = gs.gradients(net.loss, net.W)[0]
    old = d.session.run(slope, net.feed)
    np.testing.assert_allclose(first.symbolic, old[first.index], rtol=1e-4)
    d.close()  # the training is kept
    new = d.session.run(slope, net.feed)
    np.testing.assert_allclose(second.symbolic, new[second.index], rtol=1e-4)
    assert abs(old - new).max() > 1e-3


def test_a_node_of_several_elements_is_weighed():
    net = Net(gs.nn.softmax)  # its plain sum has no slope at all
    found = net.debug().gradcheck(net.h)
    assert found.weighted
    assert found.ok
    assert abs(found.rows[0].numeric) > 1e-3
    assert not net.debug().gradcheck("loss").weighted


def test_large_variables_are_sampled():
    W = gs.Variable(numbers(50, 40), name="W")
    loss = gs.reduce_sum(gs.square(gs.gather(W, [7, 30])), name="loss")
    (row,) = debugged(loss).gradcheck(loss).rows
    assert (row.size, row.checked) == (2000, 24)
    assert row.index[0] in (7, 30)  # where the slope is largest
    assert f"{row.checked} of 2000" in str(debugged(loss).gradcheck(loss))


@pytest.mark.parametrize("activation", [gs.nn.relu, gs.nn.elu, gs.sigmoid, gs.nn.softplus, gs.exp])
def test_activations(activation):
    assert Net(activation).debug().gradcheck("loss").ok


def dropped(x, name, seed):
    return gs.nn.dropout(gs.tanh(x), 0.5, seed=seed, name=name)


def test_random_numbers_stay_as_they_are():
    for seed in (None, 3):
        with gs.Graph().as_default():
            net = Net(partial(dropped, seed=seed))
            d = net.debug()
            found = d.gradcheck("loss")
            assert found.ok, str(found)
            assert "random_uniform" in found.held[0].name
            d.run_to_end()
            assert d.gradcheck("loss").ok


def test_what_counts_as_a_constant_for_the_gradient_stays_too():
    W = gs.Variable([1.0, 2.0], name="W")
    loss = gs.reduce_sum(gs.stop_gradient(gs.square(W), name="still") * W, name="loss")
    found = debugged(loss).gradcheck("loss")
    assert found.ok
    assert [op.name for op in found.held] == ["still"]
    # Of W^2 W only the second factor moves: the slope is W^2.
    assert found.rows[0].numeric == pytest.approx(found.rows[0].symbolic)
    assert found.rows[0].symbolic in (1.0, 4.0)


def test_branches_loops_and_their_gradients():
    x = gs.placeholder(gs.float32, [2], name="x")
    W = gs.Variable([0.5, 0.7], name="W")
    looped = gs.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, gs.tanh(a * W)), [0, x])[1]
    y = gs.cond(looped[0] > 0, lambda: gs.square(looped), lambda: looped * 3.0)
    d = debugged(gs.identity(y, name="y"), {x: [1.0, 2.0]})
    for _ in range(2):
        found = d.gradcheck("y")
        assert found.ok, str(found)
        assert [row.name for row in found.rows] == ["W", "x"]
        d.run_to_end()


def test_a_fed_tensor_in_the_middle_hides_what_is_above_it():
    W = gs.Variable([1.0, 2.0], name="W")
    h = gs.square(W, name="h")
    loss = gs.reduce_sum(h * h * gs.stop_gradient(W), name="loss")
    d = debugged(loss, {h: [5.0, 7.0]})
    (along,) = d.gradcheck("loss", h).rows
    assert (along.finding, along.symbolic) == (Finding.AGREES, pytest.approx(28.0))
    (hidden,) = d.gradcheck("loss", W).rows
    assert (hidden.numeric, hidden.symbolic, hidden.connected) == (0.0, 0.0, False)


def test_a_value_that_was_set_by_hand_stays():
    net = Net()
    d = net.debug("loss")
    d.until("h")
    d.set("h", np.ones([4, 4]))
    found = d.gradcheck("loss")
    assert found.ok
    rows = {row.name: row for row in found.rows}
    assert rows["W"].numeric == rows["W"].symbolic == 0.0
    assert rows["V"].numeric != 0.0


def test_corners():
    W = gs.Variable([0.0, 1.0, -1.0], name="W")
    loss = gs.reduce_sum(gs.nn.relu(W) + gs.abs(W), name="loss")
    found = debugged(loss).gradcheck("loss")
    assert found.ok
    (row,) = found.rows
    assert (row.finding, row.corners) == (Finding.CORNER, 1)
    assert "W: a corner at 1 element" in str(found)


def test_at_the_edge_of_what_is_defined():
    W = gs.Variable([0.0, 4.0], name="W")
    loss = gs.reduce_sum(gs.pow(W, 1.5), name="loss")
    assert debugged(loss).gradcheck("loss").ok


# ---- what is wrong -----------------------------------------------------------------------------

WRONG = {
    "Tanh": lambda dy, y, x: dy * (1 - y),
    "MatMul": lambda dy, y, a, b, **_: (
        gs.matmul(dy, b, transpose_b=True) * 2.0,
        gs.matmul(a, dy, transpose_a=True),
    ),
    "SoftmaxCrossEntropyWithLogits": lambda dys, ys, logits, labels: (
        gs.expand_dims(dys[0], -1) * (gs.nn.softmax(logits) - 0.9 * labels),
        None,
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_the_operation_whose_rule_is_wrong_is_named(kind, monkeypatch):
    monkeypatch.setattr(OPS[kind], "gradient_rule", WRONG[kind])
    found = Net().debug("loss").gradcheck("loss")
    assert not found
    assert found.worst.finding is Finding.DIFFERS
    assert found.culprit.type == kind
    assert found.reason == f"the rule of {kind} is wrong here"
    assert found.worst.error > 0.01
    differing = [row.name for row in found.rows if row.finding is Finding.DIFFERS]
    assert f"is wrong along {', '.join(differing)}." in str(found)
    assert ("V" in differing) == (kind != "Tanh" and kind != "MatMul")


def test_an_error_of_two_percent_in_single_precision_is_found_in_double(monkeypatch):
    monkeypatch.setattr(OPS["Tanh"], "gradient_rule", lambda dy, y, x: dy * (1 - y * y) * 1.0001)
    found = Net().debug("loss").gradcheck("loss", "%W")
    assert not found.ok
    assert found.worst.error == pytest.approx(1e-4, rel=0.1)


def test_values_that_go_on_without_a_gradient_are_named():
    W = gs.Variable([1.0, 2.0], name="W")
    y = gs.py_func(lambda a: np.float32(np.square(a)), [W], gs.float32, stateful=False, name="call")
    y.set_shape([2])
    loss = gs.reduce_sum(y * W, name="loss")
    found = debugged(loss).gradcheck("loss")
    assert not found.ok
    assert found.culprit.name == "call"
    assert "passes values on, and no gradient" in found.reason
    assert found.precision == gs.float32  # what it returns is float32


def test_steps_without_a_slope_are_no_error():
    W = gs.Variable([1.3, 2.4], name="W")
    loss = gs.reduce_sum(gs.round(W) * W + gs.cast(W > 2.0, gs.float32), name="loss")
    assert debugged(loss).gradcheck("loss").ok


def test_what_is_not_finite():
    W = gs.Variable([0.0, 1.0], name="W")
    loss = gs.reduce_sum(gs.sqrt(W), name="loss")
    found = debugged(loss).gradcheck("loss")
    assert not found.ok
    assert found.rows[0].finding is Finding.NOT_FINITE
    assert "it is not finite" in str(found)
    assert found.hint == "nan"


# ---- the arithmetic ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=6),
    st.integers(0, 5),
    st.sampled_from([0.0, 1e-2, -0.5, 2.0]),
)
def test_polynomials(values, which, off):
    """Right slopes agree; one that is off by a part of itself, or by a number, does not."""
    at = np.float64(values)
    weights = np.arange(1.0, at.size + 1)
    right = weights * (3 * at**2 + 1)
    wrong = right.copy()
    wrong[which % at.size] += off
    found = compared(lambda v: float(np.sum(weights * (v**3 + v))), at, wrong, 1e-6, 1e-5, 40)
    expected = Finding.AGREES if off == 0 else Finding.DIFFERS
    assert found["finding"] is expected
    assert found["checked"] == found["size"] == at.size
    if off:
        assert found["index"] == (which % at.size,)


def test_the_elements_that_are_looked_at():
    at = np.zeros([30, 30])
    slopes = np.zeros([30, 30])
    slopes[17, 3], slopes[29, 29] = 5.0, -7.0
    found = compared(lambda v: float(np.sum(v)), at, slopes, 1e-6, 1e-5, 20)
    assert found["checked"] <= 20
    assert found["finding"] is Finding.DIFFERS
    for shape in [(), (0,), (1,)]:
        found = compared(lambda v: float(np.sum(v)), np.ones(shape), np.ones(shape), 1e-6, 1e-5, 20)
        assert found["checked"] == found["size"] == np.ones(shape).size
        assert found["finding"] is Finding.AGREES


# ---- words -------------------------------------------------------------------------------------


def test_words_of_the_prompt():
    net = Net()
    d = net.debug()
    command = commands_of(type(d))["gradcheck"]
    assert command.usage == "gradcheck [WORDS...] [--eps EPS]"
    found = command.call(d, "loss %W x --eps 1e-5")
    assert ([row.name for row in found.rows], found.eps) == (["W", "x"], 1e-5)
    for words, message in (
        ("", "gradcheck needs a loss or a node"),
        ("loss --eps abc", "gradcheck takes a number, and 'abc' is none"),
        ("loss --eps -1", "The step is a number above 0, not -1"),
        ("loss loss %nothing", "no variable 'nothing'"),
    ):
        with pytest.raises(DebugError, match=message):
            command.call(d, words)
    with pytest.raises(UnknownPlace):
        d.gradcheck("nothing")


def test_what_cannot_be_checked():
    X = gs.placeholder(gs.float32, [], name="x")
    Y = gs.placeholder(gs.float32, [], name="y")
    n = gs.constant(1, name="n") + 1
    W = gs.Variable(1.0, name="W")
    count = gs.Variable(1, name="count")
    d = gs.debug(gs.Session(), X * 1.0, {X: 1.0})
    for spec, message in (
        ([n], "add:0 is int32: it has no slope"),
        ([X, count], "count:0 is int32: it has no slope"),
        ([gs.multiply(X, Y, name="xy")], "This needs y, which is not fed"),
        ([gs.exp(W, name="e")], "uninitialized value W"),
        ([gs.exp(gs.constant(1.0), name="c")], "c:0 depends on no variable and no feed"),
    ):
        with pytest.raises(DebugError, match=message):
            d.gradcheck(*spec)
    looped = gs.while_loop(lambda a: a < 3.0, lambda a: gs.add(a, X, name="inner"), [X])
    d = gs.debug(gs.Session(), looped, {X: 1.0})
    with pytest.raises(DebugError, match="inner:0 is inside of a branch or a loop"):
        d.gradcheck("while/inner")


def test_random_numbers_inside_of_a_loop():
    x = gs.placeholder(gs.float32, [], name="x")
    for seed, works in ((None, False), (1, True)):
        y = gs.while_loop(
            lambda i, a: i < 2,
            lambda i, a, seed=seed: (i + 1, a * gs.random_uniform([], seed=seed)),
            [0, x],
        )[1]
        d = debugged(y, {x: 2.0})
        if works:
            assert d.gradcheck(y).ok
        else:
            with pytest.raises(DebugError, match="a random operation inside of a branch or a loop"):
                d.gradcheck(y)


def test_the_text(transcript):
    W = gs.Variable([[1.0, 2.0], [3.0, 4.0]], name="W")
    x = gs.placeholder(gs.float32, [2], name="x")
    loss = gs.reduce_sum(gs.square(W) * x, name="loss")
    d = debugged(loss, {x: [1.0, 2.0]})
    transcript.same(
        str(d.gradcheck("loss")),
        """
 The gradient of loss agrees with differences of its value.
   along          checked  worst at  numeric  symbolic  error
   W      agrees  4 of 4   [1, 1]    16       16        0
   x      agrees  2 of 2   [1]       20       20        0
   on the side, in float64, with steps of 1e-06""",
    )
