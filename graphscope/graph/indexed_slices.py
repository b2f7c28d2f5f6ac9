"""`IndexedSlices`: a tensor of which only some rows are not zero, as a gradient of a gather is."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import graph_of
from graphscope.graph.shapes import UNKNOWN, TensorShape


class IndexedSlices:
    """The rows `values`, which stand at `indices` in a larger tensor of zeros.

    values: [n, ...]. indices: [n], int32 or int64; a row may come twice, and counts as the sum.
    dense_shape: an integer vector, or None when nobody knows it.
    Where a tensor is wanted it becomes dense. Source: tf.IndexedSlices.
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        graph_of([values, indices, *([] if dense_shape is None else [dense_shape])])
        self.values: Tensor = values
        self.indices: Tensor = indices
        self.dense_shape: Tensor | None = dense_shape

    @property
    def name(self) -> str:
        return self.values.name

    @property
    def op(self) -> Operation:
        return self.values.op

    @property
    def graph(self) -> Graph:
        return self.values.graph

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def shape(self) -> TensorShape:
        """What is known of the shape of the whole tensor."""
        if self.values.shape.ndims is None:
            return UNKNOWN
        return TensorShape([None]).concatenate(self.values.shape[1:])

    def _as_tensor(self) -> Tensor:
        if self.dense_shape is None:
            raise ValueError(
                f"Tensor conversion requested for IndexedSlices without dense_shape: {self}"
            )
        with self.graph.as_default():
            rows = self.dense_shape[0]
            dense: Tensor = OPS["UnsortedSegmentSum"](self.values, self.indices, rows)
            return dense

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def __str__(self) -> str:
        shape = "" if self.dense_shape is None else f", dense_shape={self.dense_shape}"
        return f"IndexedSlices(indices={self.indices}, values={self.values}{shape})"


class IndexedSlicesValue(NamedTuple):
    """What a session returns for an IndexedSlices: three arrays. Source: tf.IndexedSlicesValue."""

    values: Any
    indices: Any
    dense_shape: Any


def convert_to_tensor_or_indexed_slices(
    value: Any, dtype: Any = None, name: str | None = None
) -> Tensor | IndexedSlices:
    """`value` as a tensor; an IndexedSlices stays what it is.

    Errors: ValueError when a tensor or an IndexedSlices is of another type than `dtype`.
    Source: tf.convert_to_tensor_or_indexed_slices.
    """
    if not isinstance(value, IndexedSlices):
        return convert_to_tensor(value, dtype, name)
    if dtype is not None and as_dtype(dtype).base_dtype is not value.dtype.base_dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with dtype "
            f"{value.dtype.name}: {str(value)!r}"
        )
    return value


def rows_of(value: Any) -> Any:
    """The rows of an IndexedSlices, all of it that is not zero; anything else as it is."""
    return value.values if isinstance(value, IndexedSlices) else value


def with_rows(value: Any, rows: Tensor) -> Any:
    """An IndexedSlices with other rows at the same places; for anything else, the rows."""
    if isinstance(value, IndexedSlices):
        return IndexedSlices(rows, value.indices, value.dense_shape)
    return rows
