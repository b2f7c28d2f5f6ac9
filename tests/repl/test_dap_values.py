"""What stands inside of a value, without an editor."""

import io

import numpy as np
import pytest

from graphscope.repl.dap.values import Shelf, array_item
from graphscope.repl.dap.wanted import Table, _as_expression, at_line, at_places
from graphscope.repl.dap.wire import Malformed, Refused, Wire


@pytest.fixture
def shelf():
    return Shelf()


def inside(shelf, line, **page):
    return shelf.lines({"variablesReference": line["variablesReference"], **page})


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        (np.array([1.5, np.nan, -np.inf], np.float32), ["1.5", "nan", "-inf"]),
        (np.array([True, False]), ["True", "False"]),
        (np.array([1 + 2j]), ["(1+2j)"]),
        (np.array([2**62], np.int64), ["4611686018427387904"]),
        (np.array([b"ab", b"\xff"], object), ["b'ab'", "b'\\xff'"]),
        (np.array(["a\nb"], object), ["'a\\nb'"]),
        (np.zeros((0, 3), np.float32), []),
    ],
)
def test_elements_in_all_their_digits(shelf, value, elements):
    line = shelf.line(array_item("v", value))
    assert line["indexedVariables"] == len(elements)
    assert [one["value"] for one in inside(shelf, line, filter="indexed")] == elements
    named = inside(shelf, line, filter="named")
    assert [one["name"] for one in named][:2] == ["shape", "dtype"]
    assert len(named) == line["namedVariables"]


def test_a_single_number_has_nothing_inside(shelf):
    line = shelf.line(array_item("v", np.float32(3.0)))
    assert line["variablesReference"] == 0
    assert "indexedVariables" not in line


def test_a_list_of_arrays_has_arrays_inside(shelf):
    value = np.empty(2, object)
    value[:] = [np.arange(3.0), None]
    first, missing = inside(shelf, shelf.line(array_item("v", value)), filter="indexed")
    assert first["indexedVariables"] == 3
    assert missing["value"] == "None"


def test_rows_of_rows_know_their_expression_and_how_they_are_set(shelf):
    item = array_item("W", np.arange(24.0).reshape(2, 3, 4), evaluate="W:0", command="set %W")
    line = shelf.line(item)
    for number, expression in ((1, "W:0[1]"), (2, "W:0[1, 2]")):
        line = inside(shelf, line, filter="indexed", start=number, count=1)[0]
        assert line["evaluateName"] == expression
    found = shelf.item(line["variablesReference"], "[3]")
    assert found.text == "23.0"
    assert found.assignment("7") == "set %W[1, 2, 3] = 7"
    with pytest.raises(Refused, match="shape cannot be set"):
        shelf.item(line["variablesReference"], "shape").assignment("7")
    with pytest.raises(Refused, match="There is no"):
        shelf.item(line["variablesReference"], "[4]")


def test_pages_are_no_longer_than_asked_for_and_never_without_end(shelf):
    line = shelf.line(array_item("v", np.arange(100_000)))
    assert len(inside(shelf, line, filter="indexed", start=99_990, count=100)) == 10
    assert len(inside(shelf, line, filter="indexed", start=5, count=7)) == 7
    assert len(inside(shelf, line, filter="indexed", count=99_999)) == 10_000
    assert len(inside(shelf, line)) < 600
    with pytest.raises(Refused):
        inside(shelf, line, start="first")
    shelf.clear()
    with pytest.raises(Refused, match="another place"):
        inside(shelf, line)


@pytest.mark.parametrize(
    ("message", "expression"),
    [
        ("plain", "'plain'.format()"),
        ("{loss}", "loss"),
        ("loss {loss} of {run}", "'loss {} of {}'.format(loss, run)"),
        ("{{loss}} is {loss}", "'{{loss}} is {}'.format(loss)"),
        ("open {", "'open {{'.format()"),
        ("} closed", "'}} closed'.format()"),
    ],
)
def test_the_message_of_a_logpoint_is_an_expression(message, expression):
    assert _as_expression(message) == expression


def test_a_breakpoint_that_is_asked_for_again_stays_the_same():
    table = Table()
    one, two = table.replace("f", [at_line("/m.py", {"line": 1}), at_line("/m.py", {"line": 2})])
    again, new = table.replace("f", [at_line("/m.py", {"line": 2}), at_line("/m.py", {"line": 3})])
    assert again is two
    assert len({one.id, two.id, new.id}) == 3
    table.replace("places", [at_places({"name": "@Log"})])
    assert len(table) == 3
    table.replace("f", [])
    assert len(table) == 1
    with pytest.raises(Refused, match="name is a text"):
        at_places({"name": 3})


def test_a_stream_goes_on_behind_what_is_no_message():
    good = b"Content-Length: 2\r\n\r\n{}"
    wire = Wire(io.BytesIO(b"Content-Length: x\r\n\r\n" + good + b"Content-Type: a\r\n"
                           b"CONTENT-LENGTH:2\r\n\r\n[]" + good + b"Content-Length: 9\r\n\r\n{"),
                io.BytesIO())  # fmt: skip
    with pytest.raises(Malformed, match="number of bytes"):
        wire.read()
    while True:  # the empty line of the wrong header
        try:
            assert wire.read() == {}
            break
        except Malformed:
            continue
    with pytest.raises(Malformed, match="JSON object"):
        wire.read()
    assert wire.read() == {}
    assert wire.read() is None, "the last one is cut off"


def test_nobody_listens_any_more():
    class Closed(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    wire = Wire(io.BytesIO(), Closed())
    wire.event("output", {"output": "\udcff {}"})
    assert wire.closed
    wire.refusal({}, "nothing {happens}")
