"""What a verb of the command line is, and the help that is made from the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

#: Does what the words behind a verb say; gives the exit code.
Doing = Callable[[list[str]], int]


@dataclass(frozen=True)
class Verb:
    """A verb of the command line.

    group:    under which heading help has it.
    words:    what stands behind it: ``SCRIPT [ARGUMENTS]``.
    sentence: what it does, in a line.
    do:       does it.
    options:  its options, for completion.
    given:    what else can stand behind it, for completion, instead of files.
    helps:    it answers ``--help`` itself, with more than its line here.
    listed:   it has a line in the overview; otherwise the line of another verb names it.
    """

    group: str
    words: str
    sentence: str
    do: Doing
    options: Sequence[str] = ()
    given: Sequence[str] = ()
    helps: bool = False
    listed: bool = True


def overview(verbs: Mapping[str, Verb]) -> str:
    """A line for each verb, with the groups on the left."""
    lines, group = [], ""
    for name, verb in verbs.items():
        if not verb.listed:
            continue
        heading = verb.group if verb.group != group else ""
        group = verb.group
        lines.append(f"{heading:<5} {f'{name} {verb.words}'.strip():<25} {verb.sentence}\n")
    return "".join(lines)


def usage(name: str, verb: Verb) -> str:
    """The help of a verb that has none of its own."""
    return f"usage: graphscope {name} {verb.words}".rstrip() + f"\n\n{verb.sentence}\n"
