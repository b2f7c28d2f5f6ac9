"""What `help` shows, and the texts of scripted sessions."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.commands import Command
from graphscope.debug.dispatch import Json, Transcript
from graphscope.debug.history import Other
from graphscope.debug.scripting import Help
from graphscope.show.text import Copied, faint, grid, line, render, strong

#: What begins like this is a list of names, each with what is said of it; it goes on in lines that
#: are indented.
_TABLE = re.compile(r"\w+: {2,}\S")
_ROWS = re.compile(r"\n(?! )")

_PLACES = (
    "places: NODE  y (its Python name)  dense/*  /regex/  @MatMul  %W  #12  model.py:42  "
    "fwd bwd upd  .  $"
)

#: The first five to learn.
FIRST = ("plan", "step", "back", "print", "why")


@render.register
def _(found: Json) -> RenderableType:
    return Copied(found.text, indent=0)  # a broken line is no JSON


@render.register
def _(found: Transcript) -> RenderableType:
    parts: list[RenderableType] = []
    for prompt, output in zip(found.prompts, found.outputs, strict=True):
        parts.append(Text(f"{prompt}{output.line}"))
        told = output.text if output.said is not None else output.data
        parts += [render(told)] if told else []
    return Group(*parts)


@render.register
def _(found: Help) -> RenderableType:
    if found.command is not None:
        return _one(found.command)
    if not found.groups:
        return Group(*map(_own, found.others))
    return _all(found) if found.all else _first(found)


def _first(found: Help) -> RenderableType:
    """Five to begin with, and the names of the rest."""
    known = {item.name: item for _, commands in found.groups for item in commands}
    first = [[strong(known[name].usage), known[name].sentence] for name in FIRST if name in known]
    names = [
        [strong(group), ", ".join(item.name for item in commands if item.name not in FIRST)]
        for group, commands in _groups(found)
    ]
    names += (
        [[strong("End"), ", ".join(other.name for other in found.others)]] if found.others else []
    )
    return Group(
        line("To begin with:"),
        grid(_short(first), indent=3),
        line("The others:"),
        grid(names, indent=3),
        line("help COMMAND shows an example, and all of it; help all: what each of them does."),
        line(faint(_PLACES)),
    )


def _all(found: Help) -> RenderableType:
    """A line for each."""
    parts: list[RenderableType] = []
    for group, commands in _groups(found):
        rows = [[strong(item.name), item.sentence] for item in commands]
        parts += [line(strong(group)), grid(rows, indent=3)]
    own = [[strong(other.name), other.summary] for other in found.others]
    parts += [line(strong("End")), grid(own, indent=3)] if own else []
    return Group(*parts, line(faint(_PLACES)))


def _groups(found: Help) -> list[tuple[str, tuple[Command, ...]]]:
    return [(group, commands) for group, commands in found.groups if commands]


def _short(rows: list[list[Any]]) -> list[list[Any]]:
    """Usages without their options, which would leave no room for what is said of them."""
    return [[Text(str(usage).partition(" [-")[0], usage.style), told] for usage, told in rows]


def _own(other: Other) -> RenderableType:
    return Group(_example(other.example), line(strong(other.name)), line(other.summary, indent=3))


def _example(text: str) -> RenderableType:
    return line(faint("example:  "), strong(text))


def _one(command: Command) -> RenderableType:
    parts: list[RenderableType] = [_example(command.example)] if command.example else []
    parts.append(line(strong(command.usage)))
    if command.aliases:
        parts.append(line(faint(f"also: {', '.join(command.aliases)}")))
    return Group(*parts, *map(_paragraph, command.doc.split("\n\n")))


def _paragraph(text: str) -> RenderableType:
    """A paragraph; where it says one thing after the other, ``name:  what it is``, in columns."""
    if not _TABLE.match(text):
        return line(" ".join(text.split()), indent=3)
    rows = (" ".join(row.split()).split(": ", 1) for row in _ROWS.split(text))
    return grid([[strong(name), told] for name, told in rows], indent=3)
