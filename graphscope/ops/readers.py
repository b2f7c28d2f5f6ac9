"""Readers: they take names of files from a queue, and give what is in them piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.body import Body, Call
from graphscope.graph.declare import Any_, Handle, op
from graphscope.graph.dtypes import int64, resource, string
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import lines
from graphscope.kernels.files import content
from graphscope.ops.streams import boxed
from graphscope.ops.streams.sources import Link

Pieces = Callable[[bytes], Iterator[tuple[bytes, bytes]]]


class Kept(NamedTuple):
    """link: the place in the present file, None between two. produced, completed: how many pieces
    and files."""

    link: Any = None
    produced: int = 0
    completed: int = 0


def text_lines(name: bytes, *, skip: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """The lines of a file; their keys have their numbers."""
    for number, line in enumerate(lines.lines(name), 1):
        if number > skip:
            yield b"%s:%d" % (name, number), line


def whole_file(name: bytes) -> Iterator[tuple[bytes, bytes]]:
    yield name, content(name)


def itself(work: bytes) -> Iterator[tuple[bytes, bytes]]:
    yield work, work


def tf_records(name: bytes, *, compression: str = "") -> Iterator[tuple[bytes, bytes]]:
    for at, record in lines.records(name, compression):
        yield b"%s:%d" % (name, at), record


def fixed_records(
    name: bytes, *, size: int, head: int = 0, foot: int = 0, compression: str = ""
) -> Iterator[tuple[bytes, bytes]]:
    for number, piece in enumerate(lines.pieces(name, size, head, foot, compression)):
        yield b"%s:%d" % (name, number), piece


_reader = partial(
    op, kind="input", dtype=resource, shape=shapes.scalar, private_state=True, differentiable=False
)


def _declared(name: str) -> Any:
    @_reader(name)
    def reader(kept: Kept | None, *, handle: str) -> Any:
        """A reader, by its name."""
        return boxed(handle), kept or Kept()

    return reader


#: The nodes of readers, by TensorFlow's names.
READERS = {
    name: _declared(name)
    for name in (
        *("FixedLengthRecordReaderV2", "IdentityReaderV2", "TFRecordReaderV2"),
        *("TextLineReaderV2", "WholeFileReaderV2"),
    )
}

_read = partial(
    op,
    kind="input",
    outputs=("key", "value"),
    dtype=(string, string),
    shared_state=True,
    differentiable=False,
)
Steps = Generator[Call, Any, Any]


def _next(state: Kept, next_work: Body, read: Pieces) -> Steps:
    """A piece, and the reader behind it."""
    while True:
        if state.link is None:
            (work,) = yield Call(next_work, (), state.completed)
            state = state._replace(link=Link(read(work[()])))
        piece, link = state.link.follow()
        if piece is not None:
            return piece, state._replace(link=link, produced=state.produced + 1)
        state = state._replace(link=None, completed=state.completed + 1)


@_read("ReaderReadV2", shape=lambda *_, **__: (TensorShape([]), TensorShape([])))
def reader_read(
    kept: Callable[[], Kept], reader_handle: Handle, queue_handle: Handle, *, work: Body, read: Any
) -> Steps:
    """The next piece with its key. work: takes the name of a file from the queue."""
    (key, value), state = yield from _next(kept(), work, read)
    return (boxed(key), boxed(value)), state


@_read("ReaderReadUpToV2", shape=lambda *_, **__: (TensorShape([None]), TensorShape([None])))
def reader_read_up_to(
    kept: Callable[[], Kept],
    reader_handle: Handle,
    queue_handle: Handle,
    num_records: Any_,
    *,
    work: Body,
    read: Any,
) -> Steps:
    """Up to so many pieces of one file."""
    piece, state = yield from _next(kept(), work, read)
    found = [piece]
    while len(found) < int(num_records):
        piece, link = state.link.follow()
        if piece is None:
            state = state._replace(link=None, completed=state.completed + 1)
            break
        found.append(piece)
        state = state._replace(link=link, produced=state.produced + 1)
    keys, values = zip(*found, strict=True)
    return (np.array(keys, object), np.array(values, object)), state


_look = partial(
    op, kind="input", shape=shapes.scalar, dtype=int64, shared_state=True, differentiable=False
)


@_look("ReaderNumRecordsProducedV2")
def records_produced(kept: Kept, reader_handle: Handle) -> Any:
    """How many pieces were given."""
    return np.int64(kept.produced), kept


@_look("ReaderNumWorkUnitsCompletedV2")
def work_units_completed(kept: Kept, reader_handle: Handle) -> Any:
    """How many files are read to their end."""
    return np.int64(kept.completed), kept


@op("ReaderResetV2", kind="input", outputs=0, shared_state=True, differentiable=False)
def reader_reset(kept: Kept, reader_handle: Handle) -> Any:
    """The reader is as at the beginning."""
    return None, Kept()
