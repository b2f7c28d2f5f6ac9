"""Questions about numbers: where a gradient stops, where a NaN was born, what changed, the cost."""

from __future__ import annotations

from graphscope.debug.place import Place


class Measuring(Place):
    """The commands that measure what a run has computed."""
