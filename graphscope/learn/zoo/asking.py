"""Asking: what each command names in a program, and whether it is silent on a healthy one.

Each function takes a debugger at the start of a run, and what to ask; it returns the operations
that the answer holds guilty, none for a healthy program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from graphscope.debug.debugger import Debugger
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause
from graphscope.debug.questions.why_not import Absence
from graphscope.errors import OpError
from graphscope.graph.graph import Operation

Guilty = Sequence[Operation | None]
Asker = Callable[[Debugger, str], Guilty]

#: The functions below, by the command that they ask.
ASKERS: dict[str, Asker] = {}


def asker(function: Asker) -> Asker:
    """Declare what a command names."""
    ASKERS[function.__name__] = function
    return function


@asker
def why(d: Debugger, variable: str) -> Guilty:
    d.run_to_end()
    answer = d.why(variable)
    if answer.ok:
        return []
    if answer.cause is Cause.NOT_TRAINABLE and any(runs for _, _, runs in answer.others):
        return []  # no optimizer's business, and written as it should be
    elsewhere = [op for op, _, runs in answer.others if not runs]
    return [answer.culprit or answer.variable, *elsewhere]


@asker
def updates(d: Debugger, variable: str) -> Guilty:
    d.run_to_end()
    row = d.updates()[variable]
    counting = [op for op, _, runs in row.why.others if runs]
    if len(counting) > 1:
        return counting
    if row.status is Status.UPDATED or counting:
        return []
    elsewhere = [op for op, _, _ in row.why.others]
    return [row.why.culprit or row.why.variable, *elsewhere]


@asker
def why_not(d: Debugger, node: str) -> Guilty:
    answer = d.why_not(node)
    if answer.absence in (Absence.IT_RUNS, Absence.FED):
        return []
    fetches = [d.locations.one(name.strip("'")) for name in answer.fetches]
    return [*(tensor.op for tensor in answer.feeds), *fetches]


@asker
def needs(d: Debugger, _: str) -> Guilty:
    answer = d.needs()
    return [*(tensor.op for tensor in answer.missing), *answer.uninitialized]


@asker
def lint(d: Debugger, rule: str) -> Guilty:
    return [found.node for found in d.lint().findings if rule in ("", found.rule)]


@asker
def check(d: Debugger, line: str) -> Guilty:
    return [found.node for found in d.check().failed if line in ("", found.name)]


@asker
def explain(d: Debugger, kind: str) -> Guilty:
    try:
        d.run_to_end()
    except OpError as error:
        answer = d.explain(error)
        return [answer.node] if answer.kind.name == kind else []
    return []


@asker
def flow(d: Debugger, variable: str) -> Guilty:
    d.run_to_end()
    answer = d.flow("%" + variable)
    return [] if answer.ok else [answer.culprit]


@asker
def nan(d: Debugger, _: str) -> Guilty:
    d.run_to_end()
    answer = d.first_bad()
    return [] if answer.node is None else [answer.node]


@asker
def who(d: Debugger, variable: str) -> Guilty:
    return [op for hazard in d.who(variable).hazards for op in (hazard.first, hazard.second)]


def meant(op: Operation | None) -> str | None:
    """An operation by its name; one of a backward pass by what it is the gradient of."""
    if op is None:
        return None
    return op.name if op.gradient_of is None else op.gradient_of.name


# ---- asking all that is meant to be asked ------------------------------------------------------

#: These commands need nothing to be asked: they look at every healthy program.
EVERYWHERE = ("lint", "check", "needs", "nan")


def said(d: Debugger, questions: Mapping[str, str]) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Each command that is asked, and the names of what it holds guilty."""
    for command, ask in ASKERS.items():
        if command in questions:
            yield command, tuple(meant(op) for op in ask(d, questions[command]))


def of_a_twin(d: Debugger, asks: Mapping[str, str]) -> dict[str, str]:
    """What to ask of a healthy program: nothing at all may be found, whatever the label of the
    broken one asks for."""
    questions = {**asks, **dict.fromkeys(EVERYWHERE, "")}
    if "check" not in asks and not any(d.facts.is_trainer(op) for op in d.plan.nodes):
        del questions["check"]
    return questions
