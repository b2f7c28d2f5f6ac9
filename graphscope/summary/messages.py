"""The messages of event files: Event, Summary, and the graph as TensorBoard draws it.

Field numbers are those of tensorflow/core/util/event.proto and core/framework/summary.proto.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import protobuf

#: The version of the format, in the first record of each file.
FILE_VERSION = "brain.Event:2"


@dataclass
class Value:
    """One value of a Summary that is made by hand: ``Summary.Value(tag="a", simple_value=1.0)``."""

    tag: str = ""
    simple_value: float = 0.0


@dataclass
class Summary:
    """A Summary message that is made by hand. Source: tf.Summary."""

    value: list[Value] = field(default_factory=list)

    Value: ClassVar[type[Value]] = Value

    def SerializeToString(self) -> bytes:
        return b"".join(
            protobuf.data(1, protobuf.data(1, v.tag) + protobuf.float32(2, v.simple_value))
            for v in self.value
        )


@dataclass
class Event:
    """One record of an event file.

    wall_time: seconds since 1970. summary, graph_def: serialized messages.
    """

    wall_time: float
    step: int = 0
    file_version: str = ""
    summary: bytes = b""
    graph_def: bytes = b""

    def SerializeToString(self) -> bytes:
        parts = [protobuf.float64(1, self.wall_time)]
        if self.step:
            parts.append(protobuf.whole(2, self.step))
        if self.file_version:
            parts.append(protobuf.data(3, self.file_version))
        if self.graph_def:
            parts.append(protobuf.data(4, self.graph_def))
        if self.summary:
            parts.append(protobuf.data(5, self.summary))
        return b"".join(parts)


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
