"""`Draft`: a meta graph that is being changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from graphscope.errors import Lesson, did_you_mean, teach
from graphscope.formats.frames import maker
from graphscope.formats.messages import (
    CollectionDef,
    GraphDef,
    MetaGraphDef,
    NodeDef,
    VariableMessage,
)
from graphscope.formats.signatures import signature
from graphscope.formats.wholes import WHOLE

VARIABLES = ("Variable", "VariableV2", "VarHandleOp")
#: What hands on the place of a variable.
_SAME_PLACE = ("Identity", "RefIdentity", "Enter", "RefEnter", "Switch", "RefSwitch")
#: What operations that write into variables begin with.
_WRITING = ("Assign", "Apply", "SparseApply", "Scatter", "CountUpTo", "StridedSliceAssign")
_WRITING_RESOURCES = ("ResourceApply", "ResourceSparseApply", "ResourceScatter")
_RESOURCE = "@20"


class Edited(NamedTuple):
    """A changed meta graph, and what was done, a sentence for each thing."""

    meta_graph: MetaGraphDef
    changes: tuple[str, ...]


class Draft:
    """A meta graph that is being changed: the nodes are those of the original until `changed`.

    nodes: by their names, in order. said: what was done.
    """

    def __init__(self, meta_graph: MetaGraphDef) -> None:
        self.meta_graph = copy.copy(meta_graph)
        self.meta_graph.__dict__["_given"] = set(vars(meta_graph)["_given"])
        self.nodes: dict[str, NodeDef] = {node.name: node for node in meta_graph.graph_def.node}
        self.said: list[str] = []
        self._own: set[str] = set()
        #: What a file of GraphScope says of its loops beside TensorFlow's operations is left out.
        self.forgets_loops = False

    def edited(self) -> Edited:
        """What has become of it."""
        before = self.meta_graph.graph_def
        made = GraphDef()
        made.__dict__.update({name: v for name, v in vars(before).items() if name != "node"})
        self._check_carried()
        made.node.extend(self.nodes.values())
        self.meta_graph.adopt("graph_def", made)
        return Edited(self.meta_graph, tuple(self.said))

    def _check_carried(self) -> None:
        """A file of GraphScope carries its loops once more; not those that have been changed."""
        carrier = next((name for name, node in self.nodes.items() if WHOLE in node.attr), None)
        if carrier is None:
            return
        held = list(self.nodes[carrier].attr[WHOLE].list.s)
        another = {node.name for node in GraphDef.FromString(held[0]).node}
        another.update(name.decode() for name in held[1:])
        if self.forgets_loops or not another.isdisjoint(self._own):
            del self.changed(carrier).attr[WHOLE]

    # ---- looking -------------------------------------------------------------------------------

    def node(self, name: str) -> NodeDef:
        """The node of an operation or a tensor of that name. Errors: ValueError without one."""
        found = self.nodes.get(name.partition(":")[0])
        if found is None:
            raise unknown("The file has no node", name, self.nodes)
        return found

    def takes(self, node: NodeDef, argument: str) -> str | None:
        """What a node takes as the argument of that name; None when it has no such."""
        known = signature(node.op)
        names = [] if known is None else [one.name for one in known.inputs]
        at = names.index(argument) if argument in names else len(node.input)
        return node.input[at] if at < len(node.input) else None

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """For each node the names of those that take something of it, or wait for it."""
        found: dict[str, list[str]] = {name: [] for name in self.nodes}
        for name, node in self.nodes.items():
            for other in dict.fromkeys(maker(reference)[0] for reference in node.input):
                found.setdefault(other, []).append(name)
        return found

    def before(self, names: Iterable[str]) -> set[str]:
        """These nodes, with all that they need."""
        queue = [name for name in dict.fromkeys(names) if name in self.nodes]
        found = set(queue)
        for name in queue:
            for reference in self.nodes[name].input:
                other, _ = maker(reference)
                if other in self.nodes and other not in found:
                    found.add(other)
                    queue.append(other)
        return found

    def after(self, names: Iterable[str]) -> set[str]:
        """These nodes, with all that need them."""
        queue = list(dict.fromkeys(names))
        found = set(queue)
        for name in queue:
            for other in self.users.get(name, ()):
                if other not in found:
                    found.add(other)
                    queue.append(other)
        return found

    def written_by(self, node: NodeDef) -> Iterator[str]:
        """The variables into which a node writes, by their names."""
        known = signature(node.op)
        if known is None or not node.op.startswith((*_WRITING, *_WRITING_RESOURCES)):
            return
        for argument, reference in zip(known.inputs, node.input, strict=False):
            if argument.is_ref or argument.type == _RESOURCE:
                place = self.place_of(reference)
                if place is not None:
                    yield place

    @cached_property
    def writers(self) -> dict[str, list[str]]:
        """For each variable the nodes that write into it."""
        found: dict[str, list[str]] = {}
        for name, node in self.nodes.items():
            for variable in self.written_by(node):
                found.setdefault(variable, []).append(name)
        return found

    @cached_property
    def initializers(self) -> dict[str, set[str]]:
        """For each variable what gives it its first value, as the collections tell."""
        found: dict[str, set[str]] = {}
        for key in ("variables", "trainable_variables", "local_variables"):
            for told in self.variables(key):
                name = told.variable_name.partition(":")[0]
                found.setdefault(name, set()).add(told.initializer_name.partition(":")[0])
        return found

    def place_of(self, reference: str) -> str | None:
        """The variable whose place a reference is, also through what hands it on."""
        node = self.nodes.get(maker(reference)[0])
        seen = 0
        while node is not None and node.op in _SAME_PLACE and node.input and seen < 64:
            node = self.nodes.get(maker(node.input[0])[0])
            seen += 1
        return node.name if node is not None and node.op in VARIABLES else None

    @cached_property
    def train_ops(self) -> list[str]:
        """What is fetched to train: as the collection tells, or else what waits for updates."""
        told = [name.partition(":")[0] for name in self.node_list("train_op")]
        known = [name for name in told if name in self.nodes]
        if known:
            return known
        steps = [name for name, node in self.nodes.items() if is_step(node)]
        return [n for n in self.after(steps) if not self.users.get(n)]

    # ---- collections ---------------------------------------------------------------------------

    def node_list(self, key: str) -> list[str]:
        if key not in self.meta_graph.collection_def:
            return []
        return list(self.meta_graph.collection_def[key].node_list.value)

    def variables(self, key: str) -> list[VariableMessage]:
        """The variables of a collection, as messages."""
        if key not in self.meta_graph.collection_def:
            return []
        told = self.meta_graph.collection_def[key].bytes_list.value
        return [VariableMessage.FromString(value) for value in told]

    def variable_named(self, name: str) -> str:
        """The name of a variable's node. Errors: ValueError without a variable of that name."""
        plain = name.partition(":")[0]
        node = self.nodes.get(plain)
        if node is not None and node.op in VARIABLES:
            return plain
        variables = [n.name for n in self.nodes.values() if n.op in VARIABLES]
        if node is not None:
            read = self.place_of(node.input[0]) if node.input else None
            if read is not None and node.op in ("Identity", "ReadVariableOp"):
                return read
            raise ValueError(f"{plain} is no variable: it is a node of type {node.op}.")
        raise unknown("The file has no variable", name, variables)

    # ---- changing ------------------------------------------------------------------------------

    def changed(self, name: str) -> NodeDef:
        """The node of that name, to be changed."""
        if name not in self._own:
            self.nodes[name] = copy.deepcopy(self.nodes[name])
            self._own.add(name)
        return self.nodes[name]

    def rewire(self, name: str, inputs: list[str]) -> None:
        self.changed(name).input[:] = inputs
        self.__dict__.pop("users", None)

    def replace(self, name: str, node: NodeDef) -> None:
        """Put another node in the place of one."""
        self.nodes[name] = node
        self._own.add(name)
        self.__dict__.pop("users", None)

    def change_collections(
        self, change: Callable[[str, CollectionDef], CollectionDef | None]
    ) -> None:
        """Each collection as `change` gives it; without those for which it gives None."""
        before = self.meta_graph.collection_def
        made = type(before)()
        for key, collection in before.items():
            new = change(key, collection)
            if new is not None:
                made[key] = new
        self.meta_graph.__dict__["collection_def"] = made


def is_step(node: NodeDef) -> bool:
    """Whether a node is the update of a variable by an optimizer."""
    return rate_argument(node) is not None


def rate_argument(node: NodeDef) -> str | None:
    """What an optimizer's operation calls its learning rate; None for another operation."""
    if "Apply" not in node.op:
        return None
    known = signature(node.op)
    names = [] if known is None else [argument.name for argument in known.inputs]
    return next((name for name in ("lr", "alpha") if name in names), None)


def unknown(what: str, name: str, known: Iterable[str]) -> ValueError:
    """The error for a name that is not there, with the names that are near."""
    hint = did_you_mean(name.partition(":")[0], known)
    return teach(ValueError(f"{what} {name!r}."), Lesson(hint=[hint] if hint else []))
