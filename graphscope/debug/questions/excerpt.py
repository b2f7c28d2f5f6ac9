"""The lines of the program around the one that made a node, and how far each of them has come."""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from dataclasses import dataclass

from graphscope.debug.facts import Facts
from graphscope.debug.timeline import Timeline
from graphscope.graph.graph import Operation


@dataclass(frozen=True)
class ExcerptLine:
    """A line of the program.

    state: ``now`` when it made the node that is asked for; ``done`` when all that it made for this
           run has run; ``later`` when some of that is still to come; ``skipped`` when it made
           nodes, and none for this run; empty when it made none.
    """

    number: int
    text: str
    state: str


@dataclass(frozen=True)
class Excerpt:
    """Lines of a file around one of them. file: its path; number: that of the one in the middle."""

    file: str
    number: int
    rows: tuple[ExcerptLine, ...]


def excerpt(node: Operation, count: int, timeline: Timeline, facts: Facts) -> Excerpt | None:
    """So many lines around the one that made a node, fewer at the ends of the file; None where that
    line is not known, or its file cannot be read."""
    source = node.source
    texts = linecache.getlines(source.filename) if source is not None else []
    if source is None or not texts or count < 1:
        return None
    first = max(1, min(source.lineno - (count - 1) // 2, len(texts) - count + 1))
    rows = []
    for number in range(first, min(first + count, len(texts) + 1)):
        made = facts.by_line.get((source.filename, number), ())
        state = "now" if number == source.lineno else _state(made, timeline)
        rows.append(ExcerptLine(number, texts[number - 1].rstrip(), state))
    return Excerpt(source.filename, source.lineno, tuple(rows))


def _state(made: Sequence[Operation], timeline: Timeline) -> str:
    phases = timeline.plan.phases
    needed = [op for op in made if op in phases]
    if not needed:
        return "skipped" if any(not op.definition.given for op in made) else ""
    return "done" if all(_has_run(op, timeline) for op in needed) else "later"


def _has_run(op: Operation, timeline: Timeline) -> bool:
    times = timeline.times_of(op)
    return bool(times) and times[0] <= timeline.t
