"""How long it takes until one can type: from the start of the process to the first prompt, and from
a key to what it shows. Needs a system with pseudo-terminals.

    python -m tests.benchmarks.prompt
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from .imports import of_children
from .workers import environment

SCRIPT = """\
import tensorflow as tf
x = tf.Variable([1.0, 2.0], name="x")
y = tf.reduce_sum(x, name="y")
sess = tf.Session()
sess.run(x.initializer)
"""
#: A graph of so many operations, of which most run.
MANY = """\
import tensorflow as tf
x = y = tf.placeholder(tf.float32, [2, 2], name="x")
for layer in range(100):
    with tf.name_scope("layer%d" % layer):
        for _ in range(100):
            y = y + x
sess = tf.Session()
sess.run(y, {x: [[1.0, 2.0], [3.0, 4.0]]})
"""
ROUNDS = 8


class Screen:
    """GraphScope in a terminal, from the start of its process."""

    def __init__(self, script: str, folder: Path) -> None:
        import pexpect

        (folder / "script.py").write_text(script)
        env = {
            **environment(),
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "XDG_STATE_HOME": str(folder),
        }
        self.began = time.perf_counter()
        self._child = pexpect.spawn(
            sys.executable, ["-m", "graphscope", "script.py"], cwd=str(folder), env=env,
            encoding="utf-8", dimensions=(40, 100), timeout=120,
        )  # fmt: skip
        self._child.delaybeforesend = None

    def after(self, shown: str, keys: str = "") -> float:
        """Seconds from pressing the keys, or from the start without any, until this is shown."""
        began = time.perf_counter() if keys else self.began
        if keys:
            self._child.send(keys)
        self._child.expect(shown)
        return time.perf_counter() - began

    def close(self) -> None:
        self._child.close(force=True)


def measured(
    once: Callable[[Path], float], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Of each round, in a folder of its own, the seconds, and those of the processor for all of the
    process; the first round, which warms up, left out."""
    found, used = [], []
    for _ in range(rounds + 1):
        before = of_children()
        with tempfile.TemporaryDirectory() as folder:
            found.append(once(Path(folder)))
        used.append(of_children() - before)
    return sorted(found[1:]), sorted(used[1:])


def until_the_prompt(script: str) -> Callable[[Path], float]:
    def once(folder: Path) -> float:
        screen = Screen(script, folder)
        seconds = screen.after(r"gs 0/")
        screen.close()
        return seconds

    return once


def until_the_menu(script: str, keys: str, shown: str) -> Callable[[Path], float]:
    def once(folder: Path) -> float:
        screen = Screen(script, folder)
        screen.after(r"gs 0/")
        seconds = screen.after(shown, keys)
        screen.close()
        return seconds

    return once


def main() -> None:
    if os.name != "posix":
        raise SystemExit("There are no pseudo-terminals on this system.")
    rows = {
        "first prompt": until_the_prompt(SCRIPT),
        "first prompt, 10000 operations": until_the_prompt(MANY),
        "menu of commands": until_the_menu(SCRIPT, "s\t", "source"),
        "menu of nodes": until_the_menu(SCRIPT, "print \t", "Assign"),
        "menu of nodes, 10000 operations": until_the_menu(MANY, "print \t", "100 nodes"),
    }
    for name, once in rows.items():
        found, used = measured(once)
        print(
            f"{name:34}{found[0]:8.3f} s, median {median(found):.3f}"
            f"   processor, to the end {used[0]:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
