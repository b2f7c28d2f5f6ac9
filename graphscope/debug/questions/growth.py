"""What was added to the graph since it was run first, and by which lines?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.growing import added
from graphscope.debug.names import Names
from graphscope.graph.graph import Graph, Operation


@dataclass(frozen=True)
class Line:
    """A line of the program that has added operations. rounds: between how many runs; types: of
    what it has added. A line that has done so again and again is why the graph grows."""

    operations: tuple[Operation, ...]
    rounds: int

    @property
    def where(self) -> str:
        source = self.operations[0].source
        return source.where if source else ""

    @property
    def text(self) -> str:
        """The line as it is written in the program."""
        source = self.operations[0].source
        return source.text if source else ""

    @property
    def types(self) -> dict[str, int]:
        return dict(Counter(sorted(op.type for op in self.operations)))

    @property
    def per_round(self) -> float:
        return len(self.operations) / self.rounds


@dataclass(frozen=True)
class Growth(Answer):
    """The graph at the first run, and now.

    first, now: how many operations it had, and has. rounds: how often it had grown when it was run
    again. lines: those that have added something, the ones that did so most often first.
    """

    first: int
    now: int
    rounds: int
    lines: tuple[Line, ...]
    names: Names

    @property
    def again(self) -> tuple[Line, ...]:
        """The lines that have added operations again and again."""
        return tuple(line for line in self.lines if line.rounds > 1)

    @property
    def ok(self) -> bool:
        """Whether no line makes the graph grow from run to run."""
        return not self.again

    @property
    def per_run(self) -> float:
        """How many nodes come with each run, by the lines that add some again and again."""
        return sum(line.per_round for line in self.again)

    @property
    def guilty(self) -> Operation | None:
        """What the worst of these lines has added last."""
        return self.again[0].operations[-1] if self.again else None


def growth(graph: Graph, sizes: Sequence[int], names: Names) -> Growth:
    """How the graph has grown. sizes: how many operations it had at its runs, in order."""
    lines = [
        Line(tuple(op for ops in rounds for op in ops), len(rounds))
        for rounds in added(graph, sizes)
    ]
    lines.sort(key=lambda line: (-line.rounds, -len(line.operations)))
    now = len(graph.operations)
    rounds = len({*sizes, now}) - 1
    return Growth(sizes[0] if sizes else now, now, rounds, tuple(lines), names)
