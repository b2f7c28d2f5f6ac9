"""Hooks that write files: summaries, the speed of the training, traces, and checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from graphscope.engine.session import Session
from graphscope.formats import meta_graphs
from graphscope.formats.exporting import graph_def_of
from graphscope.formats.graph_util import write_graph
from graphscope.graph.graph import get_default_graph
from graphscope.ops.graph_keys import GraphKeys
from graphscope.platform import gfile, logging
from graphscope.platform.messages import RunOptions, SessionLog
from graphscope.summary.chrome_trace import Timeline
from graphscope.summary.messages import Summary, Value
from graphscope.summary.writer import FileWriterCache
from graphscope.train.global_step import get_global_step
from graphscope.train.hooks import needed_step
from graphscope.train.run_hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from graphscope.train.timers import SecondOrStepTimer


class StepCounterHook(SessionRunHook):
    """Log how many steps are done in a second, every so many steps or seconds.

    With an `output_dir` or a `summary_writer` it is a summary too, ``global_step/sec``.
    Errors: ValueError unless exactly one of the two is given; RuntimeError without a global step.
    Source: tf.train.StepCounterHook.
    """

    def __init__(
        self,
        every_n_steps: int | None = 100,
        every_n_secs: float | None = None,
        output_dir: Any = None,
        summary_writer: Any = None,
    ) -> None:
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._summary_writer = summary_writer
        self._output_dir = output_dir
        self._last: Any = None
        self._steps_per_run = 1

    def _set_steps_per_run(self, steps_per_run: int) -> None:
        self._steps_per_run = steps_per_run

    def begin(self) -> None:
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = FileWriterCache.get(self._output_dir)
        self._step = needed_step(self)
        self._tag = f"{get_global_step().op.name}/sec"

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = run_values.results  # it may have been read before the run counted it up
        if self._timer.should_trigger_for_step(before + self._steps_per_run):
            step = run_context.session.run(self._step)
            if self._timer.should_trigger_for_step(step):
                seconds, steps = self._timer.update_last_triggered_step(step)
                if seconds is not None and steps is not None:
                    self._log_and_record(steps, seconds, step)
        if before == self._last:
            logging.log_first_n(
                logging.WARN,
                "It seems that global step (tf.train.get_global_step) has not been increased: it "
                "was %s before the last run and is %s before this one. Optimizer.minimize and "
                "Optimizer.apply_gradients count it up when it is given to them.",
                5,
                self._last,
                before,
            )
        self._last = before

    def _log_and_record(self, elapsed_steps: int, elapsed_time: float, global_step: int) -> None:
        speed = elapsed_steps / elapsed_time if elapsed_time else float("inf")
        if self._summary_writer is not None:
            summary = Summary(value=[Value(tag=self._tag, simple_value=speed)])
            self._summary_writer.add_summary(summary, global_step)
        logging.info("%s: %g", self._tag, speed)


class SummarySaverHook(SessionRunHook):
    """Write summaries every so many steps or seconds.

    summary_op: a summary or a list of them; or `scaffold`, whose `summary_op` is taken.
    Errors: ValueError unless exactly one of the two, and one of `save_steps` and `save_secs`, is
    given; RuntimeError without a global step. Source: tf.train.SummarySaverHook.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: Any = None,
        summary_writer: Any = None,
        scaffold: Any = None,
        summary_op: Any = None,
    ) -> None:
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._summary_op = summary_op
        self._summary_writer = summary_writer
        self._output_dir = output_dir
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = FileWriterCache.get(self._output_dir)
        self._next: Any = None
        self._step = needed_step(self)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        self._due = self._next is None or self._timer.should_trigger_for_step(self._next)
        summaries = self._get_summary_op() if self._due else None
        wanted = {"global_step": self._step}
        return SessionRunArgs(wanted if summaries is None else {**wanted, "summary": summaries})

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        writer = self._summary_writer
        if writer is None:
            return
        step = run_values.results["global_step"] + 1
        if self._due:
            step = run_context.session.run(self._step)
            if self._next is None:
                writer.add_session_log(SessionLog(status=SessionLog.START), step)
            self._timer.update_last_triggered_step(step)
            for summary in run_values.results.get("summary", ()):
                writer.add_summary(summary, step)
        self._next = step + 1

    def end(self, session: Any = None) -> None:
        if self._summary_writer is not None:
            self._summary_writer.flush()

    def _get_summary_op(self) -> list[Any] | None:
        found = self._scaffold.summary_op if self._summary_op is None else self._summary_op
        return found if found is None or isinstance(found, list) else [found]


class CheckpointSaverListener:
    """What is told when a CheckpointSaverHook saves. Each of its methods does nothing.

    Source: tf.train.CheckpointSaverListener.
    """

    def begin(self) -> None:
        """Called once, before the session is made."""

    def before_save(self, session: Session, global_step_value: int) -> None:
        """Called before something is saved."""

    def after_save(self, session: Session, global_step_value: int) -> bool | None:
        """Called after something was saved. True asks the training to stop."""
        return None

    def end(self, session: Session, global_step_value: int) -> None:
        """Called once, at the end."""


class CheckpointSaverHook(SessionRunHook):
    """Have a saver save every so many steps or seconds, at the beginning and at the end.

    saver: what saves, or `scaffold`, whose `saver` does. The graph is written there too.
    Errors: ValueError for both; RuntimeError without a global step, and when there is no saver.
    Source: tf.train.CheckpointSaverHook.
    """

    def __init__(
        self,
        checkpoint_dir: str,
        save_secs: float | None = None,
        save_steps: int | None = None,
        saver: Any = None,
        checkpoint_basename: str = "model.ckpt",
        scaffold: Any = None,
        listeners: Iterable[CheckpointSaverListener] | None = None,
    ) -> None:
        logging.info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver = saver
        self._checkpoint_dir = checkpoint_dir
        self._save_path = os.path.join(checkpoint_dir, checkpoint_basename)
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._listeners = list(listeners or ())
        self._steps_per_run = 1

    def _set_steps_per_run(self, steps_per_run: int) -> None:
        self._steps_per_run = steps_per_run

    def begin(self) -> None:
        self._summary_writer = FileWriterCache.get(self._checkpoint_dir)
        self._step = needed_step(self)
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        step = session.run(self._step)
        graph = get_default_graph()
        write_graph(graph_def_of(graph, add_shapes=True), self._checkpoint_dir, "graph.pbtxt")
        self._summary_writer.add_graph(graph)
        saver_def = getattr(self._get_saver(), "saver_def", None)
        self._summary_writer.add_meta_graph(meta_graphs.exported(graph, saver_def=saver_def))
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if not self._timer.should_trigger_for_step(run_values.results + self._steps_per_run):
            return
        step = run_context.session.run(self._step)
        if self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            if self._save(run_context.session, step):
                run_context.request_stop()

    def end(self, session: Any) -> None:
        step = session.run(self._step)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        """Save. Returns whether a listener asks to stop."""
        logging.info("Saving checkpoints for %d into %s.", step, self._save_path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._get_saver().save(session, self._save_path, global_step=step)
        saved = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._save_path)
        self._summary_writer.add_session_log(saved, step)
        stops = [listener.after_save(session, step) for listener in self._listeners]
        if any(stops):
            logging.info("A CheckpointSaverListener requested that training be stopped.")
        return any(stops)

    def _get_saver(self) -> Any:
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None and self._scaffold.saver is not None:
            return self._scaffold.saver
        savers = get_default_graph().get_collection(GraphKeys.SAVERS)
        if len(savers) != 1:
            what = "More than one item" if savers else "No items"
            raise RuntimeError(
                f"{what} in collection {GraphKeys.SAVERS}: give the hook a saver, or a scaffold "
                "that has one"
            )
        self._saver = savers[0]
        return self._saver


class ProfilerHook(SessionRunHook):
    """Trace a run every so many steps or seconds, into ``timeline-<step>.json``.

    The files are in Chrome's trace format (chrome://tracing). The first run is not traced.
    show_dataflow, show_memory: accepted; there is one thread, and memory is not traced.
    Errors: ValueError unless exactly one of the two is given; RuntimeError without a global step.
    Source: tf.train.ProfilerHook.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str = "",
        show_dataflow: bool = True,
        show_memory: bool = False,
    ) -> None:
        self._output_file = os.path.join(output_dir, "timeline-{}.json")
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._file_writer = FileWriterCache.get(output_dir)

    def begin(self) -> None:
        self._next: Any = None
        self._step = needed_step(self)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        self._due = self._next is not None and self._timer.should_trigger_for_step(self._next)
        options = RunOptions(trace_level=RunOptions.FULL_TRACE) if self._due else None
        return SessionRunArgs({"global_step": self._step}, options=options)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = run_values.results["global_step"]
        if self._next is None:
            self._timer.update_last_triggered_step(before)
        step = before + 1
        if self._due:
            step = run_context.session.run(self._step)
            self._timer.update_last_triggered_step(step)
            self._save(step, self._output_file.format(step), run_values.run_metadata)
        self._next = step + 1

    def _save(self, step: int, path: str, metadata: Any) -> None:
        logging.info("Saving timeline for %d into '%s'.", step, path)
        with gfile.GFile(path, "w") as file:
            file.write(Timeline(metadata.step_stats).generate_chrome_trace_format())
        self._file_writer.add_run_metadata(metadata, f"step_{step}")
