"""print: its options, parts of values, and gradients of anything along anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wayfinding import Loop, Trained, call, odd, started

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.answers import Band, Elements
from graphscope.debug.errors import NoGradient
from graphscope.debug.side.gradients import (
    gradient_on_the_side,
    gradients_on_the_side,
    own_gradients,
)
from graphscope.graph.registry import OPS


@pytest.fixture
def wild():
    """w = 0 .. 99, with a NaN at [1, 2] and an infinity at [3, 4]."""
    array = np.arange(100, dtype=np.float32).reshape(10, 10)
    array[1, 2], array[3, 4] = np.nan, np.inf
    w = gs.constant(array, name="w")
    d = started(gs.identity(w, name="y"))
    d.step()
    return d


# ---- options -----------------------------------------------------------------------------------


def test_statistics_only_and_all_elements(wild):
    some, none, all_ = (call(wild, f"print y{option}") for option in ("", " -s", " -a"))
    assert [card.elements for card in (some, none, all_)] == [
        Elements.SOME, Elements.NONE, Elements.ALL,
    ]  # fmt: skip
    assert "..." in str(some)
    assert "..." not in str(all_)
    assert " 57. " in str(all_)
    assert "[" not in str(none).split("\n", 1)[1].replace("first at [1, 2]", "")


def test_ranges_are_counted_and_marked(wild):
    card = call(wild, "print y[2] -r [[20, 22], [29, inf], [500, 600]] -f .1f")
    assert card.bands == (
        Band(20.0, 22.0, 3, (0,)),
        Band(29.0, np.inf, 1, (9,)),
        Band(500.0, 600.0, 0, None),
    )
    assert str(card).splitlines()[-4:] == [
        "   * 20 to 22: 3 of 10, the first at [0]",
        "   * 29 to Inf: 1 of 10, the first at [9]",
        "   * 500 to 600: 0 of 10",
        "   [20.0* 21.0* 22.0*  23.0  24.0  25.0  26.0  27.0  28.0 29.0*]",
    ]


def test_a_single_range(wild):
    assert call(wild, "print y -r [0,9]").bands == (Band(0.0, 9.0, 10, (0, 0)),)


@pytest.mark.parametrize("text", ["5", "[1,2,3]", "[[1],[2]]", "[a,b]", "[1,", "['x','y']"])
def test_wrong_ranges(wild, text):
    with pytest.raises(DebugError, match="-r takes ranges, as in"):
        wild.card("y", r=text)


def test_how_numbers_are_written(wild):
    for text in (".2e", "%.2e"):
        assert "2.00e+00" in str(call(wild, f"print y[0] -f {text}"))
    with pytest.raises(DebugError, match=r"-f zz cannot write a float32\. It takes what"):
        call(wild, "print y -f zz")
    assert str(call(wild, "print y[0:0] -f .2f"))


def test_a_value_of_another_time(trained):
    program_end = trained.timeline.end
    trained.run_to_end()
    before = call(trained, "print w -t 0")
    np.testing.assert_array_equal(before.value, [[1.0], [2.0]])
    assert before.t == 0
    after = call(trained, f"print w -t {program_end}").value
    np.testing.assert_allclose(after, [[0.9], [1.9]], rtol=1e-6)
    np.testing.assert_allclose(call(trained, "print w - 1 -t 0").value, [[0.0], [1.0]])
    with pytest.raises(NotExecuted, match="There is nothing to see at t=999"):
        call(trained, "print w -t 999")
    with pytest.raises(DebugError, match="print takes a whole number, and 'x' is none"):
        call(trained, "print w -t x")


def test_written_to_a_file(trained, tmp_path):
    file = tmp_path / "y.npy"
    card = call(trained, f"print layer/y * 2 > {file}")
    assert card.written == str(file)
    np.testing.assert_array_equal(np.load(file), [[6.0], [8.0]])
    assert str(card).endswith(f"wrote {file}")
    with pytest.raises(DebugError, match=r"cannot be written: No such file"):
        trained.card(f"w > {tmp_path}/no/y.npy")
    assert trained.onecmd(f"print w > {file}").data.written == str(file)
    np.testing.assert_array_equal(np.load(file), [[1.0], [2.0]])
    # A comparison is none.
    np.testing.assert_array_equal(call(trained, "print layer/y > 3").value, [[False], [True]])


def test_texts_cannot_be_written(tmp_path):
    d = started(*odd())
    d.run_to_end()
    with pytest.raises(DebugError, match=r"Texts cannot be written"):
        d.card(f"same > {tmp_path}/t.npy")


# ---- parts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("y[0:2, :]", np.s_[0:2, :]),
        ("y:0[0]", np.s_[0]),
        ("y[-1, ::3]", np.s_[-1, ::3]),
        ("y[...,0]", np.s_[..., 0]),
    ],
)
def test_slices(wild, text, index):
    card = call(wild, f"print {text}")
    np.testing.assert_array_equal(card.value, wild.value("y")[index])
    assert card.places is None


def test_masks_say_where_the_elements_are(wild):
    card = call(wild, "print y[~isfinite]")
    np.testing.assert_array_equal(card.value, [np.nan, np.inf])
    np.testing.assert_array_equal(card.places, [[1, 2], [3, 4]])
    assert "they are at [1, 2], [3, 4]" in str(card)
    assert call(wild, "print y[isnan]").places.tolist() == [[1, 2]]
    assert call(wild, "print y[isinf & (value > 0)]").places.tolist() == [[3, 4]]
    assert len(call(wild, "print (y - 1)[isfinite]").value) == 98
    assert call(wild, "print y[1, ~isfinite[1]]").places is None
    np.testing.assert_array_equal(call(wild, "print y[np.isnan(y)]").value, [np.nan])
    with pytest.raises(DebugError, match="isfinite"):
        call(wild, "print isfinite")


def test_a_mask_that_chooses_nothing(trained):
    card = call(trained, "print layer/y[~isfinite]")
    assert (card.value.size, len(card.places)) == (0, 0)
    assert "they are" not in str(card)


def test_odd_values_can_be_printed():
    d = started(*odd())
    d.run_to_end()
    for name in ("nothing", "more", "same", "mul"):
        for options in ("", " -s", " -a"):
            assert str(call(d, f"print {name}{options}"))
    assert str(call(d, "print more -r [2,3] -f d")).endswith("[2* 3*  4]")
    with pytest.raises(DebugError, match="Only numbers lie in ranges"):
        call(d, "print same -r [0,1]")
    with pytest.raises(DebugError, match="holds no numbers"):
        call(d, "print same[isnan]")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("print", r"^print needs a word after it: print EXPRESSION \[-s\] \[-a\]"),
        ("print layer/*", "means .* operations"),
        ("print y +", "'y [+]' is not an expression: invalid syntax"),
        ("print nix", "The graph has no node 'nix'"),
        ("print Adam/update", "has no value: it only waits for others"),
        ("print -q w", "The graph has no node 'q'|is not an expression"),
    ],
)
def test_bad_input(trained, line, message):
    with pytest.raises(DebugError, match=message):
        call(trained, line)


# ---- gradients ---------------------------------------------------------------------------------


def test_a_gradient_before_and_after_the_backward_pass(trained):
    size = len(trained.session.graph.operations)
    early = call(trained, "print grad(loss,w)")
    np.testing.assert_allclose(early.value, [[3.0], [11.0]])
    assert early.slope.computed
    own = early.slope.own
    assert own.op in trained.plan
    trained.run_to_end()
    late = call(trained, "print grad( loss , %w )")
    assert not late.slope.computed
    assert late.slope.own is own
    assert f"the run's own: {own.name}" in str(late)
    np.testing.assert_array_equal(late.value, early.value)
    np.testing.assert_array_equal(late.value, trained.value(own))
    assert len(trained.session.graph.operations) == size


def test_gradients_in_expressions_and_as_places(trained):
    assert call(trained, "print np.abs(grad(loss,w)).max() + 1").value == 12.0
    assert call(trained, "print grad(loss,w)[1, 0]").value == 11.0
    assert call(trained, "print -grad(loss, layer/y)[0]").value == [-3.0]
    np.testing.assert_allclose(trained.value("grad(loss,layer/y)"), [[3.0], [4.0]])
    own = trained.locations.tensor("grad(loss,w)")
    assert call(trained, "until grad(loss,w)").node is own.op
    call(trained, "break grad(loss,layer/y)")
    assert call(trained, "goto start").t == 0
    assert call(trained, "continue").node is trained.locations.tensor("grad(loss,layer/y)").op


def test_a_gradient_that_only_the_train_op_needs():
    """The loss itself does not run when only its gradient is wanted; the run's own node does."""
    program = Trained()
    d = program.debug(program.train)
    assert "loss" not in [op.name for op in d.plan.nodes]
    with pytest.raises(NotExecuted, match=r"has not run yet: it runs at t=\d+"):
        d.card("grad(loss,w)")
    d.run_to_end()
    np.testing.assert_allclose(d.card("grad(loss,w)").value, [[3.0], [11.0]])
    with pytest.raises(NotExecuted, match="loss does not run for this fetch"):
        d.card("grad(loss,x)")


def test_a_gradient_that_no_fetch_asks_for():
    program = Trained()
    d = program.debug(program.loss)
    with pytest.raises(NotExecuted, match=r"loss has not run yet: it runs at t=\d+"):
        d.card("grad(loss,w)")
    d.run_to_end()
    card = d.card("grad(loss,x)")
    # d (x w)^2/2 / dx = y w: [[3], [4]] [1, 2]
    np.testing.assert_allclose(card.value, [[3.0, 6.0], [4.0, 8.0]])
    assert card.slope.computed
    assert card.slope.own.op not in d.plan  # the optimizer has made it, and nothing needs it
    assert "computed on the side; the graph has not grown" in str(card)
    assert d.card("grad(layer/y,w)").slope.own is None
    with pytest.raises(UnknownPlace, match="computes it on the side"):
        d.brk("grad(layer/y,w)")
    with pytest.raises(DebugError, match="does not run for this fetch"):
        d.brk("grad(loss,x)")


def test_a_value_set_by_hand_counts(trained):
    trained.set("layer/y", np.array([[10.0], [0.0]]))
    trained.until("loss")
    np.testing.assert_allclose(trained.card("grad(loss,w)").value, [[10.0], [10.0]])
    trained.until("grad(loss,w)")
    trained.set("grad(loss,w)", np.ones((2, 1)))
    np.testing.assert_allclose(trained.card("grad(loss,w)").value, [[1.0], [1.0]])


def test_a_feed_in_the_middle_cuts_the_gradient():
    program = Trained()
    d = started([program.loss], {program.y: [[5.0], [6.0]]})
    d.run_to_end()
    np.testing.assert_allclose(d.card("grad(loss,layer/y)").value, [[5.0], [6.0]])
    with pytest.raises(NoGradient, match=r"No gradient of loss:0 comes back to w:0\. Try: path w"):
        d.card("grad(loss,w)")


def test_through_loops_branches_and_random_numbers():
    w = gs.Variable(3.0, name="w")

    def body(i, v):
        return i + 1, v * gs.random_uniform([], seed=4) * w

    looped = gs.while_loop(lambda i, v: i < 3, body, [0, w * 1.0])[1]
    out = gs.cond(looped > 0.0, lambda: looped * 10.0, lambda: looped)
    loss = gs.square(out, name="loss")
    asked = gs.gradients(loss, w)[0]
    d = started([loss, asked])
    d.run_to_end()
    np.testing.assert_array_equal(gradient_on_the_side(d.timeline, loss, w._ref()), d.value(asked))
    # loss = c w^8 for some c, so its slope is 8 loss / w
    np.testing.assert_allclose(d.card("grad(loss,w)").value, 8 * d.value("loss") / 3, rtol=1e-5)


def test_what_is_inside_a_loop_or_a_branch():
    program = Loop()
    d = started([program.loss], {program.a: 3.0})
    d.run_to_end()
    # loss = (80 a)^2
    np.testing.assert_allclose(d.card("grad(loss,a)").value, 2 * 6400 * 3.0)
    with pytest.raises(DebugError, match="is inside a branch or a loop, where it has a value"):
        d.card("grad(loss,tenfold)")


def test_python_functions_are_not_called_again():
    calls = []
    w = gs.Variable(2.0, name="w")
    factor = gs.py_func(lambda: (calls.append(1), np.float32(5.0))[1], [], gs.float32)
    loss = gs.multiply(gs.square(w), factor, name="loss")
    d = started(loss)
    d.run_to_end()
    assert d.card("grad(loss,w)").value == 20.0
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("grad(sharp,w)", "No gradient of sharp:0 comes back to w:0"),
        ("grad(loss,step)", "No gradient of loss:0 comes back to step:0"),
        ("grad(w,loss)", "No gradient of w:0 comes back to loss:0"),
        ("grad(loss,nix)", "The graph has no node 'nix'"),
        ("grad(nix,w)", "The graph has no node 'nix'"),
        ("grad(step,w)", "step:0 is int32: only floating-point numbers have a gradient"),
        ("grad(loss)", "grad"),
    ],
)
def test_no_gradient(spec, message):
    program = Trained()
    d = program.debug(program.loss, program.sharp, program.step)
    d.run_to_end()
    with pytest.raises(DebugError, match=message):
        d.card(spec)


def test_an_operation_without_a_rule_is_named(monkeypatch):
    program = Trained()
    d = program.debug(program.loss)
    d.run_to_end()
    monkeypatch.setattr(OPS["Square"], "gradient_rule", None)
    with pytest.raises(DebugError, match=r"No gradient defined for operation 'Square' \(op type"):
        gradient_on_the_side(d.timeline, program.loss, program.w._ref())


def test_several_at_once():
    program = Trained()
    d = program.debug(program.loss)
    d.run_to_end()
    along = [program.w._ref(), program.x, program.step._ref(), program.b._ref(), program.loss]
    found = gradients_on_the_side(d.timeline, program.loss, along)
    assert [None if value is None else value.tolist() for value in found] == [
        [[3.0], [11.0]],
        [[3.0, 6.0], [4.0, 8.0]],
        None,
        [7.0],
        1.0,
    ]


def test_the_gradient_of_a_vector_is_that_of_its_sum(trained):
    card = trained.card("grad(layer/y,w)")
    np.testing.assert_allclose(card.value, [[1.0], [3.0]])
    assert "the sum of layer/y taken" in str(card)


def test_the_own_gradient_is_found_among_several_passes():
    w, v = gs.Variable(2.0, name="w"), gs.Variable(3.0, name="v")
    one, two = gs.multiply(w, v, name="one"), gs.square(w * v, name="two")
    first = gs.gradients(one, [w, v])
    second = gs.gradients(two, [v, w])
    third = gs.gradients(one, [w])
    twice = gs.gradients(second[1], [w])
    d = started([second, third])
    find = own_gradients
    # two passes compute the gradient of `one`: the one that runs here is taken
    assert find(one, [w._ref()], d.plan) == third
    assert find(one, [v._ref()], d.plan) == [first[1]]
    assert find(two, [v._ref(), w._ref()], d.plan) == second
    assert find(second[1], [w._ref()], d.plan) == twice
    assert find(second[0], [w._ref()], d.plan) == [None]
    assert find(two, [one], d.plan) == [None]


#: Where a branch turns there is no slope; nothing that is drawn comes to exactly this.
LIMIT = 0.12345
OPERATIONS = {
    "add": (2, gs.add),
    "mul": (2, gs.multiply),
    "tanh": (1, gs.tanh),
    "square": (1, gs.square),
    "sum": (1, lambda a: gs.reduce_sum(a) * 0.5),
    "half": (1, lambda a: a * 0.5),
    "cond": (2, lambda a, b: gs.cond(gs.reduce_sum(a) > LIMIT, lambda: a * b, lambda: a - b)),
    "loop": (
        1,
        lambda a: gs.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, gs.sin(v)), [0, a])[1],
    ),
}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.floats(-1, 1), min_size=2, max_size=2),
)
def test_gradients_against_differences(steps, start):
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float64, [2], name="x")
        made = [gs.identity(x)]
        for name, i, j in steps:
            count, make = OPERATIONS[name]
            made.append(make(*(made[k % len(made)] for k in (i, j)[:count])))
        loss = gs.reduce_sum(made[-1] + 0.0 * x, name="loss")
        session = gs.Session()
        point = np.array(start)
        d = gs.debug(session, loss, {x: point})
        d.run_to_end()
        size = len(session.graph.operations)
        found = d.card("grad(loss,x)").value
        assert len(session.graph.operations) == size
        own = gs.gradients(loss, x)[0]
        np.testing.assert_array_equal(found, session.run(own, {x: point}))
        eps = 1e-6
        shifts = np.eye(2) * eps
        up, down = (
            [session.run(loss, {x: point + s * shift}) for shift in shifts] for s in (1, -1)
        )
        numeric = (np.array(up) - np.array(down)) / (2 * eps)
        np.testing.assert_allclose(found, numeric, rtol=1e-4, atol=1e-6)


# ---- text --------------------------------------------------------------------------------------


def test_the_text_of_a_gradient(trained, transcript):
    transcript.same(
        str(trained.card("grad(loss,w)", r="[10,20]")),
        f""" grad(loss,w)  f32[2,1]  at t={trained.t}/{trained.timeline.end}
   computed on the side; the graph has not grown
   min 3  mean 7  max 11  std 4  norm 11.4
   2 elements: 0 zero, 0 NaN, 0 Inf
   * 10 to 20: 1 of 2, the first at [1, 0]
   [[  3]
    [11*]]""",
    )
