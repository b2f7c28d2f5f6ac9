"""`Dataset`: elements that follow each other, as nodes of the graph (tf.data.Dataset)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphscope.graph.body import Body
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import bool_, int64, string
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import array, datasets, logic
from graphscope.ops.checks import assert_
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.joining import where
from graphscope.ops.math import maximum
from graphscope.ops.random import get_seed
from graphscope.ops.sparse import SparseTensor
from graphscope.ops.streams import Part
from graphscope.ops.text import reduce_join, string_join
from graphscope.pipelines import structure
from graphscope.pipelines.functions import Traced, traced
from graphscope.pipelines.generators import generated
from graphscope.pipelines.options import Options

_LAST = np.iinfo(np.int64).max


def whole(value: Any, name: str) -> Tensor:
    """A number of 64 bits as a tensor."""
    return convert_to_tensor(value, int64, name=name)


def data_seeds(seed: Any) -> tuple[Tensor, Tensor]:
    """The two seeds of a random order: of the graph, and its own."""
    first, second = get_seed(seed)
    one = whole(0 if first is None else first, "seed")
    if second is None:
        return one, whole(0, "seed2")
    with name_scope("seed2") as scope:
        two = convert_to_tensor(second, int64)
        unseeded = logic.logical_and(logic.equal(one, 0), logic.equal(two, 0))
        other = convert_to_tensor(np.int64(2**31 - 1))
        return one, where(unseeded, other, two, name=scope)


class Dataset:
    """Elements that follow each other. Source: tf.data.Dataset.

    A dataset is made by one of its static methods; the others make new ones of it. An iterator over
    it gives its elements: see `make_one_shot_iterator` and `make_initializable_iterator`.
    """

    def __init__(
        self,
        variant_tensor: Tensor,
        element_spec: Any,
        inputs: Sequence[Dataset] = (),
        bodies: Sequence[Body] = (),
    ) -> None:
        self._variant_tensor = variant_tensor
        #: What the elements consist of, nested as they are.
        self.element_spec = element_spec
        self._own: list[Body] = [b for each in inputs for b in each._own] + list(bodies)
        self._options: Options = inputs[0]._options if inputs else Options()

    def __repr__(self) -> str:
        shapes = structure.mapped(str, self.output_shapes)
        told = f"<DatasetV1Adapter shapes: {shapes}, types: {self.output_types!r}>"
        return told.replace("'", "")

    def __iter__(self) -> Any:
        raise RuntimeError(
            "__iter__() is only supported inside of tf.function or when eager execution is "
            "enabled: make an iterator with tf.data.make_one_shot_iterator(dataset)"
        )

    @property
    def output_types(self) -> Any:
        """The types of an element's parts, nested as they are."""
        return structure.types(self.element_spec)

    @property
    def output_shapes(self) -> Any:
        """The shapes of an element's parts, nested as they are."""
        return structure.shapes(self.element_spec)

    @property
    def output_classes(self) -> Any:
        return structure.classes(self.element_spec)

    def options(self) -> Options:
        """What was said with `with_options`."""
        return self._options

    def with_options(self, options: Options) -> Dataset:
        """The same dataset; options tell TensorFlow how to be fast."""
        made = self._same(self._variant_tensor)
        made._options = options
        return made

    @property
    def _parts(self) -> tuple[Part, ...]:
        return tuple(structure.flatten(self.element_spec))

    def _same(self, node: Any) -> Dataset:
        """A dataset of the same kind of elements."""
        return Dataset(node, self.element_spec, [self])

    def _traced(self, function: Callable[..., Any], what: str) -> Traced:
        return traced(function, self.element_spec, what, Dataset)

    # ---- beginnings ----------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """One element: the tensors. Source: tf.data.Dataset.from_tensors."""
        element = structure.normalized(tensors)
        spec = structure.structure_of(element)
        parts = tuple(structure.flatten(spec))
        node = datasets.tensor_dataset(structure.raw_tensors(element), parts=parts)
        return Dataset(node, spec)

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """The rows of the tensors, which have equally many. Source:
        tf.data.Dataset.from_tensor_slices. Errors: ValueError for a single value, or when the
        numbers of rows differ."""
        element = structure.normalized(tensors)
        counts = TensorShape([None])
        for value in structure.flatten(element):
            if value.shape.ndims == 0:
                raise ValueError("Unbatching a tensor is only supported for rank >= 1")
            counts = counts.merge_with(value.shape[:1])
        spec = structure.structure_of(element)
        parts = tuple(structure.flatten(spec))
        node = datasets.tensor_slice_dataset(structure.raw_tensors(element), parts=parts)
        return Dataset(node, structure.reshaped(spec, lambda shape: shape[1:]))

    @staticmethod
    def from_sparse_tensor_slices(sparse_tensor: SparseTensor) -> Dataset:
        """Of each row of a sparse tensor the positions, the values and the sizes. Source:
        tf.data.Dataset.from_sparse_tensor_slices."""
        part = structure.part_of(sparse_tensor)
        row = Part("sparse", part.dtype, part.shape[1:])
        parts = sparse_tensor.indices, sparse_tensor.values, sparse_tensor.dense_shape
        made = Dataset(datasets.sparse_slice_dataset(*parts), row)
        return made.map(lambda each: (each.indices, each.values, each.dense_shape))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any,
        output_shapes: Any = None,
        args: Any = None,
    ) -> Dataset:
        """What a Python function yields; each pass calls it again.

        args: tensors, whose values the function is given. Errors: TypeError for what is no
        function; InvalidArgumentError, in a run, for an element of another kind.
        Source: tf.data.Dataset.from_generator.
        """
        if not callable(generator):
            raise TypeError("`generator` must be callable.")
        spec = structure.declared(output_types, output_shapes)
        given = tuple(convert_to_tensor(each, name="args") for each in args or ())
        elements = generated(generator, spec)

        def made(_: Any) -> Dataset:
            return Dataset(datasets.generator_dataset(list(given), generator=elements), spec)

        return Dataset.from_tensors(0).flat_map(made)

    @staticmethod
    def range(*args: Any) -> Dataset:
        """Whole numbers (int64), as of Python's range. Source: tf.data.Dataset.range."""
        if not 1 <= len(args) <= 3:
            raise ValueError(f"Invalid `args`. The length of `args` should be 1 to 3: {args}")
        start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1)[:3]
        numbers = whole(start, "start"), whole(stop, "stop"), whole(step, "step")
        return Dataset(datasets.range_dataset(*numbers), Part("dense", int64, TensorShape([])))

    @staticmethod
    def zip(datasets: Any) -> Dataset:
        """The elements of several datasets, in a tuple or dict, side by side. Source:
        tf.data.Dataset.zip. Errors: TypeError for a list, and for what is no dataset."""
        return zipped(datasets)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: Any = None, seed: Any = None) -> Dataset:
        """The names of the files that fit a pattern, in a random order unless `shuffle` is false.

        Errors: InvalidArgumentError, in a run, when there are none.
        Source: tf.data.Dataset.list_files.
        """
        from graphscope.ops.files import matching_files

        with name_scope("list_files"):
            pattern = convert_to_tensor(file_pattern, string, name="file_pattern")
            found = matching_files(pattern)
            count = array.shape(found)[0]
            some = logic.greater(count, 0, name="match_not_empty")
            joined = reduce_join(pattern, separator=", ")
            message = string_join(["No files matched pattern: ", joined], name="message")
            check = assert_(some, [message], summarize=1, name="assert_not_empty")
            found = with_dependencies([check], found)
            dataset = Dataset.from_tensor_slices(found)
            if shuffle is None or shuffle:
                size = maximum(array.shape(found, out_type=int64)[0], whole(1, "y"))
                dataset = dataset.shuffle(size, seed=seed)
            return dataset

    # ---- some of the elements, in some order ---------------------------------------------------

    def take(self, count: Any) -> Dataset:
        """The first elements; all of them for -1."""
        return self._same(datasets.take_dataset(self._variant_tensor, whole(count, "count")))

    def skip(self, count: Any) -> Dataset:
        """What comes after the first elements; nothing for -1."""
        return self._same(datasets.skip_dataset(self._variant_tensor, whole(count, "count")))

    def shard(self, num_shards: Any, index: Any) -> Dataset:
        """Every `num_shards`-th element, from number `index` on."""
        numbers = whole(num_shards, "num_shards"), whole(index, "index")
        return self._same(datasets.shard_dataset(self._variant_tensor, *numbers))

    def repeat(self, count: Any = None) -> Dataset:
        """The elements so many times; without end when left out."""
        passes = whole(-1 if count is None else count, "count")
        return self._same(datasets.repeat_dataset(self._variant_tensor, passes))

    def concatenate(self, dataset: Dataset) -> Dataset:
        """The elements of another one after these. Errors: TypeError when their types differ."""
        spec = structure.agreed(self.element_spec, dataset.element_spec)
        node = datasets.concatenate_dataset(self._variant_tensor, dataset._variant_tensor)
        return Dataset(node, spec, [self, dataset])

    def shuffle(
        self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = None
    ) -> Dataset:
        """A random order: each element is drawn from the next `buffer_size` ones.

        With a seed, of the graph or its own, the order is TensorFlow's. Without
        `reshuffle_each_iteration` each pass of one iterator has another order.
        """
        size = whole(buffer_size, "buffer_size")
        again = reshuffle_each_iteration is None or bool(reshuffle_each_iteration)
        node = datasets.shuffle_dataset(
            self._variant_tensor, size, *data_seeds(seed), reshuffle_each_iteration=again
        )
        return self._same(node)

    def cache(self, filename: Any = "") -> Dataset:
        """The elements, which are made in the first pass only. They are kept in memory, also with
        a `filename`, to which nothing is written."""
        name = convert_to_tensor(filename, string, name="filename")
        return self._same(datasets.cache_dataset(self._variant_tensor, name))

    def prefetch(self, buffer_size: Any) -> Dataset:
        """The same elements: what TensorFlow makes ahead of its time is made in time here."""
        size = whole(-1 if buffer_size is None else buffer_size, "buffer_size")
        return self._same(datasets.prefetch_dataset(self._variant_tensor, size))

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The elements of which the function gives true. Errors: ValueError when it gives no truth
        value."""
        test = self._traced(predicate, "filter")
        part = test.returned
        is_truth = isinstance(part, Part) and part.dtype is bool_ and part.shape.ndims in (0, None)
        if not is_truth:
            raise ValueError(
                f"`predicate` return type must be convertible to a scalar boolean tensor. Was "
                f"{part}."
            )
        node = datasets.filter_dataset(
            self._variant_tensor, list(test.captured), predicate=test.body, parts=test.parts
        )
        return Dataset(node, self.element_spec, [self], [test.body])

    filter_with_legacy_function = filter

    # ---- elements made of others ---------------------------------------------------------------

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> Dataset:
        """What the function makes of each element; a tuple is several arguments.

        The function is called once, to make the body that runs for each element.
        `num_parallel_calls` is accepted and without effect.
        """
        made = self._traced(map_func, "map")
        if num_parallel_calls is not None:
            convert_to_tensor(num_parallel_calls, name="num_parallel_calls")
        node = datasets.map_dataset(
            self._variant_tensor, list(made.captured), f=made.body, parts=made.parts
        )
        return Dataset(node, made.returned, [self], [made.body])

    map_with_legacy_function = map

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """The elements of the datasets that the function makes of each element. Errors: TypeError
        when it makes none."""
        made = self._datasets(map_func, "flat_map")
        node = datasets.flat_map_dataset(
            self._variant_tensor, list(made.captured), f=made.body, parts=made.parts
        )
        return Dataset(node, made.returned.inner, [self], [made.body])

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = -1,
        block_length: Any = 1,
        num_parallel_calls: Any = None,
    ) -> Dataset:
        """The same, with `cycle_length` of these datasets open at a time, and `block_length`
        elements of each in turn. Left out, as many are open as TensorFlow finds processors: here 1.
        """
        made = self._datasets(map_func, "interleave")
        known = constant_value(convert_to_tensor(cycle_length))
        open_ = whole(1 if known is not None and known == -1 else cycle_length, "cycle_length")
        node = datasets.interleave_dataset(
            self._variant_tensor,
            open_,
            whole(block_length, "block_length"),
            list(made.captured),
            f=made.body,
            parts=made.parts,
        )
        return Dataset(node, made.returned.inner, [self], [made.body])

    def _datasets(self, function: Callable[..., Any], what: str) -> Traced:
        made = self._traced(function, what)
        if not isinstance(made.returned, Part) or made.returned.kind != "dataset":
            raise TypeError("`map_func` must return a `Dataset` object.")
        return made

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Dataset:
        """So many elements stacked into one; what is left over is a smaller one, or dropped.

        Errors: InvalidArgumentError, in a run, when their shapes differ.
        """
        size, drop = whole(batch_size, "batch_size"), _drop(drop_remainder)
        count = batch_count(size, drop)
        spec = structure.reshaped(self.element_spec, count.concatenate)
        return Dataset(datasets.batch_dataset(self._variant_tensor, size, drop), spec, [self])

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any,
        padding_values: Any = None,
        drop_remainder: Any = False,
    ) -> Dataset:
        """So many elements stacked into one, filled up to the same shape.

        padded_shapes: nested as the elements; None or -1 stands for the largest size of the batch.
        padding_values: what they are filled up with; 0 and empty texts when left out.
        Errors: InvalidArgumentError, in a run, for an element that is larger.
        """
        size = whole(batch_size, "batch_size")
        types = self.output_types
        wanted = structure.flat_shapes(types, padded_shapes)
        shapes = [_padded_shape(each, part) for each, part in zip(wanted, self._parts, strict=True)]
        given = padding_values
        values = [None] * len(shapes) if given is None else structure.flatten(given)
        paddings = [_padding(v, part) for v, part in zip(values, self._parts, strict=True)]
        drop = _drop(drop_remainder)
        node = datasets.padded_batch_dataset(self._variant_tensor, size, [*shapes, *paddings], drop)
        count = batch_count(size, drop)
        sizes = [count.concatenate(_known(shape)) for shape in shapes]
        parts = [Part(p.kind, p.dtype, s) for p, s in zip(self._parts, sizes, strict=True)]
        return Dataset(node, structure.packed(self.element_spec, parts), [self])

    def unbatch(self) -> Dataset:
        """The rows of each element, one after the other."""
        node = datasets.unbatch_dataset(self._variant_tensor)
        spec = structure.reshaped(self.element_spec, lambda shape: shape[1:])
        return Dataset(node, spec, [self])

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False
    ) -> Dataset:
        """Datasets of `size` elements that follow each other; the next one begins `shift` later."""
        numbers = [
            whole(size, "size"),
            whole(size if shift is None else shift, "shift"),
            whole(stride, "stride"),
        ]
        node = datasets.window_dataset(self._variant_tensor, *numbers, _drop(drop_remainder))
        spec = structure.mapped(datasets.dataset_part, self.element_spec)
        return Dataset(node, spec, [self])

    def enumerate(self, start: Any = 0) -> Dataset:
        """Each element with its number before it."""
        return zipped((Dataset.range(start, _LAST), self))

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """What the function makes of a state and all elements, one after the other: a tensor, or a
        nesting of them. Errors: TypeError when the state changes its type."""
        state = structure.normalized(initial_state)
        spec = structure.structure_of(state)
        made = traced(reduce_func, (spec, self.element_spec), "reduce", Dataset)
        if structure.types(made.returned) != structure.types(spec):
            raise TypeError(
                f"The element types for the new state must match the initial state. Expected "
                f"{structure.types(spec)}; got {structure.types(made.returned)}."
            )
        spec = structure.agreed(spec, made.returned)
        node = datasets.reduce_dataset.node(
            self._variant_tensor,
            [*structure.raw_tensors(state), *made.captured],
            f=made.body,
            parts=tuple(structure.flatten(spec)),
            bodies=self._own,
        )
        return elements_of(spec, node.outputs)

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What the function makes of the dataset. Errors: TypeError when it is none."""
        made = transformation_func(self)
        if not isinstance(made, Dataset):
            raise TypeError(
                f"`transformation_func` must return a Dataset. Got {transformation_func}."
            )
        return made

    def make_one_shot_iterator(self) -> Any:
        """An iterator that begins by itself, and goes through the elements once."""
        from graphscope.pipelines.iterator import make_one_shot_iterator

        return make_one_shot_iterator(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        """An iterator that begins anew whenever its `initializer` runs."""
        from graphscope.pipelines.iterator import make_initializable_iterator

        return make_initializable_iterator(self, shared_name)


def zipped(nested: Any) -> Dataset:
    """The elements of the datasets in a nesting, side by side."""
    flat = structure.flatten(nested)
    for each in flat:
        if isinstance(each, list):
            raise TypeError(
                "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects. "
                "Nested structures do not support Python lists; please use a tuple instead."
            )
        if not isinstance(each, Dataset):
            raise TypeError(
                "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects: "
                f"{each!r} is none"
            )
    node = datasets.zip_dataset([each._variant_tensor for each in flat])
    spec = structure.packed(nested, [each.element_spec for each in flat])
    return Dataset(node, spec, flat)


def elements_of(spec: Any, tensors: Sequence[Tensor]) -> Any:
    """The tensors as what they are parts of: sparse tensors, datasets, nested."""
    from graphscope.pipelines.functions import values_of

    return structure.packed(spec, values_of(structure.flatten(spec), tuple(tensors), Dataset))


def batch_count(size: Tensor, drop: Tensor) -> TensorShape:
    """How many elements a batch has, where that is known."""
    number, drops = constant_value(size), constant_value(drop)
    if number is not None and number <= 0:
        return TensorShape([None])
    if number is None or drops is None or not drops:
        return TensorShape([None])
    return TensorShape([int(number)])


def _drop(drop_remainder: Any) -> Tensor:
    return convert_to_tensor(drop_remainder, bool_, name="drop_remainder")


def _padded_shape(wanted: Any, part: Part) -> Tensor:
    if part.kind != "dense":
        raise TypeError("Batching of padded sparse tensors is not currently supported")
    if isinstance(wanted, Tensor):
        return wanted
    if isinstance(wanted, TensorShape | list | tuple):
        found = as_shape([None if size == -1 else size for size in wanted]).as_list()
        if part.shape.ndims not in (None, len(found)):
            raise ValueError(
                f"The padded shape {tuple(found)} is not compatible with the corresponding input "
                f"component shape {part.shape}."
            )
        sizes = [-1 if size is None else size for size in found]
        return convert_to_tensor(np.asarray(sizes, np.int64))
    return convert_to_tensor(wanted, int64)


def _known(shape: Tensor) -> TensorShape:
    sizes = constant_value(shape)
    if sizes is None:
        return TensorShape([None] * (shape.shape[0].value or 0))
    return TensorShape([None if size < 0 else int(size) for size in sizes])


def _padding(value: Any, part: Part) -> Tensor:
    if value is None:
        value = "" if part.dtype is string else np.zeros([], part.dtype.numpy)
    return convert_to_tensor(value, part.dtype, name="padding_value")
