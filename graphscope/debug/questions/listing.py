"""The plan, line by line: what has run, what comes, and what is remarkable in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from graphscope.debug.answers import Listing, Row
from graphscope.debug.errors import DebugError
from graphscope.debug.history import History
from graphscope.debug.names import Names
from graphscope.debug.questions.bad import gave_bad
from graphscope.debug.questions.compare import equal
from graphscope.debug.timeline import Step, Timeline
from graphscope.debug.triggers import is_zero, last_value
from graphscope.engine.plan import Plan
from graphscope.graph.graph import Operation
from graphscope.ops.state import variable_of

#: What `list` says of the present node and of the one after it.
_STATES = {0: "now", 1: "next"}

KEYS: dict[str, Callable[[Row], Any]] = {
    "t": lambda row: row.t,
    "name": lambda row: row.node.name,
    "type": lambda row: (row.node.type, row.t),
    "size": lambda row: (-row.nbytes, row.t),
    "time": lambda row: (-row.seconds, row.t),
}
FILTERS = ("changed", "bad", "zero")


@dataclass(frozen=True)
class Choice:
    """Which lines, and in which order.

    name: a regular expression for the name; type: a pattern for the type. only: ``changed`` (its
    value is another one than when it ran last, or it has changed a variable), ``bad`` (NaN or Inf)
    or ``zero`` (nothing but zeros). key: by what they are sorted; the largest and the slowest come
    first. turned: the other way round.
    Errors: DebugError for another filter or key.
    """

    name: re.Pattern[str] | None = None
    type: str = ""
    only: str = ""
    key: str = "t"
    turned: bool = False

    def __post_init__(self) -> None:
        for given, known, option in ((self.only, FILTERS, "-f"), (self.key, KEYS, "-s")):
            if given and given not in known:
                raise DebugError(f"list {option} takes {', '.join(known)}; not {given!r}.")

    @property
    def is_filter(self) -> bool:
        return bool(self.name or self.type or self.only)


def listing(
    times: Iterable[int],
    choice: Choice,
    history: History,
    names: Names,
    stopping: frozenset[Operation],
) -> Listing:
    """The lines of these times. stopping: the nodes with a breakpoint."""
    timeline = history.here
    dirty, ahead = _dirty(timeline), pending(timeline)
    calls = (i for i, op in enumerate(ahead) if op.definition.calls)
    known = next(calls, len(ahead))
    rows = [_row(t, timeline, names, stopping, dirty, ahead, known) for t in times]
    chosen = [row for row in rows if _fits(row, choice, history)]
    chosen.sort(key=KEYS[choice.key], reverse=choice.turned)
    return Listing(tuple(chosen), last(timeline), names, choice.key, timeline.end_is_known)


def pending(timeline: Timeline) -> tuple[Operation, ...]:
    """What will certainly run after the last step that is known, in order: of branches and loops
    only what is next."""
    coming = timeline.upcoming(timeline.newest)
    if coming is None:
        return ()
    outer = timeline.plan.outermost(coming)
    rest = timeline.plan.nodes[timeline.plan.position[outer] :]
    return rest if outer is coming else (coming, *rest)


def last(timeline: Timeline) -> int:
    """The time of the last line, as far as that is known."""
    return timeline.newest + len(pending(timeline))


def _row(
    t: int,
    timeline: Timeline,
    names: Names,
    stopping: frozenset[Operation],
    dirty: dict[str, int],
    ahead: tuple[Operation, ...],
    known: int,
) -> Row:
    """known: so many of those ahead come before the first branch or loop."""
    plan = timeline.plan
    step = timeline.steps[t - 1] if t <= timeline.newest else None
    place = t - timeline.newest - 1
    coming = timeline.ahead(timeline.newest) if place == 0 else None
    node = step.node if step else ahead[place]
    past = step if step is not None and t <= timeline.t else None
    value = past.outputs[node.outputs[0]] if past and node.outputs else None
    labels = "B" if node in stopping else ""
    labels += "F" if any(tensor in plan.feeds for tensor in node.inputs) else ""
    by_hand = past is not None and bool(past.overridden)
    labels += "O" if by_hand or any(o in timeline.overrides for o in node.outputs) else ""
    labels += "D" if past is not None and _is_dirty(past, plan, dirty) else ""
    labels += "!" if past is not None and gave_bad(past) else ""
    return Row(
        t=t,
        node=node,
        phase=step.phase if step else plan.phases[node],
        state="done" if t < timeline.t else _STATES.get(t - timeline.t, "later"),
        python=names.python(node),
        value=value,
        breakpoint=node in stopping,
        labels=labels,
        seconds=past.seconds if past else 0.0,
        frames=step.frames if step else coming.frame.around if coming else (),
        # An owner that is next has run its body: it comes behind what is in it.
        inside=tuple(p.nodes for o, p in plan.owned.values() if o is node) if place > 0 else (),
        t_is_known=place <= 0 or place < known,
    )


def _dirty(timeline: Timeline) -> dict[str, int]:
    """When each variable was written first."""
    first: dict[str, int] = {}
    for step in timeline.steps:
        for name in step.writes:
            first.setdefault(name, step.t)
    return first


def _is_dirty(step: Step, plan: Plan, dirty: dict[str, int]) -> bool:
    if step.writes:
        return True
    read = [variable_of(t) for t in step.node.inputs if t.dtype.is_ref and t not in plan.feeds]
    return any(dirty.get(variable.name, step.t) < step.t for variable in read)


def _fits(row: Row, choice: Choice, history: History) -> bool:
    if choice.name is not None and not choice.name.search(row.node.name):
        return False
    if choice.type and not fnmatchcase(row.node.type.lower(), choice.type.lower()):
        return False
    if not choice.only:
        return True
    timeline = history.here
    if row.t > timeline.t:
        return False
    step = timeline.steps[row.t - 1]
    if choice.only == "bad":
        return "!" in row.labels
    return is_zero(step) if choice.only == "zero" else _has_changed(step, history)


def _has_changed(step: Step, history: History) -> bool:
    timeline = history.here
    before = timeline.variables(step.t - 1)
    if any(not equal(before.get(name), value) for name, value in step.writes.items()):
        return True
    earlier = [t for t in timeline.times_of(step.node) if t < step.t]
    for tensor, value in step.outputs.items():
        inside = timeline.steps[earlier[-1] - 1].outputs[tensor] if earlier else None
        old = inside if inside is not None else last_value(history, tensor)
        if old is not None and not equal(old, value):
            return True
    return False
