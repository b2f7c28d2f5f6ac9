"""Lists of tensors in graphs of files: ``TensorListReserve``, ``TensorListPushBack`` and others.

TensorFlow's loops since 1.14 keep what their gradients need in them. A list is held as that of a
`TensorArray` is: see `lists`. What it knows of its elements' shape is what its elements have.
Source: tensorflow/core/kernels/list_kernels.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.declare import Any_, Bool, Index, Variant, op
from graphscope.graph.dtypes import DType, bool_, int32, int64, variant
from graphscope.graph.registry import OLD_OPS
from graphscope.graph.shapes import UNKNOWN, TensorShape, as_shape
from graphscope.ops.lists import empty, filled, list_shape
from graphscope.ops.tensor_array import SCALAR

_list: dict[str, Any] = {
    "kind": "array",
    "dtype": variant,
    "shape": list_shape,
    "differentiable": False,
    "table": OLD_OPS,
}


def _element(*_: Any, element_dtype: DType, **__: Any) -> DType:
    return element_dtype


_values: dict[str, Any] = {
    "kind": "array",
    "dtype": _element,
    "shape": lambda *_, **__: UNKNOWN,
    "differentiable": False,
    "table": OLD_OPS,
}


def _plain(element: Any) -> Any:
    return element[()] if isinstance(element, np.ndarray) and not element.ndim else element


@op("EmptyTensorList", **_list)
def _empty(
    element_shape: Index, max_num_elements: Index, *, element_dtype: DType, shape_type: DType
) -> Variant:
    """A list without elements."""
    return empty(0)


@op("TensorListReserve", **_list)
def _reserve(
    element_shape: Index, num_elements: Index, *, element_dtype: DType, shape_type: DType
) -> Variant:
    """A list of so many places, with nothing in them."""
    if num_elements < 0:
        raise ValueError("The num_elements to reserve must be a non negative number, but got "
                         f"{num_elements}")  # fmt: skip
    return empty(int(num_elements))


@op("TensorListPushBack", **_list)
def _push(input_handle: Variant, tensor: Any_, *, element_dtype: DType) -> Variant:
    """The list with another element at its end."""
    return filled(input_handle, [(len(input_handle), tensor)])


@op(
    "TensorListPopBack",
    kind="array",
    outputs=("output_handle", "tensor"),
    dtype=lambda *_, element_dtype: (variant, element_dtype),
    shape=lambda *_, **__: (list_shape(), UNKNOWN),
    differentiable=False,
    table=OLD_OPS,
)
def _pop(
    input_handle: Variant, element_shape: Index, *, element_dtype: DType
) -> tuple[Variant, Any_]:
    """The list without its last element, and that element."""
    if not len(input_handle):
        raise ValueError("Trying to pop from an empty list.")
    last = _filled_in(input_handle, len(input_handle) - 1, element_shape, element_dtype)
    return input_handle[:-1].copy(), last


@op("TensorListSetItem", **_list)
def _set(input_handle: Variant, index: Index, item: Any_, *, element_dtype: DType) -> Variant:
    """The list with the element at this place."""
    _check(index, input_handle)
    return filled(input_handle, [(int(index), item)])


@op("TensorListGetItem", **_values)
def _get(
    input_handle: Variant, index: Index, element_shape: Index, *, element_dtype: DType
) -> Any_:
    """The element at this place; zeros where there is none, if its shape is known."""
    _check(index, input_handle)
    return _filled_in(input_handle, int(index), element_shape, element_dtype)


def _check(index: Any, places: NDArray[Any]) -> None:
    if not 0 <= index < len(places):
        raise ValueError(f"Trying to access element {index} in a list with {len(places)} elements.")


def _filled_in(places: NDArray[Any], i: int, told: Any, dtype: DType) -> NDArray[Any]:
    """An element; zeros where there is none."""
    element = places[i]
    if element is None:
        sizes = _sizes(places, told)
        if dtype is variant:
            return empty(0)
        if sizes is None:
            raise ValueError(
                "Trying to read an uninitialized tensor but element_shape is not fully defined"
            )
        return np.zeros(sizes, dtype.numpy)
    found: NDArray[Any] = element if dtype is variant else np.asarray(element, dtype.numpy)
    return found


def _sizes(places: NDArray[Any], told: Any) -> tuple[int, ...] | None:
    """The sizes of elements, as they are told or as others have them; None when not known."""
    sizes = np.asarray(told)
    if sizes.ndim and (sizes >= 0).all():
        return tuple(map(int, sizes))
    return next((np.shape(element) for element in places if element is not None), None)


@op(
    "TensorListLength",
    kind="array",
    dtype=int32,
    shape=lambda *_: SCALAR,
    differentiable=False,
    table=OLD_OPS,
)
def _length(input_handle: Variant) -> Index:
    """How many places the list has."""
    return np.asarray(len(input_handle), np.int32)


@op(
    "TensorListElementShape",
    kind="array",
    dtype="shape_type",
    shape=lambda *_, **__: UNKNOWN,
    differentiable=False,
    table=OLD_OPS,
)
def _element_shape(input_handle: Variant, *, shape_type: DType) -> Index:
    """The sizes of the elements; -1 where nothing is known."""
    found = {np.shape(element) for element in input_handle if element is not None}
    return np.array(found.pop() if len(found) == 1 else -1, shape_type.numpy)


@op("TensorListStack", **_values)
def _stack(
    input_handle: Variant, element_shape: Index, *, element_dtype: DType, num_elements: int = -1
) -> Any_:
    """All elements as rows of one tensor."""
    if num_elements not in (-1, len(input_handle)):
        raise ValueError(
            f"Operation expected a list with {num_elements} elements but got a list with "
            f"{len(input_handle)} elements."
        )
    every = range(len(input_handle))
    return _rows([_filled_in(input_handle, i, element_shape, element_dtype) for i in every],
                 element_shape, element_dtype)  # fmt: skip


def _rows(found: Sequence[Any], told: Any, dtype: DType) -> NDArray[Any]:
    if found:
        return np.stack(found)
    sizes = _sizes(empty(0), told)
    if sizes is None:
        raise ValueError(
            "Tried to stack elements of an empty list with non-fully-defined element_shape"
        )
    return np.zeros((0, *sizes), dtype.numpy)


@op("TensorListFromTensor", **_list)
def _from_tensor(
    tensor: Any_, element_shape: Index, *, element_dtype: DType, shape_type: DType
) -> Variant:
    """The rows of a tensor as a list."""
    return filled(empty(len(tensor)), enumerate(map(_plain, tensor)))


@op("TensorListGather", **_values)
def _gather(
    input_handle: Variant, indices: Index, element_shape: Index, *, element_dtype: DType
) -> Any_:
    """The elements at these places, as rows of one tensor."""
    for index in indices:
        _check(index, input_handle)
    found = [_filled_in(input_handle, int(i), element_shape, element_dtype) for i in indices]
    return _rows(found, element_shape, element_dtype)


@op("TensorListScatter", **_list)
def _scatter(
    tensor: Any_, indices: Index, element_shape: Index, *, element_dtype: DType, shape_type: DType
) -> Variant:
    """A list with the rows of a tensor at these places."""
    return filled(empty(0), [(int(i), row) for i, row in zip(indices, tensor, strict=True)])


@op("TensorListScatterV2", **_list)
def _scatter_sized(
    tensor: Any_,
    indices: Index,
    element_shape: Index,
    num_elements: Index,
    *,
    element_dtype: DType,
    shape_type: DType,
) -> Variant:
    """A list of so many places, with the rows of a tensor at these."""
    places = empty(max(0, int(num_elements)))
    return filled(places, [(int(i), row) for i, row in zip(indices, tensor, strict=True)])


@op("TensorListScatterIntoExistingList", **_list)
def _scatter_into(
    input_handle: Variant, tensor: Any_, indices: Index, *, element_dtype: DType
) -> Variant:
    """The list with the rows of a tensor at these places."""
    return filled(input_handle, [(int(i), row) for i, row in zip(indices, tensor, strict=True)])


@op("TensorListResize", **_list)
def _resize(input_handle: Variant, size: Index) -> Variant:
    """The list with so many places."""
    made = empty(int(size))
    made[: len(input_handle)] = input_handle[: int(size)]
    return made


@op(
    "TensorListConcatV2",
    kind="array",
    outputs=("tensor", "lengths"),
    dtype=lambda *_, element_dtype, **__: (element_dtype, int64),
    shape=lambda *_, **__: (UNKNOWN, TensorShape([None])),
    differentiable=False,
    table=OLD_OPS,
)
def _concat(
    input_handle: Variant,
    element_shape: Index,
    leading_dims: Index,
    *,
    element_dtype: DType,
    shape_type: DType,
) -> tuple[Any_, Index]:
    """The elements one behind the other, along their first axis; and how long each is."""
    found = [element for element in input_handle if element is not None]
    if len(found) < len(input_handle) or not found:
        raise ValueError("Concat saw an empty list, or one with places that nothing is in")
    return np.concatenate(found), np.array([len(element) for element in found], np.int64)


@op("TensorListSplit", **_list)
def _split(
    tensor: Any_, element_shape: Index, lengths: Index, *, element_dtype: DType, shape_type: DType
) -> Variant:
    """The list of the parts of a tensor that are so long."""
    parts = np.split(tensor, np.cumsum(lengths)[:-1])
    return filled(empty(len(parts)), enumerate(parts))


# ---- values that may be missing -----------------------------------------------------------------


@op("OptionalNone", **_list)
def _none() -> Variant:
    """No value."""
    return empty(0)


@op("OptionalFromValue", **_list)
def _some(components: list[Any_]) -> Variant:
    """These values, where there might be none."""
    return filled(empty(len(components)), enumerate(components))


@op(
    "OptionalHasValue",
    kind="array",
    dtype=bool_,
    shape=lambda *_: SCALAR,
    differentiable=False,
    table=OLD_OPS,
)
def _has(optional: Variant) -> Bool:
    """Whether there are values."""
    return np.asarray(len(optional) > 0)


@op(
    "OptionalGetValue",
    kind="array",
    outputs=("components",),
    dtype="output_types",
    shape=lambda *_, output_shapes, **__: tuple(map(as_shape, output_shapes)),
    differentiable=False,
    table=OLD_OPS,
)
def _components(
    optional: Variant, *, output_types: tuple[DType, ...], output_shapes: tuple[TensorShape, ...]
) -> tuple[Any_, ...]:
    """The values. Errors: InvalidArgumentError where there are none."""
    if len(optional) != len(output_types):
        raise ValueError("The given optional does not have a value.")
    return tuple(optional)


@op(
    "FakeParam",
    kind="input",
    dtype="dtype",
    shape=lambda *, shape, **_: shape,
    differentiable=False,
    table=OLD_OPS,
)
def _fake(*, dtype: DType, shape: TensorShape) -> Any_:
    """What the branch of a condition gives back that has no such value: nobody uses it."""
    if dtype is variant:
        return empty(0)
    return np.zeros([size or 0 for size in shape.sizes or ()], dtype.numpy)
