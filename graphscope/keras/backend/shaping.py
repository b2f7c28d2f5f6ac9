"""Tensors in another shape, joined, repeated and padded, as Keras names it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.keras.backend.config import format_of
from graphscope.keras.backend.sessions import is_sparse, to_dense
from graphscope.keras.backend.variables import int_shape, ndim
from graphscope.ops import array, constants, joining, layout, math, reduction, repeating
from graphscope.ops.resizing import METHODS, resize_by
from graphscope.ops.sparse_layout import sparse_concat


def concatenate(tensors: Any, axis: int = -1) -> Any:
    if axis < 0:
        rank = ndim(tensors[0])
        axis = axis % rank if rank else 0
    if all(map(is_sparse, tensors)):
        return sparse_concat(axis, tensors)
    return joining.concat([to_dense(x) for x in tensors], axis)


def reshape(x: Any, shape: Any) -> Any:
    return array.reshape(x, shape)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    return array.transpose(x, perm=pattern)


def flatten(x: Any) -> Any:
    """All numbers in one row."""
    return array.reshape(x, [-1])


def batch_flatten(x: Any) -> Any:
    """The numbers of each example in one row."""
    rest = reduction.reduce_prod(array.shape(x)[1:])
    return array.reshape(x, joining.stack([-1, rest]))


def expand_dims(x: Any, axis: int = -1) -> Any:
    return array.expand_dims(x, axis)


def squeeze(x: Any, axis: int) -> Any:
    return array.squeeze(x, [axis])


def stack(x: Any, axis: int = 0) -> Any:
    return joining.stack(x, axis=axis)


def one_hot(indices: Any, num_classes: int) -> Any:
    return joining.one_hot(indices, depth=num_classes, axis=-1)


def reverse(x: Any, axes: Any) -> Any:
    return layout.reverse(x, [axes] if isinstance(axes, int) else axes)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str = "int32") -> Any:
    """start, start + step... before stop; with one argument from 0 up to it."""
    if stop is None and start < 0:
        start = 0
    result = array.range(start, limit=stop, delta=step, name="arange")
    return result if dtype == "int32" else math.cast(result, dtype)


# ---- repeating ---------------------------------------------------------------------------------


def tile(x: Any, n: Any) -> Any:
    return repeating.tile(x, [n] if isinstance(n, int) else n)


def repeat(x: Any, n: int) -> Any:
    """A matrix [batch, features] as [batch, n, features]."""
    assert ndim(x) == 2
    return repeating.tile(array.expand_dims(x, 1), joining.stack([1, n, 1]))


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element of an axis `rep` times in a row."""
    size = x.shape.as_list()[axis]
    if size is not None:
        parts = joining.split(value=x, num_or_size_splits=size, axis=axis)
        return concatenate([part for part in parts for _ in range(rep)], axis)
    rank = len(x.shape)
    sizes = array.shape(x)
    multiples = np.ones(rank + 1, np.int32)
    multiples[axis + 1] = rep
    tiled = repeating.tile(array.expand_dims(x, axis=axis + 1), multiples)
    factors = np.ones(rank, np.int32)
    factors[axis] = rep
    repeated = array.reshape(tiled, sizes * constants.constant(factors))
    repeated.set_shape(x.shape)
    return repeated


# ---- padding and resizing ----------------------------------------------------------------------


def _padding(padding: Any, data_format: str) -> list[list[int]]:
    """Nothing at the examples and the channels, and what is given at the axes between."""
    pairs = [list(pair) for pair in padding]
    return [[0, 0], [0, 0], *pairs] if data_format == "channels_first" else [[0, 0], *pairs, [0, 0]]


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Zeros before and after the times of [batch, time, features]."""
    assert len(padding) == 2
    return layout.pad(x, [[0, 0], list(padding), [0, 0]])


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Zeros around images; padding: (above, below), (left, right)."""
    assert [len(pair) for pair in padding] == [2, 2]
    return layout.pad(x, _padding(padding, format_of(data_format)))


def spatial_3d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None
) -> Any:
    """Zeros around volumes; padding: a pair for each of the three axes."""
    assert [len(pair) for pair in padding] == [2, 2, 2]
    return layout.pad(x, _padding(padding, format_of(data_format)))


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    """Images that are so many times as high and as wide.

    interpolation: ``nearest`` or ``bilinear``. Errors: ValueError for another one.
    """
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"Invalid `data_format` argument: {data_format}")
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError('interpolation should be one of "nearest" or "bilinear".')
    first = data_format == "channels_first"
    rows = 2 if first else 1
    known = int_shape(x) or ()
    size = array.shape(x)[rows : rows + 2]
    size *= constants.constant(np.array([height_factor, width_factor], np.int32))
    if first:
        x = permute_dimensions(x, [0, 2, 3, 1])
    resize = partial(METHODS[interpolation], half_pixel_centers=True)
    x = resize_by(resize, x, size, False, None)
    if first:
        x = permute_dimensions(x, [0, 3, 1, 2])
    factors = height_factor, width_factor
    new = [s if s is None else s * f for s, f in zip(known[rows:], factors, strict=False)]
    x.set_shape([None, None, *new] if first else [None, *new, None])
    return x


def resize_volumes(
    x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str
) -> Any:
    """Volumes with each element so many times along each axis. Errors: ValueError."""
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"Invalid data_format: {data_format}")
    first = 2 if data_format == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), first):
        x = repeat_elements(x, factor, axis)
    return x
