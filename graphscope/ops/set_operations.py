"""Rows taken as sets: what they have in common, together, apart (tf.sets)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import int8, int16, int32, int64, string, uint8, uint16
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import UNKNOWN, TensorShape
from graphscope.ops.array import is_sparse
from graphscope.ops.sparse import SparseTensor, checked
from graphscope.ops.sparse_arithmetic import unknown_parts

__all__ = [
    "difference",
    "intersection",
    "set_difference",
    "set_intersection",
    "set_size",
    "set_union",
    "size",
    "union",
]

_TYPES = (int8, int16, int32, int64, uint8, uint16, string)

Rows = dict[tuple[int, ...], list[Any]]


@op(
    "SetSize",
    kind="reduce",
    shape=lambda *_, **__: UNKNOWN,
    dtype=int32,
    types=_TYPES,
    differentiable=False,
)
def _set_size(
    set_indices: Any_, set_values: T, set_shape: Any_, *, validate_indices: bool = True
) -> Index:
    """How many different elements each row along the last axis of a sparse tensor has."""
    counts = np.zeros(set_shape[:-1], np.int32)
    for place, row in _rows_of_sparse(set_indices, set_values).items():
        counts[place] = len(set(row))
    return counts


def _rows_of_sparse(indices: Index, values: T) -> Rows:
    rows: Rows = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        rows.setdefault(tuple(place[:-1]), []).append(value)
    return rows


def _rows_of_dense(values: T) -> Rows:
    return {place: values[place].tolist() for place in np.ndindex(*values.shape[:-1])}


def _operated(
    first: Rows, second: Rows, outer: tuple[int, ...], operation: str, dtype: Any
) -> tuple[Index, T, Index]:
    """The sparse tensor of the sets that the operation makes of each pair of rows."""
    combine = {
        "intersection": lambda a, b: a & b,
        "union": lambda a, b: a | b,
        "a-b": lambda a, b: a - b,
        "b-a": lambda a, b: b - a,
    }
    places: list[tuple[int, ...]] = []
    values: list[Any] = []
    longest = 0
    for place in sorted({*first, *second}):
        made = combine[operation](set(first.get(place, [])), set(second.get(place, [])))
        for i, value in enumerate(sorted(made)):
            places.append((*place, i))
            values.append(value)
        longest = max(longest, len(made))
    elements = np.empty(len(values), dtype)
    elements[:] = values
    indices = np.asarray(places, np.int64).reshape(-1, len(outer) + 1)
    return indices, elements, np.asarray([*outer, longest], np.int64)


def _of_rank(*ranks: int | None) -> tuple[TensorShape, ...]:
    """The shapes of the parts of a set for each row, by the ranks that both sides have."""
    for rank in ranks:
        if rank is not None and rank < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {rank}")
    known = [rank for rank in ranks if rank is not None]
    return unknown_parts(known[0] if known else None)


def _rank_of(sizes: Tensor) -> int | None:
    """The rank of the sparse tensor that has these sizes."""
    return sizes.shape[0].value if sizes.shape.ndims == 1 else None


_operation = partial(
    op,
    kind="array",
    types=_TYPES,
    outputs=("result_indices", "result_values", "result_shape"),
    differentiable=False,
)


def _outer(a: Any, b: Any) -> tuple[int, ...]:
    if tuple(a) != tuple(b):
        raise ValueError(f"Mismatched group shapes {list(map(int, a))} and {list(map(int, b))}")
    return tuple(int(n) for n in a)


@_operation(
    "DenseToDenseSetOperation",
    shape=lambda a, b, **_: _of_rank(a.shape.ndims, b.shape.ndims),
    dtype=lambda a, b, **_: (int64, a.dtype.base_dtype, int64),
)
def _dense_to_dense(
    set1: T, set2: T, *, set_operation: str, validate_indices: bool = True
) -> tuple[Index, T, Index]:
    """What the operation makes of each pair of rows of two dense tensors."""
    outer = _outer(set1.shape[:-1], set2.shape[:-1])
    rows = _rows_of_dense(set1), _rows_of_dense(set2)
    return _operated(*rows, outer, set_operation, set1.dtype)


@_operation(
    "DenseToSparseSetOperation",
    shape=lambda a, i, v, sizes, **_: _of_rank(a.shape.ndims, _rank_of(sizes)),
    dtype=lambda a, *_, **__: (int64, a.dtype.base_dtype, int64),
)
def _dense_to_sparse(
    set1: T,
    set2_indices: Any_,
    set2_values: T,
    set2_shape: Any_,
    *,
    set_operation: str,
    validate_indices: bool = True,
) -> tuple[Index, T, Index]:
    """What the operation makes of each row of a dense and of a sparse tensor."""
    outer = _outer(set1.shape[:-1], set2_shape[:-1])
    rows = _rows_of_dense(set1), _rows_of_sparse(set2_indices, set2_values)
    return _operated(*rows, outer, set_operation, set1.dtype)


@_operation(
    "SparseToSparseSetOperation",
    shape=lambda i, v, sizes, j, w, others, **_: _of_rank(_rank_of(sizes), _rank_of(others)),
    dtype=lambda indices, values, *_, **__: (int64, values.dtype.base_dtype, int64),
)
def _sparse_to_sparse(
    set1_indices: Any_,
    set1_values: T,
    set1_shape: Any_,
    set2_indices: Any_,
    set2_values: T,
    set2_shape: Any_,
    *,
    set_operation: str,
    validate_indices: bool = True,
) -> tuple[Index, T, Index]:
    """What the operation makes of each pair of rows of two sparse tensors."""
    outer = _outer(set1_shape[:-1], set2_shape[:-1])
    rows = _rows_of_sparse(set1_indices, set1_values), _rows_of_sparse(set2_indices, set2_values)
    return _operated(*rows, outer, set_operation, set1_values.dtype)


def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many different elements each row of a sparse tensor has. Source: tf.sets.size.

    Errors: TypeError for another tensor.
    """
    if not is_sparse(a):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    size: Tensor = _set_size(*checked(a)._parts(), validate_indices=validate_indices)
    return size


def _of_rows(a: Any, b: Any, operation: str, validate_indices: bool) -> SparseTensor:
    attrs: Any = {"set_operation": operation, "validate_indices": validate_indices}
    if is_sparse(a) and is_sparse(b):
        return SparseTensor(*_sparse_to_sparse(*checked(a)._parts(), *checked(b)._parts(), **attrs))
    if is_sparse(a):
        swapped = {"a-b": "b-a", "b-a": "a-b"}.get(operation, operation)
        return _of_rows(b, a, swapped, validate_indices)
    if is_sparse(b):
        return SparseTensor(*_dense_to_sparse(a, *checked(b)._parts(), **attrs))
    return SparseTensor(*_dense_to_dense(convert_to_tensor(a), b, **attrs))


def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What each pair of rows has in common. Source: tf.sets.intersection."""
    return _of_rows(a, b, "intersection", validate_indices)


def set_difference(
    a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True
) -> SparseTensor:
    """What a row of a has and that of b has not; the other way without aminusb.

    Source: tf.sets.difference.
    """
    return _of_rows(a, b, "a-b" if aminusb else "b-a", validate_indices)


def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What either row of each pair has. Source: tf.sets.union."""
    return _of_rows(a, b, "union", validate_indices)


size, intersection, difference, union = set_size, set_intersection, set_difference, set_union
