"""Where a gradient ends on its way back: the operations that hand none on."""

from __future__ import annotations

from collections.abc import Iterable

from graphscope.gradients.backward import flows_through, tensor_has_slope
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.walk import reach


def depends_on(y: Tensor, x: Tensor) -> bool:
    """Whether `y` is computed from `x`."""
    return y.op in _users_of(x)


def gradient_ends(y: Tensor, x: Tensor) -> list[Operation]:
    """The operations between x and y that the gradient of y comes to and does not pass, the one
    nearest to y first. Empty when it passes, and when y is not computed from x."""
    users = _users_of(x)
    if y.op not in users:
        return []
    if not tensor_has_slope(y):
        return [y.op]

    def above(op: Operation) -> list[Tensor]:
        return [t for t in op.inputs if t.op in users]

    def behind(op: Operation) -> Iterable[Operation]:
        return (t.op for t in above(op) if flows_through(op) and tensor_has_slope(t))

    reached = reach([y.op], behind)
    if x.op in reached:
        return []
    ends = {op for op in reached if not flows_through(op)}
    whole = (t for op in reached - ends for t in above(op) if not tensor_has_slope(t))
    return sorted({*ends, *(t.op for t in whole)}, key=lambda op: op._id, reverse=True)


def _users_of(x: Tensor) -> set[Operation]:
    return reach([x.op], lambda op: (u for t in op.outputs for u in op.graph.consumers(t)))
