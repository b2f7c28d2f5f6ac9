"""Files that lie beside a SavedModel: its graph has their paths as constants."""

from __future__ import annotations

import os

from graphscope.errors import InvalidArgumentError
from graphscope.formats.messages import AssetFileDef, MetaGraphDef

#: The collection in which they are told, and what they are called there.
_KEY, _TYPE = "saved_model_assets", "type.googleapis.com/tensorflow.AssetFileDef"


def assets_of(meta_graph: MetaGraphDef) -> list[AssetFileDef]:
    """The files that a graph tells of. Errors: ValueError when one is damaged."""
    if meta_graph.asset_file_def:
        return list(meta_graph.asset_file_def)
    if _KEY not in meta_graph.collection_def:
        return []
    told = meta_graph.collection_def[_KEY].any_list.value
    return [AssetFileDef.FromString(each.value) for each in told]


def tell_asset(meta_graph: MetaGraphDef, asset: AssetFileDef) -> None:
    """Add a file, as TensorFlow 1 tells it."""
    told = meta_graph.collection_def[_KEY].any_list.value
    told.add(type_url=_TYPE, value=asset.SerializeToString())


def asset_path(folder: str, asset: AssetFileDef) -> str:
    """Where a file is. Errors: InvalidArgumentError for one outside of the folder."""
    name = asset.filename
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise InvalidArgumentError(
            None, None, f"the asset {name!r} would be outside of the folder {folder}"
        )
    return os.path.join(folder, name)
