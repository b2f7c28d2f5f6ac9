"""The renderers of the questions: needs, feeds, updates, why, why-not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug import answers
from graphscope.debug.editing import Override
from graphscope.debug.names import Names
from graphscope.debug.questions.compare import Comparison
from graphscope.debug.questions.needs import Need, Needs
from graphscope.debug.questions.updates import Status, Update, Updates
from graphscope.debug.questions.why import Cause, Why
from graphscope.debug.questions.why_not import Absence, WhyNot
from graphscope.debug.undoing import Undone
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Tensor
from graphscope.kernels.stats import brief, described
from graphscope.show.text import faint, few, grid, line, path_text, plural, render, static, strong

HEADS = {
    Status.UPDATED: ("UPDATED", "gs.good"),
    Status.NO_PATH: ("NO PATH TO LOSS", "gs.bad"),
    Status.FROZEN: ("FROZEN", "gs.bad"),
    Status.OTHER: ("NOT TOUCHED", "gs.faint"),
}


@render.register
def _(found: Needs) -> RenderableType:
    parts: list[RenderableType] = []
    if not found.placeholders:
        parts.append(line(f"{_all(found.fetched)} needs no feed."))
    else:
        parts.append(line(f"{_all(found.fetched)} needs:"))
        parts.append(grid([_need(need, found.names) for need in found.placeholders], indent=3))
    if found.unused:
        names = ", ".join(tensor.name for tensor in found.unused)
        parts.append(line(f"fed, and needed by nothing here: {names}"))
    if found.reads:
        parts.append(line(f"variables: {few(found.reads)}"))
    if found.uninitialized:
        names = few([op.bound_to or op.name for op in found.uninitialized])
        parts.append(
            line(
                strong(f"not initialized: {names}"),
                "   run tf.global_variables_initializer() first",
            )
        )
    return Group(*parts)


def _need(need: Need, names: Names) -> Sequence[Any]:
    feed = need.feed
    if feed.value is None:
        state = Text("NOT FED", style="gs.bad")
    else:
        state = Text(f"fed {list(feed.value.shape)}", style="gs.good")
    way = path_text(need.path, names)
    return [strong(feed.name), static(feed.tensor), state, f"via {way}" if way else ""]


@render.register
def _(found: answers.Feeds) -> RenderableType:
    if not found.feeds:
        return line("Nothing is fed, and nothing has to be.")
    rows = []
    for feed in found.feeds:
        users = ", ".join(found.names.label(op) for op in feed.users)
        if feed.value is None:
            cells = [Text("NOT FED", style="gs.bad"), f"wanted by {users}"]
        else:
            cells = [
                described(feed.value),
                f"-> {users}" if users else "taken by nothing that runs",
            ]
        rows.append([strong(feed.name), *cells])
    parts: list[RenderableType] = [grid(rows)]
    parts += [
        line(f"{feed.name} is a variable: it holds {described(feed.held)}, which is not read here.")
        for feed in found.feeds
        if feed.held is not None
    ]
    for tensor, count in found.hidden.items():
        absent = "1 node above it does" if count == 1 else f"{count} nodes above it do"
        parts.append(line(f"{tensor.name} is fed in the middle of the graph: {absent} not run."))
    return Group(*parts, *_feedable(found))


def _feedable(found: answers.Feeds) -> list[RenderableType]:
    if not found.feedable:
        return []
    rows = (_hiding(row, found.names) for row in found.feedable)
    return [line("Any other tensor can be fed too:"), grid(rows, indent=3)]


def _hiding(row: answers.Feedable, names: Names) -> Sequence[Any]:
    """What could be fed, and what would not run then."""
    hidden = ", ".join(names.label(op) for op in row.hides[:3])
    more = f" and {len(row.hides) - 3} more" if len(row.hides) > 3 else ""
    word = "does" if len(row.hides) == 1 else "do"
    said = f"{hidden}{more} {word} not run then" if row.hides else ""
    spared = ", ".join(tensor.op.name for tensor in row.spares)
    spares = f"{spared} need not be fed" if spared else ""
    return [strong(row.name), static(row.tensor), "; ".join(filter(None, (said, spares)))]


@render.register
def _(found: Updates) -> RenderableType:
    if not found.rows:
        return line("The graph has no variables.")
    head = [faint(h) for h in ("variable", "this run", "|grad|", "|change|", "because")]
    parts: list[RenderableType] = [grid(chain([head], map(_update, found.rows)))]
    if not found.trains:
        parts.append(line(f"No optimizer runs for {_all(found.fetched)}."))
    return Group(*parts)


def _update(row: Update) -> Sequence[Any]:
    head, style = HEADS[row.status]
    if row.written and row.status is not Status.UPDATED:
        head, style = "WRITTEN", "gs.good"
    if row.written and not row.done:
        head = "TO BE " + head
    tensor = row.why.variable.outputs[0]
    gradient = "" if row.gradient_norm is None else brief(row.gradient_norm)
    changed = "" if row.delta is None else brief(row.delta.norm)
    name = Text.assemble((row.name, "gs.strong"), (f" {tensor.shape.short}", "gs.faint"))
    return [name, Text(head, style=style), gradient, changed, row.because]


_WORDS = {True: "ok", False: "NO", None: "-"}


@render.register
def _(found: Why) -> RenderableType:
    sentence = f"{found.name} is trained by this run."
    if not found.ok:
        sentence = f"{found.name} is not trained by this run: {found.cause.value}."
    if found.cause in (Cause.ZERO_GRADIENT, Cause.BAD_GRADIENT, Cause.UNCHANGED):
        sentence = f"{found.name}: {found.cause.value}."
    parts: list[RenderableType] = [line(strong(sentence))]
    looked_at = [check for check in found.checks if check.finding]
    rows = [
        [
            i + 1,
            Text(_WORDS[check.passed], style="gs.good" if check.passed else "gs.bad"),
            check.question,
            check.finding,
        ]
        for i, check in enumerate(looked_at)
    ]
    parts.append(grid(rows, indent=3))
    for op, fetch, runs in found.others:
        when = "which runs here" if runs else f"which runs for {fetch}"
        parts.append(line(f"It is written by {op.name} [{op.type}], {when}.", indent=3))
    if found.hint:
        parts.append(line(f"try: {found.hint}", indent=3))
    return Group(*parts)


@render.register
def _(found: WhyNot) -> RenderableType:
    python = found.node.bound_to
    node = strong(f"{python} ({found.node.name})" if python else found.node.name)
    way = " <- ".join(op.bound_to or op.name for op in found.path)
    if found.absence is Absence.IT_RUNS:
        return Group(line(node, f" does run, at t={found.t}."), line(faint(way), indent=3))
    if found.absence is Absence.INSIDE and found.owner is not None:
        ran = " It has not run yet."
        if found.times:
            times = f"{len(found.times)} {plural(len(found.times), 'time')}"
            ran = f" It has run {times}, first at t={found.times[0]}."
        decides = f" is inside {found.owner.name} [{found.owner.type}], which decides if it runs."
        return Group(
            line(node, decides, ran),
            line(faint(way), indent=3),
        )
    if found.absence is Absence.GIVEN:
        return line(node, f" [{found.node.type}] is needed, and is there before the run begins.")
    if found.absence is Absence.FED:
        return line(node, " does not run because its value is fed.")
    if found.absence is Absence.HIDDEN:
        feeds = ", ".join(tensor.name for tensor in found.feeds)
        return line(node, f" does not run because {feeds} is fed below it, which hides it.")
    fetch = " or ".join(found.fetches[:4])
    return Group(
        line(node, f" does not run: nothing that {_all(found.fetched)} needs depends on it."),
        line(f"It would run for {fetch}.", indent=3),
    )


@render.register
def _(found: Comparison) -> RenderableType:
    steps = f"{found.compared} {plural(found.compared, 'step')}"
    if found.same:
        return line(f"No difference in {steps}.")
    parts: list[RenderableType] = [line(strong(_parting(found)))]
    if found.first is not None or found.second is not None:
        rows = [[i, _value(value)] for i, value in enumerate((found.first, found.second), 1)]
        parts.append(grid(rows, indent=3))
    parts.append(line(faint(f"{found.differing} of {steps} differ"), indent=3))
    return Group(*parts)


def _parting(found: Comparison) -> str:
    """Where two ways of a run part, in a sentence."""
    what = found.tensor.name if isinstance(found.tensor, Tensor) else found.tensor
    if found.node is None:
        differs = "is fed another value" if found.why == "feeds" else "begins with another value"
        return f"{what} {differs}."
    where = f"at t={found.t}: {found.node.name} [{found.node.type}]"
    if found.why in ("ends", "another node"):
        return f"They part {where} runs in only one of them."
    by_hand = ", set by hand" if found.why == "set by hand" else ""
    return f"The first difference is {where}, {what}{by_hand}."


def _value(value: Value | None) -> str:
    return "no value" if value is None else described(value)


@render.register
def _(found: Override) -> RenderableType:
    lasting = "in this run" if found.once else "in this run and later ones"
    parts = [line(strong(f"{found.name} is set, {lasting}: "), described(found.value))]
    if found.went_back:
        nodes = f"{found.went_back} {plural(found.went_back, 'node')}"
        parts.append(
            line(f"Back at t={found.t}: what ran behind it runs again, {nodes}.", indent=3)
        )
    parts.append(line(faint(f"unset {found.name.partition(':')[0]} takes it back"), indent=3))
    return Group(*parts)


def _all(fetched: Sequence[str]) -> str:
    return fetched[0] if len(fetched) == 1 else f"[{', '.join(fetched)}]"


@render.register
def _(found: Undone) -> RenderableType:
    said = [line("undone: ", strong(text)) for text in found.lines]
    return Group(*said) if found.stop is None else Group(*said, render(found.stop))
