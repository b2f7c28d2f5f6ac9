"""Arguments that have had several names in the course of TensorFlow's versions."""

from __future__ import annotations

from typing import Any


def one_of(**spellings: Any) -> Any:
    """The argument, under whichever of its names it was given; None when under none.

    The names in use come first. Errors: ValueError when it is given under two names.
    """
    given = [(name, value) for name, value in spellings.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"Cannot specify both {given[1][0]!r} and {given[0][0]!r}")
    return given[0][1] if given else None
