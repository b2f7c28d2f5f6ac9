"""Lookups of tf.contrib.layers: each row once, and sparse ones that forgive invalid numbers."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import bool_, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array
from graphscope.ops.embedding import embedding_lookup, embedding_lookup_sparse
from graphscope.ops.indexing import gather
from graphscope.ops.joining import concat, slice_, stack, where
from graphscope.ops.logic import greater, greater_equal, logical_and
from graphscope.ops.math import cast
from graphscope.ops.reduction import reduce_prod
from graphscope.ops.repeating import tile
from graphscope.ops.sets import unique
from graphscope.ops.sparse import SparseTensor, sparse_retain
from graphscope.ops.sparse_layout import sparse_fill_empty_rows, sparse_reshape
from graphscope.platform import logging


def embedding_lookup_unique(
    params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None
) -> Tensor:
    """`embedding_lookup` that reads each row once, however often it is asked for.

    Source: tf.contrib.layers.embedding_lookup_unique.
    """
    with name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = convert_to_tensor(ids)
        sizes = array.shape(ids)
        flat = array.reshape(ids, reduce_prod(sizes, keepdims=True))
        found, places = unique(flat)
        rows = embedding_lookup(params, found, partition_strategy)
        flat_rows = gather(rows, places)
        shape = concat([sizes, array.shape(rows)[1:]], 0)
        embedded: Tensor = array.reshape(flat_rows, shape)
        embedded.set_shape(ids.shape.concatenate(rows.shape[1:]))
        return embedded


def _retained(ids: SparseTensor, weights: Any, valid: Any) -> tuple[SparseTensor, Any]:
    return sparse_retain(ids, valid), None if weights is None else sparse_retain(weights, valid)


def _valid(ids: SparseTensor, weights: Any, combiner: str) -> tuple[SparseTensor, Any]:
    """Without negative numbers, and where weights are divided by, without those of no weight."""
    valid = greater_equal(ids.values, 0)
    if weights is not None:
        valid = logical_and(valid, array.ones_like(weights.values, dtype=bool_))
    ids, weights = _retained(ids, weights, valid)
    if weights is None or combiner == "sum":
        return ids, weights
    return _retained(ids, weights, greater(weights.values, 0))


def _rows(ids: SparseTensor, weights: Any, rank: Any) -> tuple[SparseTensor, Any]:
    """All axes but the last as one."""
    shape = ids.dense_shape
    before = reduce_prod(slice_(shape, [0], [rank - 1]))
    ids = sparse_reshape(ids, [before, gather(shape, rank - 1)])
    if weights is not None:
        weights = SparseTensor(ids.indices, weights.values, ids.dense_shape)
    return ids, weights


def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: Any,
    sparse_weights: Any = None,
    combiner: str | None = None,
    default_id: Any = None,
    name: str | None = None,
    partition_strategy: str = "div",
    max_norm: Any = None,
) -> Tensor:
    """`embedding_lookup_sparse` for lists of any rank, that may be empty or hold numbers below 0.

    Those, and numbers without a weight above 0, are left out. An empty list has the row of
    `default_id`, or zeros when that is None. Returns: the shape of the ids without its last axis,
    then that of a row. Source: tf.contrib.layers.safe_embedding_lookup_sparse.
    Errors: ValueError without a matrix.
    """
    if combiner is None:
        logging.warn(
            'The default value of combiner will change from "mean" to "sqrtn" after 2016/11/01.'
        )
        combiner = "mean"
    given = embedding_weights if isinstance(embedding_weights, list) else [embedding_weights]
    if embedding_weights is None or not given:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    dtype = None if sparse_weights is None else sparse_weights.dtype
    matrices = [convert_to_tensor(matrix, dtype) for matrix in given]
    with name_scope(name, "embedding_lookup", [*matrices, sparse_ids, sparse_weights]) as scope:
        shape = sparse_ids.dense_shape
        known = shape.shape.as_list()[0] if shape.shape.ndims else None
        rank = array.size(shape) if known is None else known
        ids, weights = _rows(sparse_ids, sparse_weights, rank)
        ids, weights = _valid(ids, weights, combiner)
        ids, empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(
            matrices,
            ids,
            weights,
            partition_strategy,
            None if default_id is None else scope,
            combiner,
            max_norm,
        )
        if default_id is None:
            column = array.reshape(empty, [-1, 1])
            wide = tile(column, stack([1, array.shape(result)[1]]))
            result = where(wide, array.zeros_like(result), result, name=scope)
        outer = slice_(cast(shape, int32), [0], [rank - 1])
        inner = slice_(array.shape(result), [1], [-1])
        final: Tensor = array.reshape(result, concat([outer, inner], 0))
        unknown = TensorShape(None if known is None else [None] * (known - 1))
        final.set_shape(unknown.concatenate(result.shape[1:]))
        return final
