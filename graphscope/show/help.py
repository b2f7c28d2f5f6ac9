"""What `help` shows, and the texts of scripted sessions."""

from __future__ import annotations

import re

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.commands import Command
from graphscope.debug.dispatch import Json, Transcript
from graphscope.debug.scripting import Help
from graphscope.show.text import Copied, faint, grid, line, render, strong

#: What begins like this is a list of names, each with what is said of it; it goes on in lines that
#: are indented.
_TABLE = re.compile(r"\w+: {2,}\S")
_ROWS = re.compile(r"\n(?! )")

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
    parts: list[RenderableType] = []
    if found.groups:
        parts.append(line(f"To begin with: {', '.join(FIRST)}.  help COMMAND says more."))
    for group, commands in found.groups:
        if commands:
            rows = [[strong(item.usage), item.summary] for item in commands]
            parts += [line(strong(group)), grid(rows, indent=3)]
    own = [[strong(name), summary] for name, summary in found.others]
    if own:
        parts += [line(strong("End")), grid(own, indent=3)]
    if found.groups:
        places = "places: NODE  y (its Python name)  dense/*  /regex/  @MatMul  %W  #12  "
        parts.append(line(faint(f"{places}model.py:42  fwd bwd upd  .  $")))
    return Group(*parts)


def _one(command: Command) -> RenderableType:
    parts: list[RenderableType] = [line(strong(command.usage))]
    if command.aliases:
        parts.append(line(faint(f"also: {', '.join(command.aliases)}")))
    return Group(*parts, *map(_paragraph, command.doc.split("\n\n")))


def _paragraph(text: str) -> RenderableType:
    """A paragraph; where it says one thing after the other, ``name:  what it is``, in columns."""
    if not _TABLE.match(text):
        return line(" ".join(text.split()), indent=3)
    rows = (" ".join(row.split()).split(": ", 1) for row in _ROWS.split(text))
    return grid([[strong(name), told] for name, told in rows], indent=3)
