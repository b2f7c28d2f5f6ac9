"""How far something is that may take long. What does it counts; who wants to see it watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

Item = TypeVar("Item")

#: Told what is done and how many of it there are, for as long as it goes on; gives what is called
#: after each.
Watcher = Callable[[str, int], AbstractContextManager[Callable[[], None]]]

_watcher: Watcher | None = None


@contextmanager
def watching(watcher: Watcher | None) -> Iterator[None]:
    """Let this watch whatever counts inside the block; None watches nothing."""
    global _watcher
    before, _watcher = _watcher, watcher
    try:
        yield
    finally:
        _watcher = before


def counted(items: Iterable[Item], doing: str, count: int) -> Iterator[Item]:
    """The items, while somebody sees how many are done. doing: ``drawing the frames``. What is
    counted on the way to the next item is part of it, and is not seen."""
    if _watcher is None:
        yield from items
        return
    with _watcher(doing, count) as advance, watching(None):
        for item in items:
            yield item
            advance()
