"""Sums, products and extremes of sparse tensors, with each other and with dense ones."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import FLOATS, NUMBERS, REALS, int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.array import is_sparse
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import gather_nd, scatter_nd
from graphscope.ops.joining import concat
from graphscope.ops.sets import dynamic_stitch
from graphscope.ops.sparse import SparseTensor, checked

Places = list[tuple[int, ...]]


def rows_of(indices: Index) -> Places:
    """Each position as a tuple."""
    return [tuple(row) for row in indices.tolist()]


def unknown_parts(rank: int | None = None) -> tuple[TensorShape, ...]:
    """The shapes of positions, elements and sizes, as many as a run finds."""
    return TensorShape([None, rank]), TensorShape([None]), TensorShape([rank])


def parts_like(places: Any, found: Places, values: list[Any], dtype: Any) -> tuple[T, T]:
    """Positions and elements in row-major order."""
    order = sorted(range(len(found)), key=found.__getitem__)
    indices = np.asarray([found[i] for i in order], np.int64).reshape(-1, places.shape[1])
    return indices, np.asarray([values[i] for i in order], dtype)


# ---- two sparse tensors ------------------------------------------------------------------------


def _pair_shapes(a_indices: Tensor, *_: Tensor) -> tuple[TensorShape, ...]:
    return unknown_parts(a_indices.shape[1].value if a_indices.shape.ndims == 2 else None)


def _same_sizes(a_shape: Index, b_shape: Index) -> None:
    if a_shape.shape != b_shape.shape or np.any(a_shape != b_shape):
        raise ValueError(
            f"Operands' shapes do not match: got {a_shape.tolist()} and {b_shape.tolist()}"
        )


@op(
    "SparseAdd",
    kind="math",
    types=NUMBERS,
    outputs=("sum_indices", "sum_values", "sum_shape"),
    shape=_pair_shapes,
    dtype=lambda a_indices, a_values, *_: (int64, a_values.dtype.base_dtype, int64),
)
def _sparse_add(
    a_indices: Any_,
    a_values: T,
    a_shape: Any_,
    b_indices: Any_,
    b_values: T,
    b_shape: Any_,
    thresh: Any_,
) -> tuple[Index, T, Index]:
    """The sum of two sparse tensors of one shape, without elements smaller than thresh."""
    _same_sizes(a_shape, b_shape)
    total: dict[tuple[int, ...], Any] = dict(zip(rows_of(a_indices), a_values, strict=True))
    for place, value in zip(rows_of(b_indices), b_values, strict=True):
        total[place] = total[place] + value if place in total else value
    kept = [place for place, value in total.items() if np.abs(value) >= thresh]
    both = parts_like(a_indices, kept, [total[place] for place in kept], a_values.dtype)
    return *both, a_shape


def _found_in(sum_indices: Index, grad: T, indices: Index) -> T:
    """The gradient at each of the positions, 0 for those that are not in the sum."""
    slopes = dict(zip(rows_of(sum_indices), grad.tolist(), strict=True))
    return np.asarray([slopes.get(place, 0) for place in rows_of(indices)], grad.dtype)


@op(
    "SparseAddGrad",
    kind="math",
    types=NUMBERS,
    outputs=("a_val_grad", "b_val_grad"),
    shape=lambda grad, a, b, total: (a.shape[:1], b.shape[:1]),
    differentiable=False,
)
def _sparse_add_grad(
    backprop_val_grad: T, a_indices: Any_, b_indices: Any_, sum_indices: Any_
) -> tuple[T, T]:
    """The slope of SparseAdd: each element gets that of its place in the sum."""
    return (
        _found_in(sum_indices, backprop_val_grad, a_indices),
        _found_in(sum_indices, backprop_val_grad, b_indices),
    )


@_sparse_add.gradient
def _(dys: Any, ys: Any, *inputs: Tensor) -> Any:
    if dys[1] is None:
        return [None] * len(inputs)
    a_grad, b_grad = _sparse_add_grad(dys[1], inputs[0], inputs[3], ys[0])
    return None, a_grad, None, None, b_grad, None, None


@op("SparseTensorDenseAdd", kind="math", types=NUMBERS, shape=lambda i, v, s, b: b.shape)
def _sparse_dense_add(a_indices: Index, a_values: T, a_shape: Any_, b: T) -> T:
    """The sum of a sparse and a dense tensor of one shape."""
    if tuple(a_shape.tolist()) != b.shape:
        raise ValueError(
            f"Dimensions {a_shape.tolist()} of the sparse tensor are not those of the dense one, "
            f"{list(b.shape)}"
        )
    total = np.array(b)
    np.add.at(total, tuple(a_indices.T), a_values)
    return total


@_sparse_dense_add.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, values: Tensor, sizes: Tensor, b: Tensor) -> Any:
    return None, gather_nd(dy, indices), None, dy


def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """The sum of two sparse tensors; or of a sparse and a dense one, which is dense.

    threshold (older: thresh): smaller elements of a sparse sum are left out.
    Source: tf.sparse_add. Errors: TypeError when both are dense.
    """
    least = threshold if threshold is not None else 0 if thresh is None else thresh
    if not is_sparse(a) and not is_sparse(b):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if is_sparse(a) and is_sparse(b):
        first, second = checked(a), checked(b)
        kind = first.values.dtype.base_dtype.real_dtype
        least = convert_to_tensor(least, kind, name="thresh")
        places, values, sizes = _sparse_add(*first._parts(), *second._parts(), least)
        known = first.shape.merge_with(second.shape)
        return SparseTensor(places, values, known if known.is_fully_defined() else sizes)
    sparse, dense = (a, b) if is_sparse(a) else (b, a)
    result: Tensor = _sparse_dense_add(*checked(sparse)._parts(), dense)
    return result


_extreme = partial(
    op,
    kind="math",
    types=REALS,
    outputs=("output_indices", "output_values"),
    shape=lambda *_: unknown_parts()[:2],
    dtype=lambda a_indices, a_values, *_: (int64, a_values.dtype.base_dtype),
    differentiable=False,
)


def _extremes(choose: Any, parts: tuple[T, ...]) -> tuple[T, T]:
    a_indices, a_values, a_shape, b_indices, b_values, b_shape = parts
    _same_sizes(a_shape, b_shape)
    zero = a_values.dtype.type(0)
    first = dict(zip(rows_of(a_indices), a_values, strict=True))
    second = dict(zip(rows_of(b_indices), b_values, strict=True))
    places = list({**first, **second})
    values = [choose(first.get(p, zero), second.get(p, zero)) for p in places]
    return parts_like(a_indices, places, values, a_values.dtype)


@_extreme("SparseSparseMaximum")
def _sparse_maximum(
    a_indices: Any_, a_values: T, a_shape: Any_, b_indices: Any_, b_values: T, b_shape: Any_
) -> tuple[Index, T]:
    """The larger of each pair of elements; those that are not there count as 0."""
    return _extremes(np.maximum, (a_indices, a_values, a_shape, b_indices, b_values, b_shape))


@_extreme("SparseSparseMinimum")
def _sparse_minimum(
    a_indices: Any_, a_values: T, a_shape: Any_, b_indices: Any_, b_values: T, b_shape: Any_
) -> tuple[Index, T]:
    """The smaller of each pair of elements; those that are not there count as 0."""
    return _extremes(np.minimum, (a_indices, a_values, a_shape, b_indices, b_values, b_shape))


def sparse_maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger of each pair of elements, absent ones being 0. Source: tf.sparse_maximum."""
    with name_scope(name, "SparseSparseMaximum", [sp_a.indices, sp_b.indices]) as scope:
        places, values = _sparse_maximum(
            *checked(sp_a)._parts(), *checked(sp_b)._parts(), name=scope
        )
        return SparseTensor(places, values, sp_a.dense_shape)


def sparse_minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller of each pair of elements, absent ones being 0. Source: tf.sparse_minimum."""
    with name_scope(name, "SparseSparseMinimum", [sp_a.indices, sp_b.indices]) as scope:
        places, values = _sparse_minimum(
            *checked(sp_a)._parts(), *checked(sp_b)._parts(), name=scope
        )
        return SparseTensor(places, values, sp_a.dense_shape)


# ---- with a dense tensor that is broadcast -----------------------------------------------------

_with_dense = partial(op, kind="math", types=NUMBERS, shape=lambda i, v, *_: v.shape)


def _beside(sp_indices: Index, sp_shape: Index, dense: T) -> T:
    """The elements of the dense tensor beside those of the sparse one."""
    sizes = tuple(sp_shape.tolist())
    if dense.ndim > len(sizes) or any(
        d not in (1, s) for d, s in zip(dense.shape[::-1], sizes[::-1], strict=False)
    ):
        raise ValueError(
            "SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
            f"[{','.join(map(str, sizes))}] vs. {TensorShape(dense.shape).short}"
        )
    beside: T = np.broadcast_to(dense, sizes)[tuple(sp_indices.T)]
    return beside


@_with_dense("SparseDenseCwiseMul")
def _cwise_mul(sp_indices: Any_, sp_values: T, sp_shape: Any_, dense: T) -> T:
    """The elements of a sparse tensor, times those of a dense one at their places."""
    return np.asarray(sp_values * _beside(sp_indices, sp_shape, dense))


@_with_dense("SparseDenseCwiseDiv")
def _cwise_div(sp_indices: Any_, sp_values: T, sp_shape: Any_, dense: T) -> T:
    """The elements of a sparse tensor, divided by those of a dense one at their places."""
    below = _beside(sp_indices, sp_shape, dense)
    whole = sp_values.dtype.kind in "iu"
    return np.asarray(sp_values // below if whole else sp_values / below)


@_with_dense("SparseDenseCwiseAdd")
def _cwise_add(sp_indices: Any_, sp_values: T, sp_shape: Any_, dense: T) -> T:
    """The elements of a sparse tensor, plus those of a dense one at their places."""
    return np.asarray(sp_values + _beside(sp_indices, sp_shape, dense))


def _scaled(indices: Tensor, sizes: Tensor, dense: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The positions in the dense tensor, its elements there, and its shape, for slopes."""
    wide = concat_ones(shape_of(dense), sizes)
    places = math.floormod(indices, math.cast(wide, int64))
    return places, gather_nd(array.reshape(dense, wide), places), wide


def concat_ones(dense_shape: Tensor, sizes: Tensor) -> Tensor:
    """The shape with axes of size 1 in front, as many as `sizes` has more."""
    missing = array.size(sizes) - array.size(dense_shape)
    return concat([array.fill(array.expand_dims(missing, 0), 1), dense_shape], 0)


@_cwise_mul.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, values: Tensor, sizes: Tensor, dense: Tensor) -> Any:
    places, beside, wide = _scaled(indices, sizes, dense)
    ddense = scatter_nd(places, dy * values, math.cast(wide, int64))
    return None, dy * beside, None, array.reshape(ddense, shape_of(dense))


@_cwise_div.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, values: Tensor, sizes: Tensor, dense: Tensor) -> Any:
    places, beside, wide = _scaled(indices, sizes, dense)
    slope = dy * (-values / math.square(beside))
    ddense = scatter_nd(places, slope, math.cast(wide, int64))
    return None, dy / beside, None, array.reshape(ddense, shape_of(dense))


@_cwise_add.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, values: Tensor, sizes: Tensor, dense: Tensor) -> Any:
    places, _, wide = _scaled(indices, sizes, dense)
    ddense = scatter_nd(places, dy, math.cast(wide, int64))
    return None, dy, None, array.reshape(ddense, shape_of(dense))


def over_dense(definition: Any) -> Any:
    """A method of SparseTensor that does the operation with a dense tensor."""

    def method(self: SparseTensor, dense: Any) -> SparseTensor:
        values = definition(*self._parts(), convert_to_tensor(dense, self.dtype, preferred=True))
        return SparseTensor(self.indices, values, self.dense_shape)

    return method


for _method, _definition in (("mul", _cwise_mul), ("truediv", _cwise_div), ("div", _cwise_div)):
    setattr(SparseTensor, f"__{_method}__", over_dense(_definition))


# ---- rows that add up to one, largest elements -------------------------------------------------


def _groups(indices: Index) -> T:
    """A number for each element: which of the rows along the last axis it is in."""
    return np.unique(indices[:, :-1], axis=0, return_inverse=True)[1].reshape(-1)


@op("SparseSoftmax", kind="nn", types=FLOATS, shape=lambda i, v, s: v.shape)
def _sparse_softmax(sp_indices: Any_, sp_values: T, sp_shape: Any_) -> T:
    """Softmax along the last axis over the elements that are there."""
    if not len(sp_values):
        return sp_values
    rows = _groups(sp_indices)
    largest = np.full(rows.max() + 1, -np.inf, sp_values.dtype)
    np.maximum.at(largest, rows, sp_values)
    powers = np.exp(sp_values - largest[rows])
    return np.asarray(powers / np.bincount(rows, powers)[rows], sp_values.dtype)


@_sparse_softmax.gradient
def _(dy: Tensor, y: Tensor, indices: Tensor, values: Tensor, sizes: Tensor) -> Any:
    weighted = SparseTensor(indices, y * dy, sizes)
    sums = -reduced(weighted, [-1], True, sum_)  # of each row
    return None, _cwise_add(*SparseTensor(indices, dy, sizes)._parts(), sums) * y, None


def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax along the last axis over the elements that are there. Source: tf.sparse_softmax."""
    with name_scope(name, "SparseSoftmax", [sp_input.indices, sp_input.values]):
        values = _sparse_softmax(*checked(sp_input)._parts())
        return SparseTensor(sp_input.indices, values, sp_input.dense_shape)


def _reduced_shape(
    input_indices: Tensor, values: Tensor, shape: Tensor, axes: Tensor, *, keep_dims: bool
) -> TensorShape:
    sizes, gone = constant_value(shape), constant_value(axes)
    if sizes is None or gone is None:
        return shapes.UNKNOWN
    rank = len(sizes)
    if np.any(gone >= rank) or np.any(gone < -rank):
        return shapes.UNKNOWN  # a run refuses it
    out = {int(axis) % rank for axis in gone.ravel()}
    left = [1 if i in out else int(n) for i, n in enumerate(sizes) if keep_dims or i not in out]
    return TensorShape(left)


def _reduce(
    function: Any, indices: Index, values: T, sizes: Index, axes: Index, keep_dims: bool
) -> T:
    """The reduction over the elements that are there; 0 where there are none."""
    rank = len(sizes)
    if np.any(axes >= rank) or np.any(axes < -rank):
        raise ValueError(f"Invalid reduction dimension for input with {rank} dimensions")
    gone = {int(axis) % rank for axis in axes.ravel()}
    kept = [i for i in range(rank) if i not in gone]
    left = [int(sizes[i]) for i in kept]
    flat = np.zeros(len(values), np.int64)
    if left:
        flat = np.ravel_multi_index(tuple(indices[:, kept].T), left)
    result = np.zeros(int(np.prod(left)), values.dtype)
    places = np.unique(flat)
    for place in places:
        result[place] = function.reduce(values[flat == place])
    wide = [1 if i in gone else int(n) for i, n in enumerate(sizes)]
    return result.reshape(wide if keep_dims else left)


_reduction = partial(op, kind="reduce", shape=_reduced_shape)


@_reduction("SparseReduceSum", types=NUMBERS)
def sum_(
    input_indices: Any_,
    input_values: T,
    input_shape: Any_,
    reduction_axes: Index,
    *,
    keep_dims: bool = False,
) -> T:
    """The sums of a sparse tensor over some axes, as a dense one."""
    return _reduce(np.add, input_indices, input_values, input_shape, reduction_axes, keep_dims)


@_reduction("SparseReduceMax", types=REALS, differentiable=False)
def max_(
    input_indices: Any_,
    input_values: T,
    input_shape: Any_,
    reduction_axes: Index,
    *,
    keep_dims: bool = False,
) -> T:
    """The largest elements of a sparse tensor over some axes, as a dense one."""
    return _reduce(np.maximum, input_indices, input_values, input_shape, reduction_axes, keep_dims)


@sum_.gradient
def _(
    dy: Tensor,
    y: Tensor,
    indices: Tensor,
    values: Tensor,
    sizes: Tensor,
    axes: Tensor,
    *,
    keep_dims: bool,
) -> Any:
    rank = array.size(sizes)
    places = array.reshape(math.floormod(math.cast(axes, int32) + rank, rank), [-1])
    kept = dynamic_stitch(
        [array.range(rank), places], [math.cast(sizes, int64), array.ones_like(places, int64)]
    )
    return None, gather_nd(array.reshape(dy, kept), math.floormod(indices, kept)), None, None


def reduced(sp_input: Any, axis: Any, keep_dims: bool, definition: Any) -> Tensor:
    """A reduction over `axis`, all axes when it is None."""
    sparse = checked(sp_input)
    axes = array.range(0, array.rank(sparse)) if axis is None else axis
    result: Tensor = definition(*sparse._parts(), axes, keep_dims=keep_dims)
    return result


def _public(definition: Any, name: str) -> Any:
    def function(
        sp_input: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        reduction_axes: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:
        axis = reduction_axes if axis is None else axis
        keep = bool(keep_dims if keepdims is None else keepdims)
        return reduced(sp_input, axis, keep, definition)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{definition.doc}

        axis: an int, a list of ints, or None for all axes. Source: tf.{name}.
        """
    return function


sparse_reduce_sum = _public(sum_, "sparse_reduce_sum")
sparse_reduce_max = _public(max_, "sparse_reduce_max")
