"""Protocol buffers on the wire: enough to write messages field by field, and to walk over them.

A message is the bytes of its fields, one after the other; joining two messages merges them.
Source: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

_VARINT, _FIXED64, BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte; a negative one counts as its 64-bit complement."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def whole(field: int, number: int) -> bytes:
    """A field of an integer, bool or enum type."""
    return varint(field << 3 | _VARINT) + varint(number)


def data(field: int, content: bytes | str) -> bytes:
    """A field with bytes, text (as UTF-8) or a message in it."""
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | BYTES) + varint(len(content)) + content


def float32(field: int, number: float) -> bytes:
    """A field of type float."""
    return varint(field << 3 | _FIXED32) + struct.pack("<f", number)


def float64(field: int, number: float) -> bytes:
    """A field of type double."""
    return varint(field << 3 | _FIXED64) + struct.pack("<d", number)


def float64s(field: int, numbers: Sequence[float]) -> bytes:
    """A packed, repeated field of type double."""
    return data(field, struct.pack(f"<{len(numbers)}d", *numbers))


def varints(content: bytes) -> Iterator[int]:
    """The numbers of a packed field. Errors: ValueError when the last one has no end."""
    at = 0
    while at < len(content):
        number, at = read_varint(content, at)
        yield number


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in order: their numbers, and their varints or bytes.

    Errors: ValueError when the bytes are no message.
    """
    return ((number, value) for number, _, value in typed_fields(message))


def typed_fields(message: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """The same, with the wire type of each field behind its number."""
    at, end = 0, len(message)
    while at < end:
        key = message[at]
        at += 1
        if key > 0x7F:  # most numbers have one byte: only the others are worth a call
            key, at = read_varint(message, at - 1)
        kind = key & 7
        if kind == BYTES:
            size = message[at] if at < end else 0x80
            at += 1
            if size > 0x7F:
                size, at = read_varint(message, at - 1)
        elif kind == _VARINT:
            number = message[at] if at < end else 0x80
            at += 1
            if number > 0x7F:
                number, at = read_varint(message, at - 1)
            yield key >> 3, kind, number
            continue
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"a message has no fields of wire type {kind}")
        start, at = at, at + size
        if at > end:
            raise ValueError("the message ends in the middle of a field")
        yield key >> 3, kind, message[start:at]


def read_varint(message: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it. Errors: ValueError when it has no end."""
    number = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("the message ends in the middle of a number")
