"""The prompt opened from a program: set_trace, break_when, pm, --at-run, -x, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug import DebugError
from graphscope.repl.here import at_failure

LOOP = """\
import tensorflow as tf
x = tf.placeholder(tf.float32, [], name="x")
w = tf.Variable(1.0, name="w")
y = tf.multiply(x, w, name="y")
grow = tf.assign_add(w, 1.0, name="grow")
sess = tf.Session()
sess.run(w.initializer)
"""


@pytest.fixture
def run(tmp_path):
    def run(script, *options, typed=""):
        (tmp_path / "script.py").write_text(script)
        done = subprocess.run(
            [sys.executable, "-m", "graphscope", *options, "script.py"],
            input=typed,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr == ""
        return done.stdout

    return run


def test_set_trace_opens_the_prompt_at_the_next_run(run):
    script = LOOP + (
        "import graphscope as gs\n"
        "print(sess.run(y, {x: 2.0}))\n"
        "gs.set_trace('until y; print y')\n"
        "print(sess.run([y, grow], {x: 3.0}))\n"
        "print(sess.run(y, {x: 4.0}))\n"
    )
    out = run(script, "-c", "continue")
    assert "2.0" in out
    assert "sess.run(y, grow, {x: ..})" in out
    assert "y:0  f32[]  at t=2/3" in out
    assert "8.0" in out  # the script goes on after its commands


def test_break_when_an_expression_holds(run):
    script = LOOP + (
        "end = sess.break_when('y > 5', 'print y; print x')\n"
        "for i in range(4):\n"
        "    print('run', i, sess.run([y, grow], {x: 2.0})[0])\n"
    )
    out = run(script, "-c", "continue")
    assert out.index("run 1 4.0") < out.index("y:0  f32[]") < out.index("run 2 6.0")
    assert "run 3 8.0" in out


def test_break_when_takes_a_stop_and_a_function(capsys):
    with gs.Graph().as_default(), gs.Session() as session:
        x = gs.placeholder(gs.float32, [], name="x")
        y = gs.log(x, name="y")
        end = session.break_when("catch inf nan", "where")
        assert session.run(y, {x: 1.0}) == 0.0
        assert capsys.readouterr().out == ""
        assert np.isneginf(session.run(y, {x: 0.0}))
        assert "Caught 1: inf: y:0 has 1 of 1" in capsys.readouterr().out
        end()
        assert np.isnan(session.run(y, {x: -1.0}))
        assert capsys.readouterr().out == ""
        session.break_when(lambda stop: stop.value is not None and stop.value > 1, "print y")
        session.run(y, {x: 1.0})
        assert capsys.readouterr().out == ""
        session.run(y, {x: 100.0})
        assert "4.60517" in capsys.readouterr().out.replace("4.6052", "4.60517")


def failing():
    x = gs.placeholder(gs.float32, [None], name="x")
    n = gs.Variable(1.0, name="n")
    with gs.control_dependencies([gs.assign_add(n, 1.0)]):
        doubled = gs.multiply(x, 2.0, name="doubled")
    return x, n, gs.reshape(doubled, [3], name="three")


def test_the_past_of_a_failed_run_is_there(capsys):
    with gs.Graph().as_default(), gs.Session() as session:
        x, n, three = failing()
        session.run(n.initializer)
        with pytest.raises(gs.errors.InvalidArgumentError) as caught:
            session.run(three, {x: [1.0, 2.0]})
        error = caught.value
        assert error.node is three.op
        d = at_failure(error)
        assert (d.t, d.stop.error.message) == (d.timeline.end - 1, error.message)
        np.testing.assert_array_equal(d.value("doubled"), [2.0, 4.0])
        assert d.changed()["n"].new == 2.0
        d.restart()
        assert d.value(n) == 1.0  # as it was when the run began, not as it failed
        gs.pm(error, "print doubled; back 2; print n")
        out = capsys.readouterr().out
        assert "The next node fails: InvalidArgumentError" in out
        assert "[2. 4.]" in out


def test_pm_needs_the_error_of_a_run():
    with pytest.raises(DebugError, match="ValueError is not the error of a node that ran"):
        gs.pm(ValueError("something else"))


def test_at_run_stops_at_a_later_run(run):
    script = LOOP + "for i in range(5):\n    sess.run(grow)\n"
    out = run(script, "--at-run", "4", "-c", "print w; continue")
    assert out.startswith(" Run 4  sess.run(grow)")
    assert "w:0  f32[]  at t=0/1\n   3." in out


def test_commands_from_a_file(run, tmp_path):
    (tmp_path / "commands.gs").write_text("# a remark\nuntil y\n- nonsense\nprint y\n")
    script = LOOP + "sess.run(y, {x: 3.0})\n"
    out = run(script, "--at-run", "2", "-x", "commands.gs")
    assert "There is no command 'nonsense'" in out
    assert "y:0  f32[]  at t=2/2\n   3." in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_ctrl_c_opens_the_prompt_at_the_next_run(tmp_path):
    script = LOOP + (
        "import time\n"
        "print('going', flush=True)\n"
        "for i in range(600):\n"
        "    sess.run(grow)\n"
        "    time.sleep(0.05)\n"
    )
    (tmp_path / "script.py").write_text(script)
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", "graphscope", "script.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("continue\n")
    child.stdin.flush()
    while "going" not in child.stdout.readline():
        pass
    time.sleep(0.3)
    os.kill(child.pid, signal.SIGINT)
    out, _ = child.communicate("print w\nquit\n", timeout=60)
    assert "sess.run(grow)" in out
    assert "Run 2 " not in out  # it has counted the runs that it did not stop
    assert "w:0  f32[]  at t=0/1" in out
