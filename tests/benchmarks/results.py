"""What was measured: numbers, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Measured:
    """Seconds of one call: the best and the median. loss_error, weight_error: the largest
    differences from the reference in float64, or None where nothing was compared."""

    best: float
    median: float
    loss_error: float | None = None
    weight_error: float | None = None


def measured(
    seconds: Sequence[float], loss_error: float | None = None, weight_error: float | None = None
) -> Measured:
    return Measured(min(seconds), float(np.median(seconds)), loss_error, weight_error)


#: By the row of the table and the implementation.
Results = dict[str, dict[str, Measured]]
