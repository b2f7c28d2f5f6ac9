"""`Supervisor`: the training loop's helper of 2016, which initializes, and stops threads together.

One process only, and nothing is saved: `logdir`, `saver` and the intervals of saving are accepted
and without effect, so that a training always begins anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphscope.engine.session import Session
from graphscope.graph.graph import Graph, get_default_graph
from graphscope.train.coordinator import Coordinator, LooperThread
from graphscope.train.global_step import get_global_step
from graphscope.train.monitored_session import ChiefSessionCreator, Scaffold

#: An argument that was left out; None means "without it".
USE_DEFAULT = 0


class Supervisor:
    """Makes sessions whose variables are initialized, and coordinates the threads beside them.

    graph: the default graph when left out; it cannot be changed any more.
    init_op, local_init_op, ready_op: made when left out. init_fn: called with a new session.
    Errors: ValueError for a worker that is not the chief. Source: tf.train.Supervisor.
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
        if not is_chief:
            raise ValueError("there is one process only, and it is the chief: is_chief=True")
        self.graph = get_default_graph() if graph is None else graph
        self.coord = Coordinator()
        self.is_chief = is_chief
        self._grace = stop_grace_secs
        self._sessions: list[Session] = []
        with self.graph.as_default():
            self.global_step = get_global_step() if _left_out(global_step) else global_step
            self._scaffold = Scaffold(
                init_op=None if _left_out(init_op) else init_op,
                init_feed_dict=init_feed_dict,
                init_fn=None if init_fn is None else (lambda _, session: init_fn(session)),
                ready_op=None if _left_out(ready_op) else ready_op,
                local_init_op=None if _left_out(local_init_op) else local_init_op,
                summary_op=None if _left_out(summary_op) else summary_op,
                saver=None if _left_out(saver) else saver,
            ).finalize()

    @property
    def init_op(self) -> Any:
        return self._scaffold.init_op

    @property
    def ready_op(self) -> Any:
        return self._scaffold.ready_op

    @property
    def summary_op(self) -> Any:
        return self._scaffold.summary_op

    @property
    def saver(self) -> Any:
        """The saver that was given; it is not used."""
        return self._scaffold.saver

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
        with self.graph.as_default():
            session = ChiefSessionCreator(self._scaffold, master, config).create_session()
        self._sessions.append(session)
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
        try:
            session = self.prepare_or_wait_for_session(master, config)
            with session.as_default(), self.graph.as_default():
                yield session
        except BaseException:
            self.request_stop(sys.exc_info())
        finally:
            try:
                self.stop()
            finally:
                while self._sessions:
                    self._sessions.pop().close()

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

    def start_standard_services(self, sess: Session) -> list[LooperThread]:
        """None: nothing is saved or summarized beside the training."""
        return []

    def should_stop(self) -> bool:
        return self.coord.should_stop()

    def request_stop(self, ex: Any = None) -> None:
        self.coord.request_stop(ex)

    def stop(
        self,
        threads: Any = None,
        close_summary_writer: bool = True,
        ignore_live_threads: bool = False,
    ) -> None:
        """Ask all threads to stop, and wait for them."""
        self.coord.request_stop()
        self.coord.join(threads, self._grace, ignore_live_threads)

    def wait_for_stop(self) -> None:
        self.coord.wait_for_stop()

    def stop_on_exception(self) -> Any:
        return self.coord.stop_on_exception()

    def summary_computed(self, sess: Session, summary: Any, global_step: Any = None) -> None:
        """Takes a computed summary; it is written nowhere.

        Errors: TypeError when it is no bytes.
        """
        if not isinstance(summary, bytes):
            raise TypeError(f"a summary is bytes, and this is a {type(summary).__name__}")


def _left_out(value: Any) -> bool:
    return isinstance(value, int) and value == USE_DEFAULT
