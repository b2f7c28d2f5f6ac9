"""Products over chosen axes, lengths, traces: what is made of matrix products and sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.declare import T, op
from graphscope.graph.dtypes import NUMBERS, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, merged
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.complex_numbers import absolute
from graphscope.ops.conjugates import conj
from graphscope.ops.decompositions import svd
from graphscope.ops.indexing import gather
from graphscope.ops.joining import concat, stack, where
from graphscope.ops.layout import matrix_diag_part
from graphscope.ops.linalg import matmul
from graphscope.ops.reduction import reduce_max, reduce_prod, reduce_sum
from graphscope.ops.sets import setdiff1d


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum along the diagonal of each matrix. Source: tf.trace."""
    with name_scope(name, "Trace", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        result: Tensor = reduce_sum(matrix_diag_part(x), [-1], name=scope)
        return result


def _crossed(a: Tensor, b: Tensor) -> TensorShape:
    both = merged(a, b)
    if both.sizes is not None and (not both.sizes or both.sizes[-1] not in (3, None)):
        raise ValueError(f"Dimension must be 3 but is {both.sizes[-1:]}: vectors of three numbers")
    return both


@op("Cross", kind="math", shape=_crossed, types=NUMBERS)
def cross(a: T, b: T) -> T:
    """The cross product of the vectors of three numbers in the last axis."""
    return np.cross(a, b)


@cross.gradient
def _(dy: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Any:
    return cross(b, dy), cross(dy, a)


# ---- lengths -----------------------------------------------------------------------------------


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The length of vectors, or of matrices, or of all elements. Source: tf.norm.

    ord: "euclidean", 1, 2, a positive number or np.inf; for matrices "euclidean", "fro", 1, 2 or
    np.inf. axis: an int for vectors, a pair for matrices, None for all elements as one vector.
    Errors: ValueError for another ord or axis.
    """
    keep = bool(keep_dims if keepdims is None else keepdims)
    of_matrices = isinstance(axis, list | tuple) and len(axis) == 2
    _check_norm(ord, axis, of_matrices)
    axes = tuple(axis) if of_matrices else None if axis is None else (axis,)
    with name_scope(name, "norm", [tensor]):
        tensor = convert_to_tensor(tensor)
        if ord == 2 and of_matrices:
            result = _spectral(tensor, axes)
        elif ord in ("fro", "euclidean", 2):
            result = math.sqrt(reduce_sum(tensor * conj(tensor), axes, keepdims=True))
        else:
            result = _norm_by_size(absolute(tensor), ord, axes, of_matrices)
        return result if keep else array.squeeze(result, axes)


_MATRIX_NORMS = ["euclidean", "fro", 1, 2, np.inf]


def _check_norm(ord: Any, axis: Any, of_matrices: bool) -> None:
    if of_matrices:
        if not all(isinstance(a, int) for a in axis) or axis[0] == axis[1]:
            raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
        if ord not in _MATRIX_NORMS:
            raise ValueError(f"'ord' must be a supported matrix norm in {_MATRIX_NORMS}, got {ord}")
    elif not (axis is None or isinstance(axis, int)):
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    elif ord != "euclidean" and (isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")


def _norm_by_size(sizes: Tensor, ord: Any, axes: Any, of_matrices: bool) -> Tensor:
    if ord == 1:
        total = reduce_sum(sizes, None if axes is None else axes[0], keepdims=True)
        result: Tensor = reduce_max(total, axes[-1], keepdims=True) if of_matrices else total
    elif ord == np.inf:
        if of_matrices:
            sizes = reduce_sum(sizes, axes[1], keepdims=True)
        result = reduce_max(sizes, None if axes is None else axes[0], keepdims=True)
    else:
        total = reduce_sum(math.pow_(sizes, ord), axes, keepdims=True)
        result = math.pow_(total, 1.0 / ord)
    return result


def _spectral(tensor: Tensor, axes: Any) -> Tensor:
    """The largest singular value of each matrix. Errors: ValueError for an unknown rank."""
    rank = tensor.shape.ndims
    if rank is None:
        raise ValueError("the spectral norm needs a tensor of known rank")
    last = [axis % rank for axis in axes]
    order = [axis for axis in range(rank) if axis not in last] + last
    largest = reduce_max(
        math.abs_(svd(array.transpose(tensor, order), compute_uv=False)), axis=-1, keepdims=True
    )
    return array.transpose(array.expand_dims(largest, -1), np.argsort(order).astype(np.int32))


# ---- sums of products over chosen axes ---------------------------------------------------------


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products of a and b over pairs of axes; the axes left over follow each other.

    axes: a number n for the last n of a and the first n of b, or two lists. Source: tf.tensordot.
    Errors: ValueError for axes that do not fit each other or the tensors.
    """
    with name_scope(name, "Tensordot", [a, b, axes]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _pairs(a, axes)
        left, a_free, a_known = _as_matrix(a, a_axes, summed_first=False)
        right, b_free, b_known = _as_matrix(b, b_axes, summed_first=True)
        product = matmul(left, right)
        if isinstance(a_free, list) and isinstance(b_free, list):
            result: Tensor = array.reshape(product, a_free + b_free, name=scope)
            return result
        sizes = [convert_to_tensor(free, int32, name="Const") for free in (a_free, b_free)]
        result = array.reshape(product, concat(sizes, 0), name=scope)
        if a_known is not None and b_known is not None:
            result.set_shape([*a_known, *b_known])
        return result


def _pairs(a: Tensor, axes: Any) -> tuple[Any, Any]:
    """The summed axes of both tensors: lists, or tensors where the rank is not known."""
    if isinstance(axes, int | np.integer):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        rank = a.shape.ndims
        if rank is None:
            last = array.rank(a)
            return array.range(last - axes, last, dtype=int32), array.range(axes, dtype=int32)
        if axes > rank:
            raise ValueError(
                f"'axes' must not be larger than the number of dimensions of tensor {a}."
            )
        return list(range(rank - axes, rank)), list(range(axes))
    if is_tensor_like(axes):
        axes = convert_to_tensor(axes, int32, name="axes")
        return axes[0], axes[1]
    pair = [np.atleast_1d(np.asarray(part, np.int64)).tolist() for part in axes]
    if len(pair) != 2:
        raise ValueError("'axes' must be an integer or have length 2.")
    if len(pair[0]) != len(pair[1]):
        raise ValueError(
            f"Different number of contraction axes 'a' and 'b', {len(pair[0])} != {len(pair[1])}."
        )
    return pair[0], pair[1]


def _as_matrix(
    tensor: Tensor, axes: Any, *, summed_first: bool
) -> tuple[Tensor, Any, list[int | None] | None]:
    """The tensor as a matrix, with the summed axes in one and the others in the other axis.

    Returns it, the sizes of the others (numbers, or a tensor), and what is known of them.
    """
    if tensor.shape.ndims is None or not isinstance(axes, list):
        at_run = shape_of(tensor)
        places, others = _axes_at_run(tensor, axes)
        return *_reordered(tensor, at_run, places, others, summed_first), None
    sizes = tensor.shape.as_list()
    summed = [axis % len(sizes) for axis in axes]
    free = [axis for axis in range(len(sizes)) if axis not in summed]
    known = [sizes[axis] for axis in free]
    order = [*summed, *free] if summed_first else [*free, *summed]
    if tensor.shape.is_fully_defined():
        counts: list[Any] = [
            int(np.prod([sizes[axis] or 0 for axis in part])) for part in (free, summed)
        ]
        wide: Any = counts[::-1] if summed_first else counts
        return array.reshape(array.transpose(tensor, order), wide), known, known
    places = convert_to_tensor(np.array(summed, np.int32), name="axes")
    others = convert_to_tensor(np.array(free, np.int32), name="free")
    return *_reordered(tensor, shape_of(tensor), places, others, summed_first), known


def _axes_at_run(tensor: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
    """The summed axes, counted from the front, and the others, of a tensor of unknown rank."""
    rank = array.rank(tensor)
    axes = convert_to_tensor(axes, int32, name="axes")
    places = where(axes >= 0, axes, axes + rank)
    return places, setdiff1d(array.range(rank), places)[0]


def _reordered(
    tensor: Tensor, sizes: Tensor, summed: Tensor, free: Tensor, summed_first: bool
) -> tuple[Tensor, Tensor]:
    """The tensor as a matrix, and the sizes of its free axes."""
    parts = [gather(sizes, free), gather(sizes, summed)]
    counts = [reduce_prod(part) for part in parts]
    if summed_first:
        order, wide = concat([summed, free], 0), stack(counts[::-1])
    else:
        order, wide = concat([free, summed], 0), stack(counts)
    return array.reshape(array.transpose(tensor, order), wide), parts[0]


def einsum(equation: str, *inputs: Any, name: str | None = None) -> Tensor:
    """The sum of products that an equation like "ij,jk->ik" describes. Source: tf.einsum.

    Errors: ValueError when the equation does not fit the inputs, an axis appears twice in one of
    them, or an axis is summed over more than two.
    """
    with name_scope(name, "einsum", [*inputs]):
        tensors = [convert_to_tensor(x) for x in inputs]
        labels, output = _parsed(equation, tensors)
        if "->" not in equation and len(labels[0]) == 2 and labels == [labels[0][::-1]]:
            return trace(tensors[0])
        for own in labels:
            if len(set(own)) != len(own):
                raise ValueError(f"Subscript not supported: an axis appears more than once: {own}")
        for label in sorted(set("".join(labels))):
            if label not in output and sum(label in own for own in labels) > 2:
                raise ValueError(f"Axis {label!r} is summed over more than two inputs")
        total, present = tensors[0], labels[0]
        for tensor, own in zip(tensors[1:], labels[1:], strict=True):
            total, present = _joined(total, present, tensor, own, output)
        gone = [i for i, label in enumerate(present) if label not in output]
        if gone:
            total = reduce_sum(total, axis=gone)
            present = "".join(label for label in present if label in output)
        if sorted(present) != sorted(output):
            raise ValueError(f"Invalid equation: {equation}")
        return _ordered(total, [present.index(label) for label in output])


def _parsed(equation: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """The labels of each input's axes and of the output's, with ``...`` filled in."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    labels = left.split(",")
    if len(labels) != len(tensors):
        raise ValueError(
            f'Got {len(tensors)} arguments for equation "{equation}", expecting {len(labels)}'
        )
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in equation]
    most = 0
    for i, (own, tensor) in enumerate(zip(labels, tensors, strict=True)):
        if "..." in own:
            if tensor.shape.ndims is None:
                raise ValueError("Unable to statically infer ellipsis axes.")
            count = tensor.shape.ndims - len(own.replace("...", ""))
            most = max(most, count)
            labels[i] = own.replace("...", "".join(spare[:most][most - count :]))
        elif tensor.shape.ndims not in (None, len(own)):
            raise ValueError(f"Tensor of rank {tensor.shape.ndims} does not match the labels {own}")
    if arrow:
        return labels, output.replace("...", "".join(spare[:most]))
    every = "".join(labels)
    return labels, "".join(sorted(label for label in set(every) if every.count(label) == 1))


def _ordered(tensor: Tensor, order: list[int]) -> Tensor:
    return tensor if order == list(range(len(order))) else array.transpose(tensor, order)


def _sizes(tensor: Tensor, count: int) -> list[Any]:
    """The sizes of the axes: numbers where they are known."""
    static = tensor.shape.with_rank(count).as_list()
    if None not in static:
        return list(static)
    at_run = shape_of(tensor)
    return [at_run[i] if size is None else size for i, size in enumerate(static)]


def _product(sizes: Sequence[Any]) -> Any:
    total: Any = 1
    for size in sizes:
        total = size if isinstance(total, int) and total == 1 else total * size
    return total


def _joined(a: Tensor, a_labels: str, b: Tensor, b_labels: str, output: str) -> tuple[Tensor, str]:
    """Two factors in one. Common axes that the output lacks are summed by a product of matrices."""
    summed = sorted((set(a_labels) & set(b_labels)) - set(output))
    both = sorted((set(a_labels) & set(b_labels)) - set(summed))
    a_own = sorted(set(a_labels) - set(both) - set(summed))
    b_own = sorted(set(b_labels) - set(both) - set(summed))
    a = _ordered(a, [a_labels.index(c) for c in [*both, *a_own, *summed]])
    b = _ordered(b, [b_labels.index(c) for c in [*both, *summed, *b_own]])
    labels = "".join([*both, *a_own, *b_own])
    if not summed:
        for _ in b_own:
            a = array.expand_dims(a, -1)
        for _ in a_own:
            b = array.expand_dims(b, len(both))
        return math.multiply(a, b), labels
    a_sizes, b_sizes = _sizes(a, len(a_labels)), _sizes(b, len(b_labels))
    outer, n = len(both), len(summed)
    a = array.reshape(a, [*a_sizes[:outer], _product(a_sizes[outer:-n]), _product(a_sizes[-n:])])
    b = array.reshape(
        b, [*b_sizes[:outer], _product(b_sizes[outer : outer + n]), _product(b_sizes[outer + n :])]
    )
    whole = [*a_sizes[:-n], *b_sizes[outer + n :]]
    product = matmul(a, b)
    return array.reshape(product, whole) if whole else array.reshape(product, []), labels
