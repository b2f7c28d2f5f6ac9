"""`Event`: one record of an event file, written and read.

Field numbers are those of tensorflow/core/util/event.proto.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Any, ClassVar

from graphscope.kernels import protobuf
from graphscope.kernels.records import records
from graphscope.platform.messages import SessionLog, TaggedRunMetadata
from graphscope.platform.textformat import written
from graphscope.summary.messages import Summary

#: The version of the format, in the first record of each file.
FILE_VERSION = "brain.Event:2"


class Event:
    """When something was written, at which step, and what: one of the kinds.

    wall_time: seconds since 1970. What is a message may be given serialized; a graph_def or
    meta_graph_def always is.
    What the event is not reads as an empty value of that kind. Source: tf.Event.
    Errors: ValueError for another field.
    """

    #: The kinds, with their numbers and classes.
    _KINDS: ClassVar[dict[str, tuple[int, Any]]] = {
        "file_version": (3, str),
        "graph_def": (4, bytes),
        "summary": (5, Summary),
        "session_log": (7, SessionLog),
        "tagged_run_metadata": (8, TaggedRunMetadata),
        "meta_graph_def": (9, bytes),
    }

    def __init__(self, wall_time: float = 0.0, step: int = 0, **what: Any) -> None:
        self.wall_time, self.step = wall_time, step
        self._kind = ""
        self._value: Any = None
        for name, value in what.items():
            if name not in self._KINDS:
                raise ValueError(f'Protocol message Event has no "{name}" field.')
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in self._KINDS:
            raise AttributeError(f"an Event has no field {name!r}")
        kind = self._KINDS[name][1]
        if name != self._kind:
            return kind()
        if isinstance(self._value, bytes) and kind is not bytes:
            return kind.FromString(self._value)  # it was given serialized
        return self._value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._KINDS:
            self.__dict__.update(_kind=name, _value=value)
        else:
            self.__dict__[name] = value

    def __repr__(self) -> str:
        texts = [("wall_time", self.wall_time), ("step", self.step)]
        kind = [(self._kind, getattr(self, self._kind))] if self._kind else []
        return written([*((name, value) for name, value in texts if value), *kind])

    def HasField(self, name: str) -> bool:
        return name == self._kind

    def WhichOneof(self, group: str) -> str | None:
        """Which of the kinds it is. `group` is always ``"what"``."""
        return self._kind or None

    def SerializeToString(self) -> bytes:
        parts = [protobuf.float64(1, self.wall_time)]
        if self.step:
            parts.append(protobuf.whole(2, self.step))
        if self._kind:
            plain = isinstance(self._value, str | bytes)
            content = self._value if plain else self._value.SerializeToString()
            parts.append(protobuf.data(self._KINDS[self._kind][0], content))
        return b"".join(parts)

    @classmethod
    def FromString(cls, serialized: bytes) -> Event:
        """Errors: ValueError when the bytes are no message."""
        event = cls()
        names = {number: (name, kind) for name, (number, kind) in cls._KINDS.items()}
        for number, value in protobuf.fields(serialized):
            if number == 1 and isinstance(value, bytes) and len(value) == 8:
                event.wall_time = struct.unpack("<d", value)[0]
            elif number == 2 and isinstance(value, int):
                event.step = value
            elif number in names and isinstance(value, bytes):
                name, kind = names[number]
                setattr(event, name, _read(kind, value))
        return event


def _read(kind: Any, value: bytes) -> Any:
    if kind is bytes:
        return value
    return value.decode() if kind is str else kind.FromString(value)


def summary_iterator(path: str) -> Iterator[Event]:
    """The events of a file, in order. Source: tf.train.summary_iterator.

    Errors: ValueError for a file that is damaged, where the damage is.
    """
    with open(path, "rb") as file:
        for record in records(file, os.fstat(file.fileno()).st_size):
            yield Event.FromString(record)
