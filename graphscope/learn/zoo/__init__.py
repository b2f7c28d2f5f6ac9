"""The bug zoo: broken training programs, each with a healthy twin.

`bugs()` are their declarations, `bug("dead-relu")` is one of them; `debugger(bug)` stands where its
mistake shows, `debugger(bug, broken=False)` at the same place of the twin.
"""

from __future__ import annotations

import random

from graphscope.debug.errors import DebugError
from graphscope.errors import did_you_mean
from graphscope.learn.zoo import losses, training
from graphscope.learn.zoo.bug import Bug as Bug
from graphscope.learn.zoo.bug import Way as Way
from graphscope.learn.zoo.opening import debugger as debugger

_BUGS = {bug.name: bug for bug in (*training.BUGS, *losses.BUGS)}


def bugs() -> tuple[Bug, ...]:
    """All bugs, in the order in which `graphscope zoo list` shows them."""
    return tuple(_BUGS.values())


def bug(name: str) -> Bug:
    """A bug by its name. Errors: DebugError for one that is not there, with those that are near."""
    if name not in _BUGS:
        hint = did_you_mean(name, _BUGS) or "graphscope zoo list shows them"
        raise DebugError(f"The zoo has no {name!r}; {hint}.")
    return _BUGS[name]


def bug_of(seed: int) -> Bug:
    """A bug by a number: 18 numbers one after the other give all 18, in an order that is mixed."""
    mixed = list(_BUGS.values())
    random.Random(0).shuffle(mixed)
    return mixed[seed % len(mixed)]
