"""Why is this variable trained by this run, or why is it not?

Seven checks, in the order in which training goes; the first that fails is the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import islice

import numpy as np

from graphscope.debug.answers import Answer, Delta
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.bad import first_bad, gave_bad
from graphscope.debug.seeing import calls_of
from graphscope.debug.timeline import Step, Timeline
from graphscope.debug.triggers import is_zero
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import dotted, inside, rounds
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.kernels.stats import brief, length, stats
from graphscope.ops.state import variable_of


class Cause(Enum):
    """Why a variable is or is not trained."""

    TRAINED = "it is trained by this run"
    NO_OPTIMIZER = "the graph has no optimizer"
    NOT_TRAINABLE = "it is not trainable"
    NOT_IN_VAR_LIST = "the optimizer was not asked to train it"
    NO_PATH = "the loss does not depend on it"
    CUT = "the gradient is cut on its way"
    ZERO_GRADIENT = "its gradient is zero"
    BAD_GRADIENT = "its gradient is not finite"
    NOT_FETCHED = "its update is not part of this fetch"
    UNCHANGED = "its update ran and changed nothing"
    OVERWRITTEN = "its update is overwritten by a later write"
    NOT_TAKEN = "its update is inside a branch or a loop that did not come to it"


@dataclass(frozen=True)
class Check:
    """One of the seven: passed is None when it was not looked at, or cannot be known yet."""

    question: str
    passed: bool | None
    finding: str = ""


@dataclass(frozen=True)
class Why(Answer):
    """Why a variable is (not) trained.

    culprit: the operation that answers for it: the update, the cut, what overwrites it, or None.
    path:    from the variable to the loss, where there is one.
    others:  what else writes the variable: (operation, what to fetch, whether it runs here).
    """

    name: str
    variable: Operation
    cause: Cause
    checks: tuple[Check, ...]
    culprit: Operation | None = None
    path: tuple[Operation, ...] = ()
    loss: Operation | None = None
    delta: Delta | None = None
    gradient_norm: float | None = None
    others: tuple[tuple[Operation, str, bool], ...] = ()
    hint: str = ""

    @property
    def ok(self) -> bool:
        """True when this run trains the variable."""
        return self.cause is Cause.TRAINED

    @property
    def reason(self) -> Cause:
        return self.cause


QUESTIONS = (
    "is it trainable?",
    "was an optimizer asked to train it?",
    "does the loss depend on it?",
    "does a gradient come back to it?",
    "is the gradient finite and not zero?",
    "is its update part of this fetch?",
    "did the update change it?",
)


@dataclass
class Shared:
    """What was found out for other variables of a run, as long as it stays as it is.

    origins: where values went wrong, by what is wrong and the time at which that is asked: the
             gradients of many variables come by the same ways.
    newest:  the variables behind all that has run; None before somebody asked.
    """

    origins: dict[tuple[Callable[[Step], bool], int], Step] = field(default_factory=dict)
    newest: dict[str, Value] | None = None


def why(
    variable: Operation,
    timeline: Timeline,
    facts: Facts,
    names: Names,
    shared: Shared | None = None,
) -> Why:
    """Why the run of `timeline` trains the variable, or why not.

    shared: what was found out for other variables of the run, as long as it stays as it is.
    """
    return _Inquiry(variable, timeline, facts, names, shared or Shared()).answer()


class _Inquiry:
    """The seven checks for one variable, made until one of them fails."""

    def __init__(
        self,
        variable: Operation,
        timeline: Timeline,
        facts: Facts,
        names: Names,
        shared: Shared,
    ) -> None:
        self.shared, self.origins = shared, shared.origins
        self.variable, self.timeline, self.facts, self.names = variable, timeline, facts, names
        self.plan = timeline.plan
        self.name = names.of(variable)
        self.checks: list[Check] = []
        own_here = [op for op in facts.trainers(variable) if op in self.plan]
        own = own_here or facts.trainers(variable)
        #: The update of this variable; without one, an update that shows which loss is meant.
        self.trainer = own[-1] if own else None
        self.reference = self.trainer or facts.last_trainer(self.plan)
        self.loss = facts.loss(self.reference) if self.reference else None
        self.path: Sequence[Operation] = ()
        self.slope_path: Sequence[Operation] = ()

    def answer(self) -> Why:
        for check in (
            self._trainable,
            self._asked,
            self._depends,
            self._gradient_comes_back,
            self._gradient_value,
            self._fetched,
            self._changed,
        ):
            failed = check()
            if failed is not None:
                return self._build(*failed)
        return self._build(Cause.TRAINED, self.trainer, "")

    # Each adds its check; one that fails returns the cause, the culprit and a hint.

    def _found(self, passed: bool | None, finding: str) -> None:
        self.checks.append(Check(QUESTIONS[len(self.checks)], passed, finding))

    def _trainable(self) -> tuple[Cause, Operation | None, str] | None:
        if self.variable in self.facts.trainable or self.trainer is not None:
            listed = self.variable not in self.facts.trainable
            self._found(True, "no, but it is in a var_list" if listed else "yes")
            return None
        line = self.variable.source
        self._found(False, f"no, trainable=False{f' ({line.where})' if line else ''}")
        fetches = [fetch for _, fetch, runs in self._other_writers if not runs]
        hint = f"fetch {fetches[0]}, which writes it" if fetches else ""
        return Cause.NOT_TRAINABLE, None, hint

    def _asked(self) -> tuple[Cause, Operation | None, str] | None:
        if self.reference is None:
            self._found(False, "no, there is no optimizer in the graph")
            return Cause.NO_OPTIMIZER, None, "make one: ...Optimizer(rate).minimize(loss)"
        if self.trainer is not None:
            self._found(True, f"yes, {self._made_at(self.trainer)}")
            return None
        assert self.loss is not None
        # Without a gradient the optimizer skips a variable that it was asked to train; only with
        # one can it have been left out of the list.
        self.path = self.facts.slope_path(self.variable, self.loss)
        if not self.path:
            self._found(None, "perhaps; without a gradient it is left out anyway")
            return None
        self._found(False, f"no, it is not in the var_list of {self._made_at(self.reference)}")
        return Cause.NOT_IN_VAR_LIST, self.reference, f"add {self.name} to var_list="

    def _depends(self) -> tuple[Cause, Operation | None, str] | None:
        assert self.loss is not None
        # A shortest path may lead through a shape; the one that a gradient takes says more.
        self.slope_path = self.facts.slope_path(self.variable, self.loss)
        self.path = self.slope_path or self.facts.path(self.variable, self.loss)
        if self.path:
            self._found(True, f"yes: {self._written(self.path)}")
            return None
        self._found(False, f"no path leads from {self.name} to {self.loss.name}")
        return Cause.NO_PATH, None, f"use {self.name} in what the loss is computed from"

    def _gradient_comes_back(self) -> tuple[Cause, Operation | None, str] | None:
        assert self.loss is not None
        if self.slope_path:
            self._found(True, "yes, every operation on the way has a slope")
            return None
        cut = self.facts.cut(self.variable, self.loss)
        assert cut is not None, "a path without a slope is cut somewhere"
        line = f" ({cut.source.where})" if cut.source else ""
        self._found(False, f"no, {cut.name} [{cut.type}]{line} has no gradient")
        return Cause.CUT, cut, way_around(cut)

    def _gradient_value(self) -> tuple[Cause, Operation | None, str] | None:
        assert self.trainer is not None
        if self.trainer not in self.plan:
            self._found(None, "not asked, since its update does not run")
            return None
        slope = self.facts.slope(self.trainer)
        step = self._step_of(slope.op)
        if step is None:
            comes = self.timeline.may_come(slope.op)
            self._found(None, f"not computed {self._when(slope.op)}" if comes else "not computed")
            return None
        summary = stats(step.outputs[slope])
        if summary.nan or summary.inf:
            first = self._birth(slope) or self._first(step, gave_bad, self.plan.needed)
            words = f"it has {summary.nan} NaN and {summary.inf} Inf"
            self._found(False, f"no, {words}; they begin at {_at(first)}")
            return Cause.BAD_GRADIENT, first.node, f"look at it: print {_in_its_round(first)}"
        if summary.norm == 0:
            first = self._first(step, is_zero, self.facts.backward)
            self._found(False, f"no, it is zero everywhere, since {_at(first)}")
            return Cause.ZERO_GRADIENT, first.node, f"look at it: print {_in_its_round(first)}"
        self._found(True, f"yes, its norm is {brief(summary.norm)}")
        return None

    def _fetched(self) -> tuple[Cause, Operation | None, str] | None:
        assert self.trainer is not None
        if self.trainer in self.plan:
            t = self._t(self.trainer)
            when = "" if t is None else f" at t={t}"
            self._found(True, f"yes, {self.names.label(self.trainer)}{when}")
            return None
        fetches = [self.names.as_fetched(op) for op in self.facts.run_by(self.trainer)]
        self._found(False, f"no, {self.names.label(self.trainer)} does not run")
        return Cause.NOT_FETCHED, self.trainer, f"fetch {' or '.join(fetches[:3])}"

    def _changed(self) -> tuple[Cause, Operation | None, str] | None:
        assert self.trainer is not None
        later = self._overwriting(self.trainer)
        if later is not None:
            self._found(
                False,
                f"no, {self.names.label(later)} at t={self._t(later)} puts another value in its "
                "place",
            )
            return Cause.OVERWRITTEN, later, f"leave {later.name} out of this run"
        step = self._step_of(self.trainer)
        if step is None:
            if self.timeline.may_come(self.trainer):
                self._found(None, f"not {self._when(self.trainer, 'runs')}")
                return None
            self._found(False, "no, its branch was not taken, or its loop did not come to it")
            return Cause.NOT_TAKEN, self.plan.owner(self.trainer), ""
        before = self.timeline.variable(self.variable.name, step.t - 1)
        delta = Delta(before, step.writes[self.variable.name])
        if delta.norm != 0:
            self._found(True, f"yes, {delta.written(self.name)}")
            return None
        finding, hint = self._why_unchanged(self.trainer)
        self._found(False, finding)
        return Cause.UNCHANGED, self.trainer, hint

    # ---- what the checks ask -------------------------------------------------------------------

    def _overwriting(self, trainer: Operation) -> Operation | None:
        """What puts a value in the place of the updated one that does not come from it."""
        for op in self.facts.writers[self.variable]:
            is_later = op in self.plan and op._id > trainer._id
            if is_later and op.definition.takes_uninitialized:
                after = [other for other in self.plan.everything if other._id > trainer._id]
                behind = reach([op.inputs[1].op], lambda op: (t.op for t in op.inputs))
                reads = [o for o in after if o in behind and self._reads(o)]
                if not reads:
                    return op
        return None

    def _reads(self, op: Operation) -> bool:
        refs = (tensor for tensor in op.inputs if tensor.dtype.is_ref)
        return any(variable_of(tensor) is self.variable for tensor in refs)

    def _why_unchanged(self, trainer: Operation) -> tuple[str, str]:
        for tensor in trainer.inputs[1:]:
            scalar = tensor.shape.ndims == 0
            if scalar and not np.any(self.timeline.value(tensor, self._t(trainer))):
                return f"no, {tensor.name} is 0", "make it larger than 0"
        small = "no, the change is smaller than the distance to the next number of this type"
        return small, "a larger learning rate, or a type with more digits (tf.float64)"

    def _birth(self, slope: Tensor) -> Step | None:
        """Where the bad numbers of a gradient were born; None when that was before the run."""
        t = first_bad(self.timeline, self.facts, self.names, slope).t
        return self.timeline.steps[t - 1] if t else None

    def _first(
        self, step: Step, wrong: Callable[[Step], bool], among: Collection[Operation]
    ) -> Step:
        """The step at which the values of this step went wrong: back along its inputs, as long as
        one of them is wrong too."""
        passed = []
        while (wrong, step.t) not in self.origins:
            passed.append(step.t)
            behind = [
                self.timeline.step_of(t.op, step.t) for t in step.node.inputs if t.op in among
            ]
            before = [s for s in behind if s is not None and s.t < step.t and wrong(s)]
            inside = [other for other in self._inside(step) if wrong(other)]
            if not before and not inside:
                break
            step = before[0] if before else inside[0]
        first = self.origins.get((wrong, step.t), step)
        self.origins.update(((wrong, t), first) for t in passed)
        return first

    def _inside(self, step: Step) -> list[Step]:
        """The steps of the bodies that a node has run, in order."""
        if not step.node.definition.calls:
            return []
        first = self.timeline.steps[: step.t - 1]
        return [s for s in first if (step.node, step.frame) in calls_of(s.frame)]

    def _step_of(self, op: Operation) -> Step | None:
        return self.timeline.step_of(op)

    def _t(self, op: Operation) -> int | None:
        return self.timeline.time_of(op)

    def _when(self, op: Operation, verb: str = "is") -> str:
        """Of what has not run: ``yet: it is at t=5``."""
        t = self._t(op)
        return "yet" if t is None else f"yet: it {verb} at t={t}"

    def _delta(self) -> Delta | None:
        """The change of the variable over all that has run, also past the cursor."""
        if self.shared.newest is None:
            self.shared.newest = self.timeline.variables(self.timeline.newest)
        new = self.shared.newest.get(self.variable.name)
        old = self.timeline.start.get(self.variable.name)
        return None if new is None or new is old else Delta(old, new)

    def _made_at(self, trainer: Operation) -> str:
        """``train (model.py:12)``: the train op by the Python name that is nearest to the
        update."""
        named = self.facts.train_op(trainer)
        name = self.names.as_fetched(named)
        return f"{name} ({trainer.source.where})" if trainer.source else name

    def _written(self, path: Sequence[Operation]) -> str:
        shown = [*islice(filter(_is_shown, path), 9)]
        is_long = len(shown) > 8
        if is_long:  # of a path of thousands the middle is not even looked at
            shown[4:] = [*islice(filter(_is_shown, reversed(path)), 3)][::-1]
        words = [self.names.of(op).rpartition("/")[2] for op in shown]
        words[4:4] = ["..."] if is_long else []
        return " -> ".join(words)

    def _build(self, cause: Cause, culprit: Operation | None, hint: str) -> Why:
        unasked = [Check(question, None) for question in QUESTIONS[len(self.checks) :]]
        slope = self.facts.slope(self.trainer) if self.trainer else None
        step = self._step_of(slope.op) if slope is not None else None
        return Why(
            name=self.name,
            variable=self.variable,
            cause=cause,
            checks=(*self.checks, *unasked),
            culprit=culprit,
            path=tuple(self.path),
            loss=self.loss,
            delta=self._delta(),
            gradient_norm=None if step is None or slope is None else length(step.outputs[slope]),
            others=self._other_writers,
            hint=hint,
        )

    @cached_property
    def _other_writers(self) -> tuple[tuple[Operation, str, bool], ...]:
        found = []
        for op in self.facts.writers[self.variable]:
            if op not in self.facts.trainers(self.variable):
                fetches = [self.names.as_fetched(root) for root in self.facts.run_by(op)]
                found.append((op, " or ".join(fetches[:3]), op in self.plan))
        return tuple(found)


def _is_shown(op: Operation) -> bool:
    return op.type != "Identity"


def _at(step: Step) -> str:
    """``while/Log (t=10, in iteration 2 of while/While)``"""
    return f"{step.node.name} (t={step.t}{inside(step.frame)})"


def _in_its_round(step: Step) -> str:
    """``while/Log@2``: how its value is asked for."""
    around = rounds(step.frames)
    return step.node.name + (f"@{dotted(around)}" if around else "")


def way_around(cut: Operation) -> str:
    """What to use in place of an operation through which no gradient flows."""
    return {
        "StopGradient": "take tf.stop_gradient away, if the variable shall be trained",
        "ArgMax": "use the probabilities (tf.nn.softmax) in the loss, not the position",
        "ArgMin": "use a soft minimum in the loss, not the position",
        "Round": "use the number itself in the loss, and round it only to show it",
        "Cast": "keep floating-point numbers up to the loss",
        **dict.fromkeys(
            ("PyFunc", "PyFuncStateless"),
            "write it with operations of the graph, which have slopes",
        ),
        "VariableV2": "only floating-point numbers have gradients: make it a variable of those",
        **dict.fromkeys(
            ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"),
            "a comparison is a step without slope: use a difference, as in a squared error",
        ),
    }.get(cut.type, f"{cut.type} is a step or a choice without slope: use a smooth function")
