"""A copy of a part of a graph: room to add operations and to compute, beside the graph itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.graph.body import Body
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.walk import reach


@dataclass(frozen=True)
class Copy:
    """graph: the copy. ops: for each original operation its twin, of the same name."""

    graph: Graph
    ops: dict[Operation, Operation]

    def tensor(self, original: Tensor) -> Tensor:
        """The twin of a tensor. Errors: KeyError when it was not copied."""
        return self.ops[original.op].outputs[original.value_index]


def copied(wanted: Iterable[Operation], dtype: Callable[[DType], DType] = as_dtype) -> Copy:
    """A graph of its own that holds `wanted` and everything that they are computed from.

    What only has to run before something is left out: values come from data alone. A gradient of a
    loop still waits for the loop, since it looks into what that has computed.
    dtype: gives each element type of the original the one that takes its place.
    """
    ops = sorted(reach(wanted, _behind), key=lambda op: op._id)
    bodies = {body: Body(mirrored=body.mirrored) for body in _bodies(ops)}
    made = Copy(Graph(), {})
    for body, twin in bodies.items():
        twin.outer = None if body.outer is None else bodies[body.outer]
        twin.mirror = None if body.mirror is None else bodies[body.mirror]
    with made.graph.bookkeeping():  # each has the line of its original
        for op in ops:
            _add(op, made, bodies, dtype)
    for body, twin in bodies.items():
        twin.parameters = tuple(made.tensor(tensor) for tensor in body.parameters)
        twin.results = tuple(made.tensor(tensor) for tensor in body.results)
    return made


def _behind(op: Operation) -> Iterator[Operation]:
    """What an operation is computed from, with all that its branches and loops consist of."""
    yield from (tensor.op for tensor in op.inputs)
    yield from _awaited(op)
    for body in _owned(op):
        yield from body.operations
        yield from (tensor.op for tensor in (*body.parameters, *body.results))


def _awaited(op: Operation) -> list[Operation]:
    if not op.definition.calls:
        return []
    return [other for other in op.control_inputs if other.definition.calls]


def _owned(op: Operation) -> list[Body]:
    return [value for value in op.attrs.values() if isinstance(value, Body)]


def _bodies(ops: Iterable[Operation]) -> dict[Body, None]:
    found: dict[Body, None] = {}
    queue = [body for op in ops for body in (op.body, *_owned(op)) if body is not None]
    for body in queue:  # grows on the way
        if body not in found:
            found[body] = None
            queue += [other for other in (body.outer, body.mirror) if other is not None]
    return found


def _add(
    op: Operation, made: Copy, bodies: dict[Body, Body], dtype: Callable[[DType], DType]
) -> None:
    inputs = [made.tensor(tensor) for tensor in op.inputs]
    outputs = [(_changed(tensor.dtype, dtype), tensor.shape) for tensor in op.outputs]
    attrs = {name: _attribute(value, bodies, dtype) for name, value in op.attrs.items()}
    belongs = made.ops.get(op.gradient_of) if op.gradient_of is not None else None
    graph = made.graph
    with (
        nullcontext() if op.body is None else graph.inside(bodies[op.body]),
        nullcontext() if belongs is None else graph.differentiating(belongs),
    ):
        twin = graph.create_op(op.definition, inputs, attrs, outputs, f"{op.name}/")
    twin.control_inputs = [made.ops[other] for other in _awaited(op)]
    twin.source = op.source
    made.ops[op] = twin


def _changed(old: DType, dtype: Callable[[DType], DType]) -> DType:
    new = dtype(old.base_dtype)
    return new.ref if old.is_ref else new


def _attribute(value: Any, bodies: dict[Body, Body], dtype: Callable[[DType], DType]) -> Any:
    if isinstance(value, Body):
        return bodies[value]
    if isinstance(value, DType):
        return _changed(value, dtype)
    if isinstance(value, list | tuple) and any(isinstance(item, DType) for item in value):
        return [_changed(item, dtype) if isinstance(item, DType) else item for item in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(dtype(as_dtype(value.dtype)).numpy)
    return value
