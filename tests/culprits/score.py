"""The score: how many culprits each command names, and how often it warns of healthy twins."""

import re
from dataclasses import dataclass
from pathlib import Path

import graphscope as gs
from graphscope.learn.zoo import bugs
from graphscope.learn.zoo.asking import ASKERS, of_a_twin
from graphscope.learn.zoo.score import score

from . import feeds, layers, losses, numbers, state, training, zoo  # they label their programs
from .ask import said
from .case import CULPRITS, opened

README = Path(__file__).parents[2] / "README.md"
THEMES = (training, losses, numbers, layers, state, feeds, zoo)

#: What the commands do not name yet: the program, and the command.
GAPS: set[tuple[str, str]] = set()


@dataclass
class Result:
    """What one command said of one program: right, or what it named in place of the culprit."""

    culprit: str
    command: str
    right: bool
    said: tuple


def opened_for(program):
    """A debugger for the program; for one that cannot even be opened, one for a constant."""
    try:
        return opened(program)
    except Exception:
        session = gs.Session()
        return gs.debug(session, gs.constant(0.0, name="in_place_of_it"))


def named(label):
    """For each command that is asked of the broken program: did it name the culprit?"""
    with gs.Graph().as_default():
        program = label.build(True)
        for command, names in said(opened_for(program), program, label.asks):
            wanted = label.named.get(command, label.guilty)
            yield Result(label.name, command, wanted in names, names)


def alarms(label):
    """For each command that looks at the healthy twin: is it silent?"""
    with gs.Graph().as_default():
        program = label.build(False)
        d = opened_for(program)
        for command, names in said(d, program, of_a_twin(d, label.asks)):
            yield Result(label.name, command, not names, names)


def everything():
    """The results for all programs: of the broken ones, and of the twins."""
    labels = CULPRITS.values()
    broken = [result for label in labels for result in named(label)]
    healthy = [result for label in labels for result in alarms(label)]
    return broken, healthy


def table(broken, healthy):
    """The lines of the table of the README."""
    commands = [name for name in ASKERS if any(r.command == name for r in broken)]
    head = ["", *(f"`{name.replace('_', '-')}`" for name in commands)]
    rows = [head, ["---"] * len(head), ["culprit named"], ["false alarms"]]
    for command in commands:
        asked = [r for r in broken if r.command == command]
        silent = [r for r in healthy if r.command == command]
        rows[2].append(f"{sum(r.right for r in asked)} of {len(asked)}")
        rows[3].append(f"{sum(not r.right for r in silent)} of {len(silent)}")
    return [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows]


def section(broken, healthy):
    """The section of the README, that `python -m tests.culprits --write` writes: the scoreboard of
    the zoo, and what the other programs add to it."""
    found = score(bugs())
    heads = [f"`{name}`" for name in found.totals]
    named = [f"{right} of {asked}" for right, asked in found.totals.values()]
    head = ["command", *heads, "false alarms"]
    rows = [head, ["---"] * len(head), ["named", *named, str(found.alarms)]]
    right, wrong = sum(r.right for r in broken), sum(not r.right for r in healthy)
    lines = [
        f"`graphscope zoo score` asks {len(bugs())} bugs from the wild, and their healthy twins, "
        "for the guilty node:",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"`python -m tests.culprits` has {len(CULPRITS)} such programs and {len(ASKERS)} commands: "
        f"{right} of {len(broken)} named, {wrong} false alarms.",
    ]
    return "\n".join([TITLE, "", *lines, ""])


TITLE = "## How good are the answers?"


def in_readme():
    """The section as it stands in the README."""
    found = re.search(rf"^{re.escape(TITLE)}\n.*?(?=^## )", README.read_text(), re.M | re.S)
    return found[0].rstrip("\n") + "\n" if found else ""


def write(text):
    """Put the section into the README, before the rooms."""
    readme, old = README.read_text(), in_readme()
    if old:
        README.write_text(readme.replace(old, text))
    else:
        README.write_text(readme.replace("## The rooms\n", f"{text}\n## The rooms\n"))
