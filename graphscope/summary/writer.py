"""`FileWriter`: event files that TensorBoard opens."""

from __future__ import annotations

import os
import socket
import time
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from graphscope.formats.exporting import graph_def_of
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.graph.graph import Graph, get_default_graph
from graphscope.kernels.records import framed
from graphscope.platform.messages import TaggedRunMetadata
from graphscope.summary.events import FILE_VERSION, Event
from graphscope.summary.messages import summary_bytes, with_new_metadata
from graphscope.summary.plugins import get_all_plugin_assets

#: The folder in the folder of events where files of plugins of TensorBoard are.
_PLUGINS_DIR = "plugins"
_GRAPHS = "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`"


class EventFile:
    """A file of events: opened, closed, and opened again under another name."""

    def __init__(self, folder: str, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self._file: Any = None
        self.open()

    def open(self) -> None:
        if self._file is None:
            os.makedirs(self._folder or ".", exist_ok=True)
            name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}{self._suffix}"
            self._file = open(os.path.join(self._folder, name), "ab")  # noqa: SIM115 (kept open)
            self.write(Event(time.time(), file_version=FILE_VERSION))

    def write(self, event: Event) -> None:
        self._file.write(framed(event.SerializeToString()))

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self._file.close()


#: The files that writers of one session share: for each session, by folder.
_shared: weakref.WeakKeyDictionary[Any, dict[str, EventFile]] = weakref.WeakKeyDictionary()


def _file_of(session: Any, folder: str, suffix: str) -> EventFile:
    if session is None:
        return EventFile(folder, suffix)
    files = _shared.setdefault(session, {})
    if folder not in files:
        files[folder] = EventFile(folder, suffix)
    return files[folder]


class FileWriter:
    """Appends events to a new file in a folder. Source: tf.summary.FileWriter.

    logdir: the folder; it is made when it is missing. graph: is written at once. session: writers
    of one session to one folder share a file. A writer that is closed warns, and writes nothing.
    `max_queue` and `flush_secs` are accepted and without effect: every event is written when it is
    added, and is on disk after `flush` or `close`. Errors: ValueError for a graph and a graph_def,
    TypeError when it is none.
    """

    def __init__(
        self,
        logdir: str,
        graph: Graph | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        self._logdir = os.fspath(logdir)
        self._tags: set[str] = set()
        self._described: set[str] = set()
        self._closed = False
        self.event_writer = _file_of(session, self._logdir, filename_suffix or "")
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)

    def _write(self, event: Event) -> None:
        if self._is_open():
            self.event_writer.write(event)

    def _is_open(self) -> bool:
        if self._closed:
            warnings.warn(
                "Attempting to use a closed FileWriter: nothing is written until it is reopened.",
                stacklevel=3,
            )
        return not self._closed

    def get_logdir(self) -> str:
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write a summary: the value of a summary operation, or a `Summary`.

        global_step: the position on TensorBoard's horizontal axis.
        """
        step = _step(global_step)
        record = with_new_metadata(summary_bytes(summary), self._described)
        self._write(Event(time.time(), step, summary=record))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write the graph, for TensorBoard's Graphs page, and what its plugins want to be kept.

        graph, graph_def: the graph, or as a message. Errors: ValueError for both, TypeError for
        what is no graph.
        """
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        message = graph if graph_def is None else graph_def
        if isinstance(message, Graph):
            message = graph_def_of(message, add_shapes=True)
        if not isinstance(message, GraphDef):
            raise TypeError(_GRAPHS)
        content = message.SerializeToString()
        self._write(Event(time.time(), _step(global_step), graph_def=content))
        if not isinstance(graph, Graph):
            return
        for plugin in get_all_plugin_assets(graph):
            folder = Path(self._logdir, _PLUGINS_DIR, plugin.plugin_name)
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in plugin.assets().items():
                (folder / name).write_text(content)

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Write a graph with its collections. Errors: TypeError when it is none."""
        if not isinstance(meta_graph_def, MetaGraphDef):
            kind = type(meta_graph_def)
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {kind}")
        content = meta_graph_def.SerializeToString()
        self._write(Event(time.time(), _step(global_step), meta_graph_def=content))

    def add_event(self, event: Event) -> None:
        self._write(event)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Write that a session began, saved or ended: a `SessionLog`."""
        step = _step(global_step)
        self._write(Event(time.time(), step, session_log=session_log))

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Write what a run told of itself, for TensorBoard's Graphs page.

        Errors: ValueError for a tag that was written before.
        """
        if tag in self._tags:
            raise ValueError("The provided tag was already used for this event type")
        self._tags.add(tag)
        step = _step(global_step)
        tagged = TaggedRunMetadata(tag=tag, run_metadata=run_metadata.SerializeToString())
        self._write(Event(time.time(), step, tagged_run_metadata=tagged))

    def flush(self) -> None:
        if self._is_open():
            self.event_writer.flush()

    def close(self) -> None:
        """Write what is pending and close the file."""
        self.event_writer.close()
        self._closed = True

    def reopen(self) -> None:
        """Begin another file after `close`."""
        self.event_writer.open()
        self._closed = False

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _step(global_step: Any) -> int:
    """A number, or an array of one."""
    return 0 if global_step is None else int(np.asarray(global_step).item())


class FileWriterCache:
    """One writer for each folder. Source: tf.summary.FileWriterCache."""

    #: What makes a writer of a folder and a graph; tests may put another class here.
    make: ClassVar[Callable[..., Any]] = FileWriter
    _cache: ClassVar[dict[str, Any]] = {}

    @classmethod
    def get(cls, logdir: str) -> Any:
        """The folder's writer. A new one begins its file with the default graph."""
        if logdir not in cls._cache:
            cls._cache[logdir] = cls.make(logdir, graph=get_default_graph())
        return cls._cache[logdir]

    @classmethod
    def clear(cls) -> None:
        for writer in cls._cache.values():
            writer.close()
        cls._cache.clear()
