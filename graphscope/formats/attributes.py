"""Attributes of operations as messages: read by what they hold, written by what they should be."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.formats.messages import AttrValue, ListValue
from graphscope.graph.dtypes import DType, as_dtype, resource
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.platform.tensors import TensorProto, TensorShapeProto, array_of, make_tensor_proto

#: For each kind of attribute the field of an AttrValue.
_FIELDS = {
    "string": "s",
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}


def shape_from(message: TensorShapeProto) -> TensorShape:
    """The shape that a message tells. Errors: ValueError for sizes below -1."""
    if "unknown_rank" in message.__dict__ and message.unknown_rank:
        return TensorShape(None)
    return TensorShape([None if dim.size == -1 else dim.size for dim in message.dim])


def shape_message(shape: TensorShape) -> TensorShapeProto:
    if shape.sizes is None:
        return TensorShapeProto(unknown_rank=True)
    message = TensorShapeProto()
    for size in shape.sizes:
        message.dim.add(size=-1 if size is None else size)
    return message


def value_of(message: AttrValue) -> Any:
    """What an attribute is: a number, a text, a DType, a TensorShape, an array, or a list."""
    kind = message.WhichOneof("value")
    if kind == "list":
        held = message.list.__dict__
        name = next((name for name in ListValue.FIELDS if held.get(name)), "i")
        return [_plain(name, item) for item in held.get(name, ())]
    return None if kind is None else _plain(kind, getattr(message, kind))


def _plain(field: str, value: Any) -> Any:
    if field == "s":
        return _text(value)
    if field == "type":
        return as_dtype(value)
    if field == "shape":
        return shape_from(value)
    if field == "tensor":
        return array_of(value) if as_dtype(value.dtype) is not resource else value
    return value


def _text(value: bytes) -> str | bytes:
    """Text where it is one; TensorFlow does not tell texts and bytes apart."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def default_of(kind: str, default: Any) -> Any:
    """A default of the table of signatures as the value that it stands for."""
    if kind.startswith("list("):
        return [default_of(kind[5:-1], item) for item in default]
    if kind == "type":
        return as_dtype(default)
    return as_shape(default) if kind == "shape" else default


def message_of(kind: str, value: Any, dtype: DType | None = None) -> AttrValue:
    """A value as an attribute of that kind. dtype: the type of a tensor's elements.

    Errors: TypeError and ValueError for a value that is not of that kind.
    """
    message = AttrValue()
    if kind.startswith("list("):
        field = _FIELDS[kind[5:-1]]
        message.adopt("list", AttrValue.ListValue())
        getattr(message.list, field).extend(_written(field, item, dtype) for item in value)
        return message
    field = _FIELDS[kind]
    written = _written(field, value, dtype)
    if field in ("shape", "tensor", "func"):
        message.adopt(field, written)
    else:
        setattr(message, field, written)
    return message


def _written(field: str, value: Any, dtype: DType | None) -> Any:
    if field == "s":
        return value.encode() if isinstance(value, str) else bytes(value)
    if field == "type":
        return as_dtype(value).base_dtype.as_datatype_enum
    if field == "shape":
        return shape_message(as_shape(value))
    if field == "tensor":
        return value if isinstance(value, TensorProto) else tensor_message(value, dtype)
    if field == "func":
        return value
    plain = value.item() if isinstance(value, np.generic | np.ndarray) else value
    return {"i": int, "f": float, "b": bool}[field](plain)


def tensor_message(array: Any, dtype: DType | None) -> TensorProto:
    """An array as a message; one of a single repeated number is short."""
    array = np.asarray(array)
    if array.size > 1 and not any(array.strides):
        first = array.reshape(-1)[:1].reshape(())
        return make_tensor_proto(first, dtype, shape=array.shape)
    return make_tensor_proto(array, dtype)
