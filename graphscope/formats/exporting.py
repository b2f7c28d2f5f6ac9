"""A graph as a `GraphDef`: what TensorFlow reads, and what it draws.

An operation that only GraphScope has is written as the operations of TensorFlow that compute the
same: see `graphscope.formats.lowering`. Attributes that are as TensorFlow would take them anyway
are left out, so that older versions read the file too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphscope.formats import bodies, wholes
from graphscope.formats.arrays import Arrays
from graphscope.formats.attributes import default_of, message_of, value_of
from graphscope.formats.flattening import LOOPS, Flattening
from graphscope.formats.functions import tell
from graphscope.formats.lowering import Lowered, lowered
from graphscope.formats.messages import AttrValue, GraphDef, NodeDef
from graphscope.formats.ordering import waits_of
from graphscope.formats.rings import Rings, output_name
from graphscope.formats.signatures import Argument, Signature, signature
from graphscope.graph.body import Body
from graphscope.graph.dtypes import as_dtype, resource
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.kernels import collecting
from graphscope.kernels.files import write_whole
from graphscope.platform import textformat
from graphscope.platform.messages import Message

#: The version of graphs that all of TensorFlow 1 and 2 read.
_PRODUCER = 27
_VARIANT, _FLOW = 21, 1
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
    writing = _Writing(graph, is_whole=True)
    for op in graph.operations[from_version or 0 :]:
        made = list(writing.nodes(op))
        message.node.extend(made)
        if add_shapes and op.outputs and [node.op for node in made] == [op.type]:
            shapes = [tensor.shape for tensor in op.outputs]
            message.node[-1].attr["_output_shapes"].CopyFrom(message_of("list(shape)", shapes))
    message.node.extend(writing.flat.added())
    if writing.flat.is_another and not from_version:
        own = _Writing(graph, is_whole=False)
        nodes = [node for op in graph.operations for node in own.nodes(op)]
        message.node[:] = wholes.carrying(message.node, [*nodes, *own.flat.added()])
    tell(graph, message.library)
    return message


class _Writing:
    """One export: what a file calls the tensors of a graph, and the nodes for its operations.

    is_whole: all of it as TensorFlow has it, if that is possible; otherwise loops own their bodies.
    """

    def __init__(self, graph: Graph, is_whole: bool) -> None:
        self.flat = flat = Flattening(graph, self.reference, is_whole)
        self._rings, self._arrays = Rings(flat), Arrays(graph, flat)
        self._bodies = {b: name for b, name in bodies.names(graph).items() if b not in flat.regions}
        self._waits = waits_of(graph)
        self._references: dict[Tensor, str] = {}
        for op in graph.operations:
            if op in graph.unwritten:
                for tensor, told in zip(op.outputs, graph.unwritten[op], strict=True):
                    self._references[tensor] = told.name
            elif flat.is_flat(op):
                for i, tensor in enumerate(op.outputs):
                    self._references[tensor] = output_name(op, i)

    def nodes(self, op: Operation) -> Iterator[NodeDef]:
        """The nodes for an operation; what makes its outputs comes last."""
        instead = lowered(op)
        if instead is not None:
            yield from self._instead(op, instead)
        elif self.flat.is_flat(op) and op.type in LOOPS:
            yield from self._rings.nodes(op, self._controls(op))
        elif self.flat.is_flat(op):
            yield from self.flat.merges(op)
        elif self.flat.is_whole and self._arrays.is_one(op):
            yield self._arrays.node(op, self.flat.inputs(op, op.inputs), self._controls(op))
        elif op not in op.graph.unwritten and not self._is_made_by_loop(op):
            yield self.node(op)

    def _is_made_by_loop(self, op: Operation) -> bool:
        return op.type == "LoopVariable" and op.body in self.flat.regions

    def reference(self, tensor: Tensor) -> str:
        name = self._references.get(tensor)
        return (tensor.name if name is None else name).removesuffix(":0")

    def node(self, op: Operation) -> NodeDef:
        """The node for an operation that TensorFlow has."""
        taken = self.flat.inputs(op, op.inputs)
        attrs = attributes_of(op, self._bodies, self.reference)
        made = _node(op.name, op, [*taken, *self._controls(op)], attrs)
        if self.flat.is_whole and not bodies.brings_data(op.type):
            _say_flows(made, op.graph.file_attrs.get(op, {}))
        return made

    def _controls(self, op: Operation) -> list[str]:
        """What an operation waits for, as inputs."""
        waits = [*op.control_inputs, *self._waits.get(op, ())]
        return list(dict.fromkeys(self.flat.waits(op, waits)))

    def _instead(self, op: Operation, instead: Lowered) -> Iterator[NodeDef]:
        """The nodes that compute what an operation of GraphScope's own does. The last one has its
        name; what its other outputs are called is noted."""
        last = instead.results[-1].op
        given_and_waits = self.flat.inputs(op, op.inputs)
        taken = [reference for reference in given_and_waits if reference[0] != "^"]
        given = dict(zip(instead.parameters, taken, strict=True))
        names = {made: f"{op.name}/{made.name}" for made in instead.graph.operations}
        names[last] = op.name
        for tensor, result in zip(op.outputs, instead.results, strict=True):
            self._references[tensor] = f"{names[result.op]}:{result.value_index}"
        outside = {parameter.op for parameter in instead.parameters}
        rest = [made for made in instead.graph.operations if made not in outside and made != last]
        for made in [*rest, last]:
            inputs = [
                given.get(t) or f"{names[t.op]}:{t.value_index}".removesuffix(":0")
                for t in made.inputs
            ]
            waits = [f"^{names[c]}" for c in made.control_inputs if c not in outside]
            waits += self._controls(op) if made is last else []
            if not inputs and op.body in self.flat.regions:
                waits += self.flat.inputs(op, [])
            attrs = {**attributes_of(made, {}, self.reference), **bodies.place(op, self._bodies)}
            yield _node(names[made], op, [*inputs, *waits], attrs, made.type)


def _say_flows(node: NodeDef, told: Mapping[str, AttrValue]) -> None:
    """What hands on the flow of a TensorArray has a number, and no list; but for what the file that
    it came from told of it, where it is a list of another kind."""
    for name, value in node.attr.items():
        if value.WhichOneof("value") == "type" and value.type == _VARIANT:
            is_list = name in told and told[name].type == _VARIANT
            value.type = _VARIANT if is_list else _FLOW


def _node(
    name: str, op: Operation, inputs: list[str], attrs: dict[str, AttrValue], type: str = ""
) -> NodeDef:
    node = NodeDef(name=name, op=type or op.type, device=op.device, input=inputs)
    node.attr.update(sorted(attrs.items()))
    return node


# ---- attributes ---------------------------------------------------------------------------------


def attributes_of(
    op: Operation, names: Mapping[Body, str], reference: Callable[[Tensor], str]
) -> dict[str, AttrValue]:
    """The attributes of an operation as a file has them, by their names. names: of the bodies;
    reference: what the file calls a tensor."""
    known, found = signature(op.type), bodies.told(op, names, reference)
    if known is not None and not op.definition.calls:
        values = {**op.attrs, **_types(op, known)}
        for name, attribute in known.attrs.items():
            value = values.get(name)
            if op.type.startswith("PyFunc") and name == "token":
                value = "python"  # the function itself is in no file
            if value is None or isinstance(value, Body):
                continue
            if attribute.is_optional and _is_default(value, attribute.kind, attribute.default):
                continue
            found[name] = message_of(attribute.kind, value, op.attrs.get("dtype"))
    if op in op.graph.placement.groups:
        found["_class"] = message_of("list(string)", op.colocation_groups())
    kept = op.graph.file_attrs.get(op, {})
    for name, message in kept.items():
        passes_place = name == "T" and message.type == resource.as_datatype_enum
        if (name not in found or passes_place) and name not in _NOT_AGAIN:
            found[name] = message
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
            if argument.number:
                found.setdefault(argument.number, len(own))
    return found


def _shared_out(
    arguments: Sequence[Argument], tensors: Sequence[Tensor]
) -> Iterator[tuple[Argument, Sequence[Tensor]]]:
    """Which tensors are whose: lists share what single arguments leave, in equal parts."""
    lists = [argument for argument in arguments if argument.number or argument.many]
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
    with collecting.paused():
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
    own = {value: f"{op.name}/{k}" for k, value in op.attrs.items() if isinstance(value, Body)}
    waits = [f"^{control.name}" for control in op.control_inputs]
    inputs = [_short(tensor) for tensor in op.inputs]
    return _node(op.name, op, [*inputs, *waits], attributes_of(op, own, _short))


def _short(tensor: Tensor) -> str:
    return tensor.name.removesuffix(":0")


_own_attr = Operation.own_attr


def _get_attr(op: Operation, name: str) -> Any:
    """The value of an attribute; of text its bytes. Source: tf.Operation.get_attr.

    Errors: ValueError when there is none of that name.
    """
    if name in op.attrs or name == "_class":
        return _own_attr(op, name)
    found = attributes_of(op, {}, _short).get(name)
    if found is None:
        return _own_attr(op, name)  # says that there is none
    value = value_of(found)
    return value.encode() if isinstance(value, str) else value


_MEMBERS: list[tuple[type, str, Any]] = [
    (Operation, "get_attr", _get_attr),
    (Graph, "as_graph_def", _as_graph_def),
    (Operation, "node_def", property(_node_def)),
]
for _class, _name, _member in _MEMBERS:
    setattr(_class, _name, _member)
