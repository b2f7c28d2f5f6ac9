"""Queues (tf.FIFOQueue and its like): elements wait in the session until they are taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.body import Rerun
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, int32
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import queues
from graphscope.ops.random import get_seed


class QueueBase:
    """What all queues can do. Source: tf.QueueBase.

    dtypes: the types of an element's parts. shapes: their shapes, where all are known. names: what
    they are called in the dict that an element is then.
    """

    def __init__(
        self, dtypes: Any, shapes: Any, names: Any, queue_ref: Tensor, about: queues.About
    ) -> None:
        self._dtypes: tuple[DType, ...] = dtypes
        self._shapes: tuple[TensorShape, ...] = shapes
        self._names: list[str] | None = names
        self._queue_ref = queue_ref
        self._about = about
        #: The enqueue operations of its runners, each as a part of the graph that runs anew.
        self.runners: list[Rerun] = []

    @property
    def queue_ref(self) -> Tensor:
        """The tensor of its handle."""
        return self._queue_ref

    @property
    def name(self) -> str:
        return self._queue_ref.op.name

    @property
    def dtypes(self) -> list[DType]:
        return list(self._dtypes)

    @property
    def shapes(self) -> list[TensorShape]:
        return list(self._shapes)

    @property
    def names(self) -> list[str] | None:
        return self._names

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """An operation that adds one element. vals: its parts: a tensor, a list of them, or a dict
        by their names. Errors: ValueError when they do not fit; CancelledError, in a run, when the
        queue is closed; DeadlineExceededError when it is full."""
        with self._scope("enqueue", name) as scope:
            parts = self._components(vals)
            for value, shape in zip(parts, self._shapes, strict=True):
                value.shape.assert_is_compatible_with(shape)
            return queues.queue_enqueue.node(self._queue_ref, parts, name=scope)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """An operation that adds the rows of the parts, each as an element."""
        with self._scope("EnqueueMany", name) as scope:
            parts = self._components(vals)
            for value, shape in zip(parts, self._shapes, strict=True):
                value.shape.with_rank_at_least(1)[1:].assert_is_compatible_with(shape)
            return queues.queue_enqueue_many.node(self._queue_ref, parts, name=scope)

    def dequeue(self, name: str | None = None) -> Any:
        """The next element: a tensor, a list of its parts, or a dict. Errors, in a run:
        OutOfRangeError when the queue is closed and empty, DeadlineExceededError when it is empty
        and nobody fills it."""
        node = queues.queue_dequeue.node(
            self._queue_ref, **self._out, name=name or f"{self._own_name}_Dequeue"
        )
        return self._returned(node)

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """The next `n` elements, each part stacked. Errors: InvalidArgumentError, in a run, for a
        queue that was made without shapes."""
        return self._many(queues.queue_dequeue_many, n, name or f"{self._own_name}_DequeueMany")

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """The same; fewer when the queue is closed and holds no more."""
        return self._many(queues.queue_dequeue_up_to, n, name or f"{self._own_name}_DequeueUpTo")

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """An operation after which nothing more can be added."""
        return queues.queue_close.node(
            self._queue_ref,
            cancel_pending_enqueues=cancel_pending_enqueues,
            name=name or f"{self._own_name}_Close",
        )

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether nothing more can be added."""
        named: Tensor = queues.queue_is_closed(
            self._queue_ref, name=name or f"{self._own_name}_Is_Closed"
        )
        return named

    def size(self, name: str | None = None) -> Tensor:
        """How many elements wait."""
        count: Tensor = queues.queue_size(self._queue_ref, name=name or f"{self._own_name}_Size")
        return count

    @property
    def _own_name(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def _out(self) -> dict[str, Any]:
        return {"about": self._about, "dtypes": self._dtypes, "runners": self.runners}

    def _scope(self, what: str, name: str | None) -> Any:
        return name_scope(name, f"{self._own_name}_{what}", [self._queue_ref])

    def _components(self, vals: Any) -> list[Tensor]:
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names) != sorted(vals):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of Queue.  Dictionary: "
                    f"{sorted(vals)}, Queue: {sorted(self._names)}"
                )
            vals = [vals[name] for name in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a Queue with names")
        elif not isinstance(vals, list | tuple):
            vals = [vals]
        if len(vals) != len(self._dtypes):
            raise ValueError(
                f"an element of the queue has {len(self._dtypes)} parts, and {len(vals)} are given"
            )
        pairs = enumerate(zip(vals, self._dtypes, strict=True))
        return [
            convert_to_tensor(value, dtype, name=f"component_{i}") for i, (value, dtype) in pairs
        ]

    def _many(self, definition: Any, n: Any, name: str) -> Any:
        with name_scope(name, values=[self._queue_ref]) as scope:
            count = convert_to_tensor(n, int32, name="n")
            known = constant_value(count)
            whole = known is not None and definition is queues.queue_dequeue_many
            node = definition.node(
                self._queue_ref,
                count,
                **self._out,
                count=int(known) if whole and known is not None else None,
                name=scope,
            )
        return self._returned(node)

    def _returned(self, node: Operation) -> Any:
        if self._names:
            return dict(zip(self._names, node.outputs, strict=True))
        return node.outputs[0] if len(node.outputs) == 1 else list(node.outputs)


def _declared(dtypes: Any, shapes: Any, names: Any) -> tuple[Any, Any, Any]:
    """Types, shapes and names, each in a sequence. Errors: ValueError when they do not fit."""
    types = tuple(map(as_dtype, dtypes if isinstance(dtypes, list | tuple) else [dtypes]))
    if shapes is None:
        known = tuple(TensorShape(None) for _ in types)
    else:
        known = tuple(map(as_shape, _shape_list(shapes)))
        if len(known) != len(types):
            raise ValueError(
                "Queue shapes must have the same length as dtypes, received "
                f"len(shapes)={len(known)}, len(dtypes)={len(types)}"
            )
    if names is not None:
        names = list(names) if isinstance(names, list | tuple) else [names]
        if len(names) != len(types):
            raise ValueError("Queue must have the same number of names as dtypes")
    return types, known, names


def _shape_list(shapes: Any) -> Sequence[Any]:
    """One shape for each part; a single shape is that of the only part."""
    if isinstance(shapes, TensorShape):
        return [shapes]
    if shapes == [] or shapes == () or not isinstance(shapes, list | tuple):
        return [shapes]
    if any(size is None or isinstance(size, int) or hasattr(size, "value") for size in shapes):
        return [shapes]
    return shapes


def _placed(definition: Any, name: str, **about: Any) -> Any:
    with name_scope(name, values=[]) as scope:
        known = queues.About(name=scope[:-1], **about)  # under which the session keeps it
        return definition(about=known, name=scope), known


class FIFOQueue(QueueBase):
    """What came first goes first. capacity: how many elements wait at most, -1 for no limit.

    Source: tf.FIFOQueue.
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "fifo_queue",
    ) -> None:
        types, known, names = _declared(dtypes, shapes, names)
        ref, about = _placed(
            queues.fifo_queue, name, kind="FIFOQueue", capacity=capacity, shapes=known
        )
        super().__init__(types, known, names, ref, about)


class PaddingFIFOQueue(QueueBase):
    """The same, with sizes that differ: what is taken together is filled up with zeros.

    Source: tf.PaddingFIFOQueue. Errors: ValueError without the rank of each part.
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "padding_fifo_queue",
    ) -> None:
        types, known, names = _declared(dtypes, shapes, names)
        if any(shape.ndims is None for shape in known):
            raise ValueError("PaddingFIFOQueue needs the rank of each part: None for a size only")
        ref, about = _placed(
            queues.padding_fifo_queue,
            name,
            kind="PaddingFIFOQueue",
            capacity=capacity,
            shapes=known,
            padded=True,
        )
        super().__init__(types, known, names, ref, about)


class RandomShuffleQueue(QueueBase):
    """What goes is drawn from those that wait, with a seed as in TensorFlow.

    min_after_dequeue: how many stay, as long as the queue is open. Source: tf.RandomShuffleQueue.
    """

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str = "random_shuffle_queue",
    ) -> None:
        types, known, names = _declared(dtypes, shapes, names)
        first, second = get_seed(seed)
        ref, about = _placed(
            queues.random_shuffle_queue,
            name,
            kind="RandomShuffleQueue",
            capacity=capacity,
            shapes=known,
            least=int(min_after_dequeue),
            seeds=(first or 0, second or 0),
        )
        super().__init__(types, known, names, ref, about)
