"""What is seen from a place, in panes: lines of text that fit a width and a height.

All that is said is said in letters: a node that has run has another sign than one that is to come,
and a variable's class is a word. Colours only repeat it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from graphscope.debug.answers import Row, Shown, Stop
from graphscope.debug.overview import Overview
from graphscope.debug.questions.standing import Standing
from graphscope.debug.questions.updates import Status
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import called
from graphscope.kernels.stats import brief, described, digest, stats
from graphscope.show.letters import Letters
from graphscope.show.questions import HEADS
from graphscope.show.sights import ASCII, SHADES
from graphscope.show.strengths import STRONG, WEAK
from graphscope.show.text import faint, owner_label, phase, strong, tensor_label, values
from graphscope.show.theme import BREAKPOINT, FAILED, STANDING, STANDS

#: The elements of values that are no larger are worth more than their statistics.
_SMALL = 24
#: A column that is narrower says nothing.
_LEAST = 6
_STYLES = {"now": "gs.strong", "later": "gs.faint", "next": "gs.faint", "skipped": "gs.faint"}
_GAP = 2


@dataclass(frozen=True)
class Room:
    """The room that a pane has, and the letters in which it is written."""

    width: int
    height: int
    letters: Letters

    def fitted(self, lines: Iterable[Text]) -> list[Text]:
        """The lines that fit, none wider than the room; an end that does not fit has a sign."""
        return [self.cut(line, self.width) for line in lines][: max(self.height, 0)]

    def cut(self, line: Text, width: int) -> Text:
        line = line.copy()
        line.rstrip()
        if line.cell_len > width:
            line.truncate(max(width - 1, 0))
            line.append(self.letters.cut("..", 1) if width > 0 else "")
        return line

    def plain(self, text: str) -> str:
        return self.letters.plain(text)


class Pane(NamedTuple):
    """A pane: what stands above it, and its lines."""

    title: str
    lines: list[Text]


def columns(rows: Sequence[Sequence[Text]], room: Room, yielding: tuple[int, int]) -> list[Text]:
    """Rows of cells in columns, each row on one line. Where they are too wide, the two columns that
    are `yielding` give way, one after the other; the last one goes when hardly anything is left."""
    count = max(map(len, rows), default=0)
    widths = [max((r[i].cell_len for r in rows if i < len(r)), default=0) for i in range(count)]
    for at in yielding if count else ():
        over = sum(widths) + _GAP * (count - 1 - (not widths[-1])) - room.width
        if over > 0:
            left = widths[at] - over
            least = 0 if at in (-1, count - 1) else min(_LEAST, widths[at])
            widths[at] = left if left >= _LEAST else least
    lines = []
    for row in rows:
        line = Text()
        for i, cell in enumerate(row):
            line.append_text(room.cut(cell, widths[i]))
            line.append(" " * (sum(widths[: i + 1]) + _GAP * (i + 1) - line.cell_len))
        lines.append(line)
    return room.fitted(lines)


# ---- the plan ----------------------------------------------------------------------------------


def plan_pane(found: Overview, room: Room) -> Pane:
    """The plan around the present node; behind its end, what does not run."""
    marks = [_marks(row.state, row.labels, room) for row in found.plan.rows]
    width = max((mark.cell_len for mark in marks), default=2)
    rows = [
        _plan_row(row, mark, width, found, room)
        for row, mark in zip(found.plan.rows, marks, strict=True)
    ]
    lines = columns(rows, room, yielding=(-1, 1))
    if found.stop.t == 0:
        begin = Text.assemble(_marks("now", "", room), " the run begins")
        lines = [begin, *lines]
    skipped = [
        Text.assemble(_marks("skipped", "", room), faint(room.plain(f" not run: {name} ({count})")))
        for name, count in found.skipped
    ]
    at_end = not found.plan.rows or found.plan.rows[-1].t == found.plan.end
    lines = room.fitted([*lines, *(skipped if at_end else [])])
    return Pane(f"plan {found.stop.t} of {found.stop.last}", lines)


def legend(room: Room) -> list[str]:
    """What the signs of the plan say."""
    said = {**{STANDS[state]: words for state, words in STANDING.items()}, BREAKPOINT: "break"}
    return [room.plain(f"{sign} {words}") for sign, words in said.items()]


def _plan_row(row: Row, marks: Text, width: int, found: Overview, room: Room) -> list[Text]:
    names, style = found.plan.names, _STYLES.get(row.state, "")
    digits = max(len(_time(other)) for other in found.plan.rows)
    t = _time(row).rjust(max(digits, len(str(found.plan.end))))
    label = names.label(row.node)
    kind = "" if row.node.type in label else f" [{row.node.type}]"
    python = f" = {row.python}" if row.python else ""
    name = Text.assemble(
        *((room.plain(f"{owner_label(*pair)} > "), "gs.faint") for pair in row.frames),
        (room.plain(f"{label}{kind}{python}"), style),
    )
    passed = found.passed.get(row.t, ())
    said = Text("" if row.value is None else room.plain(digest(row.value)))
    if passed:
        words = ", ".join(names.label(op) for op in passed)
        said = faint(room.plain(f"{STANDS['skipped']} not run: {words}"))
    if found.failure is not None and row.t == found.stop.newest + 1:
        said = Text(room.plain(f"{FAILED} {type(found.failure).__name__}"), "gs.bad")
    first = Text.assemble(marks, " " * (width - marks.cell_len), f" {t} ", phase(row.phase))
    return [first, name, said]


def _time(row: Row) -> str:
    return f"{row.t}{'' if row.t_is_known else '+'}"


def _marks(state: str, labels: str, room: Room) -> Text:
    """A breakpoint, how far the run has come, and what is remarkable in it."""
    stop = BREAKPOINT if "B" in labels else " "
    others = labels.replace("B", "")
    marks = Text(room.plain(f"{stop}{STANDS[state]}{others}"), _STYLES.get(state, ""))
    if "!" in others:
        marks.stylize("gs.bad", marks.cell_len - 1)
    return marks


# ---- the program -------------------------------------------------------------------------------


def source_pane(found: Overview, room: Room) -> Pane:
    """The lines of the program around the one that made the node."""
    excerpt = found.excerpt
    if excerpt is None:
        said = "Nothing is known of the line." if found.stop.node else ""
        return Pane("source", room.fitted([faint(said)] if said else []))
    width = len(str(excerpt.rows[-1].number))
    texts = dedent("\n".join(row.text.expandtabs() for row in excerpt.rows)).split("\n")
    lines = []
    for row, text in zip(excerpt.rows, texts, strict=True):
        sign = STANDS[row.state] if row.state else " "
        style = _STYLES.get(row.state, "")
        lines.append(Text(room.plain(f"{sign}{row.number:>{width}}  {text}"), style))
    return Pane(room.plain(os.path.basename(excerpt.file)), room.fitted(lines))


# ---- the node ----------------------------------------------------------------------------------


def node_pane(found: Overview, room: Room) -> Pane:
    """The present node: its inputs, its outputs, what it has changed, and small values."""
    stop = found.stop
    if stop.node is None:
        return Pane("node", room.fitted([Text("Nothing has run yet."), *_upcoming(found, room)]))
    python = stop.names.python(stop.node)
    name = f" = {python}" if python else ""
    lines = [Text.assemble(strong(room.plain(stop.node.name)), f" [{stop.node.type}]{name}")]
    inside = ", in ".join(called(owner, i) for owner, i in reversed(stop.frames))
    lines += [faint(room.plain(f"in {inside}"))] if inside else []
    lines += _tensors(stop, room)
    lines += [
        Text.assemble(strong(name), f"  {delta.written(name)}")
        for name, delta in stop.changed.items()
    ]
    of = stop.node.gradient_of
    if of is not None:
        where = f" ({of.source.where})" if of.source else ""
        lines.append(faint(room.plain(f"of the gradient of {stop.names.of(of)}{where}")))
    if stop.value is not None:
        lines += _numbers(stop.value, room)
    title = f"node t={stop.t} {stop.phase}"
    return Pane(title, room.fitted(lines))


def _upcoming(found: Overview, room: Room) -> list[Text]:
    first = next(iter(found.plan.rows), None)
    if first is None:
        return []
    return [faint(room.plain(f"first: {first.node.name} [{first.node.type}]"))]


def _tensors(stop: Stop, room: Room) -> list[Text]:
    """A line for each input and output, with what can be said in the width; of many inputs the
    first ones, so that the outputs are seen too."""
    inputs = [(f"x{i}", tensor) for i, tensor in enumerate(stop.inputs)]
    left = max(room.height - 1 - len(stop.outputs) - len(stop.changed), 0)
    most = len(inputs) if len(inputs) <= left else max(left - 1, 0)
    shown = inputs[:most] + [("->", tensor) for tensor in stop.outputs]
    rows = [_tensor(role, tensor, stop, room, digest) for role, tensor in shown]
    full = [_tensor(role, tensor, stop, room, described) for role, tensor in shown]
    widths = [
        max((cell.cell_len for cell in cells), default=0) for cells in zip(*full, strict=True)
    ]
    fits = sum(widths) + _GAP * (len(widths) - 1) <= room.width
    lines = columns(full if fits else rows, Room(room.width, len(rows), room.letters), (1, -1))
    if most < len(inputs) and left:
        lines.insert(most, faint(f"and {len(inputs) - most} more: where"))
    return lines


def _tensor(
    role: str, shown: Shown, stop: Stop, room: Room, said: Callable[[Value], str]
) -> list[Text]:
    """``x0  x  f32[100,784]  mean 0.131``"""
    text = "no value yet" if shown.value is None else said(shown.value)
    return [faint(role), Text(room.plain(tensor_label(shown, stop.names))), Text(room.plain(text))]


def _numbers(value: Value, room: Room) -> list[Text]:
    """The elements of a value and its statistics: of a small one the elements come first."""
    if value.size <= 1 and value.dtype != object:
        return []
    elements = [Text(room.plain(text)) for text in values(value, width=room.width).split("\n")]
    if value.dtype == object:
        return elements
    found = stats(value)
    said = f"std {brief(found.std)}  norm {brief(found.norm)}  {found.zero} zero of {found.size}"
    bad = f"  {found.nan} NaN, {found.inf} Inf" if found.nan or found.inf else ""
    summary = [Text.assemble(faint(said), (bad, "gs.bad"))]
    return [*elements, *summary] if value.size <= _SMALL and not bad else [*summary, *elements]


# ---- the variables -----------------------------------------------------------------------------


def variables_pane(found: Overview, room: Room) -> Pane:
    """The variables: their class, what changed in this run, and the gradient, where it is known."""
    if not found.count:
        return Pane("variables", room.fitted([faint("The graph has no variables.")]))
    rows = [[faint(head) for head in ("", "class", "|change|", "|grad|", "value")]]
    for row in found.variables[: max(room.height - 1, 0)]:
        word, style = HEADS[row.status]
        rows.append(
            [
                Text(room.plain(row.name), "gs.strong" if row.touched else ""),
                Text(word.removesuffix(" TO LOSS"), style),
                _change(row, room),
                _gradient(row, room),
                Text("not initialized" if row.value is None else digest(row.value)),
            ]
        )
    shown = f"{len(rows) - 1} of {found.count}" if len(rows) - 1 < found.count else ""
    return Pane(f"variables {shown}".rstrip(), columns(rows, room, yielding=(-1, 0)))


def _change(row: Standing, room: Room) -> Text:
    if row.delta is not None:
        return Text("first value" if row.delta.old is None else brief(row.delta.norm))
    return faint(room.plain(STANDS["later"]) if row.status is Status.UPDATED else "no")


def _gradient(row: Standing, room: Room) -> Text:
    if row.gradient is None:
        return faint(room.plain(STANDS["later"]) if row.coming else "-")
    length = _length(row.gradient)
    return Text(brief(length), "" if math.isfinite(length) else "gs.bad")


def _length(gradient: Value) -> float:
    """The norm of a gradient; NaN or infinite if an element is."""
    found = stats(gradient)
    return math.nan if found.nan else math.inf if found.inf else found.norm


def gradients_pane(found: Overview, room: Room) -> Pane:
    """The lengths of the gradients along the variables as bars, by their logarithms."""
    known = [row for row in found.variables if row.gradient is not None or row.coming]
    margin = max((cell_len(room.plain(row.name)) for row in known), default=0)
    margin = min(margin, room.width // 2)
    lines = []
    for row in known:
        name = room.letters.cut(room.plain(row.name), margin).ljust(margin)
        if row.gradient is None:
            lines.append(faint(f"{name}  {room.plain(STANDS['later'])}"))
            continue
        length = _length(row.gradient)
        bar = _bar(length, room.width - margin - 12, room)
        style = "gs.backward" if math.isfinite(length) else "gs.bad"
        lines.append(Text.assemble(f"{name}  {brief(length):<9} ", (bar, style)))
    lines = lines or [faint("No gradient is computed in this run.")]
    return Pane(f"gradients, bars by the logarithm: {WEAK:g} to {STRONG:g}", room.fitted(lines))


def _bar(length: float, width: int, room: Room) -> str:
    tones = ASCII if room.letters.ascii else SHADES
    if not math.isfinite(length) or length == 0 or width < 1:
        return ""
    part = math.log(length / WEAK) / math.log(STRONG / WEAK)
    return tones.length(min(max(part, 0.01), 1.0), width)


#: The panes by their names.
PANES: dict[str, Callable[[Overview, Room], Pane]] = {
    "plan": plan_pane,
    "source": source_pane,
    "node": node_pane,
    "variables": variables_pane,
    "gradients": gradients_pane,
}


def titled(title: str, behind: Sequence[str], room: Room) -> Text:
    """The line above a pane: its title, and as much of what is said behind it as there is room."""
    dash = room.letters.borders["const"][1]
    title = room.letters.cut(title, max(room.width - 4, 0))
    text = Text.assemble((f"{dash} ", "gs.faint"), strong(title), " ")
    for i, words in enumerate(behind):
        more = f"  {words}" if i else f"{dash} {words}"
        if text.cell_len + cell_len(more) + 2 > room.width:
            break
        text.append(more, "gs.faint")
    text.append(f" {dash * room.width}" if text.plain[-1] != " " else dash * room.width, "gs.faint")
    text.truncate(room.width)
    return text
