"""Those who fill queues (tf.train.QueueRunner), without threads.

When somebody takes more from a queue than there is, the enqueue operations of its runners run, one
after the other, until it is enough, or until they are at their end: the queue is closed then.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from graphscope.engine.session import Session
from graphscope.errors import OutOfRangeError
from graphscope.graph.body import Rerun
from graphscope.graph.defaults import default_sessions
from graphscope.graph.graph import Graph, Operation, get_default_graph
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.queues import opened
from graphscope.pipelines.queues import QueueBase


class QueueRunner:
    """Fills a queue by its enqueue operations. Source: tf.train.QueueRunner.

    queue_closed_exception_types: OutOfRangeError, and with it CancelledError, end it, whatever is
    said here. Errors: ValueError without a queue or operations.
    """

    def __init__(
        self,
        queue: QueueBase | None = None,
        enqueue_ops: Sequence[Operation] | None = None,
        close_op: Operation | None = None,
        cancel_op: Operation | None = None,
        queue_closed_exception_types: Any = None,
        queue_runner_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        if queue is None or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        self._queue = queue
        self._enqueue_ops = list(enqueue_ops)
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = (
            queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        )
        self._closed_types = queue_closed_exception_types or (OutOfRangeError,)
        known = {id(run.wanted[0]) for run in queue.runners}
        fresh = {id(op): op for op in self._enqueue_ops if id(op) not in known}
        queue.runners.extend(Rerun(wanted=(op,)) for op in fresh.values())

    @property
    def queue(self) -> QueueBase:
        return self._queue

    @property
    def enqueue_ops(self) -> list[Operation]:
        return self._enqueue_ops

    @property
    def close_op(self) -> Operation:
        return self._close_op

    @property
    def cancel_op(self) -> Operation:
        return self._cancel_op

    @property
    def queue_closed_exception_types(self) -> Any:
        return self._closed_types

    @property
    def name(self) -> str:
        return self._queue.name

    @property
    def exceptions_raised(self) -> list[Exception]:
        """Nothing: what goes wrong is raised where the queue is read."""
        return []

    def create_threads(
        self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False
    ) -> list[Any]:
        """From now on, in this session, the queue is filled when it is read. Returns no threads."""
        kept = sess.state.cells.get(self.name) or opened(self._queue._about)
        sess.state.cells[self.name] = kept._replace(started=True)
        return []


def add_queue_runner(qr: QueueRunner, collection: str = GraphKeys.QUEUE_RUNNERS) -> None:
    """Have `start_queue_runners` find it. Source: tf.train.add_queue_runner."""
    get_default_graph().add_to_collection(collection, qr)


def start_queue_runners(
    sess: Any = None,
    coord: Any = None,
    daemon: bool = True,
    start: bool = True,
    collection: str = GraphKeys.QUEUE_RUNNERS,
) -> list[Any]:
    """Begin with all runners of the collection. Returns no threads: there are none.

    Errors: ValueError without a session, TypeError for what is none.
    Source: tf.train.start_queue_runners.
    """
    if sess is None:
        sess = default_sessions.top()
        if sess is None:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. Use `with "
                "sess.as_default()` or pass an explicit session to tf.start_queue_runners(sess=...)"
            )
    if not isinstance(sess, Session):
        if not hasattr(sess, "graph"):
            raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
        if not hasattr(sess, "state"):
            return []  # a monitored session has begun with them already
    graph: Graph = sess.graph
    runners = graph.get_collection(collection)
    if not runners and graph is get_default_graph():
        warnings.warn(
            "`tf.train.start_queue_runners()` was called when no queue runners were defined. You "
            "can safely remove the call to this deprecated function.",
            stacklevel=2,
        )
    return [
        thread
        for runner in runners
        for thread in runner.create_threads(sess, coord=coord, daemon=daemon, start=start)
    ]
