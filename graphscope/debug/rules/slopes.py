"""Rules about gradients: where they are cut, and weights that begin so that all stay alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphscope.debug.questions.why import way_around
from graphscope.debug.rules.rule import Hint, Severity, rule
from graphscope.debug.rules.view import LINEAR, View, variable_read
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation
from graphscope.graph.walk import reach


@rule("gradient-cut", Severity.WRONG)
def gradient_cut(view: View) -> Iterator[Hint]:
    """An operation without a slope between a trainable variable and the loss."""
    for loss in view.losses:
        cuts: dict[Operation, list[Operation]] = {}
        without = view.facts.trainable - view.facts.sloping(loss)
        for variable in sorted(without, key=lambda op: op._id):
            cut = view.facts.cut(variable, loss)
            if cut is not None and cut.type != "StopGradient":
                cuts.setdefault(cut, []).append(variable)
        for cut, variables in cuts.items():
            names = ", ".join(view.names.of(variable) for variable in variables)
            yield Hint(
                cut,
                f"{view.label(cut)} [{cut.type}] has no gradient, and every way from {names} to "
                f"{view.label(loss)} leads through it: it cannot be trained.",
                way_around(cut),
                tuple(variables),
            )


@rule("variable-unused", Severity.LIKELY)
def variable_unused(view: View) -> Iterator[Hint]:
    """A trainable variable that no loss depends on."""
    facts = view.facts
    if not view.trains:
        return
    losses = {facts.loss(op) for op in view.graph.operations if facts.is_trainer(op)}
    used = reach(losses, lambda op: (t.op for t in op.inputs))
    for variable in facts.variables:
        if variable in facts.trainable and variable not in used and not facts.writers[variable]:
            yield Hint(
                variable,
                f"{view.label(variable)} is trainable, and no loss is computed from it: it keeps "
                "its first value.",
                f"use {view.names.of(variable)} in the model, or take it out (trainable=False)",
            )


# ---- weights that begin alike ------------------------------------------------------------------


@rule("equal-weights", Severity.WRONG)
def equal_weights(view: View) -> Iterator[Hint]:
    """A hidden layer whose weights are all the same number at the beginning: its units compute the
    same, get the same gradient and stay the same; or, behind a Relu, get none at all."""
    layers = [layer for layer in view.of_type(*LINEAR) if layer in view.sloping]
    first = {layer: _initial_weights(layer, view) for layer in layers}
    for layer in layers:
        weights = first[layer]
        if weights is None or weights.ndim < 2 or weights.shape[-1] < 2 or np.ptp(weights) != 0:
            continue
        following = _following(layer, view)
        if not following:
            continue  # the last layer may begin with zeros
        variable = variable_read(layer.inputs[1])
        assert variable is not None
        number = f"{weights.flat[0]:g}"
        if any(_all_alike(first[other]) for other in following):
            reason = "all units of the layer compute the same, get the same gradient and stay alike"
        elif number == "0" and _behind_relu(layer, view):
            reason = "no unit of the Relu behind it is ever above 0, so no gradient comes back"
        else:
            continue
        yield Hint(
            variable,
            f"{view.label(variable)}, the weights of a hidden layer ({view.label(layer)}), begin "
            f"as {number} everywhere: {reason}.",
            "begin with small random numbers: tf.truncated_normal(shape, stddev=0.1), or "
            "tf.glorot_uniform_initializer()",
            (layer,),
        )


def _initial_weights(layer: Operation, view: View) -> Value | None:
    """The values with which the weights of a layer begin, where these are not random."""
    variable = variable_read(layer.inputs[1])
    if variable is None or variable not in view.facts.trainable:
        return None
    return view.initial(variable)


def _following(layer: Operation, view: View) -> list[Operation]:
    """The layers that take what this one gives, on the way to a loss."""
    found: dict[Operation, None] = {}
    stack, seen = [layer], {layer}
    while stack:
        for user in (u for t in stack.pop().outputs for u in view.graph.consumers(t)):
            if user in seen or user not in view.sloping:
                continue
            seen.add(user)
            if user.type in LINEAR and variable_read(user.inputs[1]) is not None:
                found[user] = None
            else:
                stack.append(user)
    return list(found)


def _all_alike(weights: Value | None) -> bool:
    return weights is not None and bool(np.ptp(weights) == 0)


def _behind_relu(layer: Operation, view: View) -> bool:
    """True when the layer's output goes into a Relu, with nothing added but zeros."""
    op = layer
    while True:
        users = [u for t in op.outputs for u in view.graph.consumers(t) if u in view.sloping]
        if len(users) != 1:
            return False
        op = users[0]
        if op.type in ("Relu", "Relu6"):
            return True
        if op.type not in ("Add", "AddV2", "BiasAdd", "Identity") or not _adds_zeros(op, view):
            return False


def _adds_zeros(op: Operation, view: View) -> bool:
    variable = next(filter(None, map(variable_read, op.inputs[:2])), None)
    if variable is None:
        return op.type == "Identity"
    value = view.initial(variable)
    return value is not None and not np.any(value)
