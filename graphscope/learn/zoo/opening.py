"""Opening a bug: its program as a file, what a learner sees of it, a debugger where it shows."""

from __future__ import annotations

import io
import linecache
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from graphscope.debug.debugger import Debugger
from graphscope.graph.graph import Graph
from graphscope.learn.zoo.bug import Bug
from graphscope.repl.script import debugger_at


@contextmanager
def program(bug: Bug, broken: bool = True, called: str = "") -> Iterator[str]:
    """The path of the broken program or of its twin, in the block. called: the name of the file,
    when it must not say which bug it is."""
    if broken and not called:
        yield str(bug.path)
        return
    text = bug.text(broken)
    with tempfile.TemporaryDirectory(prefix="graphscope_") as folder:
        path = Path(folder, called or bug.path.name)
        path.write_text(text, encoding="utf-8")
        # The lines are shown by questions that are asked when the file is gone.
        linecache.cache[str(path)] = len(text), None, text.splitlines(keepends=True), str(path)
        yield str(path)


def debugger(bug: Bug, broken: bool = True) -> Debugger:
    """A debugger before the first node of the run in which the bug shows, or of the same run of
    its twin. The program has a graph of its own, and what it prints is not shown."""
    with program(bug, broken) as path, Graph().as_default(), redirect_stdout(io.StringIO()):
        return debugger_at(path, bug.at_run)
