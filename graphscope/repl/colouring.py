"""The parts of a line that is being typed, each with what it is: a command, a node, a number.

Data only: how each looks is in the theme table. A command that there is not looks different without
colours too.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from graphscope.debug.commands import Command
from graphscope.debug.debugger import Debugger
from graphscope.show.theme import TypedName

_PARTS = re.compile(
    r"""
    (?P<text>   '[^']*'? | "[^"]*"? )
  | (?P<option> (?<!\S)--?[A-Za-z][\w-]* )
  | (?P<variable> %[\w./]+ )
  | (?P<type>   (?<![\w/])@[A-Za-z_][\w*?]* )
  | (?P<number> (?<![\w.])\#?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w/]) )
  | (?P<name>   [A-Za-z_][\w.]*(?:/[\w.]+)*(?::\d+)? )
  | (?P<space>  \s+ )
  | (?P<other>  . )
    """,
    re.VERBOSE | re.DOTALL,
)
#: Words of Python, and what conditions and ``eval`` know.
_PYTHON = frozenset(
    {*keyword.kwlist, "iteration", "np", "run", "t", "v", "x0", "x1"},
)
_PLAIN: dict[str, TypedName] = {"number": "number", "text": "text", "type": "type"}


class Part(NamedTuple):
    """A piece of the line; the pieces together are the line. kind: empty for what says nothing."""

    kind: TypedName | None
    text: str


def coloured(debugger: Debugger, line: str) -> list[Part]:
    """The line in parts."""
    space = line[: len(line) - len(line.lstrip())]
    parts = [Part(None, space)] if space else []
    text = line[len(space) :]
    if text.startswith("#"):
        return [*parts, Part("remark", text)]
    if text.startswith("!"):
        return [*parts, Part("command", "!"), *_behind(debugger, "eval", text[1:])]
    word, blank, rest = text.partition(" ")
    if not word:
        return parts
    name = _command(debugger, word, bool(blank))
    parts.append(Part(None if name == "" else "command" if name else "unknown", word))
    return [*parts, *_behind(debugger, name or "", blank + rest)]


def _command(debugger: Debugger, word: str, is_whole: bool) -> str | None:
    """The command that is meant; nothing while it may become one; None when it cannot."""
    words = debugger.words
    if word in words.aliases:
        return words.get(words.aliases[word].partition(" ")[0]) or ""
    meant = words.meant(word)
    if meant or (not is_whole and any(known.startswith(word) for known in words)):
        return meant
    return None


def _behind(debugger: Debugger, name: str, text: str) -> Iterator[Part]:
    """The parts of what stands behind a command."""
    command = debugger.commands_by_name.get(name)
    for match in _PARTS.finditer(text):
        part = match[0]
        if match["option"]:
            yield Part("option" if _is_option(command, part) else None, part)
        elif match["name"] or match["variable"]:
            yield Part(_of_name(debugger, part), part)
        else:
            yield Part(_PLAIN.get(match.lastgroup or ""), part)


def _is_option(command: Command | None, word: str) -> bool:
    if command is None or command.takes == "python":
        return False
    return word == "--json" or command.option(word) is not None


def _of_name(debugger: Debugger, word: str) -> TypedName | None:
    """What a name is: a node that runs, one that does not, something of Python, or nothing."""
    op = debugger.locations.known(word)
    base, dot, attribute = word.rpartition(".")
    if op is None and dot and (hasattr(np.ndarray, attribute) or base in _PYTHON):
        return _of_name(debugger, base)
    if op is None:
        return "python" if word in _PYTHON or word in debugger.assigned else None
    if op in debugger.facts.variables:
        return "variable"
    runs = op in debugger.plan or any(tensor in debugger.plan.feeds for tensor in op.outputs)
    return "node" if runs else "outside"
