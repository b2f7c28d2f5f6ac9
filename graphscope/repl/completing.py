"""What can stand at the end of a line that is being typed, and what each of it is.

Data only: a terminal's menu, a full screen, a notebook and an editor show the same. What would be
refused is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from inspect import Parameter
from itertools import chain
from typing import NamedTuple

import numpy as np

from graphscope.debug.commands import Command
from graphscope.debug.debugger import Debugger
from graphscope.debug.flags import flag_of, is_switch
from graphscope.debug.history import Other
from graphscope.graph.graph import Operation
from graphscope.repl import candidates
from graphscope.repl.candidates import SOURCES, Pair, about

#: The name that is being typed at the end of an expression.
_NAME = re.compile(r"%$|%?[A-Za-z_][\w./]*(?::\d*)?$")
#: Behind these no name can begin.
_CLOSED = re.compile(r"[\w\])}'\".:]$")
#: What the condition of a stop knows beside the graph.
_AT_A_STOP = {
    "v": "the value just computed",
    "x0": "the first input",
    "x1": "the second input",
    "t": "the time",
    "run": "the number of the run",
    "iteration": "of the loop, from 1",
}
#: What is meant where the name of a parameter says it.
_OF_NAME = {
    "after": "stop",
    "collapse": "node",
    "expand": "node",
    "file": "file",
    "focus": "node",
    "key": "file",
    "ignore": "node",
    "only_reaching": "node",
    "output": "file",
    "theme": "theme",
}


class Candidate(NamedTuple):
    """A word that can stand there, and what it is, in a few words."""

    word: str
    about: str


class Completed(NamedTuple):
    """The candidates, and how many letters at the end of the line they take the place of."""

    candidates: list[Candidate]
    begun: int

    @property
    def words(self) -> list[str]:
        return [candidate.word for candidate in self.candidates]


def completed(debugger: Debugger, text: str) -> Completed:
    """What can stand at the end of the text, which is the line up to where one types."""
    pairs, begun = _asked(debugger, text.lstrip())
    known: dict[str, str | Operation] = {}
    for word, what in pairs:
        known.setdefault(word, what)
    known.pop(begun, None)
    found = [word for word in known if word.startswith(begun)] or _inside(known, begun)
    return Completed([Candidate(w, about(debugger, known[w])) for w in found], len(begun))


def _inside(words: Iterable[str], begun: str) -> list[str]:
    """The names of which a part behind a scope begins so."""
    part = f"/{begun.lower()}"
    return [word for word in words if begun and part in word.lower()]


def _asked(debugger: Debugger, text: str) -> tuple[Iterable[Pair], str]:
    """The words of which one can stand there, and what has been typed of it."""
    if text.startswith("!"):
        text = f"eval {text[1:].lstrip()}"
    word, space, rest = text.partition(" ")
    if space and word in debugger.words.aliases:
        word, space, rest = f"{debugger.words.aliases[word]} {rest}".partition(" ")
    if not space:
        return candidates.commands(debugger), text
    name = debugger.words.meant(word)
    command = debugger.commands_by_name.get(name)
    if command is not None:
        return _behind(debugger, command, rest.lstrip())
    other = next((other for other in debugger.history.others if other.name == name), None)
    return ([], "") if other is None else _behind_other(debugger, other, rest.lstrip())


def _behind_other(debugger: Debugger, other: Other, begun: str) -> tuple[Iterable[Pair], str]:
    source = SOURCES.get(other.takes)
    return chain(source(debugger, begun) if source else (), _words(other.words)), begun


def _behind(debugger: Debugger, command: Command, rest: str) -> tuple[Iterable[Pair], str]:
    *before, begun = rest.split(" ")
    if command.takes == "python":
        return _in_expression(debugger, rest)
    parameter, is_value = _parameter(command, [word for word in before if word])
    if is_value and parameter is not None:
        return _for_option(debugger, command, parameter, begun), begun
    if " if " in f" {rest}" and command.group == "Stop":
        return _in_expression(debugger, rest, _AT_A_STOP)
    if begun.startswith("-") and command.options:
        return ((flag_of(o), command.said_of(o.name)) for o in command.options), begun
    if "=" in rest and command.group == "State":
        return _in_expression(debugger, rest)
    if parameter is None:
        return [], begun
    if parameter.name == "expression":
        return _in_expression(debugger, rest)
    kind = command.takes or _OF_NAME.get(parameter.name, "")
    source = SOURCES.get(kind if kind != "stop" or parameter.name == "number" else "")
    return chain(source(debugger, begun) if source else (), _chosen(command, parameter)), begun


def _parameter(command: Command, before: list[str]) -> tuple[Parameter | None, bool]:
    """What comes behind these words, and whether it is the word of an option."""
    at, option = 0, None
    for word in before:
        found = command.option(word) if word.startswith("-") and option is None else None
        at += found is None and option is None
        option = None if found is None or is_switch(found) else found
    if option is not None:
        return option, True
    places = command.places
    if at < len(places):
        return places[at], False
    repeats = places and (places[-1].kind is Parameter.VAR_POSITIONAL or command.takes == "node")
    return (places[-1] if repeats else None), False


def _for_option(
    debugger: Debugger, command: Command, option: Parameter, begun: str
) -> Iterable[Pair]:
    """The words that an option takes."""
    is_type = option.name == "t" and str(option.annotation).startswith("str")
    source = SOURCES.get("type" if is_type else _OF_NAME.get(option.name, ""))
    return chain(_chosen(command, option), source(debugger, begun) if source else ())


def _chosen(command: Command, parameter: Parameter) -> Iterable[Pair]:
    return _words(command.choices.get(parameter.name, ()))


def _words(words: Iterable[str]) -> Iterable[Pair]:
    return ((word, "") for word in words)


def _in_expression(
    debugger: Debugger, text: str, known: Mapping[str, str] = {}
) -> tuple[Iterable[Pair], str]:
    """The end of an expression: names of the graph, of numpy, and what else is known there."""
    found = _NAME.search(text)
    begun = found[0] if found else ""
    if not found and _CLOSED.search(text):
        return [], ""
    if begun.startswith("np."):
        return _words(f"np.{name}" for name in dir(np) if not name.startswith("_")), begun
    own = ((name, "assigned here") for name in debugger.assigned)
    numpy = (("np", "numpy"),) if begun else ()
    return chain(known.items(), own, candidates.nodes(debugger, begun), numpy), begun
