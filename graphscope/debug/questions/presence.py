"""What is an operation to a run: a step of it, there before it, fed, or not there at all?"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum

from graphscope.debug.timeline import Timeline
from graphscope.graph.graph import Operation


class Presence(Enum):
    """How an operation takes part in a run; the value is a word for a list."""

    RUNS = "runs"
    GIVEN = "given"
    FED = "fed"
    ABSENT = "-"

    @property
    def there(self) -> bool:
        return self is not Presence.ABSENT


def presences(timeline: Timeline) -> dict[Operation, Presence]:
    """For every operation how it takes part; those that are not in it are absent."""
    plan = timeline.plan
    found: dict[Operation, Presence] = defaultdict(lambda: Presence.ABSENT)
    found.update((tensor.op, Presence.FED) for tensor in plan.used_feeds)
    for inner in (plan, *plan.inner):
        found.update((op, Presence.GIVEN) for op in inner.given if op not in found)
    found.update((op, Presence.RUNS) for op in plan.phases)
    return found
