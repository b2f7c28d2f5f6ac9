"""What plugins of TensorBoard want to be kept beside the events of a graph.

Source: tensorflow/python/summary/plugin_asset.py of 1.15.
"""

from __future__ import annotations

from typing import Any, TypeVar

from graphscope.graph.graph import Graph, get_default_graph

__all__ = ["PluginAsset", "get_all_plugin_assets", "get_plugin_asset"]

_KEY = "__tensorboard_plugin_asset__"


class PluginAsset:
    """The files of one plugin. A class gives `plugin_name`, and `assets`: names and contents."""

    plugin_name: str | None = None

    def assets(self) -> dict[str, Any]:
        raise NotImplementedError


P = TypeVar("P", bound=PluginAsset)


def get_plugin_asset(plugin_asset_cls: type[P], graph: Graph | None = None) -> P:
    """The graph's only one of the class, which is made at the first call.

    Errors: ValueError for a class without a plugin name, or with that of another class.
    """
    graph = graph or get_default_graph()
    if not plugin_asset_cls.plugin_name:
        raise ValueError(f"Class {plugin_asset_cls.__name__} has no plugin_name")
    key = _KEY + plugin_asset_cls.plugin_name
    kept = graph.get_collection(key)
    if not kept:
        asset = plugin_asset_cls()
        graph.add_to_collection(key, asset)
        graph.add_to_collection(_KEY, plugin_asset_cls.plugin_name)
        return asset
    found = kept[0]
    if type(found) is not plugin_asset_cls:
        raise ValueError(
            f"Plugin name collision between classes {plugin_asset_cls.__name__} and "
            f"{type(found).__name__}"
        )
    same: P = found
    return same


def get_all_plugin_assets(graph: Graph | None = None) -> list[Any]:
    """What there is of all plugins of the graph."""
    graph = graph or get_default_graph()
    return [graph.get_collection(_KEY + name)[0] for name in graph.get_collection(_KEY)]
