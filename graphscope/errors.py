"""Exceptions, under TensorFlow's names, and the lesson that each of them carries.

The types are those of ``tf.errors`` (TensorFlow 1.15), so that ``except`` lines of old scripts
still work. What GraphScope adds is a `Lesson`: the node, the user's own line, the path from the
fetch, and what to try next. It is attached as a note, so that the type, the message and the
traceback survive.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

#: The numbers of the kinds of errors (tensorflow/core/lib/core/error_codes.proto).
OK = 0
CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND = 1, 2, 3, 4, 5
ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION = 6, 7, 8, 9
ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS = 10, 11, 12, 13, 14, 15
UNAUTHENTICATED = 16

ErrorType = TypeVar("ErrorType", bound=BaseException)


class OpError(Exception):
    """An error raised while a graph runs. `op` is the operation, `message` the sentence.

    failure: the run that failed and what the session held when it began, or None; gs.pm() opens
    the debugger there.
    """

    error_code = 2
    failure: Any = None

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int | None = None) -> None:
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message
        if error_code is not None:
            self.error_code = error_code

    @property
    def node(self) -> Any:
        """The operation that failed."""
        return self.op


class InvalidArgumentError(OpError):
    """An operation got a value that it cannot work with, or no value at all."""

    error_code = 3


class NotFoundError(OpError):
    """Something that was asked for by name does not exist."""

    error_code = 5


class FailedPreconditionError(OpError):
    """The system is not in the state that the operation needs: an uninitialized variable."""

    error_code = 9


class OutOfRangeError(OpError):
    """The input is used up."""

    error_code = 11


class UnimplementedError(OpError):
    """The operation is known, and there is no kernel for it here."""

    error_code = 12


class CancelledError(OpError):
    """The operation was stopped from outside."""

    error_code = 1


class UnknownError(OpError):
    """An error of no other kind."""

    error_code = 2


class DeadlineExceededError(OpError):
    """It took longer than was allowed."""

    error_code = 4


class AlreadyExistsError(OpError):
    """What should be made is there already."""

    error_code = 6


class PermissionDeniedError(OpError):
    """The system does not allow it."""

    error_code = 7


class ResourceExhaustedError(OpError):
    """There is no memory, or no room on the disk, for it."""

    error_code = 8


class AbortedError(OpError):
    """The operation was given up, as a rule because another one was in its way."""

    error_code = 10


class InternalError(OpError):
    """Something inside does not fit together."""

    error_code = 13


class UnavailableError(OpError):
    """What is asked for cannot be reached now."""

    error_code = 14


class DataLossError(OpError):
    """A file is damaged."""

    error_code = 15


class UnauthenticatedError(OpError):
    """The caller did not say who they are."""

    error_code = 16


class OperatorNotAllowedInGraphError(TypeError):
    """A symbolic tensor was used where Python needs a value: ``if t``, ``for x in t``."""


@dataclass(frozen=True)
class Lesson:
    """What an error teaches beside its first sentence. Every field may be empty.

    node:   the operation, as ``loss/Log [Log]``, with its time and phase where it has one.
    inputs: a line for each input, as ``x0 Softmax:0 f32[100,10]``.
    line:   the user's line that made the node, as ``model.py:12  y = tf.log(x)``.
    path:   why the node was needed, from the fetch down.
    hint:   what to try, one sentence each.
    """

    node: str = ""
    inputs: Sequence[str] = ()
    line: str = ""
    path: str = ""
    hint: Sequence[str] = ()

    def __str__(self) -> str:
        rows = [("node", self.node)]
        rows += [("input", line) for line in self.inputs]
        rows += [("line", self.line), ("needed by", self.path)]
        rows += [("try", hint) for hint in self.hint]
        return "\n".join(f"  {label:<9} {text}" for label, text in rows if text)


def uncaught() -> BaseException | None:
    """The error that is being handled, or the last one that went uncaught: that Python's prompt or
    a notebook has shown. None when there is none."""
    error: BaseException | None = sys.exc_info()[1] or getattr(sys, "last_value", None)
    return error


def about(error: ErrorType, element: object) -> ErrorType:
    """Keep with the exception what it is about, for who explains it, and return the exception."""
    error.__dict__["element"] = element
    return error


def teach(error: ErrorType, lesson: Lesson) -> ErrorType:
    """Attach the lesson to the exception and return the exception.

    Python 3.11 and later print notes below a traceback. Python 3.10 does not know notes; there the
    text goes to the end of the message. `lesson_of` gives the lesson back.
    """
    text = str(lesson)
    if not text:
        return error
    error.__dict__["lesson"] = lesson
    add_note = getattr(error, "add_note", None)
    if add_note is not None:
        add_note(text)
    else:
        first = error.args[0] if error.args else ""
        error.args = (f"{first}\n{text}", *error.args[1:])
    return error


def lesson_of(error: BaseException) -> Lesson:
    """What `teach` attached to the exception; an empty lesson when there is none."""
    lesson: Lesson = error.__dict__.get("lesson", Lesson())
    return lesson


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean 'train'?`` for a misspelt word, or nothing when no known word is near."""
    import difflib  # only who mistypes needs it

    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """The class of errors of this number. Errors: KeyError without one.

    Source: tf.errors.exception_type_from_error_code.
    """
    return {kind.error_code: kind for kind in OpError.__subclasses__()}[error_code]


def error_code_from_exception_type(cls: type[OpError]) -> int:
    """The number of a class of errors. Source: tf.errors.error_code_from_exception_type."""
    return cls.error_code
