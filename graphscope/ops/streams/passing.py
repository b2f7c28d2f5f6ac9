"""Streams of some or all elements of others, unchanged: which, how often, in which order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from graphscope.kernels import random as kernels
from graphscope.ops.streams.stream import Element, Function, Steps, Stream

Key = tuple[int, int]


def taken(source: Stream, count: int) -> Stream:
    """The first elements; all for a count of -1."""

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        seen, at = place
        if 0 <= count <= seen:
            return None, place
        element, at = yield from source.step(at)
        return element, (seen + (element is not None), at)

    return Stream(begin, step)


def skipped(source: Stream, count: int) -> Stream:
    """What comes after the first elements; nothing for a count of -1."""

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        seen, at = place
        while count < 0 or seen < count:
            element, at = yield from source.step(at)
            seen += 1
            if element is None:
                return None, (max(seen, count), at)
        element, at = yield from source.step(at)
        return element, (seen, at)

    return Stream(begin, step)


def sharded(source: Stream, count: int, index: int) -> Stream:
    """Every count-th element, from that of the index on."""
    if count < 1 or not 0 <= index < count:
        raise ValueError(f"index must be between 0 and {count - 1} (was index = {index})")

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        seen, at = place
        while True:
            element, at = yield from source.step(at)
            seen += 1
            if element is None or (seen - 1) % count == index:
                return element, (seen, at)

    return Stream(begin, step)


def repeated(source: Stream, count: int) -> Stream:
    """The source so many times; -1: without end. An empty source ends it."""
    if source.repeated is not None:
        return source.repeated(count)

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        passed, at = place
        fresh = False
        while count < 0 or passed < count:
            element, at = yield from source.step(at)
            if element is not None:
                return element, (passed, at)
            if fresh and count < 0:
                break
            passed, at, fresh = passed + 1, source.begin(at), True
        return None, (passed, at)

    return Stream(begin, step)


def joined(first: Stream, second: Stream) -> Stream:
    """One stream after the other."""

    def begin(before: Any) -> Any:
        ends = before or (False, None, None)
        return False, first.begin(ends[1]), second.begin(ends[2])

    def step(place: Any) -> Steps:
        is_second, one, two = place
        if not is_second:
            element, one = yield from first.step(one)
            if element is not None:
                return element, (False, one, two)
        element, two = yield from second.step(two)
        return element, (True, one, two)

    return Stream(begin, step)


def filtered(source: Stream, test: Function) -> Stream:
    """The elements of which the function is true."""

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        seen, at = place
        while True:
            element, at = yield from source.step(at)
            if element is None:
                return None, (seen, at)
            (holds,) = yield from test.call(element, seen)
            seen += 1
            if holds:
                return element, (seen, at)

    return Stream(begin, step)


def taken_while(source: Stream, test: Function) -> Stream:
    """The elements up to the first of which the function is false."""

    def begin(before: Any) -> Any:
        return 0, source.begin(before and before[1])

    def step(place: Any) -> Steps:
        seen, at = place
        if seen < 0:
            return None, place
        element, at = yield from source.step(at)
        if element is not None:
            (holds,) = yield from test.call(element, seen)
            if holds:
                return element, (seen + 1, at)
        return None, (-1, at)

    return Stream(begin, step)


def different(source: Stream) -> Stream:
    """Each element once, where it comes first."""

    def begin(before: Any) -> Any:
        return frozenset(), source.begin(before and before[1])

    def step(place: Any) -> Steps:
        known, at = place
        while True:
            element, at = yield from source.step(at)
            if element is None:
                return None, (known, at)
            (value,) = element
            key = np.asarray(value).item()
            if key not in known:
                return element, (known | {key}, at)

    return Stream(begin, step)


def cached(source: Stream) -> Stream:
    """The source in the first pass, and what it gave in all later ones."""

    def begin(before: Any) -> Any:
        if before is not None and before[0] is None:
            return None, before[1], 0
        return source.begin(None), (), 0

    def step(place: Any) -> Steps:
        at, elements, seen = place
        if at is None:
            if seen >= len(elements):
                return None, place
            return elements[seen], (None, elements, seen + 1)
        element, at = yield from source.step(at)
        if element is None:
            return None, (None, elements, seen + 1)
        return element, (at, (*elements, element), seen + 1)

    return Stream(begin, step)


# ---- random orders -----------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _words(key: Key, block: int) -> list[int]:
    positions = np.arange(block * 64, block * 64 + 64, dtype=np.uint64)
    words: list[int] = kernels.samples(key, positions).reshape(-1).tolist()
    return words


def word(key: Key, number: int) -> int:
    """The number of 32 bits that TensorFlow's generator of that key draws at that place."""
    return _words(key, number // 256)[number % 256]


class _Order(NamedTuple):
    """Where a shuffle is.

    at: the place in the source, None at its end. items: what waits, in the order in which it came,
    but for exchanges; lengths: how many of each pass. drawn: how many numbers were drawn with the
    key. generated: how many keys were. passed: how many passes are over.
    """

    at: Any
    items: tuple[Any, ...]
    lengths: tuple[int, ...]
    drawn: int
    key: Key
    generated: int
    passed: int


def shuffled(source: Stream, size: int, seeds: Key, again: bool, count: int = 1) -> Stream:
    """The elements in a random order: each is drawn from the next `size` of them.

    seeds: with (0, 0) every pass differs from every other one; otherwise the order is that of
    TensorFlow. again: each pass has another order. count: how many passes, which flow into each
    other in the buffer, and -1 for no end.
    """
    if size < 1:
        raise ValueError("buffer_size must be greater than zero.")

    def begin(before: _Order | None) -> _Order:
        generated = 0 if before is None else before.generated
        key = seeds if seeds != (0, 0) else kernels.fresh_key()
        if again and count == 1 and seeds != (0, 0):
            key, generated = (word(key, generated), word(key, generated + 1)), generated + 2
        at = source.begin(None if before is None else before.at)
        return _Order(at, (), (0,), 0, key, generated, 0)

    def fill(place: _Order) -> Any:
        at, items, lengths, passed = place.at, list(place.items), list(place.lengths), place.passed
        fresh = passed == 0 and place.drawn == 0 and not items
        while at is not None and len(items) < size:
            element = None
            while count < 0 or passed < count:
                element, at = yield from source.step(at)
                if element is not None or (fresh and count < 0):
                    break
                passed, at = passed + 1, source.begin(at)
                lengths.append(0)
            if element is None:
                at = None
            else:
                fresh = False
                items.append(element)
                lengths[-1] += 1
        return place._replace(at=at, items=tuple(items), lengths=tuple(lengths), passed=passed)

    def step(place: _Order) -> Steps:
        place = yield from fill(place)
        if not place.items:
            return None, place
        lengths = list(place.lengths)
        while not lengths[0]:
            lengths.pop(0)
        chosen = word(place.key, place.drawn) % lengths[0]
        items = list(place.items)
        element: Element = items[chosen]
        items[chosen] = items[0]
        lengths[0] -= 1
        rest = place._replace(items=tuple(items[1:]), lengths=tuple(lengths))
        return element, rest._replace(drawn=place.drawn + 1)

    def together(passes: int) -> Stream:
        return shuffled(source, size, seeds, again, passes)

    return Stream(begin, step, together if again and count == 1 else None)


def chosen_from(sources: list[Stream], selector: Stream) -> Stream:
    """From which source the next element comes, the selector says, as long as there are any."""

    def begin(before: Any) -> Any:
        ends = before or (None, (None,) * len(sources))
        places = zip(sources, ends[1], strict=True)
        return selector.begin(ends[0]), tuple(s.begin(end) for s, end in places), frozenset()

    def step(place: Any) -> Steps:
        at, places, over = place
        while len(over) < len(sources):
            index, at = yield from selector.step(at)
            if index is None:
                break
            i = int(index[0])
            if not 0 <= i < len(sources):
                raise ValueError(f"Selector index out of range: {i} >= {len(sources)}")
            if i in over:
                continue
            element, mine = yield from sources[i].step(places[i])
            places = (*places[:i], mine, *places[i + 1 :])
            if element is not None:
                return element, (at, places, over)
            over = over | {i}
        return None, (at, places, over)

    return Stream(begin, step)
