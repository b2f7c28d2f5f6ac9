"""Writing a SavedModel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from graphscope.engine.session import Session
from graphscope.formats.assets import tell_asset
from graphscope.formats.exporting import write_message
from graphscope.formats.messages import AssetFileDef, MetaGraphDef, SavedModel, SignatureDef
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.kernels.files import told
from graphscope.platform.static_values import constant_value
from graphscope.saved_model import constants, signature_constants, tag_constants
from graphscope.saved_model.signature_def_utils import predict_signature_def
from graphscope.saved_model.utils import build_tensor_info
from graphscope.train.saveables import all_saveable_objects
from graphscope.train.saver import Saver, export_meta_graph

__all__ = ["SavedModelBuilder"]

_INIT_KEYS = (constants.MAIN_OP_KEY, constants.LEGACY_INIT_OP_KEY)
_RESERVED = ("__saved_model_init_op", "__saved_model_train_op")


class SavedModelBuilder:
    """Collects graphs for a SavedModel in a new folder; `save` writes it.

    Errors: AssertionError when the folder is there, and something is in it.
    Source: tf.saved_model.builder.SavedModelBuilder.
    """

    def __init__(self, export_dir: Any) -> None:
        self._folder = os.fsdecode(os.fspath(export_dir))
        with told(self._folder):
            if os.path.exists(self._folder) and os.listdir(self._folder):
                raise AssertionError(
                    "Export directory already exists, and isn't empty. Please choose a different "
                    "export directory, or delete all the contents of the specified directory: "
                    f"{self._folder}"
                )
            os.makedirs(self._folder, exist_ok=True)
        self._model = SavedModel(saved_model_schema_version=constants.SAVED_MODEL_SCHEMA_VERSION)
        self._has_values = False

    def add_meta_graph_and_variables(
        self,
        sess: Session,
        tags: Sequence[str],
        signature_def_map: Mapping[str, SignatureDef] | None = None,
        assets_collection: Sequence[Any] | None = None,
        legacy_init_op: Operation | None = None,
        clear_devices: bool = False,
        main_op: Operation | None = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Add the default graph, and save the session's values: for the first graph.

        tags: by which it is loaded. signature_def_map: what it takes and gives. assets_collection:
        tensors with paths of files, which are copied. main_op: an operation that is run after
        loading; `legacy_init_op` is its old name. saver: one of all variables when left out.
        `strip_default_attrs` is accepted: default attributes are never written.
        Errors: AssertionError when values have been saved already, and for a signature that does
        not tell name and type; KeyError for a signature under a reserved key; TypeError for a
        main_op that is none, ValueError when the graph has one already.
        """
        if self._has_values:
            raise AssertionError(
                "Graph state including variables and assets has already been saved. Please invoke "
                "`add_meta_graph()` instead."
            )
        self._check(signature_def_map)
        self._add_init_op(main_op if main_op is not None else legacy_init_op)
        folder = os.path.join(self._folder, constants.VARIABLES_DIRECTORY)
        with told(folder):
            os.makedirs(folder, exist_ok=True)
        saver = saver or _saver()
        path = os.path.join(folder, constants.VARIABLES_FILENAME)
        saver.save(sess, path, write_meta_graph=False, write_state=False)
        self._add(saver, tags, signature_def_map, assets_collection, clear_devices)
        self._has_values = True

    def add_meta_graph(
        self,
        tags: Sequence[str],
        signature_def_map: Mapping[str, SignatureDef] | None = None,
        assets_collection: Sequence[Any] | None = None,
        legacy_init_op: Operation | None = None,
        clear_devices: bool = False,
        main_op: Operation | None = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Add the default graph as another one that uses the same values.

        Errors: AssertionError before the first graph was added with its values; otherwise as for
        `add_meta_graph_and_variables`.
        """
        if not self._has_values:
            raise AssertionError(
                "Graph state including variables and assets has not been saved yet. Please invoke "
                "`add_meta_graph_and_variables()` first."
            )
        self._check(signature_def_map)
        self._add_init_op(main_op if main_op is not None else legacy_init_op)
        self._add(saver or _saver(), tags, signature_def_map, assets_collection, clear_devices)

    def save(self, as_text: bool = False) -> bytes:
        """Write the file of the graphs, binary or as text. Returns its path."""
        names = (constants.SAVED_MODEL_FILENAME_PB, constants.SAVED_MODEL_FILENAME_PBTXT)
        path = os.path.join(self._folder, names[as_text])
        return write_message(path, self._model, as_text).encode()

    def _check(self, signatures: Mapping[str, SignatureDef] | None) -> None:
        for key, signature in (signatures or {}).items():
            if key in _RESERVED:
                raise KeyError(f'SignatureDef map key "{key}" is reserved. Please use another key.')
            for side in (signature.inputs, signature.outputs):
                for info in side.values():
                    if not info.name or not info.dtype:
                        raise AssertionError(
                            "All TensorInfo protos used in the SignatureDefs must have the name "
                            f"and dtype fields set: {info}"
                        )

    def _add_init_op(self, op: Operation | None) -> None:
        if op is None:
            return
        if not isinstance(op, Operation):
            raise TypeError(f"main_op needs to be an Operation: {op!r}")
        graph = get_default_graph()
        for key in _INIT_KEYS:
            if graph.get_collection(key):
                raise ValueError(
                    f"Graph already contains one or more main ops under the collection {key}."
                )
        graph.add_to_collection(constants.MAIN_OP_KEY, op)

    def _add(
        self,
        saver: Saver,
        tags: Sequence[str],
        signatures: Mapping[str, SignatureDef] | None,
        assets: Sequence[Any] | None,
        clear_devices: bool,
    ) -> None:
        message: MetaGraphDef = export_meta_graph(
            saver_def=saver.saver_def, clear_devices=clear_devices
        )
        message.meta_info_def.tags.extend(tags)
        for key, signature in (signatures or {}).items():
            message.signature_def[key].CopyFrom(signature)
        for tensor in assets or ():
            tell_asset(message, self._asset(tensor))
        self._model.meta_graphs.append(message)

    def _asset(self, tensor: Any) -> AssetFileDef:
        """Copy the file whose path a constant is. Errors: ValueError when it is none."""
        value = constant_value(tensor) if isinstance(tensor, Tensor) else None
        if value is None or value.ndim or not isinstance(value.item(), bytes | str):
            raise ValueError(f"Invalid asset filepath tensor {tensor}: it is no constant text")
        path = os.fsdecode(value.item())
        name = os.path.basename(path)
        folder = os.path.join(self._folder, constants.ASSETS_DIRECTORY)
        with told(path):
            os.makedirs(folder, exist_ok=True)
            shutil.copyfile(path, os.path.join(folder, name))
        made = AssetFileDef(filename=name)
        made.tensor_info.CopyFrom(build_tensor_info(tensor))
        return made


def _saver() -> Saver:
    """A Saver of all variables; it saves nothing where there are none."""
    return Saver(all_saveable_objects() or None, sharded=True, allow_empty=True)


def simple_save(
    session: Session,
    export_dir: Any,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    legacy_init_op: Operation | None = None,
) -> None:
    """Save the session's graph and values for serving, with one signature.

    inputs, outputs: tensors by the names that callers use. Source: tf.saved_model.simple_save.
    """
    graph: Graph = session.graph
    with graph.as_default():
        signature = predict_signature_def(inputs, outputs)
        builder = SavedModelBuilder(export_dir)
        builder.add_meta_graph_and_variables(
            session,
            [tag_constants.SERVING],
            {signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
            assets_collection=graph.get_collection("asset_filepaths"),
            main_op=legacy_init_op,
            clear_devices=True,
        )
        builder.save()
