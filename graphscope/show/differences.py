"""The renderers of what differs: a graph that has grown, two train ops, a session and a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.questions.growth import Growth
from graphscope.debug.questions.growth import Line as GrownBy
from graphscope.debug.questions.saved import Likeness, Row, StateDiffers
from graphscope.debug.questions.two_trainings import UpdatesDiffer
from graphscope.debug.questions.updates import Update
from graphscope.kernels.stats import brief
from graphscope.show.text import Cut, Line, faint, grid, line, plural, render, strong

#: So many lines, and so many names, are shown.
_LINES = 6
_NAMES = 8


@render.register
def _(found: Growth) -> RenderableType:
    sizes = f"{found.first} nodes when it was run first, {found.now} now"
    if found.ok:
        said = "no line adds to it again and again" if found.lines else "nothing was added"
        return line(strong(f"The graph had {sizes}: "), f"{said}.")
    count = brief(found.per_run)
    nodes = plural(int(found.per_run), "node")
    parts: list[RenderableType] = [
        line(strong(f"The graph grows by {count} {nodes} in each run: "), f"{sizes}.")
    ]
    for grown in found.again[:_LINES]:
        parts += _grown(grown)
    last = found.guilty
    assert last is not None
    hint = "make it once, before the loop; graph.finalize() turns such a line into an error"
    return Group(*parts, line(f"the last of them: {last.name}", indent=3), line(f"try: {hint}"))


def _grown(grown: GrownBy) -> list[RenderableType]:
    types = ", ".join(f"{count} {name}" for name, count in grown.types.items())
    each = f"{brief(grown.per_round)} each time, {grown.rounds} times: {types}"
    return [Cut(f"{grown.where}  {grown.text}", indent=3), line(each, indent=5)]


@render.register
def _(found: UpdatesDiffer) -> RenderableType:
    names = [", ".join(side.fetched) for side in (found.first, found.second)]
    if not found.differing:
        same = f"{names[0]} and {names[1]} do the same to every variable."
        return line(strong(same))
    differing = ", ".join(found.differing)
    rows: list[Sequence[Any]] = [[faint(head) for head in ("variable", "for", "", "because")]]
    for one, other in found.pairs:
        if one.name in found.differing:
            rows.append([strong(one.name), names[0], *_status(one)])
            rows.append(["", names[1], *_status(other)])
    alike = [one.name for one, _ in found.pairs if one.name not in found.differing]
    rest = [line(faint(f"the same for both: {_few(alike)}"))] if alike else []
    head = f"{names[0]} and {names[1]} differ in {differing}."
    return Group(line(strong(head)), grid(rows), *rest)


def _status(row: Update) -> list[Any]:
    culprit = row.why.culprit
    at = f" [{culprit.type}]" if culprit is not None and culprit.type not in row.because else ""
    return [Text(row.status.value), f"{row.because}{at}"]


@render.register
def _(found: StateDiffers) -> RenderableType:
    count = len(tuple(found.flat))
    if found.same and not found.reset:
        said = "all as in" if not found.first else f"the same in {found.first} and"
        return line(strong(f"{count} {plural(count, 'variable')}, {said} {found.path}."))
    head = (
        f"{found.first} beside {found.path}:"
        if found.first
        else (f"The variables here, and those of {found.path}:")
    )
    parts: list[RenderableType] = [line(strong(head))]
    if found.equal:
        parts.append(line(f"the same: {_few(found.equal)}", indent=3))
    measured = [row for row in found.rows if _is_shown(row)]
    if measured:
        rows = [[faint(text) for text in ("other values", "largest", "relative", "elements")]]
        for row in measured:
            rows += _measured(row)
        parts.append(grid(rows, indent=3))
    for row in found.having(Likeness.HERE):
        parts.append(_missing(row, found))
    for shape in found.misshapen:
        shapes = f"{list(shape.here)} here, {list(shape.there)} there"
        parts.append(line(strong(shape.name), f" has another shape: {shapes}", indent=3))
    for row in found.having(Likeness.TYPE):
        types = f"{row.here} here, {row.there} there"
        parts.append(line(strong(row.name), f" has another type: {types}", indent=3))
    extra = [name for name in found.extra if name not in found.renames.values()]
    if extra:
        parts.append(
            line(f"only in {found.path if found.first else 'the file'}: {_few(extra)}", indent=3)
        )
    return Group(*parts, *_renamed(found), *_reset(found))


def _is_shown(row: Row) -> bool:
    return any(each.likeness is Likeness.VALUES for each in (row, *row.slots))


def _measured(row: Row) -> list[list[Any]]:
    """The lines of a variable and of its slots that have other values."""
    rows = [[strong(row.name), *_amounts(row)]]
    for slot in row.slots:
        if slot.likeness is Likeness.VALUES:
            rows.append([f"  {slot.name.rpartition('/')[2]}", *_amounts(slot)])
    return rows


def _amounts(row: Row) -> list[Any]:
    """How much the values differ, and in how many elements of all."""
    if row.likeness is not Likeness.VALUES:
        return [faint(row.likeness.value), "", ""]
    kind = row.here if row.here is not None else row.there
    total = 1
    for size in kind.shape if kind is not None else ():
        total *= size or 1
    largest = "" if row.largest is None else brief(row.largest)
    relative = "" if row.relative is None else brief(row.relative)
    return [largest, relative, "" if row.changed is None else f"{row.changed} of {total}"]


def _missing(row: Row, found: StateDiffers) -> Line:
    source = None if row.node is None else row.node.source
    name = row.name if row.node is None else row.node.name
    guess = found.renames.get(name)
    made = f" ({source.where})" if source else ""
    could = f"; it could be its {guess}" if guess else ""
    where = "in it" if not found.first else f"in {found.path}"
    return line(strong(f"{name} is not {where}"), f"{made}{could}", indent=3)


def _renamed(found: StateDiffers) -> list[Line]:
    """How the names can be made those of the file."""
    if not found.renames:
        return []
    if found.first:
        rules = " ".join(f"--rename '{old}={new}'" for old, new in found.rules)
        return [line(f"try: {rules}")]
    pairs = ", ".join(f"{theirs!r}: {mine}" for mine, theirs in found.renames.items())
    return [line(f"try: restore with the names {{{pairs}}}")]


def _reset(found: StateDiffers) -> list[RenderableType]:
    if not found.reset:
        return []
    names = _few([slot.name for slot in found.reset])
    keepers = " and ".join(found.keepers)
    first = f"the first step of {keepers} is that of a new optimizer, whatever the weights are"
    return [
        line(strong(f"{names}: as they begin"), f", and otherwise in training: {first}", indent=3),
        line("try: save and restore all variables, the slots with them: vars --slots"),
    ]


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more
