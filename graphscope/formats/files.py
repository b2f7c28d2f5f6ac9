"""`import_file`: the graph of any file of TensorFlow, put into the default graph."""

from __future__ import annotations

import os
from typing import Any

from graphscope.errors import InvalidArgumentError
from graphscope.formats import meta_graphs
from graphscope.formats.messages import MetaGraphDef
from graphscope.formats.opened.finding import find
from graphscope.formats.opened.telling import events_of
from graphscope.train.saver import import_meta_graph


def import_file(path: Any, import_scope: str | None = None) -> Any:
    """Put the graph in a file into the default graph, with its collections where it has some.

    path: as for `graphscope.open_file`. import_scope: the scope of all names, none when left out.
    Returns: the Saver of the file, or None. Of a SavedModel it is the first graph, without values:
    `saved_model.loader.load` brings these.
    Errors: those of `open_file` and `import_graph_def`; InvalidArgumentError for a file without a
    graph.
    """
    found = find(os.fsdecode(os.fspath(path)))
    graphs = found.graphs
    if found.kind == "event file":
        graphs = events_of(found.path)[1]
    elif found.kind == "checkpoint" and os.path.isfile(f"{found.prefix}.meta"):
        graphs = [meta_graphs.read(f"{found.prefix}.meta")]
    if not graphs or not graphs[0].graph_def.node:
        raise InvalidArgumentError(None, None, f"{found.path} is a {found.kind} without a graph")
    message: MetaGraphDef = graphs[0]
    if message.HasField("saver_def"):
        return import_meta_graph(message, import_scope=import_scope)
    meta_graphs.imported(message, scope=import_scope)
    return None
