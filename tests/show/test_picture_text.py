"""Pictures of a terminal: exactly as in `drawn/`, never too wide, and with the edges of the graph.

GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes the files anew, to be looked at before they are committed.
"""

from __future__ import annotations

import base64
import itertools
import os
import re
from pathlib import Path

import numpy as np
import pytest
import scenes
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import graphscope as tf
from graphscope.debug.errors import DebugError
from graphscope.debug.names import Names
from graphscope.debug.options import Options
from graphscope.show import plain, render
from graphscope.show.diagram import _Diagram
from graphscope.show.inline import escapes, way
from graphscope.show.ladder import ladder
from graphscope.show.letters import ASCII, EAST, NORTH, SOUTH, UNICODE, WEST, printable
from graphscope.show.picture import Picture, paint
from graphscope.show.told import Content

EVERYTHING = scenes.everything()
IDS = [name for name, _, _ in EVERYTHING]
DRAWN = Path(__file__).with_name("drawn")

HOSTILE = [
    '"', "\\", "\\N \\G", "<b>", "</svg><script>", "&amp;", "a\nb", "%s %%", "é 文字 🙂", "{x}|[y]",
    "`*_x_*`", "-->", "end", "#quot;", "\x00\x07\x1b[31m", "\ud800", "x" * 500, "]]>", "$a^2$",
    "\u202e", "cafe\u0301", "\t", "", "%%{init: {}}%%",
]  # fmt: skip


@pytest.fixture(scope="module")
def soft() -> Picture:
    return paint(scenes.softmax_regression().scene("train_step"))


def compare(name: str, text: str) -> None:
    path = DRAWN / name
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")


def hostile(monkeypatch, name: str) -> Picture:
    """A training step in which everything is called like this."""
    of = Names.of
    monkeypatch.setattr(Names, "of", lambda self, op: name + of(self, op))
    monkeypatch.setattr(Names, "python", lambda self, op: name)
    model = scenes.softmax_regression()
    return paint(scenes.Model(model.graph, model.feeds, **{name: model.fetches["train_step"]})
                 .scene(name))  # fmt: skip


# ---- one picture, letter by letter -------------------------------------------------------------


def test_softmax_regression_in_box_letters(soft):
    compare("softmax.txt", soft.text(80))


def test_softmax_regression_in_ascii(soft):
    compare("softmax_ascii.txt", soft.text(80, unicode=False))


def test_softmax_regression_in_a_wide_terminal(soft):
    compare("softmax_wide.txt", soft.text(120))


def test_softmax_regression_as_a_list(soft):
    compare("softmax_list.txt", soft.text(60))


def test_softmax_regression_in_the_middle_of_a_run():
    compare("softmax_run.txt", paint(scenes.softmax_regression().run(
        "train_step", steps=20)[20]).text(80))  # fmt: skip


def test_scopes_have_their_names_at_the_left():
    compare("perceptron.txt", paint(scenes.perceptron().scene("train")).text(100))


def test_branches_have_lanes():
    compare("branches.txt", paint(scenes.branches().scene("step")).text(120))


def test_a_list_has_the_scopes_as_a_tree():
    compare("perceptron_list.txt", paint(scenes.perceptron().scene("train")).text(60))


# ---- everything --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [30, 80, 130])
@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=IDS)
def test_text_fits(name, model, fetched, width):
    picture = paint(model.scene(*fetched))
    for unicode in (True, False):
        text = picture.text(width, unicode=unicode)
        assert max(map(cell_len, text.splitlines())) <= width
        assert all(line == line.rstrip() for line in text.splitlines())
        assert unicode or text.isascii()


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=IDS)
def test_nothing_is_missing_in_a_list(name, model, fetched):
    picture = paint(model.scene(*fetched), Options(ladder=False))
    lines = picture.text(300).splitlines()
    assert not any(letter in line for line in lines for letter in "╭┌▼◀")
    told = [line for line in lines[3:] if line.startswith(" ") and not line.endswith("/")]
    assert len(told) == picture.boxes
    for face in picture.content.faces.values():
        assert any(face.small in line and face.shape in line for line in told)


def test_the_list_uses_the_order_of_the_picture(soft):
    text = soft.text(60)
    names = ["x", "MatMul", "add", "Softmax", "Log", "Mean grad", "Log grad", "W – 0.5", "accuracy"]
    at = [text.index(f"  {name}") if name == "x" else text.index(name) for name in names]
    assert at == sorted(at)


SIDES = {
    **{letter: sides for sides, letter in UNICODE.corners.items()},
    **dict.fromkeys("│┃┊╎", NORTH | SOUTH),
    **dict.fromkeys("─━┈╌", EAST | WEST),
}
JOINTS = "├┤┬┴╟╢╤╧┣┫┯┷"
STEPS = {NORTH: (0, -1), EAST: (1, 0), SOUTH: (0, 1), WEST: (-1, 0)}
OPPOSITE = {NORTH: SOUTH, SOUTH: NORTH, EAST: WEST, WEST: EAST}


def edges_in(content: Content, drawing: _Diagram) -> set[tuple[str, str]]:
    """The edges as an eye finds them: from each head back along the line to where it begins."""
    lines = drawing.lines()
    at = {(x, y): letter for y, line in enumerate(lines) for x, letter in enumerate(line)}
    border = {}
    for box in drawing.drawn.boxes:
        left, top, right, bottom = drawing._border(box)
        for x, y in itertools.product(range(left, right + 1), range(top, bottom + 1)):
            assert (x, y) not in border, "two boxes on each other"
            border[x, y] = box.key
    heads = {letter: OPPOSITE[side] for side, letter in UNICODE.heads.items()}
    found = set()
    for (x, y), letter in at.items():
        if (x, y) in border or letter not in (*heads, "○", "×"):
            continue
        sides = [heads[letter]] if letter in heads else list(STEPS)
        for back in sides:
            dx, dy = STEPS[back]
            head = border.get((x - dx, y - dy))
            beside = (x + dx, y + dy)
            joined = beside in border and at[beside] in JOINTS
            leads = joined or SIDES.get(at.get(beside, " "), 0) & OPPOSITE[back]
            if head is not None and leads:
                found |= {(tail, head) for tail in walk(at, border, (x, y), back)}
    return found


def walk(at, border, start, side) -> set[str]:
    """All boxes that a line leads to, from a cell to this side; crossings are passed straight."""
    waiting, seen, found = [(start, side)], set(), set()
    while waiting:
        (x, y), side = waiting.pop()
        cell = (x + STEPS[side][0], y + STEPS[side][1])
        if (cell, side) in seen:
            continue
        seen.add((cell, side))
        if cell in border:
            found.add(border[cell])
            continue
        sides = SIDES.get(at.get(cell, " "), 0)
        if at.get(cell) == "┼":
            waiting.append((cell, side))
            continue
        waiting += [(cell, s) for s in STEPS if sides & s and s != OPPOSITE[side]]
    return found


@pytest.mark.parametrize(("name", "model", "fetched"), EVERYTHING, ids=IDS)
def test_an_eye_finds_the_edges_of_the_graph(name, model, fetched):
    content = paint(model.scene(*fetched)).content
    check_edges(content)


def check_edges(content: Content) -> None:
    grid = ladder(content.drawn)
    if grid is None:
        return
    drawing = _Diagram(content, content.drawn, grid, UNICODE, 1)
    assert drawing.fits(10_000, False)
    expected = {(edge.tail.key, edge.head.key) for edge in content.drawn.edges}
    assert edges_in(content, drawing) == expected


@st.composite
def graphs(draw: st.DrawFn) -> scenes.Model:
    """A training step of a graph that grows by chance."""
    with tf.Graph().as_default() as graph:
        tensors = [tf.placeholder(tf.float32, [None, 3], name="x")]
        for _ in range(draw(st.integers(1, 9))):
            a, b = (draw(st.sampled_from(tensors)) for _ in range(2))
            kind = draw(st.sampled_from(["tanh", "add", "dense", "after", "stop"]))
            with tf.name_scope(draw(st.sampled_from(["", "left", "left/inner"])) or None):
                if kind == "dense":
                    made = tf.matmul(a, tf.Variable(tf.ones([3, 3])))
                elif kind == "after":
                    with tf.control_dependencies([b]):
                        made = tf.identity(a)
                elif kind == "add":
                    made = a + b
                else:
                    made = tf.tanh(a) if kind == "tanh" else tf.stop_gradient(a)
            tensors.append(made)
        loss = tf.reduce_mean(tensors[-1] * tf.Variable(tf.ones([3]), name="weight"))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return scenes.Model(graph, {tensors[0]: np.ones((1, 3), np.float32)}, train=train, loss=loss)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.sampled_from([("train",), ("loss",), ("train", "loss")]))
def test_an_eye_finds_the_edges_of_any_graph(model, fetched):
    check_edges(paint(model.scene(*fetched)).content)


# ---- names are only text -----------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_spoils_the_drawing(monkeypatch, name):
    picture = hostile(monkeypatch, name)
    for width in (40, 200):
        for unicode in (True, False):
            text = picture.text(width, unicode=unicode)
            assert max(map(cell_len, text.splitlines())) <= width
            assert unicode or text.isascii()
            assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_what_cannot_be_printed_is_its_code():
    assert printable("a\nb\x1b[31m\ud800\u00a0\u202e") == "a\\nb\\x1b[31m\\ud800 \\u202e"
    assert ASCII.plain("W – 0.5·dW → é") == "W - 0.5*dW -> \\xe9"
    assert UNICODE.cut("文字文字", 5) == "文字…"
    assert UNICODE.cut("MatMul", 6) == "MatMul"
    assert ASCII.cut("MatMul", 4) == "Mat~"


# ---- where it is shown -------------------------------------------------------------------------


def test_without_a_terminal_a_picture_is_ascii(soft):
    assert str(soft) == plain(render(soft)) == soft.text(80, unicode=False)


def test_in_a_terminal_it_is_as_wide_as_that_and_in_its_letters(soft, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    assert [line.rstrip() for line in shown(soft).splitlines()] == soft.text(120).splitlines()


def test_too_many_boxes_are_a_list():
    picture = paint(scenes.deep(30).scene("train"), Options(budget=None))
    assert picture.placed
    assert "╭" not in picture.text(200)
    assert "layer29/" in picture.text(200)


# ---- terminals that show bitmaps ---------------------------------------------------------------


@pytest.mark.parametrize(("environ", "expected"), [
    ({"TERM": "xterm-kitty"}, "kitty"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
    ({"TERM": "xterm-256color"}, None),
    ({"TERM": "xterm-kitty", "TMUX": "yes"}, None),
    ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, None),
    ({"TERM": "xterm-kitty", "GRAPHSCOPE_IMAGES": "0"}, None),
    ({}, None),
])  # fmt: skip
def test_which_terminals_show_bitmaps(environ, expected):
    assert way(environ) == expected


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1600).to_bytes(4, "big") + bytes(9000)


def test_a_bitmap_for_kitty_comes_in_pieces():
    text = escapes(PNG, "kitty", 80)
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert [head for head, _ in pieces] == ["a=T,f=100,q=2,c=80,m=1", "m=1", "m=0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    assert base64.b64decode("".join(piece for _, piece in pieces)) == PNG


def test_a_bitmap_for_iterm():
    head, _, rest = escapes(PNG, "iterm2", 200).partition(":")
    assert head == f"\x1b]1337;File=inline=1;size={len(PNG)};width=100"
    assert base64.b64decode(rest.removesuffix("\x07")) == PNG


def shown(picture: Picture) -> str:
    terminal = Console(width=120, force_terminal=True, color_system=None, _environ={})
    with terminal.capture() as caught:
        terminal.print(render(picture))
    return caught.get()


def test_a_terminal_that_shows_bitmaps_gets_one_and_else_the_text(soft, monkeypatch):
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-kitty")
    monkeypatch.setattr(Picture, "png", lambda picture: PNG)
    assert shown(soft) == escapes(PNG, "kitty", 120) + "\n"
    assert plain(render(soft)) == soft.text(80, unicode=False)

    def fails(picture):
        raise DebugError("There is no Graphviz.")

    monkeypatch.setattr(Picture, "png", fails)
    assert [line.rstrip() for line in shown(soft).splitlines()] == soft.text(120).splitlines()
