"""What `help` shows, and the texts of scripted sessions."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.debug.commands import Command
from graphscope.debug.dispatch import Json
from graphscope.debug.scripting import Help
from graphscope.show.text import faint, grid, line, render, strong

#: The first five to learn.
FIRST = ("plan", "step", "back", "print", "why")


@render.register
def _(found: Json) -> RenderableType:
    return Text(found.text)


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
    paragraphs = command.doc.split("\n\n")
    parts += [line(" ".join(paragraph.split()), indent=3) for paragraph in paragraphs]
    return Group(*parts)
