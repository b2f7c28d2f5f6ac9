"""What is there: the list of a plan, the card of a node, what Python gave. Renderers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug import answers
from graphscope.debug.answers import Elements
from graphscope.debug.names import Names
from graphscope.debug.side.gradients import Slope
from graphscope.engine.lessons import is_loop
from graphscope.kernels.stats import brief, described, digest, stats
from graphscope.show.sights import Seen
from graphscope.show.text import (
    duration,
    faint,
    grid,
    line,
    owner_label,
    phase,
    plural,
    render,
    strong,
    values,
)

#: So many places of chosen elements are listed, and so many lines of what Python gave are shown.
_PLACES = 6
_LINES = 60
#: So many nodes of a branch or a loop are named.
_FEW = 3


@render.register
def _(listing: answers.Listing) -> RenderableType:
    used = {label for row in listing.rows for label in row.labels} | {"B"}
    legend = [f"{label} {words}" for label, words in listing.LABELS.items() if label in used]
    end = f"{listing.end}{'' if listing.end_is_known else '+'}"
    count = f"{len(listing.rows)} of {end} nodes"
    head = line(faint("    ".join([count, "> here", *legend])))
    width = max([1, *(len(row.labels) for row in listing.rows)])
    nested = any(row.frames for row in listing.rows)
    rows = (cells for row in listing.rows for cells in _listed(row, listing, width, nested))
    return Group(head, grid(rows, wrap=-2))


def _listed(
    row: answers.Row, listing: answers.Listing, width: int, nested: bool
) -> Iterator[Sequence[Any]]:
    """A line of the plan; under what is still to come a second one with what is in it."""
    cells: list[Any]
    mark = row.labels.ljust(width) + (">" if row.state == "now" else " ")
    style = "gs.strong" if row.state == "now" else "gs.faint" if row.state == "later" else ""
    label = listing.names.label(row.node)
    kind = "" if row.node.type in label else f" [{row.node.type}]"
    name = f"{label}{kind}" + (f" = {row.python}" if row.python else "")
    value = "" if row.state == "done" else row.state if row.value is None else ""
    shown = value if row.value is None else digest(row.value)
    cells = [mark, f"{row.t}{'' if row.t_is_known else '+'}", phase(row.phase)]
    if listing.key in ("time", "size"):
        cells.append(duration(row.seconds) if listing.key == "time" else f"{row.nbytes} bytes")
    if nested:
        cells.append(faint(" > ".join(owner_label(*pair) for pair in row.frames)))
    cells += [Text(name, style=style) if style else name, shown]
    yield cells
    if any(row.inside):
        yield [*[""] * (len(cells) - 2), faint(f"  {_inside(row, listing.names)}"), ""]


def _inside(row: answers.Row, names: Names) -> str:
    """``each time: Less; add, mul``: what a branch or a loop that is still to come will run."""
    parts = []
    for nodes in filter(None, row.inside):
        words = [names.label(op) for op in nodes]
        parts.append(", ".join(words[:_FEW]) + (", ..." if len(words) > _FEW else ""))
    return f"{'each time' if is_loop(row.node) else 'one of'}: {'; '.join(parts)}"


@render.register
def _(card: answers.Card) -> RenderableType:
    summary = stats(card.value)
    head = strong(card.text)
    name = f"  = {card.python}" if card.python else ""
    kind = described(card.value).partition("  ")[0]
    parts: list[RenderableType] = [line(head, f"{name}  {kind}  at t={card.t}/{card.end}")]
    if card.slope is not None:
        parts.append(line(faint(_origin(card.slope)), indent=3))
    if card.held is not None:
        parts.append(line(f"fed; the variable itself holds {described(card.held)}", indent=3))
    if card.value.size > 1 and card.value.dtype != object:
        numbers = (
            f"min {brief(summary.min)}  mean {summary.shown_mean}  max {brief(summary.max)}  "
            f"std {brief(summary.std)}  norm {brief(summary.norm)}"
        )
        counts = f"{summary.size} elements: {summary.zero} zero, {summary.nan} NaN, "
        bad = f", the first at {list(summary.first_bad)}" if summary.first_bad else ""
        parts += [line(numbers, indent=3), line(f"{counts}{summary.inf} Inf{bad}", indent=3)]
    if card.units is not None:
        parts += _units(card.units)
    for band in card.bands:
        first = f", the first at {list(band.first)}" if band.first is not None else ""
        ends = f"{brief(band.low)} to {brief(band.high)}"
        parts.append(line(f"* {ends}: {band.count} of {card.value.size}{first}", indent=3))
    if card.places is not None and len(card.places):
        places = ", ".join(str(list(map(int, at))) for at in card.places[:_PLACES])
        more = f", {len(card.places) - _PLACES} more" if len(card.places) > _PLACES else ""
        parts.append(line(f"they are at {places}{more}", indent=3))
    if card.sight is not None:
        parts.append(Seen(card.sight, card.value.shape))
    elif card.elements is not Elements.NONE:
        parts.append(line(_elements(card), indent=3))
    if card.written:
        parts.append(line(f"wrote {card.written}"))
    return Group(*parts)


def _units(units: answers.Units) -> list[RenderableType]:
    """The units of a layer that are always 0, and what holds them there."""
    some = f"{len(units.dead)} of {units.count} {plural(units.count, 'unit')} are zero"
    count = f"{units.examples} {plural(units.examples, 'example')}"
    slope = "" if units.gradient is None else "; the gradient there is "
    slope += "" if units.gradient is None else f"exactly {brief(units.gradient)}"
    parts = [line(strong(f"{some} for all {count}: {_numbers(units.dead)}"), slope, indent=3)]
    for held, by, text in (
        (units.by_bias, units.bias, "is what holds them there"),
        (units.by_weights, units.weights, "has nothing but zeros for them"),
    ):
        if held and by is not None:
            where = f" ({by.source.where})" if by.source else ""
            parts.append(line(f"{by.name}{where} {text}: {_numbers(held)}", indent=5))
    return [*parts, line("try: a bias above 0, smaller steps, tf.nn.leaky_relu", indent=5)]


def _numbers(found: Sequence[int]) -> str:
    few = ", ".join(map(str, found[:8]))
    return f"{few}, ..." if len(found) > 8 else few


def _origin(slope: Slope) -> str:
    sums = "" if slope.y.shape.ndims == 0 else f", the sum of {slope.y.op.name} taken"
    if not slope.computed and slope.own is not None:
        return f"the run's own: {slope.own.name}{sums}"
    return f"computed on the side; the graph has not grown{sums}"


def _elements(card: answers.Card) -> str:
    """The elements of a card in its format, those in its ranges with a star."""
    if not card.format and not card.bands:
        return values(card.value, all_of_them=card.elements is Elements.ALL)

    def written(item: Any) -> str:
        number = item.item() if hasattr(item, "item") else item
        text = format(number, card.format) if card.format else brief(number)
        marked = any(band.low <= number <= band.high for band in card.bands)
        return f"{text}*" if marked else text

    widest = 0

    def measured(item: Any) -> str:
        nonlocal widest
        widest = max(widest, len(written(item)))
        return "."

    all_of_them = card.elements is Elements.ALL
    values(card.value, measured, all_of_them)
    return values(card.value, lambda item: written(item).rjust(widest), all_of_them)


@render.register
def _(found: answers.Evaluated) -> RenderableType:
    shown = found.printed.splitlines()
    shown += found.shown.splitlines()
    if found.value is None:
        for name, value in found.assigned.items():
            shown += f"{name} = {value!r}".splitlines()
    if len(shown) > _LINES:
        shown = [*shown[:_LINES], f"... and {len(shown) - _LINES} lines more"]
    return Group(*(Text(f" {text}") for text in shown or ["done"]))
