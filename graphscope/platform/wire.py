"""Messages of settings as bytes, and back: the wire format of protocol buffers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from graphscope.kernels import protobuf

if TYPE_CHECKING:
    from graphscope.platform.messages import Message


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
    if isinstance(value, list):
        return [part for item in value for part in _parts(number, item)]
    if isinstance(value, dict):
        pairs = ([*_parts(1, key), *_parts(2, item)] for key, item in value.items())
        return [protobuf.data(number, b"".join(pair)) for pair in pairs]
    if isinstance(value, str | bytes):
        return [protobuf.data(number, value)]
    if isinstance(value, float):
        return [protobuf.float64(number, value)]
    if isinstance(value, int):
        return [protobuf.whole(number, value)]
    return [protobuf.data(number, value.SerializeToString())]


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
        return struct.unpack("<d", value)[0]
    if isinstance(default, str):
        return value.decode()
    return value - (1 << 64) if value >> 63 else value


def _inner(made: Any, value: Any) -> Any:
    """The value of a field that is a message, a map or a list."""
    if isinstance(made, dict):
        pair = dict(protobuf.fields(value))
        return {pair[1].decode(): pair.get(2, 0)}  # type: ignore[union-attr]  # a text
    if isinstance(made, list):
        item = getattr(made, "item", None)
        if item is not None:
            return [item.FromString(value)]
        return [value.decode() if isinstance(value, bytes) else value]
    return type(made).FromString(value)
