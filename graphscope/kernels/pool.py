"""Memory for the arrays of a run that is used again by the next one.

A large array that is fresh from the system costs more than the arithmetic that fills it. Within
`recycled()` the memory of new arrays is that of arrays that are gone, where there is any of the
size; see `_pool.c`. Without the compiled extension nothing changes, and nothing is recycled.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

try:
    from graphscope.kernels._native import Recycled, pool_limit, pool_state
except ImportError:  # installed without a C compiler, or a numpy that is not known there
    AVAILABLE = False
else:
    AVAILABLE = True


def _not_recycled() -> AbstractContextManager[Any]:
    return nullcontext()


#: A context in which numpy takes the memory of new arrays from what others have given back. It
#: holds for the thread that enters it. The arrays may outlive it, and go anywhere.
recycled: Any = Recycled if AVAILABLE else _not_recycled


def state() -> dict[str, int]:
    """What the pool does, in bytes: `lent` to arrays that are alive, `idle` until one needs it, the
    `budget` for that; and how many arrays `reused` a block, and for how many one was `made`."""
    return pool_state() if AVAILABLE else dict.fromkeys(("idle", "lent", "reused", "made"), 0)


def limit(budget: int) -> int:
    """Let no more than so many bytes be idle; what is more goes back to the system, all of it at
    once. Returns the budget before. Errors: ValueError for a negative one."""
    return pool_limit(budget) if AVAILABLE else 0


def trim() -> None:
    """Give all idle memory back to the system."""
    limit(limit(0))
