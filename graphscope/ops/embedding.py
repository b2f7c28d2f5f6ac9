"""Rows of a matrix looked up by their numbers; the matrix may be cut into several."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float16, float32, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.clipping import clip_by_norm
from graphscope.ops.indexing import gather
from graphscope.ops.joining import concat, slice_, stack, where
from graphscope.ops.partitions import PartitionedVariable
from graphscope.ops.reduction import reduce_prod
from graphscope.ops.repeating import tile
from graphscope.ops.segment import (
    segment_sum,
    sparse_segment_mean,
    sparse_segment_sqrt_n,
    sparse_segment_sum,
)
from graphscope.ops.sets import dynamic_partition, parallel_dynamic_stitch, unique
from graphscope.ops.sparse import SparseTensor, sparse_retain
from graphscope.ops.sparse_layout import sparse_fill_empty_rows, sparse_reshape
from graphscope.ops.state import is_resource

#: A matrix that is cut into several.
_IN_PARTS = (list, tuple, PartitionedVariable)


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Tensor:
    """The rows of `params` at `ids`. Source: tf.nn.embedding_lookup.

    params: a matrix, or a list of them whose rows are one matrix's: row i is in matrix
    i mod count ("mod"), or they follow each other ("div"). max_norm: longer rows are scaled down.
    Errors: ValueError for an empty list or another strategy.
    """
    parts = list(params) if isinstance(params, _IN_PARTS) else [params]
    if not parts or parts[0] is None:
        raise ValueError("Need at least one param")
    with name_scope(name, "embedding_lookup", [*parts, ids]) as scope:
        matrices = [
            part if is_resource(part) else convert_to_tensor(part, name="params") for part in parts
        ]
        ids = convert_to_tensor(ids, name="ids")
        if len(matrices) == 1:
            return array.identity(_clipped(gather(matrices[0], ids, name=scope), ids, max_norm))
        rows = _from_parts(matrices, ids, partition_strategy, scope)
        return _clipped(rows, ids, max_norm)


def _clipped(rows: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    if max_norm is None:
        return rows
    if rows.shape.ndims is None or ids.shape.ndims is None:
        raise ValueError("max_norm needs ids and params of known rank")
    result: Tensor = clip_by_norm(
        rows, max_norm, axes=list(range(ids.shape.ndims, rows.shape.ndims))
    )
    return result


def _owners(matrices: list[Tensor], ids: Tensor, strategy: str) -> tuple[Tensor, Tensor]:
    """For each id, in which matrix its row is and in which row there."""
    count = len(matrices)
    if strategy == "mod":
        return ids % count, ids // count
    if strategy != "div":
        raise ValueError(f"Unrecognized partition strategy: {strategy}")
    sizes = [matrix.shape[0].value for matrix in matrices]
    if None in sizes:
        raise ValueError("the strategy 'div' needs matrices with a known number of rows")
    total = array.constant(sum(sizes), ids.dtype.base_dtype)
    each, extras = total // count, total % count
    owners = math.maximum(ids // (each + 1), (ids - extras) // each)
    return owners, where(owners < extras, ids % (each + 1), (ids - extras) % each)


def _from_parts(matrices: list[Tensor], ids: Tensor, strategy: str, scope: str) -> Tensor:
    flat = array.reshape(ids, [-1])
    places = array.range(array.size(flat))
    owners, rows = _owners(matrices, flat, strategy)
    owners = math.cast(owners, int32)
    wanted = dynamic_partition(rows, owners, len(matrices))
    back = dynamic_partition(places, owners, len(matrices))
    found = [gather(matrix, own) for matrix, own in zip(matrices, wanted, strict=True)]
    stitched = parallel_dynamic_stitch(back, found, name=scope)
    width = matrices[0].shape[1:]
    for matrix in matrices[1:]:
        width = width.merge_with(matrix.shape[1:])
    inner = width.as_list() if width.is_fully_defined() else shape_of(matrices[0])[1:]
    result: Tensor = array.reshape(stitched, concat([shape_of(ids), inner], 0))
    result.set_shape(ids.shape.concatenate(width))
    return result


_COMBINERS = {
    "sum": sparse_segment_sum,
    "mean": sparse_segment_mean,
    "sqrtn": sparse_segment_sqrt_n,
}


def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    combiner: str | None = None,
    max_norm: Any = None,
) -> Tensor:
    """For each row of ids the sum, mean or sum / sqrt(count) of their rows of `params`.

    sp_ids: SparseTensor of int64. sp_weights: a SparseTensor of as many weights, or None.
    combiner: "mean" when left out, "sqrtn" or "sum". Source: tf.nn.embedding_lookup_sparse.
    Errors: ValueError for another combiner, TypeError for ids that are not sparse.
    """
    combiner = combiner or "mean"
    if combiner not in _COMBINERS:
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")
    if sp_weights is not None and not isinstance(sp_weights, SparseTensor):
        raise TypeError("sp_weights must be either None or SparseTensor")
    parts = list(params) if isinstance(params, _IN_PARTS) else [params]
    with name_scope(name, "embedding_lookup_sparse", [*parts, sp_ids.values]) as scope:
        segments = math.cast(sp_ids.indices[:, 0], int32)
        ids, places = unique(sp_ids.values)
        rows = embedding_lookup(
            parts, ids, partition_strategy=partition_strategy, max_norm=max_norm
        )
        if rows.dtype.base_dtype is float16:
            rows = math.cast(rows, float32)
        if sp_weights is None:
            result: Tensor = _COMBINERS[combiner](rows, places, segments, name=scope)
            return result
        return _weighted(gather(rows, places), sp_weights.values, segments, combiner, scope)


def _weighted(rows: Tensor, weights: Tensor, segments: Tensor, combiner: str, scope: str) -> Tensor:
    weights = math.cast(weights, rows.dtype)
    known = weights.shape
    ones = array.fill(array.expand_dims(array.rank(rows) - 1, 0), 1)
    weights = array.reshape(weights, concat([shape_of(weights), ones], 0))
    if rows.shape.ndims is not None:
        weights.set_shape(known.concatenate([1] * (rows.shape.ndims - 1)))
    rows = rows * weights
    if combiner == "sum":
        result: Tensor = segment_sum(rows, segments, name=scope)
        return result
    total = segment_sum(rows, segments)
    if combiner == "mean":
        return math.div(total, segment_sum(weights, segments), name=scope)
    squares = segment_sum(math.pow_(weights, 2), segments)
    return math.div(total, math.sqrt(squares), name=scope)


def _pruned(
    ids: SparseTensor, weights: SparseTensor | None, valid: Tensor
) -> tuple[SparseTensor, SparseTensor | None]:
    kept = None if weights is None else sparse_retain(weights, valid)
    return sparse_retain(ids, valid), kept


def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: SparseTensor,
    sparse_weights: SparseTensor | None = None,
    combiner: str = "mean",
    default_id: int | None = None,
    name: str | None = None,
    partition_strategy: str = "div",
    max_norm: Any = None,
) -> Tensor:
    """`embedding_lookup_sparse` that leaves out ids below 0 and, but for sums, weights up to 0.

    sparse_ids: [..., ids of an example]. A row without ids gives that of `default_id`, or zeros.
    Source: tf.nn.safe_embedding_lookup_sparse. Errors: ValueError without embeddings.
    """
    if embedding_weights is None:
        raise ValueError("Missing embedding_weights None.")
    parts = (
        list(embedding_weights) if isinstance(embedding_weights, _IN_PARTS) else [embedding_weights]
    )
    if not parts:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    given = [*parts, sparse_ids.values]
    with name_scope(name, "embedding_lookup", given) as scope:
        matrices = [convert_to_tensor(part) for part in parts]
        outer = sparse_ids.dense_shape
        rank = outer.shape.as_list()[0] if outer.shape.ndims else None
        last = array.size(outer) - 1 if rank is None else rank - 1
        rows = reduce_prod(slice_(outer, [0], [last]))
        ids = sparse_reshape(sparse_ids, stack([rows, gather(outer, last)]))
        weights = sparse_weights
        if weights is not None:
            weights = SparseTensor(ids.indices, weights.values, ids.dense_shape)
        ids, weights = _pruned(ids, weights, ids.values >= 0)
        if weights is not None and combiner != "sum":
            ids, weights = _pruned(ids, weights, weights.values > 0)
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
            wide = tile(array.reshape(empty, [-1, 1]), stack([1, shape_of(result)[1]]))
            result = where(wide, array.zeros_like(result), result, name=scope)
        sizes = slice_(math.cast(outer, int32), [0], [last])
        inner = slice_(shape_of(result), [1], [-1])
        whole: Tensor = array.reshape(result, concat([sizes, inner], 0))
        if rank is not None:
            whole.set_shape(TensorShape([None] * (rank - 1)).concatenate(result.shape[1:]))
        return whole
