"""The same conversations wherever they are shown: in a pipe, without colours, in other encodings,
in a narrow window, in colour, and plainly. That in a pipe is the one which `transcripts` has; how
the others differ from it is said here exactly. What is said plainly is in `transcripts/plain`.

GRAPHSCOPE_UPDATE_TRANSCRIPTS=1 writes those anew, to be read before they are committed.
"""

import io
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from every import LINES
from test_transcripts import PROMPT

import graphscope as gs
from graphscope.cli import main
from graphscope.show.letters import ASCII, UNICODE
from graphscope.show.text import few

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "transcripts"
ESCAPE = re.compile(r"\x1b\[[\d;]*m")
#: What `cost` has measured.
MEASURED = re.compile(r"(\(gs [^)]*\)> cost\n).*?(?=^\S*\(gs )", re.M | re.S)
#: What the environment may say of a screen.
OF_A_SCREEN = ("NO_COLOR", "TERM", "COLUMNS", "LINES", "FORCE_COLOR", "COLORTERM", "CLICOLOR",
               "GRAPHSCOPE_PLAIN", "TERM_PROGRAM", "KITTY_WINDOW_ID")  # fmt: skip
#: The conversations: what is typed on the command line, and the lines behind its prompt.
TOLD = {}
for stem in ("a_session", "values", "finding_ones_way", "advice", "bad_input", "a_failing_node"):
    text = (FOLDER / f"{stem}.txt").read_text()
    TOLD[stem] = text.partition("\n")[0], PROMPT.findall(text)
#: Without those that take longest to draw what is only in a file.
TOLD["every_command"] = (
    "$ graphscope --at-run 3 training.py",
    [line for line in LINES if not line.startswith(("film", "frames", "handout"))],
)
#: These draw: with other letters where there are more than those of ASCII.
DRAWING = re.compile(r"draw|hist|check|.*--view|print W|lr")


class Stream(io.TextIOWrapper):
    """What stdout is: bytes in an encoding, of a terminal or not."""

    def __init__(self, encoding, terminal):
        super().__init__(io.BytesIO(), encoding, newline="\n")
        self._terminal = terminal

    def isatty(self):
        return self._terminal

    @property
    def text(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Have a conversation on a screen; what it shows."""
    for script in (TESTS / "scripts").glob("*.py"):
        (tmp_path / script.name).write_text(script.read_text())
    (tmp_path / "lines.txt").write_text("step\nwhere\n")
    monkeypatch.chdir(tmp_path)

    def tell(name, *options, encoding="utf-8", terminal=False, **environment):
        command, lines = TOLD[name]
        for word in OF_A_SCREEN:
            monkeypatch.delenv(word, raising=False)
        for word, value in environment.items():
            monkeypatch.setenv(word, value)
        out = Stream(encoding, terminal)
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        gs.reset_default_graph()
        main([*options, *command.removeprefix("$ graphscope ").split()])
        gs.reset_default_graph()
        return MEASURED.sub(r"\1", out.text)

    monkeypatch.setenv("GRAPHSCOPE_PLAIN", "")  # and it is given back what it was
    return tell


def answers(text):
    """The answers, each with the line that was typed."""
    typed, said = None, []
    for line in text.splitlines():
        found = PROMPT.match(line)
        if found:
            if typed is not None:
                yield typed, said
            typed, said = found[1], []
        else:
            said.append(line)
    if typed is not None:
        yield typed, said


everywhere = pytest.mark.parametrize("name", TOLD)


@pytest.fixture
def in_a_pipe(told, transcript):
    """What a conversation shows in a pipe: that of the transcript, where there is one."""

    def tell(name):
        if name not in PIPED:
            PIPED[name] = told(name)
            if name != "every_command":
                wanted = (FOLDER / f"{name}.txt").read_text()
                transcript.same(f"{TOLD[name][0]}\n{PIPED[name]}", wanted)
        return PIPED[name]

    return tell


PIPED = {}


@everywhere
@pytest.mark.parametrize(
    "screen",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb", "COLUMNS": "40"},
        {"TERM": "xterm-256color", "COLUMNS": "60", "encoding": "ascii"},
        {"encoding": "cp1252"},
    ],
    ids=lambda screen: "-".join(screen.values()),
)
def test_a_pipe_is_the_same_everywhere(name, screen, told, in_a_pipe):
    """Whatever the environment says of a terminal that is not there."""
    assert in_a_pipe(name).isascii()
    assert told(name, **screen) == in_a_pipe(name)


@everywhere
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_letters_of_its_own_shows_what_a_pipe_does(
    name, encoding, told, in_a_pipe
):
    """Colours are added to it, and nothing else; without them TERM=dumb and NO_COLOR are one."""
    poor = {"terminal": True, "encoding": encoding, "COLUMNS": "80"}
    if encoding == "ascii":
        coloured = told(name, TERM="xterm-256color", **poor)
        assert ESCAPE.search(coloured)
        assert ESCAPE.sub("", coloured) == in_a_pipe(name)
    plain = {"NO_COLOR": "1"} if encoding == "ascii" else {"TERM": "dumb"}
    assert told(name, **plain, **poor) == in_a_pipe(name)


def stands_for():
    """For each letter of a drawing those of ASCII that may stand in its place."""
    pairs = []
    for role, border in UNICODE.borders.items():
        pairs += zip(border, ASCII.borders[role], strict=True)
    for kind, line in UNICODE.lines.items():
        pairs += zip(line, ASCII.lines[kind], strict=True)
    for sides, corner in (UNICODE.corners | UNICODE.heads).items():
        pairs.append((corner, (ASCII.corners | ASCII.heads)[sides]))
    pairs += [(mark, ASCII.marks[kind]) for kind, mark in UNICODE.marks.items()]
    found = {}
    for letter, plain in pairs:
        found.setdefault(letter, set()).add(plain)
    return found


@everywhere
def test_letters_of_a_drawing_stand_for_those_of_ascii(name, told, in_a_pipe):
    """Only answers that draw are drawn with other letters, and these are those of the theme."""
    shown = told(name, terminal=True, TERM="xterm-256color", COLUMNS="80", NO_COLOR="1")
    coloured = told(name, terminal=True, TERM="xterm-256color", COLUMNS="80")
    assert ESCAPE.sub("", coloured) == shown
    known = stands_for()
    pairs = zip(answers(shown), answers(in_a_pipe(name)), strict=True)
    for (typed, said), (same, wanted) in pairs:
        assert typed == same
        if not DRAWING.match(typed):
            assert said == wanted, typed
        else:
            assert _words(said, typed) == _words(wanted, typed), typed
            if list(map(len, said)) == list(map(len, wanted)) and typed.startswith("draw"):
                for letter, other in zip("".join(said), "".join(wanted), strict=True):
                    assert letter == other or other in known.get(letter, JOINED), typed


def _words(lines, typed=""):
    """The words of a drawing, without the letters of which ASCII makes its borders and arrows; of
    a heat map, whose numbers are shades, those that are no numbers."""
    word = r"[a-zA-Z]\w+" if "heat" in typed else r"\w+"
    whole = re.sub(r"\w+\.\.\.", "", " ".join(lines))  # what is cut off is no word
    found = re.findall(word, whole.replace("H", " "))
    return Counter(word for word in found if word not in ("v", "o"))


#: Where a line leaves a border, ASCII has the border itself; and what there is besides in words.
JOINED = set("|-=#:.HO()[]*>~'")


@everywhere
@pytest.mark.parametrize("width", [60, 40])
def test_a_narrow_window_shows_the_same(name, width, told, in_a_pipe):
    """The same letters, but for what is drawn and what is cut off at the edge; no line is wider,
    but those that are there to be copied."""
    shown = told(name, terminal=True, encoding="ascii", NO_COLOR="1", COLUMNS=str(width))
    pairs = zip(answers(shown), answers(in_a_pipe(name)), strict=True)
    for (typed, said), (same, wanted) in pairs:
        assert same.startswith(typed)  # a long line has been broken too
        wide = [line for line in said if len(line) > width]
        assert all(line.startswith(OF_THE_SCRIPT) for line in wide), wide
        if typed == same and not DRAWING.match(typed) and typed != "code":
            assert _letters(said) == _letters(wanted), typed


#: What a script prints is its own.
OF_THE_SCRIPT = ("loss", "arguments", "before", "after")


def _letters(lines):
    """The letters of an answer, without those of lines of source, which are cut off."""
    kept = [line for line in lines if not re.match(r"   +\w+\.py:\d+  ", line)]
    return Counter("".join("".join(kept).split()))


@everywhere
def test_plain_speech_says_the_same_facts(name, told, in_a_pipe, transcript):
    """One fact a line, and nothing but spaces between words holds anything apart. Every word is
    there that the columns have, but for what is drawn."""
    shown = told(name, "--plain")
    file = FOLDER / "plain" / f"{name}.txt"
    if os.environ.get("GRAPHSCOPE_UPDATE_TRANSCRIPTS"):
        file.write_text(shown)
    transcript.same(shown, file.read_text())
    assert told(name, GRAPHSCOPE_PLAIN="1") == shown
    poor = {"terminal": True, "TERM": "dumb", "NO_COLOR": "1", "encoding": "ascii"}
    for width in ("80", "40"):
        assert told(name, "--plain", COLUMNS=width, **poor) == shown
    for (typed, said), (same, wanted) in zip(answers(shown), answers(in_a_pipe(name)), strict=True):
        assert (typed, same) == (same, typed)
        for line in said:
            assert "  " not in line or line.startswith((*OF_THE_SCRIPT, "  ")), line
        if not DRAWING.match(typed):
            missing = _words(wanted) - _words(said)
            assert set(missing) <= {"zero"}, typed  # the head of a column with nothing in it


def test_plain_speech_can_be_chosen_at_the_prompt(told, monkeypatch):
    lines = ["set plain on", "needs", "set plain off", "needs"]
    monkeypatch.setitem(TOLD, "chosen", ("$ graphscope --at-run 3 training.py", lines))
    shown = told("chosen", terminal=True, COLUMNS="80", NO_COLOR="1")
    (_, on), (_, plain), (_, off), (_, drawn) = answers(shown)
    assert (on, off) == (["Answers are plain: one fact a line."], [" Answers are drawn."])
    assert plain[1] == "x, f32[?,3], fed [2, 3], via train <- update W <- h_grad/MatMul_1 <- x"
    assert drawn[1] == "   x   f32[?,3]  fed [2, 3]  via train <- update W <- h_grad/MatMul_1 <- x"


def test_a_terminal_shows_the_first_lines_of_a_long_answer_and_a_pipe_all(told, monkeypatch):
    Path("long.py").write_text(
        "import tensorflow as tf\nx = tf.zeros([2])\nfor _ in range(600):\n    x = tf.exp(x)\n"
        "tf.Session().run(x)\n"
    )
    monkeypatch.setitem(TOLD, "long", ("$ graphscope long.py", ["list all", "plan"]))
    (_, piped), _ = answers(told("long"))
    (_, shown), _ = answers(told("long", terminal=True, NO_COLOR="1", COLUMNS="80"))
    assert len(piped) == 601
    assert shown[:400] == piped[:400]
    assert shown[400:] == [
        " ... and more: with > all.txt behind the command, all of it is written there."
    ]


def test_many_names_are_a_few_and_a_number():
    assert few(["a", "b"]) == "a, b"
    assert few([f"v{i}" for i in range(15)]).endswith("v10, v11, and 3 more")
