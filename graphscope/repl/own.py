"""The commands of the prompt itself: those that end the conversation about a run."""

from __future__ import annotations

from graphscope.debug.commands import commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Words
from graphscope.debug.history import Other

COMMANDS = commands_of(Debugger)

OWN = {
    other.name: other
    for other in (
        Other("next-run", "Finish this run, and stop at the next one.", "next-run", ("nr",)),
        Other(
            "quit",
            "End here. A run that has not finished is rolled back. --commit finishes it first.",
            "quit --commit",
            ("q", "exit"),
            words=("--commit", "--rollback"),
        ),
        Other("layout", "Go to the full screen, or back to the plain prompt.", "layout", ("tui",)),
    )
}


def introduce(debugger: Debugger, *more: Other) -> None:
    """Let a debugger know these commands, and more of who leads the conversation, for help and
    completion."""
    history = debugger.history
    if history.words is None:
        history.words = Words({name: command.aliases for name, command in COMMANDS.items()})
    for other in (*more, *OWN.values()):
        if other not in history.others:
            history.words.add(other.name, other.aliases)
            history.others = (*history.others, other)
