"""The messages in which TensorFlow keeps graphs: `GraphDef`, `MetaGraphDef`, and what is in them.

Field numbers are those of tensorflow/core/framework and tensorflow/core/protobuf of 1.15. What is
only passed on, as functions and signatures are, is kept as it was read.
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphscope.platform.messages import Message, mapped, repeated
from graphscope.platform.tensors import DATA_TYPES, TensorProto, TensorShapeProto
from graphscope.platform.wire import Bytes, Float32, Floats, Packed, TextMap, Truths

_Fields = dict[str, Any]


class NameAttrList(Message):
    """A function by its name, with attributes. Source: tf.NameAttrList."""

    FIELDS: ClassVar[_Fields] = {"name": ""}


class ListValue(Message):
    """An attribute that is a list."""

    FIELDS: ClassVar[_Fields] = {
        "s": Bytes,
        "i": Packed,
        "f": Floats,
        "b": Truths,
        "type": Packed,
        "shape": repeated(TensorShapeProto),
        "tensor": repeated(TensorProto),
        "func": repeated(NameAttrList),
    }
    NUMBERS: ClassVar[dict[str, int]] = {name: i for i, name in enumerate(FIELDS, 2)}
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"type": DATA_TYPES}


class AttrValue(Message):
    """The value of an attribute: one of its fields. Source: tf.AttrValue."""

    ListValue = ListValue
    FIELDS: ClassVar[_Fields] = {
        "list": ListValue,
        "s": b"",
        "i": 0,
        "f": Float32(),
        "b": False,
        "type": 0,
        "shape": TensorShapeProto,
        "tensor": TensorProto,
        "placeholder": "",
        "func": NameAttrList,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"type": DATA_TYPES}
    ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {"value": tuple(FIELDS)}


NameAttrList.FIELDS["attr"] = mapped(AttrValue)


class NodeDef(Message):
    """An operation: its name and type, what it takes, and its attributes. Source: tf.NodeDef."""

    FIELDS: ClassVar[_Fields] = {
        "name": "",
        "op": "",
        "input": list,
        "device": "",
        "attr": mapped(AttrValue),
    }


class VersionDef(Message):
    FIELDS: ClassVar[_Fields] = {"producer": 0, "min_consumer": 0, "bad_consumers": Packed}


class ArgDef(Message):
    FIELDS: ClassVar[_Fields] = {
        "name": "",
        "description": "",
        "type": 0,
        "type_attr": "",
        "number_attr": "",
        "type_list_attr": "",
        "is_ref": False,
    }
    NUMBERS: ClassVar[dict[str, int]] = {"is_ref": 16}
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"type": DATA_TYPES}


class AttrDef(Message):
    FIELDS: ClassVar[_Fields] = {
        "name": "",
        "type": "",
        "default_value": AttrValue,
        "description": "",
        "has_minimum": False,
        "minimum": 0,
        "allowed_values": AttrValue,
    }


class OpDeprecation(Message):
    FIELDS: ClassVar[_Fields] = {"version": 0, "explanation": ""}


class OpDefMessage(Message):
    """What an operation takes and gives (tensorflow.OpDef)."""

    FIELDS: ClassVar[_Fields] = {
        "name": "",
        "input_arg": repeated(ArgDef),
        "output_arg": repeated(ArgDef),
        "attr": repeated(AttrDef),
        "summary": "",
        "description": "",
        "deprecation": OpDeprecation,
        "is_aggregate": False,
        "is_stateful": False,
        "is_commutative": False,
        "allows_uninitialized_input": False,
        "control_output": list,
    }
    NUMBERS: ClassVar[dict[str, int]] = {
        "deprecation": 8,
        "is_aggregate": 16,
        "is_stateful": 17,
        "is_commutative": 18,
        "allows_uninitialized_input": 19,
        "control_output": 20,
    }


class FunctionDef(Message):
    """A function: nodes, and what it gives back."""

    FIELDS: ClassVar[_Fields] = {
        "signature": OpDefMessage,
        "node_def": repeated(NodeDef),
        "ret": TextMap,
        "attr": mapped(AttrValue),
        "control_ret": TextMap,
    }
    NUMBERS: ClassVar[dict[str, int]] = {"node_def": 3, "ret": 4, "attr": 5, "control_ret": 6}


class GradientDef(Message):
    FIELDS: ClassVar[_Fields] = {"function_name": "", "gradient_func": ""}


class FunctionDefLibrary(Message):
    """The functions of a graph."""

    FIELDS: ClassVar[_Fields] = {
        "function": repeated(FunctionDef),
        "gradient": repeated(GradientDef),
    }


class GraphDef(Message):
    """A graph as a file has it. Source: tf.GraphDef."""

    FIELDS: ClassVar[_Fields] = {
        "node": repeated(NodeDef),
        "library": FunctionDefLibrary,
        "version": 0,
        "versions": VersionDef,
    }
    NUMBERS: ClassVar[dict[str, int]] = {"library": 2, "version": 3, "versions": 4}


class SaverDef(Message):
    """How a Saver is told of by the names of its operations. Source: tf.train.SaverDef."""

    LEGACY, V1, V2 = 0, 1, 2
    FIELDS: ClassVar[_Fields] = {
        "filename_tensor_name": "",
        "save_tensor_name": "",
        "restore_op_name": "",
        "max_to_keep": 0,
        "sharded": False,
        "keep_checkpoint_every_n_hours": Float32(),
        "version": 0,
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"version": {0: "LEGACY", 1: "V1", 2: "V2"}}


class SaveSliceInfoDef(Message):
    """Which part of which whole a variable is."""

    FIELDS: ClassVar[_Fields] = {
        "full_name": "",
        "full_shape": Packed,
        "var_offset": Packed,
        "var_shape": Packed,
    }


class VariableMessage(Message):
    """A variable by the names of its operations (VariableDef of variable.proto)."""

    FIELDS: ClassVar[_Fields] = {
        "variable_name": "",
        "initializer_name": "",
        "snapshot_name": "",
        "save_slice_info_def": SaveSliceInfoDef,
        "is_resource": False,
        "initial_value_name": "",
        "trainable": False,
        "synchronization": 0,
        "aggregation": 0,
    }


class NodeList(Message):
    FIELDS: ClassVar[_Fields] = {"value": list}


class BytesValues(Message):
    FIELDS: ClassVar[_Fields] = {"value": Bytes}


class WholeValues(Message):
    FIELDS: ClassVar[_Fields] = {"value": Packed}


class FloatValues(Message):
    FIELDS: ClassVar[_Fields] = {"value": Floats}


class AnyMessage(Message):
    """A message of any kind, which says what it is. Source: google.protobuf.Any."""

    FIELDS: ClassVar[_Fields] = {"type_url": "", "value": b""}


class AnyValues(Message):
    FIELDS: ClassVar[_Fields] = {"value": repeated(AnyMessage)}


class CollectionDef(Message):
    """A collection: names of operations and tensors, messages as bytes, or numbers."""

    FIELDS: ClassVar[_Fields] = {
        "node_list": NodeList,
        "bytes_list": BytesValues,
        "int64_list": WholeValues,
        "float_list": FloatValues,
        "any_list": AnyValues,
    }
    ONEOFS: ClassVar[dict[str, tuple[str, ...]]] = {"kind": tuple(FIELDS)}


class OpList(Message):
    """The operations that the file's graph uses, as TensorFlow had them."""

    FIELDS: ClassVar[_Fields] = {"op": repeated(OpDefMessage)}
    PASSED_ON: ClassVar[bool] = True


class MetaInfoDef(Message):
    FIELDS: ClassVar[_Fields] = {
        "meta_graph_version": "",
        "stripped_op_list": OpList,
        "any_info": Message,
        "tags": list,
        "tensorflow_version": "",
        "tensorflow_git_version": "",
        "stripped_default_attrs": False,
    }


class TensorInfo(Message):
    FIELDS: ClassVar[_Fields] = {"name": "", "dtype": 0, "tensor_shape": TensorShapeProto}
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"dtype": DATA_TYPES}


class SignatureDef(Message):
    """What a model takes and gives."""

    FIELDS: ClassVar[_Fields] = {
        "inputs": mapped(TensorInfo),
        "outputs": mapped(TensorInfo),
        "method_name": "",
    }


class ObjectReference(Message):
    FIELDS: ClassVar[_Fields] = {"node_id": 0, "local_name": ""}


class SavedVariable(Message):
    FIELDS: ClassVar[_Fields] = {
        "dtype": 0,
        "shape": TensorShapeProto,
        "trainable": False,
        "synchronization": 0,
        "aggregation": 0,
        "name": "",
    }
    NAMES: ClassVar[dict[str, dict[int, str]]] = {"dtype": DATA_TYPES}


class SavedObject(Message):
    """One object of a model of TensorFlow 2: of what it is only variables are looked into."""

    FIELDS: ClassVar[_Fields] = {"children": repeated(ObjectReference), "variable": SavedVariable}
    NUMBERS: ClassVar[dict[str, int]] = {"variable": 7}


class ObjectGraph(Message):
    """The objects of a model of TensorFlow 2 (tensorflow.SavedObjectGraph)."""

    FIELDS: ClassVar[_Fields] = {"nodes": repeated(SavedObject)}


class AssetFileDef(Message):
    """A file beside a SavedModel, and the tensor that its name is put into."""

    FIELDS: ClassVar[_Fields] = {"tensor_info": TensorInfo, "filename": ""}


class MetaGraphDef(Message):
    """A graph with its collections and its Saver. Source: tf.MetaGraphDef."""

    MetaInfoDef = MetaInfoDef
    FIELDS: ClassVar[_Fields] = {
        "meta_info_def": MetaInfoDef,
        "graph_def": GraphDef,
        "saver_def": SaverDef,
        "collection_def": mapped(CollectionDef),
        "signature_def": mapped(SignatureDef),
        "asset_file_def": repeated(AssetFileDef),
        "object_graph_def": ObjectGraph,
    }


class SavedModel(Message):
    """Graphs for several uses, each with its tags. Source: tensorflow.SavedModel."""

    FIELDS: ClassVar[_Fields] = {
        "saved_model_schema_version": 0,
        "meta_graphs": repeated(MetaGraphDef),
    }


class CheckpointState(Message):
    """Which checkpoints there are. Source: tensorflow.CheckpointState."""

    FIELDS: ClassVar[_Fields] = {
        "model_checkpoint_path": "",
        "all_model_checkpoint_paths": list,
        "all_model_checkpoint_timestamps": list,
        "last_preserved_timestamp": 0.0,
    }
