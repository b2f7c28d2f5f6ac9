"""What the rules look at: the graph of a fetch, with what is known of its runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from graphscope.debug.classes import source_of
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.rules.ranges import Range, ranges
from graphscope.debug.side.runs import value_of
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Plan, is_given, parents
from graphscope.engine.state import State
from graphscope.graph.convert import constant_value
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.walk import reach

#: Operations that multiply by weights.
LINEAR = ("MatMul", "BatchMatMulV2", "Conv2D", "DepthwiseConv2dNative")


@dataclass(frozen=True)
class View:
    """The graph of a fetch.

    plan:  what runs for it, with the feeds of the present run.
    timeline: the present run. plans: all that the session has planned, in order.
    sizes: how many operations the graph had at the runs so far.
    state: the session's variables before the present run.
    whole: the fetch is that of the present run.
    """

    plan: Plan
    timeline: Timeline
    plans: tuple[Plan, ...]
    sizes: tuple[int, ...]
    facts: Facts
    names: Names
    state: State
    whole: bool
    _above: dict[Operation, set[Operation]] = field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        return self.plan.graph

    @cached_property
    def nodes(self) -> tuple[Operation, ...]:
        """What runs, that in branches and loops among it, and what the losses are computed from: a
        training step need not compute the loss itself. In order of creation."""
        seen = {*self.plan.everything, *(op for op in self.behind_losses if not is_given(op))}
        return tuple(sorted(seen, key=lambda op: op._id))

    @cached_property
    def forward(self) -> tuple[Operation, ...]:
        """The nodes of the forward pass."""
        backward = self.facts.backward
        return tuple(op for op in self.nodes if op not in backward and not op.definition.writes)

    def of_type(self, *types: str) -> Iterator[Operation]:
        """The forward nodes of these types."""
        return (op for op in self.forward if op.type in types)

    # ---- training ------------------------------------------------------------------------------

    @cached_property
    def trainers(self) -> tuple[Operation, ...]:
        """The nodes that train a variable."""
        return tuple(op for op in self.plan.everything if self.facts.is_trainer(op))

    @cached_property
    def trains(self) -> bool:
        return bool(self.trainers)

    @cached_property
    def losses(self) -> tuple[Operation, ...]:
        """What the fetch trains on; without a trainer, what it computes of all that gradients were
        ever taken of."""
        found = dict.fromkeys(self.facts.loss(op) for op in self.trainers)
        if not found:
            begun = (op.gradient_of for op in self.graph.operations if _begins(op))
            found = dict.fromkeys(loss for loss in begun if loss is not None and loss in self.plan)
        return tuple(found)

    @cached_property
    def roots(self) -> tuple[Operation, ...]:
        """The fetched operations, as far as they train."""
        found = [f.op if isinstance(f, Tensor) else f for f in self.plan.fetches]
        return tuple(
            op for op in found if any(trainer in self.above(op) for trainer in self.trainers)
        )

    @cached_property
    def rates(self) -> dict[Tensor, Operation]:
        """The learning rates, each with an update that uses it."""
        found: dict[Tensor, Operation] = {}
        for op in self.trainers:
            rate = rate_of(op)
            if rate is not None:
                found.setdefault(rate, op)
        return found

    @cached_property
    def sloping(self) -> frozenset[Operation]:
        """The operations through which a gradient flows from a loss to a variable."""
        return frozenset(op for loss in self.losses for op in self.facts.sloping(loss))

    @cached_property
    def behind_losses(self) -> frozenset[Operation]:
        """The losses and all that they are computed from; not what a feed hides."""
        fed = self.plan.feeds
        return frozenset(reach(self.losses, lambda op: (t.op for t in op.inputs if t not in fed)))

    def above(self, op: Operation) -> Collection[Operation]:
        """The operation and all that it is computed from, or waits for."""
        if self._bits is not None:
            return _Numbered(self._bits[op._id], self.graph.operations)
        if op not in self._above:
            self._above[op] = reach([op], parents)
        return self._above[op]

    @cached_property
    def _bits(self) -> list[int] | None:
        """For each operation, by its number, those above it as the bits of a number. None in a
        graph that goes round, as the loops of old files do."""
        found: list[int] = []
        for op in self.graph.operations:
            bits = 1 << op._id
            for other in parents(op):
                if other._id >= len(found):
                    return None
                bits |= found[other._id]
            found.append(bits)
        return found

    def behind(self, tensor: Tensor) -> set[Operation]:
        """All that a tensor is computed from."""
        return reach([tensor.op], lambda op: (t.op for t in op.inputs))

    # ---- values --------------------------------------------------------------------------------

    @cached_property
    def ranges(self) -> dict[Tensor, Range]:
        """What numbers each tensor can hold, as far as the graph tells."""
        return ranges(self.graph.operations)

    def sizes_of(self, tensor: Tensor) -> Sequence[int | None] | None:
        """The sizes of the axes: those of the run where it has come to it or is fed, otherwise
        those that are known of the graph."""
        value = self.timeline.run.feeds.get(tensor)
        step = self.timeline.step_of(tensor.op)
        if value is None and step is not None:
            value = step.outputs.get(tensor)
        return tensor.shape.sizes if value is None else value.shape

    def constant(self, tensor: Tensor) -> Value | None:
        """The value of a tensor that is the same in every run."""
        return constant_value(tensor)

    def axes(self, op: Operation) -> list[int] | None:
        """The axes over which a reduction goes, counted from the front."""
        value, ndims = self.constant(op.inputs[1]), op.inputs[0].shape.ndims
        if value is None or ndims is None:
            return None
        return sorted({int(axis) % ndims for axis in np.atleast_1d(value)} if ndims else ())

    def initial(self, variable: Operation) -> Value | None:
        """The value with which a variable begins; None where it is random, or not known."""
        users = self.facts.users(variable)
        assign = next((op for op in users if op.name == f"{variable.name}/Assign"), None)
        if assign is None:
            return None
        value = assign.inputs[1]
        if any(op.definition.kind == "random" for op in self.behind(value)):
            return None
        return value_of(value, {}, State())

    def number(self, tensor: Tensor) -> float | None:
        """The value of a scalar in the present run, computed on the side."""
        if tensor.shape.ndims not in (0, None):
            return None
        value = value_of(tensor, self.timeline.run.feeds, self.state)
        if value is None:
            value = self.constant(tensor)  # inside a branch, where nothing is run on the side
        return float(value) if value is not None and value.size == 1 else None

    def label(self, op: Operation) -> str:
        """What to call a node in a sentence: its name, and the Python name beside it."""
        python = self.names.python(op)
        return f"{self.names.of(op)} ({python})" if python else self.names.of(op)


def _begins(op: Operation) -> bool:
    """True for the ones with which a backward pass begins, also one that came to no variable."""
    is_start = op.type == "Fill" and op.gradient_of is not None
    return is_start and "grad_ys_" in op.inputs[1].op.name


def rate_of(trainer: Operation) -> Tensor | None:
    """The learning rate that an update takes, or None where it takes none."""
    names = [parameter.name for parameter in trainer.definition.parameters]
    at = next((i for i, name in enumerate(names) if name in ("lr", "alpha")), None)
    return None if at is None else source_of(trainer.inputs[at])


def variable_read(tensor: Tensor) -> Operation | None:
    """The variable whose value a tensor is, or None."""
    op = source_of(tensor).op
    return op if op.definition.is_variable else None


def where(op: Operation) -> str:
    """The user's line that made a node: ``model.py:12``, or nothing."""
    return op.source.where if op.source else ""


class _Numbered(Collection[Operation]):
    """The operations whose numbers are bits of a number."""

    def __init__(self, bits: int, operations: Sequence[Operation]) -> None:
        self._bits, self._operations = bits, operations

    def __contains__(self, op: object) -> bool:
        return isinstance(op, Operation) and bool(self._bits >> op._id & 1)

    def __iter__(self) -> Iterator[Operation]:
        return (op for op in self._operations if op in self)

    def __len__(self) -> int:
        return self._bits.bit_count()
