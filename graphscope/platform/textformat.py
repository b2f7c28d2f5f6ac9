"""The text format of protocol buffers, ``a: 1 b { c: "x" }``: read into plain lists, written."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from graphscope.platform.wire import Bytes, Packed

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
    return _fields(_tokens(text), "", 0)


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
    if isinstance(value, str | bytes):
        return [f'{name}: "{_escaped(value.encode() if isinstance(value, str) else value)}"']
    if isinstance(value, bool):
        return [f"{name}: {str(value).lower()}"]
    if isinstance(value, numbers.Number | Word):
        return [f"{name}: {value}"]
    return [f"{name} {{", *(f"  {line}" for line in repr(value).splitlines()), "}"]


_ESCAPES = {**{ord(sign): f"\\{sign}" for sign in "\"'\\"}, 9: "\\t", 10: "\\n", 13: "\\r"}


def _escaped(content: bytes) -> str:
    """Bytes as a text in quotes has them: what cannot be printed by its number in base 8."""
    return "".join(
        _ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")
        for byte in content
    )


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


#: How deep messages may be in each other.
_DEEPEST = 64


def _fields(tokens: Iterator[str], end: str, depth: int) -> dict[str, list[Any]]:
    """The fields up to the sign that ends the message."""
    if depth > _DEEPEST:
        raise ValueError(f"messages are in each other more than {_DEEPEST} deep")
    fields: dict[str, list[Any]] = {}
    for name in tokens:
        if name == end:
            return fields
        if name in ",;":
            continue
        sign = next(tokens, "")
        value = next(tokens, "") if sign == ":" else sign
        if not value:
            raise ValueError(f"the text ends after {name!r}")
        fields.setdefault(name, []).extend(_values(value, tokens, depth))
    if end:
        raise ValueError(f"a {end!r} is missing")
    return fields


def _values(first: str, tokens: Iterator[str], depth: int) -> list[Any]:
    """One value, or those of a list; texts side by side are one."""
    if depth > _DEEPEST:
        raise ValueError(f"lists are in each other more than {_DEEPEST} deep")
    if first == "[":
        values: list[Any] = []
        for token in tokens:
            if token == "]":
                break
            if token != ",":
                values += _values(token, tokens, depth + 1)
        return values
    if first in "{<":
        return [_fields(tokens, "}" if first == "{" else ">", depth + 1)]
    if first[0] in "\"'":
        return [_unescaped(first[1:-1])]
    for read in (partial(int, base=0), float, _float_with_sign):
        try:
            return [read(first)]
        except ValueError:
            continue
    return [first]


#: What a letter behind a backslash stands for; digits are a number in base 8 or 16.
_LETTERS = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)


def _unescaped(text: str) -> bytes:
    """The bytes of a text in quotes."""
    if "\\" not in text:
        return text.encode()
    parts, at = [], 0
    for found in _ESCAPE.finditer(text):
        octal, hexadecimal, letter = found.groups()
        parts.append(text[at : found.start()].encode())
        if letter is not None:
            number = _LETTERS.get(letter)
            parts.append(letter.encode() if number is None else bytes([number]))
        else:
            number = int(octal, 8) if octal else int(hexadecimal, 16)
            parts.append(bytes([number & 0xFF]))
        at = found.end()
    parts.append(text[at:].encode())
    return b"".join(parts)


def _float_with_sign(text: str) -> float:
    """A number that says with an f that it is one of four bytes."""
    return float(text.removesuffix("f"))


# ---- into messages ------------------------------------------------------------------------------


def merge(text: str, message: Any) -> None:
    """Take over into a message what the text says.

    Errors: ValueError for what is not in the format, and for fields that there are not.
    """
    _fill(message, parsed(text))


def _fill(message: Any, found: dict[str, list[Any]]) -> None:
    for name, values in found.items():
        if name not in message.FIELDS:
            raise ValueError(
                f'Message type "tensorflow.{type(message).__name__}" has no field named "{name}".'
            )
        for value in values:
            _put(message, name, value)


def _put(message: Any, name: str, value: Any) -> None:
    """One value of a field."""
    default = message.FIELDS[name]
    if not isinstance(default, type):
        setattr(message, name, _meant(message, name, default, value))
        return
    made = getattr(message, name)
    item = getattr(made, "item", None)
    if isinstance(made, dict):
        key, held = _text(_only(value, "key")), _only(value, "value")
        if item is None:
            made[key] = _text(held) if isinstance(held, bytes) else held
        else:
            made[key] = entry = item()
            _fill(entry, _message(held, name))
    elif not isinstance(made, list):
        vars(message)["_given"].add(name)
        _fill(made, _message(value, name))
    elif item is not None:
        made.append(entry := item())
        _fill(entry, _message(value, name))
    else:
        example = b"" if isinstance(made, Bytes) else 0 if isinstance(made, Packed) else ""
        made.append(_meant(message, name, example, value))


def _meant(message: Any, name: str, default: Any, value: Any) -> Any:
    """A value as the field means it: a word of an enumeration, a text, a number."""
    numbers = {word: number for number, word in message.NAMES.get(name, {}).items()}
    if isinstance(value, str):
        if value in numbers:
            return numbers[value]
        if value in ("true", "false"):
            return value == "true"
        if value in ("inf", "-inf", "nan"):
            return float(value)
        raise ValueError(f"{name}: {value} is not the name of anything")
    if isinstance(value, bytes):
        return value if isinstance(default, bytes) else _text(value)
    if isinstance(value, dict) or isinstance(default, bytes):
        raise ValueError(f"{name}: a value of another kind is expected")
    return value


def _only(value: Any, name: str) -> Any:
    return _message(value, name).get(name, [b"" if name == "key" else {}])[-1]


def _message(value: Any, name: str) -> dict[str, list[Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: a message in braces is expected")
    return value


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
