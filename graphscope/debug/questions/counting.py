"""Who counts a step in one run, by how much, and which learning rates go by it?"""

from __future__ import annotations

from collections.abc import Sequence

from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.rules.view import rate_of
from graphscope.graph.convert import constant_value
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach


def schedules(variable: Operation, facts: Facts) -> dict[Tensor, Operation]:
    """The learning rates that are computed from a variable, each with an update that takes it."""
    found: dict[Tensor, Operation] = {}
    for op in facts.graph.operations:
        rate = rate_of(op) if facts.is_trainer(op) else None
        if rate is not None and variable in reach([rate.op], lambda o: (t.op for t in o.inputs)):
            found.setdefault(rate, op)
    return found


def counted(writers: Sequence[Operation], names: Names) -> str:
    """``first +1, second +1``: operations that write one variable, with what they add to it."""
    return ", ".join(names.of(op) + _amount(op) for op in writers)


def _amount(op: Operation) -> str:
    """What an operation adds, where that is a number that never changes; otherwise its type."""
    if op.type.removeprefix("Resource").startswith(("AssignAdd", "AssignSub")):
        value = constant_value(op.inputs[1])
        if value is not None and value.size == 1:
            return f" {'-' if 'Sub' in op.type else '+'}{value.item():g}"
    return f" [{op.type}]"


def by_schedules(variable: Operation, facts: Facts, names: Names) -> str:
    """``; decay, the learning rate of first, goes by it``; empty where none does."""
    found = [
        f"{names.of(rate.op)}, the learning rate of {names.as_fetched(facts.train_op(op))}"
        for rate, op in schedules(variable, facts).items()
    ]
    return f"; {', and '.join(found)}, goes by it" if found else ""
