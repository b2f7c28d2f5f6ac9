"""How a line looks while it is typed, and the line below it that says where one stands."""

import pytest
from rich.style import Style as RichStyle
from typing_program import debugger

import graphscope as gs
from graphscope.repl.colouring import coloured
from graphscope.repl.own import introduce
from graphscope.repl.status import status
from graphscope.show.theme import TYPED


@pytest.fixture
def d():
    made = debugger()
    introduce(made)
    return made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ""),
        ("   ", ""),
        ("step 3", "command:step number:3"),
        ("  s 3", "command:s number:3"),
        ("ste", "command:ste"),
        ("re", ""),  # it may become several
        ("re ", "unknown:re"),
        ("stepp", "unknown:stepp"),
        ("quit", "command:quit"),
        ("print loss", "command:print node:loss"),
        ("print x", "command:print node:x"),
        ("print init", "command:print outside:init"),
        ("print nowhere", "command:print"),
        ("why W", "command:why variable:W"),
        ("why %W", "command:why variable:%W"),
        ("why %loss", "command:why"),
        ("break @MatMul", "command:break type:@MatMul"),
        ("print layer/y:0", "command:print node:layer/y:0"),
        ("print loss/x", "command:print"),
        ("print loss.shape", "command:print node:loss.shape"),
        ("draw -o loss.svg", "command:draw option:-o"),
        ("print loss --nothing", "command:print node:loss"),
        ("print loss - 1", "command:print node:loss number:1"),
        ("list --json", "command:list option:--json"),
        ("break loss if v > 1e-3", "command:break node:loss python:if python:v number:1e-3"),
        ("goto #12", "command:goto number:#12"),
        ("print np.max(W[0])", "command:print python:np.max variable:W number:0"),
        ("find 'a b", "command:find text:'a b"),
        ("!big = 'x' + loss", "command:! text:'x' node:loss"),
        ("# a remark", "remark:# a remark"),
    ],
)
def test_parts(d, line, expected):
    parts = coloured(d, line)
    assert "".join(part.text for part in parts) == line
    assert " ".join(f"{kind}:{text}" for kind, text in parts if kind) == expected


def test_an_alias_is_known(d):
    d.alias("sy = print loss")
    assert coloured(d, "sy")[0].kind == "command"
    assert coloured(d, "sy 1")[0].kind == "command"


def test_what_has_been_assigned_is_python(d):
    d.evaluate("huge = 3")
    assert coloured(d, "print huge")[-1].kind == "python"


def test_what_is_wrong_is_seen_without_colours():
    styles = {kind: RichStyle.parse(words) for kind, words in TYPED.items()}
    assert styles["unknown"].underline
    assert styles["command"].bold
    assert not styles["command"].underline
    assert styles["outside"].italic
    assert not styles["node"].italic


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ((), "run 1  FWD  t=0/19  fed: x  no breakpoints"),
        (("break loss",), "run 1  FWD  t=0/19  fed: x  1 breakpoint"),
        (
            ("break loss", "break @MatMul", "rwatch %W", "catch nan"),
            "run 1  FWD  t=0/19  fed: x  2 breakpoints, 1 watch, 1 catchpoint",
        ),
        (("break loss", "disable"), "run 1  FWD  t=0/19  fed: x  no breakpoints"),
        (("goto end",), "run 1  UPD  t=19/19  fed: x  no breakpoints"),
        (
            ("goto bwd", "back"),
            "run 1  FWD  t=8/19  in the past: run to t=9  fed: x  no breakpoints",
        ),
        (
            ("goto end", "run", "goto 1:3"),
            "run 1  FWD  t=3/19  in the past: the newest run is 2  fed: x  no breakpoints",
        ),
        (("unfeed x",), "run 1  FWD  t=0/19  nothing fed  no breakpoints"),
    ],
)
def test_status(d, before, expected):
    for line in before:
        assert d.onecmd(line).error is None, line
    assert status(d, 200) == expected


def test_the_status_says_that_the_next_node_fails(d):
    d.onecmd("unfeed x")
    d.onecmd("step")
    assert "the next node fails" in status(d)


def test_the_status_fits_any_width(d):
    for line in ("break loss", "watch %W", "catch nan", "goto bwd", "back"):
        d.onecmd(line)
    for width in range(1, 120):
        assert len(status(d, width)) <= width
    assert status(d, 80) == "run 1  FWD  t=8/19  in the past: run to t=9  fed: x  3 stops"
    assert status(d, 40) == "run 1  t=8/19  in the past  1 fed"
    assert status(d, 26) == "run 1  t=8/19  in the past"


def test_many_feeds_are_counted():
    with gs.Graph().as_default() as graph:
        inputs = [gs.placeholder(gs.float32, [], name=f"some_input_{i}") for i in range(5)]
        total = gs.add_n(inputs)
        d = gs.debug(gs.Session(graph=graph), total, dict.fromkeys(inputs, 1.0))
    assert "fed: some_input_0, some_input_1 +3" in status(d, 79)
    assert "5 fed" in status(d, 40)
