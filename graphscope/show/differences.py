"""The renderers of what differs: a graph that has grown, two train ops, a session and a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.questions.growth import Growth
from graphscope.debug.questions.growth import Line as GrownBy
from graphscope.debug.questions.saved import StateDiffers
from graphscope.debug.questions.two_trainings import UpdatesDiffer
from graphscope.debug.questions.updates import Update
from graphscope.kernels.stats import brief
from graphscope.show.text import Cut, faint, grid, line, plural, render, strong

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
    if found.same and not found.reset:
        count = len(found.equal)
        return line(strong(f"{count} {plural(count, 'variable')}, all as in {found.path}."))
    parts: list[RenderableType] = [line(strong(f"The variables here, and those of {found.path}:"))]
    for words, names in (("the same", found.equal), ("other values", found.other)):
        if names:
            parts.append(line(f"{words}: {_few(names)}", indent=3))
    for op in found.missing:
        guess = found.renames.get(op.name)
        made = f" ({op.source.where})" if op.source else ""
        could = f"; it could be its {guess}" if guess else ""
        parts.append(line(strong(f"{op.name} is not in it"), f"{made}{could}", indent=3))
    for row in found.misshapen:
        shapes = f"{list(row.here)} here, {list(row.there)} there"
        parts.append(line(strong(row.name), f" has another shape: {shapes}", indent=3))
    extra = [name for name in found.extra if name not in found.renames.values()]
    if extra:
        parts.append(line(f"only in the file: {_few(extra)}", indent=3))
    if found.renames:
        pairs = ", ".join(f"{theirs!r}: {mine}" for mine, theirs in found.renames.items())
        parts.append(line(f"try: restore with the names {{{pairs}}}"))
    return Group(*parts, *_reset(found))


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
