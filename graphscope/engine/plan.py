"""What runs for a fetch, in which order, and what does not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from graphscope.graph.body import Body, Rerun
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.kernels.collecting import paused
from graphscope.ops.state import variable_of, written

#: Of most nodes the variables that were written before them.
_NOTHING: frozenset[Operation] = frozenset()

#: Operations of old files that know two sides, of which one is dead.
_WITH_SIDES = ("Switch", "RefSwitch", "Merge", "RefMerge")


class Phase(Enum):
    """The part of a training step that a node belongs to."""

    FORWARD = "FWD"
    BACKWARD = "BWD"
    UPDATE = "UPD"

    def __str__(self) -> str:
        return self.value


class KernelCall(NamedTuple):
    """A node that runs as one call of its kernel and gives one value.

    places:  where its arguments are: tensors, or the names of variables, which are read when it
             runs; reads: whether there are any of these.
    written: the name of the variable that the value is written to; empty when there is none.
    """

    kernel: Callable[..., Any]
    attrs: dict[str, Any]
    places: Sequence[Any]
    reads: bool
    output: Tensor
    written: str


@dataclass(frozen=True, eq=False)
class Plan:
    """The part of a graph that a set of fetches needs, given a set of feeds.

    nodes:    what will run, in order.
    given:    what is known before the first node: constants, variables, fed placeholders.
    because:  for each needed operation the one that asked for it; fetches are not in it.
    graph_size: how many operations the graph had when the plan was made.

    The branches and loops that its nodes own have plans of their own: see `of_body`.
    """

    graph: Graph
    fetches: tuple[Tensor | Operation, ...]
    feeds: frozenset[Tensor]
    nodes: tuple[Operation, ...]
    given: tuple[Operation, ...]
    because: dict[Operation, Operation]
    graph_size: int = 0
    _bodies: dict[Body, Plan] = field(default_factory=dict)

    def of_body(self, body: Body) -> Plan:
        """What runs when a branch or a loop's body is called: what its results need of it."""
        if body not in self._bodies:
            if isinstance(body, Rerun):
                made = plan(self.graph, (*body.results, *body.wanted))
            else:
                made = plan(self.graph, body.results, self.feeds, body)
            self._bodies[body] = made
        return self._bodies[body]

    def reordered(self, order: Callable[[Plan], tuple[Operation, ...]]) -> Plan:
        """The same nodes in another order, which is given for this plan and for those of all
        branches and loops. It has to be one in which each node comes after what it waits for."""
        made = replace(self, nodes=order(self), _bodies={})
        for old, new in (queue := [(self, made)]):
            for body in (b for op in old.nodes for b in bodies(op)):
                inner = old.of_body(body)
                new._bodies[body] = replace(inner, nodes=order(inner), _bodies={})
                queue.append((inner, new._bodies[body]))
        return made

    @cached_property
    def owned(self) -> dict[Body, tuple[Operation, Plan]]:
        """All bodies, also those inside others, each with its owner and its plan."""
        found: dict[Body, tuple[Operation, Plan]] = {}
        for outer in (queue := [self]):
            for op in outer.nodes:
                for body in bodies(op):
                    if body not in found:  # a queue may be filled for several
                        found[body] = op, outer.of_body(body)
                        queue.append(found[body][1])
        return found

    @cached_property
    def inner(self) -> tuple[Plan, ...]:
        """The plans of all branches and loops, also of those inside others."""
        return tuple(inside for _, inside in self.owned.values())

    def owner(self, op: Operation) -> Operation | None:
        """What runs the branch or the loop in which the operation is; None outside of all."""
        if op.body in self.owned:
            return self.owned[op.body][0]
        if op.body is not None or op in self.position:
            return None
        parts = ((own, part) for body, (own, part) in self.owned.items() if type(body) is Rerun)
        return next((own for own, part in parts if op in part.position), None)

    def outermost(self, op: Operation) -> Operation:
        """The node of this plan itself of which `op` is a part: it, or what owns its bodies."""
        while (owner := self.owner(op)) is not None:
            op = owner
        return op

    @cached_property
    def everything(self) -> tuple[Operation, ...]:
        """All nodes that may run, those of branches and loops among them, in order of creation."""
        nodes = {*self.nodes, *(op for inner in self.inner for op in inner.nodes)}
        return tuple(sorted(nodes, key=lambda op: op._id)) if self.inner else self.nodes

    @cached_property
    def position(self) -> dict[Operation, int]:
        """The place of each node in the order, from 0."""
        return {op: i for i, op in enumerate(self.nodes)}

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, op: object) -> bool:
        return op in self.needed

    @cached_property
    def needed(self) -> frozenset[Operation]:
        """What runs or may run, and what is given, also inside branches and loops."""
        return frozenset(op for part in (self, *self.inner) for op in (*part.nodes, *part.given))

    @cached_property
    def has_sides(self) -> bool:
        """Whether it has Switches of an old file, so that some of its nodes may be dead."""
        return any(op.definition.type in _WITH_SIDES for op in self.nodes)

    @cached_property
    def on_sides(self) -> frozenset[Operation]:
        """The nodes that may be dead: they take what a Switch gives, or wait for such a node."""
        found: set[Operation] = set()
        for op in self.nodes:
            taken = {tensor.op for tensor in op.inputs if tensor not in self.feeds}
            switched = any(other.type in ("Switch", "RefSwitch") for other in taken)
            inherited = switched or not found.isdisjoint(taken | set(op.control_inputs))
            if inherited and op.type not in ("Merge", "RefMerge", "ControlTrigger"):
                found.add(op)
        return frozenset(found)

    @cached_property
    def placeholders(self) -> tuple[Tensor, ...]:
        """The placeholders whose value is needed, fed or not."""
        fed = [t for t in self.feeds if t.op.type == "Placeholder" and t in self.used_feeds]
        wanted = [*self.missing, *fed]
        return tuple(sorted(wanted, key=lambda tensor: tensor.op._id))

    @cached_property
    def missing(self) -> tuple[Tensor, ...]:
        """The placeholders whose value is needed and not fed."""
        own = (*self.given, *self.nodes)
        wanted = [op.outputs[0] for op in own if op.definition.type == "Placeholder"]
        return tuple(sorted((t for t in wanted if t not in self.feeds), key=lambda t: t.op._id))

    @cached_property
    def used_feeds(self) -> frozenset[Tensor]:
        """The feeds that something in the plan takes or waits for, or that are fetched."""
        taken = {tensor for op in self.nodes for tensor in op.inputs}
        awaited = {tensor for op in self.given for tensor in op.outputs}
        return self.feeds & (taken | awaited | set(self.fetches))

    @cached_property
    def variables(self) -> tuple[Operation, ...]:
        """The variables that something in the plan reads or writes."""
        return tuple(op for op in self.given if op.definition.is_variable)

    @cached_property
    def phases(self) -> dict[Operation, Phase]:
        """The phase of each node: update when it writes a variable or comes after one that does,
        backward when it is a gradient or comes after one, forward otherwise. What owns bodies comes
        after all that is in them."""
        phases: dict[Operation, Phase] = {}
        for op in self.everything:
            before = {phases.get(other) for other in parents(op)}
            for body in bodies(op):
                before.update(phases.get(other) for other in self.owned[body][1].nodes)
            if op.definition.writes or Phase.UPDATE in before:
                phases[op] = Phase.UPDATE
            elif op.gradient_of is not None or Phase.BACKWARD in before:
                phases[op] = Phase.BACKWARD
            else:
                phases[op] = Phase.FORWARD
        return phases

    @cached_property
    def written_before(self) -> dict[Operation, frozenset[Operation]]:
        """For each node the variables that are written by what it waits for."""
        before: dict[Operation, frozenset[Operation]] = {}
        after: dict[Operation, frozenset[Operation]] = {}
        for op in self.nodes:
            found = _NOTHING
            for other in parents(op, self.feeds):
                behind = after.get(other)
                if behind is None:  # given, or around the body
                    behind = after[other] = self._and_written_by(other, _NOTHING)
                if behind is not found:  # mostly one set is handed on from node to node
                    found = found | behind if found else behind
            before[op] = found
            after[op] = self._and_written_by(op, found)
        return before

    def _and_written_by(self, op: Operation, before: frozenset[Operation]) -> frozenset[Operation]:
        if op.definition.writes or op.definition.calls:
            return before.union(self.written_by(op))
        return before

    def written_by(self, op: Operation) -> Iterable[Operation]:
        """The variables that a node writes, itself or in its bodies."""
        if not op.definition.calls:
            return written(op)
        inside = (self.of_body(body).everything for body in bodies(op))
        return (variable for node in (op, *chain(*inside)) for variable in written(node))

    @cached_property
    def readings(self) -> dict[Operation, tuple[Operation | None, ...]]:
        """For each node that takes variables: which one each input stands for, or None. A variable
        is read when the node runs; what is no variable has its value from before."""
        found = {}
        written_before = self.written_before
        for op in self.nodes:
            if not written_before[op] and not any(tensor.dtype.is_ref for tensor in op.inputs):
                continue
            variables = tuple(
                variable_of(tensor)
                if tensor.dtype.is_ref and tensor not in self.feeds
                else self.sees_written(op, tensor)
                for tensor in op.inputs
            )
            if any(variable is not None for variable in variables):
                found[op] = variables
        return found

    @cached_property
    def writings(self) -> dict[Operation, tuple[str, ...]]:
        """For each node that writes: the names of the variables."""
        return {
            op: tuple(variable.name for variable in written(op))
            for op in self.nodes
            if op.definition.writes
        }

    @cached_property
    def made(self) -> dict[str, Any]:
        """What others have made of the plan, for its next run. Another order has its own."""
        return {}

    @cached_property
    def writes_once(self) -> bool:
        """Whether no variable is written by two nodes."""
        names = [name for written in self.writings.values() for name in written]
        return len(names) == len(set(names))

    @cached_property
    def calls(self) -> dict[Operation, KernelCall]:
        """The nodes that are one call of their kernel, prepared; not those that own bodies, that
        keep something, that give several values, or whose inputs are checked."""
        with paused():
            prepared = ((op, self._call(op)) for op in self.nodes)
            return {op: call for op, call in prepared if call is not None}

    def _call(self, op: Operation) -> KernelCall | None:
        declared = op.definition
        if declared.calls or declared.keeps or declared.takes_uninitialized or declared.has_list:
            return None
        if len(op.outputs) != 1 or declared.writes > 1:
            return None
        if declared.writes and op.inputs[0] in self.feeds:
            return None
        places: Sequence[Any] = op.inputs
        variables = self.readings.get(op)
        if variables is not None:
            pairs = zip(places, variables, strict=True)
            places = [tensor if v is None else v.name for tensor, v in pairs]
        reads, output = variables is not None, op.outputs[0]
        written = self.writings[op][0] if declared.writes else ""
        return KernelCall(declared.kernel, op.attrs, places, reads, output, written)

    def sees_written(self, op: Operation, tensor: Tensor) -> Operation | None:
        """The variable whose present value `op` sees through `tensor`, an earlier reading of it.

        The Identity of a variable is no copy but the variable's own memory: an operation that waits
        for a write sees what was written, also through a reading from before it (as with
        TensorFlow's ref variables). Without such an order the reading keeps its value.
        """
        if not self.written_before[op]:
            return None
        while tensor.op.type == "Identity" and tensor not in self.feeds:
            tensor = tensor.op.inputs[0]
        if not tensor.dtype.is_ref or tensor in self.feeds:
            return None
        variable = variable_of(tensor)
        return variable if variable in self.written_before[op] else None

    def count(self) -> Counter[Phase]:
        return Counter(self.phases.values())

    def path(self, op: Operation) -> list[Operation]:
        """From the fetch down to `op`, each needed by the one before it; empty when not needed.
        What is inside a branch or a loop is needed by what owns it."""
        if op not in self.needed and op not in map(operation, self.fetches):
            return []
        path: list[Operation] = []
        while True:
            owner, part = self.owned.get(op.body, (None, self)) if op.body else (None, self)
            asking: Operation | None = op
            while asking is not None:
                path.append(asking)
                asking = part.because.get(asking)
            if owner is None:
                return path[::-1]
            op = owner

    def skipped(self) -> Iterator[Operation]:
        """What cannot run, in order of creation."""
        return (op for op in self.graph.operations if op not in self.needed)


#: The order of creation.
_NUMBER = attrgetter("_id")


def plan(
    graph: Graph,
    fetches: Sequence[Tensor | Operation],
    feeds: Iterable[Tensor] = (),
    body: Body | None = None,
) -> Plan:
    """Prune the graph to what the fetches need. A fed tensor hides everything above it.

    body: the branch or loop whose plan is made; what is around it is there when it is called.

    An operation is made after its inputs, so the order of creation is an order of execution; it is
    the one that is used.
    """
    fed = frozenset(feeds)
    wanted = [f for f in fetches if not (isinstance(f, Tensor) and f in fed)]
    queue = list(dict.fromkeys(op for op in map(operation, wanted) if op.body is body))
    because: dict[Operation, Operation] = {}
    needed = dict.fromkeys(queue)
    loops: list[Operation] = []
    rings: dict[Body, Plan] = {}
    for op in queue:  # breadth first, so that the path to each node is a shortest one
        if op.definition.type == "OldLoop":
            loops.append(op)
        else:
            for other in parents(op, fed):
                if other not in needed and other.body is body:
                    needed[other] = None
                    because[other] = op
                    queue.append(other)
        if loops and op is queue[-1]:
            for loop in loops:
                rings[loop.attrs["body"]] = inner = _ring(graph, loop, needed, wanted, fed)
                for other in _around(inner):
                    if other not in needed and other.body is body:
                        needed[other] = None
                        because[other] = loop
                        queue.append(other)
    nodes: list[Operation] = []
    given: list[Operation] = []
    for op in sorted(needed, key=_NUMBER):
        (given if is_given(op) else nodes).append(op)
    return Plan(
        graph=graph,
        fetches=tuple(fetches),
        feeds=fed,
        nodes=tuple(nodes),
        given=tuple(given),
        because=because,
        graph_size=len(graph.operations),
        _bodies=rings,
    )


def _ring(
    graph: Graph,
    loop: Operation,
    needed: Iterable[Operation],
    fetches: Sequence[Tensor | Operation],
    fed: frozenset[Tensor],
) -> Plan:
    """What runs in the frame of an old loop for those of its values that are needed outside."""
    taken = {tensor for op in needed for tensor in op.inputs} | set(fetches)
    pairs, body = zip(loop.outputs, loop.attrs["leaving"], strict=True), loop.attrs["body"]
    results = [inside for out, inside in pairs if out in taken]
    while True:
        inner = plan(graph, results, fed, body)
        rounds = zip(body.parameters, body.results, strict=False)
        more = [after for before, after in rounds if before.op in inner.given]
        if set(more) <= set(results):
            return inner
        results += [after for after in more if after not in results]


def _around(inner: Plan) -> Iterator[Operation]:
    """What the nodes of a body, and of the loops in it, need from around them."""
    for part in (inner, *inner.inner):
        for op in part.nodes:
            if op.type != "OldLoop":
                yield from parents(op, inner.feeds)


def parents(op: Operation, fed: frozenset[Tensor] = frozenset()) -> list[Operation]:
    """The operations that must come before `op`; those of fed inputs need not.

    The gradient of a loop waits for the loop, whatever is fed: it goes back through its calls.
    """
    inputs = op.inputs
    if op.definition.calls:
        mirrored = {body.mirror for body in bodies(op)}
        found = [t.op for t in inputs if t not in fed or not mirrored.isdisjoint(bodies(t.op))]
    else:
        found = [tensor.op for tensor in inputs if tensor not in fed]
    return found + op.control_inputs if op.control_inputs else found


def bodies(op: Operation) -> tuple[Body, ...]:
    """The branches or loops that an operation owns."""
    if not op.definition.calls:
        return ()
    found = (v if isinstance(v, list | tuple) else (v,) for v in op.attrs.values())
    return tuple(value for values in found for value in values if isinstance(value, Body))


def operation(element: Tensor | Operation) -> Operation:
    return element.op if isinstance(element, Tensor) else element


def is_given(op: Operation) -> bool:
    """True when the value is there before the run begins. One that waits for others is a node."""
    return op.definition.given and not op.control_inputs
