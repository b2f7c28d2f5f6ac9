"""Sessions that initialize their variables, run hooks, and stop when a hook says so.

One process only. With a folder of checkpoints a training goes on from the newest one in it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

from graphscope.engine.session import Session
from graphscope.errors import OutOfRangeError
from graphscope.graph.graph import Graph, get_default_graph
from graphscope.ops.graph_keys import GraphKeys
from graphscope.train.coordinator import Coordinator
from graphscope.train.run_hooks import SessionRunHook
from graphscope.train.scaffold import Scaffold
from graphscope.train.session_manager import SessionManager
from graphscope.train.wrapped_sessions import (
    CoordinatedSession,
    HookedSession,
    RecoverableSession,
    WrappedSession,
)
from graphscope.train.wrapped_sessions import StepContext as StepContext
from graphscope.train.writing_hooks import (
    CheckpointSaverHook,
    StepCounterHook,
    SummarySaverHook,
)

#: An argument that was left out; None means "without it".
USE_DEFAULT = object()


class SessionCreator(ABC):
    """Makes sessions. Source: tf.train.SessionCreator."""

    @abstractmethod
    def create_session(self) -> Session:
        """A new session, whose variables have values."""


class _ScaffoldedCreator(SessionCreator):
    """Makes sessions of a graph that a Scaffold makes ready."""

    def __init__(self, scaffold: Scaffold | None, master: str, config: Any) -> None:
        self._scaffold = scaffold or Scaffold()
        self._master = master
        self._config = config

    def _manager(self) -> SessionManager:
        scaffold = self._scaffold.finalize()
        return SessionManager(
            scaffold.local_init_op, scaffold.ready_op, scaffold.ready_for_local_init_op
        )


class ChiefSessionCreator(_ScaffoldedCreator):
    """Makes a session and initializes its variables. Source: tf.train.ChiefSessionCreator.

    checkpoint_filename_with_path: what the Scaffold's saver, if it has one, restores instead.
    Errors: RuntimeError when a variable has no value after that.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        super().__init__(scaffold, master, config)
        self._files = checkpoint_dir, checkpoint_filename_with_path

    def create_session(self) -> Session:
        manager, scaffold = self._manager(), self._scaffold
        return manager.prepare_session(
            self._master,
            scaffold.init_op,
            scaffold.saver,
            *self._files,
            config=self._config,
            init_feed_dict=scaffold.init_feed_dict,
            init_fn=scaffold.init_fn,
        )


class WorkerSessionCreator(_ScaffoldedCreator):
    """Makes a session whose variables another process initializes: here, one without variables.

    Source: tf.train.WorkerSessionCreator. Errors: DeadlineExceededError for variables without a
    value, at once.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        max_wait_secs: float = 30 * 60,
    ) -> None:
        super().__init__(scaffold, master, config)
        self._max_wait_secs = max_wait_secs

    def create_session(self) -> Session:
        return self._manager().wait_for_session(self._master, self._config, self._max_wait_secs)


class _CoordinatedCreator(SessionCreator):
    """Makes sessions with hooks and a coordinator of their own.

    tf_sess, coord: those of the last one; None when there is none any more.
    """

    def __init__(self, creator: Any, hooks: list[SessionRunHook], grace: float) -> None:
        self._creator, self._hooks, self._grace = creator, hooks, grace
        self.tf_sess: Any = None
        self.coord: Coordinator | None = None

    def create_session(self) -> Any:
        self.tf_sess = self._creator.create_session()
        self.coord = Coordinator(clean_stop_exception_types=[])
        for runner in self.tf_sess.graph.get_collection(GraphKeys.QUEUE_RUNNERS):
            runner.create_threads(self.tf_sess, coord=self.coord, daemon=True, start=True)
        for hook in self._hooks:
            hook.after_create_session(self.tf_sess, self.coord)
        hooked = HookedSession(self.tf_sess, self._hooks)
        return CoordinatedSession(hooked, self.coord, self._grace)

    def forget(self) -> None:
        self.tf_sess = self.coord = None


class _Monitored:
    """A session with hooks, for a ``with`` block; at the end of the input it ends without error."""

    StepContext = StepContext

    def __init__(
        self,
        session_creator: Any,
        hooks: Sequence[SessionRunHook] | None,
        stop_grace_period_secs: float,
    ) -> None:
        self._graph = get_default_graph()
        self._was_final = self._graph.finalized
        self._hooks = list(hooks or ())
        for hook in self._hooks:
            hook.begin()
        self._coordinated_creator = _CoordinatedCreator(
            session_creator or ChiefSessionCreator(), self._hooks, stop_grace_period_secs
        )
        self._sess: WrappedSession | None = self._wrapped(self._coordinated_creator)

    @staticmethod
    def _wrapped(creator: _CoordinatedCreator) -> Any:
        raise NotImplementedError

    def _tf_sess(self) -> Any:
        return self._coordinated_creator.tf_sess

    def _is_closed(self) -> bool:
        return self._tf_sess() is None

    @property
    def graph(self) -> Graph | None:
        """The graph; None once the session is closed."""
        return None if self._is_closed() else self._tf_sess().graph

    def should_stop(self) -> bool:
        """True when a hook or a thread asked to stop, or the session is closed."""
        return self._sess is None or self._sess.should_stop()

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """`Session.run`, with what the hooks fetch and feed too.

        Errors: RuntimeError after a stop, and when a tensor is fed twice.
        """
        return self._open().run(
            fetches, feed_dict=feed_dict, options=options, run_metadata=run_metadata
        )

    def run_step_fn(self, step_fn: Callable[[Any], Any]) -> Any:
        """Call a function of a ``step_context``, which has `session`, `run_with_hooks` and
        `request_stop`.

        Errors: ValueError for a function of something else.
        """
        arguments = list(signature(step_fn).parameters)
        if arguments != ["step_context"]:
            raise ValueError(
                "`step_fn` may either have one `step_context` argument, or `self` and "
                f"`step_context` arguments if it's an instance method; it has {arguments}."
            )
        return self._open().run_step_fn(step_fn, self._tf_sess, run_with_hooks=None)

    def _open(self) -> WrappedSession:
        if self._sess is None:
            raise RuntimeError("Attempted to use a closed Session.")
        return self._sess

    def close(self) -> None:
        """Let the hooks end, and release the variables. Errors: RuntimeError when it is closed."""
        self._close(failed=False)

    def _close(self, failed: bool) -> None:
        session = self._sess
        if session is None:
            raise RuntimeError("Session is already closed.")
        try:
            if not failed:
                for hook in self._hooks:
                    hook.end(self._tf_sess())
        finally:
            try:
                session.close()
            finally:
                self._sess = None
                self._coordinated_creator.forget()
                self._graph.finalized = self._was_final

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        ended = kind in (OutOfRangeError, StopIteration)
        self._close(failed=kind is not None and not ended)
        return ended


class MonitoredSession(_Monitored):
    """A session with hooks, for a ``with`` block; at the end of the input it ends without error.

    A run that is interrupted (AbortedError, UnavailableError) is tried again in a new session.
    Source: tf.train.MonitoredSession. The graph cannot be changed while it is open.
    """

    def __init__(
        self,
        session_creator: Any = None,
        hooks: Sequence[SessionRunHook] | None = None,
        stop_grace_period_secs: float = 120,
    ) -> None:
        super().__init__(session_creator, hooks, stop_grace_period_secs)

    @staticmethod
    def _wrapped(creator: _CoordinatedCreator) -> Any:
        return RecoverableSession(creator)


class SingularMonitoredSession(_Monitored):
    """A MonitoredSession of one process, that gives its session out and never tries again.

    Source: tf.train.SingularMonitoredSession.
    """

    def __init__(
        self,
        hooks: Sequence[SessionRunHook] | None = None,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: Any = None,
        stop_grace_period_secs: float = 120,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        creator = ChiefSessionCreator(
            scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path
        )
        super().__init__(creator, hooks, stop_grace_period_secs)

    @staticmethod
    def _wrapped(creator: _CoordinatedCreator) -> Any:
        return creator.create_session()

    def raw_session(self) -> Session | None:
        """The session itself, without hooks."""
        session: Session | None = self._tf_sess()
        return session


def MonitoredTrainingSession(
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: Any = None,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: Any = USE_DEFAULT,
    save_summaries_steps: Any = USE_DEFAULT,
    save_summaries_secs: Any = USE_DEFAULT,
    config: Any = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: int | None = 100,
    max_wait_secs: float = 7200,
    save_checkpoint_steps: Any = USE_DEFAULT,
    summary_dir: Any = None,
) -> MonitoredSession:
    """A MonitoredSession for training: variables initialized, hooks called in each run.

    summary_dir, or checkpoint_dir: where the summaries and the speed of the training are written,
    every 100 steps when nothing is said. checkpoint_dir: checkpoints are saved there, every 600
    seconds when nothing is said, and the newest one is where the training begins.
    Source: tf.train.MonitoredTrainingSession. Errors: RuntimeError without a global step where
    something is written.
    """
    scaffold = scaffold or Scaffold()
    if not is_chief:
        worker = WorkerSessionCreator(scaffold, master, config, max_wait_secs)
        return MonitoredSession(worker, hooks, stop_grace_period_secs)
    summary_dir = summary_dir or checkpoint_dir
    all_hooks = [*(chief_only_hooks or ())]
    if summary_dir and log_step_count_steps:
        all_hooks.append(StepCounterHook(log_step_count_steps, output_dir=summary_dir))
    steps, seconds = _how_often(save_summaries_steps, save_summaries_secs, 100, None)
    if summary_dir and (steps or seconds):
        all_hooks.append(SummarySaverHook(steps, seconds, summary_dir, scaffold=scaffold))
    steps, seconds = _how_often(save_checkpoint_steps, save_checkpoint_secs, None, 600)
    if checkpoint_dir and (steps or seconds):
        all_hooks.append(CheckpointSaverHook(checkpoint_dir, seconds, steps, scaffold=scaffold))
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    return MonitoredSession(creator, [*all_hooks, *(hooks or ())], stop_grace_period_secs)


def _how_often(steps: Any, seconds: Any, usual_steps: Any, usual_seconds: Any) -> tuple[Any, Any]:
    """Steps and seconds between two savings: the usual ones when neither was given."""
    if steps is USE_DEFAULT and seconds is USE_DEFAULT:
        return usual_steps, usual_seconds
    return None if steps is USE_DEFAULT else steps, None if seconds is USE_DEFAULT else seconds
