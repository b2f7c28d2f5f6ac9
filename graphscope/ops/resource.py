"""Resource variables: a handle, and operations that read and write what it stands for.

A ref variable is a tensor whose memory operations share. A resource variable is read by an
operation of its own, ReadVariableOp, and what was read stays what it was. Here the handle is a
place, as the output of a ref variable is: its type is that of the elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Bool, Index, T, op
from graphscope.graph.dtypes import NUMBERS, DType, bool_, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, indexing, scatter
from graphscope.ops.joining import concat
from graphscope.ops.state import twin_for_resources


@op(
    "VarHandleOp",
    kind="state",
    given=True,
    is_variable=True,
    differentiable=False,
    dtype=lambda *, dtype, **_: dtype.ref,
    shape=lambda *, shape, **_: shape,
)
def var_handle_op(
    *, dtype: DType, shape: TensorShape, container: str = "", shared_name: str = ""
) -> T:
    """The place of a variable, whose value the session keeps from one run to the next."""
    raise ValueError("the value of a variable is kept by the session")


@op("ReadVariableOp", kind="state", dtype=lambda resource, **_: resource.dtype.base_dtype)
def read_variable_op(resource: T, *, dtype: Any = None) -> T:
    """The variable's value, at the time at which this runs."""
    return resource


@read_variable_op.gradient
def _(dy: Tensor, y: Tensor, resource: Tensor, **_: Any) -> Tensor:
    return dy


@op(
    "AssignVariableOp",
    kind="state",
    writes=1,
    outputs=0,
    takes_uninitialized=True,
    differentiable=False,
)
def assign_variable_op(resource: T, value: T, *, dtype: Any = None) -> T:
    """The variable becomes `value`. In memory its rows lie one behind the other."""
    return np.asarray(value, order="C")


@op(
    "AssignAddVariableOp",
    kind="state",
    writes=1,
    outputs=0,
    types=NUMBERS,
    symbol="+",
    differentiable=False,
)
def assign_add_variable_op(resource: T, value: T, *, dtype: Any = None) -> T:
    """The variable grows by `value`."""
    return resource + value


@op(
    "AssignSubVariableOp",
    kind="state",
    writes=1,
    outputs=0,
    types=NUMBERS,
    symbol="-",
    differentiable=False,
)
def assign_sub_variable_op(resource: T, value: T, *, dtype: Any = None) -> T:
    """The variable shrinks by `value`."""
    return resource - value


@op(
    "VarIsInitializedOp",
    kind="state",
    shape=shapes.scalar,
    dtype=bool_,
    takes_uninitialized=True,
    differentiable=False,
)
def var_is_initialized_op(resource: T) -> Bool:
    """True when the variable has a value."""
    return np.asarray(resource is not None)


@op(
    "VariableShape",
    kind="state",
    dtype="out_type",
    shape=lambda input, **_: TensorShape([input.shape.ndims]),
    differentiable=False,
)
def variable_shape(input: T, *, out_type: DType = int32) -> Index:
    """The sizes of the variable's value."""
    return np.asarray(input.shape, out_type.numpy)


# ---- some rows, or elements --------------------------------------------------------------------


def _rows_taken(resource: Tensor, indices: Tensor, **_: Any) -> TensorShape:
    return indices.shape.concatenate(resource.shape[1:])


@op(
    "ResourceGather",
    kind="array",
    shape=_rows_taken,
    dtype=lambda resource, indices, **_: resource.dtype.base_dtype,
)
def resource_gather(
    resource: T,
    indices: Index,
    *,
    dtype: Any = None,
    batch_dims: int = 0,
    validate_indices: bool = True,
) -> T:
    """The rows of the variable at the given positions; a position may come twice."""
    indexing.refuse_outside(indices, resource.shape[0], "indices")
    return np.take(resource, indices, 0)


@resource_gather.gradient
def _(dy: Tensor, y: Tensor, resource: Tensor, indices: Tensor, **_: Any) -> Any:
    sizes = handle_shape(resource)
    count = array.expand_dims(array.size(indices), 0)
    values = array.reshape(dy, concat([count, sizes[1:]], 0))
    return IndexedSlices(values, array.reshape(indices, count), sizes), None


def handle_shape(handle: Tensor) -> Tensor:
    """The sizes of a variable, as a constant where they are known."""
    if handle.shape.is_fully_defined():
        return convert_to_tensor(np.asarray(handle.shape.as_list(), np.int32))
    sizes: Tensor = variable_shape(handle)
    return sizes


@op(
    "ResourceGatherNd",
    kind="array",
    shape=lambda resource, indices, **_: indexing.gather_nd.shape_rule(resource, indices),
    dtype=lambda resource, indices, **_: resource.dtype.base_dtype,
)
def resource_gather_nd(resource: T, indices: Index, *, dtype: Any = None) -> T:
    """For each row of indices the element, or slice, of the variable at that position."""
    return np.asarray(resource[indexing.positions(indices, resource.shape)])


@resource_gather_nd.gradient
def _(dy: Tensor, y: Tensor, resource: Tensor, indices: Tensor, **_: Any) -> Any:
    sizes = variable_shape(resource, out_type=indices.dtype.base_dtype)
    if indices.shape.ndims == 2 and indices.shape[-1].value == 1:
        return IndexedSlices(dy, array.squeeze(indices, [-1]), sizes), None
    return indexing.scatter_nd(indices, dy, sizes), None


for _declared in scatter.DECLARED:
    twin_for_resources(_declared)
