"""Which units of a layer of Relus are 0 for every example, and what holds them there?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphscope.debug.answers import Units
from graphscope.debug.classes import source_of
from graphscope.debug.errors import NotExecuted
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor

_RELUS = ("Relu", "Relu6")
_SUMS = ("Add", "AddV2", "BiasAdd")


def units_of(
    tensor: Tensor, value: Value, t: int, timeline: Timeline, facts: Facts, names: Names
) -> Units | None:
    """The dead units of a layer of Relus at a time; None for anything else, and when all live."""
    if tensor.op.type not in _RELUS or value.ndim < 2 or not value.size:
        return None
    rows = value.reshape(-1, value.shape[-1])
    dead = np.flatnonzero(np.all(rows == 0, axis=0))
    if not len(dead):
        return None
    bias, weights = _layer(tensor.op)
    ran = timeline.time_of(tensor.op, t) or t  # variables as they were then
    by_weights, by_bias = _reasons(tensor.op, dead, bias, weights, timeline, min(ran, t))
    return Units(
        count=rows.shape[1],
        examples=len(rows),
        dead=_numbers(dead),
        by_bias=by_bias,
        by_weights=by_weights,
        gradient=max(_coming_back(tensor.op, dead, timeline, t), default=None),
        bias=bias,
        weights=weights,
    )


def _layer(relu: Operation) -> tuple[Operation | None, Operation | None]:
    """The variables that are the bias and the weights in front of a Relu, where they are known."""
    op, bias = source_of(relu.inputs[0]).op, None
    if op.type in _SUMS:
        sources = [source_of(given).op for given in op.inputs]
        bias = next((source for source in sources if source.definition.is_variable), None)
        op = next((source for source in sources if source is not bias), op)
    found = [source_of(given).op for given in op.inputs] if op.type == "MatMul" else []
    return bias, next((source for source in found if source.definition.is_variable), None)


def _reasons(
    relu: Operation,
    dead: Value,
    bias: Operation | None,
    weights: Operation | None,
    timeline: Timeline,
    t: int,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The dead units whose weights are all 0, and those that would live without their bias."""
    before = _value(relu.inputs[0], timeline, t)
    shift = None if bias is None else _value(bias.outputs[0], timeline, t)
    matrix = None if weights is None else _value(weights.outputs[0], timeline, t)
    empty: Value = np.asarray([], np.int64)
    zero = empty
    if matrix is not None and matrix.ndim == 2 and weights is not None:
        zero = dead[np.all(matrix[:, dead] == 0, axis=0)]
    held = empty
    if before is not None and shift is not None and shift.ndim == 1:
        alone = before.reshape(-1, before.shape[-1])[:, dead] - shift[dead]
        held = dead[np.any(alone > 0, axis=0)]
    return _numbers(zero), _numbers(np.setdiff1d(held, zero))


def _value(tensor: Tensor, timeline: Timeline, t: int) -> Value | None:
    try:
        return timeline.value(tensor, t)
    except NotExecuted:
        return None


def _coming_back(relu: Operation, dead: Value, timeline: Timeline, t: int) -> Iterator[float]:
    """The largest number that each backward pass that has run hands back through the units."""
    for step in timeline.steps[:t]:
        if step.node.gradient_of is relu and step.node.type.endswith("Grad"):
            (slope,) = step.outputs.values()
            yield float(np.max(np.abs(slope.reshape(-1, slope.shape[-1])[:, dead])))


def _numbers(found: Value) -> tuple[int, ...]:
    return tuple(int(number) for number in found)
