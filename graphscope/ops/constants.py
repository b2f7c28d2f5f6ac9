"""Where values come in: constants, numbers in a row, and placeholders."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphscope.graph.convert import as_array, constant_attrs, constant_value
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import FLOATS, DType, as_dtype
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape, as_shape


@op(
    "Const",
    kind="const",
    given=True,
    dtype="dtype",
    differentiable=False,
    shape=lambda *, value, dtype: TensorShape.of(value.shape),
)
def _const(*, value: Any, dtype: DType) -> T:
    """A value that was written into the graph."""
    return np.asarray(value)


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str = "Const",
    verify_shape: bool = False,
) -> Tensor:
    """A tensor with a fixed value. Source: tf.constant.

    shape: when it has more elements than `value`, the last element is repeated.
    Errors: TypeError when the value does not fit the dtype, or, with verify_shape, the shape;
    ValueError when it is ragged or has more elements than the shape.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    array = _known(value, wanted)
    if shape is not None:
        sizes = [int(size) for size in as_shape(shape)]
        count = math.prod(sizes)
        if verify_shape and array.shape != tuple(sizes):
            raise TypeError(f"Expected Tensor's shape: {tuple(sizes)}, got {array.shape}.")
        if array.size > (count if array.ndim else max(count, 1)):  # one number fits nothing
            raise ValueError(
                f"Too many elements provided. Needed at most {count}, but received {array.size}"
            )
        array = _filled_up(array, sizes)
    tensor: Tensor = _const(**constant_attrs(array, wanted), name=name)
    return tensor


def constant_or_broadcast(
    value: Any, dtype: Any = None, shape: Any = None, name: str = "Const"
) -> Tensor:
    """A tensor with a fixed value; one element fills a shape. Source: TensorFlow 2's tf.constant.

    Errors: TypeError when the value does not fit the dtype or the shape, ValueError when ragged.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    array = _known(value, wanted)
    if shape is not None:
        sizes = [int(size) for size in as_shape(shape)]
        if array.shape not in ((), (1,)) and array.size != math.prod(sizes):
            raise TypeError(f"Expected Tensor's shape: {tuple(sizes)}, got {array.shape}.")
        array = _filled_up(array, sizes)
    tensor: Tensor = _const(**constant_attrs(array, wanted), name=name)
    return tensor


def _known(value: Any, dtype: DType | None) -> T:
    """The value as an array. Errors: TypeError for tensors, which have a value only in a run."""
    try:
        array: T = as_array(value, dtype)
        return array
    except NotImplementedError:
        raise TypeError(
            "List of Tensors when single Tensor expected: a constant is known before any run; "
            "tf.stack puts tensors together"
        ) from None


def _filled_up(array: T, sizes: list[int]) -> T:
    """The elements in another shape; the last is repeated as often as some are missing."""
    count = math.prod(sizes)
    flat = array.ravel()[:count]
    return np.concatenate([flat, np.repeat(flat[-1:], count - flat.size)]).reshape(sizes)


@op(
    "Placeholder",
    kind="input",
    given=True,
    dtype="dtype",
    differentiable=False,
    shape=lambda *, dtype, shape: shape,
)
def _placeholder(*, dtype: DType, shape: TensorShape) -> T:
    """A value that has to be fed with each run."""
    raise ValueError("a placeholder has no value of its own")


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor whose value is fed: ``sess.run(y, feed_dict={x: ...})``. Source: tf.placeholder.

    shape: what is known of it; None for a size that differs from run to run.
    """
    tensor: Tensor = _placeholder(dtype=as_dtype(dtype), shape=as_shape(shape), name=name)
    return tensor


def _default_shape(input: Tensor, *, shape: TensorShape) -> TensorShape:
    input.shape.assert_is_compatible_with(shape)
    return shape


@op("PlaceholderWithDefault", kind="input", shape=_default_shape)
def _placeholder_with_default(input: T, *, shape: TensorShape) -> T:
    """A value that may be fed; `input` otherwise."""
    return input


@_placeholder_with_default.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **_: Any) -> Any:
    return dy


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input`, unless something else is fed. Source: tf.placeholder_with_default."""
    tensor: Tensor = _placeholder_with_default(input, shape=as_shape(shape), name=name)
    return tensor


def _linspace_shape(start: Tensor, stop: Tensor, num: Tensor) -> TensorShape:
    for tensor in (start, stop, num):
        tensor.shape.with_rank(0)
    count = constant_value(num)
    if count is not None and count <= 0:
        raise ValueError(f"Requires num > 0: {count}")
    return TensorShape([None if count is None else int(count)])


@op("LinSpace", kind="array", shape=_linspace_shape, types=FLOATS, differentiable=False)
def linspace(start: T, stop: T, num: Index) -> T:
    """num numbers at equal distances, from start to stop."""
    if num <= 0:
        raise ValueError(f"Requires num > 0: {num}")
    return np.linspace(start, stop, int(num), dtype=start.dtype)
