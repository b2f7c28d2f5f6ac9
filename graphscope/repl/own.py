"""The commands of the prompt itself: those that end the conversation about a run, or move it."""

from __future__ import annotations

from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Words

COMMANDS = commands_of(Debugger)

#: What they do, and their other names.
OWN = {
    "layout": ("Change between the plain prompt and the full screen.", ("tui",)),
    "next-run": ("Finish this run, and stop at the next one.", ("nr",)),
    "quit": ("End here. A run that has not finished is rolled back.", ("q", "exit")),
}


def introduce(debugger: Debugger) -> None:
    """Let a debugger know these words, for help and completion."""
    history = debugger.history
    if history.words is None:
        own = {name: aliases for name, (_, aliases) in OWN.items()}
        history.words = Words({**{n: c.aliases for n, c in COMMANDS.items()}, **own})
        history.others = tuple((name, summary) for name, (summary, _) in OWN.items())
