"""Tensors in messages: `TensorProto`, made of arrays and read as arrays.

Field numbers are those of tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.convert import as_array, constant_attrs
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.shapes import as_shape
from graphscope.platform.messages import Message, repeated
from graphscope.platform.wire import Bytes, Doubles, Floats, Naturals, Packed, Truths

_DTYPES = {
    1: "DT_FLOAT",
    2: "DT_DOUBLE",
    3: "DT_INT32",
    4: "DT_UINT8",
    5: "DT_INT16",
    6: "DT_INT8",
    7: "DT_STRING",
    8: "DT_COMPLEX64",
    9: "DT_INT64",
    10: "DT_BOOL",
    14: "DT_BFLOAT16",
    17: "DT_UINT16",
    18: "DT_COMPLEX128",
    19: "DT_HALF",
    22: "DT_UINT32",
    23: "DT_UINT64",
}


class Dim(Message):
    FIELDS: ClassVar[dict[str, Any]] = {"size": 0, "name": ""}


class TensorShapeProto(Message):
    """The sizes of a tensor; -1 for one that is not known."""

    Dim = Dim
    FIELDS: ClassVar[dict[str, Any]] = {"dim": repeated(Dim), "unknown_rank": False}
    NUMBERS: ClassVar[dict[str, int]] = {"dim": 2, "unknown_rank": 3}


class TensorProto(Message):
    """A tensor: its elements as bytes, or in the list of their type, whose last one may go on."""

    dtype: int
    tensor_shape: Any
    tensor_content: bytes
    FIELDS: ClassVar[dict[str, Any]] = {
        "dtype": 0,
        "tensor_shape": TensorShapeProto,
        "version_number": 0,
        "tensor_content": b"",
        "float_val": Floats,
        "double_val": Doubles,
        "int_val": Packed,
        "string_val": Bytes,
        "scomplex_val": Floats,
        "int64_val": Packed,
        "bool_val": Truths,
        "dcomplex_val": Doubles,
        "half_val": Packed,
        "uint32_val": Naturals,
        "uint64_val": Naturals,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "half_val": 13,
        "uint32_val": 16,
        "uint64_val": 17,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"dtype": _DTYPES}


def _list_of(dtype: np.dtype[Any]) -> str:
    """The field that has the elements of a type, where they do not stand as bytes."""
    if dtype.kind == "O":
        return "string_val"
    own = {"?": "bool_val", "e": "half_val", "f": "float_val", "d": "double_val"}
    wide = {"F": "scomplex_val", "D": "dcomplex_val", "I": "uint32_val"}
    if dtype.kind in "iu" and dtype.itemsize == 8:
        return "int64_val" if dtype.kind == "i" else "uint64_val"
    return {**own, **wide}.get(dtype.char, "int_val")


def _listed(array: NDArray[Any]) -> list[Any]:
    """The elements as they stand in their list."""
    flat = array.ravel()
    if flat.dtype == np.float16:
        flat = flat.view(np.uint16)
    if flat.dtype.kind == "c":
        flat = flat.view(np.empty(0, flat.dtype).real.dtype)
    elements: list[Any] = flat.tolist()
    return elements


def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> TensorProto:
    """A value as a message. Source: tf.make_tensor_proto.

    shape: when it has more elements than `values`, the last one stands for the others.
    Errors: TypeError when the value does not fit the dtype, or, with verify_shape, the shape;
    ValueError for more elements than the shape has.
    """
    if isinstance(values, TensorProto):
        return values
    wanted = None if dtype is None else as_dtype(dtype)
    array = as_array(values, wanted)
    attrs = constant_attrs(array, wanted)
    array = np.asarray(attrs["value"])
    sizes = list(array.shape) if shape is None else [int(size) for size in as_shape(shape)]
    count = int(np.prod(sizes, dtype=np.int64))
    if verify_shape and sizes != list(array.shape):
        raise TypeError(f"Expected Tensor's shape: {tuple(sizes)}, got {array.shape}.")
    if array.size > count and (array.size != 1 or array.ndim):
        raise ValueError(
            f"Too many elements provided. Needed at most {count}, but received {array.size}"
        )
    known = TensorShapeProto(dim=[Dim(size=size) for size in sizes])
    proto = TensorProto(dtype=attrs["dtype"].as_datatype_enum, tensor_shape=known)
    as_bytes = array.dtype.kind != "O" and array.dtype != np.float16
    if as_bytes and array.size == count and count > 1:
        proto.tensor_content = array.tobytes()
    else:
        getattr(proto, _list_of(array.dtype)).extend(_listed(array))
    return proto


def make_ndarray(tensor: TensorProto) -> NDArray[Any]:
    """The array in a message. Source: tf.make_ndarray. Errors: TypeError for a type it is not."""
    if tensor.dtype not in _DTYPES:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}")
    dtype: np.dtype[Any] = as_dtype(tensor.dtype).numpy
    sizes = [dim.size for dim in tensor.tensor_shape.dim]
    count = int(np.prod(sizes, dtype=np.int64))
    if tensor.tensor_content:
        elements: NDArray[Any] = np.frombuffer(tensor.tensor_content, dtype).copy()
        return elements.reshape(sizes)
    listed = getattr(tensor, _list_of(dtype))
    if dtype.kind == "O":
        flat = np.empty(len(listed), dtype)
        flat[:] = listed
    elif dtype == np.float16:
        flat = np.array(listed, np.uint16).view(dtype)
    elif dtype.kind == "c":
        flat = np.array(listed, np.empty(0, dtype).real.dtype).view(dtype)
    else:
        flat = np.array(listed, dtype)
    missing = count - flat.size
    if missing > 0 and flat.size:
        flat = np.concatenate([flat, np.repeat(flat[-1:], missing)])
    return flat.reshape(sizes)
