"""Streams whose elements are made of those of others: by functions, in batches, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.ops.sparse import SparseTensorValue as SparseValue
from graphscope.ops.streams.sources import len_of, row
from graphscope.ops.streams.stream import (
    Element,
    Function,
    Part,
    Steps,
    Stream,
    boxed,
)


def mapped(source: Stream, function: Function) -> Stream:
    """What the function makes of each element."""

    def begin(before: Any) -> Any:
        return (0, source.begin(None)) if before is None else (before[0], source.begin(before[1]))

    def step(place: Any) -> Steps:
        count, at = place
        element, at = yield from source.step(at)
        if element is None:
            return None, (count, at)
        made = yield from function.call(element, count)
        return made, (count + 1, at)

    return Stream(begin, step)


def scanned(source: Stream, first: Element, function: Function) -> Stream:
    """The function of a state and each element gives the next state, then what comes out."""

    def begin(before: Any) -> Any:
        return 0, first, source.begin(before and before[2])

    def step(place: Any) -> Steps:
        count, state, at = place
        element, at = yield from source.step(at)
        if element is None:
            return None, (count, state, at)
        made = yield from function.call((*state, *element), count)
        return made[len(state) :], (count + 1, made[: len(state)], at)

    return Stream(begin, step)


def zipped(sources: Sequence[Stream]) -> Stream:
    """The elements of all side by side, as long as each has one."""

    def begin(before: Any) -> Any:
        ends = before or (None,) * len(sources)
        return tuple(s.begin(end) for s, end in zip(sources, ends, strict=True))

    def step(place: Any) -> Steps:
        places: list[Any] = list(place)
        values: list[Any] = []
        for i, source in enumerate(sources):
            element, places[i] = yield from source.step(place[i])
            if element is None:
                return None, tuple(places)
            values.extend(element)
        return tuple(values), tuple(places)

    return Stream(begin, step)


# ---- batches -----------------------------------------------------------------------------------


def batched(source: Stream, size: int, whole: bool) -> Stream:
    """So many elements at a time, stacked. whole: what is left over is dropped."""
    return _collected(source, size, whole, _stacked)


def padded(
    source: Stream, size: int, shapes: Sequence[Any], values: Sequence[Any], whole: bool
) -> Stream:
    """The same, each filled up to a shape; -1 for the largest size of the batch."""

    def put_together(elements: list[Element]) -> Element:
        columns = zip(*elements, strict=True)
        return tuple(
            _filled(column, shape.tolist(), value)
            for column, shape, value in zip(columns, shapes, values, strict=True)
        )

    return _collected(source, size, whole, put_together)


def _collected(source: Stream, size: int, whole: bool, put_together: Any) -> Stream:
    if size < 1:
        raise ValueError("Batch size must be greater than zero.")

    def step(place: Any) -> Steps:
        elements: list[Element] = []
        at = place
        while len(elements) < size:
            element, at = yield from source.step(at)
            if element is None:
                break
            elements.append(element)
        if not elements or (whole and len(elements) < size):
            return None, at
        return put_together(elements), at

    return Stream(source.begin, step)


def _stacked(elements: list[Element]) -> Element:
    columns = enumerate(zip(*elements, strict=True))
    return tuple(_stack(i, column) for i, column in columns)


def _stack(component: int, values: Sequence[Any]) -> Any:
    if isinstance(values[0], SparseValue):
        return _stack_sparse(values)
    first = values[0].shape
    for i, value in enumerate(values):
        if value.shape != first:
            raise ValueError(
                f"Cannot batch tensors with different shapes in component {component}. First "
                f"element had shape {_sizes(first)} and element {i} had shape "
                f"{_sizes(value.shape)}."
            )
    return np.stack(values)


def _sizes(shape: Sequence[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _stack_sparse(values: Sequence[SparseValue]) -> SparseValue:
    rows = [
        np.concatenate([np.full((len(v.indices), 1), i, np.int64), v.indices], 1)
        for i, v in enumerate(values)
    ]
    sizes = np.max([v.dense_shape for v in values], axis=0)
    return SparseValue(
        np.concatenate(rows),
        np.concatenate([v.values for v in values]),
        np.concatenate([[len(values)], sizes]).astype(np.int64),
    )


def _filled(values: Sequence[Any], wanted: list[int], padding: Any) -> Any:
    largest = np.max([value.shape for value in values], axis=0) if wanted else []
    for value in values:
        if value.ndim != len(wanted):
            raise ValueError(
                f"All elements in a batch must have the same rank as the padded shape: expected "
                f"rank {len(wanted)} but got element with rank {value.ndim}"
            )
    sizes = [int(most) if size < 0 else size for size, most in zip(wanted, largest, strict=True)]
    if any(most > size for most, size in zip(largest, sizes, strict=True)):
        raise _too_long(sizes, largest)
    made = np.full((len(values), *sizes), padding[()], values[0].dtype)
    for each, value in zip(made, values, strict=True) if sizes else ():
        each[tuple(slice(n) for n in value.shape)] = value
    return made if sizes else np.stack(values)


def _too_long(sizes: Sequence[int], largest: Any) -> ValueError:
    return ValueError(
        "Attempted to pad to a smaller size than the input element: an element has the sizes "
        f"{_sizes(list(largest))}, and the padded shape is {_sizes(sizes)}"
    )


def unbatched(source: Stream) -> Stream:
    """The rows of each element, one after the other."""

    def begin(before: Any) -> Any:
        return (), 0, source.begin(before and before[2])

    def step(place: Any) -> Steps:
        element, seen, at = place
        while not element or seen >= len_of(element[0]):
            element, at = yield from source.step(at)
            if element is None:
                return None, ((), 0, at)
            seen = 0
        return tuple(row(component, seen) for component in element), (element, seen + 1, at)

    return Stream(begin, step)


# ---- streams of streams ------------------------------------------------------------------------


def kept(elements: Sequence[Element]) -> Stream:
    """Elements that are known."""

    def step(place: int) -> Steps:
        yield from ()
        return (elements[place], place + 1) if place < len(elements) else (None, place)

    return Stream(lambda _: 0, step)


def windows(source: Stream, size: int, shift: int, stride: int, whole: bool) -> Stream:
    """Windows over the elements: in place of each value a stream of those in the window."""
    for what, number in (("size", size), ("shift", shift), ("stride", stride)):
        if number < 1:
            raise ValueError(f"Window {what} must be greater than zero.")
    span = (size - 1) * stride + 1

    def begin(before: Any) -> Any:
        return (), 0, source.begin(before and before[2]), False

    def step(place: Any) -> Steps:
        held, skip, at, over = place
        buffer = list(held)
        while not over and len(buffer) < span:
            element, at = yield from source.step(at)
            if element is None:
                over = True
            elif skip:
                skip -= 1
            else:
                buffer.append(element)
        if not buffer or (whole and len(buffer) < span):
            return None, ((), 0, at, True)
        rest = tuple(buffer[shift:])
        columns = zip(*buffer[:span:stride], strict=True)
        window = tuple(kept([(value,) for value in column]) for column in columns)
        return window, (rest, skip + max(0, shift - len(buffer)), at, over)

    return Stream(begin, step)


def interleaved(source: Stream, function: Function, cycle: int, block: int) -> Stream:
    """The elements of the streams that the function makes, `cycle` of them open at a time, and
    `block` elements of each in turn."""
    for what, number in (("cycle_length", cycle), ("block_length", block)):
        if number < 1:
            raise ValueError(f"{what} must be greater than zero.")

    def begin(before: Any) -> Any:
        return source.begin(before and before[0]), False, (None,) * cycle, 0, 0, 0

    def step(place: Any) -> Steps:
        outer, over, streams, index, used, count = place
        while not over or any(streams):
            if streams[index] is not None:
                stream, at = streams[index]
                element, at = yield from stream.step(at)
                now = None if element is None else (stream, at)
                streams = (*streams[:index], now, *streams[index + 1 :])
                used += 1
                if element is None or used == block:
                    index, used = (index + 1) % cycle, 0
                if element is not None:
                    return element, (outer, over, streams, index, used, count)
            elif over:
                index, used = (index + 1) % cycle, 0
            else:
                element, outer = yield from source.step(outer)
                over = element is None
                if element is not None:
                    (stream,) = yield from function.call(element, count)
                    opened = (stream, stream.begin(None))
                    streams = (*streams[:index], opened, *streams[index + 1 :])
                    count += 1
        return None, (outer, over, streams, index, used, count)

    return Stream(begin, step)


def grouped(source: Stream, key: Function, reduce: Function, size: Function) -> Stream:
    """Elements of equal keys gathered until they are a window, of which `reduce` makes a stream.

    size: how many elements of a key are a window.
    """

    def begin(before: Any) -> Any:
        return source.begin(before and before[0]), False, {}, {}, None, 0

    def step(place: Any) -> Steps:
        outer, over, groups, sizes, current, count = place
        while True:
            if current is not None:
                stream, at = current
                element, at = yield from stream.step(at)
                if element is not None:
                    return element, (outer, over, groups, sizes, (stream, at), count)
                current = None
            if over:
                if not groups:
                    return None, (outer, over, groups, sizes, None, count)
                full = next(iter(groups))
            else:
                element, outer = yield from source.step(outer)
                if element is None:
                    over, groups = True, dict(sorted(groups.items()))
                    continue
                (found,) = yield from key.call(element, count)
                count += 1
                full = int(found)
                if full not in sizes:
                    (number,) = yield from size.call((found,), len(sizes))
                    if number <= 0:
                        raise ValueError(f"Window size must be greater than zero, but got {number}")
                    sizes = {**sizes, full: int(number)}
                groups = {**groups, full: (*groups.get(full, ()), element)}
                if len(groups[full]) < sizes[full]:
                    continue
            window = kept(groups[full])
            groups = {k: v for k, v in groups.items() if k != full}
            number = np.asarray(full, np.int64)
            (stream,) = yield from reduce.call((number, window), count)
            current = stream, stream.begin(None)

    return Stream(begin, step)


def as_values(element: Element, parts: Sequence[Part]) -> list[Any]:
    """The values of an element as tensors hold them."""
    values: list[Any] = []
    for value, part in zip(element, parts, strict=True):
        if isinstance(value, SparseValue):
            values.extend(value)
        else:
            values.append(boxed(value) if part.kind == "dataset" else value)
    return values
