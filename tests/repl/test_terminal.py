"""The prompt in a real terminal: typing, completion, Ctrl-C, colours."""

import os
import re
import sys
import time

import pytest

pexpect = pytest.importorskip("pexpect", reason="there are no pseudo-terminals on this system")

COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
#: What the prompt sends when a line has been read: from here on keys go to the program.
RUNNING = re.escape("\x1b[?2004l")
SLOW = """\
import tensorflow as tf
x = tf.ones([600, 600]) / 600.0
start = x
for _ in range(3000):
    x = tf.matmul(x, start)
sess = tf.Session()
sess.run(x)
print("the end")
"""


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def spawn(script, **environment):
        (tmp_path / "script.py").write_text(script)
        env = {
            **os.environ,
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "XDG_STATE_HOME": str(tmp_path),
            **environment,
        }
        env.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
        child = pexpect.spawn(
            sys.executable,
            ["-m", "graphscope", "script.py"],
            cwd=str(tmp_path),
            env=env,
            encoding="utf-8",
            dimensions=(40, 100),
            timeout=60,
        )
        opened.append(child)
        return child

    yield spawn
    for child in opened:
        child.close(force=True)


SCRIPT = """\
import tensorflow as tf
weights = tf.Variable([1.0, 2.0], name="weights")
total = tf.reduce_sum(weights, name="total")
sess = tf.Session()
sess.run(weights.initializer)
print("total", sess.run(total))
"""


def test_typing_completing_and_leaving(terminal):
    child = terminal(SCRIPT)
    child.expect(r"gs 0/1 UPD")
    child.send("next-run\r")
    child.expect(r"gs 0/3 FWD")
    child.send("why wei\t")
    child.expect("ghts")  # the rest of the word
    child.send("\r")
    child.expect("is not trained by this run")
    child.send("nonsense\r")
    child.expect("There is no command 'nonsense'")
    child.send("half a line\x03")
    child.expect(r"gs 0/3 FWD")
    child.send("step\r")
    child.expect(r"t=1/3")
    child.send("\r")  # an empty line steps again
    child.expect(r"t=2/3")
    child.send("continue\r")
    child.expect("total 3.0")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


def test_ctrl_c_stops_between_two_nodes_and_nothing_is_lost(terminal):
    child = terminal(SLOW)
    child.expect(r"gs 0/\d+ FWD")
    child.send("continue\r")
    child.expect(RUNNING)
    shown = "Interrupted, between two nodes"
    for _ in range(5):  # the first key may still go to the prompt, which is just leaving
        time.sleep(0.5)
        child.sendintr()
        if child.expect([shown, pexpect.TIMEOUT], timeout=2) == 0:
            break
    child.expect(r"gs (\d+)/\d+ FWD\)")
    reached = int(child.match[1])
    assert reached > 0
    child.send("back\r")
    child.expect(rf"gs {reached - 1}/\d+ FWD <{reached}")
    child.send("quit\r")
    child.expect("rolled back")
    child.expect(pexpect.EOF)


def test_ctrl_r_finds_a_line_of_an_earlier_session(terminal, tmp_path):
    for keys in ("why weights\r", "step\rback\rundo\r"):
        child = terminal(SCRIPT)
        child.expect(r"gs 0/1 UPD")
        child.send(keys)
        child.expect("not trained" if keys[0] == "w" else "undone: ")
        child.send("quit\r")
        child.expect(pexpect.EOF)
    child = terminal(SCRIPT)
    child.expect(r"gs 0/1 UPD")
    child.send("\x12")
    child.expect("why weights")  # in the menu
    child.send("yei\r\r")
    child.expect("is not trained by this run")
    child.send("quit\r")
    child.expect(pexpect.EOF)
    assert len(list(tmp_path.rglob("*.history"))) == 1


def test_a_dumb_terminal_has_plain_lines(terminal):
    child = terminal(SCRIPT, TERM="dumb")
    child.expect(r"\(gs 0/1 UPD\)> ")
    child.send("step\r")
    child.expect(r"\(gs 1/1 UPD\)> ")
    child.send("half\x03")
    child.expect(r"\(gs 1/1 UPD\)> ")
    child.sendeof()
    child.expect("variables are kept")
    child.expect(pexpect.EOF)
    assert "\x1b" not in child.before


def test_no_color_is_respected(terminal):
    child = terminal(SCRIPT, NO_COLOR="1")
    child.expect(r"gs 0/1 UPD")
    child.send("plan\r")
    child.expect("there before")
    assert not COLOUR.search(child.before)
    child.send("quit\r")
    child.expect(pexpect.EOF)


def test_a_terminal_has_colours(terminal):
    child = terminal(SCRIPT)
    child.expect(r"gs 0/1 UPD")
    child.send("plan\r")
    child.expect("there before")
    assert COLOUR.search(child.before)
    child.send("quit\r")
    child.expect(pexpect.EOF)
