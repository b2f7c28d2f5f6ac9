"""Messages to standard error, under the name ``tensorflow`` (tf.logging)."""

from __future__ import annotations

import logging as _logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TextIO

DEBUG = _logging.DEBUG
INFO = _logging.INFO
WARN = _logging.WARNING
ERROR = _logging.ERROR
FATAL = _logging.CRITICAL

_NAMES = {FATAL: "FATAL", ERROR: "ERROR", WARN: "WARN", INFO: "INFO", DEBUG: "DEBUG"}
_LEVELS = {name: level for level, name in _NAMES.items()} | {"WARNING": WARN}
_lock = threading.Lock()
_counts: Counter[tuple[str, int]] = Counter()


class _StandardError(_logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at the time."""

    def emit(self, record: _logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def get_logger() -> _logging.Logger:
    """The logger. It writes to standard error, unless the program has set up logging itself."""
    logger = _logging.getLogger("tensorflow")
    with _lock:
        if not logger.handlers and not _logging.getLogger().handlers:
            handler = _StandardError()
            handler.setFormatter(_logging.Formatter(_logging.BASIC_FORMAT))
            logger.addHandler(handler)
    return logger


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().log(level, msg, *args, **kwargs)


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().debug(msg, *args, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().info(msg, *args, **kwargs)


def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().warning(msg, *args, **kwargs)


warn = warning


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().error(msg, *args, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().critical(msg, *args, **kwargs)


def get_verbosity() -> int:
    """The level from which on messages are written; WARN at first."""
    return get_logger().getEffectiveLevel()


def set_verbosity(v: int | str) -> None:
    """Write messages of this level and above: tf.logging.INFO, or its name."""
    get_logger().setLevel(_LEVELS[v.upper()] if isinstance(v, str) else v)


def flush() -> None:
    for handler in get_logger().handlers:
        handler.flush()


def vlog(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().log(level, msg, *args, **kwargs)


def _position() -> tuple[str, int]:
    frame = sys._getframe(2)
    return frame.f_code.co_filename, frame.f_lineno


def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Write the first, and then every n-th message of this line of the program."""
    where = _position()
    _counts[where] += 1
    log_if(level, msg, (_counts[where] - 1) % n == 0, *args)


def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Write the first n messages of this line of the program."""
    where = _position()
    _counts[where] += 1
    log_if(level, msg, _counts[where] <= n, *args)


def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    if condition:
        log(level, msg, *args)


def TaskLevelStatusMessage(msg: Any) -> None:
    error(msg)


def google2_log_prefix(level: int, timestamp: float | None = None, *_: Any) -> str:
    """The beginning of a line of a log file: letter, date, time and thread."""
    now = timestamp or time.time()
    letter = _NAMES.get(level, "I")[0]
    stamp = time.strftime("%m%d %H:%M:%S", time.localtime(now))
    return f"{letter}{stamp}.{int(now % 1 * 1e6):06d} {threading.get_ident():5d}] "


#: Level by level, the function that writes at it.
BY_LEVEL: dict[int, Callable[..., None]] = {
    DEBUG: debug,
    INFO: info,
    WARN: warning,
    ERROR: error,
    FATAL: fatal,
}
