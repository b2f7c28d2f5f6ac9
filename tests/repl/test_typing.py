"""Typing at the prompt: keys go in by a pipe of prompt_toolkit, lines come out."""

import asyncio
import io
import os
import re
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from prompt_toolkit.application import create_app_session, get_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth, DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output
from typing_program import debugger

from graphscope.repl import lines, past, terminal
from graphscope.repl.attach import Outcome
from graphscope.repl.lines import Given, Typed, not_done
from graphscope.repl.prompt import Prompt
from graphscope.repl.terminal import Terminal, toolkit_style
from graphscope.show import console

TAB, UP, CTRL_C, CTRL_D, CTRL_G, CTRL_R, ESCAPE = (
    "\t",
    "\x1b[A",
    "\x03",
    "\x04",
    "\x07",
    "\x12",
    "\x1b",
)

#: What a terminal answers that is asked where its cursor is.
AT_THE_TOP = "\x1b[1;1R"


@pytest.fixture(autouse=True)
def state_home(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def d():
    return debugger()


class Keyed(Terminal):
    """A terminal at which keys are pressed, each when what came before it is done."""

    def __init__(self, pipe, keys):
        super().__init__()
        self._pipe = pipe
        self._keys = re.findall(r"\x1b\[[\d;]*[AR]|[^\x00-\x1f\x7f]+|.", keys, re.DOTALL)

    def read(self, prompt, debugger=None):
        for session in (self._session, self._questions):
            session.app.pre_run_callables[:] = [self._press]
        return super().read(prompt, debugger)

    def _press(self):
        get_app().create_background_task(self._pressing())

    async def _pressing(self):
        while self._keys:
            self._pipe.send_text(self._keys.pop(0))
            for _ in range(50):  # turns of the loop: for completion and the history
                await asyncio.sleep(0)
            get_app()._redraw()


@contextmanager
def keyed(keys, output=None):
    with (
        create_pipe_input() as pipe,
        create_app_session(input=pipe, output=output or DummyOutput()),
    ):
        yield Keyed(pipe, keys)


def typed(keys, d, output=None, count=0):
    """The lines that are read when these keys are pressed: as many as there are Enters."""
    with keyed(keys, output) as source:
        return [source.read(d.prompt, d) for _ in range(count or keys.count("\r"))]


def talked(keys, d):
    """What the prompt shows when these keys are pressed, and how the conversation ends."""
    shown = io.StringIO()
    with keyed(keys) as source:
        outcome = Prompt(d, source, console(shown)).talk()
    return shown.getvalue(), outcome


def test_a_line(d):
    assert typed("step 3\r", d) == ["step 3"]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("upd\t\r", "updates"),
        ("why bi\t\r", "why bias"),
        ("print layer/p\t\r", "print layer/product"),
        ("print np.max(los\t)\r", "print np.max(loss)"),
        ("draw --ov\t no\t\r", "draw --overlay norm"),
        ("until %\t\t\r", "until %W"),
        ("nothing\t\r", "nothing"),
    ],
)
def test_tab(d, keys, line):
    assert typed(keys, d) == [line]


# ---- the history -------------------------------------------------------------------------------

HISTORY = "print layer/y\rwhy W\rprint loss\rstep 4\r"


@pytest.mark.parametrize(
    ("search", "line"),
    [
        (CTRL_R + "yW\r", "why W"),
        (CTRL_R + "ply\r", "print layer/y"),
        (CTRL_R + "pint\r", "print loss"),  # the newest of two that fit as well
        (CTRL_R + "PL\r", "print loss"),
        (CTRL_R + "p l\r", "print loss"),
        (CTRL_R + "nothing\r", "nothing"),
        (CTRL_R + "\r", "step 4"),
        (CTRL_R + CTRL_R + CTRL_R + "\r", "print loss"),
        ("why" + CTRL_R + "\r", "why W"),
        ("half" + CTRL_R + "prin" + CTRL_G, "half"),
        ("half" + CTRL_R + "prin" + CTRL_C, "half"),
        ("half" + CTRL_R + "prin" + CTRL_R + CTRL_G, "half"),
    ],
)
def test_ctrl_r_finds_letters_in_order(d, search, line):
    assert typed(HISTORY + search + "\r", d, count=5)[-1] == line


def test_the_line_found_can_be_changed(d):
    assert typed("why W\r" + CTRL_R + "yW\r" + "\x7fbias\r", d, count=2)[-1] == "why bias"


def test_the_history_outlives_the_session(d, state_home):
    typed("why W\rstep 2\r", d)
    assert typed(UP + UP + "\r", d) == ["why W"]
    (kept,) = state_home.rglob("*.history")
    assert kept.name.startswith("project-")
    assert kept.parent == state_home / "graphscope" / "projects"
    assert not list(state_home.parent.joinpath("project").iterdir()), "nothing in the project"
    if os.name == "posix":
        assert stat.S_IMODE((state_home / "graphscope" / "projects").stat().st_mode) == 0o700


def test_each_project_has_a_history_of_its_own(d, tmp_path, monkeypatch):
    typed("why W\r", d)
    (tmp_path / "other" / ".git").mkdir(parents=True)
    (tmp_path / "other" / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert typed(UP + "step\r", d) == ["step"]
    monkeypatch.chdir(tmp_path / "other" / "inner")
    assert typed(UP + "\r", d) == ["step"]
    assert past.history_file().name.startswith("other-")


def test_two_projects_of_the_same_name(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "same").mkdir(parents=True)
    files = {past.history_file(tmp_path / name / "same").name for name in ("a", "b")}
    assert len(files) == 2
    assert all(re.fullmatch(r"same-[0-9a-f]{8}\.history", file) for file in files)


def test_a_history_that_cannot_be_written_costs_nothing(d, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert typed("why W\r" + UP + "\r", d) == ["why W", "why W"]


def test_nothing_is_written_without_a_terminal(d, state_home):
    shown = io.StringIO()
    Prompt(d, Given(["step", "why W"], print), console(shown)).talk()
    assert not state_home.exists()


def test_the_answer_to_a_question_is_not_kept(d, state_home):
    with keyed("why W\rb\r" + UP + "\r") as source:
        assert source.read(d.prompt, d) == "why W"
        assert source.read("a, b or c> ") == "b"
        assert source.read(d.prompt, d) == "why W"
    assert "+b" not in next(state_home.rglob("*.history")).read_text()


def test_nothing_is_written_before_something_is_typed(d, state_home):
    with pytest.raises(EOFError):
        typed(CTRL_D, d, count=1)
    assert not state_home.exists()


# ---- the conversation --------------------------------------------------------------------------


def test_an_empty_line_steps_again(d):
    talked("step\r\r\r" + CTRL_D, d)
    assert d.t == 3


def test_ctrl_c_leaves_the_line_and_not_the_session(d):
    _, outcome = talked(CTRL_C + "half a line" + CTRL_C + "step\r" + CTRL_C + "quit\r", d)
    assert outcome is Outcome.QUIT
    assert d.t == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_an_interrupt_ends_with_the_command_that_it_was_meant_for(d):
    interrupt = "!import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    talked(f"{interrupt}\rstep 3\r" + CTRL_D, d)
    assert d.t == 3


def test_ctrl_d_ends(d):
    _, outcome = talked("step 4\r" + CTRL_D, d)
    assert outcome is Outcome.QUIT
    assert "rolled back" in str(d.close())


def test_undo_at_the_prompt(d):
    shown, _ = talked("step 4\rset loss = 2\rundo\rundo\r" + CTRL_D, d)
    assert d.t == 0
    assert "undone: set loss = 2\n" in shown
    assert "undone: step 4\n" in shown


# ---- how it looks ------------------------------------------------------------------------------


def screen(keys, d, columns=80, depth=ColorDepth.DEPTH_4_BIT):
    """What is written to a terminal of this size."""
    written = io.StringIO()
    output = Vt100_Output(
        written, lambda: Size(24, columns), term="xterm", default_color_depth=depth
    )
    typed(keys, d, output)
    return written.getvalue()


def test_the_menu_says_what_each_is(d):
    shown = screen("why \t\r", d)
    assert "trainable  f32[3,2]" in shown
    assert "not trainable  f32[]" in shown


def test_colours_of_the_line(d):
    shown = screen("stepp why\r", d)
    assert re.search(r"\x1b\[0;31;4m", shown), "red and underlined"
    assert "\x1b[0;1m" in screen("step\r", d)


def test_without_colours_a_wrong_command_is_underlined(d, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    shown = screen("stepp why\r", d)
    assert "\x1b[0;4m" in shown
    assert not re.search(r"\x1b\[(?:\d+;)*[349][0-7](?:;\d+)*m", shown)


@pytest.mark.parametrize("columns", [80, 60, 30])
def test_the_status_below(d, columns):
    d.onecmd("goto bwd")
    d.onecmd("back")
    shown = screen(AT_THE_TOP + "s\r", d, columns)
    bar = re.search(r"\x1b\[0;7m run 1 (.*?)\x1b\[0m", shown)
    assert bar
    assert "in the past" in bar[1]
    assert len(" run 1 " + bar[1].partition("\r")[0]) < columns


def test_styles_in_the_words_of_the_toolkit():
    assert toolkit_style("bold green") == "bold ansigreen"
    assert toolkit_style("underline red") == "underline ansired"
    assert toolkit_style("italic dim") == "italic ansibrightblack"


# ---- other terminals ---------------------------------------------------------------------------


def test_a_dumb_terminal_gets_a_plain_line(d, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(lines.typed(), Typed)
    monkeypatch.setattr("builtins.input", lambda prompt: f"typed behind {prompt}")
    assert lines.typed().read(d.prompt, d) == "typed behind (gs 0/19 FWD)> "


def test_plain_speech_has_plain_lines(d, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "typed")
    with keyed("") as source:
        monkeypatch.setenv("GRAPHSCOPE_PLAIN", "1")
        assert source.read("> ", d) == "typed"
    assert isinstance(lines.typed(), Typed)


def test_a_window_that_is_no_console_gets_a_plain_line(monkeypatch):
    class NoConsole(Exception):
        pass

    def refuse(*_, **__):
        raise NoConsole("No Windows console found. Are you running cmd.exe?")

    monkeypatch.setenv("TERM", "xterm-256color")  # as git-bash has it
    monkeypatch.setattr(terminal, "PromptSession", refuse)
    monkeypatch.setattr(terminal, "no_console", lambda: (NoConsole,))
    assert isinstance(lines.typed(), Typed)
    assert lines.typed().interactive


def test_inside_of_a_programs_own_event_loop(d):
    async def program():
        return typed("step\r", d)

    assert asyncio.run(program()) == ["step"]


# ---- lines behind -c ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("step; quit", ""),
        ("quit; back; why W", "not done, since the program ended behind 'quit': back; why W"),
    ],
)
def test_lines_that_nobody_came_to(d, given, expected):
    source = lines.lines_for(given, print)
    Prompt(d, source, console(io.StringIO())).talk()
    assert not_done(source) == expected


def test_no_run_at_all():
    source = lines.lines_for("plan", print)
    assert not_done(source) == "not done, since the program ended before it stopped at a run: plan"
    assert not_done(lines.lines_for(None, print)) == ""


def test_a_pipe_needs_nothing_of_a_terminal():
    line = "import graphscope.cli, sys; print('prompt_toolkit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
