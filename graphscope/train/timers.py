"""When a hook has its turn: after so many steps, so many seconds, or never."""

from __future__ import annotations

import time


class Timer:
    """The base of timers. It remembers the last time that a hook had its turn."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again, as if there had been no turn."""
        self._last_step: int | None = None
        self._last_time: float | None = None

    def should_trigger_for_step(self, step: int) -> bool:
        raise NotImplementedError

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Seconds and steps since the last time; None the first time."""
        now = time.time()
        if self._last_step is None or self._last_time is None:
            elapsed: tuple[float | None, int | None] = (None, None)
        else:
            elapsed = (now - self._last_time, step - self._last_step)
        self._last_step, self._last_time = step, now
        return elapsed

    def last_triggered_step(self) -> int | None:
        return self._last_step


class SecondOrStepTimer(Timer):
    """Says when so many steps, or seconds, have gone by since the last time.

    Errors: ValueError unless exactly one of the two is given. Source: tf.train.SecondOrStepTimer.
    """

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None) -> None:
        if every_secs is None and every_steps is None:
            raise ValueError("Either every_secs or every_steps should be provided.")
        if every_secs is not None and every_steps is not None:
            raise ValueError("Can not provide both every_secs and every_steps.")
        self._every_secs = every_secs
        self._every_steps = every_steps
        super().__init__()

    def should_trigger_for_step(self, step: int) -> bool:
        if self._last_step is None or self._last_time is None:
            return True
        if self._last_step == step:
            return False
        if self._every_secs is not None:
            return time.time() >= self._last_time + self._every_secs
        assert self._every_steps is not None
        return step >= self._last_step + self._every_steps


class NeverTriggerTimer(Timer):
    """Never says that it is time; it keeps no time either."""

    def should_trigger_for_step(self, step: int) -> bool:
        return False

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        return None, None
