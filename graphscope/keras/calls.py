"""What the calls of a layer took and gave. Source: tensorflow.python.keras.engine.base_layer."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.shapes import TensorShape
from graphscope.keras.history import Node


class Calls:
    """The calls of a layer, in their order, and what can be asked of them."""

    name: str
    calls: list[Node]
    taken: list[Node]

    @property
    def inbound_nodes(self) -> list[Node]:
        """The calls of this layer."""
        return self.calls

    @property
    def outbound_nodes(self) -> list[Node]:
        """The calls that took what this layer made."""
        return self.taken

    _inbound_nodes, _outbound_nodes = inbound_nodes, outbound_nodes

    def _node(self, node_index: int) -> Node:
        if not self.calls:
            raise RuntimeError(
                "The layer has never been called and thus has no defined input or output."
            )
        if node_index >= len(self.calls):
            raise ValueError(
                f"Asked to get input at node {node_index}, but the layer has only "
                f"{len(self.calls)} inbound nodes."
            )
        return self.calls[node_index]

    def _only(self, what: str) -> Any:
        """That of the first call, also when there were others: so it is in TensorFlow 1.15."""
        if not self.calls:
            raise AttributeError(
                f"Layer {self.name} has never been called and thus has no defined {what}."
            )
        return getattr(self.calls[0], f"{what}s")

    @property
    def input(self) -> Any:
        return _alone(self._only("input"))

    @property
    def output(self) -> Any:
        return _alone(self._only("output"))

    @property
    def input_shape(self) -> Any:
        return self._only_shape("input")

    @property
    def output_shape(self) -> Any:
        return self._only_shape("output")

    def _only_shape(self, what: str) -> Any:
        """The shape that all calls have in common. Errors: AttributeError when there is none."""
        found = [_shape_of(getattr(node, f"{what}s")) for node in self.calls]
        if not found:
            raise AttributeError(
                f"The layer has never been called and thus has no defined {what} shape."
            )
        if any(shape != found[0] for shape in found[1:]):
            raise AttributeError(
                f'The layer "{self.name}" has multiple inbound nodes, with different {what} '
                f'shapes. Hence the notion of "{what} shape" is ill-defined for the layer. Use '
                f"`get_{what}_shape_at(node_index)` instead."
            )
        return found[0]

    def get_input_at(self, node_index: int) -> Any:
        return _alone(self._node(node_index).inputs)

    def get_output_at(self, node_index: int) -> Any:
        return _alone(self._node(node_index).outputs)

    def get_input_shape_at(self, node_index: int) -> Any:
        return _shape_of(self.get_input_at(node_index))

    def get_output_shape_at(self, node_index: int) -> Any:
        return _shape_of(self.get_output_at(node_index))


def _shape_of(tensors: Any) -> Any:
    return nest.map_structure(lambda tensor: tuple(TensorShape(tensor.shape).as_list()), tensors)


def _alone(tensors: Any) -> Any:
    return tensors[0] if isinstance(tensors, list) and len(tensors) == 1 else tensors
