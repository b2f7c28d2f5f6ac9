"""`Supervisor`: the training loop's helper of 2016, which initializes, and stops threads together.

One process only. With a `logdir` it writes summaries and checkpoints there, and a training goes on
from the newest one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphscope.engine.session import Session
from graphscope.formats.exporting import graph_def_of
from graphscope.formats.graph_util import write_graph
from graphscope.graph.dtypes import int32, int64
from graphscope.graph.graph import Graph, Tensor, get_default_graph
from graphscope.ops.control_flow import group
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.summary import merge_all
from graphscope.ops.variable_lists import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    tables_initializer,
)
from graphscope.platform import logging
from graphscope.platform.messages import SessionLog
from graphscope.summary.writer import FileWriter
from graphscope.train.coordinator import Coordinator, LooperThread
from graphscope.train.global_step import global_step as steps_so_far
from graphscope.train.saver import Saver
from graphscope.train.services import (
    SVStepCounterThread,
    SVSummaryThread,
    SVTimerCheckpointThread,
)
from graphscope.train.session_manager import SessionManager

#: An argument that was left out; None means "without it".
USE_DEFAULT = 0


class Supervisor:
    """Makes sessions whose variables are initialized, and coordinates the threads beside them.

    graph: the default graph when left out; it cannot be changed any more.
    init_op, local_init_op, ready_op, summary_op: the first of their collections, or made, when
    left out. init_fn: called with a new session. saver: saves into `logdir`.
    Source: tf.train.Supervisor. Errors: ValueError for a worker (not `is_chief`) with variables
    that are on no device.
    """

    USE_DEFAULT = USE_DEFAULT

    def __init__(
        self,
        graph: Graph | None = None,
        ready_op: Any = USE_DEFAULT,
        ready_for_local_init_op: Any = USE_DEFAULT,
        is_chief: bool = True,
        init_op: Any = USE_DEFAULT,
        init_feed_dict: Any = None,
        local_init_op: Any = USE_DEFAULT,
        logdir: Any = None,
        summary_op: Any = USE_DEFAULT,
        saver: Any = USE_DEFAULT,
        global_step: Any = USE_DEFAULT,
        save_summaries_secs: float = 120,
        save_model_secs: float = 600,
        recovery_wait_secs: float = 30,
        stop_grace_secs: float = 120,
        checkpoint_basename: str = "model.ckpt",
        session_manager: Any = None,
        summary_writer: Any = USE_DEFAULT,
        init_fn: Callable[[Session], Any] | None = None,
        local_init_run_options: Any = None,
    ) -> None:
        self.graph = get_default_graph() if graph is None else graph
        with self.graph.as_default():
            self.ready_op = _given(ready_op, GraphKeys.READY_OP, report_uninitialized_variables)
            self.ready_for_local_init_op = _given(
                ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP, _nothing
            )
            self.init_op = _given(init_op, GraphKeys.INIT_OP, global_variables_initializer)
            self.local_init_op = _given(local_init_op, GraphKeys.LOCAL_INIT_OP, _local_init_op)
            self.saver = _given(saver, GraphKeys.SAVERS, _new_saver)
            self.summary_op = _given(summary_op, GraphKeys.SUMMARY_OP, merge_all)
            self.global_step = _given(global_step, GraphKeys.GLOBAL_STEP, _global_step)
        self.is_chief = is_chief
        self.coord = Coordinator()
        self.init_feed_dict = init_feed_dict
        self._init_fn = init_fn
        self._grace = stop_grace_secs
        self._logdir = logdir if is_chief else None
        self.save_path = os.path.join(logdir, checkpoint_basename) if self._logdir else None
        self.save_summaries_secs = save_summaries_secs if is_chief else None
        self.save_model_secs = save_model_secs if is_chief else None
        self.summary_writer: Any = None
        if is_chief and _left_out(summary_writer):
            self.summary_writer = FileWriter(logdir) if logdir else None
        elif is_chief:
            self.summary_writer = summary_writer
        self._graph_is_written = False
        self.session_manager = session_manager or SessionManager(
            self.local_init_op,
            self.ready_op,
            self.ready_for_local_init_op,
            self.graph,
            recovery_wait_secs,
            local_init_run_options,
        )
        self._check_devices()
        self.graph.finalize()

    def _check_devices(self) -> None:
        """Errors: ValueError when a worker's variable is on no device."""
        if self.is_chief:
            return
        for op in self.graph.operations:
            if op.type in ("Variable", "VariableV2") and not op.device:
                raise ValueError(
                    f"When using replicas, all Variables must have their device set: {op!r}"
                )

    def prepare_or_wait_for_session(
        self,
        master: str = "",
        config: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        start_standard_services: bool = True,
    ) -> Session:
        """A new session whose variables have values."""
        self.coord.clear_stop()
        if self.summary_writer:
            self.summary_writer.reopen()
        if not self.is_chief:
            waited: Session = self.session_manager.wait_for_session(
                master, config=config, max_wait_secs=max_wait_secs
            )
            return waited
        session: Session = self.session_manager.prepare_session(
            master,
            init_op=self.init_op,
            saver=self.saver,
            checkpoint_dir=self._logdir,
            wait_for_checkpoint=wait_for_checkpoint,
            max_wait_secs=max_wait_secs,
            config=config,
            init_feed_dict=self.init_feed_dict,
            init_fn=self._init_fn,
        )
        if self._logdir:
            graph_def = graph_def_of(self.graph, add_shapes=True)
            write_graph(graph_def, self._logdir, "graph.pbtxt")
        if self.summary_writer and not self._graph_is_written:
            self.summary_writer.add_graph(self.graph)
            self._graph_is_written = True
        if start_standard_services:
            logging.info("Starting standard services.")
            self.start_standard_services(session)
        return session

    PrepareSession = prepare_or_wait_for_session

    @contextmanager
    def managed_session(
        self,
        master: str = "",
        config: Any = None,
        start_standard_services: bool = True,
        close_summary_writer: bool = True,
    ) -> Iterator[Session]:
        """A session for a ``with`` block; what is raised inside is raised again once all threads
        have stopped, but for the end of the input."""
        session: Session | None = None
        try:
            session = self.prepare_or_wait_for_session(
                master, config, start_standard_services=start_standard_services
            )
            yield session
        except Exception as error:
            self.request_stop(error)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if session is not None:
                    session.close()

    def loop(
        self,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> LooperThread:
        """Call a function again and again in a thread of its own, until the stop."""
        looper = LooperThread(self.coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    Loop = loop

    def start_standard_services(self, sess: Session) -> list[LooperThread] | None:
        """Threads that write the summaries and the speed, and have the saver save.

        Errors: RuntimeError for a worker. None, and a warning, without a `logdir`.
        """
        if not self.is_chief:
            raise RuntimeError(
                "Only chief supervisor can start standard services: only it can write events."
            )
        if not self._logdir:
            logging.warning("Standard services need a 'logdir' passed to the Supervisor")
            return None
        threads: list[LooperThread] = []
        if self.summary_writer:
            if self.global_step is not None:
                step = steps_so_far(sess, self.global_step)
                self.summary_writer.add_session_log(SessionLog(status=SessionLog.START), step)
            if self.save_summaries_secs and self.summary_op is not None:
                threads.append(SVSummaryThread(self, sess))
            if self.save_summaries_secs and self.global_step is not None:
                threads.append(SVStepCounterThread(self, sess))
        if self.saver and self.save_model_secs:
            threads.append(SVTimerCheckpointThread(self, sess))
        for thread in threads:
            thread.start()
        return threads

    StartStandardServices = start_standard_services

    def start_queue_runners(self, sess: Session, queue_runners: Any = None) -> list[Any]:
        """Start the threads of those given, or of the collection; returns them."""
        if queue_runners is None:
            queue_runners = self.graph.get_collection(GraphKeys.QUEUE_RUNNERS)
        return [
            thread
            for runner in queue_runners
            for thread in runner.create_threads(sess, coord=self.coord, daemon=True, start=True)
        ]

    StartQueueRunners = start_queue_runners

    def should_stop(self) -> bool:
        return self.coord.should_stop()

    ShouldStop = should_stop

    def request_stop(self, ex: Any = None) -> None:
        self.coord.request_stop(ex)

    RequestStop = request_stop

    def stop(
        self,
        threads: Any = None,
        close_summary_writer: bool = True,
        ignore_live_threads: bool = False,
    ) -> None:
        """Ask all threads to stop, wait for them, and close the summaries."""
        self.coord.request_stop()
        try:
            self.coord.join(threads, self._grace, ignore_live_threads)
        finally:
            if close_summary_writer and self.summary_writer:
                self.summary_writer.add_session_log(SessionLog(status=SessionLog.STOP))
                self.summary_writer.close()
                self._graph_is_written = False

    Stop = stop

    def wait_for_stop(self) -> None:
        self.coord.wait_for_stop()

    WaitForStop = wait_for_stop

    def stop_on_exception(self) -> Any:
        return self.coord.stop_on_exception()

    StopOnException = stop_on_exception

    def summary_computed(self, sess: Session, summary: Any, global_step: Any = None) -> None:
        """Write a computed summary, at the step of the session when none is given.

        Errors: RuntimeError when there is no writer; TypeError when it is no summary.
        """
        if not self.summary_writer:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self.global_step is not None:
            global_step = steps_so_far(sess, self.global_step)
        self.summary_writer.add_summary(summary, global_step)

    SummaryComputed = summary_computed


def _left_out(value: Any) -> bool:
    return isinstance(value, int) and value == USE_DEFAULT


def _given(value: Any, key: str, make: Callable[[], Any]) -> Any:
    """What was given; if nothing was, the first of the collection, or a new one."""
    if not _left_out(value):
        return value
    graph = get_default_graph()
    kept = graph.get_collection(key)
    if kept:
        return kept[0]
    made = make()
    if made is not None:
        graph.add_to_collection(key, made)
    return made


def _new_saver() -> Saver | None:
    return Saver() if global_variables() else None


def _nothing() -> None:
    """There is none when none is given."""


def _local_init_op() -> Any:
    return group(local_variables_initializer(), tables_initializer())


def _global_step() -> Tensor | None:
    """The tensor of the name global_step, if it counts."""
    try:
        step = get_default_graph().get_tensor_by_name("global_step:0")
    except KeyError:
        return None
    if step.dtype.base_dtype in (int32, int64):
        return step
    logging.warning("Found 'global_step' is not an int type: %s", step.dtype)
    return None
