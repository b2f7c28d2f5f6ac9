"""Graphs, meta graphs and checkpoints under the names of TensorFlow's modules."""

from __future__ import annotations

from typing import Any

from graphscope import train
from graphscope.formats import graph_util, importing, messages, meta_graphs
from graphscope.train import checkpoint_state, restoring, saveables, saver


def _public(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


_UTIL = {
    **_public(
        graph_util, "convert_variables_to_constants", "extract_sub_graph", "remove_training_nodes"
    ),
    "import_graph_def": importing.import_graph_def,
}
_READING = _public(train, "init_from_checkpoint", "list_variables", "load_checkpoint")
_READING |= _public(train, "load_variable")
_STATE = _public(
    train,
    *("checkpoint_exists", "generate_checkpoint_state_proto", "get_checkpoint_mtimes"),
    *("get_checkpoint_state", "latest_checkpoint", "remove_checkpoint", "update_checkpoint_state"),
)
_ASSIGNING = _public(
    restoring,
    *("assign_from_checkpoint", "assign_from_checkpoint_fn", "assign_from_values"),
)
_SAVEABLE = _public(saveables, "SaveableObject", "SaveSpec")


class _BaseSaverBuilder:
    """Where scripts look for the classes of what is saved."""

    SaveSpec = saveables.SaveSpec
    SaveableObject = saveables.SaveableObject


#: Public modules.
FILES: dict[str, dict[str, Any]] = {
    "tensorflow.graph_util": _UTIL,
    "tensorflow.contrib.framework": {**_READING, **_ASSIGNING},
}

#: Modules of tensorflow.core, and beside tensorflow.python.
CORE_FILES: dict[str, dict[str, Any]] = {
    "tensorflow.core.framework.attr_value_pb2": _public(messages, "AttrValue", "NameAttrList"),
    "tensorflow.core.framework.graph_pb2": _public(messages, "GraphDef"),
    "tensorflow.core.framework.node_def_pb2": _public(messages, "NodeDef"),
    "tensorflow.core.framework.versions_pb2": _public(messages, "VersionDef"),
    "tensorflow.core.protobuf.meta_graph_pb2": _public(
        messages, "AssetFileDef", "CollectionDef", "MetaGraphDef", "SignatureDef", "TensorInfo"
    ),
    "tensorflow.core.protobuf.saved_model_pb2": _public(messages, "SavedModel"),
    "tensorflow.core.protobuf.saver_pb2": _public(messages, "SaverDef"),
    "tensorflow.contrib.framework.python.framework.checkpoint_utils": _READING,
}

#: Modules below tensorflow.python.
PYTHON_FILES: dict[str, dict[str, Any]] = {
    "framework.graph_io": _public(train, "write_graph"),
    "framework.graph_util": _UTIL,
    "framework.graph_util_impl": _UTIL,
    "framework.importer": {"import_graph_def": importing.import_graph_def},
    "framework.meta_graph": {"read_meta_graph_file": meta_graphs.read},
    "pywrap_tensorflow": {"NewCheckpointReader": train.NewCheckpointReader},
    "training.checkpoint_management": {
        **_STATE,
        "meta_graph_filename": checkpoint_state.meta_graph_filename,
    },
    "training.checkpoint_state_pb2": _public(messages, "CheckpointState"),
    "training.checkpoint_utils": _READING,
    "training.saver": {
        **_STATE,
        **_public(saver, "Saver", "export_meta_graph", "import_meta_graph"),
        "BaseSaverBuilder": _BaseSaverBuilder,
        "_get_saver_or_default": saver.saver_or_default,
    },
    "training.saving.saveable_object": _SAVEABLE,
}
