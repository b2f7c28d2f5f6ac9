"""How long each command of the debugger takes on a plan of 10,000 nodes; the goal is 100 ms.

    python -m tests.benchmarks.commands [--only why,plan] [--size 10000]

The model is a chain of layers, each a product, a sum and a relu. Each line is typed into a debugger
of its own, which has one training step with momentum behind it and stands in the middle of the
next, and is timed from there to the text that is shown: the first time, and a second time in the
same place. The times are of this process alone, and so are little disturbed by others. Nothing of
this is timed by the test suite.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
import tempfile
import time
from collections.abc import Sequence

import numpy as np

import graphscope as gs
from graphscope.debug.debugger import Debugger
from graphscope.debug.history import Script
from graphscope.repl.lines import Given
from graphscope.repl.prompt import Prompt
from graphscope.show import console

from . import table

GOAL = 0.1
#: Nodes of one layer in a training step: forward, backward and update.
PER_LAYER = 11

#: The lines that are typed. What has to be there before is done by the lines in BEFORE.
LINES = (
    *("run", "where", "list", "list all", "print layer5/Relu", "print grad(loss,layer5/W)"),
    *("eval np.max(v('layer5/Relu'))", "vars", "vars --slots", "step", "step 100", "next"),
    *("finish", "until @ApplyMomentum", "continue", "back", "back 1000", "reverse-next"),
    *("reverse-finish", "reverse-until layer5/Relu", "reverse-continue", "goto start", "goto 9000"),
    *("mark here", "break @Relu", "break layer5/Relu if v > 1", "tbreak layer5/Relu"),
    *("watch %layer5/W", "rwatch %layer5/W", "awatch %layer5/W", "catch nan", "trace @Relu"),
    *("commands 1 print loss", "cond 1 v > 3", "ignore 1 2", "enable 1", "disable 1"),
    *("breakpoints", "delete 1", "display loss", "undisplay", "plan", "plan loss", "plan --fast"),
    *("lr", "why-not init", "feeds", "feeds --all", "needs", "needs loss", "updates"),
    *("why layer5/W", "flow loss layer5/W", "nan", "gradcheck loss layer5/b", "hist loss"),
    *("hist layer5/W", "diff", "diff 100 5000", "cost", "who layer5/W", "order"),
    *("order --shuffle 2", "path x loss", "path layer5/W layer700/Relu", "find Relu"),
    *("info layer5/Relu", "info b", "node layer5/Relu", "inputs loss", "inputs loss -r"),
    *("inputs loss -r -d 9999", "outputs x -r", "code", "lint", "check", "explain"),
    *("set layer700/Relu = 0 * layer5/Relu", "set %layer5/W = np.zeros([16, 16])"),
    *("unset layer700/Relu", "feed x = np.zeros([8, 16])", "unfeed layer5/Relu", "restart"),
    *("fork way", "compare way", "commit", "rollback", "draw", "draw --part forward"),
    *("draw --no-fold -o all.dot", "draw -o run.svg", "draw why layer5/W"),
    *(
        "film --start 4000 --end 4010 -o run.html",
        "frames --every phase",
        "handout -o all.html",
        "undo",
        "help",
        "help all",
        "alias s2 = step 2",
    ),
    *("source lines.txt", "transcript said.txt", "save breakpoints stops.txt", "record run.gsr"),
    "export pytest test_it.py",
)
BEFORE = {
    **dict.fromkeys(
        ("continue", "reverse-continue", "commands", "cond", "ignore", "enable", "disable"),
        "break layer5/Relu",
    ),
    **dict.fromkeys(("breakpoints", "delete", "info b", "save"), "break @Relu"),
    "undisplay": "display loss",
    "undo": "break @Relu",
    "unset": "set layer700/Relu = 0 * layer5/Relu",
    "unfeed": "feed layer5/Relu = np.zeros([8, 16])",
    "compare": "fork way",
    "commit": "goto end",
}

#: Why a line cannot meet the goal, however it is written.
BY_NATURE = {
    "gradcheck": "runs the graph twice for each number that it looks at",
    "check": "trains, on the side",
    "order --shuffle": "runs everything again, in another order",
    "plan --fast": "compiles the run",
    "updates": "makes seven checks of each of thousands of variables",
    **dict.fromkeys(
        ("print grad", "flow", "code"), "makes a backward pass, in a copy of the graph"
    ),
    **dict.fromkeys(("list all", "vars", "feeds --all"), "has thousands of rows"),
    **dict.fromkeys(("film", "frames", "handout", "draw -o", "draw --no-fold"), "draws it all"),
    "draw": "goes over the whole graph, to fold it",
    "path": "has as many lines as the path has nodes",
}


class Screen(io.StringIO):
    """A terminal, which shows the first lines of a long answer."""

    def isatty(self) -> bool:
        return True


class Opened:
    """A session with a trained chain of layers, on which a debugger may be opened."""

    def __init__(self, size: int) -> None:
        with gs.Graph().as_default() as graph:
            self.x = h = gs.placeholder(gs.float32, [8, 16], name="x")
            for number in range(max(1, size // PER_LAYER)):
                with gs.name_scope(f"layer{number}"):
                    weights = gs.Variable(np.eye(16, dtype=np.float32), name="W")
                    bias = gs.Variable(gs.zeros([16]), name="b")
                    h = gs.nn.relu(gs.matmul(h, weights) + bias)
            self.loss = gs.reduce_mean(gs.square(h - self.x), name="loss")
            self.train = gs.train.MomentumOptimizer(0.001, 0.9).minimize(self.loss, name="train")
            self.session = gs.Session(graph=graph)
            self.session.run(gs.global_variables_initializer())

    def prompt(self) -> tuple[Prompt, io.StringIO]:
        """A conversation with a new debugger, in the middle of its second run, and where its text
        goes."""
        feed = {self.x: np.ones((8, 16), np.float32)}
        debugger = Debugger(self.session, [self.train, self.loss], feed, on_exit="rollback")
        debugger.run_to_end()
        debugger.run()
        debugger.goto(len(debugger.plan.nodes) // 2)
        debugger.history.script = Script("chain.py")
        out = Screen()
        return Prompt(debugger, Given((), str), console(out)), out


class Failed(Exception):
    """A line was not answered."""


def timed(opened: Opened, line: str) -> tuple[float, float, int]:
    """Seconds of this process for a line, and for the same line again; how many lines it shows."""
    prompt, out = opened.prompt()
    if before := BEFORE.get(line, BEFORE.get(line.partition(" ")[0])):
        prompt.do(before)
    seconds, shown = [], []
    for _ in range(2):
        out.seek(0)
        out.truncate()
        gc.collect()
        began = time.process_time()
        prompt.do(line)
        seconds.append(time.process_time() - began)
        shown.append(out.getvalue())
        if not shown[0].strip() or "fault of GraphScope" in shown[0]:
            raise Failed(shown[0].strip())
    return seconds[0], seconds[1], len(shown[0].splitlines())


def rows_of(found: dict[str, tuple[float, float, int]]) -> table.Cells:
    """The slowest first; marked is what takes longer than the goal."""
    rows = [["", "ms", "again", "lines", "", ""]]
    for line, (first, again, lines) in sorted(found.items(), key=lambda item: -item[1][0]):
        slow = "over" if first > GOAL else ""
        why = next((why for begun, why in BY_NATURE.items() if line.startswith(begun)), "")
        rows.append(
            [
                line,
                f"{first * 1e3:.1f}",
                f"{again * 1e3:.1f}",
                str(lines),
                slow,
                why if slow else "",
            ]
        )
    return rows


def asked(lines: Sequence[str], only: str) -> list[str]:
    """The lines of these commands. Errors: SystemExit for one that there is not."""
    wanted = [word for word in only.split(",") if word]
    known = {line.partition(" ")[0] for line in lines}
    if unknown := [word for word in wanted if word not in known]:
        raise SystemExit(f"--only {','.join(unknown)}: the commands are {', '.join(sorted(known))}")
    return [line for line in lines if not wanted or line.partition(" ")[0] in wanted]


def measured(opened: Opened, lines: Sequence[str]) -> dict[str, tuple[float, float, int]]:
    """The figures by the line. The commands write their files into a folder that is removed."""
    found: dict[str, tuple[float, float, int]] = {}
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("lines.txt", "w") as file:
            file.write("print loss\nwhere\n")
        try:
            for line in lines:
                found[line] = timed(opened, line)
                print(f"{found[line][0] * 1e3:10.1f}  {line}", file=sys.stderr, flush=True)
        finally:
            os.chdir(here)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.commands")
    parser.add_argument("--only", default="", help="these commands, with commas")
    parser.add_argument("--size", type=int, default=10_000, help="nodes of the plan")
    words = parser.parse_args()
    lines = asked(LINES, words.only)
    opened = Opened(words.size)
    prompt, _ = opened.prompt()
    print(f"a plan of {len(prompt._debugger.plan.nodes):,} nodes")
    print(table.plain(rows_of(measured(opened, lines))))


if __name__ == "__main__":
    main()
