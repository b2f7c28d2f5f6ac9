"""The nodes of a file, looked at without trusting them: what is missing or wrong is not told, and
nothing here raises for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from graphscope.formats.attributes import shape_from, value_of
from graphscope.formats.frames import maker
from graphscope.formats.messages import NodeDef
from graphscope.formats.opened.facts import Sizes, TensorFact
from graphscope.formats.operations import types_of
from graphscope.formats.signatures import signature
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.shapes import TensorShape
from graphscope.platform.tensors import DATA_TYPES, TensorProto, array_of

#: A shape with more sizes is none.
_MOST_SIZES = 254
#: What passes a value on as it is.
PASSING = ("Identity", "Cast", "ReadVariableOp", "StopGradient", "Snapshot", "Enter", "RefEnter")

Output = tuple[str, int]


class Nodes:
    """The nodes of a graph by their names, what each takes, and who takes what it gives."""

    def __init__(self, nodes: Sequence[NodeDef]) -> None:
        self.all = nodes
        self.by_name: dict[str, NodeDef] = {}
        twice = 0
        for node in nodes:
            twice += node.name in self.by_name
            self.by_name.setdefault(node.name, node)
        self.taken = {
            name: [(r, 0) if r in self.by_name else maker(r) for r in node.input]
            for name, node in self.by_name.items()
        }
        self.problems = [f"{twice} nodes have names that others have"] if twice else []
        nowhere = [
            (taker, name)
            for taker, taken in self.taken.items()
            for name, _ in taken
            if name not in self.by_name
        ]
        if nowhere:
            taker, name = nowhere[0]
            many = f", and {len(nowhere) - 1} more such" if len(nowhere) > 1 else ""
            self.problems.append(f"{taker} takes {name}, which is not there{many}")

    @cached_property
    def users(self) -> dict[str, list[tuple[str, int]]]:
        """For each node who takes what it gives, and which output; -1 for who waits for it."""
        found: dict[str, list[tuple[str, int]]] = {}
        for taker, taken in self.taken.items():
            for name, number in taken:
                found.setdefault(name, []).append((taker, number))
        return found

    def of(self, *types: str) -> Iterator[NodeDef]:
        return (node for node in self.all if node.op in types)

    def data(self, node: NodeDef) -> list[Output]:
        """What a node takes, without what it waits for."""
        return [output for output in self.taken.get(node.name, ()) if output[1] >= 0]

    def argument(self, node: NodeDef, name: str) -> Output | None:
        """What a node takes as the argument of that name."""
        known, taken = signature(node.op), self.data(node)
        if known is None or any(a.number or a.many for a in known.inputs):
            return None
        places = (i for i, argument in enumerate(known.inputs) if argument.name == name)
        at = next(places, None)
        return None if at is None or at >= len(taken) else taken[at]

    def source(self, output: Output) -> Output:
        """Where a value comes from, past what passes it on."""
        for _ in range(_LONGEST):
            node = self.by_name.get(output[0])
            if node is None or node.op not in PASSING:
                break
            taken = self.data(node)
            if not taken:
                break
            output = taken[0]
        return output

    def behind(self, output: Output) -> Iterator[NodeDef]:
        """The nodes that a value is computed from, the nearest first; not too many of them."""
        names, at = [output[0]], 0
        known = set(names)
        while at < min(len(names), _MOST_BEHIND):
            node = self.by_name.get(names[at])
            at += 1
            if node is None:
                continue
            yield node
            for name, number in self.taken[node.name]:
                if number >= 0 and name not in known:
                    known.add(name)
                    names.append(name)

    def tensor(self, output: Output) -> TensorFact:
        """What is told of an output."""
        name, number = output
        node = self.by_name.get(name)
        if node is None:
            return TensorFact(written(output), "", None)
        types = output_types(node)
        dtype = types[number].name.removesuffix("_ref") if number < len(types) else ""
        return TensorFact(written(output), dtype, self._sizes(node, number))

    def _sizes(self, node: NodeDef, number: int) -> Sizes:
        for name in ("_output_shapes", "output_shapes"):
            shapes = attr(node, name)
            if isinstance(shapes, list) and number < len(shapes):
                return sizes_of(shapes[number])
        return sizes_of(attr(node, "shape")) if number == 0 else None


_LONGEST, _MOST_BEHIND = 64, 256


def written(output: Output) -> str:
    return f"{output[0]}:{output[1]}"


def output_types(node: NodeDef) -> list[DType]:
    """The types of what a node gives, as far as they are told."""
    try:
        return types_of(node, ()) or []
    except (AttributeError, OverflowError):
        return []


def attr(node: NodeDef, name: str) -> Any:
    """The value of an attribute; None where there is none, or none that makes sense."""
    if name not in node.attr:
        return None
    try:
        return value_of(node.attr[name])
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None


def sizes_of(shape: Any) -> Sizes:
    """The sizes of a shape; None for what is no shape."""
    if not isinstance(shape, TensorShape) or shape.sizes is None:
        return None
    return shape.sizes if len(shape.sizes) <= _MOST_SIZES else None


def told_sizes(message: Any) -> Sizes:
    """The sizes that a message tells."""
    try:
        return sizes_of(shape_from(message))
    except (TypeError, ValueError):
        return None


def dtype_name(number: Any) -> str:
    """What a type is called by its number in files."""
    try:
        return as_dtype(number).name.removesuffix("_ref")
    except (TypeError, ValueError, KeyError):
        return DATA_TYPES.get(number, f"type {number}").removeprefix("DT_").lower()


def number_in(node: NodeDef | None) -> float | None:
    """The number that a constant holds; None for what is no single number."""
    if node is None or node.op != "Const" or "value" not in node.attr:
        return None
    message = node.attr["value"].tensor
    if any(dim.size != 1 for dim in message.tensor_shape.dim):
        return None
    array = _array(message)
    if array is None or array.size != 1 or array.dtype.kind not in "biuf":
        return None
    return single(array)


def single(array: Any) -> float:
    """The only number of an array: 0.1 of a float32, and not all its digits."""
    number = array.reshape(())[()]
    return float(str(number)) if array.dtype.kind == "f" else float(number)


def _array(message: TensorProto) -> Any:
    try:
        return array_of(message)
    except (TypeError, ValueError, OverflowError, MemoryError):
        return None


def texts_in(node: NodeDef | None) -> list[str]:
    """The texts that a constant holds."""
    if node is None or "value" not in node.attr:
        return []
    return [text.decode(errors="replace") for text in node.attr["value"].tensor.string_val]


def calls(node: NodeDef) -> Iterator[str]:
    """The functions that a node names, without the bodies that it owns itself."""
    for value in node.attr.values():
        if "func" in value.__dict__ and "parameters" not in value.func.attr:
            yield value.func.name
        elif "list" in value.__dict__:
            yield from (each.name for each in value.list.func)
