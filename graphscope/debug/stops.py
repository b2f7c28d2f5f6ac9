"""Breakpoints: where to stop. They are words, and mean nodes only in the plan of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphscope.debug.answers import BreakpointRow, Reason, Stop
from graphscope.debug.errors import DebugError
from graphscope.debug.locations import Locations
from graphscope.graph.graph import Operation

Condition = Callable[[Stop], bool]


@dataclass
class Breakpoint:
    """A place to stop behind, as long as the condition holds.

    spec:  the words it was set with; condition: its words, empty when it has none.
    nodes: the nodes that the words mean in the present plan.
    """

    id: int
    spec: object
    when: Condition | None = None
    condition: str = ""
    temporary: bool = False
    hits: int = 0
    nodes: frozenset[Operation] = field(default_factory=frozenset)

    @property
    def reason(self) -> Reason:
        return Reason.WRITE if str(self.spec).startswith("%") else Reason.BREAKPOINT

    def holds(self, stop: Callable[[], Stop]) -> bool:
        """Errors: DebugError when the condition cannot be worked out."""
        if self.when is None:
            return True
        try:
            return self.when(stop())
        except DebugError as error:
            raise DebugError(f"Breakpoint {self.id} if {self.condition}: {error}") from None

    def row(self) -> BreakpointRow:
        spec = self.spec if isinstance(self.spec, str) else getattr(self.spec, "name", "")
        return BreakpointRow(
            self.id, str(spec), self.condition, len(self.nodes), self.hits, self.temporary
        )


class Stops:
    """The breakpoints of a debugging session. They outlive a single run."""

    def __init__(self) -> None:
        self._breakpoints: dict[int, Breakpoint] = {}
        self._count = 0

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._breakpoints.values())

    def __len__(self) -> int:
        return len(self._breakpoints)

    def add(
        self,
        spec: object,
        locations: Locations,
        when: Condition | None = None,
        condition: str = "",
        temporary: bool = False,
    ) -> Breakpoint:
        nodes = frozenset(locations.nodes(spec))
        self._count += 1
        added = Breakpoint(self._count, spec, when, condition, temporary, nodes=nodes)
        self._breakpoints[added.id] = added
        return added

    def remove(self, number: int) -> Breakpoint:
        """Errors: DebugError when there is none of that number."""
        if number not in self._breakpoints:
            known = ", ".join(map(str, self._breakpoints)) or "none"
            raise DebugError(f"There is no breakpoint {number}; there are: {known}.")
        return self._breakpoints.pop(number)

    def clear(self) -> int:
        count = len(self._breakpoints)
        self._breakpoints.clear()
        return count

    def bind(self, locations: Locations) -> None:
        """Find out which nodes the breakpoints mean in the plan of a new run; it may be none."""
        for breakpoint_ in self:
            try:
                breakpoint_.nodes = frozenset(locations.nodes(breakpoint_.spec))
            except (DebugError, ValueError):  # ValueError: an operation of another graph
                breakpoint_.nodes = frozenset()

    def at(self, node: Operation, stop: Callable[[], Stop]) -> Breakpoint | None:
        """The first breakpoint that holds here. All that hold are counted as hit, and the
        temporary ones among them removed."""
        held = [item for item in self if node in item.nodes and item.holds(stop)]
        for item in held:
            item.hits += 1
            if item.temporary:
                self.remove(item.id)
        return held[0] if held else None
