"""Finding one's way in a graph: nodes, their inputs and users, paths, writers, the source."""

from __future__ import annotations

from graphscope.debug.place import Place


class Navigating(Place):
    """The commands that show how things hang together."""
