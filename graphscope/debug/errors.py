"""What a debugger's user can get wrong. Each message is a sentence that says what to do instead."""

from __future__ import annotations


class DebugError(Exception):
    """A command cannot do what was asked. Nothing has changed."""


class UnknownPlace(DebugError):
    """No operation, variable or time is meant by these words."""


class NotExecuted(DebugError):
    """The value is not there: its operation has not run yet, or does not run at all."""


class NoGradient(DebugError):
    """No gradient comes back to what was asked for."""
