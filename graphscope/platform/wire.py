"""Messages as bytes, and back: the wire format of protocol buffers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphscope.kernels import protobuf

if TYPE_CHECKING:
    from graphscope.platform.messages import Message


class Float32(float):
    """The value of a field of type float, which has four bytes."""

    def __new__(cls, value: Any = 0.0) -> Float32:
        with np.errstate(over="ignore"):
            return super().__new__(cls, np.float32(value))

    def __repr__(self) -> str:
        return str(np.float32(self))


class Packed(list[Any]):
    """The numbers of a field, one after the other without their field's number.

    code: what `struct` calls them; nothing for whole numbers in as many bytes as they need.
    """

    code: ClassVar[str] = ""

    @staticmethod
    def read(number: int) -> int:
        """A whole number as it is meant: with a sign."""
        return _signed(number)


class Floats(Packed):
    code = "f"


class Doubles(Packed):
    code = "d"


class Naturals(Packed):
    """Whole numbers without a sign."""

    @staticmethod
    def read(number: int) -> int:
        return number


class Truths(Packed):
    @staticmethod
    def read(number: int) -> bool:
        return bool(number)


class Bytes(list[Any]):
    """The values of a field of bytes, which are no texts."""


def serialized(message: Message) -> bytes:
    """The fields that are set, in the order in which they are declared."""
    numbers = numbers_of(type(message))
    return b"".join(
        part
        for name in message._set_fields()
        for part in _parts(numbers[name], vars(message)[name])
    )


def numbers_of(kind: type[Message]) -> dict[str, int]:
    """The number of each field: its place, where the class does not say another one."""
    return {name: kind.NUMBERS.get(name, i) for i, name in enumerate(kind.FIELDS, 1)}


def _parts(number: int, value: Any) -> list[bytes]:
    """The bytes of a field, one piece for each of its values."""
    if isinstance(value, Packed):
        return [protobuf.data(number, _together(value))] if value else []
    if isinstance(value, list):
        return [part for item in value for part in _parts(number, item)]
    if isinstance(value, dict):
        pairs = ([*_parts(1, key), *_parts(2, item)] for key, item in value.items())
        return [protobuf.data(number, b"".join(pair)) for pair in pairs]
    if isinstance(value, str | bytes):
        return [protobuf.data(number, value)]
    if isinstance(value, Float32):
        return [protobuf.float32(number, value)]
    if isinstance(value, float):
        return [protobuf.float64(number, value)]
    if isinstance(value, int):
        return [protobuf.whole(number, value)]
    return [protobuf.data(number, value.SerializeToString())]


def _word(value: Any) -> Any:
    """A text, of its bytes; a number as it is."""
    return value.decode() if isinstance(value, bytes) else value


def _together(numbers: Packed) -> bytes:
    if numbers.code:
        return struct.pack(f"<{len(numbers)}{numbers.code}", *numbers)
    return b"".join(protobuf.varint(int(number)) for number in numbers)


def _apart(kind: type[Packed], value: int | bytes) -> list[Any]:
    """The numbers that are packed; or the only one, which is not."""
    if isinstance(value, int):
        return [kind.read(value)]
    if kind.code:
        return [number for (number,) in struct.iter_unpack(f"<{kind.code}", value)]
    return [kind.read(number) for number in protobuf.varints(value)]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def merge(message: Message, content: bytes) -> None:
    """Take over what is serialized. Fields that the class does not have are passed over.

    Errors: ValueError when the bytes are no message.
    """
    names = {number: name for name, number in numbers_of(type(message)).items()}
    for number, value in protobuf.fields(content):
        name = names.get(number)
        if name is not None:
            message.MergeFrom(type(message)(**{name: _value(message.FIELDS[name], value)}))


def _value(default: Any, value: Any) -> Any:
    """A value as the field's default tells that it is meant."""
    if isinstance(default, type):
        return _inner(default(), value)
    if isinstance(default, bool | bytes):
        return type(default)(value)
    if isinstance(default, float):
        return struct.unpack("<f" if isinstance(default, Float32) else "<d", value)[0]
    if isinstance(default, str):
        return value.decode()
    return _signed(value)


def _inner(made: Any, value: Any) -> Any:
    """The value of a field that is a message, a map or a list."""
    if isinstance(made, dict):
        pair = dict(protobuf.fields(value))
        return {_word(pair.get(1, 0)): _word(pair.get(2, 0))}
    if isinstance(made, Packed):
        return _apart(type(made), value)
    if isinstance(made, Bytes):
        return [value]
    if isinstance(made, list):
        item = getattr(made, "item", None)
        if item is not None:
            return [item.FromString(value)]
        return [value.decode() if isinstance(value, bytes) else value]
    return type(made).FromString(value)
