"""Where a run has stopped, and where it stops: renderers."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType

from graphscope.debug import answers
from graphscope.debug.answers import Reason
from graphscope.debug.classes import source_of
from graphscope.engine.lessons import called
from graphscope.kernels.stats import single, stats
from graphscope.show.text import (
    MOST_NAMES,
    Cut,
    faint,
    few,
    grid,
    line,
    path_text,
    phase,
    plural,
    render,
    strong,
    tensor_cells,
)


@render.register
def _(stop: answers.Stop) -> RenderableType:
    if stop.node is None:
        begun = line(f"t=0/{stop.last}  {_run(stop)}The run begins: nothing has run yet.")
        return Group(*_traces(stop), *_reason(stop), *_restored(stop), begun, *_displays(stop))
    node = stop.node
    python = stop.names.python(node)
    source = node.source
    assert stop.phase is not None
    parts: list[RenderableType] = [*_traces(stop), *_reason(stop), *_restored(stop)]
    name = f"  = {python}" if python else ""
    time = f"t={stop.t}/{stop.last} {_run(stop)}"
    for word, frames in (("in", stop.frames), ("back through", stop.backwards)):
        around = ", in ".join(called(owner, i) for owner, i in reversed(frames))
        parts += [line(faint(f"{word} {around}"))] if around else []
    parts.append(line(time, phase(stop.phase), "  ", strong(node.name), f"  [{node.type}]{name}"))
    if source:
        parts.append(Cut(f"{source.where}  {source.text}", "gs.faint", indent=3))
    rows = [tensor_cells(f"x{i}", shown, stop.names) for i, shown in enumerate(stop.inputs)]
    rows += [tensor_cells("->", shown, stop.names) for shown in stop.outputs]
    if rows:
        parts.append(grid(rows, indent=3, gap=1))
    parts += [
        line(strong(name), "  ", delta.written(name), indent=3)
        for name, delta in stop.changed.items()
    ]
    if stop.fan_out is not None:
        parts.append(line(_fan_out(stop), indent=3))
    if len(stop.path) > 1:
        parts.append(line(faint(f"runs because: {path_text(stop.path, stop.names)}"), indent=3))
    known = [name for name in stop.updated if name not in stop.changed]
    if known:
        parts.append(line(faint(f"updated so far: {few(stop.updated)}"), indent=3))
    if stop.overrides:
        parts.append(line(strong(f"set by hand: {few(stop.overrides)}"), indent=3))
    return Group(*parts, *_displays(stop))


def _fan_out(stop: answers.Stop) -> str:
    assert stop.fan_out is not None
    op = source_of(stop.fan_out.tensor).op
    users = " and ".join(stop.names.label(user) for user in stop.fan_out.users)
    made = f"adds up what comes back to {stop.names.of(op)} from {users}"
    return f"{made}; nothing of an earlier run is in it"


def _run(stop: answers.Stop) -> str:
    return f"run {stop.run}  " if stop.runs > 1 else ""


def _displays(stop: answers.Stop) -> list[RenderableType]:
    return [
        line(f"display {said.number}: {said.expression} = {said.text}", indent=3)
        for said in stop.displays
    ]


def _name(said: answers.Said) -> str:
    return said.node.name if said.node else ""


def _traces(stop: answers.Stop) -> list[RenderableType]:
    return [
        line(
            f"trace {said.number}: t={said.t} {said.node.name if said.node else ''}",
            f"  {said.text}",
        )
        for said in stop.traces
    ]


def _reason(stop: answers.Stop) -> list[RenderableType]:
    text = stop.found.text if stop.found else ""
    if stop.reason is Reason.WRITE:
        return [line(strong(f"{', '.join(stop.changed)} was written."))]
    if stop.reason is Reason.BREAKPOINT:
        where = f" ({text})" if text else ""
        hit = f", hit {stop.hits}x" if stop.hits > 1 else ""
        return [line(strong(f"Breakpoint {stop.breakpoint}{where}{hit}."))]
    if stop.reason in (Reason.CHANGED, Reason.READ, Reason.CAUGHT):
        word = "Caught" if stop.reason is Reason.CAUGHT else "Watch"
        return [line(strong(f"{word} {stop.breakpoint}: "), text)]
    if stop.reason is Reason.FAILED and stop.error is not None:
        return [line(strong(f"The next node fails: {type(stop.error).__name__}: {stop.error}"))]
    if stop.reason is Reason.END:
        ended = line(strong("The end: every node has run."))
        return [line(text), ended] if text else [ended]
    if stop.reason is Reason.INTERRUPTED:
        return [line(strong("Interrupted, between two nodes. Nothing is lost."))]
    return []


def _restored(stop: answers.Stop) -> list[RenderableType]:
    if not stop.in_the_past:
        return []
    words, more = [], len(stop.restored) - MOST_NAMES
    for name, delta in [*stop.restored.items()][:MOST_NAMES]:
        new = np.asarray(delta.new)
        shown = single(new) if new.ndim == 0 else f"||{name}|| {stats(new).norm:.4g}"
        words.append(f"{name} is as before: {shown}.")
    words += [f"So are {more} more."] if more > 0 else []
    here = f"the run has come to t={stop.newest}"
    if stop.run < stop.runs:
        here = f"this is run {stop.run} of {stop.runs}"
    past = f"In the past: {here}. Nothing is computed again."
    return [line(faint(" ".join([past, *words])))]


@render.register
def _(where: answers.Where) -> RenderableType:
    stop = where.stop
    if stop.node is None:
        return render(stop)
    parts: list[RenderableType] = [render(stop)]
    if where.scopes:
        parts.append(line(f"in the scopes {' > '.join(where.scopes)}", indent=3))
    parts.append(line(f"this run computes {', '.join(where.fetched)}", indent=3))
    if len(stop.path) > 1:
        parts.append(line("and each of these needs the next one:", indent=3))
        names = stop.names
        rows = [
            [i, names.label(op), f"[{op.type}]", faint(op.source.where if op.source else "")]
            for i, op in enumerate(stop.path)
        ]
        parts.append(grid(rows, indent=5, wrap=1))
    return Group(*parts)


# ---- stopping ----------------------------------------------------------------------------------


@render.register
def _(found: answers.Breakpoints) -> RenderableType:
    if not found.rows:
        return line("No breakpoints. Set one: break NODE, break @Type, break %VARIABLE")
    rows = []
    for row in found.rows:
        words = ("before " if row.before else _PREPOSITIONS.get(row.kind, "")) + row.spec
        words += f" if {row.condition}" if row.condition else ""
        rules = [f"{row.nodes} {plural(row.nodes, 'node')} of this run"] if row.nodes else []
        rules += row.limits
        rules += ["once"] if row.temporary else []
        rules += [f"hits {row.rule}"] if row.rule else []
        first = "first hit passes" if row.ignored == 1 else f"first {row.ignored} hits pass"
        rules += [f"the {first}"] if row.ignored else []
        rules += [f"after stop {row.after}"] if row.after is not None else []
        rules += [f"shows {row.shows}"] if row.shows else []
        rules += [f"does {'; '.join(row.commands)}"] if row.commands else []
        rules += [] if row.enabled else ["disabled"]
        name = f"{_KINDS[row.kind]} {row.id}"
        rows.append([name, words, ", ".join(rules), f"hit {row.hits}x" if row.hits else ""])
    return grid(rows, wrap=max((1, 2), key=lambda i: max(len(row[i]) for row in rows)))


_KINDS = {
    "break": "Breakpoint",
    "watch": "Watch",
    "rwatch": "Watch for reading",
    "awatch": "Watch for any access",
    "catch": "Catch",
    "trace": "Trace",
}
_PREPOSITIONS = {"break": "behind ", "trace": "at "}
