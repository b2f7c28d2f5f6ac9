"""`FileWriter`: event files that TensorBoard opens."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from graphscope.graph.graph import Graph, get_default_graph
from graphscope.kernels.records import framed
from graphscope.platform.messages import TaggedRunMetadata
from graphscope.summary.events import FILE_VERSION, Event
from graphscope.summary.messages import graph_to_view, summary_bytes


class FileWriter:
    """Appends events to a new file in a folder. Source: tf.summary.FileWriter.

    logdir: the folder; it is made when it is missing. graph: is written at once.
    `max_queue` and `flush_secs` are accepted and without effect: every event is written when it is
    added, and is on disk after `flush` or `close`.
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
        self._suffix = filename_suffix or ""
        self._tags: set[str] = set()
        self._file: Any = None
        self._open()
        if graph is not None:
            self.add_graph(graph)

    def _open(self) -> None:
        os.makedirs(self._logdir or ".", exist_ok=True)
        name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}{self._suffix}"
        self._file = open(os.path.join(self._logdir, name), "ab")  # noqa: SIM115 (kept open)
        self._write(Event(time.time(), file_version=FILE_VERSION))

    def _write(self, event: Event) -> None:
        if self._file is None:
            self._open()  # a writer that was closed begins another file, as TensorFlow's does
        self._file.write(framed(event.SerializeToString()))

    def get_logdir(self) -> str:
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write a summary: the value of a summary operation, or a `Summary`.

        global_step: the position on TensorBoard's horizontal axis.
        """
        step = _step(global_step)
        self._write(Event(time.time(), step, summary=summary_bytes(summary)))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write the graph, for TensorBoard's Graphs page. Errors: TypeError when it is none."""
        if not isinstance(graph, Graph):
            raise TypeError(
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`"
            )
        step = _step(global_step)
        self._write(Event(time.time(), step, graph_def=graph_to_view(graph)))

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
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write what is pending and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def reopen(self) -> None:
        """Begin another file after `close`."""
        if self._file is None:
            self._open()

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self._file.close()


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
