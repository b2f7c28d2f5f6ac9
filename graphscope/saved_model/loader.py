"""Loading a SavedModel into a session."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from graphscope.engine.session import Session
from graphscope.formats.assets import asset_path, assets_of
from graphscope.formats.exporting import read_message
from graphscope.formats.messages import MetaGraphDef, SavedModel
from graphscope.kernels.files import content
from graphscope.platform import logging
from graphscope.saved_model import constants
from graphscope.train.saver import import_meta_graph

__all__ = ["contains_saved_model", "load", "maybe_saved_model_directory"]

_FILES = (constants.SAVED_MODEL_FILENAME_PB, constants.SAVED_MODEL_FILENAME_PBTXT)
#: Under this key a signature names the operation that runs after loading (TensorFlow 2).
_INIT_OP_SIGNATURE = "__saved_model_init_op"


def load(
    sess: Session,
    tags: Sequence[str],
    export_dir: Any,
    import_scope: str | None = None,
    **saver_kwargs: Any,
) -> MetaGraphDef:
    """Bring the graph with these tags into the session's graph, and its values into the session.

    import_scope: the scope of its names. saver_kwargs: as for `import_meta_graph`. Returns the
    meta graph, whose `signature_def` tells what is fed and fetched.
    Errors: RuntimeError when there is no graph with exactly these tags, OSError when the folder has
    no SavedModel. Source: tf.saved_model.loader.load.
    """
    folder = os.fsdecode(os.fspath(export_dir))
    meta_graph = _with_tags(parse_saved_model(folder), tags)
    with sess.graph.as_default():
        saver = import_meta_graph(meta_graph, import_scope=import_scope, **saver_kwargs)
        values = os.path.join(folder, constants.VARIABLES_DIRECTORY, constants.VARIABLES_FILENAME)
        if saver is None:
            logging.info("The specified SavedModel has no variables; no checkpoints were restored.")
        elif os.path.isfile(f"{values}.index"):
            saver.restore(sess, values)
        else:
            raise ValueError(
                f"The SavedModel has variables, and there is no checkpoint {values} with values"
            )
        _run_init_op(sess, meta_graph, folder, import_scope)
    return meta_graph


def _with_tags(model: SavedModel, tags: Sequence[str]) -> MetaGraphDef:
    if isinstance(tags, str):
        raise TypeError(f"tags is a list of texts, such as [{tags!r}]")
    for meta_graph in model.meta_graphs:
        if set(meta_graph.meta_info_def.tags) == set(tags):
            found: MetaGraphDef = meta_graph
            return found
    there = [list(meta_graph.meta_info_def.tags) for meta_graph in model.meta_graphs]
    raise RuntimeError(
        f"MetaGraphDef associated with tags {', '.join(map(repr, tags))} could not be found in "
        f"SavedModel. Its graphs have the tags {', '.join(map(str, there))}: load(sess, "
        f"{there[0] if there else []}, ...)"
    )


def _run_init_op(
    sess: Session, meta_graph: MetaGraphDef, folder: str, import_scope: str | None
) -> None:
    """Run what the model wants to be run after loading, fed with the paths of its assets."""
    name = _init_op(meta_graph)
    if not name:
        return
    prefix = f"{import_scope}/" if import_scope else ""
    feeds = {}
    for asset in assets_of(meta_graph):
        path = asset_path(os.path.join(folder, constants.ASSETS_DIRECTORY), asset)
        feeds[f"{prefix}{asset.tensor_info.name}"] = path
    element = sess.graph.as_graph_element(prefix + name)
    sess.run(getattr(element, "op", element), feeds)


def _init_op(meta_graph: MetaGraphDef) -> str:
    """The name of the operation to run after loading; nothing where there is none.

    Errors: RuntimeError for several.
    """
    if _INIT_OP_SIGNATURE in meta_graph.signature_def:
        told = meta_graph.signature_def[_INIT_OP_SIGNATURE].outputs
        names = [told[key].name for key in told]
        return str(names[0]) if names else ""
    for key in (constants.MAIN_OP_KEY, constants.LEGACY_INIT_OP_KEY):
        if key in meta_graph.collection_def:
            names = list(meta_graph.collection_def[key].node_list.value)
            if len(names) != 1:
                raise RuntimeError(
                    f"Expected exactly one SavedModel init op. Found {len(names)}: {names}"
                )
            return str(names[0])
    return ""


def parse_saved_model(export_dir: str) -> SavedModel:
    """The message in the folder of a SavedModel. Errors: OSError when there is none in it."""
    path = next((p for p in (os.path.join(export_dir, f) for f in _FILES) if os.path.isfile(p)), "")
    if not path:
        raise OSError(
            f"SavedModel file does not exist at: {export_dir}/{{{'|'.join(reversed(_FILES))}}}"
        )
    model = SavedModel()
    try:
        read_message(content(path), model)
    except (ValueError, TypeError) as error:
        raise OSError(f"Cannot parse file {path}: {error}.") from None
    return model


def contains_saved_model(export_dir: Any) -> bool:
    """Whether a folder is that of a SavedModel. Source: tf.saved_model.contains_saved_model."""
    folder = os.fsdecode(os.fspath(export_dir))
    return any(os.path.isfile(os.path.join(folder, name)) for name in _FILES)


def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder may be that of a SavedModel.

    Source: tf.saved_model.maybe_saved_model_directory.
    """
    return contains_saved_model(export_dir)
