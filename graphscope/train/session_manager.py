"""`SessionManager`: makes sessions whose variables have values."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.engine.session import Session
from graphscope.errors import DeadlineExceededError, FailedPreconditionError
from graphscope.graph.graph import Graph, get_default_graph
from graphscope.platform import logging
from graphscope.train.checkpoint_state import get_checkpoint_state


class SessionManager:
    """Makes sessions, initializes their variables, and checks that none was left out.

    local_init_op: run in each new session. ready_op: gives the names of the variables without a
    value, and ready_for_local_init_op of those that `local_init_op` needs.
    A saver restores the file that is named (`checkpoint_filename_with_path`), or the newest one in
    a folder (`checkpoint_dir`). Source: tf.train.SessionManager.
    Errors: ValueError for a `ready_for_local_init_op` without a `local_init_op`.
    """

    def __init__(
        self,
        local_init_op: Any = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        graph: Graph | None = None,
        recovery_wait_secs: float = 30,
        local_init_run_options: Any = None,
    ) -> None:
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError(
                "If you pass a ready_for_local_init_op you must also pass a local_init_op: "
                f"[{ready_for_local_init_op}]"
            )
        self._graph = get_default_graph() if graph is None else graph
        self._local_init_op = local_init_op
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._options = local_init_run_options
        self._recovery_wait = max(recovery_wait_secs, 0.01)

    def prepare_session(
        self,
        master: str,
        init_op: Any = None,
        saver: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Session], Any] | None = None,
    ) -> Session:
        """A new session whose variables are restored, or initialized by `init_op` and `init_fn`.

        Errors: RuntimeError when nothing initializes them, or not all of them have values then;
        ValueError for two places of checkpoints.
        """
        files = checkpoint_dir, checkpoint_filename_with_path
        wait = max_wait_secs if wait_for_checkpoint else 0
        session, restored = self._restored(master, saver, files, config, wait)
        if not restored:
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError(
                    "Model is not initialized and no init_op or init_fn or local_init_op was given"
                )
            if init_op is not None:
                session.run(init_op, feed_dict=init_feed_dict)
            if init_fn:
                init_fn(session)
        given = f"Init op: {getattr(init_op, 'name', init_op)}, init fn: {init_fn}"
        missing = self._run_local_init_op(session)
        if missing:
            raise RuntimeError(
                f"Init operations did not make model ready for local_init.  {given}, "
                f"error: {missing}"
            )
        missing = _missing(self._ready_op, session, "Model not ready")
        if missing:
            raise RuntimeError(
                f"Init operations did not make model ready.  {given}, "
                f"local_init_op: {self._local_init_op}, error: {missing}"
            )
        return session

    def recover_session(
        self,
        master: str,
        saver: Any = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
    ) -> tuple[Session, bool]:
        """A new session, and whether its variables were restored and are all there."""
        files = checkpoint_dir, checkpoint_filename_with_path
        wait = max_wait_secs if wait_for_checkpoint else 0
        session, restored = self._restored(master, saver, files, config, wait)
        missing = self._run_local_init_op(session)
        if restored:
            missing = missing or _missing(self._ready_op, session, "Model not ready")
        return session, restored and not missing

    def wait_for_session(
        self, master: str, config: Any = None, max_wait_secs: float = float("inf")
    ) -> Session:
        """A new session that needs no initialization, or only that of `local_init_op`.

        Errors: DeadlineExceededError at once when a variable has no value: there is no other
        process that could give it one.
        """
        session = Session(master, self._graph, config)
        missing = self._run_local_init_op(session)
        missing = missing or _missing(self._ready_op, session, "Model not ready")
        if missing:
            session.close()
            raise DeadlineExceededError(
                None,
                None,
                f"Session was not ready after waiting {max_wait_secs:g} secs: {missing}",
            )
        return session

    def _restored(
        self, master: str, saver: Any, files: tuple[Any, Any], config: Any, wait: float
    ) -> tuple[Session, bool]:
        """A new session, and whether it is restored. wait: so many seconds for a checkpoint."""
        session = Session(master, self._graph, config)
        directory, file = files
        if directory and file:
            raise ValueError(
                "Can not provide both checkpoint_dir and checkpoint_filename_with_path."
            )
        if not saver or not (directory or file):
            return session, False
        if file:
            saver.restore(session, file)
            return session, True
        waited, state = 0.0, get_checkpoint_state(directory)
        while state is None:
            if waited >= wait:
                return session, False
            logging.info("Waiting for checkpoint to be available.")
            time.sleep(self._recovery_wait)
            waited, state = waited + self._recovery_wait, get_checkpoint_state(directory)
        saver.restore(session, state.model_checkpoint_path)
        if hasattr(saver, "recover_last_checkpoints"):
            saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return session, True

    def _run_local_init_op(self, session: Session) -> str:
        """Run it when what it needs is there. Returns what is missing, in words."""
        if self._local_init_op is None:
            return ""
        missing = _missing(self._ready_for_local_init_op, session, "Model not ready for local init")
        if not missing:
            logging.info("Running local_init_op.")
            session.run(self._local_init_op, options=self._options)
            logging.info("Done running local_init_op.")
        return missing


def _missing(ready_op: Any, session: Session, what: str) -> str:
    """Which variables have no value, in words, as the operation says; nothing when all have."""
    if ready_op is None:
        return ""
    try:
        names = session.run(ready_op)
    except FailedPreconditionError as error:
        if "uninitialized" not in str(error):
            logging.warning("%s : error [%s]", what, error)
            raise
        return str(error)
    if names is None or names.dtype == np.int32 or names.size == 0:
        return ""
    return "Variables not initialized: " + ", ".join(name.decode() for name in names)
