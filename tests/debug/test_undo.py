"""Undo: everything stands as it did before the last command that changed something."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stepped import Program

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.debug.undoing import Undone

#: Each of these changes something, wherever we are in the first four nodes of `Program`.
CHANGES = (
    "step",
    "goto end",
    "goto 1",
    "set layer/a = 7",
    "set layer/a = 7 --once",
    "set %n = 1",
    "set %n[...] = 1",
    "set budget 64",
    "set on-exit rollback",
    "feed x = 5",
    "unfeed x",
    "restart",
    "fork other",
    "mark here",
    "break c if v > 1",
    "tbreak c",
    "watch %n",
    "catch nan",
    "trace c v",
    "display c",
    "alias cc = continue c",
)


def state(d):
    """All that can be seen of a debugger."""
    timeline = d.timeline
    values = {}
    for t in range(timeline.newest + 1):
        values[t] = {name: value.tolist() for name, value in timeline.variables(t).items()}
        if t:
            step = timeline.steps[t - 1]
            values[t] |= {o.name: v.tolist() for o, v in step.outputs.items()}
    return {
        "place": (timeline.number, d.t, len(d.history.runs)),
        "values": values,
        "feeds": {t.name: v.tolist() for t, v in timeline.run.feeds.items()},
        "overrides": {t.name: v.tolist() for t, v in timeline.overrides.items()},
        "lasting": {t.name: v.tolist() for t, v in d._lasting.items()},
        "stops": [item.as_command() for item in d.stops],
        "enabled": [(i.enabled, i.ignored, i.commands, i.condition) for i in d.stops],
        "displays": dict(d.displays),
        "marks": dict(d.history.marks),
        "forks": {name: id(fork) for name, fork in d.history.forks.items()},
        "aliases": dict(d.words.aliases),
        "options": (d.history.budget, d._keeps),
    }


def is_as(d, known):
    """Whether all is as it was, but for what has been run in the meantime: that is known now."""
    now = state(d)
    then = {t: now["values"].get(t) for t in known["values"]}
    return {**now, "values": then} == known


def did(d, line):
    output = d.onecmd(line)
    assert output.error is None, output.text
    return output.data


@pytest.mark.parametrize("before", [(), ("step 2",), ("goto end", "back 2"), ("goto end",)])
@pytest.mark.parametrize("line", CHANGES)
def test_one_change(d, before, line):
    for words in before:
        did(d, words)
    known = state(d)
    if d.onecmd(line).error is not None:
        assert line == "step", "at the end of the run"
        return
    if state(d) == known:
        assert line in ("goto end", "restart", "set on-exit rollback")
        return
    found = did(d, "undo")
    assert found.lines == (line,)
    assert is_as(d, known)
    d.run_to_end()
    assert [float(v) for v in d.result] == [36.0, 16.0, 17.0]


@pytest.mark.parametrize(
    "line",
    ["delete", "delete 1", "disable 2", "ignore 1 3", "cond 1", "cond 2 v > 3",
     "commands 1 print c; back", "undisplay 1", "undisplay", "unset layer/a", "continue"],
)  # fmt: skip
def test_what_takes_something_away(d, line):
    for words in ("break c if v > 0", "tbreak again", "display n", "step", "set layer/a = 4"):
        did(d, words)
    known = state(d)
    did(d, line)
    assert state(d) != known
    assert did(d, "undo").lines == (line,)
    assert is_as(d, known)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=6), st.data())
def test_any_changes_one_after_the_other(lines, data):
    with gs.Graph().as_default():
        d = Program().debug()
        states = [state(d)]
        for line in lines:
            way = d.timeline.way
            d.onecmd(line)
            if d.timeline.way != way or state(d) != states[-1]:
                states.append(state(d))
        states.pop()
        while states:
            n = data.draw(st.integers(1, len(states)))
            d.undo(n)
            assert is_as(d, states[-n])
            del states[-n:]
        with pytest.raises(DebugError, match="nothing to undo"):
            d.undo()


def test_what_only_looks_is_not_undone(d):
    d.step(2)
    for line in ("print c", "breakpoints", "where", "compare 1 1", "eval 1 + 1", "nonsense"):
        d.onecmd(line)
    assert d.undo().lines == ("step 2",)
    assert d.t == 0


def test_methods_are_undone_as_commands_are(d, program):
    d.step()
    d.set(program.a, np.float32(5), once=True)
    undone = d.undo(2)
    assert undone.lines == ("set layer/a:0 np.float32(5.0) --once", "step") or (
        undone.lines == ("set layer/a:0 5.0 --once", "step")
    )
    assert undone.stop.t == 0


def test_what_ran_already_does_not_run_again(d):
    ran = d.goto("end")
    steps = d.timeline.steps
    did(d, "set %n = 1")
    did(d, "goto 1")
    did(d, "set layer/a = 2")
    did(d, "undo 3")
    assert d.timeline.steps is steps
    assert d.t == ran.t


def test_a_script_of_commands_is_undone_at_once(d, tmp_path):
    (tmp_path / "some.gs").write_text("step 2\nset layer/b = 1\nbreak c\n")
    known = state(d)
    did(d, f"source {tmp_path / 'some.gs'}")
    assert did(d, "undo").lines == (f"source {tmp_path / 'some.gs'}",)
    assert is_as(d, known)


@pytest.mark.parametrize(
    ("line", "hint"),
    [("commit", "Try: rollback."), ("rollback", "begins again."), ("run", "Try: goto 1:5.")],
)
def test_what_cannot_be_undone_is_said(d, line, hint):
    did(d, "break c")
    d.run_to_end()
    did(d, line)
    did(d, "mark here")
    assert did(d, "undo 2").lines == ("mark here",)
    said = d.onecmd("undo").text
    assert f"{line} cannot be undone: " in said
    assert said.endswith(hint)


def test_a_commit_inside_of_a_script_stays_too(d, tmp_path):
    (tmp_path / "some.gs").write_text("goto end\ncommit\n")
    did(d, f"source {tmp_path / 'some.gs'}")
    assert "cannot be undone" in d.onecmd("undo").text


def test_a_stop_that_was_hit_is_found_again(d):
    did(d, "break again --hits >0")
    did(d, "break c")
    did(d, "goto end")
    did(d, "set layer/a = 9")
    did(d, "undo")
    assert did(d, "rc").t == 4
    did(d, "goto end")
    did(d, "back")
    assert did(d, "continue").breakpoint == 1


def test_an_edit_of_an_earlier_run_gives_back_the_later_ones(d):
    d.run_to_end()
    d.run()
    d.run_to_end()
    did(d, "goto 1:2")
    known = state(d)
    did(d, "set layer/a = 1")
    assert len(d.history.runs) == 1
    did(d, "undo")
    assert is_as(d, known)
    assert did(d, "goto 2:5").t == 5
    d.close()
    assert float(d.session.run("n:0")) == 24.0


def test_what_edits_discarded_has_a_budget(program):
    d = gs.debug(program.session, [program.c], {program.x: np.ones((), np.float32)}, budget=1)
    d.run_to_end()
    for value in range(5):
        d.set(program.a, float(value))
        d.run_to_end()
    assert d.undo().lines == ("set layer/a:0 4.0",)
    with pytest.raises(DebugError, match="nothing to undo"):
        d.undo()


def test_a_run_that_was_let_go(d):
    d.run_to_end()
    d.run()
    for line in ("goto 1:2", "goto 2:0", "set budget 1"):
        did(d, line)
    d.history.budget = 1  # a byte
    did(d, "goto end")
    assert [run.number for run in d.history.runs] == [2]
    assert did(d, "undo 9").lines == ("goto end", "set budget 1")
    assert "Run 1 was let go" in d.onecmd("undo").text


def test_not_more_than_so_many(d):
    for _ in range(60):
        d.step()
        d.back()
    assert len(d.undo(1000).lines) == 100


def test_the_answer_as_text(d):
    d.step(2)
    assert str(d.undo()).splitlines()[:2] == [
        " undone: step 2",
        " In the past: the run has come to t=2. Nothing is computed again.",
    ]
    d.display("c")
    assert str(d.undo()) == " undone: display c"
    assert d.undo.__doc__.startswith("Undo the last command")
    assert isinstance(d.onecmd("mark a").data, object)
    assert isinstance(d.undo(), Undone)
