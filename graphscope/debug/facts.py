"""What can be known of a training from the graph alone: who writes which variable, for which loss.

The questions `updates`, `why`, `why_not` and `vars` are answered from these facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphscope.engine.plan import Plan, bodies, parents
from graphscope.engine.session import Session
from graphscope.gradients import differentiable_ops
from graphscope.graph.body import Body
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.walk import reach, shortest_path
from graphscope.ops.lists import has_slope
from graphscope.ops.state import written
from graphscope.ops.variables import GraphKeys


@dataclass(frozen=True)
class Slot:
    """A variable that is kept beside others: by an optimizer, or by a moving average.

    owner:   the variable beside which it is kept; None when it is kept for all of them at once.
    trainer: an operation that uses it, by which its keeper is known; None for what is known by its
             name alone.
    """

    variable: Operation
    owner: Operation | None
    trainer: Operation | None


#: Of each operation that some path goes through such a path, and where on it the operation is.
_Walked = dict[Operation, tuple[tuple[Operation, ...], int]]


def facts_of(session: Session) -> Facts:
    """The facts about a session's graph; the same ones as long as it does not grow."""
    known = session.notes.get("facts")
    if not isinstance(known, Facts) or known.is_outdated:
        known = session.notes["facts"] = Facts(session.graph)
    return known


class Facts:
    """Facts about one graph, worked out once, when they are asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._sloping: dict[Operation, set[Operation]] = {}
        self._ways: dict[Operation, tuple[dict[Operation, int], _Walked]] = {}
        self._then = self._stand()

    @property
    def is_outdated(self) -> bool:
        """The graph has grown since these facts were worked out, or trains other variables."""
        return self._stand() != self._then

    def _stand(self) -> tuple[int, tuple[int, ...]]:
        trained = self.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        return len(self.graph.operations), tuple(map(id, trained))

    @cached_property
    def variables(self) -> tuple[Operation, ...]:
        return tuple(op for op in self.graph.operations if op.definition.is_variable)

    @cached_property
    def trainable(self) -> frozenset[Operation]:
        collection = self.graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        return frozenset(variable.op for variable in collection)

    @cached_property
    def by_line(self) -> dict[tuple[str, int], list[Operation]]:
        """The operations that each line of the program has made, by its file and number."""
        found: dict[tuple[str, int], list[Operation]] = {}
        for op in self.graph.operations:
            if op.source is not None:
                found.setdefault((op.source.filename, op.source.lineno), []).append(op)
        return found

    @cached_property
    def writers(self) -> dict[Operation, list[Operation]]:
        """What writes each variable, other than its initializer, in order of creation."""
        writers: dict[Operation, list[Operation]] = {op: [] for op in self.variables}
        for op in filter(_writes, self.graph.operations):
            for variable in written(op):
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

    def trainers(self, variable: Operation) -> Sequence[Operation]:
        """The writers of the variable that train it: the steps of optimizers."""
        return self._trainers.get(variable, ())

    @cached_property
    def _trainers(self) -> dict[Operation, list[Operation]]:
        trainers: dict[Operation, list[Operation]] = {}
        for op in self._losses:  # of one variable in order of creation, as its writers are
            trainers.setdefault(written(op)[0], []).append(op)
        return trainers

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The variables that are kept beside others, in order of creation. Their names begin with
        their owner's; what optimizers keep for all variables at once is read by their steps."""
        found: dict[Operation, Slot] = {}
        by_name = {op.name: op for op in self.variables}
        for op in self.variables:
            owner = by_name.get(op.name.rpartition("/")[0])
            if owner is not None and op not in self.trainable:
                found[op] = Slot(op, owner, None)
        for variable in self.variables:
            for trainer in self.trainers(variable):
                beside = written(trainer)[1:]
                found |= {slot: Slot(slot, variable, trainer) for slot in beside}
                for kept in self._read_by(trainer):
                    if kept not in beside and kept is not variable:
                        found.setdefault(kept, Slot(kept, None, trainer))
        return tuple(found[op] for op in self.variables if op in found)

    def _read_by(self, trainer: Operation) -> Iterator[Operation]:
        """The variables that an optimizer's step takes in as they are, and that it has made."""
        for tensor in trainer.inputs[trainer.definition.writes :]:
            op = tensor.op.inputs[0].op if tensor.op.type == "Identity" else tensor.op
            if op.definition.is_variable and op.bound_to is None and op not in self.trainable:
                yield op

    def is_trainer(self, op: Operation) -> bool:
        """True when it writes a variable by the gradient of a loss, and the loss has a slope along
        that variable. What an optimizer keeps beside the variable is written, not trained."""
        return op in self._losses

    def last_trainer(self, plan: Plan) -> Operation | None:
        """The last operation of a run that trains; of all in the graph when none there does."""
        here = (op for op in reversed(plan.everything) if self.is_trainer(op))
        return next(here, None) or max(self._losses, key=lambda op: op._id, default=None)

    def gradient(self, trainer: Operation) -> Operation:
        """The operation that computes the gradient which the trainer uses."""
        return self.slope(trainer).op

    def slope(self, trainer: Operation) -> Tensor:
        """The gradient which the trainer uses."""
        return next(
            t for t in trainer.inputs[:0:-1] if t.op in self.backward and t.dtype.is_floating
        )

    def loss(self, trainer: Operation) -> Operation:
        """The operation from which the trainer's gradient was taken."""
        return self._losses[trainer]

    @cached_property
    def _losses(self) -> dict[Operation, Operation]:
        """The loss of each trainer."""
        losses: dict[Operation, Operation] = {}
        for variable, writers in self.writers.items():
            for op in writers:
                if written(op)[0] is variable and any(t.op in self.backward for t in op.inputs[1:]):
                    loss = self._differentiated(self.gradient(op))
                    if variable in self.sloping(loss):
                        losses[op] = loss
        return losses

    def _differentiated(self, gradient: Operation) -> Operation:
        """What a gradient is the gradient of: the last operation that was differentiated."""
        return self._sources[gradient]

    @cached_property
    def _sources(self) -> dict[Operation, Operation]:
        """For each operation of a backward pass the last one that was differentiated for it."""
        found: dict[Operation, Operation] = {}
        for op in self.graph.operations:  # in order of creation, so that inputs come first
            if op in self.backward:
                behind = [found[t.op] for t in op.inputs if t.op in found]
                own = [op.gradient_of] if op.gradient_of is not None else []
                found[op] = max(own + behind, key=lambda source: source._id)
        return found

    @cached_property
    def initializers(self) -> dict[Operation, tuple[Operation, ...]]:
        """The operations that initialize many variables at once, each with these variables."""
        return {
            op: tuple(variable for other in op.control_inputs for variable in written(other))
            for op in self.graph.operations
            if op.type == "NoOp"
            and op.control_inputs
            and all(other.name.endswith("/Assign") for other in op.control_inputs)
        }

    @cached_property
    def _waiting(self) -> dict[Operation, list[Operation]]:
        """Which operations wait for each one: its consumers, what it controls, and for what a
        body gives back the owner of the body."""
        waiting: dict[Operation, list[Operation]] = {}
        for op in self.graph.operations:
            given_back = (tensor.op for body in bodies(op) for tensor in body.results)
            for other in dict.fromkeys((*parents(op), *given_back)):
                waiting.setdefault(other, []).append(op)
        return waiting

    def users(self, op: Operation) -> list[Operation]:
        return self._waiting.get(op, [])

    def run_by(self, op: Operation) -> list[Operation]:
        """The operations that nothing else waits for and that make `op` run: what to fetch."""
        above = reach([op], self.users)
        leaves = sorted((o for o in above if not self.users(o)), key=lambda o: o._id)
        return [o for o in leaves if o.type != "ReadVariableOp"] or leaves

    @cached_property
    def roots(self) -> dict[Operation, Operation]:
        """For each operation the first of those that `run_by` gives."""
        roots: dict[Operation, Operation] = {}
        for op in reversed(self.graph.operations):  # who waits for it was made after it
            waiting = [roots[user] for user in self.users(op)]
            roots[op] = min(waiting, key=_as_fetch) if waiting else op
        return roots

    def path(self, variable: Operation, loss: Operation) -> list[Operation]:
        """A shortest path from the variable to the loss, along data; empty when there is none."""
        return shortest_path(variable, loss, self._data_users)

    def sloping(self, loss: Operation) -> set[Operation]:
        """The operations on all paths from variables to the loss along which a gradient flows."""
        if loss not in self._sloping:
            variables = [tensor for op in self.variables for tensor in op.outputs]
            self._sloping[loss] = differentiable_ops(loss.outputs, variables)
        return self._sloping[loss]

    def slope_path(self, variable: Operation, loss: Operation) -> tuple[Operation, ...]:
        """A shortest path from the variable to the loss along which a gradient flows."""
        distance, walked = self._ways_to(loss)
        if variable not in distance:
            return ()
        begun = [op := variable]
        while op is not loss and op not in walked:
            near = distance[op] - 1
            op = next(user for user in self._data_users(op) if distance.get(user) == near)
            begun.append(op)
        known, at = walked.get(op, ((op,), 0))
        path = tuple(begun[:-1]) + known[at:]
        walked.update((op, (path, i)) for i, op in enumerate(begun[:-1]))
        return path

    def _ways_to(self, loss: Operation) -> tuple[dict[Operation, int], _Walked]:
        """How many steps each operation is away from a loss along which a gradient flows, and the
        paths that somebody has asked for: many variables share their ways."""
        if loss not in self._ways:
            sloping, distance = self.sloping(loss), {loss: 0}
            for op in (queue := [loss]):  # grows on the way
                for tensor in op.inputs:
                    if tensor.op in sloping and tensor.op not in distance:
                        distance[tensor.op] = distance[op] + 1
                        queue.append(tensor.op)
            self._ways[loss] = distance, {}
        return self._ways[loss]

    def cut(self, variable: Operation, loss: Operation) -> Operation | None:
        """Where the gradient on its way back along `path` ends.

        None when there is no path at all, or a gradient comes back by some path.
        """
        path = self.path(variable, loss)
        return cut_of(path) if path and variable not in self.sloping(loss) else None

    @cached_property
    def owners(self) -> dict[Body, Operation]:
        """The operation that runs each branch and each body of a loop."""
        return {body: op for op in self.graph.operations for body in bodies(op)}

    @cached_property
    def begins(self) -> dict[Operation, Tensor]:
        """For each loop variable the tensor as which it begins."""
        found: dict[Operation, Tensor] = {}
        for body, owner in self.owners.items():
            values = owner.definition.arguments(owner.inputs)[-1]
            found.update((p.op, t) for p, t in zip(body.parameters, values, strict=False))
        return found

    def handed(self, op: Operation, user: Operation) -> list[Tensor]:
        """The outputs of an operation that another one takes: as inputs, as what its branch or loop
        gives back, or as what a loop variable begins with."""
        more: list[Tensor] = [self.begins[user]] if user in self.begins else []
        if op.body is not None and self.owners.get(op.body) is user:
            more += op.body.results
        return taken(op, user) or [tensor for tensor in op.outputs if tensor in more]

    def train_op(self, trainer: Operation) -> Operation:
        """What the learner fetches so that an update runs: of all that waits for it the nearest
        with a Python name."""
        waiting = [trainer]
        for op in waiting:  # grows on the way
            waiting.extend(user for user in self.users(op) if user not in waiting)
        return next((op for op in waiting if op.bound_to), self.roots[trainer])

    def loss_of(self, nodes: Sequence[Operation]) -> Operation | None:
        """The loss whose gradient these nodes compute; of several the last one. None for none."""
        trainers = [op for op in nodes if self.is_trainer(op)]
        if trainers:
            return self.loss(trainers[-1])
        slopes = [op for op in nodes if op.gradient_of is not None]
        return self._differentiated(slopes[-1]) if slopes else None

    def _data_users(self, op: Operation) -> Iterator[Operation]:
        return (user for tensor in op.outputs for user in self.graph.consumers(tensor))


def _writes(op: Operation) -> bool:
    return bool(op.definition.writes)


def _as_fetch(op: Operation) -> tuple[bool, int]:
    """What a learner rather fetches: not the reading that comes with a write to a variable; of
    others what was made first."""
    return op.type == "ReadVariableOp", op._id


def taken(op: Operation, user: Operation) -> list[Tensor]:
    """The outputs of an operation that another one takes as inputs."""
    return [tensor for tensor in op.outputs if tensor in user.inputs]


def cut_of(
    path: Sequence[Operation],
    handed: Callable[[Operation, Operation], list[Tensor]] = taken,
) -> Operation:
    """Where the gradient on its way back along a path ends: the operation without a slope, or the
    one that makes whole numbers or truth values of floating-point numbers. The path's first one
    when that holds no floating-point numbers itself.

    handed: what an operation hands on to the next one of the path.
    """
    ended = False
    for op, user in zip(path[-2::-1], path[:0:-1], strict=True):
        floating = any(has_slope(tensor.dtype) for tensor in handed(op, user))
        if floating and (ended or not user.definition.differentiable):
            return user
        ended = ended or not floating
    return path[0]
