"""What the verbs of the command line share: their words, and what is said when these are wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from graphscope.debug.errors import DebugError
from graphscope.errors import OpError, lesson_of


class Wrong(Exception):
    """What was typed cannot be understood."""


class Words(argparse.ArgumentParser):
    """The words of one command. What is wrong in them is an error of one sentence."""

    def error(self, message: str) -> NoReturn:
        raise Wrong(f"{message}\n{self.format_usage().rstrip()}")


def pair(text: str, what: str) -> tuple[str, str]:
    """``OLD=NEW`` in two. Errors: Wrong for something else."""
    first, equals, second = text.partition("=")
    if not (first and equals and second):
        raise Wrong(f"{text!r} is not {what}.")
    return first, second


def guarded(do: Callable[[], int]) -> int:
    """Do it; what goes wrong is told with what to try. Returns the exit code."""
    try:
        return do()
    except Wrong as error:
        return told(str(error))
    except (ValueError, TypeError, OSError, OpError, AssertionError, DebugError) as error:
        text = error.message if isinstance(error, OpError) else str(error)
        if isinstance(error, OSError) and error.strerror:
            text = f"{error.filename}: {error.strerror}"
        return told(text.partition("\n  try ")[0], lesson_of(error).hint)


def told(text: str, hints: object = ()) -> int:
    """Say what is wrong, and what to try; gives the exit code for that."""
    print(f"graphscope: {text}", file=sys.stderr)
    for hint in hints if isinstance(hints, list | tuple) else ():
        print(f"  try: {hint}", file=sys.stderr)
    return 2
