"""Bitmaps between the lines of a terminal: which terminals show them, and what they are sent."""

import base64
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.console import Console

from graphscope.debug.sights import likeness
from graphscope.ops.png import png, unpacked
from graphscope.show.inline import escapes, inline, through_tmux, way
from graphscope.show.sights import Seen
from graphscope.show.sixel import sixels


@pytest.mark.parametrize(("environ", "expected"), [
    ({"TERM": "xterm-ghostty"}, "kitty"),
    ({"TERM": "foot"}, "sixel"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "mintty"}, "iterm2"),
    ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, None),
    ({"TERM": "xterm", "GRAPHSCOPE_IMAGES": "sixel"}, "sixel"),
    ({"TERM": "tmux-256color", "TMUX": "yes", "GRAPHSCOPE_IMAGES": "kitty"}, "kitty"),
    ({"TERM": "tmux-256color", "TMUX": "yes", "LC_TERMINAL": "iTerm2"}, None),
    ({"TERM": "dumb", "TERM_PROGRAM": "iTerm.app"}, None),
    ({"TERM": "foot", "GRAPHSCOPE_IMAGES": "0"}, None),
    ({"TERM": "foot", "GRAPHSCOPE_IMAGES": "perhaps"}, "sixel"),
])  # fmt: skip
def test_which_terminals_show_bitmaps(environ, expected):
    assert way(environ) == expected


def shown_by_a_terminal(text):
    """The dots that a terminal makes of sixels, [height, width, 3] in percent; -1 where none is."""
    width, height, body = re.fullmatch(r'\x1bPq"1;1;(\d+);(\d+)(.*)\x1b\\', text, re.S).groups()
    dots = np.full((-(-int(height) // 6) * 6, int(width), 3), -1)
    palette, colour, x, top = {}, None, 0, 0
    for token in re.findall(r"#[\d;]+|![\d]+.|.", body):
        if token[0] == "#":
            number, *rest = map(int, token[1:].split(";"))
            if rest:
                palette[number] = rest[1:]
            colour = palette[number]
        elif token in "$-":
            x, top = 0, top + 6 * (token == "-")
        else:
            count = int(token[1:-1]) if token[0] == "!" else 1
            bits = ord(token[-1]) - 63
            assert 0 <= bits < 64
            for row in range(6):
                if bits >> row & 1:
                    dots[top + row, x : x + count] = colour
            x += count
            assert x <= int(width)
    return dots[: int(height)]


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4))))
def test_sixels_are_the_pixels_on_white(pixels):
    found = shown_by_a_terminal(sixels(pixels, 100))
    opaque = pixels[..., 3:] / 255
    wanted = (pixels[..., :3] * opaque + 255 * (1 - opaque)) / 2.55
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 10 + 1e-9  # half a step of six


def test_sixels_become_smaller_by_means():
    pixels = np.zeros((60, 100, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, ::2, :3] = 255
    found = shown_by_a_terminal(sixels(pixels, 50))
    assert found.shape == (30, 50, 3)
    assert set(found.ravel()) <= {40, 60}
    assert shown_by_a_terminal(sixels(pixels, 33)).shape == (15, 25, 3)


def test_equal_dots_are_written_once():
    white = np.full((6, 500, 4), 255, np.uint8)
    assert sixels(white, 500) == '\x1bPq"1;1;500;6#215;2;100;100;100#215!500~\x1b\\'


def test_a_png_as_sixels_is_no_wider_than_the_columns():
    image = png(np.zeros((40, 1600, 1), np.uint8))
    assert shown_by_a_terminal(escapes(image, "sixel", 20)).shape[1] <= 20 * 8


def test_through_tmux():
    """Each sequence is handed on by itself, its escapes doubled, in room that is made for it."""
    codes = "\x1b_Ga=T,m=1;AAAA\x1b\\\x1b_Gm=0;BBBB\x1b\\"
    text = through_tmux(codes, 3)
    assert text.startswith("\n\n\n\x1b[3A")
    assert text.endswith("\x1b[3B")
    inside = re.findall(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\", text)
    assert "".join(inside).replace("\x1b\x1b", "\x1b") == codes
    assert len(inside) == 2


def terminal(**how):
    return Console(width=60, force_terminal=True, color_system=None, _environ={}, **how)


@pytest.fixture
def kitty(monkeypatch):
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("GRAPHSCOPE_IMAGES", raising=False)
    monkeypatch.setenv("TERM", "xterm-kitty")


def test_a_digit_is_a_bitmap_where_that_is_shown(kitty):
    digit = np.eye(28).ravel()
    console = terminal()
    with console.capture() as caught:
        console.print(Seen(likeness(digit), digit.shape))
    pieces = re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b\\", caught.get())
    pixels = unpacked(base64.b64decode("".join(pieces)), 0)
    assert pixels.shape == (308, 308, 1)
    np.testing.assert_array_equal(pixels[::11, ::11, 0], np.eye(28) * 255)


def test_what_is_too_large_is_text(kitty):
    options = terminal().options
    assert inline(lambda: png(np.zeros((4, 20, 1), np.uint8)), options)
    assert not inline(lambda: png(np.zeros((4, 10_001, 1), np.uint8)), options)


def test_tmux_has_to_be_told(kitty, monkeypatch):
    options = terminal().options
    image = png(np.zeros((64, 64, 1), np.uint8))
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    assert not inline(lambda: image, options)
    monkeypatch.setenv("GRAPHSCOPE_IMAGES", "kitty")
    segment, _ = inline(lambda: image, options)
    assert segment.text.startswith("\n\n\x1b[2A\x1bPtmux;\x1b\x1b_Ga=T")


def test_without_a_terminal_nothing_is_made(kitty):
    def never():
        raise AssertionError("it was made")

    assert not inline(never, Console(force_terminal=False, _environ={}).options)
