"""A writer of summaries that keeps what it is given, for the tests of those who write."""

from __future__ import annotations

from typing import Any, ClassVar

from graphscope.summary.messages import Summary, summary_bytes
from graphscope.summary.writer import FileWriterCache


class FakeSummaryWriter:
    """Keeps what is added to it. `install` has FileWriterCache make such writers.

    Source: tf.contrib.testing.FakeSummaryWriter.
    """

    _replaced_summary_writer: ClassVar[Any] = None

    @classmethod
    def install(cls) -> None:
        """Errors: ValueError when it is installed."""
        if cls._replaced_summary_writer is not None:
            raise ValueError("FakeSummaryWriter already installed.")
        cls._replaced_summary_writer = FileWriterCache.make
        FileWriterCache.make = cls

    @classmethod
    def uninstall(cls) -> None:
        """Errors: ValueError when it is not installed."""
        if cls._replaced_summary_writer is None:
            raise ValueError("FakeSummaryWriter not installed.")
        FileWriterCache.make = cls._replaced_summary_writer
        cls._replaced_summary_writer = None

    def __init__(self, logdir: str, graph: Any = None) -> None:
        self._logdir, self._graph = logdir, graph
        self._summaries: dict[Any, list[Summary]] = {}
        self._added_graphs: list[Any] = []
        self._added_meta_graphs: list[Any] = []
        self._added_session_logs: list[Any] = []
        self._added_run_metadata: dict[str, Any] = {}

    @property
    def summaries(self) -> dict[Any, list[Summary]]:
        """The summaries of each step."""
        return self._summaries

    def assert_summaries(
        self,
        test_case: Any,
        expected_logdir: Any = None,
        expected_graph: Any = None,
        expected_summaries: dict[Any, dict[str, float]] | None = None,
        expected_added_graphs: Any = None,
        expected_added_meta_graphs: Any = None,
        expected_session_logs: Any = None,
    ) -> None:
        """Compare what was added with what was expected of it.

        expected_summaries: step by step, tags and values; the speed of the training is left out.
        """
        if expected_graph is not None and expected_graph is not self._graph:
            test_case.fail(f"the graph is {self._graph}, and {expected_graph} was expected")
        checks: list[tuple[Any, Any]] = [
            (expected_logdir, self._logdir),
            (expected_added_graphs, self._added_graphs),
            (expected_added_meta_graphs, self._added_meta_graphs),
            (expected_session_logs, self._added_session_logs),
        ]
        for step, numbers in (expected_summaries or {}).items():
            values = [value for summary in self._summaries.get(step, ()) for value in summary.value]
            found = {v.tag: v.simple_value for v in values if v.tag != "global_step/sec"}
            checks.append(({step: numbers}, {step: found} if step in self._summaries else {}))
        for expected, added in checks:
            if expected is not None and expected != added:
                test_case.fail(f"added was {added}, and {expected} was expected")

    def add_summary(self, summ: Any, current_global_step: Any) -> None:
        kept = self._summaries.setdefault(current_global_step, [])
        kept.append(Summary.FromString(summary_bytes(summ)))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        self._added_graphs.append(graph)

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        self._added_meta_graphs.append(meta_graph_def)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        self._added_session_logs.append(session_log)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        self._added_run_metadata[tag] = run_metadata

    def flush(self) -> None:
        """Nothing waits."""

    def reopen(self) -> None:
        """It is never closed."""

    def close(self) -> None:
        """There is no file."""
