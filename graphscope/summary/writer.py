"""`FileWriter`: event files that TensorBoard opens."""

from __future__ import annotations

import os
import socket
import time
from typing import Any, ClassVar

from graphscope.graph.graph import Graph
from graphscope.kernels.records import framed
from graphscope.summary.messages import FILE_VERSION, Event, graph_to_view, summary_bytes


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
        self._file: Any = None
        self._open()
        if graph is not None:
            self.add_graph(graph)

    def _open(self) -> None:
        os.makedirs(self._logdir, exist_ok=True)
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
        step = 0 if global_step is None else int(global_step)
        self._write(Event(time.time(), step, summary=summary_bytes(summary)))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write the graph, for TensorBoard's Graphs page. Errors: TypeError when it is none."""
        if not isinstance(graph, Graph):
            raise TypeError(
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`"
            )
        step = 0 if global_step is None else int(global_step)
        self._write(Event(time.time(), step, graph_def=graph_to_view(graph)))

    def add_event(self, event: Event) -> None:
        self._write(event)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Accepted and not written: TensorBoard shows nothing of it."""

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Accepted and not written: runs are not traced."""

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


class FileWriterCache:
    """One writer for each folder. Source: tf.summary.FileWriterCache."""

    _writers: ClassVar[dict[str, FileWriter]] = {}

    @classmethod
    def get(cls, logdir: str) -> FileWriter:
        if logdir not in cls._writers:
            cls._writers[logdir] = FileWriter(logdir)
        return cls._writers[logdir]

    @classmethod
    def clear(cls) -> None:
        for writer in cls._writers.values():
            writer.close()
        cls._writers.clear()
