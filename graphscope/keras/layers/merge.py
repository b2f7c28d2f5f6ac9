"""Layers of several inputs: sums, products, and inputs side by side.

Source: tensorflow.python.keras.layers.merge of 1.15.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.configured import configured
from graphscope.ops import logic, math


class _Merge(Layer):
    """Takes a list of tensors. Errors: ValueError for fewer than two, or for sizes that differ."""

    supports_masking = True

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list | tuple) or len(input_shape) < 2:
            raise ValueError(
                "A merge layer should be called on a list of at least 2 inputs. Got "
                f"{len(input_shape) if isinstance(input_shape, list | tuple) else 1} inputs."
            )
        self.compute_output_shape(input_shape)
        super().build(input_shape)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape that the inputs have in common. Errors: ValueError."""
        shapes = [as_shape(shape).as_list() for shape in input_shape]
        inner = reduce(_common, [shape[1:] for shape in shapes])
        batches = {shape[0] for shape in shapes} - {None}
        return TensorShape([batches.pop() if len(batches) == 1 else None, *inner])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        found = [one for one in mask or [] if one is not None]
        return reduce(logic.logical_and, found) if found else None

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, list | tuple):
            raise ValueError("A merge layer should be called on a list of inputs.")
        ranks = [backend.ndim(tensor) or 0 for tensor in inputs]
        grown = [self._grown(t, max(ranks) - rank) for t, rank in zip(inputs, ranks, strict=True)]
        return self._merged(grown)

    @staticmethod
    def _grown(tensor: Any, axes: int) -> Any:
        for _ in range(axes):
            tensor = backend.expand_dims(tensor, axis=1)
        return tensor

    def _merged(self, inputs: list[Any]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say how it merges")


def _common(first: list[Any], second: list[Any]) -> list[Any]:
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    ahead = len(longer) - len(shorter)
    both = []
    for a, b in zip(longer[ahead:], shorter, strict=True):
        if None not in (a, b) and a != b and 1 not in (a, b):
            raise ValueError(
                f"Operands could not be broadcast together with shapes {tuple(first)} "
                f"{tuple(second)}"
            )
        both.append(b if a == 1 else a if b == 1 else None if None in (a, b) else a)
    return longer[:ahead] + both


class Add(_Merge):
    """The sum. Source: tf.keras.layers.Add."""

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(lambda a, b: a + b, inputs)


class Subtract(_Merge):
    """The first minus the second. Source: tf.keras.layers.Subtract."""

    def _merged(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ValueError("A `Subtract` layer should be called on exactly 2 inputs")
        return inputs[0] - inputs[1]


class Multiply(_Merge):
    """The product of elements. Source: tf.keras.layers.Multiply."""

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(lambda a, b: a * b, inputs)


class Average(_Merge):
    """The mean of elements. Source: tf.keras.layers.Average."""

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(lambda a, b: a + b, inputs) / len(inputs)


class Maximum(_Merge):
    """The larger of elements. Source: tf.keras.layers.Maximum."""

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(math.maximum, inputs)


class Minimum(_Merge):
    """The smaller of elements. Source: tf.keras.layers.Minimum."""

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(math.minimum, inputs)


@configured()
class Concatenate(_Merge):
    """Side by side along an axis. Source: tf.keras.layers.Concatenate.

    Errors: ValueError for inputs whose other sizes differ.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        shapes = [as_shape(shape).as_list() for shape in input_shape]
        others = [[s for i, s in enumerate(x) if i != self.axis % len(x)] for x in shapes]
        if any(
            None not in pair and pair[0] != pair[1]
            for o in others[1:]
            for pair in zip(others[0], o, strict=False)
        ):
            raise ValueError(
                "A `Concatenate` layer requires inputs with matching shapes except for the concat "
                f"axis. Got inputs shapes: {[tuple(shape) for shape in shapes]}"
            )
        along: list[Any] = [shape[self.axis] for shape in shapes]
        sizes = list(shapes[0])
        sizes[self.axis] = None if None in along else sum(along)
        return TensorShape(sizes)

    def call(self, inputs: Any) -> Any:
        return backend.concatenate(list(inputs), axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(one is None for one in mask):
            return None
        masks = []
        for tensor, one in zip(inputs, mask, strict=True):
            if one is None:
                masks.append(backend.cast(backend.ones_like(tensor), "bool"))
            else:
                wide = (backend.ndim(one) or 0) < (backend.ndim(tensor) or 0)
                masks.append(backend.expand_dims(one) if wide else one)
        return backend.all(backend.concatenate(masks, axis=self.axis), axis=-1, keepdims=False)


@configured()
class Dot(_Merge):
    """The products of samples along axes. axes: one for both, or one for each.

    normalize: of rows of length 1: the cosine. Source: tf.keras.layers.Dot.
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes = axes
        self.normalize = normalize

    def _pair(self, ranks: list[int]) -> list[int]:
        given = [self.axes] * 2 if isinstance(self.axes, int) else list(self.axes)
        return [axis % rank for axis, rank in zip(given, ranks, strict=True)]

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        first, second = (as_shape(shape).as_list() for shape in input_shape)
        a, b = self._pair([len(first), len(second)])
        if None not in (first[a], second[b]) and first[a] != second[b]:
            raise ValueError(
                f"Dimension incompatibility {first[a]} != {second[b]}. Layer shapes: "
                f"{tuple(first)}, {tuple(second)}"
            )
        left = [size for i, size in enumerate(first) if i != a]
        right = [size for i, size in enumerate(second) if i not in (0, b)]
        sizes = left + right
        return TensorShape(sizes if len(sizes) > 1 else [*sizes, 1])

    def call(self, inputs: Any) -> Any:
        first, second = inputs
        axes = self._pair([backend.ndim(first) or 0, backend.ndim(second) or 0])
        if self.normalize:
            first = backend.l2_normalize(first, axis=axes[0])
            second = backend.l2_normalize(second, axis=axes[1])
        return backend.batch_dot(first, second, axes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs: see `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first input minus the second: see `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the inputs: see `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the inputs: see `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The larger of the inputs: see `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smaller of the inputs: see `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs side by side: see `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any, normalize: bool = False, **kwargs: Any) -> Any:
    """The products of two inputs: see `Dot`."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
