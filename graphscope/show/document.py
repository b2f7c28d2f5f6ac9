"""The plan as a document: one line a node, in the order in which they run, for editors.

What a branch or a loop runs stands indented before its owner, as it runs before it. A document does
not change while a run goes on, so that a line of it is a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphscope.debug.names import Names
from graphscope.engine.lessons import is_loop
from graphscope.engine.plan import Phase, Plan, bodies
from graphscope.graph.graph import Operation
from graphscope.show.text import plural, static

#: What the parts are for their owner, in its order.
_PARTS = {
    "If": ("when true, for", "when false, for"),
    "While": ("the test of", "each iteration of"),
}
#: A longer first column is not waited for.
_WIDEST = 72


@dataclass(frozen=True)
class Document:
    """The lines of a plan, each with the node that it is of; None for a remark.

    title: what is fetched.
    """

    title: str
    rows: tuple[tuple[str, Operation | None], ...]

    @property
    def text(self) -> str:
        return "".join(f"{text}\n" for text, _ in self.rows)

    @cached_property
    def _lines(self) -> dict[Operation, int]:
        """The line of each node, from 1; of one that several parts run the first."""
        found: dict[Operation, int] = {}
        for number, (_, op) in enumerate(self.rows, 1):
            if op is not None:
                found.setdefault(op, number)
        return found

    def line(self, op: Operation | None) -> int:
        """The line of a node; the first one for what is no node of the plan."""
        return 1 if op is None else self._lines.get(op, 1)

    def node(self, line: int) -> Operation | None:
        """The node of a line; None for a remark and for a line that there is not."""
        return self.rows[line - 1][1] if 0 < line <= len(self.rows) else None

    def next_node(self, line: int) -> tuple[int, Operation] | None:
        """The first line from this one on that is of a node."""
        for number in range(max(line, 1), len(self.rows) + 1):
            op = self.node(number)
            if op is not None:
                return number, op
        return None


def document(plan: Plan, names: Names, fetched: Sequence[str]) -> Document:
    """The document of a plan."""
    title = ", ".join(fetched)
    count = len(plan.everything)
    head = f"# sess.run({title}) runs {count} {plural(count, 'node')}, in this order."
    rows = list(_rows(plan, names))
    codes = [code for _, code, _ in rows]
    width = min(max(map(len, codes), default=0), _WIDEST)
    lines = [(head, None), *((_line(row, width, plan), row[0]) for row in rows)]
    return Document(title, tuple(lines))


#: The node, what stands for it, and whether it is a remark on what follows.
Row = tuple[Operation | None, str, int]


def _rows(plan: Plan, names: Names) -> Iterator[Row]:
    """What stands in each line, with its depth. Bodies inside of bodies are no recursion."""
    stack: list[Iterator[Row | tuple[Plan, int]]] = [_parts(plan, names, 0)]
    while stack:
        part = next(stack[-1], None)
        if part is None:
            stack.pop()
        elif len(part) == 2:
            stack.append(_parts(part[0], names, part[1]))
        else:
            yield part


def _parts(plan: Plan, names: Names, depth: int) -> Iterator[Row | tuple[Plan, int]]:
    """The rows of a plan, and in their places the plans of what its nodes run."""
    for op in plan.nodes:
        inside = [plan.of_body(body) for body in bodies(op)]
        for number, inner in enumerate(inside, 1):
            if inner.nodes:
                yield None, f"{'  ' * depth}# {_part_of(op, number, len(inside))}", depth
                yield inner, depth + 1
        yield op, "  " * depth + _code(op, names), depth


def _part_of(owner: Operation, number: int, count: int) -> str:
    """``the test of while/While``: which of its parts it is."""
    words = _PARTS.get(owner.type, ())
    if count == len(words):
        return f"{words[number - 1]} {owner.name}"
    which = f" {number} of {count}" if count > 1 else ""
    return f"{'the body' if is_loop(owner) else 'the branch'}{which} of {owner.name}"


def _code(op: Operation, names: Names) -> str:
    """``h = Relu(add)``: the node as an assignment."""
    taken = ", ".join(
        f"{tensor.op.name}:{tensor.value_index}" if tensor.value_index else names.of(tensor.op)
        for tensor in op.inputs
    )
    return f"{names.of(op)} = {op.type}({taken})"


def _line(row: Row, width: int, plan: Plan) -> str:
    op, code, _ = row
    if op is None:
        return f"     {code}"
    phase: Phase = plan.phases[op]
    shapes = ", ".join(static(tensor) for tensor in op.outputs)
    made = f"{op.source.where}" if op.source else ""
    return f"{phase!s:<5}{code:<{width}}  {shapes:<12}  {made}".rstrip()
