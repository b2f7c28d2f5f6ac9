"""Messages as bytes, and back: the wire format of protocol buffers."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
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


class TextMap(dict[str, str]):
    """Texts by their names."""


def serialized(message: Message) -> bytes:
    """The fields that are set, in the order in which they are declared."""
    kind: Any = type(message)
    numbers, held = numbers_of(kind), vars(message)
    parts = [part for name in message._set_fields() for part in _parts(numbers[name], held[name])]
    return b"".join([*parts, *(_as_read(*field) for field in held.get("_unknown", ()))])


def _as_read(number: int, wire_type: int, value: int | bytes) -> bytes:
    """A field that the class does not have, as it was read."""
    if isinstance(value, int):
        return protobuf.whole(number, value)
    if wire_type == protobuf.BYTES:
        return protobuf.data(number, value)
    return protobuf.varint(number << 3 | wire_type) + value


@cache
def numbers_of(kind: Any) -> dict[str, int]:
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
        if len(value) % struct.calcsize(kind.code):
            raise ValueError("packed numbers end in the middle of one")
        return [number for (number,) in struct.iter_unpack(f"<{kind.code}", value)]
    return [kind.read(number) for number in protobuf.varints(value)]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def merge(message: Message, content: bytes, depth: int = 0) -> None:
    """Take over what is serialized. Fields that the class does not have are kept as they are.

    Errors: ValueError when the bytes are no message, or messages are in each other too deep.
    """
    if depth > _DEEPEST:
        raise ValueError(f"messages are in each other more than {_DEEPEST} deep")
    kind: Any = type(message)
    held = message.__dict__
    if kind.PASSED_ON:
        held.setdefault("_unknown", []).extend(protobuf.typed_fields(content))
        return
    takers, given = _takers(kind), held["_given"]
    for number, wire_type, value in protobuf.typed_fields(content):
        taker = takers.get(number)
        if taker is None:
            held.setdefault("_unknown", []).append((number, wire_type, value))
            continue
        name, default, take, others = taker
        if take is None:
            held[name] = _scalar(default, value)
        else:
            made = held.get(name)
            if made is None:
                made = held[name] = default()
            take(made, value, depth)
            given.add(name)
        if others:
            given.add(name)
            for other in others & held.keys():
                message.ClearField(other)


#: How deep messages may be in each other.
_DEEPEST = 64

_Take = Callable[[Any, Any, int], None]


@cache
def _takers(kind: Any) -> dict[int, tuple[str, Any, _Take | None, frozenset[str]]]:
    """For each field's number: its name, its default, what takes its values up (None for a single
    number or text), and the others of its oneof."""
    groups = [frozenset(names) for names in kind.ONEOFS.values()]
    found = {}
    for name, number in numbers_of(kind).items():
        default = kind.FIELDS[name]
        others = next((group - {name} for group in groups if name in group), frozenset[str]())
        take = _taker(default) if isinstance(default, type) else None
        found[number] = name, default, take, others
    return found


def _scalar(default: Any, value: Any) -> Any:
    """A value as the field's default tells that it is meant. Errors: ValueError for another."""
    if isinstance(value, int):
        if isinstance(default, bool):
            return bool(value)
        if isinstance(default, int):
            return value - (1 << 64) if value >> 63 else value
    elif isinstance(default, float) and len(value) == (4 if isinstance(default, Float32) else 8):
        found = struct.unpack("<f" if len(value) == 4 else "<d", value)[0]
        return type(default)(found)
    elif isinstance(default, bytes):
        return value
    elif isinstance(default, str):
        return value.decode()
    raise ValueError(f"a field holds {value!r} where {type(default).__name__} is expected")


def _taker(kind: Any) -> _Take:
    """What puts a value into a field of that class: a message, a map or a list."""
    item = getattr(kind, "item", None)
    if issubclass(kind, Packed):
        return _take_packed
    if issubclass(kind, Bytes):
        return _take_bytes
    if issubclass(kind, TextMap):
        return _take_text_pair
    if issubclass(kind, dict):
        return _take_pair if item is None else _take_named
    if issubclass(kind, list):
        return _take_one if item is None else _take_message
    return _take_more


def _take_packed(made: Any, value: Any, depth: int) -> None:
    made += _apart(type(made), value)


def _take_bytes(made: Any, value: Any, depth: int) -> None:
    made.append(_content(value))


def _take_one(made: Any, value: Any, depth: int) -> None:
    made.append(value.decode() if isinstance(value, bytes) else _signed(value))


def _take_message(made: Any, value: Any, depth: int) -> None:
    message = made.item()
    made.append(message)
    merge(message, _content(value), depth + 1)


def _take_more(made: Any, value: Any, depth: int) -> None:
    merge(made, _content(value), depth + 1)


def _take_text_pair(made: Any, value: Any, depth: int) -> None:
    key, item = _pair(value, b"")
    made[_word(key)] = _content(item).decode()


def _take_pair(made: Any, value: Any, depth: int) -> None:
    key, item = _pair(value, 0)
    made[_word(key)] = _word(item)


def _take_named(made: Any, value: Any, depth: int) -> None:
    key, item = _pair(value, b"")
    made[_word(key)] = message = made.item()
    merge(message, _content(item), depth + 1)


def _pair(value: Any, default: Any) -> tuple[Any, Any]:
    """Key and value of a map's entry."""
    key: Any = b""
    for number, _, part in protobuf.typed_fields(_content(value)):
        if number == 1:
            key = part
        elif number == 2:
            default = part
    return key, default


def _content(value: Any) -> bytes:
    """Errors: ValueError for a number."""
    if not isinstance(value, bytes):
        raise ValueError(f"a field holds {value!r} where bytes are expected")
    return value
