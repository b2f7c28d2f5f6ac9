"""Readers of files whose names come from a queue (tf.TextLineReader and its like)."""

from __future__ import annotations

from functools import partial
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int64
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import readers
from graphscope.pipelines.queues import QueueBase


class ReaderBase:
    """What all readers can do. Source: tf.ReaderBase.

    kind: the operation. read: gives keys and values of what belongs to a name.
    """

    def __init__(self, kind: str, read: readers.Pieces, name: str | None = None) -> None:
        self._read = read
        with name_scope(name, kind, []) as scope:
            self._reader_ref: Tensor = readers.READERS[kind](handle=scope[:-1], name=scope)

    @property
    def reader_ref(self) -> Tensor:
        """The tensor of its handle."""
        return self._reader_ref

    @property
    def supports_serialize(self) -> bool:
        return False

    def read(self, queue: QueueBase, name: str | None = None) -> tuple[Tensor, Tensor]:
        """The next piece: its key and its value. queue: of names of files. Errors, in a run:
        OutOfRangeError when there are no more."""
        key, value = readers.reader_read(
            self._reader_ref, queue.queue_ref, **self._taking(queue), name=name
        )
        return key, value

    def read_up_to(
        self, queue: QueueBase, num_records: Any, name: str | None = None
    ) -> tuple[Tensor, Tensor]:
        """Up to `num_records` pieces of one file: keys and values, each in a vector."""
        count = convert_to_tensor(num_records, int64)
        keys, values = readers.reader_read_up_to(
            self._reader_ref, queue.queue_ref, count, **self._taking(queue), name=name
        )
        return keys, values

    def num_records_produced(self, name: str | None = None) -> Tensor:
        """How many pieces it has given."""
        count: Tensor = readers.records_produced(self._reader_ref, name=name)
        return count

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        """How many files it has read to their end."""
        count: Tensor = readers.work_units_completed(self._reader_ref, name=name)
        return count

    def reset(self, name: str | None = None) -> Operation:
        """An operation after which it is as at the beginning."""
        return readers.reader_reset.node(self._reader_ref, name=name)

    def _taking(self, queue: QueueBase) -> dict[str, Any]:
        """How a name is taken from the queue, and what is read of it."""
        graph = get_default_graph()
        began = len(graph.operations)
        with name_scope("ReaderWork"), graph.body() as work:
            work.results = (queue.dequeue(),)
        graph.uncounted -= len(graph.operations) - began
        return {"work": work, "read": self._read}


class TextLineReader(ReaderBase):
    """The lines of files; their keys are ``name:number``. Source: tf.TextLineReader."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        read = partial(readers.text_lines, skip=skip_header_lines or 0)
        super().__init__("TextLineReaderV2", read, name)


class WholeFileReader(ReaderBase):
    """Whole files; their keys are their names. Source: tf.WholeFileReader."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__("WholeFileReaderV2", readers.whole_file, name)


class IdentityReader(ReaderBase):
    """The names themselves. Source: tf.IdentityReader."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__("IdentityReaderV2", readers.itself, name)


class TFRecordReader(ReaderBase):
    """The records of TFRecord files; their keys are ``name:place``. Source: tf.TFRecordReader."""

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        compression = "" if options is None else options.compression
        read = partial(readers.tf_records, compression=compression)
        super().__init__("TFRecordReaderV2", read, name)


class FixedLengthRecordReader(ReaderBase):
    """Records of `record_bytes` each; their keys are ``name:number``. Source:
    tf.FixedLengthRecordReader."""

    def __init__(
        self,
        record_bytes: int,
        header_bytes: int | None = None,
        footer_bytes: int | None = None,
        hop_bytes: int | None = None,
        name: str | None = None,
        encoding: str | None = None,
    ) -> None:
        if hop_bytes not in (None, 0, record_bytes):
            raise NotImplementedError("hop_bytes: records that overlap are not read")
        read = partial(
            readers.fixed_records,
            size=record_bytes,
            head=header_bytes or 0,
            foot=footer_bytes or 0,
            compression=encoding or "",
        )
        super().__init__("FixedLengthRecordReaderV2", read, name)
