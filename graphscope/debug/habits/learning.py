"""Habits about learning: does the loss of one batch fall, is the rate right, do inputs and labels
belong together?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphscope.debug.classes import CrossEntropy
from graphscope.debug.habits.habit import Habit
from graphscope.debug.habits.subject import Subject
from graphscope.debug.rules.feeds import shuffled_apart
from graphscope.debug.side.runs import Feeds, computed
from graphscope.debug.trials import FEWEST, Training, Trial, halves
from graphscope.engine.interpreter import Value
from graphscope.engine.plan import plan
from graphscope.graph.graph import Tensor
from graphscope.kernels.stats import brief

#: A loss that falls by more than this part of itself falls, by less than that it does not.
_FALLS, _STANDS = 0.05, 0.005
#: What is tried in place of a rate at which nothing moves.
_LARGER = (10.0, 100.0, 1e3, 1e4, 1e5)
#: Fewer examples on each side show nothing about the pairing.
_EXAMPLES = 16
#: A half is learned by heart when its loss has fallen to this part of a guess.
_BY_HEART = 0.4
#: It is looked at them after so many runs each time.
_LOOK = 5
#: By so many standard errors other examples must be better than a guess, for what was learned to
#: have helped; with less than the other number it has not.
_HELP, _NO_HELP = 3.0, 1.5


def one_batch(subject: Subject) -> Iterator[Habit]:
    """Does the loss fall when the same batch is given again and again?"""
    name, trial = "one batch", subject.trial
    first, last, runs = trial.first, trial.last, len(trial.losses)
    finding = f"the loss goes from {brief(first)} to {brief(last)} in {runs} runs"
    numbers = {"first": first, "last": last, "runs": float(runs)}
    if trial.finite and (trial.fall >= _FALLS or abs(trial.first) < 1e-6):
        yield Habit(name, True, finding, numbers=numbers)
    elif trial.finite and trial.fall >= _STANDS:
        yield Habit(name, None, f"{finding}: slowly", None, "a larger learning rate?", numbers)
    else:
        node, hint = subject.training.loss, "see the other lines, and lint"
        yield Habit(name, False, f"{finding}: it does not fall", node, hint, numbers)


# ---- the learning rate -------------------------------------------------------------------------


def rate(subject: Subject) -> Iterator[Habit]:
    """Is the learning rate right, or would a tenth of it, or ten times it, do what it does not?"""
    name, training = "learning rate", subject.training
    rates = {tensor: subject.view.number(tensor) for tensor in subject.view.rates}
    known = {tensor: number for tensor, number in rates.items() if number is not None}
    if not known:
        yield Habit(name, None, "the graph does not show it as a tensor")
        return
    tensor, number = next(iter(known.items()))
    if number == 0:
        yield Habit(name, False, f"{tensor.name} is 0", tensor.op, "0.01, or 0.001 for Adam")
        return
    runs = min(FEWEST, len(subject.trial.losses))
    tried = {1.0: Trial(subject.trial.losses[:runs], subject.trial.state)}
    as_it_is, right = tried[1.0].fall, 1.0
    factors = (0.1,) if as_it_is < 0 else _LARGER if as_it_is < _STANDS else ()
    for factor in factors:
        tried[factor] = training.trial(runs, _scaled(known, factor))
        if tried[factor].fall > (_STANDS if factor < 1 else 4 * _FALLS):
            right = factor
            break
    words = "; ".join(
        f"{brief(number * f)}: {brief(t.first)} to {brief(t.last)}"
        for f, t in sorted(tried.items())
    )
    finding = f"in {runs} runs, at {words}"
    numbers = {"rate": number, "right": number * right, "fall": as_it_is}
    if right != 1.0:
        wrong = "large" if right < 1 else "small"
        hint = f"{brief(number * right)}: it is too {wrong}"
        yield Habit(name, False, finding, tensor.op, hint, numbers)
    else:
        yield Habit(name, True if as_it_is > 0 else None, finding, numbers=numbers)


def _scaled(rates: dict[Tensor, float], factor: float) -> Feeds:
    """What to feed for other learning rates."""
    return {t: np.asarray(n * factor, t.dtype.base_dtype.numpy) for t, n in rates.items()}


# ---- inputs and labels -------------------------------------------------------------------------


def pairing(subject: Subject) -> Iterator[Habit]:
    """Does what is learned from one half of the batch help with the other half?

    When a model learns one half by heart and is no better than a guess on the other half, the
    labels are suspected to be those of other examples.
    """
    name, training, found = "pairing", subject.training, subject.classes
    apart = next(shuffled_apart(subject.view), None)
    if apart is not None:  # the graph itself says it: nothing has to be tried
        yield Habit(name, False, apart.sentence, apart.node, apart.remedy)
        return
    parts = halves(training.feeds)
    if found is None or parts is None:
        yield Habit(name, None, "only told of classes, and of a batch that is fed")
        return
    learned, other = ({**training.feeds, **part} for part in parts)
    if min(len(value) for part in parts for value in part.values()) < _EXAMPLES:
        yield Habit(name, None, f"only told of {2 * _EXAMPLES} examples and more")
        return
    guess = _guessed(training, found, learned, other)
    by_heart = _BY_HEART * float(np.mean(guess))
    begun, ended, best = _learned(training, found, learned, other, by_heart)
    better = guess - best
    certain = float(np.mean(better) / (np.std(better) / np.sqrt(len(better)) + 1e-12))
    numbers = {"learned": ended, "other": float(np.mean(best)), "guess": float(np.mean(guess))}
    finding = (
        f"one half of the batch is learned, {brief(begun)} to {brief(ended)}; the other half comes "
        f"to {brief(np.mean(best))}, where a guess has {brief(np.mean(guess))}"
    )
    if certain > _HELP:
        yield Habit(name, True, finding, numbers=numbers)
    elif ended <= by_heart and certain < _NO_HELP:
        hint = "are inputs and labels shuffled, sliced and batched in the same order?"
        yield Habit(name, False, finding, found.labels.op, hint, numbers)
    else:
        yield Habit(name, None, finding, numbers=numbers)


def _learned(
    training: Training, found: CrossEntropy, learned: Feeds, other: Feeds, enough: float
) -> tuple[float, float, Value]:
    """The mean cross entropy of a half at the beginning and at the end of learning it, and those of
    the examples of the other half when they were best. It ends when the first is `enough`."""
    state = training.start
    steps = plan(training.graph, training.plan.fetches, learned)
    looking = plan(training.graph, [found.scores, found.labels], learned)
    means, others = [], []
    for i in range(2 * training.runs + 1):
        if i % _LOOK == 0:
            seen = found.losses(computed(looking, learned, state.copy()))
            others.append(found.losses(computed(looking, other, state.copy())))
            means.append(float(np.mean(seen)))
            if not np.isfinite(means[-1]) or means[-1] <= enough:
                break
        computed(steps, learned, state)
    best = min(others, key=lambda losses: float(np.mean(losses)))
    return means[0], means[-1], best


def _guessed(training: Training, found: CrossEntropy, learned: Feeds, other: Feeds) -> Value:
    """The cross entropies, on the other half, of knowing only how frequent each class is."""
    looking = plan(training.graph, [found.scores, found.labels], learned)
    known = found.targets(computed(looking, learned, training.start))
    asked = found.targets(computed(looking, other, training.start))
    counts: Value = np.bincount(known, minlength=int(max(known.max(), asked.max())) + 1) + 1.0
    guess: Value = -np.log(counts / counts.sum())[asked]
    return guess
