"""Rules about variables and the graph itself: counted twice, read beside a write, left behind,
made too late, grown in the loop."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import numpy as np

from graphscope.debug.growing import added
from graphscope.debug.rules.rule import Hint, Severity, rule
from graphscope.debug.rules.view import View, where
from graphscope.debug.side.runs import value_of
from graphscope.engine.plan import operation
from graphscope.engine.state import State
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach
from graphscope.kernels.stats import brief
from graphscope.ops.state import variable_of, written
from graphscope.ops.variables import GraphKeys

#: After so many runs the effect of counting twice is shown.
_RUNS = 1000


@rule("counted-twice", Severity.WRONG)
def counted_twice(view: View) -> Iterator[Hint]:
    """Two operations of one run that count the same step."""
    for variable in view.facts.variables:
        if not _is_counter(variable):
            continue
        counting = [op for op in view.facts.writers[variable] if op in view.plan and _counts(op)]
        if len(counting) < 2:
            continue
        names = " and ".join(view.label(op) for op in counting)
        total = len(counting)
        effects = "".join(_effect(rate, variable, total, view) for rate in view.rates)
        yield Hint(
            counting[-1],
            f"{view.label(variable)} is counted up {total} times in each run, by {names}: after "
            f"{_RUNS} runs it is {total * _RUNS}.{effects}",
            f"give global_step={view.label(variable)} to one train op only",
            (variable, *counting[:-1]),
        )


def _counts(op: Operation) -> bool:
    return op.type.removeprefix("Resource").startswith(("AssignAdd", "CountUpTo"))


def _effect(rate: Tensor, variable: Operation, times: int, view: View) -> str:
    """What counting twice does to a learning rate that falls with the step."""
    if variable not in view.behind(rate):
        return ""
    found = []
    for steps in (_RUNS, times * _RUNS):
        dtype = variable.outputs[0].dtype.base_dtype.numpy
        counted = np.asarray(steps, dtype)
        state = State({**view.state.variables, variable.name: counted})
        value = value_of(rate, {}, state)
        if value is None or value.size != 1:
            return ""
        found.append(float(value))
    right, wrong = (f"{number:.3g}" for number in found)
    return f" The learning rate is then {wrong} in place of {right}."


# ---- order -------------------------------------------------------------------------------------


@rule("no-order", Severity.LIKELY)
def no_order(view: View) -> Iterator[Hint]:
    """A variable that is read and written in one run, in no order that the graph asks for."""
    writing: dict[Operation, list[Operation]] = {}
    for op in view.plan.nodes:
        for variable in written(op):
            writing.setdefault(variable, []).append(op)
    for variable, writers in writing.items():
        readings = _readings(variable, view)
        yield from _two_writes(variable, writers, view)
        for writer in writers:
            before = view.above(writer)
            for reading, said in _unordered(variable, readings, writer, before, view):
                yield Hint(
                    reading,
                    f"{said} {view.names.of(variable)}, which {view.label(writer)} writes in the "
                    "same run. Nothing orders the two: TensorFlow may show the value before or "
                    "after (here they go in order of creation).",
                    "order them: with tf.control_dependencies([...]), or use two runs",
                    (writer, variable),
                )
                break


def _two_writes(variable: Operation, writers: list[Operation], view: View) -> Iterator[Hint]:
    """Two writes of which one puts a value in the place of what the other has left."""
    for first, second in combinations(writers, 2):
        if not any(op.definition.takes_uninitialized for op in (first, second)):
            continue
        if first not in view.above(second) and second not in view.above(first):
            yield Hint(
                second,
                f"{view.label(first)} and {view.label(second)} write {view.names.of(variable)} in "
                "one run, and nothing orders them: which value is left is open in TensorFlow (here "
                "they go in order of creation).",
                "order them: with tf.control_dependencies([...]), or use two runs",
                (first, variable),
            )


def _is_counter(variable: Operation) -> bool:
    """A count of steps: that it is fetched beside its increment is no surprise to anybody."""
    tensor = variable.outputs[0]
    return tensor.dtype.base_dtype.is_integer and tensor.shape.ndims == 0


def _readings(variable: Operation, view: View) -> list[Operation]:
    """The nodes that take the variable's value from it, other than to write it."""
    users = (user for tensor in variable.outputs for user in view.graph.consumers(tensor))
    return [
        op
        for op in users
        if op in view.plan
        and not op.definition.takes_uninitialized
        and not any(tensor.op is variable for tensor in op.inputs[: op.definition.writes])
    ]


def _unordered(
    variable: Operation,
    readings: list[Operation],
    writer: Operation,
    before: Collection[Operation],
    view: View,
) -> Iterator[tuple[Operation, str]]:
    """What sees the variable before or after the writer: each with the beginning of a sentence."""
    fetched = {t.op for t in view.plan.fetches if isinstance(t, Tensor)}
    if variable in fetched and not _is_counter(variable):
        yield variable, "The fetch takes"
    for reading in readings:
        if writer in view.above(reading):
            continue
        if variable.type == "VarHandleOp" and reading.definition.calls:
            continue  # what takes the place into a body; the readings in there count for themselves
        if reading.type == "ReadVariableOp":
            # A reading of a resource variable is a value of its own: its place is all that counts.
            place = view.plan.outermost(reading)
            if place not in before and not _is_gated(place, writer, view):
                yield reading, f"{view.label(reading)} reads"
            continue
        if reading in fetched and not _is_counter(variable):
            yield reading, f"The fetch takes {view.label(reading)}, a reading of"
        elif reading not in before and not _is_gated(reading, writer, view):
            yield reading, f"{view.label(reading)} reads"
        users = (u for t in reading.outputs for u in view.graph.consumers(t) if u in view.plan)
        for user in map(view.plan.outermost, users):
            if user in before or _is_harmless(user, writer, view):
                continue
            if writer not in view.above(user):
                yield user, f"{view.label(user)} takes"


def _is_gated(reading: Operation, writer: Operation, view: View) -> bool:
    """True for what an optimizer reads for its own gradients, and keeps before its own updates."""
    return view.facts.is_trainer(writer) and reading in view.behind_losses


def _is_harmless(user: Operation, writer: Operation, view: View) -> bool:
    """Gradients come before the updates that use them; and a summary shows a variable as it was, or
    as it is: nobody counts on either."""
    if view.facts.is_trainer(writer) and user.gradient_of is not None:
        return True
    if _is_gated(user, writer, view):
        return True
    after = reach([user], lambda op: (u for u in view.facts.users(op) if u in view.plan))
    fetched = {op for op in map(operation, view.plan.fetches) if op.definition.kind != "summary"}
    return not any(op.definition.writes or op in fetched for op in after)


# ---- left behind -------------------------------------------------------------------------------


@rule("updates-left-out", Severity.WRONG)
def updates_left_out(view: View) -> Iterator[Hint]:
    """Moving averages of batch normalization whose updates the train op does not run."""
    if not view.trains:
        return
    collected = [
        item.op if isinstance(item, Tensor) else item
        for item in view.graph.get_collection(GraphKeys.UPDATE_OPS)
    ]
    ever = {op for plan in view.plans for op in plan.nodes}
    left_out = [
        op
        for op in dict.fromkeys(collected)
        if op not in view.plan and op not in ever and _is_of_this(op, view)
    ]
    if left_out:
        count = len(left_out)
        trained = ", ".join(view.names.as_fetched(op) for op in view.roots)
        average = view.names.of(variable_of(left_out[0].outputs[0]))
        yield Hint(
            left_out[0],
            f"{view.label(left_out[0])} updates {average}, and {trained} does not run it ({count} "
            f"such {_updates(count)} in UPDATE_OPS): the averages that are used when testing stay "
            "as they began.",
            "with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)): make the "
            "train op inside",
            tuple(left_out[1:]),
        )


def _updates(count: int) -> str:
    return "update" if count == 1 else "updates"


def _is_of_this(update: Operation, view: View) -> bool:
    """True when an update takes something that the run computes."""
    forward = set(view.forward)
    return any(op in forward and op.inputs for op in view.above(update) if not op.definition.given)


@rule("made-too-late", Severity.WRONG)
def made_too_late(view: View) -> Iterator[Hint]:
    """A variable without a value, made after the operation that initializes all variables."""
    inits = view.facts.initializers
    covered = {variable for variables in inits.values() for variable in variables}
    for variable in view.plan.variables:
        if variable.name in view.state.variables or variable in covered:
            continue
        earlier = [op for op in inits if op._id < variable._id]
        if earlier and _is_read(variable, view):
            yield Hint(
                variable,
                f"{view.label(variable)} has no value, and {view.label(earlier[-1])} "
                f"({where(earlier[-1])}) does not initialize it: the variable was made after it, "
                f"at {where(variable)}.",
                "make tf.global_variables_initializer() after everything else, optimizers too",
                (earlier[-1],),
            )


def _is_read(variable: Operation, view: View) -> bool:
    """True when the first node that has to do with the variable needs its value."""
    for op in view.plan.nodes:
        if any(tensor.op is variable for tensor in op.inputs):
            return not op.definition.takes_uninitialized
    return False


# ---- growth ------------------------------------------------------------------------------------


@rule("graph-grows", Severity.WRONG)
def graph_grows(view: View) -> Iterator[Hint]:
    """A line that adds operations between one run and the next, again and again."""
    for rounds in added(view.graph, view.sizes):
        if len(rounds) < 2:
            continue
        last_made = rounds[-1]
        count = sum(map(len, rounds))
        yield Hint(
            last_made[-1],
            f"{where(last_made[-1])} adds operations to the graph between the runs: "
            f"{brief(count / len(rounds))} each time, {count} so far, {view.label(last_made[-1])} "
            "last. The graph grows, and every run becomes slower.",
            "make it once before the loop; graph.finalize() turns such a line into an error",
            tuple(ops[-1] for ops in rounds[:-1]),
        )
