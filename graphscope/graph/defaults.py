"""Stacks of defaults: the graph and the session that a call means when it is given none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Pushed(Generic[Item]):
    """A block inside which an item is the default."""

    __slots__ = ("_defaults", "_item")

    def __init__(self, defaults: Defaults, item: Item) -> None:
        self._defaults = defaults
        self._item = item

    def __enter__(self) -> Item:
        self._defaults.push(self._item)
        return self._item

    def __exit__(self, *_: object) -> None:
        self._defaults.pop(self._item)


class Defaults(threading.local):
    """A stack of which the top is the default; `make` provides the bottom when it is needed."""

    def __init__(self, make: Callable[[], Any] | None = None) -> None:
        self.stack: list[Any] = []
        self._make = make
        self._bottom: Any = None

    def top(self) -> Any:
        if stack := self.stack:
            return stack[-1]
        if self._bottom is None and self._make is not None:
            self._bottom = self._make()
        return self._bottom

    def pushed(self, item: Item) -> Pushed[Item]:
        """A block inside which it is the default."""
        return Pushed(self, item)

    def push(self, item: Any) -> None:
        """Make it the default until it is dropped, in whatever order that may be."""
        self.stack.append(item)

    def pop(self, item: Any) -> None:
        """End what `push` began last. Errors: AssertionError when that was another one's."""
        stack = self.stack
        if stack and stack[-1] is not item:
            raise AssertionError(
                f"Nesting violated for default stack of {type(item).__name__} objects"
            )
        del stack[-1:]  # a test may have emptied it

    def drop(self, item: Any) -> None:
        """Undo `push`; without effect when it is not there."""
        if item in self.stack:
            self.stack.remove(item)

    def reset(self) -> None:
        if self.stack:
            raise AssertionError(
                "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared "
                "graph, exit the nesting and create a new graph."
            )
        self._bottom = None


default_sessions = Defaults()


def session_for(graph: Any, session: Any, doing: str, method: str) -> Any:
    """The session that is given, or the default one.

    Errors: ValueError when there is none, or when it is of another graph.
    """
    which = "default" if session is None else "given"
    session = session if session is not None else default_sessions.top()
    if session is None:
        raise ValueError(
            f"Cannot {doing} using `{method}()`: No default session is registered. Use `with "
            f"sess.as_default()` or pass an explicit session to `{method}(session=sess)`"
        )
    if session.graph is not graph:
        what = doing.split()[-1]
        raise ValueError(
            f"Cannot use the {which} session to {doing}: the {what}'s graph is different from the "
            f"session's graph. Pass the session of its graph to `{method}(session=sess)`"
        )
    return session
