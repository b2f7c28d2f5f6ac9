"""Files of this computer, with TensorFlow's errors for what the system says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphscope.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    OpError,
    PermissionDeniedError,
)

_KINDS: list[tuple[type[OSError], type[OpError]]] = [
    (FileNotFoundError, NotFoundError),
    (FileExistsError, AlreadyExistsError),
    (PermissionError, PermissionDeniedError),
    (OSError, FailedPreconditionError),
]


@contextmanager
def told(path: Any) -> Iterator[None]:
    """The errors of the system as TensorFlow's."""
    try:
        yield
    except OSError as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(None, None, f"{os.fsdecode(path)}; {error.strerror}") from None


def content(path: Any) -> bytes:
    """All bytes of a file. Errors: NotFoundError, FailedPreconditionError."""
    with told(path), open(path, "rb") as file:
        return file.read()


def write_whole(path: str, text: bytes) -> None:
    """The file has this content, or is as it was. Errors: those of `told`."""
    begun = f"{path}.tmp{os.getpid()}"
    with told(path):
        with open(begun, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(begun, path)
