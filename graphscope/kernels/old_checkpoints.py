"""Checkpoints of the first version: one table, whose values are messages with a tensor each.

Under the empty key is what there is: names, types, shapes and parts. Source:
tensorflow/core/util/saved_tensor_slice.proto.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.kernels import tables
from graphscope.kernels.bundles import Entry, extent_of, shape_of, signed
from graphscope.kernels.files import content
from graphscope.kernels.protobuf import fields, varints

#: For a type's number: the field with the elements, and what `struct` calls one of them. Without a
#: name they are whole numbers in as many bytes as they need.
_LISTS: dict[int, tuple[int, str]] = {
    1: (5, "f4"),
    2: (6, "f8"),
    8: (9, "c8"),
    18: (12, "c16"),
    **dict.fromkeys((3, 4, 5, 6, 11, 12, 13, 15, 16, 17), (7, "")),
    9: (10, ""),
    10: (11, ""),
    19: (13, ""),
    14: (13, ""),
    7: (8, "text"),
}
_HALF, _BFLOAT16 = 19, 14


@dataclass(frozen=True)
class Slices:
    """One file: what there is, by name, and the messages with the parts, by their keys."""

    entries: dict[str, Entry]
    values: dict[bytes, bytes]


def opened(path: str) -> Slices:
    """Errors: ValueError when the file is damaged, NotFoundError when it is not there."""
    found = dict(tables.entries(content(path)))
    head = _message(found.pop(b"", b""), 1)
    entries = {}
    for number, value in fields(head):
        if number == 1 and isinstance(value, bytes):
            name, entry = _entry_of(value)
            entries[name] = entry
    return Slices(entries, found)


def _message(content: bytes, wanted: int) -> bytes:
    """The message in a field of another one."""
    found = dict(fields(content)).get(wanted, b"")
    if not isinstance(found, bytes):
        raise ValueError("a number stands where a message is expected")
    return found


def _entry_of(message: bytes) -> tuple[str, Entry]:
    name, shape, dtype, parts = b"", b"", 0, []
    for number, value in fields(message):
        if number == 3 and isinstance(value, int):
            dtype = value
        elif isinstance(value, bytes):
            name, shape = (value if number == 1 else name), (value if number == 2 else shape)
            parts += [extent_of(value)] if number == 4 else []
    return name.decode(), Entry(dtype, shape_of(shape), parts=tuple(parts))


def elements(saved: bytes, dtype: int) -> Any:
    """The elements of the tensor in one value of the table, which is of that type."""
    tensor = _message(_message(saved, 2), 3)
    if dtype not in _LISTS:
        raise ValueError(f"the first version has no tensors of type {dtype}")
    field, code = _LISTS[dtype]
    pieces = [value for number, value in fields(tensor) if number == field]
    if code == "text":
        return [piece for piece in pieces if isinstance(piece, bytes)]
    if code:
        packed = b"".join(piece for piece in pieces if isinstance(piece, bytes))
        return np.frombuffer(packed, f"<{code}")
    numbers = [
        signed(number)
        for piece in pieces
        for number in (varints(piece) if isinstance(piece, bytes) else (piece,))
    ]
    if dtype == _HALF:
        return np.array(numbers, np.uint16).view(np.float16)
    if dtype == _BFLOAT16:
        bits = b"".join(struct.pack("<I", number << 16 & 0xFFFFFFFF) for number in numbers)
        return np.frombuffer(bits, np.float32)
    return numbers
