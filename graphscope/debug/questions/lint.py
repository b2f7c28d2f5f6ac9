"""What is usually wrong, and can be seen in the graph of a fetch without running it?"""

from __future__ import annotations

from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.names import Names
from graphscope.debug.rules import feeds, losses, numbers, slopes, state
from graphscope.debug.rules.rule import RULES, Hint, Rule, Severity
from graphscope.debug.rules.view import View, where
from graphscope.graph.graph import Operation

#: The files that hold the rules: importing them has made the rules known.
THEMES = (losses, slopes, state, numbers, feeds)


@dataclass(frozen=True)
class Finding:
    """What a rule has found.

    rule:     its name. severity: how sure it is that this is a mistake.
    node:     the guilty operation. related: others that have to do with it.
    sentence: what is wrong. remedy: what to try.
    """

    rule: str
    severity: Severity
    node: Operation
    sentence: str
    remedy: str
    related: tuple[Operation, ...] = ()

    @property
    def line(self) -> str:
        """The user's line that made the node: ``model.py:12``, or nothing."""
        return where(self.node)


@dataclass(frozen=True)
class Lint(Answer):
    """The findings, the surest first. rules: how many were looked at; nodes: how many were seen."""

    fetched: tuple[str, ...]
    findings: tuple[Finding, ...]
    rules: int
    nodes: int
    names: Names

    @property
    def ok(self) -> bool:
        return not self.findings

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule."""
        return tuple(finding for finding in self.findings if finding.rule == rule)


def lint(view: View, fetched: tuple[str, ...]) -> Lint:
    """Look for what every rule looks for."""
    found = [_finding(rule, hint) for rule in RULES for hint in rule.search(view)]
    order = list(Severity)
    found.sort(key=lambda finding: order.index(finding.severity))
    return Lint(fetched, tuple(found), len(RULES), len(view.nodes), view.names)


def _finding(rule: Rule, hint: Hint) -> Finding:
    return Finding(rule.name, rule.severity, hint.node, hint.sentence, hint.remedy, hint.related)
