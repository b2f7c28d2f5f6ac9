"""What a monitored session is made of: sessions around sessions, each with one concern.

From the inside: the session itself, one that calls hooks, one that stops with the other threads,
and one that begins again where a run was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.errors import AbortedError, UnavailableError
from graphscope.platform import logging
from graphscope.platform.messages import RunMetadata, RunOptions
from graphscope.train.coordinator import Coordinator
from graphscope.train.run_hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)

#: What says that a run was interrupted, and can be tried again with a new session.
INTERRUPTIONS = AbortedError, UnavailableError


class StepContext:
    """What `run_step_fn` gives its function: the session, and a run with hooks.

    Source: tf.train.MonitoredSession.StepContext.
    """

    def __init__(self, session: Any, run_with_hooks: Callable[..., Any]) -> None:
        self._session = session
        self._run_with_hooks = run_with_hooks

    @property
    def session(self) -> Any:
        return self._session

    def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        """`MonitoredSession.run`."""
        return self._run_with_hooks(*args, **kwargs)

    def request_stop(self) -> None:
        """End the training, without error, at the end of the ``with`` block of the session."""
        raise StopIteration("step_fn has requested the iterations to stop.")


class WrappedSession:
    """A session around another one, which may be a session or a wrapped one itself."""

    def __init__(self, sess: Any) -> None:
        self._sess: Any = sess

    @property
    def graph(self) -> Any:
        return self._sess.graph

    @property
    def sess_str(self) -> Any:
        return self._sess.sess_str

    def should_stop(self) -> bool:
        """True when this one, or one inside, has a reason to stop, and after `close`."""
        if self._sess is None or self._check_stop():
            return True
        return isinstance(self._sess, WrappedSession) and self._sess.should_stop()

    def _check_stop(self) -> bool:
        """Whether there is a reason to stop beside those inside."""
        return False

    def close(self) -> None:
        """Close what is inside; nothing when it is closed."""
        if self._sess is None:
            return
        try:
            self._sess.close()
        except INTERRUPTIONS as error:
            logging.warning("An error came up while the session was closed: %s", error)
        finally:
            self._sess = None

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return self._sess.run(*args, **kwargs)

    def run_step_fn(
        self, step_fn: Callable[..., Any], raw_session: Callable[[], Any], run_with_hooks: Any
    ) -> Any:
        """Call the function. raw_session: gives the session itself, whichever it is by now."""
        return step_fn(StepContext(raw_session(), run_with_hooks or self.run))


class HookedSession(WrappedSession):
    """Calls hooks before and after each run, and stops when one of them asks for it."""

    def __init__(self, sess: Any, hooks: Sequence[SessionRunHook]) -> None:
        super().__init__(sess)
        self._hooks = list(hooks)
        self._should_stop = False

    def _check_stop(self) -> bool:
        return self._should_stop

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """The run of the session inside, with what the hooks fetch and feed too.

        Errors: RuntimeError after a stop, and when a tensor is fed twice.
        """
        if self.should_stop():
            raise RuntimeError("Run called even after should_stop requested.")
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._sess)
        options = options or RunOptions()
        wanted: dict[Any, Any] = {"caller": fetches}
        feeds = self._before_run(context, wanted, feed_dict, options)
        metadata = run_metadata or RunMetadata()
        values = super().run(
            fetches=wanted, feed_dict=feeds, options=options, run_metadata=metadata
        )
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(values.get(hook), options, metadata))
        self._should_stop = self._should_stop or context.stop_requested
        return values["caller"]

    def _before_run(
        self, context: SessionRunContext, wanted: dict[Any, Any], feed_dict: Any, options: Any
    ) -> Any:
        """Ask the hooks. Returns what is fed; what is fetched and the options are added to."""
        by_hooks: dict[Any, Any] = {}
        for hook in self._hooks:
            asked = hook.before_run(context)
            if asked is None:
                continue
            if asked.fetches is not None:
                wanted[hook] = asked.fetches
            if asked.feed_dict:
                if by_hooks.keys() & asked.feed_dict.keys():
                    raise RuntimeError("Same tensor is fed by two hooks.")
                by_hooks.update(asked.feed_dict)
            if asked.options is not None:
                _add_options(options, asked.options)
        if not by_hooks:
            return feed_dict
        if by_hooks.keys() & (feed_dict or {}).keys():
            raise RuntimeError("Same tensor is fed by a SessionRunHook and user.")
        return {**(feed_dict or {}), **by_hooks}


def _add_options(options: Any, more: Any) -> None:
    """Of two settings the higher one, and what either of them switches on."""
    for name in ("trace_level", "timeout_in_ms", "inter_op_thread_pool"):
        setattr(options, name, max(getattr(options, name), getattr(more, name)))
    for name in ("output_partition_graphs", "report_tensor_allocations_upon_oom"):
        setattr(options, name, getattr(options, name) or getattr(more, name))
    watched = more.debug_options.debug_tensor_watch_opts
    options.debug_options.debug_tensor_watch_opts.extend(watched)


class CoordinatedSession(WrappedSession):
    """Stops when the coordinator does; closing it stops the other threads.

    Errors of `should_stop`: what was given to the coordinator as the reason to stop.
    """

    def __init__(self, sess: Any, coord: Coordinator, stop_grace_period_secs: float = 120) -> None:
        super().__init__(sess)
        self._coord = coord
        self._grace = stop_grace_period_secs

    def _check_stop(self) -> bool:
        self._coord.raise_requested_exception()
        return self._coord.should_stop()

    def close(self) -> None:
        self._coord.request_stop()
        try:
            self._coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
        finally:
            super().close()

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """A run. When it fails because another thread was interrupted, that is the error."""
        try:
            return self._sess.run(*args, **kwargs)
        except INTERRUPTIONS:
            raise
        except Exception as error:
            if isinstance(self._coord.reason, INTERRUPTIONS):
                raise self._coord.reason from error
            raise


class RecoverableSession(WrappedSession):
    """Makes a new session, and tries again, when a run was interrupted.

    sess_creator: has ``create_session()``.
    """

    def __init__(self, sess_creator: Any) -> None:
        self._creator = sess_creator
        super().__init__(self._create())

    def _create(self) -> Any:
        while True:
            try:
                return self._creator.create_session()
            except INTERRUPTIONS as error:
                logging.info("An error came up while a session was made; again: %s", error)

    def _check_stop(self) -> bool:
        try:
            return self._sess is None or bool(self._sess._check_stop())
        except INTERRUPTIONS as error:
            self._begin_again(error)
            self._sess = self._create()
            return False
        except Exception:
            return True  # `close` raises it

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return self._tried(lambda session: session.run(*args, **kwargs))

    def run_step_fn(
        self, step_fn: Callable[..., Any], raw_session: Callable[[], Any], run_with_hooks: Any
    ) -> Any:
        return self._tried(
            lambda session: session.run_step_fn(step_fn, raw_session, run_with_hooks or session.run)
        )

    def _tried(self, work: Callable[[Any], Any]) -> Any:
        """The result of the work, which is given sessions until it is not interrupted."""
        while True:
            try:
                if self._sess is None:
                    self._sess = self._create()
                return work(self._sess)
            except INTERRUPTIONS as error:
                self._begin_again(error)

    def _begin_again(self, error: Exception) -> None:
        logging.info("The session was interrupted, and a new one is made: %s", error)
        self.close()
