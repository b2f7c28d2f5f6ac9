"""A graph as a `GraphDef`: what TensorFlow reads, and what it draws.

An operation that only GraphScope has is written as the operations of TensorFlow that compute the
same: see `graphscope.formats.lowering`. Attributes that are as TensorFlow would take them anyway are
left out, so that older versions read the file too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from graphscope.formats import bodies
from graphscope.formats.attributes import default_of, message_of, shape_message
from graphscope.formats.lowering import Lowered, lowered
from graphscope.formats.messages import AttrValue, GraphDef, NodeDef
from graphscope.formats.signatures import Argument, Signature, signature
from graphscope.graph.body import Body
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.kernels.files import write_whole
from graphscope.platform import textformat
from graphscope.platform.messages import Message

#: The version of graphs that all of TensorFlow 1 and 2 read.
_PRODUCER = 27
#: What a file says that may contradict what a changed graph is.
_NOT_AGAIN = ("_output_shapes",)


def graph_def_of(
    graph: Graph, from_version: int | None = None, add_shapes: bool = False
) -> GraphDef:
    """The operations of a graph, those from the number `from_version` on.

    add_shapes: with the shapes of the outputs, as viewers of graphs want them.
    """
    message = GraphDef()
    message.versions.producer = _PRODUCER
    names = _Names(graph)
    for op in graph.operations[from_version or 0 :]:
        for node in names.nodes(op):
            message.node.append(node)
        if add_shapes and op.outputs and op.type != "OldLoop":
            shapes = [tensor.shape for tensor in op.outputs]
            message.node[-1].attr["_output_shapes"].CopyFrom(message_of("list(shape)", shapes))
    return message


class _Names:
    """The nodes for operations, and what a file calls their tensors."""

    def __init__(self, graph: Graph) -> None:
        self._references: dict[Tensor, str] = {}
        for op in graph.operations:
            if op.type == "OldLoop":  # of a file, where the Exits take what is inside
                for tensor, inside in zip(op.outputs, op.attrs["leaving"], strict=True):
                    self._references[tensor] = inside.name

    def nodes(self, op: Operation) -> Iterator[NodeDef]:
        if op.type == "OldLoop":
            return
        instead = lowered(op)
        if instead is None:
            yield self._node(op)
            return
        yield from self._instead(op, instead)

    def reference(self, tensor: Tensor) -> str:
        name = self._references.get(tensor)
        if name is None:
            name = tensor.name
        return name.removesuffix(":0")

    def _inputs(self, op: Operation) -> list[str]:
        taken = [self.reference(tensor) for tensor in op.inputs]
        return taken + [f"^{control.name}" for control in op.control_inputs]

    def _node(self, op: Operation) -> NodeDef:
        node = NodeDef(name=op.name, op=op.type, device=op.device, input=self._inputs(op))
        for name, value in attributes_of(op).items():
            node.attr[name].CopyFrom(value)
        return node

    def _instead(self, op: Operation, instead: Lowered) -> Iterator[NodeDef]:
        """The nodes that compute what an operation of GraphScope's own does. The last one has its
        name; what its other outputs are called is noted."""
        last = instead.results[-1].op
        given = {p: self.reference(t) for p, t in zip(instead.parameters, op.inputs, strict=True)}
        names = {made: f"{op.name}/{made.name}" for made in instead.graph.operations}
        names[last] = op.name
        for tensor, result in zip(op.outputs, instead.results, strict=True):
            name = names[result.op]
            place = f"{name}:{result.value_index}"
            self._references[tensor] = given.get(result, place)
        outside = {p.op for p in instead.parameters}
        rest = [made for made in instead.graph.operations if made not in outside and made != last]
        for made in [*rest, last]:
            taken = [
                given.get(t) or f"{names[t.op]}:{t.value_index}".removesuffix(":0")
                for t in made.inputs
            ]
            waits = [f"^{names[c]}" for c in made.control_inputs if c not in outside]
            waits += [f"^{control.name}" for control in op.control_inputs if made is last]
            node = NodeDef(
                name=names[made], op=made.type, device=op.device, input=[*taken, *waits]
            )
            for name, value in attributes_of(made).items():
                node.attr[name].CopyFrom(value)
            yield node


# ---- attributes ---------------------------------------------------------------------------------


def attributes_of(op: Operation) -> dict[str, AttrValue]:
    """The attributes of an operation as a file has them, by their names."""
    known, found = signature(op.type), bodies.told(op)
    if known is not None and not op.definition.calls:
        values = {**op.attrs, **_types(op, known)}
        for name, attribute in known.attrs.items():
            value = values.get(name)
            if value is None or isinstance(value, Body):
                continue
            if attribute.is_optional and _is_default(value, attribute.kind, attribute.default):
                continue
            found[name] = message_of(attribute.kind, value, op.attrs.get("dtype"))
    if op in op.graph.placement.groups:
        found["_class"] = message_of("list(string)", op.colocation_groups())
    kept = op.graph.file_attrs.get(op, {})
    found.update({k: v for k, v in kept.items() if k not in found and k not in _NOT_AGAIN})
    return found


def _is_default(value: Any, kind: str, default: Any) -> bool:
    wanted = default_of(kind, default)
    if kind == "shape":
        return bool(wanted.sizes == value.sizes)
    if kind.startswith("list("):
        return list(value) == list(wanted)
    if kind == "float":
        return float(message_of(kind, value).f) == float(message_of(kind, wanted).f)
    return bool(value == wanted)


def _types(op: Operation, known: Signature) -> dict[str, Any]:
    """The attributes that follow from what an operation takes and gives."""
    found: dict[str, Any] = {}
    for arguments, tensors in ((known.inputs, op.inputs), (known.outputs, op.outputs)):
        for argument, own in _shared_out(arguments, tensors):
            types = [tensor.dtype.base_dtype for tensor in own]
            if argument.many:
                found.setdefault(argument.type, tuple(types))
            elif types and not argument.type.startswith("@"):
                found.setdefault(argument.type, as_dtype(types[0]))
            if argument.count:
                found.setdefault(argument.count, len(own))
    return found


def _shared_out(
    arguments: Sequence[Argument], tensors: Sequence[Tensor]
) -> Iterator[tuple[Argument, Sequence[Tensor]]]:
    """Which tensors are whose: lists share what single arguments leave, in equal parts."""
    lists = [argument for argument in arguments if argument.count or argument.many]
    left = len(tensors) - (len(arguments) - len(lists))
    each = left // len(lists) if lists else 0
    at = 0
    for argument in arguments:
        count = each if argument in lists else 1
        yield argument, tensors[at : at + count]
        at += count


# ---- files --------------------------------------------------------------------------------------


def write_message(path: str, message: Message, as_text: bool) -> str:
    """A message as a file, which is there whole or not at all. Returns the path."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    write_whole(path, str(message).encode() if as_text else message.SerializeToString())
    return path


def read_message(content: bytes, message: Message) -> None:
    """Take over a message from a file's content, which is text or not.

    Errors: ValueError when it is neither.
    """
    try:
        message.ParseFromString(content)
    except ValueError as error:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise error from None
        textformat.merge(text, message)


# ---- what graphs and operations tell of themselves ----------------------------------------------


def _as_graph_def(
    graph: Graph, from_version: int | None = None, add_shapes: bool = False
) -> GraphDef:
    """The graph as a message. Source: tf.Graph.as_graph_def.

    from_version: only the operations from that number on. add_shapes: with the outputs' shapes.
    """
    return graph_def_of(graph, from_version, add_shapes)


def _node_def(op: Operation) -> NodeDef:
    """The operation as a message. Source: tf.Operation.node_def."""
    return _Names(op.graph)._node(op)


_MEMBERS: list[tuple[type, str, Any]] = [
    (Graph, "as_graph_def", _as_graph_def),
    (Operation, "node_def", property(_node_def)),
]
for _class, _name, _member in _MEMBERS:
    setattr(_class, _name, _member)
