"""What can be known of a training from the graph alone: who writes which variable, for which loss.

The questions `updates`, `why`, `why_not` and `vars` are answered from these facts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cached_property

from graphscope.engine.plan import parents
from graphscope.gradients import differentiable_ops
from graphscope.graph.graph import Graph, Operation
from graphscope.graph.walk import reach, shortest_path
from graphscope.ops.state import variable_of
from graphscope.ops.variables import GraphKeys


class Facts:
    """Facts about one graph, worked out once, when they are asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def variables(self) -> tuple[Operation, ...]:
        return tuple(op for op in self.graph.operations if op.definition.is_variable)

    @cached_property
    def trainable(self) -> frozenset[Operation]:
        collection = self.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        return frozenset(variable.op for variable in collection)

    @cached_property
    def writers(self) -> dict[Operation, list[Operation]]:
        """What writes each variable, other than its initializer, in order of creation."""
        writers: dict[Operation, list[Operation]] = {op: [] for op in self.variables}
        for op in self.graph.operations:
            if op.definition.writes:
                variable = variable_of(op.inputs[0])
                if op.name != f"{variable.name}/Assign":
                    writers[variable].append(op)
        return writers

    @cached_property
    def backward(self) -> frozenset[Operation]:
        """The operations of all backward passes, and what is computed from them."""
        found: set[Operation] = set()
        for op in self.graph.operations:
            if op.gradient_of is not None or any(t.op in found for t in op.inputs):
                found.add(op)
        return frozenset(found)

    def trainers(self, variable: Operation) -> list[Operation]:
        """The writers of the variable that use a gradient: the steps of optimizers."""
        return [op for op in self.writers[variable] if self.is_trainer(op)]

    def is_trainer(self, op: Operation) -> bool:
        return op.definition.writes and any(t.op in self.backward for t in op.inputs[1:])

    def gradient(self, trainer: Operation) -> Operation:
        """The operation that computes the gradient which the trainer uses."""
        return next(t.op for t in trainer.inputs[1:][::-1] if t.op in self.backward)

    def loss(self, trainer: Operation) -> Operation:
        """The operation from which the trainer's gradient was taken."""
        start = self.gradient(trainer)
        behind = reach([start], lambda op: (t.op for t in op.inputs if t.op in self.backward))
        sources = [op.gradient_of for op in behind if op.gradient_of is not None]
        return max(sources, key=lambda op: op._id)

    @cached_property
    def _waiting(self) -> dict[Operation, list[Operation]]:
        """Which operations wait for each one: its consumers, and what it controls."""
        waiting: dict[Operation, list[Operation]] = {}
        for op in self.graph.operations:
            for other in dict.fromkeys(parents(op)):
                waiting.setdefault(other, []).append(op)
        return waiting

    def users(self, op: Operation) -> list[Operation]:
        return self._waiting.get(op, [])

    def run_by(self, op: Operation) -> list[Operation]:
        """The operations that nothing else waits for and that make `op` run: what to fetch."""
        above = reach([op], self.users)
        return sorted((o for o in above if not self.users(o)), key=lambda o: o._id)

    def path(self, variable: Operation, loss: Operation) -> list[Operation]:
        """A shortest path from the variable to the loss, along data; empty when there is none."""
        return shortest_path(variable, loss, self._data_users)

    def slope_path(self, variable: Operation, loss: Operation) -> list[Operation]:
        """A shortest path from the variable to the loss along which a gradient flows."""
        between = differentiable_ops(loss.outputs, variable.outputs)
        return shortest_path(
            variable, loss, lambda op: (user for user in self._data_users(op) if user in between)
        )

    def cut(self, variable: Operation, loss: Operation) -> Operation | None:
        """Where the gradient on its way back from the loss to the variable ends: the operation
        that has no slope. None when there is no path at all."""
        on_a_path = reach([loss], lambda op: (t.op for t in op.inputs)) & reach(
            [variable], self._data_users
        )
        queue, seen = deque([loss]), {loss}
        while queue:
            op = queue.popleft()
            if op not in on_a_path:
                continue
            if not op.definition.differentiable or not _slopes_through(op, on_a_path):
                return op
            for other in (t.op for t in op.inputs):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return None

    def _data_users(self, op: Operation) -> Iterator[Operation]:
        return (user for tensor in op.outputs for user in self.graph.consumers(tensor)
                if not user.definition.writes)  # fmt: skip


def _slopes_through(op: Operation, on_a_path: set[Operation]) -> bool:
    inputs = [t for t in op.inputs if t.op in on_a_path]
    return not inputs or any(t.dtype.is_floating or t.dtype.is_complex for t in inputs)
