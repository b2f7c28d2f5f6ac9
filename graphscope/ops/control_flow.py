"""What holds operations together and orders them: no_op, group, tuple."""

from __future__ import annotations

from typing import Any

from graphscope.graph.declare import op
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.scopes import graph_of, name_scope
from graphscope.ops.array import identity


@op("NoOp", kind="control", outputs=0, differentiable=False)
def no_op() -> None:
    """Nothing; it is there to wait for others."""


def group(*inputs: Any, name: str | None = None) -> Operation:
    """One operation that has run once all of `inputs` have. Source: tf.group."""
    flat: list[Any] = []
    for item in inputs:
        flat.extend(item if isinstance(item, list | tuple) else [item])
    elements = [
        item.op if hasattr(item, "handle") else item  # what wrote a resource variable, unread
        for item in flat
        if item is not None
    ]
    with name_scope(name, "group_deps", _tensors(elements)) as scope:
        graph = elements[0].graph if elements else graph_of(())
        with graph.as_default(), graph.control_dependencies(elements):
            result: Operation = no_op(name=scope)
            return result


def _tensors(items: list[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, Tensor)]


def tuple_(
    tensors: Any, name: str | None = None, control_inputs: Any = None
) -> list[Tensor | None]:
    """The same tensors, available only when all of them have been computed. Source: tf.tuple."""
    with name_scope(name, "tuple", _tensors(tensors)):
        present = [tensor for tensor in tensors if tensor is not None]
        if not present:
            raise ValueError(f"Must have at least one Tensor: {tensors}")
        gate = group(*present, *(control_inputs or ()))
        with gate.graph.control_dependencies([gate]):
            return [
                None if tensor is None else identity(tensor, name="control_dependency")
                for tensor in tensors
            ]


def with_dependencies(dependencies: Any, output_tensor: Any, name: str | None = None) -> Tensor:
    """`output_tensor`, available only after `dependencies` have run."""
    with name_scope(name, "control_dependency", [output_tensor]) as scope:
        graph = graph_of([output_tensor])
        with graph.control_dependencies(dependencies):
            return identity(output_tensor, name=scope)
