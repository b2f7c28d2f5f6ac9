"""The commands of the prompt itself: those that end the conversation about a run, or move it."""

from __future__ import annotations

from typing import NamedTuple

from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Words

COMMANDS = commands_of(Debugger)


class Own(NamedTuple):
    """What a command does, a line that uses it, and its other names."""

    summary: str
    example: str
    aliases: tuple[str, ...]


OWN = {
    "layout": Own("Change between the plain prompt and the full screen.", "layout", ("tui",)),
    "next-run": Own("Finish this run, and stop at the next one.", "next-run", ("nr",)),
    "quit": Own(
        "End here. A run that has not finished is rolled back. --commit finishes it first.",
        "quit --commit",
        ("q", "exit"),
    ),
}


def introduce(debugger: Debugger) -> None:
    """Let a debugger know these words, for help and completion."""
    history = debugger.history
    if history.words is None:
        own = {name: command.aliases for name, command in OWN.items()}
        history.words = Words({**{n: c.aliases for n, c in COMMANDS.items()}, **own})
        history.others = tuple((name, c.summary, c.example) for name, c in OWN.items())
