"""Writing some rows, or elements, of a variable: scatter_update, scatter_add and their like.

`ref`: a variable. `indices`: which rows, of any shape. `updates`: one row for each index, or (but
for the Nd functions) a scalar. A row that comes twice is written twice, in the order of the
indices.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.declare import Index, T, op
from graphscope.graph.dtypes import NUMBERS, REALS
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape
from graphscope.ops.indexing import positions, refuse_outside
from graphscope.ops.state import target


def _rows_fit(ref: Tensor, indices: Tensor, updates: Tensor, **_: Any) -> TensorShape:
    if updates.shape.ndims != 0 and ref.shape.sizes is not None:
        wanted = indices.shape.concatenate(ref.shape[1:])
        if not updates.shape.is_compatible_with(wanted):
            raise ValueError(shapes.different(updates.shape, wanted))
    return shapes.same(ref)


_writes_rows = partial(op, kind="state", writes=1, differentiable=False, shape=_rows_fit)
_writes_elements = partial(op, kind="state", writes=1, differentiable=False)


def _combined(ref: T, indices: Index, updates: T, combine: Any) -> T:
    refuse_outside(indices, len(ref), "indices")
    result: T = ref.copy()
    combine.at(result, indices, updates)
    return result


@_writes_rows("ScatterUpdate")
def _scatter_update(ref: T, indices: Index, updates: T, *, use_locking: bool = True) -> T:
    """The rows become `updates`."""
    refuse_outside(indices, len(ref), "indices")
    result: T = ref.copy()
    result[indices] = updates
    return result


@_writes_rows("ScatterAdd", types=NUMBERS)
def _scatter_add(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """`updates` is added to the rows."""
    return _combined(ref, indices, updates, np.add)


@_writes_rows("ScatterSub", types=NUMBERS)
def _scatter_sub(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """`updates` is subtracted from the rows."""
    return _combined(ref, indices, updates, np.subtract)


@_writes_rows("ScatterMul", types=NUMBERS)
def _scatter_mul(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """The rows are multiplied by `updates`."""
    return _combined(ref, indices, updates, np.multiply)


@_writes_rows("ScatterDiv", types=NUMBERS)
def _scatter_div(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """The rows are divided by `updates`."""
    divide = np.divide if ref.dtype.kind in "fc" else np.floor_divide
    return _combined(ref, indices, updates, divide)


@_writes_rows("ScatterMin", types=REALS)
def _scatter_min(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """The rows become the smaller of themselves and `updates`."""
    return _combined(ref, indices, updates, np.minimum)


@_writes_rows("ScatterMax", types=REALS)
def _scatter_max(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """The rows become the larger of themselves and `updates`."""
    return _combined(ref, indices, updates, np.maximum)


@_writes_elements("ScatterNdUpdate")
def _scatter_nd_update(ref: T, indices: Index, updates: T, *, use_locking: bool = True) -> T:
    """The elements, or slices, at the positions in the rows of `indices` become `updates`."""
    result: T = ref.copy()
    result[positions(indices, ref.shape)] = updates
    return result


@_writes_elements("ScatterNdAdd", types=NUMBERS)
def _scatter_nd_add(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """`updates` is added at the positions in the rows of `indices`."""
    result: T = ref.copy()
    np.add.at(result, positions(indices, ref.shape), updates)
    return result


@_writes_elements("ScatterNdSub", types=NUMBERS)
def _scatter_nd_sub(ref: T, indices: Index, updates: T, *, use_locking: bool = False) -> T:
    """`updates` is subtracted at the positions in the rows of `indices`."""
    result: T = ref.copy()
    np.subtract.at(result, positions(indices, ref.shape), updates)
    return result


# ---- the public functions ----------------------------------------------------------------------


def scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Tensor:
    """The given rows of the variable become `updates`. Source: tf.scatter_update."""
    place = target(ref, "scatter_update")
    written: Tensor = _scatter_update(place, indices, updates, name=name)
    return written


def scatter_add(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Adds `updates` to the given rows of the variable. Source: tf.scatter_add."""
    place = target(ref, "scatter_add")
    written: Tensor = _scatter_add(place, indices, updates, name=name)
    return written


def scatter_sub(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Subtracts `updates` from the given rows of the variable. Source: tf.scatter_sub."""
    place = target(ref, "scatter_sub")
    written: Tensor = _scatter_sub(place, indices, updates, name=name)
    return written


def scatter_mul(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Multiplies the given rows of the variable by `updates`. Source: tf.scatter_mul."""
    place = target(ref, "scatter_mul")
    written: Tensor = _scatter_mul(place, indices, updates, name=name)
    return written


def scatter_div(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Divides the given rows of the variable by `updates`. Source: tf.scatter_div."""
    place = target(ref, "scatter_div")
    written: Tensor = _scatter_div(place, indices, updates, name=name)
    return written


def scatter_min(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Keeps the smaller of the given rows and `updates`. Source: tf.scatter_min."""
    place = target(ref, "scatter_min")
    written: Tensor = _scatter_min(place, indices, updates, name=name)
    return written


def scatter_max(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Keeps the larger of the given rows and `updates`. Source: tf.scatter_max."""
    place = target(ref, "scatter_max")
    written: Tensor = _scatter_max(place, indices, updates, name=name)
    return written


def scatter_nd_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Tensor:
    """The elements at the given positions become `updates`. Source: tf.scatter_nd_update."""
    place = target(ref, "scatter_nd_update")
    written: Tensor = _scatter_nd_update(place, indices, updates, name=name)
    return written


def scatter_nd_add(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Adds `updates` at the given positions. Source: tf.scatter_nd_add."""
    place = target(ref, "scatter_nd_add")
    written: Tensor = _scatter_nd_add(place, indices, updates, name=name)
    return written


def scatter_nd_sub(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Tensor:
    """Subtracts `updates` at the given positions. Source: tf.scatter_nd_sub."""
    place = target(ref, "scatter_nd_sub")
    written: Tensor = _scatter_nd_sub(place, indices, updates, name=name)
    return written
