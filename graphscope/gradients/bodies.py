"""The gradients of what owns bodies: of a cond another cond, of a loop a loop that goes backwards.

The gradient of a body is a body of its own, and sees what the call that it mirrors has computed:
nothing is computed again, and nothing has to be handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.gradients.backward import gradients
from graphscope.graph.body import Body
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.ops.array import zeros_like
from graphscope.ops.branches import choose, if_
from graphscope.ops.lists import has_slope, total_slope, zero_slope
from graphscope.ops.loops import loop_variables, repeated_backwards, while_
from graphscope.ops.math import add


@if_.gradient
def _of_cond(
    dys: Any, ys: Any, pred: Tensor, free: list[Tensor], *, then: Body, orelse: Body
) -> list[Any]:
    """The same branch again, backwards."""
    outputs = ys if isinstance(ys, tuple) else (ys,)
    forward = outputs[0].op
    slopes = dys if isinstance(dys, tuple) else (dys,)
    wanted = [tensor for tensor in free if has_slope(tensor.dtype)]
    if not wanted:
        return [None, [None] * len(free)]
    backwards, otherwise = (_of_branch(branch, slopes, wanted) for branch in (then, orelse))
    with get_default_graph().control_dependencies([forward]):
        node = choose(pred, backwards, otherwise, "If")
    return [None, _in_order(free, wanted, node.outputs)]


def _of_branch(branch: Body, slopes: Sequence[Any], wanted: Sequence[Tensor]) -> Body:
    with get_default_graph().body(mirror=branch) as body:
        pairs = [
            (y, convert_to_tensor(dy))
            for y, dy in zip(branch.results, slopes, strict=True)
            if dy is not None and has_slope(y.dtype)
        ]
        body.results = tuple(_derived(pairs, wanted))
    return body


@while_.gradient
def _of_loop(
    dys: Any, ys: tuple[Tensor, ...], variables: list[Tensor], *, test: Body, body: Body
) -> list[Any]:
    """The gradient of the body once for each time that it ran, from the last time to the first.

    Its loop variables are the slopes of the loop's own variables, and the sums of the slopes of
    what the body uses from around it.
    """
    count, forward = ys[-1], ys[0].op
    own = len(body.parameters)
    floating = [i for i, p in enumerate(body.parameters) if has_slope(p.dtype)]
    free = [tensor for tensor in variables[own:] if has_slope(tensor.dtype)]
    slopes = _slopes(dys[:-1], ys[:-1])
    starts = [slopes[i] for i in floating] + [_zeros(tensor) for tensor in free]
    with get_default_graph().body(mirror=body) as backward:
        backward.parameters = loop_variables([(t.dtype, t.shape) for t in starts], "slope")
        came, sums = backward.parameters[: len(floating)], backward.parameters[len(floating) :]
        results = [body.results[i] for i in floating]
        wanted = [*(body.parameters[i] for i in floating), *free]
        found = _derived(list(zip(results, came, strict=True)), wanted)
        totals = [
            total_slope([total, dx], _sum)
            for total, dx in zip(sums, found[len(floating) :], strict=True)
        ]
        backward.results = (*found[: len(floating)], *totals)
    node = repeated_backwards(count, starts, backward, forward)
    firsts = _in_order(
        variables[:own], [variables[i] for i in floating], node.outputs[: len(floating)]
    )
    return [firsts + _in_order(variables[own:], free, node.outputs[len(floating) :])]


def _zeros(x: Tensor) -> Tensor:
    return zero_slope(x, zeros_like)


def _sum(parts: Sequence[Tensor]) -> Tensor:
    total: Tensor = add(*parts)
    return total


def _slopes(dys: Any, ys: Sequence[Tensor]) -> list[Tensor]:
    given = dys if isinstance(dys, tuple | list) else (dys,)
    return [
        _zeros(y) if dy is None else convert_to_tensor(dy) for y, dy in zip(ys, given, strict=True)
    ]


def _derived(pairs: Sequence[tuple[Any, Tensor]], wanted: Sequence[Tensor]) -> list[Tensor]:
    """The slopes along `wanted`, inside a body; zeros where none comes back."""
    if not pairs:
        return [_zeros(x) for x in wanted]
    ys, slopes = zip(*pairs, strict=True)
    found = gradients(list(ys), list(wanted), list(slopes), stop_gradients=list(wanted))
    return [
        _zeros(x) if dx is None else convert_to_tensor(dx)
        for x, dx in zip(wanted, found, strict=True)
    ]


def _in_order(
    places: Sequence[Tensor], wanted: Sequence[Tensor], found: Sequence[Tensor]
) -> list[Tensor | None]:
    """The slopes at the places of what they belong to, None at the others."""
    slopes = dict(zip(wanted, found, strict=True))
    return [slopes.get(place) for place in places]
