"""From a typed line to an answer: which command is meant, what it is given, where its text goes.

``step 3`` · ``vars --json`` · ``list all > plan.txt`` · ``! x = 3`` · ``# a remark``
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer, Note
from graphscope.debug.commands import Command
from graphscope.debug.errors import DebugError
from graphscope.errors import did_you_mean
from graphscope.graph.dtypes import DType
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.shapes import TensorShape

#: ``> file.txt`` at the end of a line; not the comparison in ``break y if v > 1``, and not the
#: array that ``print y > y.npy`` writes itself.
_INTO_FILE = re.compile(r"\s>\s*(?P<file>[\w./~-]*[A-Za-z/~_][\w./~-]*\.(?!npy$)\w+)$")
#: Fields that are no part of what an answer says.
_HIDDEN = ("names", "owner", "frame", "graph", "content", "look")
#: ``kind`` says which answer it is. A part of one that has a kind of its own keeps that.
_RENAMED = {"kind": "of_kind"}
#: Values with more elements are summed up in JSON.
_ELEMENTS = 1000


@dataclass(frozen=True)
class Output:
    """What a line did: the data, and the error if there was one. said: what the prompt shows, when
    that is not the text of the data. forgiven: the error is that of a line which may fail."""

    line: str
    said: str | None = None
    data: Any = None
    error: Exception | None = None
    forgiven: bool = False

    @cached_property
    def text(self) -> str:
        """The text that the prompt shows. It is made when somebody reads it."""
        if self.said is not None:
            return self.said
        return "" if self.data is None else str(self.data)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Transcript:
    """Lines and what they answered, as it would stand on the screen."""

    outputs: tuple[Output, ...]
    prompts: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = []
        for prompt, output in zip(self.prompts, self.outputs, strict=True):
            shown.append(f"{prompt}{output.line}")
            shown += [output.text] if output.text else []
        return "\n".join(shown) + "\n" if shown else ""

    @property
    def ok(self) -> bool:
        return all(output.error is None for output in self.outputs)


class Words:
    """The names of commands, with their other names and the user's own."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._by_word: dict[str, str] = {}
        for name, others in names.items():
            self.add(name, others)
        self.aliases: dict[str, str] = {}

    def __iter__(self) -> Any:
        return iter(self._by_word)

    def add(self, name: str, others: Iterable[str] = ()) -> None:
        self._by_word.update(dict.fromkeys((name, *others), name))

    def get(self, word: str) -> str | None:
        return self._by_word.get(word)

    def name(self, word: str) -> str:
        """The command that a word means: its name, another one, or the beginning of only one.

        Errors: DebugError with the nearest names.
        """
        if word in self._by_word:
            return self._by_word[word]
        fits = {begun: name for begun, name in self._by_word.items() if begun.startswith(word)}
        if len(set(fits.values())) == 1:
            return next(iter(fits.values()))
        if fits:
            raise DebugError(f"{word!r} could be {' or '.join(sorted(fits))}.")
        hint = did_you_mean(word, self._by_word) or "help lists the commands."
        raise UnknownCommand(f"There is no command {word!r}; {hint}")

    def meant(self, word: str) -> str:
        """The same; nothing when it is none, or could be several."""
        try:
            return self.name(word)
        except DebugError:
            return ""

    def expanded(self, text: str) -> str:
        """The line with an alias of the user's replaced by what it stands for."""
        word, _, rest = text.partition(" ")
        return f"{self.aliases[word]} {rest}".strip() if word in self.aliases else text


class UnknownCommand(DebugError):
    """No command is meant by this word."""


@dataclass(frozen=True)
class Line:
    """A line, understood: the command, its words, and where the text goes."""

    text: str
    name: str
    rest: str
    as_json: bool
    file: str


def parsed(text: str, words: Words) -> Line | None:
    """None for an empty line and for a remark. Errors: DebugError for an unknown command."""
    text = words.expanded(text.strip())
    if not text or text.startswith("#"):
        return None
    if text.startswith("!"):
        text = f"eval {text[1:].strip()}"
    into = _INTO_FILE.search(text)
    body = text[: into.start()] if into else text
    word, _, rest = body.partition(" ")
    as_json = rest.endswith("--json") and rest.split()[-1] == "--json"
    if as_json:
        rest = rest.removesuffix("--json").rstrip()
    return Line(text, words.name(word), rest.strip(), as_json, into["file"] if into else "")


def answered(line: Line, command: Command, owner: Any) -> Any:
    """Call the command; with ``> FILE`` its text or JSON is written, and that is said."""
    answer = command.call(owner, line.rest)
    if line.as_json:
        answer = Json(as_json(answer))
    if line.file:
        text = answer.text if isinstance(answer, Json) else str(answer)
        try:
            Path(line.file).expanduser().write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise DebugError(f"{line.file} cannot be written: {error.strerror}") from None
        return Note(f"wrote {line.file}")
    return answer


@dataclass(frozen=True)
class Json(Answer):
    """An answer as JSON text."""

    text: str


# ---- JSON --------------------------------------------------------------------------------------


def as_json(answer: Any) -> str:
    """The answer's fields as JSON: operations and tensors by their names, arrays as lists, long
    ones summed up, NaN and infinity as texts."""
    return json.dumps(plain(answer), indent=1, allow_nan=False)


def plain(value: Any) -> Any:
    """The value made of dictionaries, lists, numbers, texts and None."""
    if isinstance(value, Enum):
        return value.name.lower()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Operation | Tensor):
        return value.name
    if isinstance(value, np.generic | np.ndarray):
        return _array(np.asarray(value))
    if isinstance(value, DType | TensorShape | Exception):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_key(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):  # it has no order of its own, and a file should have one
        return sorted(map(plain, value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Command):
        told = ("name", "aliases", "group", "takes", "usage", "doc")
        return {"kind": "Command"} | {name: plain(getattr(value, name)) for name in told}
    if dataclasses.is_dataclass(value):
        shown = (f.name for f in dataclasses.fields(value) if f.name not in _HIDDEN)
        other = _RENAMED if isinstance(value, Answer) else {}
        return {"kind": type(value).__name__} | {
            other.get(name, name): plain(getattr(value, name)) for name in shown
        }
    return str(value)


def _key(key: Any) -> Any:
    if isinstance(key, Enum):
        return plain(key)
    return key.name if isinstance(key, Operation | Tensor) else key


def _array(array: Any) -> Any:
    if array.size > _ELEMENTS:
        return {"dtype": str(array.dtype), "shape": list(array.shape), "elements": array.size}
    return plain(array.tolist()) if array.dtype != object else [str(item) for item in array.flat]


def split(commands: str) -> list[str]:
    """``step 4; print y`` in two; a ``;`` inside quotes or brackets separates nothing."""
    parts, depth, quote = [""], 0, ""
    for letter in commands:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if letter == ";" and not quote and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]
