"""Filling, shapes, and the rearranging of elements: nothing here is arithmetic."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import (
    as_array,
    constant_shape,
    constant_value,
    convert_to_tensor,
    is_tensor_like,
)
from graphscope.graph.declare import Any_, Index, T, op
from graphscope.graph.dtypes import NAMED, DType, as_dtype, bool_, float32, int32, string
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.constants import constant as constant
from graphscope.ops.constants import placeholder as placeholder
from graphscope.ops.constants import placeholder_with_default as placeholder_with_default

# ---- one number everywhere ---------------------------------------------------------------------


def _filled_shape(dims: Tensor, value: Tensor) -> TensorShape:
    dims.shape.with_rank(1)
    value.shape.with_rank(0)
    known = constant_value(dims)
    if known is not None and np.any(known < 0):
        raise ValueError("Fill dimensions must be >= 0")
    return constant_shape(dims) if known is None else TensorShape(known.tolist())


@op("Fill", kind="array", shape=_filled_shape)
def fill(dims: Index, value: T) -> T:
    """A tensor of the shape `dims` with `value` everywhere."""
    if np.any(dims < 0):
        raise ValueError(f"Dimension {dims.min()} must be >= 0")
    return np.full(tuple(dims.tolist()), value, value.dtype)


@fill.gradient
def _(dy: Tensor, y: Tensor, dims: Tensor, value: Tensor) -> Any:
    return None, sum_like(dy, value)


#: Up to here a tensor of zeros or ones is one constant; beyond, it is filled when it runs.
_CONSTANT_BELOW = 1000


def _filled(number: Any, name: str, shape: Any, dtype: Any) -> Tensor:
    dtype = as_dtype(dtype).base_dtype
    value = {bool_: bool(number), string: b""}.get(dtype, number)
    with name_scope(name, values=[shape]) as scope:
        if isinstance(shape, TensorShape) and not shape.is_fully_defined():
            raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {shape}")
        if not is_tensor_like(shape) and not _holds_tensor(shape):
            given, shape = shape, as_shape(shape)
            count = shape.num_elements()
            if count is not None and count < _CONSTANT_BELOW and not isinstance(given, int):
                return constant(value, dtype, shape, scope)
            shape = constant(shape.as_list(), int32, name="shape_as_tensor")
        elif not is_tensor_like(shape):
            get_default_graph().uncounted += _operations_of_product(shape)
        shape = convert_to_tensor(shape, int32, preferred=True)
        tensor: Tensor = fill(shape, constant(value, dtype), name=scope)
        return tensor


def _holds_tensor(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(map(is_tensor_like, value))


def _operations_of_product(sizes: Sequence[Any]) -> int:
    """How many operations TensorFlow makes to ask whether the product of sizes is small."""
    first = next(i for i, size in enumerate(sizes) if is_tensor_like(size))
    numbers = (first > 0) + sum(not is_tensor_like(size) for size in sizes[first:])
    products = len(sizes) - builtins.max(first, 1)
    return products + numbers + 2


def zeros(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """A tensor of zeros. Source: tf.zeros."""
    return _filled(0, name or "zeros", shape, dtype)


def ones(shape: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """A tensor of ones. Source: tf.ones."""
    return _filled(1, name or "ones", shape, dtype)


@op("ZerosLike", kind="array", differentiable=False)
def _zeros_like(x: T) -> T:
    """Zeros in the shape and type of x."""
    return np.full_like(x, b"" if x.dtype == object else 0)


def zeros_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Tensor:
    """Zeros in the shape of `tensor`, of its type or of `dtype`. Source: tf.zeros_like."""
    with name_scope(name, "zeros_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        wanted = tensor.dtype.base_dtype if dtype is None else as_dtype(dtype)
        if optimize and tensor.shape.is_fully_defined():
            return zeros(tensor.shape, wanted, scope)
        if wanted is not tensor.dtype.base_dtype:
            return zeros(shape(tensor), wanted, scope)
        result: Tensor = _zeros_like(tensor, name=scope)
        return result


def ones_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Tensor:
    """Ones in the shape of `tensor`, of its type or of `dtype`. Source: tf.ones_like."""
    with name_scope(name, "ones_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        wanted = tensor.dtype.base_dtype if dtype is None else as_dtype(dtype)
        return ones(shape(tensor, optimize=optimize), wanted, scope)


def _range_shape(start: Tensor, limit: Tensor, delta: Tensor) -> TensorShape:
    known = [constant_value(tensor) for tensor in (start, limit, delta)]
    if any(value is None for value in known):
        return TensorShape([None])
    return TensorShape([len(_range.kernel(*known))])


@op("Range", kind="array", shape=_range_shape, differentiable=False)
def _range(start: T, limit: T, delta: T) -> T:
    """The numbers from start up to, and without, limit, in steps of delta."""
    if delta == 0:
        raise ValueError("Requires delta != 0: 0")
    count = builtins.max(0, int(np.ceil((limit - start) / delta)))
    return np.asarray(start + delta * np.arange(count, dtype=start.dtype), start.dtype)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Tensor:
    """The numbers from `start` (0 when only one bound is given) to `limit`. Source: tf.range."""
    if limit is None:
        start, limit = 0, start
    with name_scope(name, values=[start, limit, delta]) as scope:
        bounds = {"start": start, "limit": limit, "delta": delta}
        if dtype is None:  # the widest of the three types: int32 < int64 < float32 < float64
            types = [
                v.dtype.base_dtype if is_tensor_like(v) else as_dtype(as_array(v).dtype)
                for v in bounds.values()
            ]
            dtype = builtins.max(types, key=lambda t: (t.is_floating, t.size))
        tensors = [
            OPS["Cast"](v, DstT=as_dtype(dtype))
            if is_tensor_like(v) and v.dtype.base_dtype is not as_dtype(dtype)
            else convert_to_tensor(v, dtype, name=n)
            for n, v in bounds.items()
        ]
        result: Tensor = _range(*tensors, name=scope)
        return result


# ---- the same value under another name ---------------------------------------------------------


@op("Identity", kind="array", types=NAMED)
def _identity(input: T) -> T:
    """The same value."""
    return input


@_identity.gradient
def _(dy: Tensor, y: Tensor, input: Tensor) -> Any:
    return dy


def identity(input: Any, name: str | None = None) -> Tensor:
    """The same value, as a new tensor. Source: tf.identity."""
    result: Tensor = _identity(input, name=name)
    return result


@op("StopGradient", kind="array", types=NAMED, differentiable=False)
def _stop_gradient(input: T) -> T:
    """The same value; what is behind it counts as a constant in the backward pass."""
    return input


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """The same value, through which no gradient flows. Source: tf.stop_gradient."""
    result: Tensor = _stop_gradient(input, name=name)
    return result


def all_present(dys: Sequence[Tensor | None], ys: Sequence[Tensor]) -> list[Tensor]:
    """For rules of several outputs: their gradients, zeros for the outputs that nothing used."""
    return [zeros_like(y) if dy is None else dy for dy, y in zip(dys, ys, strict=True)]


# ---- shapes as values --------------------------------------------------------------------------


def _vector_of_rank(input: Tensor, **_: Any) -> TensorShape:
    return TensorShape([input.shape.ndims])


@op("Shape", kind="array", shape=_vector_of_rank, dtype="out_type", differentiable=False)
def _shape(input: Any_, *, out_type: DType = int32) -> Index:
    """The sizes of the axes, as a vector."""
    return np.asarray(input.shape, out_type.numpy)


@op("Size", kind="array", shape=shapes.scalar, dtype="out_type", differentiable=False)
def _size(input: Any_, *, out_type: DType = int32) -> Index:
    """How many elements there are."""
    return np.asarray(input.size, out_type.numpy)


@op("Rank", kind="array", shape=shapes.scalar, dtype=int32, differentiable=False)
def _rank(input: Any_) -> Index:
    """How many axes there are."""
    return np.asarray(input.ndim, np.int32)


def shape_internal(
    input: Any, name: str | None = None, optimize: bool = True, out_type: Any = int32
) -> Tensor:
    """The shape as a vector. Of a sparse tensor it is its dense shape.

    optimize: make a constant of a shape that is known already.
    """
    with name_scope(name, "Shape", [input]) as scope:
        out_type = as_dtype(out_type)
        if is_sparse(input):
            dense: Tensor = OPS["Cast"](input.dense_shape, DstT=out_type)
            return dense
        input = convert_to_tensor(input)
        if optimize and input.shape.is_fully_defined():
            return constant(np.asarray(input.shape.as_list(), out_type.numpy), name=scope)
        result: Tensor = _shape(input, out_type=out_type, name=scope)
        return result


def size_internal(
    input: Any, name: str | None = None, optimize: bool = True, out_type: Any = int32
) -> Tensor:
    """The number of elements. Of a sparse tensor it is the number in its dense shape.

    optimize: make a constant of a number that is known already.
    """
    with name_scope(name, "Size", [input]) as scope:
        out_type = as_dtype(out_type)
        if is_sparse(input):
            sizes = OPS["Cast"](input.dense_shape, DstT=out_type)
            product: Tensor = OPS["Prod"](sizes, 0, name=scope)
            return product
        input = convert_to_tensor(input)
        count = 0 if 0 in (input.shape.sizes or ()) else input.shape.num_elements()
        if optimize and count is not None:
            return constant(count, out_type, name=scope)
        result: Tensor = _size(input, out_type=out_type, name=scope)
        return result


def rank_internal(input: Any, name: str | None = None, optimize: bool = True) -> Tensor:
    """The number of axes, also of a sparse tensor.

    optimize: make a constant of a number that is known already.
    """
    with name_scope(name, "Rank", [input]) as scope:
        if is_sparse(input):
            length: Tensor = _size(input.dense_shape, name=scope)
            return length
        input = convert_to_tensor(input)
        if optimize and input.shape.ndims is not None:
            return constant(input.shape.ndims, int32, name=scope)
        result: Tensor = _rank(input, name=scope)
        return result


def is_sparse(value: Any) -> bool:
    """True for a SparseTensor, and for a SparseTensorValue."""
    return getattr(value, "is_sparse", False) is True


def shape(
    input: Any, name: str | None = None, out_type: Any = int32, optimize: bool = True
) -> Tensor:
    """The shape as a vector; a constant when it is known already. Source: tf.shape."""
    return shape_internal(input, name, optimize, out_type)


def size(input: Any, name: str | None = None, out_type: Any = int32) -> Tensor:
    """The number of elements; a constant when it is known already. Source: tf.size."""
    return size_internal(input, name, True, out_type)


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes; a constant when it is known already. Source: tf.rank."""
    return rank_internal(input, name)


@op("ShapeN", kind="array", dtype="out_type", differentiable=False, shape=lambda *_, **__: ())
def _shape_n(input: list[Any_], *, out_type: DType = int32) -> tuple[Index, ...]:
    """The sizes of the axes of several tensors, a vector for each."""
    return tuple(np.asarray(each.shape, out_type.numpy) for each in input)


@_shape_n.shape
def _(input: list[Tensor], **_: Any) -> tuple[TensorShape, ...]:
    return tuple(map(_vector_of_rank, input))


def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors, as vectors. Source: tf.shape_n."""
    return _shape_n.node(list(input), out_type=as_dtype(out_type), name=name).outputs


# ---- other shapes, the same elements -----------------------------------------------------------


def _reshaped(tensor: Tensor, shape: Tensor) -> TensorShape:
    if shape.shape.ndims not in (None, 1):
        raise ValueError(f"Shape must be rank 1 but is rank {shape.shape.ndims}: a list of sizes")
    wanted, count = constant_shape(shape), tensor.shape.num_elements()
    if wanted.sizes is None:
        return wanted
    if count is None:
        return _divided(tensor.shape, wanted)
    known = int(np.prod([size for size in wanted.sizes if size is not None], dtype=np.int64))
    unknown = wanted.sizes.count(None)
    if (unknown == 0 and known != count) or (unknown and known and count % known):
        raise ValueError(
            f"Cannot reshape a tensor with {count} elements to shape {wanted.short} "
            f"({known} elements)"
        )
    if unknown == 1 and known and constant_value(shape) is not None:
        return TensorShape([count // known if size is None else size for size in wanted.sizes])
    return wanted


def _divided(shape: TensorShape, wanted: TensorShape) -> TensorShape:
    """The shape that is wanted. Errors: ValueError when no unknown size of `shape` leads to it."""
    sizes, total = shape.sizes, wanted.num_elements()
    if sizes is None or total is None or sizes.count(None) != 1:
        return wanted
    part = math.prod(size for size in sizes if size is not None)
    if part == 0 and total:
        raise ValueError(
            f"Cannot reshape a tensor with 0 elements to shape {wanted.short} ({total} elements)"
        )
    if part and total % part:
        raise ValueError(f"Dimension size must be evenly divisible by {part} but is {total}")
    return wanted


@op("Reshape", kind="array", shape=_reshaped)
def reshape(tensor: T, shape: Index) -> T:
    """The same elements in another shape; one size may be -1: what is left over."""
    sizes: list[int] = shape.tolist()
    count = math.prod(sizes)
    if -1 not in sizes and count != tensor.size:
        raise ValueError(
            f"Input to reshape is a tensor with {tensor.size} values, but the requested shape has "
            f"{count}"
        )
    return tensor.reshape(sizes)


@reshape.gradient
def _(dy: Tensor, y: Tensor, tensor: Tensor, shape: Tensor) -> Any:
    return _like(dy, tensor), None


def _like(dy: Tensor, x: Tensor) -> Tensor:
    result: Tensor = reshape(dy, shape(x))
    return result


def _transposed(x: Tensor, perm: Tensor) -> TensorShape:
    order = constant_value(perm)
    if order is None:
        return TensorShape([None] * x.shape.ndims) if x.shape.ndims is not None else shapes.UNKNOWN
    sizes = x.shape.with_rank(len(order)).as_list()
    if np.any(order >= len(order)):
        raise ValueError(f"perm dim {order.max()} is out of range of input rank {len(order)}")
    return TensorShape([sizes[axis] for axis in order])


@op("Transpose", kind="array", shape=_transposed)
def _transpose(x: T, perm: Index) -> T:
    """Axis i of the result is axis perm[i] of x."""
    _refuse_order(perm, x.ndim)
    return np.transpose(x, perm.tolist())


def _refuse_order(perm: Index, rank: int) -> None:
    """Errors: ValueError for what is no order of so many axes."""
    if perm.shape != (rank,):
        raise ValueError(
            f"transpose expects a vector of size {rank}. But input(1) is a vector of size "
            f"{perm.size}"
        )
    for axis in perm.tolist():
        if not 0 <= axis < rank:
            raise ValueError(f"{axis} is out of range [0 .. {rank})")
    missing = set(builtins.range(rank)) - set(perm.tolist())
    if missing:
        raise ValueError(f"{builtins.min(missing)} is missing from {perm.tolist()}.")


@_transpose.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, perm: Tensor) -> Any:
    return _transpose(dy, invert_permutation(perm)), None


@op("ConjugateTranspose", kind="array", shape=_transposed)
def _conjugate_transpose(x: T, perm: Index) -> T:
    """Axis i of the result is axis perm[i] of x, whose complex numbers are conjugated."""
    _refuse_order(perm, x.ndim)
    conjugate: T = np.conj(np.transpose(x, perm.tolist()))
    return conjugate


@_conjugate_transpose.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, perm: Tensor) -> Any:
    return _conjugate_transpose(dy, invert_permutation(perm)), None


@op("InvertPermutation", kind="array", differentiable=False)
def invert_permutation(x: T) -> T:
    """The order that undoes the order x."""
    return np.argsort(x).astype(x.dtype)


def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Tensor:
    """The axes in another order; reversed when `perm` is left out. Source: tf.transpose.

    conjugate: complex numbers are conjugated too.
    """
    with name_scope(name, values=[a]) as scope:
        a = convert_to_tensor(a, name="a")
        definition = _conjugate_transpose if conjugate and a.dtype.is_complex else _transpose
        if perm is None and a.shape.ndims is not None:
            perm = np.arange(a.shape.ndims, dtype=np.int32)[::-1]
        elif perm is None:
            count = _rank(a)
            perm = (count - 1) - _range(0, count, 1)
        result: Tensor = definition(a, perm, name=scope)
        return result


def _expanded(input: Tensor, dim: Tensor) -> TensorShape:
    axis, rank = constant_value(dim), input.shape.ndims
    if axis is None or rank is None:
        return shapes.UNKNOWN if rank is None else TensorShape([None] * (rank + 1))
    if axis.size != 1:
        raise ValueError("dim input must be a tensor with a single value")
    axis = axis.item()
    if not -rank - 1 <= axis <= rank:
        raise ValueError(f"dim {axis} not in the interval [{-rank - 1}, {rank}].")
    sizes = input.shape.as_list()
    sizes.insert(axis % (rank + 1), 1)
    return TensorShape(sizes)


@op("ExpandDims", kind="array", shape=_expanded)
def _expand_dims(input: T, dim: Index) -> T:
    """One more axis, of size 1, at position dim."""
    return np.expand_dims(input, dim.item())


@_expand_dims.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, dim: Tensor) -> Any:
    return _like(dy, input), None


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """One more axis, of size 1, at position `axis`. Source: tf.expand_dims."""
    result: Tensor = _expand_dims(input, dim if axis is None else axis, name=name)
    return result


def _squeezed(input: Tensor, *, squeeze_dims: Sequence[int]) -> TensorShape:
    if input.shape.ndims is None:
        return shapes.UNKNOWN
    sizes, rank = input.shape.as_list(), input.shape.ndims
    for axis in squeeze_dims:
        if not -rank <= axis < rank:
            raise ValueError(f"squeeze_dims: {axis} is not in [{-rank},{rank}).")
    gone = {axis % rank for axis in squeeze_dims}
    for axis in gone:
        if sizes[axis] not in (1, None):
            raise ValueError(
                f"Can not squeeze dim[{axis}], expected a dimension of 1, got {sizes[axis]}"
            )
    if not squeeze_dims:
        if None in sizes:
            return shapes.UNKNOWN
        gone = {axis for axis, size in enumerate(sizes) if size == 1}
    return TensorShape([size for axis, size in enumerate(sizes) if axis not in gone])


@op("Squeeze", kind="array", shape=_squeezed)
def _squeeze(input: T, *, squeeze_dims: Sequence[int] = ()) -> T:
    """Without the axes of size 1: all of them, or those of squeeze_dims."""
    return np.squeeze(input, tuple(squeeze_dims) or None)


@_squeeze.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, **_: Any) -> Any:
    return _like(dy, input)


def squeeze(
    input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None
) -> Tensor:
    """Without the axes of size 1: all, or those in `axis`. Source: tf.squeeze."""
    axis = squeeze_dims if axis is None else axis
    axes = [] if axis is None else [int(a) for a in np.atleast_1d(axis)]
    result: Tensor = _squeeze(input, squeeze_dims=axes, name=name)
    return result


# ---- broadcasting, and undoing it ----------------------------------------------------------------


def refuse_rank_above(rank: int, tensor: Tensor) -> None:
    """Errors: ValueError when the tensor is known to have more axes."""
    if (tensor.shape.ndims or 0) > rank:
        raise ValueError(f"Shape must be at most rank {rank} but is rank {tensor.shape.ndims}")


def _broadcast_shape(input: Tensor, shape: Tensor) -> TensorShape:
    """What is wanted; where that is not known, the axes of the input that are not repeated."""
    shape.shape.with_rank(1)
    wanted = constant_shape(shape)
    if wanted.sizes is None or input.shape.sizes is None:
        return wanted
    refuse_rank_above(len(wanted.sizes), input)
    sizes = list(wanted.sizes)
    for i in builtins.range(-len(input.shape.sizes), 0):
        size = input.shape.sizes[i]
        if size is not None and size != 1:
            if sizes[i] not in (None, size):
                raise ValueError(f"Dimensions must be equal, but are {size} and {sizes[i]}")
            sizes[i] = size
    return TensorShape(sizes)


@op("BroadcastTo", kind="array", shape=_broadcast_shape)
def broadcast_to(input: T, shape: Index) -> T:
    """The elements repeated along axes, up to `shape`."""
    if shape.ndim != 1:
        raise ValueError(f"shape must be a vector of int32 or int64, got shape {list(shape.shape)}")
    if input.ndim > shape.size:
        raise ValueError(
            f"Rank of input ({input.ndim}) must be no greater than rank of output shape "
            f"({shape.size})."
        )
    if (shape < 0).any():
        raise ValueError(f"Dimension {shape.min()} must be >= 0")
    repeated = zip(input.shape[::-1], shape.tolist()[::-1], strict=False)
    if any(old not in (1, new) for old, new in repeated):
        raise ValueError(f"Incompatible shapes: {list(input.shape)} vs. {shape.tolist()}")
    return np.broadcast_to(input, tuple(shape.tolist()))


@broadcast_to.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, shape: Tensor) -> Any:
    return sum_like(dy, input), None


@op("SumLike", kind="array", shape=lambda x, like: like.shape)
def sum_like(x: T, like: Any_) -> T:
    """x, summed over the axes along which `like` was repeated to get the shape of x.

    It undoes broadcasting in the backward pass; TensorFlow does it with BroadcastGradientArgs, Sum
    and Reshape.
    """
    missing = x.ndim - like.ndim
    summed = [
        i
        for i, size in enumerate(x.shape)
        if i < missing or (like.shape[i - missing] == 1 and size != 1)
    ]
    if not summed:
        return x
    total: T = np.add.reduce(x, axis=tuple(summed), dtype=x.dtype)
    return total.reshape(like.shape)


@sum_like.gradient
def _(dy: Tensor, y: Tensor, x: Tensor, like: Tensor) -> Any:
    return broadcast_to(dy, shape(x)), None
