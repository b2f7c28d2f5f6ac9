"""Why does an operation hand on a gradient that is zero, or next to nothing?

Told from the values that it has worked on: a dead Relu, a saturated sigmoid, a factor that is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphscope.debug.names import Names
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation

#: An output this near to a bound has next to no slope.
_NEAR = 1e-3


@dataclass(frozen=True)
class Seen:
    """An operation and its values. at: the number of the input to which the gradient goes on."""

    op: Operation
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    at: int
    names: Names

    @property
    def value(self) -> Value:
        """The input to which the gradient goes on."""
        return self.inputs[self.at]

    @property
    def other(self) -> int:
        """The number of the other one of two inputs."""
        return 1 - self.at


#: A sentence and what to try, or None when it is not this.
Reason = tuple[str, str] | None


def why_zero(seen: Seen) -> tuple[str, str]:
    """Why nothing of the gradient comes through, and what to try."""
    if not seen.value.size:
        return f"it works on no elements: its input has the shape {list(seen.value.shape)}", ""
    rule = _RULES.get(seen.op.type)
    found = rule(seen) if rule is not None else None
    if found is None:
        return f"the slope of {seen.op.type} is 0 for these values", f"print {seen.op.name}"
    return found


def why_small(seen: Seen) -> tuple[str, str] | None:
    """Why little of the gradient comes through, where a bound is the reason; None otherwise."""
    bounds = _BOUNDS.get(seen.op.type)
    if bounds is None or not seen.outputs[0].size:
        return None
    near = np.mean(np.isin(_rounded(seen.outputs[0]), bounds))
    if near < 0.5:
        return None
    levels = " or ".join(map(str, bounds))
    return f"saturated: {near:.0%} of its outputs are within {_NEAR} of {levels}", _SATURATED


def _rounded(y: Value) -> Value:
    return np.where(np.abs(y - np.round(y)) < _NEAR, np.round(y), np.nan)


#: The outputs at which an operation has no slope.
_BOUNDS: dict[str, tuple[int, ...]] = {
    "Sigmoid": (0, 1),
    "Tanh": (-1, 1),
    "Softmax": (0, 1),
    "Softsign": (-1, 1),
}

_SATURATED = (
    "smaller first weights or inputs; for a loss take the logits: "
    "tf.nn.softmax_cross_entropy_with_logits"
)
_DEAD = "a smaller learning rate, other first weights, or tf.nn.leaky_relu"


def _dead(seen: Seen) -> Reason:
    x = seen.value
    if not np.any(x > 0):
        return f"dead: all {x.size} inputs are <= 0", _DEAD
    share = np.mean(x > 0)
    return f"{share:.0%} of its inputs are > 0, and there no gradient arrives", _DEAD


def _beyond(seen: Seen) -> Reason:
    """Relu6."""
    x = seen.value
    if np.any((x > 0) & (x < 6)):
        return None
    return f"dead: all {x.size} inputs are <= 0 or >= 6", _DEAD


def _saturated(seen: Seen) -> Reason:
    y, bounds = seen.outputs[0], _BOUNDS[seen.op.type]
    if not np.all(np.isin(y, bounds)):
        return why_small(seen)
    levels = " or ".join(map(str, bounds))
    return f"saturated: all {y.size} outputs are {levels}", _SATURATED


def _far_below(seen: Seen) -> Reason:
    """Elu, Selu, Softplus, Exp: flat where the input is far below 0."""
    x = seen.value
    if not np.all(x < -10):
        return None
    return f"all {x.size} inputs are far below 0, where {seen.op.type} is flat", _DEAD


def _other_factor(seen: Seen) -> Reason:
    factor = seen.inputs[seen.other]
    if np.any(factor):
        return None
    name = _called(seen, seen.other)
    hint = f"begin {name} with random numbers" if _is_variable(seen, seen.other) else ""
    return f"the other factor, {name}, is 0 everywhere", hint or f"print {name}"


def _not_chosen(seen: Seen) -> Reason:
    condition = seen.inputs[0]
    chosen = condition if seen.at == 1 else ~condition
    if seen.at == 0 or np.any(chosen):
        return None
    return "its condition takes the other value everywhere", f"print {_called(seen, 0)}"


def _outdone(seen: Seen) -> Reason:
    """Maximum, Minimum: the other input is the one that counts."""
    size = "larger" if seen.op.type == "Maximum" else "smaller"
    x, other = seen.value, seen.inputs[seen.other]
    if np.any(x >= other if seen.op.type == "Maximum" else x <= other):
        return None
    name = _called(seen, seen.other)
    return f"the other input, {name}, is {size} everywhere", f"wider bounds, or print {name}"


def _flat_at_zero(seen: Seen) -> Reason:
    if np.any(seen.value):
        return None
    hint = f"print {_called(seen, seen.at)}"
    return f"its input is 0 everywhere, where {seen.op.type} is flat", hint


def _equal(seen: Seen) -> Reason:
    if np.any(seen.value != seen.inputs[seen.other]):
        return None
    return "its two inputs are equal: there is nothing left to learn", ""


def _right_already(seen: Seen) -> Reason:
    return "the prediction is the label: there is nothing left to learn", ""


_RULES: dict[str, Callable[[Seen], Reason]] = {
    "Relu": _dead,
    "Relu6": _beyond,
    **dict.fromkeys(_BOUNDS, _saturated),
    **dict.fromkeys(("Elu", "Selu", "Softplus", "Exp"), _far_below),
    **dict.fromkeys(("Mul", "MatMul", "BatchMatMulV2", "Conv2D"), _other_factor),
    "Select": _not_chosen,
    **dict.fromkeys(("Maximum", "Minimum"), _outdone),
    **dict.fromkeys(("Square", "Pow", "L2Loss"), _flat_at_zero),
    "SquaredDifference": _equal,
    **dict.fromkeys(
        ("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits"), _right_already
    ),
}


def _called(seen: Seen, index: int) -> str:
    """What an input is called: for the reading of a variable the variable's name."""
    op = seen.op.inputs[index].op
    return seen.names.of(op.inputs[0].op) if is_reading(op) else seen.names.of(op)


def _is_variable(seen: Seen, index: int) -> bool:
    return is_reading(seen.op.inputs[index].op)


def is_reading(op: Operation) -> bool:
    """Whether an operation only gives out the value of a variable."""
    single = len(op.inputs) == len(op.outputs) == 1 and not op.definition.writes
    return single and op.inputs[0].op.definition.is_variable and op.type in _READINGS


_READINGS = ("Identity", "ReadVariableOp")
