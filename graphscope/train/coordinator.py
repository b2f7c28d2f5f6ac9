"""Threads that stop together: when the work is done, or when one of them fails."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from graphscope.errors import OutOfRangeError
from graphscope.platform import logging


class Coordinator:
    """Tells threads when to stop, and brings the first failure of one of them to who waits.

    clean_stop_exception_types: what is no failure, but the end of the input; OutOfRangeError when
    left out. Source: tf.train.Coordinator.
    """

    def __init__(self, clean_stop_exception_types: Iterable[type[Exception]] | None = None) -> None:
        clean = (OutOfRangeError,) if clean_stop_exception_types is None else None
        self._clean = clean or tuple(clean_stop_exception_types or ())
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._joined = False
        self._threads: set[threading.Thread] = set()

    def request_stop(self, ex: Any = None) -> None:
        """Ask all threads to stop. ex: the exception (or `sys.exc_info()`) that is the reason; the
        first one is raised again by `join`."""
        failure = ex[1] if isinstance(ex, tuple) else ex
        if isinstance(failure, self._clean):
            failure = None
        with self._lock:
            if self._joined and failure is not None:
                raise failure
            if not self._stop.is_set():
                if failure is not None:
                    logging.info("Error reported to Coordinator: %s, %s", type(failure), failure)
                    self._failure = failure
                self._stop.set()

    def clear_stop(self) -> None:
        """Begin again: no stop is asked for, no failure is known."""
        with self._lock:
            self._joined = False
            self._failure = None
            self._stop.clear()

    def should_stop(self) -> bool:
        return self._stop.is_set()

    @contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """Whatever is raised inside is given to `request_stop`."""
        try:
            yield
        except BaseException:
            self.request_stop(sys.exc_info())

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Wait for a stop, at most `timeout` seconds. Returns whether one was asked for."""
        return self._stop.wait(timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """`join` waits for this thread too."""
        with self._lock:
            self._threads.add(thread)

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Wait until the threads have ended; raise what was the reason to stop, if there is one.

        Errors: RuntimeError when a thread still runs so many seconds after the stop.
        """
        with self._lock:
            waited_for = [*self._threads.union(threads or ())]
        while any(t.is_alive() for t in waited_for) and not self.wait_for_stop(1.0):
            pass
        last = time.monotonic() + stop_grace_period_secs
        for thread in waited_for:
            if thread.is_alive():
                thread.join(max(0.0, last - time.monotonic()))
        running = " ".join(t.name for t in waited_for if t.is_alive())
        with self._lock:
            self._joined = True
            self._threads = set()
        self.raise_requested_exception()
        if running and ignore_live_threads:
            logging.info("Coordinator stopped with threads still running: %s", running)
        elif running:
            raise RuntimeError(f"Coordinator stopped with threads still running: {running}")

    @property
    def joined(self) -> bool:
        return self._joined

    @property
    def reason(self) -> BaseException | None:
        """The failure that was the reason to stop, if there is one."""
        return self._failure

    def raise_requested_exception(self) -> None:
        """Raise what was the reason to stop, if there is one."""
        if self._failure is not None:
            raise self._failure


class LooperThread(threading.Thread):
    """A thread that calls a function again and again until the coordinator stops.

    timer_interval_secs: seconds from one call to the next; None: one after the other.
    Errors: ValueError for what is no Coordinator. Source: tf.train.LooperThread.
    """

    def __init__(
        self,
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any] | None = None,
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        if target is None and (args or kwargs):
            raise ValueError("'args' and 'kwargs' argument require that you also pass 'target'")
        super().__init__(daemon=True)
        self._coord = coord
        self._seconds = timer_interval_secs
        self._call = None if target is None else (target, tuple(args or ()), dict(kwargs or {}))
        coord.register_thread(self)

    @staticmethod
    def loop(
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> LooperThread:
        """Make such a thread and start it."""
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        with self._coord.stop_on_exception():
            self.start_loop()
            next_time = time.monotonic()
            while not self._coord.wait_for_stop(max(0.0, next_time - time.monotonic())):
                next_time += self._seconds or 0.0
                self.run_loop()
            self.stop_loop()

    def start_loop(self) -> None:
        """Called when the thread starts."""

    def stop_loop(self) -> None:
        """Called when the thread stops."""

    def run_loop(self) -> None:
        """Called each time; calls the target."""
        if self._call is not None:
            target, args, kwargs = self._call
            target(*args, **kwargs)
