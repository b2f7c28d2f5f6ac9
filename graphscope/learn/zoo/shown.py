"""The renderers of the zoo: its list, a solution, a guess, the scoreboard."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.learn.zoo.bug import Listing
from graphscope.learn.zoo.score import COMMANDS, Row, Score
from graphscope.learn.zoo.visit import Guess, Solution
from graphscope.show.text import Copied, faint, grid, line, plural, render, strong


@render.register
def _(found: Listing) -> RenderableType:
    head = [faint(word) for word in ("bug", "symptom", "found by")]
    rows = [[strong(bug.name), bug.symptom, bug.found_by] for bug in found.bugs]
    return Group(grid([head, *rows], wrap=1), line("graphscope zoo run NAME opens one of them."))


@render.register
def _(found: Solution) -> RenderableType:
    bug = found.bug
    seen = f"   seen in {bug.seen}" if bug.seen else ""
    where = f"{bug.path.name}:{bug.lines().start}"
    return Group(
        line(strong(bug.name), faint(seen)),
        line(f"the guilty node is {bug.guilty}", indent=3),
        line(f"in {where} this stands:", indent=3),
        *(Copied(text, indent=5) for text in bug.differing()),
        line("and should be:", indent=3),
        *(Copied(text, indent=5) for text in bug.differing(broken=False)),
        line(bug.repair, indent=3),
        line(
            f"The shortest known route, {len(bug.route)} {plural(len(bug.route), 'command')} "
            f"at run {bug.at_run}:"
        ),
        grid([[strong(way.command), way.shows] for way in bug.route], indent=3),
    )


@render.register
def _(guess: Guess) -> RenderableType:
    count = f"{guess.commands} {plural(guess.commands, 'command')}"
    if guess.node is None:
        return line(strong("No answer"), f" after {count}.")
    said = "Right" if guess.right else "Not that one"
    return line(strong(f"{said}: {guess.node.name}"), f", after {count}.")


@render.register
def _(found: Score) -> RenderableType:
    head = [faint(word) for word in ("bug", *COMMANDS, "twin", "found by")]
    counts = [f"{name} {right} of {asked}" for name, (right, asked) in found.totals.items()]
    return Group(
        grid([head, *map(_scored, found.rows)]),
        line("yes: the command names the guilty node.  -: it is not meant to."),
        line(strong("named: "), f"{', '.join(counts)}.  False alarms on twins: {found.alarms}."),
    )


def _scored(row: Row) -> list[Any]:
    cells = [_cell(row.named.get(command)) for command in COMMANDS]
    twin = strong(f"ALARM {', '.join(row.alarms)}") if row.alarms else "quiet"
    return [strong(row.bug), *cells, twin, row.found_by]


def _cell(named: bool | None) -> Text | str:
    return "-" if named is None else "yes" if named else strong("MISSED")
