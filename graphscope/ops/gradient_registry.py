"""Gradients that users declare: by a name that operations of a block are told to go by.

@tf.RegisterGradient("Flipped")
def flipped(op, grad):
    return -grad

with graph.gradient_override_map({"Identity": "Flipped"}):
    y = tf.identity(x)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graphscope.graph.graph import Graph, Operation
from graphscope.graph.registry import OPS

_RULES: dict[str, Callable[..., Any] | None] = {}

#: Under which a graph keeps its blocks; no text, so that it is no user's collection.
_KEY = ("graphscope", "gradient overrides")


def RegisterGradient(op_type: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated ``rule(op, *grads)`` as the gradient of that name. It returns a tensor
    or None for each input. Source: tf.RegisterGradient.

    Errors: KeyError, when it decorates, for a name that has a gradient.
    """
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")

    def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
        _register(op_type, rule)
        return rule

    return declare


def NotDifferentiable(op_type: str) -> None:
    """No gradient flows through operations that go by that name. Source: tf.NotDifferentiable."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, None)


def RegisterShape(op_type: str) -> Callable[[Any], Any]:
    """Decorates a function, and does nothing: operations bring their shape rules with them.

    Source: tensorflow.python.framework.ops.RegisterShape.
    """
    return lambda rule: rule


def _register(name: str, rule: Callable[..., Any] | None) -> None:
    declared = OPS.get(name)
    if name in _RULES or (declared is not None and declared.gradient_rule is not None):
        raise KeyError(f"Registering two gradient with name {name!r}!")
    _RULES[name] = rule


@dataclass
class _Block:
    """One ``with gradient_override_map``: the numbers of the operations made inside, and by which
    name those of a type go."""

    names: Mapping[str, str]
    first: int
    after: int | None = None

    def holds(self, op: Operation) -> bool:
        return self.first <= op._id and (self.after is None or op._id < self.after)


@contextmanager
def gradient_override_map(graph: Graph, op_type_map: Any) -> Iterator[None]:
    """Operations made inside have the registered gradient that the map says for their type.

    Errors: TypeError when it does not map names to names. Source: tf.Graph.gradient_override_map.
    """
    if not isinstance(op_type_map, dict):
        raise TypeError("op_type_map must be a dictionary mapping strings to strings")
    if not all(isinstance(word, str) for pair in op_type_map.items() for word in pair):
        raise TypeError("op_type_map must be a dictionary mapping strings to strings")
    blocks = graph.get_collection_ref(_KEY)
    block = _Block(dict(op_type_map), len(graph.operations))
    blocks.append(block)
    try:
        yield
    finally:
        block.after = len(graph.operations)


def declared_gradient(op: Operation) -> Callable[..., Any] | None:
    """The user's rule for this operation; None when it has that of its own.

    Errors: LookupError when nothing is registered under the name that it goes by.
    """
    type = op.definition.type
    for block in reversed(op.graph.get_collection(_KEY)):  # the innermost block comes first
        name = block.names.get(type)
        if name is not None and block.holds(op):
            if name not in _RULES:
                raise LookupError(
                    f"No gradient defined for operation {op.name!r}: {name!r} is not registered"
                )
            return _RULES[name] or _nothing
    return _RULES.get(type)


def _nothing(op: Operation, *_: Any) -> list[None]:
    """No gradient for any input."""
    return [None] * len(op.inputs)


# Methods under TensorFlow's name, as for the operators of tensors.
setattr(Graph, "gradient_override_map", gradient_override_map)  # noqa: B010
