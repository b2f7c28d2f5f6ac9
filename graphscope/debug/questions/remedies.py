"""What makes a NaN or an infinity of finite numbers, in a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation
from graphscope.graph.walk import reach
from graphscope.kernels.stats import single

#: A sentence, and what to try.
Remedy = tuple[str, str]

_FUSED = (
    "give the logits to tf.nn.softmax_cross_entropy_with_logits (or the sigmoid one), which "
    "needs no log"
)
_CLIPPED = "tf.log(tf.maximum(x, 1e-10)), or tf.clip_by_value"
SAFE_WHERE = (
    "choose a safe argument first: x_safe = tf.where(ok, x, tf.ones_like(x)), then the function "
    "of x_safe inside the outer tf.where"
)
_SMALLER = "smaller numbers: scale the inputs, a smaller learning rate, tf.clip_by_global_norm"


def remedy(op: Operation, numbers: Sequence[Value], dtype: str) -> Remedy:
    """What happened at the birth of a bad number. numbers: the operands at its index."""
    single_numbers = [float(v) if v.size == 1 and v.dtype.kind in "fiu" else None for v in numbers]
    known = [number for number in single_numbers if number is not None]
    rule = _RULES.get(op.type)
    found = rule(op, known) if rule is not None and len(known) == len(numbers) else None
    if found is None and op.type in _GROWING:
        found = f"the numbers have become too large for {dtype}", _SMALLER
    sentence, hint = found or (f"{op.type} makes it of finite numbers", f"print {op.name}")
    slope_of = op.gradient_of
    if slope_of is None:
        return sentence, hint
    sentence = f"{sentence}, in the gradient of {slope_of.type}"
    if is_untaken(slope_of) and known and known[0] == 0 and op.type not in _FROM_RESULT:
        return f"{sentence}: tf.where hands 0 to the side that it did not take", SAFE_WHERE
    if slope_of.type == "Log":
        return sentence, _without_log(slope_of)
    return sentence, _SLOPES.get(slope_of.type, hint)


def is_untaken(op: Operation) -> bool:
    """Whether what an operation computes goes to a tf.where, which may not take it."""
    below = reach([op], lambda o: (user for t in o.outputs for user in t.graph.consumers(t)))
    return any(
        user.type == "Select" and any(t.op in below for t in user.inputs[1:])
        for user in below
        if user.gradient_of is None
    )


def _log(op: Operation, numbers: Sequence[float]) -> Remedy:
    (x,) = numbers
    if x == 0:
        return "log(0) is -Inf", _without_log(op)
    return f"log of {_written(x)}, which is less than 0, is NaN", _without_log(op)


def _without_log(op: Operation) -> str:
    above = _source(op.inputs[0].op)
    return _FUSED if above.type in ("Softmax", "Sigmoid") else _CLIPPED


def _source(op: Operation) -> Operation:
    """What made the numbers that an operation hands on or picks from."""
    while op.type in ("Identity", "Reshape", "GatherV2", "StridedSlice", "ExpandDims", "Squeeze"):
        op = op.inputs[0].op
    return op


def _quotient(op: Operation, numbers: Sequence[float]) -> Remedy | None:
    a, b = numbers[0], numbers[-1]
    if b != 0:
        return None
    result = "NaN" if a == 0 else "Inf" if a > 0 else "-Inf"
    return f"{_written(a)} / 0 is {result}", "tf.div_no_nan, or add a small number below the line"


def _exp(op: Operation, numbers: Sequence[float]) -> Remedy:
    hint = (
        "subtract the largest first, as tf.reduce_logsumexp and tf.nn.softmax do, or "
        "tf.clip_by_value"
    )
    return f"{op.type.lower()}({_written(numbers[0])}) is too large for its type", hint


def _root(op: Operation, numbers: Sequence[float]) -> Remedy:
    (x,) = numbers
    if x < 0:
        sentence = f"the root of {_written(x)}, which is less than 0, is NaN"
        return sentence, "tf.sqrt(tf.maximum(x, 0.))"
    return f"1 / sqrt({_written(x)}) is Inf", "add a small number under the root"


def _power(op: Operation, numbers: Sequence[float]) -> Remedy:
    x, y = numbers
    hint = "keep the base above 0: tf.maximum(x, 1e-10)"
    if x == 0:
        return f"0 to the power {_written(y)} is Inf", hint
    if x < 0:
        return f"{_written(x)} to the power {_written(y)} is NaN: no whole number", hint
    return f"{_written(x)} to the power {_written(y)} is too large for its type", _SMALLER


def _inverse(op: Operation, numbers: Sequence[float]) -> Remedy:
    return "1 / 0 is Inf", "tf.div_no_nan(1., x), or add a small number to x"


def _slope_of_root(op: Operation, numbers: Sequence[float]) -> Remedy | None:
    y, dy = numbers
    if y != 0:
        return None
    return f"{_written(dy)} / (2 * 0) is {'Inf' if dy > 0 else '-Inf'}", _SLOPES["Sqrt"]


def _beyond(op: Operation, numbers: Sequence[float]) -> Remedy:
    hint = "keep it inside: tf.clip_by_value(x, -1 + 1e-6, 1 - 1e-6)"
    return f"{op.type.lower()}({_written(numbers[0])}) is outside of what it is defined for", hint


def _too_near(op: Operation, numbers: Sequence[float]) -> Remedy:
    return f"log(1 + x) at x = {_written(numbers[0])}", "keep x above -1: tf.maximum(x, -1 + 1e-6)"


_RULES: dict[str, Callable[[Operation, Sequence[float]], Remedy | None]] = {
    "Log": _log,
    "Log1p": _too_near,
    **dict.fromkeys(("RealDiv", "Div", "Xdivy"), _quotient),
    **dict.fromkeys(("Exp", "Expm1", "Sinh", "Cosh"), _exp),
    **dict.fromkeys(("Sqrt", "Rsqrt"), _root),
    "Pow": _power,
    "Reciprocal": _inverse,
    "SqrtGrad": _slope_of_root,
    **dict.fromkeys(("Asin", "Acos", "Acosh", "Atanh"), _beyond),
}

#: Slopes that take the result first, and then what comes back; where that is 0 they are 0.
_FROM_RESULT = ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "InvGrad")

#: Operations that make an infinity only of numbers that are too large.
_GROWING = (
    *("Add", "AddV2", "AddN", "Sub", "Mul", "Square", "SquaredDifference", "BiasAdd", "Cast"),
    *_FROM_RESULT,
    *("MatMul", "BatchMatMulV2", "Conv2D", "Sum", "Mean", "Prod", "L2Loss", "RealDiv"),
    *("AssignAdd", "AssignSub", "ApplyGradientDescent", "ApplyMomentum", "ApplyAdam"),
)

#: What to do about the slope of an operation that is infinite at a point.
_SLOPES = {
    "Sqrt": "the slope of a root is infinite at 0: tf.sqrt(x + 1e-12)",
    "Rsqrt": "the slope of a root is infinite at 0: tf.rsqrt(x + 1e-12)",
    "Pow": "the slope of a power below 1 is infinite at 0: tf.maximum(x, 1e-10)",
}


def _written(number: float) -> str:
    return single(np.float64(number + 0.0))  # 0 for -0
