"""Python expressions over the values of a run: ``np.max(y) - 1``, ``Softmax:0[0]``, ``y.shape``.

Names of the graph stand for their values at the time at which we look. The text is parsed once.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from graphscope.debug.errors import DebugError, UnknownPlace

#: A name of the graph that is no Python name: with a slash in it, with an output number, or of what
#: it was in an iteration.
_WORD = r"(?<![\w./:'\"\]])[A-Za-z][\w.]*"
_PARTS = rf"{_WORD}(?:/[A-Za-z_][\w.]*)"
_NAME = "|".join(
    (
        rf"{_PARTS}*(?::\d+)?@\d+(?:\.\d+)*(?![\w:])",
        rf"{_PARTS}*:\d+(?![\w:])",
        rf"{_PARTS}+(?![\w:])",
    )
)
#: A gradient: ``grad(loss,W)``.
_GRADIENT = r"(?<![\w.])grad\([^(),]+,[^(),]+\)"
_TEXT = r"'[^'\n]*'|\"[^\"\n]*\""
_GRAPH_NAME = re.compile(rf"(?P<text>{_TEXT})|(?P<gradient>{_GRADIENT})|{_NAME}")
#: The sign of a variable, ``%W``, where it cannot be a remainder: at the beginning, and behind an
#: operator or a bracket.
_SIGN = re.compile(r"((?:^|[-+*/(\[,<>=&|~^])\s*)%(?=[A-Za-z])")
_BUILTINS = (
    *("abs", "all", "any", "bool", "float", "int", "len", "list", "max"),
    *("min", "range", "round", "sorted", "str", "sum", "tuple", "type", "zip"),
)
#: What every expression knows. numpy loads some of its methods late, and needs an import for that.
_BASIC: dict[str, Any] = {
    "__builtins__": {"__import__": builtins.__import__},
    "np": np,
    **{name: getattr(builtins, name) for name in _BUILTINS},
}


class _Names(dict[str, Any]):
    """Looks up what Python asks for: what is in it, then values of the graph."""

    def __init__(self, known: dict[str, Any], value_of: Callable[[str], Any]) -> None:
        super().__init__(known)
        self._value_of = value_of

    def __missing__(self, name: str) -> Any:
        return self._value_of(name)


class _Spelling:
    """How names of the graph that are no Python names are spelled as such.

    means: says which of the words that look like one are names of the graph.
    """

    def __init__(self, means: Callable[[str], bool] = lambda word: True) -> None:
        self._means = means
        self._words: dict[str, str] = {}

    def source(self, text: str) -> str:
        """The text as Python can read it."""
        return _GRAPH_NAME.sub(self._spelled, _SIGN.sub(r"\1", text.strip()))

    def _spelled(self, match: re.Match[str]) -> str:
        if match["text"]:
            return match[0]
        parts = match[0].split(".")
        begins = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        if not (match["gradient"] or any(self._means(word) for word in begins)):
            return match[0]
        name = f"_graph_name_{len(self._words)}"
        self._words[name] = match[0]
        return name

    def __contains__(self, name: str) -> bool:
        return name in self._words

    def word(self, name: str) -> str:
        """The word of the text that a Python name stands for."""
        return self._words.get(name, name)

    def value(self, name: str, value_of: Callable[[str], Any]) -> Any:
        """The value that a Python name stands for. Names of the graph have dots in them, and so has
        ``dense/y.shape``: what is no name is an attribute of what is one."""
        word, attributes = self.word(name), list[str]()
        while True:
            try:
                value = value_of(word)
                break
            except UnknownPlace:
                base, dot, last = word.rpartition(".")
                if not dot or name not in self._words:
                    raise
                word, attributes = base, [last, *attributes]
        for attribute in attributes:
            value = getattr(value, attribute)
        return value


class Expression:
    """A parsed expression. Errors: DebugError when the text is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._spelling = _Spelling()
        try:
            tree = ast.parse(self._spelling.source(text), mode="eval")
            named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            self._code = compile(tree, "<expression>", "eval")
        except SyntaxError as error:
            raise DebugError(f"{text!r} is not an expression: {error.msg}.") from None
        #: What it is about: the names in it that are not Python's.
        self.about = frozenset(named - _BASIC.keys())

    @property
    def names(self) -> frozenset[str]:
        """The names that it looks up, of Python and of the graph."""
        return frozenset(self._spelling.word(name) for name in self._code.co_names)

    def evaluate(self, value_of: Callable[[str], Any], **known: Any) -> Any:
        """The expression's value; `value_of` gives the value that a name of the graph stands for.

        Errors: DebugError, with what Python said.
        """
        values = {**_BASIC, **known}
        names = _Names(values, lambda name: self._spelling.value(name, value_of))
        try:
            with np.errstate(all="ignore"):
                return eval(self._code, names)
        except DebugError:
            raise
        except Exception as error:
            raise DebugError(f"{self.text!r} fails: {type(error).__name__}: {error}") from None


class Workspace:
    """Any Python over the values of a run, and the names that it has assigned.

    value_of: the value that a name of the graph stands for; means: whether a word is one. known:
    the names that are there to begin with. What Python brings along comes after names of the graph.
    """

    def __init__(
        self, value_of: Callable[[str], Any], means: Callable[[str], bool], **known: Any
    ) -> None:
        self._value_of, self._means = value_of, means
        self._spelling = _Spelling(means)
        brought = {**_BASIC, "__builtins__": builtins, **known}
        self._names, self._brought = _Names(brought, self._looked_up), brought

    def run(self, text: str) -> Any:
        """Do it: the value of an expression; None for statements, whose names stay.

        Errors: DebugError for what is no Python, and with what Python says when it fails.
        """
        source = self._spelling.source(text)
        try:
            code = _compiled(source)
        except (SyntaxError, ValueError) as error:  # ValueError: a null byte
            reason = error.msg if isinstance(error, SyntaxError) else error
            raise DebugError(f"{text!r} is not Python: {reason}.") from None
        try:
            with np.errstate(all="ignore"):
                return eval(code, self._names)
        except DebugError:
            raise
        except (Exception, SystemExit) as error:
            raise DebugError(f"{text!r} fails: {type(error).__name__}: {error}") from None

    @property
    def names(self) -> dict[str, Any]:
        """What is known by name, besides values of the graph."""
        return dict(self._names)

    @property
    def assigned(self) -> dict[str, Any]:
        """What has been assigned here, by name."""
        brought = self._brought
        return {n: v for n, v in self._names.items() if n not in brought or brought[n] is not v}

    def _looked_up(self, name: str) -> Any:
        word = self._spelling.word(name)
        if name not in self._spelling and hasattr(builtins, name) and not self._means(word):
            return getattr(builtins, name)
        return self._spelling.value(name, self._value_of)


def is_python(text: str) -> bool:
    """Whether a text is an expression."""
    try:
        Expression(text)
    except DebugError:
        return False
    return True


def _compiled(source: str) -> CodeType:
    """An expression when it is one, statements otherwise. Errors: SyntaxError."""
    try:
        return compile(ast.parse(source, mode="eval"), "<eval>", "eval", dont_inherit=True)
    except SyntaxError:
        return compile(ast.parse(source), "<eval>", "exec", dont_inherit=True)
