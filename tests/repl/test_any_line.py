"""Whatever is typed, wherever one stands: completion, colours and the status have no errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_program import debugger

import graphscope as gs
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.repl.colouring import coloured
from graphscope.repl.completing import completed
from graphscope.repl.own import introduce
from graphscope.repl.status import status

WORDS = [
    *commands_of(Debugger), "quit", "next-run", "nothing", "sy",
    "loss", "layer/y:0", "layer/", "%W", "%", "@MatMul", "@", "W[0:2]", "np.", "grad(loss,W)",
    "layer/y@3", "#3", "#", "fwd", "/re(/", "/", "*", "-o", "--", "-", "--hits", "--json", "-t",
    "if", "=", "==", ">", "(", ")", "[", "]", "'", '"', "\\", ";", "!", "?", "{", "x.py:3", "1e3",
    "1.2.3", "äö", "\t", "\N{SNOWMAN}", "~/", "./", "a" * 300,
]  # fmt: skip


def failing():
    d = debugger()
    d.onecmd("unfeed x")
    d.onecmd("step")
    return d


def after(*lines):
    def made():
        d = debugger()
        for line in lines:
            assert d.onecmd(line).error is None
        return d

    return made


def of(build):
    def made():
        with gs.Graph().as_default() as graph:
            fetch = build()
            return gs.debug(gs.Session(graph=graph), fetch)

    return made


def loop():
    return gs.while_loop(lambda i: i < 3, lambda i: i + 1, [gs.constant(0)])


STANDING = {
    "start": debugger,
    "fails": failing,
    "end": after("goto end"),
    "an earlier run": after("goto end", "run", "goto 1:3"),
    "with stops": after("break loss", "watch %W", "goto bwd", "back", "eval n = 1", "fork f"),
    "a constant": of(lambda: gs.constant(np.ones(3))),
    "a placeholder": of(lambda: gs.placeholder(gs.float32, [None], name="x")),
    "nothing": of(lambda: gs.no_op()),
    "a loop": of(loop),
}


@pytest.mark.parametrize("standing", STANDING)
def test_any_line(standing):
    d = STANDING[standing]()
    introduce(d)
    d.alias("sy = print loss")

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.sampled_from(WORDS), max_size=5),
        st.lists(st.sampled_from([" ", " ", "  ", ""]), min_size=5, max_size=5),
    )
    def typed(words, gaps):
        line = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
        assert "".join(part.text for part in coloured(d, line)) == line
        found = completed(d, line)
        assert 0 <= found.begun <= len(line)
        assert all(isinstance(about, str) for _, about in found.candidates)

    typed()
    assert 0 < len(status(d, 80)) <= 80


def test_any_text():
    d = debugger()

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=30))
    def typed(text):
        assert "".join(part.text for part in coloured(d, text)) == text
        completed(d, text)

    typed()
