"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from graphscope.debug.rules.view import View
from graphscope.graph.graph import Operation


class Severity(Enum):
    """How sure it is that a finding is a mistake."""

    WRONG = "wrong"
    LIKELY = "likely wrong"
    RISK = "a risk"


@dataclass(frozen=True)
class Hint:
    """What a rule has found at a node.

    sentence: what is wrong, with the numbers. remedy: what to try.
    related:  the other nodes that have to do with it.
    """

    node: Operation
    sentence: str
    remedy: str
    related: tuple[Operation, ...] = ()


Search = Callable[[View], Iterator[Hint]]


@dataclass(frozen=True)
class Rule:
    """A rule by its name."""

    name: str
    severity: Severity
    search: Search


#: All rules, in the order in which their findings of one severity are told.
RULES: list[Rule] = []


def rule(name: str, severity: Severity) -> Callable[[Search], Search]:
    """Add a function to the rules."""

    def add(search: Search) -> Search:
        RULES.append(Rule(name, severity, search))
        return search

    return add
