"""More that is done to datasets (tf.data.experimental, tf.contrib.data)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float64, int64
from graphscope.graph.shapes import TensorShape
from graphscope.ops import datasets, logic, math
from graphscope.ops.reduction import reduce_sum
from graphscope.ops.streams import Part
from graphscope.pipelines import structure
from graphscope.pipelines.dataset import Dataset, data_seeds, elements_of, whole
from graphscope.pipelines.functions import traced
from graphscope.pipelines.parsing import parse_example

#: Numbers that stand for "as TensorFlow thinks best", and for what a cardinality may be.
AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2

Change = Callable[[Dataset], Dataset]


def _method(name: str, *fixed: Any, **more: Any) -> Callable[..., Change]:
    """A method of datasets as a function that gives a transformation."""

    def of_arguments(*args: Any, **kwargs: Any) -> Change:
        def change(dataset: Dataset) -> Dataset:
            made: Dataset = getattr(dataset, name)(*args, *fixed, **kwargs, **more)
            return made

        return change

    of_arguments.__name__ = name
    of_arguments.__doc__ = f"Dataset.{name} as a transformation, for Dataset.apply."
    return of_arguments


enumerate_dataset = _method("enumerate")
unbatch = _method("unbatch")
batch_and_drop_remainder = _method("batch", drop_remainder=True)
padded_batch_and_drop_remainder = _method("padded_batch", drop_remainder=True)


def _unchanged(*_: Any, **__: Any) -> Change:
    """Where a dataset is does not matter: there is one device."""
    return lambda dataset: dataset


prefetch_to_device = copy_to_device = _unchanged


def Counter(start: Any = 0, step: Any = 1, dtype: Any = int64) -> Dataset:
    """Whole numbers without end. Source: tf.data.experimental.Counter."""
    start, step = whole(start, "start"), whole(step, "step")
    numbers = Dataset.range(np.iinfo(np.int64).max)
    return numbers.map(lambda i: math.cast(start + i * step, dtype))


def RandomDataset(seed: Any = None) -> Dataset:
    """Random numbers of 32 bits without end, with a seed those of TensorFlow. Source:
    tf.data.experimental.RandomDataset."""
    spec = Part("dense", int64, TensorShape([]))
    return Dataset(datasets.random_dataset(*data_seeds(seed)), spec)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Change:
    """A random order, again and again, where one pass flows into the next. Source:
    tf.data.experimental.shuffle_and_repeat."""

    def change(dataset: Dataset) -> Dataset:
        size, passes = whole(buffer_size, "buffer_size"), whole(-1 if count is None else count, "c")
        held = dataset._variant_tensor
        node = datasets.shuffle_and_repeat_dataset(held, size, *data_seeds(seed), passes)
        return dataset._same(node)

    return change


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Change:
    """`map`, then `batch`. Source: tf.data.experimental.map_and_batch."""
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)


def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Change:
    """`interleave`; the order is always the one that is defined. Source:
    tf.data.experimental.parallel_interleave."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


def parse_example_dataset(features: Any, num_parallel_calls: Any = 1) -> Change:
    """`parse_example` of batches of serialized examples. Source:
    tf.data.experimental.parse_example_dataset."""
    return lambda dataset: dataset.map(lambda texts: parse_example(texts, features))


def unique() -> Change:
    """Each element once. Source: tf.data.experimental.unique."""
    return lambda dataset: dataset._same(datasets.unique_dataset(dataset._variant_tensor))


def take_while(predicate: Callable[..., Any]) -> Change:
    """The elements up to the first of which the function is false. Source:
    tf.data.experimental.take_while."""

    def change(dataset: Dataset) -> Dataset:
        test = dataset._traced(predicate, "take_while")
        node = datasets.take_while_dataset(
            dataset._variant_tensor, list(test.captured), predicate=test.body, parts=test.parts
        )
        return Dataset(node, dataset.element_spec, [dataset], [test.body])

    return change


def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Change:
    """`scan_func` of a state and each element gives the next state, and what comes out. Source:
    tf.data.experimental.scan. Errors: TypeError when the state changes its type."""

    def change(dataset: Dataset) -> Dataset:
        state = structure.normalized(initial_state)
        spec = structure.structure_of(state)
        made = traced(scan_func, (spec, dataset.element_spec), "scan", Dataset)
        next_spec, out = made.returned
        if structure.types(next_spec) != structure.types(spec):
            raise TypeError(
                "The element types for the new state must match the initial state. Expected "
                f"{structure.types(spec)}; got {structure.types(next_spec)}."
            )
        node = datasets.scan_dataset(
            dataset._variant_tensor,
            [*structure.raw_tensors(state), *made.captured],
            f=made.body,
            parts=made.parts,
            state=tuple(structure.flatten(spec)),
        )
        return Dataset(node, out, [dataset], [made.body])

    return change


def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Change:
    """Elements of equal keys gathered until they are `window_size`; `reduce_func` of the key and
    the dataset of these elements makes the dataset that comes out.

    Errors: ValueError unless exactly one of `window_size` and `window_size_func` is given.
    Source: tf.data.experimental.group_by_window.
    """
    if (window_size is None) == (window_size_func is None):
        raise ValueError("Must pass either window_size or window_size_func.")

    def size_of(key: Any) -> Any:
        given = window_size if window_size_func is None else window_size_func(key)
        return convert_to_tensor(given, int64)

    def change(dataset: Dataset) -> Dataset:
        number = Part("dense", int64, TensorShape([]))
        window = datasets.dataset_part(dataset.element_spec)
        functions = [
            dataset._traced(lambda *x: math.cast(key_func(*x), int64), "key"),
            traced(reduce_func, (number, window), "reduce", Dataset),
            traced(size_of, number, "window_size", Dataset),
        ]
        key, reduce, size = functions
        node = datasets.group_by_window_dataset(
            dataset._variant_tensor,
            [tensor for each in functions for tensor in each.captured],
            key_func=key.body,
            reduce_func=reduce.body,
            window_size_func=size.body,
            used=tuple(len(each.captured) for each in functions),
            parts=tuple(each.parts for each in functions),
        )
        return Dataset(node, reduce.returned.inner, [dataset], [each.body for each in functions])

    return change


def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Change:
    """Batches of elements of about the same length. bucket_boundaries: lengths at which one bucket
    ends and the next one begins; bucket_batch_sizes: how many of each are a batch, one more.

    Errors: ValueError when the numbers of both do not fit; NotImplementedError for
    `pad_to_bucket_boundary`. Source: tf.data.experimental.bucket_by_sequence_length.
    """
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError("len(bucket_batch_sizes) must equal len(bucket_boundaries) + 1")
    if pad_to_bucket_boundary:
        raise NotImplementedError(
            "pad_to_bucket_boundary: give padded_shapes for each bucket by datasets of its own"
        )
    bounds = np.asarray(bucket_boundaries, np.int64)
    sizes = np.asarray(bucket_batch_sizes, np.int64)

    def key(*element: Any) -> Any:
        length = math.cast(element_length_func(*element), int64)
        passed = logic.less_equal(convert_to_tensor(bounds), length)
        return reduce_sum(math.cast(passed, int64))

    def batched(bucket: Any, window: Dataset) -> Dataset:
        size = array_at(sizes, bucket)
        if no_padding:
            return window.batch(size, drop_remainder)
        shapes = window.output_shapes if padded_shapes is None else padded_shapes
        return window.padded_batch(size, shapes, padding_values, drop_remainder)

    return group_by_window(key, batched, window_size_func=lambda bucket: array_at(sizes, bucket))


def array_at(numbers: Any, index: Any) -> Any:
    """The number at a place."""
    chosen = logic.equal(convert_to_tensor(np.arange(len(numbers))), index)
    return reduce_sum(math.cast(chosen, int64) * convert_to_tensor(numbers))


def choose_from_datasets(sources: Sequence[Dataset], choice_dataset: Dataset) -> Dataset:
    """The next element of the dataset whose number comes next in `choice_dataset`. Errors:
    TypeError for choices that are no numbers of 64 bits. Source:
    tf.data.experimental.choose_from_datasets."""
    choice = choice_dataset.element_spec
    if not isinstance(choice, Part) or choice.dtype is not int64 or choice.shape.ndims != 0:
        raise TypeError(
            "`choice_dataset` must be a dataset of scalar `tf.int64` tensors: its elements are "
            f"{choice_dataset.output_types}"
        )
    node = datasets.directed_interleave_dataset(
        choice_dataset._variant_tensor, [each._variant_tensor for each in sources]
    )
    spec = sources[0].element_spec
    for other in sources[1:]:
        spec = structure.agreed(spec, other.element_spec)
    return Dataset(node, spec, [choice_dataset, *sources])


def sample_from_datasets(
    sources: Sequence[Dataset], weights: Any = None, seed: Any = None
) -> Dataset:
    """Each element from a dataset that is drawn, with probabilities `weights`.

    With a seed it is always the same order, which is not TensorFlow's. Errors: ValueError when
    there are not as many weights. Source: tf.data.experimental.sample_from_datasets.
    """
    chances = np.full(len(sources), 1.0) if weights is None else np.asarray(weights, np.float64)
    if chances.shape != (len(sources),):
        raise ValueError(
            "`weights` must have a shape compatible with `[len(datasets)]`: a number for each "
            f"dataset, not {weights!r}"
        )
    bounds = np.cumsum(chances / chances.sum())[:-1]

    def chosen(drawn: Any) -> Any:
        at = math.cast(drawn, float64) / float(2**32)
        return reduce_sum(math.cast(logic.less_equal(convert_to_tensor(bounds), at), int64))

    return choose_from_datasets(sources, RandomDataset(seed).map(chosen))


def get_single_element(dataset: Dataset) -> Any:
    """The only element, as tensors. Errors: InvalidArgumentError, in a run, when there is none or
    another one. Source: tf.data.experimental.get_single_element."""
    if not isinstance(dataset, Dataset):
        raise TypeError("`dataset` must be a `tf.data.Dataset` object.")
    node = datasets.single_element.node(
        dataset._variant_tensor, parts=dataset._parts, bodies=dataset._own
    )
    return elements_of(dataset.element_spec, node.outputs)
