"""Expressions over the values of a run, and the conditions of breakpoints made of them."""

import subprocess
import sys

import numpy as np
import pytest
from stepped import Program

import graphscope as gs
from graphscope.debug import DebugError, NotExecuted
from graphscope.debug.expressions import Expression


@pytest.fixture
def d():
    x = gs.placeholder(gs.float32, [2, 2], name="x")
    w = gs.Variable(2.0, name="w")
    with gs.name_scope("dense"):
        y = gs.multiply(x, w, name="y")
        z = gs.reduce_sum(y, name="z")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    made = gs.debug(session, [z, y], {x: [[1.0, 2.0], [3.0, 4.0]]})
    made.until("dense/y")
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", [[1, 2], [3, 4]]),
        ("dense/y", [[2, 4], [6, 8]]),
        ("dense/y:0", [[2, 4], [6, 8]]),
        ("y", [[2, 4], [6, 8]]),
        ("w", 2),
        ("w + 1", 3),
        ("y - x", [[1, 2], [3, 4]]),
        ("dense/y - x", [[1, 2], [3, 4]]),
        ("dense/y:0[0, 1] * 10", 40),
        ("x[1:, 0]", [3]),
        ("y / x", [[2, 2], [2, 2]]),
        ("np.max(dense/y) - 1", 7),
        ("y.shape", [2, 2]),
        ("x[x > 2]", [3, 4]),
        ("max(y.ravel()) - min(x.ravel())", 7),
        ("sum(v for v in x[0])", 3),
        ("t * 2 if w > 1 else 0", 4),
        ("-w", -2),
        ("(x @ x)[0, 0]", 7),
        ("np.isfinite(y).all()", True),
        ("{'a': 1}['a']", 1),
    ],
)
def test_values_of_expressions(d, text, expected):
    card = d.card(text)
    np.testing.assert_array_equal(card.value, expected)
    assert (card.t, card.end) == (2, 3)


def test_a_tensor_has_a_card_with_its_names_and_an_expression_has_its_text(d):
    card = d.card("dense/y")
    assert (card.text, card.python, card.tensor.name) == ("dense/y:0", "y", "dense/y:0")
    assert d.card(card.tensor).text == "dense/y:0"
    card = d.card("y + 1")
    assert (card.text, card.python, card.tensor) == ("y + 1", None, None)


def test_an_expression_looks_at_the_time_at_which_we_are(d):
    with pytest.raises(NotExecuted, match="dense/z has not run yet"):
        d.card("z + 1")
    d.step()
    assert d.card("z + 1").value == 21.0
    d.back()
    with pytest.raises(NotExecuted):
        d.card("z + 1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q", "The graph has no node 'q'."),
        ("dense/q", "The graph has no node 'dense/q'; did you mean"),
        ("q + 1", "The graph has no node 'q'."),
        ("y +", "'y +' is not an expression: invalid syntax."),
        ("x = 1", "'x = 1' is not an expression: "),
        ("y[9]", "'y[9]' fails: IndexError: "),
        ("y.nothing", "'y.nothing' fails: AttributeError: "),
        ("1 / 0", "'1 / 0' fails: ZeroDivisionError: division by zero"),
        ("open('file')", "The graph has no node 'open'"),
        ("__import__('os')", "The graph has no node '__import__'"),
        ("y:7 + 1", "dense/y has no output 7; its last one is dense/y:0."),
    ],
)
def test_what_cannot_be_computed(d, text, message):
    with pytest.raises(DebugError) as caught:
        d.card(text)
    assert str(caught.value).startswith(message)
    assert d.t == 2


def test_trouble_with_numbers_is_a_value_and_no_warning(d):
    assert np.isnan(d.card("np.log(-w)").value)
    assert np.isinf(d.card("w / (w - w)").value)


def test_the_names_that_are_looked_up():
    names = Expression("np.max(v) > dense/y:0 and t").names
    assert {"np", "v", "dense/y:0", "t"} <= names


def test_an_expression_is_parsed_once_and_evaluated_often():
    calls = []

    def value_of(name):
        calls.append(name)
        return np.float32(len(calls))

    expression = Expression("a/b + c:0")
    assert [expression.evaluate(value_of) for _ in range(2)] == [3.0, 7.0]
    assert calls == ["a/b", "c:0"] * 2


def test_known_names_come_before_those_of_the_graph():
    assert Expression("v + w").evaluate(lambda name: 10, v=1) == 11


def test_methods_that_numpy_loads_late_work_in_an_expression():
    program = (
        "import numpy as np\n"
        "from graphscope.debug.expressions import Expression\n"
        "print(Expression('x.max()').evaluate(lambda name: np.arange(3)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "2\n", done.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [("%a/b[0]", 7), ("max(%a/b) - %c", 5), ("7 % c", 1), ("c %2", 0), ("(c) % a/b[0]", 2)],
)
def test_the_sign_of_a_variable_is_told_from_a_remainder(text, value):
    assert Expression(text).evaluate({"a/b": [7, 6], "c": 2}.__getitem__) == value


def test_what_eval_has_assigned_is_known_in_all_expressions():
    d = Program().debug()
    d.evaluate("limit = 30; name = 'layer/b'")
    assert float(d.onecmd("print limit + 1").data.value) == 31
    d.brk("c if v > limit")
    d.brk("again if v < limit - 100")
    assert d.cont().node.name == "c"
    d.trace("again limit * 2")
    assert [said.text for said in d.step().traces] == ["i64[]  60"]
    d.onecmd("display limit")
    d.onecmd("set %n = limit")
    assert float(d.value("%n")) == 30.0
    assert "no node 'limt'" in d.onecmd("print limt").text


def test_a_name_of_the_graph_comes_before_one_that_was_assigned():
    d = Program().debug()
    d.step()
    d.evaluate("x = 5")
    assert float(d.onecmd("print x").data.value) == 2.0
