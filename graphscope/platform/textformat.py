"""The text format of protocol buffers, ``a: 1 b { c: "x" }``: read into plain lists, written."""

from __future__ import annotations

import ast
import numbers
import re
from collections.abc import Iterable, Iterator
from typing import Any

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_TOKEN = re.compile(
    r"""("(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'         # a text
    | [-+]?[A-Za-z_0-9.][A-Za-z_0-9.+/-]*          # a name, a number or a word
    | [][{}<>:,;])                                 # a sign
    """,
    re.VERBOSE,
)


def parsed(text: str) -> dict[str, list[Any]]:
    """The fields of a message, each with its values in order; a message is a dict again.

    Errors: ValueError for what is not in the format.
    """
    return _fields(_tokens(text), "")


def written(fields: Iterable[tuple[str, Any]]) -> str:
    """The fields in the text format; a value that is a message is written as its own repr."""
    return "".join(line + "\n" for name, value in fields for line in _lines(name, value))


def _lines(name: str, value: Any) -> list[str]:
    """The lines for one field."""
    if isinstance(value, list):
        return [line for item in value for line in _lines(name, item)]
    if isinstance(value, dict):
        pairs = sorted(value.items())
        return [
            line
            for key, item in pairs
            for line in (f"{name} {{", *_indented("key", key), *_indented("value", item), "}")
        ]
    if isinstance(value, str):
        return [f'{name}: "{value}"']
    if isinstance(value, bytes):
        escaped = repr(value)[2:-1].replace('"', '\\"')
        return [f'{name}: "{escaped}"']
    if isinstance(value, bool):
        return [f"{name}: {str(value).lower()}"]
    if isinstance(value, numbers.Number | Word):
        return [f"{name}: {value}"]
    return [f"{name} {{", *(f"  {line}" for line in repr(value).splitlines()), "}"]


def _indented(name: str, value: Any) -> list[str]:
    return [f"  {line}" for line in _lines(name, value)]


class Word:
    """A name of an enumeration, which is written without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while True:
        blank = _BLANK.match(text, at)
        at = blank.end() if blank else at
        if at == len(text):
            return
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"not in the text format: {text[at : at + 40]!r}")
        yield found[1]
        at = found.end()


def _fields(tokens: Iterator[str], end: str) -> dict[str, list[Any]]:
    """The fields up to the sign that ends the message."""
    fields: dict[str, list[Any]] = {}
    for name in tokens:
        if name == end:
            return fields
        if name in ",;":
            continue
        sign = next(tokens)
        value = next(tokens) if sign == ":" else sign
        fields.setdefault(name, []).extend(_values(value, tokens))
    if end:
        raise ValueError(f"a {end!r} is missing")
    return fields


def _values(first: str, tokens: Iterator[str]) -> list[Any]:
    """One value, or those of a list; texts side by side are one."""
    if first == "[":
        values: list[Any] = []
        for token in tokens:
            if token == "]":
                break
            if token != ",":
                values += _values(token, tokens)
        return values
    if first in "{<":
        return [_fields(tokens, "}" if first == "{" else ">")]
    if first[0] in "\"'":
        return [ast.literal_eval("b" + first) if first.isascii() else first[1:-1].encode()]
    for kind in (int, float):
        try:
            return [float(kind(first))]
        except ValueError:
            continue
    return [first]
