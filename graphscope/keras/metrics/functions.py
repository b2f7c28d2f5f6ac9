"""Metrics as functions of what is true and what was predicted: a number for each example.

Source: tensorflow.python.keras.metrics of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.keras import backend as K
from graphscope.ops import array, indexing, logic, math, reduction


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where both are equal, else 0."""
    y_pred.shape.assert_is_compatible_with(y_true.shape)
    if y_true.dtype.base_dtype != y_pred.dtype.base_dtype:
        y_pred = math.cast(y_pred, y_true.dtype)
    return math.cast(logic.equal(y_true, y_pred), K.floatx())


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """The share of labels 0 and 1 whose probability is on the right side of the threshold."""
    bound = math.cast(threshold, y_pred.dtype)
    y_pred = math.cast(y_pred > bound, y_pred.dtype)
    return K.mean(logic.equal(y_true, y_pred), axis=-1)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the most probable class is the true one; y_true: one-hot [..., classes]."""
    right = logic.equal(reduction.argmax(y_true, axis=-1), reduction.argmax(y_pred, axis=-1))
    return math.cast(right, K.floatx())


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the most probable class is the true one; y_true: numbers of classes."""
    y_true = _classes(y_true, y_pred)
    best = reduction.argmax(y_pred, axis=-1)
    if K.dtype(best) != K.dtype(y_true):
        best = math.cast(best, K.dtype(y_true))
    return math.cast(logic.equal(y_true, best), K.floatx())


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the true class is among the k most probable; y_true: one-hot [batch, classes]."""
    found = indexing.in_top_k(y_pred, reduction.argmax(y_true, axis=-1), k)
    return math.cast(found, K.floatx())


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the true class is among the k most probable; y_true: numbers of classes."""
    y_true = math.cast(_classes(y_true, y_pred), "int32")
    return math.cast(indexing.in_top_k(y_pred, y_true, k), K.floatx())


def _classes(y_true: Any, y_pred: Any) -> Any:
    """The numbers of classes, without a last axis of size 1."""
    theirs, ours = (convert_to_tensor(y).shape.ndims for y in (y_pred, y_true))
    same = ours is not None and ours == theirs
    return array.squeeze(y_true, [-1]) if same else y_true
