"""`open_file`: everything that is told of a file, put together."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from graphscope.errors import DataLossError, OpError
from graphscope.formats.assets import assets_of
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.formats.opened.facts import (
    CheckpointFact,
    EventsFact,
    OpenedFile,
    RunFact,
    StoredFact,
)
from graphscope.formats.opened.finding import Found, find
from graphscope.formats.opened.graphs import graph_fact
from graphscope.formats.opened.next_steps import next_steps
from graphscope.formats.opened.nodes import single
from graphscope.kernels import collecting
from graphscope.kernels.files import told
from graphscope.kernels.records import records
from graphscope.ops.checkpoints import Checkpoint
from graphscope.platform.messages import RunMetadata
from graphscope.summary.events import Event

#: So many single numbers of a checkpoint are read.
_MOST_VALUES = 64
#: So many tags and runs of an event file are told.
_MOST_TAGS = 1000


def open_file(path: Any) -> OpenedFile:
    """What a file of TensorFlow is, and what is in it; nothing is imported and nothing runs.

    path: a ``.meta`` file, a GraphDef (``.pb``, ``.pbtxt``), the folder or file of a SavedModel, a
    checkpoint (its prefix, its ``.index``, or the folder with the file ``checkpoint``), or an event
    file. Errors: NotFoundError when there is none, InvalidArgumentError when it is something else,
    DataLossError when it is damaged.
    """
    with collecting.paused():
        return _opened(find(os.fsdecode(os.fspath(path))))


def _opened(found: Found) -> OpenedFile:
    events = None
    if found.kind == "event file":
        events, found.graphs = events_of(found.path)
    prefix = found.prefix or _beside(found.path)
    checkpoint = None
    if prefix and (found.kind == "checkpoint" or _is_there(prefix)):
        checkpoint = _checkpoint(prefix, is_wanted=found.kind == "checkpoint")
    if checkpoint is not None and checkpoint.graph and not found.graphs:
        found.graphs = _graph_beside(checkpoint.graph)
    stored: Callable[[str], float | None] = checkpoint.value if checkpoint else _nothing
    graphs = tuple(graph_fact(message, stored) for message in found.graphs)
    assets = (name for message in found.graphs for name in _assets(message))
    return OpenedFile(
        path=found.path,
        what=found.kind,
        format=found.format,
        size=found.size,
        graphs=graphs,
        checkpoint=checkpoint,
        events=events,
        assets=tuple(dict.fromkeys(assets)),
        beside=tuple(_checkpoints_beside(found.path, prefix)) if graphs else (),
        next_steps=tuple(next_steps(found.path, found.kind, graphs, checkpoint)),
    )


def _assets(message: MetaGraphDef) -> list[str]:
    """The names of the files beside a SavedModel; none where they are damaged."""
    try:
        return [asset.filename for asset in assets_of(message)]
    except ValueError:
        return []


def _nothing(name: str) -> None:
    return None


# ---- checkpoints --------------------------------------------------------------------------------


def _beside(path: str) -> str:
    """The checkpoint whose graph a file is, by its name."""
    return path.removesuffix(".meta") if path.endswith(".meta") else ""


def _checkpoints_beside(path: str, prefix: str) -> list[str]:
    """The names of the other checkpoints in the folder of a file."""
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    own = os.path.basename(prefix)
    with told(folder):
        names = sorted(
            name.removesuffix(".index") for name in os.listdir(folder) if name.endswith(".index")
        )
    return [name for name in names if name != own][:_MOST_VALUES]


def _is_there(prefix: str) -> bool:
    return os.path.isfile(f"{prefix}.index") or os.path.isfile(prefix)


def _checkpoint(prefix: str, is_wanted: bool) -> CheckpointFact | None:
    """What a checkpoint holds. Errors: DataLossError for one that is damaged, when it is what was
    asked for."""
    try:
        found = Checkpoint(prefix)
    except OpError:
        if is_wanted:
            raise
        return None
    alone = [name for name, held in found.held.items() if math.prod(held.shape) == 1]
    values = {name: _value(found, name) for name in alone[:_MOST_VALUES]}
    stored = [
        StoredFact(name, held.dtype.name, held.shape, found.parts(name), values.get(name))
        for name, held in found.held.items()
    ]
    sizes = {
        os.path.basename(file): os.path.getsize(file) if os.path.isfile(file) else None
        for file in found.files[:_MOST_VALUES]
    }
    graph = f"{re.sub(r'-[?0-9]{5}-of-[0-9]{5}$', '', prefix)}.meta"
    return CheckpointFact(
        prefix,
        f"V{found.version}",
        sizes,
        tuple(stored),
        graph if os.path.isfile(graph) else "",
    )


def _value(checkpoint: Checkpoint, name: str) -> float | None:
    """A single number; None for a text, and where the data is not there."""
    if checkpoint.held[name].dtype.numpy.kind not in "biuf":
        return None
    try:
        return single(checkpoint.value(name))
    except OpError:
        return None


def _graph_beside(path: str) -> list[MetaGraphDef]:
    """The graph of a checkpoint; nothing when it is damaged, which opening it tells."""
    try:
        return find(path).graphs
    except OpError:
        return []


# ---- event files --------------------------------------------------------------------------------


def events_of(path: str) -> tuple[EventsFact, list[MetaGraphDef]]:
    """What an event file holds, and its last graph. A file whose end is cut off, as a writer leaves
    it that was stopped, is told up to there.

    Errors: DataLossError when not even its beginning can be read.
    """
    tags: Counter[str] = Counter()
    steps: list[int] = []
    runs: list[RunFact] = []
    graph: MetaGraphDef | None = None
    count, cut_off = 0, ""
    with told(path), open(path, "rb") as file:
        try:
            for record in records(file, os.fstat(file.fileno()).st_size):
                event = Event.FromString(record)
                count += 1
                steps = [min([*steps[:1], event.step]), max([*steps[1:], event.step])]
                kind = event.WhichOneof("what")
                if kind == "summary":
                    tags.update(value.tag for value in event.summary.value)
                elif kind in ("graph_def", "meta_graph_def"):
                    graph = _graph_in(event, kind, graph)
                elif kind == "tagged_run_metadata" and len(runs) < _MOST_TAGS:
                    runs.append(_run(event))
        except (ValueError, OverflowError) as error:
            cut_off = str(error)
    if not count:
        raise DataLossError(None, None, f"{path} is damaged: {cut_off or 'it has no events'}")
    told_tags = dict(sorted(tags.items())[:_MOST_TAGS])
    fact = EventsFact(count, steps[0], steps[1], told_tags, tuple(runs), cut_off)
    return fact, [] if graph is None else [graph]


def _graph_in(event: Event, kind: str, before: MetaGraphDef | None) -> MetaGraphDef:
    """The graph of an event: a meta graph tells more than the graph that comes with it."""
    if kind == "meta_graph_def":
        return MetaGraphDef.FromString(event.meta_graph_def)
    if before is not None and before.collection_def:
        return before
    around = MetaGraphDef()
    around.adopt("graph_def", GraphDef.FromString(event.graph_def))
    return around


def _run(event: Event) -> RunFact:
    """When the nodes of a traced run ran."""
    tagged = event.tagged_run_metadata
    stats = [
        node
        for device in RunMetadata.FromString(tagged.run_metadata).step_stats.dev_stats
        for node in device.node_stats
    ]
    begins = [node.all_start_micros for node in stats]
    ends = [node.all_start_micros + node.all_end_rel_micros for node in stats]
    return RunFact(tagged.tag, event.step, len(stats), max(ends) - min(begins) if stats else 0)
