"""eval: any Python over the values of a run."""

import numpy as np
import pytest
from wayfinding import Loop, Trained, call, odd, started

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.expressions import Expression


@pytest.fixture
def d():
    made = Trained().debug()
    made.until("loss")
    return made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 1", 2),
        ("loss", 12.5),
        ("w.shape", (2, 1)),
        ("layer/y[0, 0]", 3.0),
        ("layer/y:0.max()", 4.0),
        ("layer/y.max()", 4.0),
        ("layer/y.T.shape", (1, 2)),
        ("v('layer/y').max()", 4.0),
        ("v('%w')[1, 0]", 2.0),
        ("np.abs(grad(loss,w)).max()", 11.0),
        ("dbg.t", 7),
        ("[v for v in range(3)]", [0, 1, 2]),
        ("sum(layer/y.ravel() > k for k in range(4)).tolist()", [3, 4]),
        ("'layer/y and loss:0'", "layer/y and loss:0"),
        ("{'loss': 1}['loss']", 1),
        ("len([1, 2][0:1])", 1),
        ("6 / 3", 2.0),
        ("isinstance(loss, np.ndarray)", True),
    ],
)
def test_expressions(d, text, value):
    for word in ("eval", "ev", "!"):
        answer = call(d, f"{word} {text}")
        assert answer.value == value
        assert answer.assigned == {}
        assert str(answer) == f" {value!r}" or isinstance(answer.value, np.ndarray | np.generic)


def test_statements_and_what_they_assign(d):
    answer = call(d, "! big = layer/y * 2; small = 1")
    assert answer.value is None
    assert set(answer.assigned) == {"big", "small"}
    np.testing.assert_array_equal(answer.assigned["big"], [[6.0], [8.0]])
    assert call(d, "! big.sum() + small").value == 15.0
    assert call(d, "! small += 1").assigned == {"small": 2}
    assert call(d, "! import math").assigned.keys() == {"math"}
    assert call(d, "! math.floor(loss)").value == 12
    assert str(call(d, "! n = None")) == " n = None"
    assert str(call(d, "! pass")) == " done"


def test_what_was_assigned_outlives_moving_and_other_runs(d):
    d.evaluate("before = loss")
    d.back(3)
    assert d.evaluate("before").value == 12.5
    d.run()
    assert d.evaluate("before").value == 12.5


def test_functions_see_the_values_of_the_time_at_which_they_are_called(d):
    d.evaluate("def now(): return (w.sum(), layer/y.max())")
    d.evaluate("k = 5\ndef more(): return k + now()[0]")
    before = d.evaluate("now()").value
    assert before == (3.0, 4.0)
    assert d.evaluate("more()").value == 8.0
    d.run_to_end()
    d.evaluate("k = 6")
    assert d.evaluate("now()[0]").value == pytest.approx(2.8)
    assert d.evaluate("more()").value == pytest.approx(8.8)


def test_spaces_and_lines_stay_as_they_are(d):
    assert call(d, "! 'a  b' + \"c   d\"").value == "a  bc   d"
    assert d.evaluate("total = 0\nfor i in range(3):\n    total += i").assigned["total"] == 3


def test_what_is_printed_is_part_of_the_answer(d, capsys):
    answer = call(d, "! for i in range(2): print('at', i, loss)")
    assert answer.printed == "at 0 12.5\nat 1 12.5\n"
    assert str(answer).splitlines() == [" at 0 12.5", " at 1 12.5", " i = 1"]
    assert capsys.readouterr().out == ""


def test_a_long_answer_is_cut_off_and_it_is_said(d):
    lines = str(d.evaluate("for i in range(100): print(i)")).splitlines()
    assert len(lines) == 61
    assert lines[-1] == " ... and 41 lines more"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"eval needs Python behind it"),
        ("1 +", r"'1 \+' is not Python: invalid syntax\."),
        ("1 / 0", r"'1 / 0' fails: ZeroDivisionError: division by zero"),
        ("raise ValueError('no')", r"fails: ValueError: no"),
        ("exit()", r"fails: SystemExit"),
        ("nix", r"The graph has no node 'nix'"),
        ("w[5]", r"fails: IndexError"),
        ("w[0] = 1", r"fails: ValueError: assignment destination is read-only"),
        ("Adam", r"Adam has not run yet"),
        ("grad(sharp,w)", r"sharp does not run for this fetch"),
        ("x = \0", r"is not Python"),
    ],
)
def test_errors_are_sentences_and_nothing_is_lost(d, text, message):
    d.evaluate("kept = 1")
    t = d.t
    with pytest.raises(DebugError, match=message):
        d.evaluate(text)
    assert d.t == t
    assert d.evaluate("kept").value == 1


def test_the_users_names_come_first_then_those_of_the_graph_then_pythons(d):
    gs.constant(7.0, name="input")
    made = started(gs.identity(gs.get_default_graph().get_tensor_by_name("input:0")))
    assert made.evaluate("input").value == 7.0  # Python has an `input` too
    assert made.evaluate("hex(255)").value == "0xff"
    made.evaluate("input = 8")
    assert made.evaluate("input").value == 8


def test_dbg_is_the_debugger(d):
    assert d.evaluate("dbg").value is d
    assert d.evaluate("dbg.back().t").value == 6
    assert d.t == 6
    other = d.fork()
    assert other.evaluate("dbg").value is other


def test_in_loops_and_with_odd_values():
    program = Loop()
    looped = started([program.loss], {program.a: 3.0})
    looped.until("double")
    assert looped.evaluate("double + 1").value == 7.0
    with gs.Graph().as_default():
        made = started(*odd())
        made.run_to_end()
        assert made.evaluate("nothing.shape").value == (0, 3)
        assert made.evaluate("same.tolist()").value == [b"a", b"bc"]


def test_expressions_reach_values_from_inside_a_comprehension():
    values = {"a": 2, "b": np.arange(3)}
    assert Expression("[a * k for k in b]").evaluate(values.__getitem__) == [0, 2, 4]
    assert Expression("max(k + a for k in b if k < a)").evaluate(values.__getitem__) == 3
    with pytest.raises(DebugError, match="NameError"):
        Expression("open('x')").evaluate(lambda name: (_ for _ in ()).throw(NameError(name)))


def test_attributes_of_values_whose_names_have_dots():
    with gs.name_scope("conv.1"):
        gs.constant([1.0, 2.0], name="w.0")
    d = started(gs.constant(1.0))
    for text, value in [
        ("conv.1/w.0.sum()", 3.0),
        ("conv.1/w.0.T.shape", (2,)),
        ("conv.1/w.0[0] * 2", 2.0),
        ("conv.1/w.0:0.max()", 2.0),
    ]:
        assert d.card(text).value.tolist() == (list(value) if isinstance(value, tuple) else value)
        assert d.evaluate(text).value == value
    with pytest.raises(DebugError, match="has no attribute 'nix'"):
        d.evaluate("conv.1/w.0.nix")
