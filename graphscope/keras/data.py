"""From what `fit`, `evaluate` and `predict` are given to `Batches`.

Source: tensorflow.python.keras.engine.training of 1.15.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from graphscope.errors import OutOfRangeError
from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import as_dtype
from graphscope.keras import backend
from graphscope.keras.batches import (
    ArrayBatches,
    Batches,
    DatasetBatches,
    GeneratorBatches,
    RepeatedBatches,
)
from graphscope.keras.input_layer import Input
from graphscope.keras.utils import Sequence as BatchSequence
from graphscope.pipelines.dataset import Dataset
from graphscope.pipelines.iterator import Iterator as DatasetIterator


def batches(
    model: Any,
    prepare: Callable[..., list[Any]],
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    shuffle: Any = True,
    steps: int | None = None,
    samples: int | None = None,
) -> Batches:
    """The batches of x and y. prepare: from them to what is fed. samples: a number of samples that
    ends an epoch of a generator. Errors: ValueError for arguments that do not go together.
    """

    def fed(x: Any, y: Any = None, weights: Any = None) -> list[Any]:
        return prepare(x, y, weights, class_weight)

    if isinstance(x, Dataset | DatasetIterator):
        if y is not None:
            raise ValueError(
                "You passed a dataset or dataset iterator as input `x` to your model. In that case,"
                " you should not specify a target (`y`) argument, since the dataset or dataset "
                "iterator generates both input data and target data."
            )
        return DatasetBatches(lambda: _elements(x), fed, steps)
    if isinstance(x, BatchSequence):
        length = steps or len(x)
        return GeneratorBatches(
            _of_sequence(x, bool(shuffle)), fed, length, samples, on_epoch_end=x.on_epoch_end
        )
    if isinstance(x, Iterator) or hasattr(x, "__next__"):
        return GeneratorBatches(_checked(x), fed, steps, samples)
    feeds = fed(x, y, sample_weight)
    if steps is not None or any(is_tensor_like(value) for value in feeds) or not feeds:
        if steps is None:
            raise ValueError(
                "When using data tensors as input to a model, you should specify the "
                "`steps_per_epoch` argument."
            )
        return RepeatedBatches(feeds, steps)
    return ArrayBatches(feeds, batch_size or 32, shuffle)


def _checked(items: Any) -> Iterator[Any]:
    return iter(items)


def _of_sequence(items: Any, shuffle: bool) -> Iterator[Any]:
    """The batches of a Sequence, epoch after epoch."""
    while True:
        order = list(range(len(items)))
        if shuffle:
            random.shuffle(order)
        for index in order:
            yield items[index]


def _elements(dataset: Any) -> Iterator[Any]:
    """The elements as arrays, until the dataset ends."""
    iterator = dataset.make_one_shot_iterator() if isinstance(dataset, Dataset) else dataset
    following = iterator.get_next()
    session = backend.get_session()
    while True:
        try:
            yield session.run(following)
        except OutOfRangeError:
            return


def parts(given: Sequence[Any]) -> tuple[Any, Any, Any]:
    """(x, y, weights) of a tuple of one to three. Errors: ValueError."""
    if not 1 <= len(given) <= 3:
        raise ValueError(
            "`validation_data` should be a tuple `(val_x, val_y, val_sample_weight)` or `(val_x, "
            f"val_y)`. Found: {given}"
        )
    x, y, weights = (*given, None, None)[:3]
    return x, y, weights


def split(x: Any, y: Any, weights: Any, part: float) -> tuple[Any, Any, Any, Any]:
    """The first of the samples, and those at the end to measure with. Errors: ValueError."""
    if not 0.0 < part < 1.0:
        raise ValueError(f"`validation_split` must be between 0 and 1. Received: {part}")
    if any(is_tensor_like(value) for value in nest.flatten(x)):
        raise ValueError(
            "If your data is in the form of symbolic tensors, you cannot use `validation_split`."
        )
    first = x if hasattr(x, "shape") else nest.flatten(x)[0]
    at = int(len(first) * (1.0 - part))

    def cut(value: Any, where: slice) -> Any:
        if isinstance(value, list) and value and not hasattr(value[0], "__len__"):
            return value[where]
        return nest.map_structure(lambda array: None if array is None else array[where], value)

    before, behind = slice(None, at), slice(at, None)
    measured = (cut(x, behind), cut(y, behind))
    if weights is not None:
        measured = (*measured, cut(weights, behind))  # type: ignore[assignment]
    kept_weights = None if weights is None else cut(weights, before)
    return cut(x, before), cut(y, before), kept_weights, measured


def announcement(found: Batches, validation: Any) -> str:
    """``Train on 800 samples, validate on 200 samples``."""
    text = f"Train on {found.samples} samples"
    if isinstance(validation, tuple | list):
        text += f", validate on {len(np.asarray(nest.flatten(validation[0])[0]))} samples"
    return text


def place_for(array: Any) -> Any:
    """A placeholder for such an array, or tensor, with any number of samples."""
    array = array if is_tensor_like(array) else np.asarray(array)
    shape = array.shape.as_list() if is_tensor_like(array) else list(array.shape)
    kind = as_dtype(array.dtype).base_dtype.name
    sizes = shape[1:] if len(shape) > 1 else [1]
    return Input(sizes, dtype=backend.floatx() if kind == "float64" else kind)
