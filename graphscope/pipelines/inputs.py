"""Names, numbers and examples through queues (tf.train.string_input_producer, tf.train.batch)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import bool_, float32, int64, string
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import array
from graphscope.ops.array import constant, identity
from graphscope.ops.branches import cond
from graphscope.ops.control_flow import no_op
from graphscope.ops.files import matching_files
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.indexing import gather
from graphscope.ops.logic import greater
from graphscope.ops.math import cast, maximum
from graphscope.ops.shuffling import random_shuffle
from graphscope.ops.state import count_up_to
from graphscope.ops.summary import scalar
from graphscope.ops.variables import Variable
from graphscope.pipelines.queues import FIFOQueue, PaddingFIFOQueue, QueueBase, RandomShuffleQueue
from graphscope.pipelines.runners import QueueRunner, add_queue_runner


def match_filenames_once(pattern: Any, name: str | None = None) -> Variable:
    """A local variable with the names of the files that fit a pattern when it is initialized.

    Source: tf.train.match_filenames_once.
    """
    with name_scope(name, "matching_filenames", [pattern]) as scope:
        return Variable(
            initial_value=matching_files(pattern),
            trainable=False,
            name=scope,
            validate_shape=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
        )


def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """The tensor, so many times; then OutOfRangeError, in a run.

    It counts with a local variable. Errors: ValueError for a number below 1.
    Source: tf.train.limit_epochs.
    """
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        zero = constant(0, dtype=int64)
        epochs = Variable(
            zero, name="epochs", trainable=False, collections=[GraphKeys.LOCAL_VARIABLES]
        )
        with tensor.graph.control_dependencies([count_up_to(epochs, num_epochs)]):
            return identity(tensor, name=scope)


def input_producer(
    input_tensor: Any,
    element_shape: Any = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    summary_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue of the rows of a tensor, again and again, each time in another order.

    num_epochs: how many times; without end when left out. element_shape: of a row, where it is not
    known. Errors: ValueError when a row has no known shape. Source: tf.train.input_producer.
    """
    with name_scope(name, "input_producer", [input_tensor]):
        rows = convert_to_tensor(input_tensor, name="input_tensor")
        shape = rows.shape[1:].merge_with(as_shape(element_shape))
        if not shape.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be "
                "specified"
            )
        if shuffle:
            rows = random_shuffle(rows, seed=seed)
        rows = limit_epochs(rows, num_epochs)
        queue = FIFOQueue(
            capacity, [rows.dtype.base_dtype], [shape], shared_name=shared_name, name=_named(name)
        )
        enqueue = queue.enqueue_many([rows])
        add_queue_runner(QueueRunner(queue, [enqueue], cancel_op=cancel_op))
        if summary_name is not None:
            scalar(summary_name, cast(queue.size(), float32) * (1.0 / capacity))
        return queue


def _named(name: str | None) -> str:
    return "fifo_queue" if name is None else name


def string_input_producer(
    string_tensor: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue of texts, as names of files, again and again. Errors: ValueError for an empty list,
    InvalidArgumentError, in a run, for an empty tensor. Source: tf.train.string_input_producer."""
    empty = "string_input_producer requires a non-null input tensor"
    is_built = isinstance(string_tensor, Tensor | Variable)
    if not is_built and not len(string_tensor):
        raise ValueError(empty)
    with name_scope(name, "input_producer", [string_tensor] if is_built else None) as scope:
        texts = convert_to_tensor(string_tensor, string)
        some = greater(array.size(texts), 0)
        with name_scope(None, "Assert", [some]):
            constant(empty)  # TensorFlow's Assert has its text twice
            check = OPS["Assert"](some, [empty], summarize=3, name="Assert")
        with texts.graph.control_dependencies([check]):
            texts = identity(texts)
        return input_producer(
            texts,
            [],
            num_epochs,
            shuffle,
            seed,
            capacity,
            shared_name,
            f"fraction_of_{capacity}_full",
            scope,
            cancel_op,
        )


def range_input_producer(
    limit: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> FIFOQueue:
    """A queue of the numbers from 0 up to, and without, `limit`, again and again. Source:
    tf.train.range_input_producer."""
    with name_scope(name, "input_producer", [limit] if isinstance(limit, Tensor) else None) as own:
        return input_producer(
            array.range(limit),
            [],
            num_epochs,
            shuffle,
            seed,
            capacity,
            shared_name,
            f"fraction_of_{capacity}_full",
            own,
        )


def slice_input_producer(
    tensor_list: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """A row of each tensor, the same of all, in each run another one. Errors: ValueError without
    tensors. Source: tf.train.slice_input_producer."""
    with name_scope(name, "input_producer"):
        tensors = [convert_to_tensor(each) for each in tensor_list]
        if not tensors:
            raise ValueError(
                "Expected at least one tensor in slice_input_producer(), got empty list."
            )
        count = array.shape(tensors[0])[0]
        queue = range_input_producer(count, num_epochs, shuffle, seed, capacity, shared_name)
        index = queue.dequeue()
        return [gather(each, index) for each in tensors]


# ---- batches -----------------------------------------------------------------------------------


def _shapes(tensors: Sequence[Tensor], shapes: Any, many: bool) -> list[TensorShape]:
    """The shape of a part of an element."""
    if shapes is not None:
        given = shapes if isinstance(shapes, list | tuple) else [shapes]
        return [as_shape(shape) for shape in given]
    return [each.shape.with_rank_at_least(1)[1:] if many else each.shape for each in tensors]


def _fill(
    queue: QueueBase, tensors: Sequence[Tensor], threads: int, many: bool, keep: Tensor
) -> None:
    """Have the tensors come into the queue whenever it is read."""
    come = queue.enqueue_many if many else queue.enqueue
    kept = constant_value(keep)
    if keep.shape.ndims == 1:
        raise NotImplementedError("keep_input is one truth value; choose rows with boolean_mask")
    if kept is None:
        enqueue = cond(keep, lambda: come(tensors), no_op).op
    else:
        enqueue = come(tensors) if kept else no_op()
    add_queue_runner(QueueRunner(queue, [enqueue] * threads))


def _parts(tensors: Any) -> list[Tensor]:
    return [convert_to_tensor(each) for each in nest.flatten(tensors)]


def _as_given(tensors: Any, found: Any) -> Any:
    """What was taken out, nested as what was put in."""
    if not isinstance(tensors, dict):
        return found
    return nest.pack_sequence_as(tensors, found if isinstance(found, list) else [found])


def _batched(
    tensors_list: Sequence[Any],
    make: Callable[[Sequence[Any], Sequence[TensorShape]], QueueBase],
    batch_size: Any,
    enqueue_many: bool,
    shapes: Any,
    keep_input: Any,
    smaller: bool,
    threads: int,
    default: str,
    name: str | None,
    fullness: Callable[[QueueBase], None],
) -> Any:
    flat = [_parts(tensors) for tensors in tensors_list]
    if not flat or not flat[0]:
        raise ValueError("Expected at least one tensor in batch().")
    with name_scope(name, default, [each for tensors in flat for each in tensors]) as scope:
        keep = convert_to_tensor(keep_input, bool_)
        types = [each.dtype.base_dtype for each in flat[0]]
        queue = make(types, _shapes(flat[0], shapes, enqueue_many))
        if len(flat) == 1:
            _fill(queue, flat[0], threads, enqueue_many, keep)
        else:
            come = queue.enqueue_many if enqueue_many else queue.enqueue
            add_queue_runner(QueueRunner(queue, [come(tensors) for tensors in flat]))
        fullness(queue)
        take = queue.dequeue_up_to if smaller else queue.dequeue_many
        return _as_given(tensors_list[0], take(batch_size, name=scope))


def _fifo(capacity: int, dynamic_pad: bool, shared_name: str | None) -> Any:
    kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
    return lambda types, shapes: kind(capacity, types, shapes, shared_name=shared_name)


def _tell(capacity: int) -> Callable[[QueueBase], None]:
    def fullness(queue: QueueBase) -> None:
        scalar(f"fraction_of_{capacity}_full", cast(queue.size(), float32) * (1.0 / capacity))

    return fullness


def maybe_batch(
    tensors: Any,
    keep_input: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """`batch` of those for which `keep_input` is true. Source: tf.train.maybe_batch."""
    return _batched(
        [tensors],
        _fifo(capacity, dynamic_pad, shared_name),
        batch_size,
        enqueue_many,
        shapes,
        keep_input,
        allow_smaller_final_batch,
        num_threads,
        "batch",
        name,
        _tell(capacity),
    )


def batch(
    tensors: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """What the tensors are in so many runs, stacked, nested as they are.

    enqueue_many: they are several examples in each run. dynamic_pad: sizes differ, and are filled
    up. allow_smaller_final_batch: what is left over at the end is given too. num_threads: how often
    TensorFlow would run them beside each other; here in turn. Errors: ValueError without tensors;
    OutOfRangeError, in a run, at the end. Source: tf.train.batch.
    """
    return maybe_batch(
        tensors,
        True,
        batch_size,
        num_threads,
        capacity,
        enqueue_many,
        shapes,
        dynamic_pad,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def batch_join(
    tensors_list: Sequence[Any],
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """`batch` of several lists of tensors, which take turns. Source: tf.train.batch_join."""
    return _batched(
        tensors_list,
        _fifo(capacity, dynamic_pad, shared_name),
        batch_size,
        enqueue_many,
        shapes,
        True,
        allow_smaller_final_batch,
        1,
        "batch_join",
        name,
        _tell(capacity),
    )


def _shuffling(
    capacity: int, least: int, seed: int | None, shared_name: str | None
) -> tuple[Any, Callable[[QueueBase], None]]:
    """What makes the queue, and what tells how full it is."""

    def fullness(queue: QueueBase) -> None:
        over = cast(maximum(0, queue.size() - least), float32)
        name = f"fraction_over_{least}_of_{capacity - least}_full"
        scalar(name, over * (1.0 / (capacity - least)))

    return (
        lambda types, shapes: RandomShuffleQueue(
            capacity, least, types, shapes, seed=seed, shared_name=shared_name
        ),
        fullness,
    )


def maybe_shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """`shuffle_batch` of those for which `keep_input` is true. Source:
    tf.train.maybe_shuffle_batch."""
    make, fullness = _shuffling(capacity, min_after_dequeue, seed, shared_name)
    return _batched(
        [tensors],
        make,
        batch_size,
        enqueue_many,
        shapes,
        keep_input,
        allow_smaller_final_batch,
        num_threads,
        "shuffle_batch",
        name,
        fullness,
    )


def shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """`batch` in a random order: `min_after_dequeue` examples more are there to draw from.

    With a seed it is always the same order; TensorFlow's depends on its threads.
    Source: tf.train.shuffle_batch.
    """
    return maybe_shuffle_batch(
        tensors,
        batch_size,
        capacity,
        min_after_dequeue,
        True,
        num_threads,
        seed,
        enqueue_many,
        shapes,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def shuffle_batch_join(
    tensors_list: Sequence[Any],
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """`shuffle_batch` of several lists of tensors, which take turns. Source:
    tf.train.shuffle_batch_join."""
    make, fullness = _shuffling(capacity, min_after_dequeue, seed, shared_name)
    return _batched(
        tensors_list,
        make,
        batch_size,
        enqueue_many,
        shapes,
        True,
        allow_smaller_final_batch,
        1,
        "shuffle_batch_join",
        name,
        fullness,
    )
