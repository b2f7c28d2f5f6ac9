"""Habits about single numbers: are they finite, where does the loss begin, how large is a step?"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import numpy as np

from graphscope.debug.answers import Delta
from graphscope.debug.classes import source_of
from graphscope.debug.habits.habit import Habit
from graphscope.debug.habits.subject import Subject
from graphscope.debug.questions.why import Cause, Origins, Why, why
from graphscope.debug.timeline import Step, Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import brief, is_finite, stats
from graphscope.ops.state import written

#: A loss at the start within this factor of ln K is as it should be.
_NEAR = 3.0
#: So many variables that no gradient comes to are named.
_NAMED = 12
#: A step between these parts of the weights is usual; far outside of them it is wrong.
_USUAL = (1e-5, 1e-1)
_POSSIBLE = (1e-8, 1.0)

#: Why a variable is not trained, when that is no decision of the learner's.
_FAULTS = (Cause.NO_PATH, Cause.CUT, Cause.ZERO_GRADIENT, Cause.BAD_GRADIENT)


def finite(subject: Subject) -> Iterator[Habit]:
    """Are the loss and all updates finite numbers?

    Infinities on the way, as in a mask, are no fault as long as they come to none of these.
    """
    name, timeline = "finite numbers", subject.step
    loss = timeline.value(subject.training.loss.outputs[0])
    updates = [value for step in timeline.steps for value in step.writes.values()]
    if not _bad(loss) and not any(map(_bad, updates)):
        count = f"{len(updates)} update{'' if len(updates) == 1 else 's'}"
        yield Habit(name, True, f"loss {brief(np.sum(loss))}, and {count} without NaN or Inf")
        return
    first = _first_bad(timeline)
    for tensor in first.node.inputs:
        value = timeline.run.feeds.get(tensor, timeline.start.get(tensor.op.name))
        if value is not None and _bad(value):
            given = tensor in timeline.run.feeds
            how = "is fed" if given else "holds, before the run,"
            finding = f"{subject.view.label(tensor.op)} {how} {_counted(value)}"
            hint = "look at the data: feeds" if given else "initialize it again"
            yield Habit(name, False, finding, tensor.op, hint)
            return
    value = next(filter(_bad, _made(first)))
    finding = f"{first.node.name} [{first.node.type}] makes {_counted(value)}, the first of all"
    yield Habit(name, False, finding, first.node, f"look at what goes in: until {first.node.name}")


def _first_bad(timeline: Timeline) -> Step:
    """Back from the first NaN, or else the first infinity, to where its numbers went bad."""
    bad = [step for step in timeline.steps if any(map(_bad, _made(step)))]
    step = next((s for s in bad if any(map(_has_nan, _made(s)))), bad[0])
    while True:
        before = [timeline.step_of(tensor.op, step.t - 1) for tensor in step.node.inputs]
        worse = [other for other in before if other is not None and any(map(_bad, _made(other)))]
        if not worse or worse[0].t >= step.t:
            return step
        step = worse[0]


def _made(step: Step) -> list[Value]:
    return [*step.outputs.values(), *step.writes.values()]


def _has_nan(value: Value) -> bool:
    return value.dtype.kind in "fc" and bool(np.any(np.isnan(value)))


def _bad(value: Value) -> bool:
    return not is_finite(value)


def _counted(value: Value) -> str:
    summary = stats(value)
    words = [f"{n} {what}" for n, what in ((summary.nan, "NaN"), (summary.inf, "Inf")) if n]
    return f"{' and '.join(words)} of {summary.size}"


# ---- the loss at the start ---------------------------------------------------------------------


def loss_at_the_start(subject: Subject) -> Iterator[Habit]:
    """Does the loss begin near that of a guess, ln K for K classes?"""
    name, found = "loss at the start", subject.classes
    training = subject.training
    start = training.step(training.start)
    loss = float(np.sum(start.value(training.loss.outputs[0])))
    if found is None or found.classes is None or found.classes < 2:
        yield Habit(name, None, f"{brief(loss)}; no cross entropy of classes is in it to compare")
        return
    guess = log(found.classes)
    # With penalties in it the loss is more than the cross entropy, which then is what counts.
    measured = loss if found.by_hand else float(np.mean(start.value(found.node.outputs[0])))
    numbers = {"loss": loss, "measured": measured, "expected": guess}
    said = f"{brief(measured)}, and a guess among {found.classes} classes has ln {found.classes}"
    finding = f"{said} = {guess:.4g}"
    if guess / _NEAR <= measured <= guess * _NEAR:
        yield Habit(name, True, finding, numbers=numbers)
        return
    hint = "smaller initial weights of the last layer; the mean over the examples, not their sum"
    if measured < guess / _NEAR:
        hint = "do the inputs contain the labels? is it a loss of one class only?"
    yield Habit(name, False, finding, _made_of(subject), hint, numbers)


def _made_of(subject: Subject) -> Operation:
    """What answers for a loss that begins wrong: where the scores come from."""
    found = subject.classes
    return source_of(found.scores).op if found is not None else subject.training.loss


# ---- gradients ---------------------------------------------------------------------------------


def gradients(subject: Subject) -> Iterator[Habit]:
    """Does a gradient that is not zero reach every variable that should be trained?"""
    name = "gradients"
    reached, faults = 0, []
    soon: Origins = {}
    later: Origins = {}
    for variable in subject.view.facts.variables:
        if variable not in subject.view.facts.trainable:
            continue
        answer = _why(variable, subject.step, subject, soon)
        if answer.cause is Cause.ZERO_GRADIENT:
            answer = _why(variable, subject.later, subject, later)
        if _is_fault(answer, subject):
            faults.append(answer)
        elif answer.gradient_norm is not None:
            reached += 1
    if not faults:
        each = f"each of the {reached} variables that are"
        each = "the 1 variable that is" if reached == 1 else each
        yield Habit(name, True, f"one comes to {each} trained")
        return
    worst = faults[0]
    words = ", ".join(f"{answer.name} ({answer.cause.value})" for answer in faults[:_NAMED])
    words += f", and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    node = worst.culprit or worst.variable
    yield Habit(
        name,
        False,
        f"{reached} variables are reached, and not: {words}; see {node.name}",
        node,
        f"why {worst.name}",
        {"reached": reached, "not reached": len(faults)},
    )


def _why(variable: Operation, timeline: Timeline, subject: Subject, origins: Origins) -> Why:
    return why(variable, timeline, subject.view.facts, subject.view.names, origins)


def _is_fault(answer: Why, subject: Subject) -> bool:
    """Not so when it is meant: another optimizer trains it, something copies into it, a
    tf.stop_gradient stands before it."""
    facts = subject.view.facts
    if answer.cause not in _FAULTS:
        return False
    if answer.cause is Cause.CUT and answer.culprit is not None:
        return answer.culprit.type != "StopGradient"
    return not (answer.cause is Cause.NO_PATH and facts.writers[answer.variable])


# ---- the size of a step ------------------------------------------------------------------------


def step_size(subject: Subject) -> Iterator[Habit]:
    """Is a step about a thousandth of the weights?"""
    name, ratios = "step size", {}
    for trainer in subject.training.trainers:
        # What does not move at the very beginning may move a little later.
        ratio = _ratio(trainer, subject.step) or _ratio(trainer, subject.later)
        if ratio is not None:
            ratios[trainer] = ratio
    if not ratios:
        yield Habit(name, None, "no weights to compare with: all begin as zeros, or are scalars")
        return
    node, ratio = max(ratios.items(), key=lambda item: abs(log(max(item[1], 1e-30) / 1e-3)))
    variable = subject.view.names.of(written(node)[0])
    numbers = {subject.view.names.of(written(op)[0]): value for op, value in ratios.items()}
    finding = f"{variable} changes by {ratio:.2g} of itself; about 1e-3 is usual"
    if _USUAL[0] <= ratio <= _USUAL[1]:
        yield Habit(name, True, finding, numbers=numbers)
        return
    possible = _POSSIBLE[0] <= ratio <= _POSSIBLE[1]
    hint = "a smaller learning rate" if ratio > _USUAL[1] else "a larger learning rate"
    hint = hint if ratio else "see the lines on gradients and on the learning rate"
    yield Habit(name, None if possible else False, finding, node, hint, numbers)


def _ratio(trainer: Operation, timeline: Timeline) -> float | None:
    """The length of the change of a variable, as a part of the variable's own."""
    step = timeline.step_of(trainer)
    if step is None:
        return None
    variable = written(trainer)[0]
    before = timeline.variables(step.t - 1).get(variable.name)
    new = step.writes.get(variable.name)
    if before is None or new is None or before.ndim < 2:
        return None
    length = stats(before).norm
    return Delta(before, new).norm / length if length else None
