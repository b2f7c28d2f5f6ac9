"""Which lines of the program add operations to the graph between its runs?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import CodeType

from graphscope.graph.graph import Graph, Operation


def added(graph: Graph, sizes: Sequence[int]) -> list[list[list[Operation]]]:
    """For each line what it has added in each round, where it has added anything: a round is what
    came between two runs, or after the last one. sizes: how many operations the graph had at runs.
    """
    lines: dict[tuple[CodeType, int], list[list[Operation]]] = {}
    for first, last in pairwise([*sizes, len(graph.operations)]):
        made: dict[tuple[CodeType, int], list[Operation]] = {}
        for op in graph.operations[first:last]:
            if op.source is not None:
                made.setdefault((op.source.code, op.source.lineno), []).append(op)
        for line, ops in made.items():
            lines.setdefault(line, []).append(ops)
    return list(lines.values())
