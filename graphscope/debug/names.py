"""What the learner calls a node: the names of the graph, and the Python names beside them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from graphscope.engine.session import Session
from graphscope.graph.graph import Graph, Operation
from graphscope.ops.state import variable_of

#: Names that nobody chose: ``Variable``, ``Variable_3``, ``Placeholder_1``.
_AUTOMATIC = re.compile(r"(?:.*/)?(Variable|Placeholder)(_\d+)?$")

#: What the writes other than an optimizer's do with their variable.
_VERBS = {
    "Assign": "assign",
    "AssignAdd": "add to",
    "AssignSub": "subtract from",
    "CountUpTo": "count up",
    "ScatterAdd": "add to rows of",
    "ScatterSub": "subtract from rows of",
    "ScatterUpdate": "assign rows of",
}

#: The scope of a backward pass, which says nothing in a list of its nodes.
_BACKWARD = re.compile(r"^(.*/)?gradients(_\d+)?/")


def names_of(session: Session) -> Names:
    """The names of a session's graph; the same ones as long as it does not grow."""
    known = session.notes.get("names")
    if not isinstance(known, Names) or known.size != len(session.graph.operations):
        known = session.notes["names"] = Names(session.graph)
    return known


class Names:
    """The names of one graph. A variable or placeholder that was given no name of its own goes by
    its Python name, where that is unique; everything else goes by its name in the graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        #: How many operations the graph had.
        self.size = len(graph.operations)
        self._spelled: dict[Operation, str] = {}

    @cached_property
    def by_python_name(self) -> dict[str, Operation]:
        """The operation of each Python name that was assigned only once, and that no operation
        has for its name in the graph."""
        bound = [(op.bound_to, op) for op in self.graph.operations]
        count = Counter(name for name, _ in bound)
        count.update(op.name for name, op in bound if name != op.name)
        return {name: op for name, op in bound if name is not None and count[name] == 1}

    def of(self, op: Operation) -> str:
        """``W`` for the variable ``Variable`` that was assigned to W; ``dense/MatMul``."""
        if op not in self._spelled:
            self._spelled[op] = self._spelling(op)
        return self._spelled[op]

    def _spelling(self, op: Operation) -> str:
        if _AUTOMATIC.match(op.name):
            name = op.bound_to
            if name is not None and self.by_python_name.get(name) is op:
                return name
        return op.name

    def python(self, op: Operation) -> str | None:
        """The Python name, where it says something that `of` does not."""
        name = op.bound_to
        return name if name is not None and name != self.of(op) else None

    def as_fetched(self, op: Operation) -> str:
        """How the learner would write it in ``sess.run(...)``: the Python name if there is one."""
        return op.bound_to or repr(op.name)

    def label(self, op: Operation) -> str:
        """A few letters for a path or a list: ``read W``, ``update W``, ``MatMul``, ``y_``."""
        if op.definition.writes:
            verb = (
                "update"
                if op.type.removeprefix("Sparse").startswith("Apply")
                else _VERBS.get(op.type, op.type.lower())
            )
            return f"{verb} {self.of(variable_of(op.inputs[0]))}"
        if op.type == "Identity" and op.inputs[0].op.definition.is_variable:
            return f"read {self.of(op.inputs[0].op)}"
        if not op.outputs and op.bound_to:
            return op.bound_to
        if op.gradient_of is not None:
            return _BACKWARD.sub("", op.name)
        return self.of(op).rpartition("/")[2]
