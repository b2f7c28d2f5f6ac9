"""What must be fed and initialized before a fetch can run?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphscope.debug.answers import Answer, Feed
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import Plan, plan
from graphscope.graph.graph import Operation, Tensor


@dataclass(frozen=True)
class Need:
    """A placeholder that the fetch needs. path: from the fetch down to it."""

    feed: Feed
    path: tuple[Operation, ...]

    @property
    def fed(self) -> bool:
        return self.feed.value is not None


@dataclass(frozen=True)
class Needs(Answer):
    """What a fetch needs.

    placeholders:  fed or not. unused: what is fed and taken by nothing that runs.
    uninitialized: the variables that have no value yet.
    """

    fetched: tuple[str, ...]
    placeholders: tuple[Need, ...]
    unused: tuple[Tensor, ...]
    uninitialized: tuple[Operation, ...]
    reads: tuple[str, ...]
    names: Names

    @property
    def missing(self) -> tuple[Tensor, ...]:
        """The placeholders that are not fed."""
        return tuple(need.feed.tensor for need in self.placeholders if not need.fed)

    def path(self, placeholder: Tensor) -> tuple[Operation, ...]:
        """From the fetch down to the placeholder; empty when it is not needed."""
        return next((n.path for n in self.placeholders if n.feed.tensor is placeholder), ())


def needs(
    fetches: Sequence[Tensor | Operation],
    fed: dict[Tensor, Value],
    initialized: set[str],
    facts: Facts,
    names: Names,
    fetched: tuple[str, ...],
) -> Needs:
    """What `fetches` need, when `fed` is fed and the variables in `initialized` have values."""
    wanted = plan(facts.graph, fetches, fed)
    found = []
    for tensor in wanted.placeholders:
        users = tuple(op for op in facts.graph.consumers(tensor) if op in wanted)
        ways = [wanted.path(tensor.op), *([*wanted.path(op), tensor.op] for op in users)]
        path = min(filter(None, ways), key=len, default=[tensor.op])
        feed = Feed(tensor, names.of(tensor.op), fed.get(tensor), users)
        found.append(Need(feed, tuple(path)))
    return Needs(
        fetched=fetched,
        placeholders=tuple(found),
        unused=tuple(sorted(wanted.feeds - wanted.used_feeds, key=lambda t: t.op._id)),
        uninitialized=tuple(
            op for op in wanted.variables if op.name not in initialized and _is_read(op, wanted)
        ),
        reads=tuple(names.of(op) for op in wanted.variables),
        names=names,
    )


def _is_read(variable: Operation, wanted: Plan) -> bool:
    """True when the plan needs the value that the variable has before the run."""
    if any(tensor in wanted.fetches for tensor in variable.outputs):
        return True
    for op in wanted.everything:
        if op.definition.calls:
            continue  # what its bodies do with the variable is seen at their own nodes
        if any(tensor.op is variable for tensor in op.inputs):
            if not op.definition.takes_uninitialized:
                return True
            if op.definition.writes:
                return False
    return False
