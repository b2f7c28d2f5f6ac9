"""What help shows first: a line of each command, done as it stands there."""

import numpy as np
import pytest
from wayfinding import COMMANDS

import graphscope as gs

#: What has to be done before a line makes sense.
BEFORE = {
    "finish": ["step"],
    "back": ["goto end"],
    "reverse-next": ["goto end"],
    "reverse-finish": ["goto end"],
    "reverse-until": ["goto end"],
    "reverse-continue": ["goto end"],
    "print": ["until y"],
    "commands": ["break y"],
    "cond": ["break y"],
    "ignore": ["break y"],
    "enable": ["break y"],
    "disable": ["break y"],
    "delete": ["break y"],
    "undisplay": ["display y"],
    "nan": ["goto end"],
    "hist": ["goto end"],
    "diff": ["goto end"],
    "cost": ["goto end"],
    "set": ["until y"],
    "unset": ["until y", "set y = 0 * y"],
    "compare": ["fork before"],
    "commit": ["goto end"],
    "undo": ["step"],
    "explain": ["unfeed x", "step"],
}


@pytest.fixture
def d():
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    W = gs.Variable(np.ones((3, 2), np.float32), name="W")
    y = gs.nn.softmax(gs.matmul(x, W), name="y")
    loss = gs.reduce_mean(gs.square(y - 1.0), name="loss")
    train_step = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train_step")
    init = gs.global_variables_initializer()
    session = gs.Session()
    session.run(init)
    return gs.debug(session, [train_step, loss], {x: np.eye(3)})


@pytest.mark.parametrize("name", COMMANDS)
def test_it_can_be_done(d, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_commands.gs").write_text("step\n")
    if name in ("export", "code"):
        pytest.skip("this one is about the file of a program")
    for line in BEFORE.get(name, ()):
        assert (d.onecmd(line).error is None) == (name != "explain" or line != "step")
    output = d.onecmd(COMMANDS[name].example)
    assert output.error is None, output.text
    assert str(d.onecmd(f"help {name}").text).startswith(f" example:  {COMMANDS[name].example}\n")


def test_help_begins_with_five(d):
    shown = d.onecmd("help").text.splitlines()
    assert shown[0] == " To begin with:"
    first = [row.split()[0] for row in shown[1 : shown.index(" The others:")] if row[3] != " "]
    assert first == ["plan", "step", "back", "print", "why"]
    assert len(shown) < 24, "it fits a small terminal"
    for name in COMMANDS:
        assert any(name in row.replace(",", " ").split() for row in shown), name


def test_help_of_all_has_a_line_for_each(d):
    shown = d.onecmd("help all").text.splitlines()
    names = [row.split()[0] for row in shown if row.startswith("   ") and row[3] != " "]
    assert names == [c.name for g in d.help().groups for c in g[1]]
    assert all(len(row) <= 80 for row in shown)
