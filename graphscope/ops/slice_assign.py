"""``variable[1:].assign(x)``: writing a part of a variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.errors import UnimplementedError
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.declare import Index, T, op
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.slicing import Masks
from graphscope.ops.state import is_resource, twin_for_resources


@op("StridedSliceAssign", kind="state", writes=1, differentiable=False)
def _strided_slice_assign(
    ref: T,
    begin: Index,
    end: Index,
    strides: Index,
    value: T,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> T:
    """``ref[begin:end:strides, ...] = value``, with the masks of StridedSlice.

    Nothing is repeated: value has the shape of what it replaces.
    """
    masks = Masks(begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    key = masks.key(begin.tolist(), end.tolist(), strides.tolist())
    result = np.array(ref)
    replaced = np.shape(result[key])
    if not np.size(result[key]):
        return result
    if replaced != value.shape:
        raise UnimplementedError(
            None,
            None,
            f"sliced l-value shape {list(replaced)} does not match r-value shape "
            f"{list(value.shape)}. Automatic broadcasting not yet implemented.",
        )
    result[key] = value
    return result


_resource_strided_slice_assign = twin_for_resources(_strided_slice_assign)


def _assignment(tensor: Tensor) -> Any:
    """The method ``assign`` of what was sliced; other tensors have none.

    Its errors: ValueError when the slice is not of a variable, UnimplementedError in a run when
    the shapes differ. Source: the `assign` of what indexing a tf.Variable returns.
    """
    if tensor.op.type != "StridedSlice":
        raise AttributeError(f"a {type(tensor).__name__} has no attribute 'assign'")

    def assign(value: Any, name: str | None = None) -> Any:
        return _assigned(tensor.op, value, name or f"{tensor.op.name}/_assign")

    return assign


def _assigned(sliced: Operation, value: Any, name: str) -> Any:
    read = sliced.inputs[0].op
    places = [place for place in read.inputs if place.dtype.is_ref]
    if read.type not in ("Identity", "ReadVariableOp") or not places:
        raise ValueError("Sliced assignment is only supported for variables")
    bounds = sliced.inputs[1:]
    if read.type == "Identity":
        return _strided_slice_assign(places[0], *bounds, value, **sliced.attrs, name=name)
    value = convert_to_tensor(value, read.outputs[0].dtype.base_dtype)
    written = _resource_strided_slice_assign(places[0], *bounds, value, **sliced.attrs, name=name)
    return _variable_at(places[0]).after(written)


def _variable_at(handle: Tensor) -> Any:
    """The variable that has this handle. Errors: ValueError when no collection holds it."""
    graph = handle.graph
    for key in graph.get_all_collection_keys():
        for item in graph.get_collection_ref(key):
            if is_resource(item) and item.handle is handle:
                return item
    raise ValueError(f"the variable of {handle.name} is in no collection: write it as a whole")


def install() -> None:
    """Give slices the method."""
    setattr(Tensor, "assign", property(_assignment))  # noqa: B010
