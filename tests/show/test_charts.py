"""Lines of numbers: sparklines and charts, in all letters and widths."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.show.chart import Chart, Spark, charted

SGD = gs.train.GradientDescentOptimizer


@pytest.fixture(autouse=True)
def _graph():
    with gs.Graph().as_default():
        yield


def shown(renderable, width, encoding="utf-8"):
    console = Console(width=width, force_terminal=True, color_system=None, _environ={})
    options = console.options
    options.encoding = encoding
    return [
        "".join(s.text for s in line)
        for line in console.render_lines(renderable, options, pad=False)
    ]


def trained(runs):
    """A loss that halves in each run, from 8."""
    w = gs.Variable([2.0, 2.0], name="w")
    loss = gs.reduce_sum(gs.square(w), name="loss")
    train = SGD((1 - 0.5**0.5) / 2).minimize(loss, name="train")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    d = gs.debug(session, [loss, train])
    d.run_to_end()
    for _ in range(runs - 1):
        d.run()
        d.run_to_end()
    return d


def test_the_curve_of_a_loss():
    lines = str(trained(8).hist("loss")).splitlines()
    assert lines[:13] == [
        " loss: 8 executions, one in each run.",
        "   value",
        "        8 |*",
        "          | .",
        "          |  ..",
        "          |    .",
        "     4.03 |     *.",
        "          |       ..",
        "          |         .*..",
        "          |             ..*..",
        "   0.0625 |                  ..*....*....*....*",
        "          +------------------------------------",
        "           run 1                          run 8",
    ]
    assert lines[13].split() == ["run", "t", "value", "change"]


def test_a_few_points_are_a_line_of_letters():
    assert str(trained(3).hist("loss")).splitlines()[1] == "   value  |@=.|  2 to 8"


def test_the_statistics_of_a_variable_over_runs():
    lines = str(trained(5).hist("%w")).splitlines()
    assert lines[1:4] == [
        "   norm    |@*=:.|  0.5 to 2",
        "   mean    |@*=:.|  0.354 to 1.41",
        "   change  |@*=:.|  0.207 to 0.828",
    ]


def test_a_chart_of_what_is_asked_for():
    d = trained(3)
    found = d.hist("%w", chart="change")
    assert found.series("change") == pytest.approx([0.828, 0.586, 0.414], abs=1e-3)
    assert str(found).splitlines()[1:3] == ["   change", "   0.828 |*"]
    with pytest.raises(DebugError, match=r"w has a chart of norm, mean, change; not of 'value'"):
        d.hist("%w", chart="value")


def test_a_chart_in_unicode_and_where_that_cannot_be_written():
    chart = Chart("value", [0.0, 2.0, 1.0], "run 1", "run 3", "write")
    fine = [line.rstrip() for line in shown(chart, 80)]
    assert fine == [
        "   value",
        "   2 │     •",
        "     │     │·",
        "     │    ·  ··",
        "     │   ·     ·",
        "   1 │   │      •",
        "     │  ·",
        "     │ ·",
        "     │ │",
        "   0 │•",
        "     └───────────",
        "      run 1 run 3",
    ]
    plain = shown(chart, 80, "ascii")
    assert all(line.isascii() for line in plain)
    assert len(plain) == len(fine)


def test_many_points_share_a_column_and_bad_ones_are_marked():
    numbers = np.linspace(0, 1, 150)
    numbers[75] = np.nan
    lines = charted(Chart("value", numbers, "run 1", "run 150", "execution"), 77, fine=False)
    assert lines[-2:] == ["a column is the mean of up to 3 executions", "! is NaN or infinite"]
    assert "".join(lines[:-1]).count("!") == 1


def test_all_the_same_is_a_level_line():
    lines = charted(Chart("value", [3.0] * 9, "t=1", "t=9", "write"), 77, fine=False)
    marked = [line for line in lines if "*" in line]
    assert marked == ["3 |*....*....*....*....*....*....*....*....*"]


NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=200)


@settings(max_examples=200, deadline=None)
@example([0.0] * 3 + [1.7976931348623157e308] * 3 + [0.0] * 4, 30, "utf-8")
@given(numbers=NUMBERS, width=st.integers(30, 120), encoding=st.sampled_from(["utf-8", "ascii"]))
def test_no_line_is_wider_than_the_screen(numbers, width, encoding):
    for drawn in (
        Spark("change", numbers, "of the last 12"),
        Chart("norm", numbers, "a", "b", "c"),
    ):
        lines = shown(drawn, width, encoding)
        assert max(map(cell_len, lines)) <= width
        assert encoding != "ascii" or all(line.isascii() for line in lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=12))
def test_each_point_is_at_its_height(numbers):
    lines = charted(Chart("value", numbers, "a", "b", "c"), 77, fine=False)[1:10]
    low, high = min(numbers), max(numbers)
    start = lines[0].index("|") + 1
    stretch = min(5, 59 // (len(numbers) - 1)) if len(numbers) > 1 else 1
    for i, number in enumerate(numbers):
        column = start + i * stretch
        (row,) = (r for r, line in enumerate(lines) if line[column : column + 1] == "*")
        height = 4 if low == high else (number - low) / (high - low) * 8
        assert abs(8 - row - height) <= 0.5 + 1e-9


def test_the_axis_says_where_it_ends():
    for first, last in (("run 1", "run 2"), ("run 1", "run 1"), ("t=100000", "t=200000")):
        lines = charted(Chart("value", [1.0, 2.0], first, last, "write"), 77, fine=False)
        assert re.fullmatch(rf" *{first}( to | +){last}| *{first}", lines[-1])
