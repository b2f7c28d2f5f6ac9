"""The base of hooks: what they are asked before a run, and told after it."""

from __future__ import annotations

from typing import Any, NamedTuple


class SessionRunArgs(NamedTuple):
    """What a hook adds to a run. Source: tf.train.SessionRunArgs."""

    fetches: Any
    feed_dict: Any = None
    options: Any = None


class SessionRunValues(NamedTuple):
    """What a hook gets from a run: the values of its fetches. Source: tf.train.SessionRunValues."""

    results: Any
    options: Any = None
    run_metadata: Any = None


class SessionRunContext:
    """The run that a hook is asked about. Source: tf.train.SessionRunContext."""

    def __init__(self, original_args: SessionRunArgs, session: Any) -> None:
        self.original_args = original_args
        self.session = session
        self._stopping = False

    @property
    def stop_requested(self) -> bool:
        return self._stopping

    def request_stop(self) -> None:
        """Make the session's `should_stop` true."""
        self._stopping = True


class SessionRunHook:
    """The base of hooks; each of its methods does nothing. Source: tf.train.SessionRunHook."""

    def begin(self) -> None:
        """Called once, before the session is made; the graph can still be added to."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Called when the session is made, and its variables have values."""

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Called before each run. Returns what shall be fetched and fed too."""
        return None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called after each run."""

    def end(self, session: Any) -> None:
        """Called once, at the end, unless something failed."""
