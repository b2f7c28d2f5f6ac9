"""Tensors as signatures tell of them."""

from __future__ import annotations

from typing import Any

from graphscope.formats.attributes import shape_message
from graphscope.formats.messages import TensorInfo
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph

__all__ = ["build_tensor_info", "get_tensor_from_tensor_info"]


def build_tensor_info(tensor: Any) -> TensorInfo:
    """Name, type and shape of a tensor. Source: tf.saved_model.build_tensor_info.

    Errors: TypeError for what is no tensor.
    """
    found = convert_to_tensor(tensor) if hasattr(tensor, "_ref") else tensor
    if not isinstance(found, Tensor):
        raise TypeError(f"a signature tells of tensors, not of a {type(tensor).__name__}")
    info = TensorInfo(name=found.name, dtype=found.dtype.base_dtype.as_datatype_enum)
    info.tensor_shape.CopyFrom(shape_message(found.shape))
    return info


def get_tensor_from_tensor_info(
    tensor_info: TensorInfo, graph: Any = None, import_scope: str | None = None
) -> Tensor:
    """The tensor that a signature tells of. Source: tf.saved_model.get_tensor_from_tensor_info.

    graph: the default one when left out. Errors: KeyError when the graph has no such tensor;
    ValueError for one that is told in parts, as a SparseTensor.
    """
    if not tensor_info.name:
        raise ValueError("Invalid TensorInfo.encoding: only tensors with a name are known here")
    name = f"{import_scope}/{tensor_info.name}" if import_scope else tensor_info.name
    found: Tensor = (graph or get_default_graph()).get_tensor_by_name(name)
    return found
