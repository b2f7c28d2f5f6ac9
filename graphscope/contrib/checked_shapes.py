"""Tensors whose shape is checked, in the graph or in the run (tf.contrib.framework)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import as_dtype, int32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array
from graphscope.ops.checks import assert_, assert_scalar
from graphscope.ops.logic import equal, logical_and, logical_or
from graphscope.ops.math import add_n
from graphscope.ops.reduction import reduce_all, reduce_sum
from graphscope.ops.sparse import SparseTensor


def assert_scalar_int(tensor: Any, name: str | None = None) -> Tensor:
    """The tensor, checked: one whole number. Errors: ValueError when it is not.

    Source: tf.contrib.framework.assert_scalar_int.
    """
    with name_scope(name, "assert_scalar_int", [tensor]) as scope:
        tensor = convert_to_tensor(tensor)
        if not tensor.dtype.base_dtype.is_integer:
            raise ValueError(
                f"Expected integer type for {tensor.name}, received type: {tensor.dtype}."
            )
        return assert_scalar(tensor, name=scope)


def reduce_sum_n(tensors: Sequence[Tensor], name: str | None = None) -> Any:
    """The sum of the elements of all tensors. Source: tf.contrib.framework.reduce_sum_n.

    Errors: ValueError without tensors.
    """
    if not tensors:
        raise ValueError("No tensors provided.")
    with name_scope(name, "reduce_sum_n", tensors) as scope:
        sums = [reduce_sum(t, name=f"{t.op.name}/sum") for t in tensors]
        return sums[0] if len(sums) == 1 else add_n(sums, name=scope)


def with_same_shape(expected_tensor: Tensor, tensor: Tensor) -> Any:
    """The tensor, checked to have the shape of the other: see `with_shape`."""
    with name_scope(f"{tensor.op.name}/", values=[expected_tensor, tensor]):
        known = expected_tensor.shape
        if known.is_fully_defined():
            return with_shape(known.as_list(), tensor)
        return with_shape(array.shape(expected_tensor, name="expected_shape"), tensor)


def with_shape(expected_shape: Any, tensor: Tensor) -> Any:
    """The tensor, checked to have the shape: now if both are known, else when it is run.

    One element of any rank becomes a scalar where a scalar is expected.
    Source: tf.contrib.framework.with_shape. Errors: ValueError for a sparse tensor, for what is no
    shape, and for another shape; InvalidArgumentError in the run.
    """
    if isinstance(tensor, SparseTensor):
        raise ValueError("SparseTensor not supported.")
    told = is_tensor_like(expected_shape)
    wanted = expected_shape if told else np.asarray(expected_shape)
    if not told and (wanted.dtype == np.int64 or not wanted.size):
        wanted = wanted.astype(np.int32)
    if not told and wanted.ndim > 1:
        raise ValueError(
            f"Invalid rank {wanted.ndim} for shape {wanted} expected of tensor {tensor.name}."
        )
    kind = wanted.dtype
    if as_dtype(kind).base_dtype is not int32:
        raise ValueError(
            f"Invalid dtype {kind} for shape {wanted} expected of tensor {tensor.name}."
        )
    actual = tensor.shape
    with name_scope(f"{tensor.op.name}/", values=[tensor]):
        if not told and not len(wanted) and _becomes_scalar(actual):
            return array.reshape(tensor, [])
        if told or not actual.is_fully_defined():
            with get_default_graph().control_dependencies([_checked(wanted, tensor)]):
                result = array.identity(tensor)
            if not told:
                result.set_shape(wanted.tolist())
            return result
    if not actual.is_compatible_with(wanted.tolist()):
        raise ValueError(
            f"Invalid shape for tensor {tensor.name}, expected {wanted}, got {actual}."
        )
    return tensor


def _becomes_scalar(shape: TensorShape) -> bool:
    return not shape.is_fully_defined() or shape.as_list() == [1]


def _checked(wanted: Any, tensor: Tensor) -> Any:
    """Stops the run when the tensor has another shape."""
    with name_scope("assert_shape", values=[tensor]) as scope:
        actual = array.shape(tensor, name="actual")
        same_rank = equal(array.size(wanted), array.rank(tensor))
        fits = reduce_all(logical_or(equal(wanted, -1), equal(wanted, actual)))  # -1: any size
        message = f"Wrong shape for {tensor.name} [expected] [actual]."
        return assert_(logical_and(same_rank, fits), [message, wanted, actual], name=scope)
