"""Advice: the habits of debugging, run for the learner on the learner's own graph."""

from __future__ import annotations

from graphscope.debug.place import Place


class Advising(Place):
    """The commands that look for what is usually wrong."""
