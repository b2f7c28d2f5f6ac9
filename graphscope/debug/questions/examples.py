"""What does each example of a batch give to a gradient?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.debug.names import Names
from graphscope.debug.side.aside import Aside
from graphscope.debug.side.gradients import no_gradient
from graphscope.debug.side.runs import state_at
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Tensor

#: The gradient is computed once for each example; of larger batches nothing is said.
_MOST = 1000


@dataclass(frozen=True)
class Example:
    """One row of the batch. value: what it gives to the gradient; norm: its length; share: the part
    of the gradient that it makes, along its direction. All shares together are 1."""

    index: int
    value: Value
    norm: float
    share: float


@dataclass(frozen=True)
class ByExample(Answer):
    """A gradient, split into what the examples of the batch give to it.

    total:    the gradient of the whole batch. examples: in order of the rows.
    scale:    what each counts: 1 for a sum, 1/n for a mean; None when the parts do not add up, as
              with batch normalization or random numbers, where each is the gradient of its own.
    feeds:    what was taken row by row.
    """

    y: Tensor
    x: Tensor
    total: Value
    examples: tuple[Example, ...]
    scale: float | None
    feeds: tuple[Tensor, ...]
    names: Names

    @property
    def adds_up(self) -> bool:
        return self.scale is not None

    @property
    def largest(self) -> tuple[Example, ...]:
        """The examples, the one that gives most first."""
        return tuple(sorted(self.examples, key=lambda example: -example.norm))


def by_example(y: Tensor, x: Tensor, timeline: Timeline, names: Names) -> ByExample:
    """Compute the gradient of `y` along `x` for each row of what is fed, on the side.

    Errors: DebugError when nothing is fed that has rows, or when the model takes no single row;
    NoGradient when none comes back.
    """
    aside = Aside([y, x])
    (slope,) = aside.gradients(y, [x])
    if slope is None:
        raise no_gradient(y, x)
    feeds = {t: v for t, v in timeline.run.feeds.items() if t in aside}
    batched, count = _batch(feeds)
    ran = timeline.times_of(y.op)
    state = state_at(timeline, ran[0] - 1 if ran else timeline.t)
    total = aside.run([slope], {aside.here(t): v for t, v in feeds.items()}, state)[slope]
    parts = []
    for row in range(count):
        one = {t: v[row : row + 1] if t in batched else v for t, v in feeds.items()}
        parts.append(aside.run([slope], {aside.here(t): v for t, v in one.items()}, state)[slope])
    if any(part.shape != total.shape for part in parts):
        raise DebugError(f"{x.name} has rows of its own: what each gives is a row of the gradient.")
    scale = _scale(parts, total)
    parts = [part * np.asarray(1.0 if scale is None else scale, part.dtype) for part in parts]
    length = float(np.sum(np.square(total, dtype=np.float64))) or 1.0
    examples = [
        Example(
            index=row,
            value=part,
            norm=float(np.sqrt(np.sum(np.square(part, dtype=np.float64)))),
            share=float(np.sum(part.astype(np.float64) * total)) / length,
        )
        for row, part in enumerate(parts)
    ]
    return ByExample(y, x, total, tuple(examples), scale, tuple(batched), names)


def _batch(feeds: dict[Tensor, Value]) -> tuple[list[Tensor], int]:
    """The feeds whose first axis is that of the examples, and how many these are."""
    open_ones = [t for t in feeds if t.shape.sizes is None or t.shape.sizes[:1] == (None,)]
    counts = Counter(len(feeds[t]) for t in open_ones if feeds[t].ndim)
    if not counts:
        raise DebugError(
            "Nothing is fed whose first axis is left open, as in tf.placeholder(tf.float32, [None, "
            "4]): single examples cannot be told apart."
        )
    count = max(counts, key=lambda size: (counts[size], size))
    if not 1 <= count <= _MOST:
        raise DebugError(f"The batch has {count} examples; this is for 1 to {_MOST}. Feed fewer.")
    return [t for t in open_ones if feeds[t].ndim and len(feeds[t]) == count], count


def _scale(parts: list[Value], total: Value) -> float | None:
    """What the sum of the parts has to be multiplied by to be the gradient."""
    added = np.sum(np.asarray(parts, np.float64), axis=0)
    size = float(np.max(np.abs(total), initial=0.0))
    for scale in (1.0, 1.0 / len(parts)):
        if np.allclose(added * scale, total, rtol=1e-3, atol=1e-5 * size):
            return scale
    return None
