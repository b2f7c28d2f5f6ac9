"""The branches and loops of GraphScope in a file: what no TensorFlow has, and GraphScope reads.

A graph that is made here owns the bodies of its loops: see `graphscope.graph.body`. In a file each
operation inside of one names it, and its owner tells what it is given and gives back. TensorFlow
draws such a graph and does not run it. Operations that only GraphScope has tell all their
attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from graphscope.formats.attributes import message_of, value_of
from graphscope.formats.messages import AttrValue, NameAttrList, NodeDef
from graphscope.formats.signatures import signature
from graphscope.graph.body import Body, Rerun
from graphscope.graph.dtypes import DType
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import TensorShape

_INSIDE = "_graphscope_body"
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


def told(op: Operation) -> dict[str, AttrValue]:
    """What a file tells of an operation beside the attributes that TensorFlow knows."""
    found = {}
    if op.body is not None and (name := _name_of(op.body)):
        found[_INSIDE] = message_of("string", name)
    if signature(op.type) is None or op.definition.calls:
        for name, value in op.attrs.items():
            message = _body(op, name, value) if isinstance(value, Body) else _plain(value)
            if message is not None:
                found[name] = message
    return found


def _owner_of(body: Body) -> tuple[Operation, str] | None:
    """Who runs a body, and as what."""
    graph = body.operations[0].graph if body.operations else None
    for op in graph.operations if graph is not None else ():
        if op.definition.calls:
            for name, value in op.attrs.items():
                if value is body:
                    return op, name
    return None


def _name_of(body: Body) -> str:
    """What a file calls a body; nothing for the frame of a loop that came from a file."""
    found = _owner_of(body)
    if found is None or found[0].type == "OldLoop":
        return ""
    return f"{found[0].name}/{found[1]}"


def _body(op: Operation, name: str, body: Body) -> AttrValue | None:
    """What the owner tells of a body. Those that run a part of the graph itself are not told."""
    if isinstance(body, Rerun):
        return None
    told = NameAttrList(name=f"{op.name}/{name}")
    for field, tensors in (("parameters", body.parameters), ("results", body.results)):
        told.attr[field].CopyFrom(message_of("list(string)", [t.name for t in tensors]))
    told.attr["mirrored"].CopyFrom(message_of("bool", body.mirrored))
    if body.mirror is not None:
        told.attr["mirror"].CopyFrom(message_of("string", _name_of(body.mirror)))
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
        if value.WhichOneof("value") == "func" and "parameters" in value.func.attr
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
