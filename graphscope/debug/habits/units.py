"""Habits about the units of hidden layers: are they alive, and do they still move?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from graphscope.debug.habits.habit import Habit
from graphscope.debug.habits.subject import Subject
from graphscope.debug.rules.view import LINEAR
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation

#: With fewer examples a unit may be 0 for all of them by chance.
_EXAMPLES = 8
#: More than this part of a layer is too much.
_TOO_MUCH = 0.5


def dead(subject: Subject) -> Iterator[Habit]:
    """Which part of the units of a Relu is 0 for every example?"""
    shares = _shares(subject, ("Relu", "Relu6"), _dead_units)
    if not shares:
        return
    node, (share, examples) = max(shares.items(), key=lambda item: item[1][0])
    percent = f"{share:.0%} of the units of {subject.view.label(node)} are 0"
    finding = f"{percent} for all {examples} examples"
    passed: bool | None = share <= _TOO_MUCH
    if not passed and share < 1 and examples < _EXAMPLES:
        passed = None
    hint = "" if passed else "smaller steps, biases above 0 (0.1), or tf.nn.leaky_relu"
    yield Habit("dead units", passed, finding, None if passed else node, hint, {"share": share})


def _dead_units(value: Value) -> float:
    return float(np.mean(np.all(value == 0, axis=0)))


def saturated(subject: Subject) -> Iterator[Habit]:
    """Which part of a hidden Tanh or Sigmoid is at its ends, where there is no slope left?"""
    shares = _shares(subject, ("Tanh", "Sigmoid"), _at_the_ends)
    hidden = {op: share for op, share in shares.items() if _is_hidden(op, subject)}
    if not hidden:
        return
    node, (share, _) = max(hidden.items(), key=lambda item: item[1][0])
    passed = share <= _TOO_MUCH
    finding = f"{share:.0%} of {subject.view.label(node)} is at its ends, where it has no slope"
    hint = "" if passed else "smaller initial weights, inputs between -1 and 1, smaller steps"
    yield Habit("saturation", passed, finding, None if passed else node, hint, {"share": share})


def _at_the_ends(value: Value) -> float:
    low = 0.0 if np.min(value) >= 0 else -1.0
    return float(np.mean((value < low + 0.02) | (value > 0.98)))


def _shares(
    subject: Subject, types: tuple[str, ...], measure: Callable[[Value], float]
) -> dict[Operation, tuple[float, int]]:
    """For each layer of these types what was measured, and over how many examples."""
    found = {}
    for step in subject.step.steps:
        if step.node.type in types and step.node in subject.view.sloping:
            value = next(iter(step.outputs.values()))
            if value.ndim > 1 and value.size:
                rows = value.reshape(-1, value.shape[-1])
                found[step.node] = measure(rows), len(rows)
    return found


def _is_hidden(op: Operation, subject: Subject) -> bool:
    """True when weights come after it, on the way to the loss."""
    graph, sloping = subject.view.graph, subject.view.sloping
    stack, seen = [op], {op}
    while stack:
        for user in (u for t in stack.pop().outputs for u in graph.consumers(t)):
            if user in sloping and user.type in LINEAR:
                return True
            if user in sloping and user not in seen:
                seen.add(user)
                stack.append(user)
    return False
