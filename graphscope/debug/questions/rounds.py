"""How does a gradient come back through the iterations of a loop, from the last to the first?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphscope.engine.interpreter import Frame, Value
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.lists import has_slope, moved


@dataclass(frozen=True)
class Round:
    """An iteration of a loop, and the gradient that comes back to it.

    iteration: counted from 1, as the loop ran. norm: the Euclidean length of the gradient of all
    the numbers that the loop carries from there to the next iteration; what it collects in a list
    does not count, and None stands for a loop that carries nothing else.
    share: the length of what this iteration gives to the gradient of what is used in the body; None
    where the way goes on to what the loop begins with.
    """

    iteration: int
    norm: float | None
    share: float | None = None

    @property
    def is_sound(self) -> bool:
        return bool(np.isfinite(self.norm or 0.0) and np.isfinite(self.share or 0.0))


def rounds_of(loop: Operation, below: Tensor, calls: Sequence[Frame]) -> tuple[Round, ...]:
    """What comes back to each iteration of a loop, the last one first.

    loop: with its `below`: what it begins with, or uses, and to which the gradient goes on. calls:
    those of the body of its gradient, in order.
    """
    body, variables = loop.attrs["body"], loop.inputs
    own = len(body.parameters)
    carried = [p.dtype for p in body.parameters if has_slope(p.dtype)]
    free = [tensor for tensor in variables[own:] if has_slope(tensor.dtype)]
    at = len(carried) + free.index(below) if below in free else None
    found = []
    for call in calls:
        assert call.body is not None
        assert call.beside is not None, "it is the gradient of a call"
        given = [call.values[parameter] for parameter in call.body.parameters]
        state = [v for v, dtype in zip(given, carried, strict=False) if dtype.is_floating]
        share = None if at is None else _length([_less(call.results()[at], given[at])])
        norm = _length(state) if state else None
        found.append(Round(call.beside.iteration + 1, norm, share))
    return tuple(found)


def _less(after: Value, before: Value) -> Value:
    """What was added; of lists to their elements."""
    if after.dtype == object:
        return moved(after, before)
    with np.errstate(invalid="ignore"):
        difference: Value = after - before
    return difference


def _length(values: Sequence[Value]) -> float:
    squares = (np.sum(np.square(np.abs(value).astype(np.float64))) for value in values)
    return float(np.sqrt(sum(squares)))
