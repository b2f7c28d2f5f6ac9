"""The branches and loops of GraphScope in a file: what no TensorFlow has, and GraphScope reads.

A graph that is made here owns the bodies of its loops: see `graphscope.graph.body`. In a file each
operation inside of one names it, and its owner tells what it is given and gives back. Operations
that only GraphScope has tell all their attributes. A file carries such nodes beside those that
TensorFlow runs: see `graphscope.formats.wholes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from graphscope.formats.attributes import message_of, value_of
from graphscope.formats.messages import AttrValue, NameAttrList, NodeDef
from graphscope.formats.signatures import Signature, signature
from graphscope.graph.body import Body, Rerun
from graphscope.graph.dtypes import DType
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OLD_OPS, OPS
from graphscope.graph.shapes import TensorShape
from graphscope.ops.functions import calls_functions

_INSIDE, _OWN = "_graphscope_body", "_graphscope_own"
_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    bytes: "string",
    DType: "type",
    TensorShape: "shape",
    np.ndarray: "tensor",
}


#: Operations of input pipelines: what they give is fed here.
FED = (
    *("QueueDequeueV2", "QueueDequeueManyV2", "QueueDequeueUpToV2", "QueueDequeue"),
    *("QueueDequeueMany", "QueueDequeueUpTo", "IteratorGetNext", "ReaderReadV2", "ReaderRead"),
    *("ReaderReadUpToV2", "ReaderReadUpTo", "IteratorGetNextSync", "DatasetToSingleElement"),
)


def brings_data(type: str) -> bool:
    """Whether an operation is of an input pipeline, which no file has as it is here."""
    return type in FED or any(word in type for word in ("Dataset", "Iterator", "Queue", "Reader"))


def names(graph: Graph) -> dict[Body, str]:
    """What a file calls the bodies of a graph: not the frames of loops that came from a file."""
    return {
        value: f"{op.name}/{name}"
        for op in graph.operations
        if op.definition.calls and op.type != "OldLoop" and not brings_data(op.type)
        if not calls_functions(op.definition)
        for name, value in op.attrs.items()
        if isinstance(value, Body)
    }


def place(op: Operation, names: Mapping[Body, str]) -> dict[str, AttrValue]:
    """In which body an operation is, if it is in one."""
    if op.body is None or op.body not in names:
        return {}
    return {_INSIDE: message_of("string", names[op.body])}


def told(
    op: Operation, names: Mapping[Body, str], reference: Callable[[Tensor], str]
) -> dict[str, AttrValue]:
    """What a file tells of an operation beside the attributes that TensorFlow knows. reference:
    what the file calls a tensor."""
    known = signature(op.type)
    if calls_functions(op.definition):  # what it calls is told as in the file that it came from
        return place(op, names)
    found = {
        name: _body(value, names, reference) if isinstance(value, Body) else _plain(value)
        for name, value in op.attrs.items()
        if known is None or op.definition.calls or _is_own(op, known, name, value)
    }
    whole = {name: message for name, message in found.items() if message is not None}
    if brings_data(op.type):
        return place(op, names)
    if known is not None and (found or _is_otherwise(op)) and len(whole) == len(found):
        whole[_OWN] = message_of("bool", True)
    return {**place(op, names), **whole}


def _is_own(op: Operation, known: Signature, name: str, value: Any) -> bool:
    """Whether it is an attribute that TensorFlow's operation does not have, and not what it is when
    it is left out; or the operation is another one than in old files."""
    if _is_otherwise(op):
        return True
    return name not in (*known.attrs, "handle") and value != op.definition.attrs.get(name)


def _is_otherwise(op: Operation) -> bool:
    """Whether the operation of that name is another one in old files."""
    return OPS.get(op.type) is op.definition and op.type in OLD_OPS


def is_own(node: NodeDef) -> bool:
    """Whether a node is of GraphScope's own form, where TensorFlow's operation is another one."""
    return _OWN in node.attr


def _body(
    body: Body, names: Mapping[Body, str], reference: Callable[[Tensor], str]
) -> AttrValue | None:
    """What the owner tells of a body. Those that run a part of the graph itself are not told."""
    if isinstance(body, Rerun) or body not in names:
        return None
    told = NameAttrList(name=names[body])
    for field, tensors in (("parameters", body.parameters), ("results", body.results)):
        told.attr[field].CopyFrom(message_of("list(string)", [reference(t) for t in tensors]))
    told.attr["mirrored"].CopyFrom(message_of("bool", body.mirrored))
    if body.mirror is not None:
        told.attr["mirror"].CopyFrom(message_of("string", names.get(body.mirror, "")))
    return message_of("func", told)


def _plain(value: Any) -> AttrValue | None:
    """The message for a value, by its own type; None for an object of Python."""
    if isinstance(value, list | tuple):
        kinds = {_KINDS.get(type(item)) for item in value}
        if len(kinds) != 1 or None in kinds:
            return None if value else message_of("list(int)", [])
        return message_of(f"list({kinds.pop()})", value)
    kind = _KINDS.get(type(value))
    return None if kind is None else message_of(kind, value)


# ---- reading ------------------------------------------------------------------------------------


def owned(node: NodeDef) -> dict[str, NameAttrList]:
    """The bodies that a node owns, by its attributes."""
    return {
        name: value.func
        for name, value in node.attr.items()
        if "func" in value.__dict__ and "parameters" in value.func.attr
    }


def around(node: NodeDef) -> str:
    """The name of the body that a node is in; nothing for the graph itself."""
    return str(value_of(node.attr[_INSIDE])) if _INSIDE in node.attr else ""


def filled(
    body: Body,
    told: NameAttrList,
    tensor: Callable[[str], Tensor],
) -> None:
    """Give a body that was made from a file what it is given and gives back."""

    def named(field: str) -> Iterable[Tensor]:
        return map(tensor, value_of(told.attr[field]))

    body.parameters = tuple(named("parameters"))
    body.results = tuple(named("results"))
    body.mirrored = bool(told.attr["mirrored"].b)


def mirror(told: NameAttrList, made: Mapping[str, Body]) -> Body | None:
    """The body whose gradient a body is. Errors: KeyError when that was not made."""
    return made[str(value_of(told.attr["mirror"]))] if "mirror" in told.attr else None
