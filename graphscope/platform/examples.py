"""Examples as messages: names and lists of numbers or bytes (tf.train.Example).

Source: tensorflow/core/example/{example,feature}.proto. Where protocol buffers leave the order of a
map open, features are written in the order of their names.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from graphscope.kernels import examples, protobuf
from graphscope.platform import wire
from graphscope.platform.messages import Message, mapped, repeated

_M = TypeVar("_M", bound=Message)


def _checked(value: Any, kinds: tuple[type, ...], names: str) -> Any:
    if not isinstance(value, kinds):
        kind = type(value).__name__
        raise TypeError(f"{value!r} has type {kind}, but expected one of: {names}")
    return value


class Wholes(wire.Packed):
    """Whole numbers. Errors: TypeError for what is none."""

    def append(self, value: Any) -> None:
        super().append(int(_checked(value, (numbers.Integral,), "int")))

    def extend(self, values: Iterable[Any]) -> None:
        super().extend(int(_checked(v, (numbers.Integral,), "int")) for v in _all(values))


class Singles(wire.Floats):
    """Numbers, in four bytes each. Errors: TypeError for what is none."""

    def append(self, value: Any) -> None:
        super().append(wire.Float32(_checked(value, (numbers.Real,), "int, float")))

    def extend(self, values: Iterable[Any]) -> None:
        kinds = (numbers.Real,)
        super().extend(wire.Float32(_checked(v, kinds, "int, float")) for v in _all(values))


class Texts(wire.Bytes):
    """Bytes. Errors: TypeError for what is none."""

    def append(self, value: Any) -> None:
        super().append(_checked(value, (bytes,), "bytes"))

    def extend(self, values: Iterable[Any]) -> None:
        super().extend(_checked(value, (bytes,), "bytes") for value in _all(values))


def _all(values: Any) -> Iterator[Any]:
    try:
        return iter(values)
    except TypeError:
        raise TypeError("Value must be iterable") from None


class BytesList(Message):
    """value: bytes. Source: tf.train.BytesList."""

    FIELDS: ClassVar[dict[str, Any]] = {"value": Texts}


class FloatList(Message):
    """value: numbers. Source: tf.train.FloatList."""

    FIELDS: ClassVar[dict[str, Any]] = {"value": Singles}


class Int64List(Message):
    """value: whole numbers. Source: tf.train.Int64List."""

    FIELDS: ClassVar[dict[str, Any]] = {"value": Wholes}


class Feature(Message):
    """One of three lists: bytes_list, float_list or int64_list. Source: tf.train.Feature."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "bytes_list": BytesList,
        "float_list": FloatList,
        "int64_list": Int64List,
    }
    ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {
        "kind": ("bytes_list", "float_list", "int64_list")
    }

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            wanted = self.FIELDS.get(name)
            if value is not None and wanted is not None and not isinstance(value, wanted | dict):
                raise TypeError(
                    "Parameter to MergeFrom() must be instance of same class: expected "
                    f"tensorflow.{wanted.__name__} got {type(value).__name__}."
                )
        super().__init__(**fields)

    def _take(self, found: examples.Found) -> None:
        kind, values = found
        if kind:
            held = getattr(self, kind).value
            list.extend(held, values if kind == "bytes_list" else values.tolist())
            self.__dict__["_given"].add(kind)


class _OfMap(Message):
    """A message that is a map, which is written in the order of its names."""

    def SerializeToString(self, **_: Any) -> bytes:
        (held,) = (getattr(self, name) for name in self.FIELDS)
        return b"".join(
            protobuf.data(1, protobuf.data(1, name) + protobuf.data(2, _bytes(held[name])))
            for name in sorted(held)
        )


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()


class Features(_OfMap):
    """feature: each `Feature` by its name. Source: tf.train.Features."""

    FIELDS: ClassVar[dict[str, Any]] = {"feature": mapped(Feature)}

    def MergeFromString(self, serialized: bytes) -> int:
        for name, found in examples.of_map(serialized):
            self.feature[name] = made = Feature()
            made._take(found)
        return len(serialized)


class FeatureList(Message):
    """feature: several of them. Source: tf.train.FeatureList."""

    FIELDS: ClassVar[dict[str, Any]] = {"feature": repeated(Feature)}


class FeatureLists(_OfMap):
    """feature_list: each `FeatureList` by its name. Source: tf.train.FeatureLists."""

    FIELDS: ClassVar[dict[str, Any]] = {"feature_list": mapped(FeatureList)}

    def MergeFromString(self, serialized: bytes) -> int:
        for name, value in examples.entries(serialized):
            self.feature_list[name] = made = FeatureList()
            for _, part in protobuf.fields(value):
                if isinstance(part, bytes):
                    made.feature.add()._take(examples.feature(part))
        return len(serialized)


class _Parsed(Message):
    """A message of messages that read themselves."""

    def MergeFromString(self, serialized: bytes) -> int:
        names = list(self.FIELDS)
        for number, part in protobuf.fields(serialized):
            if number <= len(names) and isinstance(part, bytes):
                getattr(self, names[number - 1]).MergeFromString(part)
        return len(serialized)

    def ParseFromString(self, serialized: bytes) -> int:
        """Take over what is serialized, and only that. Errors: DecodeError is a ValueError here."""
        for name in self.FIELDS:
            self.ClearField(name)
        return self.MergeFromString(serialized)

    @classmethod
    def FromString(cls: type[_M], serialized: bytes) -> _M:
        message = cls()
        message.MergeFromString(serialized)
        return message


class Example(_Parsed):
    """features: what is known of one example. Source: tf.train.Example."""

    FIELDS: ClassVar[dict[str, Any]] = {"features": Features}


class SequenceExample(_Parsed):
    """context: what is known of a sequence; feature_lists: of each of its steps.

    Source: tf.train.SequenceExample.
    """

    FIELDS: ClassVar[dict[str, Any]] = {"context": Features, "feature_lists": FeatureLists}
