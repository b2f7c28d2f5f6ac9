"""Exactly which variables does this run train, which not, and why?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from graphscope.debug.answers import Answer, Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.counting import by_schedules, counted
from graphscope.debug.questions.why import Cause, Shared, Why, why
from graphscope.debug.timeline import Timeline
from graphscope.graph.graph import Operation


class Status(Enum):
    """The four classes into which an optimizer's run divides the variables."""

    UPDATED = "updated"
    NO_PATH = "no path to the loss"
    FROZEN = "frozen"
    OTHER = "not the optimizer's business"


@dataclass(frozen=True)
class Update:
    """A variable and its class.

    done:    whether the write has run. written: whether anything in this run writes it.
    because: the line, the cut or the other writer that answers for it.
    """

    name: str
    status: Status
    why: Why
    written: bool
    done: bool
    because: str

    @property
    def delta(self) -> Delta | None:
        return self.why.delta

    @property
    def gradient_norm(self) -> float | None:
        return self.why.gradient_norm


@dataclass(frozen=True)
class Updates(Answer):
    """All variables of the graph, each in its class."""

    fetched: tuple[str, ...]
    rows: tuple[Update, ...]
    trains: bool

    def __getitem__(self, name: str) -> Update:
        return next(row for row in self.rows if row.name == name)

    def names(self, status: Status) -> set[str]:
        """The names of the variables in one class."""
        return {row.name for row in self.rows if row.status is status}


def updates(timeline: Timeline, facts: Facts, names: Names, fetched: tuple[str, ...]) -> Updates:
    """Divide the variables of the graph into the four classes, for the run of `timeline`."""
    rows = []
    shared = Shared()
    everything = {op.name: op for op in timeline.plan.everything}
    for variable in facts.variables:
        answer = why(variable, timeline, facts, names, shared)
        assign = everything.get(f"{variable.name}/Assign")
        writers = [op for op in facts.writers[variable] if _runs(op, timeline)]
        initializer = [assign] if assign is not None and timeline.runs(assign) else []
        trained = any(op in facts.trainers(variable) for op in writers)
        status, because = _classified(answer, trained, facts, names, fetched)
        if initializer and status is not Status.UPDATED:
            because = "its initializer runs here"
        written = [*writers, *initializer]
        rows.append(
            Update(
                name=answer.name,
                status=status,
                why=answer,
                written=bool(written),
                done=bool(written) and not any(map(timeline.may_come, written)),
                because=because,
            )
        )
    trains = any(facts.is_trainer(op) for op in timeline.plan.everything)
    return Updates(fetched, tuple(rows), trains)


def status_of(
    variable: Operation, timeline: Timeline, facts: Facts, names: Names, fetched: tuple[str, ...]
) -> Status:
    """The class of one variable, as `updates` gives it."""
    if any(_runs(op, timeline) for op in facts.trainers(variable)):
        return Status.UPDATED
    answer = why(variable, timeline, facts, names)
    return _classified(answer, False, facts, names, fetched)[0]


def _runs(op: Operation, timeline: Timeline) -> bool:
    return op in timeline.plan and timeline.runs(op)


def _classified(
    answer: Why, trained: bool, facts: Facts, names: Names, fetched: tuple[str, ...]
) -> tuple[Status, str]:
    cause, loss = answer.cause, answer.loss
    if trained:
        trainer = answer.checks[1].finding.removeprefix("yes, ")
        return Status.UPDATED, trainer if answer.ok else f"{trainer}; {cause.value}"
    written = any(runs for _, _, runs in answer.others)
    if written or (answer.others and cause is Cause.NOT_TRAINABLE):
        return Status.OTHER, _other_writer(answer, facts, names, fetched)
    if cause is Cause.NOT_FETCHED:
        return Status.OTHER, f"you fetched {', '.join(fetched)}; {answer.hint}"
    in_loss = loss is not None and bool(facts.path(answer.variable, loss))
    if cause is Cause.NOT_TRAINABLE and not in_loss:
        return Status.OTHER, "trainable=False, and nothing here writes it"
    if cause is Cause.NO_OPTIMIZER or loss is None:
        return Status.OTHER, cause.value
    if cause is Cause.NO_PATH:
        return Status.NO_PATH, f"nothing leads from it to {loss.name}"
    finding = next(c.finding for c in answer.checks if c.passed is False)
    return Status.FROZEN, finding.removeprefix("no, ")


def _other_writer(answer: Why, facts: Facts, names: Names, fetched: tuple[str, ...]) -> str:
    here = [(op, fetch) for op, fetch, runs in answer.others if runs]
    if len(here) > 1:
        writers = counted([op for op, _ in here], names)
        return f"{len(here)} writers: {writers}{by_schedules(answer.variable, facts, names)}"
    if here:
        op, fetch = here[-1]
        return f"written by {op.type} ({fetch})"
    wanted = dict.fromkeys(fetch for _, fetch, _ in answer.others)
    return f"only {', '.join(wanted)} writes it; you fetched {', '.join(fetched)}"
