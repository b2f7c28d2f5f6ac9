"""Answers to text: one renderer for each type of answer.

The letters are plain ASCII, and no meaning is in a colour alone. `questions.py` has the renderers
of the questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import zip_longest
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from graphscope.debug import answers
from graphscope.debug.answers import Elements, Reason, Shown
from graphscope.debug.classes import source_of
from graphscope.debug.names import Names
from graphscope.debug.side.gradients import Slope
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import called, is_loop
from graphscope.engine.plan import Phase
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import NUMBERS, brief, described, digest, single, stats
from graphscope.show.plainly import plainly, spoken, spoken_lines, spoken_row
from graphscope.show.sights import Seen

#: A path with more nodes is shown without its middle.
_LONGEST_PATH = 7
#: A column that is broken into lines keeps this width.
_NARROWEST = 12
#: Values with more elements are shown in part.
_ELEMENTS = 60
#: So many places of chosen elements are listed, and so many lines of what Python gave are shown.
_PLACES = 6
_LINES = 60
#: So many names are listed.
_NAMES = 12
#: So many nodes of a branch or a loop are named.
_FEW = 3


#: Of thousands of rows, most are not shown: a Text, which costs much more, is made of those that
#: are.
Cell = str | Text


@singledispatch
def render(answer: Any) -> RenderableType:
    """The answer as something that rich can print."""
    return line(str(answer), indent=0)


@render.register
def _(answer: answers.Note) -> RenderableType:
    return line(answer.text)


# ---- parts that many renderers use -------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A text that wraps under its own indentation."""

    text: Text
    indent: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield from map(_whole, spoken_lines(self.text.plain))
            return
        for part in self.text.wrap(console, options.max_width - self.indent):
            part.rstrip()
            yield Text(" " * self.indent).append_text(part)


class Heading(Line):
    """A line with which something new begins."""


def line(*parts: Any, indent: int = 1) -> Line:
    """A line of text, made of parts."""
    text = Text()
    for part in parts:
        text.append(part if isinstance(part, Text) else str(part))
    return Line(text, indent)


@dataclass(frozen=True)
class Cut:
    """A line that is cut off at the right edge: for what is there only to be recognized."""

    text: str
    style: str = ""
    indent: int = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield _whole(spoken(self.text))
            return
        room = options.max_width - self.indent
        text = self.text if len(self.text) <= room else self.text[: room - 3] + "..."
        yield Text(" " * self.indent + text, style=self.style, no_wrap=True, overflow="crop")


@dataclass(frozen=True)
class Copied:
    """A line that is never broken, however long it is: it is there to be copied."""

    text: str
    indent: int = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _whole(self.text if plainly() else " " * self.indent + self.text)


def _whole(text: str) -> Text:
    """A line that is not broken."""
    return Text(text, no_wrap=True, overflow="ignore")


@dataclass(frozen=True)
class Grid:
    """Cells in columns. When the rows are too long, the column `wrap` is broken into lines; when
    they still are, the widest ones too. A first row in which everything is faint is the head."""

    rows: Sequence[Sequence[Cell]]
    indent: int
    gap: int
    wrap: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if plainly():
            yield from map(_whole, self._spoken())
            return
        count = max(map(len, self.rows), default=0)
        widths = [max(_width(row[i]) for row in self.rows if i < len(row)) for i in range(count)]
        room = options.max_width - self.indent - self.gap * (count - 1)
        wrap = self.wrap % count if count else 0
        for column in sorted(range(count), key=lambda i: (i != wrap, -widths[i])):
            over = max(0, sum(widths) - room)
            widths[column] = max(min(_NARROWEST, widths[column]), widths[column] - over)
        shown = ([c if isinstance(c, Text) else Text(c) for c in row] for row in self.rows)
        if sum(widths) > room:  # a window too narrow for columns
            gap = Text(" " * self.gap)
            yield from (Line(gap.join(c for c in row if c), self.indent) for row in shown)
            return
        for row in shown:
            yield from self._row(row, widths, console)

    def _spoken(self) -> Iterator[str]:
        rows = [[str(cell) for cell in row] for row in self.rows]
        first = self.rows[0] if self.rows else ()
        has_head = all(isinstance(c, Text) and str(c.style) == "gs.faint" for c in first if c)
        heads = rows.pop(0) if has_head and len(rows) > 1 else ()
        return (spoken_row(row, heads) for row in rows)

    def _row(
        self, row: Sequence[Text], widths: Sequence[int], console: Console
    ) -> Iterator[Segment]:
        """Segments and not texts, which cost much more: there may be thousands of rows."""
        columns = [
            [cell]
            if cell.cell_len <= width and "\n" not in cell.plain
            else list(cell.wrap(console, width))
            for cell, width in zip(row, widths, strict=False)
        ]
        for parts in zip_longest(*columns, fillvalue=Text()):
            blank = self.indent
            for part, width in zip(parts, widths, strict=False):
                used = 0
                if shown := part.plain.rstrip():
                    yield Segment(" " * blank)
                    yield from _segments(part, shown, console)
                    used, blank = cell_len(shown), 0
                blank += width - used + self.gap
            yield Segment.line()


def _segments(text: Text, shown: str, console: Console) -> Iterable[Segment]:
    """A text without the spaces at its end, which is `shown`."""
    if text.spans:
        part = text.copy()
        part.rstrip()
        return part.render(console)
    return [Segment(shown, console.get_style(text.style) if text.style else None)]


def _width(cell: Cell) -> int:
    if isinstance(cell, Text):
        return cell.cell_len
    return len(cell) if cell.isascii() and cell.isprintable() else cell_len(cell)


def grid(rows: Iterable[Sequence[Any]], indent: int = 1, gap: int = 2, wrap: int = -1) -> Grid:
    """Rows of cells; those that are no Text are turned into text."""
    return Grid([[_cell(item) for item in row] for row in rows], indent, gap, wrap)


def _cell(item: Any) -> Cell:
    return item if isinstance(item, (str, Text)) else str(item)


def phase(value: Phase) -> Text:
    return Text(str(value), style=f"gs.{value.name.lower()}")


def strong(text: Any) -> Text:
    return Text(str(text), style="gs.strong")


def faint(text: Any) -> Text:
    return Text(str(text), style="gs.faint")


def few(names: Sequence[str]) -> str:
    """Names with commas; of many, the first ones and how many more there are."""
    more = f", and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def static(tensor: Tensor) -> str:
    """What is known of a tensor before a run: ``f32[?,784]``."""
    return f"{tensor.dtype.base_dtype.short}{tensor.shape.short}"


def path_text(path: Sequence[Operation], names: Names, arrow: str = " <- ") -> str:
    """``train_step <- update W <- ... <- mul <- Log``"""
    words = [names.label(op) for op in path]
    if len(words) > _LONGEST_PATH:
        words = [*words[:2], "...", *words[-4:]]
    return arrow.join(words)


def values(
    array: Value,
    written: Callable[[Any], str] | None = None,
    all_of_them: bool = False,
    width: int = 76,
) -> str:
    """The elements, or the outer ones of many. written: how one of them is, when not as usual.
    width: how long a line may be."""
    array = np.asarray(array)
    if array.dtype == object and array.size:
        array = np.vectorize(_letters, otypes=[object])(array)
    return np.array2string(
        array,
        threshold=max(array.size, 1) if all_of_them else _ELEMENTS,
        edgeitems=3,
        precision=4,
        max_line_width=width,
        separator=" ",
        formatter=None if written is None else {"all": written},
    )


def _letters(item: Any) -> str:
    if isinstance(item, NUMBERS):
        return described(item)
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)


def tensor_label(shown: Shown, names: Names) -> str:
    """``MatMul``, ``split:1``"""
    several = len(shown.tensor.op.outputs) > 1
    return names.label(shown.tensor.op) + (f":{shown.tensor.value_index}" if several else "")


def _cells(role: str, shown: Shown, names: Names) -> list[Any]:
    """The columns in which a tensor's value is described: type, smallest, mean, largest."""
    name = tensor_label(shown, names)
    if shown.value is None:
        return [role, name, "no value yet"]
    type_and_shape, _, rest = described(shown.value).partition("  ")
    return [role, f"{name} ", f"{type_and_shape} ", *rest.split("  ")]


# ---- going -------------------------------------------------------------------------------------


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
    rows = [_cells(f"x{i}", shown, stop.names) for i, shown in enumerate(stop.inputs)]
    rows += [_cells("->", shown, stop.names) for shown in stop.outputs]
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
    words, more = [], len(stop.restored) - _NAMES
    for name, delta in [*stop.restored.items()][:_NAMES]:
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


def plural(count: int, word: str, several: str = "") -> str:
    return word if count == 1 else several or f"{word}s"


# ---- looking -----------------------------------------------------------------------------------


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


def duration(seconds: float) -> str:
    """``12.3 us``, ``4.56 ms``."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def owner_label(owner: Operation, iteration: int) -> str:
    """``While 3`` for its third iteration, ``If``."""
    name = owner.name.rpartition("/")[2]
    return f"{name} {iteration + 1}" if is_loop(owner) else name


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
