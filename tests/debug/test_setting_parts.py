"""set and feed of a part of a value: ``set %W[0, 2] = 5``."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.errors import DebugError, NotExecuted


@pytest.fixture
def d():
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [2], name="x")
        W = gs.Variable(np.zeros((2, 2), np.float32), name="W")
        y = gs.add(W * 2.0, x, name="y")
        gs.reduce_sum(y, name="z")
        with gs.Session() as session:
            session.run(W.initializer)
            yield gs.debug(session, "z:0", {x: [1.0, 2.0]})


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("set %W[0, 1] = 5", [[0, 5], [0, 0]]),
        ("set %W[1] = [3, 4]", [[0, 0], [3, 4]]),
        ("set W[:, 0] = np.array([7, 8])", [[7, 0], [8, 0]]),
        ("set %W [W == 0] = 1 if W.size == 4 else 2", [[1, 1], [1, 1]]),
        ("set %W[-1, -1]=W[0, 0]+9", [[0, 0], [0, 9]]),
    ],
)
def test_a_part_of_a_variable(d, line, value):
    assert d.onecmd(line).error is None
    assert d.value("W").tolist() == value
    assert d.value("W").dtype == np.float32


def test_a_part_of_what_a_node_gives_is_set_from_there_on(d):
    d.until("y")
    d.onecmd("set y[0, 0] = 100")
    assert d.value("y").tolist() == [[100, 2], [1, 2]]
    d.run_to_end()
    assert d.value("z") == 105


def test_a_part_of_a_feed_begins_the_run_again(d):
    d.run_to_end()
    d.onecmd("feed x[1] = 10")
    assert d.t == 0
    d.run_to_end()
    assert d.value("z") == 22


@pytest.mark.parametrize(
    ("line", "kind", "sentence"),
    [
        ("set %W[5, 5] = 1", DebugError, "W[5, 5] cannot be set: index 5 is out of bounds"),
        ("set %W[0] = [1, 2, 3]", DebugError, "cannot be set"),
        ("set y[0] = 1", NotExecuted, "y has not run yet"),
        ("set %W[0] == 1", DebugError, "This needs a place and a value"),
        ("set %W[0]", DebugError, "This needs a place and a value"),
        ("set %W[nonsense] = 1", DebugError, "The graph has no node 'nonsense'"),
    ],
)
def test_what_cannot_be_set_changes_nothing(d, line, kind, sentence):
    output = d.onecmd(line)
    assert type(output.error) is kind or isinstance(output.error, kind)
    assert sentence in str(output.error)
    assert not d.value("W").any()
