"""The full screen, in a terminal that is a table of letters."""

import os
import sys
from pathlib import Path

import pytest
from painted import CTRL_LEFT, CTRL_RIGHT, F3, F6, F7, PAGE_DOWN, PAGE_UP, pictures, seat

import graphscope as gs
from graphscope.repl.prompt import Prompt
from graphscope.repl.script import debugger_at

TESTS = Path(__file__).parents[1]
SCREENS = Path(__file__).parent / "screens"


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def d():
    """Before the first run that trains, of a script with a frozen variable."""
    with gs.Graph().as_default():
        yield debugger_at(str(TESTS / "scripts" / "training.py"), run=3)


@pytest.fixture
def golden(transcript):
    def same(actual, name):
        path = SCREENS / f"{name}.txt"
        if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
            path.write_text(actual)
        transcript.same(actual, path.read_text())

    return same


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_whole_screen(d, golden, columns, rows, encoding):
    seen = pictures(d, columns, rows, "break h\r", "continue\r", "goto end\r", encoding=encoding)
    letters = encoding.replace("-", "")
    for name, picture in zip(("start", "set", "stopped", "end"), seen, strict=True):
        golden(picture, f"{columns}x{rows}_{letters}_{name}")
        assert encoding != "ascii" or picture.isascii()


@pytest.mark.parametrize(("columns", "rows"), [(60, 24), (40, 10)])
def test_a_narrow_screen(d, golden, columns, rows):
    *_, seen = pictures(d, columns, rows, "until h\r")
    golden(seen, f"{columns}x{rows}")


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (10, 3), (20, 5), (300, 4), (4, 100), (200, 90)])
def test_no_size_is_too_small_or_too_large(d, size):
    *_, seen = pictures(d, *size, F7, F7)
    assert "fault of" not in seen
    assert len(seen.splitlines()) == size[1]


def test_the_window_changes_its_size(d):
    with seat(80, 24, []) as made:
        made.keys = iter(
            [F7, lambda: made.table.resize(120, 40), lambda: made.table.resize(40, 10), "quit\r"]
        )
        Prompt(d, made, made).talk()
        before, wide, narrow = made.pictures[:3]
    assert "gradients, bars" not in before
    assert "gradients, bars" in wide
    assert len(wide.splitlines()) == 40
    assert len(narrow.splitlines()) == 10
    assert "node t=" in narrow


def test_ctrl_l_draws_everything_anew(d):
    with seat(80, 24, []) as made:
        noise = "\x1b7\x1b[5;5HNOISE\x1b8"
        made.keys = iter(["vars\r", lambda: made.table.write(noise), "\x0cvars\r", "quit\r"])
        Prompt(d, made, made).talk()
    _, _, noisy, clean = made.pictures
    assert "NOISE" in noisy
    assert "NOISE" not in clean


def test_keys_do_commands(d):
    seen = pictures(d, 80, 24, F7, F7, CTRL_RIGHT, F6, CTRL_LEFT)
    assert [int(text.partition("plan ")[2].split()[0]) for text in seen] == [0, 1, 2, 3, 2, 1]


def test_a_key_leaves_what_was_typed(d):
    seen = pictures(d, 80, 24, f"print h{F7}", "\r")
    assert "print h" in seen[1].splitlines()[21]
    assert "plan 1 of" in seen[1]
    assert "print h" not in seen[2].splitlines()[21]


def test_letters_are_typed_not_done(d):
    seen = pictures(d, 80, 24, "nsbc\r")
    assert "There is no command 'nsbc'" in seen[1]
    assert "plan 0 of" in seen[1]


def test_an_empty_line_steps_again(d):
    seen = pictures(d, 80, 24, "step\r", "\r", "\r")
    assert "plan 3 of" in seen[3]


def test_the_last_answer_is_seen_from_its_beginning_and_scrolled(d):
    page = "help step\r"
    seen = pictures(d, 80, 24, "vars\r", page, f"{PAGE_DOWN}\r", f"{PAGE_UP}{PAGE_UP}\r")
    assert [line for line in seen[2].splitlines() if "> help step" in line]


def test_completion_is_that_of_the_prompt(d):
    with seat(80, 24, ["why V\x1b\r", "pri\t\x1b\r", "quit\r"]) as made:
        Prompt(d, made, made).talk()
    assert "is not trained" in made.pictures[1]


def test_what_the_script_prints_comes_into_the_output(d, capsys):
    with seat(80, 24, []) as made:

        def printed():
            print("seen by whom?")
            print("part of a line", end="")
            print("\rthe line", file=sys.stderr)

        made.keys = iter(["step\r", printed, "quit\r"])
        Prompt(d, made, made).talk()
        _, seen, _ = made.pictures
    assert "seen by whom?" in seen
    assert "part of a line" not in seen
    assert "the line" in seen
    assert sys.stdout.isatty() is False
    out, err = capsys.readouterr()
    assert out == "seen by whom?\npart of a line"
    assert err == "\rthe line\n"


def test_layout_goes_back_to_the_prompt_and_to_the_screen_again(d):
    with seat(80, 24, ["step\r", F3, "step\r", "layout\r", "quit\r"]) as made:
        Prompt(d, made, made).talk()
        assert "\x1b[?1049l" in made.table.written
        assert made.table.written.count("\x1b[?1049h") == 2
    assert "plan 2 of" in made.pictures[-1]


@pytest.mark.parametrize("size", [(80, 24), (50, 20)])
def test_runs_of_which_there_is_nothing_to_see(size):
    with gs.Graph().as_default():
        missing = gs.exp(gs.placeholder(gs.float32, [2]), name="y")
        for fetch in (gs.constant(1.0), [], missing):
            *_, seen = pictures(gs.debug(gs.Session(), fetch), *size, F7, "vars\r")
            assert "fault of" not in seen
            assert "The graph has no variables." in seen


def test_an_error_of_a_pane_is_told_in_it(d, monkeypatch):
    def fault(*_):
        raise ZeroDivisionError("of a pane")

    monkeypatch.setitem(sys.modules["graphscope.show.panes"].PANES, "node", fault)
    seen = pictures(d, 80, 24, F7)
    assert "ZeroDivisionError: of a pane" in seen[1]
    assert "plan 1 of" in seen[1]


def test_an_error_of_the_screen_leaves_the_prompt(d, monkeypatch):
    with seat(80, 24, ["step\r", "step\r", "quit\r"]) as made:

        def fault(*_):
            raise ZeroDivisionError("of the screen")

        monkeypatch.setattr(made._screen, "_look", fault)
        Prompt(d, made, made).talk()
        assert "The full screen failed: ZeroDivisionError" in made.table.text
    assert d.t == 2
