"""Weights of elements, broadcast to what they weigh: for losses and metrics.

Source: tensorflow.python.ops.weights_broadcast_ops and confusion_matrix of 1.15.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Bool, Index, op
from graphscope.graph.dtypes import DType, as_dtype, bool_, int32, int64
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.ops import array, checks, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.checks import assert_ as assert_op
from graphscope.ops.control_flow import no_op, with_dependencies
from graphscope.ops.joining import concat, stack
from graphscope.ops.logic import equal
from graphscope.ops.reduction import reduce_max
from graphscope.ops.sparse import SparseTensor
from graphscope.ops.sparse_arithmetic import sparse_add

#: How many operations TensorFlow makes of `WeightsFit`, less this one.
_COND_OF_FITTING = 47

_PREFIX = "weights can not be broadcast to values."


@op("WeightsFit", kind="logic", shape=shapes.scalar, dtype=bool_, differentiable=False)
def _weights_fit(weights_shape: Index, values_shape: Index) -> Bool:
    """Whether weights of one shape can weigh values of another: their sizes, or 1, or no axes.

    TensorFlow makes a tf.cond of several nodes for it.
    """
    if not len(weights_shape):
        return np.array(True)
    if len(weights_shape) != len(values_shape):
        return np.array(False)
    return np.asarray(np.all((weights_shape == 1) | (weights_shape == values_shape)))


def assert_broadcastable(weights: Any, values: Any) -> Operation:
    """An operation that fails unless weights have the values' rank, and their sizes or 1.

    A single number always does. Errors: ValueError, where the shapes are known before the run.
    """
    with name_scope(None, "assert_broadcastable", [weights, values]) as scope:
        with name_scope(None, "weights", [weights]) as inner:
            weights = convert_to_tensor(weights, name=inner)
            weights_shape = shape_of(weights, name="shape")
            array.rank(weights, name="rank")
        with name_scope(None, "values", [values]) as inner:
            values = convert_to_tensor(values, name=inner)
            values_shape = shape_of(values, name="shape")
            array.rank(values, name="rank")
        if weights.shape.ndims == 0:
            return _checked("static_scalar_check_success")
        if weights.shape.ndims is None or values.shape.ndims is None:
            return _checked_in_run(weights, weights_shape, values, values_shape, scope)
        if weights.shape.ndims != values.shape.ndims:
            raise ValueError(
                f"{_PREFIX} values.rank={values.shape.ndims}. weights.rank={weights.shape.ndims}. "
                f"values.shape={values.shape}. weights.shape={weights.shape}."
            )
        if weights.shape.is_fully_defined() and values.shape.is_fully_defined():
            pairs = zip(weights.shape.as_list(), values.shape.as_list(), strict=True)
            for axis, (ours, theirs) in enumerate(pairs):
                if ours not in (1, theirs):
                    raise ValueError(
                        f"{_PREFIX} Mismatch at dim {axis}. values.shape={values.shape} "
                        f"weights.shape={weights.shape}."
                    )
            return _checked("static_dims_check_success")
        return _checked_in_run(weights, weights_shape, values, values_shape, scope)


def _checked_in_run(
    weights: Tensor, weights_shape: Tensor, values: Tensor, values_shape: Tensor, scope: str
) -> Operation:
    fits = _weights_fit(weights_shape, values_shape)
    fits.graph.uncounted += _COND_OF_FITTING
    told = ["weights.shape=", weights.name, weights_shape]
    told += ["values.shape=", values.name, values_shape]
    return assert_op(fits, [_PREFIX, *told], name=scope)


def _checked(name: str) -> Operation:
    done: Operation = no_op(name=name)
    return done


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """The weights in the shape of the values."""
    with name_scope(None, "broadcast_weights", [weights, values]) as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, values.dtype.base_dtype, name="weights")
        same = weights.shape.is_fully_defined() and values.shape.is_fully_defined()
        if same and weights.shape.as_list() == values.shape.as_list():
            whole: Tensor = weights
            return whole
        graph = get_default_graph()
        with graph.control_dependencies([assert_broadcastable(weights, values)]):
            product: Tensor = math.multiply(weights, array.ones_like(values), name=scope)
            return product


def remove_squeezable_dimensions(
    labels: Any, predictions: Any, expected_rank_diff: int = 0, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Labels and predictions without a last axis of size 1 that only one of them has.

    expected_rank_diff: how many axes predictions should have more. Ranks that are unknown are
    compared in the run.
    """
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions = convert_to_tensor(predictions)
        labels = convert_to_tensor(labels)
        if labels.shape.ndims is not None and predictions.shape.ndims is not None:
            difference = predictions.shape.ndims - labels.shape.ndims - expected_rank_diff
            if difference == 1:
                predictions = array.squeeze(predictions, [-1])
            elif difference == -1:
                labels = array.squeeze(labels, [-1])
            return labels, predictions
        more = array.rank(predictions) - array.rank(labels) - expected_rank_diff
        return with_axes(labels, drop=equal(more, -1)), with_axes(predictions, drop=equal(more, 1))


def with_axes(tensor: Tensor, drop: Tensor, add: Tensor | None = None) -> Tensor:
    """The tensor without its last axis, of size 1, or with one more: as the run finds.

    drop, add: boolean tensors []. A tensor whose last size is known, and not 1, keeps its axis.
    """
    last = None if tensor.shape.ndims is None else tensor.shape[-1:].num_elements()
    sizes = shape_of(tensor)
    if last in (None, 1):
        sizes = sizes[: array.rank(tensor) - math.cast(drop, int32)]
    if add is not None:
        sizes = concat([sizes, array.fill(array.expand_dims(math.cast(add, int32), 0), 1)], 0)
    changed: Tensor = array.reshape(tensor, sizes)
    return changed


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    dtype: Any = int32,
    name: str | None = None,
    weights: Any = None,
) -> Tensor:
    """How often each class was taken for each: [class, predicted class].

    labels, predictions: classes from 0 on [n]. num_classes: one more than the highest when left
    out. weights: what each counts, [n]. Source: tf.confusion_matrix.
    Errors: InvalidArgumentError for a class that is negative or too high.
    """
    with name_scope(name, "confusion_matrix", [predictions, labels, num_classes, weights]):
        labels, predictions = remove_squeezable_dimensions(
            convert_to_tensor(labels, name="labels"),
            convert_to_tensor(predictions, name="predictions"),
        )
        predictions, labels = math.cast(predictions, int64), math.cast(labels, int64)
        labels, predictions = _checked_classes(
            checks.assert_non_negative, "contains negative values", labels, predictions
        )
        if num_classes is None:
            num_classes = math.maximum(reduce_max(predictions), reduce_max(labels)) + 1
        else:
            below = partial(checks.assert_less, y=math.cast(num_classes, int64))
            labels, predictions = _checked_classes(below, "out of bound", labels, predictions)
        if labels.shape.ndims not in (None, 1):
            raise ValueError(f"Shape {labels.shape} must have rank 1: one class an example")
        counted: DType = as_dtype(dtype)
        if weights is not None:
            weights = math.cast(convert_to_tensor(weights, name="weights"), counted)
        shape = convert_to_tensor([num_classes, num_classes], name="stack")
        positions = stack([labels, predictions], axis=1)
        values = array.ones_like(predictions, counted) if weights is None else weights
        # Pairs of classes may come several times: they are added up, one by one.
        pairs = SparseTensor(positions, values, math.cast(shape, int64))
        zero = array.zeros(math.cast(shape, int32), counted)
        counts: Tensor = sparse_add(zero, pairs)
        return counts


def _checked_classes(check: Any, complaint: str, *given: Tensor) -> list[Tensor]:
    """Labels and predictions, once the check holds for them."""
    return [
        with_dependencies([check(numbers, message=f"`{name}` {complaint}")], numbers)
        for name, numbers in zip(("labels", "predictions"), given, strict=True)
    ]
