"""Sparse tensors: the few elements that are there, and where they are."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import constant_shape, convert_to_tensor, is_tensor_like
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import NUMBERS, DType, as_dtype, float32, int64
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.later import Member
from graphscope.ops import array, logic
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import gather, gather_nd, scatter_nd
from graphscope.ops.joining import stack, where
from graphscope.ops.reduction import reduce_sum


class SparseTensorValue(NamedTuple):
    """What a sparse tensor holds: its positions [n, rank], its elements [n], its sizes [rank]."""

    indices: Any
    values: Any
    dense_shape: Any

    @property
    def is_sparse(self) -> bool:
        return True


class SparseTensor:
    """Three tensors that say which elements there are. Source: tf.SparseTensor.

    indices: int64 [n, rank]. values: [n]. dense_shape: int64 [rank].
    """

    is_sparse = True

    __mul__ = Member("__mul__", "graphscope.ops.sparse_arithmetic")
    __truediv__ = Member("__truediv__", "graphscope.ops.sparse_arithmetic")
    __div__ = Member("__div__", "graphscope.ops.sparse_arithmetic")

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self.indices = convert_to_tensor(indices, int64, name="indices")
            self.values = convert_to_tensor(values, name="values")
            self.dense_shape = convert_to_tensor(dense_shape, int64, name="dense_shape")
        rows, rank = self.indices.shape.with_rank(2).as_list()
        self.values.shape.with_rank(1).assert_is_compatible_with([rows])
        self.dense_shape.shape.with_rank(1).assert_is_compatible_with([rank])

    @classmethod
    def from_value(cls, value: Any) -> SparseTensor:
        """A SparseTensor of a SparseTensor, or of a SparseTensorValue. Errors: TypeError."""
        if isinstance(value, SparseTensor):
            return value
        if not isinstance(value, SparseTensorValue):
            raise TypeError(f"{value!r} is not a SparseTensor or SparseTensorValue")
        return cls(*value)

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def op(self) -> Operation:
        return self.values.op

    @property
    def graph(self) -> Graph:
        return self.values.graph

    @property
    def shape(self) -> TensorShape:
        return constant_shape(self.dense_shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    def eval(self, feed_dict: Any = None, session: Any = None) -> SparseTensorValue:
        """Its three values in a session. Source: tf.SparseTensor.eval."""
        return SparseTensorValue(
            *[part.eval(feed_dict=feed_dict, session=session) for part in self._parts()]
        )

    def _parts(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.indices, self.values, self.dense_shape

    def __repr__(self) -> str:
        return (
            f"SparseTensor(indices={self.indices}, values={self.values}, "
            f"dense_shape={self.dense_shape})"
        )


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor whose parts are fed: all three, or without the sizes that `shape` gives.

    shape: sizes, None for those that are not known, or a tensor of them.
    Source: tf.sparse_placeholder.
    """
    at = (lambda part: f"{name}/{part}") if name else (lambda part: None)
    if shape is None:
        rank = None
        sizes: Any = array.placeholder(int64, [None], name=at("shape"))
    elif is_tensor_like(shape):
        sizes, rank = shape, shape.shape.num_elements()
    else:
        sizes = np.asarray([-1 if size is None else int(size) for size in shape], np.int64)
        rank = len(sizes)
    values = array.placeholder(as_dtype(dtype), [None], name=at("values"))
    indices = array.placeholder(int64, [None, rank], name=at("indices"))
    return SparseTensor(indices, values, sizes)


def checked(sp_input: Any) -> SparseTensor:
    try:
        return SparseTensor.from_value(sp_input)
    except TypeError:
        raise TypeError("Input must be a SparseTensor.") from None


# ---- sparse and dense --------------------------------------------------------------------------


def _dense_shape(indices: Tensor, output_shape: Tensor, *_: Tensor, **__: Any) -> TensorShape:
    output_shape.shape.with_rank(1)
    return constant_shape(output_shape)


@op("SparseToDense", kind="array", shape=_dense_shape)
def _sparse_to_dense(
    sparse_indices: Index,
    output_shape: Index,
    sparse_values: T,
    default_value: T,
    *,
    validate_indices: bool = True,
) -> T:
    """A tensor of default_value with the sparse values at their positions.

    sparse_indices: one position, a vector of them, or [n, rank]. sparse_values: as many, or one.
    """
    rows = sparse_indices.reshape(-1, 1) if sparse_indices.ndim < 2 else sparse_indices
    if default_value.ndim:
        raise ValueError("default_value should be a scalar.")
    if sparse_values.shape not in ((), (len(rows),)):
        raise ValueError(
            f"sparse_values has incorrect shape {TensorShape(sparse_values.shape).short}, should "
            f"be [] or [{len(rows)}]"
        )
    _refuse_positions(rows, output_shape, validate_indices)
    result = np.full(output_shape.tolist(), default_value, sparse_values.dtype)
    result[tuple(rows.T)] = sparse_values
    return result


def _refuse_positions(rows: Index, sizes: Index, in_order: bool) -> None:
    """Errors: ValueError for a position out of bounds; with in_order, also for one that does not
    come after the one before it."""
    shown = [",".join(map(str, row)) for row in rows.tolist()]
    outside = np.any((rows < 0) | (rows >= sizes), axis=1)
    if np.any(outside) and not in_order:
        raise ValueError(
            f"Indices are not valid (out of bounds).  Shape: {TensorShape(sizes.tolist()).short}"
        )
    for at in np.flatnonzero(outside)[:1]:
        raise ValueError(
            f"indices[{at}] = [{shown[at]}] is out of bounds: need 0 <= index < "
            f"[{','.join(map(str, sizes.tolist()))}]"
        )
    places = [tuple(row) for row in rows.tolist()] if in_order else []
    for at, (before, now) in enumerate(itertools.pairwise(places), 1):
        if now <= before:
            why = "is repeated" if now == before else "is out of order"
            raise ValueError(f"indices[{at}] = [{shown[at]}] {why}")


@_sparse_to_dense.gradient
def _(
    dy: Tensor, y: Tensor, indices: Tensor, sizes: Tensor, values: Tensor, default: Tensor, **_: Any
) -> Any:
    rows = array.reshape(indices, stack([-1, array.rank(dy)]))
    dvalues = array.reshape(gather_nd(dy, rows), shape_of(values))
    return None, None, dvalues, reduce_sum(dy) - reduce_sum(dvalues)


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """A tensor of default_value with the sparse values at their positions.

    Source: tf.sparse_to_dense. Errors: InvalidArgumentError, in a run, for positions out of bounds
    or (with validate_indices) not in order.
    """
    result: Tensor = _sparse_to_dense(
        sparse_indices,
        output_shape,
        sparse_values,
        default_value,
        validate_indices=validate_indices,
        name=name,
    )
    return result


def sparse_tensor_to_dense(
    sp_input: Any,
    default_value: Any = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """The sparse tensor with `default_value` (0) everywhere else. Source:
    tf.sparse_tensor_to_dense."""
    sparse = checked(sp_input)
    default = array.zeros([], sparse.dtype) if default_value is None else default_value
    return sparse_to_dense(
        sparse.indices, sparse.dense_shape, sparse.values, default, validate_indices, name
    )


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements that are not 0, as a sparse tensor. Source: tf.sparse.from_dense."""
    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        zero = array.zeros([], tensor.dtype.base_dtype)
        indices = where(logic.not_equal(tensor, zero))
        values = gather_nd(tensor, indices)
        return SparseTensor(indices, values, shape_of(tensor, out_type=int64))


def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The elements at which to_retain, a vector, is true. Source: tf.sparse_retain."""
    sparse, to_retain = checked(sp_input), convert_to_tensor(to_retain)
    sparse.values.shape[:1].merge_with(to_retain.shape.with_rank(1))
    chosen = array.reshape(where(to_retain), [-1])
    return SparseTensor(
        gather(sparse.indices, chosen),
        gather(sparse.values, chosen),
        array.identity(sparse.dense_shape),
    )


# ---- order, products, sums ---------------------------------------------------------------------


@op(
    "SparseReorder",
    kind="array",
    outputs=("output_indices", "output_values"),
    dtype=lambda indices, values, shape: (int64, values.dtype.base_dtype),
    shape=lambda indices, values, shape: (indices.shape, values.shape),
)
def _sparse_reorder(input_indices: Index, input_values: T, input_shape: Any_) -> tuple[Index, T]:
    """The same elements in row-major order."""
    order = np.lexsort(input_indices.T[::-1])
    return input_indices[order], input_values[order]


@_sparse_reorder.gradient
def _(dys: Any, ys: Any, indices: Tensor, values: Tensor, shape: Tensor) -> Any:
    # The slope of each element is looked up at the place to which it went.
    return None, gather_nd(scatter_nd(ys[0], dys[1], shape), indices), None


def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same elements in row-major order. Source: tf.sparse_reorder."""
    sparse = checked(sp_input)
    indices, values = _sparse_reorder(sparse.indices, sparse.values, sparse.dense_shape, name=name)
    return SparseTensor(indices, values, array.identity(sparse.dense_shape))


def _sparse_product(
    a_indices: Tensor,
    a_values: Tensor,
    a_shape: Tensor,
    b: Tensor,
    *,
    adjoint_a: bool,
    adjoint_b: bool,
) -> TensorShape:
    rows, inner = constant_shape(a_shape).with_rank(2).as_list()[:: -1 if adjoint_a else 1]
    same, columns = b.shape.with_rank(2).as_list()[:: -1 if adjoint_b else 1]
    if None not in (inner, same) and inner != same:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {same}")
    return TensorShape([rows, columns])


@op("SparseTensorDenseMatMul", kind="linear", types=NUMBERS, shape=_sparse_product, symbol="@")
def _sparse_matmul(
    a_indices: Index,
    a_values: T,
    a_shape: Any_,
    b: T,
    *,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
) -> T:
    """The product of a sparse matrix a and a dense matrix b."""
    dense = np.conj(b.T) if adjoint_b else b
    rows, columns = a_indices.T if not adjoint_a else a_indices.T[::-1]
    sizes = a_shape.tolist()[:: -1 if adjoint_a else 1]
    if sizes[1] != len(dense):
        raise ValueError(
            f"Cannot multiply A and B because inner dimension does not match: {sizes[1]} vs. "
            f"{len(dense)}"
        )
    values = np.conj(a_values) if adjoint_a else a_values
    product = np.zeros((sizes[0], dense.shape[1]), b.dtype)
    np.add.at(product, rows, values[:, None] * dense[columns])
    return product


@_sparse_matmul.gradient
def _(
    dy: Tensor,
    y: Tensor,
    indices: Tensor,
    values: Tensor,
    shape: Tensor,
    b: Tensor,
    *,
    adjoint_a: bool,
    adjoint_b: bool,
) -> Any:
    db = _sparse_matmul(indices, values, shape, dy, adjoint_a=not adjoint_a)
    rows, columns = indices[:, 0], indices[:, 1]
    left = gather(dy, columns if adjoint_a else rows)
    dense = array.transpose(b) if adjoint_b else b
    right = gather(dense, rows if adjoint_a else columns)
    dvalues = reduce_sum(left * right, 1)
    return None, dvalues, None, array.transpose(db) if adjoint_b else db


def sparse_tensor_dense_matmul(
    sp_a: Any,
    b: Any,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of a sparse matrix and a dense one. Source: tf.sparse_tensor_dense_matmul."""
    sparse = checked(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sparse.indices, sparse.values, b]):
        b = convert_to_tensor(b, name="b")
        product: Tensor = _sparse_matmul(
            *sparse._parts(), b, adjoint_a=adjoint_a, adjoint_b=adjoint_b
        )
        return product


def _rows_apart(
    h: Tensor, hv: Tensor, h_shape: Tensor, t: Tensor, tv: Tensor, t_shape: Tensor, **_: Any
) -> TensorShape:
    pair = [constant_shape(sizes).sizes for sizes in (h_shape, t_shape)]
    if pair[0] is None or pair[1] is None:
        return shapes.UNKNOWN
    return TensorShape(
        [
            None if a is None or b is None else max(a, b)
            for a, b in zip(pair[0][:-1], pair[1][:-1], strict=True)
        ]
    )


@op("EditDistance", kind="reduce", shape=_rows_apart, dtype=float32, differentiable=False)
def _edit_distance(
    hypothesis_indices: Index,
    hypothesis_values: T,
    hypothesis_shape: Index,
    truth_indices: Index,
    truth_values: T,
    truth_shape: Index,
    *,
    normalize: bool = True,
) -> Any_:
    """Levenshtein's distance of the sequences along the last axis, by the truth's length."""
    sizes = np.maximum(hypothesis_shape, truth_shape)[:-1]
    distances = np.zeros(tuple(sizes.tolist()), np.float32)
    for place in np.ndindex(*distances.shape):
        pair = [
            values[np.all(indices[:, :-1] == place, axis=1)].tolist()
            for indices, values in (
                (hypothesis_indices, hypothesis_values),
                (truth_indices, truth_values),
            )
        ]
        distance = float(_levenshtein(*pair))
        if normalize and pair[1]:
            distance /= len(pair[1])
        elif normalize and distance:
            distance = np.inf
        distances[place] = distance
    return distances


def _levenshtein(first: list[Any], second: list[Any]) -> int:
    """How many elements must be put in, left out or replaced to make one of the other."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def edit_distance(
    hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance"
) -> Tensor:
    """Levenshtein's distance of the sequences in two sparse tensors. Source: tf.edit_distance.

    normalize: divide by the length of the truth; infinity where that is empty.
    Errors: TypeError for tensors that are not sparse.
    """
    pair = []
    for value, what in ((hypothesis, "Hypothesis"), (truth, "Truth")):
        if not isinstance(value, SparseTensor | SparseTensorValue):
            raise TypeError(f"{what} must be a SparseTensor.")
        pair.append(SparseTensor.from_value(value))
    result: Tensor = _edit_distance(
        *pair[0]._parts(), *pair[1]._parts(), normalize=normalize, name=name
    )
    return result
