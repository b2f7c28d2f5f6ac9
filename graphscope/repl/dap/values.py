"""Values as the protocol shows them: a line each, with what is inside of them on demand.

An array says its type, shape and statistics in a line; inside of it are these by name, and its
elements or rows by number, of which an editor asks for a page at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from graphscope.engine.interpreter import Value
from graphscope.kernels.stats import brief, described, stats
from graphscope.repl.dap.wire import Message, Refused

#: So many rows are shown to an editor that does not say how many it wants; and at most.
_PAGE = 500
_MOST = 10_000


@dataclass(frozen=True)
class Item:
    """A line.

    text:     what it says. value: an array, inside of which one can look; None for other things.
    evaluate: the expression that gives it, empty when there is none.
    command:  the line that sets it, up to the value, as ``set %W =``; empty for what cannot be set.
    data:     the place whose changes can be watched, empty for none.
    index:    where in the value of `evaluate` it is.
    """

    name: str
    text: str
    type: str = ""
    value: Value | None = None
    evaluate: str = ""
    command: str = ""
    data: str = ""
    index: tuple[int, ...] = ()

    @property
    def expression(self) -> str:
        return f"{self.evaluate}{_brackets(self.index)}" if self.evaluate else ""

    def assignment(self, text: str) -> str:
        """The line that lets it have another value. Errors: Refused for what cannot be set."""
        if not self.command:
            raise Refused(f"{self.name} cannot be set.")
        return f"{self.command}{_brackets(self.index)} = {text}"


def array_item(name: str, value: Value, **more: Any) -> Item:
    """The line of an array: type, shape and statistics."""
    value = np.asarray(value)
    return Item(name, described(value), value.dtype.name, value, **more)


class Box(Protocol):
    """What has lines inside."""

    def named(self) -> Sequence[Item]: ...
    def indexed(self, start: int, count: int) -> Sequence[Item]: ...


@dataclass(frozen=True)
class Scope:
    """Lines that are made when somebody looks."""

    make: Callable[[], Iterator[Item]]

    def named(self) -> Sequence[Item]:
        return list(self.make())

    def indexed(self, start: int, count: int) -> Sequence[Item]:
        return ()


@dataclass(frozen=True)
class Elements:
    """The inside of an array."""

    item: Item

    def named(self) -> Sequence[Item]:
        assert self.item.value is not None
        return list(_facts(self.item.value))

    def indexed(self, start: int, count: int) -> Sequence[Item]:
        value, item = self.item.value, self.item
        assert value is not None
        last = min(len(value), start + count)
        return [_element(item, number) for number in range(max(start, 0), last)]


def _element(item: Item, number: int) -> Item:
    assert item.value is not None
    value = item.value[number]
    index = (*item.index, number)
    inside = isinstance(value, np.ndarray) and value.ndim > 0
    return Item(
        f"[{number}]",
        described(value) if inside else _single(value),
        np.asarray(value).dtype.name,
        value if inside else None,
        item.evaluate,
        item.command,
        index=index,
    )


def _single(value: Any) -> str:
    """One element in all its digits."""
    is_number = np.asarray(value).dtype.kind in "biufc"
    return str(np.asarray(value)[()]) if is_number else repr(value)


def _facts(value: Value) -> Iterator[Item]:
    """What can be said of all elements together."""
    yield Item("shape", str(list(value.shape)))
    yield Item("dtype", value.dtype.name)
    if value.dtype.kind not in "biufc" or not value.size:
        return
    found = stats(value)
    for name in ("min", "mean", "max", "std", "norm"):
        yield Item(name, brief(getattr(found, name)))
    for name in ("zero", "nan", "inf"):
        yield Item(name, f"{getattr(found, name)} of {found.size}")
    if found.first_bad is not None:
        yield Item("first bad", str(list(found.first_bad)))


def _brackets(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


class Shelf:
    """What was shown since we came to this place, by the numbers that the editor was given."""

    def __init__(self) -> None:
        self._boxes: dict[int, Box] = {}
        self._count = 0

    def clear(self) -> None:
        """We have moved: what was shown is of another place. Its numbers are not given again."""
        self._boxes.clear()

    def add(self, box: Box) -> int:
        self._count += 1
        self._boxes[self._count] = box
        return self._count

    def __getitem__(self, number: object) -> Box:
        """Errors: Refused when there is nothing of that number at this place."""
        if not isinstance(number, int) or number not in self._boxes:
            raise Refused("This was shown at another place of the run; it is not there any more.")
        return self._boxes[number]

    def lines(self, arguments: Message) -> list[Message]:
        """The answer to `variables`."""
        box = self[arguments.get("variablesReference")]
        only = arguments.get("filter")
        start, count = arguments.get("start") or 0, arguments.get("count") or 0
        if not isinstance(start, int) or not isinstance(count, int):
            raise Refused("start and count are whole numbers.")
        items: list[Item] = []
        if only != "indexed":
            items += box.named()
        if only != "named":
            items += box.indexed(start, min(count, _MOST) if count > 0 else _PAGE)
        return [self.line(item) for item in items]

    def item(self, number: object, name: object) -> Item:
        """The line of a name. Errors: Refused when there is none."""
        box = self[number]
        text = str(name)
        digits = text[1:-1]
        if text[:1] == "[" and text[-1:] == "]" and digits.isdigit():
            found = box.indexed(int(digits), 1)
        else:
            found = [item for item in box.named() if item.name == text]
        if not found:
            raise Refused(f"There is no {text} here.")
        return found[0]

    def line(self, item: Item) -> Message:
        """A line as the protocol has it."""
        hints = {} if item.command else {"presentationHint": {"attributes": ["readOnly"]}}
        line: Message = {"name": item.name, "value": item.text, **self.inside(item), **hints}
        if item.type:
            line["type"] = item.type
        if item.expression:
            line["evaluateName"] = item.expression
        return line

    def inside(self, item: Item) -> Message:
        """Where to find what is inside of a line, and how much there is."""
        if item.value is None or not item.value.ndim:
            return {"variablesReference": 0}
        facts = len(list(_facts(item.value)))
        return {
            "variablesReference": self.add(Elements(item)),
            "namedVariables": facts,
            "indexedVariables": len(item.value),
        }
