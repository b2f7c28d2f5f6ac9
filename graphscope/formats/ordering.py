"""What TensorFlow has to be told of the order in which a step reads and writes a variable.

Here the operations of a run come in the order in which they were made, so that a gradient reads a
variable before the step changes it. TensorFlow knows no such order: there, whoever writes waits for
the gradients that read. Its own graphs have gates for that, and files that are written here have
waits.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.ops.state import written


def waits_of(graph: Graph) -> dict[Operation, list[Operation]]:
    """For each update of variables by gradients: the gradients made before it that read one of
    them, and that TensorFlow might run after it. Nothing runs for them that would not run anyway,
    but what they are computed from."""
    found = {}
    for op in graph.operations:
        if not op.definition.writes or op.body is not None:
            continue
        readers = [
            reader
            for variable in written(op)
            if variable.type != "VarHandleOp"
            for reader in _readers(graph, variable)
            if reader.gradient_of is not None and reader._id < op._id and reader.body is None
        ]
        before = _before(op, set()) if readers else set()
        if any(other.gradient_of is not None for other in before):  # it is a step of a training
            waits = []
            for reader in dict.fromkeys(readers):
                if reader not in before:
                    more = _before(reader, before) | {reader}
                    if not any(map(_asks_for_more, more)):
                        waits.append(reader)
            if waits:
                found[op] = waits
    return found


def _readers(graph: Graph, variable: Operation) -> Iterator[Operation]:
    """What takes the variable's memory, also through readings that are no copies."""
    places: list[Tensor] = list(variable.outputs)
    for place in places:
        for user in graph.consumers(place):
            if user.type == "Identity":
                places.append(user.outputs[0])
            yield user


def _before(op: Operation, known: set[Operation]) -> set[Operation]:
    """All that an operation needs, less what is known."""
    found: set[Operation] = set()
    queue = [op]
    for other in queue:
        for needed in (*(tensor.op for tensor in other.inputs), *other.control_inputs):
            if needed not in found and needed not in known:
                found.add(needed)
                queue.append(needed)
    return found


def _asks_for_more(op: Operation) -> bool:
    """Whether it cannot be run along: it is to be fed, or leaves something behind."""
    return op.type == "Placeholder" or (op.definition.is_stateful and not op.definition.is_variable)
