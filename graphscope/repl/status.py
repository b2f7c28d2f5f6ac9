"""Where one stands, in a line for the lower edge of a terminal.

``run 2  FWD  t=3/15  in the past of t=7  fed: x, t  2 breakpoints  1 watch``
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphscope.debug.debugger import Debugger
from graphscope.show.text import plural

#: Between two parts.
_GAP = "  "
#: What there is of each kind of stop, in a word.
_WATCHES = ("watch", "rwatch", "awatch")
_KINDS = {"break": "breakpoint", "catch": "catchpoint", "trace": "tracepoint"}


def status(debugger: Debugger, width: int = 80) -> str:
    """The line, no wider than that: what stands last is said in fewer letters first."""
    parts = [*_parts(debugger)]
    for level in range(1, max(map(len, parts))):
        for at in range(len(parts) - 1, -1, -1):
            if len(_line(parts)) > width and level < len(parts[at]):
                parts[at] = (parts[at][level], *parts[at][1:])
    line = _line(parts)
    return line if len(line) <= width else f"{line[: max(width - 2, 0)]}.."[:width]


def _line(parts: Sequence[tuple[str, ...]]) -> str:
    """The parts in the form that stands first."""
    return _GAP.join(forms[0] for forms in parts if forms[0])


def _parts(debugger: Debugger) -> list[tuple[str, ...]]:
    """What is said, in order; each from its longest form to its shortest."""
    timeline = debugger.timeline
    phase = timeline.here.phase if timeline.here else next(iter(debugger.plan.phases.values()), "")
    return [
        (f"run {timeline.number}",),
        (str(phase), ""),
        (f"t={timeline.t}/{timeline.last}",),
        _past(debugger),
        _fed(debugger),
        _stops(debugger),
    ]


def _past(debugger: Debugger) -> tuple[str, ...]:
    timeline = debugger.timeline
    if debugger.in_an_earlier_run:
        newest = debugger.history.runs[-1].number
        return (f"in the past: the newest run is {newest}", "in the past")
    if timeline.t < timeline.newest:
        return (f"in the past: run to t={timeline.newest}", "in the past")
    return ("the next node fails", "fails") if timeline.failure is not None else ("",)


def _fed(debugger: Debugger) -> tuple[str, ...]:
    feeds = sorted(debugger.plan.feeds, key=lambda tensor: tensor.op._id)
    names = [debugger.names.of(tensor.op) for tensor in feeds]
    if not names:
        return ("nothing fed", "")
    first = f"fed: {', '.join(names[:2])} +{len(names) - 2}"
    forms = [f"fed: {', '.join(names)}", *([first] if len(names) > 2 else []), f"{len(names)} fed"]
    return (*forms, "")


def _stops(debugger: Debugger) -> tuple[str, ...]:
    counts = Counter(
        "watch" if item.kind in _WATCHES else _KINDS.get(item.kind, item.kind)
        for item in debugger.stops
        if item.enabled
    )
    if not counts:
        return ("no breakpoints", "")
    words = (
        f"{n} {plural(n, word, 'watches' if word == 'watch' else '')}" for word, n in counts.items()
    )
    total = sum(counts.values())
    return (", ".join(words), f"{total} {plural(total, 'stop')}", "")
