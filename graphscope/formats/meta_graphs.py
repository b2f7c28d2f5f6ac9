"""Meta graphs: a graph with its collections and its Saver, as `Saver.save` writes beside values."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.formats import exporting
from graphscope.formats.importing import import_graph_def
from graphscope.formats.messages import (
    CollectionDef,
    GraphDef,
    MetaGraphDef,
    SaverDef,
    VariableMessage,
)
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.kernels.files import content
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.partitions import SaveSliceInfo
from graphscope.ops.variable_def import VariableDef
from graphscope.ops.variables import Variable, VariableV2
from graphscope.platform import logging

#: The version of TensorFlow whose graphs these are.
_VERSION = "1.15.5"
#: Collections of variables.
_OF_VARIABLES = (
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.TRAINABLE_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.MODEL_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES,
    GraphKeys.GLOBAL_STEP,
)
#: What of a scope's names is told by a SaverDef.
_NAMES = ("filename_tensor_name", "save_tensor_name", "restore_op_name")


def renamed(saver_def: SaverDef, rename: Callable[[str], str]) -> SaverDef:
    """The definition of a Saver with other names."""
    made = SaverDef()
    made.CopyFrom(saver_def)
    for name in _NAMES:
        setattr(made, name, rename(getattr(made, name)))
    return made


def read(path: str) -> MetaGraphDef:
    """The meta graph in a file, binary or text. Errors: OSError when there is none in it."""
    if not os.path.isfile(path):
        error = OSError(f"File {path} does not exist.")
        beside = f"the graph of this checkpoint is in {path}.meta"
        raise teach(error, Lesson(hint=[beside] if os.path.isfile(f"{path}.meta") else []))
    message = MetaGraphDef()
    try:
        exporting.read_message(content(path), message)
    except (ValueError, TypeError) as error:
        raise OSError(f"Cannot parse file {path}: {error}.") from None
    return message


# ---- writing ------------------------------------------------------------------------------------


def exported(
    graph: Graph,
    *,
    graph_def: GraphDef | None = None,
    saver_def: SaverDef | None = None,
    collections: Sequence[str] | None = None,
    scope: str | None = None,
    clear_devices: bool = False,
    meta_info_def: Any = None,
) -> MetaGraphDef:
    """The graph, or the part of it in a name scope, with its collections."""
    message = MetaGraphDef()
    if meta_info_def is not None:
        message.meta_info_def.CopyFrom(meta_info_def)
    message.meta_info_def.tensorflow_version = _VERSION
    is_changed = graph_def is not None and (scope or clear_devices)
    graph_def = exporting.graph_def_of(graph) if graph_def is None else graph_def
    message.adopt("graph_def", copy.deepcopy(graph_def) if is_changed else graph_def)
    if scope:
        _keep_scope(message.graph_def, f"{scope}/")
    if clear_devices:
        for node in message.graph_def.node:
            node.device = ""
    for key in graph.get_all_collection_keys() if collections is None else collections:
        collection = _collection(graph, key, scope)
        if collection is not None:
            message.collection_def[key] = collection
    if saver_def is not None:
        message.saver_def.CopyFrom(saver_def)
    return message


def _keep_scope(graph_def: GraphDef, prefix: str) -> None:
    """Leave the nodes whose names begin so, without that beginning.

    Errors: ValueError when one of them takes something from outside.
    """
    kept = [node for node in graph_def.node if node.name.startswith(prefix)]
    for node in kept:
        node.name = node.name.removeprefix(prefix)
        for i, reference in enumerate(node.input):
            control = "^" if reference.startswith("^") else ""
            name = reference.removeprefix("^")
            if not name.startswith(prefix):
                raise ValueError(
                    f"Graph contains unbound inputs: {name}, which {prefix}{node.name} takes, is "
                    f"outside of the scope {prefix}"
                )
            node.input[i] = control + name.removeprefix(prefix)
        if "_class" in node.attr:
            places = node.attr["_class"].list.s
            places[:] = [text.replace(f"loc:@{prefix}".encode(), b"loc:@") for text in places]
    graph_def.node[:] = kept


def _collection(graph: Graph, key: Any, scope: str | None) -> CollectionDef | None:
    """A collection as a message; None for one that holds what no message does."""
    items = graph.get_collection(key)
    if not isinstance(key, str) or not items:
        return None
    made = CollectionDef()
    try:
        if all(hasattr(item, "to_proto") for item in items):
            told = [(item, item.to_proto(export_scope=scope)) for item in items]
            serialized = (_serialized(item, one) for item, one in told if one is not None)
            made.bytes_list.value.extend(serialized)
        elif all(isinstance(item, str | bytes) for item in items):
            texts = [item.encode() if isinstance(item, str) else item for item in items]
            made.bytes_list.value.extend(texts)
        elif all(isinstance(item, int) for item in items):
            made.int64_list.value.extend(items)
        elif all(isinstance(item, float) for item in items):
            made.float_list.value.extend(items)
        else:
            names = [_name(item, scope) for item in items]
            made.node_list.value.extend(name for name in names if name is not None)
    except (AttributeError, TypeError) as error:
        logging.warning(
            "Issue encountered when serializing %s.\nType is unsupported, or the types of the "
            "items don't match field type in CollectionDef. Note this is a warning and probably "
            "safe to ignore.\n%s",
            key,
            error,
        )
        return None
    return made if made._set_fields() else None


def _name(item: Any, scope: str | None) -> str | None:
    """The name of an operation or tensor; None for one outside of the scope."""
    if not isinstance(item, Operation | Tensor):
        raise AttributeError(f"{type(item).__name__!r} object has no attribute 'name'")
    prefix = f"{scope}/" if scope else ""
    return item.name.removeprefix(prefix) if item.name.startswith(prefix) else None


def _serialized(item: Any, told: Any) -> bytes:
    """A variable, or another object that tells itself, as bytes."""
    if not isinstance(told, VariableDef):
        serialized: bytes = told.SerializeToString()
        return serialized
    message = VariableMessage(**vars(told))
    part = item._get_save_slice_info()
    if part is not None:
        message.save_slice_info_def.full_name = part.full_name
        for name in ("full_shape", "var_offset", "var_shape"):
            getattr(message.save_slice_info_def, name).extend(int(n) for n in getattr(part, name))
    return message.SerializeToString()


# ---- reading ------------------------------------------------------------------------------------


def imported(
    meta_graph: MetaGraphDef,
    *,
    scope: str | None = None,
    clear_devices: bool = False,
    input_map: Any = None,
) -> str:
    """Put the graph and its collections into the default graph. Returns the scope of its names, ""
    without one."""
    graph = get_default_graph()
    graph_def = meta_graph.graph_def
    if clear_devices:
        graph_def = copy.deepcopy(graph_def)
        for node in graph_def.node:
            node.device = ""
    taken = graph.unique_name(scope, mark_as_used=False) if scope else ""
    import_graph_def(graph_def, input_map=input_map, name=scope or "")
    inside = f"{taken}/" if taken else ""
    variables: dict[bytes, Any] = {}
    for key, collection in meta_graph.collection_def.items():
        for item in _items(graph, key, collection, inside, variables):
            graph.add_to_collection(key, item)
    return taken


def _items(
    graph: Graph, key: str, collection: CollectionDef, inside: str, variables: dict[bytes, Any]
) -> list[Any]:
    """What a collection holds. Of what only TensorFlow makes objects, the bytes are kept."""
    kind = collection.WhichOneof("kind")
    if kind is None or kind == "any_list":
        return []
    values = list(getattr(collection, kind).value)
    if kind == "node_list":
        return [graph.as_graph_element(inside + name) for name in values if name]
    if kind != "bytes_list":
        return values
    if key in _OF_VARIABLES:
        for told in values:
            if told not in variables:
                variables[told] = _variable(told, inside)
            if key == GraphKeys.TRAINABLE_VARIABLES:  # old files do not tell it of the variable
                variables[told]._trainable = True
        return [variables[told] for told in values]
    return [_text(value) for value in values]


def _variable(told: bytes, inside: str) -> VariableV2:
    """The variable that a collection tells of; it is in the graph already."""
    message = VariableMessage.FromString(told)
    part = message.save_slice_info_def
    names = {name: getattr(message, name) for name in VariableDef.__dataclass_fields__}
    variable: VariableV2 = Variable.from_proto(
        VariableDef(**names), import_scope=inside[:-1] or None
    )
    if part.full_name:
        variable._set_save_slice_info(
            SaveSliceInfo(
                part.full_name, list(part.full_shape), list(part.var_offset), list(part.var_shape)
            )
        )
    return variable


def _text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
