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
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Index, OpDef, T, op
from graphscope.graph.dtypes import NUMBERS, REALS
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.shapes import TensorShape
from graphscope.ops.indexing import positions, refuse_outside
from graphscope.ops.state import is_resource, target


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


#: What there is on a ref variable and, under another name, on a resource variable.
DECLARED = (
    _scatter_update,
    _scatter_add,
    _scatter_sub,
    _scatter_mul,
    _scatter_div,
    _scatter_min,
    _scatter_max,
    _scatter_nd_update,
    _scatter_nd_add,
    _scatter_nd_sub,
)

# ---- the public functions ----------------------------------------------------------------------


def _written(definition: OpDef, ref: Any, indices: Any, updates: Any, name: str | None) -> Any:
    """The operation that writes some of the variable, on a variable of either kind.

    Errors: AttributeError when `ref` is no variable.
    """
    if is_resource(ref):
        twin = OPS[f"Resource{definition.type}"]
        updates = convert_to_tensor(updates, ref.dtype)
        return ref.after(twin(ref.handle, indices, updates, name=name))
    place = target(ref, definition.__name__[1:])
    return definition(place, indices, updates, name=name)


def scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Any:
    """The given rows of the variable become `updates`. Source: tf.scatter_update."""
    return _written(_scatter_update, ref, indices, updates, name)


def scatter_add(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Adds `updates` to the given rows of the variable. Source: tf.scatter_add."""
    return _written(_scatter_add, ref, indices, updates, name)


def scatter_sub(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Subtracts `updates` from the given rows of the variable. Source: tf.scatter_sub."""
    return _written(_scatter_sub, ref, indices, updates, name)


def scatter_mul(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Multiplies the given rows of the variable by `updates`. Source: tf.scatter_mul."""
    return _written(_scatter_mul, ref, indices, updates, name)


def scatter_div(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Divides the given rows of the variable by `updates`. Source: tf.scatter_div."""
    return _written(_scatter_div, ref, indices, updates, name)


def scatter_min(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Keeps the smaller of the given rows and `updates`. Source: tf.scatter_min."""
    return _written(_scatter_min, ref, indices, updates, name)


def scatter_max(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Keeps the larger of the given rows and `updates`. Source: tf.scatter_max."""
    return _written(_scatter_max, ref, indices, updates, name)


def scatter_nd_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Any:
    """The elements at the given positions become `updates`. Source: tf.scatter_nd_update."""
    return _written(_scatter_nd_update, ref, indices, updates, name)


def scatter_nd_add(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Adds `updates` at the given positions. Source: tf.scatter_nd_add."""
    return _written(_scatter_nd_add, ref, indices, updates, name)


def scatter_nd_sub(
    ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None
) -> Any:
    """Subtracts `updates` at the given positions. Source: tf.scatter_nd_sub."""
    return _written(_scatter_nd_sub, ref, indices, updates, name)
