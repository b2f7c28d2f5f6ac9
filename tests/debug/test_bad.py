"""`nan`: the birth of a bad number, against programs with a known one and against plain numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.commands import commands_of
from graphscope.engine.plan import Phase

SGD = gs.train.GradientDescentOptimizer
HERE = "test_bad.py:"


def debugged(fetches, feed=None, budget=1 << 28):
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, fetches, feed, budget=budget)


def blamed(fetches, feed=None):
    d = debugged(fetches, feed)
    d.run_to_end()
    return d.first_bad()


def names(ops):
    return [op.name for op in ops]


# ---- births ------------------------------------------------------------------------------------


def placeholder(values):
    tensor = gs.placeholder(gs.float32, [None], name="x")
    return tensor, {tensor: values}


FORWARD = {
    "log": (gs.log, [1.0, 0.0], "Log", "-Inf", "log(0) is -Inf", "tf.clip_by_value"),
    "log_below": (gs.log, [1.0, -2.0], "Log", "NaN", "log of -2, which is less", "tf.maximum"),
    "log_softmaxed": (
        lambda x: gs.log(gs.nn.softmax(x)),
        [200.0, 0.0],
        "Log",
        "-Inf",
        "log(0) is -Inf",
        "tf.nn.softmax_cross_entropy_with_logits",
    ),
    "exp": (gs.exp, [1.0, 99.0], "Exp", "Inf", "exp(99) is too large", "tf.reduce_logsumexp"),
    "division": (lambda x: 3.0 / x, [1.0, 0.0], "RealDiv", "Inf", "3 / 0 is Inf", "div_no_nan"),
    "zero_by_zero": (lambda x: x / x, [1.0, 0.0], "RealDiv", "NaN", "0 / 0 is NaN", "div_no_nan"),
    "sqrt": (gs.sqrt, [1.0, -4.0], "Sqrt", "NaN", "the root of -4", "tf.maximum"),
    "rsqrt": (gs.rsqrt, [1.0, 0.0], "Rsqrt", "Inf", "1 / sqrt(0) is Inf", "under the root"),
    "pow": (lambda x: x**-1.0, [1.0, 0.0], "Pow", "Inf", "0 to the power -1", "tf.maximum"),
    "pow_below": (lambda x: x**0.5, [1.0, -1.0], "Pow", "NaN", "-1 to the power 0.5", ""),
    "reciprocal": (gs.reciprocal, [1.0, 0.0], "Reciprocal", "Inf", "1 / 0 is Inf", "div_no_nan"),
    "asin": (gs.asin, [0.5, 1.5], "Asin", "NaN", "asin(1.5) is outside", "tf.clip_by_value"),
    "square": (gs.square, [1.0, 1e30], "Square", "Inf", "too large for float32", "learning rate"),
    "log1p": (gs.log1p, [1.0, -1.0], "Log1p", "-Inf", "log(1 + x) at x = -1", "tf.maximum"),
    "lgamma": (gs.lgamma, [1.0, 0.0], "Lgamma", "Inf", "Lgamma makes it of finite", "print"),
}


@pytest.mark.parametrize("case", FORWARD)
def test_a_birth_of_finite_numbers(case):
    make, values, kind, number, cause, hint = FORWARD[case]
    x, feed = placeholder(values)
    made = make(x)
    y = gs.reduce_sum(made, name="y")
    found = blamed(y, feed)
    assert found
    assert (found.node.type, found.kind, found.index) == (kind, number, (1,)), str(found)
    assert (found.count, found.size, found.phase) == (1, 2, Phase.FORWARD)
    assert found.cause.startswith(cause) or cause in found.cause
    assert hint in found.hint
    assert all(operand.value.shape == () for operand in found.operands)
    assert found.reaches == ("y",)
    assert names(found.propagated) == ["y"]
    assert found.masked == ()
    assert found.coverage == "complete"
    assert found.node.source.where.startswith(HERE)


def test_the_operands_of_a_product_of_matrices_are_a_row_and_a_column():
    a = gs.placeholder(gs.float32, [2, 2], name="a")
    b = gs.placeholder(gs.float32, [2, 3], name="b")
    feed = {a: [[1, 1], [1e30, 2]], b: [[1, 2, 1e30], [4, 5, 6]]}
    found = blamed(gs.matmul(a, b, name="y"), feed)
    assert (found.index, found.kind) == ((1, 2), "Inf")
    assert [operand.where for operand in found.operands] == ["row 1", "column 2"]
    np.testing.assert_allclose(found.operands[0].value, [1e30, 2])
    np.testing.assert_allclose(found.operands[1].value, [1e30, 6])
    assert found.cause == "the numbers have become too large for float32"


def test_turned_factors():
    a = gs.placeholder(gs.float32, [2, 2], name="a")
    b = gs.placeholder(gs.float32, [3, 2], name="b")
    feed = {a: [[1, 1e30], [1, 2]], b: [[1, 4], [2, 5], [1e30, 6]]}
    y = gs.matmul(a, b, transpose_a=True, transpose_b=True, name="y")
    found = blamed(y, feed)
    assert found.index == (1, 2)
    np.testing.assert_allclose(found.operands[0].value, [1e30, 2])
    np.testing.assert_allclose(found.operands[1].value, [1e30, 6])


def test_operands_that_are_repeated():
    x = gs.placeholder(gs.float32, [2, 1], name="x")
    z = gs.placeholder(gs.float32, [3], name="z")
    found = blamed(gs.divide(x, z, name="y"), {x: [[0.0], [7.0]], z: [1.0, 2.0, 0.0]})
    assert found.index == (0, 2)
    assert [float(operand.value) for operand in found.operands] == [0.0, 0.0]
    assert found.count == 2
    assert found.cause == "0 / 0 is NaN"


# ---- backwards ---------------------------------------------------------------------------------


def test_the_branch_that_where_does_not_take():
    W = gs.Variable([-1.0, 0.0, 4.0], name="W")
    y = gs.where(W > 0.0, gs.log(W, name="log"), gs.zeros_like(W), name="chosen")
    loss = gs.reduce_sum(y, name="loss")
    found = blamed([loss, SGD(0.1).minimize(loss, name="train")])
    assert found.phase is Phase.BACKWARD
    assert found.node.gradient_of.name == "log"
    assert (found.index, found.kind) == ((1,), "NaN")
    assert "tf.where hands 0 to the side that it did not take" in found.cause
    assert "x_safe" in found.hint
    assert found.reaches == ("%W",)
    # The logarithm was bad before, in the forward pass, and that was masked.
    assert [(op.name, t < found.t) for op, t in found.others] == [("log", True)]


def test_the_slope_of_a_root_at_zero():
    W = gs.Variable([0.0, 4.0], name="W")
    loss = gs.reduce_sum(gs.sqrt(W, name="root"), name="loss")
    found = blamed([loss, SGD(0.1).minimize(loss, name="train")])
    assert found.node.gradient_of.name == "root"
    assert found.kind == "Inf"
    assert "tf.sqrt(x + 1e-12)" in found.hint
    assert found.reaches == ("%W",)


@pytest.mark.parametrize("first", [0.0, 4.0])
def test_a_root_in_a_branch(first):
    """Where it is taken its slope at 0 is infinite; where not, that does no harm."""
    W = gs.Variable([first], name="W")
    root = gs.sqrt(W * 0.0, name="root")
    loss = gs.reduce_sum(gs.where(W < 1.0, root, W), name="loss")
    d = debugged([loss, SGD(0.1).minimize(loss, name="train")])
    d.run_to_end()
    if first:
        assert d.first_bad().node is None
        return
    found = d.first_bad()
    assert (found.node.type, found.kind) == ("SqrtGrad", "Inf")
    assert found.cause == "1 / (2 * 0) is Inf, in the gradient of Sqrt"
    assert "tf.sqrt(x + 1e-12)" in found.hint


def test_a_cross_entropy_of_a_certain_error():
    x = gs.placeholder(gs.float32, [1, 2], name="x")
    W = gs.Variable([[200.0, 0.0], [0.0, 1.0]], name="W")
    y = gs.nn.softmax(gs.matmul(x, W), name="y")
    loss = gs.reduce_mean(-gs.reduce_sum(gs.constant([[0.0, 1.0]]) * gs.log(y), 1), name="loss")
    found = blamed([loss, SGD(0.1).minimize(loss, name="train")], {x: [[1.0, 0.0]]})
    assert (found.node.type, found.index) == ("Log", (0, 1))
    assert found.reaches == ("loss",)
    assert found.others[0][0].gradient_of.type == "Log"
    d = debugged([loss, SGD(0.1).minimize(loss, name="train2")], {x: [[1.0, 0.0]]})
    d.run_to_end()
    assert d.first_bad("%W").node.gradient_of.type == "Log"
    assert d.first_bad("loss").node.type == "Log"


# ---- where it goes -----------------------------------------------------------------------------


def test_masked_and_harmless():
    x, feed = placeholder([1.0, 0.0])
    bad = gs.log(x, name="bad")
    kept = gs.nn.relu(bad, name="kept")  # max(-inf, 0)
    other = gs.where(x > 0.0, bad, x, name="other")
    y = gs.reduce_sum(kept + other, name="y")
    found = blamed(y, feed)
    assert found.node.name == "bad"
    assert found.propagated == ()
    assert names(found.masked) == ["kept", "other"]
    assert found.reaches == ()
    assert "it does no harm here" in str(found)


def test_the_birth_that_does_harm_is_named_and_the_others_beside_it():
    x, feed = placeholder([1.0, 0.0])
    harmless = gs.log(x, name="harmless")
    kept = gs.exp(harmless, name="kept")
    guilty = gs.divide(1.0, x, name="guilty")
    later = gs.exp(kept + 99.0, name="later")
    y = gs.reduce_sum(kept + guilty + later, name="y")
    found = blamed(y, feed)
    assert found.node.name == "guilty"
    assert names(op for op, _ in found.others) == ["harmless", "later"]
    text = str(found)
    assert "born before, without harm: harmless" in text
    assert "born later: later" in text


def test_looking_at_a_shape_takes_no_number_of_it():
    x, feed = placeholder([1.0, 0.0])
    bad = gs.log(x, name="bad")
    y = gs.add(gs.reduce_sum(gs.zeros_like(bad)), gs.cast(gs.size(bad), gs.float32), name="y")
    found = blamed([y, bad], feed)
    assert found.masked == found.propagated == ()
    assert found.reaches == ("bad",)


def test_overwriting_a_bad_variable_is_no_taking_of_it():
    W = gs.Variable([1.0, 1.0], name="W")
    worse = gs.assign(W, gs.log(W - 1.0), name="worse")
    with gs.control_dependencies([worse]):
        mended = gs.assign(W, [2.0, 2.0], name="mended")
    with gs.control_dependencies([mended]):
        y = gs.reduce_sum(W.read_value(), name="y")
    found = blamed(y)
    assert found.node.type == "Log"
    assert "mended" not in names(found.masked) + names(found.propagated)
    assert found.reaches == ("%W",)


def test_through_loops_and_branches():
    x = gs.placeholder(gs.float32, [], name="x")
    out = gs.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, gs.log(a, name="log")), [0, x])[1]
    y = gs.cond(x > 1.0, lambda: out * 2.0, lambda: gs.ones([]), name="pick")
    y = gs.identity(y, name="y")
    d = debugged(y, {x: 3.0})
    d.run_to_end()
    found = d.first_bad()
    assert found.node.name == "while/log"
    times = d.timeline.times_of(found.node)
    # log 3 = 1.1, log 1.1 = 0.09, log 0.09 = -2.4, and the logarithm of that is NaN.
    assert times.index(found.t) == 3
    assert [float(operand.value) < 0 for operand in found.operands] == [True]
    assert found.reaches == ("y",)
    assert "while/While" in names(found.propagated)
    found = blamed(y, {x: 0.5})  # the other branch drops it: nothing takes it
    assert found.node.name == "while/log"
    assert found.reaches == ()


def test_a_bad_number_that_goes_into_a_loop_and_out_of_it():
    x = gs.placeholder(gs.float32, [], name="x")
    out = gs.while_loop(lambda i, a: i < 2, lambda i, a: (i + 1, a), [0, x])[1]
    found = blamed(gs.identity(out, name="y"), {x: np.nan})
    assert (found.node.name, found.t) == ("x", 0)
    assert found.reaches == ("y",)
    assert "while/While" in names(found.propagated)


def test_backwards_through_a_loop():
    x = gs.placeholder(gs.float32, [], name="x")
    out = gs.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, gs.sqrt(a, name="root")), [0, x])[
        1
    ]
    slope = gs.gradients(out, x)[0]
    found = blamed([out, slope], {x: 0.0})
    assert found.phase is Phase.BACKWARD
    assert found.node.gradient_of.name == "while/root"
    assert "tf.sqrt" in found.hint
    assert len(found.reaches) == 1


# ---- what was there before ---------------------------------------------------------------------


def test_a_feed_that_is_bad():
    x, feed = placeholder([1.0, np.nan, np.inf])
    found = blamed(gs.reduce_sum(x * 2.0, name="y"), feed)
    assert (found.node.name, found.t, found.index, found.kind) == ("x", 0, (1,), "NaN")
    assert (found.count, found.size) == (2, 3)
    assert found.cause == "it was fed so"
    assert names(found.propagated) == ["mul", "y"]
    assert found.reaches == ("y",)


def test_a_constant_that_is_bad():
    found = blamed(gs.add(gs.constant([0.0, -np.inf], name="mask"), 1.0, name="y"))
    assert (found.node.name, found.t, found.kind) == ("mask", 0, "-Inf")
    assert found.cause == "it is a constant of the graph"


def test_a_value_that_was_set_by_hand():
    x, feed = placeholder([1.0, 2.0])
    h = gs.square(x, name="h")
    d = debugged(gs.reduce_sum(h, name="y"), feed)
    d.run_to_end()
    assert not d.first_bad()
    d.set("h", [1.0, np.nan])
    d.run_to_end()
    found = d.first_bad()
    assert (found.node.name, found.cause, found.hint) == ("h", "it was set by hand", "unset h:0")


def test_a_variable_is_traced_to_the_run_that_made_it_bad():
    W = gs.Variable(1.0, name="W")
    loss = gs.square(W, name="loss")
    train = SGD(-1e9).minimize(loss, name="train")  # it runs away
    d = debugged([loss, train])
    d.run(n=7)
    d.run_to_end()
    found = d.first_bad()
    assert 1 < found.run < d.timeline.number
    assert found.t > 0
    assert "too large" in found.cause
    assert found.node.type in ("Square", "Mul", "ApplyGradientDescent")
    line = str(found)
    assert f"of run {found.run}" in line
    # In a history that does not reach so far, it is the variable.
    d.close()
    alone = gs.debug(d.session, loss)
    alone.run_to_end()
    assert (alone.first_bad().node.name, alone.first_bad().t) == ("W", 0)
    assert alone.first_bad().cause == "it had this value when the run began"


# ---- how much was looked at --------------------------------------------------------------------


def test_coverage():
    x, feed = placeholder([1.0, 0.0])
    y = gs.reduce_sum(gs.log(gs.square(x, name="h"), name="bad"), name="y")
    d = debugged(y, feed)
    found = d.first_bad()
    assert not found
    assert (found.node, found.checked) == (None, 0)
    assert found.coverage == "first among those that have run"
    assert str(found).startswith(" There is no NaN and no infinity so far.")
    d.until("bad")
    assert d.first_bad().coverage == "first among those that have run"
    assert d.first_bad().checked == 2
    d.run_to_end()
    d.goto(1)  # what has run counts, wherever we look
    assert d.first_bad().node.name == "bad"
    assert d.first_bad().coverage == "complete"


def test_of_one_place():
    x, feed = placeholder([1.0, 0.0])
    bad = gs.log(x, name="bad")
    worse = gs.divide(1.0, x, name="worse")
    good = gs.square(x, name="good")
    y = gs.add(worse, gs.abs(bad), name="y")
    d = debugged([y, good], feed)
    d.step()
    with pytest.raises(NotExecuted, match=r"y has not run yet: .* Try: until y"):
        d.first_bad(y)
    d.run_to_end()
    assert d.first_bad(bad).node.name == "bad"
    assert d.blame("worse").node.name == d.nan("worse").node.name == "worse"
    assert d.first_bad("y").node.name == "bad"
    found = d.first_bad("good")
    assert not found
    assert str(found).splitlines()[0] == " good has no NaN and no infinity."


def test_words_of_the_prompt():
    x, feed = placeholder([1.0, 0.0])
    d = debugged(gs.log(x, name="bad"), feed)
    d.run_to_end()
    command = commands_of(type(d))["nan"]
    assert command.aliases == ("blame",)
    assert command.call(d, "").node.name == "bad"
    assert command.call(d, "bad").node.name == "bad"
    with pytest.raises(DebugError, match="no node 'worse'"):
        command.call(d, "worse")


def test_odd_values():
    n = gs.constant([1, 2], name="n") * 2
    word = gs.constant("abc", name="word")
    none = gs.log(gs.zeros([0, 3]), name="none")
    turn = gs.complex(gs.constant(1.0), gs.log(gs.constant(0.0), name="bad"), name="turn")
    found = blamed([n, word, none, turn])
    assert found.node.name == "bad"
    assert names(found.propagated) == ["turn"]
    assert found.reaches == ("turn",)


# ---- against numpy -----------------------------------------------------------------------------

KINDS = {
    "log": (gs.log, np.log),
    "exp": (gs.exp, np.exp),
    "relu": (gs.nn.relu, lambda a: np.maximum(a, np.float32(0))),
    "square": (gs.square, np.square),
    "mul": (gs.multiply, np.multiply),
    "div": (gs.divide, np.divide),
    "sub": (gs.subtract, np.subtract),
}
NUMBER = st.sampled_from([0.0, 1.0, -1.0, 2.5, 80.0, 1e20, np.nan, np.inf])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 9), st.integers(0, 9)), max_size=9
    ),
    st.lists(NUMBER, min_size=2, max_size=2),
)
def test_against_numpy(nodes, fed):
    with gs.Graph().as_default(), np.errstate(all="ignore"):
        x = gs.placeholder(gs.float32, [2], name="x")
        tensors, values, edges = [x], [np.float32(fed)], [()]
        for kind, i, j in nodes:
            make, compute = KINDS[kind]
            used = (i % len(tensors), j % len(tensors))[: 2 if kind in ("mul", "div", "sub") else 1]
            tensors.append(make(*(tensors[n] for n in used)))
            values.append(compute(*(values[n] for n in used)))
            edges.append(used)
        d = gs.debug(gs.Session(), tensors, {x: fed})
        d.run_to_end()
        for tensor, value in zip(tensors, values, strict=True):
            np.testing.assert_array_equal(d.value(tensor), value)
        bad = [not np.all(np.isfinite(value)) for value in values]
        births = [n for n in range(len(values)) if bad[n] and not any(bad[m] for m in edges[n])]
        found = d.first_bad()
        assert bool(found) == any(bad)
        if not births:
            return
        # Everything is fetched, so that the first birth reaches something: itself.
        assert found.node is tensors[births[0]].op
        assert {op.name for op, _ in found.others} == {tensors[n].op.name for n in births[1:] if n}
        came = {births[0]}
        masked = set()
        for n, used in enumerate(edges):
            if any(m in came for m in used):
                (came if bad[n] else masked).add(n)
        assert {op.name for op in found.propagated} == {
            tensors[n].op.name for n in came - {births[0]}
        }
        assert {op.name for op in found.masked} == {tensors[n].op.name for n in masked}
        assert len(found.reaches) == len(came)


# ---- the text ----------------------------------------------------------------------------------


def test_the_text(transcript):
    W = gs.Variable([-1.0, 0.0, 4.0], name="W")
    y = gs.where(W > 0.0, gs.log(W, name="log"), gs.zeros_like(W), name="chosen")
    loss = gs.reduce_sum(y, name="loss")
    found = blamed([loss, SGD(0.1).minimize(loss, name="train")])
    line = y.op.source.lineno
    transcript.same(
        str(found),
        f"""
 The first NaN is born at gradients/log_grad/truediv, at t=9, BWD.
   the gradient of log: {HERE}{line}  y = gs.where(W > 0.0, gs.log(W, name...
   x0  gradients/chosen_grad/Select  [1]  0
   x1  W/read                        [1]  0
   ->  gradients/log_grad/truediv    [1]  NaN
   0 / 0 is NaN, in the gradient of Log: tf.where hands 0 to the side that it
   did not take; 1 of 3 elements bad, the first at [1]
   propagated to train/update_W/ApplyGradientDescent
   reaches %W
   born before, without harm: log
   coverage: complete (11 nodes checked)
   try: choose a safe argument first: x_safe = tf.where(ok, x, tf.ones_like(x)),
   then the function of x_safe inside the outer tf.where""",
    )


def test_stops_and_catchpoints_see_the_values_of_their_own_iteration():
    """What `nan` says is what a catchpoint stops at, in a loop too."""
    x = gs.placeholder(gs.float32, [], name="x")
    out = gs.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, gs.log(a, name="log")), [0, x])[1]
    d = debugged(out, {x: 3.0})
    d.catch("nan")
    stop = d.cont()
    assert stop.node.name == "while/log"
    assert stop.inputs[0].value < 0
    assert d.first_bad().t == stop.t
    d.goto(1)
    assert [float(shown.value) for shown in d.stop.inputs] == [0.0, 5.0]  # i < 5
