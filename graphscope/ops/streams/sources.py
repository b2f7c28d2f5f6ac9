"""Streams that begin: tensors, numbers, what Python yields, lines and records of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphscope.ops.sparse import SparseTensorValue as SparseValue
from graphscope.ops.streams.stream import (
    Element,
    Function,
    Steps,
    Stream,
    plain,
    unboxed,
)


def once(element: Element) -> Stream:
    """One element."""
    return plain(lambda _: 0, lambda place: (None if place else element, 1))


def slices(components: Element) -> Stream:
    """The rows of all components, one after the other. They have equally many."""
    counts = {len_of(component) for component in components}
    if len(counts) > 1:
        raise ValueError(
            f"All components must have the same size in the 0th dimension: {sorted(counts)}"
        )
    (count,) = counts

    def follow(place: int) -> tuple[Element | None, int]:
        if place >= count:
            return None, place
        return tuple(row(component, place) for component in components), place + 1

    return plain(lambda _: 0, follow)


def len_of(component: Any) -> int:
    """How many rows there are."""
    if isinstance(component, SparseValue):
        return int(component.dense_shape[0])
    return len(component)


def row(component: Any, place: int) -> Any:
    """The row of that number."""
    if not isinstance(component, SparseValue):
        return component[place, ...]
    mine = component.indices[:, 0] == place
    return SparseValue(
        component.indices[mine, 1:], component.values[mine], component.dense_shape[1:]
    )


def counted(start: int, stop: int, step: int) -> Stream:
    """Whole numbers, as of Python's range."""
    if step == 0:
        raise ValueError("step must be a non-zero integer.")
    numbers = range(start, stop, step)

    def follow(place: int) -> tuple[Element | None, int]:
        if place >= len(numbers):
            return None, place
        return (np.asarray(numbers[place], np.int64),), place + 1

    return plain(lambda _: 0, follow)


class Link:
    """A place in what an iterator of Python yields: it is asked once for each place, whoever goes
    on from there. What lies before the first place that somebody keeps is forgotten."""

    __slots__ = ("_elements", "_found")

    def __init__(self, elements: Iterator[Element]) -> None:
        self._elements: Iterator[Element] | None = elements
        self._found: tuple[Element | None, Any] | None = None

    def follow(self) -> tuple[Element | None, Any]:
        if self._found is None:
            assert self._elements is not None
            element = next(self._elements, None)
            self._found = element, (self if element is None else Link(self._elements))
            self._elements = None
        return self._found


def yielded(elements: Callable[[], Iterator[Element]]) -> Stream:
    """What an iterator of Python gives; each pass makes a new one."""
    return plain(lambda _: Link(elements()), Link.follow)


def numbers(draw: Callable[[int], int]) -> Stream:
    """Numbers without end, each from its place."""
    return plain(lambda _: 0, lambda place: ((np.asarray(draw(place), np.int64),), place + 1))


def inner(function: Function, source: Stream) -> Stream:
    """All elements of the streams that the function makes of the elements of the source."""

    def begin(before: Any) -> Any:
        return source.begin(before and before[0]), None, None, 0

    def step(place: Any) -> Steps:
        outer, stream, at, count = place
        while True:
            if stream is None:
                element, outer = yield from source.step(outer)
                if element is None:
                    return None, (outer, None, None, count)
                (stream,) = yield from function.call(element, count)
                at, count = stream.begin(None), count + 1
            found, at = yield from stream.step(at)
            if found is not None:
                return found, (outer, stream, at, count)
            stream = None

    return Stream(begin, step)


def stream_of(box: Any) -> Stream:
    """The stream that a tensor of a dataset holds."""
    stream: Stream = unboxed(box)
    return stream
