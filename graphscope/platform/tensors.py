"""Tensors in messages: `TensorProto`, made of arrays and read as arrays.

Field numbers are those of tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.convert import as_array, constant_attrs
from graphscope.graph.dtypes import DType, as_dtype, bfloat16, string
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


#: The names of all types: also of those that no array holds, and of the places of variables.
DATA_TYPES = {
    **{0: "DT_INVALID", 11: "DT_QINT8", 12: "DT_QUINT8", 13: "DT_QINT32", 15: "DT_QINT16"},
    **{16: "DT_QUINT16", 20: "DT_RESOURCE", 21: "DT_VARIANT"},
    **_DTYPES,
}
DATA_TYPES |= {number + 100: f"{name}_REF" for number, name in DATA_TYPES.items() if number}


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
    if attrs["dtype"] is bfloat16:
        array = (np.asarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16)
        proto.half_val.extend(array.ravel().tolist())
        return proto
    as_bytes = array.dtype.kind != "O" and array.dtype != np.float16
    if as_bytes and array.size == count and count > 1:
        proto.tensor_content = array.tobytes()
    else:
        getattr(proto, _list_of(array.dtype)).extend(_listed(array))
    return proto


def make_ndarray(tensor: TensorProto) -> NDArray[Any]:
    """The array in a message. Source: tf.make_ndarray. Errors: TypeError for a type it is not."""
    return np.array(array_of(tensor))


#: So many elements may be repetitions of the last one, where several are given.
_MOST_REPEATED = 1 << 27


def array_of(tensor: TensorProto) -> NDArray[Any]:
    """The array in a message; where all elements are one, it is there once.

    Errors: TypeError for a type that no array holds, ValueError for elements that do not fit.
    """
    if tensor.dtype not in _DTYPES:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}")
    dtype = as_dtype(tensor.dtype)
    sizes = [dim.size for dim in tensor.tensor_shape.dim]
    if min(sizes, default=0) < 0:
        raise ValueError(f"a tensor of the impossible shape {sizes}")
    count = math.prod(sizes)
    flat = _elements(tensor, dtype)
    if (tensor.tensor_content and flat.size != count) or flat.size > count:
        raise ValueError(f"{flat.size} elements for a tensor of the shape {sizes}")
    if flat.size == 0 and count:
        flat = np.full(1, b"" if dtype is string else 0, dtype.numpy)
    if flat.size == 1 and count > 1:
        return np.broadcast_to(flat[0] if dtype is not string else flat, sizes)
    if flat.size < count:
        if count > _MOST_REPEATED:
            raise ValueError(f"{flat.size} elements are to fill the shape {sizes}")
        flat = np.concatenate([flat, np.repeat(flat[-1:], count - flat.size)])
    return flat.reshape(sizes)


def _elements(tensor: TensorProto, dtype: DType) -> NDArray[Any]:
    """The elements that are in a message, one after the other."""
    if tensor.tensor_content and dtype is not string:
        stored = np.uint16 if dtype is bfloat16 else dtype.numpy
        flat = np.frombuffer(tensor.tensor_content, stored)
        return _widened(flat) if dtype is bfloat16 else flat.copy()
    if dtype is bfloat16:
        return _widened(np.array(tensor.half_val, np.uint16))
    listed = getattr(tensor, _list_of(dtype.numpy))
    if dtype is string:
        flat = np.empty(len(listed), object)
        flat[:] = listed
        return flat
    if dtype.numpy == np.float16:
        return np.array(listed, np.uint16).view(np.float16)
    if dtype.numpy.kind == "c":
        return np.array(listed, np.empty(0, dtype.numpy).real.dtype).view(dtype.numpy)
    return np.array(listed, dtype.numpy)


def _widened(bits: NDArray[Any]) -> NDArray[Any]:
    """bfloat16 numbers as float32, whose first half they are."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
