"""``graphscope zoo``: its list, its programs, its scoreboard."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.dispatch import as_json
from graphscope.errors import did_you_mean
from graphscope.learn import zoo
from graphscope.learn.zoo import shown as shown  # registers its renderers
from graphscope.learn.zoo.bug import Listing
from graphscope.learn.zoo.score import score
from graphscope.learn.zoo.visit import Solution, visit, visit_blindly
from graphscope.repl.words import Wrong, guarded
from graphscope.show import console
from graphscope.show.text import render

USAGE = """\
usage: graphscope zoo list [--json]         the bugs, and what finds them
       graphscope zoo run NAME [--healthy]  one of them (or its twin), stopped
       graphscope zoo answer NAME [--json]  which node it is, and the repair
       graphscope zoo --blind [SEED]        one without a name: find the node
       graphscope zoo score [--json]        which commands name which bugs

Each is a training program with one mistake. It is run, then stopped where the
mistake shows; all commands are there: graphscope -c "check" zoo run NAME.
"""
Commands = Sequence[str] | None
#: Seeds that are made up have so many digits, to be typed again.
_SEEDS = 10_000


def command(words: Sequence[str], commands: Commands = None) -> int:
    """Do what the words behind ``zoo`` say. commands: what to do at the prompt first. Returns the
    exit code: 0, for score 1 when a bug is missed or a twin warned of, 2 for wrong words."""
    return guarded(lambda: _done(list(words), commands))


def _done(words: list[str], commands: Commands) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0 if words else 2
    name, *rest = words
    if name not in ACTIONS:
        raise Wrong(f"zoo has no {name!r}; {_near(name)}")
    action = ACTIONS[name]
    options = [word for word in rest if word.startswith("-")]
    given = [word for word in rest if word not in options]
    least = 0 if action.words.startswith("[") else bool(action.words)
    if set(options) - {action.option} or not least <= len(given) <= bool(action.words):
        option = action.option and f"[{action.option}]"
        raise Wrong(" ".join(filter(None, ("it is: graphscope zoo", name, action.words, option))))
    if commands is not None and not action.talks:
        raise Wrong(f"-c, -x and --at-run are for zoo run and zoo --blind, not for zoo {name}.")
    return action.do(given, bool(options), commands)


def _near(name: str) -> str:
    if any(bug.name == name for bug in zoo.bugs()):
        return f"try: graphscope zoo run {name}"
    return did_you_mean(name, ACTIONS) or "graphscope zoo --help says what it has"


# ---- the actions: each takes its words, whether its option is given, and the commands -----------


def _list(words: list[str], as_data: bool, _: Commands) -> int:
    return _told(Listing(zoo.bugs()), as_data)


def _run(words: list[str], healthy: bool, commands: Commands) -> int:
    visit(zoo.bug(words[0]), console(), commands, broken=not healthy)
    return 0


def _answer(words: list[str], as_data: bool, _: Commands) -> int:
    return _told(Solution(zoo.bug(words[0])), as_data)


def _blind(words: list[str], _: bool, commands: Commands) -> int:
    if words and not words[0].isdigit():
        raise Wrong(f"--blind takes a number, to get the same bug again, not {words[0]!r}.")
    seed = int(words[0]) if words else random.randrange(_SEEDS)
    visit_blindly(zoo.bug_of(seed), seed, console(), commands)
    return 0


def _score(words: list[str], as_data: bool, _: Commands) -> int:
    found = score(zoo.bugs())
    _told(found, as_data)
    return 0 if found.ok else 1


def _told(answer: Answer, as_data: bool) -> int:
    if as_data:
        print(as_json(answer))
    else:
        console().print(render(answer))
    return 0


@dataclass(frozen=True)
class _Action:
    """words: what stands behind its name. talks: it opens the prompt."""

    do: Callable[[list[str], bool, Commands], int]
    words: str = ""
    option: str = ""
    talks: bool = False


ACTIONS = {
    "list": _Action(_list, option="--json"),
    "run": _Action(_run, "NAME", "--healthy", talks=True),
    "answer": _Action(_answer, "NAME", "--json"),
    "score": _Action(_score, option="--json"),
    "--blind": _Action(_blind, "[SEED]", talks=True),
}
#: What can stand behind ``zoo``, for completion.
WORDS = (*(name for name in ACTIONS if name.isalpha()), *(bug.name for bug in zoo.bugs()))
OPTIONS = ("--blind", "--healthy", "--json", "--help")
