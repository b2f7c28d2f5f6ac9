"""`TensorArray`: a list of tensors that is written and read element by element, also in loops.

Each write gives a new array; its `flow` is a tensor that holds the list, so that the order of
writes and reads is that of the graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.declare import Any_, Handle, Index, Variant, op
from graphscope.graph.dtypes import DType, as_dtype, int32, int64, resource, variant
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import lists
from graphscope.ops.array import identity, range, shape
from graphscope.ops.lists import LIST_SHAPE, empty, filled, list_shape, rows
from graphscope.ops.math import cast

SCALAR = TensorShape([])


@op(
    "TensorArrayV3",
    kind="array",
    outputs=("handle", "flow"),
    shape=lambda size, **_: (SCALAR, LIST_SHAPE),
    dtype=(resource, variant),
    differentiable=False,
)
def _tensor_array(
    size: Index, *, dtype: DType, element_shape: TensorShape, tensor_array_name: str
) -> tuple[Handle, Variant]:
    """An empty list. size: how many places it has. Its handle is that number."""
    if size.ndim or size < 0:
        raise ValueError(f"the size of a TensorArray is one number, and not negative: {size}")
    return size, empty(int(size))


@op("TensorArrayWriteV3", kind="array", dtype=variant, shape=list_shape)
def _write(
    handle: Handle, index: Index, value: Any_, flow_in: Variant, *, dtype: DType, dynamic: bool
) -> Variant:
    """The list with the value at this place. dynamic: whether it may grow."""
    _check_type(value, dtype)
    return _written(flow_in, [(int(index), value)], dynamic)


@_write.gradient
def _(
    dy: Tensor, y: Tensor, handle: Any, index: Tensor, value: Tensor, flow: Tensor, **_: Any
) -> Any:
    return [None, None, lists.items_of(dy, index, value), lists.without(dy, index)]


def _check_type(value: NDArray[Any], dtype: DType) -> None:
    if value.dtype != dtype.numpy:
        raise ValueError(
            f"TensorArray dtype is {dtype.name} but Op is trying to write dtype {value.dtype}."
        )


def _written(places: NDArray[Any], found: list[tuple[int, Any]], dynamic: bool) -> NDArray[Any]:
    for i, _ in found:
        if i < 0 or (i >= len(places) and not dynamic):
            raise ValueError(
                f"Tried to write to index {i} but array is not resizeable and size is: "
                f"{len(places)}"
            )
        if i < len(places) and places[i] is not None:
            raise ValueError(
                f"Could not write to TensorArray index {i} because it has already been written to."
            )
    return filled(places, found)


@op("TensorArrayReadV3", kind="array", dtype="dtype", shape=lambda *_, element_shape, **__: (
    element_shape
))  # fmt: skip
def _read(
    handle: Handle, index: Index, flow_in: Variant, *, dtype: DType, element_shape: TensorShape
) -> Any_:
    """What was written to this place."""
    (element,) = _elements(flow_in, [int(index)], dtype, element_shape)
    return element


@_read.gradient
def _(dy: Tensor, y: Tensor, handle: Any, index: Tensor, flow: Tensor, **_: Any) -> Any:
    return [None, None, lists.list_of(flow, index, dy)]


def _elements(
    places: NDArray[Any], indices: Any, dtype: DType, known: TensorShape
) -> list[NDArray[Any]]:
    """The elements at these places; zeros where nothing was written, if their shape is known."""
    found = []
    for i in indices:
        if not 0 <= i < len(places):
            raise ValueError(f"Tried to read from index {i} but array size is: {len(places)}")
        element = places[i]
        if element is None:
            element = np.zeros(_element_shape(places, known, int(i)), dtype.numpy)
        found.append(np.asarray(element, dtype.numpy))
    return found


def _element_shape(places: NDArray[Any], known: TensorShape, i: int) -> tuple[int, ...]:
    written = next((np.shape(element) for element in places if element is not None), None)
    if written is not None:
        return tuple(written)
    if not known.is_fully_defined():
        raise ValueError(
            f"Could not read from TensorArray index {i}: nothing has been written to it, and the "
            f"element shape is not fully defined: {known}"
        )
    return tuple(map(int, known))


@op(
    "TensorArrayGatherV3",
    kind="array",
    dtype="dtype",
    shape=lambda *_, element_shape, **__: TensorShape([None]).concatenate(element_shape),
)
def _gather(
    handle: Handle, indices: Index, flow_in: Variant, *, dtype: DType, element_shape: TensorShape
) -> Any_:
    """The elements at these places, as rows of one tensor."""
    found = _elements(flow_in, indices, dtype, element_shape)
    if found:
        return np.stack(found)
    if not element_shape.is_fully_defined():
        raise ValueError(
            f"TensorArray has size zero, but element shape {element_shape} is not fully defined"
        )
    return np.zeros((0, *map(int, element_shape)), dtype.numpy)


@_gather.gradient
def _(dy: Tensor, y: Tensor, handle: Any, indices: Tensor, flow: Tensor, **_: Any) -> Any:
    return [None, None, lists.list_of(flow, indices, dy)]


@op("TensorArrayScatterV3", kind="array", dtype=variant, shape=list_shape)
def _scatter(
    handle: Handle, indices: Index, value: Any_, flow_in: Variant, *, dtype: DType, dynamic: bool
) -> Variant:
    """The list with the rows of the value at these places."""
    _check_type(value, dtype)
    if len(indices) != len(value):
        raise ValueError(
            f"Expected indices and values of the same length: {len(indices)} and {len(value)}"
        )
    return _written(flow_in, rows(indices, value), dynamic)


@_scatter.gradient
def _(
    dy: Tensor, y: Tensor, handle: Any, indices: Tensor, value: Tensor, flow: Tensor, **_: Any
) -> Any:
    return [None, None, lists.items_of(dy, indices, value), lists.without(dy, indices)]


@op(
    "TensorArrayConcatV3",
    kind="array",
    outputs=("value", "lengths"),
    dtype=lambda *_, dtype, **__: (dtype, int64),
    shape=lambda *_, element_shape, **__: (
        TensorShape([None]).concatenate(element_shape[1:]),
        TensorShape([None]),
    ),
)
def _concat(
    handle: Handle, flow_in: Variant, *, dtype: DType, element_shape: TensorShape
) -> tuple[Any_, Index]:
    """The elements one after the other along their first axis, and how long each is."""
    if not len(flow_in):
        raise ValueError("TensorArray has size zero, so that there is nothing to join")
    found = _elements(flow_in, np.arange(len(flow_in)), dtype, element_shape)
    if not all(element.ndim for element in found):
        raise ValueError("Concat saw a scalar shape at index 0 but requires at least vectors.")
    return np.concatenate(found), np.asarray([len(element) for element in found], np.int64)


@_concat.gradient
def _(dys: Any, ys: Any, handle: Any, flow: Tensor, **_: Any) -> Any:
    return [None, lists.parts_of(flow, dys[0])]


@op("TensorArraySplitV3", kind="array", dtype=variant, shape=list_shape)
def _split(
    handle: Handle, value: Any_, lengths: Index, flow_in: Variant, *, dynamic: bool
) -> Variant:
    """The list with the parts of the value, in these lengths along its first axis."""
    if len(lengths) != len(flow_in) and not dynamic:
        raise ValueError(
            f"TensorArray's size is not equal to the size of lengths ({len(flow_in)} vs. "
            f"{len(lengths)}), and the TensorArray is not marked as dynamically resizeable"
        )
    if lengths.sum() != len(value):
        raise ValueError(
            "Expected sum of lengths to be equal to values.shape[0], but sum of lengths is "
            f"{lengths.sum()} and value's shape is: {list(value.shape)}"
        )
    parts = np.split(value, np.cumsum(lengths)[:-1]) if len(lengths) else []
    return _written(flow_in, list(enumerate(parts)), dynamic)


@_split.gradient
def _(
    dy: Tensor, y: Tensor, handle: Any, value: Tensor, lengths: Tensor, flow: Tensor, **_: Any
) -> Any:
    places = range(0, shape(lengths)[0])
    return [None, lists.joined(dy, y, value), None, lists.without(dy, places)]


@op(
    "TensorArraySizeV3",
    kind="array",
    dtype=int32,
    shape=lambda handle, flow_in: SCALAR,
    differentiable=False,
)
def _size(handle: Handle, flow_in: Variant) -> Index:
    """How many places the list has."""
    return np.asarray(len(flow_in), np.int32)


@op("TensorArrayCloseV3", kind="array", outputs=0, differentiable=False)
def _close(handle: Handle) -> None:
    """Nothing: what no run looks at is forgotten anyway."""


class TensorArray:
    """A list of tensors of one type.

    size: how many elements it has. dynamic_size: it grows as it is written. infer_shape: all
    elements have one shape. element_shape: what is known of it. handle, flow: those of another
    array, in place of a size. `clear_after_read` and `colocate_with_first_write_call` are accepted
    and without effect: an element can be read again.
    Errors: ValueError for both a handle and a size, or neither. Source: tf.TensorArray.
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self._check_origin(handle, size, flow)
        self.dtype = as_dtype(dtype).base_dtype
        self._dynamic = bool(dynamic_size)
        self._infer_shape = infer_shape
        self._known = [as_shape(element_shape)]  # one for all arrays that come of this one
        if handle is not None:
            self.handle, self.flow = handle, flow
            return
        with name_scope(name, "TensorArray", []) as scope:
            self.handle, self.flow = _tensor_array(
                size,
                dtype=self.dtype,
                element_shape=self._known[0],
                tensor_array_name=tensor_array_name or "",
                name=scope,
            )

    @staticmethod
    def _check_origin(handle: Any, size: Any, flow: Any) -> None:
        if handle is None and size is None:
            raise ValueError("Size must be provided if handle is not provided")
        if handle is not None and size is not None:
            raise ValueError("Cannot provide both a handle and size at the same time")
        if handle is not None and not isinstance(handle, Tensor):
            raise TypeError("Handle must be a Tensor")
        if handle is not None and flow is None:
            raise ValueError("flow must not be None if handle is not None.")

    @property
    def element_shape(self) -> TensorShape:
        return self._known[0]

    @property
    def dynamic_size(self) -> bool:
        return self._dynamic

    def with_flow(self, flow: Tensor) -> TensorArray:
        """The same array with another list in it."""
        made = TensorArray(self.dtype, handle=self.handle, flow=flow, dynamic_size=self._dynamic)
        made._infer_shape, made._known = self._infer_shape, self._known
        return made

    def identity(self) -> TensorArray:
        """The same elements."""
        return self.with_flow(identity(self.flow))

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> TensorArray:
        """Errors: NotImplementedError; gradients flow through the arrays themselves."""
        raise NotImplementedError("gradients flow through a TensorArray: use tf.gradients")

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at a place. index: []."""
        made: Tensor = _read(
            self.handle, index, self.flow, dtype=self.dtype, element_shape=self._known[0], name=name
        )
        return made

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the value at a place, which must be empty. Errors: ValueError for another
        shape."""
        with name_scope(name, "TensorArrayWrite", []):
            value = convert_to_tensor(value, self.dtype, name="value", preferred=True)
            self._merge(value.shape)
            made = _write(
                self.handle,
                index,
                value,
                self.flow,
                dtype=self.dtype,
                dynamic=self._dynamic,
                name=name,
            )
        return self.with_flow(made)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as rows of one tensor: [size, ...]."""
        with name_scope(name, "TensorArrayStack", []):
            return self.gather(range(0, self.size()), name=name)

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """Elements as rows of one tensor. indices: [n]. Returns: [n, ...]."""
        made: Tensor = _gather(
            self.handle,
            indices,
            self.flow,
            dtype=self.dtype,
            element_shape=self._known[0],
            name=name,
        )
        return made

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one after the other along their first axis."""
        made: Tensor = _concat(
            self.handle, self.flow, dtype=self.dtype, element_shape=self._known[0], name=name
        )[0]
        return made

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of the value as its elements."""
        with name_scope(name, "TensorArrayUnstack", []):
            count = shape(value)[0]
            return self.scatter(range(0, count), value, name=name)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of the value at these places."""
        with name_scope(name, "TensorArrayScatter", []):
            value = convert_to_tensor(value, self.dtype, name="value", preferred=True)
            self._merge(value.shape[1:])
            made = _scatter(
                self.handle,
                indices,
                value,
                self.flow,
                dtype=self.dtype,
                dynamic=self._dynamic,
                name=name,
            )
        return self.with_flow(made)

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array with the parts of the value, cut into these lengths along its first axis."""
        with name_scope(name, "TensorArraySplit", []):
            value = convert_to_tensor(value, self.dtype, name="value")
            lengths = cast(lengths, int64)
            known = constant_value(lengths)
            if known is not None and known.size and known.min() == known.max():
                self._merge(TensorShape([int(known[0])]).concatenate(value.shape[1:]))
            made = _split(
                self.handle,
                value,
                lengths,
                self.flow,
                dynamic=self._dynamic,
                name=name,
            )
        return self.with_flow(made)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements it has: int32 []."""
        made: Tensor = _size(self.handle, self.flow, name=name)
        return made

    def close(self, name: str | None = None) -> Any:
        """An operation; what no run looks at is forgotten anyway."""
        return _close(self.handle, name=name)

    def _merge(self, found: TensorShape) -> None:
        if not found.is_compatible_with(self._known[0]):
            raise ValueError(f"Inconsistent shapes: saw {found} but expected {self._known[0]} ")
        if self._infer_shape:
            self._known[0] = self._known[0].merge_with(found)


def flow_of(value: Any) -> Any:
    """The list in an array; anything else as it is."""
    return value.flow if isinstance(value, TensorArray) else value


def with_flow_as(value: Any, tensor: Any) -> Any:
    """The array `value` with this list in it, or the tensor where `value` is none."""
    return value.with_flow(tensor) if isinstance(value, TensorArray) else tensor
