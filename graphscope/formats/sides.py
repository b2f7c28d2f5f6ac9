"""Conditions as TensorFlow 1 has them: every branch is there, and Switches say which side is alive.

A `cond` that is made here owns its branches. In a file the operations of both are operations like
others: what they take from around them goes through a Switch, what takes nothing waits for one, and
Merges take what is alive. A gradient's branch uses the values of the branch that it belongs to,
which is alive when it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphscope.formats.attributes import message_of
from graphscope.formats.messages import NodeDef
from graphscope.graph.body import Body
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS

_SIDES = {"then": 1, "orelse": 0}


class Sides:
    """The conditions of a graph that can be written so: those in no loop, and without loops."""

    def __init__(self, graph: Graph) -> None:
        #: Of each branch: who owns it, and on which side of its Switches it is.
        self.branches: dict[Body, tuple[Operation, int]] = {}
        owners = [op for op in graph.operations if _is_condition(op)]
        loops = {
            op.body for op in graph.operations if op.definition.calls and not _is_condition(op)
        }
        for op in reversed(owners):  # the outer ones come after what is in them
            bodies = [op.attrs[name] for name in _SIDES]
            outside = op.body is None or op.body in self.branches
            if outside and loops.isdisjoint(_with_inner(bodies, owners)):
                for name, side in _SIDES.items():
                    self.branches[op.attrs[name]] = op, side
        self._made: dict[str, NodeDef] = {}

    def is_flat(self, op: Operation) -> bool:
        return _is_condition(op) and op.attrs["then"] in self.branches

    def inputs(
        self, op: Operation, tensors: list[Tensor], reference: Callable[[Tensor], str]
    ) -> list[str]:
        """What an operation takes, by names, and what it waits for to be on its side."""
        body = op.body
        if body not in self.branches:
            return [reference(tensor) for tensor in tensors]
        taken = [self._inside(tensor, body, reference) for tensor in tensors]
        return taken or [f"^{self._pivot(body, reference)}"]

    def _inside(self, tensor: Tensor, body: Body, reference: Callable[[Tensor], str]) -> str:
        """A tensor as it is called in a branch: from around it, through a Switch."""
        own = tensor.op.body
        beside: Body | None = body
        while beside is not None:
            if own is beside:
                return reference(tensor)
            beside = beside.mirror
        owner, side = self.branches[body]
        outer = owner.body
        data = (
            self._inside(tensor, outer, reference) if outer in self.branches else reference(tensor)
        )
        name = f"{owner.name}_sides/{tensor.op.name}_{tensor.value_index}"
        kind = "RefSwitch" if tensor.dtype.is_ref and tensor.op.type != "VarHandleOp" else "Switch"
        if name not in self._made:
            node = NodeDef(name=name, op=kind, input=[data, self._pred(owner, reference)])
            node.attr["T"].CopyFrom(message_of("type", _type(tensor)))
            self._made[name] = node
        return f"{name}:{side}" if side else name

    def _pred(self, owner: Operation, reference: Callable[[Tensor], str]) -> str:
        pred = owner.inputs[0]
        if owner.body in self.branches:
            return self._inside(pred, owner.body, reference)
        return reference(pred)

    def _pivot(self, body: Body, reference: Callable[[Tensor], str]) -> str:
        """An operation that is alive when the branch is."""
        owner, side = self.branches[body]
        name = f"{owner.name}_sides/switch_{'t' if side else 'f'}"
        if name not in self._made:
            data = self._inside(owner.inputs[0], body, reference)
            node = NodeDef(name=name, op="Identity", input=[data])
            node.attr["T"].CopyFrom(message_of("type", owner.inputs[0].dtype))
            self._made[name] = node
        return name

    def merges(
        self, op: Operation, reference: Callable[[Tensor], str]
    ) -> Iterator[tuple[Tensor, NodeDef]]:
        """A Merge for each output of a condition."""
        for i, tensor in enumerate(op.outputs):
            node = NodeDef(name=f"{op.name}_{i}" if i else op.name, op="Merge")
            for name in reversed(_SIDES):
                body = op.attrs[name]
                node.input.append(self._inside(body.results[i], body, reference))
            node.attr["T"].CopyFrom(message_of("type", tensor.dtype))
            node.attr["N"].CopyFrom(message_of("int", 2))
            yield tensor, node

    def switches(self) -> Iterator[NodeDef]:
        """The Switches that were asked for."""
        yield from self._made.values()


def _is_condition(op: Operation) -> bool:
    """Whether it is a condition that was made here: those of files call functions."""
    return op.definition is OPS["If"]


def _with_inner(bodies: list[Body], owners: list[Operation]) -> set[Body]:
    """The branches, with those of the conditions inside them."""
    found = set(bodies)
    for op in reversed(owners):
        if op.body in found:
            found.update(op.attrs[name] for name in _SIDES)
    return found


def _type(tensor: Tensor) -> int:
    """The type of a tensor in a file, where the place of a resource variable is a resource."""
    return 20 if tensor.op.type == "VarHandleOp" else tensor.dtype.base_dtype.as_datatype_enum
