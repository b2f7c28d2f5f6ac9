"""Hooks that stop, wait, feed, watch and log. Those that write files are in `writing_hooks`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from graphscope.errors import OutOfRangeError
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.ops.variables import Variable
from graphscope.platform import logging
from graphscope.train.global_step import global_step_read
from graphscope.train.run_hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from graphscope.train.timers import NeverTriggerTimer, SecondOrStepTimer, Timer


def needed_step(hook: SessionRunHook) -> Tensor:
    """The reading of the global step. Errors: RuntimeError when the graph has none."""
    step = global_step_read(get_default_graph())
    if step is None:
        raise RuntimeError(f"Global step should be created to use {type(hook).__name__}.")
    return step


class StopAtStepHook(SessionRunHook):
    """Stop after so many steps, or at a global step.

    Errors: ValueError unless exactly one of the two is given; RuntimeError without a global step.
    Source: tf.train.StopAtStepHook.
    """

    def __init__(self, num_steps: int | None = None, last_step: int | None = None) -> None:
        if num_steps is None and last_step is None:
            raise ValueError("One of num_steps or last_step must be specified.")
        if num_steps is not None and last_step is not None:
            raise ValueError("Only one of num_steps or last_step can be specified.")
        self._num_steps = num_steps
        self._last_step = last_step

    def begin(self) -> None:
        self._step = needed_step(self)

    def after_create_session(self, session: Any, coord: Any) -> None:
        if self._last_step is None:
            assert self._num_steps is not None
            self._last_step = int(session.run(self._step)) + self._num_steps

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        assert self._last_step is not None
        # The step may have been read before the run counted it up.
        near = run_values.results + 1 >= self._last_step
        if near and run_context.session.run(self._step) >= self._last_step:
            run_context.request_stop()


class LoggingTensorHook(SessionRunHook):
    """Log the values of tensors every so many runs or seconds, and at the end.

    tensors: a list, or a dictionary of labels and tensors or their names.
    formatter: makes the text of a dictionary of labels and values.
    The text goes to the logger "tensorflow", at the level INFO.
    Errors: ValueError unless one way to choose the runs is given, and for what is of no tensor of
    the graph. Source: tf.train.LoggingTensorHook.
    """

    def __init__(
        self,
        tensors: Any,
        every_n_iter: int | None = None,
        every_n_secs: float | None = None,
        at_end: bool = False,
        formatter: Callable[[dict[str, Any]], str] | None = None,
    ) -> None:
        only_at_end = every_n_iter is None and every_n_secs is None
        if not (at_end and only_at_end) and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError(
                "either at_end and/or exactly one of every_n_iter and every_n_secs must be "
                "provided."
            )
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        if isinstance(tensors, Mapping):
            self._tensors = dict(tensors)
            self._order = sorted(tensors)
        else:
            self._tensors = {getattr(item, "name", item): item for item in tensors}
            self._order = list(self._tensors)
        self._formatter = formatter
        self._at_end = at_end
        self._timer: Timer = (
            NeverTriggerTimer() if only_at_end else SecondOrStepTimer(every_n_secs, every_n_iter)
        )

    def begin(self) -> None:
        self._timer.reset()
        self._runs = 0
        graph = get_default_graph()
        self._fetches = {label: _fetch(graph, item) for label, item in self._tensors.items()}

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        self._due = self._timer.should_trigger_for_step(self._runs)
        return SessionRunArgs(self._fetches) if self._due else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._due:
            self._write(run_values.results)
        self._runs += 1

    def end(self, session: Any) -> None:
        if self._at_end:
            self._write(session.run(self._fetches))

    def _write(self, values: dict[str, Any]) -> None:
        seconds, _ = self._timer.update_last_triggered_step(self._runs)
        if self._formatter is not None:
            logging.info(self._formatter(values))
            return
        with np.printoptions(suppress=True):
            text = ", ".join(f"{label} = {values[label]}" for label in self._order)
        if seconds is None:
            logging.info("%s", text)
        else:
            logging.info("%s (%.3f sec)", text, seconds)


def _fetch(graph: Graph, item: Any) -> Any:
    """The tensor of a name, and what is of the graph itself.

    A name may be that of an operation with one output. Errors: ValueError otherwise.
    """
    if not isinstance(item, str):
        if not isinstance(item, Tensor | Operation | Variable) or item.graph is not graph:
            raise ValueError(f"{item!r} is no tensor of the default graph, {graph!r}")
        return item
    if ":" in item:
        return graph.as_graph_element(item)
    outputs = graph.get_operation_by_name(item).outputs
    if len(outputs) != 1:
        raise ValueError(
            f"Name {item} is ambiguous: the operation has {len(outputs)} outputs; add the number "
            "of one, as in 'name:0'"
        )
    return outputs[0]


class NanLossDuringTrainingError(RuntimeError):
    """The loss became NaN. Source: tf.train.NanLossDuringTrainingError."""

    def __str__(self) -> str:
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """Stop when the loss is NaN; with `fail_on_nan_loss` by NanLossDuringTrainingError.

    Source: tf.train.NanTensorHook.
    """

    def __init__(self, loss_tensor: Any, fail_on_nan_loss: bool = True) -> None:
        self._loss = loss_tensor
        self._fails = fail_on_nan_loss

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._loss)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if not np.isnan(run_values.results):
            return
        if self._fails:
            logging.error("Model diverged with loss = NaN.")
            raise NanLossDuringTrainingError
        logging.warning("Model diverged with loss = NaN.")
        run_context.request_stop()


class FeedFnHook(SessionRunHook):
    """Feed what a function returns, in each run. Source: tf.train.FeedFnHook."""

    def __init__(self, feed_fn: Callable[[], Any]) -> None:
        self.feed_fn = feed_fn

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(fetches=None, feed_dict=self.feed_fn())


class FinalOpsHook(SessionRunHook):
    """Run something at the end; the values are at `final_ops_values`.

    When that is at the end of the input itself, a warning says so before the error.
    Source: tf.train.FinalOpsHook.
    """

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None) -> None:
        self._final_ops = final_ops
        self._feed = final_ops_feed_dict
        self._values: Any = None

    @property
    def final_ops_values(self) -> Any:
        return self._values

    def end(self, session: Any) -> None:
        if self._final_ops is None:
            return
        try:
            self._values = session.run(self._final_ops, feed_dict=self._feed)
        except (OutOfRangeError, StopIteration):
            logging.warning(
                "What FinalOpsHook runs at the end of the input came to the end of it again: its "
                "operations have a dependency back to some input source, and should read "
                "variables only."
            )
            raise


class GlobalStepWaiterHook(SessionRunHook):
    """Wait in the first run until the global step is that far, counted up by another thread.

    Errors: RuntimeError without a global step. Source: tf.train.GlobalStepWaiterHook.
    """

    def __init__(self, wait_until_step: int) -> None:
        self._until = wait_until_step
        self._started = False

    def begin(self) -> None:
        self._started = self._until <= 0
        self._step = needed_step(self)

    def before_run(self, run_context: SessionRunContext) -> None:
        if self._started:
            return
        logging.info("Waiting for global step %d before starting training.", self._until)
        told = 0
        while (step := run_context.session.run(self._step)) < self._until:
            if step - told > 1000:
                told = step
                logging.info("Waiting for global step %d; it is at %d.", self._until, step)
            time.sleep(0.5)
        self._started = True
