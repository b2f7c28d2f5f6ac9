"""A bar for what takes longer than a second: on stderr, in a terminal, and gone when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from graphscope.debug.progress import watching
from graphscope.show.console import console
from graphscope.show.plainly import plainly

#: What is done within so many seconds needs no bar.
PATIENCE = 1.0


def bars() -> AbstractContextManager[None]:
    """Inside the block there is a bar for whatever counts."""
    return watching(bar)


@contextmanager
def bar(doing: str, count: int) -> Iterator[Callable[[], None]]:
    """Gives what is to be called when one of `count` is done. Plainly it is one sentence, and none
    where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn(" {task.description}"), BarColumn(bar_width=30), MofNCompleteColumn()
    shown = Progress(*columns, console=console(sys.stderr), transient=True)
    task = shown.add_task(doing, total=count)
    begun, is_said = time.monotonic(), False

    def advance() -> None:
        nonlocal is_said
        shown.advance(task)
        if is_said or time.monotonic() - begun < PATIENCE:
            return
        is_said = True
        if plainly():
            print(f"{doing}: {count} of them, please wait.", file=sys.stderr, flush=True)
        else:
            shown.start()

    try:
        yield advance
    finally:
        shown.stop()
