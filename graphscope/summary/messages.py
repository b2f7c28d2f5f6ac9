"""The messages in event files: Summary, and the graph as TensorBoard draws it.

Field numbers are those of tensorflow/core/framework/summary.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import protobuf
from graphscope.platform.textformat import written


@dataclass(repr=False)
class Image:
    """A picture: a PNG file, and its size. Source: tf.Summary.Image."""

    height: int = 0
    width: int = 0
    colorspace: int = 0
    encoded_image_string: bytes = b""

    def __repr__(self) -> str:
        return written((name, value) for name, value in vars(self).items() if value)

    def SerializeToString(self) -> bytes:
        sizes = enumerate((self.height, self.width, self.colorspace), 1)
        parts = b"".join(protobuf.whole(field, size) for field, size in sizes if size)
        return parts + protobuf.data(4, self.encoded_image_string)

    @classmethod
    def FromString(cls, serialized: bytes) -> Image:
        found: dict[int, Any] = dict(protobuf.fields(serialized))
        return cls(found.get(1, 0), found.get(2, 0), found.get(3, 0), found.get(4, b""))


@dataclass(repr=False)
class HistogramProto:
    """How numbers are distributed: bucket i holds those up to bucket_limit[i]."""

    min: float = 0.0
    max: float = 0.0
    num: float = 0.0
    sum: float = 0.0
    sum_squares: float = 0.0
    bucket_limit: list[float] = field(default_factory=list)
    bucket: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        return written((name, value) for name, value in vars(self).items() if value)

    def SerializeToString(self) -> bytes:
        numbers = (self.min, self.max, self.num, self.sum, self.sum_squares)
        parts = b"".join(protobuf.float64(f, float(n)) for f, n in enumerate(numbers, 1))
        limits, counts = map(float, self.bucket_limit), map(float, self.bucket)
        return parts + protobuf.float64s(6, list(limits)) + protobuf.float64s(7, list(counts))

    @classmethod
    def FromString(cls, serialized: bytes) -> HistogramProto:
        found: dict[int, Any] = dict(protobuf.fields(serialized))
        numbers = [struct.unpack("<d", found.get(n, bytes(8)))[0] for n in range(1, 6)]
        lists = [list(struct.unpack(f"<{len(b) // 8}d", b)) for b in map(found.get, (6, 7)) if b]
        return cls(*numbers, *lists)


class Value:
    """One value of a Summary that is made by hand: ``Summary.Value(tag="a", simple_value=1.0)``.

    It is a number, a picture or a histogram; those that it is not read as empty ones.
    """

    _KINDS: ClassVar[dict[str, Any]] = {
        "simple_value": float,
        "image": Image,
        "histo": HistogramProto,
    }

    def __init__(
        self,
        tag: str = "",
        simple_value: float | None = None,
        image: Image | None = None,
        histo: HistogramProto | None = None,
        node_name: str = "",
    ) -> None:
        self.tag, self.node_name = tag, node_name
        self._kind = ""
        self._value: Any = None
        for kind, value in (("simple_value", simple_value), ("image", image), ("histo", histo)):
            if value is not None:
                setattr(self, kind, value)

    def __getattr__(self, name: str) -> Any:
        if name not in self._KINDS:
            raise AttributeError(f"a value of a Summary has no field {name!r}")
        if name != self._kind:
            return self._KINDS[name]()
        return self._value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._KINDS:
            number = name == "simple_value"
            self.__dict__.update(_kind=name, _value=float(value) if number else value)
        else:
            self.__dict__[name] = value

    def HasField(self, name: str) -> bool:
        return name == self._kind

    def __repr__(self) -> str:
        texts = (("tag", self.tag), (self._kind, self._value), ("node_name", self.node_name))
        return written((name, value) for name, value in texts if name and value not in ("", None))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and repr(self) == repr(other)

    __hash__ = None  # type: ignore[assignment]

    def WhichOneof(self, group: str) -> str | None:
        """Which of the kinds it is. `group` is always ``"value"``."""
        return self._kind or None

    def SerializeToString(self) -> bytes:
        parts = protobuf.data(1, self.tag)
        if self._kind == "simple_value":
            parts += protobuf.float32(2, self._value)
        elif self._kind:
            number = {"image": 4, "histo": 5}[self._kind]
            parts += protobuf.data(number, self._value.SerializeToString())
        return parts + (protobuf.data(7, self.node_name) if self.node_name else b"")

    @classmethod
    def FromString(cls, serialized: bytes) -> Value:
        value = cls()
        found: dict[int, Any] = dict(protobuf.fields(serialized))
        value.tag, value.node_name = (found.get(n, b"").decode() for n in (1, 7))
        if 2 in found:
            value.simple_value = struct.unpack("<f", found[2])[0]
        if 4 in found:
            value.image = Image.FromString(found[4])
        if 5 in found:
            value.histo = HistogramProto.FromString(found[5])
        return value


class Values(list[Value]):
    """The values of a Summary; `add` makes one: ``summary.value.add(tag="a", simple_value=1)``."""

    def add(self, **fields: Any) -> Value:
        self.append(Value(**fields))
        return self[-1]


class Summary:
    """A Summary message that is made by hand. Source: tf.Summary."""

    Value = Value
    Image = Image

    def __init__(self, value: Iterable[Any] = ()) -> None:
        self.value = Values(value)

    def __repr__(self) -> str:
        return written([("value", self.value)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Summary) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]

    def SerializeToString(self) -> bytes:
        return b"".join(protobuf.data(1, v.SerializeToString()) for v in self.value)

    @classmethod
    def FromString(cls, serialized: bytes) -> Summary:
        summary = cls()
        summary.ParseFromString(serialized)
        return summary

    def ParseFromString(self, serialized: bytes) -> int:
        """Become what was serialized. Errors: ValueError."""
        contents = [content for _, content in protobuf.fields(serialized)]
        self.value = Values(Value.FromString(c) for c in contents if isinstance(c, bytes))
        return len(serialized)


def summary_bytes(summary: Any) -> bytes:
    """A Summary as bytes: what a summary operation returned, or a message made by hand."""
    if hasattr(summary, "SerializeToString"):
        serialized: bytes = summary.SerializeToString()
        return serialized
    if isinstance(summary, bytes):
        return summary
    raise TypeError(
        f"A summary is what sess.run gives for a summary operation, not a {type(summary).__name__}"
    )


def graph_to_view(graph: Graph) -> bytes:
    """A GraphDef with names, types, edges and shapes: what TensorBoard draws. It has no values."""
    nodes = b"".join(protobuf.data(1, _node(op)) for op in graph.operations)
    return nodes + protobuf.data(4, protobuf.whole(1, 134))  # versions.producer of 1.15


def _node(op: Operation) -> bytes:
    inputs = [_input(tensor) for tensor in op.inputs]
    inputs += [f"^{control.name}" for control in op.control_inputs]
    parts = [protobuf.data(1, op.name), protobuf.data(2, op.type)]
    parts += [protobuf.data(3, name) for name in inputs]
    if op.outputs:
        shapes = b"".join(protobuf.data(7, _shape(t.shape)) for t in op.outputs)
        parts.append(_attr("_output_shapes", protobuf.data(1, shapes)))
        number = op.outputs[0].dtype.as_datatype_enum
        parts.append(_attr("dtype", protobuf.whole(6, number % 100)))
    return b"".join(parts)


def _input(tensor: Tensor) -> str:
    return tensor.op.name if tensor.value_index == 0 else tensor.name


def _attr(name: str, value: bytes) -> bytes:
    return protobuf.data(5, protobuf.data(1, name) + protobuf.data(2, value))


def _shape(shape: TensorShape) -> bytes:
    if shape.sizes is None:
        return protobuf.whole(3, 1)
    sizes: Iterable[int] = (-1 if size is None else size for size in shape.sizes)
    return b"".join(protobuf.data(2, protobuf.whole(1, size)) for size in sizes)
