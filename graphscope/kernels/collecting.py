"""Python's garbage collector, out of the way while very many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Nothing is collected inside: what a large file becomes is not walked through time and again.

    Memory is freed as always when nothing refers to it; only rings of references wait.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


#: So many objects are made before a collection that is rare; Python's own number is 700.
_MANY = 200_000


@contextmanager
def rarely() -> Iterator[None]:
    """Inside, what is made is walked through after very many new objects only, and the old ones,
    which a large graph has by the hundred thousand, hardly ever. Memory stays bounded, however long
    it takes."""
    often = gc.get_threshold()
    gc.set_threshold(max(_MANY, often[0]) if often[0] else 0, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
