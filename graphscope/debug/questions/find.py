"""Where in the graph is something of this name, type or source line?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.presence import Presence, presences
from graphscope.debug.timeline import Timeline
from graphscope.engine.plan import Phase
from graphscope.errors import did_you_mean
from graphscope.graph.graph import Operation

#: Where a search looks, in the order in which what it finds is listed.
PLACES = ("name", "Python name", "type", "line")


@dataclass(frozen=True)
class Finding:
    """An operation in which the words were found. where: one of `PLACES`, the first that fits.

    t, phase: of one that runs, where that is known.
    """

    node: Operation
    where: str
    python: str | None
    presence: Presence
    t: int | None
    phase: Phase | None


@dataclass(frozen=True)
class Findings(Answer):
    """What a search has found: by name first, then by Python name, type and line.

    hint: a name that is like the words, when nothing was found.
    """

    pattern: str
    type: str
    rows: tuple[Finding, ...]
    searched: int
    hint: str
    names: Names

    @property
    def nodes(self) -> tuple[Operation, ...]:
        return tuple(row.node for row in self.rows)


def find(pattern: str, type: str, timeline: Timeline, facts: Facts, names: Names) -> Findings:
    """The operations in whose name, Python name, type or source line the regular expression is
    found; capitals and small letters are the same. type: only those of this type (a pattern).
    Numbers that a line has written out are not listed for it.

    Errors: DebugError for what is no regular expression.
    """
    looked_for = compiled(pattern)
    plan, present = timeline.plan, presences(timeline)
    rows = []
    for op in facts.graph.operations:
        if type and not fnmatchcase(op.type.lower(), type.lower()):
            continue
        line = op.source.text if op.source else ""
        texts = (op.name, op.bound_to or "", op.type, line)
        where = [
            place for place, text in zip(PLACES, texts, strict=True) if looked_for.search(text)
        ]
        if where and not (op.type == "Const" and where[0] == "line"):
            rows.append(
                Finding(
                    node=op,
                    where=where[0],
                    python=names.python(op),
                    presence=present[op],
                    t=timeline.time_of(op) if op in plan.phases else None,
                    phase=plan.phases.get(op),
                )
            )
    rows.sort(key=lambda row: (PLACES.index(row.where), row.node._id))
    known = [*(op.name for op in facts.graph.operations), *names.by_python_name]
    hint = "" if rows else did_you_mean(pattern, known)
    return Findings(pattern, type, tuple(rows), len(facts.graph.operations), hint, names)


def compiled(pattern: str) -> re.Pattern[str]:
    """Errors: DebugError for what is no regular expression."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise DebugError(
            f"{pattern!r} is not a regular expression: {error}. A dot stands for any letter, "
            "and \\( for a bracket."
        ) from None
