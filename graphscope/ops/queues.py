"""Queues: what waits in one, and who fills it, belongs to the session.

There are no threads. Who wants more than a queue holds has those run that fill it, as often as
needed: the enqueue operations of its runners, each anew with all that it is computed from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from graphscope.errors import CancelledError, DeadlineExceededError, OutOfRangeError
from graphscope.graph import shapes
from graphscope.graph.body import Body, Call, Rerun
from graphscope.graph.declare import Any_, Handle, op
from graphscope.graph.dtypes import DType, bool_, int32, resource
from graphscope.graph.shapes import TensorShape
from graphscope.kernels import random as kernels
from graphscope.ops.streams import boxed
from graphscope.ops.streams.passing import word

_ENDS = (OutOfRangeError, CancelledError)


class About(NamedTuple):
    """kind, name: for sentences. capacity: -1 for no limit. shapes: of an element's parts.
    least: how many stay while it is open. seeds: of a random order, None for that of coming.
    padded: parts are filled up to the same shape."""

    kind: str
    name: str
    capacity: int
    shapes: tuple[TensorShape, ...]
    least: int = 0
    seeds: tuple[int, int] | None = None
    padded: bool = False


class Kept(NamedTuple):
    """items: what waits. drawn: how many random numbers were. started: its runners may run; turn:
    how often they have; over: those that are at their end."""

    about: About
    items: tuple[tuple[Any, ...], ...] = ()
    key: tuple[int, int] = (0, 0)
    drawn: int = 0
    closed: bool = False
    started: bool = False
    turn: int = 0
    over: frozenset[int] = frozenset()

    @property
    def title(self) -> str:
        return f"{self.about.kind} '_0_{self.about.name}'"


def opened(about: About) -> Kept:
    """A queue in which nothing waits."""
    seeds = about.seeds or (0, 0)
    return Kept(about, key=kernels.fresh_key() if seeds == (0, 0) else seeds)


# ---- the queues --------------------------------------------------------------------------------

_queue = partial(
    op, kind="input", dtype=resource, shape=shapes.scalar, private_state=True, differentiable=False
)


@_queue("FIFOQueueV2")
def fifo_queue(kept: Kept | None, *, about: About) -> Any:
    """A queue: what came first goes first."""
    return boxed(about.name), kept or opened(about)


@_queue("PaddingFIFOQueueV2")
def padding_fifo_queue(kept: Kept | None, *, about: About) -> Any:
    """The same, with parts that are filled up to the same shape when several go together."""
    return boxed(about.name), kept or opened(about)


@_queue("RandomShuffleQueueV2")
def random_shuffle_queue(kept: Kept | None, *, about: About) -> Any:
    """A queue of which goes what is drawn."""
    return boxed(about.name), kept or opened(about)


# ---- in ----------------------------------------------------------------------------------------

_change = partial(op, kind="input", shared_state=True, outputs=0, differentiable=False)


def _entered(kept: Kept, elements: Sequence[tuple[Any, ...]]) -> Kept:
    if kept.closed:
        raise CancelledError(None, None, f"{kept.title} is closed.")
    for element in elements:
        for i, (value, shape) in enumerate(zip(element, kept.about.shapes, strict=True)):
            if not shape.is_compatible_with(value.shape):
                raise ValueError(
                    f"Shape mismatch in tuple component {i}. Expected {shape.short}, got "
                    f"{TensorShape(value.shape).short}"
                )
    full = len(kept.items) + len(elements) > kept.about.capacity >= 0
    if full and not kept.started:
        raise DeadlineExceededError(
            None,
            None,
            f"{kept.title} is full: it holds {len(kept.items)} of {kept.about.capacity} elements, "
            f"and {len(elements)} more would wait for ever, since nothing runs beside this",
        )
    return kept._replace(items=(*kept.items, *elements))


@_change("QueueEnqueueV2")
def queue_enqueue(kept: Kept, handle: Handle, components: list[Any_]) -> Any:
    """One element comes to those that wait."""
    return None, _entered(kept, [tuple(components)])


@_change("QueueEnqueueManyV2")
def queue_enqueue_many(kept: Kept, handle: Handle, components: list[Any_]) -> Any:
    """The rows of the components come, one after the other."""
    counts = {len(component) for component in components}
    if len(counts) > 1:
        raise ValueError(
            f"All input tensors must have the same size in the 0th dimension: {sorted(counts)}"
        )
    rows = [tuple(c[i, ...] for c in components) for i in range(counts.pop())]
    return None, _entered(kept, rows)


@_change("QueueCloseV2")
def queue_close(kept: Kept, handle: Handle, *, cancel_pending_enqueues: bool = False) -> Any:
    """Nothing more comes."""
    return None, kept._replace(closed=True)


# ---- out ---------------------------------------------------------------------------------------


def _many_shapes(
    handle: Any, *_: Any, about: About, count: int | None, **__: Any
) -> tuple[TensorShape, ...]:
    known = about.padded or all(shape.is_fully_defined() for shape in about.shapes)
    many = TensorShape([count])
    return tuple(many.concatenate(s) if known else TensorShape(None) for s in about.shapes)


def _types(handle: Any, *_: Any, dtypes: tuple[DType, ...], **__: Any) -> tuple[DType, ...]:
    return dtypes


_out = partial(
    op,
    kind="input",
    shared_state=True,
    outputs=("components",),
    dtype=_types,
    shape=_many_shapes,
    differentiable=False,
)
Steps = Generator[Call, Any, Any]


def _filled(kept: Callable[[], Kept], wanted: int, runners: Sequence[Body]) -> Steps:
    """The queue with so many elements, or closed with fewer: its runners are asked until then."""
    over, turns = set(kept().over), kept().turn
    while True:
        state = kept()._replace(turn=turns, over=frozenset(over))
        if state.closed or len(state.items) >= wanted:
            return state
        ready = [i for i in range(len(runners)) if i not in over]
        if runners and state.started and not ready:
            return state._replace(closed=True)
        if not ready or not state.started:
            raise DeadlineExceededError(None, None, _waits(state, wanted, bool(runners)))
        chosen = ready[turns % len(ready)]
        try:
            yield Call(runners[chosen], (), turns, spared=_ENDS)
            turns += 1
        except _ENDS:
            over.add(chosen)


def _waits(state: Kept, wanted: int, runs: bool) -> str:
    remedy = (
        "its runners do not run: call tf.train.start_queue_runners(sess) first"
        if runs
        else "nobody fills it: run its enqueue operation first"
    )
    return (
        f"{state.title} holds {len(state.items)} of {wanted} elements, and waiting for more would "
        f"never end, since {remedy}"
    )


def _left(state: Kept, count: int) -> tuple[list[tuple[Any, ...]], Kept]:
    """So many elements, and the queue without them."""
    items = list(state.items)
    if state.about.seeds is None:
        return items[:count], state._replace(items=tuple(items[count:]))
    chosen = []
    for i in range(count):
        at = word(state.key, state.drawn + i) % len(items)
        chosen.append(items[at])
        items[at] = items[-1]
        items.pop()
    return chosen, state._replace(items=tuple(items), drawn=state.drawn + count)


def _ended(state: Kept, wanted: int) -> OutOfRangeError:
    return OutOfRangeError(
        None,
        None,
        f"{state.title} is closed and has insufficient elements (requested {wanted}, current size "
        f"{len(state.items)})",
    )


@_out("QueueDequeueV2", shape=lambda handle, *, about, **_: about.shapes)
def queue_dequeue(
    kept: Callable[[], Kept],
    handle: Handle,
    *,
    about: About,
    dtypes: tuple[DType, ...],
    runners: list[Rerun],
) -> Steps:
    """One element. runners: what fills the queue."""
    state = yield from _filled(kept, 1 + about.least, runners)
    if not state.items:
        raise _ended(state, 1)
    (element,), state = _left(state, 1)
    return tuple(element), state


@_out("QueueDequeueManyV2")
def queue_dequeue_many(
    kept: Callable[[], Kept],
    handle: Handle,
    n: Any_,
    *,
    about: About,
    dtypes: tuple[DType, ...],
    runners: list[Rerun],
    count: int | None,
) -> Steps:
    """So many elements, stacked."""
    wanted = int(n)
    _check_sizes(about)
    state = yield from _filled(kept, wanted + about.least, runners)
    if len(state.items) < wanted:
        raise _ended(state, wanted)
    elements, state = _left(state, wanted)
    return _together(elements, about, dtypes), state


@_out("QueueDequeueUpToV2")
def queue_dequeue_up_to(
    kept: Callable[[], Kept],
    handle: Handle,
    n: Any_,
    *,
    about: About,
    dtypes: tuple[DType, ...],
    runners: list[Rerun],
    count: int | None,
) -> Steps:
    """So many elements, stacked; fewer at the end."""
    wanted = int(n)
    _check_sizes(about)
    state = yield from _filled(kept, wanted + about.least, runners)
    if not state.items and wanted:
        raise _ended(state, wanted)
    elements, state = _left(state, min(wanted, len(state.items)))
    return _together(elements, about, dtypes), state


def _check_sizes(about: About) -> None:
    if not about.padded and not all(shape.is_fully_defined() for shape in about.shapes):
        raise ValueError(
            f"{about.kind}'s DequeueMany and DequeueUpTo require the components to have specified "
            "shapes."
        )


def _together(
    elements: Sequence[tuple[Any, ...]], about: About, dtypes: Sequence[DType]
) -> tuple[Any, ...]:
    """The parts of the elements, each in one array."""
    if not elements:
        sizes = ([size or 0 for size in shape.sizes or ()] for shape in about.shapes)
        return tuple(
            np.zeros((0, *own), dtype.numpy) for own, dtype in zip(sizes, dtypes, strict=True)
        )
    put = _padded if about.padded else np.stack
    return tuple(put(list(column)) for column in zip(*elements, strict=True))


def _padded(values: Sequence[Any]) -> Any:
    if not values[0].ndim:
        return np.stack(values)
    sizes = np.max([value.shape for value in values], axis=0)
    empty: Any = b"" if values[0].dtype == object else 0
    made = np.full((len(values), *(int(size) for size in sizes)), empty, values[0].dtype)
    for i, value in enumerate(values):
        made[i][tuple(map(slice, value.shape))] = value
    return made


# ---- what there is -----------------------------------------------------------------------------

_look = partial(op, kind="input", shape=shapes.scalar, shared_state=True, differentiable=False)


@_look("QueueSizeV2", dtype=int32)
def queue_size(kept: Kept, handle: Handle) -> Any:
    """How many elements wait."""
    return np.int32(len(kept.items)), kept


@_look("QueueIsClosedV2", dtype=bool_)
def queue_is_closed(kept: Kept, handle: Handle) -> Any:
    """Whether nothing more comes."""
    return np.asarray(kept.closed), kept
