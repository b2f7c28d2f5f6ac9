"""Which layer made a tensor, and which of its elements count: what Keras keeps about tensors.

It is kept beside the graph, not on it, and goes with it.
Source: the attributes _keras_history and _keras_mask of tensors in tensorflow.python.keras of 1.15.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.graph import Graph, Operation, Tensor


@dataclass(eq=False)
class Node:
    """One call of a layer: what went in, what came out, and the other arguments."""

    layer: Any
    inputs: Any
    outputs: Any
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def tensors_in(self) -> list[Any]:
        """Everything that layers made and that came in, as the input or as another argument."""
        others = [t for t in nest.flatten(self.arguments) if is_tensor_like(t) and made_by(t)]
        return [*nest.flatten(self.inputs), *others]

    # ---- what TensorFlow's own code calls these ----

    @property
    def outbound_layer(self) -> Any:
        return self.layer

    @property
    def inbound_layers(self) -> Any:
        """The layers that made what came in, in the structure of the inputs."""
        made = [made_by(tensor) for tensor in nest.flatten(self.inputs)]
        first = not made or any(m is None or m.node is self for m in made)
        return _as_kept([] if first else [m.layer for m in made if m is not None])

    @property
    def input_tensors(self) -> Any:
        return _as_kept(self.inputs) or self.output_tensors  # an input layer takes its own tensor

    @property
    def output_tensors(self) -> Any:
        return _as_kept(self.outputs)

    @property
    def input_shapes(self) -> Any:
        return nest.map_structure(_sizes, self.input_tensors)

    @property
    def output_shapes(self) -> Any:
        return nest.map_structure(_sizes, self.output_tensors)

    @property
    def before(self) -> list[Node]:
        """The calls that made what came in."""
        return [made.node for made in map(made_by, self.tensors_in) if made is not None]


def _as_kept(tensors: Any) -> list[Any]:
    return tensors if isinstance(tensors, list) else nest.flatten(tensors)


def _sizes(tensor: Any) -> tuple[int | None, ...]:
    return tuple(tensor.shape.as_list())


class Made(NamedTuple):
    """Where a tensor comes from: a layer, the number of its call, the number of the output."""

    layer: Any
    node_index: int
    tensor_index: int

    @property
    def node(self) -> Node:
        found: Node = self.layer.calls[self.node_index]
        return found


class _Kept:
    """What is kept of one graph's tensors."""

    def __init__(self) -> None:
        self.made: dict[Tensor, Made] = {}
        self.masks: dict[Tensor, Any] = {}
        self.plain: set[Operation] = set()  # behind them is no layer


_KEPT: WeakKeyDictionary[Graph, _Kept] = WeakKeyDictionary()


def _of(tensor: Tensor) -> _Kept:
    return _KEPT.setdefault(tensor.graph, _Kept())


def remember(node: Node) -> None:
    """This call of its layer made its outputs."""
    calls = node.layer.calls
    calls.append(node)
    for before in node.before:
        before.layer.taken.append(node)
    for number, tensor in enumerate(nest.flatten(node.outputs)):
        _of(tensor).made[tensor] = Made(node.layer, len(calls) - 1, number)


def made_by(tensor: Any) -> Made | None:
    """The call that made a tensor; None for what no layer made."""
    return _of(tensor).made.get(tensor) if isinstance(tensor, Tensor) else None


def all_made(tensors: Iterable[Any]) -> bool:
    return all(made_by(tensor) is not None for tensor in tensors)


def mask_of(tensor: Any) -> Any:
    """Which elements of a tensor count: a bool tensor, or None for all of them."""
    return _of(tensor).masks.get(tensor) if isinstance(tensor, Tensor) else None


def set_mask(tensor: Tensor, mask: Any) -> None:
    _of(tensor).masks[tensor] = mask


def plain_operations(graph: Graph) -> set[Operation]:
    """Operations that are known to depend on no layer: they are not looked through again."""
    return _KEPT.setdefault(graph, _Kept()).plain


# ---- the same as attributes of tensors ---------------------------------------------------------


def _history(tensor: Tensor) -> Made:
    """Where a tensor comes from. Errors: AttributeError when no layer made it."""
    made = made_by(tensor)
    if made is None:
        raise AttributeError(f"no layer of Keras made {tensor.name}, so it has no _keras_history")
    return made


def _mask(tensor: Tensor) -> Any:
    """What counts of a tensor. Errors: AttributeError for one that layers know nothing of."""
    if made_by(tensor) is None and tensor not in _of(tensor).masks:
        raise AttributeError(f"no layer of Keras made {tensor.name}, so it has no _keras_mask")
    return mask_of(tensor)


# Layers and tests of other people read these. They are looked up here, not kept on the tensor.
setattr(Tensor, "_keras_history", property(_history))  # noqa: B010 (Tensor knows no Keras)
setattr(Tensor, "_keras_mask", property(_mask, set_mask))  # noqa: B010
