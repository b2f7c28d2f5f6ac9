"""Examples as bytes: the features of a tf.train.Example, read without making its messages.

Source: tensorflow/core/example/feature.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphscope.kernels import protobuf

#: The kinds of features, by their field numbers.
KINDS = {1: "bytes_list", 2: "float_list", 3: "int64_list"}

#: A feature: its kind, "" for one without any, and its values.
Found = tuple[str, Any]


def features(message: bytes) -> dict[str, Found]:
    """The features of an Example, by their names. Errors: ValueError for what is no message."""
    found: dict[str, Found] = {}
    for number, part in protobuf.fields(message):
        if number == 1 and isinstance(part, bytes):
            found.update(of_map(part))
    return found


def of_map(message: bytes) -> Iterator[tuple[str, Found]]:
    """Names and features of a message `Features`."""
    for name, value in entries(message):
        yield name, feature(value)


def entries(message: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and messages of a map."""
    for number, part in protobuf.fields(message):
        if number == 1 and isinstance(part, bytes):
            pair = dict(protobuf.fields(part))
            name, value = pair.get(1, b""), pair.get(2, b"")
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise ValueError("a map has texts as names and messages as values")
            yield name.decode(), value


def feature(message: bytes) -> Found:
    """Kind and values of a message `Feature`; of several kinds the last one counts."""
    kind, values = "", b""
    for number, part in protobuf.fields(message):
        if number in KINDS and isinstance(part, bytes):
            own = KINDS[number]
            kind, values = own, (values + part if own == kind else part)
    return kind, _READ[kind](values)


def _nothing(_: bytes) -> list[Any]:
    return []


def _texts(message: bytes) -> list[bytes]:
    return [part for number, part in protobuf.fields(message) if isinstance(part, bytes)]


def _floats(message: bytes) -> Any:
    """Packed, or one by one."""
    parts = [part for _, part in protobuf.fields(message) if isinstance(part, bytes)]
    return np.frombuffer(b"".join(parts), "<f4")


def _wholes(message: bytes) -> Any:
    found: list[int] = []
    for _, part in protobuf.fields(message):
        found.extend([part] if isinstance(part, int) else protobuf.varints(part))
    return np.array(found, np.uint64).astype(np.int64)


_READ = {"": _nothing, "bytes_list": _texts, "float_list": _floats, "int64_list": _wholes}
