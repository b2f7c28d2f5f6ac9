"""Sums and products, comparisons and functions of each element, as Keras names them."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from graphscope.graph.dtypes import bool_
from graphscope.keras.backend.config import floatx
from graphscope.keras.backend.variables import int_shape, ndim
from graphscope.ops import array, clipping, constants, elementwise, logic, math, reduction
from graphscope.ops.indexing import gather as _gather
from graphscope.ops.joining import concat, unstack
from graphscope.ops.linalg import matmul
from graphscope.ops.sparse import SparseTensor, sparse_tensor_dense_matmul

# ---- products ----------------------------------------------------------------------------------


def dot(x: Any, y: Any) -> Any:
    """The matrix product; of more axes, the last of x meets the last but one of y."""
    if builtins.max(ndim(x) or 0, ndim(y) or 0) > 2:
        return _dot_of_many_axes(x, y)
    if isinstance(x, SparseTensor):
        return sparse_tensor_dense_matmul(x, y)
    return matmul(x, y)


def _sizes(x: Any) -> tuple[Any, ...]:
    """Numbers where the sizes are known, tensors where they are not."""
    told = unstack(array.shape(x))
    known = int_shape(x) or ()
    return tuple(t if size is None else size for size, t in zip(known, told, strict=True))


def _dot_of_many_axes(x: Any, y: Any) -> Any:
    x_sizes, y_sizes = _sizes(x), _sizes(y)
    order = list(range(len(y_sizes)))
    order.insert(0, order.pop(-2))
    flat = array.reshape(x, [-1, x_sizes[-1]])
    turned = array.reshape(array.transpose(y, perm=order), [y_sizes[-2], -1])
    return array.reshape(matmul(flat, turned), x_sizes[:-1] + y_sizes[:-2] + y_sizes[-1:])


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """The product of each example's arrays; axes: which axis of x meets which of y."""
    x_rank, y_rank = ndim(x), ndim(y)
    assert x_rank is not None
    assert y_rank is not None
    if axes is None:
        axes = (x_rank - 1, y_rank - 2)
    elif isinstance(axes, int):
        axes = (axes, axes)
    missing = builtins.abs(x_rank - y_rank)
    if x_rank > y_rank:
        y = _with_ones(y, missing)
    elif y_rank > x_rank:
        x = _with_ones(x, missing)
    if ndim(x) == 2 and ndim(y) == 2:
        first = x if axes[0] == axes[1] else array.transpose(x, [1, 0])
        over = axes[0] if axes[0] == axes[1] else axes[1]
        out = reduction.reduce_sum(math.multiply(first, y), over)
    else:
        turn_x = axes[0] != (ndim(x) or 0) - 1
        turn_y = axes[1] == (ndim(y) or 0) - 1
        out = matmul(x, y, adjoint_a=turn_x, adjoint_b=turn_y)
    if missing:
        start = x_rank + y_rank - 3 if x_rank > y_rank else x_rank - 1
        out = array.squeeze(out, list(range(start, start + missing)))
    return array.expand_dims(out, 1) if ndim(out) == 1 else out


def _with_ones(x: Any, count: int) -> Any:
    return array.reshape(x, concat([array.shape(x), [1] * count], axis=0))


def transpose(x: Any) -> Any:
    return array.transpose(x)


def gather(reference: Any, indices: Any) -> Any:
    """The rows at these places."""
    return _gather(reference, indices)


# ---- over axes ---------------------------------------------------------------------------------


def _numbers(x: Any) -> Any:
    """Truth values as numbers."""
    return elementwise.cast(x, floatx()) if x.dtype.base_dtype == bool_ else x


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_max(x, axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_min(x, axis, keepdims)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_sum(x, axis, keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_prod(x, axis, keepdims)


def cumsum(x: Any, axis: int = 0) -> Any:
    return reduction.cumsum(x, axis=axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    return reduction.cumprod(x, axis=axis)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance."""
    return reduction.reduce_variance(_numbers(x), axis, keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation."""
    return reduction.reduce_std(_numbers(x), axis, keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_mean(_numbers(x), axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_any(elementwise.cast(x, bool_), axis, keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_all(elementwise.cast(x, bool_), axis, keepdims)


def argmax(x: Any, axis: int = -1) -> Any:
    """Where the largest stands; no gradient goes through."""
    return reduction.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    return reduction.argmin(x, axis)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduction.reduce_logsumexp(x, axis, keepdims)


# ---- of each element ---------------------------------------------------------------------------


def square(x: Any) -> Any:
    return elementwise.square(x)


def abs(x: Any) -> Any:
    return elementwise.abs_(x)


def sqrt(x: Any) -> Any:
    """The square root; of negative numbers 0."""
    return elementwise.sqrt(_clipped(x, 0.0, np.inf))


def exp(x: Any) -> Any:
    return math.exp(x)


def log(x: Any) -> Any:
    return math.log(x)


def round(x: Any) -> Any:
    """The nearest whole number; no gradient goes through."""
    return math.round(x)


def sign(x: Any) -> Any:
    return elementwise.sign(x)


def pow(x: Any, a: Any) -> Any:
    return math.pow_(x, a)


def sin(x: Any) -> Any:
    return math.sin(x)


def cos(x: Any) -> Any:
    return math.cos(x)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """x, and the bound where it is beyond; None for no upper bound."""
    if max_value is not None and max_value < min_value:
        max_value = min_value
    return _clipped(x, min_value, np.inf if max_value is None else max_value)


def _clipped(x: Any, least: Any, most: Any) -> Any:
    kind = x.dtype.base_dtype
    low, high = constants.constant(least, dtype=kind), constants.constant(most, dtype=kind)
    return clipping.clip_by_value(x, low, high)


# ---- comparisons -------------------------------------------------------------------------------


def equal(x: Any, y: Any) -> Any:
    return logic.equal(x, y)


def not_equal(x: Any, y: Any) -> Any:
    return logic.not_equal(x, y)


def greater(x: Any, y: Any) -> Any:
    return logic.greater(x, y)


def greater_equal(x: Any, y: Any) -> Any:
    return logic.greater_equal(x, y)


def less(x: Any, y: Any) -> Any:
    return logic.less(x, y)


def less_equal(x: Any, y: Any) -> Any:
    return logic.less_equal(x, y)


def maximum(x: Any, y: Any) -> Any:
    return math.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    return math.minimum(x, y)
