"""The layers between inputs and outputs, in the order in which Keras lists and calls them.

A call's depth is how many calls lie between it and an output; the deepest come first.
Source: _map_graph_network in tensorflow.python.keras.engine.network of 1.15.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from graphscope.graph import nest
from graphscope.keras.history import Node, made_by


class Topology(NamedTuple):
    """nodes: the calls with their depths, deepest first. layers: the layers, deepest first."""

    nodes: dict[Node, int]
    layers: list[Any]


def topology(inputs: Sequence[Any], outputs: Sequence[Any]) -> Topology:
    """What lies between. Errors: ValueError for an output that needs another input as well."""
    finished, order = _finished(outputs)
    depths: dict[Node, int] = {}
    layer_depths: dict[Any, int] = {}
    for node in reversed(finished):
        depth = max(depths.get(node, 0), layer_depths.get(node.layer, 0))
        depths[node] = layer_depths[node.layer] = depth
        for earlier in node.before:
            depths[earlier] = max(depth + 1, depths.get(earlier, 0))
    for tensor in inputs:  # also those that no output needs: a loss may
        made = made_by(tensor)
        if made is not None and made.layer not in layer_depths:
            layer_depths[made.layer], order[made.layer] = 0, -1
            depths[made.node] = 0
    nodes = {node: depths[node] for node in sorted(depths, key=lambda node: -depths[node])}
    _all_computable(nodes, inputs)
    layers = sorted(layer_depths, key=lambda layer: (-layer_depths[layer], order[layer]))
    return Topology(nodes, layers)


def _finished(outputs: Sequence[Any]) -> tuple[list[Node], dict[Any, int]]:
    """The calls, each behind those that it needs; and the layers in the order they are met."""
    order: dict[Any, int] = {}
    finished: dict[Node, None] = {}
    for tensor in outputs:
        made = made_by(tensor)
        assert made is not None
        waiting = [(made.node, iter(made.node.before))] if made.node not in finished else []
        order.setdefault(made.layer, len(order))
        while waiting:
            node, earlier = waiting[-1]
            following = next((n for n in earlier if n not in finished), None)
            if following is None:
                finished[node] = None
                waiting.pop()
            else:
                order.setdefault(following.layer, len(order))
                waiting.append((following, iter(following.before)))
    return list(finished), order


def _all_computable(nodes: Iterable[Node], inputs: Sequence[Any]) -> None:
    known = {id(tensor) for tensor in inputs}
    fine: list[str] = []
    for node in nodes:
        for tensor in nest.flatten(node.inputs) or nest.flatten(node.outputs):
            if id(tensor) not in known:
                raise ValueError(
                    f"Graph disconnected: cannot obtain value for tensor {tensor} at layer "
                    f'"{node.layer.name}". The following previous layers were accessed without '
                    f"issue: {fine}"
                )
        known.update(id(tensor) for tensor in nest.flatten(node.outputs))
        fine.append(node.layer.name)
