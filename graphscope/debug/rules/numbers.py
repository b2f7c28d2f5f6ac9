"""Rules about numbers that can become NaN or infinite: log(0), 0 / 0, the root at 0, where."""

from __future__ import annotations

from collections.abc import Iterator

from graphscope.debug.classes import source_of
from graphscope.debug.rules.ranges import ANYTHING, Range
from graphscope.debug.rules.rule import Hint, Severity, rule
from graphscope.debug.rules.view import View
from graphscope.graph.graph import Operation, Tensor

#: Operations with a point at which they, or their slopes, are not finite, and which of their inputs
#: it is that comes there.
_SENSITIVE = {
    "Log": 0,
    "Log1p": 0,
    "Sqrt": 0,
    "Rsqrt": 0,
    "Reciprocal": 0,
    "RealDiv": 1,
    "Pow": 0,
    "Exp": 0,
    "Acos": 0,
    "Asin": 0,
}

#: Those of them whose slope is 0 where 0 comes back to them, however steep they are there.
_FORGIVING = ("Sqrt", "Rsqrt", "Reciprocal")

#: Operations that hand back to their inputs what comes to them.
_ADDING = ("Identity", "Cast", "Reshape", "Neg", "Add", "AddV2", "Sub")

#: Operations that work on each element by itself: a test of their input is one of their output.
_ELEMENTWISE = {
    *("Identity", "Cast", "Reshape", "Neg", "Mul", "Add", "AddV2", "Sub", "RealDiv", "Abs"),
    *("Square", "Log", "Log1p", "Sqrt", "Rsqrt", "Reciprocal", "Pow", "Exp", "Softplus"),
}


@rule("where-branch", Severity.WRONG)
def untaken_branch(view: View) -> Iterator[Hint]:
    """``where(x > 0, log(x), 0)``: the gradient goes through both branches, and 0 * inf is NaN."""
    for choice, sensitive in _in_branches(view):
        harmful = next((op for op, harms in sensitive.items() if harms), None)
        if harmful is not None:
            yield Hint(
                harmful,
                f"{view.label(harmful)} is in a branch of {view.label(choice)}, and is "
                "computed for all elements. Where it is not finite, its gradient is 0 * "
                "infinity = NaN, also for elements that are not taken from it.",
                f"put the test before {harmful.type} too: safe = tf.where(test, x, "
                "tf.ones_like(x)), and use safe inside",
                (choice,),
            )


def chosen(view: View) -> set[Operation]:
    """The nodes in branches that come to a bad point of what is tested: of them `untaken_branch`
    says all there is to say."""
    return {op for _, sensitive in _in_branches(view) for op in sensitive}


def _in_branches(view: View) -> Iterator[tuple[Operation, dict[Operation, bool]]]:
    """Each branch of each choice: the choice, and what `_sensitive` finds in the branch."""
    for choice in view.of_type("Select"):
        if choice in view.sloping:
            tested = _tested(choice.inputs[0].op)
            for branch in choice.inputs[1:]:
                yield choice, _sensitive(branch, tested, view)


def _tested(test: Operation) -> set[Tensor]:
    """What a condition compares."""
    found: set[Tensor] = set()
    stack = [test]
    for op in stack:
        if op.type.startswith("Logical"):
            stack += [tensor.op for tensor in op.inputs]
        else:
            found.update(source_of(tensor) for tensor in op.inputs if tensor.op.type != "Const")
    return found


def _sensitive(branch: Tensor, tested: set[Tensor], view: View) -> dict[Operation, bool]:
    """The operations of a branch that come to a bad point of what is tested, and whether the
    gradient is NaN there though the branch is not taken."""
    found: dict[Operation, bool] = {}
    stack, seen = [(branch.op, False)], {(branch.op, False)}
    while stack:
        op, multiplied = stack.pop()
        if op.type in _SENSITIVE and op in view.sloping:
            tensor = op.inputs[_SENSITIVE[op.type]]
            known = view.ranges.get(tensor, ANYTHING)
            if _depends(tensor, tested) and not _is_safe(op, known):
                finite = op.type == "Sqrt" and known.not_negative
                harmless = op.type in _FORGIVING and (finite or not multiplied)
                found[op] = found.get(op, False) or not harmless
        if op.type in _ELEMENTWISE:
            multiplies = multiplied or not _adds(op)
            ahead = [(t.op, multiplies) for t in op.inputs]
            ahead = [entry for entry in ahead if entry not in seen]
            seen.update(ahead)
            stack += ahead
    return found


def _adds(op: Operation) -> bool:
    """Whether what an operation hands back for 0 is 0, whatever its inputs are: constants may be
    factors."""
    constants = [tensor.op.type == "Const" for tensor in op.inputs]
    return op.type in _ADDING or (
        (op.type == "Mul" and any(constants)) or (op.type == "RealDiv" and constants[1])
    )


def _depends(tensor: Tensor, tested: set[Tensor]) -> bool:
    """Whether a tensor is made, element by element, of something that is tested."""
    stack, seen = [tensor], {tensor}
    while stack:
        current = stack.pop()
        if source_of(current) in tested:
            return True
        if current.op.type in _ELEMENTWISE:
            ahead = [t for t in current.op.inputs if t not in seen]
            seen.update(ahead)
            stack += ahead
    return False


def _is_safe(op: Operation, known: Range) -> bool:
    if op.type == "Exp":
        return known.high < 80  # exp(88.8) is infinite in float32
    if op.type in ("Acos", "Asin"):
        return False
    return known.positive or (op.type == "Log1p" and known.low > -1)


# ---- the points themselves ---------------------------------------------------------------------


@rule("log-of-zero", Severity.LIKELY)
def log_of_zero(view: View) -> Iterator[Hint]:
    """The logarithm of what can be exactly 0."""
    guarded = chosen(view)
    for log in view.of_type("Log"):
        if log in guarded or not view.ranges.get(log.inputs[0], ANYTHING).zero:
            continue
        source = _maker(log.inputs[0])
        what = f"{view.label(source.op)} [{source.op.type}]"
        yield Hint(
            log,
            f"{view.label(log)} takes the logarithm of {what}, which can be exactly 0 in "
            "float32: log(0) is -Inf, and 0 * log(0) is NaN.",
            _fused(source.op, view),
            (source.op,),
        )


def _maker(tensor: Tensor) -> Tensor:
    """Where numbers that can be 0 come from: back through 1 - p, sums and products with masks."""
    while True:
        tensor = source_of(tensor)
        op = tensor.op
        if op.type in ("Sub", "Mul"):
            tensor = (
                op.inputs[1] if op.inputs[0].op.type in ("Const", "Placeholder") else op.inputs[0]
            )
        elif op.type in ("Sum", "GatherV2", "GatherNd", "StridedSlice", "Slice", "Max", "Min"):
            tensor = op.inputs[0]
        else:
            return tensor


def _fused(source: Operation, view: View) -> str:
    """The operation that has the logarithm in it, for what was taken the logarithm of."""
    if source.type == "Softmax":
        logits = view.label(source_of(source.inputs[0]).op)
        return (
            f"tf.nn.softmax_cross_entropy_with_logits(labels=..., logits={logits}), or "
            f"tf.nn.log_softmax({logits})"
        )
    if source.type == "Sigmoid":
        logits = view.label(source_of(source.inputs[0]).op)
        return (
            f"tf.nn.sigmoid_cross_entropy_with_logits(labels=..., logits={logits}), or "
            f"tf.log_sigmoid({logits})"
        )
    return "add a small number first, tf.log(x + 1e-7), or use tf.maximum(x, 1e-7)"


@rule("root-of-zero", Severity.RISK)
def root_of_zero(view: View) -> Iterator[Hint]:
    """The root of what can be 0, where a gradient goes through it: its slope there is infinite."""
    guarded = chosen(view)
    for root in view.of_type("Sqrt"):
        known = view.ranges.get(root.inputs[0], ANYTHING)
        if root in guarded or root not in view.sloping or known.positive or not known.not_negative:
            continue
        yield Hint(
            root,
            f"{view.label(root)} takes the root of what can be 0, and a gradient goes through it: "
            "the slope of the root at 0 is infinite, and 0 * infinity is NaN.",
            "add a small number inside: tf.sqrt(x + 1e-12); for lengths tf.nn.l2_normalize, or "
            "leave the root out",
        )


@rule("division-by-zero", Severity.RISK)
def division_by_zero(view: View) -> Iterator[Hint]:
    """A division by what can be exactly 0: a count, a sum of a mask."""
    guarded = chosen(view)
    for division in view.forward:
        if division.type not in ("RealDiv", "Reciprocal") or division in guarded:
            continue
        below = division.inputs[_SENSITIVE[division.type]]
        if not view.ranges.get(below, ANYTHING).zero or below.op.type == "Const":
            continue
        yield Hint(
            division,
            f"{view.label(division)} divides by {view.label(source_of(below).op)} "
            f"[{source_of(below).op.type}], which can be exactly 0.",
            "tf.div_no_nan(x, y) gives 0 there; or divide by tf.maximum(y, 1)",
            (below.op,),
        )
