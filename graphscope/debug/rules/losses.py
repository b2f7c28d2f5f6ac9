"""Rules about losses: what is squashed twice, repeated, summed over the wrong axis, or left out."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log

from graphscope.debug.classes import cross_entropies, sigmoid_logits, source_of
from graphscope.debug.rules.rule import Hint, Severity, rule
from graphscope.debug.rules.view import View
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.ops.state import written
from graphscope.ops.variables import GraphKeys

# ---- squashed twice ----------------------------------------------------------------------------


@rule("softmax-twice", Severity.WRONG)
def softmax_twice(view: View) -> Iterator[Hint]:
    """Probabilities where a softmax cross entropy wants logits."""
    for found in cross_entropies(view.forward):
        squashed = source_of(found.scores).op
        if found.by_hand:
            squashed = source_of(squashed.inputs[0]).op
        if squashed.type not in ("Softmax", "Sigmoid"):
            continue
        classes = found.classes
        floor = "the loss cannot come near 0"
        if classes is not None and classes > 1:
            least = -log(exp(1) / (exp(1) + classes - 1))
            floor = f"with {classes} classes the loss cannot fall below {least:.4f}"
        yield Hint(
            squashed,
            f"{view.label(squashed)} [{squashed.type}] is fed into {view.label(found.node)}, "
            f"which takes a softmax itself. Its inputs are between 0 and 1, so {floor}.",
            f"give it what goes into {squashed.type}: {_logits(squashed, view)}",
            (found.node,),
        )


@rule("sigmoid-twice", Severity.WRONG)
def sigmoid_twice(view: View) -> Iterator[Hint]:
    """Probabilities where a sigmoid cross entropy wants logits."""
    for node, logits in sigmoid_logits(view.forward):
        squashed = source_of(logits).op
        if squashed.type in ("Sigmoid", "Softmax"):
            yield Hint(
                squashed,
                f"{view.label(squashed)} [{squashed.type}] is fed into a sigmoid cross entropy, "
                "which takes a sigmoid itself. The loss cannot fall below "
                f"{log(1 + exp(-1)):.4f} for a label 1, and {log(2):.4f} for a label 0.",
                f"give it what goes into {squashed.type}: {_logits(squashed, view)}",
                (node,),
            )


def _logits(squashed: Operation, view: View) -> str:
    return f"logits={view.label(source_of(squashed.inputs[0]).op)}"


# ---- shapes ------------------------------------------------------------------------------------


@rule("broadcast", Severity.LIKELY)
def broadcast(view: View) -> Iterator[Hint]:
    """(n,1) with (n,): each is repeated along the other's axis, and makes (n,n)."""
    for op in view.forward:
        if not op.definition.broadcasts or len(op.inputs) != 2:
            continue
        column, row = sorted(op.inputs, key=lambda tensor: -(tensor.shape.ndims or 0))
        count = _crossed(column, row, view)
        if count and not _is_meant(column) and _of_examples(row, view):
            yield Hint(
                op,
                f"{view.label(op)} [{op.type}] takes {_shaped(op.inputs[0], view)} with "
                f"{_shaped(op.inputs[1], view)} and makes [{count},{count}]: every example meets "
                "every other one, and the mean over all pairs hides it.",
                f"give both the same shape: tf.squeeze({view.label(source_of(column).op)}, 1), or "
                f"{view.label(source_of(row).op)} of shape [None, 1]",
                (source_of(column).op, source_of(row).op),
            )


def _crossed(column: Tensor, row: Tensor, view: View) -> str:
    """How many examples both have, in letters; empty when they are not [n,1] and [n]."""
    sizes, others = column.shape.sizes, row.shape.sizes
    if sizes is None or others is None or len(sizes) != 2 or len(others) != 1:
        return ""
    if sizes[1] != 1 or sizes[0] != others[0] or sizes[0] == 1:
        return ""
    known = {(view.sizes_of(tensor) or (None,))[0] for tensor in (column, row)} - {None}
    if len(known) > 1:
        return ""  # in this run they have different sizes
    return str(known.pop()) if known else "n"


def _is_meant(column: Tensor) -> bool:
    """True when the column was made of a vector: whoever adds an axis wants every pair."""
    op = column.op
    made = op.type in ("ExpandDims", "Reshape", "StridedSlice")
    return made and op.inputs[0].shape.ndims == 1


def _of_examples(row: Tensor, view: View) -> bool:
    """True when a vector has an element for each example: it comes from what is fed, or from data,
    and does not only count."""
    counting = ("Range", "LinSpace", "Shape", "Size", "Rank")
    behind = reach([row.op], lambda op: () if op.type in counting else (t.op for t in op.inputs))
    fed = {tensor.op for tensor in view.plan.feeds}
    return any(op.type.startswith("Placeholder") or op in fed for op in behind) or (
        row.op.type == "Const"
    )


def _shaped(tensor: Tensor, view: View) -> str:
    sizes = view.sizes_of(tensor) or ()
    written = ",".join("n" if size is None else str(size) for size in sizes)
    return f"{view.label(source_of(tensor).op)} [{written}]"


@rule("loss-not-scalar", Severity.LIKELY)
def loss_not_scalar(view: View) -> Iterator[Hint]:
    """An optimizer adds up the elements of a loss that has several."""
    for loss in view.losses:
        sizes = loss.outputs[0].shape.sizes
        if not view.trains or sizes is None or all(size == 1 for size in sizes):
            continue
        yield Hint(
            loss,
            f"{view.label(loss)} is minimized, and is no single number but of shape "
            f"{loss.outputs[0].shape.short}. Its elements are added up, so the step grows with "
            "their number.",
            f"minimize tf.reduce_mean({view.label(loss)})",
        )


# ---- axes --------------------------------------------------------------------------------------


@rule("softmax-over-batch", Severity.WRONG)
def softmax_over_batch(view: View) -> Iterator[Hint]:
    """A softmax along the axis of the examples: probabilities that add up over the batch."""
    for softmax in view.of_type("Softmax", "LogSoftmax"):
        moved = softmax.inputs[0].op
        order = view.constant(moved.inputs[1]) if moved.type == "Transpose" else None
        if order is None or len(order) < 2 or order[-1] != 0 or softmax not in view.behind_losses:
            continue
        logits = moved.inputs[0]
        if _is_batch_axis(logits, 0):
            yield Hint(
                softmax,
                f"{view.label(softmax)} goes along axis 0 of {_shaped(logits, view)}, the axis of "
                "the examples: the probabilities of one class add up to 1 over the batch, those of "
                "one example do not.",
                f"leave axis= out: tf.nn.softmax({view.label(source_of(logits).op)}) goes along "
                "the last axis",
                (moved,),
            )


def _is_batch_axis(tensor: Tensor, axis: int) -> bool:
    """True for an axis whose size only a feed tells, beside others that are known."""
    sizes = tensor.shape.sizes
    return sizes is not None and len(sizes) > 1 and sizes[axis] is None and sizes[-1] is not None


@rule("position-over-batch", Severity.LIKELY)
def position_over_batch(view: View) -> Iterator[Hint]:
    """An argmax along the axis of the examples."""
    for op in view.of_type("ArgMax", "ArgMin"):
        scores = op.inputs[0]
        axis = view.constant(op.inputs[1])
        wide = (scores.shape.sizes or (0,))[-1] or 0
        if axis is not None and int(axis) == 0 and wide > 1 and _is_batch_axis(scores, 0):
            yield Hint(
                op,
                f"{view.label(op)} looks for the position along axis 0 of {_shaped(scores, view)}, "
                "the axis of the examples: it finds an example for each class, not a class for "
                "each example.",
                f"tf.argmax({view.label(source_of(scores).op)}, 1)",
            )


@rule("sum-over-batch", Severity.LIKELY)
def sum_over_batch(view: View) -> Iterator[Hint]:
    """A sum over the examples and then a mean over the classes: the other way round is meant."""
    for mean in view.of_type("Mean"):
        total = source_of(mean.inputs[0]).op
        if total.type == "Neg":
            total = source_of(total.inputs[0]).op
        if mean not in view.behind_losses or total.type != "Sum" or view.axes(total) != [0]:
            continue
        summed = total.inputs[0]
        wide = (summed.shape.sizes or (0,))[-1] or 0
        if summed.shape.ndims == 2 and wide > 1 and _is_batch_axis(summed, 0):
            yield Hint(
                total,
                f"{view.label(total)} sums over axis 0 of {_shaped(summed, view)}, the examples, "
                f"and {view.label(mean)} then takes the mean over the {wide} classes: the loss "
                "grows with the size of the batch.",
                "sum over the classes and take the mean over the examples: axis=1",
                (mean,),
            )


# ---- what is left out --------------------------------------------------------------------------


@rule("regularization-left-out", Severity.LIKELY)
def regularization_left_out(view: View) -> Iterator[Hint]:
    """Penalties that are collected for variables which are trained, and are in no loss."""
    trained = {variable for op in view.trainers for variable in written(op)[:1]}
    collected = view.graph.get_collection(GraphKeys.REGULARIZATION_LOSSES)
    left_out = [
        tensor.op
        for tensor in collected
        if tensor.op not in view.behind_losses and trained & view.behind(tensor)
    ]
    if left_out and not any(tensor.op in view.behind_losses for tensor in collected):
        first, count = left_out[0], len(left_out)
        losses = ", ".join(view.label(loss) for loss in view.losses)
        yield Hint(
            first,
            f"{count} regularization {'loss is' if count == 1 else 'losses are'} collected, "
            f"{view.label(first)} first, and {losses} has none of them in it: nothing holds the "
            "weights small.",
            "minimize loss + tf.losses.get_regularization_loss(), or tf.losses.get_total_loss()",
            tuple(left_out[1:]),
        )
