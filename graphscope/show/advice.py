"""The renderers of advice: lint, check and explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.habits.habit import Habit
from graphscope.debug.questions.check import Checkup
from graphscope.debug.questions.explain import Axis, Explanation, Kind, TwoGraphs
from graphscope.debug.questions.lint import Finding, Lint
from graphscope.debug.rules.rule import Severity
from graphscope.graph.graph import Operation
from graphscope.show.text import faint, grid, line, plural, render, strong

_SEVERITIES = {Severity.WRONG: "WRONG", Severity.LIKELY: "LIKELY", Severity.RISK: "RISK"}
_PASSED = {True: ("ok", "gs.good"), False: ("NO", "gs.bad"), None: ("-", "gs.faint")}


@render.register
def _(found: Lint) -> RenderableType:
    fetched = ", ".join(found.fetched)
    looked = f"{found.rules} rules, {found.nodes} {plural(found.nodes, 'node')}"
    if found.ok:
        return line(f"Nothing is found wrong with {fetched} ({looked}).")
    count = len(found.findings)
    parts: list[RenderableType] = [
        line(strong(f"{count} {plural(count, 'finding')} for {fetched}"), faint(f" ({looked})"))
    ]
    for finding in found.findings:
        parts += _finding(finding)
    return Group(*parts)


def _finding(finding: Finding) -> list[RenderableType]:
    style = "gs.faint" if finding.severity is Severity.RISK else "gs.bad"
    head = Text(f"{_SEVERITIES[finding.severity]:<7}", style=style)
    return [
        line(head, f"{finding.rule}  ", strong(finding.node.name), _made(finding.node)),
        line(finding.sentence, indent=3),
        line(f"try: {finding.remedy}", indent=3),
    ]


def _made(node: Operation) -> Text:
    """The node's type and its line."""
    where = f"  {node.source.where}" if node.source else ""
    return faint(f" [{node.type}]{where}")


@render.register
def _(found: Checkup) -> RenderableType:
    trained = ", ".join(found.trained)
    begun = "" if found.initialized else ", from the variables as they are"
    head = f"{trained} minimizes {found.loss}; tried on the side{begun}"
    failed = len(found.failed)
    end = f"{failed} {plural(failed, 'line')} failed." if failed else "No line failed."
    return Group(line(strong(head)), grid(map(_habit, found.lines), indent=3), line(end))


def _habit(habit: Habit) -> Sequence[Text]:
    word, style = _PASSED[habit.passed]
    text = Text(habit.finding)
    if habit.node is not None:
        text.append(f"  [{habit.node.name}{f', {habit.line}' if habit.line else ''}]", "gs.strong")
    if habit.hint and not habit.passed:
        text.append(f"  try: {habit.hint}")
    return [Text(word, style=style), Text(habit.name), text]


@render.register
def _(found: Explanation) -> RenderableType:
    parts: list[RenderableType] = [
        line(strong(f"{found.name}{'' if found.kind is Kind.OTHER else f': {found.kind.value}'}.")),
        line(found.sentence, indent=3),
    ]
    node = f"{found.node.name} [{found.node.type}]" if found.node else found.said
    rows = [("node", node), *(("input", text) for text in found.inputs)]
    two = found.graphs is not None and found.graphs.given is not None  # with a line each, below
    raised = found.at if found.at != found.line else ""
    rows += [("line", "" if two else found.line), ("raised at", raised)]
    rows += [("needed by", found.path)]
    shown = [(faint(label), Text(text)) for label, text in rows if text]
    if shown:
        parts.append(grid(shown, indent=3))
    if found.axes:
        head = [faint(word) for word in ("axis", "fed", "wanted", "")]
        parts.append(grid([head, *map(_axis, found.axes)], indent=3))
    if found.graphs is not None and two:
        parts.append(grid(_two_graphs(found.graphs), indent=3, wrap=2))
    parts += [line(text, indent=3) for text in found.known]
    parts += [line(f"try: {text}", indent=3) for text in found.tries]
    return Group(*parts)


def _two_graphs(found: TwoGraphs) -> list[Sequence[Any]]:
    """What was given, and what the session has of this name, each with its graph."""
    sides = ("the one that was given", found.given), ("the session's", found.own)
    graphs = ("another graph", "this graph")
    rows: list[Sequence[Any]] = []
    for (side, op), graph, count in zip(sides, graphs, found.operations, strict=True):
        where = f", {op.source.where}" if op is not None and op.source else ""
        name = "nothing of this name" if op is None else f"{op.name}{where}"
        rows.append([side, name, f"{graph}, of {count} {plural(count, 'operation')}"])
    return rows


def _axis(axis: Axis) -> Sequence[Text]:
    fed = "-" if axis.fed is None else str(axis.fed)
    wanted = "any" if axis.free else "-" if axis.wanted is None else str(axis.wanted)
    mark = Text("fits", "gs.faint") if axis.fits else Text("DIFFERS", "gs.bad")
    return [Text(str(axis.number)), Text(fed), Text(wanted), mark]
