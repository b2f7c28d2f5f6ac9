"""Sparse tensors joined, cut, reshaped, transposed, filled up: the elements stay what they are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_shape, constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Bool, T, op
from graphscope.graph.dtypes import bool_, float32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.checks import assert_equal, assert_less_equal
from graphscope.ops.control_flow import with_dependencies
from graphscope.ops.indexing import gather
from graphscope.ops.joining import concat, stack
from graphscope.ops.reduction import reduce_max
from graphscope.ops.sets import setdiff1d
from graphscope.ops.sparse import (
    SparseTensor,
    checked,
    sparse_reorder,
    sparse_tensor_to_dense,
)
from graphscope.ops.sparse_arithmetic import parts_like, rows_of, unknown_parts

_PARTS = ("output_indices", "output_values", "output_shape")

# ---- other shapes ------------------------------------------------------------------------------


@op(
    "SparseReshape",
    kind="array",
    outputs=("output_indices", "output_shape"),
    dtype=int64,
    differentiable=False,
    shape=lambda indices, shape, new: (
        TensorShape([indices.shape[0].value, new.shape[0].value]),
        new.shape,
    ),
)
def _sparse_reshape(input_indices: Any_, input_shape: Any_, new_shape: Any_) -> tuple[T, T]:
    """The positions in a tensor of another shape; one size may be -1: what is left over."""
    wanted, count = new_shape.tolist(), int(np.prod(input_shape))
    if wanted.count(-1) > 1:
        raise ValueError("only one output dimension may be -1")
    known = int(np.prod([size for size in wanted if size != -1]))
    if -1 in wanted:
        if not known or count % known:
            raise ValueError(
                f"Input to reshape is a SparseTensor with {count} dense values, but the requested "
                f"shape requires a multiple of {known}"
            )
        wanted = [count // known if size == -1 else size for size in wanted]
    elif known != count:
        raise ValueError(
            f"Input to reshape is a tensor with {count} dense values, but the requested shape has "
            f"{known}"
        )
    flat = np.ravel_multi_index(tuple(input_indices.T), tuple(input_shape))
    places = np.stack(np.unravel_index(flat, wanted), -1) if wanted else np.zeros((len(flat), 0))
    return places.astype(np.int64), np.asarray(wanted, np.int64)


def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same elements in another shape; one size may be -1. Source: tf.sparse_reshape.

    Errors: ValueError when the numbers of elements are known and differ, or two sizes are -1.
    """
    sparse = checked(sp_input)
    wanted = math.cast(shape, int64)
    with name_scope(name, "SparseReshape", [sparse.indices]) as scope:
        places, sizes = _sparse_reshape(sparse.indices, sparse.dense_shape, wanted, name=scope)
        count, asked = sparse.shape.num_elements(), constant_value(wanted)
        if count is not None and asked is not None:
            sizes = array.constant(_reshaped_sizes(count, asked.tolist()), int64)
        return SparseTensor(places, array.identity(sparse.values), sizes)


def _reshaped_sizes(count: int, wanted: list[int]) -> list[int]:
    """The sizes that are asked for, with what is left over in place of -1."""
    if wanted.count(-1) > 1:
        raise ValueError("At most one dimension can be inferred (-1). Found: two or more")
    known = int(np.prod([size for size in wanted if size != -1]))
    sizes = [count // max(known, 1) if size == -1 else size for size in wanted]
    if int(np.prod(sizes)) != count:
        raise ValueError(
            f"Cannot reshape a tensor with {count} elements to shape {sizes} "
            f"({int(np.prod(sizes))} elements)."
        )
    return sizes


def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in another order; reversed without `perm`. Source: tf.sparse_transpose."""
    sparse = checked(sp_input)
    with name_scope(name, "SparseTranspose", [sparse.values]):
        if perm is None:
            rank = array.rank(sparse)
            perm = (rank - 1) - array.range(0, rank, 1)
        places = gather(sparse.indices, perm, axis=1)
        moved = SparseTensor(places, sparse.values, gather(sparse.dense_shape, perm))
        return sparse_reorder(moved)


def sparse_expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """One more axis, of size 1, at `axis`, the last without. Source: tf.sparse.expand_dims."""
    sparse = checked(sp_input)
    rank = sparse.shape.ndims
    at = -1 if axis is None else int(axis)
    with name_scope(name, "expand_dims", [sparse.indices]):
        if rank is None:
            raise ValueError("sparse.expand_dims needs a sparse tensor of known rank")
        if not -rank - 1 <= at <= rank:
            raise ValueError(f"axis {at} is not in [{-rank - 1}, {rank}]")
        at %= rank + 1
        column = array.zeros([shape_of(sparse.indices)[0], 1], int64)
        places = concat([sparse.indices[:, :at], column, sparse.indices[:, at:]], 1)
        one = array.ones([1], int64)
        sizes = concat([sparse.dense_shape[:at], one, sparse.dense_shape[at:]], 0)
        return SparseTensor(places, sparse.values, sizes)


def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements, said to be in a larger tensor, or in the smallest that holds them.

    Source: tf.sparse_reset_shape. Errors: ValueError, or in a run InvalidArgumentError, for a
    shape that is smaller in one axis, or of another rank.
    """
    sparse = checked(sp_input)
    places, values = array.identity(sparse.indices), array.identity(sparse.values)
    if new_shape is None:
        largest = reduce_max(sparse.indices, 0)
        floor = array.zeros_like(sparse.dense_shape) - 1
        sizes = math.maximum(largest, floor) + array.ones_like(sparse.dense_shape)
        return SparseTensor(places, values, sizes)
    wanted = math.cast(convert_to_tensor(new_shape, int64, preferred=True), int64)
    wanted.shape.with_rank(1).assert_is_compatible_with(sparse.dense_shape.shape.with_rank(1))
    old, new = constant_shape(sparse.dense_shape), constant_shape(wanted)
    if old.is_fully_defined() and new.is_fully_defined():
        if any((b or 0) < (a or 0) for a, b in zip(old.as_list(), new.as_list(), strict=True)):
            raise ValueError(f"Requested new_shape should have dimension sizes >= {old}, got {new}")
        return SparseTensor(places, values, wanted)
    same_rank = assert_equal(shape_of(sparse.dense_shape), shape_of(wanted))
    wanted = with_dependencies([same_rank], wanted)
    fits = assert_less_equal(sparse.dense_shape, wanted)
    return SparseTensor(places, values, with_dependencies([fits], wanted))


# ---- joined and cut ----------------------------------------------------------------------------


def _concat_shapes(inputs: list[Tensor], *, N: int, concat_dim: int) -> tuple[TensorShape, ...]:
    ranks = {t.shape[1].value for t in inputs[:N] if t.shape.ndims == 2}
    counts = [t.shape[0].value for t in inputs[:N] if t.shape.ndims == 2]
    rank = max((r for r in ranks if r is not None), default=None)
    total = None if None in counts or len(counts) < N else sum(counts)
    return TensorShape([total, rank]), TensorShape([total]), TensorShape([rank])


@op(
    "SparseConcat",
    kind="array",
    outputs=_PARTS,
    shape=_concat_shapes,
    differentiable=False,
    dtype=lambda inputs, *, N, **_: (int64, inputs[N].dtype.base_dtype, int64),
)
def _sparse_concat(inputs: list[Any_], *, N: int, concat_dim: int) -> tuple[T, T, T]:
    """Sparse tensors joined along an axis. inputs: N positions, N elements, N shapes."""
    places, values, sizes = inputs[:N], inputs[N : 2 * N], inputs[2 * N :]
    axis = concat_dim % len(sizes[0])
    found: list[tuple[int, ...]] = []
    whole, start = np.array(sizes[0]), 0
    for indices, own in zip(places, sizes, strict=True):
        if np.any(np.delete(own != sizes[0], axis)):
            raise ValueError(
                f"Input shapes must match along all axes but {axis}: {sizes[0].tolist()} and "
                f"{own.tolist()}"
            )
        moved = np.array(indices)
        moved[:, axis] += start
        found += rows_of(moved)
        start += int(own[axis])
    whole[axis] = start
    elements = [value for own in values for value in own.tolist()]
    return *parts_like(places[0], found, elements, values[0].dtype), whole


def sparse_concat(
    axis: Any = None,
    sp_inputs: Sequence[Any] | None = None,
    name: str | None = None,
    expand_nonconcat_dim: bool = False,
    concat_dim: Any = None,
    expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:
    """Sparse tensors joined along an axis. Source: tf.sparse_concat.

    expand_nonconcat_dims: other axes take the largest size that there is.
    Errors: ValueError when their ranks differ.
    """
    at = concat_dim if axis is None else axis
    inputs = [checked(t) for t in sp_inputs or ()]
    if len(inputs) == 1:
        return inputs[0]
    for sparse in inputs[1:]:
        sparse.dense_shape.shape.assert_is_compatible_with(inputs[0].dense_shape.shape)
    sizes = [t.dense_shape for t in inputs]
    known = [constant_value(own) for own in sizes]
    if expand_nonconcat_dims or expand_nonconcat_dim:
        sizes, known = _expanded([math.cast(own, int64) for own in sizes], int(at)), [None]
    places, values, total = _sparse_concat(
        [*[t.indices for t in inputs], *[t.values for t in inputs], *sizes],
        N=len(inputs),
        concat_dim=int(at),
        name=name,
    )
    if any(own is None for own in known):
        return SparseTensor(places, values, total)
    whole = np.array(known[0])
    whole[int(at)] = sum(int(own[int(at)]) for own in known if own is not None)
    return SparseTensor(places, values, array.constant(whole, int64))


def _expanded(sizes: list[Tensor], axis: int) -> list[Tensor]:
    """The shapes, with the largest size in all axes but one."""
    largest = reduce_max(stack(sizes), 0)
    if axis == -1:
        return [concat([largest[:-1], own[-1:]], 0) for own in sizes]
    return [concat([largest[:axis], own[axis : axis + 1], largest[axis + 1 :]], 0) for own in sizes]


def _split_shapes(
    split_dim: Tensor, indices: Tensor, values: Tensor, shape: Tensor, *, num_split: int
) -> tuple[TensorShape, ...]:
    rank = indices.shape[1].value if indices.shape.ndims == 2 else None
    places, elements, sizes = unknown_parts(rank)
    return (places,) * num_split + (elements,) * num_split + (sizes,) * num_split


@op(
    "SparseSplit",
    kind="array",
    shape=_split_shapes,
    differentiable=False,
    outputs=1,
    dtype=lambda dim, i, v, s, *, num_split: (
        *[int64] * num_split,
        *[v.dtype.base_dtype] * num_split,
        *[int64] * num_split,
    ),
)
def _sparse_split(
    split_dim: Any_, indices: Any_, values: T, shape: Any_, *, num_split: int
) -> tuple[T, ...]:
    """A sparse tensor cut into num_split parts along an axis; the first ones may be longer by 1.

    Returns all positions, then all elements, then all shapes.
    """
    axis, rank = int(split_dim), len(shape)
    if not -rank <= axis < rank:
        raise ValueError(f"Input split_dim should be between 0 and rank ({rank}), got {axis}")
    axis %= rank
    size = int(shape[axis])
    if not 1 <= num_split <= size:
        raise ValueError(
            f"Input num_split should be between 1 and the splitting dimension size ({size}), got "
            f"{num_split}"
        )
    short, longer = divmod(size, num_split)
    widths = [short + (i < longer) for i in range(num_split)]
    starts = np.cumsum([0, *widths])
    parts = []
    for first, last in itertools.pairwise(starts):
        own = (indices[:, axis] >= first) & (indices[:, axis] < last)
        moved = np.array(indices[own])
        moved[:, axis] -= first
        sizes = np.array(shape)
        sizes[axis] = last - first
        parts.append((moved, values[own], sizes))
    return tuple(part for kind in zip(*parts, strict=True) for part in kind)


def sparse_split(
    keyword_required: Any = None,
    sp_input: Any = None,
    num_split: int | None = None,
    axis: Any = None,
    name: str | None = None,
    split_dim: Any = None,
) -> list[SparseTensor]:
    """A sparse tensor in `num_split` parts along an axis. Source: tf.sparse_split.

    Arguments are given by keyword. Errors: ValueError when one is missing.
    """
    if keyword_required is not None:
        raise ValueError("Keyword arguments are required for this function.")
    at = split_dim if axis is None else axis
    if sp_input is None or num_split is None or at is None:
        raise ValueError("sp_input, num_split, and axis are required")
    sparse, count = checked(sp_input), int(num_split)
    parts = _sparse_split.node(at, *sparse._parts(), num_split=count, name=name).outputs
    return [SparseTensor(*parts[i::count]) for i in range(count)]


@op(
    "SparseSlice",
    kind="array",
    outputs=_PARTS,
    shape=lambda indices, values, shape, start, size: unknown_parts(size.shape[0].value),
    dtype=lambda indices, values, *_: (int64, values.dtype.base_dtype, int64),
)
def _sparse_slice(indices: Any_, values: T, shape: Any_, start: Any_, size: Any_) -> tuple[T, T, T]:
    """The elements in a box of so many sizes from a start; the box ends with the tensor."""
    inside = np.all((indices >= start) & (indices < start + size), axis=1)
    sizes = np.clip(shape - start, 0, size)
    return indices[inside] - start, values[inside], sizes.astype(np.int64)


@_sparse_slice.gradient
def _(dys: Any, ys: Any, *inputs: Tensor) -> Any:
    if dys[1] is None:
        return [None] * len(inputs)
    dvalues = _sparse_slice_grad(dys[1], inputs[0], inputs[3], ys[0])
    return None, dvalues, None, None, None


@op(
    "SparseSliceGrad",
    kind="array",
    shape=lambda grad, indices, *_: indices.shape[:1],
    differentiable=False,
)
def _sparse_slice_grad(
    backprop_val_grad: T, input_indices: Any_, input_start: Any_, output_indices: Any_
) -> T:
    """The slope of SparseSlice: 0 for the elements outside the box."""
    slopes = dict(zip(rows_of(output_indices + input_start), backprop_val_grad, strict=True))
    zero = backprop_val_grad.dtype.type(0)
    found = [slopes.get(place, zero) for place in rows_of(input_indices)]
    return np.asarray(found, backprop_val_grad.dtype)


def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The elements in a box of sizes `size` from `start`. Source: tf.sparse_slice."""
    sparse = checked(sp_input)
    start, size = convert_to_tensor(start, int64), convert_to_tensor(size, int64)
    with name_scope(name, "SparseSlice", [sparse.indices]) as scope:
        return SparseTensor(*_sparse_slice(*sparse._parts(), start, size, name=scope))


# ---- filled up ---------------------------------------------------------------------------------


def _filled_shapes(indices: Tensor, *rest: Tensor) -> tuple[TensorShape, ...]:
    rest[2].shape.with_rank(0)
    rank = indices.shape[1].value if indices.shape.ndims == 2 else None
    rows = constant_shape(rest[1])[0].value if rest[1].shape.ndims == 1 else None
    return (
        TensorShape([None, rank]),
        TensorShape([None]),
        TensorShape([rows]),
        TensorShape([indices.shape[0].value]),
    )


@op(
    "SparseFillEmptyRows",
    kind="array",
    outputs=("output_indices", "output_values", "empty_row_indicator", "reverse_index_map"),
    shape=_filled_shapes,
    dtype=lambda indices, values, *_: (int64, values.dtype.base_dtype, bool_, int64),
)
def _sparse_fill_empty_rows(
    indices: Any_, values: T, dense_shape: Any_, default_value: T
) -> tuple[T, T, Bool, T]:
    """A sparse tensor with an element, default_value, in the first column of each empty row.

    Also which rows were empty, and where each element has gone.
    """
    rows = int(dense_shape[0])
    own = indices[:, 0]
    for place in np.flatnonzero((own < 0) | (own >= rows))[:1]:
        raise ValueError(f"indices({place}, 0) is invalid: {own[place]} >= {rows}")
    empty = np.bincount(own, minlength=rows) == 0
    extra = np.zeros((int(empty.sum()), indices.shape[1]), np.int64)
    extra[:, 0] = np.flatnonzero(empty)
    whole = np.concatenate([indices, extra])
    filled = np.concatenate([values, np.full(len(extra), default_value, values.dtype)])
    order = np.argsort(whole[:, 0], kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return whole[order], filled[order], empty, back[: len(indices)].astype(np.int64)


@_sparse_fill_empty_rows.gradient
def _(dys: Any, ys: Any, *inputs: Tensor) -> Any:
    if dys[1] is None:
        return [None] * len(inputs)
    dvalues, ddefault = _sparse_fill_empty_rows_grad(ys[3], dys[1])
    return None, dvalues, None, ddefault


@op(
    "SparseFillEmptyRowsGrad",
    kind="array",
    outputs=("d_values", "d_default_value"),
    shape=lambda back, grad: (back.shape, TensorShape([])),
    dtype=lambda back, grad: grad.dtype.base_dtype,
    differentiable=False,
)
def _sparse_fill_empty_rows_grad(reverse_index_map: Any_, grad_values: T) -> tuple[T, T]:
    """The slope of SparseFillEmptyRows: what is not an element's own is of the default."""
    own = grad_values[reverse_index_map]
    return own, np.asarray(grad_values.sum() - own.sum(), grad_values.dtype)


def sparse_fill_empty_rows(
    sp_input: Any, default_value: Any, name: str | None = None
) -> tuple[SparseTensor, Tensor]:
    """A sparse tensor without empty rows, and which rows were empty before.

    Source: tf.sparse_fill_empty_rows.
    """
    sparse = checked(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sparse.values]):
        default = convert_to_tensor(default_value, sparse.values.dtype)
        places, values, empty, _ = _sparse_fill_empty_rows(*sparse._parts(), default)
        return SparseTensor(places, values, sparse.dense_shape), empty


def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """A dense tensor that is True at the last position given by each element.

    The elements are whole numbers below vocab_size. Source: tf.sparse_to_indicator.
    """
    sparse = checked(sp_input)
    with name_scope(name, "SparseToIndicator", [sparse.indices]) as scope:
        true = array.fill([shape_of(sparse.indices)[0]], True)
        marks = SparseTensor(sparse.indices, true, sparse.dense_shape)
        merged = sparse_merge(sparse, marks, vocab_size)
        return sparse_tensor_to_dense(merged, False, validate_indices=False, name=scope)


def sparse_merge(
    sp_ids: Any,
    sp_values: Any,
    vocab_size: Any,
    name: str | None = None,
    already_sorted: bool = False,
) -> SparseTensor:
    """The elements of sp_values, with sp_ids as their last positions. Source: tf.sparse_merge.

    sp_ids: a sparse tensor of whole numbers, or a list of them with as many vocab_sizes.
    Errors: TypeError for what is not sparse, ValueError when the lists differ in length.
    """
    several = isinstance(sp_ids, list | tuple) and not array.is_sparse(sp_ids)
    ids = [checked(t) for t in (sp_ids if several else [sp_ids])]
    sizes = vocab_size if isinstance(vocab_size, list | tuple) else [vocab_size]
    values = checked(sp_values)
    if several and not isinstance(vocab_size, list | tuple):
        raise TypeError("vocab_size has to be a list of Tensors or Python ints.")
    if len(ids) != len(sizes):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name, "SparseMerge", [values.values]):
        widths = [
            array.reshape(math.cast(convert_to_tensor(n, int64, preferred=True), int64), [1])
            for n in sizes
        ]
        last = [array.expand_dims(math.cast(t.values, int64), 1) for t in ids]
        places = concat([ids[0].indices[:, :-1], *last], 1)
        shape = concat([ids[0].dense_shape[:-1], *widths], 0)
        merged = SparseTensor(places, values.values, shape)
        if already_sorted:
            return merged
        ordered = sparse_reorder(merged)
        return SparseTensor(ordered.indices, ordered.values, shape)


def sparse_eye(
    num_rows: int, num_columns: int | None = None, dtype: Any = float32, name: str | None = None
) -> SparseTensor:
    """Ones on the diagonal, as a sparse tensor. Source: tf.sparse.eye."""
    with name_scope(name, "eye", [num_rows, num_columns]):
        wide = num_rows if num_columns is None else num_columns
        rows, columns = (math.cast(convert_to_tensor(n), int64) for n in (num_rows, wide))
        count = math.minimum(rows, columns)
        places = array.range(count)
        ones = array.ones(array.expand_dims(count, 0), dtype)
        return SparseTensor(stack([places, places], axis=1), ones, stack([rows, columns]))


def sparse_mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """The rows whose positions are not among `mask_indices`. Source: tf.sparse_mask."""
    with name_scope(name, "sparse_mask", [a.values, mask_indices]) as scope:
        kept, places = setdiff1d(a.indices, mask_indices)
        return IndexedSlices(gather(a.values, places, name=scope), kept, a.dense_shape)
