"""``graphscope demo``: trains a small model on real digits, then stops time in one more run.

The program is `mnist_softmax.py`, unchanged; the commands below are those of the prompt.
"""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

import graphscope
from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.engine.session import Session
from graphscope.repl.attach import PLAIN_RUN, replace_run
from graphscope.repl.desk import Desk
from graphscope.repl.lines import Given, is_terminal
from graphscope.repl.prompt import Prompt
from graphscope.repl.words import told
from graphscope.show import console
from graphscope.show.progress import bar
from graphscope.show.text import line, render, strong

PROGRAM = Path(__file__).with_name("mnist_softmax.py")

#: So many training steps the program takes.
_RUNS = 1000

#: What the demo shows, and why in a few words.
TOUR = (
    ("What will one training step do? Forward, backward, update:", "plan"),
    ("Step through it, node by node:", "step 4"),
    ("", "step"),
    ("", "print y"),
    ("Time runs both ways:", "back 2"),
    ("Where did the data go in?", "feeds"),
    ("Run on until W is written:", "continue %W"),
    ("And to the end. Which variables has this run trained?", "goto end"),
    ("", "updates"),
    ("Why is global_step not touched, and W trained?", "why global_step"),
    ("", "why W"),
    ("Back to before the updates, and a picture of this moment:", "back 3"),
    ("", "draw"),
    ("", "draw -o train_step.svg"),
)


def run(commands: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code. In a terminal the prompt comes after it."""
    screen = console()
    screen.print(
        line(
            strong(f"GraphScope {graphscope.__version__}"),
            f"   softmax regression on real handwritten digits: {PROGRAM.name}",
        )
    )
    program = _train(screen)
    feed = dict(
        zip((program["x"], program["y_"]), program["mnist"].train.next_batch(100), strict=True)
    )
    screen.print()
    screen.print(line("One more run, stopped before its first node:"))
    screen.print(line(strong("sess.run(train_step, feed_dict={x: .., y_: ..})"), indent=3))
    with Debugger(program["sess"], program["train_step"], feed) as debugger:
        for words, command in TOUR:
            if words:
                screen.print()
                screen.print(line(words))
            given = Given([command], lambda text: screen.print(text, style="gs.strong"))
            Prompt(debugger, given, screen).talk()
        screen.print()
        screen.print(line("Yours now:  graphscope your_script.py      help lists the commands"))
        if commands is not None or is_terminal(sys.stdin, sys.stdout):
            with closing(Desk(commands)) as desk:
                Prompt(debugger, desk, desk).talk()
            if left := desk.not_done():
                told(left)
        screen.print(render(debugger.close()))
    return 0


def _train(screen: Console) -> dict[str, Any]:
    """Run the program, with a bar that counts the runs of its training step."""
    start = time.perf_counter()
    compat.install()
    with bar("training", _RUNS) as advance, _counting(advance) as counted:
        program = runpy.run_path(str(PROGRAM))
    seconds = time.perf_counter() - start
    taken = f" in {seconds:.1f} s" if screen.is_terminal else ""
    screen.print(line(f"trained in {counted['runs']} runs{taken}"))
    return program


@contextmanager
def _counting(advance: Callable[[], None]) -> Iterator[dict[str, int]]:
    """Call this after each run of the training step, inside the block."""
    counted = {"runs": 0}

    def run(session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        result = PLAIN_RUN(session, fetches, feed_dict)
        if result is None and feed_dict:
            counted["runs"] += 1
            advance()
        return result

    replace_run(run)
    try:
        yield counted
    finally:
        replace_run(PLAIN_RUN)
