"""Bars for what takes longer than a second: who counts, who watches, and where nothing is shown."""

import io
import re
from contextlib import contextmanager

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.progress import counted, watching
from graphscope.repl.lines import Given
from graphscope.repl.prompt import Prompt
from graphscope.show import console, progress


class Screen(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def screen(monkeypatch):
    def shown(terminal, patience=0.0):
        found = Screen(terminal)
        monkeypatch.setattr("sys.stderr", found)
        monkeypatch.setattr(progress, "PATIENCE", patience)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        return found

    return shown


def test_what_counts_is_watched_and_what_it_calls_is_not():
    told = []

    @contextmanager
    def watcher(doing, count):
        told.append((doing, count))
        yield lambda: told.append(doing)

    def outer():
        for i in counted(range(2), "outer", 2):
            yield i, list(counted(range(3), "inner", 3))

    with watching(watcher):
        assert list(outer()) == [(0, [0, 1, 2]), (1, [0, 1, 2])]
        assert told == [("outer", 2), "outer", "outer"]
        next(counted(range(5), "left", 5))
        assert list(counted("ab", "again", 2)) == ["a", "b"]
        assert told[-4:] == [("left", 5), ("again", 2), "again", "again"]
    assert list(counted("ab", "unseen", 2)) == ["a", "b"]
    assert "unseen" not in told


def test_a_bar_in_a_terminal_is_gone_when_it_is_done(screen):
    shown = screen(terminal=True)
    with progress.bars():
        list(counted(range(5), "drawing frames", 5))
    assert "drawing frames" in shown.getvalue()
    assert re.search(r"\d/5", shown.getvalue())
    assert shown.getvalue().endswith("\x1b[2K")  # the line is empty again


@pytest.mark.parametrize(("terminal", "patience"), [(True, 1000.0), (False, 0.0)])
def test_no_bar_for_what_is_quick_and_none_without_a_terminal(screen, terminal, patience):
    shown = screen(terminal, patience)
    with progress.bars():
        list(counted(range(5), "drawing frames", 5))
    assert shown.getvalue() == ""


def test_plain_speech_has_a_sentence(screen, monkeypatch):
    monkeypatch.setenv("GRAPHSCOPE_PLAIN", "1")
    shown = screen(terminal=True)
    with progress.bars():
        list(counted(range(5), "drawing frames", 5))
    assert shown.getvalue() == "drawing frames: 5 of them, please wait.\n"


@pytest.mark.parametrize(
    ("line", "doing"),
    [
        ("run -n 3", "running"),
        ("gradcheck loss", "checking gradients"),
        ("check", "trying habits"),
        ("film -o run.dot", "laying out frames"),
    ],
)
def test_commands_that_take_long_are_watched_at_the_prompt(line, doing, screen, monkeypatch,
                                                           tmp_path):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, 2], name="x")
        w = gs.Variable([[1.0], [2.0]], name="w")
        loss = gs.reduce_sum(gs.square(gs.matmul(x, w)), name="loss")
        train = gs.train.GradientDescentOptimizer(0.01).minimize(loss)
        session = gs.Session()
        session.run(gs.global_variables_initializer())
        with gs.debug(session, train, {x: np.ones([3, 2])}) as d:
            d.run_to_end()
            shown, out = screen(terminal=True), io.StringIO()
            Prompt(d, Given((), str), console(out)).do(line)
    assert doing in shown.getvalue()
    assert doing not in out.getvalue()
