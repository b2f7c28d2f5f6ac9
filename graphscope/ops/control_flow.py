"""What holds operations together and orders them: no_op, group, tuple."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.declare import op
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.scopes import graph_of, name_scope
from graphscope.ops.array import identity


@op("NoOp", kind="control", outputs=0, differentiable=False)
def no_op() -> None:
    """Nothing; it is there to wait for others."""


def group(*inputs: Any, name: str | None = None) -> Operation:
    """One operation that has run once all of `inputs`, or of lists in it, have.

    It is on their device; where they are on several, each of those has one for its own.
    Errors: TypeError for what is of no graph. Source: tf.group.
    """
    elements = [
        item.op if hasattr(item, "handle") else item  # what wrote a resource variable, unread
        for item in nest.flatten(inputs)
        if item is not None
    ]
    by_device: dict[str, list[Any]] = {}
    for item in elements:
        if not hasattr(item, "device"):
            raise TypeError(f"tf.group holds tensors and operations together, not {item!r}")
        by_device.setdefault(item.device, []).append(item)
    with name_scope(name, "group_deps", _tensors(elements)) as scope:
        graph = elements[0].graph if elements else graph_of(())
        with graph.as_default():
            if len(by_device) < 2:
                device = next(iter(by_device), "")
                return _after(graph, elements, device, scope)
            parts = [
                _after(graph, some, device, None) for device, some in sorted(by_device.items())
            ]
            return _after(graph, parts, "", scope)


def _after(graph: Graph, elements: list[Any], device: str, name: str | None) -> Operation:
    """Nothing, on the device that is given, if any, once the elements have run."""
    with graph.control_dependencies(elements), graph.device(device):
        result: Operation = no_op(name=name)
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
