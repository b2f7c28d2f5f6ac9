"""How the options of a command are written: ``--output file``, ``-s``, ``--no-fold``."""

from __future__ import annotations

import inspect
import re

#: What an expression can begin with behind an option: no operator, as in ``-s + 1``.
BEGINNING = re.compile(r"(?!(?:if|else|and|or|not|in|is|for)$)[%@/]?[\w(]")


def option_of(word: str, switches: dict[str, inspect.Parameter]) -> inspect.Parameter | None:
    """The option that a word like ``--output`` or ``--out`` means; one letter is the first option
    that begins with it."""
    begun = word.lstrip("-").replace("-", "_")
    if not begun:
        return None
    if begun in switches:
        return switches[begun]
    fits = [parameter for name, parameter in switches.items() if name.startswith(begun)]
    return fits[0] if len(fits) == 1 or (fits and len(begun) == 1) else None


def behind_option(words: list[str], at: int, letters: dict[str, inspect.Parameter]) -> int | None:
    """Where the words go on behind the one-letter option at this place; None when there is none."""
    word = words[at] if at < len(words) else ""
    if len(word) != 2 or word[0] != "-" or word[1] not in letters:
        return None
    if is_switch(letters[word[1]]):
        return at + 1
    return bracketed(words, at + 1)[1] if at + 1 < len(words) else None


def bracketed(words: list[str], at: int) -> tuple[str, int]:
    """The value of an option, and where the words go on: ``[[0, 1], [2, 3]]`` is one value."""
    end = at + 1
    while end < len(words) and _open("".join(words[at:end])):
        end += 1
    return " ".join(words[at:end]), end


def _open(text: str) -> bool:
    return text.count("[") > text.count("]")


def unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def is_switch(parameter: inspect.Parameter) -> bool:
    """An option that has no word after it: it turns something on, or off what is on by itself."""
    return isinstance(parameter.default, bool)


def key_of(parameter: inspect.Parameter) -> str:
    """What an option goes by: ``no_fold`` turns off `fold`."""
    return f"no_{parameter.name}" if parameter.default is True else parameter.name


def flag_of(parameter: inspect.Parameter) -> str:
    dashes = "-" if len(parameter.name) == 1 else "--"
    return dashes + key_of(parameter).replace("_", "-")


def is_word(parameter: inspect.Parameter) -> bool:
    """False for what can only be given in Python: a function."""
    return not str(parameter.annotation).startswith("Condition")
