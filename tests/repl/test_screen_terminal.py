"""The full screen in a real terminal: how it is left, and Ctrl-C."""

import os
import re
import subprocess
import sys
import time

import pytest

pexpect = pytest.importorskip("pexpect", reason="there are no pseudo-terminals on this system")
pyte = pytest.importorskip("pyte", reason="nothing is there to read a screen")

ENTERED, LEFT = "\x1b[?1049h", "\x1b[?1049l"
FAILING = """\
import sys
import tensorflow as tf
x = tf.placeholder(tf.float32, [None], name="x")
y = tf.multiply(x, [1.0, 2.0], name="y")
sess = tf.Session()
print("first", sess.run(y, {x: [1.0, 2.0]}))
print("to stderr", file=sys.stderr)
sess.run(y, {x: [1.0, 2.0, 3.0]})
"""
SLOW = """\
import time
import tensorflow as tf
x = tf.placeholder(tf.float32, [], name="x")
for i in range(200):
    x = tf.py_func(lambda a: (time.sleep(0.05), a)[1], [x], tf.float32, name="wait")
print(tf.Session().run(x, {"x:0": 1.0}))
"""


class Child:
    """A program in a terminal of 80 x 24, and the table of letters that it writes."""

    def __init__(self, folder, script, *arguments):
        (folder / "script.py").write_text(script)
        env = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(folder)}
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "graphscope", *arguments, "script.py"],
            cwd=str(folder),
            env=env,
            encoding="utf-8",
            dimensions=(24, 80),
            timeout=60,
        )
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.Stream(self.screen)
        self.written = ""

    def read(self):
        """What has been written meanwhile. False at the end."""
        try:
            text = self.process.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += text
        self._stream.feed(text)
        return True

    def shows(self, wanted, seconds):
        """Read on until the screen shows this, a regular expression; False if it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.read():
            if re.search(wanted, self.text):
                break
        return re.search(wanted, self.text) is not None

    def until(self, wanted):
        assert self.shows(wanted, 60), self.text

    def to_the_end(self):
        while self.read():
            pass
        self.process.wait()

    @property
    def text(self):
        return "\n".join(self.screen.display)


@pytest.fixture
def child(tmp_path):
    opened = []

    def spawn(script, *arguments):
        opened.append(Child(tmp_path, script, *arguments))
        return opened[-1]

    yield spawn
    for made in opened:
        made.process.close(force=True)


def test_a_failing_script_gives_the_terminal_back(child):
    made = child(FAILING, "--tui")
    made.until(r"plan 0 of 1")
    made.process.send("next-run\r")
    made.until(r"Run 2")
    assert "first" in made.text
    made.process.send("next-run\r")
    made.until(r"InvalidArgumentError")
    assert "fault of GraphScope" not in made.text
    made.process.send("continue\r")
    made.to_the_end()
    _, screen, after = made.written.rpartition(LEFT)
    assert screen
    assert ENTERED not in after
    assert after.index("first") < after.index("to stderr") < after.index("Traceback")
    assert "\x1b[?7h" in made.written[made.written.rindex("\x1b[?7l") :]
    assert made.process.exitstatus == 1


def test_ctrl_c_stops_a_command_and_the_screen_stays(child):
    made = child(SLOW, "--tui")
    made.until(r"plan 0 of 200")
    made.process.send("continue\r")
    made.until("running")
    for _ in range(5):  # the first one may come before the command has begun
        made.process.sendintr()
        if made.shows("Interrupted, between two nodes", 2):
            break
    assert re.search(r"plan [1-9]\d* of 200", made.text)
    assert LEFT not in made.written
    made.process.send("half a line\x03")
    made.process.send("quit\r")
    made.to_the_end()
    assert "rolled back" in made.written.rpartition(LEFT)[2]
    assert made.process.exitstatus == 0


def test_without_a_terminal_it_is_said_and_the_prompt_does_its_work(tmp_path):
    (tmp_path / "script.py").write_text(FAILING)
    done = subprocess.run(
        [sys.executable, "-m", "graphscope", "--tui", "script.py"],
        input="step\nquit\n",
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == (
        "graphscope: The full screen needs a terminal; here is the plain prompt.\n"
    )
    assert "t=1/1" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_terminal_that_cannot_move_its_cursor_has_the_prompt(tmp_path):
    (tmp_path / "script.py").write_text(FAILING)
    process = pexpect.spawn(
        sys.executable,
        ["-m", "graphscope", "--tui", "script.py"],
        cwd=str(tmp_path),
        env={**os.environ, "TERM": "dumb", "XDG_STATE_HOME": str(tmp_path)},
        encoding="utf-8",
        timeout=60,
    )
    process.expect("TERM is dumb")
    process.expect(r"gs 0/1")
    process.send("quit\r")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
