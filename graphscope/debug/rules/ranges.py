"""Which numbers a tensor can hold, worked out from the graph alone.

Softmax gives numbers from 0 to 1, and in float32 both ends are reached; what is added to a positive
number is positive; and so on, forward through the graph. What is not known is not guessed: a
placeholder and a variable may hold anything, and nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import exp, inf, isnan, sqrt
from typing import Any

import numpy as np

from graphscope.graph.graph import Operation, Tensor

#: The smallest number that counts as positive.
_TINY = 1e-300


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`; infinite where there is no bound that is known.

    zero:  exactly 0 is among them, and it does happen. all_zero: it can happen to all at once.
    tight: both ends are reached.
    sums_to_one: they are probabilities along an axis, of which not all can be 0.
    """

    low: float = -inf
    high: float = inf
    zero: bool = False
    all_zero: bool = False
    tight: bool = False
    sums_to_one: bool = False

    @property
    def not_negative(self) -> bool:
        return self.low >= 0

    @property
    def positive(self) -> bool:
        return self.low > 0


ANYTHING = Range()
_PROBABILITY = Range(0, 1, zero=True, all_zero=True, tight=True)
_DISTRIBUTION = replace(_PROBABILITY, all_zero=False, sums_to_one=True)
_TRUTH = _PROBABILITY

Rule = Callable[..., Range]


def ranges(operations: Iterable[Operation]) -> dict[Tensor, Range]:
    """The range of each tensor, for operations in order of creation."""
    found: dict[Tensor, Range] = {}
    for op in operations:
        inputs = [found.get(tensor, ANYTHING) for tensor in op.inputs]
        if op.type == "Select":
            result = _selected(op, inputs)
        elif op.type == "Mul" and op.inputs[0] is op.inputs[1]:
            result = _square(inputs[0])
        elif op.type in _RULES and inputs:
            result = _RULES[op.type](*inputs)
        else:
            result = _made(op)
        for tensor in op.outputs:
            known = _TRUTH if tensor.dtype.base_dtype.name == "bool" else result
            if known is not ANYTHING:
                found[tensor] = known
    return found


def _made(op: Operation) -> Range:
    """Of what has no rule for its inputs."""
    if op.type == "Const":
        return _of_value(op.attrs["value"])
    if op.type == "Fill":
        return _of_value(op.inputs[1].op.attrs.get("value"))
    if op.type in ("Shape", "Size"):
        return Range(1, inf)  # a batch without examples is not what is looked for
    return ANYTHING


def _of_value(value: Any) -> Range:
    if value is None or value.dtype.kind not in "biuf" or not value.size:
        return ANYTHING
    low, high = float(np.min(value)), float(np.max(value))
    if isnan(low) or isnan(high):
        return ANYTHING
    zeros = value == 0
    return Range(low, high, bool(np.any(zeros)), bool(np.all(zeros)), tight=True)


# ---- one input ---------------------------------------------------------------------------------


def _same(x: Range, *_: Range) -> Range:
    return x


def _apart(x: Range, *_: Range) -> Range:
    """Some of the numbers, or the numbers in another order or grouping."""
    return replace(x, all_zero=x.all_zero or x.sums_to_one, sums_to_one=False)


def _negative(x: Range) -> Range:
    return replace(x, low=-x.high, high=-x.low, sums_to_one=False)


def _absolute(x: Range) -> Range:
    if x.not_negative:
        return _apart(x)
    return Range(0, max(-x.low, x.high), x.zero, x.all_zero)


def _square(x: Range) -> Range:
    size = _absolute(x)
    return replace(size, low=size.low**2, high=size.high**2)


def _sqrt(x: Range) -> Range:
    low, high = sqrt(x.low) if x.positive else 0, sqrt(max(x.high, 0))
    return Range(low, high, x.zero, x.all_zero)


def _exp(x: Range) -> Range:
    low = exp(min(x.low, 700)) if x.low > -700 else 0.0
    return Range(low, exp(x.high) if x.high < 700 else inf)


def _relu(x: Range) -> Range:
    if x.positive:
        return x
    return Range(0, max(x.high, 0), zero=True, all_zero=True)


def _sum(x: Range, *_: Range) -> Range:
    """The sum over some axes, or the largest."""
    if x.sums_to_one:
        return Range(_TINY, 1)
    low = x.low if x.not_negative else -inf
    return Range(low, inf, x.all_zero, x.all_zero)


def _mean(x: Range, *_: Range) -> Range:
    return Range(_TINY, 1) if x.sums_to_one else Range(x.low, x.high, x.all_zero, x.all_zero)


# ---- two inputs --------------------------------------------------------------------------------


def _add(x: Range, y: Range) -> Range:
    low, high = x.low + y.low, x.high + y.high
    zero, together = x.zero and y.zero, x.all_zero and y.all_zero
    return Range(low, high, low <= 0 and zero, low <= 0 and together)


def _subtract(x: Range, y: Range) -> Range:
    low, high = x.low - y.high, x.high - y.low
    if not (x.tight and y.tight and x.low == x.high):
        return Range(low, high)
    zero = x.low in (y.low, y.high)
    return Range(low, high, zero, zero, tight=True)


def _multiply(x: Range, y: Range) -> Range:
    zero = x.zero or y.zero
    together = x.all_zero or y.all_zero or x.sums_to_one or y.sums_to_one
    if not (x.not_negative and y.not_negative):
        return Range(zero=zero, all_zero=together)
    return Range(x.low * y.low, _times(x.high, y.high), zero, together)


def _times(a: float, b: float) -> float:
    product = a * b
    return inf if isnan(product) else product


def _divide(x: Range, y: Range) -> Range:
    if not (x.not_negative and y.not_negative):
        return Range(zero=x.zero, all_zero=x.all_zero)
    return Range(x.low / y.high if y.high else 0, inf, x.zero, x.all_zero)


def _maximum(x: Range, y: Range) -> Range:
    return _bounded(max(x.low, y.low), max(x.high, y.high), x, y)


def _minimum(x: Range, y: Range) -> Range:
    return _bounded(min(x.low, y.low), min(x.high, y.high), x, y)


def _bounded(low: float, high: float, x: Range, y: Range) -> Range:
    """One of two numbers, where that may be 0."""
    may_be = low <= 0 <= high
    return Range(low, high, may_be and (x.zero or y.zero), may_be and (x.all_zero or y.all_zero))


def _union(*parts: Range) -> Range:
    return Range(
        min(part.low for part in parts),
        max(part.high for part in parts),
        zero=any(part.zero for part in parts),
        all_zero=all(part.all_zero for part in parts),
    )


def _one_hot(_: Range, __: Range, on: Range, off: Range) -> Range:
    return replace(_union(on, off), all_zero=off.all_zero, tight=True)


# ---- what a condition says of the branches ----------------------------------------------------


def _selected(op: Operation, inputs: list[Range]) -> Range:
    """Of ``where(x > 0, x, 1)``: x is positive where it is taken."""
    condition, *branches = op.inputs
    known = [
        _guarded(tensor, part, condition.op, taken)
        for tensor, part, taken in zip(branches, inputs[1:], (True, False), strict=True)
    ]
    return _union(*known)


#: What a comparison with 0 (or a positive number) says of the other side: when it holds, or not.
_GUARDS = {
    ("Greater", 0): True,
    ("GreaterEqual", 0): True,
    ("NotEqual", 0): True,
    ("Equal", 0): False,
    ("Less", 0): False,
    ("LessEqual", 0): False,
    ("Less", 1): True,
    ("LessEqual", 1): True,
    ("NotEqual", 1): True,
    ("Equal", 1): False,
    ("Greater", 1): False,
    ("GreaterEqual", 1): False,
}


def _guarded(branch: Tensor, known: Range, test: Operation, taken: bool) -> Range:
    """The range of a branch where it is taken, by a test that compares it with a constant."""
    if test.type == "LogicalNot":
        test, taken = test.inputs[0].op, not taken
    for side, tensor in enumerate(test.inputs[:2]):
        if _same_value(tensor, branch) and _GUARDS.get((test.type, side)) is taken:
            bound = _bound(test, side)
            if bound is None or test.type in ("NotEqual", "Equal"):
                return Range(known.low, known.high)
            # The comparison that leaves the bound itself out makes what remains larger than it.
            strict = (test.type in ("Greater", "Less")) is taken
            low = max(known.low, bound + _TINY if strict or bound > 0 else bound)
            may_be = low <= 0
            return Range(low, known.high, may_be and known.zero, may_be and known.all_zero)
    return known


def _same_value(a: Tensor, b: Tensor) -> bool:
    """True for one tensor, and for two readings of one variable."""
    sources = []
    for tensor in (a, b):
        while tensor.op.type in ("Identity", "ReadVariableOp"):
            tensor = tensor.op.inputs[0]
        sources.append(tensor)
    return sources[0] is sources[1]


def _bound(test: Operation, side: int) -> float | None:
    other = test.inputs[1 - side].op
    value = other.attrs.get("value") if other.type == "Const" else None
    if other.type == "ZerosLike":
        return 0.0
    return float(value) if value is not None and value.size == 1 else None


_RULES: dict[str, Rule] = {
    **dict.fromkeys(("Identity", "StopGradient", "CheckNumerics", "Print", "Cast"), _same),
    **dict.fromkeys(("Reshape", "Squeeze", "ExpandDims", "Transpose", "ReverseV2"), _same),
    **dict.fromkeys(("BroadcastTo", "Tile"), _same),
    **dict.fromkeys(
        ("Slice", "StridedSlice", "GatherV2", "GatherNd", "Split", "Unpack", "Min"), _apart
    ),
    **dict.fromkeys(("Add", "AddV2", "BiasAdd"), _add),
    **dict.fromkeys(("Pack", "ConcatV2"), _union),
    **dict.fromkeys(("Sigmoid",), lambda _: _PROBABILITY),
    **dict.fromkeys(("Relu", "Relu6"), _relu),
    "Abs": _absolute,
    "DivNoNan": lambda x, y: ANYTHING,
    "Exp": _exp,
    "L2Loss": lambda x: Range(0, inf, x.all_zero, x.all_zero),
    "Max": _sum,
    "Maximum": _maximum,
    "Mean": _mean,
    "Minimum": _minimum,
    "Mul": _multiply,
    "Neg": _negative,
    "OneHot": _one_hot,
    "RealDiv": _divide,
    "Softmax": lambda _: _DISTRIBUTION,
    "Softplus": lambda _: Range(0, inf),
    "Sqrt": _sqrt,
    "Square": _square,
    "SquaredDifference": lambda x, y: Range(0, inf),
    "Sub": _subtract,
    "Sum": _sum,
    "Tanh": lambda _: Range(-1, 1, tight=True),
}
