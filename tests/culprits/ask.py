"""Asking: what each command names in a program, and whether it is silent on a healthy one.

Each function takes a debugger, what to ask, and the program; it returns the operations that the
answer holds guilty, none for a healthy program.
"""

from graphscope.debug.debugger import Debugger
from graphscope.debug.questions.updates import Status
from graphscope.debug.questions.why import Cause
from graphscope.debug.questions.why_not import Absence

ASKERS = {}


def asker(function):
    ASKERS[function.__name__] = function
    return function


@asker
def why(d, variable, _):
    d.run_to_end()
    answer = d.why(variable)
    if answer.ok:
        return []
    if answer.cause is Cause.NOT_TRAINABLE and any(runs for _, _, runs in answer.others):
        return []  # no optimizer's business, and written as it should be
    elsewhere = [op for op, _, runs in answer.others if not runs]
    return [answer.culprit or answer.variable, *elsewhere]


@asker
def updates(d, variable, _):
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
def why_not(d, node, _):
    answer = d.why_not(node)
    if answer.absence is Absence.IT_RUNS:
        return []
    fetches = [d.locations.one(name.strip("'")) for name in answer.fetches]
    return [*(tensor.op for tensor in answer.feeds), *fetches]


@asker
def needs(d, _, __):
    answer = d.needs()
    return [*(tensor.op for tensor in answer.missing), *answer.uninitialized]


@asker
def lint(d, rule, _):
    answer = d.lint()
    return [found.node for found in answer.findings if rule in ("", found.rule)]


@asker
def check(d, line, _):
    answer = d.check()
    return [found.node for found in answer.failed if line in ("", found.name)]


@asker
def explain(d, kind, program):
    if program.error is None:
        return []
    answer = d.explain(program.error)
    return [answer.node] if answer.kind.name == kind else []


@asker
def flow(d, variable, _):
    d.run_to_end()
    answer = d.flow("%" + variable)
    return [] if answer.ok else [answer.culprit]


@asker
def first_bad(d, _, __):
    d.run_to_end()
    answer = d.first_bad()
    return [] if answer.node is None else [answer.node]


@asker
def who(d, variable, _):
    return [op for hazard in d.who(variable).hazards for op in (hazard.first, hazard.second)]


def known():
    """The commands that the debugger has; what others are asked is left out of the score."""
    return [name for name in ASKERS if hasattr(Debugger, name)]


def meant(op):
    """An operation by its name; one of a backward pass by what it is the gradient of."""
    if op is None:
        return None
    return op.name if op.gradient_of is None else op.gradient_of.name
