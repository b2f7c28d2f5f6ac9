"""Commands: how words become arguments, and what help says of them."""

from __future__ import annotations

import pytest

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.answers import Answer
from graphscope.debug.commands import GROUPS, Commanded, command, commands_of
from graphscope.debug.debugger import Debugger
from graphscope.repl.candidates import SOURCES

COMMANDS = commands_of(Debugger)


class Machine(Commanded):
    """Commands of every shape; each returns what it was called with."""

    @command("turn", "t", group="Go")
    def turn(self, n: int = 1):
        """Turn N times.

        More about it.
        """
        return n

    @command("number", group="Go")
    def number(self, n: int):
        return n

    @command("say", group="Look", takes="node")
    def say(self, text: str):
        return text

    @command("choose", group="Look")
    def choose(self, *names: str, output: str | None = None, fast: bool = False):
        return names, output, fast

    @command("pair", group="Look")
    def pair(self, n: int, text: str = "nothing"):
        return n, text

    @command("show", group="Look")
    def show(
        self, expression, *, s: bool = False, t: int | None = None, r: str = "", out: str = ""
    ):
        return expression, s, t, r, out

    @command("look", group="Look")
    def look(self, place: str = "", *, n: str = "", r: bool = False):
        return place, n, r

    @command("two", group="Ask")
    def two(self, first, second: str):
        return first, second

    @command("raw", group="Look", takes="python")
    def raw(self, text):
        return text

    def hidden(self):
        return None


MACHINE = commands_of(Machine)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("turn", 1),
        ("turn 5", 5),
        ("turn -2", -2),
        ("number 3", 3),
        ("say a", "a"),
        ("say  a   b - c ", "a b - c"),
        ("say 'a b' + \"c", "'a b' + \"c"),
        ("choose", ((), None, False)),
        ("choose a b", (("a", "b"), None, False)),
        ("choose a --output f.svg b", (("a", "b"), "f.svg", False)),
        ("choose -o f.svg", ((), "f.svg", False)),
        ("choose --out 'my file.svg' --fast", ((), "my file.svg", True)),
        ("choose -f -5 a-b --", (("-5", "a-b", "--"), None, True)),
        ("pair 1", (1, "nothing")),
        ("pair 1 two words", (1, "two words")),
        ("show x", ("x", False, None, "", "")),
        ("show x -s", ("x", True, None, "", "")),
        ("show -s x", ("x", True, None, "", "")),
        ("show x - s", ("x - s", False, None, "", "")),
        ("show x -s + 1", ("x -s + 1", False, None, "", "")),
        ("show -s + 1", ("-s + 1", False, None, "", "")),
        ("show -s if x else y", ("-s if x else y", False, None, "", "")),
        ("show -s", ("-s", False, None, "", "")),
        ("show -t 3 x -s", ("x", True, 3, "", "")),
        ("show x -t -1", ("x", False, -1, "", "")),
        ("show x -t", ("x -t", False, None, "", "")),
        ("show x -q", ("x -q", False, None, "", "")),
        ("show -x * 2 -s", ("-x * 2", True, None, "", "")),
        ("show x -r [[0, 1], [2,3]] -s", ("x", True, None, "[[0, 1], [2,3]]", "")),
        ("show x -r 'a b'", ("x", False, None, "a b", "")),
        ("show x --out f -s", ("x", True, None, "", "f")),
        ("show x -out f", ("x -out f", False, None, "", "")),
        ("show %W -s", ("%W", True, None, "", "")),
        ("show -s %W", ("%W", True, None, "", "")),
        ("show -s @MatMul", ("@MatMul", True, None, "", "")),
        ("show -s (a + b)", ("(a + b)", True, None, "", "")),
        ("look", ("", "", False)),
        ("look -r", ("", "", True)),
        ("look -n a -r", ("", "a", True)),
        ("look 5,20 -n a|b", ("5,20", "a|b", False)),
        ("look -r 5 - 3", ("5 - 3", "", True)),
        ("two a b", ("a", "b")),
        ("two a b c", ("a", "b c")),
        ("raw  a   b -s", " a   b -s"),
    ],
)
def test_words_become_arguments(line, expected):
    name, _, rest = line.partition(" ")
    assert MACHINE[name].call(Machine(), rest) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("turn x", "turn takes a whole number, and 'x' is none: turn [N]"),
        ("turn 1.5", "turn takes a whole number, and '1.5' is none: turn [N]"),
        ("turn 1 2", "turn has no use for '2': turn [N]"),
        ("number", "number needs a word after it: number N"),
        ("say", "say needs a word after it: say TEXT"),
        ("show", "show needs a word after it: show EXPRESSION [-s] [-t T] [-r R] [--out OUT]"),
        ("show x -t many", "show takes a whole number, and 'many' is none: show EXPRESSION"),
        ("look -n", "-n needs a word after it: look [PLACE] [-n N] [-r]"),
        ("look 5 -n", "-n needs a word after it: look [PLACE] [-n N] [-r]"),
        ("two a", "two needs a word after it: two FIRST SECOND"),
        ("choose --output", "--output needs a word after it: choose [NAMES...]"),
        ("choose 'a", '"\'a": No closing quotation.'),
    ],
)
def test_wrong_words(line, message):
    name, _, rest = line.partition(" ")
    with pytest.raises(DebugError) as caught:
        MACHINE[name].call(Machine(), rest)
    assert str(caught.value).startswith(message)


def test_usage_summary_and_doc_come_from_the_method():
    assert [MACHINE[name].usage for name in MACHINE] == [
        "turn [N]",
        "number N",
        "say TEXT",
        "choose [NAMES...] [--output OUTPUT] [--fast]",
        "pair N [TEXT]",
        "show EXPRESSION [-s] [-t T] [-r R] [--out OUT]",
        "look [PLACE] [-n N] [-r]",
        "two FIRST SECOND",
        "raw TEXT",
    ]
    assert MACHINE["turn"].summary == "Turn N times."
    assert MACHINE["turn"].doc == "Turn N times.\n\nMore about it."
    assert MACHINE["turn"].aliases == ("t",)
    assert MACHINE["number"].summary == ""
    assert "hidden" not in MACHINE


def test_a_command_is_still_a_method():
    assert Machine().turn(7) == 7


# ---- the debugger's own ------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name):
    found = COMMANDS[name]
    assert found.summary
    assert found.summary[0].isupper()
    assert found.summary.endswith((".", ")", "]")) or ":" in found.summary
    assert len(found.summary) <= 100
    assert found.usage.startswith(name)
    assert found.group in GROUPS
    assert found.takes in ("", "python", *SOURCES)
    assert found.example.split()[0] == name


def test_names_and_aliases_are_unique():
    words = [word for found in COMMANDS.values() for word in (found.name, *found.aliases)]
    assert len(words) == len(set(words))


def test_the_letters_of_other_debuggers():
    by_word = {word: c.name for c in COMMANDS.values() for word in (c.name, *c.aliases)}
    for word, name in {
        "s": "step", "c": "continue", "cont": "continue", "u": "until", "b": "break",
        "p": "print", "w": "where", "bt": "where", "l": "list", "rs": "back",
        "rc": "reverse-continue", "g": "goto", "pt": "print", "lt": "list", "pf": "feeds",
    }.items():  # fmt: skip
        assert by_word[word] == name


@pytest.fixture
def d():
    x = gs.placeholder(gs.float32, [], name="x")
    w = gs.Variable(1.0, name="w")
    y = gs.multiply(x, w, name="y")
    train = gs.train.GradientDescentOptimizer(0.1).minimize(gs.square(y), name="train")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    return gs.debug(session, [y, train], {x: 2.0})


def call(d, line):
    name, _, rest = line.partition(" ")
    return COMMANDS[name].call(d, rest)


def test_a_command_at_the_prompt_is_the_method(d):
    assert call(d, "step 2").t == d.t == 2
    assert call(d, "back").t == 1
    assert call(d, "goto 3").t == 3
    assert call(d, "goto start").t == 0
    assert call(d, "break y if v > 1 and t == 2").rows[0].condition == "v > 1 and t == 2"
    assert call(d, "break %w --temporary").rows[0].temporary
    assert call(d, "continue").node.name == "y"
    assert call(d, "delete 1").text == "Breakpoint 1 deleted."
    assert call(d, "continue %w").node.type == "ApplyGradientDescent"
    assert call(d, "print y * 2").value == 4.0
    assert [row.t for row in call(d, "list 2,3").rows] == [2, 3]
    assert len(call(d, "list all").rows) == len(d.plan)
    assert call(d, "needs y train").fetched == ("y", "train")
    assert call(d, "why w").name == "w"


def test_every_command_without_needed_words_answers_at_every_time(d):
    looks = [c for c in COMMANDS.values() if c.group in ("Look", "Ask") and "..." not in c.usage]
    looks += [COMMANDS[name] for name in ("breakpoints", "needs", "plan")]
    words = {c.name: c.usage.removeprefix(c.name).split(" [")[0].strip() for c in looks}
    free = [c for c in looks if not words[c.name] and "WORDS" not in c.usage]
    free.remove(COMMANDS["explain"])  # it has nothing to say while nothing has failed
    assert {"where", "vars", "plan", "feeds", "updates"} <= {c.name for c in free}
    for _ in range(d.timeline.end):
        d.step()
        for found in free:
            answer = found.call(d, "")
            assert isinstance(answer, Answer)
            assert str(answer).strip()


def test_what_can_only_be_given_in_python_is_no_option(d):
    """`when` is a function: a word for it would be called later, in the middle of a run."""
    with pytest.raises(DebugError):
        call(d, "break y --when foo")
    assert not d.breakpoints().rows


def test_a_condition_may_have_a_minus_in_it(d):
    assert call(d, "break y if v > -1").rows[0].condition == "v > -1"
    assert call(d, "break y if v < -t").rows[0].condition == "v < -t"
    assert call(d, "break y if 'a b' == 'a b'").rows[0].condition == "'a b' == 'a b'"


@pytest.mark.parametrize("window", ["x", "1,x", "-1", "1,2,3", "1.5"])
def test_a_window_is_two_times(d, window):
    with pytest.raises(DebugError, match="list takes two times, as in list 5,20, or all; not"):
        call(d, f"list {window}")


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [("", 1, 6), ("1,2", 1, 2), ("0,99", 1, None), ("4", 4, None), ("99", None, None)],
)
def test_a_window_stays_within_the_run(d, window, first, last):
    end = d.timeline.end
    times = [row.t for row in d.list(window).rows]
    assert times[0] == (first or end)
    assert times[-1] == min(last or end, end)
    assert times == list(range(times[0], times[-1] + 1))


def test_a_row_of_the_list(d):
    d.brk("y")
    d.until("y")
    rows = {row.node.name: row for row in d.list("all").rows}
    assert [rows[name].state for name in ("w/read", "y", "train")] == ["done", "now", "later"]
    assert [row.state for row in rows.values()].count("next") == 1
    assert (rows["y"].value, rows["y"].breakpoint) == (2.0, True)
    assert (rows["train"].value, rows["train"].breakpoint) == (None, False)
    assert str(d.list("all"))


def test_vars(d):
    gs.Variable(1.0, name="late", trainable=False)
    late = gs.debug(d.session, d.plan.fetches, {"x:0": 2.0})
    late.run_to_end()
    rows = {row.name: row for row in late.variables().rows}
    # y = x w, d y^2 / d w = 2 x^2 w = 8; 1 - 0.1 * 8 = 0.2
    assert rows["w"].value == pytest.approx(0.2)
    assert rows["w"].delta.norm == pytest.approx(0.8)
    assert (rows["w"].trainable, rows["late"].trainable) == (True, False)
    assert (rows["late"].value, rows["late"].delta) == (None, None)


def test_where(d):
    assert d.where().stop.node is None
    with gs.name_scope("outer/inner"):
        deep = gs.negative(1.0, name="deep")
    d = gs.debug(gs.Session(), deep)
    d.step()
    where = d.where()
    assert (where.scopes, where.fetched) == (("outer", "inner"), ("deep",))
    assert [op.name for op in where.stop.path] == ["outer/inner/deep"]
