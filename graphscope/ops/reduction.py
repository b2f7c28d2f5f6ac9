"""Reductions: many numbers to few, and running sums.

A gradient is spread back over what was reduced.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import (
    FLOATS_AND_COMPLEX,
    NUMBERS,
    REALS,
    DType,
    as_dtype,
    bool_,
    int64,
)
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import graph_of, name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array
from graphscope.ops.conjugates import steep
from graphscope.ops.joining import where
from graphscope.ops.logic import equal, is_finite
from graphscope.ops.math import add, cast, exp, log, sqrt, square, subtract

#: np.sum without its detours. Any, since numpy's types do not know a `keepdims` that is told late.
_add_up: Any = np.add.reduce


def _reduced_shape(
    input: Tensor, reduction_indices: Tensor, *, keep_dims: bool = False
) -> TensorShape:
    rank = input.shape.ndims
    array.refuse_rank_above(1, reduction_indices)
    if rank is None:
        return shapes.UNKNOWN
    axes = constant_value(reduction_indices)
    if axes is None:
        return TensorShape([None] * rank) if keep_dims else shapes.UNKNOWN
    _refuse_axes(axes, rank)
    gone = {int(axis) % rank for axis in axes.ravel()}
    sizes = [1 if i in gone else size for i, size in enumerate(input.shape.as_list())]
    return TensorShape(sizes if keep_dims else [s for i, s in enumerate(sizes) if i not in gone])


def _refuse_axes(axes: Index, rank: int) -> None:
    """Errors: ValueError for an axis that is not there."""
    for axis in axes.ravel():
        if not -rank <= axis < rank:
            raise ValueError(
                f"Invalid reduction dimension {axis} for input with {rank} dimensions."
            )


def _axes(reduction_indices: Index, input: T) -> tuple[int, ...]:
    _refuse_axes(reduction_indices, input.ndim)
    return tuple(reduction_indices.ravel().tolist())


def _spread(dy: T, input: T, reduction_indices: Index, keep_dims: bool) -> T:
    """Repeat `dy` along the axes that a reduction took away: the shape of `input` again."""
    kept = list(input.shape)
    for axis in _axes(reduction_indices, input):
        kept[axis] = 1
    return np.broadcast_to(dy.reshape(kept), input.shape)


@op("SumGrad", kind="reduce", shape=lambda dy, input, *_, **__: input.shape, types=NUMBERS)
def _sum_grad(dy: T, input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The slope of Sum: dy, repeated along the axes that were summed."""
    return _spread(dy, input, reduction_indices, keep_dims)


@op("MeanGrad", kind="reduce", shape=lambda dy, input, *_, **__: input.shape, types=NUMBERS)
def _mean_grad(dy: T, input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The slope of Mean: dy / count, repeated along the axes that were averaged."""
    count = dy.dtype.type(input.size // max(dy.size, 1))
    return _spread(dy / count, input, reduction_indices, keep_dims)


@op("Sum", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def sum_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The sum over some axes."""
    axes = _axes(reduction_indices, input)
    return np.asarray(_add_up(input, axis=axes, keepdims=keep_dims, dtype=input.dtype))


@sum_.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    return _sum_grad(dy, input, reduction_indices, keep_dims=keep_dims), None


@_sum_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, input: Tensor, axes: Tensor, *, keep_dims: bool) -> Any:
    return sum_(ddx, axes, keep_dims=keep_dims), None, None


@op("Mean", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def mean(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The mean over some axes; of no elements it is NaN."""
    axes = _axes(reduction_indices, input)
    total = _add_up(input, axis=axes, keepdims=keep_dims, dtype=input.dtype)
    count = input.dtype.type(math.prod([input.shape[axis] for axis in axes]))
    return np.asarray(total // count if input.dtype.kind in "iu" else total / count)


@mean.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    return _mean_grad(dy, input, reduction_indices, keep_dims=keep_dims), None


@_mean_grad.gradient
def _(ddx: Tensor, dx: Tensor, dy: Tensor, input: Tensor, axes: Tensor, *, keep_dims: bool) -> Any:
    return mean(ddx, axes, keep_dims=keep_dims), None, None


@op("EuclideanNorm", kind="reduce", shape=_reduced_shape, types=NUMBERS, differentiable=False)
def euclidean_norm(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The root of the sum of squares over some axes. As in TensorFlow, it has no gradient."""
    squares = (input * np.conj(input)).astype(input.dtype)
    total = np.sum(squares, axis=_axes(reduction_indices, input), keepdims=keep_dims)
    return np.asarray(np.sqrt(total)).astype(input.dtype)


@op("Prod", kind="reduce", shape=_reduced_shape, types=NUMBERS)
def prod(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The product over some axes."""
    return np.asarray(
        np.prod(input, axis=_axes(reduction_indices, input), keepdims=keep_dims, dtype=input.dtype)
    )


@op("ProdGrad", kind="reduce", shape=shapes.same, types=FLOATS_AND_COMPLEX)
def _prod_grad(input: T, reduction_indices: Index) -> T:
    """For each element the product of all others, over the same axes; right where some are 0."""
    axes = sorted(axis % input.ndim for axis in _axes(reduction_indices, input))
    last = np.moveaxis(input, axes, range(-len(axes), 0)) if axes else input[..., None]
    flat = last.reshape(*last.shape[: last.ndim - max(len(axes), 1)], -1)
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], -1), -1)[..., ::-1]
    others = (before * after).reshape(last.shape)
    return np.moveaxis(others, range(-len(axes), 0), axes) if axes else others[..., 0]


@_prod_grad.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor) -> Any:
    # y[k] is the product of all but x[k]; its slope along x[j] is y[k] / x[j] for each other k.
    # Where an x is 0 that is NaN, as in TensorFlow.
    every = dy * y
    return (sum_(every, reduction_indices, keep_dims=True) - every) / input, None


@prod.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    spread = _sum_grad(dy, input, reduction_indices, keep_dims=keep_dims)
    return spread * steep(_prod_grad(input, reduction_indices)), None


@op("Max", kind="reduce", shape=_reduced_shape, types=REALS)
def max_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The largest element over some axes; equal ones share the slope."""
    axes = _axes(reduction_indices, input)
    lowest = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min
    return np.asarray(np.max(input, axis=axes, keepdims=keep_dims, initial=lowest))


@op("Min", kind="reduce", shape=_reduced_shape, types=REALS)
def min_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """The smallest element over some axes; equal ones share the slope."""
    axes = _axes(reduction_indices, input)
    highest = np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).max
    return np.asarray(np.min(input, axis=axes, keepdims=keep_dims, initial=highest))


@max_.gradient
@min_.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, reduction_indices: Tensor, *, keep_dims: bool) -> Any:
    extreme, slope = (_sum_grad(t, input, reduction_indices, keep_dims=keep_dims) for t in (y, dy))
    chosen = cast(equal(extreme, input), dy.dtype)
    count = sum_(chosen, reduction_indices, keep_dims=True)
    return chosen / count * slope, None


@op("All", kind="reduce", shape=_reduced_shape, types=(bool_,), differentiable=False)
def all_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """True where all elements over some axes are."""
    return np.asarray(np.all(input, axis=_axes(reduction_indices, input), keepdims=keep_dims))


@op("Any", kind="reduce", shape=_reduced_shape, types=(bool_,), differentiable=False)
def any_(input: T, reduction_indices: Index, *, keep_dims: bool = False) -> T:
    """True where one element over some axes is."""
    return np.asarray(np.any(input, axis=_axes(reduction_indices, input), keepdims=keep_dims))


def _reduction(definition: Any, name: str) -> Any:
    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:
        axis = reduction_indices if axis is None else axis
        keep = bool(keepdims if keepdims is not None else keep_dims)
        with graph_of([input_tensor]).as_default():
            axes = _all_axes(input_tensor) if axis is None else axis
            result: Tensor = definition(input_tensor, axes, keep_dims=keep, name=name)
        if axis is None and not keep:
            result.set_shape([])  # also where the number of axes is not known
        return result

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"""{definition.doc}

        axis: an int, a list of ints (negative ones count from the end), or None for all axes.
        keepdims: keep the reduced axes with size 1.
        Older spellings: reduction_indices= and keep_dims=. Source: tf.{name}.
        """
    return reduce


def _all_axes(tensor: Any) -> Tensor:
    if isinstance(tensor, Tensor) and tensor.shape.ndims is not None:
        return convert_to_tensor(np.arange(tensor.shape.ndims, dtype=np.int32))
    return array.range(0, array.rank(tensor))


reduce_sum = _reduction(sum_, "reduce_sum")
reduce_mean = _reduction(mean, "reduce_mean")
reduce_prod = _reduction(prod, "reduce_prod")
reduce_max = _reduction(max_, "reduce_max")
reduce_min = _reduction(min_, "reduce_min")
reduce_all = _reduction(all_, "reduce_all")
reduce_any = _reduction(any_, "reduce_any")
reduce_euclidean_norm = _reduction(euclidean_norm, "reduce_euclidean_norm")


def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """log(sum(exp(x))) over some axes, computed so that nothing overflows.

    axis, keepdims and the older spellings as for tf.reduce_sum. Source: tf.reduce_logsumexp.
    """
    axis = reduction_indices if axis is None else axis
    keep = bool(keepdims if keepdims is not None else keep_dims)
    x = convert_to_tensor(input_tensor)
    with name_scope(name, "ReduceLogSumExp", [x]):
        largest = reduce_max(x, axis, keepdims=True)
        shift = array.stop_gradient(where(is_finite(largest), largest, array.zeros_like(largest)))
        result = log(reduce_sum(exp(subtract(x, shift)), axis, keepdims=keep))
        if not keep:
            shift = array.reshape(shift, array.shape(result))
        total: Tensor = add(result, shift)
        if axis is None and not keep:
            total.set_shape([])
        return total


# ---- running sums ------------------------------------------------------------------------------


def scan_axis(axis: Index, x: T) -> int:
    """The axis along which is counted up. Errors: ValueError when it is none."""
    if axis.ndim:
        raise ValueError(f"ScanOp: axis must be a scalar, not {list(axis.shape)}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"ScanOp: Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {axis}"
        )
    return int(axis)


@op("Cumsum", kind="math", types=NUMBERS)
def _cumsum(x: T, axis: Index, *, exclusive: bool = False, reverse: bool = False) -> T:
    """The sums of all elements up to each one along an axis; without itself when exclusive."""
    at = scan_axis(axis, x)
    x = np.flip(x, at) if reverse else x
    total = np.cumsum(x, at, dtype=x.dtype)
    total = total - x if exclusive else total
    return np.flip(total, at) if reverse else total


@_cumsum.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, axis: Tensor, *, exclusive: bool, reverse: bool) -> Any:
    return _cumsum(dy, axis, exclusive=exclusive, reverse=not reverse), None


def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The sums of all elements up to each one along `axis`. Source: tf.cumsum.

    exclusive: each sum leaves out the element itself. reverse: sums from the end.
    """
    with name_scope(name, "Cumsum", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        sums: Tensor = _cumsum(x, axis, exclusive=exclusive, reverse=reverse, name=scope)
        return sums


@op("Cumprod", kind="math", types=NUMBERS)
def _cumprod(x: T, axis: Index, *, exclusive: bool = False, reverse: bool = False) -> T:
    """The products of all elements up to each one along an axis; without itself when exclusive."""
    at = scan_axis(axis, x)
    x = np.flip(x, at) if reverse else x
    if exclusive:
        rest = np.delete(x, -1, at)
        x = np.concatenate([np.ones_like(np.take(x, [0], at)), rest], at) if x.size else x
    total = np.cumprod(x, at, dtype=x.dtype)
    return np.flip(total, at) if reverse else total


@_cumprod.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, axis: Tensor, *, exclusive: bool, reverse: bool) -> Any:
    # NaN where an x is 0, as in TensorFlow.
    sums = _cumsum(y * dy, axis, exclusive=exclusive, reverse=not reverse)
    return sums / x, None


def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The products of all elements up to each one along `axis`. Source: tf.cumprod.

    exclusive: each product leaves out the element itself. reverse: products from the end.
    """
    with name_scope(name, "Cumprod", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        products: Tensor = _cumprod(x, axis, exclusive=exclusive, reverse=reverse, name=scope)
        return products


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean squared distance from the mean. Source: tf.math.reduce_variance."""
    with name_scope(name or "reduce_variance"):
        means = reduce_mean(input_tensor, axis=axis, keepdims=True)
        result: Tensor = reduce_mean(square(input_tensor - means), axis=axis, keepdims=keepdims)
        return result


def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The root of the mean squared distance from the mean. Source: tf.math.reduce_std."""
    with name_scope(name or "reduce_std"):
        variance = reduce_variance(input_tensor, axis=axis, keepdims=keepdims)
        result: Tensor = sqrt(variance)
        return result


# ---- where the largest is ----------------------------------------------------------------------


def _arg_shape(input: Tensor, dimension: Tensor, **_: Any) -> TensorShape:
    axis, rank = constant_value(dimension), input.shape.ndims
    if axis is not None and rank is not None and not -rank <= axis < rank:
        raise ValueError(
            f"Dimension ({axis}) must be in the range [{-rank}, {rank}), where {rank} is the "
            "number of dimensions in the input."
        )
    return _reduced_shape(input, dimension)


def _position(function: Any, input: T, dimension: Index, output_type: DType) -> Index:
    if not input.shape[int(dimension)]:
        raise ValueError(
            f"Reduction axis {dimension} is empty in shape {TensorShape(input.shape).short}"
        )
    return np.asarray(function(input, axis=int(dimension)), output_type.numpy)


@op(
    "ArgMax",
    kind="reduce",
    shape=_arg_shape,
    dtype="output_type",
    types=NUMBERS,
    differentiable=False,
)
def _arg_max(input: T, dimension: Index, *, output_type: DType = int64) -> Index:
    """The position of the largest element along an axis. No gradient: a position has no slope."""
    return _position(np.argmax, input, dimension, output_type)


@op(
    "ArgMin",
    kind="reduce",
    shape=_arg_shape,
    dtype="output_type",
    types=NUMBERS,
    differentiable=False,
)
def _arg_min(input: T, dimension: Index, *, output_type: DType = int64) -> Index:
    """The position of the smallest element along an axis. No gradient: a position has no slope."""
    return _position(np.argmin, input, dimension, output_type)


def argmax(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Tensor:
    """The position of the largest element along `axis` (0 when left out). Source: tf.argmax."""
    axis = next((a for a in (axis, dimension) if a is not None), 0)
    position: Tensor = _arg_max(input, axis, output_type=as_dtype(output_type), name=name)
    return position


def argmin(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Tensor:
    """The position of the smallest element along `axis` (0 when left out). Source: tf.argmin."""
    axis = next((a for a in (axis, dimension) if a is not None), 0)
    position: Tensor = _arg_min(input, axis, output_type=as_dtype(output_type), name=name)
    return position


def arg_max(
    input: Any, dimension: Any, output_type: Any = int64, name: str | None = None
) -> Tensor:
    """The position of the largest element along `dimension`. Source: tf.arg_max."""
    return argmax(input, dimension, name=name, output_type=output_type)


def arg_min(
    input: Any, dimension: Any, output_type: Any = int64, name: str | None = None
) -> Tensor:
    """The position of the smallest element along `dimension`. Source: tf.arg_min."""
    return argmin(input, dimension, name=name, output_type=output_type)
