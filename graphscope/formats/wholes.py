"""Loops in a file twice: as TensorFlow runs them, and as GraphScope has them.

A loop that owns its body can be differentiated, and is stepped into as a function; the ring of
operations that TensorFlow runs is neither. So one node of a file carries the nodes as they were, in
an attribute that TensorFlow does not look at; who reads the file here puts them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphscope.formats.attributes import message_of
from graphscope.formats.messages import GraphDef, NodeDef

#: The attribute: the nodes that are another way in the file, as one GraphDef, then the names of
#: those that are not there here.
WHOLE = "_graphscope_whole"


def carrying(nodes: Sequence[NodeDef], own: Iterable[NodeDef]) -> list[NodeDef]:
    """The nodes, of which one carries those of `own` that are another way, in their order."""
    flat = {node.name: node for node in nodes}
    kept = {node.name: node for node in own}
    extra = [name for name in flat if name not in kept]
    other = [node for name, node in kept.items() if node != flat[name]]
    if other:
        carried = GraphDef()
        carried.node.extend(other)
        held = [carried.SerializeToString(), *(name.encode() for name in extra)]
        flat[other[0].name].attr[WHOLE].CopyFrom(message_of("list(string)", held))
    return [*(flat[name] for name in kept), *(flat[name] for name in extra)]


def restored(nodes: Sequence[NodeDef]) -> Sequence[NodeDef]:
    """The nodes as they were, where one of them carries that. Errors: ValueError for a carried
    graph that is damaged."""
    carrier = next((node for node in nodes if WHOLE in node.attr), None)
    if carrier is None:
        return nodes
    held = list(carrier.attr[WHOLE].list.s)
    try:
        carried = GraphDef.FromString(held[0])
        extra = {name.decode() for name in held[1:]}
    except (ValueError, IndexError) as error:
        raise ValueError(f"Node '{carrier.name}': what it carries is damaged: {error}") from None
    own = {node.name: node for node in carried.node}
    return [own.get(node.name, node) for node in nodes if node.name not in extra]
