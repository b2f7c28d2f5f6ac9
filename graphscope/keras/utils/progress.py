"""The line that shows how far an epoch is, letter by letter as Keras prints it.

Source: tf.keras.utils.Progbar.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


class Progbar:
    """A line like ``3/10 [=====>....] - ETA: 2s - loss: 0.5``, written again at each update.

    target: how many steps there are, None when nobody knows. verbose: 1 for the bar, 2 for one
    line at the end, 0 for nothing. stateful_metrics: names whose last value is shown, and not the
    mean. interval: seconds between two updates of the screen. unit_name: what is counted.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 30,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        #: Of each name, the sum of its values and how many there were.
        self._values: dict[str, list[Any]] = {}
        self._total_width = 0
        self._seen_so_far = 0
        self._start = time.time()
        self._last_update = 0.0

    def update(self, current: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """current: how many steps are done. values: pairs of a name and its value of this step."""
        new = current - self._seen_so_far
        for name, value in values or ():
            if name in self.stateful_metrics:
                self._values[name] = [value, 1]
            else:
                total, count = self._values.get(name, (0, 0))
                self._values[name] = [total + np.float64(value) * new, count + new]
        self._seen_so_far = current
        now = time.time()
        at_end = self.target is not None and current >= self.target
        if self.verbose == 1:
            early = now - self._last_update < self.interval
            if early and self.target is not None and not at_end:
                return
            self._write_bar(current, now - self._start, at_end)
        elif self.verbose == 2 and at_end:
            taken = f" - {now - self._start:.0f}s"
            sys.stdout.write(self._count(current) + taken + self._means() + "\n")
            sys.stdout.flush()
        self._last_update = now

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """n more steps are done."""
        self.update(self._seen_so_far + n, values)

    def _write_bar(self, current: int, seconds: float, at_end: bool) -> None:
        before = self._total_width
        bar, info = self._bar(current), self._time(current, seconds) + self._means()
        self._total_width = len(bar) + len(info)
        info += " " * (before - self._total_width)
        sys.stdout.write("\b" * before + "\r" + bar + info + ("\n" if at_end else ""))
        sys.stdout.flush()

    def _count(self, current: int) -> str:
        assert self.target is not None
        digits = int(np.log10(self.target)) + 1
        return f"{current:{digits}d}/{self.target}"

    def _bar(self, current: int) -> str:
        if self.target is None:
            return f"{current:7d}/Unknown"
        done = int(self.width * (float(current) / self.target))
        line = "=" * (done - 1) + (">" if current < self.target else "=") if done else ""
        return f"{self._count(current)} [{line}{'.' * (self.width - done)}]"

    def _time(self, current: int, seconds: float) -> str:
        each = seconds / current if current else 0
        if self.target is not None and current < self.target:
            return f" - ETA: {_until(each * (self.target - current))}"
        if each >= 1 or each == 0:
            rate = f"{each:.0f}s"
        elif each >= 1e-3:
            rate = f"{each * 1e3:.0f}ms"
        else:
            rate = f"{each * 1e6:.0f}us"
        return f" - {seconds:.0f}s {rate}/{self.unit_name}"

    def _means(self) -> str:
        text = ""
        for name, (total, count) in self._values.items():
            mean = np.mean(total / max(1, count))
            text += f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}"
        return text


def _until(seconds: float) -> str:
    """``1:02:03``, ``2:03`` or ``3s``."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"
