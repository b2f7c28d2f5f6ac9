"""The threads of a Supervisor: they write summaries and the speed, and have a saver save."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from graphscope.engine.session import Session
from graphscope.platform import logging
from graphscope.platform.messages import SessionLog
from graphscope.summary.messages import Summary, Value
from graphscope.train.coordinator import LooperThread
from graphscope.train.global_step import global_step

if TYPE_CHECKING:
    from graphscope.train.supervisor import Supervisor


class SVSummaryThread(LooperThread):
    """Computes the summaries every `save_summaries_secs`, and writes them."""

    def __init__(self, sv: Supervisor, sess: Session) -> None:
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv, self._sess = sv, sess

    def run_loop(self) -> None:
        summary, step = self._sv.summary_op, self._sv.global_step
        wanted = [summary] if step is None else [summary, step]
        values = self._sess.run(wanted)
        if self._sv.summary_writer:
            at = None if step is None else values[1]
            logging.info("Recording summary at step %s.", at)
            self._sv.summary_writer.add_summary(values[0], at)


class SVStepCounterThread(LooperThread):
    """Writes the steps in a second, every `save_summaries_secs`."""

    def __init__(self, sv: Supervisor, sess: Session, step_counter: Any = None) -> None:
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv, self._sess = sv, sess
        self._step_counter = sv.global_step if step_counter is None else step_counter
        self._tag = f"{self._step_counter.op.name}/sec"

    def start_loop(self) -> None:
        self._last_time = time.time()
        self._last_step = global_step(self._sess, self._step_counter)

    def run_loop(self) -> None:
        step, now = global_step(self._sess, self._step_counter), time.time()
        added, seconds = step - self._last_step, now - self._last_time
        self._last_step, self._last_time = step, now
        speed = added / seconds if seconds > 0 else float("inf")
        if self._sv.summary_writer:
            summary = Summary([Value(tag=self._tag, simple_value=speed)])
            self._sv.summary_writer.add_summary(summary, step)
        logging.log_first_n(logging.INFO, "%s: %g", 10, self._tag, speed)


class SVTimerCheckpointThread(LooperThread):
    """Has the saver save every `save_model_secs`."""

    def __init__(self, sv: Supervisor, sess: Session) -> None:
        super().__init__(sv.coord, sv.save_model_secs)
        self._sv, self._sess = sv, sess

    def run_loop(self) -> None:
        sv = self._sv
        logging.info("Saving checkpoint to path %s", sv.save_path)
        sv.saver.save(self._sess, sv.save_path, global_step=sv.global_step)
        if sv.summary_writer and sv.global_step is not None:
            saved = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=sv.save_path)
            step = global_step(self._sess, sv.global_step)
            sv.summary_writer.add_session_log(saved, step)
