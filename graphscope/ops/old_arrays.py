"""Stacks and TensorArrays of old files, which operations reach by a handle.

The graphs that are made here hand lists from one to the next; those of old files keep them beside
the graph. Here the session keeps them in the cell of the operation that made the handle; they are
replaced, never changed. A run that makes a handle anew begins with an empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.errors import UnimplementedError
from graphscope.graph.declare import Any_, Handle, Index, OpDef, op
from graphscope.graph.dtypes import DType, float32, int32, int64, resource
from graphscope.graph.registry import OLD_OPS
from graphscope.graph.shapes import SCALAR, UNKNOWN, TensorShape
from graphscope.ops.streams import boxed

Array = NDArray[Any]
_FLOW = np.zeros((), np.float32)


# ---- stacks -------------------------------------------------------------------------------------


class _Pile(NamedTuple):
    """The last one that was put on, and what is below it."""

    top: Array
    below: _Pile | None


@op(
    "StackV2",
    kind="control",
    dtype=resource,
    shape=lambda max_size, **_: SCALAR,
    private_state=True,
    differentiable=False,
)
def stack(
    cell: Any, max_size: Index, *, elem_type: DType, stack_name: str = "", handle: str = ""
) -> tuple[Handle, None]:
    """An empty stack. handle: the name of the operation, under which it is kept."""
    return boxed(handle), None


@op(
    "StackPushV2",
    kind="control",
    shape=lambda handle, elem, **_: elem.shape,
    dtype=lambda handle, elem, **_: elem.dtype.base_dtype,
    shared_state=True,
    differentiable=False,
)
def stack_push(
    cell: Any, handle: Handle, elem: Any_, *, swap_memory: bool = False
) -> tuple[Any_, _Pile]:
    """Puts the element on the stack, and hands it on."""
    return elem, _Pile(elem, cell)


@op(
    "StackPopV2",
    kind="control",
    shape=lambda handle, **_: UNKNOWN,
    dtype="elem_type",
    shared_state=True,
    differentiable=False,
)
def stack_pop(cell: Any, handle: Handle, *, elem_type: DType) -> tuple[Any_, _Pile | None]:
    """Takes the last element from the stack."""
    if cell is None:
        raise ValueError(f"Stack[{handle}] is empty when calling Pop()")
    return cell.top, cell.below


# ---- arrays -------------------------------------------------------------------------------------


class _Handle(str):
    """The name of the operation that made an array; which one of those that it has made; and the
    gradient whose array this one is, "" for the array itself."""

    serial: int
    source: str

    def __new__(cls, name: str, serial: int, source: str = "") -> _Handle:
        made = super().__new__(cls, name)
        made.serial, made.source = serial, source
        return made


class _Cell(NamedTuple):
    """The last array that an operation has made, and those of its gradients, by their sources.

    An element that was not written is None.
    """

    serial: int
    dtype: DType
    grows: bool
    parts: dict[str, tuple[Array | None, ...]]

    def elements(self, handle: Any) -> tuple[Array | None, ...]:
        """Errors: UnimplementedError for an array of an earlier iteration of a loop around."""
        name = handle[()]
        if name.serial != self.serial:
            raise UnimplementedError(
                None,
                None,
                f"the TensorArray {name} of an earlier iteration is not kept: arrays that are made "
                "anew in each iteration of a loop have no gradients here",
            )
        return self.parts[name.source]

    def written(self, handle: Any, rows: Iterable[tuple[int, Array]]) -> _Cell:
        """With elements in these places; the gradients of one add up. Errors: ValueError."""
        found, is_gradient = list(self.elements(handle)), bool(handle[()].source)
        for at, row in rows:
            if at < 0 or (at >= len(found) and not self.grows):
                raise ValueError(
                    f"Tried to write to index {at} but array is not resizeable and size is: "
                    f"{len(found)}"
                )
            found += [None] * (at + 1 - len(found))
            before = found[at]
            if before is not None and not is_gradient:
                raise ValueError(
                    f"Could not write to TensorArray index {at} because it has already been "
                    "written to."
                )
            found[at] = row if before is None else np.asarray(before + row, row.dtype)
        return self._replace(parts={**self.parts, handle[()].source: tuple(found)})

    def read(self, handle: Any, places: Iterable[int]) -> list[Array]:
        """The elements in these places; of a gradient that nobody wrote to, zeros."""
        elements, found = self.elements(handle), []
        for at in places:
            if not 0 <= at < len(elements):
                raise ValueError(
                    f"Tried to read from index {at} but array size is: {len(elements)}"
                )
            element = elements[at]
            if element is None and handle[()].source:
                forward = self.parts[""][at]
                element = None if forward is None else np.zeros_like(forward)
            if element is None:
                raise ValueError(
                    f"Could not read from TensorArray index {at} because it has not yet been "
                    "written to."
                )
            found.append(element)
        return found


def _array_op(type: str, **rules: Any) -> Callable[[Callable[..., Any]], OpDef]:
    """Declare an operation on an array that is kept beside the graph."""
    return op(type, kind="array", shared_state=True, differentiable=False, table=OLD_OPS, **rules)


@op(
    "TensorArrayV3",
    kind="array",
    outputs=("handle", "flow"),
    dtype=(resource, float32),
    shape=lambda size, **_: (SCALAR, SCALAR),
    private_state=True,
    differentiable=False,
    table=OLD_OPS,
)
def tensor_array(
    cell: _Cell | None,
    size: Index,
    *,
    dtype: DType,
    element_shape: Any = None,
    dynamic_size: bool = False,
    clear_after_read: bool = True,
    identical_element_shapes: bool = False,
    tensor_array_name: str = "",
    handle: str = "",
) -> Any:
    """An empty array. handle: the name of the operation, under which it is kept."""
    serial = 0 if cell is None else cell.serial + 1
    made = _Cell(serial, dtype, dynamic_size, {"": (None,) * int(size)})
    return (boxed(_Handle(handle, serial)), _FLOW), made


@_array_op(
    "TensorArrayGradV3",
    outputs=("grad_handle", "flow_out"),
    dtype=(resource, float32),
    shape=lambda handle, flow_in, **_: (SCALAR, SCALAR),
)
def tensor_array_grad(cell: _Cell, handle: Any_, flow_in: Any_, *, source: str = "") -> Any:
    """The array with the gradients of an array; those that are written to one place add up."""
    elements = cell.elements(handle)
    if source not in cell.parts:
        cell = cell._replace(parts={**cell.parts, source: (None,) * len(elements)})
    name: Any = handle[()]
    return (boxed(_Handle(name, name.serial, source)), flow_in), cell


def _flow(*_: Any, **__: Any) -> TensorShape:
    return SCALAR


@_array_op("TensorArrayWriteV3", dtype=float32, shape=_flow)
def write(cell: _Cell, handle: Handle, index: Index, value: Any_, flow_in: Any_) -> Any:
    """Puts the value into a place."""
    return flow_in, cell.written(handle, [(int(index), value)])


@_array_op("TensorArrayScatterV3", dtype=float32, shape=_flow)
def scatter(cell: _Cell, handle: Handle, indices: Index, value: Any_, flow_in: Any_) -> Any:
    """Puts the rows of the value into these places."""
    rows = zip(indices.tolist(), value, strict=True)
    return flow_in, cell.written(handle, [(at, np.asarray(row)) for at, row in rows])


@_array_op("TensorArraySplitV3", dtype=float32, shape=_flow)
def split(cell: _Cell, handle: Handle, value: Any_, lengths: Any_, flow_in: Any_) -> Any:
    """Puts pieces of these lengths into the places from 0 on."""
    pieces = np.split(value, np.cumsum(lengths)[:-1])
    return flow_in, cell.written(handle, list(enumerate(pieces)))


@_array_op("TensorArrayReadV3", dtype="dtype", shape=lambda *_, **__: UNKNOWN)
def read(cell: _Cell, handle: Handle, index: Index, flow_in: Any_, *, dtype: DType) -> Any:
    """What is in a place."""
    return cell.read(handle, [int(index)])[0], cell


def _rows(*_: Any, element_shape: Any = None, **__: Any) -> TensorShape:
    return TensorShape([None]).concatenate(TensorShape(element_shape))


@_array_op("TensorArrayGatherV3", dtype="dtype", shape=_rows)
def gather(
    cell: _Cell,
    handle: Handle,
    indices: Index,
    flow_in: Any_,
    *,
    dtype: DType,
    element_shape: Any = None,
) -> Any:
    """The elements in these places, as rows of one tensor."""
    found = cell.read(handle, indices.tolist())
    return _together(np.stack, found, dtype, element_shape), cell


@_array_op(
    "TensorArrayConcatV3",
    outputs=("value", "lengths"),
    dtype=lambda *_, dtype, **__: (dtype, int64),
    shape=lambda *_, **__: (UNKNOWN, TensorShape([None])),
)
def concat(
    cell: _Cell,
    handle: Handle,
    flow_in: Any_,
    *,
    dtype: DType,
    element_shape_except0: Any = None,
) -> Any:
    """All elements, one after the other, and how long each is."""
    found = cell.read(handle, range(len(cell.elements(handle))))
    lengths = np.array([len(element) for element in found], np.int64)
    return (_together(np.concatenate, found, dtype, element_shape_except0), lengths), cell


def _together(join: Any, found: Sequence[Array], dtype: DType, shape: Any) -> Array:
    """The elements as one. Without any, as many as their known shape has in none of them."""
    if found:
        joined: Array = join(found)
        return joined
    return np.zeros([0, *(size or 0 for size in TensorShape(shape).as_list())], dtype.numpy)


@_array_op("TensorArraySizeV3", dtype=int32, shape=lambda *_: SCALAR)
def size(cell: _Cell, handle: Handle, flow_in: Any_) -> Any:
    """How many places it has."""
    return np.int32(len(cell.elements(handle))), cell


@_array_op("TensorArrayCloseV3", outputs=0)
def close(cell: _Cell, handle: Handle) -> Any:
    """Nothing: an array is kept until it is made anew."""
    return None, cell
