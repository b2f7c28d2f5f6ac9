"""Rules about what comes in from outside: feeds, random orders, dropout, the learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from graphscope.debug.classes import source_of
from graphscope.debug.rules.rule import Hint, Severity, rule
from graphscope.debug.rules.view import View
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import brief

#: From this rate on a method that scales its steps itself takes steps larger than any weight.
_HUGE_SCALED = 1.0
#: From this rate on any method does.
_HUGE = 10.0
_SCALED = ("Adam", "RMSProp", "CenteredRMSProp")


@rule("shuffled-apart", Severity.WRONG)
def shuffled_apart(view: View) -> Iterator[Hint]:
    """Two random orders, of inputs and of labels, that have nothing to do with each other."""
    shuffles = [op for op in view.of_type("RandomShuffle") if op in view.behind_losses]
    for first, second in combinations(shuffles, 2):
        same_seed = _seeds(first) == _seeds(second) != (0, 0)
        chained = first in view.behind(second.outputs[0])
        if same_seed or chained or first.inputs[0] is second.inputs[0]:
            continue
        yield Hint(
            second,
            f"{view.label(first)} and {view.label(second)} put rows in an order each, and not in "
            "the same one: inputs and labels no longer belong together.",
            "shuffle positions once, order = tf.random_shuffle(tf.range(n)), and tf.gather both by "
            "it",
            (first,),
        )


def _seeds(op: Operation) -> tuple[int, int]:
    return op.attrs.get("seed", 0), op.attrs.get("seed2", 0)


# ---- dropout -----------------------------------------------------------------------------------


@rule("dropout", Severity.WRONG)
def dropout_keeps_nothing(view: View) -> Iterator[Hint]:
    """A probability of keeping that is 0, or none."""
    for choice, rate in _dropouts(view):
        number = view.number(rate)
        if number is None or 0 <= number < 1:
            continue
        node = _given_by(rate, view) or choice
        yield Hint(
            node,
            f"{view.label(node)} lets the dropout {view.label(choice)} keep elements with "
            f"probability {brief(1 - number)}: "
            + ("nothing is left, and 0 * infinity is NaN." if number == 1 else "that is none."),
            "feed the probability of keeping, 0.5 say, and 1.0 when testing",
            (choice,),
        )


@rule("dropout-when-testing", Severity.LIKELY)
def dropout_when_testing(view: View) -> Iterator[Hint]:
    """Dropout that is on in a run which trains nothing."""
    if view.trains or not any(view.facts.writers.values()):
        return
    for choice, rate in _dropouts(view):
        number = view.number(rate)
        if number is not None and 0 < number < 1:
            node = _given_by(rate, view) or choice
            yield Hint(
                node,
                f"Nothing is trained in this run, and {view.label(choice)} still drops "
                f"{number:.0%} of the elements: the result is another one each time, and a worse "
                "one.",
                "feed keep_prob 1.0 when testing (or rate 0, or training=False)",
                (choice,),
            )


def _dropouts(view: View) -> Iterator[tuple[Operation, Tensor]]:
    """The choices of dropouts that run, each with the probability of dropping."""
    for op in view.of_type("GreaterEqual"):
        drawn, rate = op.inputs
        is_random = any(other.definition.kind == "random" for other in view.behind(drawn))
        users = [u for u in view.graph.consumers(op.outputs[0]) if u.type == "Cast"]
        scaling = any(v.type == "Mul" for u in users for v in view.graph.consumers(u.outputs[0]))
        if is_random and scaling and (op.body is None or view.timeline.times_of(op)):
            yield op, rate


def _given_by(rate: Tensor, view: View) -> Operation | None:
    """The placeholder that a probability comes from."""
    found = (op for op in view.behind(rate) if op.type.startswith("Placeholder"))
    return min(found, key=lambda op: op._id, default=None)


# ---- the learning rate -------------------------------------------------------------------------


@rule("learning-rate", Severity.WRONG)
def learning_rate(view: View) -> Iterator[Hint]:
    """A learning rate of 0, below 0, or so large that no step can be right."""
    for rate, trainer in view.rates.items():
        number = view.number(rate)
        if number is None:
            continue
        node = source_of(rate).op
        said = f"{view.label(node)} is {brief(number)}"
        scaled = trainer.type.removeprefix("Sparse").removeprefix("Resource")
        huge = _HUGE_SCALED if scaled.removeprefix("Apply") in _SCALED else _HUGE
        if number == 0:
            problem = "the updates run and change nothing"
        elif number < 0:
            problem = "every step goes up the slope, and the loss grows"
        elif number >= huge:
            problem = f"steps of {trainer.type} with it are larger than the weights themselves"
        else:
            continue
        yield Hint(node, f"{said}: {problem}.", "begin with 0.01, or 0.001 for Adam", (trainer,))


# ---- feeds -------------------------------------------------------------------------------------


@rule("feed-unused", Severity.RISK)
def feed_unused(view: View) -> Iterator[Hint]:
    """What is fed and taken by nothing that runs. Where nothing is trained and nothing is missing
    that is no mistake: labels are fed by habit. Nor is it where there is a default: Keras always
    says whether it is training."""
    if not view.whole or not (view.trains or view.plan.missing):
        return
    missing = ", ".join(view.names.of(tensor.op) for tensor in view.plan.missing)
    unused = sorted(view.plan.feeds - view.plan.used_feeds, key=lambda t: t.op._id)
    for tensor in (t for t in unused if t.op.type != "PlaceholderWithDefault"):
        meant = f"; is {missing} meant, which is not fed?" if missing else ""
        yield Hint(
            tensor.op,
            f"{tensor.name} is fed, and nothing that runs takes it{meant}",
            f"leave it out, or see what needs it: why-not {tensor.op.name}",
        )


@rule("feed-transposed", Severity.LIKELY)
def feed_transposed(view: View) -> Iterator[Hint]:
    """A square matrix that was turned round before it was fed: no shape complains."""
    for tensor, value in view.timeline.run.feeds.items():
        sizes = tensor.shape.sizes
        batch = sizes is not None and len(sizes) == 2 and sizes[0] is None
        square = value.ndim == 2 and value.shape[0] == value.shape[1] > 1
        turned = value.flags.f_contiguous and not value.flags.c_contiguous
        if batch and square and turned and tensor in view.plan.used_feeds:
            yield Hint(
                tensor.op,
                f"{tensor.name} was fed a matrix of {value.shape[0]} x {value.shape[1]} that is a "
                "transposed one. It fits either way, but rows are examples here, and columns "
                "features.",
                "feed it without .T, or with a batch of another size, where a wrong shape is an "
                "error",
            )
