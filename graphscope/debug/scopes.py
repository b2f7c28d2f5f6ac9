"""The scopes around a place in a run: name scopes, branches, loops and their iterations."""

from __future__ import annotations

from typing import Any

from graphscope.debug.timeline import Step
from graphscope.engine.interpreter import Frame
from graphscope.graph.graph import Operation

#: Scopes, the outermost first: names of name scopes; and for a call of a body what owns it (with
#: the call in which that runs) and the iteration.
Scope = tuple[Any, ...]


def scope_of(step: Step | None) -> Scope:
    """The scopes around a step, the outermost first: names of name scopes, and for a call of a
    body what owns it, and the iteration."""
    return () if step is None else scope(step.node, step.frame)


def span_of(step: Step | None) -> Scope:
    """As `scope_of`; the end of a branch or a loop is the last step of all that is in it."""
    return () if step is None else span(step.node, step.frame)


def scope(op: Operation, frame: Frame) -> Scope:
    around: list[Any] = []
    names: list[str] = []
    for call in reversed(list(frame.calls_around)):
        assert call.owner is not None
        around += [*_inside(call.owner, names), (call.owner, call.caller)]
        around.append((call.owner, call.caller, call.iteration))
        names = call.owner.name.split("/")[:-1]
    return (*around, *_inside(op, names))


def span(op: Operation, frame: Frame) -> Scope:
    own = ((op, frame),) if op.definition.calls else ()
    return (*scope(op, frame), *own)


def _inside(op: Operation, names: list[str]) -> list[str]:
    """The name scopes of an operation within those of what owns its body."""
    own = op.name.split("/")[:-1]
    return own[len(names) :] if own[: len(names)] == names else own


def within(scope: Scope | None, outer: Scope) -> bool:
    return scope is not None and scope[: len(outer)] == outer


def common(here: Scope, there: Scope) -> Scope:
    """The scopes around both."""
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    return here[:shared]


def deeper(here: Scope, there: Scope) -> Scope | None:
    """The outermost scope of `there` that is not around `here`; None when there is none."""
    shared = len(common(here, there))
    return there[: shared + 1] if shared < len(there) else None
