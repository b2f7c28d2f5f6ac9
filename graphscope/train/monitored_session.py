"""Sessions that initialize their variables, run hooks, and stop when a hook says so.

One process only, and nothing is saved: `checkpoint_dir`, `save_checkpoint_secs` and the other
arguments about files are accepted and without effect, so that a training always begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphscope.engine.session import Session
from graphscope.errors import OutOfRangeError
from graphscope.graph.graph import Graph, Operation, get_default_graph
from graphscope.ops.control_flow import group
from graphscope.ops.variables import (
    GraphKeys,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
)
from graphscope.train.coordinator import Coordinator
from graphscope.train.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)


class Scaffold:
    """What makes a graph ready for training; what is left out is made by `finalize`.

    init_op: initializes the variables. init_fn: a function of the scaffold and the session, called
    after it. local_init_op: initializes the local variables. ready_op: gives the names of the
    variables without a value. `saver` and `summary_op` are kept, and not used.
    Source: tf.train.Scaffold.
    """

    def __init__(
        self,
        init_op: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Scaffold, Session], Any] | None = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        local_init_op: Any = None,
        summary_op: Any = None,
        saver: Any = None,
        copy_from_scaffold: Any = None,
    ) -> None:
        self.init_op = init_op
        self.init_feed_dict = init_feed_dict
        self.init_fn = init_fn
        self.ready_op = ready_op
        self.ready_for_local_init_op = ready_for_local_init_op
        self.local_init_op = local_init_op
        self.summary_op = summary_op
        self.saver = saver

    def finalize(self) -> Scaffold:
        """Make what is missing, and forbid changes of the graph from here on."""
        if self.init_op is None:
            self.init_op = _kept(GraphKeys.INIT_OP, global_variables_initializer)
        if self.ready_op is None:
            self.ready_op = _kept(GraphKeys.READY_OP, report_uninitialized_variables)
        if self.local_init_op is None:
            self.local_init_op = _kept(GraphKeys.LOCAL_INIT_OP, self.default_local_init_op)
        get_default_graph().finalize()
        return self

    @staticmethod
    def default_local_init_op() -> Operation:
        return group(local_variables_initializer())


def _kept(key: str, make: Callable[[], Any]) -> Any:
    """The first of a collection; a new one when there is none."""
    graph = get_default_graph()
    if not graph.get_collection(key):
        graph.add_to_collection(key, make())
    return graph.get_collection(key)[0]


class ChiefSessionCreator:
    """Makes a session and initializes its variables. Source: tf.train.ChiefSessionCreator.

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
        self._scaffold = scaffold or Scaffold()
        self._master = master
        self._config = config

    def create_session(self) -> Session:
        scaffold = self._scaffold.finalize()
        session = Session(self._master, get_default_graph(), self._config)
        session.run(scaffold.init_op, feed_dict=scaffold.init_feed_dict)
        if scaffold.init_fn is not None:
            scaffold.init_fn(scaffold, session)
        session.run(scaffold.local_init_op)
        missing = session.run(scaffold.ready_op)
        if missing is not None and len(missing):
            names = ", ".join(name.decode() for name in missing)
            raise RuntimeError(
                "Init operations did not make model ready.  Error: Variables not initialized: "
                f"{names}"
            )
        return session


class MonitoredSession:
    """A session with hooks, for a ``with`` block; at the end of the input it ends without error.

    Source: tf.train.MonitoredSession. The graph cannot be changed while it is open.
    """

    def __init__(
        self,
        session_creator: Any = None,
        hooks: Sequence[SessionRunHook] | None = None,
        stop_grace_period_secs: float = 120,
    ) -> None:
        self._graph = get_default_graph()
        self._was_final = self._graph.finalized
        self._hooks = list(hooks or [])
        self._grace = stop_grace_period_secs
        self._coord = Coordinator()
        self._stopping = False
        for hook in self._hooks:
            hook.begin()
        self._session: Session | None = (session_creator or ChiefSessionCreator()).create_session()
        for hook in self._hooks:
            hook.after_create_session(self._session, self._coord)

    @property
    def graph(self) -> Graph | None:
        """The graph; None once the session is closed."""
        return None if self._session is None else self._session.graph

    def should_stop(self) -> bool:
        """True when a hook asked to stop, or the session is closed."""
        return self._session is None or self._stopping or self._coord.should_stop()

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """`Session.run`, with what the hooks fetch and feed too.

        Errors: RuntimeError after a stop, and when a tensor is fed twice.
        """
        if self._session is None:
            raise RuntimeError("Attempted to use a closed Session.")
        if self.should_stop():
            raise RuntimeError("Run called even after should_stop requested.")
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._session)
        wanted: dict[Any, Any] = {"caller": fetches}
        feeds = dict(feed_dict or {})
        by_hooks: set[Any] = set()
        for hook in self._hooks:
            asked = hook.before_run(context)
            if asked is None:
                continue
            if asked.fetches is not None:
                wanted[hook] = asked.fetches
            _add_feeds(feeds, asked.feed_dict or {}, by_hooks)
        values = self._session.run(wanted, feeds)
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(values.get(hook)))
        self._stopping = self._stopping or context.stop_requested
        return values["caller"]

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Call the function with a context that has `session` and `request_stop`; what it raises by
        `request_stop` ends the session."""
        try:
            return step_fn(StepContext(self))
        except StopIteration:
            self._stopping = True
            return None

    def close(self) -> None:
        """Let the hooks end, and release the variables."""
        self._close(failed=False)

    def _close(self, failed: bool) -> None:
        session = self._session
        if session is None:
            raise RuntimeError("Session is already closed.")
        try:
            if not failed:
                for hook in self._hooks:
                    hook.end(session)
        finally:
            self._session = None
            self._coord.request_stop()
            self._graph.finalized = self._was_final
            session.close()
        self._coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)

    def __enter__(self) -> MonitoredSession:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        ended = kind is not None and issubclass(kind, OutOfRangeError | StopIteration)
        if self._session is not None:
            self._close(failed=kind is not None and not ended)
        return ended


class StepContext:
    """What `run_step_fn` gives its function. Source: tf.train.MonitoredSession.StepContext."""

    def __init__(self, monitored: MonitoredSession) -> None:
        self._monitored = monitored
        self.session = monitored._session

    def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        return self._monitored.run(*args, **kwargs)

    def request_stop(self) -> None:
        raise StopIteration("step_fn has requested the iterations to stop.")


class SingularMonitoredSession(MonitoredSession):
    """A MonitoredSession of one process, that gives its session out.

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
        creator = ChiefSessionCreator(scaffold, master, config)
        super().__init__(creator, hooks, stop_grace_period_secs)

    def raw_session(self) -> Session | None:
        """The session itself, without hooks."""
        return self._session


def MonitoredTrainingSession(
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: Any = None,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: Any = None,
    save_summaries_steps: Any = None,
    save_summaries_secs: Any = None,
    config: Any = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: Any = 100,
    max_wait_secs: Any = 7200,
    save_checkpoint_steps: Any = None,
    summary_dir: Any = None,
) -> MonitoredSession:
    """A MonitoredSession for training: variables initialized, hooks called in each run.

    Nothing is saved or read: the directories and the intervals of saving have no effect.
    Errors: ValueError for a worker that is not the chief.
    Source: tf.train.MonitoredTrainingSession.
    """
    if not is_chief:
        raise ValueError("there is one process only, and it is the chief: is_chief=True")
    all_hooks = [*(chief_only_hooks or ()), *(hooks or ())]
    creator = ChiefSessionCreator(scaffold, master, config)
    return MonitoredSession(creator, all_hooks, stop_grace_period_secs)


def _add_feeds(feeds: dict[Any, Any], more: Mapping[Any, Any], by_hooks: set[Any]) -> None:
    for tensor, value in more.items():
        if tensor in by_hooks:
            raise RuntimeError("Same tensor is fed by two hooks.")
        if tensor in feeds:
            raise RuntimeError("Same tensor is fed by a SessionRunHook and user.")
        by_hooks.add(tensor)
        feeds[tensor] = value
