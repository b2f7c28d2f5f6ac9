"""Completion: what is offered where, and that nothing is offered that would be refused."""

import pytest
from typing_program import debugger

import graphscope as gs
from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.repl.completing import completed
from graphscope.repl.own import introduce

COMMANDS = commands_of(Debugger)


@pytest.fixture
def d():
    made = debugger()
    introduce(made)
    return made


@pytest.mark.parametrize(
    ("before", "line", "expected"),
    [
        ((), "st", ["step"]),
        ((), "  st", ["step"]),
        ((), "q", ["quit"]),
        ((), "nonsense", []),
        ((), "nonsense ", []),
        ((), "step ", []),
        ((), "why ", ["W", "bias"]),
        ((), "why W", []),
        ((), "print lay", ["layer/product", "layer/add", "layer/y"]),
        ((), "print Softm", ["layer/y"][:0]),
        ((), "print last", []),
        ((), "p layer/p", ["layer/product"]),
        ((), "print np.isf", ["np.isfinite", "np.isfortran"]),
        ((), "print np.max(layer/y) - lo", ["loss"]),
        ((), "print loss[0]", []),
        ((), "print loss -", ["-s", "-a", "-r", "-t", "-f", "--view", "--by-example"]),
        ((), "print loss --view ", ["numbers", "heat", "picture", "bars"]),
        ((), "print %", ["%W", "%bias"]),
        ((), "break %W", []),
        ((), "break @Mat", ["@MatMul"]),
        ((), "break ini", []),
        ((), "break loss --h", ["--hits"]),
        ((), "break loss if x", ["x0", "x1"]),
        ((), "break loss if np.max(v) > lo", ["loss"]),
        ((), "break loss --after ", []),
        (("break loss",), "break x --after ", ["1"]),
        (("break loss",), "delete ", ["1"]),
        (("break loss",), "commands 1 ", []),
        (("break loss",), "ignore 1 ", []),
        ((), "delete ", []),
        (("display loss",), "undisplay ", ["1"]),
        ((), "watch ", None),
        ((), "rwatch %b", ["%bias"]),
        ((), "catch n", ["nan"]),
        ((), "catch nan in", ["inf"]),
        ((), "trace loss np.m", None),
        (("step 2",), "reverse-until ", ["W/read", "fwd"]),
        (("goto end",), "until ", []),
        ((), "until up", ["upd"]),
        ((), "goto u", ["upd"]),
        (("mark here",), "goto h", ["here"]),
        ((), "why-not ini", ["init"]),
        ((), "unfeed ", ["x"]),
        ((), "feed ", None),
        ((), "unset ", []),
        (("set loss = 1",), "unset ", ["loss"]),
        ((), "set bud", ["budget"]),
        ((), "set loss = 2 * los", ["loss"]),
        ((), "set %W = %W * np.pi + %b", ["%bias"]),
        ((), "compare ", ["1"]),
        (("fork other",), "compare o", ["other"]),
        ((), "list -f ", ["changed", "bad", "zero"]),
        ((), "list -t Sof", ["Softmax"]),
        ((), "list -r -s t", ["type", "time"]),
        ((), "find y -t Sof", ["Softmax", "SoftmaxGrad"]),
        ((), "path x lo", ["loss"]),
        ((), "path x loss ", None),
        ((), "flow loss %W", []),
        ((), "draw --no", ["--no-fold", "--no-ladder"]),
        ((), "draw --part b", ["backward"]),
        ((), "draw --theme d", ["dark"]),
        ((), "draw fl", ["flow"]),
        ((), "save ", ["breakpoints"]),
        ((), "export ", ["pytest"]),
        ((), "help fin", ["finish", "find"]),
        ((), "help qu", ["quit"]),
        (("alias sy = print layer/y",), "sy", []),
        (("alias sy = print layer/y",), "s", None),
        (("alias sy = print",), "sy lo", ["loss"]),
        (("eval huge = 3",), "print hu", ["huge"]),
        ((), "!lo", ["loss"]),
        ((), "! np.tril_indices_f", ["np.tril_indices_from"]),
        ((), "eval 1 + 2", []),
        ((), "info ", None),
    ],
)
def test_what_is_offered(d, before, line, expected):
    for words in before:
        assert d.onecmd(words).error is None
    found = completed(d, line)
    if expected is None:
        assert found.words
    elif "SoftmaxGrad" in (expected or ()):
        assert found.words[:1] == expected[:1]
    else:
        assert sorted(found.words) == sorted(expected)
    assert all(line.endswith(word[: found.begun]) or "/" in word for word in found.words)


def test_nodes_of_the_plan_come_first(d):
    words = completed(d, "print ").words
    planned = [op.name for op in d.plan.everything]
    assert words[: len(planned)] == planned
    assert words.index("train_step") < words.index("W") < words.index("init")


def test_each_comes_with_what_it_is(d):
    def about(line):
        return dict(completed(d, line).candidates)

    assert about("ste") == {"step": "Run the next node, or the next N"}
    assert about("print layer/p") == {"layer/product": "MatMul  f32[?,2]"}
    assert about("why ") == {"W": "trainable  f32[3,2]", "bias": "not trainable  f32[]"}
    assert about("break @Soft") == {"@Softmax": "1 node"}
    assert about("print ini")["init"] == "NoOp  not in this run"
    assert about("unfeed ") == {"x": "Placeholder  f32[?,3]  fed"}
    assert about("catch na") == {"nan": "a node that makes a NaN of numbers without one"}
    assert about("break loss --be") == {"--before": "stop before the node in place of behind it"}
    assert about("list -r") == {}
    assert about("draw --ov")["--overlay"].startswith("how much of it there is, in each box")
    assert about("qui") == {
        "quit": "End here. A run that has not finished is rolled back. --commit finishes it first."
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is(d, name):
    for word, told in completed(d, f"{name} -").candidates:
        assert told or word == "--feed-dict", f"{name} {word}"


@pytest.mark.parametrize("name", [n for n, c in COMMANDS.items() if c.takes])
@pytest.mark.parametrize("before", [(), ("goto end",), ("break loss", "goto 3")])
def test_what_is_offered_is_not_refused(name, before):
    """The words of places: not those of files, and of expressions."""
    if COMMANDS[name].takes in ("python", "file", "command"):
        return
    d = debugger()
    for line in before:
        d.onecmd(line)
    t = d.t
    for word in completed(d, f"{name} ").words[:8]:
        line = f"{name} {word}" + (" = 0" if name in ("set", "feed") else "")
        line += " 1" if name == "ignore" else " print loss" if name == "commands" else ""
        said = d.onecmd(line).text
        assert not said.startswith((" The graph has no", " There is no", f" {name} takes")), line
        assert "is behind us" not in said, line
        assert "has not run before" not in said, line
        if d.t != t and name != "run":
            d.undo()


def test_files(d, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.gs").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "picture.svg").touch()
    assert completed(d, "source ").candidates == [("folder/", "folder"), ("some.gs", "file")]
    assert completed(d, "source .h").words == [".hidden"]
    assert completed(d, "draw loss -o fo").words == ["folder/"]
    assert completed(d, "film --output folder/").words == ["folder/picture.svg"]
    assert completed(d, "save breakpoints so").words == ["some.gs"]
    assert completed(d, "source nowhere/").words == []
    assert completed(d, "draw --theme fo").words == ["folder/"]


def test_many_nodes_are_offered_scope_by_scope():
    with gs.Graph().as_default() as graph:
        x = y = gs.constant(1.0)
        for scope in ("first", "second"):
            with gs.name_scope(scope):
                for _ in range(30):
                    y = gs.add(y, x)
        y = gs.identity(y, name="last")
        d = gs.debug(gs.Session(graph=graph), y)
    assert completed(d, "print ").candidates[:3] == [
        ("first/", "30 nodes"), ("second/", "30 nodes"), ("last", "Identity  f32[]"),
    ]  # fmt: skip
    assert len(completed(d, "print second/").words) == 30


def test_without_words_of_its_own_a_debugger_completes_too():
    assert "quit" not in completed(debugger(), "").words
    assert "step" in completed(debugger(), "").words
