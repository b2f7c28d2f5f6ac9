"""Conditions and loops as TensorFlow 1 has them: everything is there, and what is alive says where
a run is.

A `cond` or a loop that is made here owns its bodies. In a file the operations of all bodies are
operations like others. What a branch takes from around it goes through a Switch, and Merges take
what is alive. What a loop takes from around it goes through an Enter; its variables go round
through Merge, Switch and NextIteration, and leave by an Exit: see `graphscope.formats.rings`.

A gradient's body uses the values of the body that it belongs to. For a branch they are alive when
it is. For a loop, whose iterations are over by then, each iteration puts them on a stack, and the
gradient's iterations take them from there, the last one first.
Source: tensorflow/python/ops/control_flow_ops.py and control_flow_state.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from graphscope.formats import bodies
from graphscope.formats.attributes import message_of, tensor_message
from graphscope.formats.messages import NodeDef
from graphscope.graph.body import Body
from graphscope.graph.dtypes import float32, int32, resource, variant
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS

SIDES = {"then": 1, "orelse": 0}
LOOPS = ("While", "WhileGradient")
#: Operations that own bodies, and can be written without.
_OWNERS = ("If", *LOOPS)


class Place(NamedTuple):
    """Where a value is: what the file calls it, the number of its type, and the body it is in."""

    name: str
    dtype: int
    body: Body | None
    is_ref: bool = False
    constant: Operation | None = None


class Region(NamedTuple):
    """What a body is: of which operation, and on which side of its Switches, for a branch."""

    owner: Operation
    side: int | None


def _is_made_here(op: Operation) -> bool:
    """Whether it owns its bodies; what owns bodies in a file calls functions."""
    return op.definition is OPS[op.type]


class Flattening:
    """The bodies of a graph that are written as operations beside each other.

    reference: what the file calls a tensor. regions: the bodies that are flat. is_whole: all of
    them are. is_another: which makes another graph of it than that of GraphScope.
    """

    def __init__(
        self, graph: Graph, reference: Callable[[Tensor], str], is_whole: bool = True
    ) -> None:
        self._reference = reference
        self.is_whole = is_whole and _can_be_whole(graph)
        self.is_another = self.is_whole and any(map(_is_own, graph.operations))
        self.regions: dict[Body, Region] = dict(self._found(graph))
        self._made: dict[str, NodeDef] = {}
        self._recalled: dict[tuple[str, Body], str] = {}
        #: For each loop that counts its iterations for a gradient, what these put on stacks.
        self._pushes: dict[Operation, list[str]] = {}
        self._taken = {op.name for op in graph.operations}

    def _found(self, graph: Graph) -> Iterator[tuple[Body, Region]]:
        owners = [op for op in graph.operations if op.type in _OWNERS and _is_made_here(op)]
        loops = {
            op.body
            for op in graph.operations
            if op.definition.calls and not (op.type == "If" and _is_made_here(op))
        }
        flat: set[Body] = set()
        for op in reversed(owners):  # the outer ones come after what is in them
            owned = [value for value in op.attrs.values() if isinstance(value, Body)]
            if not self.is_whole:
                outside = op.body is None or op.body in flat
                if op.type != "If" or not outside or loops & _with_inner(owned, owners):
                    continue
            flat.update(owned)
            for name, value in op.attrs.items():
                if isinstance(value, Body):
                    yield value, Region(op, SIDES.get(name) if op.type == "If" else None)

    def is_flat(self, op: Operation) -> bool:
        return any(isinstance(v, Body) and v in self.regions for v in op.attrs.values())

    # ---- places --------------------------------------------------------------------------------

    def place(self, tensor: Tensor) -> Place:
        """Where a tensor is. A variable's handle and lists are other things in a file."""
        constant = tensor.op if tensor.op.type == "Const" else None
        is_ref = tensor.dtype.is_ref and tensor.op.type != "VarHandleOp"
        return Place(
            self._reference(tensor), self.type_of(tensor), tensor.op.body, is_ref, constant
        )

    def type_of(self, tensor: Tensor) -> int:
        """The number of a tensor's type in a file."""
        if tensor.op.type == "VarHandleOp":
            return resource.as_datatype_enum
        if self.is_whole and tensor.dtype.base_dtype is variant:
            return float32.as_datatype_enum  # the flow of a TensorArray
        return tensor.dtype.base_dtype.as_datatype_enum

    def seen(self, place: Place, body: Body | None) -> str:
        """What a value is called inside of a body."""
        if place.body is body or body not in self.regions:
            return place.name
        mirror = body.mirror
        while mirror is not None:
            if place.body is mirror:
                return self._of_mirror(place, body)
            mirror = mirror.mirror
        owner, side = self.regions[body]
        data = self.seen(place, owner.body)
        if side is None:
            return self._entered(place, data, owner)
        kind = "RefSwitch" if place.is_ref else "Switch"
        name = f"{owner.name}_sides/{_plain(place.name)}"
        self.make(name, kind, [data, self._pred(owner)], T=place.dtype)
        return f"{name}:{side}" if side else name

    def tensor(self, tensor: Tensor, body: Body | None) -> str:
        return self.seen(self.place(tensor), body)

    def _entered(self, place: Place, data: str, owner: Operation) -> str:
        """A value from around a loop, the same in all its iterations."""
        name = f"{owner.name}/Enter/{_plain(place.name)}"
        node = self.make(name, "RefEnter" if place.is_ref else "Enter", [data], T=place.dtype)
        self.say_frame(node, owner)
        node.attr["is_constant"].CopyFrom(message_of("bool", True))
        return name

    def say_frame(self, node: NodeDef, owner: Operation) -> None:
        node.attr["frame_name"].CopyFrom(message_of("string", f"{owner.name}/frame"))
        count = 1 if _is_serial(owner) else 10
        node.attr["parallel_iterations"].CopyFrom(message_of("int", count))

    def _pred(self, owner: Operation) -> str:
        return self.tensor(owner.inputs[0], owner.body)

    def loop_of(self, body: Body | None) -> Operation | None:
        """The innermost loop in which a body is."""
        while body in self.regions:
            owner, side = self.regions[body]
            if side is None:
                return owner
            body = owner.body
        return None

    # ---- what has to wait ----------------------------------------------------------------------

    def pivot(self, body: Body) -> str:
        """An operation that is alive when the body is."""
        owner, side = self.regions[body]
        if side is None:
            return body.parameters[0].op.name
        name = f"{owner.name}_sides/switch_{'t' if side else 'f'}"
        pred = Place(self._reference(owner.inputs[0]), 10, owner.inputs[0].op.body)
        self.make(name, "Identity", [self.seen(pred, body)], T=10)
        return name

    def inputs(self, op: Operation, tensors: list[Tensor]) -> list[str]:
        """What an operation takes, by names, and what it waits for to be alive when its body is."""
        body = op.body
        if body not in self.regions:
            return [self._reference(tensor) for tensor in tensors]
        taken = [self.tensor(tensor, body) for tensor in tensors]
        is_inside = self.regions[body].side is not None or any(t.op.body is body for t in tensors)
        return taken if taken and is_inside else [*taken, f"^{self.pivot(body)}"]

    def waits(self, op: Operation, controls: list[Operation]) -> list[str]:
        """What an operation waits for: within its loop; around that its loop waits for it."""
        loop = self.loop_of(op.body)
        return [f"^{other.name}" for other in controls if self.loop_of(other.body) is loop]

    # ---- values of an iteration that is over ---------------------------------------------------

    def _of_mirror(self, place: Place, body: Body) -> str:
        """A value of the call that this one is the gradient of."""
        loop = self.loop_of(place.body)
        if loop is None or loop is self.loop_of(body):
            return place.name
        key = place.name, body
        if key not in self._recalled:
            self._recalled[key] = (
                self._popped(place, body, loop)
                if place.constant is None
                else self._again(place.constant, body)
            )
        return self._recalled[key]

    def _again(self, constant: Operation, body: Body) -> str:
        """A constant of the forward pass, once more."""
        owner = self.regions[body].owner
        name = self.unique(f"{owner.name}/Const/{constant.name}")
        node = self.make(name, "Const", [f"^{self.pivot(body)}"])
        dtype, value = constant.outputs[0].dtype, constant.attrs["value"]
        node.attr["dtype"].CopyFrom(message_of("type", dtype))
        node.attr["value"].CopyFrom(message_of("tensor", tensor_message(value, dtype)))
        return name

    def _popped(self, place: Place, body: Body, loop: Operation) -> str:
        """A value from the stack on which each iteration of the forward loop puts it. Of loops in
        loops all iterations use one stack: the gradient goes through them in the reverse order."""
        assert place.body is not None
        name = f"{self.regions[body].owner.name}/stacks/{_plain(place.name)}"
        stack = self._stack(name, place, self._around_both(place.body, body))
        given = [self.seen(stack, place.body), place.name, f"^{self.pivot(place.body)}"]
        self.make(f"{name}/StackPushV2", "StackPushV2", given, T=place.dtype)
        self._pushes.setdefault(loop, []).append(f"{name}/StackPushV2")
        taken = [self.seen(stack, body), f"^{self.pivot(body)}"]
        self.make(f"{name}/StackPopV2", "StackPopV2", taken, elem_type=place.dtype)
        return f"{name}/StackPopV2"

    def _around_both(self, body: Body | None, other: Body) -> Body | None:
        """The innermost body in which both are."""
        around: list[Body | None] = [other]
        while around[-1] in self.regions:
            around.append(self.regions[around[-1]].owner.body)
        while body is not None and body not in around:
            body = self.regions[body].owner.body
        return body

    def _stack(self, name: str, place: Place, body: Body | None) -> Place:
        waits = [f"^{self.pivot(body)}"] if body in self.regions else []
        node = self.make(f"{name}/Const", "Const", waits, dtype=int32.as_datatype_enum)
        node.attr["value"].CopyFrom(message_of("tensor", tensor_message(-1, int32)))
        self.make(name, "StackV2", [f"{name}/Const"], elem_type=place.dtype)
        return Place(name, resource.as_datatype_enum, body)

    # ---- nodes ---------------------------------------------------------------------------------

    def unique(self, name: str) -> str:
        """A name that no operation has."""
        found, count = name, 0
        while found in self._taken or found in self._made:
            count += 1
            found = f"{name}_{count}"
        return found

    def make(self, name: str, op: str, inputs: list[str], **types: int) -> NodeDef:
        """A node that the graph has not; the one of that name, if it was asked for before."""
        if name not in self._made:
            node = NodeDef(name=name, op=op, input=inputs)
            for attr, number in types.items():
                node.attr[attr].CopyFrom(message_of("type", number))
            self._made[name] = node
        return self._made[name]

    def merges(self, op: Operation) -> Iterator[NodeDef]:
        """A Merge for each output of a condition."""
        for i, tensor in enumerate(op.outputs):
            node = NodeDef(name=f"{op.name}_{i}" if i else op.name, op="Merge")
            for name in reversed(SIDES):
                body = op.attrs[name]
                node.input.append(self.tensor(body.results[i], body))
            node.attr["T"].CopyFrom(message_of("type", self.type_of(tensor)))
            node.attr["N"].CopyFrom(message_of("int", 2))
            yield node

    def all_pushed(self, loop: Operation) -> str:
        """What runs once an iteration has put its values on the stacks; it is alive even where the
        side on which one of them is made was not taken."""
        self._pushes.setdefault(loop, [])
        return f"{loop.name}/stacks/all_pushed"

    def added(self) -> Iterator[NodeDef]:
        """The nodes that were asked for, and that the graph has not."""
        yield from self._made.values()
        for loop, pushes in self._pushes.items():
            waits = [self.pivot(loop.attrs["body"]), *pushes]
            node = NodeDef(name=self.all_pushed(loop), op="ControlTrigger")
            node.input.extend(f"^{name}" for name in waits)
            yield node


def _is_own(op: Operation) -> bool:
    """Whether a file has to say it another way: a loop, or an array that is handed on."""
    return op.type in LOOPS or any(tensor.dtype.base_dtype is variant for tensor in op.outputs)


def _is_serial(owner: Operation) -> bool:
    """Whether the iterations of a loop come one after the other, so that stacks are in order."""
    body: Body = owner.attrs["body"]
    if owner.type == "WhileGradient" or body.mirrored:
        return True
    users = owner.graph.consumers(owner.outputs[-1])
    return any(user.type == "WhileGradient" for user in users) or any(
        op.definition.writes for op in body.operations
    )


def _can_be_whole(graph: Graph) -> bool:
    """Whether all bodies of a graph can be flat, with all that is in them."""
    for op in graph.operations:
        if op.definition.calls:
            if op.type not in (*_OWNERS, "OldLoop") and not bodies.brings_data(op.type):
                return False
        elif op.body is not None and op.definition.is_variable:
            return False
    return True


def _plain(name: str) -> str:
    """What a tensor is called inside of a name."""
    op, colon, number = name.rpartition(":")
    return f"{op}_{number}" if colon else f"{name}_0"


def _with_inner(bodies: list[Body], owners: list[Operation]) -> set[Body]:
    """The branches, with those of the conditions inside them."""
    found = set(bodies)
    for op in reversed(owners):
        if op.body in found:
            found.update(op.attrs[name] for name in SIDES if name in op.attrs)
    return found
