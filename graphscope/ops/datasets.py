"""Datasets as nodes: each makes a stream of those that it is given, and of numbers.

A dataset is a value: one object of Python, a stream. It is made when an iterator over it begins.
Functions of elements are bodies that the nodes own; what they use from around them is an input.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple

from graphscope.errors import FailedPreconditionError, InvalidArgumentError, OutOfRangeError
from graphscope.graph.body import Body, Call, Rerun
from graphscope.graph.declare import Any_, Bool, Handle, Index, String, Variant, op
from graphscope.graph.dtypes import DType, resource, string, variant
from graphscope.graph.shapes import TensorShape
from graphscope.ops.sparse import SparseTensorValue
from graphscope.ops.streams import Function, Part, making, passing, sources
from graphscope.ops.streams.stream import Stream, boxed, gathered, unboxed
from graphscope.ops.streams.stream import dataset_part as dataset_part

_scalar = TensorShape([])
_dataset = partial(
    op, kind="input", dtype=variant, shape=lambda *_, **__: _scalar, differentiable=False
)
Parts = tuple[Part, ...]


# ---- sources -----------------------------------------------------------------------------------


@_dataset("TensorDataset")
def tensor_dataset(components: list[Any_], *, parts: Parts) -> Variant:
    """One element: the components."""
    return boxed(sources.once(gathered(parts, components)))


@_dataset("TensorSliceDataset")
def tensor_slice_dataset(components: list[Any_], *, parts: Parts) -> Variant:
    """The rows of the components."""
    return boxed(sources.slices(gathered(parts, components)))


@_dataset("SparseTensorSliceDataset")
def sparse_slice_dataset(indices: Index, values: Any_, dense_shape: Index) -> Variant:
    """The rows of a sparse tensor."""
    return boxed(sources.slices((SparseTensorValue(indices, values, dense_shape),)))


@_dataset("RangeDataset")
def range_dataset(start: Index, stop: Index, step: Index) -> Variant:
    """Whole numbers from start up to, and without, stop."""
    return boxed(sources.counted(int(start), int(stop), int(step)))


@_dataset("GeneratorDataset")
def generator_dataset(args: list[Any_], *, generator: Callable[..., Any]) -> Variant:
    """What a Python function of the arguments yields, each time anew."""
    return boxed(sources.yielded(partial(generator, *args)))


@_dataset("RandomDataset")
def random_dataset(seed: Index, seed2: Index) -> Variant:
    """Random numbers of 32 bits without end."""
    key = (int(seed), int(seed2))
    return boxed(sources.numbers(partial(passing.word, key)))


# ---- some of the elements, unchanged -----------------------------------------------------------


@_dataset("TakeDataset")
def take_dataset(input_dataset: Variant, count: Index) -> Variant:
    """The first elements."""
    return boxed(passing.taken(unboxed(input_dataset), int(count)))


@_dataset("SkipDataset")
def skip_dataset(input_dataset: Variant, count: Index) -> Variant:
    """What comes after the first elements."""
    return boxed(passing.skipped(unboxed(input_dataset), int(count)))


@_dataset("ShardDataset")
def shard_dataset(input_dataset: Variant, num_shards: Index, index: Index) -> Variant:
    """Every so many-th element."""
    return boxed(passing.sharded(unboxed(input_dataset), int(num_shards), int(index)))


@_dataset("RepeatDataset")
def repeat_dataset(input_dataset: Variant, count: Index) -> Variant:
    """The elements again and again."""
    return boxed(passing.repeated(unboxed(input_dataset), int(count)))


@_dataset("ConcatenateDataset")
def concatenate_dataset(input_dataset: Variant, another_dataset: Variant) -> Variant:
    """One dataset after another."""
    return boxed(passing.joined(unboxed(input_dataset), unboxed(another_dataset)))


@_dataset("ShuffleDataset")
def shuffle_dataset(
    input_dataset: Variant,
    buffer_size: Index,
    seed: Index,
    seed2: Index,
    *,
    reshuffle_each_iteration: bool = True,
) -> Variant:
    """The elements in a random order, each drawn from the next `buffer_size`."""
    seeds = (int(seed), int(seed2))
    source, size = unboxed(input_dataset), int(buffer_size)
    return boxed(passing.shuffled(source, size, seeds, reshuffle_each_iteration))


@_dataset("ShuffleAndRepeatDataset")
def shuffle_and_repeat_dataset(
    input_dataset: Variant, buffer_size: Index, seed: Index, seed2: Index, count: Index
) -> Variant:
    """The same again and again, where one pass flows into the next."""
    stream = passing.shuffled(
        unboxed(input_dataset), int(buffer_size), (int(seed), int(seed2)), True
    )
    return boxed(passing.repeated(stream, int(count)))


@_dataset("CacheDataset")
def cache_dataset(input_dataset: Variant, filename: String) -> Variant:
    """The elements, which are made in the first pass only; also those of a file are in memory."""
    return boxed(passing.cached(unboxed(input_dataset)))


@_dataset("PrefetchDataset")
def prefetch_dataset(input_dataset: Variant, buffer_size: Index) -> Variant:
    """The same elements: nothing is made ahead of its time."""
    return input_dataset


@_dataset("OptimizeDataset")
def optimize_dataset(input_dataset: Variant, optimizations: String) -> Variant:
    """The same elements."""
    return input_dataset


@_dataset("ModelDataset")
def model_dataset(input_dataset: Variant) -> Variant:
    """The same elements."""
    return input_dataset


@_dataset("UniqueDataset")
def unique_dataset(input_dataset: Variant) -> Variant:
    """Each element once."""
    return boxed(passing.different(unboxed(input_dataset)))


@_dataset("DirectedInterleaveDataset")
def directed_interleave_dataset(
    selector_input_dataset: Variant, data_input_datasets: list[Variant]
) -> Variant:
    """Elements of several datasets, of which another one says which is next."""
    streams = [unboxed(box) for box in data_input_datasets]
    return boxed(passing.chosen_from(streams, unboxed(selector_input_dataset)))


# ---- batches, and side by side -----------------------------------------------------------------


@_dataset("ZipDataset")
def zip_dataset(input_datasets: list[Variant]) -> Variant:
    """Elements side by side."""
    return boxed(making.zipped([unboxed(box) for box in input_datasets]))


@_dataset("BatchDatasetV2")
def batch_dataset(input_dataset: Variant, batch_size: Index, drop_remainder: Bool) -> Variant:
    """So many elements stacked into one."""
    return boxed(making.batched(unboxed(input_dataset), int(batch_size), bool(drop_remainder)))


@_dataset("PaddedBatchDatasetV2")
def padded_batch_dataset(
    input_dataset: Variant,
    batch_size: Index,
    padding: list[Any_],
    drop_remainder: Bool,
) -> Variant:
    """So many elements stacked into one, filled up to the same shape.

    padding: the shape of each value, then what each is filled up with.
    """
    source, size, half = unboxed(input_dataset), int(batch_size), len(padding) // 2
    whole = bool(drop_remainder)
    return boxed(making.padded(source, size, padding[:half], padding[half:], whole))


@_dataset("UnbatchDataset")
def unbatch_dataset(input_dataset: Variant) -> Variant:
    """The rows of each element."""
    return boxed(making.unbatched(unboxed(input_dataset)))


@_dataset("WindowDataset")
def window_dataset(
    input_dataset: Variant, size: Index, shift: Index, stride: Index, drop_remainder: Bool
) -> Variant:
    """Datasets of elements that follow each other."""
    source, whole = unboxed(input_dataset), bool(drop_remainder)
    return boxed(making.windows(source, int(size), int(shift), int(stride), whole))


# ---- functions ---------------------------------------------------------------------------------


@_dataset("MapDataset")
def map_dataset(
    input_dataset: Variant, other_arguments: list[Any_], *, f: Body, parts: Parts
) -> Variant:
    """What a function makes of each element."""
    function = Function(f, tuple(other_arguments), parts)
    return boxed(making.mapped(unboxed(input_dataset), function))


@_dataset("FlatMapDataset")
def flat_map_dataset(
    input_dataset: Variant, other_arguments: list[Any_], *, f: Body, parts: Parts
) -> Variant:
    """The elements of the datasets that a function makes."""
    function = Function(f, tuple(other_arguments), parts)
    return boxed(sources.inner(function, unboxed(input_dataset)))


@_dataset("InterleaveDataset")
def interleave_dataset(
    input_dataset: Variant,
    cycle_length: Index,
    block_length: Index,
    other_arguments: list[Any_],
    *,
    f: Body,
    parts: Parts,
) -> Variant:
    """The elements of the datasets that a function makes, some of them in turn."""
    function = Function(f, tuple(other_arguments), parts)
    source, cycle, block = unboxed(input_dataset), int(cycle_length), int(block_length)
    return boxed(making.interleaved(source, function, cycle, block))


@_dataset("FilterDataset")
def filter_dataset(
    input_dataset: Variant, other_arguments: list[Any_], *, predicate: Body, parts: Parts
) -> Variant:
    """The elements of which a function is true."""
    function = Function(predicate, tuple(other_arguments), parts)
    return boxed(passing.filtered(unboxed(input_dataset), function))


@_dataset("TakeWhileDataset")
def take_while_dataset(
    input_dataset: Variant, other_arguments: list[Any_], *, predicate: Body, parts: Parts
) -> Variant:
    """The elements up to the first of which a function is false."""
    function = Function(predicate, tuple(other_arguments), parts)
    return boxed(passing.taken_while(unboxed(input_dataset), function))


@_dataset("ScanDataset")
def scan_dataset(
    input_dataset: Variant, arguments: list[Any_], *, f: Body, parts: Parts, state: Parts
) -> Variant:
    """What a function makes of a state and each element, and the next state.

    arguments: the first state, then what the function uses from around it.
    """
    count = sum(len(part.tensors) for part in state)
    first = gathered(state, arguments[:count])
    function = Function(f, tuple(arguments[count:]), parts)
    return boxed(making.scanned(unboxed(input_dataset), first, function))


@_dataset("GroupByWindowDataset")
def group_by_window_dataset(
    input_dataset: Variant,
    arguments: list[Any_],
    *,
    key_func: Body,
    reduce_func: Body,
    window_size_func: Body,
    used: tuple[int, int, int],
    parts: tuple[Parts, Parts, Parts],
) -> Variant:
    """Elements of equal keys together, in windows of which a function makes datasets.

    arguments: what the three functions use from around them; used: how many each.
    """
    rest, functions = iter(arguments), []
    for body, count, given in zip(
        (key_func, reduce_func, window_size_func), used, parts, strict=True
    ):
        functions.append(Function(body, tuple(next(rest) for _ in range(count)), given))
    return boxed(making.grouped(unboxed(input_dataset), *functions))


# ---- iterators ---------------------------------------------------------------------------------


class Position(NamedTuple):
    """What the session keeps of an iterator: where it is in which stream."""

    stream: Stream
    place: Any


_handle = partial(
    op, kind="input", dtype=resource, shape=lambda *_, **__: _scalar, differentiable=False
)


@_handle("IteratorV2")
def iterator_v2(*, handle: str) -> Handle:
    """The name of an iterator, which is nowhere until it is initialized."""
    return boxed(handle)


@_handle("OneShotIterator", private_state=True)
def one_shot_iterator(
    kept: Callable[[], Any], *, handle: str, dataset_factory: Rerun
) -> Generator[Call, Any, Any]:
    """The name of an iterator, which begins when it is first used."""
    position = kept()
    if position is None:
        (dataset,) = yield Call(dataset_factory)
        stream: Stream = unboxed(dataset)
        position = Position(stream, stream.begin(None))
    return boxed(handle), position


@op("MakeIterator", kind="input", shared_state=True, outputs=0, differentiable=False)
def make_iterator(kept: Any, iterator: Handle, dataset: Variant) -> Any:
    """The iterator is at the beginning of the dataset."""
    stream: Stream = unboxed(dataset)
    return None, Position(stream, stream.begin(None))


@op("IteratorToStringHandle", kind="input", dtype=string, differentiable=False)
def iterator_to_string_handle(resource_handle: Handle) -> String:
    """The name of the iterator, as a text."""
    return boxed(str(resource_handle).encode())


@_handle("IteratorFromStringHandleV2")
def iterator_from_string_handle(string_handle: String) -> Handle:
    """The iterator of that name."""
    return boxed(bytes(string_handle[()]).decode())


def _shapes_of_parts(*_: Any, parts: Parts, **__: Any) -> tuple[TensorShape, ...]:
    return tuple(shape for part in parts for _, shape in part.tensors)


def _types_of_parts(*_: Any, parts: Parts, **__: Any) -> tuple[DType, ...]:
    return tuple(dtype for part in parts for dtype, _ in part.tensors)


_elements = partial(
    op,
    kind="input",
    outputs=("components",),
    shape=_shapes_of_parts,
    dtype=_types_of_parts,
    differentiable=False,
)


@_elements("IteratorGetNext", shared_state=True)
def iterator_get_next(
    kept: Callable[[], Any], iterator: Handle, *, parts: Parts, bodies: list[Body]
) -> Generator[Call, Any, Any]:
    """The next element. bodies: those of the datasets that the iterator may be over."""
    position = kept()
    if position is None:
        raise FailedPreconditionError(
            None,
            None,
            "GetNext() failed because the iterator has not been initialized. Ensure that you have "
            "run the initializer operation for this iterator before getting the next element.",
        )
    element, place = yield from position.stream.step(position.place)
    if element is None:
        raise OutOfRangeError(None, None, "End of sequence")
    return tuple(_checked(element, parts)), position._replace(place=place)


def _checked(element: Any, parts: Parts) -> list[Any]:
    """The values, as long as they are what the iterator was made for."""
    if len(element) != len(parts):
        raise ValueError(
            f"Number of components does not match: expected {len(parts)} types but got "
            f"{len(element)}."
        )
    return making.as_values(element, parts)


@_elements("ReduceDataset")
def reduce_dataset(
    input_dataset: Variant,
    arguments: list[Any_],
    *,
    f: Body,
    parts: Parts,
    bodies: list[Body],
) -> Generator[Call, Any, Any]:
    """What a function makes of a state and all elements, one after the other.

    arguments: the first state, then what the function uses from around it.
    """
    count = sum(len(part.tensors) for part in parts)
    state = gathered(parts, arguments[:count])
    function, calls = Function(f, tuple(arguments[count:]), parts), 0
    stream: Stream = unboxed(input_dataset)
    place = stream.begin(None)
    while True:
        element, place = yield from stream.step(place)
        if element is None:
            return tuple(making.as_values(state, parts))
        state = yield from function.call((*state, *element), calls)
        calls += 1


@_elements("DatasetToSingleElement")
def single_element(
    input_dataset: Variant, *, parts: Parts, bodies: list[Body]
) -> Generator[Call, Any, Any]:
    """The only element."""
    stream: Stream = unboxed(input_dataset)
    element, place = yield from stream.step(stream.begin(None))
    if element is None:
        raise InvalidArgumentError(None, None, "Dataset was empty.")
    more, _ = yield from stream.step(place)
    if more is not None:
        raise InvalidArgumentError(None, None, "Dataset had more than one element.")
    return tuple(making.as_values(element, parts))
